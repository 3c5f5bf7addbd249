//! Changed instructions and what each device shows of them (pathway B). An update is what somebody recorded, or an
//! instruction that a later import changed; its id is that entry's. Answers count for the update they name, so a late
//! one for a replaced update never confirms the one in its place.

use std::borrow::Cow;
use std::collections::btree_set::Range;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::NaiveTime;

use super::Ledger;
use super::home::{Need, NeedReason};
use super::kept::{InUse, KeptRow, Visits};
use super::record::Delivery;
use crate::body::{
    AnswerTimes, Data, DeviceCheck, DeviceKind, FailedDevice, Found, Kind, Method, MustSee, Screen,
    ServiceKind, Shows, Urgency,
};
use crate::difference::{Difference, difference, same_words};
use crate::encoding::Millis;
use crate::ids::{DeviceId, EntryId, ServiceId, SubjectId, UserId};
use crate::permission::{See, may_write, see};
use crate::sort::{sort_by, sort_by_key};
use crate::words;

/// How much of an instruction home shows.
const FIRST_WORDS: usize = 120;

const DAY: Millis = 24 * 3_600_000;

/// How many days a routine change has, where the provider says nothing else.
const ROUTINE_DAYS: u16 = 7;

/// When shifts begin, where the provider says nothing else: hours of the day.
const SHIFTS: [u32; 2] = [8, 20];

/// What the reason of an imported change reads as.
const IMPORTED: &str = "The care record was changed.";

/// A changed instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateView {
    /// The entry that brought it: a recorded update, or an imported instruction.
    pub id: EntryId,
    pub service: ServiceId,
    pub person: SubjectId,
    pub plan: SubjectId,
    pub support_task: String,
    pub before: String,
    pub after: String,
    pub reason: String,
    pub effective_from: Millis,
    pub urgency: Urgency,
    pub must_see: MustSee,
    /// The best estimate of the true time it was recorded.
    pub at: Millis,
    /// Who recorded it; none for what an import brought.
    pub by: Option<UserId>,
    /// The update it names as the one it replaces.
    pub replaces: Option<EntryId>,
    pub standing: Standing,
    pub delivery: Delivery,
}

/// Whether an update is still what devices must show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Stands,
    /// Another update has taken its place. That stays so where the other one is withdrawn: what devices showed before
    /// it says nothing of what they show after it.
    Replaced {
        by: EntryId,
    },
    Withdrawn {
        by: UserId,
        at: Millis,
        reason: String,
    },
}

/// A device that must show changes at a service.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ScreenView {
    pub screen: Screen,
    pub service: ServiceId,
    /// `NHC-PH6`, or `Marta Kowalska’s own phone`.
    pub label: String,
    /// `PH6`, or `Marta’s`; `Marta K’s` where another Marta's own phone is asked too.
    pub short: String,
    /// What stands under that: the holder's first name, `Shared`, or `own`.
    pub whose: String,
    /// Whose it is: as imported, else whoever last said so on it.
    pub holder: Option<UserId>,
    /// The holder's name; `Shared` where it is nobody's.
    pub holder_name: String,
}

/// A device that has no column on the board of a service, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    pub screen: Screen,
    /// As [`ScreenView::label`].
    pub label: String,
    pub why: Why,
    /// Its answers about changes that stand, newest first: kept, and counted in no cell.
    pub answers: Vec<(EntryId, Given)>,
}

/// Why a device is not asked about the changes of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Somebody who handled a mismatch said that it is used no more.
    Retired {
        by: UserId,
        at: Millis,
        reason: String,
    },
    /// The last import had it no more.
    Unlisted,
    /// It is of this other service.
    OtherService(ServiceId),
    /// It shows no instructions: a laptop, or the own phone of somebody who gives no care here.
    NotAsked,
    /// Nobody has said what it is.
    Unknown,
}

/// One answer about one device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Given {
    /// The best estimate of the true time it was given.
    pub at: Millis,
    pub id: EntryId,
    pub by: UserId,
    pub answer: Shows,
    pub method: Method,
    /// When the server first had it; the greatest number while it is on this phone alone.
    pub received: Millis,
}

/// What is known of one device and one update.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CellState {
    /// Two people answered differently, and neither could know of the other's answer.
    Disagree,
    ShowsOld,
    SomethingElse,
    CannotOpen,
    /// No answer, and the time for it is over.
    Late,
    /// No answer yet.
    Waiting,
    Shows,
}

/// One device's place in an update's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    pub state: CellState,
    /// The answer that stands.
    pub given: Option<Given>,
    /// The wrong text that it showed last, where the answer that stands says only that it could not be opened.
    pub showed: Option<Given>,
    /// Where answers disagree, the latest of the others that says something else than the one that stands.
    pub against: Option<Given>,
    /// The first of all its answers.
    pub first: Option<Given>,
    /// When the first of the answers was given since which it has been in this state; the old text and something else
    /// count as one.
    pub since: Option<Millis>,
    /// When the update was recorded: an answer has been awaited since.
    pub asked: Millis,
    /// Until when an answer is in time.
    pub due: Millis,
    /// When it was last reminded.
    pub reminded: Option<Millis>,
}

/// One update's row on the board.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardRow {
    pub id: EntryId,
    pub person: String,
    pub support_task: String,
    pub urgency: Urgency,
    pub at: Millis,
    /// By the part's `screens`; none where the device need not show it.
    pub cells: Vec<Option<Cell>>,
    pub coverage: Coverage,
    /// What most needs somebody of all its places; [`CellState::Shows`] where there are none.
    pub worst: CellState,
}

/// How many of the devices that must show an update do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    pub shows: usize,
    pub of: usize,
    pub to_chase: usize,
    /// From the update to the last confirmation, once every device shows it.
    pub took: Option<Millis>,
}

/// The board of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardPart {
    pub service: ServiceId,
    pub name: String,
    pub screens: Arc<Vec<ScreenView>>,
    /// The devices that are used no more, and those that answered without being asked, by label.
    pub apart: Vec<Apart>,
    /// The updates that stand, the worst first.
    pub rows: Vec<Arc<BoardRow>>,
    /// Replaced and withdrawn updates, newest first.
    pub closed: Vec<UpdateView>,
}

/// How many answers are to be chased, by what is wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ToChase {
    pub wrong: usize,
    pub disagree: usize,
    pub cannot_open: usize,
    pub late: usize,
}

/// A change that this phone is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToConfirm {
    pub update: UpdateView,
    pub screen: Screen,
    pub due: Millis,
    /// The visit or shift before which it must show, where that is what it is due by.
    pub before: Option<Before>,
    /// Who last asked again, and when.
    pub reminded: Option<(UserId, Millis)>,
}

/// What a confirm screen shows and asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub update: UpdateView,
    pub screen: Screen,
    /// `NHC-PH6`, or `your own phone`.
    pub label: String,
    /// What differs from the text that the device was last known to show.
    pub difference: Difference,
    /// The four answers with their words, in the order in which they stand: the two texts unlabelled.
    pub answers: Vec<(Shows, String)>,
    /// My last answer for this device.
    pub mine: Option<(Given, Delivery)>,
}

/// What one shift handed over to the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver<'a> {
    pub id: EntryId,
    pub service: ServiceId,
    pub by: UserId,
    pub to: UserId,
    pub at: Millis,
    pub updates: &'a [EntryId],
    pub note: &'a str,
}

impl UpdateView {
    /// Whether the day has not come yet from which it holds: until then what it replaces is to be followed.
    pub fn begins_later(&self, now: Millis) -> bool {
        words::day(self.effective_from) > words::day(now)
    }

    pub fn stands(&self) -> bool {
        self.standing == Standing::Stands
    }

    /// What differs between its two texts.
    pub fn difference(&self) -> Difference {
        difference(&self.before, &self.after)
    }

