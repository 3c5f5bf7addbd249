//! 'Record a plan change': whom it is about, which instruction, what it says now, why, and by when devices must show
//! it (pathway B, step 1).

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Fault, PICK_A_PERSON, TEXT, is_of_another, text_fault, too_long};
use crate::body::{Body, EFFECT_WITHIN, MustSee, PlanUpdate, Urgency};
use crate::difference::same_words;
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId};
use crate::ledger::{Ledger, UpdateView};
use crate::permission::Role;
use crate::words;

/// A half-written plan change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlanUpdateDraft {
    /// The entry's id, made once, when the form opens.
    pub id: EntryId,
    pub step: PlanUpdateStep,
    /// The step was opened again from the check, and goes back there.
    pub changing: bool,
    pub person_search: String,
    pub person: Option<SubjectId>,
    /// The person's service, in whose log the change goes.
    pub service: Option<ServiceId>,
    pub plan: Option<SubjectId>,
    pub support_task: String,
    pub before: String,
    pub after: String,
    /// What was written for other instructions before this one was picked.
    pub others: Vec<(SubjectId, String)>,
    pub reason: String,
    /// The day from which it holds, as `2026-11-24`; none for from now on, which older versions kept as an empty text.
    #[serde(deserialize_with = "day_said")]
    pub from_day: Option<String>,
    pub urgency: Option<Urgency>,
    pub who: Who,
    pub roles: Vec<Role>,
    pub devices: Vec<SubjectId>,
    /// The change of the same instruction that stood when this one was begun.
    pub supersedes: Option<EntryId>,
}

fn day_said<'de, D: Deserializer<'de>>(of: D) -> Result<Option<String>, D::Error> {
    let said = Option::<String>::deserialize(of)?;
    Ok(said.filter(|day| !day.is_empty()))
}

/// How the devices that must show it are named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Who {
    #[default]
    Everyone,
    Roles,
    Devices,
}

/// The questions, in order, and the check at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanUpdateStep {
    #[default]
    Person,
    Instruction,
    After,
    Reason,
    Urgency,
    Check,
}

impl PlanUpdateStep {
    pub const ALL: [PlanUpdateStep; 6] = [
        PlanUpdateStep::Person,
        PlanUpdateStep::Instruction,
        PlanUpdateStep::After,
        PlanUpdateStep::Reason,
        PlanUpdateStep::Urgency,
        PlanUpdateStep::Check,
    ];
}

impl Default for PlanUpdateDraft {
    fn default() -> PlanUpdateDraft {
        PlanUpdateDraft::new(EntryId::nil())
    }
}

impl PlanUpdateDraft {
    /// An empty plan change whose entry will have this id.
    pub fn new(id: EntryId) -> PlanUpdateDraft {
        PlanUpdateDraft {
            id,
            step: PlanUpdateStep::Person,
            changing: false,
            person_search: String::new(),
            person: None,
            service: None,
            plan: None,
            support_task: String::new(),
            before: String::new(),
            after: String::new(),
            others: Vec::new(),
            reason: String::new(),
            from_day: None,
            urgency: None,
            who: Who::Everyone,
            roles: Vec::new(),
            devices: Vec::new(),
            supersedes: None,
        }
    }

    /// A plan change of this instruction, which opens at what it says now. As it is where the instruction is not
    /// known.
    pub fn of(id: EntryId, ledger: &Ledger, plan: SubjectId) -> PlanUpdateDraft {
        let mut draft = PlanUpdateDraft::new(id);
        let person = ledger.plan(plan).and_then(|it| ledger.person(it.person));
        if let Some(person) = person {
            draft.person = Some(person.id);
            draft.service = Some(person.service);
            draft.pick(ledger, plan);
            draft.step = PlanUpdateStep::After;
        }
        draft
    }

    /// Picks the instruction that changes: what is in force is its text before, and a change of it that stands is
    /// what this one will replace. Words that were written for another instruction stay with that one.
    pub fn pick(&mut self, ledger: &Ledger, plan: SubjectId) {
        let Some(known) = ledger.plan(plan) else {
            return;
        };
        if self.plan != Some(plan) {
            self.leave_plan();
        }
        let standing = ledger.change_of(plan);
        self.plan = Some(plan);
        self.support_task = known.support_task;
        self.supersedes = standing.as_ref().map(|it: &UpdateView| it.id);
        self.before = standing.map_or(known.instruction, |it| it.after);
        if self.after.is_empty() {
            let at = self.others.iter().position(|(of, _)| *of == plan);
            let written = at.map(|at| self.others.swap_remove(at).1);
            self.after = written.unwrap_or_else(|| self.before.clone());
        }
    }

    /// Another person was picked: the instruction of the one before is left.
    pub fn keep_to_person(&mut self, ledger: &Ledger) {
        if is_of_another(ledger, self.plan, self.person) {
            self.leave_plan();
        }
    }

    /// No instruction is picked, and what was written for the one that was is put by.
    fn leave_plan(&mut self) {
        let Some(plan) = self.plan.take() else {
            return;
        };
        let after = std::mem::take(&mut self.after);
        let before = std::mem::take(&mut self.before);
        if after != before && !after.is_empty() {
            self.others.push((plan, after));
        }
        self.support_task.clear();
        self.supersedes = None;
    }

