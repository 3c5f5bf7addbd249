//! The ledger: the fold of the acknowledged log and this device's own pending entries (DESIGN 2).
//!
//! It is a function of what was put in, not of the order, the batching or the repetition in which it
//! came: every tie is broken by content. What is derived is kept up to date entry by entry, so that
//! putting in an entry and reading a view are both cheap with ten thousand entries.

mod attention;
mod fold;
mod handling;
mod home;
mod kept;
mod mine;
mod missing;
mod no_longer;
mod order;
mod record;
mod reviews;
mod things;
mod told;
mod updates;
mod warnings;

#[cfg(test)]
mod tests;

pub use crate::body::Sign;
pub use attention::{Attention, attention};
pub use handling::{
    AboutMismatch, DeviceState, GuidanceView, Handling, ListRow, ListView, Listing, Made, Over,
    Read, StepState, StepView, Turn, affected, lists,
};
pub use home::{
    HeldView, Home, InboxItem, Need, NeedReason, Start, home, inbox_line, may_ask, may_change,
    starts, writes_records,
};
pub use mine::MyPart;
pub use missing::LastCount;
pub use record::{AmendmentView, Clock, Delivery, Happening, OnServer, Record, RecordData, Seen};
pub use reviews::{Difference, ReviewView};
pub use things::{
    DeviceView, MedicineView, PersonView, PlanView, ServiceView, StaffView, VisitView,
};
pub use told::Told;
pub use updates::{
    Apart, Before, BoardPart, BoardRow, Cell, CellState, Coverage, Given, HandedOver, Question,
    ScreenView, Standing, ToChase, ToConfirm, UpdateView, Why, new_text_first,
};
pub use warnings::{OnIt, Warning, WarningView};

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use crate::body::{Body, Kind, Screen};
use crate::chain::{Break, Header};
use crate::encoding::{Digest, Millis};
use crate::entry::SignedEntry;
use crate::ids::{DeviceId, EntryId, ServiceId, SubjectId, UserId};
use order::{Order, Version};

/// An entry of the server's log, as a page of it brought it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    pub service: ServiceId,
    pub id: EntryId,
    pub author: UserId,
    /// Zero for the server's own entries.
    pub device: DeviceId,
    pub n: u64,
    /// The device's clock.
    pub made: Millis,
    /// Server minus device when last measured; none if never.
    pub skew: Option<i64>,
    pub header: Header,
    /// The body's text; none where it was erased.
    pub body: Option<String>,
    pub digest: Digest,
}

/// An entry of this device's own, which it keeps whatever becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    pub entry: SignedEntry,
    /// This device's clock when it was saved.
    pub saved: Millis,
    pub state: PendingState,
}

/// What is known of an own entry's way to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PendingState {
    /// Not answered for yet.
    Waiting,
    /// The server's word that it is in the log.
    Filed(Header),
    /// The server keeps it apart and does not count it; PROTOCOL 1 has the codes.
    Held { code: String, reason: String },
    /// The server cannot take it yet; sending goes on by itself.
    Stuck { code: String },
    /// It was filed, a restored server has lost it, and it is being sent again.
    AgainBeing,
}

/// An entry whose kind this version does not know, kept for the version that does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newer {
    pub id: EntryId,
    pub service: ServiceId,
    pub author: UserId,
    /// As it stands in the body; empty where not even that could be read.
    pub kind: String,
    pub made: Millis,
}

/// What an entry says, as far as it can be read.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Said {
    Body(Box<Body>),
    Newer { kind: String },
    Erased,
}

/// The head's fields that views need.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Meta {
    service: ServiceId,
    id: EntryId,
    author: UserId,
    device: DeviceId,
    n: u64,
    made: Millis,
    skew: Option<i64>,
    digest: Digest,
}

impl Meta {
    /// The best estimate of the true time it was made: the device's clock, put right where its
    /// error was measured.
    fn at(&self) -> Millis {
        self.made.saturating_add(self.skew.unwrap_or(0))
    }

    fn by_the_server(&self) -> bool {
        self.device == DeviceId::nil()
    }
}

#[derive(Clone, Debug)]
struct InLog {
    meta: Meta,
    header: Header,
    said: Said,
    /// A restored server has lost it, and it has not come back yet.
    unconfirmed: bool,
    #[cfg(mutation)]
    arrival: u64,
}

#[derive(Clone, Debug)]
struct OnPhone {
    meta: Meta,
    said: Said,
    saved: Millis,
    state: PendingState,
    #[cfg(mutation)]
    arrival: u64,
}

/// Kind, id and service of a thing that import brings. A person may have been at several services.
type ThingKey = (Kind, Uuid, ServiceId);

