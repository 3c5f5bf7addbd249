//! Drafts that wait to be carried on with, as home lists them.

use serde::de::DeserializeOwned;

use super::{
    AmendedDraft, AmendmentDraft, MismatchDraft, NoteDraft, PlanUpdateDraft, StepDraft, StepForm,
};
use crate::encoding::Millis;
use crate::ids::{EntryId, SubjectId};
use crate::json;
use crate::ledger::{Ledger, Record, RecordData, may_ask, may_change};
use crate::words;

/// Which form a draft belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FormName {
    Mismatch,
    Note,
    PlanChange,
    /// The correction of this record.
    Correct(EntryId),
    /// This record, which could not be filed, to be sent again.
    Again(EntryId),
    /// What follows this mismatch.
    Step(EntryId, StepForm),
}

/// What the names begin with of words that are typed in a sheet.
const SHEET: &str = "sheet";
/// How much of them home shows.
const FIRST_WORDS: usize = 40;

impl FormName {
    /// What words that are typed in a sheet of the page at `path` are kept under; `what` tells them from others there.
    pub fn sheet(path: &str, what: &str) -> String {
        format!("{SHEET}{path}#{what}")
    }

    /// The form that [`FormName::text`] names.
    pub fn of(text: &str) -> Option<FormName> {
        match text.split_once('/') {
            None if text == "mismatch" => Some(FormName::Mismatch),
            None if text == "note" => Some(FormName::Note),
            None if text == "plan-change" => Some(FormName::PlanChange),
            Some(("correct", id)) => id.parse().ok().map(FormName::Correct),
            Some(("again", id)) => id.parse().ok().map(FormName::Again),
            Some(("step", rest)) => {
                let (id, step) = rest.split_once('/')?;
                Some(FormName::Step(
                    id.parse().ok()?,
                    StepForm::of_address(step)?,
                ))
            }
            _ => None,
        }
    }

    /// What its drafts are kept under on the phone.
    pub fn text(self) -> String {
        match self {
            FormName::Mismatch => "mismatch".to_owned(),
            FormName::Note => "note".to_owned(),
            FormName::PlanChange => "plan-change".to_owned(),
            FormName::Correct(id) => format!("correct/{id}"),
            FormName::Again(id) => format!("again/{id}"),
            FormName::Step(id, step) => format!("step/{id}/{}", step.address()),
        }
    }
}

/// A draft to carry on with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Unfinished {
    /// Such as `Carry on with your report`.
    pub title: String,
    /// About whom, and how old its last word is: `Jean Whitby · 12 min ago`.
    pub line: String,
}

/// Words that were typed in a sheet, as home lists them, with the path of the page that opens it again: none where they
/// are another draft, none are left, no page opens the sheet by itself, or what they were for cannot be done any more.
pub fn unfinished_sheet<'f>(
    ledger: &Ledger,
    form: &'f str,
    text: &str,
    written: Millis,
    now: Millis,
) -> Option<(&'f str, Unfinished)> {
    let (path, what) = form.strip_prefix(SHEET)?.split_once('#')?;
    let (page, id) = path.rsplit_once('/')?;
    let (what, _) = what.split_once('.').unwrap_or((what, ""));
    let (noun, service) = match (page, what) {
        ("/records", "reply") => ("answer", ledger.may_reply(id.parse().ok()?)?.0),
        ("/people", "question") => ("question", ledger.person(id.parse().ok()?)?.service),
        ("/changes", _) => {
            let update = ledger.update(id.parse().ok()?)?;
            let noun = match what {
                "question" => "question",
                "withdraw-reason" if update.stands() => "reason to withdraw a change",
                _ => return None,
            };
            (noun, update.service)
        }
        _ => return None,
    };
    match what {
        "question" if !may_ask(ledger, service) => return None,
        "withdraw-reason" if !may_change(ledger, service) => return None,
        _ => {}
    }
    let text = text.trim();
    let first = words::beginning(text, FIRST_WORDS);
    let it = Unfinished {
        title: format!("Carry on with your {noun}"),
        line: format!(
            "{} · {} ago",
            words::isolated(&first),
            words::age(now - written)
        ),
    };
    (!text.is_empty()).then_some((path, it))
}

/// A kept draft as home lists it, and its form: none where nothing was written in it, or its record takes it no longer.
pub fn unfinished(
    ledger: &Ledger,
    form: &str,
    draft: &str,
    written: Millis,
    now: Millis,
) -> Option<(FormName, Unfinished)> {
    let form = FormName::of(form)?;
    let record = |id, may: fn(&Record, crate::ids::UserId) -> bool| {
        let record = ledger.record(id)?;
        may(record, ledger.me()).then_some(record)
    };
    let (what, person) = match form {
        FormName::Step(id, step) => {
            let handling = ledger.handling(id)?;
            let begun = json::read::<StepDraft>(draft).ok()?;
            if begun.is_empty() || !ledger.may_write_step(step, &handling) {
                return None;
            }
            (step.noun(), Some(handling.person))
        }
        FormName::Mismatch => ("report", person_of::<MismatchDraft>(draft)?),
        FormName::Note => ("note", person_of::<NoteDraft>(draft)?),
        FormName::PlanChange => ("plan change", person_of::<PlanUpdateDraft>(draft)?),
        FormName::Correct(id) => {
            record(id, Record::may_amend)?;
            let draft: AmendmentDraft = json::read(draft).ok()?;
            match draft.record {
                AmendedDraft::Mismatch(it) => ("correction of a report", it.person),
                AmendedDraft::Note(it) => ("correction of a note", it.person),
            }
        }
        FormName::Again(id) => match record(id, Record::may_send_again)?.data {
            RecordData::Mismatch(_) => (
                "report, to send it again",
                person_of::<MismatchDraft>(draft)?,
            ),
            _ => ("note, to send it again", person_of::<NoteDraft>(draft)?),
        },
    };
    let whom = person.map_or_else(
        || "Nobody picked yet".to_owned(),
        |person| ledger.person_name(person),
    );
    let it = Unfinished {
        title: format!("Carry on with your {what}"),
        line: format!("{whom} · {} ago", words::age(now - written)),
    };
    Some((form, it))
}

/// What every kind of draft tells of itself.
trait Begun: DeserializeOwned {
    fn begun(&self) -> Option<Option<SubjectId>>;
}

macro_rules! begun {
    ($draft:ty) => {
        impl Begun for $draft {
            fn begun(&self) -> Option<Option<SubjectId>> {
                (!self.is_empty()).then_some(self.person)
            }
        }
    };
}

begun!(MismatchDraft);
begun!(NoteDraft);
begun!(PlanUpdateDraft);

fn person_of<D: Begun>(text: &str) -> Option<Option<SubjectId>> {
    json::read::<D>(text).ok()?.begun()
}
