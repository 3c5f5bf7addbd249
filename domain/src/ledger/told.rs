//! What somebody is told once, on home: paper guidance that they followed is over, what they reported is closed, what they
//! asked is answered, a change that they were asked about no longer holds, an early warning that was escalated to them is
//! settled. It stays until they say that they have seen it.

use super::handling::Over;
use super::home::{Need, NeedReason};
use super::warnings::{Course, Escalated, Settled};
use super::{Ledger, Made, RecordData};
use crate::body::{Body, Data, Kind};
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, UserId};
use crate::permission::may_write;
use crate::recipients::receivers_from;
use crate::sort::sort_by_key;
use crate::words;

/// How long a question without an answer stands on home: seven days.
const QUESTION_STANDS: Millis = 7 * 24 * 3_600_000;

/// One thing that I am told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The entry that says it, which is acknowledged.
    pub id: EntryId,
    pub by: UserId,
    /// What is acknowledged with it: an entry and its author.
    also: Option<(EntryId, UserId)>,
    pub at: Millis,
    pub service: ServiceId,
    /// As home shows it.
    pub need: Need,
}

impl Ledger {
    /// All that I am told and have not said that I have seen, newest first.
    pub fn told(&self, now: Millis) -> Vec<Told> {
        self.told_with(&self.escalations(now), now)
    }

    /// As [`Ledger::told`], of these early warnings.
    pub(super) fn told_with(&self, escalated: &[Escalated], now: Millis) -> Vec<Told> {
        let mut told: Vec<Told> = self
            .guidance
            .iter()
            .filter_map(|id| self.told_that_guidance_is_over(*id, now))
            .chain(
                self.my_records()
                    .into_iter()
                    .flat_map(|record| self.told_of_my_record(record.id, now)),
            )
            .chain(
                escalated
                    .iter()
                    .filter_map(|it| self.told_that_it_is_settled(it, now)),
            )
            .chain(self.told_of_changes(now))
            .collect();
        sort_by_key(&mut told, |it| std::cmp::Reverse((it.at, it.id)));
        told
    }

    /// What I am told of one entry: guidance, what I wrote, a change that no longer holds, or what an early warning came
    /// of.
    pub fn told_of(&self, about: EntryId, now: Millis) -> Vec<Told> {
        let guidance = self.told_that_guidance_is_over(about, now).into_iter();
        let mine = self.told_of_my_record(about, now);
        let escalated = self.escalations_of(about, now);
        let settled = escalated.iter();
        let settled = settled.filter_map(|it| self.told_that_it_is_settled(it, now));
        let changed = self.told_that_it_no_longer_holds(about, now);
        guidance.chain(mine).chain(changed).chain(settled).collect()
    }

    fn told_of_my_record(&self, id: EntryId, now: Millis) -> Vec<Told> {
        let closed = self.told_that_it_is_closed(id, now).into_iter();
        closed.chain(self.told_that_it_is_answered(id)).collect()
    }

    /// That I have seen what I am told of an entry by these that were shown, to be written by a tap.
    pub fn seen_what_i_am_told(
        &self,
        about: EntryId,
        shown: &[EntryId],
        now: Millis,
    ) -> Vec<(ServiceId, Body)> {
        let mut bodies = Vec::new();
        for it in self.told_of(about, now) {
            if !shown.contains(&it.id) {
                continue;
            }
            let mut say = |id, by| bodies.push((it.service, Body::acknowledgement(id, by)));
            // What ended it stands for it, where the rest was seen before.
            match it.also {
                Some((id, by)) if self.i_have_seen(it.id) => say(id, by),
                Some((id, by)) => {
                    say(it.id, it.by);
                    say(id, by);
                }
                None => say(it.id, it.by),
            }
        }
        bodies
    }

    pub(super) fn tell(
        &self,
        made: &Made,
        service: ServiceId,
        of: (EntryId, NeedReason),
        title: String,
        line: String,
    ) -> Option<Told> {
        let unseen = !self.i_have_seen(made.id);
        unseen.then(|| self.tell_anew(made, service, of, title, line))?
    }

    /// As [`Ledger::tell`], whether or not it was seen before.
    fn tell_anew(
        &self,
        made: &Made,
        service: ServiceId,
        (record, reason): (EntryId, NeedReason),
        title: String,
        line: String,
    ) -> Option<Told> {
        let due = made.by != self.me && may_write(&self.my_roles(service), Kind::Acknowledgement);
        due.then_some(Told {
            id: made.id,
            by: made.by,
            also: None,
            at: made.at,
            service,
            need: Need {
                record,
                reason,
                title,
                line,
            },
        })
    }

    /// When I last said that I have seen an entry, and by which.
    fn last_word(&self, id: EntryId) -> Option<(Millis, EntryId)> {
        let times = self.seen.get(&id)?.get(&self.me)?;
        times.last().copied()
    }

    pub(super) fn i_have_seen(&self, id: EntryId) -> bool {
        self.last_word(id).is_some()
    }

    /// Guidance that was ended without another in its place, where it named me or I had read it.
    fn told_that_guidance_is_over(&self, id: EntryId, now: Millis) -> Option<Told> {
        let it = self.guidance(id)?;
        let Some(Over::Withdrawn { made, reason }) = &it.over else {
            return None;
        };
        if !it.says.affects.contains(&self.me) && !self.i_have_read(&it) {
            return None;
        }
        self.tell(
            made,
            it.service,
            (id, NeedReason::GuidanceOver),
            format!(
                "{}: paper guidance is over",
                self.person_name(it.says.person)
            ),
            format!(
                "{}, {}: {}",
                self.name_of(made.by),
                words::when_after(made.at, now),
                words::isolated(reason)
            ),
        )
    }

