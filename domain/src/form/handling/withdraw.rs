//! 'Guidance is over.'

use super::{Named, StepDraft};
use crate::body::{Data, GuidanceWithdrawal, Kind};
use crate::form::kit::{Steps, text};
use crate::ids::EntryId;

pub const NAMED: Named = Named {
    title: "End the paper guidance",
    noun: "end of paper guidance",
    save: "End the guidance",
    kind: Kind::GuidanceWithdrawal,
};

pub fn steps() -> Steps {
    vec![vec![
        text("reason", "Why is it over?")
            .hint("Workers read this. Say what to follow from now on."),
    ]]
}

pub fn data(draft: &StepDraft, guidance: EntryId) -> Data {
    Data::GuidanceWithdrawal(GuidanceWithdrawal {
        guidance,
        reason: draft.answers.words("reason"),
    })
}