    /// Such as `Jean Whitby: eating and drinking`.
    pub fn title(&self, ledger: &Ledger) -> String {
        format!(
            "{}: {}",
            ledger.person_name(self.person),
            self.support_task.to_lowercase()
        )
    }
}

impl CellState {
    /// Whether somebody must go after it.
    pub fn to_chase(self) -> bool {
        !matches!(self, CellState::Waiting | CellState::Shows)
    }

    /// Whether it shows another text than the new one.
    pub fn is_wrong(self) -> bool {
        matches!(self, CellState::ShowsOld | CellState::SomethingElse)
    }

    /// The state as people read it.
    pub fn label(self) -> &'static str {
        match self {
            CellState::Disagree => "answers disagree",
            CellState::ShowsOld => Shows::Old.label(),
            CellState::SomethingElse => Shows::SomethingElse.label(),
            CellState::CannotOpen => Shows::CannotOpen.label(),
            CellState::Late => "no answer, late",
            CellState::Waiting => "no answer yet",
            CellState::Shows => Shows::New.label(),
        }
    }
}

impl Cell {
    /// The answer by which its state is known.
    pub(super) fn known(&self) -> Option<Given> {
        self.showed.or(self.given)
    }

    /// The mark in the cell: `✓`, `≠`, `×`, `?!`, the age of what is awaited, and `!` before it where it is late.
    pub fn mark(&self, now: Millis) -> String {
        let age = || words::short_age(now.saturating_sub(self.asked));
        match self.state {
            CellState::Disagree => "?!".to_owned(),
            CellState::ShowsOld | CellState::SomethingElse => "≠".to_owned(),
            CellState::CannotOpen => "×".to_owned(),
            CellState::Late => format!("!{}", age()),
            CellState::Waiting => age(),
            CellState::Shows => "✓".to_owned(),
        }
    }

    /// Who gave the answer that stands; none where there is none.
    pub fn who(&self, ledger: &Ledger) -> Option<String> {
        Some(ledger.name_of(self.given?.by))
    }

    /// A device's row in a list: who holds it and its state; where somebody else answered for it, that too. `Marta
    /// Kowalska · shows the new text, Sunita Rao says`.
    pub fn glance(&self, ledger: &Ledger, place: &ScreenView, now: Millis) -> String {
        let state = match self.state {
            CellState::Late => format!("silent {}", words::age(now.saturating_sub(self.asked))),
            state => state.label().to_owned(),
        };
        let other = self.given.filter(|it| Some(it.by) != place.holder);
        match other.filter(|_| self.state != CellState::Disagree) {
            Some(it) => format!(
                "{} · {state}, {} says",
                place.holder_name,
                ledger.name_of(it.by)
            ),
            None => format!("{} · {state}", place.holder_name),
        }
    }

    /// All that is known of a device: whose it is, where that is not who answered, and [`Cell::words`].
    pub fn line(&self, ledger: &Ledger, place: &ScreenView, now: Millis) -> String {
        let words = self.words(ledger, now);
        match place.holder {
            Some(holder) if self.given.is_some_and(|it| it.by == holder) => words,
            Some(_) => format!("Held by {} · {words}", place.holder_name),
            None => format!("{} · {words}", place.holder_name),
        }
    }

    /// The state in words, with who said so, how and when, or for how long an answer has been awaited. Where answers
    /// disagree, both.
    pub fn words(&self, ledger: &Ledger, now: Millis) -> String {
        let said = |what: &str, given: Given| {
            format!(
                "{what}: {}, {}, {}",
                ledger.name_of(given.by),
                given.method.told(),
                words::when_after(given.at, now)
            )
        };
        if let (Some(given), Some(against)) = (self.given, self.against) {
            return format!(
                "{} · {} · {}",
                self.state.label(),
                said(given.answer.label(), given),
                said(against.answer.label(), against)
            );
        }
        match (self.showed, self.given) {
            (Some(showed), Some(given)) => format!(
                "{} · {}",
                said(self.state.label(), showed),
                said("later it could not be opened", given)
            ),
            (_, Some(given)) => said(self.state.label(), given),
            (_, None) if self.state == CellState::Late => format!(
                "{} by {}",
                self.state.label(),
                words::age(now.saturating_sub(self.due))
            ),
            (_, None) => format!(
                "{}, asked {} ago",
                self.state.label(),
                words::age(now.saturating_sub(self.asked))
            ),
        }
    }
}

impl Apart {
    /// Why it stands apart, and what it said last.
    pub fn words(&self, ledger: &Ledger, now: Millis) -> String {
        let why = self.why.words(ledger, now);
        match self.answers.first() {
            Some((_, given)) => format!(
                "{why} · {}: {}, {}",
                given.answer.label(),
                ledger.name_of(given.by),
                words::when_after(given.at, now)
            ),
            None => why,
        }
    }
}

impl Why {
    /// As people read it.
    pub fn words(&self, ledger: &Ledger, now: Millis) -> String {
        match self {
            Why::Retired { by, at, reason } => format!(
                "Used no more: {}. {}, {}",
                words::isolated(reason),
                ledger.name_of(*by),
                words::when_after(*at, now)
            ),
            Why::Unlisted => "No longer listed".to_owned(),
            Why::OtherService(service) => match ledger.service(*service) {
                Some(it) => format!("Of another service: {}", words::isolated(&it.name)),
                None => "Of another service".to_owned(),
            },
            Why::NotAsked => "Need not show instructions".to_owned(),
            Why::Unknown => "Nobody has said which device it is".to_owned(),
        }
    }
}

impl ToChase {
    pub fn count(&self) -> usize {
        self.wrong + self.disagree + self.cannot_open + self.late
    }

    fn add(&mut self, state: CellState) {
        match state {
            CellState::Disagree => self.disagree += 1,
            CellState::ShowsOld | CellState::SomethingElse => self.wrong += 1,
            CellState::CannotOpen => self.cannot_open += 1,
            CellState::Late => self.late += 1,
            CellState::Waiting | CellState::Shows => {}
        }
    }

    /// What is to be chased in these rows.
    pub fn of<'r>(rows: impl IntoIterator<Item = &'r Arc<BoardRow>>) -> ToChase {
        let mut sum = ToChase::default();
        for cell in rows.into_iter().flat_map(|row| row.cells.iter().flatten()) {
            sum.add(cell.state);
        }
        sum
    }

    /// `8 answers to chase`.
    pub fn title(&self) -> String {
        match self.count() {
            0 => "No answers to chase".to_owned(),
            count => format!("{} to chase", words::count(count, "answer", "answers")),
        }
    }

    /// `2 show something else, 1 has two answers, 5 are silent past their time.`; empty where there is nothing.
    pub fn line(&self) -> String {
        let part = |count: usize, one: &str, many: &str| {
            (count > 0).then(|| format!("{count} {}", if count == 1 { one } else { many }))
        };
        let parts: Vec<String> = [
            part(self.wrong, "shows something else", "show something else"),
            part(self.disagree, "has two answers", "have two answers"),
            part(self.cannot_open, "could not open it", "could not open it"),
            part(
                self.late,
                "is silent past its time",
                "are silent past their time",
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        if parts.is_empty() {
            return String::new();
        }
        format!("{}.", parts.join(", "))
    }
}

impl ToConfirm {
    /// `Jean Whitby: eating and drinking changed`.
    pub fn title(&self, ledger: &Ledger) -> String {
        format!("{} changed", self.update.title(ledger))
    }

    /// Until when to look, and who asked again.
    pub fn line(&self, ledger: &Ledger, now: Millis) -> String {
        let until = if now > self.due {
            "Your answer is late. Check your care app now".to_owned()
        } else {
            let until = match self.before {
                Some(Before::Visit(start)) if words::day(start) == words::day(now) => {
                    format!("before your {} visit", words::time(start))
                }
                Some(Before::Visit(start)) => {
                    format!("before your visit {}", words::when_after(start, now))
                }
                Some(Before::Shift(start)) => {
                    format!("before the next shift, {}", words::when_after(start, now))
                }
                None if self.due == words::end_of_day(now) => "today".to_owned(),
                None => format!("by {}", words::when_after(self.due, now)),
            };
            format!("Check your care app shows it {until}")
        };
        match self.reminded {
            Some((by, at)) => format!(
                "{} reminded you, {} · {until}",
                ledger.name_of(by),
                words::when_after(at, now)
            ),
            None => until,
        }
    }
}

/// Whether the text now stands before the text of before among the answers: by the parity of the ids, so that it is
/// even over devices and the same whenever the question is opened.
pub fn new_text_first(update: EntryId, screen: Screen) -> bool {
    let device = match screen {
        Screen::Labelled(label) => label.bytes(),
        Screen::Own(device) => device.bytes(),
    };
    let ones: u32 = update
        .bytes()
        .iter()
        .chain(&device)
        .map(|byte| byte.count_ones())
        .sum();
    ones.is_multiple_of(2)
}

/// Before what a device must show a change, where that is not a time of the clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Before {
    /// The holder's next planned visit, and when it starts.
    Visit(Millis),
    /// The next shift of a care home, and when it begins.
    Shift(Millis),
}

