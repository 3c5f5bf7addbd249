//! Early warnings of a plan change that has not reached those who give the care (pathway B): a change assumed visible,
//! staff using old instructions, repeated questions, and inconsistent delivery. Worked out of what is in view whenever it is asked. Each
//! ends by itself, once what it warns of is over.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use super::home::{Need, NeedReason};
use super::record::{Record, RecordData};
use super::updates::{BoardPart, BoardRow, Cell, CellState, UpdateView};
use super::{Ledger, Standing};
use crate::body::{
    Body, Data, Did, Kind, MOST_WARNED, Method, Mismatch, OnWarning, Sign, Warned, WarningAnswer,
};
use crate::care::was_given;
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId, UserId};
use crate::permission::{Role, may_write};
use crate::sort::sort_by_key;
use crate::words;

/// To whom early warnings escalate: they are shown them before all else.
const ESCALATES_TO: [Role; 2] = [Role::RegisteredManager, Role::SystemAdministrator];

/// Within how long questions about one instruction count together: seven days.
const ASKED_WITHIN: Millis = 7 * 24 * 3_600_000;

impl Sign {
    /// Whether the board shows it: it comes of what devices answered, not of a record.
    fn is_of_changes(self) -> bool {
        matches!(self, Sign::Inconsistent | Sign::AssumedVisible)
    }
}

/// How long a warning that ended stands on the board: a day.
const SETTLED_STANDS: Millis = 24 * 3_600_000;

/// How long a note, or a mismatch that is closed, warns that care was given by an old text: seven days.
const OLD_WARNS: Millis = 7 * 24 * 3_600_000;

/// The instructions that changed: service, person and instruction. Read where a note asks for them.
type Changed = Vec<(ServiceId, SubjectId, SubjectId)>;

/// One early warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub sign: Sign,
    pub service: ServiceId,
    /// The mismatch or note for [`Sign::OldInstructions`], the last question for [`Sign::RepeatedQuestions`], else the update.
    pub about: EntryId,
    /// Such as `Jean Whitby: eating and drinking`.
    pub title: String,
    /// Such as `2 devices have not answered, late by 3 h`.
    pub what: String,
    pub since: Millis,
    /// When what it warns of last got worse: whoever has taken it on since has it.
    pub presses: Millis,
    /// When the time that an answer had passed a second time, with nothing heard; none before.
    pub escalated: Option<Millis>,
}

/// What somebody did about an early warning.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OnIt {
    pub id: EntryId,
    pub sign: Sign,
    pub by: UserId,
    /// The best estimate of the true time.
    pub at: Millis,
    pub answer: OnWarning,
}

/// What became of an early warning that somebody was told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// It warns, or nothing that is known here ended it.
    Presses,
    /// Nothing asks for anybody now, and it is not over: what is awaited is no longer late, or awaited of no device.
    Rests,
    Settled(Settled),
}

/// That an early warning is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settled {
    /// The best estimate of the true time; none where no one thing ended it.
    pub at: Option<Millis>,
    /// The entry that ended it; none where the time did, or no one thing.
    pub by: Option<EntryId>,
    why: &'static str,
}

impl Settled {
    fn by(ended: Option<(Millis, EntryId)>, why: &'static str) -> Settled {
        let (at, by) = ended.unzip();
        Settled { at, by, why }
    }

    fn of_time(at: Millis, why: &'static str) -> Settled {
        Settled {
            at: Some(at),
            by: None,
            why,
        }
    }
}

/// An early warning that was escalated to me, and that I have not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Escalated {
    /// What it came of.
    pub about: EntryId,
    pub service: ServiceId,
    pub by: OnIt,
    pub course: Course,
}

/// An early warning as a screen shows it, with what was done about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct WarningView {
    pub warned: Warned,
    pub service: ServiceId,
    pub title: String,
    pub line: String,
    /// Who has it and who escalated it to whom, earliest first.
    pub done: Vec<String>,
    /// That it is over, since when and why; none while it warns.
    pub settled: Option<String>,
    /// Whether I may take it on or escalate it further: I have not done so since it last pressed.
    pub asks_me: bool,
}

impl Ledger {
    /// The early warnings at the services where they are mine to act on: those that escalated first, then by what they
    /// are a sign of, the oldest first.
    pub fn warnings(&self, now: Millis) -> Vec<Warning> {
        self.warnings_on(&self.chased_board(now), now)
    }

