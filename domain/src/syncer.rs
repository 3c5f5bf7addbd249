//! The syncer's decisions, sans-IO: events in, effects out. It offers what waits, oldest first,
//! pulls what is new, and believes only what PROTOCOL 3 and 4 let it believe. Whoever performs
//! the effects (browser or simulator) decides nothing; a crash between any two of them loses
//! nothing, as every row that waits is offered until the server's word for it is stored.

pub mod answer;
pub mod backoff;
pub mod checkpoint;
pub mod page;
mod state;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::encoding::{Digest, Millis};
use crate::entry::Beacon;
use crate::ids::{DeviceId, LogId, ProviderId, ServiceId};
use crate::keys::Certificate;
use crate::outbox::row::{Durability, Write};
use crate::outbox::{OwnEntry, Standing, VaultId};
use crate::wire::{Keys, Rewound};
use crate::words;
use page::Offer;
pub use state::{Syncer, median};

/// Entries a request at most.
pub const BATCH_ENTRIES: usize = crate::wire::MAX_ENTRIES;
/// Bytes of entries a request at most; the server takes 1 MiB in all.
pub const BATCH_BYTES: usize = 900_000;
/// How long a request may take, in milliseconds.
pub const TIMEOUT: u64 = 30_000;
/// Where sync requests go.
pub const PATH: &str = "/api/v1/sync";

/// Names of the state rows the syncer writes.
pub mod rows {
    pub const CURSOR: &str = "cursor";
    pub const LOG: &str = "log";
    pub const SKEW: &str = "skew";
    pub const KEYS: &str = "keys";
    pub const EPOCH: &str = "epoch";
    pub const RESTORE: &str = "restore";
    /// Where those offers are that a restored server will take later.
    pub const PUT_OFF: &str = "put-off";

    /// The restore that ended the epoch before this one.
    #[must_use]
    pub fn restore_before(epoch: u32) -> String {
        format!("restore-{epoch}")
    }
}

/// Who syncs, fixed while the vault is open.
#[derive(Clone)]
pub struct Config {
    pub provider: ProviderId,
    pub vault: VaultId,
    /// The session's device.
    pub device: DeviceId,
    /// The app's version, as the server logs it.
    pub app: String,
    /// The provider's pinned root key.
    pub root: crate::encoding::PublicKey,
    /// Certificates of the author keys this vault has had, sent with every batch.
    pub certificates: Vec<Certificate>,
}

/// What was stored when the syncer starts.
#[derive(Default)]
pub struct Stored {
    pub own: Vec<OwnEntry>,
    pub cursor: Option<String>,
    pub log: Option<LogId>,
    /// The last measured skews, oldest first, at most five.
    pub skew: Vec<i64>,
    pub keys: Vec<Keys>,
    /// Restores of the server seen so far.
    pub epoch: u32,
    /// A restore that is not dealt with yet.
    pub restore: Option<Restore>,
    /// Of which part of the log a restored server has still to take something.
    pub put_off: Option<Restore>,
}

/// A restored server: what it was told it lacks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Restore {
    pub log: LogId,
    /// From where each service is offered again; `None` for every service from its start.
    pub rewound: Option<Vec<(ServiceId, u64)>>,
    /// The cursor of the newest answer since. What has been acknowledged meanwhile stands where this cursor knows of,
    /// so that another restore is noticed before this one is dealt with.
    #[serde(default)]
    pub heard: Option<String>,
}

impl Restore {
    fn new(log: LogId, rewound: Option<&[Rewound]>, heard: &str) -> Self {
        let rewound =
            rewound.map(|services| services.iter().map(|it| (it.service, it.to)).collect());
        Self {
            log,
            rewound,
            heard: Some(heard.to_owned()),
        }
    }

    /// The sequence number above which this service is offered again, if it is.
    #[must_use]
    pub fn above(&self, service: ServiceId) -> Option<u64> {
        match &self.rewound {
            None => Some(0),
            Some(services) => services
                .iter()
                .find(|(id, _)| *id == service)
                .map(|(_, to)| *to),
        }
    }

