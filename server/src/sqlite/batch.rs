//! One batch of arrivals, judged one by one in its order. What most of them need is read once for all, and what is
//! appended and nothing more is written in rows of many.

use std::collections::{HashMap, HashSet};

use holdfast_domain::{
    body::{Body, Data},
    encoding::Millis,
    ids::{ServiceId, UserId},
    keys::{Certificate, key_id},
};

use super::{
    known::{Circumstances, Known},
    transaction::{ChainHead, Line, Result, Transaction, stands_for},
};
use crate::{
    accept::{
        Arrival, Decision, DeviceState, Facts, HeldBefore, How, KnownKey, Logged, Outcome, Reading,
        Signer, judge,
    },
    clock,
    store::{Batch, StoreError},
};

/// Quarantine holds at most so many entries of one sending device.
const HELD_ENTRIES: i64 = 500;
/// Quarantine holds at most so many bytes of one sending device.
const HELD_BYTES: i64 = 20 * 1024 * 1024;
/// Rows that one INSERT writes at most.
const TOGETHER: usize = 50;

/// A batch on its way into the log.
#[derive(Default)]
struct Run<'a> {
    known: Known,
    circumstances: Circumstances,
    /// Heads of chains as they are with the lines that are not written yet.
    chains: HashMap<ServiceId, ChainHead>,
    lines: Vec<Line<'a>>,
    stands: HashSet<(UserId, ServiceId)>,
    /// Something has changed what is known of the rest.
    stale: bool,
}

impl Transaction {
    /// Judges each arrival and does what was decided. Outcomes by position.
    pub async fn take(&mut self, batch: &Batch) -> Result<Vec<Outcome>> {
        let now = clock::now();
        if let (Some(device), Some(waiting)) = (batch.sender, &batch.waiting) {
            self.note_waiting(device, waiting, now).await?;
        }
        let mut run = Run {
            stale: true,
            ..Run::default()
        };
        let mut outcomes = Vec::with_capacity(batch.arrivals.len());
        for (at, arrival) in batch.arrivals.iter().enumerate() {
            if std::mem::take(&mut run.stale) {
                run.known = self.known(&batch.arrivals[at..]).await?;
            }
            outcomes.push(self.take_one(batch, arrival, now, &mut run).await?);
        }
        self.write(&mut run).await?;
        Ok(outcomes)
    }

