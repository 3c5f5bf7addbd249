//! Early warnings of a plan change that has not reached those who give the care (pathway B): a change assumed visible,
//! staff using old instructions, repeated questions, and inconsistent delivery. Worked out of what is in view whenever it is asked. Each
//! ends by itself, once what it warns of is over.

use std::collections::BTreeMap;

use super::home::{Need, NeedReason};
use super::record::{Record, RecordData};
use super::updates::{BoardPart, BoardRow, CellState, UpdateView};
use super::{Ledger, Standing};
use crate::body::{Did, Mismatch};
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId};
use crate::permission::Role;
use crate::sort::sort_by_key;
use crate::words;

/// To whom early warnings escalate: they are shown them before all else.
const ESCALATES_TO: [Role; 2] = [Role::RegisteredManager, Role::SystemAdministrator];

/// Within how long questions about one instruction count together: seven days.
const ASKED_WITHIN: Millis = 7 * 24 * 3_600_000;

/// What an early warning is a sign of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sign {
    /// Somebody followed an instruction that another had replaced by then.
    OldInstructions,
    /// Two or more questions about one instruction in a week, and since it last changed.
    RepeatedQuestions,
    /// Devices show different instructions for one person and task, or one has two answers.
    Inconsistent,
    /// A change was entered, and devices have not answered within its time.
    AssumedVisible,
}

impl Sign {
    pub const ALL: [Sign; 4] = [
        Sign::OldInstructions,
        Sign::RepeatedQuestions,
        Sign::Inconsistent,
        Sign::AssumedVisible,
    ];

    /// Whether the board shows it: it comes of what devices answered, not of a record.
    fn is_of_changes(self) -> bool {
        matches!(self, Sign::Inconsistent | Sign::AssumedVisible)
    }

    /// Its name within a sentence.
    pub fn label(self) -> &'static str {
        match self {
            Sign::OldInstructions => "staff using old instructions",
            Sign::RepeatedQuestions => "repeated questions",
            Sign::Inconsistent => "inconsistent delivery",
            Sign::AssumedVisible => "assumed visible",
        }
    }
}

/// One early warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    pub sign: Sign,
    pub service: ServiceId,
    /// The mismatch for [`Sign::OldInstructions`], the last question for [`Sign::RepeatedQuestions`], else the update.
    pub about: EntryId,
    /// Such as `Jean Whitby: eating and drinking`.
    pub title: String,
    /// Such as `2 devices have not answered, late by 3 h`.
    pub what: String,
    pub since: Millis,
    /// The time that an answer had has passed a second time, with nothing heard.
    pub escalated: bool,
}

impl Ledger {
    /// The early warnings at the services where they are mine to act on: those that escalated first, then by what they
    /// are a sign of, the oldest first.
    pub fn warnings(&self, now: Millis) -> Vec<Warning> {
        self.warnings_on(&self.chased_board(now), now)
    }

