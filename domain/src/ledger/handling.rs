//! A mismatch from report to close (pathway B, steps 3 to 5): paper guidance, the manager's review, cause and corrective
//! action, checks of the devices that showed something else, and what is outstanding. Worked out from the entries in
//! view whenever it is asked, so it depends on content alone; what a role does not see it is not asked to wait for.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::home::{Need, NeedReason};
use super::order::Order;
use super::record::{Delivery, Happening, OnServer, Record, RecordData};
use super::reviews::harm_and_told;
use super::{DeviceView, Given, Ledger, Meta, StaffView, Standing};
use crate::body::{
    ActionDone, Body, Cause, Data, DeviceCheck, FailedDevice, Found, Funder, Guidance,
    GuidanceRead, Kind, Method, MismatchCause, MismatchClose, MismatchReview, OnWarning, Screen,
    ServiceKind, Shows,
};
use crate::encoding::Millis;
use crate::form::StepForm;
use crate::ids::{DeviceId, EntryId, ServiceId, SubjectId, UserId};
use crate::permission::{Role, See, may_write, see};
use crate::recipients::receivers_from;
use crate::rules::{Fact, Facts};
use crate::sort::sort_by_key;
use crate::words;

/// That something was written: by whom, when, and how far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub id: EntryId,
    pub by: UserId,
    /// The device's clock, put right where its error was measured.
    pub at: Millis,
    pub received: Option<Millis>,
    pub delivery: Delivery,
    pub(super) device: DeviceId,
}

/// Paper guidance, and who has read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuidanceView {
    pub made: Made,
    pub service: ServiceId,
    pub says: Guidance,
    /// Why it counts no more; none while it stands.
    pub over: Option<Over>,
    /// Each reader once with the first time, earliest first.
    pub read: Vec<Read>,
    /// Those it affects who have not said that they read it.
    pub unread: Vec<UserId>,
}

/// What a mismatch is about, beside the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AboutMismatch {
    /// The support task, where the report names an instruction, and the device it was reported on.
    pub line: String,
    pub person: SubjectId,
    /// The change of that instruction that stands at the service.
    pub change: Option<EntryId>,
    /// Whether the report names an instruction that is on this phone.
    pub instruction: bool,
}

/// Why guidance counts no more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Over {
    Withdrawn { made: Made, reason: String },
    Replaced { by: EntryId },
}

/// Somebody has read guidance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Read {
    /// The entry that says so.
    pub id: EntryId,
    pub reader: UserId,
    pub at: Millis,
    /// Who wrote it down for them, from the signed paper.
    pub noted_by: Option<UserId>,
}

/// A device that showed something else, and what was found when it was looked at after the fix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceState {
    pub device: FailedDevice,
    /// Its label, or whose phone it is.
    pub name: String,
    /// The newest check that counts.
    pub found: Option<(Made, Found)>,
}

impl DeviceState {
    /// Whether it has shown the right instruction, was seen to, or is used no more.
    pub fn is_settled(&self) -> bool {
        self.found
            .as_ref()
            .is_some_and(|(_, found)| *found != Found::StillWrong)
    }

    /// Whether it was looked at after the fix and still showed something else.
    fn is_still_wrong(&self) -> bool {
        self.found.is_some() && !self.is_settled()
    }

    /// What was found, as people read it.
    pub fn words(&self) -> String {
        match self.found.as_ref().map(|(_, found)| found) {
            None => "Not looked at since the fix".to_owned(),
            Some(Found::Shows) => "Shows it, said on the device itself".to_owned(),
            Some(Found::SeenInPerson) => "Shows it, seen in person".to_owned(),
            Some(Found::StillWrong) => "Still shows something else".to_owned(),
            Some(Found::Retired { reason }) => format!("Used no more: {reason}"),
        }
    }
}

/// A device was confirmed to show a change: as good as a check of it.
struct Confirmed {
    screen: Screen,
    made: Made,
    found: Found,
}

/// Something to do about a mismatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    Guidance,
    Review,
    /// Reviews disagree: another, by somebody who has read them.
    Settle,
    Cause,
    /// The fix did not work on a device: another cause and fix.
    FixAgain,
    Check(FailedDevice),
    Withdraw(EntryId),
    Close,
}

impl Turn {
    /// The form to do it with.
    pub fn form(self) -> StepForm {
        match self {
            Turn::Guidance => StepForm::Guidance,
            Turn::Review | Turn::Settle => StepForm::Review,
            Turn::Cause | Turn::FixAgain => StepForm::Cause,
            Turn::Check(device) => StepForm::Check(device),
            Turn::Withdraw(guidance) => StepForm::Withdraw(guidance),
            Turn::Close => StepForm::Close,
        }
    }

    fn kind(self) -> Kind {
        self.form().kind()
    }
}

/// One of the five steps of a mismatch's page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepView {
    pub title: &'static str,
    pub state: StepState,
    /// Who, when, and what was said.
    pub lines: Vec<String>,
}

impl StepView {
    /// `3 done`; where the user's roles are not shown all of them, `3 done, 1 not yours to see`.
    pub fn count(steps: &[StepView]) -> String {
        let count = |state| steps.iter().filter(|it| it.state == state).count();
        let done = count(StepState::Done);
        match count(StepState::NotShown) {
            0 => format!("{done} done"),
            hidden => format!("{done} done, {hidden} not yours to see"),
        }
    }
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    Done,
    Now,
    Todo,
    /// This user's roles are not shown it.
    NotShown,
}

/// All that followed a mismatch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handling {
    pub mismatch: EntryId,
    pub service: ServiceId,
    pub person: SubjectId,
    pub reported_by: UserId,
    /// Newest first.
    pub guidance: Vec<GuidanceView>,
    /// In order; [`Handling::counting_reviews`] are those that count.
    pub reviews: Vec<(Made, MismatchReview)>,
    /// In order, the last one counting.
    pub causes: Vec<(Made, MismatchCause)>,
    pub devices: Vec<DeviceState>,
    /// Of the newest cause.
    pub action_done: Option<(Made, ActionDone)>,
    pub closes: Vec<(Made, MismatchClose)>,
    /// What is outstanding, in the order of the steps; once it is closed, only that reviews disagree.
    pub turns: Vec<Turn>,
    /// The close that counts.
    pub closed: Option<Made>,
    /// Whether this user sees all that the close depends on.
    sees_review: bool,
    sees_checks: bool,
}

impl Handling {
    /// The guidance for whom the report is about now, standing or over, newest first.
    pub fn given(&self) -> impl Iterator<Item = &GuidanceView> {
        self.guidance
            .iter()
            .filter(|it| it.says.person == self.person)
    }

    /// The guidance that stands for whom the report is about now.
    pub fn standing(&self) -> impl Iterator<Item = &GuidanceView> {
        self.given().filter(|it| it.over.is_none())
    }

    /// The guidance that stands for somebody else: the report was about them when it was given out.
    pub fn astray(&self) -> impl Iterator<Item = &GuidanceView> {
        let all = self.guidance.iter();
        all.filter(|it| it.over.is_none() && it.says.person != self.person)
    }

    fn is_astray(&self, turn: Turn) -> bool {
        self.astray().any(|it| Turn::Withdraw(it.made.id) == turn)
    }

    /// What nobody waits for and may be done all the same until it is closed.
    fn optional(&self) -> Option<Turn> {
        let offers = self.closed.is_none() && self.standing().next().is_none();
        (offers && !self.turns.contains(&Turn::Guidance)).then_some(Turn::Guidance)
    }