    async fn take_one<'a>(
        &mut self,
        batch: &'a Batch,
        arrival: &'a Arrival,
        now: Millis,
        run: &mut Run<'a>,
    ) -> Result<Outcome> {
        let (facts, certificate) = self.facts(batch, arrival, now, run).await?;
        let id = arrival.head().map(|head| head.id);
        match judge(arrival, &facts) {
            Decision::Again(Logged { header, erased }) => {
                let (Some(head), Some(digest)) = (arrival.head(), arrival.digest()) else {
                    return Err(StoreError::Corrupt("an entry in the log without a head"));
                };
                Ok(Outcome::Filed {
                    id: head.id,
                    service: head.service,
                    digest,
                    header,
                    how: if erased { How::Erased } else { How::Before },
                })
            }
            Decision::StillHeld(HeldBefore {
                digest,
                code,
                reason,
            }) => Ok(Outcome::Held {
                id,
                digest,
                code,
                reason,
            }),
            Decision::Later { code, after } => Ok(Outcome::Later {
                id,
                code: code.to_owned(),
                after,
            }),
            Decision::Broken { blob } => Ok(Outcome::Broken { blob }),
            Decision::Hold(hold) => {
                self.write(run).await?;
                self.introduce(certificate.as_ref(), now).await?;
                let digest = self
                    .hold(batch, arrival, &hold, facts.service_known, now)
                    .await?;
                run.circumstances = Circumstances::default();
                run.known.was_held(HeldBefore {
                    digest,
                    code: hold.code.to_owned(),
                    reason: hold.reason.clone(),
                });
                Ok(Outcome::Held {
                    id,
                    digest,
                    code: hold.code.to_owned(),
                    reason: hold.reason,
                })
            }
            Decision::Append(append) => {
                let (Reading::Entry(entry), Some(digest)) = (&arrival.reading, arrival.digest())
                else {
                    return Err(StoreError::Corrupt("only an entry is appended"));
                };
                let erased = append.body.is_none();
                let alone = certificate.is_some()
                    || append.body.as_ref().is_some_and(|body| !is_plain(body));
                let header = if alone {
                    self.write(run).await?;
                    self.introduce(certificate.as_ref(), now).await?;
                    let header = self.append(entry, &append, now).await?;
                    run.circumstances = Circumstances::default();
                    run.stale = append.body.as_ref().is_some_and(touches_others);
                    header
                } else {
                    let chain = match run.chains.entry(entry.head.service) {
                        std::collections::hash_map::Entry::Occupied(chain) => chain.into_mut(),
                        std::collections::hash_map::Entry::Vacant(chain) => {
                            chain.insert(self.chain_head(entry.head.service).await?)
                        }
                    };
                    let line = Line::next(chain, entry, &append, now);
                    let header = line.header;
                    run.stands.extend(
                        stands_for(&entry.head, &append).map(|user| (user, entry.head.service)),
                    );
                    run.lines.push(line);
                    if run.lines.len() == TOGETHER {
                        self.insert(&run.lines).await?;
                        run.lines.clear();
                    }
                    header
                };
                run.known
                    .appended(&entry.head, digest, Logged { header, erased });
                Ok(Outcome::Filed {
                    id: entry.head.id,
                    service: entry.head.service,
                    digest,
                    header,
                    how: if erased { How::Erased } else { How::Now },
                })
            }
        }
    }

    /// Writes what the run has not written yet. What comes after reads the chains anew.
    async fn write(&mut self, run: &mut Run<'_>) -> Result<()> {
        if !run.lines.is_empty() {
            self.insert(&run.lines).await?;
            run.lines.clear();
        }
        for (service, chain) in run.chains.drain() {
            self.keep_chain_head(service, &chain).await?;
        }
        for (user, service) in run.stands.drain() {
            self.keep_stand(user, service).await?;
        }
        Ok(())
    }

    /// Everything that bears on an arrival, and the certificate that introduces its key if the key is new.
    async fn facts(
        &mut self,
        batch: &Batch,
        arrival: &Arrival,
        now: Millis,
        run: &mut Run<'_>,
    ) -> Result<(Facts, Option<Certificate>)> {
        let mut facts = Facts {
            provider: self.context().provider.id,
            now,
            logged: None,
            held: None,
            signer: Signer::Unknown,
            author_known: false,
            service_known: false,
            id_taken: false,
            erased: false,
            device: DeviceState::InUse,
            beacon_holds: false,
            tenures: Vec::new(),
            count_seen: false,
            full: false,
            sender: batch.sender,
            sent_at: batch.sent_at,
            first_received: 0,
        };
        let (known, seen) = (&run.known, &mut run.circumstances);
        let digest = arrival.digest();
        if let Some(digest) = &digest {
            facts.logged = known.logged(digest).cloned();
            if holdfast_domain::mutated!("no_dedup") {
                facts.logged = None;
            }
            if facts.logged.is_some() {
                return Ok((facts, None));
            }
            facts.held = known.held(digest).cloned();
        }
        if facts.held.is_none() {
            facts.held = known.held(&arrival.raw_digest()).cloned();
        }
        if facts.held.is_some() {
            return Ok((facts, None));
        }
        if let Some(device) = batch.sender {
            let (entries, bytes) = match seen.kept_aside {
                Some(kept) => kept,
                None => *seen.kept_aside.insert(self.kept_aside(device).await?),
            };
            let more = i64::try_from(arrival.bytes.len()).unwrap_or(i64::MAX / 2);
            facts.full = entries >= HELD_ENTRIES || bytes + more > HELD_BYTES;
        }
        let (Some(head), Some(digest)) = (arrival.head(), digest) else {
            return Ok((facts, None));
        };
        let where_and_who = (head.author, head.service, head.device);
        let place = match seen.places.get(&where_and_who) {
            Some(place) => *place,
            None => {
                let place = self.place(head).await?;
                seen.places.insert(where_and_who, place);
                place
            }
        };
        facts.author_known = place.author_known;
        facts.service_known = place.service_known;
        facts.device = place.device;
        let mut certificate = None;
        if head.key == self.context().author.id() {
            facts.signer = Signer::Server(self.context().author.public());
        } else {
            let enrolled = match seen.keys.get(&head.key) {
                Some(key) => key.clone(),
                None => {
                    let key = self.key(&head.key).await?;
                    seen.keys.insert(head.key, key.clone());
                    key
                }
            };
            let introduced = batch
                .certificates
                .iter()
                .find(|certificate| key_id(&certificate.public) == head.key);
            if let Some(enrolled) = enrolled {
                facts.signer = Signer::Known(enrolled);
            } else if let Some(found) = introduced {
                facts.signer = Signer::Known(KnownKey {
                    public: found.public,
                    user: found.user,
                    device: found.device,
                    enrolled: found.time,
                });
                certificate = Some(*found);
            }
        }
        facts.id_taken = known.id_taken(head.id, &digest);
        facts.erased = known.is_erased(&digest);
        facts.count_seen = known.count_seen(head);
        facts.beacon_holds = self.context().root.beacon_holds(head.device, &head.beacon);
        #[cfg(not(mutation))]
        let author = head.author;
        #[cfg(mutation)]
        let author = match holdfast_domain::mutated!("session_user_as_author") {
            true => self
                .user_of(batch.sender.unwrap_or(head.device))
                .await?
                .unwrap_or(head.author),
            false => head.author,
        };
        let right = (author, head.service);
        facts.tenures = match seen.tenures.get(&right) {
            Some(tenures) => tenures.clone(),
            None => {
                let tenures = self.tenures(author, head.service).await?;
                seen.tenures.insert(right, tenures.clone());
                tenures
            }
        };
        facts.first_received = batch.acknowledged.get(&digest).copied().unwrap_or(0);
        Ok((facts, certificate))
    }
}