    fn warnings_on(&self, board: &[BoardPart], now: Millis) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = Vec::new();
        let mine = |part: &&BoardPart| self.is_warned(part.service) && self.chases(part.service);
        for part in board.iter().filter(mine) {
            for row in &part.rows {
                warnings.extend(assumed_visible(part.service, row, now));
                warnings.extend(inconsistent(part.service, row));
            }
            let closed = part.closed.iter();
            warnings.extend(closed.filter_map(|update| self.left_with_it(update)));
        }
        let changed = OnceCell::new();
        let mut warned: BTreeMap<ServiceId, bool> = BTreeMap::new();
        let mut is_warned = |service| {
            let known = warned.entry(service);
            *known.or_insert_with(|| self.is_warned(service))
        };
        warnings.extend(
            self.newest_first()
                .filter(|record| is_warned(record.service))
                .filter_map(|record| self.old_instructions(record, &changed, now)),
        );
        warnings.extend(self.repeated_questions(now, &mut is_warned));
        sort_by_key(&mut warnings, |it| {
            (it.escalated.is_none(), it.sign, it.since, it.about)
        });
        warnings
    }

    /// Whether I am warned at a service: the team leader, as on the board, and those to whom warnings escalate.
    pub(super) fn is_warned(&self, service: ServiceId) -> bool {
        self.is_warned_first(service) || self.my_roles(service).contains(&Role::TeamLeader)
    }

    fn is_warned_first(&self, service: ServiceId) -> bool {
        let roles = self.my_roles(service);
        ESCALATES_TO.iter().any(|role| roles.contains(role))
    }

    fn changed(&self) -> Changed {
        let mut changed = Changed::new();
        for chain in self.chains() {
            changed.extend(chain.iter().map(|it| (it.service, it.person, it.plan)));
            changed.dedup();
        }
        changed
    }

    /// A record that says that somebody followed what had been replaced by then, and who has read nothing of what to follow
    /// since: a report, or a note of the last week. That steps of its mismatch are done tells nobody, and nor does its
    /// close, after which it warns for a week more.
    fn old_instructions(
        &self,
        record: &Record,
        changed: &OnceCell<Changed>,
        now: Millis,
    ) -> Option<Warning> {
        let says = record.current();
        let at = self.happened(record, says);
        let past = matches!(says, RecordData::Note(_))
            && (record.delivery.is_held() || now.saturating_sub(at) >= OLD_WARNS);
        if past {
            return None;
        }
        let update = self.went_by_old(record, says, counts, changed)?;
        let (what, closed) = match says {
            RecordData::Note(_) => ("noted care by the old text", None),
            _ => ("followed the old text", self.handling(record.id)?.closed),
        };
        let who = who_gave(record, says);
        let closed = closed.map(|it| it.at);
        let over = closed.is_some_and(|it| {
            now.saturating_sub(it) >= OLD_WARNS || self.roles_of(who, record.service).is_empty()
        });
        if over || self.told_since(record, says, &update).is_some() {
            return None;
        }
        Some(Warning {
            sign: Sign::OldInstructions,
            service: record.service,
            about: record.id,
            title: update.title(self),
            what: format!(
                "{} {what}, {}, and has not read the new one since",
                self.name_of(who),
                words::when_after(at, now)
            ),
            since: at,
            presses: closed.map_or(at, |closed| closed.max(at)),
            escalated: None,
        })
    }

    /// When, and by which entry, whoever went by an old text said that they have read what to follow since: paper guidance
    /// on the mismatch, which they may have given out themselves, or the change or a newer one of the same instruction, by
    /// saying on their device what it shows.
    fn told_since(
        &self,
        record: &Record,
        says: &RecordData,
        update: &UpdateView,
    ) -> Option<(Millis, EntryId)> {
        let who = who_gave(record, says);
        let at = self.happened(record, says);
        let mut told: Option<(Millis, EntryId)> = None;
        let mut by = |said: (Millis, EntryId)| {
            told = Some(told.map_or(said, |known| known.min(said)));
        };
        if let Some(handling) = self.handling(record.id) {
            for it in handling.given() {
                if it.made.by == who {
                    by((it.made.at, it.made.id));
                }
                if let Some(read) = it.read.iter().find(|it| it.reader == who) {
                    by((read.at, read.id));
                }
            }
        }
        for it in self.chain(update.plan).iter() {
            let is_newer = (it.at, it.id) >= (update.at, update.id);
            if it.service != update.service || !counts(it) || !is_newer {
                continue;
            }
            for (_, given) in self.answers_to(it.id) {
                if given.by == who && given.method == Method::Holder && given.at > at {
                    by((given.at, given.id));
                }
            }
        }
        told
    }

    /// When what a record says of happened: as the author said, else when it was made.
    fn happened(&self, record: &Record, says: &RecordData) -> Millis {
        says.happened_at()
            .unwrap_or_else(|| self.given_at(record.id))
    }

    /// The change in force when somebody went by what it or an earlier one had replaced, by these words of a record:
    /// what a report says was followed; or a note whose ticks say that a task was done, and whose words say by a
    /// replaced text. `of` says which changes count.
    fn went_by_old(
        &self,
        record: &Record,
        says: &RecordData,
        of: fn(&UpdateView) -> bool,
        changed: &OnceCell<Changed>,
    ) -> Option<UpdateView> {
        let at = self.happened(record, says);
        let in_force = |plan| self.in_force(plan, record.service, at, of);
        match says {
            RecordData::Mismatch(it) => {
                let followed = followed(it)?;
                let plans = match it.plan {
                    Some(plan) => vec![plan],
                    None => self.plans_of(it.person).iter().map(|it| it.id).collect(),
                };
                plans.into_iter().find_map(|plan| {
                    let (newest, old) = in_force(plan)?;
                    let old = old.iter().any(|old| says_the_same(followed, old));
                    (old && !says_the_same(followed, &newest.after)).then_some(newest)
                })
            }
            RecordData::Note(it) if !it.other.trim().is_empty() => {
                let changed = changed.get_or_init(|| self.changed());
                let mut plans = changed.iter().filter(|(service, person, _)| {
                    (*service, *person) == (record.service, it.person)
                });
                plans.find_map(|(_, _, plan)| {
                    let (newest, old) = in_force(*plan)?;
                    let given = was_given(&newest.support_task, &it.delivered);
                    let says = |old: &String| says_a_replaced_clause(&it.other, old, &newest.after);
                    (given && old.iter().any(says)).then_some(newest)
                })
            }
            _ => None,
        }
    }

    /// The change in force at a time, and the texts that it and earlier ones had replaced.
    fn in_force(
        &self,
        plan: SubjectId,
        service: ServiceId,
        at: Millis,
        of: fn(&UpdateView) -> bool,
    ) -> Option<(UpdateView, Vec<String>)> {
        let in_force = |it: &UpdateView| {
            it.service == service && it.at <= at && it.effective_from <= at && of(it)
        };
        let updates = self.updates_of(plan);
        let mut updates = updates.into_iter().filter(in_force);
        let newest = updates.next()?;
        let mut old: Vec<String> = updates.flat_map(|it| [it.before, it.after]).collect();
        old.push(newest.before.clone());
        Some((newest, old))
    }

    /// Instructions that were asked about twice or more, at these services.
    fn repeated_questions(
        &self,
        now: Millis,
        at: &mut dyn FnMut(ServiceId) -> bool,
    ) -> Vec<Warning> {
        let mut asked: BTreeMap<(ServiceId, SubjectId), Vec<&Record>> = BTreeMap::new();
        for record in self.newest_first() {
            let RecordData::Question(it) = &record.data else {
                continue;
            };
            let recent = now.saturating_sub(self.given_at(record.id)) < ASKED_WITHIN;
            if recent && !record.delivery.is_held() && at(record.service) {
                asked
                    .entry((record.service, it.plan))
                    .or_default()
                    .push(record);
            }
        }
        let warning = |((service, plan), mut asked): (_, Vec<&Record>)| {
            let changed = self.change_of(plan).map_or(Millis::MIN, |it| it.at);
            asked.retain(|record| self.given_at(record.id) >= changed);
            // Newest first.
            let [last, .., _] = asked.as_slice() else {
                return None;
            };
            let person = self.person_name(last.data.person()?);
            let task = self.plan(plan).map(|it| it.support_task.to_lowercase());
            let second = asked.iter().rev().nth(1)?;
            Some(Warning {
                sign: Sign::RepeatedQuestions,
                service,
                about: last.id,
                title: format!("{person}: {}", task.as_deref().unwrap_or("an instruction")),
                what: format!(
                    "asked about {} times, last by {}, {}",
                    asked.len(),
                    self.name_of(last.author),
                    words::when_after(self.given_at(last.id), now)
                ),
                since: self.given_at(second.id),
                presses: self.given_at(last.id),
                escalated: None,
            })
        };
        asked.into_iter().filter_map(warning).collect()
    }

    /// What home says of the warnings: each record apart, and the changes of one sign together.
    pub(super) fn warning_needs(
        &self,
        board: &[BoardPart],
        escalated: &[Escalated],
        now: Millis,
    ) -> Vec<Need> {
        let mut needs = self.escalated_needs(escalated, now);
        let warnings = self.warnings_on(board, now);
        for first in [true, false] {
            for sign in Sign::ALL {
                let of: Vec<&Warning> = warnings
                    .iter()
                    .filter(|it| it.sign == sign && self.is_warned_first(it.service) == first)
                    .filter(|it| !(self.have_read(it) || first && self.answered(it).is_some()))
                    .collect();
                let line = |it: &Warning| match self.answered(it) {
                    Some(done) => format!("{} · {}", it.line(), done.words(self, now)),
                    None => it.line(),
                };
                let mut need = |record, line| {
                    needs.push(Need {
                        record,
                        reason: if first {
                            NeedReason::WarnedFirst
                        } else {
                            NeedReason::Warned
                        },
                        title: format!("Early warning: {}", sign.label()),
                        line,
                    });
                };
                match of.as_slice() {
                    [worst, rest @ ..] if sign.is_of_changes() && !rest.is_empty() => {
                        let more = words::count(rest.len(), "more change", "more changes");
                        need(EntryId::nil(), format!("{}. And {more}", line(worst)));
                    }
                    each => each.iter().for_each(|it| need(it.about, line(it))),
                }
            }
        }
        needs
    }

    /// What was done about the warnings that came of an entry, earliest first.
    pub fn done_about(&self, about: EntryId) -> Vec<OnIt> {
        let answers = self.warned.get(&about).into_iter().flatten();
        let mut done = Vec::new();
        for (at, id) in answers {
            let Some((meta, Some(Data::WarningAnswer(it)))) =
                self.entry(*id).map(|(meta, said)| (meta, said.data()))
            else {
                continue;
            };
            let mut signs: Vec<Sign> = it
                .warnings
                .iter()
                .filter(|it| it.about == about)
                .map(|it| it.sign)
                .collect();
            signs.sort_unstable();
            signs.dedup();
            done.extend(signs.into_iter().map(|sign| OnIt {
                id: *id,
                sign,
                by: meta.author,
                at: *at,
                answer: it.answer.clone(),
            }));
        }
        done
    }

    /// Who took it on or escalated it last, since it last got worse.
    fn answered(&self, warning: &Warning) -> Option<OnIt> {
        let done = self.done_about(warning.about).into_iter().rev();
        let mut done = done.filter(|it| {
            it.sign == warning.sign && self.at_the_latest(it.id, it.at) >= warning.presses
        });
        done.next()
    }

    /// When an entry was made at the latest: at `at`, unless its phone's clock was never measured and may be behind.
    fn at_the_latest(&self, id: EntryId, at: Millis) -> Millis {
        match self.entry(id) {
            Some((meta, _)) if meta.skew.is_none() => {
                self.header(id).map_or(Millis::MAX, |it| it.first())
            }
            _ => at,
        }
    }

    /// What became of a warning that came of an entry.
    fn course(
        &self,
        about: EntryId,
        sign: Sign,
        changed: &OnceCell<Changed>,
        now: Millis,
    ) -> Course {
        if let Some(record) = self.record(about) {
            let settled = match (sign, &record.data) {
                (Sign::OldInstructions, _) => self.old_instructions_ended(record, changed, now),
                (Sign::RepeatedQuestions, RecordData::Question(it)) => {
                    self.questions_ended(record, it.plan, now)
                }
                _ => None,
            };
            return settled.map_or(Course::Presses, Course::Settled);
        }
        let Some(update) = self.update(about) else {
            return Course::Presses;
        };
        let until = self.ended_by(&update);
        let settled = |ended, why| Course::Settled(Settled::by(ended, why));
        match update.standing {
            Standing::Replaced { .. } => return settled(until, "a newer change took its place"),
            Standing::Withdrawn { .. } if sign == Sign::Inconsistent => {
                return self.course_of_withdrawn(&update, until);
            }
            Standing::Withdrawn { .. } => return settled(until, "the change was withdrawn"),
            Standing::Stands => {}
        }
        let row = self.row(&update, now);
        let cells: Vec<&Cell> = row.cells.iter().flatten().collect();
        let any = |of: fn(CellState) -> bool| cells.iter().any(|it| of(it.state));
        match sign {
            Sign::AssumedVisible if any(|it| it == CellState::Late) => Course::Presses,
            Sign::AssumedVisible
                if !cells.is_empty() && cells.iter().all(|it| it.given.is_some()) =>
            {
                let last = cells.iter().filter_map(|it| it.first).max();
                settled(last.map(|it| (it.at, it.id)), "every device has answered")
            }
            Sign::Inconsistent if any(|it| it.is_wrong() || it == CellState::Disagree) => {
                Course::Presses
            }
            Sign::Inconsistent if any(|it| it == CellState::Shows) => settled(
                self.last_put_right(&update).map(|it| (it.at, it.id)),
                "what the devices show no longer differs",
            ),
            Sign::AssumedVisible | Sign::Inconsistent => Course::Rests,
            Sign::OldInstructions | Sign::RepeatedQuestions => Course::Presses,
        }
    }

    /// Devices were last seen to show a change that was withdrawn: for those the plan and the device differ.
    fn left_with_it(&self, update: &UpdateView) -> Option<Warning> {
        let left = self.left_showing(update);
        let withdrawn = self.stood_until(update)?;
        let last = left.iter().map(|(_, given)| given.at).max()?;
        let first = left.iter().map(|(_, given)| given.at).min()?;
        Some(Warning {
            sign: Sign::Inconsistent,
            service: update.service,
            about: update.id,
            title: update.title(self),
            what: format!(
                "withdrawn, and {} last showed it",
                words::count(left.len(), "device", "devices")
            ),
            since: withdrawn.max(first),
            presses: withdrawn.max(last),
            escalated: None,
        })
    }

    /// What became of that; `withdrawn` is when and by which entry.
    fn course_of_withdrawn(
        &self,
        update: &UpdateView,
        withdrawn: Option<(Millis, EntryId)>,
    ) -> Course {
        if !self.left_showing(update).is_empty() {
            return Course::Presses;
        }
        let mut newer: Option<(Millis, EntryId)> = None;
        // The earliest, as they stand newest first.
        for it in self.chain(update.plan).iter() {
            let end = (it.at, it.id);
            if it.service == update.service && it.stands() && Some(end) > withdrawn {
                newer = Some(end);
            }
        }
        Course::Settled(match newer {
            Some(newer) => Settled::by(Some(newer), "a newer change took its place"),
            None => Settled::by(withdrawn, "the change was withdrawn"),
        })
    }

    /// That a record no longer warns of old instructions; none while it does, and where it is not known here why it
    /// would not, as where the change has not come yet.
    fn old_instructions_ended(
        &self,
        record: &Record,
        changed: &OnceCell<Changed>,
        now: Millis,
    ) -> Option<Settled> {
        let settled = |ended, why| Some(Settled::by(ended, why));
        let says = record.current();
        let closed = self.handling(record.id).and_then(|it| it.closed);
        let closed = closed.map(|it| (it.at, it.id));
        if let Some(update) = self.went_by_old(record, says, counts, changed) {
            if let Some(told) = self.told_since(record, says, &update) {
                return settled(Some(told), "who followed it has read what to follow");
            }
            if let Some((at, id)) = closed {
                let who = who_gave(record, says);
                let over = at.saturating_add(OLD_WARNS);
                return match self.roles_of(who, record.service).is_empty() {
                    true => settled(Some((at, id)), "the mismatch is closed"),
                    false if now >= over => {
                        Some(Settled::of_time(over, "it was closed a week ago"))
                    }
                    false => None,
                };
            }
            let over = self.happened(record, says).saturating_add(OLD_WARNS);
            let is_past = matches!(says, RecordData::Note(_)) && now >= over;
            if is_past {
                return Some(Settled::of_time(over, "the note is a week old"));
            }
            return None;
        }
        let ever = |says| self.went_by_old(record, says, |_| true, changed);
        if let Some(update) = ever(says) {
            return settled(self.ended_by(&update), "the change was withdrawn");
        }
        let corrected = record.amendments.iter().filter(|it| !it.delivery.is_held());
        let mut said = std::iter::once(&record.data).chain(corrected.map(|it| &it.data));
        if said.any(|says| ever(says).is_some()) {
            let version = record.version();
            let corrected = (self.given_at(version), version);
            return settled(Some(corrected), "the record reads otherwise now");
        }
        closed.and_then(|closed| settled(Some(closed), "the mismatch is closed"))
    }

    /// That the questions about an instruction, of which this was the last, came to an end: the instruction changed, or
    /// none followed for a week. Those that come after are another warning.
    fn questions_ended(&self, record: &Record, plan: SubjectId, now: Millis) -> Option<Settled> {
        let asked = self.given_at(record.id);
        let later = self.records.range((asked, EntryId::nil())..);
        let mut later: Vec<Millis> = later
            .map(|(_, record)| record)
            .filter(|it| it.service == record.service && !it.delivery.is_held())
            .filter(|it| matches!(&it.data, RecordData::Question(it) if it.plan == plan))
            .map(|it| self.given_at(it.id))
            .collect();
        later.sort_unstable();
        let mut quiet = asked.saturating_add(ASKED_WITHIN);
        for at in later {
            if at >= quiet {
                break;
            }
            quiet = quiet.max(at.saturating_add(ASKED_WITHIN));
        }
        let stands = self.change_of(plan).filter(|change| change.at > asked);
        let updates = stands.map(|_| self.updates_of(plan)).unwrap_or_default();
        let since = updates.iter().filter(|it| counts(it) && it.at > asked);
        match since.map(|it| (it.at, it.id)).min() {
            Some(changed) if changed.0 < quiet => Some(Settled::by(
                Some(changed),
                "the instruction has changed since",
            )),
            _ if now >= quiet => Some(Settled::of_time(quiet, "nobody asked again within a week")),
            _ => None,
        }
    }

    /// What was escalated to me last, of one warning, if I have not answered it: with the service it is of.
    pub(super) fn escalated_to_me(&self, about: EntryId) -> Vec<(ServiceId, OnIt)> {
        let done = self.done_about(about);
        let last = |sign: Sign| done.iter().rev().find(|it| it.sign == sign);
        let mine =
            |it: &&OnIt| matches!(it.answer, OnWarning::Escalate { to, .. } if to == self.me);
        let mine = Sign::ALL.into_iter().filter_map(last).filter(mine);
        mine.filter_map(|it| Some((self.entry(it.id)?.0.service, it.clone())))
            .filter(|(service, _)| self.may_answer(*service))
            .collect()
    }

    /// The early warnings that were escalated to me and that I have not answered, with what became of each.
    pub(super) fn escalations(&self, now: Millis) -> Vec<Escalated> {
        let changed = OnceCell::new();
        let about = self.warned.keys();
        about
            .flat_map(|about| self.escalations_by(*about, &changed, now))
            .collect()
    }

    /// As [`Ledger::escalations`], of what came of one entry.
    pub(super) fn escalations_of(&self, about: EntryId, now: Millis) -> Vec<Escalated> {
        self.escalations_by(about, &OnceCell::new(), now)
    }

    fn escalations_by(
        &self,
        about: EntryId,
        changed: &OnceCell<Changed>,
        now: Millis,
    ) -> Vec<Escalated> {
        let to_me = self.escalated_to_me(about).into_iter();
        to_me
            .map(|(service, by)| Escalated {
                about,
                service,
                course: self.course(about, by.sign, changed, now),
                by,
            })
            .collect()
    }

    fn escalated_needs(&self, escalated: &[Escalated], now: Millis) -> Vec<Need> {
        let presses = escalated.iter().filter(|it| it.course == Course::Presses);
        let mut mine: Vec<&Escalated> = presses.collect();
        sort_by_key(&mut mine, |it| (it.by.at, it.about, it.by.sign));
        mine.into_iter()
            .map(|it| Need {
                record: it.about,
                reason: NeedReason::Escalated,
                title: format!("Escalated to you: {}", it.by.sign.label()),
                line: format!("{} · {}", self.came_of(it.about), it.by.words(self, now)),
            })
            .collect()
    }

    /// What a warning is about, in words: `Jean Whitby: eating and drinking`.
    pub(super) fn came_of(&self, about: EntryId) -> String {
        match (self.update(about), self.record(about)) {
            (Some(update), _) => update.title(self),
            (None, Some(record)) => record.title(self),
            (None, None) => "something not on this phone".to_owned(),
        }
    }

    /// Whether I am one of those who take early warnings on at a service.
    fn may_answer(&self, service: ServiceId) -> bool {
        may_write(&self.my_roles(service), Kind::WarningAnswer)
    }

    /// To whom I may escalate a warning of a service further, provider oversight first: who, and as what.
    pub fn escalates_to(&self, service: ServiceId) -> Vec<(UserId, String, String)> {
        let mut staff = self.staff(service);
        staff.retain(|it| it.user != self.me && may_write(&it.roles, Kind::WarningAnswer));
        // A stable sort: within each part by name.
        sort_by_key(&mut staff, |it| {
            !it.roles.contains(&Role::ProviderOversight)
        });
        let roles = |roles: &[Role]| {
            let roles: Vec<&str> = roles.iter().map(|role| role.label()).collect();
            roles.join(", ")
        };
        staff
            .into_iter()
            .map(|it| (it.user, it.display_name, roles(&it.roles)))
            .collect()
    }

    /// The early warnings of a board that is drawn, as [`Ledger::warnings`], with what was done about each; after them
    /// those of its changes that somebody had taken on, and that ended within the last day.
    pub fn warning_views(&self, board: &[BoardPart], now: Millis) -> Vec<WarningView> {
        let warnings = self.warnings_on(board, now);
        let mut views: Vec<WarningView> = warnings
            .iter()
            .map(|it| self.warning_view(it, now))
            .collect();
        let recent = |at: Millis| now.saturating_sub(at) < SETTLED_STANDS;
        for row in board.iter().flat_map(|part| &part.rows) {
            // It ended when a device answered.
            let answers = row.cells.iter().flatten().filter_map(|it| it.given);
            if !self.warned.contains_key(&row.id) || !answers.into_iter().any(|it| recent(it.at)) {
                continue;
            }
            let ended = self.ended_views(row.id, &views, now).into_iter();
            let ended: Vec<WarningView> = ended
                .filter(|(at, _)| at.is_some_and(recent))
                .map(|(_, view)| view)
                .collect();
            views.extend(ended);
        }
        views
    }

    /// The early warnings that came of one update or record, with what was done about them; what was done stays when
    /// the warning has ended.
    pub fn warning_views_of(&self, about: EntryId, now: Millis) -> Vec<WarningView> {
        let mut views: Vec<WarningView> = Vec::new();
        let warnings = self.warnings_of(about, now);
        views.extend(warnings.iter().map(|it| self.warning_view(it, now)));
        let ended = self.ended_views(about, &views, now).into_iter();
        views.extend(ended.map(|(_, view)| view));
        views
    }

    /// The warnings of an entry about which something was done and that are not among `standing`, with when each ended.
    fn ended_views(
        &self,
        about: EntryId,
        standing: &[WarningView],
        now: Millis,
    ) -> Vec<(Option<Millis>, WarningView)> {
        let done = self.done_about(about);
        let changed = OnceCell::new();
        let view = |sign: Sign| {
            let warned = Warned { sign, about };
            let of: Vec<&OnIt> = done.iter().filter(|it| it.sign == sign).collect();
            let first = of.first()?;
            if standing.iter().any(|it| it.warned == warned) {
                return None;
            }
            let course = self.course(about, sign, &changed, now);
            let presses = course == Course::Presses;
            let settled = match course {
                Course::Settled(it) => Some(it),
                Course::Presses | Course::Rests => None,
            };
            let to_me = self.escalated_to_me(about);
            let view = WarningView {
                warned,
                service: self.entry(first.id)?.0.service,
                title: format!("Early warning: {}", sign.label()),
                line: self.came_of(about),
                done: of.iter().map(|it| it.words(self, now)).collect(),
                asks_me: presses && to_me.iter().any(|(_, it)| it.sign == sign),
                settled: settled.as_ref().map(|it| it.words(now)),
            };
            Some((settled.and_then(|it| it.at), view))
        };
        Sign::ALL.into_iter().filter_map(view).collect()
    }

    fn warnings_of(&self, about: EntryId, now: Millis) -> Vec<Warning> {
        if let Some(record) = self.record(about) {
            if !self.is_warned(record.service) {
                return Vec::new();
            }
            let asked = self.repeated_questions(now, &mut |service| self.is_warned(service));
            let asked = asked.into_iter();
            let asked = asked.filter(|it| it.about == about);
            return self
                .old_instructions(record, &OnceCell::new(), now)
                .into_iter()
                .chain(asked)
                .collect();
        }
        let update = self.update(about);
        let update = update.filter(|it| self.is_warned(it.service) && self.chases(it.service));
        let Some(update) = update else {
            return Vec::new();
        };
        if !update.stands() {
            return self.left_with_it(&update).into_iter().collect();
        }
        let row = self.row(&update, now);
        let warned = assumed_visible(update.service, &row, now).into_iter();
        warned.chain(inconsistent(update.service, &row)).collect()
    }

    fn warning_view(&self, warning: &Warning, now: Millis) -> WarningView {
        let (sign, about) = (warning.sign, warning.about);
        let done = self.done_about(about);
        let mine = self
            .escalated_to_me(about)
            .iter()
            .any(|(_, it)| it.sign == sign);
        WarningView {
            warned: Warned { sign, about },
            service: warning.service,
            title: format!("Early warning: {}", sign.label()),
            line: warning.line(),
            done: done
                .iter()
                .filter(|it| it.sign == sign)
                .map(|it| it.words(self, now))
                .collect(),
            settled: None,
            asks_me: self.may_answer(warning.service) && (mine || self.answered(warning).is_none()),
        }
    }

    /// Whether I wrote the record that it comes of, or it warns of questions, the last of which I have read as it reads now.
    /// To have read that somebody followed an old text tells them nothing.
    fn have_read(&self, warning: &Warning) -> bool {
        self.record(warning.about).is_some_and(|record| {
            let read = || self.seen_as_it_reads(record).is_some();
            record.author == self.me || warning.sign != Sign::OldInstructions && read()
        })
    }
}