    /// Whether reviews disagree, as far as this user sees them.
    fn is_disputed(&self) -> bool {
        self.turns.contains(&Turn::Settle)
    }

    /// Why it cannot be closed yet; empty where it can.
    pub fn outstanding(&self) -> Vec<Turn> {
        let open = self.turns.iter().copied();
        // What is done further shows in the check after it. That reviews disagree is told and stays on the record.
        open.filter(|turn| {
            !matches!(
                turn,
                Turn::Close | Turn::Guidance | Turn::Settle | Turn::FixAgain
            )
        })
        .collect()
    }

    fn cause(&self) -> Option<&(Made, MismatchCause)> {
        self.causes.last()
    }
}

impl Ledger {
    /// What was written about an entry, in order: who, when, and what.
    pub(super) fn steps_of(&self, of: EntryId) -> impl Iterator<Item = (Made, &Data)> {
        let orders = self.steps.get(&of).into_iter().flatten();
        orders.filter_map(|order: &Order| {
            let (meta, said) = self.entry(order.id)?;
            Some((self.made(meta), said.data()?))
        })
    }

    pub(super) fn made(&self, meta: &Meta) -> Made {
        Made {
            id: meta.id,
            by: meta.author,
            at: meta.at(),
            received: self.header(meta.id).map(|it| it.received),
            delivery: self.delivery(meta.id).0,
            device: meta.device,
        }
    }

    /// One piece of guidance, standing or over.
    pub fn guidance(&self, id: EntryId) -> Option<GuidanceView> {
        let (meta, said) = self.entry(id)?;
        let Some(Data::Guidance(says)) = said.data() else {
            return None;
        };
        let service = meta.service;
        let (made, _) = self.steps_of(says.mismatch).find(|(it, _)| it.id == id)?;
        let replaced = self
            .steps_of(says.mismatch)
            .find_map(|(it, data)| match data {
                // Guidance for somebody else is not in its place.
                Data::Guidance(other)
                    if it.id != id
                        && other.person == says.person
                        && other.replaces.contains(&id) =>
                {
                    Some(it.id)
                }
                _ => None,
            });
        let mut over = replaced.map(|by| Over::Replaced { by });
        let mut read: Vec<Read> = Vec::new();
        for (step, data) in self.steps_of(id) {
            match data {
                Data::GuidanceWithdrawal(it) => {
                    over.get_or_insert_with(|| Over::Withdrawn {
                        made: step,
                        reason: it.reason.clone(),
                    });
                }
                Data::GuidanceRead(it) => read.push(Read {
                    id: step.id,
                    reader: it.reader.unwrap_or(step.by),
                    at: step.at,
                    noted_by: it.reader.filter(|it| *it != step.by).map(|_| step.by),
                }),
                _ => {}
            }
        }
        // One's own word before what somebody wrote down, then the earliest.
        sort_by_key(&mut read, |it| {
            (it.reader, it.noted_by.is_some(), it.at, it.noted_by, it.id)
        });
        read.dedup_by_key(|it| it.reader);
        sort_by_key(&mut read, |it| (it.at, it.reader));
        let unread = says
            .affects
            .iter()
            .copied()
            .filter(|user| !read.iter().any(|it| it.reader == *user))
            .collect();
        Some(GuidanceView {
            made,
            service,
            says: (**says).clone(),
            over,
            read,
            unread,
        })
    }

    /// Whom guidance is for, where that is somebody else than its report is about now, who comes second.
    fn for_another(&self, guidance: EntryId) -> Option<(SubjectId, SubjectId)> {
        let it = self.guidance(guidance)?;
        let now = self.record(it.says.mismatch)?.current().person()?;
        (it.says.person != now).then_some((it.says.person, now))
    }

    /// That guidance is for somebody else than its report is about now, in words; none where it is not, or where the
    /// report is not in view.
    pub fn guidance_for_another(&self, guidance: EntryId) -> Option<String> {
        let (whom, now) = self.for_another(guidance)?;
        Some(format!(
            "This guidance is for {}. The report is about {} now.",
            self.person_name(whom),
            self.person_name(now)
        ))
    }

    /// The guidance that stands, newest first.
    fn standing_guidance(&self) -> Vec<GuidanceView> {
        let mut all: Vec<GuidanceView> = self
            .guidance
            .iter()
            .filter_map(|id| self.guidance(*id))
            .filter(|it| it.over.is_none())
            .collect();
        sort_by_key(&mut all, |it| std::cmp::Reverse((it.made.at, it.made.id)));
        all
    }

    /// The guidance that stands for a person, newest first.
    pub fn guidance_for(&self, person: SubjectId) -> Vec<GuidanceView> {
        let mut all = self.standing_guidance();
        all.retain(|it| it.says.person == person);
        all
    }

    /// The guidance that I follow now: it names me, or the person's care is mine by now. Newest first.
    pub fn guidance_to_follow(&self, now: Millis) -> Vec<GuidanceView> {
        let mut all = self.standing_guidance();
        all.retain(|it| {
            it.says.affects.contains(&self.me)
                || it.made.by != self.me
                    && affected(self, it.service, it.says.person, now).contains(&self.me)
        });
        all
    }

    /// That I have read guidance, to be written by a tap: none where I have said so, it is over, or it is not mine to say.
    pub fn guidance_read_for(&self, id: EntryId) -> Option<(ServiceId, Body)> {
        let it = self.guidance(id)?;
        let due = it.over.is_none()
            && it.made.by != self.me
            && !self.i_have_read(&it)
            && may_write(&self.my_roles(it.service), Kind::GuidanceRead);
        due.then(|| {
            let read = GuidanceRead {
                guidance: id,
                to: it.made.by,
                reader: None,
            };
            (it.service, Body::step(Data::GuidanceRead(read)))
        })
    }

    /// Whether I have said that I read it.
    pub fn i_have_read(&self, guidance: &GuidanceView) -> bool {
        guidance.read.iter().any(|it| it.reader == self.me)
    }

    /// All that followed a mismatch; none where there is no such report in view, or it does not count.
    pub fn handling(&self, mismatch: EntryId) -> Option<Handling> {
        let record = self.record(mismatch)?;
        let RecordData::Mismatch(says) = record.current() else {
            return None;
        };
        if record.delivery.is_held() {
            return None;
        }
        let roles = self.my_roles(record.service);
        let sees = |kind| see(&roles, kind) == See::All;
        let mut handling = Handling {
            mismatch,
            service: record.service,
            person: says.person,
            reported_by: record.author,
            guidance: Vec::new(),
            reviews: Vec::new(),
            causes: Vec::new(),
            devices: Vec::new(),
            action_done: None,
            closes: Vec::new(),
            turns: Vec::new(),
            closed: None,
            sees_review: sees(Kind::MismatchReview),
            sees_checks: sees(Kind::DeviceCheck),
        };
        for (made, data) in self.steps_of(mismatch) {
            match data {
                Data::Guidance(_) => handling.guidance.extend(self.guidance(made.id)),
                // Nobody reviews their own records (DESIGN 6).
                Data::MismatchReview(it) if made.by != record.author => {
                    handling.reviews.push((made, (**it).clone()));
                }
                Data::MismatchCause(it) => handling.causes.push((made, (**it).clone())),
                Data::MismatchClose(it) => handling.closes.push((made, it.clone())),
                _ => {}
            }
        }
        sort_by_key(&mut handling.guidance, |it| {
            std::cmp::Reverse((it.made.at, it.made.id))
        });
        handling.action_done = handling.cause().and_then(|(cause, _)| {
            self.steps_of(cause.id).find_map(|(made, data)| match data {
                Data::ActionDone(it) => Some((made, it.clone())),
                _ => None,
            })
        });
        handling.devices = self.devices_of(record, &handling);
        handling.turns = turns(&handling);
        let fixed_by = handling.cause().map(|(made, _)| made.by);
        // Nobody signs off their own fix.
        let close = handling
            .closes
            .iter()
            .rev()
            .find(|(made, _)| Some(made.by) != fixed_by)
            .map(|(made, _)| made.clone());
        // What others found is not for every phone: the close itself tells those.
        let waits = |turn: &Turn| handling.sees_checks || !matches!(turn, Turn::Check(_));
        if close.is_some() && !handling.outstanding().iter().any(waits) {
            handling.closed = close;
            handling.turns.retain(|it| *it == Turn::Settle);
        }
        Some(handling)
    }