/// By when devices of a service must show a change: as the provider set it, else as is usual.
struct DueBy {
    kind: ServiceKind,
    shift_starts: Vec<NaiveTime>,
    today_until: Option<NaiveTime>,
    routine: Millis,
}

impl DueBy {
    fn of(kind: ServiceKind, times: &AnswerTimes) -> DueBy {
        let mut shift_starts = times.shift_starts.clone();
        if shift_starts.is_empty() {
            shift_starts = SHIFTS
                .into_iter()
                .filter_map(|hour| NaiveTime::from_hms_opt(hour, 0, 0))
                .collect();
        }
        shift_starts.sort_unstable();
        DueBy {
            kind,
            shift_starts,
            today_until: times.today_until,
            routine: Millis::from(times.routine_days.unwrap_or(ROUTINE_DAYS)) * DAY,
        }
    }

    /// When the next shift after a moment begins.
    fn next_shift(&self, after: Millis) -> Option<Millis> {
        let today = words::day(after);
        let days = [Some(today), today.succ_opt()].into_iter().flatten();
        days.flat_map(|day| {
            self.shift_starts
                .iter()
                .map(move |time| words::at(day, *time))
        })
        .find(|start| *start > after)
    }

    /// Until when 'today' is for what was recorded at a moment.
    fn today(&self, at: Millis) -> Millis {
        let until = self.today_until.map(|time| words::at(words::day(at), time));
        until
            .filter(|until| *until > at)
            .unwrap_or_else(|| words::end_of_day(at))
    }

    /// Until when a device has to show an update, and before what. `visits` are the starts of its holder's planned
    /// visits, earliest first.
    fn due(&self, update: &UpdateView, visits: &[Millis]) -> (Millis, Option<Before>) {
        let visit = || {
            let next = visits.get(visits.partition_point(|start| *start <= update.at));
            next.map(|start| (*start, Some(Before::Visit(*start))))
        };
        let shift = || {
            let start = self.next_shift(update.at)?;
            Some((start, Some(Before::Shift(start))))
        };
        let before = match (update.urgency, self.kind) {
            (Urgency::Routine, _) => return (update.at.saturating_add(self.routine), None),
            (Urgency::Today, _) => None,
            (_, ServiceKind::Domiciliary) => visit(),
            // Nobody visits in a care home: whoever comes on shift must see it.
            (_, ServiceKind::Residential | ServiceKind::Nursing) => shift(),
            (_, ServiceKind::SupportedLiving | ServiceKind::ExtraCare) => visit().or_else(shift),
        };
        before.unwrap_or_else(|| (self.today(update.at), None))
    }
}

/// A recorded update, as far as the chain of its instruction needs it.
struct Recorded {
    view: UpdateView,
    /// Its place in the service's chain; none while it is on this phone alone.
    seq: Option<u64>,
}

impl Ledger {
    /// Every change of one instruction, newest first.
    pub fn updates_of(&self, plan: SubjectId) -> Vec<UpdateView> {
        self.chain(plan).to_vec()
    }

    pub(super) fn chain(&self, plan: SubjectId) -> Arc<Vec<UpdateView>> {
        if let Some(chain) = self.kept.parts().chain(plan) {
            return chain;
        }
        let chain = Arc::new(self.read_chain(plan));
        self.kept.parts().keep_chain(plan, &chain);
        chain
    }

    fn read_chain(&self, plan: SubjectId) -> Vec<UpdateView> {
        let recorded: Vec<Recorded> = self
            .updates
            .get(&plan)
            .into_iter()
            .flatten()
            .filter_map(|id| self.recorded(*id))
            .collect();
        let mut replaced: BTreeMap<EntryId, EntryId> = BTreeMap::new();
        let mut imported = Vec::new();
        for ((_, _, service), versions) in self.keys_of_thing(Kind::Plan, plan.uuid()) {
            let mut before: Option<&str> = None;
            let mut last_change: Option<EntryId> = None;
            for version in versions {
                let Some(Data::Plan(it)) = self.body(version.id).map(|body| &body.data) else {
                    continue;
                };
                let changed = before.filter(|before| !same_words(before, &it.instruction));
                let was = before.replace(&it.instruction);
                if changed.is_none() {
                    continue;
                }
                let earlier = || {
                    recorded.iter().filter(|other| {
                        other.view.service == *service
                            && other.seq.is_some_and(|seq| seq < version.seq)
                    })
                };
                // The care record has caught up with what was recorded here: that is the same change.
                let caught_up = earlier()
                    .filter(|other| !matches!(other.view.standing, Standing::Withdrawn { .. }))
                    .filter(|other| same_words(&other.view.after, &it.instruction))
                    .max_by_key(|other| other.seq);
                let by = caught_up.map_or(version.id, |other| other.view.id);
                if let Some(last) = last_change.take() {
                    replaced.entry(last).or_insert(by);
                }
                if caught_up.is_none() {
                    for other in earlier() {
                        replaced.entry(other.view.id).or_insert(by);
                    }
                    last_change = Some(version.id);
                    imported.extend(self.imported(version.id, was.unwrap_or_default(), it));
                }
            }
        }
        let mut updates: Vec<UpdateView> = recorded
            .into_iter()
            .map(|it| it.view)
            .chain(imported)
            .collect();
        for at in 0..updates.len() {
            let it = &updates[at];
            let named = updates
                .iter()
                .filter(|other| other.replaces == Some(it.id) && other.id != it.id)
                .filter(|other| other.service == it.service)
                .min_by_key(|other| (other.at, other.id))
                .map(|other| other.id);
            let by = named.or_else(|| replaced.get(&it.id).copied());
            if let (Some(by), Standing::Stands) = (by, &it.standing) {
                updates[at].standing = Standing::Replaced { by };
            }
        }
        sort_by_key(&mut updates, |it| std::cmp::Reverse((it.at, it.id)));
        updates
    }

    fn recorded(&self, id: EntryId) -> Option<Recorded> {
        let (meta, said) = self.entry(id)?;
        let Some(Data::PlanUpdate(it)) = said.data() else {
            return None;
        };
        Some(Recorded {
            view: UpdateView {
                id,
                service: meta.service,
                person: it.person,
                plan: it.plan,
                support_task: it.support_task.clone(),
                before: it.before.clone(),
                after: it.after.clone(),
                reason: it.reason.clone(),
                effective_from: it.effective_from,
                urgency: it.urgency,
                must_see: it.must_see.clone(),
                at: self.given_at(id),
                by: Some(meta.author),
                replaces: it.supersedes,
                standing: self.withdrawn(id),
                delivery: self.delivery(id).0,
            },
            seq: self.header(id).map(|header| header.seq),
        })
    }

