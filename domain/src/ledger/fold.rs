//! How one entry changes what is derived. An entry leaves marks in the indexes; to change an entry is
//! to take its marks away, change it, and set its marks again, so the indexes depend only on what is in.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::order::{Order, Tie, Version};
use super::record::{AmendmentView, Delivery, Record, RecordData, Seen};
use super::updates::Given;
use super::{InLog, Ledger, Meta, OnPhone, PendingState, Said, ThingKey};
use crate::body::{Amended, Body, BodyError, Data, Kind, Screen};
use crate::chain::{Flags, Header};
use crate::encoding::{Digest, Millis};
use crate::ids::{DeviceId, EntryId, SubjectId, UserId};
use crate::sort::sort_by_key;

/// One place in the indexes that an entry is found under.
pub(super) enum Mark {
    Record {
        at: Millis,
    },
    Newer,
    Amends(EntryId, Order),
    SeenBy {
        record: EntryId,
        by: UserId,
        at: Millis,
    },
    Corrects(EntryId),
    Uses(DeviceId, Order),
    Version(ThingKey, Version),
    StaffOf(UserId, ThingKey),
    Held(Digest),
    Released(Digest),
    Erases(Vec<EntryId>),
    Updates(SubjectId),
    Withdraws {
        update: EntryId,
        at: Millis,
    },
    Answers((EntryId, Screen), Given),
    Reminds {
        of: (EntryId, Screen),
        at: Millis,
    },
    HandsOver {
        at: Millis,
    },
    Step(EntryId, Order),
    Guidance,
    Checks(EntryId),
    Warned {
        about: EntryId,
        at: Millis,
    },
}

#[derive(Clone, Copy)]
enum Change {
    Set,
    TakeAway,
}

impl Said {
    pub(super) fn read(text: &str) -> Said {
        match Body::parse(text) {
            Ok(body) => Said::Body(Box::new(body)),
            Err(BodyError::UnknownKind(kind)) => Said::Newer { kind },
            // The server checked it, so a newer version may read what this one cannot.
            Err(BodyError::Invalid(_)) => Said::Newer {
                kind: String::new(),
            },
        }
    }

    pub(super) fn data(&self) -> Option<&Data> {
        match self {
            Said::Body(body) => Some(&body.data),
            Said::Newer { .. } | Said::Erased => None,
        }
    }

    /// What is written about the log itself is never erased by it, so no erasure can hide another and
    /// the fold has no circles.
    fn outlasts_erasure(&self) -> bool {
        matches!(self, Said::Body(body) if matches!(body.kind(), Kind::Erasure | Kind::Held | Kind::Release))
    }
}

impl InLog {
    /// The same entry heard of twice. Symmetric, so that the order does not matter.
    pub(super) fn merged_with(&self, other: InLog) -> InLog {
        let rank = |entry: &InLog| {
            let header = &entry.header;
            (
                header.received,
                header.seq,
                header.first_received,
                header.flags.0,
                entry.meta.digest,
            )
        };
        let erased = self.said == Said::Erased || other.said == Said::Erased;
        // A header that has come again after a rewind is the server's word now.
        let mut merged = if !self.unconfirmed && rank(self) >= rank(&other) {
            self.clone()
        } else {
            other
        };
        merged.unconfirmed = false;
        if erased {
            merged.said = Said::Erased;
        }
        merged
    }
}

impl Ledger {
    /// Changes what is known of entry `id`, and all that is derived from it.
    pub(super) fn change(&mut self, id: EntryId, how: impl FnOnce(&mut Ledger)) {
        for mark in self.marks(id) {
            self.apply(id, &mark, Change::TakeAway);
        }
        how(self);
        for mark in self.marks(id) {
            self.apply(id, &mark, Change::Set);
        }
    }

    /// The log's copy, where it counts: not one that a restored server has lost, once it has given its word on our own.
    fn logged(&self, id: EntryId) -> Option<&InLog> {
        let entry = self.log.get(&id)?;
        let own = self.own.get(&id).map(|own| &own.state);
        let answered = matches!(
            own,
            Some(PendingState::Held { .. } | PendingState::Filed(_))
        );
        (!entry.unconfirmed || !answered).then_some(entry)
    }

    /// The entry as it counts: the log's copy, else the phone's; erased where an erasure lists it.
    pub(super) fn entry(&self, id: EntryId) -> Option<(&Meta, &Said)> {
        let (meta, said) = match (self.logged(id), self.own.get(&id)) {
            (Some(entry), _) => (&entry.meta, &entry.said),
            (None, Some(entry)) => (&entry.meta, &entry.said),
            (None, None) => return None,
        };
        if self.is_erased(meta, said) {
            return Some((meta, &Said::Erased));
        }
        Some((meta, said))
    }

