//! The wire's shapes for the OpenAPI document. The types that are read and written are `holdfast_domain::wire`,
//! which knows no OpenAPI; tests hold the document to real traffic and to what the server refuses.

use std::collections::BTreeMap;

use holdfast_domain::wire::MAX_ENTRIES;
use serde::{Deserialize, Serialize};
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{
        Content, Header, Ref, RefOr, Response, ResponseBuilder,
        schema::{ObjectBuilder, Type},
    },
};
use uuid::Uuid;

/// Problems that any address may answer.
pub struct AnyTime;

/// Problems of what changes anything, besides.
pub struct ByOthers;

/// Problems of an address that takes JSON, besides.
pub struct TakesJson;

impl IntoResponses for AnyTime {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let wait = Header::builder()
            .schema(Some(ObjectBuilder::new().schema_type(Type::Integer)))
            .description(Some("In how many seconds to ask again"))
            .build();
        let unavailable = problem("Not now; nothing was acknowledged").header("retry-after", wait);
        BTreeMap::from([
            ("500".into(), problem("A fault of the server's").into()),
            ("503".into(), unavailable.into()),
        ])
    }
}

impl IntoResponses for ByOthers {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([("403".into(), problem("Another site's page sent it").into())])
    }
}

impl IntoResponses for TakesJson {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        BTreeMap::from([
            ("413".into(), problem("Over 1 MiB").into()),
            ("415".into(), problem("Not application/json").into()),
        ])
    }
}

fn problem(what: &str) -> ResponseBuilder {
    let content = Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
    ResponseBuilder::new()
        .description(what)
        .content("application/problem+json", content)
}

/// A device as its owner names it.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct Device {
    id: Uuid,
    name: String,
    kind: DeviceKind,
}

/// What a device is.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    Phone,
    Tablet,
    Laptop,
}

#[derive(Deserialize, Serialize, ToSchema)]
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
pub struct Scope {
    service: Uuid,
    roles: Vec<String>,
}

/// The server's time at contact, with its code.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct Beacon {
    time: i64,
    /// 16 bytes, base64url.
    mac: String,
}

/// The server's current public keys, signed by its root.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct Keys {
    outbox: String,
    receipt: String,
    not_before: i64,
    sig: String,
}

#[derive(Deserialize, Serialize, ToSchema)]
pub struct SessionAnswer {
    v: u32,
    provider: Uuid,
    user: Uuid,
    username: String,
    display_name: String,
    scope: Vec<Scope>,
    /// 164 bytes, base64url; null without a key.
    #[schema(required)]
    certificate: Option<String>,
    /// `<device>.<mac>`.
    token: String,
    root: String,
    server_author: String,
    keys: Keys,
    beacon: Beacon,
    log: Uuid,
    now: i64,
    /// What opens each vault again, 32 bytes each, base64url.
    #[schema(nullable = false)]
    r: Option<BTreeMap<Uuid, String>>,
}

#[derive(Deserialize, Serialize, ToSchema)]
pub struct KeyRequest {
    author_key: String,
    proof: String,
}

#[derive(Deserialize, Serialize, ToSchema)]
pub struct KeyAnswer {
    certificate: String,
}

/// A signed entry: its head's fields by name, signature, salt and body.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct Entry {
    id: Uuid,
    service: Uuid,
    author: Uuid,
    device: Uuid,
    key: String,
    n: u64,
    made: i64,
    /// Null if never measured.
    #[schema(required)]
    skew: Option<i64>,
    beacon: Beacon,
    length: u32,
    commit: String,
    /// Null in a page once received over 30 days ago.
    #[schema(required)]
    sig: Option<String>,
    /// Null as `sig`, and once erased.
    #[schema(required)]
    salt: Option<String>,
    /// The body's JSON text as the device wrote it; null once erased.
    #[schema(required)]
    body: Option<String>,
}

/// What the phone still holds.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct Waiting {
    count: u64,
    #[schema(required)]
    oldest: Option<i64>,
    /// The highest count by key.
    n: BTreeMap<String, u64>,
}

#[derive(Deserialize, Serialize, ToSchema)]
pub struct SyncRequest {
    v: u32,
    device: Uuid,
    sent_at: i64,
    app: String,
    #[schema(required)]
    cursor: Option<String>,
    waiting: Waiting,
    certs: Option<Vec<String>>,
    receipts: Option<Vec<String>>,
    /// Services that the page is wanted of from a lower place than where the cursor stands
    from: Option<Vec<Rewound>>,
    /// Each is judged alone: what is none of these is held as malformed, and costs no other.
    #[schema(value_type = Vec<Offered>, max_items = 500)]
    entries: Vec<serde_json::Value>,
}

const _: () = assert!(MAX_ENTRIES == 500, "the document says so");

/// What a phone sends of its entries.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Offered {
    Entry(Box<Entry>),
    /// An entry of a later version, whose fields have no names here; with `sig`, `salt` and `body` as that version has
    /// them. It is answered `later`, and waits on the phone for a newer server.
    Newer {
        /// `HFE` and another digit than 1, and what follows, base64url.
        head: String,
    },
    /// An entry that only the server can open. No server does yet: it is answered `later`, and waits on the phone.
    Sealed {
        /// `HFB`, a digit, and what follows, base64url.
        sealed: String,
    },
}

/// Final, and not filed.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct Refusal {
    code: String,
    reason: String,
}

/// Not yet; ask again after so many seconds.
#[derive(Deserialize, Serialize, ToSchema)]
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
        #[schema(required)]
        carrier: Option<Uuid>,
        flags: u16,
    },
    Refused {
        #[schema(required)]
        id: Option<Uuid>,
        refused: Refusal,
    },
    Later {
        #[schema(required)]
        id: Option<Uuid>,
        later: Later,
    },
}

/// An entry of a page with its header.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct Element {
    seq: u64,
    received: i64,
    first_received: i64,
    /// The device that carried it for a colleague; null if its own did.
    #[schema(required)]
    carrier: Option<Uuid>,
    flags: u16,
    /// The first 16 bytes of the chain's link, base64url.
    link: String,
    /// The whole link before it, base64url, where the entry before it is not in this page.
    #[schema(nullable = false)]
    before: Option<String>,
    /// Where `sig` is null.
    #[schema(nullable = false)]
    digest: Option<String>,
    entry: Entry,
}

/// From where the phone's copy of a service is not this server's.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct Rewound {
    service: Uuid,
    to: u64,
}

/// The order to drop what a lost device keeps, signed by the root.
#[derive(Deserialize, Serialize, ToSchema)]
pub struct Wipe {
    time: i64,
    sig: String,
}

#[derive(Deserialize, Serialize, ToSchema)]
pub struct SyncAnswer {
    v: u32,
    log: Uuid,
    now: i64,
    beacon: Beacon,
    verdicts: Vec<Verdict>,
    /// The server's signed word on what is final, base64url.
    #[schema(nullable = false)]
    receipt: Option<String>,
    entries: Vec<Element>,
    /// Opaque; send it with the next request.
    cursor: String,
    more: bool,
    #[schema(nullable = false)]
    rescope: Option<Vec<Uuid>>,
    #[schema(nullable = false)]
    rewound: Option<Vec<Rewound>>,
    #[schema(nullable = false)]
    keys: Option<Keys>,
    #[schema(nullable = false)]
    wipe: Option<Wipe>,
}