    fn reported_on(&self, record: &Record) -> FailedDevice {
        self.device_use(record.device)
            .and_then(|it| it.label)
            .map_or(FailedDevice::Phone(record.device), FailedDevice::Label)
    }

    /// What a mismatch is about; none for every other record.
    pub fn about_mismatch(&self, id: EntryId) -> Option<AboutMismatch> {
        let record = self.record(id)?;
        let RecordData::Mismatch(it) = record.current() else {
            return None;
        };
        let plan = it.plan.and_then(|plan| self.plan(plan));
        let device = self.failed_device_name(self.reported_on(record));
        Some(AboutMismatch {
            line: match &plan {
                Some(plan) => format!("{} · reported on {device}", plan.support_task),
                None => format!("Reported on {device}"),
            },
            person: it.person,
            change: it
                .plan
                .and_then(|plan| self.change_at(plan, record.service)),
            instruction: plan.is_some(),
        })
    }

    /// The labelled devices of a mismatch's service beside the one it was reported on, by label.
    pub fn other_devices(&self, mismatch: EntryId) -> Vec<DeviceView> {
        let Some(record) = self.record(mismatch) else {
            return Vec::new();
        };
        let reported_on = self.reported_on(record);
        let mut devices = self.devices(record.service);
        devices.retain(|it| !self.same_device(FailedDevice::Label(it.id), reported_on));
        devices
    }

    /// Those of the other devices that do not show the instruction that a mismatch is about, by their last answer.
    pub fn others_known_wrong(&self, handling: &Handling) -> Vec<SubjectId> {
        let wrong = self.known_wrong(handling);
        let others = self.other_devices(handling.mismatch).into_iter();
        others
            .map(|it| it.id)
            .filter(|id| {
                let device = FailedDevice::Label(*id);
                let mut wrong = wrong.iter();
                wrong.any(|(screen, _)| self.same_device(failed(*screen), device))
            })
            .collect()
    }

    /// Who is known to be affected by a mismatch: whoever reported it, and whose device does not show the instruction.
    pub fn known_affected(&self, handling: &Handling) -> Vec<UserId> {
        let screens = self.screens(handling.service);
        let wrong = self.known_wrong(handling).into_iter();
        let holders = wrong.filter_map(|(screen, given)| {
            let of = screens.iter().find(|it| it.screen == screen);
            let said = (given.method == Method::Holder).then_some(given.by);
            of.and_then(|it| it.holder).or(said)
        });
        [handling.reported_by].into_iter().chain(holders).collect()
    }

    /// The devices whose last answer about the instruction of a mismatch is not that they show it, each with that
    /// answer. It counts while the change it is about stood; what was withdrawn says nothing.
    fn known_wrong(&self, handling: &Handling) -> Vec<(Screen, Given)> {
        let plan = match self.record(handling.mismatch).map(Record::current) {
            Some(RecordData::Mismatch(it)) => it.plan,
            _ => None,
        };
        let mut answers = Vec::new();
        for update in plan.map_or_else(Vec::new, |plan| self.updates_of(plan)) {
            if update.service != handling.service
                || matches!(update.standing, Standing::Withdrawn { .. })
            {
                continue;
            }
            let until = self.stood_until(&update).unwrap_or(Millis::MAX);
            let given = self.answers_to(update.id).into_iter();
            answers.extend(given.filter(|(_, given)| given.at < until));
        }
        sort_by_key(&mut answers, |(screen, given)| {
            std::cmp::Reverse((given.at, given.id, *screen))
        });
        let mut seen: Vec<FailedDevice> = Vec::new();
        answers.retain(|(screen, given)| {
            let device = failed(*screen);
            let last = !seen.iter().any(|it| self.same_device(*it, device));
            seen.push(device);
            last && given.answer != Shows::New
        });
        answers
    }

    /// The instruction that a mismatch is about as it reads now, with its support task; where the report names none,
    /// all of the person.
    pub fn right_texts(&self, mismatch: EntryId, now: Millis) -> Vec<(String, String)> {
        let Some(RecordData::Mismatch(it)) = self.record(mismatch).map(Record::current) else {
            return Vec::new();
        };
        let plans = self.plans_of(it.person).into_iter();
        plans
            .filter(|plan| it.plan.is_none_or(|id| id == plan.id))
            .map(|plan| {
                let (reads, _) = self.reads_now(&plan, now);
                (plan.support_task, reads)
            })
            .collect()
    }

    /// What a device is compared with, each text after what it is: what it must show, and what paper guidance says until
    /// it is fixed.
    pub fn to_compare(&self, mismatch: EntryId, now: Millis) -> Vec<(String, String)> {
        let right = self.right_texts(mismatch, now).into_iter();
        let right =
            right.map(|(task, reads)| (format!("It must show: {}", task.to_lowercase()), reads));
        let handling = self.handling(mismatch);
        let guidance = handling.iter().flat_map(Handling::standing);
        let guidance =
            guidance.map(|it| ("Paper guidance says".to_owned(), it.says.follow.clone()));
        right.chain(guidance).collect()
    }

    /// The devices that showed something else: the one it was reported on and those that the cause names. None where
    /// the device was right.
    fn devices_of(&self, record: &Record, handling: &Handling) -> Vec<DeviceState> {
        let cause = handling.cause();
        if cause.is_some_and(|(_, it)| it.cause == Cause::Handover) {
            return Vec::new();
        }
        let fixed_at = cause.map_or(Millis::MAX, |(made, _)| made.at);
        let reported_on = self.reported_on(record);
        let mut devices = vec![reported_on];
        for (_, cause) in &handling.causes {
            devices.extend(cause.devices.iter().copied().map(FailedDevice::Label));
        }
        let mut seen = BTreeSet::new();
        devices.retain(|device| seen.insert(*device));
        let plan = match record.current() {
            RecordData::Mismatch(it) => it.plan,
            _ => None,
        };
        let confirmed: Vec<_> = plan
            .filter(|_| cause.is_some())
            .into_iter()
            .flat_map(|plan| self.confirmed_since(plan, record.service, fixed_at))
            .collect();
        devices
            .into_iter()
            .map(|device| {
                let checks =
                    self.steps_of(handling.mismatch)
                        .filter_map(|(made, data)| match data {
                            Data::DeviceCheck(it)
                                if self.counts_for(it, &made, device, fixed_at) =>
                            {
                                Some((made, it.found.clone()))
                            }
                            _ => None,
                        });
                let answers = confirmed
                    .iter()
                    .filter(|it| self.confirms(it, device))
                    .map(|it| (it.made.clone(), it.found.clone()));
                let found = checks.chain(answers).max_by_key(|(made, _)| {
                    let meta = self.entry(made.id).map(|(meta, _)| meta);
                    meta.map(|meta| self.order(meta))
                });
                DeviceState {
                    device,
                    name: self.failed_device_name(device),
                    found,
                }
            })
            .collect()
    }

