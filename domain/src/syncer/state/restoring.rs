//! A restored server is given back what it lost (PROTOCOL 4). While that goes on, no page is taken: it would be of a
//! log that is not whole yet. So nothing of what is acknowledged meanwhile is covered by the cursor where the phone
//! stands, and each request asks, by the cursor of the newest answer, whether that still stands: the server may be
//! restored again. Then a page is taken, and one request more asks the same once the page is stored.

use std::collections::{HashSet, VecDeque};

use super::storing::{AfterRestore, Storing};
use super::writes::{merge, put_state};
use super::{Asks, Flight, Syncer, is_lost};
use crate::encoding::{Blob, Digest, Millis};
use crate::outbox::Standing;
use crate::outbox::row::{Change, Store, Write, state_key};
use crate::syncer::answer::Believed;
use crate::syncer::page::Offer;
use crate::syncer::{Effect, Notice, Restore, rows};
use crate::wire::Rewound;

/// An offer that a server which works has not taken so often, alone, is left to other phones: until all is offered no page
/// is taken.
pub(super) const REFUSALS: u32 = 8;

/// A restore of the server that is being dealt with.
pub(super) struct Offering {
    pub(super) restore: Restore,
    /// The pages are read; `offers` is what is left of them.
    read: bool,
    /// Since when they are being read.
    since: Millis,
    pub(super) offers: VecDeque<Offer>,
    /// All is offered and the page after it is stored.
    pub(super) page_taken: bool,
}

impl Offering {
    pub(super) fn new(restore: Restore, since: Millis) -> Self {
        Self {
            restore,
            read: false,
            since,
            offers: VecDeque::new(),
            page_taken: false,
        }
    }
}

/// The server's earlier word for what is sent again.
#[derive(Default)]
pub(super) struct Receipts {
    /// Each with the digests it names.
    kept: Vec<(Vec<u8>, Vec<Digest>)>,
    /// Since when they are being read for rows that a restore left waiting before this page was loaded.
    wanted: Option<(Restore, Millis)>,
}

impl Syncer {
    /// What is asked for where rows of an earlier restore still wait to be sent again, or offers are put off, and are not
    /// read yet.
    pub(super) fn receipts_wanted(&mut self, now: Millis, out: &mut Vec<Effect>) {
        let again = self
            .waiting
            .values()
            .any(|entry| matches!(entry.standing, Standing::Again | Standing::Stuck { .. }));
        let put_off = self.put_off.as_ref().filter(|it| it.unread());
        if let (true, None, Some(log)) = (again || put_off.is_some(), &self.offering, self.log) {
            let rewound = put_off.map_or(Some(Vec::new()), |it| it.restore.rewound.clone());
            let restore = Restore {
                log,
                rewound,
                heard: None,
            };
            self.receipts.wanted = Some((restore.clone(), now));
            out.push(Effect::ReadOffers(restore));
        }
    }

    pub(super) fn offers_read(
        &mut self,
        offers: Vec<Offer>,
        receipts: Vec<(Vec<u8>, Vec<Digest>)>,
    ) {
        self.receipts = Receipts {
            kept: receipts,
            wanted: None,
        };
        // Own entries go as own rows, whose verdicts are kept.
        let others = offers.into_iter();
        let others = others.filter(|offer| !self.known.contains_key(&offer.digest));
        let offers: Vec<Offer> = others.collect();
        let Some(offering) = &mut self.offering else {
            return self.put_off_read(offers);
        };
        let digests = offers.iter().map(|it| it.digest).collect();
        offering.offers = offers.into();
        offering.read = true;
        self.no_longer_put_off(&digests);
    }

    /// The server works, and did not take this offer alone. It may have come damaged, and perhaps no other phone has it,
    /// so it is offered again, after the others.
    pub(super) fn offer_refused(&mut self, digest: &Digest) {
        let times = self.refused.entry(*digest).or_default();
        *times += 1;
        let times = *times;
        let queue = match &mut self.offering {
            Some(offering) => Some(&mut offering.offers),
            None => self.put_off_queue(),
        };
        let Some(queue) = queue else { return };
        let at = queue.iter().position(|it| it.digest == *digest);
        if let Some(offer) = at.and_then(|at| queue.remove(at))
            && times < REFUSALS
        {
            queue.push_back(offer);
        }
    }

    /// A read that brought nothing is asked for again; at the start, for the first time.
    pub(super) fn read_again(&mut self, now: Millis, out: &mut Vec<Effect>) {
        let offering = self.offering.as_mut().filter(|offering| !offering.read);
        let reading = match offering {
            Some(offering) => Some((&offering.restore, &mut offering.since)),
            None => self
                .receipts
                .wanted
                .as_mut()
                .map(|(restore, since)| (&*restore, since)),
        };
        if let Some((restore, since)) = reading
            && is_lost(*since, now)
        {
            *since = now;
            out.push(Effect::ReadOffers(restore.clone()));
        }
    }

    /// Rows are being read that a request needs; none goes until they are there.
    pub(super) fn reading(&self) -> bool {
        self.receipts.wanted.is_some()
            || self
                .offering
                .as_ref()
                .is_some_and(|offering| !offering.read)
    }