    /// Whether all that `other` asks for was offered for this restore.
    fn covers(&self, other: &Self) -> bool {
        self.log == other.log
            && match (&self.rewound, &other.rewound) {
                (None, _) => true,
                (Some(_), None) => false,
                (Some(_), Some(services)) => services
                    .iter()
                    .all(|(service, to)| self.above(*service).is_some_and(|from| from <= *to)),
            }
    }

    /// This restore, and what an earlier one that is not dealt with yet asks for.
    fn and(mut self, earlier: &Self) -> Self {
        match (&mut self.rewound, &earlier.rewound) {
            (Some(services), Some(before)) => {
                for (service, to) in before {
                    match services.iter_mut().find(|(id, _)| id == service) {
                        Some((_, lower)) => *lower = (*to).min(*lower),
                        None => services.push((*service, *to)),
                    }
                }
            }
            _ => self.rewound = None,
        }
        self
    }
}

/// What woke the syncer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wakeup {
    /// The browser says there is a network again. A hint, never a gate.
    Online,
    /// The browser says there is none. A hint for the screen alone.
    Offline,
    /// The page came to the foreground.
    Visible,
    /// The server's live signal: there is something new to pull.
    Live,
    /// A person asked.
    Asked,
    /// Another tab saved.
    OtherTab,
}

/// What happened.
pub enum Event {
    /// The lock is held and the rows are loaded: begin.
    Started,
    /// A save of this tab is complete.
    Saved(OwnEntry),
    /// Own rows read again: all of the vault's.
    Found(Vec<OwnEntry>),
    /// What can be offered again, and the receipts kept, each with the digests it names.
    Offers {
        offers: Vec<Offer>,
        receipts: Vec<(Vec<u8>, Vec<Digest>)>,
    },
    Woken(Wakeup),
    TimerFired,
    Answer(Answer),
    NoAnswer {
        request: u64,
        why: NoAnswer,
    },
    Committed {
        transaction: u64,
    },
    Aborted {
        transaction: u64,
        reason: String,
    },
    /// There is a session again.
    SignedIn,
}

/// An answer as it came from the network.
#[derive(Clone, Debug)]
pub struct Answer {
    pub request: u64,
    pub status: u16,
    pub content_type: Option<String>,
    /// In seconds.
    pub retry_after: Option<u64>,
    pub body: String,
    /// How long the request took, in milliseconds.
    pub round_trip: i64,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    Network,
    TimedOut,
}

/// What is to be done, in this order.
#[derive(Debug)]
pub enum Effect {
    Transaction(Transaction),
    Request(Request),
    /// Replaces the timer before it.
    Timer {
        after_ms: u64,
    },
    /// Read all own rows of the vault and answer with [`Event::Found`].
    ReadOwn,
    /// Read receipts, and the pages of the services that the restore names; answer with [`Event::Offers`].
    ReadOffers(Restore),
    Notice(Notice),
}

/// Writes that are stored all or none.
#[derive(Debug)]
pub struct Transaction {
    pub id: u64,
    pub durability: Durability,
    pub writes: Vec<Write>,
}

/// One POST of JSON.
#[derive(Debug)]
pub struct Request {
    pub id: u64,
    pub path: &'static str,
    pub body: String,
    pub timeout_ms: u64,
}

/// What the screens, of every tab, must know.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// A page was stored: its elements as they came, and whether another follows it.
    Page {
        text: String,
        more: bool,
    },
    /// What became of an own entry was stored.
    Own {
        digest: Digest,
        standing: Standing,
    },
    /// A service's pages were dropped, to be pulled anew.
    Dropped {
        service: ServiceId,
    },
    /// The server was restored: what it was told it lacks is unconfirmed until a page brings it.
    Rewound(Restore),
    /// The server was heard.
    Contact {
        beacon: Beacon,
        skew: Option<i64>,
        at: Millis,
    },
    Connection(Connection),
    Waiting(Waiting),
    /// The first pull since the start is complete.
    UpToDate,
    /// The session is over; rows stay and go when there is one again.
    NeedsSignIn,
    /// The provider's root has this device's copy wiped, and nothing waits any more.
    Wiped,
    /// The phone could not store what came; it is fetched again.
    NotStored {
        reason: String,
    },
}