    /// What devices were confirmed to show of the changes of an instruction at a service, each while that change stood
    /// and since the fix. A device whose answers disagree, or that has shown something else of that change since, is
    /// not confirmed by it.
    fn confirmed_since(
        &self,
        plan: SubjectId,
        service: ServiceId,
        fixed_at: Millis,
    ) -> Vec<Confirmed> {
        let mut confirmed = Vec::new();
        for update in self.updates_of(plan) {
            if update.service != service {
                continue;
            }
            let until = self.stood_until(&update);
            for (screen, given) in self.last_answers(update.id, until) {
                let found = match (given.answer, given.method) {
                    (Shows::New, Method::Holder) => Found::Shows,
                    (Shows::New, Method::SeenInPerson) => Found::SeenInPerson,
                    _ => continue,
                };
                let Some((meta, _)) = self.entry(given.id) else {
                    continue;
                };
                if given.at >= fixed_at {
                    confirmed.push(Confirmed {
                        screen,
                        made: self.made(meta),
                        found,
                    });
                }
            }
        }
        confirmed
    }

    /// Whether a confirmation is about this device: what its holder says was said on it.
    fn confirms(&self, it: &Confirmed, device: FailedDevice) -> bool {
        self.same_device(failed(it.screen), device)
            && (it.found != Found::Shows
                || self.same_device(FailedDevice::Phone(it.made.device), device))
    }

    /// Whether a check says how a device is now: it was made after the fix, and what a device 'shows' is said on it.
    fn counts_for(
        &self,
        check: &DeviceCheck,
        made: &Made,
        device: FailedDevice,
        fixed_at: Millis,
    ) -> bool {
        let same = self.same_device(check.device, device);
        match check.found {
            Found::Retired { .. } => same,
            Found::Shows => {
                same && made.at >= fixed_at
                    && self.same_device(FailedDevice::Phone(made.device), device)
            }
            Found::SeenInPerson | Found::StillWrong => same && made.at >= fixed_at,
        }
    }

    /// A phone is the labelled device that its user said it is.
    pub(super) fn same_device(&self, one: FailedDevice, other: FailedDevice) -> bool {
        let known = |device| match device {
            FailedDevice::Phone(phone) => self
                .device_use(phone)
                .and_then(|it| it.label)
                .map_or(device, FailedDevice::Label),
            label => label,
        };
        known(one) == known(other)
    }

    pub fn failed_device_name(&self, device: FailedDevice) -> String {
        let name = self.known_name(device);
        name.unwrap_or_else(|| "The phone it was reported on".to_owned())
    }

    /// The same within a sentence.
    fn device_within(&self, device: FailedDevice) -> String {
        let name = self.known_name(device);
        name.unwrap_or_else(|| "the phone it was reported on".to_owned())
    }

    /// A device's label, or whose phone it is; none while nobody said.
    fn known_name(&self, device: FailedDevice) -> Option<String> {
        match device {
            FailedDevice::Phone(phone) => self.device_name(phone),
            FailedDevice::Label(label) => self.device(label).map(|it| it.label),
        }
    }

    /// What to do, as a button says it: a check names its device, so that no two read alike.
    pub fn turn_label(&self, turn: Turn) -> String {
        let label = match turn {
            Turn::Guidance => "Give out paper guidance",
            Turn::Review => "Review harm and decide",
            Turn::Settle => "Review it again, as the reviews disagree",
            Turn::Cause => "Write cause and fix",
            Turn::FixAgain => "Write what was done further",
            Turn::Check(device) => return format!("Check {} again", self.device_within(device)),
            Turn::Withdraw(guidance) => {
                return match self.for_another(guidance) {
                    Some((whom, _)) => {
                        format!("End the paper guidance for {}", self.person_name(whom))
                    }
                    None => "End the paper guidance".to_owned(),
                };
            }
            Turn::Close => "Close this mismatch",
        };
        label.to_owned()
    }

    /// Whether I may do this about a mismatch.
    pub fn may_do(&self, turn: Turn, handling: &Handling) -> bool {
        let mine = may_write(&self.my_roles(handling.service), turn.kind());
        mine && match turn {
            Turn::Review | Turn::Settle => handling.reported_by != self.me,
            Turn::Close => handling.cause().is_none_or(|(made, _)| made.by != self.me),
            // A worker answers for the device in hand.
            Turn::Check(device) => {
                see(&self.my_roles(handling.service), Kind::DeviceCheck) == See::All
                    || self.i_hold(device, handling)
            }
            _ => true,
        }
    }

    /// What I may do about a mismatch: each form with the words of its button, and whether it is mine to do next, which
    /// comes first.
    pub fn acts(&self, handling: &Handling) -> Vec<(StepForm, String, bool)> {
        let next = self.my_turns(handling).first().copied();
        let turns = handling.turns.iter().copied().chain(handling.optional());
        let turns = turns.filter(|turn| self.may_do(*turn, handling));
        let mut acts: Vec<(StepForm, String, bool)> = turns
            .map(|turn| (turn.form(), self.turn_label(turn), Some(turn) == next))
            .collect();
        sort_by_key(&mut acts, |(_, _, is_next)| !is_next);
        // What was not known or done yet when it was reviewed may be by now.
        if !handling.reviews.is_empty()
            && !handling.is_disputed()
            && self.may_do(Turn::Review, handling)
        {
            acts.push((StepForm::Review, "Review it again".to_owned(), false));
        }
        if let Some((made, _)) = handling.cause().filter(|_| handling.action_done.is_none())
            && may_write(&self.my_roles(handling.service), Kind::ActionDone)
        {
            let label = "The action is done".to_owned();
            acts.push((StepForm::Done(made.id), label, false));
        }
        acts
    }

    /// Whether I may open this form about a mismatch now.
    pub fn may_write_step(&self, form: StepForm, handling: &Handling) -> bool {
        let turn = handling.turns.iter().find(|turn| turn.form() == form);
        let again = (form == StepForm::Review).then_some(&Turn::Review);
        may_write(&self.my_roles(handling.service), form.kind())
            && turn
                .or(again)
                .is_none_or(|turn| self.may_do(*turn, handling))
    }

    /// Whether I reported it on this device, whose user I am.
    fn i_hold(&self, device: FailedDevice, handling: &Handling) -> bool {
        let Some(record) = self.record(handling.mismatch) else {
            return false;
        };
        record.author == self.me && self.same_device(FailedDevice::Phone(record.device), device)
    }

