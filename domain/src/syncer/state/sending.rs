//! What comes next: the batch that is due, a pull, or a wait.

use super::{Asks, Flight, MOST_POLL, POLL, Syncer, WATCHDOG};
use crate::encoding::{Digest, Millis};
use crate::outbox::Standing;
use crate::syncer::page::Offer;
use crate::syncer::{BATCH_BYTES, Effect, PATH, Request, TIMEOUT, backoff};
use crate::wire::{SyncRequest, VERSION, WaitingReport};

impl Syncer {
    pub(super) fn go_on(&mut self, now: Millis, random: u64, out: &mut Vec<Effect>) {
        if self.flight.is_some() || self.reading() {
            out.push(timer(WATCHDOG + 1));
            return;
        }
        // A clock set back must not hold anything up for longer than any wait is.
        if self.resume_at - now > backoff::MOST + backoff::MOST_RETRY_AFTER {
            self.resume_at = now;
        }
        if self.pull_at - now > MOST_POLL {
            self.pull_at = now;
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
        let next = next_row.min(self.pull_at);
        let next = next.min(self.put_off_until().unwrap_or(Millis::MAX));
        let next = next.saturating_sub(now);
        out.push(timer(next.clamp(
            backoff::LEAST,
            backoff::between(POLL, MOST_POLL, random),
        )));
    }

    pub(super) fn next_flight(&mut self, now: Millis) -> Option<Flight> {
        // The steps of dealing with a restore follow one another, each stored before the next.
        if self.storing.is_some() && (self.offering.is_some() || self.restore_begins()) {
            return None;
        }
        let mut flight = Flight {
            id: 0,
            since: now,
            sent: Vec::new(),
            offers: Vec::new(),
            probe: false,
            asks: Asks::Page,
        };
        let page_taken = self.offering.as_ref().is_some_and(|it| it.page_taken);
        if self.suspect.is_some() {
            flight.probe = true;
        } else if !page_taken {
            flight.sent = self.batch(now);
            flight.offers = self.offer_batch(&flight.sent, now);
            // The answer that closes a restore has no entry of ours in it.
            let closing = self.offering.is_some();
            if flight.entries() == 0 && self.pull_at > now && !closing {
                return None;
            }
        }
        flight.asks = self.asks(&flight);
        flight.id = self.id();
        Some(flight)
    }

    /// The oldest that are due, within the limits. One that was not taken alone goes alone.
    pub(super) fn batch(&self, now: Millis) -> Vec<Digest> {
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

    pub(super) fn offer_batch(&mut self, sent: &[Digest], now: Millis) -> Vec<Offer> {
        let limit = self.limit;
        let queue = match &mut self.offering {
            Some(offering) => Some(&mut offering.offers),
            None => self.due_again(now),
        };
        let Some(queue) = queue.filter(|_| sent.is_empty()) else {
            return Vec::new();
        };
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some(offer) = queue.front() {
            bytes += offer.json.get().len() + 1;
            if !batch.is_empty() && (batch.len() >= limit || bytes > BATCH_BYTES) {
                break;
            }
            batch.extend(queue.pop_front());
        }
        batch
    }

    pub(super) fn request(&self, flight: &Flight, now: Millis) -> Request {
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
            cursor: self.cursor_for(flight.asks),
            waiting: WaitingReport {
                count: waiting.count as u64,
                oldest: waiting.oldest,
                n: self.highest.clone(),
            },
            certs: certificates.filter(|certificates| !certificates.is_empty()),
            receipts: self.receipts_for(flight),
            from: self.from(flight.asks),
            entries,
        };
        Request {
            id: flight.id,
            path: PATH,
            body: serde_json::to_string(&request).expect("a request has string keys alone"),
            timeout_ms: TIMEOUT,
        }
    }
}

fn timer(after: Millis) -> Effect {
    Effect::Timer {
        after_ms: u64::try_from(after).unwrap_or(0),
    }
}
