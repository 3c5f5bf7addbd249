//! What came back: an answer that is believed, one that says wait, one that blames an entry, or none.

use super::believed::{Heard, fits};
use super::{Contact, Flight, NO_SESSION, Syncer};
use crate::encoding::{Digest, Millis};
use crate::outbox::Standing;
use crate::syncer::answer::believe;
use crate::syncer::{Answer, Effect, NoAnswer, Notice, backoff};

impl Syncer {
    pub(super) fn arrived(
        &mut self,
        answer: Answer,
        now: Millis,
        random: u64,
        out: &mut Vec<Effect>,
    ) {
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

    pub(super) fn answered(
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
                #[cfg(mutation)]
                _ if crate::mutated!("drop_on_any_200") && self.storing.is_none() => {
                    let gone = |digest: &Digest| {
                        let id = crate::ids::EntryId::from(uuid::Uuid::nil());
                        let verdict = crate::wire::Verdict::Filed {
                            id,
                            seq: 1,
                            received: now,
                            first_received: 0,
                            carrier: None,
                            flags: crate::chain::Flags::default(),
                        };
                        (*digest, Standing::Final(verdict), 0, 0)
                    };
                    let settled = flight.sent.iter().map(gone).collect();
                    self.settle(settled, Vec::new(), now, out);
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
            400 | 422 | 500 if flight.entries() > 0 => self.not_taken(flight, answer.status),
            _ => {
                self.put_back(flight);
                self.back_off(Contact::BadAnswer, now, random);
            }
        }
    }

    pub(super) fn no_answer(&mut self, request: u64, why: NoAnswer, now: Millis, random: u64) {
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
                if flight.entries() > 0 {
                    self.limit = (flight.entries() / 2).max(1);
                }
                Contact::BadAnswer
            }
        };
        self.put_back(flight);
        self.back_off(contact, now, random);
    }

    pub(super) fn back_off(&mut self, contact: Contact, now: Millis, random: u64) {
        self.contact = contact;
        let most = match contact {
            Contact::NoNetwork => backoff::MOST_WITHOUT_NETWORK,
            _ => backoff::MOST,
        };
        self.resume_at = now + backoff::wait(self.attempt, most, random);
        self.attempt = self.attempt.saturating_add(1);
        self.held_by_server = false;
    }

    /// Other people's entries that were under way are offered again; own ones wait in their rows.
    pub(super) fn put_back(&mut self, flight: Flight) {
        if let Some(offering) = &mut self.offering {
            for offer in flight.offers.into_iter().rev() {
                offering.offers.push_front(offer);
            }
        } else {
            self.put_off_back(flight.offers);
        }
    }

    /// 413: half as many next time; one alone waits by itself and is said to need attention, or is offered again where it is
    /// somebody else's.
    pub(super) fn too_much(
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
        } else if let Some(digest) = flight.offers.first().map(|offer| offer.digest) {
            self.put_back(flight);
            self.offer_refused(&digest);
        }
    }

    /// 400 or 500 on a batch: halve it down to one. One alone is under suspicion until a pull
    /// shows that the server works.
    pub(super) fn not_taken(&mut self, flight: Flight, status: u16) {
        if flight.entries() > 1 {
            self.limit = flight.entries() / 2;
            self.put_back(flight);
            return;
        }
        let offered = flight.offers.first().map(|offer| &offer.digest);
        if let Some(digest) = flight.sent.first().or(offered) {
            self.suspect = Some((*digest, status.to_string()));
        }
        self.put_back(flight);
    }

    pub(super) fn stuck(
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
}