    /// Who acts next on it: the people whose turn it is, and as which role.
    pub fn whose(&self, turn: Turn, handling: &Handling) -> Vec<StaffView> {
        let (service, author) = (handling.service, handling.reported_by);
        let holders = |role: Role, but: Option<UserId>| -> Vec<StaffView> {
            let mut staff = self.staff(service);
            staff.retain(|it| it.roles.contains(&role) && Some(it.user) != but);
            staff
        };
        match turn {
            Turn::Guidance | Turn::Withdraw(_) | Turn::Check(_) => {
                receivers_from(self, service, Kind::Mismatch, author).people
            }
            Turn::Cause | Turn::FixAgain => holders(Role::SystemAdministrator, None),
            Turn::Settle => {
                let mut staff = self.staff(service);
                staff.retain(|it| may_write(&it.roles, turn.kind()) && it.user != author);
                staff
            }
            Turn::Review | Turn::Close => {
                let but = match turn {
                    Turn::Review => Some(author),
                    _ => handling.cause().map(|(made, _)| made.by),
                };
                let managers = holders(Role::RegisteredManager, but);
                if !managers.is_empty() {
                    return managers;
                }
                let second = self.service(service).map(|it| it.second_decider);
                let mut staff = self.staff(service);
                staff.retain(|it| Some(it.user) == second && Some(it.user) != but);
                staff
            }
        }
    }

    /// What is mine to do about a mismatch, the first of it first.
    pub fn my_turns(&self, handling: &Handling) -> Vec<Turn> {
        self.turns_of_mine(handling, &mut BTreeMap::new())
    }

    /// As [`Ledger::my_turns`]; `known` keeps who acts, so that many mismatches are asked about at the cost of few.
    fn turns_of_mine(&self, handling: &Handling, known: &mut Known) -> Vec<Turn> {
        let turns = handling.turns.iter().copied();
        turns
            .filter(|turn| self.may_do(*turn, handling))
            .filter(|turn| match turn {
                Turn::Check(device) if self.i_hold(*device, handling) => true,
                _ => {
                    let fixed_by = handling.cause().map(|(made, _)| made.by);
                    let key = (
                        handling.service,
                        handling.reported_by,
                        fixed_by,
                        turn.kind(),
                        *turn == Turn::Settle,
                    );
                    *known.entry(key).or_insert_with(|| {
                        let whose = self.whose(*turn, handling);
                        whose.iter().any(|it| it.user == self.me)
                    })
                }
            })
            .collect()
    }

    /// Guidance that I follow and have not said that I read.
    pub(super) fn guidance_needs(&self, now: Millis) -> Vec<Need> {
        let unread = self.guidance_to_follow(now).into_iter();
        unread
            .filter(|it| {
                !self.i_have_read(it) && may_write(&self.my_roles(it.service), Kind::GuidanceRead)
            })
            .map(|it| Need {
                record: it.made.id,
                reason: NeedReason::Guidance,
                title: format!("{}: follow this now", self.person_name(it.says.person)),
                line: match self.guidance_for_another(it.made.id) {
                    Some(astray) => {
                        format!("{astray} Ask before you follow it: {}", it.says.follow)
                    }
                    None => it.says.follow,
                },
            })
            .collect()
    }

    /// The mismatches whose next step is mine; not those that I have yet to read in my inbox. Guidance that somebody else
    /// follows by mistake, and reviews that disagree, are told at once, beside what comes next.
    pub(super) fn turn_needs(&self, unseen: &BTreeSet<EntryId>, now: Millis) -> Vec<Need> {
        let mut known = BTreeMap::new();
        let mut needs = Vec::new();
        for it in self.handled_mismatches().filter(|it| !it.turns.is_empty()) {
            let mut mine = self.turns_of_mine(&it, &mut known);
            if mine.contains(&Turn::Settle) {
                needs.extend(self.reviews_disagree(&it));
                mine.retain(|turn| *turn != Turn::Settle);
            }
            let (astray, mine): (Vec<Turn>, Vec<Turn>) =
                mine.into_iter().partition(|turn| it.is_astray(*turn));
            needs.extend(astray.into_iter().map(|turn| Need {
                record: it.mismatch,
                reason: NeedReason::GuidanceAstray,
                title: self.turn_label(turn),
                line: format!(
                    "It was given out for a report that is about {} now",
                    self.person_name(it.person)
                ),
            }));
            let unread = unseen.contains(&it.mismatch) && !it.turns.contains(&Turn::FixAgain);
            if let Some(turn) = mine.first().filter(|_| !unread) {
                needs.extend(self.turn_need(*turn, &it, now));
            }
        }
        needs
    }

    fn turn_need(&self, turn: Turn, handling: &Handling, now: Millis) -> Option<Need> {
        if turn == Turn::FixAgain {
            return Some(self.not_fixed(handling, now));
        }
        let record = self.record(handling.mismatch)?;
        Some(Need {
            record: handling.mismatch,
            reason: NeedReason::Turn,
            title: format!(
                "{}: {}",
                self.person_name(handling.person),
                words::within(&self.turn_label(turn))
            ),
            line: format!(
                "Mismatch reported by {}, {}",
                self.name_of(record.author),
                words::when_after(record.made, now)
            ),
        })
    }

    /// That the fix did not work: on which devices, and who said so of each.
    fn not_fixed(&self, handling: &Handling, now: Millis) -> Need {
        let wrong = handling.devices.iter().filter(|it| it.is_still_wrong());
        let (names, said): (Vec<String>, Vec<String>) = wrong
            .filter_map(|it| {
                let (made, _) = it.found.as_ref()?;
                let by = self.name_of(made.by);
                let when = words::when_after(made.at, now);
                Some((
                    self.device_within(it.device),
                    format!("{}: {by}, {when}", it.words()),
                ))
            })
            .unzip();
        Need {
            record: handling.mismatch,
            reason: NeedReason::NotFixed,
            title: format!(
                "{}: the fix did not work on {}",
                self.person_name(handling.person),
                names.join(", ")
            ),
            line: format!("{}. Write what was done further.", said.join(" · ")),
        }
    }

    /// The corrective action that a cause set.
    pub fn action_of(&self, mismatch: EntryId, cause: EntryId) -> Option<String> {
        self.steps_of(mismatch).find_map(|(made, data)| match data {
            Data::MismatchCause(it) if made.id == cause => Some(it.action.clone()),
            _ => None,
        })
    }

    /// The corrective actions that I own and that are not done, the first due first.
    pub(super) fn action_needs(&self, now: Millis) -> Vec<Need> {
        let mut mine: Vec<(NaiveDate, Need)> = self
            .handled_mismatches()
            .filter(|it| it.action_done.is_none())
            .filter(|it| may_write(&self.my_roles(it.service), Kind::ActionDone))
            .filter_map(|it| {
                let (_, cause) = it.cause().filter(|(_, cause)| cause.owner == self.me)?;
                let late = cause.due < words::day(now);
                let need = Need {
                    record: it.mismatch,
                    reason: NeedReason::Action,
                    title: format!("Your action: {}", words::isolated(&cause.action)),
                    line: format!(
                        "{} · due {}{}",
                        self.person_name(it.person),
                        words::date_seen_from(cause.due, now),
                        if late { ", late" } else { "" }
                    ),
                };
                Some((cause.due, need))
            })
            .collect();
        sort_by_key(&mut mine, |(due, need)| (*due, need.record));
        mine.into_iter().map(|(_, need)| need).collect()
    }

