//! Who signed the paper.

use super::{Named, StepDraft};
use crate::body::{Data, GuidanceRead, Kind};
use crate::form::kit::{Steps, offer, one_of};
use crate::ids::EntryId;
use crate::ledger::Ledger;

pub const NAMED: Named = Named {
    title: "Who signed the paper?",
    noun: "note of a signature",
    save: "Save signature",
    kind: Kind::GuidanceRead,
};

pub fn steps(ledger: &Ledger, guidance: EntryId) -> Steps {
    let unread = ledger
        .guidance(guidance)
        .map_or_else(Vec::new, |it| it.unread);
    let names = unread.into_iter().map(|it| offer(it, ledger.name_of(it)));
    vec![vec![one_of(
        "reader",
        "Who signed the paper?",
        names.collect(),
    )]]
}

pub fn data(draft: &StepDraft, ledger: &Ledger, guidance: EntryId) -> Option<Data> {
    let it = ledger.guidance(guidance)?;
    Some(Data::GuidanceRead(GuidanceRead {
        guidance,
        to: it.made.by,
        reader: draft.answers.chosen("reader"),
    }))
}
