//! Drafts that wait to be carried on with, as home lists them.

use super::{Draft, StepForm};
use crate::body::Kind;
use crate::encoding::Millis;
use crate::ids::EntryId;
use crate::ledger::{Ledger, Record, may_ask, may_change};
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
/// For how long what was written needs no age: an hour.
const FRESH: Millis = 3_600_000;

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

/// What is said over a form that opens with what was written in it before: about whom, and when that was where it is an
/// hour ago or more.
pub fn found(about: Option<&str>, written: Millis, now: Millis) -> String {
    let about = about.map(|name| format!(" about {}", words::isolated(name)));
    let about = about.unwrap_or_default();
    let ago = now - written;
    if ago < FRESH {
        format!("We kept what you wrote{about}. Carry on, or start again.")
    } else {
        format!(
            "We kept what you wrote{about}, {} ago. Carry on, or start again.",
            words::age(ago)
        )
    }
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
    let draft = Draft::read(ledger, form, draft)?;
    if draft.is_empty() {
        return None;
    }
    let record = |id, may: fn(&Record, crate::ids::UserId) -> bool| {
        ledger.record(id).is_some_and(|it| may(it, ledger.me()))
    };
    let is_report = draft.kind() == Kind::Mismatch;
    let (what, takes_it) = match form {
        FormName::Step(id, step) => {
            let handling = ledger.handling(id);
            let may = handling.is_some_and(|it| ledger.may_write_step(step, &it));
            (step.noun(), may)
        }
        FormName::Mismatch => ("report", true),
        FormName::Note => ("note", true),
        FormName::PlanChange => ("plan change", true),
        FormName::Correct(id) if is_report => {
            ("correction of a report", record(id, Record::may_amend))
        }
        FormName::Correct(id) => ("correction of a note", record(id, Record::may_amend)),
        FormName::Again(id) if is_report => (
            "report, to send it again",
            record(id, Record::may_send_again),
        ),
        FormName::Again(id) => ("note, to send it again", record(id, Record::may_send_again)),
    };
    if !takes_it {
        return None;
    }
    let person = draft.person(ledger);
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