    /// All that followed a record, for its history: each step with who, when and what. `who` names somebody.
    pub(super) fn later_steps(
        &self,
        record: &Record,
        who: &dyn Fn(UserId) -> String,
    ) -> Vec<Happening> {
        let mut steps = Vec::new();
        let mut put = |made: &Made, text: String| {
            steps.push(Happening {
                at: made.at,
                text,
                server: made.received.map_or(OnServer::NotYet, OnServer::At),
            });
        };
        let mut checks = BTreeSet::new();
        for (made, data) in self.steps_of(record.id) {
            let by = who(made.by);
            match data {
                Data::Guidance(it) => {
                    let whom = match record.current().person() {
                        Some(now) if now != it.person => {
                            format!(" for {}", self.person_name(it.person))
                        }
                        _ => String::new(),
                    };
                    put(
                        &made,
                        format!("{by} gave out paper guidance{whom}: {}", it.follow),
                    );
                    for (step, data) in self.steps_of(made.id) {
                        let by = who(step.by);
                        match data {
                            Data::GuidanceRead(it) => match it.reader.filter(|it| *it != step.by) {
                                Some(reader) => put(
                                    &step,
                                    format!(
                                        "{} signed the paper guidance, noted by {by}",
                                        who(reader)
                                    ),
                                ),
                                None => put(&step, format!("{by} read the paper guidance")),
                            },
                            Data::GuidanceWithdrawal(it) => {
                                put(
                                    &step,
                                    format!("{by} ended the paper guidance: {}", it.reason),
                                );
                            }
                            _ => {}
                        }
                    }
                }
                Data::MismatchReview(_) if made.by == record.author => put(
                    &made,
                    format!("{by} reviewed their own report, which does not count"),
                ),
                Data::MismatchReview(it) => put(
                    &made,
                    format!(
                        "{by} reviewed it: {}. {}",
                        it.decision.label(),
                        it.rationale
                    ),
                ),
                Data::MismatchCause(it) => {
                    put(
                        &made,
                        format!(
                            "{by} wrote cause and fix: {}. {}. Action for {}: {}",
                            it.cause.label(),
                            it.fix.trim_end_matches('.'),
                            who(it.owner),
                            it.action
                        ),
                    );
                    for (step, data) in self.steps_of(made.id) {
                        if let Data::ActionDone(done) = data {
                            put(
                                &step,
                                format!(
                                    "{} did the action “{}”: {}",
                                    who(step.by),
                                    it.action,
                                    done.outcome
                                ),
                            );
                        }
                    }
                }
                Data::DeviceCheck(it) => {
                    checks.insert(made.id);
                    put(
                        &made,
                        format!(
                            "{by} checked {}: {}",
                            self.failed_device_name(it.device),
                            found_words(&it.found)
                        ),
                    );
                }
                Data::MismatchClose(it) => put(&made, format!("{by} closed it: {}", it.learned)),
                Data::QuestionReply(it) => put(&made, format!("{by} answered: {}", it.text)),
                _ => {}
            }
        }
        // A device may be right again by an answer on the board.
        let devices = self
            .handling(record.id)
            .map_or_else(Vec::new, |it| it.devices);
        for device in devices {
            if let Some((made, found)) = device.found.filter(|(made, _)| !checks.contains(&made.id))
            {
                put(
                    &made,
                    format!(
                        "{} answered for {}: {}",
                        who(made.by),
                        device.name,
                        found_words(&found)
                    ),
                );
            }
        }
        for it in self.done_about(record.id) {
            let Some((meta, _)) = self.entry(it.id) else {
                continue;
            };
            let what = match &it.answer {
                OnWarning::HaveIt => "has the early warning".to_owned(),
                OnWarning::Escalate { to, .. } => {
                    format!("escalated to {} the early warning", who(*to))
                }
            };
            put(
                &self.made(meta),
                format!("{} {what} “{}”", who(it.by), it.sign.label()),
            );
        }
        steps
    }

    /// The five steps of a mismatch's page: who did each and when, and what is still missing.
    pub fn mismatch_steps(&self, handling: &Handling, now: Millis) -> Vec<StepView> {
        let line = |made: &Made, what: &str| {
            format!(
                "{}, {}{what}",
                self.name_of(made.by),
                words::when_after(made.at, now)
            )
        };
        let waits = |turn: Turn| {
            let people = self.whose(turn, handling);
            match people.as_slice() {
                [] => "Nobody here holds the role for it".to_owned(),
                people => {
                    let names: Vec<&str> =
                        people.iter().map(|it| it.display_name.as_str()).collect();
                    format!("Waits for {}", names.join(" or "))
                }
            }
        };
        let closed = handling.closed.is_some();
        let mut steps = Vec::new();
        let mut step = |title, done: bool, lines: Vec<String>, shown: bool| {
            let state = match (done, shown) {
                (true, _) => StepState::Done,
                (false, true) => StepState::Todo,
                (false, false) => StepState::NotShown,
            };
            steps.push(StepView {
                title,
                state,
                lines,
            });
        };
        let mut reported = vec![self.name_of(handling.reported_by)];
        if let Some(record) = self.record(handling.mismatch) {
            reported = vec![format!(
                "{}, {}",
                self.name_of(record.author),
                words::when_after(record.made.saturating_add(record.skew.unwrap_or(0)), now)
            )];
            reported.extend(record.clock_words(now));
        }
        step("Mismatch reported", true, reported, true);

        let mut lines: Vec<String> = Vec::new();
        for it in &handling.guidance {
            let over = match &it.over {
                None => "",
                Some(Over::Withdrawn { .. }) => ": ended",
                Some(Over::Replaced { .. }) => ": replaced",
            };
            let astray = it.says.person != handling.person;
            let whom = if astray {
                format!(", for {}", self.person_name(it.says.person))
            } else {
                String::new()
            };
            lines.push(line(&it.made, &format!("{whom}{over}")));
            if it.over.is_none() && see(&self.my_roles(it.service), Kind::GuidanceRead) == See::All
            {
                lines.push(it.read_words());
            }
            if it.over.is_none() && astray {
                let end = Turn::Withdraw(it.made.id);
                lines.push(format!(
                    "{}: {}",
                    self.turn_label(end),
                    words::within(&waits(end))
                ));
            }
        }
        let given = handling.given().next().is_some();
        if !given {
            let yet = if closed { "" } else { " yet" };
            let whom = if handling.guidance.is_empty() {
                String::new()
            } else {
                format!(" for {}", self.person_name(handling.person))
            };
            lines.push(format!("None was given out{yet}{whom}"));
        }
        if handling.turns.contains(&Turn::Guidance) {
            lines.push(waits(Turn::Guidance));
        }
        let given = given && handling.astray().next().is_none();
        step("Paper guidance", given || closed, lines, true);

        let mut lines: Vec<String> = Vec::new();
        for (made, review) in handling.counting_reviews() {
            lines.push(line(made, &format!(": {}", review.decision.label())));
            lines.push(harm_and_told(review));
        }
        if handling.is_disputed() {
            lines.push("These reviews disagree".to_owned());
            lines.push(waits(Turn::Settle));
        } else if lines.is_empty() && handling.sees_review {
            lines.push(waits(Turn::Review));
        } else if lines.is_empty() {
            lines.push("Managers keep this step".to_owned());
        }
        let reviewed = !handling.reviews.is_empty() && !handling.is_disputed() || closed;
        step("Manager’s review", reviewed, lines, handling.sees_review);

        let lines = match handling.cause() {
            Some((made, cause)) => vec![
                line(made, &format!(": {}", cause.cause.label())),
                format!("Fix: {}", cause.fix),
            ],
            None => vec![waits(Turn::Cause)],
        };
        step("Cause and fix", handling.cause().is_some(), lines, true);

        let mut lines = Vec::new();
        if handling.cause().is_some() {
            lines.extend(
                handling
                    .devices
                    .iter()
                    .filter(|it| handling.sees_checks || it.found.is_some())
                    .map(|it| format!("{}: {}", it.name, it.words())),
            );
        }
        match &handling.closed {
            Some(made) => {
                lines.push(line(made, ": closed"));
                let close = handling.closes.iter().find(|(it, _)| it.id == made.id);
                lines.extend(
                    close.map(|(_, it)| format!("Learned: {}", words::isolated(&it.learned))),
                );
            }
            None => {
                let last = handling.turns.iter().find(|it| match it {
                    Turn::FixAgain | Turn::Check(_) | Turn::Close => true,
                    Turn::Withdraw(_) => !handling.is_astray(**it),
                    Turn::Guidance | Turn::Review | Turn::Settle | Turn::Cause => false,
                });
                lines.extend(last.map(|turn| match turn {
                    Turn::Check(_) if !handling.sees_checks => self.checks_devices(handling),
                    turn => waits(*turn),
                }));
            }
        }
        step("Checked again and closed", closed, lines, true);
        // Guidance that nobody waits for any more may still be given out, and is not what comes next.
        let skipped = (!handling.turns.contains(&Turn::Guidance)
            && handling.astray().next().is_none())
        .then_some(1);
        let mut todo = steps.iter_mut().enumerate();
        let next = todo.find(|(at, it)| it.state == StepState::Todo && Some(*at) != skipped);
        if let Some((_, next)) = next {
            next.state = StepState::Now;
        }
        steps
    }

