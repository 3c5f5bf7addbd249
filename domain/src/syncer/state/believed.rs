//! A believed answer: verdicts by position, the page and its cursor, a restore of the server, all in
//! one transaction.

use std::collections::{BTreeMap, HashMap};

use super::storing::{AfterRestore, Settled, Storing};
use super::writes::{merge, put_device, put_receipt, put_state};
use super::{Contact, Flight, Known, MOST_POLL, POLL, Place, Syncer};
use crate::encoding::{Digest, Millis};
use crate::outbox::row::{Change, Field, Row, Store, Write};
use crate::outbox::{OwnEntry, Standing};
use crate::receipt::Code;
use crate::sealing::Purpose;
use crate::syncer::answer::{Believed, items_by_place, proven};
use crate::syncer::page::{page_key, pages_of, place};
use crate::syncer::{BATCH_ENTRIES, Effect, Notice, backoff, checkpoint, rows};
use crate::wire::{Keys, Verdict};

/// What is known of a believed answer besides its words.
pub(super) struct Heard {
    pub(super) round_trip: i64,
    /// The entry whose probe this was.
    pub(super) suspect: Option<(Digest, String)>,
}

impl Syncer {
    pub(super) fn believed(
        &mut self,
        mut flight: Flight,
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
        let offered = !flight.offers.is_empty();
        self.put_off_later(&mut flight, &answer.verdicts, now, &mut writes);
        if let Some((digest, _)) = &heard.suspect {
            self.offer_refused(digest);
        }
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
        if self.takes_page(flight.asks, &answer, &mut storing, &mut writes) {
            self.page(&answer, &mut storing, &mut writes, now, random);
        } else if offered && self.offering.is_none() {
            // What was taken of it comes with a page that it was not brought for.
            self.pull_at = now;
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
        #[cfg(mutation)]
        if crate::mutated!("cursor_before_page") && storing.cursor.is_some() {
            out.push(Effect::Transaction(crate::syncer::Transaction {
                id: 0,
                durability: crate::outbox::row::Durability::Relaxed,
                writes: vec![put_state(&vault, rows::CURSOR, &answer.cursor)],
            }));
        }
        self.store(storing, writes, out);
    }

    /// The verdicts of own entries, by position, and the receipt that proves them.
    pub(super) fn verdicts(
        &mut self,
        flight: &Flight,
        answer: &Believed<'_>,
        now: Millis,
        random: u64,
        writes: &mut Vec<Write>,
    ) -> Vec<Settled> {
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
                #[cfg(mutation)]
                (verdict, None) if crate::mutated!("final_on_later") => {
                    (Standing::Final(verdict.clone()), None, 0, 0)
                }
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

    /// The page and its cursor, in the answer's one transaction.
    pub(super) fn page(
        &mut self,
        answer: &Believed<'_>,
        storing: &mut Storing,
        writes: &mut Vec<Write>,
        now: Millis,
        random: u64,
    ) {
        let vault = self.config.vault;
        for service in answer.rescope.iter().flatten() {
            if crate::mutated!("rescope_ignored") {
                break;
            }
            writes.push(Write::new(
                Store::Pages,
                pages_of(&vault, *service),
                Change::DeleteUnder,
            ));
            writes.extend(checkpoint::dropped(&vault, random));
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
            let key = page_key(&vault, service, first_seq, self.epoch);
            writes.extend(checkpoint::marks(&vault, &key, random));
            writes.push(Write::new(Store::Pages, key, Change::Put(row)));
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
        if found.is_some() {
            storing.notices.push(Notice::Page {
                text: text.to_owned(),
                more,
            });
        }
        if more {
            self.pull_at = now;
        } else {
            self.pull_at = now + backoff::between(POLL, MOST_POLL, random);
            if !self.up_to_date {
                storing.notices.push(Notice::UpToDate);
            }
        }
        storing.cursor = Some(answer.cursor.clone());
        self.cursor = Some(answer.cursor.clone());
    }

    pub(super) fn measure(&mut self, skew: i64) {
        self.skew.push(skew);
        if self.skew.len() > 5 {
            self.skew.remove(0);
        }
    }

    pub(super) fn learn(&mut self, keys: &Keys, writes: &mut Vec<Write>) {
        let news = self
            .keys
            .iter()
            .all(|own| own.receipt != keys.receipt || own.outbox != keys.outbox);
        if news && keys.holds(&self.config.root) {
            self.keys.push(*keys);
            writes.push(put_state(&self.config.vault, rows::KEYS, &self.keys));
        }
    }
}

/// Whether each verdict is of the entry sent in its place, where it names one.
pub(super) fn fits(
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
