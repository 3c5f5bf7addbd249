//! 'Close a mismatch'.

use super::{Named, StepDraft};
use crate::body::{Data, Kind, MismatchClose};
use crate::form::Fault;
use crate::form::kit::{Steps, text};
use crate::ledger::{Handling, Ledger};

pub const NAMED: Named = Named {
    title: "Close a mismatch",
    noun: "close of a mismatch",
    save: "Close it",
    kind: Kind::MismatchClose,
};

pub fn steps() -> Steps {
    vec![vec![
        text("learned", "What did we learn?").hint("One or two lines for the team."),
    ]]
}

/// # Errors
/// What is outstanding.
pub fn data(draft: &StepDraft, ledger: &Ledger, handling: &Handling) -> Result<Data, Vec<Fault>> {
    if let Err(missing) = ledger.may_close(handling) {
        let faults = missing.into_iter();
        return Err(faults.map(|it| Fault::new("learned", it)).collect());
    }
    Ok(Data::MismatchClose(MismatchClose {
        mismatch: draft.mismatch,
        to: handling.reported_by,
        learned: draft.answers.words("learned"),
    }))
}