    /// Who checks the devices, for those who are not shown what others found: they cannot know what is still to be done.
    fn checks_devices(&self, handling: &Handling) -> String {
        let (service, author) = (handling.service, handling.reported_by);
        let chain = receivers_from(self, service, Kind::Mismatch, author);
        let what = "What others find does not come to this phone.";
        match chain.role {
            Some(role) => {
                let role = role.label().to_lowercase();
                format!("Your {role} checks the devices. {what}")
            }
            None => what.to_owned(),
        }
    }

    /// Whether it may be closed now.
    ///
    /// # Errors
    /// What is still outstanding, as people read it.
    pub fn may_close(&self, handling: &Handling) -> Result<(), Vec<String>> {
        let outstanding = handling.outstanding();
        if outstanding.is_empty() {
            return Ok(());
        }
        Err(outstanding
            .into_iter()
            .map(|turn| match turn {
                Turn::Review => "The manager’s review is missing.".to_owned(),
                Turn::Cause => "Cause and fix are missing.".to_owned(),
                Turn::Check(device) => format!(
                    "{} has not been shown to be right. Look at it, or say why it is used no more.",
                    self.failed_device_name(device)
                ),
                Turn::Withdraw(guidance) => {
                    let whom = self.for_another(guidance).map_or_else(String::new, |(it, _)| {
                        format!(" for {}", self.person_name(it))
                    });
                    format!(
                        "Workers still follow paper guidance{whom}. Tell them that it is over first."
                    )
                }
                Turn::Guidance | Turn::Settle | Turn::FixAgain | Turn::Close => String::new(),
            })
            .collect())
    }

    /// What is known of a mismatch beside the manager's own answers, for the rules.
    pub fn known_facts(&self, handling: &Handling) -> Facts {
        let mut facts = Facts::default();
        facts
            .also
            .extend(match handling.cause().map(|(_, it)| it.cause) {
                Some(Cause::SupplierFault) => Some(Fact::SoftwareFault),
                None | Some(Cause::NotKnown | Cause::NotDelivered) => {
                    Some(Fact::SoftwareFaultUnknown)
                }
                Some(Cause::OldApp | Cause::Entry | Cause::Handover) => None,
            });
        if let Some(Data::Person(person)) = self.person_data(handling.person) {
            if !person.communication_needs.trim().is_empty() {
                facts.also.insert(Fact::CommunicationNeeds);
            }
            if person.funder != Funder::SelfFunded {
                facts.also.insert(Fact::Commissioned);
            }
        }
        facts
    }

    /// Every mismatch that I see and that is not closed, newest first.
    pub fn open_mismatches(&self) -> Vec<Handling> {
        self.handled_mismatches()
            .filter(|it| it.closed.is_none())
            .collect()
    }

    fn handled_mismatches(&self) -> impl Iterator<Item = Handling> {
        self.newest_first()
            .filter(|record| matches!(record.data, RecordData::Mismatch(_)))
            .filter_map(|record| self.handling(record.id))
    }
}

impl GuidanceView {
    /// `Read by 4 of 5`.
    pub fn read_words(&self) -> String {
        let of = self.says.affects.len();
        format!("Read by {} of {of}", of - self.unread.len())
    }
}

/// A device that shows instructions, as one that showed something else.
fn failed(screen: Screen) -> FailedDevice {
    match screen {
        Screen::Labelled(label) => FailedDevice::Label(label),
        Screen::Own(phone) => FailedDevice::Phone(phone),
    }
}

/// What a check found, after the device's name.
fn found_words(found: &Found) -> String {
    match found {
        Found::Shows => "it shows the right one".to_owned(),
        Found::SeenInPerson => "seen in person, it is right".to_owned(),
        Found::StillWrong => "it still shows something else".to_owned(),
        Found::Retired { reason } => format!("it is used no more: {reason}"),
    }
}

/// What is outstanding, in the order of the steps; first of all guidance that somebody else follows by mistake.
fn turns(handling: &Handling) -> Vec<Turn> {
    let end = |it: &GuidanceView| Turn::Withdraw(it.made.id);
    let mut turns: Vec<Turn> = handling.astray().map(end).collect();
    // Whether it was reviewed is not for every phone, and workers go by the device until it is fixed. Where some was given
    // out for somebody else, it was found to be needed, and is asked for until the close.
    let asked = handling.causes.is_empty() || !handling.guidance.is_empty();
    if asked && handling.given().next().is_none() {
        turns.push(Turn::Guidance);
    }
    if handling.reviews.is_empty() && handling.sees_review {
        turns.push(Turn::Review);
    }
    if handling.sees_review && !handling.differences().is_empty() {
        turns.push(Turn::Settle);
    }
    if handling.causes.is_empty() {
        turns.push(Turn::Cause);
        return turns;
    }
    if handling.devices.iter().any(DeviceState::is_still_wrong) {
        turns.push(Turn::FixAgain);
    }
    let open = handling.devices.iter().filter(|it| !it.is_settled());
    turns.extend(open.map(|it| Turn::Check(it.device)));
    let keeps_nothing_open = |it: &Turn| matches!(it, Turn::Guidance | Turn::Settle);
    let waits_longer = |it: &Turn| !keeps_nothing_open(it) && !matches!(it, Turn::Withdraw(_));
    if turns.iter().any(waits_longer) {
        return turns;
    }
    turns.extend(handling.standing().map(end));
    if turns.iter().all(keeps_nothing_open) {
        turns.push(Turn::Close);
    }
    turns
}

/// Whether I act, by service, who reported it, who fixed it, the kind of what is to be written, and whether it settles
/// reviews that disagree.
type Known = BTreeMap<(ServiceId, UserId, Option<UserId>, Kind, bool), bool>;

