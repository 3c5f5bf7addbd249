//! The state machine: one request under way, one transaction at a time. The next request may
//! leave while the last answer is being stored; what it brings waits until that is complete.

mod answered;
mod believed;
mod put_off;
mod restoring;
mod sending;
mod storing;
mod writes;

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::encoding::{Digest, KeyId, Millis};
use crate::ids::LogId;
use crate::outbox::{OwnEntry, Standing};
use crate::wire::Keys;

use super::page::Offer;
use super::{
    Answer, BATCH_ENTRIES, Config, Connection, Effect, Event, NoAnswer, Notice, Stored, Waiting,
    Wakeup,
};
use put_off::PutOff;
use restoring::{Offering, Receipts};
use storing::Storing;

/// Between two pulls when nothing else happens, at least and at most.
const POLL: Millis = 60_000;
const MOST_POLL: Millis = 90_000;
/// A request or transaction that has not come back after this long never will: the page slept.
const WATCHDOG: Millis = 45_000;
/// Wake-ups reset the back-off at most this often.
const RESET: Millis = 10_000;
/// Between two tries when there is no session.
const NO_SESSION: Millis = 5 * 60_000;

/// When an entry was saved, by which count, and which it is: the order of sending.
type Place = (Millis, u64, Digest);

/// What is known of every own entry, sent or not.
struct Known {
    place: Place,
    is_final: bool,
}

/// A request under way.
struct Flight {
    id: u64,
    since: Millis,
    sent: Vec<Digest>,
    offers: Vec<Offer>,
    probe: bool,
    asks: Asks,
}

/// What a request's cursor is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// Its page is taken: the cursor is where the phone stands.
    Page,
    /// Only whether what was acknowledged since a restore still stands: the cursor is that of the newest answer.
    Standing,
}

impl Flight {
    fn entries(&self) -> usize {
        self.sent.len() + self.offers.len()
    }
}

/// How the last try ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Contact {
    None,
    Heard,
    NoNetwork,
    BadAnswer,
}

/// The syncer of one vault in the tab that holds the lock.
pub struct Syncer {
    config: Config,
    known: HashMap<Digest, Known>,
    waiting: BTreeMap<Place, OwnEntry>,
    highest: BTreeMap<KeyId, u64>,
    /// Verdicts that have come and are not stored yet.
    settling: HashSet<Digest>,

    cursor: Option<String>,
    stored_cursor: Option<String>,
    log: Option<LogId>,
    skew: Vec<i64>,
    keys: Vec<Keys>,
    epoch: u32,
    offering: Option<Offering>,
    receipts: Receipts,
    put_off: Option<PutOff>,
    /// How often a server that works did not take an offer that came alone.
    refused: HashMap<Digest, u32>,

    flight: Option<Flight>,
    arrived: Option<Answer>,
    storing: Option<Storing>,
    next_id: u64,

    /// Entries a request at present; halved when one is too much, doubled when it is taken.
    limit: usize,
    /// The entry that alone was not taken, until a pull tells whether the server works.
    suspect: Option<(Digest, String)>,
    attempt: u32,
    /// No request before this time.
    resume_at: Millis,
    /// `resume_at` is the server's own word, which no wake-up cuts short.
    held_by_server: bool,
    last_reset: Millis,
    pull_at: Millis,
    signed_out: bool,
    contact: Contact,
    up_to_date: bool,
    shown: (Option<Connection>, Option<Waiting>),
}

impl Syncer {
    /// A syncer over what is stored. It does nothing until [`Event::Started`].
    #[must_use]
    pub fn new(config: Config, stored: Stored) -> Self {
        let mut syncer = Self {
            config,
            known: HashMap::new(),
            waiting: BTreeMap::new(),
            highest: BTreeMap::new(),
            settling: HashSet::new(),
            stored_cursor: stored.cursor.clone(),
            cursor: stored.cursor,
            log: stored.log,
            skew: stored.skew,
            keys: stored.keys,
            epoch: stored.epoch,
            offering: stored.restore.map(|restore| Offering::new(restore, 0)),
            receipts: Receipts::default(),
            put_off: stored.put_off.map(PutOff::stored),
            refused: HashMap::new(),
            flight: None,
            arrived: None,
            storing: None,
            next_id: 1,
            limit: BATCH_ENTRIES,
            suspect: None,
            attempt: 0,
            resume_at: 0,
            held_by_server: false,
            last_reset: 0,
            pull_at: 0,
            signed_out: false,
            contact: Contact::None,
            up_to_date: false,
            shown: (None, None),
        };
        syncer.take_in(stored.own);
        syncer
    }