#[cfg(mutation)]
impl Transaction {
    async fn user_of(&mut self, device: holdfast_domain::ids::DeviceId) -> Result<Option<UserId>> {
        sqlx::query("SELECT user FROM sessions WHERE device = ?")
            .bind(super::transaction::raw(device.uuid()))
            .fetch_optional(self.connection())
            .await?
            .map(|row| super::rows::id(&row, "user"))
            .transpose()
    }
}

/// Nothing is derived from it on the server: it is appended, and that is all.
fn is_plain(body: &Body) -> bool {
    match &body.data {
        Data::Mismatch(_)
        | Data::Note(_)
        | Data::Amendment(_)
        | Data::Acknowledgement(_)
        | Data::DeviceUse(_)
        | Data::PlanUpdate(_)
        | Data::Withdrawal(_)
        | Data::Confirmation(_)
        | Data::Reminder(_)
        | Data::HandOver(_)
        | Data::PlanQuestion(_)
        | Data::QuestionReply(_)
        | Data::WarningAnswer(_)
        | Data::Guidance(_)
        | Data::GuidanceRead(_)
        | Data::GuidanceWithdrawal(_)
        | Data::MismatchReview(_)
        | Data::MismatchCause(_)
        | Data::DeviceCheck(_)
        | Data::ActionDone(_)
        | Data::MismatchClose(_)
        | Data::Held(_) => true,
        Data::Service(_)
        | Data::Staff(_)
        | Data::Person(_)
        | Data::Medicine(_)
        | Data::Administrations(_)
        | Data::Visits(_)
        | Data::Device(_)
        | Data::Plan(_)
        | Data::Unlisted(_)
        | Data::Enrolment(_)
        | Data::Release(_)
        | Data::Erasure(_) => false,
    }
}

/// It moves or empties other entries.
fn touches_others(body: &Body) -> bool {
    matches!(body.data, Data::Release(_) | Data::Erasure(_))
}