/// Whom guidance for a person affects: in home care those who visit them today or later, elsewhere and where no visits
/// are known all who give care at the service. By name.
pub fn affected(
    ledger: &Ledger,
    service: ServiceId,
    person: SubjectId,
    now: Millis,
) -> Vec<UserId> {
    let at_home = ledger
        .service(service)
        .is_some_and(|it| it.kind == ServiceKind::Domiciliary);
    let visitors: BTreeSet<UserId> = ledger
        .visits_to(person)
        .into_iter()
        .filter(|visit| words::day(visit.end) >= words::day(now))
        .filter_map(|visit| visit.staff)
        .collect();
    ledger
        .staff(service)
        .into_iter()
        .filter(|it| {
            if at_home && !visitors.is_empty() {
                visitors.contains(&it.user)
            } else {
                it.roles.iter().any(|role| role.gives_care())
            }
        })
        .map(|it| it.user)
        .collect()
}

/// A list for those who lead: one line a mismatch or action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Listing {
    Open,
    NotificationTracker,
    GovernanceLog,
    ActionPlan,
}

impl Listing {
    pub const ALL: [Listing; 4] = [
        Listing::Open,
        Listing::NotificationTracker,
        Listing::GovernanceLog,
        Listing::ActionPlan,
    ];

    /// Its name.
    pub fn label(self) -> &'static str {
        match self {
            Listing::Open => "Open mismatches",
            Listing::NotificationTracker => "Notification tracker",
            Listing::GovernanceLog => "Digital governance log",
            Listing::ActionPlan => "Service action plan",
        }
    }

    /// Its name in addresses.
    pub fn as_str(self) -> &'static str {
        match self {
            Listing::Open => "open",
            Listing::NotificationTracker => "tracker",
            Listing::GovernanceLog => "governance",
            Listing::ActionPlan => "actions",
        }
    }

    /// The kind that somebody must see all of to be shown the list.
    fn kind(self) -> Kind {
        match self {
            Listing::Open => Kind::Mismatch,
            Listing::NotificationTracker => Kind::MismatchReview,
            Listing::GovernanceLog | Listing::ActionPlan => Kind::MismatchCause,
        }
    }

    fn columns(self) -> &'static [&'static str] {
        match self {
            Listing::Open => &["Mismatch", "Reported", "Waits for", "Paper guidance"],
            Listing::NotificationTracker => {
                &["Mismatch", "Reviewed", "Decision", "Harm", "Told", "Why"]
            }
            Listing::GovernanceLog => &["Mismatch", "Written", "Cause", "Fix", "Devices"],
            Listing::ActionPlan => &["Mismatch", "Action", "Owner", "Due", "Done"],
        }
    }
}

impl std::str::FromStr for Listing {
    type Err = ();

    fn from_str(name: &str) -> Result<Listing, ()> {
        Listing::ALL
            .into_iter()
            .find(|it| it.as_str() == name)
            .ok_or(())
    }
}

/// The lists that my roles show me.
pub fn lists(ledger: &Ledger) -> Vec<Listing> {
    let services = ledger.my_services();
    let sees = |kind| {
        services
            .iter()
            .any(|service| see(&ledger.my_roles(*service), kind) == See::All)
    };
    Listing::ALL
        .into_iter()
        .filter(|it| sees(it.kind()))
        .collect()
}

/// A list as it is drawn: a table on a desk, cards on a phone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListView {
    pub columns: &'static [&'static str],
    pub rows: Vec<ListRow>,
}

/// One line: the mismatch it leads to, and a cell for each column.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ListRow {
    pub mismatch: EntryId,
    pub cells: Vec<String>,
}

impl Ledger {
    /// One of the lists, newest first; of the action plan what is not done first, by when it is due.
    pub fn listing(&self, listing: Listing, now: Millis) -> ListView {
        let mut rows: Vec<(Option<String>, ListRow)> = Vec::new();
        for it in self.handled_mismatches() {
            let subject = self.person_name(it.person);
            let mut put = |rank, cells| {
                rows.push((
                    rank,
                    ListRow {
                        mismatch: it.mismatch,
                        cells,
                    },
                ));
            };
            match listing {
                Listing::Open if it.closed.is_none() => {
                    let reported = self.record(it.mismatch).map(|record| record.made);
                    let first = it.turns.first().copied();
                    let names: Vec<String> = first
                        .map(|turn| self.whose(turn, &it))
                        .into_iter()
                        .flatten()
                        .map(|it| it.display_name)
                        .collect();
                    let mut waits = names.join(" or ");
                    if it.is_disputed() {
                        waits += " · the reviews disagree";
                    }
                    let guidance = it.standing().next().map(GuidanceView::read_words);
                    let astray = it.astray().map(|it| {
                        let whom = self.person_name(it.says.person);
                        format!("for {whom}: {}", words::within(&it.read_words()))
                    });
                    let guidance = guidance.unwrap_or_else(|| "None".to_owned());
                    let guidance: Vec<String> = [guidance].into_iter().chain(astray).collect();
                    put(
                        None,
                        vec![
                            subject,
                            reported.map_or_else(String::new, |at| words::when(at, now)),
                            waits,
                            guidance.join(" · "),
                        ],
                    );
                }
                Listing::Open => {}
                Listing::NotificationTracker => {
                    for (at, (made, review)) in it.reviews.iter().enumerate().rev() {
                        put(
                            None,
                            vec![
                                subject.clone(),
                                format!(
                                    "{}, {}{}",
                                    self.name_of(made.by),
                                    words::when_after(made.at, now),
                                    self.beside_review(&it, at)
                                ),
                                review.decision.label().to_owned(),
                                review.harm.label().to_owned(),
                                review.told.label().to_owned(),
                                review.rationale.clone(),
                            ],
                        );
                    }
                }
                Listing::GovernanceLog => {
                    for (made, cause) in it.causes.iter().rev() {
                        let settled = it.devices.iter().filter(|it| it.is_settled()).count();
                        put(
                            None,
                            vec![
                                subject.clone(),
                                format!(
                                    "{}, {}",
                                    self.name_of(made.by),
                                    words::when_after(made.at, now)
                                ),
                                format!("{}. {}", cause.cause.label(), cause.what),
                                cause.fix.clone(),
                                format!("{settled} of {} right again", it.devices.len()),
                            ],
                        );
                    }
                }
                Listing::ActionPlan => {
                    if let Some((_, cause)) = it.cause() {
                        let done = it.action_done.as_ref();
                        let rank = done.is_none().then(|| cause.due.to_string());
                        let late = done.is_none() && cause.due < words::day(now);
                        put(
                            rank,
                            vec![
                                subject,
                                cause.action.clone(),
                                self.name_of(cause.owner),
                                format!(
                                    "{}{}",
                                    words::date_seen_from(cause.due, now),
                                    if late { ", late" } else { "" }
                                ),
                                done.map_or_else(
                                    || "Not yet".to_owned(),
                                    |(made, done)| {
                                        format!("{}: {}", words::when(made.at, now), done.outcome)
                                    },
                                ),
                            ],
                        );
                    }
                }
            }
        }
        // A stable sort: within one rank the newest stay first.
        sort_by_key(&mut rows, |(rank, _)| (rank.is_none(), rank.clone()));
        ListView {
            columns: listing.columns(),
            rows: rows.into_iter().map(|(_, row)| row).collect(),
        }
    }
}