    fn imported(&self, id: EntryId, before: &str, now: &crate::body::Plan) -> Option<UpdateView> {
        let (meta, _) = self.entry(id)?;
        Some(UpdateView {
            id,
            service: meta.service,
            person: now.person,
            plan: now.plan,
            support_task: now.support_task.clone(),
            before: before.to_owned(),
            after: now.instruction.clone(),
            reason: IMPORTED.to_owned(),
            effective_from: words::start_of(now.effective_from),
            // Nobody has said how urgent it is, so it counts as due today.
            urgency: Urgency::Today,
            must_see: MustSee::Everyone,
            at: self.given_at(id),
            by: None,
            replaces: None,
            standing: self.withdrawn(id),
            delivery: self.delivery(id).0,
        })
    }

    /// The best estimate of the true time an entry was made, which is no later than when the server had it.
    pub(super) fn given_at(&self, id: EntryId) -> Millis {
        let received = self.header(id).map_or(Millis::MAX, |it| it.first());
        self.entry(id)
            .map_or(0, |(meta, _)| meta.at().min(received))
    }

    /// When an update was withdrawn, and the entry that says so.
    pub(super) fn withdrawal_of(&self, update: EntryId) -> Option<(Millis, EntryId)> {
        let first = self.withdrawals.get(&update).and_then(BTreeSet::first);
        first.copied()
    }

    fn withdrawn(&self, update: EntryId) -> Standing {
        let found = self.withdrawal_of(update).and_then(|(at, id)| {
            let (meta, said) = self.entry(id)?;
            match said.data()? {
                Data::Withdrawal(it) => Some((meta.author, at, it.reason.clone())),
                _ => None,
            }
        });
        found.map_or(Standing::Stands, |(by, at, reason)| Standing::Withdrawn {
            by,
            at,
            reason,
        })
    }

    /// The changes of each instruction that has any.
    pub(super) fn chains(&self) -> impl Iterator<Item = Arc<Vec<UpdateView>>> {
        let mut plans: BTreeSet<SubjectId> = self.updates.keys().copied().collect();
        plans.extend(
            self.keys_of(Kind::Plan)
                .filter(|(_, versions)| versions.len() > 1)
                .map(|((_, plan, _), _)| SubjectId::from(*plan)),
        );
        plans.into_iter().map(|plan| self.chain(plan))
    }

    /// Every update, newest first.
    pub fn updates(&self) -> Vec<UpdateView> {
        let mut updates: Vec<UpdateView> = self.chains().flat_map(|chain| chain.to_vec()).collect();
        sort_by_key(&mut updates, |it| std::cmp::Reverse((it.at, it.id)));
        updates
    }

    /// One update, whatever became of it.
    pub fn update(&self, id: EntryId) -> Option<UpdateView> {
        let plan = match &self.body(id)?.data {
            Data::PlanUpdate(it) => it.plan,
            Data::Plan(it) => it.plan,
            _ => return None,
        };
        let counted = self.chain(plan).iter().find(|it| it.id == id).cloned();
        // One of my own that the server holds is on no board, and its author reads it all the same.
        counted.or_else(|| self.recorded(id).map(|it| it.view))
    }

    /// Whether I see what every device at a service shows.
    pub fn sees_answers(&self, service: ServiceId) -> bool {
        see(&self.my_roles(service), Kind::Confirmation) == See::All
    }

    /// The newest update of an instruction that stands: what is in force from its time on.
    pub fn change_of(&self, plan: SubjectId) -> Option<UpdateView> {
        self.chain(plan).iter().find(|it| it.stands()).cloned()
    }

    /// The newest change of an instruction that was not withdrawn: what people follow from its day on. Devices are asked
    /// about one that stands; one whose replacement was withdrawn is followed again, and no device is asked about it.
    pub fn followed_change(&self, plan: SubjectId) -> Option<UpdateView> {
        let withdrawn = |it: &&UpdateView| matches!(it.standing, Standing::Withdrawn { .. });
        let chain = self.chain(plan);
        chain.iter().find(|it| !withdrawn(it)).cloned()
    }

    /// Whether the change in the place of this one was withdrawn, so that this one is followed again.
    pub fn is_followed_again(&self, update: &UpdateView) -> bool {
        let followed = self.followed_change(update.plan);
        !update.stands() && followed.is_some_and(|it| it.id == update.id)
    }

    /// The change of an instruction that stands at a service: what a device there must show.
    pub fn change_at(&self, plan: SubjectId, service: ServiceId) -> Option<EntryId> {
        let updates = self.updates_of(plan).into_iter();
        let mut standing = updates.filter(|it| it.service == service && it.stands());
        Some(standing.next()?.id)
    }

    /// An instruction of a person as it reads now, by whatever changed it last: what the record system says of it may
    /// be older. With it, since when the change that says so holds; none where no change does. It holds from its day on, as
    /// home says it: the clock of this phone may be behind the one it was recorded by.
    pub fn reads_now(&self, plan: &super::PlanView, now: Millis) -> (String, Option<Millis>) {
        match self.followed_change(plan.id) {
            Some(change) if !change.begins_later(now) => {
                (change.after, Some(change.effective_from))
            }
            Some(change) => (change.before, None),
            None => (plan.instruction.clone(), None),
        }
    }

    /// The devices that show instructions at a service: its phones and tablets by label, then the own phones of
    /// those who give care there.
    pub fn screens(&self, service: ServiceId) -> Arc<Vec<ScreenView>> {
        if let Some(screens) = self.kept.parts().screens(service) {
            return screens;
        }
        let screens = Arc::new(self.read_screens(service));
        self.kept.parts().keep_screens(service, &screens);
        screens
    }

    fn read_screens(&self, service: ServiceId) -> Vec<ScreenView> {
        let staff = self.staff(service);
        let mut said: BTreeMap<SubjectId, (super::order::Order, UserId)> = BTreeMap::new();
        let mut own = Vec::new();
        for (device, orders) in &self.device_uses {
            let Some(order) = orders.last() else { continue };
            let (Some(answer), Some((meta, _))) = (self.device_use(*device), self.entry(order.id))
            else {
                continue;
            };
            let user = meta.author;
            match answer.label {
                Some(label) => {
                    let last = said.entry(label).or_insert((*order, user));
                    *last = (*last).max((*order, user));
                }
                None if staff
                    .iter()
                    .any(|it| it.user == user && it.roles.iter().any(|role| role.gives_care())) =>
                {
                    own.push((self.name_of(user), *device, user));
                }
                None => {}
            }
        }
        sort_by(&mut own, |a, b| a.cmp(b));
        let whose: Vec<String> = own
            .iter()
            .map(|(name, _, user)| {
                let others = own.iter().filter(|(_, _, other)| other != user);
                let others: Vec<&str> = others.map(|(name, _, _)| name.as_str()).collect();
                words::first_name_among(name, &others)
            })
            .collect();
        let code = self.service(service).map(|it| it.code).unwrap_or_default();
        let labelled = self
            .devices(service)
            .into_iter()
            .filter(|device| device.kind != DeviceKind::Laptop)
            .map(|device| {
                let holder = device
                    .holder
                    .or_else(|| said.get(&device.id).map(|(_, user)| *user));
                let short = device.label.strip_prefix(code.as_str());
                let short = short.and_then(|rest| rest.strip_prefix('-'));
                let holder_name = holder.map_or("Shared".to_owned(), |user| self.name_of(user));
                ScreenView {
                    screen: Screen::Labelled(device.id),
                    service,
                    short: short.unwrap_or(&device.label).to_owned(),
                    holder,
                    whose: words::first_name(&holder_name),
                    holder_name,
                    label: device.label,
                }
            });
        let own = own.into_iter().zip(whose);
        let own = own.map(|((name, device, user), whose)| ScreenView {
            screen: Screen::Own(device),
            service,
            label: format!("{name}’s own phone"),
            short: format!("{whose}’s"),
            whose: "own".to_owned(),
            holder: Some(user),
            holder_name: name,
        });
        labelled.chain(own).collect()
    }

