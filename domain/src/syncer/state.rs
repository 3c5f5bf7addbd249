//! The state machine: one request under way, one transaction at a time. The next request may
//! leave while the last answer is being stored; what it brings waits until that is complete.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use crate::encoding::{Blob, Digest, KeyId, Millis};
use crate::ids::LogId;
use crate::outbox::row::{Change, Durability, Field, Row, Store, Write, device_key, state_key};
use crate::outbox::{OwnEntry, Standing, outbox_key, sealed_json, standing_fields};
use crate::receipt::Code;
use crate::sealing::{Part, Purpose};
use crate::wire::{Keys, SyncRequest, VERSION, Verdict, WaitingReport};

use super::answer::{Believed, believe, items_by_place, proven};
use super::page::{Offer, page_key, pages_of, place};
use super::{
    Answer, BATCH_BYTES, BATCH_ENTRIES, Config, Connection, Effect, Event, NoAnswer, Notice, PATH,
    Request, Restore, Stored, TIMEOUT, Transaction, Waiting, Wakeup, backoff, rows,
};

/// Between two pulls when nothing else happens.
const POLL: Millis = 60_000;
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

/// An answer's transaction that is being stored.
struct Storing {
    id: u64,
    since: Millis,
    settled: Vec<(Digest, Standing, u32, Millis)>,
    notices: Vec<Notice>,
    cursor: Option<String>,
    log: Option<LogId>,
    restore: AfterRestore,
}

/// What a stored answer changes about a restore of the server.
enum AfterRestore {
    Same,
    Begun(Restore),
    Done,
}

/// A request under way.
struct Flight {
    id: u64,
    since: Millis,
    sent: Vec<Digest>,
    offers: Vec<Offer>,
    probe: bool,
}

impl Flight {
    fn entries(&self) -> usize {
        self.sent.len() + self.offers.len()
    }
}

/// What is known of a believed answer besides its words.
struct Heard {
    round_trip: i64,
    /// The entry whose probe this was.
    suspect: Option<(Digest, String)>,
}

/// How the last try ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Contact {
    None,
    Heard,
    NoNetwork,
    BadAnswer,
}

/// A restore of the server that is being dealt with.
struct Offering {
    restore: Restore,
    /// The pages are read; `offers` is what is left of them.
    read: bool,
    /// Since when they are being read.
    since: Millis,
    offers: VecDeque<Offer>,
    receipts: Vec<(Vec<u8>, Vec<Digest>)>,
}

