//! 'Record a plan change': whom it is about, which instruction, what it says now, why, and by when devices must show
//! it (pathway B, step 1).

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};

use super::circumstances::{self, About};
use super::draft::Form;
use super::kit::{
    Answered, Answers, At, Offer, Question, Steps, check, day_around, offer, offers, one_of, own,
    person, text, ticks, toggle,
};
use super::{Fault, TEXT, is_of_another, too_long};
use crate::body::{Body, Kind, MustSee, PlanUpdate, Urgency};
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
    /// What `after` was filled in with; none for the text before.
    pub offered: Option<String>,
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

/// The steps, as a draft keeps which one is in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

const STEPS: [PlanUpdateStep; 6] = [
    PlanUpdateStep::Person,
    PlanUpdateStep::Instruction,
    PlanUpdateStep::After,
    PlanUpdateStep::Reason,
    PlanUpdateStep::Urgency,
    PlanUpdateStep::Check,
];

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
            offered: None,
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
    /// what this one will replace. Where a change was withdrawn and devices are left with it, its text is the one
    /// before, and what holds now is offered. Words that were written for another instruction stay with
    /// that one.
    pub fn pick(&mut self, ledger: &Ledger, plan: SubjectId) {
        let Some(known) = ledger.plan(plan) else {
            return;
        };
        if self.plan != Some(plan) {
            self.leave_plan();
        }
        if self.after == self.offered() {
            self.after.clear();
        }
        let withdrawn = ledger.withdrawn_last(plan);
        let withdrawn = withdrawn
            .filter(|it| !ledger.left_showing(it).is_empty() || ledger.asks_of_nothing(it));
        let followed = ledger.followed_change(plan).map(|it| it.after);
        let followed = followed.unwrap_or(known.instruction);
        self.offered = withdrawn.as_ref().map(|_| followed.clone());
        let last = ledger.change_of(plan).or(withdrawn);
        self.plan = Some(plan);
        self.support_task = known.support_task;
        self.supersedes = last.as_ref().map(|it: &UpdateView| it.id);
        self.before = last.map_or(followed, |it| it.after);
        if self.after.is_empty() {
            let at = self.others.iter().position(|(of, _)| *of == plan);
            let written = at.map(|at| self.others.swap_remove(at).1);
            self.after = written.unwrap_or_else(|| self.offered().to_owned());
        }
    }

    fn offered(&self) -> &str {
        self.offered.as_deref().unwrap_or(&self.before)
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
        if after != self.offered() && !after.is_empty() {
            self.others.push((plan, after));
        }
        self.before.clear();
        self.offered = None;
        self.support_task.clear();
        self.supersedes = None;
    }

    /// From when it holds.
    fn from(&self, now: Millis) -> Option<Millis> {
        let Some(said) = &self.from_day else {
            return Some(now);
        };
        let day: NaiveDate = said.parse().ok()?;
        let today = day == words::day(now);
        Some(if today { now } else { words::start_of(day) })
    }

    /// The instructions in force for the person, and the one that is picked.
    fn instructions(&self, ledger: &Ledger) -> Vec<Offer> {
        let plans = self.person.map(|it| ledger.plans_of(it));
        let plans = plans.into_iter().flatten().map(|plan| {
            let text = ledger.followed_change(plan.id).map(|change| change.after);
            offer(plan.id, plan.support_task).hint(text.unwrap_or(plan.instruction))
        });
        let mut plans: Vec<Offer> = plans.collect();
        if let Some(plan) = self.plan {
            let picked = offer(plan, self.support_task.as_str()).hint(self.before.as_str());
            if !plans.iter().any(|it| it.code == picked.code) {
                plans.push(picked);
            }
        }
        plans
    }

    /// Which devices must show it: all, unless somebody says else.
    fn must_see(&self, ledger: &Ledger) -> Vec<Question> {
        let who = vec![
            offer(Who::Everyone, "All phones and tablets of the service"),
            offer(Who::Roles, "Only those of some roles"),
            offer(Who::Devices, "Only some devices"),
        ];
        let mut asked = vec![one_of("who", "Which devices must show it?", who)];
        match self.who {
            Who::Everyone => {}
            Who::Roles => asked.push(
                ticks("roles", "Roles", offers(&Role::ALL, Role::label))
                    .hint("Devices that somebody of these roles holds.")
                    .or_else_say("Pick at least one."),
            ),
            Who::Devices => {
                let devices = self.service.map(|it| ledger.devices(it));
                let devices = devices.into_iter().flatten();
                let devices = devices.map(|it| offer(it.id, it.label)).collect();
                asked.push(
                    ticks("devices", "Devices", devices)
                        .hint("By their labels.")
                        .or_else_say("Pick at least one."),
                );
            }
        }
        asked
    }
}