/// The fold. See the module's page for what it promises.
#[derive(Clone, Debug)]
pub struct Ledger {
    me: UserId,
    // What is large lies outside of the maps: their nodes are half empty where keys come in order.
    log: BTreeMap<EntryId, Box<InLog>>,
    own: BTreeMap<EntryId, OnPhone>,
    own_by_digest: BTreeMap<Digest, EntryId>,

    // Derived from the three above, entry by entry; `fold` keeps them.
    /// By when they were made, which a view goes through from end to end.
    records: BTreeMap<(Millis, EntryId), Box<Record>>,
    /// When each was.
    record_times: BTreeMap<EntryId, Millis>,
    things: BTreeMap<ThingKey, BTreeSet<Version>>,
    staff_by_user: BTreeMap<UserId, BTreeSet<ThingKey>>,
    amendments: BTreeMap<EntryId, BTreeSet<Order>>,
    seen: BTreeMap<EntryId, BTreeMap<UserId, BTreeSet<(Millis, EntryId)>>>,
    corrections: BTreeMap<EntryId, BTreeSet<EntryId>>,
    device_uses: BTreeMap<DeviceId, BTreeSet<Order>>,
    held: BTreeMap<Digest, BTreeSet<EntryId>>,
    released: BTreeMap<Digest, BTreeSet<EntryId>>,
    erasures: BTreeMap<EntryId, BTreeSet<EntryId>>,
    newer: BTreeSet<EntryId>,
    /// Recorded updates by the instruction they change.
    updates: BTreeMap<SubjectId, BTreeSet<EntryId>>,
    withdrawals: BTreeMap<EntryId, BTreeSet<(Millis, EntryId)>>,
    answers: BTreeMap<(EntryId, Screen), BTreeSet<Given>>,
    reminders: BTreeMap<(EntryId, Screen), BTreeSet<(Millis, EntryId)>>,
    hand_overs: BTreeSet<(Millis, EntryId)>,
    /// What follows a mismatch, guidance or a cause, by the entry that it is about.
    steps: BTreeMap<EntryId, BTreeSet<Order>>,
    guidance: BTreeSet<EntryId>,
    /// Where the server's log does not hold together, as far as pages show it: the first such place of each service.
    breaks: BTreeMap<ServiceId, u64>,
    /// Checks of devices, by the update that they name; by nil those that name none.
    checks: BTreeMap<EntryId, BTreeSet<EntryId>>,
    /// What was done about early warnings, by what they came of.
    warned: BTreeMap<EntryId, BTreeSet<(Millis, EntryId)>>,
    kept: kept::Kept,
    #[cfg(mutation)]
    arrivals: u64,
}

impl Ledger {
    /// An empty ledger as `me` sees it.
    pub fn new(me: UserId) -> Ledger {
        Ledger {
            me,
            log: BTreeMap::new(),
            own: BTreeMap::new(),
            own_by_digest: BTreeMap::new(),
            records: BTreeMap::new(),
            record_times: BTreeMap::new(),
            things: BTreeMap::new(),
            staff_by_user: BTreeMap::new(),
            amendments: BTreeMap::new(),
            seen: BTreeMap::new(),
            corrections: BTreeMap::new(),
            device_uses: BTreeMap::new(),
            held: BTreeMap::new(),
            released: BTreeMap::new(),
            erasures: BTreeMap::new(),
            newer: BTreeSet::new(),
            updates: BTreeMap::new(),
            withdrawals: BTreeMap::new(),
            answers: BTreeMap::new(),
            reminders: BTreeMap::new(),
            hand_overs: BTreeSet::new(),
            steps: BTreeMap::new(),
            guidance: BTreeSet::new(),
            breaks: BTreeMap::new(),
            checks: BTreeMap::new(),
            warned: BTreeMap::new(),
            kept: kept::Kept::default(),
            #[cfg(mutation)]
            arrivals: 0,
        }
    }

    /// Whose ledger it is.
    pub fn me(&self) -> UserId {
        self.me
    }

    /// Keeps where a page of the log does not hold together, if it does not.
    pub fn breaks_at(&mut self, broken: Option<Break>) {
        if let Some(Break { service, seq }) = broken {
            let first = self.breaks.entry(service).or_insert(seq);
            *first = seq.min(*first);
        }
    }

    /// Where the server's log was changed after it was written, as far as this phone can tell.
    pub fn breaks(&self) -> impl Iterator<Item = Break> {
        self.breaks
            .iter()
            .map(|(&service, &seq)| Break { service, seq })
    }

    /// Puts in an entry of the log. Again, in any order, has the effect of once. An erased body stays
    /// erased, and of two headers for one entry (a restored server) the later receipt counts.
    pub fn acknowledge(&mut self, entry: Acknowledged) {
        let incoming = InLog {
            said: match &entry.body {
                Some(text) => Said::read(text),
                None => Said::Erased,
            },
            header: entry.header,
            unconfirmed: false,
            meta: Meta {
                service: entry.service,
                id: entry.id,
                author: entry.author,
                device: entry.device,
                n: entry.n,
                made: entry.made,
                skew: entry.skew,
                digest: entry.digest,
            },
            #[cfg(mutation)]
            arrival: self.next_arrival(),
        };
        let merged = match self.log.get(&entry.id) {
            None => incoming,
            Some(known) => known.merged_with(incoming),
        };
        self.change(entry.id, |ledger| {
            ledger.log.insert(entry.id, Box::new(merged));
        });
    }