impl Settled {
    /// `Settled 21:40: every device has answered`.
    pub(super) fn words(&self, now: Millis) -> String {
        match self.at {
            Some(at) => format!("Settled {}: {}", words::when_after(at, now), self.why),
            None => format!("Settled: {}", self.why),
        }
    }
}

impl OnIt {
    /// `Helen Carrick has it, 21:40`, `Helen Carrick escalated it to Robert Hale, 21:45: Ring me`.
    pub fn words(&self, ledger: &Ledger, now: Millis) -> String {
        let (by, at) = (ledger.name_of(self.by), words::when_after(self.at, now));
        match &self.answer {
            OnWarning::HaveIt => format!("{by} has it, {at}"),
            OnWarning::Escalate { to, why } => {
                let to = ledger.name_of(*to);
                match why.trim() {
                    "" => format!("{by} escalated it to {to}, {at}"),
                    why => format!("{by} escalated it to {to}, {at}: {}", words::isolated(why)),
                }
            }
        }
    }
}

impl WarningAnswer {
    /// What I do about these warnings: an entry for each service, or more where it has very many.
    pub fn bodies(views: &[WarningView], answer: &OnWarning) -> Vec<(ServiceId, Body)> {
        let mut by: Vec<(ServiceId, Vec<Warned>)> = Vec::new();
        for view in views {
            match by.iter_mut().find(|(service, _)| *service == view.service) {
                Some((_, warnings)) => warnings.push(view.warned),
                None => by.push((view.service, vec![view.warned])),
            }
        }
        by.into_iter()
            .flat_map(|(service, warnings)| {
                let body = |warnings: &[Warned]| {
                    let data = Data::WarningAnswer(WarningAnswer {
                        warnings: warnings.to_vec(),
                        answer: answer.clone(),
                    });
                    (service, Body::new(data))
                };
                warnings.chunks(MOST_WARNED).map(body).collect::<Vec<_>>()
            })
            .collect()
    }
}

