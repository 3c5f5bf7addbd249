//! What is being stored, and what follows when it is stored or is not.

use super::Syncer;
use super::put_off::PutOff;
use super::restoring::Offering;
use super::writes::merge;
use crate::encoding::{Digest, Millis};
use crate::ids::LogId;
use crate::outbox::Standing;
use crate::outbox::row::{Durability, Write};
use crate::syncer::{Effect, Notice, Restore, Transaction};

/// What became of one own entry: its standing, how often it was not taken, and when it is due.
pub(super) type Settled = (Digest, Standing, u32, Millis);

/// An answer's transaction that is being stored.
pub(super) struct Storing {
    pub(super) id: u64,
    pub(super) since: Millis,
    pub(super) settled: Vec<Settled>,
    pub(super) notices: Vec<Notice>,
    pub(super) cursor: Option<String>,
    pub(super) log: Option<LogId>,
    pub(super) restore: AfterRestore,
}

/// What a stored answer changes about a restore of the server.
pub(super) enum AfterRestore {
    Same,
    Begun(Restore),
    /// Still under way, with what this answer acknowledged.
    Heard(Restore),
    PageTaken(Restore),
    Done,
}

impl Syncer {
    /// Stores what became of own entries, apart from an answer's page.
    pub(super) fn settle(
        &mut self,
        settled: Vec<Settled>,
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

    pub(super) fn store(
        &mut self,
        mut storing: Storing,
        writes: Vec<Write>,
        out: &mut Vec<Effect>,
    ) {
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

    pub(super) fn committed(
        &mut self,
        transaction: u64,
        now: Millis,
        random: u64,
        out: &mut Vec<Effect>,
    ) {
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
            AfterRestore::Heard(restore) => {
                if let Some(offering) = &mut self.offering {
                    offering.restore = restore;
                }
            }
            AfterRestore::PageTaken(restore) => {
                if let Some(offering) = &mut self.offering {
                    offering.restore = restore;
                    offering.page_taken = true;
                }
            }
            AfterRestore::Done => {
                self.offering = None;
                if self.put_off.as_ref().is_some_and(PutOff::unread) {
                    self.receipts_wanted(now, out);
                }
            }
            AfterRestore::Begun(restore) => {
                out.push(Effect::Notice(Notice::Rewound(restore.clone())));
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
    pub(super) fn aborted(
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
        if matches!(storing.restore, AfterRestore::PageTaken(_)) {
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
}
