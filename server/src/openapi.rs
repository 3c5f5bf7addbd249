//! The wire's shapes for the OpenAPI document. The types that are read and written are `holdfast_domain::wire`,
//! which knows no OpenAPI; a test holds both to the protocol's examples.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// A device as its owner names it.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Device {
    id: Uuid,
    name: String,
    /// `phone`, `tablet` or `laptop`.
    kind: String,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionRequest {
    username: String,
    password: String,
    device: Device,
    /// Ed25519 public key, 32 bytes, base64url.
    author_key: Option<String>,
    /// Signature of the enrolment, 64 bytes, base64url.
    proof: Option<String>,
}

/// The user's roles in one service.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    service: Uuid,
    roles: Vec<String>,
}

/// The server's time at contact, with its code.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Beacon {
    time: i64,
    /// 16 bytes, base64url.
    mac: String,
}

/// The server's current public keys, signed by its root.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    outbox: String,
    receipt: String,
    not_before: i64,
    sig: String,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionAnswer {
    v: u32,
    provider: Uuid,
    user: Uuid,
    #[serde(default)]
    username: String,
    #[serde(default)]
    display_name: String,
    scope: Vec<Scope>,
    /// 164 bytes, base64url; null without a key.
    certificate: Option<String>,
    /// `<device>.<mac>`.
    token: String,
    root: String,
    server_author: String,
    keys: Keys,
    beacon: Beacon,
    log: Uuid,
    now: i64,
    r: Option<std::collections::BTreeMap<Uuid, String>>,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRequest {
    author_key: String,
    proof: String,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyAnswer {
    certificate: String,
}

/// A signed entry: its head's fields by name, signature, salt and body.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    id: Uuid,
    service: Uuid,
    author: Uuid,
    device: Uuid,
    key: String,
    n: u64,
    made: i64,
    /// Null if never measured.
    skew: Option<i64>,
    beacon: Beacon,
    length: u32,
    commit: String,
    /// Null in a page once received over 30 days ago.
    sig: Option<String>,
    /// Null as `sig`, and once erased.
    salt: Option<String>,
    /// The body's JSON text as the device wrote it; null once erased.
    body: Option<String>,
}

/// What the phone still holds.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Waiting {
    count: u64,
    oldest: Option<i64>,
    /// The highest count by key.
    n: std::collections::BTreeMap<String, u64>,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncRequest {
    v: u32,
    device: Uuid,
    sent_at: i64,
    app: String,
    cursor: Option<String>,
    waiting: Waiting,
    certs: Option<Vec<String>>,
    receipts: Option<Vec<String>>,
    /// Services that the page is wanted of from a lower place than where the cursor stands
    from: Option<Vec<Rewound>>,
    /// Signed entries; each is judged alone.
    #[schema(value_type = Vec<Entry>)]
    entries: Vec<serde_json::Value>,
}

/// Final, and not filed.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    code: String,
    reason: String,
}

/// Not yet; ask again after so many seconds.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Later {
    code: String,
    after: u64,
}

/// What became of the entry in the same position.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Verdict {
    Filed {
        id: Uuid,
        seq: u64,
        received: i64,
        first_received: i64,
        carrier: Option<Uuid>,
        flags: u16,
    },
    Refused {
        id: Option<Uuid>,
        refused: Refusal,
    },
    Later {
        id: Option<Uuid>,
        later: Later,
    },
}

/// An entry of a page with its header.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Element {
    seq: u64,
    received: i64,
    first_received: i64,
    carrier: Option<Uuid>,
    flags: u16,
    /// The first 16 bytes of the chain's link, base64url.
    link: String,
    /// The whole link before it, base64url, where the entry before it is not in this page.
    before: Option<String>,
    /// Where `sig` is null.
    digest: Option<String>,
    entry: Entry,
}

/// From where the phone's copy of a service is not this server's.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rewound {
    service: Uuid,
    to: u64,
}

#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SyncAnswer {
    v: u32,
    log: Uuid,
    now: i64,
    beacon: Beacon,
    verdicts: Vec<Verdict>,
    /// The server's signed word on what is final, base64url.
    receipt: Option<String>,
    entries: Vec<Element>,
    /// Opaque; send it with the next request.
    cursor: String,
    more: bool,
    rescope: Option<Vec<Uuid>>,
    rewound: Option<Vec<Rewound>>,
    keys: Option<Keys>,
    wipe: Option<serde_json::Value>,
}