impl Offering {
    fn new(restore: Restore, since: Millis) -> Self {
        Self {
            restore,
            read: false,
            since,
            offers: VecDeque::new(),
            receipts: Vec::new(),
        }
    }
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
            Contact::None => Connection::Offline,
            Contact::Heard | Contact::BadAnswer if waits > 0 => Connection::Retrying,
            Contact::BadAnswer => Connection::Offline,
            // Rows that wait again are still being read.
            Contact::Heard if self.offering.is_some() => Connection::Retrying,
            Contact::Heard if self.known.is_empty() => Connection::Online,
            Contact::Heard => Connection::AllSent,
        }
    }

    /// Takes one event and says what is to be done, in order. `now` is the device's clock,
    /// `random` any 64 random bits.
    pub fn handle(&mut self, event: Event, now: Millis, random: u64) -> Vec<Effect> {
        let mut out = Vec::new();
        match event {
            Event::Started => {}
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

    fn offers_read(&mut self, offers: Vec<Offer>, receipts: Vec<(Vec<u8>, Vec<Digest>)>) {
        let Some(offering) = &mut self.offering else {
            return;
        };
        // Own entries go as own rows, whose verdicts are kept.
        offering.offers = offers
            .into_iter()
            .filter(|offer| !self.known.contains_key(&offer.digest))
            .collect();
        offering.receipts = receipts;
        offering.read = true;
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
            && now - flight.since > WATCHDOG
        {
            self.no_answer(flight.id, NoAnswer::TimedOut, now, random);
        }
        if let Some(offering) = self.offering.as_mut().filter(|offering| !offering.read)
            && now - offering.since > WATCHDOG
        {
            offering.since = now;
            out.push(Effect::ReadOffers(offering.restore.clone()));
        }
        if let Some(storing) = &self.storing
            && now - storing.since > WATCHDOG
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

    // What came back.

    fn arrived(&mut self, answer: Answer, now: Millis, random: u64, out: &mut Vec<Effect>) {
        if self
            .flight
            .as_ref()
            .is_none_or(|flight| flight.id != answer.request)
        {
            return;
        }
        if self.storing.is_some() {
            self.arrived = Some(answer);
            return;
        }
        let Some(flight) = self.flight.take() else {
            return;
        };
        self.answered(flight, answer, now, random, out);
    }

    fn answered(
        &mut self,
        flight: Flight,
        answer: Answer,
        now: Millis,
        random: u64,
        out: &mut Vec<Effect>,
    ) {
        // Only a believed answer to the probe is a word against the one entry.
        let suspect = self.suspect.take_if(|_| flight.probe);
        match answer.status {
            200 => match believe(
                answer.content_type.as_deref(),
                &answer.body,
                flight.entries(),
            ) {
                Some(believed) if fits(&flight, &believed, &self.known, &self.waiting) => {
                    let heard = Heard {
                        round_trip: answer.round_trip,
                        suspect,
                    };
                    self.believed(flight, believed, heard, now, random, out);
                }
                _ => {
                    self.put_back(flight);
                    self.back_off(Contact::BadAnswer, now, random);
                }
            },
            401 => {
                self.contact = Contact::BadAnswer;
                self.resume_at = now + NO_SESSION;
                self.held_by_server = false;
                self.put_back(flight);
                if !self.signed_out {
                    self.signed_out = true;
                    out.push(Effect::Notice(Notice::NeedsSignIn));
                }
            }
            429 | 503 => {
                self.put_back(flight);
                self.back_off(Contact::BadAnswer, now, random);
                if let Some(seconds) = answer.retry_after {
                    let asked = i64::try_from(seconds)
                        .unwrap_or(i64::MAX)
                        .saturating_mul(1_000);
                    self.resume_at += asked.min(backoff::MOST_RETRY_AFTER);
                    self.held_by_server = true;
                }
            }
            413 if flight.entries() > 0 => self.too_much(flight, "413", now, random, out),
            400 | 422 | 500 if flight.entries() > 0 => {
                self.not_taken(flight, answer.status, now, random)
            }
            _ => {
                self.put_back(flight);
                self.back_off(Contact::BadAnswer, now, random);
            }
        }
    }

    fn no_answer(&mut self, request: u64, why: NoAnswer, now: Millis, random: u64) {
        let Some(flight) = self.flight.take_if(|flight| flight.id == request) else {
            return;
        };
        self.arrived = None;
        if flight.probe {
            self.suspect = None;
        }
        let contact = match why {
            NoAnswer::Network => Contact::NoNetwork,
            NoAnswer::TimedOut => {
                // A slow network brings less through in the time there is.
                self.limit = (flight.entries() / 2).max(1);
                Contact::BadAnswer
            }
        };
        self.put_back(flight);
        self.back_off(contact, now, random);
    }

    fn back_off(&mut self, contact: Contact, now: Millis, random: u64) {
        self.contact = contact;
        self.resume_at = now + backoff::wait(self.attempt, random);
        self.attempt = self.attempt.saturating_add(1);
        self.held_by_server = false;
    }

    /// Other people's entries that were under way are offered again; own ones wait in their rows.
    fn put_back(&mut self, flight: Flight) {
        if let Some(offering) = &mut self.offering {
            for offer in flight.offers.into_iter().rev() {
                offering.offers.push_front(offer);
            }
        }
    }

    /// 413: half as many next time; one alone waits by itself and is said to need attention.
    fn too_much(
        &mut self,
        flight: Flight,
        code: &str,
        now: Millis,
        random: u64,
        out: &mut Vec<Effect>,
    ) {
        self.contact = Contact::Heard;
        if flight.entries() > 1 {
            self.limit = flight.entries() / 2;
            self.put_back(flight);
        } else if let Some(digest) = flight.sent.first() {
            self.stuck(*digest, code.to_owned(), now, random, out);
        }
    }

    /// 400 or 500 on a batch: halve it down to one. One alone is under suspicion until a pull
    /// shows that the server works.
    fn not_taken(&mut self, flight: Flight, status: u16, now: Millis, random: u64) {
        if flight.entries() > 1 {
            self.limit = flight.entries() / 2;
            self.put_back(flight);
            return;
        }
        match flight.sent.first() {
            Some(digest) => self.suspect = Some((*digest, status.to_string())),
            // Somebody else's entry that is not taken is left to others.
            None => self.back_off(Contact::BadAnswer, now, random),
        }
    }

    fn stuck(
        &mut self,
        digest: Digest,
        code: String,
        now: Millis,
        random: u64,
        out: &mut Vec<Effect>,
    ) {
        let Some(entry) = self
            .known
            .get(&digest)
            .and_then(|known| self.waiting.get(&known.place))
        else {
            return;
        };
        let tries = entry.tries.saturating_add(1);
        let next_try = now + backoff::wait_of_one(tries - 1, random);
        self.settle(
            vec![(digest, Standing::Stuck { code }, tries, next_try)],
            Vec::new(),
            now,
            out,
        );
    }

    /// Stores what became of own entries, apart from an answer's page.
    fn settle(
        &mut self,
        settled: Vec<(Digest, Standing, u32, Millis)>,
        notices: Vec<Notice>,
        now: Millis,
        out: &mut Vec<Effect>,
    ) {
        let writes = settled
            .iter()
            .map(|(digest, standing, tries, next_try)| {
                merge(digest, standing, None, *tries, *next_try)
            })
            .collect();
        let storing = Storing {
            id: 0,
            since: now,
            settled,
            notices,
            cursor: None,
            log: None,
            restore: AfterRestore::Same,
        };
        self.store(storing, writes, out);
    }

    fn store(&mut self, mut storing: Storing, writes: Vec<Write>, out: &mut Vec<Effect>) {
        storing.id = self.id();
        self.settling
            .extend(storing.settled.iter().map(|(digest, ..)| *digest));
        out.push(Effect::Transaction(Transaction {
            id: storing.id,
            durability: Durability::Relaxed,
            writes,
        }));
        self.storing = Some(storing);
    }

    fn believed(
        &mut self,
        flight: Flight,
        answer: Believed<'_>,
        heard: Heard,
        now: Millis,
        random: u64,
        out: &mut Vec<Effect>,
    ) {
        self.contact = Contact::Heard;
        self.signed_out = false;
        self.attempt = 0;
        self.resume_at = now;
        self.held_by_server = false;
        if flight.entries() > 0 {
            self.limit = (self.limit * 2).min(BATCH_ENTRIES);
        }
        let vault = self.config.vault;
        let mut writes = Vec::new();
        let mut notices = Vec::new();

        self.measure(answer.now + heard.round_trip / 2 - now);
        writes.push(put_state(&vault, rows::SKEW, &self.skew));
        writes.push(put_device("beacon", &answer.beacon));
        notices.push(Notice::Contact {
            beacon: answer.beacon,
            skew: self.skew(),
            at: now,
        });
        if let Some(keys) = &answer.keys {
            self.learn(keys, &mut writes);
        }

        let mut settled = self.verdicts(&flight, &answer, now, random, &mut writes);
        if let Some((digest, code)) = heard.suspect
            && let Some(entry) = self
                .known
                .get(&digest)
                .and_then(|known| self.waiting.get(&known.place))
        {
            let tries = entry.tries.saturating_add(1);
            let next_try = now + backoff::wait_of_one(tries - 1, random);
            settled.push((digest, Standing::Stuck { code }, tries, next_try));
            if let Some((digest, standing, tries, next_try)) = settled.last() {
                writes.push(merge(digest, standing, None, *tries, *next_try));
            }
        }

        let mut storing = Storing {
            id: 0,
            since: now,
            settled,
            notices,
            cursor: None,
            log: None,
            restore: AfterRestore::Same,
        };
        if self.takes_page(&answer, &mut storing, &mut writes) {
            self.page(&answer, &mut storing, &mut writes, now, random);
        }
        if let Some(wipe) = &answer.wipe
            && wipe.holds(&self.config.root, self.config.device)
            && self.waiting.len()
                == storing
                    .settled
                    .iter()
                    .filter(|(_, standing, ..)| !standing.waits())
                    .count()
        {
            storing.notices.push(Notice::Wiped);
        }
        self.store(storing, writes, out);
    }

    /// The verdicts of own entries, by position, and the receipt that proves them.
    fn verdicts(
        &mut self,
        flight: &Flight,
        answer: &Believed<'_>,
        now: Millis,
        random: u64,
        writes: &mut Vec<Write>,
    ) -> Vec<(Digest, Standing, u32, Millis)> {
        let receipt = answer
            .receipt
            .as_ref()
            .and_then(|bytes| Some((bytes, proven(bytes, &self.keys)?)));
        let proof = receipt
            .as_ref()
            .and_then(|(_, receipt)| items_by_place(receipt, &answer.verdicts));
        if let Some((bytes, _)) = receipt.filter(|_| proof.is_some()) {
            writes.push(put_receipt(bytes, &self.config, now));
        }
        let mut settled = Vec::new();
        for (place, (digest, verdict)) in flight.sent.iter().zip(&answer.verdicts).enumerate() {
            let Some(entry) = self
                .known
                .get(digest)
                .and_then(|known| self.waiting.get(&known.place))
            else {
                continue;
            };
            let item = proof.as_ref().and_then(|places| places[place]);
            let tries = entry.tries.saturating_add(1);
            let (standing, code, tries, next_try) = match (verdict, item) {
                (Verdict::Later { later, .. }, _) => {
                    let after = i64::try_from(later.after)
                        .unwrap_or(i64::MAX)
                        .saturating_mul(1_000);
                    (
                        entry.standing.clone(),
                        None,
                        tries,
                        now + after.clamp(backoff::LEAST, backoff::MOST_OF_ONE),
                    )
                }
                // It came damaged: the server's word is for other bytes than these.
                (_, Some((named, _))) if named != *digest => (
                    entry.standing.clone(),
                    None,
                    tries,
                    now + backoff::wait_of_one(tries - 1, random),
                ),
                (verdict, item) => {
                    let code = item.map_or_else(|| code_of(verdict), |(_, code)| code as u8);
                    (Standing::Final(verdict.clone()), Some(code), 0, 0)
                }
            };
            writes.push(merge(digest, &standing, code, tries, next_try));
            settled.push((*digest, standing, tries, next_try));
        }
        settled
    }

    /// Whether this answer's page and cursor are taken, or a restore comes first.
    fn takes_page(
        &mut self,
        answer: &Believed<'_>,
        storing: &mut Storing,
        writes: &mut Vec<Write>,
    ) -> bool {
        let other_log = self.log.is_some_and(|log| log != answer.log);
        let asked = (other_log || answer.rewound.is_some())
            .then(|| Restore::new(answer.log, answer.rewound.as_deref()));
        let vault = self.config.vault;
        match (&self.offering, asked) {
            (None, None) => true,
            (Some(offering), asked)
                if asked
                    .as_ref()
                    .is_none_or(|asked| offering.restore.covers(asked)) =>
            {
                let done = offering.read && offering.offers.is_empty();
                if done {
                    writes.push(Write::new(
                        Store::State,
                        state_key(&vault, rows::RESTORE),
                        Change::Delete,
                    ));
                    writes.push(put_state(&vault, rows::EPOCH, &(self.epoch + 1)));
                    self.epoch += 1;
                    storing.restore = AfterRestore::Done;
                }
                done
            }
            (_, Some(restore)) => {
                writes.push(put_state(&vault, rows::RESTORE, &restore));
                let settled: HashSet<Digest> =
                    storing.settled.iter().map(|(digest, ..)| *digest).collect();
                for (digest, known) in &self.known {
                    if known.is_final && !settled.contains(digest) {
                        writes.push(merge(digest, &Standing::Again, None, 0, 0));
                        storing.notices.push(Notice::Own {
                            digest: *digest,
                            standing: Standing::Again,
                        });
                    }
                }
                storing.restore = AfterRestore::Begun(restore);
                false
            }
            (Some(_), None) => false,
        }
    }

    /// The page and its cursor, in the answer's one transaction.
    fn page(
        &mut self,
        answer: &Believed<'_>,
        storing: &mut Storing,
        writes: &mut Vec<Write>,
        now: Millis,
        random: u64,
    ) {
        let vault = self.config.vault;
        for service in answer.rescope.iter().flatten() {
            writes.push(Write::new(
                Store::Pages,
                pages_of(&vault, *service),
                Change::DeleteUnder,
            ));
            storing.notices.push(Notice::Dropped { service: *service });
        }
        let text = answer.entries.get();
        let found = place(text);
        if let Some((service, first_seq)) = found {
            let row = Row::new()
                .with(
                    "sealed",
                    Field::Sealed(Purpose::Log, text.as_bytes().to_vec()),
                )
                .with("log", Field::Text(answer.log.to_string()));
            writes.push(Write::new(
                Store::Pages,
                page_key(&vault, service, first_seq, self.epoch),
                Change::Put(row),
            ));
            storing.notices.push(Notice::Page {
                text: text.to_owned(),
            });
        }
        writes.push(put_state(&vault, rows::CURSOR, &answer.cursor));
        if self.log != Some(answer.log) {
            writes.push(put_state(&vault, rows::LOG, &answer.log));
            writes.push(put_device("log", &answer.log));
            storing.log = Some(answer.log);
        }
        // More, unless the server says so without anything new: that would go round for ever.
        let more = answer.more
            && (found.is_some() || self.cursor.as_deref() != Some(answer.cursor.as_str()));
        if more {
            self.pull_at = now;
        } else {
            self.pull_at = now + backoff::between(POLL, POLL * 3 / 2, random);
            if !self.up_to_date {
                storing.notices.push(Notice::UpToDate);
            }
        }
        storing.cursor = Some(answer.cursor.clone());
        self.cursor = Some(answer.cursor.clone());
    }

    fn measure(&mut self, skew: i64) {
        self.skew.push(skew);
        if self.skew.len() > 5 {
            self.skew.remove(0);
        }
    }

    fn learn(&mut self, keys: &Keys, writes: &mut Vec<Write>) {
        let news = self
            .keys
            .iter()
            .all(|own| own.receipt != keys.receipt || own.outbox != keys.outbox);
        if news && keys.holds(&self.config.root) {
            self.keys.push(*keys);
            writes.push(put_state(&self.config.vault, rows::KEYS, &self.keys));
        }
    }

    // What was stored.

    fn committed(&mut self, transaction: u64, now: Millis, random: u64, out: &mut Vec<Effect>) {
        let Some(storing) = self.storing.take_if(|storing| storing.id == transaction) else {
            return;
        };
        if let AfterRestore::Begun(_) = storing.restore {
            for known in self.known.values_mut() {
                known.is_final = false;
            }
        }
        for (digest, standing, tries, next_try) in storing.settled {
            self.settling.remove(&digest);
            let Some(known) = self.known.get_mut(&digest) else {
                continue;
            };
            known.is_final = !standing.waits();
            if known.is_final {
                self.waiting.remove(&known.place);
            } else if let Some(entry) = self.waiting.get_mut(&known.place) {
                entry.standing = standing.clone();
                entry.tries = tries;
                entry.next_try = next_try;
            }
            out.push(Effect::Notice(Notice::Own { digest, standing }));
        }
        for notice in storing.notices {
            self.up_to_date |= matches!(notice, Notice::UpToDate);
            out.push(Effect::Notice(notice));
        }
        if storing.cursor.is_some() {
            self.stored_cursor = storing.cursor;
        }
        if storing.log.is_some() {
            self.log = storing.log;
        }
        match storing.restore {
            AfterRestore::Same => {}
            AfterRestore::Done => self.offering = None,
            AfterRestore::Begun(restore) => {
                out.push(Effect::ReadOwn);
                self.offering = Some(Offering::new(restore, 0));
            }
        }
        if let Some(answer) = self.arrived.take() {
            self.arrived(answer, now, random, out);
        }
    }

    /// Nothing of the transaction is there: what was sent is sent again, what came is asked
    /// for again, and an answer to a request made on top of it is not used.
    fn aborted(
        &mut self,
        transaction: u64,
        reason: String,
        now: Millis,
        random: u64,
        out: &mut Vec<Effect>,
    ) {
        let Some(storing) = self.storing.take_if(|storing| storing.id == transaction) else {
            return;
        };
        for (digest, ..) in &storing.settled {
            self.settling.remove(digest);
        }
        if matches!(storing.restore, AfterRestore::Done) {
            self.epoch -= 1;
        }
        self.cursor.clone_from(&self.stored_cursor);
        self.arrived = None;
        if let Some(flight) = self.flight.take() {
            self.put_back(flight);
        }
        self.pull_at = now;
        self.back_off(self.contact, now, random);
        out.push(Effect::Notice(Notice::NotStored { reason }));
    }

    // What comes next.

    fn go_on(&mut self, now: Millis, random: u64, out: &mut Vec<Effect>) {
        if self.flight.is_some() || self.reading() {
            out.push(timer(WATCHDOG + 1));
            return;
        }
        // A clock set back must not hold anything up for longer than any wait is.
        if self.resume_at - now > backoff::MOST + backoff::MOST_RETRY_AFTER {
            self.resume_at = now;
        }
        if self.resume_at > now {
            out.push(timer(self.resume_at - now));
            return;
        }
        if let Some(flight) = self.next_flight(now) {
            let request = self.request(&flight, now);
            out.push(Effect::Request(request));
            self.flight = Some(flight);
            out.push(timer(WATCHDOG + 1));
            return;
        }
        let next_row = self
            .waiting
            .values()
            .filter(|entry| !self.settling.contains(&entry.digest));
        let next_row = next_row
            .map(|entry| entry.next_try)
            .min()
            .unwrap_or(Millis::MAX);
        let next = next_row.min(self.pull_at).saturating_sub(now);
        out.push(timer(next.clamp(
            backoff::LEAST,
            backoff::between(POLL, POLL * 3 / 2, random),
        )));
    }

    /// Rows of a restore are being read; no request goes until they are there.
    fn reading(&self) -> bool {
        self.offering
            .as_ref()
            .is_some_and(|offering| !offering.read)
    }

    fn next_flight(&mut self, now: Millis) -> Option<Flight> {
        // The steps of dealing with a restore follow one another, each stored before the next.
        if self.storing.is_some() && self.offering.is_some() {
            return None;
        }
        let mut flight = Flight {
            id: 0,
            since: now,
            sent: Vec::new(),
            offers: Vec::new(),
            probe: false,
        };
        if self.suspect.is_some() {
            flight.probe = true;
        } else {
            flight.sent = self.batch(now);
            flight.offers = self.offer_batch(&flight.sent);
            // The answer that closes a restore has no entry of ours in it.
            let closing = self.offering.is_some();
            if flight.entries() == 0 && self.pull_at > now && !closing {
                return None;
            }
        }
        flight.id = self.id();
        Some(flight)
    }

    /// The oldest that are due, within the limits. One that was not taken alone goes alone.
    fn batch(&self, now: Millis) -> Vec<Digest> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        for entry in self.waiting.values() {
            let far = entry.next_try - now > backoff::MOST_OF_ONE;
            if self.settling.contains(&entry.digest) || (entry.next_try > now && !far) {
                continue;
            }
            let alone = matches!(entry.standing, Standing::Stuck { .. });
            let size = entry.json.get().len() + 1;
            let full = batch.len() >= self.limit || bytes + size > BATCH_BYTES;
            if !batch.is_empty() && (alone || full) {
                if full {
                    break;
                }
                continue;
            }
            batch.push(entry.digest);
            bytes += size;
            if alone {
                break;
            }
        }
        batch
    }

    fn offer_batch(&mut self, sent: &[Digest]) -> Vec<Offer> {
        let Some(offering) = &mut self.offering else {
            return Vec::new();
        };
        if !sent.is_empty() {
            return Vec::new();
        }
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(offer) = offering.offers.front() {
            bytes += offer.json.get().len() + 1;
            if !batch.is_empty() && (batch.len() >= self.limit || bytes > BATCH_BYTES) {
                break;
            }
            batch.extend(offering.offers.pop_front());
        }
        batch
    }

    fn request(&self, flight: &Flight, now: Millis) -> Request {
        let own = flight
            .sent
            .iter()
            .filter_map(|digest| self.waiting.get(&self.known.get(digest)?.place));
        let entries: Vec<_> = own
            .map(|entry| entry.json.clone())
            .chain(flight.offers.iter().map(|offer| offer.json.clone()))
            .collect();
        let waiting = self.waiting();
        let certificates = (!entries.is_empty()).then(|| self.config.certificates.clone());
        let request = SyncRequest {
            v: VERSION,
            device: self.config.device,
            sent_at: now,
            app: self.config.app.clone(),
            cursor: self.cursor.clone(),
            waiting: WaitingReport {
                count: waiting.count as u64,
                oldest: waiting.oldest,
                n: self.highest.clone(),
            },
            certs: certificates.filter(|certificates| !certificates.is_empty()),
            receipts: self.receipts_for(flight),
            entries,
        };
        Request {
            id: flight.id,
            path: PATH,
            body: serde_json::to_string(&request).expect("a request has string keys alone"),
            timeout_ms: TIMEOUT,
        }
    }

    /// The receipts kept for what is offered again: the server recognises its earlier word.
    fn receipts_for(&self, flight: &Flight) -> Option<Vec<Blob>> {
        let offering = self.offering.as_ref()?;
        let sent: HashSet<Digest> = flight
            .sent
            .iter()
            .copied()
            .chain(flight.offers.iter().map(|offer| offer.digest))
            .collect();
        let named = offering
            .receipts
            .iter()
            .filter(|(_, digests)| digests.iter().any(|digest| sent.contains(digest)));
        let receipts: Vec<Blob> = named.map(|(bytes, _)| Blob(bytes.clone())).collect();
        (!receipts.is_empty()).then_some(receipts)
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

/// Whether each verdict is of the entry sent in its place, where it names one.
fn fits(
    flight: &Flight,
    answer: &Believed<'_>,
    known: &HashMap<Digest, Known>,
    waiting: &BTreeMap<Place, OwnEntry>,
) -> bool {
    flight
        .sent
        .iter()
        .zip(&answer.verdicts)
        .all(|(digest, verdict)| {
            let entry = known
                .get(digest)
                .and_then(|known| waiting.get(&known.place));
            let named = match verdict {
                Verdict::Filed { id, .. } => Some(*id),
                Verdict::Refused { id, .. } | Verdict::Later { id, .. } => *id,
            };
            named.is_none_or(|named| entry.is_none_or(|entry| entry.id == named))
        })
}

fn code_of(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Refused { refused, .. } if refused.code == "broken" => Code::Broken as u8,
        Verdict::Refused { .. } | Verdict::Later { .. } => Code::Held as u8,
        Verdict::Filed { .. } => Code::Accepted as u8,
    }
}

fn merge(
    digest: &Digest,
    standing: &Standing,
    code: Option<u8>,
    tries: u32,
    next_try: Millis,
) -> Write {
    Write::new(
        Store::Outbox,
        outbox_key(digest),
        Change::Merge(standing_fields(standing, code, tries, next_try)),
    )
}

fn put_state(vault: &crate::outbox::VaultId, name: &str, value: &impl serde::Serialize) -> Write {
    let row = Row::new().with("sealed", sealed_json(Purpose::State, value));
    Write::new(Store::State, state_key(vault, name), Change::Put(row))
}

/// A device row, readable while locked: its value as JSON text.
fn put_device(name: &str, value: &impl serde::Serialize) -> Write {
    let text = serde_json::to_string(value).expect("device rows have string keys alone");
    Write::new(
        Store::Device,
        device_key(name),
        Change::Put(Row::new().with("value", Field::Text(text))),
    )
}

fn put_receipt(receipt: &Blob, config: &Config, now: Millis) -> Write {
    let key = vec![Part::Bytes(
        crate::encoding::sha256(&[&receipt.0]).0.to_vec(),
    )];
    let row = Row::new()
        .with("receipt", Field::Bytes(receipt.0.clone()))
        .with("time", Field::Number(now))
        .with("by", Field::Text(config.vault.to_string()));
    Write::new(Store::Receipts, key, Change::Put(row))
}

fn timer(after: Millis) -> Effect {
    Effect::Timer {
        after_ms: u64::try_from(after).unwrap_or(0),
    }
}

fn median(samples: &[i64]) -> Option<i64> {
    let mut sorted = samples.to_vec();
    sorted.sort_unstable();
    sorted.get(sorted.len() / 2).copied()
}