    /// What a phone is on the board, once its user has said which device it is.
    pub fn screen_of(&self, device: DeviceId) -> Option<Screen> {
        Some(match self.device_use(device)?.label {
            Some(label) => Screen::Labelled(label),
            None => Screen::Own(device),
        })
    }

    fn due_by(&self, service: ServiceId) -> DueBy {
        match self.service(service) {
            Some(it) => DueBy::of(it.kind, &it.answer_times),
            None => DueBy::of(ServiceKind::Domiciliary, &AnswerTimes::default()),
        }
    }

    pub(super) fn must_show(&self, update: &UpdateView, screen: &ScreenView) -> bool {
        match &update.must_see {
            MustSee::Everyone => true,
            MustSee::Roles(roles) => screen.holder.is_some_and(|holder| {
                let held = self.roles_of(holder, update.service);
                roles.iter().any(|role| held.contains(role))
            }),
            MustSee::Devices(devices) => {
                matches!(screen.screen, Screen::Labelled(label) if devices.contains(&label))
            }
        }
    }

    fn cell(
        &self,
        update: &UpdateView,
        screen: Screen,
        checks: &[(Screen, Given)],
        due: Millis,
        now: Millis,
    ) -> Cell {
        let key = (update.id, screen);
        let answers = self.answers_of(key, checks);
        let given = answers.last().copied();
        let state = match given {
            None if now > due => CellState::Late,
            None => CellState::Waiting,
            Some(given) => state_after(answers.range(..), &given),
        };
        let since = answers.iter().rev().take_while(|it| {
            let then = state_after(answers.range(..=**it), it);
            then == state || then.is_wrong() && state.is_wrong()
        });
        let reminded = self.reminders.get(&key).and_then(BTreeSet::last);
        let showed = given.and_then(|given| showed_before(answers.range(..), &given));
        Cell {
            state,
            given,
            showed: showed.filter(|_| state.is_wrong()),
            against: given.and_then(|given| against(answers.range(..), &given)),
            first: answers.first().copied(),
            since: since.last().map(|it| it.at),
            asked: update.at,
            due,
            reminded: reminded.map(|(at, _)| *at),
        }
    }