    /// Nothing has been written in it yet, so there is nothing to keep or to ask about.
    pub fn is_empty(&self) -> bool {
        let picked = PlanUpdateDraft {
            person: self.person,
            service: self.service,
            plan: self.plan,
            support_task: self.support_task.clone(),
            before: self.before.clone(),
            after: self.before.clone(),
            supersedes: self.supersedes,
            step: self.step,
            ..PlanUpdateDraft::new(self.id)
        };
        *self == picked
    }

    /// The instruction and the person were picked before the form opened.
    pub fn is_about(&self, plan: SubjectId) -> bool {
        self.plan == Some(plan)
    }

    /// What is still to put right at one step; at the check, everything.
    pub fn faults_at(&self, step: PlanUpdateStep, now: Millis) -> Vec<Fault> {
        let fault = match step {
            PlanUpdateStep::Person => {
                let picked = self.person.is_some() && self.service.is_some();
                (!picked).then(|| Fault::new("person", PICK_A_PERSON))
            }
            PlanUpdateStep::Instruction => self
                .plan
                .is_none()
                .then(|| Fault::new("plan", "Say which instruction changes. Pick one."))
                .or_else(|| too_long("before", &self.before, TEXT)),
            PlanUpdateStep::After => {
                let same = self.plan.is_some() && same_words(&self.before, &self.after);
                text_fault(
                    "after",
                    &self.after,
                    TEXT,
                    "Write what the instruction says now, the whole of it.",
                )
                .or_else(|| {
                    same.then(|| {
                        Fault::new("after", "This says the same as before. Change what is new.")
                    })
                })
            }
            PlanUpdateStep::Reason => text_fault(
                "reason",
                &self.reason,
                TEXT,
                "Say why it changed, in a few words.",
            ),
            PlanUpdateStep::Urgency => self
                .urgency
                .is_none()
                .then(|| Fault::new("urgency", "Say by when devices must show it. Pick one.")),
            PlanUpdateStep::Check => {
                let mut faults: Vec<Fault> = PlanUpdateStep::ALL
                    .into_iter()
                    .filter(|step| *step != PlanUpdateStep::Check)
                    .flat_map(|step| self.faults_at(step, now))
                    .collect();
                faults.extend(self.from(now).err());
                let none = match self.who {
                    Who::Everyone => false,
                    Who::Roles => self.roles.is_empty(),
                    Who::Devices => self.devices.is_empty(),
                };
                if none {
                    faults.push(Fault::new("must_see", "Pick at least one."));
                }
                return faults;
            }
        };
        fault.into_iter().collect()
    }

    /// From when it holds.
    fn from(&self, now: Millis) -> Result<Millis, Fault> {
        let Some(said) = &self.from_day else {
            return Ok(now);
        };
        let fault = |message: &str| Err(Fault::new("from_day", message));
        let Ok(day) = said.parse::<NaiveDate>() else {
            return fault("Say the day, month and year.");
        };
        let today = words::day(now);
        if today
            .checked_sub_days(Days::new(EFFECT_WITHIN))
            .is_some_and(|first| day < first)
        {
            return fault("This is more than a year ago. Check the year.");
        }
        if today
            .checked_add_days(Days::new(EFFECT_WITHIN))
            .is_some_and(|last| day > last)
        {
            return fault("This is more than a year ahead. Check the year.");
        }
        Ok(if day == today {
            now
        } else {
            words::start_of(day)
        })
    }

    /// 'Carry on': to the next step, or back to the check where the step was opened from it.
    ///
    /// # Errors
    /// What to put right first; the step stays.
    pub fn carry_on(&mut self, now: Millis) -> Result<(), Vec<Fault>> {
        let faults = self.faults_at(self.step, now);
        if !faults.is_empty() {
            return Err(faults);
        }
        let next = PlanUpdateStep::ALL
            .into_iter()
            .find(|step| *step > self.step);
        self.step = match next {
            Some(next) if !self.changing => next,
            _ => PlanUpdateStep::Check,
        };
        self.changing = false;
        Ok(())
    }

    /// 'Change' beside an answer in the check.
    pub fn change(&mut self, step: PlanUpdateStep) {
        self.changing = step != PlanUpdateStep::Check;
        self.step = step;
    }

    /// Back one step; false at the first, where back leaves the form.
    pub fn back(&mut self) -> bool {
        let before = PlanUpdateStep::ALL
            .into_iter()
            .rev()
            .find(|step| *step < self.step);
        let to = if self.changing {
            Some(PlanUpdateStep::Check)
        } else {
            before
        };
        self.changing = false;
        if let Some(step) = to {
            self.step = step;
        }
        to.is_some()
    }

    /// The body to save, if all is there.
    ///
    /// # Errors
    /// Everything that is to put right, in the order of the questions.
    pub fn validate(&self, now: Millis) -> Result<Body, Vec<Fault>> {
        let faults = self.faults_at(PlanUpdateStep::Check, now);
        match (self.person, self.plan, self.urgency, self.from(now)) {
            (Some(person), Some(plan), Some(urgency), Ok(effective_from)) if faults.is_empty() => {
                Ok(Body::plan_update(PlanUpdate {
                    person,
                    plan,
                    support_task: self.support_task.clone(),
                    before: self.before.trim().to_owned(),
                    after: self.after.trim().to_owned(),
                    reason: self.reason.trim().to_owned(),
                    effective_from,
                    urgency,
                    must_see: match self.who {
                        Who::Everyone => MustSee::Everyone,
                        Who::Roles => MustSee::Roles(self.roles.clone()),
                        Who::Devices => MustSee::Devices(self.devices.clone()),
                    },
                    supersedes: self.supersedes,
                }))
            }
            _ => Err(faults),
        }
    }
}