    pub(super) fn body(&self, id: EntryId) -> Option<&Body> {
        match self.entry(id)? {
            (_, Said::Body(body)) => Some(body),
            _ => None,
        }
    }

    fn is_erased(&self, meta: &Meta, said: &Said) -> bool {
        if said.outlasts_erasure() {
            return false;
        }
        self.erasures.get(&meta.id).is_some_and(|by| {
            by.iter().any(|erasure| {
                self.log
                    .get(erasure)
                    .is_some_and(|it| it.meta.service == meta.service)
            })
        })
    }

    pub(super) fn header(&self, id: EntryId) -> Option<Header> {
        match (self.logged(id), self.own.get(&id)) {
            (Some(entry), _) => Some(entry.header),
            (
                None,
                Some(OnPhone {
                    state: PendingState::Filed(header),
                    ..
                }),
            ) => Some(*header),
            _ => None,
        }
    }

    /// Where the entry is on its way, and whether it is being sent again.
    pub(super) fn delivery(&self, id: EntryId) -> (Delivery, bool) {
        let own = self.own.get(&id);
        if let Some(entry) = self.logged(id) {
            let lost = entry.unconfirmed
                || own.is_some_and(|own| own.state == PendingState::AgainBeing)
                    && !entry.header.flags.has(Flags::AGAIN);
            return if lost {
                (Delivery::Saved, true)
            } else {
                (Delivery::sent(&entry.header), false)
            };
        }
        let Some(own) = own else {
            return (Delivery::Saved, false);
        };
        match &own.state {
            PendingState::Filed(header) => (Delivery::sent(header), false),
            PendingState::Held { code, reason } => (
                Delivery::NeedsAttention {
                    code: code.clone(),
                    reason: reason.clone(),
                },
                false,
            ),
            // The server's own entry says it is held, though the verdict never came.
            _ if self.is_held(&own.meta.digest) => (
                Delivery::NeedsAttention {
                    code: self.held_code(&own.meta.digest),
                    reason: String::new(),
                },
                false,
            ),
            PendingState::Waiting => (Delivery::Saved, false),
            PendingState::AgainBeing => (Delivery::Saved, true),
            PendingState::Stuck { code } => (
                Delivery::NeedsAttention {
                    code: format!("later:{code}"),
                    reason: String::new(),
                },
                false,
            ),
        }
    }

    /// Whether quarantine keeps the entry with this digest, and nobody has released it.
    pub(super) fn is_held(&self, digest: &Digest) -> bool {
        self.held.contains_key(digest) && !self.released.contains_key(digest)
    }

    fn held_code(&self, digest: &Digest) -> String {
        let codes = self
            .held
            .get(digest)
            .into_iter()
            .flatten()
            .filter_map(|id| match &self.body(*id)?.data {
                Data::Held(held) => Some(held.code.clone()),
                _ => None,
            });
        codes.min().unwrap_or_default()
    }

    pub(super) fn order(&self, meta: &Meta) -> Order {
        let header = self.header(meta.id);
        Order {
            on_phone_only: header.is_none(),
            received: header.map_or(0, |it| it.received),
            seq: header.map_or(0, |it| it.seq),
            made: meta.made,
            tie: self.tie(meta.id),
            id: meta.id,
        }
    }

    #[cfg(not(mutation))]
    fn tie(&self, id: EntryId) -> Tie {
        id
    }

    #[cfg(mutation)]
    fn tie(&self, id: EntryId) -> Tie {
        if !crate::mutated!("arrival_order") {
            return (0, id);
        }
        let log = self.log.get(&id).map(|entry| entry.arrival);
        let own = self.own.get(&id).map(|entry| entry.arrival);
        (log.or(own).unwrap_or_default(), id)
    }