    /// What waits for a final verdict.
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        Waiting {
            count: self.waiting.len(),
            oldest: self.waiting.keys().next().map(|place| place.0),
        }
    }

    /// The skew that is signed: the median of the last five measured.
    #[must_use]
    pub fn skew(&self) -> Option<i64> {
        median(&self.skew)
    }

    /// The connection as it is shown.
    #[must_use]
    pub fn connection(&self) -> Connection {
        let waits = self.waiting.len();
        let under_way = self
            .flight
            .iter()
            .flat_map(|flight| &flight.sent)
            .chain(&self.settling);
        // One that the server cannot take yet is tried again, not being sent.
        let sending = under_way
            .filter_map(|digest| self.waiting.get(&self.known.get(digest)?.place))
            .any(|entry| !matches!(entry.standing, Standing::Stuck { .. }));
        match self.contact {
            Contact::NoNetwork => Connection::Offline,
            Contact::None | Contact::Heard if sending => Connection::Sending(waits),
            Contact::None => Connection::Connecting,
            Contact::Heard if crate::mutated!("all_sent_early") => Connection::AllSent,
            Contact::Heard | Contact::BadAnswer if waits > 0 => Connection::Retrying,
            Contact::BadAnswer => Connection::Offline,
            // Rows that wait again are still being read.
            Contact::Heard if self.offering.is_some() || self.restore_begins() => {
                Connection::Retrying
            }
            Contact::Heard if self.known.is_empty() => Connection::Online,
            Contact::Heard => Connection::AllSent,
        }
    }

    /// Takes one event and says what is to be done, in order. `now` is the device's clock,
    /// `random` any 64 random bits.
    pub fn handle(&mut self, event: Event, now: Millis, random: u64) -> Vec<Effect> {
        let mut out = Vec::new();
        match event {
            Event::Started => {
                if let Some(offering) = &self.offering {
                    let restore = offering.restore.clone();
                    out.push(Effect::Notice(Notice::Rewound(restore)));
                }
                self.receipts_wanted(now, &mut out);
            }
            Event::Saved(entry) => self.take_in(vec![entry]),
            Event::Found(entries) => self.take_in(entries),
            Event::Offers { offers, receipts } => self.offers_read(offers, receipts),
            Event::Woken(wakeup) => self.woken(wakeup, now, &mut out),
            Event::TimerFired => {}
            Event::Answer(answer) => self.arrived(answer, now, random, &mut out),
            Event::NoAnswer { request, why } => self.no_answer(request, why, now, random),
            Event::Committed { transaction } => self.committed(transaction, now, random, &mut out),
            Event::Aborted {
                transaction,
                reason,
            } => self.aborted(transaction, reason, now, random, &mut out),
            Event::SignedIn => self.signed_in(now),
        }
        self.watch(now, random, &mut out);
        self.go_on(now, random, &mut out);
        self.show(&mut out);
        out
    }

    fn take_in(&mut self, entries: Vec<OwnEntry>) {
        for entry in entries {
            let place = (entry.saved, entry.n, entry.digest);
            let highest = self.highest.entry(entry.key).or_default();
            *highest = entry.n.max(*highest);
            let is_final = !entry.standing.waits();
            let known = self
                .known
                .entry(entry.digest)
                .or_insert(Known { place, is_final });
            // A row read before its verdict was stored does not wait again.
            if !is_final && !known.is_final {
                self.waiting.entry(place).or_insert(entry);
            }
        }
    }

    fn woken(&mut self, wakeup: Wakeup, now: Millis, out: &mut Vec<Effect>) {
        match wakeup {
            Wakeup::Offline => {
                self.contact = Contact::NoNetwork;
                return;
            }
            Wakeup::OtherTab => {
                out.push(Effect::ReadOwn);
                return;
            }
            Wakeup::Online | Wakeup::Visible | Wakeup::Live | Wakeup::Asked => {}
        }
        self.pull_at = now;
        let may_reset = now - self.last_reset >= RESET || now < self.last_reset;
        if self.resume_at > now && !self.held_by_server && may_reset {
            self.last_reset = now;
            self.attempt = 0;
            self.resume_at = now;
        }
    }

    fn signed_in(&mut self, now: Millis) {
        self.signed_out = false;
        self.attempt = 0;
        self.resume_at = now;
        self.held_by_server = false;
        self.pull_at = now;
    }

    /// A page that slept hears neither answer nor completion: after [`WATCHDOG`] they count as
    /// lost. A read that brought nothing is asked for again; at the start, for the first time.
    fn watch(&mut self, now: Millis, random: u64, out: &mut Vec<Effect>) {
        if let Some(flight) = &self.flight
            && self.arrived.is_none()
            && is_lost(flight.since, now)
        {
            self.no_answer(flight.id, NoAnswer::TimedOut, now, random);
        }
        self.read_again(now, out);
        if let Some(storing) = &self.storing
            && is_lost(storing.since, now)
        {
            self.aborted(
                storing.id,
                "the transaction did not end".to_owned(),
                now,
                random,
                out,
            );
        }
    }

    fn show(&mut self, out: &mut Vec<Effect>) {
        let connection = self.connection();
        if self.shown.0 != Some(connection) {
            self.shown.0 = Some(connection);
            out.push(Effect::Notice(Notice::Connection(connection)));
        }
        let waiting = self.waiting();
        if self.shown.1 != Some(waiting) {
            self.shown.1 = Some(waiting);
            out.push(Effect::Notice(Notice::Waiting(waiting)));
        }
    }

    fn id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}

/// Whether what began then is not waited for any more, or the clock was set back by as much.
fn is_lost(since: Millis, now: Millis) -> bool {
    (now - since).abs() > WATCHDOG
}

/// The skew that is signed, of those measured: the median.
#[must_use]
pub fn median(samples: &[i64]) -> Option<i64> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}