    /// An early warning that was escalated to me ended before I had answered: told once for each time that it ends.
    fn told_that_it_is_settled(&self, it: &Escalated, now: Millis) -> Option<Told> {
        let Course::Settled(settled) = &it.course else {
            return None;
        };
        if self.i_know_that_it_is_settled(it.by.id, settled) {
            return None;
        }
        let (meta, _) = self.entry(it.by.id)?;
        let told = self.tell_anew(
            &self.made(meta),
            it.service,
            (it.about, NeedReason::Told),
            format!("No longer escalated to you: {}", it.by.sign.label()),
            format!("{} · {}", self.came_of(it.about), settled.words(now)),
        )?;
        let ended = settled
            .by
            .and_then(|id| Some((id, self.entry(id)?.0.author)));
        Some(Told {
            also: ended,
            ..told
        })
    }

    /// Whether I have seen that a warning which was escalated to me by an entry is settled. What ended it is named by its
    /// entry where it can be, as the clock of the phone on which I saw it may be behind; where only the time ended it, by
    /// when the server had my word at the latest.
    fn i_know_that_it_is_settled(&self, escalation: EntryId, settled: &Settled) -> bool {
        let since = settled.at.unwrap_or(Millis::MIN);
        let Some((said_at, said)) = self.last_word(escalation) else {
            return false;
        };
        match settled.by {
            Some(by) => said_at >= since || self.i_have_seen(by),
            None => self.header(said).map_or(Millis::MAX, |it| it.first()) >= since,
        }
    }

    fn told_that_it_is_answered(&self, id: EntryId) -> Vec<Told> {
        let Some(record) = self.record(id).filter(|it| it.author == self.me) else {
            return Vec::new();
        };
        let person = record.data.person().map(|it| self.person_name(it));
        let asked = record.asks(self).unwrap_or_default();
        let told = |(made, text): (Made, String)| {
            self.tell(
                &made,
                record.service,
                (id, NeedReason::Told),
                format!("{} answered your question", self.name_of(made.by)),
                format!(
                    "{}. You asked about {} Answer: {}",
                    person.as_deref().unwrap_or("Somebody"),
                    words::within(&asked),
                    words::isolated(&text)
                ),
            )
        };
        self.replies(id).into_iter().filter_map(told).collect()
    }

    /// The replies to a question, in order.
    pub fn replies(&self, question: EntryId) -> Vec<(Made, String)> {
        let replies = self
            .steps_of(question)
            .filter_map(|(made, data)| match data {
                Data::QuestionReply(it) => Some((made, it.text.clone())),
                _ => None,
            });
        replies.collect()
    }

    /// The questions of the last week that I receive, have read, and nobody has answered: the oldest first.
    pub(super) fn question_needs(&self, now: Millis) -> Vec<Need> {
        let records = self.newest_first().rev();
        let open = records.filter(|record| {
            matches!(record.data, RecordData::Question(_))
                && now.saturating_sub(self.given_at(record.id)) < QUESTION_STANDS
                && self.may_reply(record.id).is_some()
                && self.seen_as_it_reads(record).is_some()
                && self.replies(record.id).is_empty()
                && receivers_from(self, record.service, Kind::PlanQuestion, record.author)
                    .people
                    .iter()
                    .any(|it| it.user == self.me)
        });
        open.map(|record| Need {
            record: record.id,
            reason: NeedReason::Turn,
            title: match record.data.person() {
                Some(person) => format!("{}: answer a question", self.person_name(person)),
                None => "Answer a question".to_owned(),
            },
            line: format!(
                "{} · Asked by {}, {}",
                record.asks(self).unwrap_or_default(),
                self.name_of(record.author),
                words::when_after(record.made, now)
            ),
        })
        .collect()
    }

    /// The service and author of a question that I may answer: somebody else's, which counts.
    pub fn may_reply(&self, question: EntryId) -> Option<(ServiceId, UserId)> {
        let record = self.record(question)?;
        let may = matches!(record.data, RecordData::Question(_))
            && record.author != self.me
            && !record.delivery.is_held()
            && may_write(&self.my_roles(record.service), Kind::QuestionReply);
        may.then_some((record.service, record.author))
    }

    fn told_that_it_is_closed(&self, id: EntryId, now: Millis) -> Option<Told> {
        let record = self.record(id).filter(|it| it.author == self.me)?;
        if !matches!(record.data, RecordData::Mismatch(_)) {
            return None;
        }
        let handling = self.handling(id)?;
        let made = handling.closed.as_ref()?;
        let learned = match self.entry(made.id)?.1.data()? {
            Data::MismatchClose(it) => it.learned.as_str(),
            _ => return None,
        };
        self.tell(
            made,
            record.service,
            (id, NeedReason::Told),
            format!(
                "{}: your report is closed",
                self.person_name(handling.person)
            ),
            format!(
                "{}, {}. Learned: {}",
                self.name_of(made.by),
                words::when_after(made.at, now),
                words::isolated(learned)
            ),
        )
    }
}