    fn warnings_on(&self, board: &[BoardPart], now: Millis) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = Vec::new();
        for part in board.iter().filter(|part| self.is_warned(part.service)) {
            for row in &part.rows {
                warnings.extend(assumed_visible(part.service, row, now));
                warnings.extend(inconsistent(part.service, row));
            }
        }
        let reports = self.records().into_iter();
        warnings.extend(
            reports
                .filter(|record| self.is_warned(record.service))
                .filter_map(|record| self.old_instructions(record, now)),
        );
        warnings.extend(self.repeated_questions(now));
        sort_by_key(&mut warnings, |it| {
            (!it.escalated, it.sign, it.since, it.about)
        });
        warnings
    }

    /// Whether I am warned at a service: the team leader, as on the board, and those to whom warnings escalate.
    fn is_warned(&self, service: ServiceId) -> bool {
        self.is_warned_first(service) || self.my_roles(service).contains(&Role::TeamLeader)
    }

    fn is_warned_first(&self, service: ServiceId) -> bool {
        let roles = self.my_roles(service);
        ESCALATES_TO.iter().any(|role| roles.contains(role))
    }

    /// A report that is open, and says that somebody followed what had been replaced by then.
    fn old_instructions(&self, record: &Record, now: Millis) -> Option<Warning> {
        let RecordData::Mismatch(it) = record.current() else {
            return None;
        };
        let followed = followed(it)?;
        let at = it
            .happened_at
            .unwrap_or_else(|| record.made.saturating_add(record.skew.unwrap_or(0)));
        let plans = match it.plan {
            Some(plan) => vec![plan],
            None => self.plans_of(it.person).iter().map(|it| it.id).collect(),
        };
        let update = plans
            .into_iter()
            .find_map(|plan| self.replaced_by(plan, record.service, followed, at))?;
        let open = self.handling(record.id)?.closed.is_none();
        open.then(|| Warning {
            sign: Sign::OldInstructions,
            service: record.service,
            about: record.id,
            title: update.title(self),
            what: format!(
                "{} followed the old text, {}",
                self.name_of(it.given_by.unwrap_or(record.author)),
                words::when_after(at, now)
            ),
            since: at,
            escalated: false,
        })
    }

    /// The change in force at a time, where `text` is what it or an earlier change had replaced.
    fn replaced_by(
        &self,
        plan: SubjectId,
        service: ServiceId,
        text: &str,
        at: Millis,
    ) -> Option<UpdateView> {
        let in_force = |it: &UpdateView| {
            it.service == service
                && it.at <= at
                && it.effective_from <= at
                && !matches!(it.standing, Standing::Withdrawn { .. })
        };
        let updates = self.updates_of(plan);
        let mut updates = updates.into_iter().filter(in_force);
        let newest = updates.next()?;
        let earlier: Vec<UpdateView> = updates.collect();
        let old = earlier
            .iter()
            .flat_map(|it| [&it.before, &it.after])
            .chain([&newest.before])
            .any(|old| says_the_same(text, old));
        (old && !says_the_same(text, &newest.after)).then_some(newest)
    }

    /// Instructions that were asked about twice or more.
    fn repeated_questions(&self, now: Millis) -> Vec<Warning> {
        let mut asked: BTreeMap<(ServiceId, SubjectId), Vec<&Record>> = BTreeMap::new();
        for record in self.records() {
            let RecordData::Question(it) = &record.data else {
                continue;
            };
            let recent = now.saturating_sub(self.given_at(record.id)) < ASKED_WITHIN;
            if recent && !record.delivery.is_held() && self.is_warned(record.service) {
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
                escalated: false,
            })
        };
        asked.into_iter().filter_map(warning).collect()
    }

    /// What home says of the warnings: each record apart, and the changes of one sign together.
    pub(super) fn warning_needs(&self, board: &[BoardPart], now: Millis) -> Vec<Need> {
        let mut needs = Vec::new();
        let warnings = self.warnings_on(board, now);
        for first in [true, false] {
            for sign in Sign::ALL {
                let of: Vec<&Warning> = warnings
                    .iter()
                    .filter(|it| it.sign == sign && self.is_warned_first(it.service) == first)
                    .filter(|it| !self.have_read(it))
                    .collect();
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
                        need(EntryId::nil(), format!("{}. And {more}", worst.line()));
                    }
                    each => each.iter().for_each(|it| need(it.about, it.line())),
                }
            }
        }
        needs
    }

    /// Whether it comes of a record that I wrote or have read as it reads now.
    fn have_read(&self, warning: &Warning) -> bool {
        self.record(warning.about).is_some_and(|record| {
            record.author == self.me || self.seen_as_it_reads(record).is_some()
        })
    }
}

impl Warning {
    fn line(&self) -> String {
        let twice = if self.escalated {
            ". Twice its time has passed"
        } else {
            ""
        };
        format!("{} · {}{twice}", self.title, self.what)
    }
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
    let words = |text: &str| -> Vec<String> {
        text.split(|letter: char| !letter.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .map(str::to_lowercase)
            .collect()
    };
    words(one) == words(other)
}

/// Devices that have not answered within the time that the change's urgency gives them.
fn assumed_visible(service: ServiceId, row: &BoardRow, now: Millis) -> Option<Warning> {
    let cells = row.cells.iter().flatten();
    let late: Vec<_> = cells.filter(|it| it.state == CellState::Late).collect();
    let since = late.iter().map(|it| it.due).min()?;
    let twice = |due: Millis, asked: Millis| due.saturating_add(due.saturating_sub(asked));
    Some(row.warning(
        Sign::AssumedVisible,
        service,
        format!(
            "{} not answered, late by {}",
            words::count(late.len(), "device has", "devices have"),
            words::age(now.saturating_sub(since))
        ),
        since,
        late.iter().any(|it| now > twice(it.due, it.asked)),
    ))
}

/// One device shows the change and another does not, or one has two answers.
fn inconsistent(service: ServiceId, row: &BoardRow) -> Option<Warning> {
    let given = |of: &[CellState]| -> Vec<Millis> {
        let cells = row.cells.iter().flatten();
        let of = cells.filter(|it| of.contains(&it.state));
        of.filter_map(|it| Some(it.given?.at)).collect()
    };
    let shows = given(&[CellState::Shows]);
    let wrong = given(&[CellState::ShowsOld, CellState::SomethingElse]);
    let disagree = given(&[CellState::Disagree]);
    // It began when the second of the two sides was first heard.
    let apart = shows.iter().min().max(wrong.iter().min());
    let apart = apart.filter(|_| !shows.is_empty() && !wrong.is_empty());
    let since = *apart.into_iter().chain(disagree.iter().min()).min()?;
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
    Some(row.warning(Sign::Inconsistent, service, what.join(", "), since, false))
}

impl BoardRow {
    fn warning(
        &self,
        sign: Sign,
        service: ServiceId,
        what: String,
        since: Millis,
        escalated: bool,
    ) -> Warning {
        Warning {
            sign,
            service,
            about: self.id,
            title: format!("{}: {}", self.person, self.support_task.to_lowercase()),
            what,
            since,
            escalated,
        }
    }
}
