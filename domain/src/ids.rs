//! Ids: a UUID with the name of what it identifies. What is imported has a UUIDv5 of its provider and key,
//! so the same row is the same thing at every import; what a person makes has a UUIDv7.

use crate::encoding::{Millis, Text, from_text};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident)*) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The UUID itself.
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// Its 16 raw bytes.
            pub const fn bytes(self) -> [u8; 16] {
                *self.0.as_bytes()
            }

            /// All zero: none.
            pub const fn nil() -> Self {
                Self(Uuid::nil())
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl Text for $name {
            fn expected(f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a UUID, hyphenated and in lower case")
            }

            fn read(text: &str) -> Option<Self> {
                if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
                    return None;
                }
                text.parse::<uuid::fmt::Hyphenated>().ok().map(|id| Self(id.into_uuid()))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                from_text(deserializer)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// A care provider: one log, one root secret, one origin.
    ProviderId
    /// A service of the provider, and so a chain; the provider's own id stands for what belongs to no service.
    ServiceId
    /// An entry, made when its form opens.
    EntryId
    /// A person who signs in.
    UserId
    /// A browser profile that holds an author key.
    DeviceId
    /// One life of a server's log: a restored log has another.
    LogId
    /// Something the import brings: a person supported, a plan, a medicine, a labelled device.
    SubjectId
}

fn named(provider: ProviderId, kind: &str, key: &str) -> Uuid {
    let mut name = Vec::with_capacity(kind.len() + 1 + key.len());
    name.extend_from_slice(kind.as_bytes());
    name.push(0);
    name.extend_from_slice(key.as_bytes());
    Uuid::new_v5(&provider.0, &name)
}

impl SubjectId {
    /// The thing of this kind and key at this provider.
    pub fn of(provider: ProviderId, kind: &str, key: &str) -> Self {
        Self(named(provider, kind, key))
    }
}

impl ServiceId {
    /// The service with this code.
    pub fn of(provider: ProviderId, code: &str) -> Self {
        Self(named(provider, "service", code))
    }

    /// The chain of what belongs to no service.
    pub const fn of_provider(provider: ProviderId) -> Self {
        Self(provider.0)
    }
}

impl UserId {
    /// The user with this name.
    pub fn of(provider: ProviderId, username: &str) -> Self {
        Self(named(provider, "user", username))
    }
}

impl EntryId {
    /// A UUIDv7 (RFC 9562) of a time and ten random bytes. A time before 1970 counts as 1970.
    pub fn new(now: Millis, random: [u8; 10]) -> Self {
        let millis = u64::try_from(now).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// The time that it was made of; none for one that is no UUIDv7.
    pub fn time(self) -> Option<Millis> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        let millis = seconds.checked_mul(1000)? + u64::from(nanos / 1_000_000);
        (self.0.get_version_num() == 7)
            .then_some(millis)?
            .try_into()
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kind_and_key_do_not_run_into_each_other() {
        let provider = ProviderId::from(Uuid::from_u128(7));
        assert_ne!(
            SubjectId::of(provider, "ab", "c"),
            SubjectId::of(provider, "a", "bc")
        );
        assert_eq!(
            ServiceId::of(provider, "NHC").uuid(),
            SubjectId::of(provider, "service", "NHC").uuid()
        );
    }

    #[test]
    fn json_has_one_form_for_an_id() {
        let read = |text: &str| serde_json::from_value::<UserId>(text.into()).is_ok();
        let id = "019b76da-a800-7101-8101-010101010101";
        assert!(read(id));
        assert_eq!(
            serde_json::to_string(&id.parse::<UserId>().unwrap()).unwrap(),
            format!("{id:?}")
        );
        for other in [
            id.to_uppercase(),
            id.replace('-', ""),
            format!("{{{id}}}"),
            format!("urn:uuid:{id}"),
            format!("{id} "),
            String::new(),
        ] {
            assert!(!read(&other), "{other}");
        }
    }

    #[test]
    fn entry_ids_carry_their_time() {
        let id = EntryId::new(1_767_225_600_000, [9; 10]);
        assert_eq!(id.uuid().get_version_num(), 7);
        assert_eq!(id.time(), Some(1_767_225_600_000));
        assert_eq!(EntryId::nil().time(), None);
        assert!(id < EntryId::new(1_767_225_600_001, [0; 10]));
        assert_eq!(EntryId::new(-5, [1; 10]), EntryId::new(0, [1; 10]));
    }
}
