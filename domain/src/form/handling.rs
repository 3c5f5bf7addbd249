//! The forms of what follows a mismatch, each in a file of its own: what it is called, what it asks, and what entry
//! comes of the answers. The kit does the rest.

mod cause;
mod check;
mod close;
mod done;
mod guidance;
mod review;
mod signed;
mod withdraw;

use serde::{Deserialize, Serialize};

use super::Fault;
use super::kit::{Answers, Asks, Question, Steps};
use crate::body::{Body, Data, FailedDevice, Kind, Mismatch};
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId};
use crate::ledger::{Handling, Ledger, RecordData};
use crate::rules::Listed;
use crate::words;

/// Which form it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepForm {
    Guidance,
    /// 'Guidance is over.'
    Withdraw(EntryId),
    /// Who signed the paper.
    Signed(EntryId),
    Review,
    Cause,
    Check(FailedDevice),
    /// The action of this cause is done.
    Done(EntryId),
    Close,
}

/// What a form is called.
struct Named {
    title: &'static str,
    /// What it becomes, after 'your'.
    noun: &'static str,
    /// What its button says.
    save: &'static str,
    kind: Kind,
}

impl StepForm {
    fn named(self) -> Named {
        match self {
            StepForm::Guidance => guidance::NAMED,
            StepForm::Withdraw(_) => withdraw::NAMED,
            StepForm::Signed(_) => signed::NAMED,
            StepForm::Review => review::NAMED,
            StepForm::Cause => cause::NAMED,
            StepForm::Check(_) => check::NAMED,
            StepForm::Done(_) => done::NAMED,
            StepForm::Close => close::NAMED,
        }
    }

    /// The form's name.
    pub fn title(self) -> &'static str {
        self.named().title
    }

    /// Its name in addresses: `review`, or `check-label.` and an id.
    pub fn address(self) -> String {
        match self {
            StepForm::Guidance => "guidance".into(),
            StepForm::Review => "review".into(),
            StepForm::Cause => "cause".into(),
            StepForm::Close => "close".into(),
            StepForm::Withdraw(id) => format!("withdraw.{id}"),
            StepForm::Signed(id) => format!("signed.{id}"),
            StepForm::Done(id) => format!("done.{id}"),
            StepForm::Check(FailedDevice::Phone(id)) => format!("check-phone.{id}"),
            StepForm::Check(FailedDevice::Label(id)) => format!("check-label.{id}"),
        }
    }

    /// The form that an address names.
    pub fn of_address(name: &str) -> Option<StepForm> {
        let (name, id) = name.split_once('.').unwrap_or((name, ""));
        match name {
            "guidance" => Some(StepForm::Guidance),
            "review" => Some(StepForm::Review),
            "cause" => Some(StepForm::Cause),
            "close" => Some(StepForm::Close),
            "withdraw" => id.parse().ok().map(StepForm::Withdraw),
            "signed" => id.parse().ok().map(StepForm::Signed),
            "done" => id.parse().ok().map(StepForm::Done),
            "check-phone" => id
                .parse()
                .ok()
                .map(|id| StepForm::Check(FailedDevice::Phone(id))),
            "check-label" => id
                .parse()
                .ok()
                .map(|id| StepForm::Check(FailedDevice::Label(id))),
            _ => None,
        }
    }

    /// What it becomes, after 'your'.
    pub fn noun(self) -> &'static str {
        self.named().noun
    }

    /// What its button says.
    pub fn save_label(self) -> &'static str {
        self.named().save
    }

    /// Its kind of entry.
    pub fn kind(self) -> Kind {
        self.named().kind
    }
}

/// A half-written step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDraft {
    /// The entry's id, made once, when the form opens.
    pub id: EntryId,
    pub form: StepForm,
    pub mismatch: EntryId,
    pub service: ServiceId,
    pub answers: Answers,
    pub step: usize,
    /// Something was answered by hand.
    pub touched: bool,
}

impl StepDraft {
    /// The form as it opens: with what is known already filled in.
    pub fn fresh(
        ledger: &Ledger,
        id: EntryId,
        form: StepForm,
        handling: &Handling,
        now: Millis,
    ) -> StepDraft {
        let mut draft = StepDraft {
            id,
            form,
            mismatch: handling.mismatch,
            service: handling.service,
            answers: Answers::default(),
            step: 0,
            touched: false,
        };
        match form {
            StepForm::Guidance => guidance::fill(&mut draft, ledger, handling, now),
            StepForm::Cause => draft.fill_cause(ledger, handling, now),
            _ => {}
        }
        draft
    }

    /// The devices that are known to show it; where a fix went before, its action too, while that is still to be done.
    fn fill_cause(&mut self, ledger: &Ledger, handling: &Handling, now: Millis) {
        let wrong = ledger.others_known_wrong(handling);
        self.answers.tick("devices", &wrong);
        if let Some((_, before)) = handling.causes.last()
            && handling.action_done.is_none()
        {
            self.answers.set("action", before.action.clone());
            self.answers.tick("owner", &[before.owner]);
            if before.due >= words::day(now) {
                self.answers.set("due", before.due.to_string());
            }
        }
    }

    /// Nothing was answered by hand, so there is nothing to keep or to ask about.
    pub fn is_empty(&self) -> bool {
        !self.touched
    }

    /// Answers a question that has one answer.
    pub fn set(&mut self, question: &str, answer: String) {
        self.touched = true;
        self.answers.set(question, answer);
    }

