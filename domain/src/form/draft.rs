//! A half-written form of any kind, and what is true of all of them: which step is in front, what is to be put right
//! there, and where a field is asked.

use std::ops::{Deref, DerefMut};

use super::kit::{Answered, Answers, At, Position, Question, Steps, goes_on_by_a_tap, is_check};
use super::{
    AmendmentDraft, Fault, FormName, MismatchDraft, NoteDraft, PlanUpdateDraft, StepDraft,
};
use crate::body::{Body, Kind};
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId};
use crate::json;
use crate::ledger::{Ledger, RecordData};

/// What a form is: what it asks, its answers as its draft keeps them, and what entry comes of them.
pub trait Form {
    /// The entry's id, made once, when the form opens.
    fn id(&self) -> EntryId;
    fn title(&self) -> &'static str;
    /// What its button says.
    fn save_label(&self) -> &'static str;
    /// The kind of what it writes; of a correction, the kind of what it corrects.
    fn kind(&self) -> Kind;
    /// In whose log it goes.
    fn service(&self) -> Option<ServiceId>;
    fn person(&self, ledger: &Ledger) -> Option<SubjectId>;
    /// Nothing was written in it yet, so there is nothing to keep or to ask about.
    fn is_empty(&self) -> bool;
    /// The questions by step, as the answers so far call for them.
    fn steps(&self, ledger: &Ledger, now: Millis) -> Steps;
    fn answers(&self) -> Answers;
    fn answer(&mut self, ledger: &Ledger, question: &str, answer: Answered);
    fn at(&self) -> At;
    fn go(&mut self, at: At);
    /// The body to save, if all is there.
    ///
    /// # Errors
    /// Everything that is to put right, in the order of the questions.
    fn body(&self, ledger: &Ledger, now: Millis) -> Result<Body, Vec<Fault>>;
}

impl dyn Form + '_ {
    /// What is still to put right in one step.
    pub fn faults_at(&self, step: usize, ledger: &Ledger, now: Millis) -> Vec<Fault> {
        let steps = self.steps(ledger, now);
        faults(steps.get(step).into_iter().flatten(), &self.answers(), now)
    }

    /// Everything that is to put right in the answers, in the order of the questions.
    pub fn faults(&self, ledger: &Ledger, now: Millis) -> Vec<Fault> {
        let steps = self.steps(ledger, now);
        faults(steps.iter().flatten(), &self.answers(), now)
    }

    /// Where somebody is in it, by its questions and answers.
    pub fn position(&self, steps: &Steps, answers: &Answers) -> Position {
        let step = self.at().step.min(steps.len().saturating_sub(1));
        let here = steps.get(step).map_or(&[][..], Vec::as_slice);
        let of = steps.iter().filter(|step| !is_check(step)).count();
        Position {
            step,
            question: (of > 1 && !is_check(here)).then_some(step + 1),
            of,
            last: step + 1 == steps.len(),
            carries_on: !goes_on_by_a_tap(here)
                || here.iter().any(|it| !answers.answer(it.id).is_empty()),
        }
    }

    /// 'Carry on': to the next step, or back to the check where the step was opened from it. What the new answer leaves
    /// open on the way there comes first, as the instruction of another person.
    ///
    /// # Errors
    /// What to put right first; the step stays.
    pub fn carry_on(&mut self, ledger: &Ledger, now: Millis) -> Result<(), Vec<Fault>> {
        let At { step, changing } = self.at();
        let faults = self.faults_at(step, ledger, now);
        if !faults.is_empty() {
            return Err(faults);
        }
        let last = self.steps(ledger, now).len() - 1;
        if !changing {
            self.go(At::step((step + 1).min(last)));
            return Ok(());
        }
        let open = (0..last).find(|step| !self.faults_at(*step, ledger, now).is_empty());
        self.go(open.map_or(At::step(last), |step| At { step, changing }));
        Ok(())
    }

    /// Back one step, or to the check where the step was opened from it; false at the first, where back leaves the form.
    pub fn back(&mut self, ledger: &Ledger, now: Millis) -> bool {
        let At { step, changing } = self.at();
        let last = self.steps(ledger, now).len() - 1;
        let to = if changing {
            Some(last)
        } else {
            step.checked_sub(1)
        };
        self.go(At::step(to.unwrap_or_default()));
        to.is_some()
    }

    /// Whether the step in front asks this question.
    pub fn asks_here(&self, ledger: &Ledger, field: &str, now: Millis) -> bool {
        let steps = self.steps(ledger, now);
        let mut here = steps.get(self.at().step).into_iter().flatten();
        here.any(|it| it.id == field)
    }

    /// Brings the step with this question to the front. One that is opened from the check goes back there.
    pub fn go_to(&mut self, ledger: &Ledger, field: &str, now: Millis) {
        let steps = self.steps(ledger, now);
        let asked = |step: &Vec<Question>| step.iter().any(|it| it.id == field);
        let here = self.at().step;
        let changing = steps.get(here).is_some_and(|it| is_check(it));
        match steps.iter().position(asked) {
            Some(step) if step != here => self.go(At { step, changing }),
            _ => {}
        }
    }
}

