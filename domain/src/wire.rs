//! What travels, as JSON (PROTOCOL 9). A member is never absent unless it is one of the optional ones of PROTOCOL 4; what is erased or
//! withheld is `null`.

mod element;
mod verdict;

use crate::chain::Flags;
use crate::encoding::{Blob, Bytes, Digest, KeyId, LinkTag, Millis, PublicKey, Signature, present};
use crate::entry::{Beacon, EntryJson, within};
use crate::ids::{DeviceId, EntryId, LogId, ProviderId, ServiceId, UserId};
use crate::keys::{AuthorKey, Certificate, RootSecret, verify_strict};
use crate::permission::Role;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The protocol's version.
pub const VERSION: u32 = 1;
/// Entries in one request, and in one page of an answer, at most.
pub const MAX_ENTRIES: usize = 500;
/// Bytes of one request at most.
pub const MAX_REQUEST: usize = 1024 * 1024;

/// The device that signs in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DeviceInfo {
    pub id: DeviceId,
    /// As its holder would call it.
    pub name: String,
    /// `phone`, `tablet` or `laptop`.
    pub kind: String,
}

/// `POST session`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SessionRequest {
    pub username: String,
    pub password: String,
    pub device: DeviceInfo,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author_key: Option<PublicKey>,
    /// Signature over [`crate::keys::enrol_message`] by `author_key`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Signature>,
}

/// A service and the roles that the user holds there.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Scope {
    pub service: ServiceId,
    pub roles: Vec<Role>,
}

/// The server's keys of the day, signed by its root key.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Keys {
    /// X25519: phones seal their outbox to it.
    pub outbox: PublicKey,
    /// Ed25519: receipts are signed by it.
    pub receipt: PublicKey,
    /// Milliseconds by the server's clock.
    pub not_before: Millis,
    pub sig: Signature,
}

impl Keys {
    fn message(&self) -> Vec<u8> {
        [
            b"holdfast/keys/1".as_slice(),
            &self.outbox.0,
            &self.receipt.0,
            &self.not_before.to_be_bytes(),
        ]
        .concat()
    }

    /// The document for the keys numbered `outbox` and `receipt`.
    pub fn issue(root: &RootSecret, outbox: u32, receipt: u32, not_before: Millis) -> Self {
        let (outbox, receipt) = (root.outbox_public(outbox), root.receipt(receipt).public());
        let mut keys = Self {
            outbox,
            receipt,
            not_before,
            sig: Bytes::ZERO,
        };
        keys.sig = root.root_sign().sign(&keys.message());
        keys
    }

    /// Whether this root key signed it.
    pub fn holds(&self, root: &PublicKey) -> bool {
        verify_strict(root, &self.message(), &self.sig)
    }
}

/// The order to drop what a lost device keeps, save what it has not delivered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Wipe {
    pub time: Millis,
    pub sig: Signature,
}

impl Wipe {
    fn message(device: DeviceId, time: Millis) -> Vec<u8> {
        [
            b"holdfast/wipe/1".as_slice(),
            &device.bytes(),
            &time.to_be_bytes(),
        ]
        .concat()
    }

    /// The order for one device, signed by the root key.
    pub fn issue(root: &AuthorKey, device: DeviceId, time: Millis) -> Self {
        Self {
            time,
            sig: root.sign(&Self::message(device, time)),
        }
    }

    /// Whether this root key ordered it for this device.
    pub fn holds(&self, root: &PublicKey, device: DeviceId) -> bool {
        verify_strict(root, &Self::message(device, self.time), &self.sig)
    }
}

/// The answer of `POST session`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SessionAnswer {
    pub v: u32,
    pub provider: ProviderId,
    pub user: UserId,
    pub username: String,
    pub display_name: String,
    pub scope: Vec<Scope>,
    /// `null` where no key was given.
    #[serde(deserialize_with = "present")]
    pub certificate: Option<Certificate>,
    /// The device's token, whole.
    pub token: String,
    /// Public key of `root-sign`.
    pub root: PublicKey,
    /// Public key of the server's own entries.
    pub server_author: PublicKey,
    pub keys: Keys,
    pub beacon: Beacon,
    pub log: LogId,
    /// Milliseconds by the server's clock.
    pub now: Millis,
    /// Recovery secrets by vault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r: Option<BTreeMap<Uuid, Bytes<32>>>,
}

/// `POST session/key`: enrols a key later, with the session.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyRequest {
    pub author_key: PublicKey,
    pub proof: Signature,
}