impl Warning {
    fn line(&self) -> String {
        let twice = if self.escalated.is_some() {
            ". Twice its time has passed"
        } else {
            ""
        };
        format!("{} · {}{twice}", self.title, self.what)
    }
}

/// Who gave the care that a record is about.
fn who_gave(record: &Record, says: &RecordData) -> UserId {
    says.given_by().unwrap_or(record.author)
}

/// Whether a change counts: it was not withdrawn.
fn counts(update: &UpdateView) -> bool {
    !matches!(update.standing, Standing::Withdrawn { .. })
}

/// The text that was followed, as the report has it.
fn followed(report: &Mismatch) -> Option<&str> {
    match report.did {
        Did::FollowedDevice => Some(&report.device_says),
        Did::FollowedHandover => Some(&report.handover_says),
        Did::AskedForHelp | Did::NotDone => None,
    }
}

/// Whether two texts have the same words, whatever their case and punctuation: one of them is typed from a screen.
fn says_the_same(one: &str, other: &str) -> bool {
    plain_words(one) == plain_words(other)
}

/// Whether a text holds a whole clause of an old instruction that the new one does not have, and no clause that is new
/// in the new one. One word alone is no clause.
fn says_a_replaced_clause(text: &str, old: &str, new: &str) -> bool {
    let (said, was, now) = (plain_words(text), plain_words(old), plain_words(new));
    let says_one_of = |clauses: &str, but: &[String]| {
        clauses_of(clauses)
            .into_iter()
            .any(|clause| clause.len() > 1 && !holds(but, &clause) && holds(&said, &clause))
    };
    says_one_of(old, &now) && !says_one_of(new, &was)
}

