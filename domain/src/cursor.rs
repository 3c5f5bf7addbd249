//! The cursor of a pull: where a phone stands in each chain, with links by which a server that was restored to an
//! earlier moment sees where it was cut (PROTOCOL 4). Made and read by the server; opaque to the phone.

use crate::encoding::{Digest, LinkTag, sha256};
use crate::ids::{LogId, ServiceId, UserId};
use crate::permission::Role;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The longest cursor that is looked at, in bytes of text.
pub const MAX_CURSOR: usize = 64 * 1024;

const VERSION: u8 = 1;

/// Where a phone stands in one service's chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Position {
    pub service: ServiceId,
    /// The last sequence number that was looked at for it; 0 at the start.
    pub seq: u64,
    /// The link at `seq`.
    pub link: LinkTag,
    /// Sequence numbers and links, newest first: the chain's end, where that is further, then at distances 1, 2, 4
    /// and on to 2^15 back.
    pub back: Vec<(u64, LinkTag)>,
}

/// All of it. Not authenticated: the filter is the session's, so a lie hurts only the liar.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Cursor {
    pub log: LogId,
    pub user: UserId,
    /// [`scope_digest`] of what the user might see then.
    pub scope: Digest,
    pub services: Vec<Position>,
}

#[derive(Serialize)]
struct Outgoing<'a>(u8, &'a Cursor);

#[derive(Deserialize)]
struct Incoming(u8, Cursor);

impl Cursor {
    /// As text of base64url.
    pub fn encode(&self) -> String {
        let json =
            serde_json::to_vec(&Outgoing(VERSION, self)).expect("a cursor has string keys alone");
        URL_SAFE_NO_PAD.encode(json)
    }

    /// `None` for what is too long, does not parse, or is of another version: the pull begins anew.
    pub fn decode(text: &str) -> Option<Self> {
        if text.len() > MAX_CURSOR {
            return None;
        }
        let Incoming(version, cursor) =
            serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
        (version == VERSION).then_some(cursor)
    }
}

/// SHA-256 over the table's version and the services in order, each with the names of its roles in order.
pub fn scope_digest(scope: &[(ServiceId, Vec<Role>)], table_version: u32) -> Digest {
    let mut sorted: BTreeMap<ServiceId, BTreeSet<&str>> = BTreeMap::new();
    for (service, roles) in scope {
        sorted
            .entry(*service)
            .or_default()
            .extend(roles.iter().map(|role| role.as_str()));
    }
    let mut bytes = table_version.to_be_bytes().to_vec();
    for (service, roles) in sorted {
        bytes.extend_from_slice(&service.bytes());
        bytes.push(u8::try_from(roles.len()).expect("there are eleven roles"));
        for role in roles {
            bytes.extend_from_slice(role.as_bytes());
            bytes.push(0);
        }
    }
    sha256(&[b"holdfast/scope/1", &bytes])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Bytes;
    use uuid::Uuid;

    #[test]
    fn comes_back_as_it_was_and_odd_text_is_none() {
        let position = Position {
            service: Uuid::from_u128(1).into(),
            seq: 9,
            link: Bytes([3; 16]),
            back: vec![(8, Bytes([2; 16]))],
        };
        let (log, user) = (Uuid::from_u128(2).into(), Uuid::from_u128(3).into());
        let cursor = Cursor {
            log,
            user,
            scope: Bytes([1; 32]),
            services: vec![position],
        };
        assert_eq!(Cursor::decode(&cursor.encode()), Some(cursor.clone()));
        assert_eq!(Cursor::decode(""), None);
        assert_eq!(Cursor::decode("not a cursor"), None);
        // White space after JSON changes nothing but the length.
        let json = serde_json::to_vec(&Outgoing(1, &cursor)).expect("JSON");
        let padded = |bytes: usize| {
            let mut json = json.clone();
            json.resize(bytes, b' ');
            URL_SAFE_NO_PAD.encode(json)
        };
        let longest = padded(48 * 1024);
        assert_eq!(longest.len(), 64 * 1024);
        assert_eq!(Cursor::decode(&longest), Some(cursor.clone()));
        assert_eq!(Cursor::decode(&padded(48 * 1024 + 1)), None);
        let later = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&Outgoing(2, &cursor)).unwrap());
        assert_eq!(Cursor::decode(&later), None);
    }

    #[test]
    fn the_scope_digest_knows_no_order_but_every_role_and_service() {
        let (a, b) = (Uuid::from_u128(1).into(), Uuid::from_u128(2).into());
        let lead = vec![Role::TeamLeader, Role::SupportWorker];
        let turned = vec![Role::SupportWorker, Role::TeamLeader];
        let scope = scope_digest(&[(a, lead.clone()), (b, vec![])], 1);
        assert_eq!(scope, scope_digest(&[(b, vec![]), (a, turned)], 1));
        assert_ne!(scope, scope_digest(&[(a, lead.clone()), (b, vec![])], 2));
        assert_ne!(
            scope,
            scope_digest(&[(a, lead), (b, vec![Role::Administrator])], 1)
        );
    }
}