    fn marks(&self, id: EntryId) -> Vec<Mark> {
        let Some((meta, said)) = self.entry(id) else {
            return Vec::new();
        };
        let body = match said {
            Said::Body(body) => body,
            Said::Erased if meta.by_the_server() => return Vec::new(),
            Said::Erased => return vec![Mark::Record { at: meta.at() }],
            Said::Newer { .. } if meta.by_the_server() => return vec![Mark::Newer],
            Said::Newer { .. } => return vec![Mark::Newer, Mark::Record { at: meta.at() }],
        };
        let counts = || !matches!(self.delivery(id).0, Delivery::NeedsAttention { ref code, .. } if !code.starts_with("later:"));
        match &body.data {
            Data::Mismatch(_) | Data::Note(_) => {
                let mut marks = vec![Mark::Record { at: meta.at() }];
                if let Some(held) = body.about {
                    marks.push(Mark::Corrects(EntryId::from(held)));
                }
                marks
            }
            Data::PlanQuestion(_) => vec![Mark::Record { at: meta.at() }],
            Data::Amendment(it) => vec![Mark::Amends(it.amends, self.order(meta))],
            Data::Acknowledgement(it) if counts() => {
                let received = self.header(id).map_or(Millis::MAX, |it| it.first());
                vec![Mark::SeenBy {
                    record: it.entry,
                    by: meta.author,
                    at: meta.at().min(received),
                }]
            }
            data if data.step_of().is_some() => {
                let Some(of) = data.step_of().filter(|_| counts()) else {
                    return Vec::new();
                };
                let mut marks = vec![Mark::Step(of, self.order(meta))];
                match data {
                    Data::Guidance(_) => marks.push(Mark::Guidance),
                    Data::DeviceCheck(it) => {
                        marks.push(Mark::Checks(it.update.unwrap_or_else(EntryId::nil)))
                    }
                    _ => {}
                }
                marks
            }
            Data::DeviceUse(_) if counts() => vec![Mark::Uses(meta.device, self.order(meta))],
            Data::PlanUpdate(it) if counts() => vec![Mark::Updates(it.plan)],
            Data::Withdrawal(it) if counts() => vec![Mark::Withdraws {
                update: it.update,
                at: self.given_at(id),
            }],
            Data::Confirmation(it) if counts() => {
                let given = Given {
                    at: self.given_at(id),
                    id,
                    by: meta.author,
                    answer: it.answer,
                    method: it.method,
                    received: self.header(id).map_or(Millis::MAX, |it| it.first()),
                };
                vec![Mark::Answers((it.update, it.device), given)]
            }
            Data::Reminder(it) if counts() => vec![Mark::Reminds {
                of: (it.update, it.device),
                at: self.given_at(id),
            }],
            Data::HandOver(_) if counts() => vec![Mark::HandsOver {
                at: self.given_at(id),
            }],
            Data::WarningAnswer(it) if counts() => {
                let at = self.given_at(id);
                let about: BTreeSet<EntryId> = it.warnings.iter().map(|it| it.about).collect();
                let marks = about.into_iter().map(|about| Mark::Warned { about, at });
                marks.collect()
            }
            // The server's word on it is enough: its pages leave out what this phone has sent.
            Data::Release(it) if self.header(id).is_some() => vec![Mark::Released(it.digest)],
            // What follows is the server's own, or an administrator's word, and counts from the log.
            _ => self
                .logged(id)
                .map_or_else(Vec::new, |entry| self.marks_from_the_log(entry, body)),
        }
    }

    fn marks_from_the_log(&self, entry: &InLog, body: &Body) -> Vec<Mark> {
        let id = entry.meta.id;
        let version = |kind: Kind, thing: Uuid| {
            let key = (kind, thing, entry.meta.service);
            Mark::Version(
                key,
                Version {
                    seq: entry.header.seq,
                    tie: self.tie(id),
                    id,
                },
            )
        };
        let thing = |own: Uuid| version(body.kind(), body.about.unwrap_or(own));
        match &body.data {
            Data::Service(_) => vec![version(Kind::Service, entry.meta.service.uuid())],
            Data::Staff(it) => {
                let key = (
                    Kind::Staff,
                    body.about.unwrap_or(it.user.uuid()),
                    entry.meta.service,
                );
                vec![version(key.0, key.1), Mark::StaffOf(it.user, key)]
            }
            Data::Person(it) => vec![thing(it.person.uuid())],
            Data::Medicine(it) => vec![thing(it.medicine.uuid())],
            Data::Administrations(it) => vec![thing(it.person.uuid())],
            Data::Visits(it) => vec![thing(it.person.uuid())],
            Data::Device(it) => vec![thing(it.device.uuid())],
            Data::Plan(it) => vec![thing(it.plan.uuid())],
            // A service is the only one of its kind in its chain, whatever id the import gave it.
            Data::Unlisted(it) if it.kind == Kind::Service => {
                vec![version(Kind::Service, entry.meta.service.uuid())]
            }
            Data::Unlisted(it) => vec![version(it.kind, it.of)],
            Data::Held(it) => vec![Mark::Held(it.digest)],
            Data::Erasure(it) => vec![Mark::Erases(it.ids.clone())],
            _ => Vec::new(),
        }
    }