/// Every answer to these questions as it is read before saving, by question.
pub fn said(
    steps: &Steps,
    answers: &Answers,
    ledger: &Ledger,
    now: Millis,
) -> Vec<(&'static str, String)> {
    let all = steps.iter().flatten();
    all.map(|it| (it.id, it.said(ledger, answers, now)))
        .collect()
}

fn faults<'q>(
    questions: impl Iterator<Item = &'q Question>,
    answers: &Answers,
    now: Millis,
) -> Vec<Fault> {
    questions.filter_map(|it| it.fault(answers, now)).collect()
}

/// A half-written form, kept on the phone as the text of what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Draft {
    Mismatch(MismatchDraft),
    Note(NoteDraft),
    PlanUpdate(PlanUpdateDraft),
    Amendment(AmendmentDraft),
    Step(StepDraft),
}

impl Draft {
    /// The draft that is kept for a form. None for what this version cannot read.
    pub fn read(ledger: &Ledger, form: FormName, text: &str) -> Option<Draft> {
        let mismatch = || json::read(text).ok().map(Draft::Mismatch);
        let note = || json::read(text).ok().map(Draft::Note);
        match form {
            FormName::Mismatch => mismatch(),
            FormName::Note => note(),
            FormName::PlanChange => json::read(text).ok().map(Draft::PlanUpdate),
            FormName::Correct(_) => json::read(text).ok().map(Draft::Amendment),
            FormName::Again(id) => match ledger.record(id)?.data {
                RecordData::Mismatch(_) => mismatch(),
                _ => note(),
            },
            FormName::Step(..) => json::read(text).ok().map(Draft::Step),
        }
    }

    /// What is kept of it.
    pub fn text(&self) -> String {
        let text = match self {
            Draft::Mismatch(it) => serde_json::to_string(it),
            Draft::Note(it) => serde_json::to_string(it),
            Draft::PlanUpdate(it) => serde_json::to_string(it),
            Draft::Amendment(it) => serde_json::to_string(it),
            Draft::Step(it) => serde_json::to_string(it),
        };
        text.unwrap_or_default()
    }
}

impl Deref for Draft {
    type Target = dyn Form;

    fn deref(&self) -> &Self::Target {
        match self {
            Draft::Mismatch(it) => it,
            Draft::Note(it) => it,
            Draft::PlanUpdate(it) => it,
            Draft::Amendment(it) => it,
            Draft::Step(it) => it,
        }
    }
}

impl DerefMut for Draft {
    fn deref_mut(&mut self) -> &mut Self::Target {
        match self {
            Draft::Mismatch(it) => it,
            Draft::Note(it) => it,
            Draft::PlanUpdate(it) => it,
            Draft::Amendment(it) => it,
            Draft::Step(it) => it,
        }
    }
}
