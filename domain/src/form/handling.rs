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
use super::draft::Form;
use super::kit::{Answered, Answers, At, Steps};
use crate::body::{Body, Data, FailedDevice, Kind, Mismatch};
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId};
use crate::ledger::{Handling, Ledger, RecordData, ReviewView};
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
    /// Whom it was about when it was begun; none where the draft does not say.
    #[serde(default)]
    pub begun_for: Option<SubjectId>,
    /// Of a review, those that were in view when it was begun.
    #[serde(default)]
    pub read: Vec<EntryId>,
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
            begun_for: None,
            read: Vec::new(),
            answers: Answers::default(),
            step: 0,
            touched: false,
        };
        draft.begun_for = draft.whom(ledger);
        match form {
            StepForm::Guidance => guidance::fill(&mut draft, ledger, handling, now),
            StepForm::Cause => draft.fill_cause(ledger, handling, now),
            StepForm::Review => {
                let read = handling.reviews.iter();
                draft.read = read.map(|(made, _)| made.id).collect();
            }
            _ => {}
        }
        draft
    }

    /// Whom it is about: whom its guidance is for, else whom the report is about as it reads now.
    pub fn whom(&self, ledger: &Ledger) -> Option<SubjectId> {
        match self.form {
            StepForm::Withdraw(guidance) | StepForm::Signed(guidance) => {
                ledger.guidance(guidance).map(|it| it.says.person)
            }
            _ => ledger.handling(self.mismatch).map(|it| it.person),
        }
    }

    /// That the report is about somebody else than when this was begun: it cannot be saved. None where it is not.
    pub fn begun_for_another(&self, ledger: &Ledger) -> Option<String> {
        let (before, now) = (self.begun_for?, self.whom(ledger)?);
        (before != now).then(|| {
            format!(
                "This report is about {} now. You began this for {}. Start again.",
                ledger.person_name(now),
                ledger.person_name(before)
            )
        })
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

    /// Answers a question that has one answer.
    pub fn set(&mut self, question: &str, answer: String) {
        self.touched = true;
        self.answers.set(question, answer);
    }

    /// The rules that may apply by the answers so far; none in the other forms.
    pub fn rules(&self, ledger: &Ledger) -> Vec<Listed> {
        match self.form {
            StepForm::Review => review::rules(self, ledger),
            _ => Vec::new(),
        }
    }

    /// What is not settled though it may be closed, each in a sentence; none in the other forms.
    pub fn unsettled(&self, ledger: &Ledger) -> Vec<String> {
        let handling = match self.form {
            StepForm::Close => ledger.handling(self.mismatch),
            _ => None,
        };
        handling.map_or_else(Vec::new, |it| ledger.unsettled(&it))
    }

    /// The other reviews that count, each with whether it came since this one was begun; none in the other forms.
    pub fn reviews(&self, ledger: &Ledger, now: Millis) -> Vec<(ReviewView, bool)> {
        let handling = match self.form {
            StepForm::Review => ledger.handling(self.mismatch),
            _ => None,
        };
        let views = handling.map_or_else(Vec::new, |it| ledger.review_views(&it, now));
        let counting = views.into_iter().filter(|it| !it.replaced);
        counting
            .map(|it| {
                let is_new = !self.read.contains(&it.id);
                (it, is_new)
            })
            .collect()
    }

    /// What a device must show, by support task, to compare it with; none in the forms that ask of no device.
    pub fn compares_with(&self, ledger: &Ledger, now: Millis) -> Vec<(String, String)> {
        match self.form {
            StepForm::Check(_) => ledger.to_compare(self.mismatch, now),
            _ => Vec::new(),
        }
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

impl Form for StepDraft {
    fn id(&self) -> EntryId {
        self.id
    }

    fn title(&self) -> &'static str {
        self.form.title()
    }

    fn save_label(&self) -> &'static str {
        self.form.named().save
    }

    fn kind(&self) -> Kind {
        self.form.kind()
    }

    fn service(&self) -> Option<ServiceId> {
        Some(self.service)
    }

    fn person(&self, ledger: &Ledger) -> Option<SubjectId> {
        self.begun_for.or_else(|| self.whom(ledger))
    }

    fn is_empty(&self) -> bool {
        !self.touched
    }

    fn steps(&self, ledger: &Ledger, now: Millis) -> Steps {
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

    fn answers(&self) -> Answers {
        self.answers.clone()
    }

    fn answer(&mut self, _: &Ledger, question: &str, answer: Answered) {
        self.touched = true;
        self.answers.take(question, answer);
    }

    fn at(&self) -> At {
        At::step(self.step)
    }

    fn go(&mut self, at: At) {
        self.step = at.step;
    }

    /// # Errors
    /// As of every form; that it was begun for somebody else; a close also says what is outstanding.
    fn body(&self, ledger: &Ledger, now: Millis) -> Result<Body, Vec<Fault>> {
        if let Some(another) = self.begun_for_another(ledger) {
            return Err(vec![Fault::new("form", another)]);
        }
        let form: &dyn Form = self;
        let faults = form.faults(ledger, now);
        if !faults.is_empty() {
            return Err(faults);
        }
        let gone = || {
            let gone = "The report is not on this phone any more.";
            vec![Fault::new("form", gone)]
        };
        let handling = ledger.handling(self.mismatch).ok_or_else(gone)?;
        let data = self.data(ledger, &handling, now)?;
        data.map(Body::step).ok_or_else(gone)
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