    fn apply(&mut self, id: EntryId, mark: &Mark, change: Change) {
        self.kept.outdate(id, mark);
        match mark {
            Mark::Record { at } => {
                if let Some(was) = self.record_times.remove(&id) {
                    self.records.remove(&(was, id));
                }
                if let (Change::Set, Some(record)) = (change, self.build_record(id)) {
                    self.record_times.insert(id, *at);
                    self.records.insert((*at, id), Box::new(record));
                }
            }
            Mark::Newer => put(&mut self.newer, id, change),
            Mark::Step(of, order) => put_under(&mut self.steps, *of, *order, change),
            Mark::Guidance => put(&mut self.guidance, id, change),
            Mark::Warned { about, at } => put_under(&mut self.warned, *about, (*at, id), change),
            Mark::Checks(update) => put_under(&mut self.checks, *update, id, change),
            Mark::Amends(record, order) => {
                put_under(&mut self.amendments, *record, *order, change);
                self.amend_record(*record, *order, change);
            }
            Mark::SeenBy { record, by, at } => {
                let by_user = self.seen.entry(*record).or_default();
                put_under(by_user, *by, (*at, id), change);
                if by_user.is_empty() {
                    self.seen.remove(record);
                }
                let seen = self.seen_list(*record);
                if let Some(record) = self.record_mut(*record) {
                    record.seen = seen;
                }
            }
            Mark::Corrects(held) => {
                put_under(&mut self.corrections, *held, id, change);
                let corrected_by = self.corrected_by(*held);
                if let Some(record) = self.record_mut(*held) {
                    record.sent_again = corrected_by.is_some();
                    record.corrected_by = corrected_by;
                }
            }
            Mark::Uses(device, order) => put_under(&mut self.device_uses, *device, *order, change),
            Mark::Version(key, version) => put_under(&mut self.things, *key, *version, change),
            Mark::StaffOf(user, key) => match change {
                Change::Set => put_under(&mut self.staff_by_user, *user, *key, change),
                // Another version of the same thing may name the same user.
                Change::TakeAway if !self.names(*key, *user) => {
                    put_under(&mut self.staff_by_user, *user, *key, change);
                }
                Change::TakeAway => {}
            },
            Mark::Held(digest) => self.judge(*digest, id, change, |ledger| &mut ledger.held),
            Mark::Released(digest) => {
                self.judge(*digest, id, change, |ledger| &mut ledger.released)
            }
            Mark::Updates(plan) => put_under(&mut self.updates, *plan, id, change),
            Mark::Withdraws { update, at } => {
                put_under(&mut self.withdrawals, *update, (*at, id), change);
            }
            Mark::Answers(of, given) => put_under(&mut self.answers, *of, *given, change),
            Mark::Reminds { of, at } => put_under(&mut self.reminders, *of, (*at, id), change),
            Mark::HandsOver { at } => put(&mut self.hand_overs, (*at, id), change),
            Mark::Erases(targets) => {
                for target in targets {
                    let outlasts = self
                        .log
                        .get(target)
                        .is_some_and(|entry| entry.said.outlasts_erasure());
                    if outlasts {
                        // Its marks stay as they are, and one of them may be the one set here.
                        put_under(&mut self.erasures, *target, id, change);
                    } else {
                        self.change(*target, |ledger| {
                            put_under(&mut ledger.erasures, *target, id, change)
                        });
                    }
                }
            }
        }
    }

    /// Changes what the log says of the entry with this digest, which may be one of ours.
    fn judge(
        &mut self,
        digest: Digest,
        id: EntryId,
        change: Change,
        index: impl FnOnce(&mut Ledger) -> &mut BTreeMap<Digest, BTreeSet<EntryId>>,
    ) {
        // An entry that is in the log counts from there, whatever is said of this copy of it.
        let own = self.own_by_digest.get(&digest).copied();
        match own.filter(|own| !self.log.contains_key(own)) {
            Some(own) => self.change(own, |ledger| {
                put_under(index(ledger), digest, id, change);
            }),
            None => put_under(index(self), digest, id, change),
        }
    }

    fn names(&self, key: ThingKey, user: UserId) -> bool {
        let versions = self.things.get(&key).into_iter().flatten();
        versions
            .filter_map(|version| self.body(version.id))
            .any(|body| matches!(&body.data, Data::Staff(it) if it.user == user))
    }

    /// What its author sent a held record again as. Nobody else's entry takes it out of its author's sight.
    fn corrected_by(&self, held: EntryId) -> Option<EntryId> {
        let corrections = self.corrections.get(&held)?.iter().copied();
        let author = |id| self.entry(id).map(|(meta, _)| meta.author);
        let by = author(held)?;
        corrections.filter(|id| author(*id) == Some(by)).max()
    }