    /// The server lacks what it once had, and that is being stored.
    pub(super) fn restore_begins(&self) -> bool {
        let restore = self.storing.as_ref().map(|storing| &storing.restore);
        matches!(restore, Some(AfterRestore::Begun(_)))
    }

    /// What the next request asks with its cursor.
    pub(super) fn asks(&self, flight: &Flight) -> Asks {
        match &self.offering {
            // A page leaves out what its request brought, and nothing else confirms what others wrote.
            None if !flight.offers.is_empty() => Asks::Standing,
            None => Asks::Page,
            Some(offering) => {
                let whole = offering.read && offering.offers.is_empty();
                let brings = flight.entries() > 0 || flight.probe;
                // A page leaves out what its request brought, so the one that ends a restore is of a request that
                // brought nothing: else the last offers would never be confirmed.
                if whole
                    && (!brings || crate::mutated!("last_offers_unconfirmed"))
                    && !offering.page_taken
                {
                    Asks::Page
                } else {
                    Asks::Standing
                }
            }
        }
    }

    pub(super) fn cursor_for(&self, asks: Asks) -> Option<String> {
        let heard = || self.offering.as_ref()?.restore.heard.clone();
        match asks {
            Asks::Page => self.cursor.clone(),
            Asks::Standing => heard().or_else(|| self.cursor.clone()),
        }
    }

    /// The page after a restore begins where the first unconfirmed entry may be. The cursor's own fork may lie higher,
    /// where it was another cursor that told of the restore.
    pub(super) fn from(&self, asks: Asks) -> Option<Vec<Rewound>> {
        let offering = self.offering.as_ref().filter(|_| asks == Asks::Page)?;
        let services = offering.restore.rewound.iter().flatten();
        Some(
            services
                .map(|(service, to)| Rewound {
                    service: *service,
                    to: *to,
                })
                .collect(),
        )
    }

    /// The receipts kept for what is sent again: the server recognises its earlier word.
    pub(super) fn receipts_for(&self, flight: &Flight) -> Option<Vec<Blob>> {
        let offered = flight.offers.iter().map(|offer| offer.digest);
        let sent: HashSet<Digest> = flight.sent.iter().copied().chain(offered).collect();
        let named = self
            .receipts
            .kept
            .iter()
            .filter(|(_, digests)| digests.iter().any(|digest| sent.contains(digest)));
        let named = named.filter(|_| !crate::mutated!("receipts_kept_back"));
        let receipts: Vec<Blob> = named.map(|(bytes, _)| Blob(bytes.clone())).collect();
        (!receipts.is_empty()).then_some(receipts)
    }

    /// Whether this answer's page and cursor are taken, or a restore comes first.
    pub(super) fn takes_page(
        &mut self,
        asks: Asks,
        answer: &Believed<'_>,
        storing: &mut Storing,
        writes: &mut Vec<Write>,
    ) -> bool {
        let Some(offering) = &self.offering else {
            let other_log = self.log.is_some_and(|log| log != answer.log);
            if other_log || answer.rewound.is_some() {
                let rewound = answer.rewound.as_deref();
                let restore = Restore::new(answer.log, rewound, &answer.cursor);
                self.begin_restore(restore, storing, writes);
                return false;
            }
            return asks == Asks::Page;
        };
        let known = &offering.restore;
        let asked = Restore::new(answer.log, answer.rewound.as_deref(), &answer.cursor);
        let news = match (&answer.rewound, asks) {
            _ if answer.log != known.log => true,
            (None, _) => false,
            (Some(_), _) if crate::mutated!("second_restore_unseen") => false,
            (Some(_), Asks::Standing) if known.heard.is_some() => true,
            (Some(_), _) => !known.covers(&asked),
        };
        if news {
            let restore = asked.and(known);
            self.begin_restore(restore, storing, writes);
            return false;
        }
        let vault = self.config.vault;
        if asks == Asks::Page {
            self.epoch += 1;
            writes.push(put_state(&vault, rows::EPOCH, &self.epoch));
            let ended = Restore {
                heard: None,
                ..known.clone()
            };
            if !crate::mutated!("restores_forgotten") {
                writes.push(put_state(&vault, &rows::restore_before(self.epoch), &ended));
            }
            // From here on nothing is unconfirmed by it; what was acknowledged is still to be asked for.
            let restore = Restore {
                rewound: Some(Vec::new()),
                ..known.clone()
            };
            writes.push(put_state(&vault, rows::RESTORE, &restore));
            storing.restore = AfterRestore::PageTaken(restore);
            return true;
        }
        if offering.page_taken {
            writes.push(Write::new(
                Store::State,
                state_key(&vault, rows::RESTORE),
                Change::Delete,
            ));
            self.keep_put_off(writes);
            storing.restore = AfterRestore::Done;
        } else {
            let restore = Restore {
                heard: asked.heard,
                ..known.clone()
            };
            writes.push(put_state(&vault, rows::RESTORE, &restore));
            storing.restore = AfterRestore::Heard(restore);
        }
        false
    }

    fn begin_restore(&mut self, restore: Restore, storing: &mut Storing, writes: &mut Vec<Write>) {
        writes.push(put_state(&self.config.vault, rows::RESTORE, &restore));
        let settled: HashSet<Digest> = storing.settled.iter().map(|(digest, ..)| *digest).collect();
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
    }
}