    /// Puts in an own entry, or its newer state.
    pub fn pending(&mut self, pending: Pending) {
        let head = &pending.entry.head;
        let id = head.id;
        let own = OnPhone {
            meta: Meta {
                service: head.service,
                id,
                author: head.author,
                device: head.device,
                n: head.n,
                made: head.made,
                skew: head.skew,
                digest: pending.entry.digest(),
            },
            said: Said::read(&pending.entry.body),
            saved: pending.saved,
            state: pending.state,
            #[cfg(mutation)]
            arrival: self.next_arrival(),
        };
        self.change(id, |ledger| {
            if let Some(before) = ledger.own.get(&id) {
                ledger.own_by_digest.remove(&before.meta.digest);
            }
            ledger.own_by_digest.insert(own.meta.digest, id);
            ledger.own.insert(id, own);
        });
    }

    /// What is known now of an own entry's way. False where no entry of this digest was put in by [`Ledger::pending`].
    pub fn on_its_way(&mut self, digest: &Digest, state: PendingState) -> bool {
        let Some(id) = self.own_by_digest.get(digest).copied() else {
            return false;
        };
        if self.own.get(&id).is_some_and(|own| own.state != state) {
            self.change(id, |ledger| {
                if let Some(own) = ledger.own.get_mut(&id) {
                    own.state = state;
                }
            });
        }
        true
    }

    /// Drops what the log brought of one service, whose part is about to be pulled from its start
    /// (PROTOCOL 4, rescope). Own entries stay.
    pub fn forget_service(&mut self, service: ServiceId) {
        self.breaks.remove(&service);
        let gone: Vec<EntryId> = self
            .log
            .values()
            .filter(|entry| entry.meta.service == service)
            .map(|entry| entry.meta.id)
            .collect();
        for id in gone {
            self.change(id, |ledger| {
                ledger.log.remove(&id);
            });
        }
    }

    /// Marks as unconfirmed what the log brought of a service after the sequence number that `above` gives for it: a
    /// restored server has lost it (PROTOCOL 4, rewound). It stays in view as being sent again until it comes back.
    pub fn rewound(&mut self, above: impl Fn(ServiceId) -> Option<u64>) {
        let lost: Vec<EntryId> = self
            .log
            .values()
            .filter(|entry| above(entry.meta.service).is_some_and(|to| entry.header.seq > to))
            .map(|entry| entry.meta.id)
            .collect();
        for id in lost {
            self.change(id, |ledger| {
                if let Some(entry) = ledger.log.get_mut(&id) {
                    entry.unconfirmed = true;
                }
            });
        }
    }

    /// Every record, newest first by when it was made.
    pub fn records(&self) -> Vec<&Record> {
        self.newest_first().collect()
    }

    fn newest_first(&self) -> impl DoubleEndedIterator<Item = &Record> {
        self.records.values().rev().map(|record| &**record)
    }

    /// What I wrote, newest first, erased and newer kinds included.
    pub fn my_records(&self) -> Vec<&Record> {
        self.newest_first()
            .filter(|record| record.author == self.me)
            .collect()
    }

    /// The record that entry `id` opened.
    pub fn record(&self, id: EntryId) -> Option<&Record> {
        let made = *self.record_times.get(&id)?;
        self.records.get(&(made, id)).map(|record| &**record)
    }

    /// Amendments whose record is not here: it has not come yet, or this user may not see it.
    pub fn amendments_without_record(&self) -> Vec<EntryId> {
        self.amendments
            .iter()
            .filter(|(record, _)| !self.record_times.contains_key(record))
            .flat_map(|(_, orders)| orders.iter().map(|order| order.id))
            .collect()
    }

    /// Entries that a newer version wrote. They are kept; this version cannot read them.
    pub fn newer_than_this_version(&self) -> Vec<Newer> {
        self.newer
            .iter()
            .filter_map(|id| {
                let (meta, said) = self.entry(*id)?;
                let Said::Newer { kind } = said else {
                    return None;
                };
                Some(Newer {
                    id: *id,
                    service: meta.service,
                    author: meta.author,
                    kind: kind.clone(),
                    made: meta.made,
                })
            })
            .collect()
    }

    /// How many entries the log has brought.
    pub fn acknowledged_count(&self) -> usize {
        self.log.len()
    }

    #[cfg(mutation)]
    fn next_arrival(&mut self) -> u64 {
        self.arrivals += 1;
        self.arrivals
    }
}