    /// Who has seen an entry, a record or a correction of one: each once with the first time, earliest first.
    pub(super) fn seen_list(&self, entry: EntryId) -> Vec<Seen> {
        let Some(seen) = self.seen.get(&entry) else {
            return Vec::new();
        };
        let author = self.entry(entry).map(|(meta, _)| meta.author);
        let mut list: Vec<Seen> = seen
            .iter()
            // To read one's own record is not to have it seen.
            .filter(|(by, _)| Some(**by) != author)
            .filter_map(|(by, times)| times.first().map(|(at, _)| Seen { by: *by, at: *at }))
            .collect();
        sort_by_key(&mut list, |seen| (seen.at, seen.by));
        list
    }

    fn record_mut(&mut self, id: EntryId) -> Option<&mut Record> {
        let made = *self.record_times.get(&id)?;
        let record = self.records.get_mut(&(made, id))?;
        Some(record)
    }

    fn build_record(&self, id: EntryId) -> Option<Record> {
        let (meta, said) = self.entry(id)?;
        let data = record_data(said);
        let (delivery, again) = self.delivery(id);
        let own = self.own.get(&id);
        let conflict = own
            .filter(|own| own.meta.digest != meta.digest)
            .map(|own| Box::new(record_data(&own.said)));
        let corrected_by = self.corrected_by(id);
        Some(Record {
            id,
            service: meta.service,
            author: meta.author,
            device: meta.device,
            n: meta.n,
            made: meta.made,
            skew: meta.skew,
            data,
            delivery,
            again,
            saved: own.map(|own| own.saved),
            amendments: self
                .amendments
                .get(&id)
                .into_iter()
                .flatten()
                .filter_map(|order| self.amendment(*order))
                .collect(),
            seen: self.seen_list(id),
            sent_again: corrected_by.is_some(),
            corrected_by,
            conflict,
        })
    }

    fn amendment(&self, order: Order) -> Option<AmendmentView> {
        let (meta, said) = self.entry(order.id)?;
        let Some(Data::Amendment(amendment)) = said.data() else {
            return None;
        };
        let (delivery, again) = self.delivery(order.id);
        Some(AmendmentView {
            id: order.id,
            by: meta.author,
            made: meta.made,
            skew: meta.skew,
            received: self.header(order.id).map(|header| header.received),
            reason: amendment.reason.clone(),
            data: match &amendment.record {
                Amended::Mismatch(it) => RecordData::Mismatch(it.clone()),
                Amended::Note(it) => RecordData::Note(it.clone()),
            },
            delivery,
            again,
            order,
        })
    }

    fn amend_record(&mut self, record: EntryId, order: Order, change: Change) {
        if !self.record_times.contains_key(&record) {
            return;
        }
        let view = match change {
            Change::Set => self.amendment(order),
            Change::TakeAway => None,
        };
        let Some(record) = self.record_mut(record) else {
            return;
        };
        match view {
            Some(view) => {
                let at = record.amendments.partition_point(|it| it.order < order);
                record.amendments.insert(at, view);
            }
            None => record.amendments.retain(|it| it.order != order),
        }
    }
}

fn record_data(said: &Said) -> RecordData {
    match said {
        Said::Body(body) => match &body.data {
            Data::Mismatch(it) => RecordData::Mismatch(it.clone()),
            Data::Note(it) => RecordData::Note(it.clone()),
            Data::PlanQuestion(it) => RecordData::Question(it.clone()),
            other => RecordData::Newer {
                kind: other.kind().as_str().to_owned(),
            },
        },
        Said::Newer { kind } => RecordData::Newer { kind: kind.clone() },
        Said::Erased => RecordData::Erased,
    }
}

fn put<T: Ord>(set: &mut BTreeSet<T>, item: T, change: Change) {
    match change {
        Change::Set => set.insert(item),
        Change::TakeAway => set.remove(&item),
    };
}

/// No empty sets stay behind, so that equal content means equal indexes.
fn put_under<K: Ord, T: Ord>(map: &mut BTreeMap<K, BTreeSet<T>>, key: K, item: T, change: Change) {
    match change {
        Change::Set => {
            map.entry(key).or_default().insert(item);
        }
        Change::TakeAway => {
            if let Some(set) = map.get_mut(&key) {
                set.remove(&item);
                if set.is_empty() {
                    map.remove(&key);
                }
            }
        }
    }
}