/// By when, the soonest first.
fn urgencies() -> Vec<Offer> {
    let answers = Urgency::ALL.into_iter().map(|urgency| {
        let answer = offer(urgency, urgency.label());
        match urgency {
            Urgency::BeforeNextVisit => answer.hint("The safer choice if you are not sure"),
            Urgency::Routine => {
                answer.hint("Within a week, unless your provider has set another time")
            }
            Urgency::Today => answer,
        }
    });
    answers.collect()
}

impl Form for PlanUpdateDraft {
    fn id(&self) -> EntryId {
        self.id
    }

    fn title(&self) -> &'static str {
        "Record a plan change"
    }

    fn save_label(&self) -> &'static str {
        "Save the change"
    }

    fn kind(&self) -> Kind {
        Kind::PlanUpdate
    }

    fn service(&self) -> Option<ServiceId> {
        self.service
    }

    fn person(&self, _: &Ledger) -> Option<SubjectId> {
        self.person
    }

    fn is_empty(&self) -> bool {
        let picked = PlanUpdateDraft {
            person: self.person,
            service: self.service,
            plan: self.plan,
            support_task: self.support_task.clone(),
            before: self.before.clone(),
            after: self.offered().to_owned(),
            offered: self.offered.clone(),
            supersedes: self.supersedes,
            step: self.step,
            ..PlanUpdateDraft::new(self.id)
        };
        *self == picked
    }

    fn steps(&self, ledger: &Ledger, now: Millis) -> Steps {
        let instructions = self.instructions(ledger);
        let none = instructions.is_empty();
        let before = too_long("plan", &self.before, TEXT).map(|it| it.message);
        let same = self.plan.is_some() && same_words(&self.before, &self.after);
        let same = same.then(|| "This says the same as before. Change what is new.".to_owned());
        let mut last = vec![
            check("Check the change"),
            day_around("from_day", "From which day?", now).hint("Today means from now on."),
        ];
        last.extend(self.must_see(ledger));
        vec![
            vec![person()],
            vec![
                one_of("plan", "Which instruction changes?", instructions)
                    .hint(if none {
                        "Pick a person first. Instructions come from the care record’s import."
                    } else {
                        ""
                    })
                    .or_else_say("Say which instruction changes. Pick one.")
                    .wrong(before),
            ],
            vec![
                text("after", "What it says now")
                    .hint("The whole instruction, as the care app should show it.")
                    .or_else_say("Write what the instruction says now, the whole of it.")
                    .of_lines(4)
                    .wrong(same),
                own("changed_words"),
            ],
            vec![
                text("reason", "Why it changed")
                    .hint("Everyone who gives this care reads it.")
                    .or_else_say("Say why it changed, in a few words."),
            ],
            vec![
                one_of("urgency", "By when must devices show it?", urgencies())
                    .or_else_say("Say by when devices must show it. Pick one."),
            ],
            last,
        ]
    }

    fn answers(&self) -> Answers {
        let mut answers = Answers::default();
        circumstances::about(&mut answers, &self.person_search, self.person, self.service);
        answers.choose("plan", self.plan);
        answers.set("after", self.after.clone());
        answers.set("reason", self.reason.clone());
        if let Some(day) = &self.from_day {
            answers.set("from_day", day.clone());
        }
        answers.choose("urgency", self.urgency);
        answers.choose("who", Some(self.who));
        answers.tick("roles", &self.roles);
        answers.tick("devices", &self.devices);
        answers
    }

    fn answer(&mut self, ledger: &Ledger, question: &str, answer: Answered) {
        match question {
            "person" => {
                let there = self.service;
                About {
                    search: &mut self.person_search,
                    person: &mut self.person,
                    service: &mut self.service,
                }
                .answer(answer);
                if self.service.is_some() && self.service != there {
                    self.devices.clear();
                }
                if self.person.is_some() {
                    self.keep_to_person(ledger);
                }
            }
            "plan" => {
                if let Some(plan) = answer.chosen() {
                    self.pick(ledger, plan);
                }
            }
            "after" => self.after = answer.words(),
            "reason" => self.reason = answer.words(),
            "from_day" => self.from_day = Some(answer.words()),
            "urgency" => self.urgency = answer.chosen(),
            "who" => self.who = answer.chosen().unwrap_or_default(),
            "roles" => {
                if let Some(role) = answer.chosen() {
                    toggle(&mut self.roles, role);
                }
            }
            "devices" => {
                if let Some(device) = answer.chosen() {
                    toggle(&mut self.devices, device);
                }
            }
            _ => {}
        }
    }

    fn at(&self) -> At {
        At {
            step: self.step as usize,
            changing: self.changing,
        }
    }

    fn go(&mut self, at: At) {
        self.step = STEPS.get(at.step).copied().unwrap_or(PlanUpdateStep::Check);
        self.changing = at.changing;
    }

    fn body(&self, ledger: &Ledger, now: Millis) -> Result<Body, Vec<Fault>> {
        let form: &dyn Form = self;
        let faults = form.faults(ledger, now);
        match (self.person, self.plan, self.urgency, self.from(now)) {
            (Some(person), Some(plan), Some(urgency), Some(effective_from))
                if faults.is_empty() =>
            {
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
