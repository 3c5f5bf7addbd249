//! The forms: what a half-written one holds, which questions it asks in which order, and how it becomes
//! a body. A draft keeps everything, the search text and the step included, so that a killed tab opens
//! where the person left it. Screens show what these types say and hold no rule of their own.

mod amendment;
mod circumstances;
mod draft;
mod handling;
mod kit;
mod mismatch;
mod note;
mod person_search;
mod plan_update;
mod unfinished;
mod when;

pub use amendment::{AmendedDraft, AmendmentDraft};
pub use draft::{Draft, Form, said};
pub use handling::{StepDraft, StepForm};
pub use kit::{
    Answered, Answers, Asks, At, Candidate, Found, Offer, Offered, Position, Question, Steps,
    goes_on_by_a_tap,
};
pub use mismatch::{MismatchDraft, MismatchStep};
pub use note::{EscalationAnswer, NoteDraft, NoteStep};
pub use person_search::{PersonChoice, is_named, search};
pub use plan_update::{PlanUpdateDraft, PlanUpdateStep, Who};
pub use unfinished::{FormName, Unfinished, found, unfinished, unfinished_sheet};
pub use when::SaidDay;

use crate::encoding::Millis;
use crate::ids::SubjectId;
use crate::ledger::Ledger;
use crate::words;

/// Most characters in one field that a person writes.
pub const TEXT: usize = 2_000;
/// Most characters in a rationale or legal reason.
pub const LONG_TEXT: usize = 4_000;
/// How far a time may lie ahead, since clocks differ: five minutes.
const AHEAD: Millis = 5 * 60_000;

/// One thing to put right, with the field it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The draft's field, such as `handover_says`.
    pub field: &'static str,
    /// What to say beside the field.
    pub message: String,
}

impl Fault {
    fn new(field: &'static str, message: impl Into<String>) -> Fault {
        Fault {
            field,
            message: message.into(),
        }
    }
}

/// The line under a text field: `52 of 2,000`.
pub fn counter(text: &str, limit: usize) -> String {
    format!(
        "{} of {}",
        words::thousands(text.trim().chars().count()),
        words::thousands(limit)
    )
}

/// The heading over the faults: `One thing to fix`, `3 things to fix`.
pub fn faults_heading(faults: &[Fault]) -> String {
    match faults.len() {
        1 => "One thing to fix".to_owned(),
        many => format!("{many} things to fix"),
    }
}

fn text_fault(field: &'static str, text: &str, limit: usize, when_empty: &str) -> Option<Fault> {
    if text.trim().is_empty() {
        return Some(Fault::new(field, when_empty));
    }
    too_long(field, text, limit)
}

fn too_long(field: &'static str, text: &str, limit: usize) -> Option<Fault> {
    let length = text.trim().chars().count();
    let over = length.checked_sub(limit).filter(|over| *over > 0)?;
    Some(Fault::new(
        field,
        format!(
            "This is {} too long. Keep it to {} characters.",
            words::count(over, "character", "characters"),
            words::thousands(limit)
        ),
    ))
}

fn time_fault(field: &'static str, at: Option<Millis>, now: Millis) -> Option<Fault> {
    let ahead = at.is_some_and(|at| at > now.saturating_add(AHEAD));
    ahead.then(|| Fault::new(field, when::NOT_YET))
}

/// Whether an instruction that was picked is of another person than the one who is picked now.
fn is_of_another(ledger: &Ledger, plan: Option<SubjectId>, person: Option<SubjectId>) -> bool {
    let plan = plan.and_then(|plan| ledger.plan(plan));
    plan.is_some_and(|plan| Some(plan.person) != person)
}

const PICK_A_PERSON: &str = "Say whom this is about. Pick a name from the list.";

#[cfg(test)]
mod tests;