/// The connection as it is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connection {
    /// Nothing was heard yet since the app was opened: it is not known whether there is signal.
    #[default]
    Connecting,
    Online,
    Offline,
    /// This many records are being sent.
    Sending(usize),
    /// Records wait and the last try brought nothing.
    Retrying,
    /// Nothing waits.
    AllSent,
}

impl Connection {
    /// The words of DESIGN 4.
    #[must_use]
    pub fn label(self) -> String {
        match self {
            Self::Connecting => "Connecting".to_owned(),
            Self::Online => "Online".to_owned(),
            Self::Offline => "Offline".to_owned(),
            Self::Sending(count) => format!("Sending {count}"),
            Self::Retrying => "Not sent yet, trying again".to_owned(),
            Self::AllSent => "All sent".to_owned(),
        }
    }
}

/// Whether the server still knows who is signed in on this phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Session {
    Open,
    /// The person has to sign in again before anything goes.
    Ended,
}

/// What is said of records that wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Such as `1 record is kept on this phone. It has waited 12 min.`
    pub what: String,
    /// Such as `It goes by itself when there is signal.`
    pub then: &'static str,
}

/// What waits on this phone in this vault.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    pub count: usize,
    /// When the oldest was saved.
    pub oldest: Option<Millis>,
}

impl Waiting {
    /// What waits and what becomes of it, in words; none where nothing waits.
    #[must_use]
    pub fn told(&self, connection: Connection, session: Session, now: Millis) -> Option<Told> {
        let lasted = words::age(now - self.oldest?);
        let one = self.count == 1;
        let say = |about_one: &'static str, about_many: &'static str| {
            if one { about_one } else { about_many }
        };
        let what = match (session, connection) {
            (Session::Open, Connection::Sending(_)) if one => "1 record is being sent.".to_owned(),
            (Session::Open, Connection::Sending(_)) => {
                format!("{} records are being sent.", self.count)
            }
            _ if one => format!("1 record is kept on this phone. It has waited {lasted}."),
            _ => format!(
                "{} records are kept on this phone. The oldest has waited {lasted}.",
                self.count
            ),
        };
        let then = match (session, connection) {
            (Session::Ended, _) => say(
                "It goes by itself once you have signed in again.",
                "They go by themselves once you have signed in again.",
            ),
            (_, Connection::Sending(_)) => say(
                "It says ‘Sent’ when the server has said that it has it. It stays on this phone until then.",
                "Each says ‘Sent’ when the server has said that it has it. They stay on this phone until then.",
            ),
            (_, Connection::Retrying) => say(
                "The server has not said yet that it has it. Holdfast tries again by itself.",
                "The server has not said yet that it has them. Holdfast tries again by itself.",
            ),
            _ => say(
                "It goes by itself when there is signal.",
                "They go by themselves when there is signal.",
            ),
        };
        Some(Told { what, then })
    }

    /// What somebody left on this phone who is not signed in now; none where nothing waits.
    #[must_use]
    pub fn left_by(&self, name: &str) -> Option<String> {
        match self.count {
            0 => None,
            1 => Some(format!(
                "1 record by {name} is kept on this phone, not sent yet. It goes once {name} signs in here."
            )),
            count => Some(format!(
                "{count} records by {name} are kept on this phone, not sent yet. They go once {name} signs in here."
            )),
        }
    }

    /// One more waits, saved at this time.
    pub fn add(&mut self, saved: Millis) {
        self.count += 1;
        self.oldest = Some(self.oldest.map_or(saved, |oldest| oldest.min(saved)));
    }
}