    /// The answers of one device about an update; `checks` are those of the update.
    pub(super) fn answers_of(
        &self,
        key: (EntryId, Screen),
        checks: &[(Screen, Given)],
    ) -> Cow<'_, BTreeSet<Given>> {
        let mut answers = match self.answers.get(&key) {
            Some(answers) => Cow::Borrowed(answers),
            None => Cow::Owned(BTreeSet::new()),
        };
        for (_, given) in checks.iter().filter(|(screen, _)| *screen == key.1) {
            answers.to_mut().insert(*given);
        }
        answers
    }

    /// What was found of an update where devices were looked at in the handling of a mismatch: each is an answer.
    pub(super) fn checks_of(&self, update: EntryId) -> Vec<(Screen, Given)> {
        let checks = self.checks.get(&update).into_iter().flatten();
        let answer = |id: &EntryId| {
            let (meta, it) = self.check_of_device(*id)?;
            let on_it = self.same_device(FailedDevice::Phone(meta.device), it.device);
            let seen = if on_it {
                Method::Holder
            } else {
                Method::SeenInPerson
            };
            let (answer, method) = match it.found {
                Found::Shows if on_it => (Shows::New, Method::Holder),
                Found::SeenInPerson => (Shows::New, Method::SeenInPerson),
                Found::StillWrong => (Shows::SomethingElse, seen),
                Found::Shows | Found::Retired { .. } => return None,
            };
            let given = Given {
                at: self.given_at(*id),
                id: *id,
                by: meta.author,
                answer,
                method,
                received: self.header(*id).map_or(Millis::MAX, |it| it.first()),
            };
            Some((self.screen_checked(it.device), given))
        };
        checks.filter_map(answer).collect()
    }

    fn screen_checked(&self, device: FailedDevice) -> Screen {
        match device {
            FailedDevice::Label(label) => Screen::Labelled(label),
            FailedDevice::Phone(phone) => self.screen_of(phone).unwrap_or(Screen::Own(phone)),
        }
    }

    /// The devices of a service that are used no more, as whoever handled a mismatch there said: until a later check
    /// finds otherwise, or somebody says that it is in their hand.
    fn retired(&self, service: ServiceId) -> Vec<(Screen, Why)> {
        // Few devices are checked, and fewer retired: lists, as the code of each map weighs in the app.
        let mut last: Vec<(Screen, Millis, EntryId)> = Vec::new();
        for id in self.checks.values().flatten() {
            let Some((meta, it)) = self.check_of_device(*id) else {
                continue;
            };
            if meta.service != service {
                continue;
            }
            let (screen, at) = (self.screen_checked(it.device), self.given_at(*id));
            match last.iter_mut().find(|(of, _, _)| *of == screen) {
                Some(known) if (known.1, known.2) < (at, *id) => *known = (screen, at, *id),
                Some(_) => {}
                None => last.push((screen, at, *id)),
            }
        }
        let retired = last.into_iter().filter_map(|(screen, at, id)| {
            let (meta, it) = self.check_of_device(id)?;
            let Found::Retired { reason } = &it.found else {
                return None;
            };
            let why = Why::Retired {
                by: meta.author,
                at,
                reason: reason.clone(),
            };
            (!self.taken_since(screen, at)).then_some((screen, why))
        });
        retired.collect()
    }

    fn check_of_device(&self, id: EntryId) -> Option<(&super::Meta, &DeviceCheck)> {
        let (meta, said) = self.entry(id)?;
        match said.data()? {
            Data::DeviceCheck(it) => Some((meta, it)),
            _ => None,
        }
    }

    /// Whether somebody has said since that a device is in their hand.
    fn taken_since(&self, screen: Screen, at: Millis) -> bool {
        self.device_uses.iter().any(|(device, orders)| {
            self.screen_of(*device) == Some(screen)
                && orders.last().is_some_and(|it| self.given_at(it.id) > at)
        })
    }

    /// The devices that are asked about the changes of a service, and those that are used no more.
    pub(super) fn in_use(&self, service: ServiceId) -> Arc<InUse> {
        let known = self.kept.parts().in_use(service);
        if let Some(in_use) = known {
            return in_use;
        }
        let retired = self.retired(service);
        let mut screens = self.screens(service);
        if !retired.is_empty() {
            let used = |it: &&ScreenView| !retired.iter().any(|(screen, _)| *screen == it.screen);
            screens = Arc::new(screens.iter().filter(used).cloned().collect());
        }
        let in_use = Arc::new(InUse { screens, retired });
        self.kept.parts().keep_in_use(service, &in_use);
        in_use
    }

    /// Why a device that is not asked about the changes of a service stands apart.
    fn apart(&self, service: ServiceId, screen: Screen) -> Why {
        match screen {
            Screen::Labelled(label) => match self.device(label) {
                None => Why::Unknown,
                Some(it) if it.service != service => Why::OtherService(it.service),
                Some(it)
                    if self
                        .devices(service)
                        .iter()
                        .any(|listed| listed.id == it.id) =>
                {
                    Why::NotAsked
                }
                Some(_) => Why::Unlisted,
            },
            Screen::Own(device) => {
                let holder = self.device_uses.get(&device).and_then(BTreeSet::last);
                let holder = holder.and_then(|order| self.entry(order.id));
                match holder.map(|(meta, _)| (meta.author, meta.service)) {
                    None => Why::Unknown,
                    Some((user, _)) if !self.roles_of(user, service).is_empty() => Why::NotAsked,
                    Some((_, said_at)) if said_at != service => Why::OtherService(said_at),
                    Some(_) => Why::NotAsked,
                }
            }
        }
    }

    /// Every answer about an update, as [`Ledger::answers_to`], and why its device stands apart where it does.
    pub fn flagged_answers(&self, update: &UpdateView) -> Vec<(Screen, Given, Option<Why>)> {
        let in_use = self.in_use(update.service);
        let asked: BTreeSet<Screen> = in_use.screens.iter().map(|it| it.screen).collect();
        let flag = |screen: Screen| match in_use.retired.iter().find(|(of, _)| *of == screen) {
            Some((_, why)) => Some(why.clone()),
            None => (!asked.contains(&screen)).then(|| self.apart(update.service, screen)),
        };
        let answers = self.answers_to(update.id).into_iter();
        answers
            .map(|(screen, given)| (screen, given, flag(screen)))
            .collect()
    }

    /// The devices that stand apart from a service's board, with what they answered about the changes on it.
    fn all_apart(&self, service: ServiceId, in_use: &InUse, rows: &[KeptRow]) -> Vec<Apart> {
        let apart = |(screen, why)| Apart {
            screen,
            label: self.screen_name(screen),
            why,
            answers: Vec::new(),
        };
        let mut all: Vec<Apart> = in_use.retired.iter().cloned().map(apart).collect();
        for KeptRow {
            row,
            apart: answers,
            ..
        } in rows
        {
            for &(screen, given) in answers.iter() {
                let at = all.iter().position(|it| it.screen == screen);
                let at = at.unwrap_or_else(|| {
                    all.push(apart((screen, self.apart(service, screen))));
                    all.len() - 1
                });
                match all[at].answers.last_mut() {
                    Some((of, last)) if *of == row.id => *last = given.max(*last),
                    _ => all[at].answers.push((row.id, given)),
                }
            }
        }
        for it in &mut all {
            sort_by_key(&mut it.answers, |(_, given)| {
                std::cmp::Reverse((given.at, given.id))
            });
        }
        sort_by(&mut all, |a, b| {
            (&a.label, a.screen).cmp(&(&b.label, b.screen))
        });
        all
    }

    /// The devices that answered about an update, each with all it answered.
    pub(super) fn answered_keys(
        &self,
        update: EntryId,
    ) -> impl Iterator<Item = (Screen, &BTreeSet<Given>)> {
        let first = (update, Screen::Labelled(SubjectId::nil()));
        self.answers
            .range(first..)
            .take_while(move |((of, _), _)| *of == update)
            .map(|((_, screen), given)| (*screen, given))
    }

    /// Every answer about an update, with the device it is for, newest first, checks in the handling of a mismatch
    /// among them, and those for a device that need not show it, of another service or no longer listed.
    pub fn answers_to(&self, update: EntryId) -> Vec<(Screen, Given)> {
        let mut answers: Vec<(Screen, Given)> = self
            .answered_keys(update)
            .flat_map(|(screen, given)| given.iter().map(move |given| (screen, *given)))
            .chain(self.checks_of(update))
            .collect();
        sort_by_key(&mut answers, |(screen, given)| {
            std::cmp::Reverse((given.at, given.id, *screen))
        });
        answers
    }

    /// Whether I have said on a device what it shows of an update, and am not asked again since.
    pub fn i_have_answered(&self, update: EntryId, device: DeviceId, now: Millis) -> bool {
        let said = self
            .screen_of(device)
            .is_some_and(|screen| self.my_answer(update, screen).is_some());
        let asked = || self.changes_to_confirm(device, now);
        said && !asked().iter().any(|it| it.update.id == update)
    }

    /// When an update stopped being what devices must show; none while it stands.
    pub(super) fn stood_until(&self, update: &UpdateView) -> Option<Millis> {
        Some(self.ended_by(update)?.0)
    }

    /// The same, with the entry that replaced or withdrew it.
    pub(super) fn ended_by(&self, update: &UpdateView) -> Option<(Millis, EntryId)> {
        match &update.standing {
            Standing::Stands => None,
            Standing::Replaced { by } => Some((self.given_at(*by), *by)),
            Standing::Withdrawn { .. } => self.withdrawal_of(update.id),
        }
    }

    /// The answer that stands of each device about an update, of those given before `until`; none for a device whose
    /// answers disagree.
    pub(super) fn last_answers(
        &self,
        update: EntryId,
        until: Option<Millis>,
    ) -> Vec<(Screen, Given)> {
        let mut seen = BTreeSet::new();
        let checks = self.checks_of(update);
        self.answers_to(update)
            .into_iter()
            .filter(|(_, given)| until.is_none_or(|until| given.at < until))
            .filter(|(screen, _)| seen.insert(*screen))
            .filter(|(screen, given)| {
                let answers = self.answers_of((update, *screen), &checks);
                !disagrees(answers.range(..), given)
            })
            .collect()
    }

    /// The answer by which the last of the devices that showed something else, or had two answers, was heard to do so no
    /// longer; none where each still does or never did.
    pub(super) fn last_put_right(&self, update: &UpdateView) -> Option<Given> {
        let checks = self.checks_of(update.id);
        let in_use = self.in_use(update.service);
        let asked = in_use.screens.iter();
        let right = asked
            .filter(|it| self.must_show(update, it))
            .filter_map(|it| {
                let answers = self.answers_of((update.id, it.screen), &checks);
                let wrong = |it: &&Given| {
                    let then = state_after(answers.range(..=**it), it);
                    then.is_wrong() || then == CellState::Disagree
                };
                let last = answers.iter().rev().find(wrong)?;
                answers.iter().find(|it| *it > last).copied()
            });
        right.max()
    }

    /// A device's name, listed or not: `NHC-PH6`, `Marta Kowalska’s own phone`.
    pub fn screen_name(&self, screen: Screen) -> String {
        let name = match screen {
            Screen::Labelled(label) => self.device(label).map(|it| it.label),
            Screen::Own(device) => self.device_name(device),
        };
        name.unwrap_or_else(|| "a device not on this phone".to_owned())
    }

    fn visits_by_staff(&self) -> Arc<Visits> {
        if let Some(visits) = &self.kept.parts().visits {
            return Arc::clone(visits);
        }
        let visits = Arc::new(self.read_visits());
        self.kept.parts().visits = Some(Arc::clone(&visits));
        visits
    }

    fn read_visits(&self) -> Visits {
        let mut starts = Visits::new();
        for visit in self.all_visits() {
            if let Some(staff) = visit.staff {
                starts.entry(staff).or_default().push(visit.start);
            }
        }
        for starts in starts.values_mut() {
            starts.sort_unstable();
        }
        starts
    }

    /// The board of each service whose answers I see, by name.
    pub fn board(&self, now: Millis) -> Vec<BoardPart> {
        let mine: Vec<_> = self
            .services()
            .into_iter()
            .filter(|service| self.sees_answers(service.id))
            .collect();
        if mine.is_empty() {
            return Vec::new();
        }
        let chains: Vec<_> = self.chains().collect();
        let mut updates: Vec<&UpdateView> = chains.iter().flat_map(|chain| chain.iter()).collect();
        sort_by_key(&mut updates, |it| std::cmp::Reverse((it.at, it.id)));
        mine.into_iter()
            .map(|service| {
                let here = updates.iter().filter(|it| it.service == service.id);
                let (standing, closed): (Vec<&UpdateView>, Vec<&UpdateView>) =
                    here.partition(|it| it.stands());
                let known: Vec<KeptRow> =
                    standing.iter().map(|it| self.kept_row(it, now)).collect();
                let in_use = self.in_use(service.id);
                let apart = self.all_apart(service.id, &in_use, &known);
                let mut rows: Vec<Arc<BoardRow>> = known.into_iter().map(|it| it.row).collect();
                // A stable sort: within what is alike the newest stay first.
                sort_by_key(&mut rows, |row| {
                    let rank = match row.worst {
                        CellState::Disagree | CellState::ShowsOld | CellState::SomethingElse => 0,
                        CellState::CannotOpen | CellState::Late => 1,
                        CellState::Waiting => 2,
                        CellState::Shows => 3,
                    };
                    (rank, std::cmp::Reverse(row.coverage.to_chase))
                });
                BoardPart {
                    service: service.id,
                    screens: Arc::clone(&in_use.screens),
                    name: service.name,
                    apart,
                    rows,
                    closed: closed.into_iter().cloned().collect(),
                }
            })
            .collect()
    }

    /// Works out as many rows of the board as `rows`, where they are not known yet, so that whoever reads it next waits
    /// for none of them. False once all are known.
    pub fn board_ahead(&self, now: Millis, rows: usize) -> bool {
        let services = self.my_services().into_iter();
        let mine: Vec<ServiceId> = services.filter(|it| self.sees_answers(*it)).collect();
        if mine.is_empty() {
            return false;
        }
        let mut left = rows;
        for chain in self.chains() {
            for update in chain.iter() {
                if !update.stands() || !mine.contains(&update.service) {
                    continue;
                }
                if self.known_row(update.id, now).is_none() {
                    if left == 0 {
                        return true;
                    }
                    left -= 1;
                    self.row(update, now);
                }
            }
        }
        false
    }

    fn known_row(&self, update: EntryId, now: Millis) -> Option<KeptRow> {
        let kept = self.kept.parts();
        let known = kept.row(update)?;
        (known.from <= now && now <= known.until).then(|| known.clone())
    }

    /// An update's row, as on the board of its service.
    pub(super) fn row(&self, update: &UpdateView, now: Millis) -> Arc<BoardRow> {
        self.kept_row(update, now).row
    }

    fn kept_row(&self, update: &UpdateView, now: Millis) -> KeptRow {
        if let Some(known) = self.known_row(update.id, now) {
            return known;
        }
        let row = Arc::new(self.read_row(update, now));
        let due = |late: bool| {
            let cells = row.cells.iter().flatten().filter(|it| it.given.is_none());
            cells
                .map(|it| it.due)
                .filter(move |due| (now > *due) == late)
        };
        let known = KeptRow {
            from: due(true)
                .max()
                .map_or(Millis::MIN, |due| due.saturating_add(1)),
            until: due(false).min().unwrap_or(Millis::MAX),
            apart: Arc::new(self.answers_apart(update)),
            row,
        };
        self.kept.parts().keep_row(known.clone());
        known
    }

    /// The last answer of each device that is not on the board of its service, and checks of it.
    fn answers_apart(&self, update: &UpdateView) -> Vec<(Screen, Given)> {
        let in_use = self.in_use(update.service);
        let asked: BTreeSet<Screen> = in_use.screens.iter().map(|it| it.screen).collect();
        let answered = self.answered_keys(update.id);
        let last = answered.filter_map(|(screen, given)| Some((screen, *given.last()?)));
        let given = last.chain(self.checks_of(update.id));
        given
            .filter(|(screen, _)| !asked.contains(screen))
            .collect()
    }

    fn read_row(&self, update: &UpdateView, now: Millis) -> BoardRow {
        let in_use = self.in_use(update.service);
        let visits = self.visits_by_staff();
        let checks = self.checks_of(update.id);
        let due_by = self.due_by(update.service);
        let cells: Vec<Option<Cell>> = in_use
            .screens
            .iter()
            .map(|screen| {
                let starts = screen.holder.and_then(|holder| visits.get(&holder));
                self.must_show(update, screen).then(|| {
                    let starts = starts.map_or(&[][..], Vec::as_slice);
                    let (due, _) = due_by.due(update, starts);
                    self.cell(update, screen.screen, &checks, due, now)
                })
            })
            .collect();
        BoardRow {
            id: update.id,
            person: self.person_name(update.person),
            support_task: update.support_task.clone(),
            urgency: update.urgency,
            at: update.at,
            coverage: coverage(&cells),
            worst: cells
                .iter()
                .flatten()
                .map(|cell| cell.state)
                .min()
                .unwrap_or(CellState::Shows),
            cells,
        }
    }

    /// How many of the devices that must show an update do.
    pub fn coverage_of(&self, update: &UpdateView, now: Millis) -> Coverage {
        self.row(update, now).coverage
    }

    /// The board of the services where I am one of those who chase silent devices.
    pub(super) fn chased_board(&self, now: Millis) -> Vec<BoardPart> {
        if !self.my_services().into_iter().any(|it| self.chases(it)) {
            return Vec::new();
        }
        let mut board = self.board(now);
        board.retain(|part| self.chases(part.service));
        board
    }

    /// Whether I am one of those who chase silent devices at a service.
    pub fn chases(&self, service: ServiceId) -> bool {
        may_write(&self.my_roles(service), Kind::Reminder)
    }

    /// My colleagues at a service who chase silent devices: who, the name, and the roles in words.
    pub fn who_chase(&self, service: ServiceId) -> Vec<(UserId, String, String)> {
        self.staff(service)
            .into_iter()
            .filter(|it| it.user != self.me && may_write(&it.roles, Kind::Reminder))
            .map(|it| {
                let roles: Vec<&str> = it.roles.iter().map(|role| role.label()).collect();
                (it.user, it.display_name, roles.join(", "))
            })
            .collect()
    }

    /// The changes that this phone is asked about, once the day has come from which they hold: those its device must show and I have not answered for, or was
    /// asked again since. The first due comes first.
    pub fn changes_to_confirm(&self, device: DeviceId, now: Millis) -> Vec<ToConfirm> {
        self.not_confirmed(self.to_show(device, now))
    }

    /// Those of them that this user is asked about.
    pub(super) fn not_confirmed(&self, to_show: Vec<(UpdateView, Screen)>) -> Vec<ToConfirm> {
        let mut visits: Vec<Millis> = self.visits_of(self.me).iter().map(|it| it.start).collect();
        visits.sort_unstable();
        let mut asked: Vec<ToConfirm> = to_show
            .into_iter()
            .filter_map(|(update, screen)| {
                let reminder = self.last_reminder(update.id, screen);
                let answered = self.my_answer(update.id, screen);
                let again =
                    matches!((reminder, answered), (Some((_, at)), Some(given)) if at > given.at);
                if answered.is_some() && !again {
                    return None;
                }
                let (due, before) = self.due_by(update.service).due(&update, &visits);
                Some(ToConfirm {
                    screen,
                    due,
                    before,
                    reminded: reminder,
                    update,
                })
            })
            .collect();
        sort_by_key(&mut asked, |it| (it.due, it.update.id));
        asked
    }

    /// The changes in force that this phone's device must show, and this user may say whether it does.
    pub(super) fn to_show(&self, device: DeviceId, now: Millis) -> Vec<(UpdateView, Screen)> {
        let Some(screen) = self.screen_of(device) else {
            return Vec::new();
        };
        let mut places: BTreeMap<ServiceId, Option<ScreenView>> = BTreeMap::new();
        let updates = self.updates().into_iter();
        updates
            .filter(|update| update.stands() && !update.begins_later(now))
            .filter(|update| {
                let place = places.entry(update.service).or_insert_with(|| {
                    let screens = self.screens(update.service);
                    screens.iter().find(|it| it.screen == screen).cloned()
                });
                let may = may_write(&self.my_roles(update.service), Kind::Confirmation);
                let place = place.as_ref().filter(|_| may);
                place.is_some_and(|place| self.must_show(update, place))
            })
            .map(|update| (update, screen))
            .collect()
    }

    /// The changes of which I said that this phone's device does not show them, where nobody has seen since that it
    /// does: what to follow until then.
    pub(super) fn shown_wrong_needs(&self, to_show: &[(UpdateView, Screen)]) -> Vec<Need> {
        let wrong = |(update, screen): &(UpdateView, Screen)| {
            let answers = self.answers_of((update.id, *screen), &self.checks_of(update.id));
            let last = answers.last()?;
            if !answers.iter().any(|it| it.by == self.me) {
                return None;
            }
            let title = match state_after(answers.range(..), last) {
                CellState::Shows | CellState::Waiting | CellState::Late => return None,
                CellState::CannotOpen => "your care app could not be opened",
                _ => "your care app is wrong",
            };
            Some(Need {
                record: update.id,
                reason: NeedReason::ShowsWrong,
                title: format!("{}: {title}", self.person_name(update.person)),
                line: format!(
                    "{}. Follow this: {}",
                    update.support_task,
                    words::isolated(&words::beginning(&update.after, FIRST_WORDS))
                ),
            })
        };
        to_show.iter().filter_map(wrong).collect()
    }

    /// What is said of the last reminder of a device: who is reminded where, and whether the server has it yet; none
    /// where there was none.
    pub fn reminder_line(
        &self,
        update: EntryId,
        place: &ScreenView,
        now: Millis,
    ) -> Option<String> {
        let (at, id) = self.reminders.get(&(update, place.screen))?.last()?;
        let who = match (place.screen, place.holder) {
            (Screen::Own(_), _) => format!("{} on their own phone", place.holder_name),
            (_, Some(_)) => format!("{} on {}", place.holder_name, place.label),
            (_, None) => format!("Whoever uses {}", place.label),
        };
        let at = words::when_after(*at, now);
        Some(match self.delivery(*id).0 {
            Delivery::Sent { .. } => {
                format!("{who} was reminded, {at}. It shows there at its next contact.")
            }
            Delivery::Saved => format!("{who} will be reminded when this device has signal."),
            Delivery::NeedsAttention { .. } => {
                format!("{who} is not reminded: the reminder of {at} could not be filed.")
            }
        })
    }

    fn last_reminder(&self, update: EntryId, screen: Screen) -> Option<(UserId, Millis)> {
        let (at, id) = self.reminders.get(&(update, screen))?.last()?;
        Some((self.entry(*id)?.0.author, *at))
    }

    fn my_answer(&self, update: EntryId, screen: Screen) -> Option<Given> {
        let answers = self.answers_of((update, screen), &self.checks_of(update));
        answers.iter().rev().find(|it| it.by == self.me).copied()
    }

    /// What the confirm screen of an update asks on this phone; none where nobody has said which device it is.
    pub fn question(&self, update: EntryId, device: DeviceId) -> Option<Question> {
        let update = self.update(update)?;
        let screen = self.screen_of(device)?;
        let texts = [
            (Shows::New, update.after.clone()),
            (Shows::Old, update.before.clone()),
        ];
        let mut answers = Vec::from(texts);
        if !new_text_first(update.id, screen) {
            answers.swap(0, 1);
        }
        // Where nothing was there before, there is no old text to show.
        answers.retain(|(_, text)| !text.trim().is_empty());
        answers.push((Shows::SomethingElse, "Something else".to_owned()));
        answers.push((Shows::CannotOpen, "I can’t open it".to_owned()));
        Some(Question {
            difference: difference(&self.known_to_show(&update, screen), &update.after),
            label: match screen {
                Screen::Labelled(_) => self.screen_name(screen),
                Screen::Own(_) => "your own phone".to_owned(),
            },
            answers,
            mine: self
                .my_answer(update.id, screen)
                .map(|given| (given, self.delivery(given.id).0)),
            update,
            screen,
        })
    }

    /// The text that a device was last known to show before a change: that of the last one it was seen to show, else the
    /// one before all those that it was not.
    fn known_to_show(&self, update: &UpdateView, screen: Screen) -> String {
        let chain = self.chain(update.plan);
        let earlier = chain.iter().skip_while(|it| it.id != update.id).skip(1);
        let mut before = &update.before;
        for change in earlier.filter(|it| it.service == update.service) {
            let answers = self.answers_of((change.id, screen), &self.checks_of(change.id));
            let last = answers.last();
            if last.is_some_and(|it| state_after(answers.range(..), it) == CellState::Shows) {
                return change.after.clone();
            }
            if !matches!(change.standing, Standing::Withdrawn { .. }) {
                before = &change.before;
            }
        }
        before.clone()
    }

    /// What a service's board says of the last hand over there within a day: who handed over to whom, and when.
    pub fn hand_over_line(&self, service: ServiceId, now: Millis) -> Option<String> {
        let recent = |it: &HandedOver| now.saturating_sub(it.at) < DAY;
        let mut recent = self.handed_over().take_while(recent);
        let it = recent.find(|it| it.service == service)?;
        let by = match it.by == self.me {
            true => "You".to_owned(),
            false => self.name_of(it.by),
        };
        Some(format!(
            "{by} handed over to {}, {} · {}",
            self.name_of(it.to),
            words::when_after(it.at, now),
            self.delivery(it.id).0.label()
        ))
    }

    /// What was handed over, newest first.
    pub fn handed_over(&self) -> impl Iterator<Item = HandedOver<'_>> {
        self.hand_overs.iter().rev().filter_map(|(at, id)| {
            let (meta, said) = self.entry(*id)?;
            let Some(Data::HandOver(it)) = said.data() else {
                return None;
            };
            Some(HandedOver {
                id: *id,
                service: meta.service,
                by: meta.author,
                to: it.to,
                at: *at,
                updates: &it.updates,
                note: &it.note,
            })
        })
    }
}