    /// Ticks an answer, or takes its tick away.
    pub fn toggle(&mut self, question: &str, code: &str) {
        self.touched = true;
        self.answers.toggle(question, code);
    }

    /// The questions by step, as the answers so far call for them.
    pub fn steps(&self, ledger: &Ledger, now: Millis) -> Steps {
        match self.form {
            StepForm::Guidance => guidance::steps(self, ledger, now),
            StepForm::Withdraw(_) => withdraw::steps(),
            StepForm::Signed(guidance) => signed::steps(ledger, guidance),
            StepForm::Review => review::steps(self),
            StepForm::Cause => cause::steps(self, ledger),
            StepForm::Check(device) => check::steps(self, ledger, device),
            StepForm::Done(cause) => done::steps(self, ledger, cause),
            StepForm::Close => close::steps(),
        }
    }

    /// Whether a tap on an answer of this step goes on by itself: it asks for one answer and nothing else.
    pub fn goes_on_by_a_tap(step: &[Question]) -> bool {
        matches!(step, [one] if matches!(one.asks, Asks::OneOf(_)))
    }

    /// What is still to put right in one step.
    pub fn faults_at(&self, step: usize, ledger: &Ledger, now: Millis) -> Vec<Fault> {
        let steps = self.steps(ledger, now);
        let questions = steps.get(step).into_iter().flatten();
        questions
            .filter_map(|it| it.fault(&self.answers, now))
            .collect()
    }

    /// 'Carry on': to the next step.
    ///
    /// # Errors
    /// What to put right first; the step stays.
    pub fn carry_on(&mut self, ledger: &Ledger, now: Millis) -> Result<(), Vec<Fault>> {
        let faults = self.faults_at(self.step, ledger, now);
        if !faults.is_empty() {
            return Err(faults);
        }
        self.step = (self.step + 1).min(self.steps(ledger, now).len() - 1);
        Ok(())
    }

    /// Back one step; false at the first, where back leaves the form.
    pub fn back(&mut self) -> bool {
        let stays = self.step > 0;
        self.step = self.step.saturating_sub(1);
        stays
    }

    /// Brings the step with this question to the front.
    pub fn go_to(&mut self, ledger: &Ledger, field: &str, now: Millis) {
        let steps = self.steps(ledger, now);
        let step = steps
            .iter()
            .position(|step| step.iter().any(|it| it.id == field));
        if let Some(step) = step {
            self.step = step;
        }
    }

    /// The rules that may apply by the answers so far; none in the other forms.
    pub fn rules(&self, ledger: &Ledger) -> Vec<Listed> {
        match self.form {
            StepForm::Review => review::rules(self, ledger),
            _ => Vec::new(),
        }
    }

    /// What a device must show, by support task, to compare it with; none in the forms that ask of no device.
    pub fn compares_with(&self, ledger: &Ledger, now: Millis) -> Vec<(String, String)> {
        match self.form {
            StepForm::Check(_) => ledger.right_texts(self.mismatch, now),
            _ => Vec::new(),
        }
    }

    /// The body to save, if all is there.
    ///
    /// # Errors
    /// Everything that is to put right, in the order of the questions; a close also says what is outstanding.
    pub fn validate(&self, ledger: &Ledger, now: Millis) -> Result<Body, Vec<Fault>> {
        let steps = self.steps(ledger, now);
        let faults: Vec<Fault> = (0..steps.len())
            .flat_map(|step| self.faults_at(step, ledger, now))
            .collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let gone = || {
            vec![Fault::new(
                "form",
                "The report is not on this phone any more.",
            )]
        };
        let handling = ledger.handling(self.mismatch).ok_or_else(gone)?;
        let data = self.data(ledger, &handling, now)?;
        data.map(Body::step).ok_or_else(gone)
    }

    fn data(
        &self,
        ledger: &Ledger,
        handling: &Handling,
        now: Millis,
    ) -> Result<Option<Data>, Vec<Fault>> {
        Ok(match self.form {
            StepForm::Guidance => guidance::data(self, ledger, handling, now),
            StepForm::Withdraw(guidance) => Some(withdraw::data(self, guidance)),
            StepForm::Signed(guidance) => signed::data(self, ledger, guidance),
            StepForm::Review => review::data(self, ledger),
            StepForm::Cause => cause::data(self, handling.reported_by),
            StepForm::Check(device) => check::data(self, ledger, handling, device, now),
            StepForm::Done(cause) => Some(done::data(self, cause)),
            StepForm::Close => Some(close::data(self, ledger, handling)?),
        })
    }

    /// What was reported.
    fn report(&self, ledger: &Ledger) -> Option<Mismatch> {
        match ledger.record(self.mismatch)?.current() {
            RecordData::Mismatch(it) => Some(it.clone()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    /// ARCHITECTURE.md names this file as what a form costs.
    #[test]
    fn a_form_of_six_fields_and_more_is_under_sixty_lines() {
        let form = include_str!("handling/cause.rs");
        assert!(form.lines().count() < 60, "{}", form.lines().count());
        let fields = ["one_of(\"", "text(\"", "ticks(\"", "day(\""];
        let asks = form.split("pub fn data").next().unwrap_or_default();
        let asked: usize = fields.iter().map(|it| asks.matches(it).count()).sum();
        assert_eq!(asked, 7);
    }
}