fn holds(words: &[String], clause: &[String]) -> bool {
    words.windows(clause.len()).any(|it| it == clause)
}

/// The words of each clause: what stands between full stops, commas, semicolons and colons, not those within a number.
fn clauses_of(text: &str) -> Vec<Vec<String>> {
    let mut clauses = vec![String::new()];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let ends = letters.peek().is_none_or(|next| next.is_whitespace());
        if letter == '\n' || ends && matches!(letter, '.' | ',' | ';' | ':' | '!' | '?') {
            clauses.push(String::new());
        } else if let Some(clause) = clauses.last_mut() {
            clause.push(letter);
        }
    }
    clauses.iter().map(|clause| plain_words(clause)).collect()
}

fn plain_words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Devices that have not answered within the time that the change's urgency gives them.
fn assumed_visible(service: ServiceId, row: &BoardRow, now: Millis) -> Option<Warning> {
    let cells = row.cells.iter().flatten();
    let late: Vec<_> = cells.filter(|it| it.state == CellState::Late).collect();
    let since = late.iter().map(|it| it.due).min()?;
    let twice = |it: &&Cell| it.due.saturating_add(it.due.saturating_sub(it.asked));
    let again: Vec<Millis> = late.iter().map(twice).filter(|it| now > *it).collect();
    let presses = late.iter().map(|it| it.due).chain(again.iter().copied());
    Some(row.warning(
        Sign::AssumedVisible,
        service,
        format!(
            "{} not answered, late by {}",
            words::count(late.len(), "device has", "devices have"),
            words::age(now.saturating_sub(since))
        ),
        (since, presses.max().unwrap_or(since)),
        again.iter().copied().min(),
    ))
}