/// Its answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct KeyAnswer {
    pub certificate: Certificate,
}

/// What a phone still owes.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct WaitingReport {
    pub count: u64,
    /// Save time of the oldest, ms by the device's clock; `null` if none.
    #[serde(deserialize_with = "present")]
    pub oldest: Option<Millis>,
    /// The highest count of each author key on the device.
    pub n: BTreeMap<KeyId, u64>,
}

/// `POST sync`.
#[derive(Debug, Serialize, Deserialize)]
pub struct SyncRequest {
    pub v: u32,
    pub device: DeviceId,
    /// The device's clock, ms.
    pub sent_at: Millis,
    /// The app's version.
    pub app: String,
    #[serde(deserialize_with = "present")]
    pub cursor: Option<String>,
    pub waiting: WaitingReport,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certs: Option<Vec<Certificate>>,
    /// Receipts kept for what is offered again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipts: Option<Vec<Blob>>,
    /// Services that the page is wanted of from a lower place than where the cursor stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Vec<Rewound>>,
    /// Each as it came, so that one that does not parse is judged alone.
    pub entries: Vec<Box<RawValue>>,
}

impl SyncRequest {
    /// The first number that JSON does not carry exactly (PROTOCOL: integers lie within ±(2^53 - 1)).
    pub fn out_of_range(&self) -> Option<&'static str> {
        let count = |number: u64| i64::try_from(number).is_ok_and(within);
        let from = self.from.as_deref().unwrap_or_default();
        let checks = [
            ("sent_at", within(self.sent_at)),
            ("waiting.count", count(self.waiting.count)),
            ("waiting.oldest", self.waiting.oldest.is_none_or(within)),
            ("waiting.n", self.waiting.n.values().copied().all(count)),
            ("from", from.iter().all(|rewound| count(rewound.to))),
        ];
        let outside = checks.into_iter().find(|(_, inside)| !inside);
        outside.map(|(name, _)| name)
    }
}

/// Why an entry is held; final.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Refusal {
    pub code: String,
    /// For a person to read.
    pub reason: String,
}

/// Not now: what this server does not know yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Later {
    pub code: String,
    /// Seconds.
    pub after: u64,
}

/// The server's word on one element, by position.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged, try_from = "verdict::Members")]
pub enum Verdict {
    /// In the log.
    Filed {
        id: EntryId,
        seq: u64,
        received: Millis,
        first_received: Millis,
        carrier: Option<DeviceId>,
        flags: Flags,
    },
    /// Held in quarantine, or broken; final.
    Refused {
        /// `null` where it did not parse.
        id: Option<EntryId>,
        refused: Refusal,
    },
    /// To be sent again.
    Later { id: Option<EntryId>, later: Later },
}

/// What everyone who sees the subject may know of an entry that he may not see.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct StubBody {
    pub id: EntryId,
    pub service: ServiceId,
    #[serde(deserialize_with = "present")]
    pub about: Option<Uuid>,
    pub kind: String,
    pub step: String,
    pub role: Role,
    pub made: Millis,
}

/// One entry of a page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged, try_from = "element::Members")]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly every element is whole, so a box would cost more than it saves"
)]
pub enum Element {
    /// Whole; `digest` stands where the signature is withheld.
    Whole {
        seq: u64,
        received: Millis,
        first_received: Millis,
        carrier: Option<DeviceId>,
        flags: Flags,
        link: LinkTag,
        /// The whole link before it, where the entry before it is not in this page: from here its run is checked.
        #[serde(skip_serializing_if = "Option::is_none")]
        before: Option<Digest>,
        #[serde(skip_serializing_if = "Option::is_none")]
        digest: Option<Digest>,
        entry: EntryJson,
    },
    /// That it is there.
    Stub {
        seq: u64,
        received: Millis,
        flags: Flags,
        stub: StubBody,
    },
}

/// A service whose chain here ends before where the phone stood.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rewound {
    pub service: ServiceId,
    /// The last sequence number that both agree on.
    pub to: u64,
}

/// The answer of `POST sync`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SyncAnswer {
    pub v: u32,
    pub log: LogId,
    pub now: Millis,
    pub beacon: Beacon,
    pub verdicts: Vec<Verdict>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Blob>,
    pub entries: Vec<Element>,
    pub cursor: String,
    pub more: bool,
    /// Services to drop and pull again: what the user may see there changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rescope: Option<Vec<ServiceId>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rewound: Option<Vec<Rewound>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<Keys>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wipe: Option<Wipe>,
}