/// What is known of a device after these answers, of which `standing` stands. That it cannot be opened takes back
/// nothing: where it showed another text before, that is what it is known to show.
pub(super) fn state_after(answers: Range<'_, Given>, standing: &Given) -> CellState {
    if disagrees(answers.clone(), standing) {
        return CellState::Disagree;
    }
    let known = showed_before(answers, standing).unwrap_or(*standing);
    match known.answer {
        Shows::New => CellState::Shows,
        Shows::Old => CellState::ShowsOld,
        Shows::SomethingElse => CellState::SomethingElse,
        Shows::CannotOpen => CellState::CannotOpen,
    }
}

/// The wrong text that a device showed last before it could not be opened; none where the answer that stands says more
/// than that.
fn showed_before(answers: Range<'_, Given>, standing: &Given) -> Option<Given> {
    if standing.answer != Shows::CannotOpen {
        return None;
    }
    let mut saw = answers
        .rev()
        .filter(|given| given.answer != Shows::CannotOpen);
    let wrong = |given: &&Given| matches!(given.answer, Shows::Old | Shows::SomethingElse);
    saw.next().filter(wrong).copied()
}

fn disagrees(answers: Range<'_, Given>, standing: &Given) -> bool {
    against(answers, standing).is_some()
}

/// Somebody else's latest answer that differs from the one that stands and reached the server only after that was
/// given: neither knew of the other's.
fn against(answers: Range<'_, Given>, standing: &Given) -> Option<Given> {
    let mut heard = Vec::new();
    let mut answers = answers.rev();
    let against = answers.find(|given| {
        let latest = !heard.contains(&given.by);
        heard.push(given.by);
        latest && given.answer != standing.answer && given.received > standing.at
    });
    against.copied()
}

fn coverage(cells: &[Option<Cell>]) -> Coverage {
    let cells: Vec<&Cell> = cells.iter().flatten().collect();
    let shows = cells
        .iter()
        .filter(|cell| cell.state == CellState::Shows)
        .count();
    let last = cells.iter().filter_map(|cell| Some(cell.given?.at)).max();
    let asked = cells.first().map(|cell| cell.asked);
    Coverage {
        shows,
        of: cells.len(),
        to_chase: cells.iter().filter(|cell| cell.state.to_chase()).count(),
        took: last
            .zip(asked)
            .filter(|_| shows == cells.len())
            .map(|(last, asked)| last.saturating_sub(asked).max(0)),
    }
}