/// One device shows the change and another does not, or one has two answers.
fn inconsistent(service: ServiceId, row: &BoardRow) -> Option<Warning> {
    let cells = |of: fn(CellState) -> bool| -> Vec<&Cell> {
        let cells = row.cells.iter().flatten();
        cells.filter(|it| of(it.state)).collect()
    };
    let first = |cells: &[&Cell]| cells.iter().filter_map(|it| Some(it.known()?.at)).min();
    let shows = cells(|it| it == CellState::Shows);
    let wrong = cells(CellState::is_wrong);
    let disagree = cells(|it| it == CellState::Disagree);
    // It began when the second of the two sides was first heard.
    let apart = first(&shows).max(first(&wrong));
    let apart = apart.filter(|_| !shows.is_empty() && !wrong.is_empty());
    let since = apart.into_iter().chain(first(&disagree)).min()?;
    // That one more device shows the change makes nothing worse.
    let worse = wrong.iter().chain(&disagree);
    let presses = worse.filter_map(|it| it.since).max().unwrap_or(since);
    let mut what = Vec::new();
    if apart.is_some() {
        what.push(format!(
            "{} it, {} something else",
            words::count(shows.len(), "device shows", "devices show"),
            words::count(wrong.len(), "shows", "show")
        ));
    }
    if !disagree.is_empty() {
        let devices = words::count(disagree.len(), "device has", "devices have");
        what.push(format!("{devices} two answers"));
    }
    Some(row.warning(
        Sign::Inconsistent,
        service,
        what.join(", "),
        (since, presses),
        None,
    ))
}

impl BoardRow {
    fn warning(
        &self,
        sign: Sign,
        service: ServiceId,
        what: String,
        (since, presses): (Millis, Millis),
        escalated: Option<Millis>,
    ) -> Warning {
        Warning {
            sign,
            service,
            about: self.id,
            title: format!("{}: {}", self.person, self.support_task.to_lowercase()),
            what,
            since,
            presses,
            escalated,
        }
    }
}
