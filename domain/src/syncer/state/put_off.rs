//! What a restored server will take later, as entries of a service that it does not know yet: they are put off, so that they
//! hold up neither the rest nor the page, and offered again by and by. Where they are read from is stored, so that a page
//! opened anew goes on with them.

use std::collections::{HashSet, VecDeque};

use super::writes::put_state;
use super::{Flight, Syncer};
use crate::encoding::{Digest, Millis};
use crate::outbox::row::{Change, Store, Write, state_key};
use crate::syncer::page::Offer;
use crate::syncer::{Restore, backoff, rows};
use crate::wire::Verdict;

/// The offers that are put off.
pub(super) struct PutOff {
    /// Which part of the log they are in.
    pub(super) restore: Restore,
    /// None until they are read from the stored pages.
    offers: Option<VecDeque<Offer>>,
    next_try: Millis,
}

impl PutOff {
    pub(super) fn stored(restore: Restore) -> Self {
        Self {
            restore,
            offers: None,
            next_try: 0,
        }
    }

    /// Whether they are still to be read.
    pub(super) fn unread(&self) -> bool {
        self.offers.is_none()
    }

    fn due(&self, now: Millis) -> bool {
        // A clock set back holds nothing up.
        self.next_try <= now || self.next_try - now > backoff::MOST_OF_ONE
    }
}

impl Syncer {
    /// How many entries of others wait for the server to take them.
    #[must_use]
    pub fn offers_put_off(&self) -> usize {
        let offers = self.put_off.as_ref().and_then(|it| it.offers.as_ref());
        offers.map_or(0, VecDeque::len)
    }

    /// Puts off what the server will take later of what it was offered, and forgets that anything was put off once
    /// nothing is left.
    pub(super) fn put_off_later(
        &mut self,
        flight: &mut Flight,
        verdicts: &[Verdict],
        now: Millis,
        writes: &mut Vec<Write>,
    ) {
        let offers = std::mem::take(&mut flight.offers);
        if offers.is_empty() {
            return;
        }
        let verdicts = verdicts.iter().skip(flight.sent.len());
        let mut wait = 0;
        let mut later = Vec::new();
        for (offer, verdict) in offers.into_iter().zip(verdicts) {
            if let Verdict::Later { later: it, .. } = verdict {
                let after = i64::try_from(it.after).unwrap_or(i64::MAX);
                wait = wait.max(after.saturating_mul(1_000));
                later.push(offer);
            }
        }
        let vault = self.config.vault;
        if later.is_empty() {
            let none_left = self.put_off.as_ref().is_some_and(|it| {
                self.offering.is_none() && it.offers.as_ref().is_some_and(VecDeque::is_empty)
            });
            if none_left {
                self.put_off = None;
                let key = state_key(&vault, rows::PUT_OFF);
                writes.push(Write::new(Store::State, key, Change::Delete));
            }
            return;
        }
        let before = self.put_off.take();
        let of = self.offering.as_ref().map(|it| it.restore.clone());
        let Some(of) = of.or_else(|| before.as_ref().map(|it| it.restore.clone())) else {
            return;
        };
        let mut restore = Restore { heard: None, ..of };
        let mut offers = Some(VecDeque::new());
        if let Some(before) = before {
            restore = restore.and(&before.restore);
            offers = before.offers;
        }
        if let Some(offers) = &mut offers {
            offers.extend(later);
        }
        writes.push(put_state(&vault, rows::PUT_OFF, &restore));
        self.put_off = Some(PutOff {
            restore,
            offers,
            next_try: now + wait.clamp(backoff::LEAST, backoff::MOST_OF_ONE),
        });
    }

    /// What was put off is kept beyond the restore that it is of.
    pub(super) fn keep_put_off(&self, writes: &mut Vec<Write>) {
        if let Some(put_off) = &self.put_off {
            writes.push(put_state(
                &self.config.vault,
                rows::PUT_OFF,
                &put_off.restore,
            ));
        }
    }

    /// The offers as they were read, of which those of a restore that is dealt with are offered with it.
    pub(super) fn put_off_read(&mut self, offers: Vec<Offer>) {
        if let Some(put_off) = self.put_off.as_mut().filter(|it| it.unread()) {
            put_off.offers = Some(offers.into());
        }
    }

    /// These are offered otherwise.
    pub(super) fn no_longer_put_off(&mut self, offered: &HashSet<Digest>) {
        if let Some(offers) = self.put_off_queue() {
            offers.retain(|it| !offered.contains(&it.digest));
        }
    }

    /// Those that are due, the first first; none while a restore is dealt with.
    pub(super) fn due_again(&mut self, now: Millis) -> Option<&mut VecDeque<Offer>> {
        let idle = self.offering.is_none();
        let due = self.put_off.as_mut().filter(|it| idle && it.due(now))?;
        due.offers.as_mut()
    }

    /// When they are due; none where nothing is put off or a restore comes first.
    pub(super) fn put_off_until(&self) -> Option<Millis> {
        let put_off = self.put_off.as_ref().filter(|_| self.offering.is_none())?;
        let any = put_off.offers.as_ref().is_some_and(|it| !it.is_empty());
        any.then_some(put_off.next_try)
    }

    pub(super) fn put_off_back(&mut self, offers: Vec<Offer>) {
        if let Some(queue) = self.put_off_queue() {
            for offer in offers.into_iter().rev() {
                queue.push_front(offer);
            }
        }
    }

    /// All that are put off, due or not.
    pub(super) fn put_off_queue(&mut self) -> Option<&mut VecDeque<Offer>> {
        self.put_off.as_mut()?.offers.as_mut()
    }
}
