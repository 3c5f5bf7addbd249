//! The one seam to a database. Routes and commands know this trait; the store knows no route.

use std::{collections::BTreeMap, future::Future, pin::Pin};

use holdfast_domain::{
    body::{Body, Kind},
    cursor::Cursor,
    encoding::{Digest, Millis, PublicKey},
    ids::{DeviceId, EntryId, LogId, ProviderId, ServiceId, UserId},
    keys::Certificate,
    permission::Role,
    wire::{Element, Keys, Rewound, Scope, WaitingReport},
};
use uuid::Uuid;

use crate::accept::{Arrival, Outcome};

/// Why the store did not answer. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database does not answer: {0}")]
    Database(sqlx::Error),
    #[error("there is no room left where the database is")]
    NoRoom,
    #[error("the disk under the database does not do what it is asked")]
    Disk,
    #[error("the database could not be brought to this version's shape: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("the database is taken by another process for too long")]
    Busy,
    #[error("the server is stopping")]
    Stopped,
    #[error("the database holds what it cannot hold: {0}")]
    Corrupt(&'static str),
    #[error("{0}")]
    Wrong(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match primary_code(&error) {
            Some(5 | 6) => Self::Busy,
            Some(10) => Self::Disk,
            Some(13) => Self::NoRoom,
            _ => Self::Database(error),
        }
    }
}

/// SQLite's primary result code: the last byte of the extended one (sqlite.org/rescode.html).
fn primary_code(error: &sqlx::Error) -> Option<u32> {
    let code: u32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// What a store's method gives: a future of its answer.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// A person who may sign in.
#[derive(Clone, Debug)]
pub struct User {
    pub user: UserId,
    pub username: String,
    pub display_name: String,
    /// The argon2id hash as a PHC string; none until a password is set.
    pub password: Option<String>,
}

/// A device as its owner names it.
#[derive(Clone, Debug)]
pub struct NewDevice {
    pub id: DeviceId,
    pub name: String,
    pub kind: String,
    /// The request carried this device's token, so it is the same phone again.
    pub known_by_token: bool,
}

/// A sign-in whose password and proof hold already.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The digest of what the cookie will carry.
    pub token: Digest,
    pub user: UserId,
    pub device: NewDevice,
    pub author_key: Option<PublicKey>,
}

/// What came of a sign-in or an enrolment.
#[derive(Clone, Debug)]
pub enum Enrolled {
    Done(Option<Certificate>),
    DeviceTaken,
    KeyTaken,
}

/// A session that is in force.
#[derive(Clone, Debug)]
pub struct Session {
    pub token: Digest,
    pub user: UserId,
    pub username: String,
    pub display_name: String,
    pub device: DeviceId,
    /// When it was last put off; it ends 30 days after.
    pub seen: Millis,
}

/// Entries of one request, all by one path.
#[derive(Clone)]
pub struct Batch {
    /// Whose phone sends; none for the server itself.
    pub sender: Option<DeviceId>,
    pub sent_at: Millis,
    pub arrivals: Vec<Arrival>,
    /// Certificates by this provider's root, which introduce keys that this server does not know.
    pub certificates: Vec<Certificate>,
    /// When this server first acknowledged a digest, by receipts it signed.
    pub acknowledged: BTreeMap<Digest, Millis>,
    /// What the device says it still holds.
    pub waiting: Option<WaitingReport>,
}

/// What a phone asks for: the next page after its cursor.
#[derive(Clone, Debug)]
pub struct PageRequest {
    pub user: UserId,
    pub cursor: Option<Cursor>,
    /// Services that are read from a lower place than where the cursor stands.
    pub from: Vec<Rewound>,
    /// Where the entries stand that this very request brought: verdict and receipt tell all about them.
    pub leave_out: Vec<(ServiceId, u64)>,
    pub now: Millis,
}

/// Entries of one service in its order, and where the phone then stands.
#[derive(Debug)]
pub struct Page {
    pub entries: Vec<Element>,
    pub cursor: Cursor,
    pub more: bool,
    pub rescope: Vec<ServiceId>,
    pub rewound: Vec<Rewound>,
}

/// An entry the server writes itself.
#[derive(Clone, Debug)]
pub struct NewServerEntry {
    pub service: ServiceId,
    pub id: EntryId,
    pub body: Body,
}

/// An appended entry as the live signal needs it: who may see it, not what it says.
#[derive(Clone, Debug)]
pub struct Advance {
    pub place: i64,
    pub service: ServiceId,
    pub kind: Option<Kind>,
    pub author: UserId,
    pub addressed: Option<UserId>,
}

/// Who this database belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Provider {
    pub id: ProviderId,
    pub log: LogId,
}

/// One database of one provider.
pub trait Store: Send + Sync + 'static {
    /// The provider and the current log.
    fn provider(&self) -> Provider;
    /// The server's current public keys, signed by its root.
    fn keys(&self) -> Keys;
    /// Which receipt key is in use.
    fn receipt_key(&self) -> u32;
    /// Answers if the database can be read and there is somebody to write to it.
    fn ready(&self) -> Answer<'_, ()>;

    fn user_by_name<'a>(&'a self, username: &'a str) -> Answer<'a, Option<User>>;
    /// Everybody who may sign in, by username.
    fn users(&self) -> Answer<'_, Vec<User>>;
    /// Sets a password by its argon2id hash, and ends the sessions that the old one began. False if there is no such user.
    fn set_password<'a>(&'a self, username: &'a str, hash: &'a str) -> Answer<'a, bool>;
    /// The services in which the user has roles now, in the order of their ids.
    fn scope(&self, user: UserId) -> Answer<'_, Vec<Scope>>;

    fn start_session(&self, session: NewSession) -> Answer<'_, Enrolled>;
    /// Enrols a key for a session's user and device.
    fn enrol(&self, user: UserId, device: DeviceId, author_key: PublicKey) -> Answer<'_, Enrolled>;
    /// The session of a token, none if it never was or has ended; put off once a day of use.
    fn session(&self, token: Digest, now: Millis) -> Answer<'_, Option<Session>>;
    fn end_session(&self, token: Digest) -> Answer<'_, ()>;

    /// Takes entries: judged, filed or held, durable when this answers. Outcomes by position.
    fn take(&self, batch: Batch) -> Answer<'_, Vec<Outcome>>;
    /// The next page, read in one snapshot.
    fn page(&self, request: PageRequest) -> Answer<'_, Page>;
    /// Appends entries by the server's author, all or none.
    fn append_server(&self, entries: Vec<NewServerEntry>) -> Answer<'_, ()>;
    /// The newest listed version of each thing of a kind: subject id, its service and its body.
    fn current_subjects(&self, kind: Kind) -> Answer<'_, BTreeMap<Uuid, (ServiceId, String)>>;

    /// What was appended after a place, at most 1,000, in order.
    fn advances(&self, after: i64) -> Answer<'_, Vec<Advance>>;
    /// The place of the newest entry, 0 if there is none.
    fn newest_place(&self) -> Answer<'_, i64>;
    /// Resolves when something may have been appended, by this process or another.
    fn changed(&self) -> Answer<'_, ()>;
    /// Current roles by service, the provider's own chain among them with all roles.
    fn visible_roles(&self, user: UserId) -> Answer<'_, Vec<(ServiceId, Vec<Role>)>>;
}
