//! The action of a cause is done.

use super::{Named, StepDraft};
use crate::body::{ActionDone, Data, Kind};
use crate::form::kit::{Steps, offer, text};
use crate::ids::EntryId;
use crate::ledger::Ledger;

pub const NAMED: Named = Named {
    title: "Action done",
    noun: "note of what was done",
    save: "Save as done",
    kind: Kind::ActionDone,
};

pub fn steps(draft: &StepDraft, ledger: &Ledger, cause: EntryId) -> Steps {
    let action = ledger.action_of(draft.mismatch, cause).into_iter();
    let action = action.map(|it| offer("", it).hint("The action")).collect();
    vec![vec![
        text("outcome", "What was done?")
            .hint("And does it help?")
            .offering(action),
    ]]
}

pub fn data(draft: &StepDraft, cause: EntryId) -> Data {
    Data::ActionDone(ActionDone {
        cause,
        outcome: draft.answers.words("outcome"),
    })
}
