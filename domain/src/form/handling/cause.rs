//! 'Cause and fix'.

use super::{Named, StepDraft};
use crate::body::{Cause, Data, Kind, MismatchCause};
use crate::form::kit::{Steps, day, offer, offers, one_of, text, ticks};
use crate::ids::UserId;
use crate::ledger::Ledger;
use crate::permission::may_write;

pub const NAMED: Named = Named {
    title: "Cause and fix",
    noun: "cause and fix",
    save: "Save cause and fix",
    kind: Kind::MismatchCause,
};

pub fn steps(draft: &StepDraft, ledger: &Ledger) -> Steps {
    let causes = offers(&Cause::ALL, Cause::label);
    let staff = ledger.staff(draft.service).into_iter();
    let owners = staff
        .filter(|it| may_write(&it.roles, Kind::ActionDone))
        .map(|it| offer(it.user, it.display_name))
        .collect();
    let others = ledger.other_devices(draft.mismatch).into_iter();
    let others = others.map(|it| offer(it.id, it.label)).collect();
    vec![
        vec![
            one_of("cause", "What was the cause?", causes),
            text("what", "What did you find?"),
        ],
        vec![text("fix", "What did you do about it?")],
        vec![
            ticks("devices", "Which other devices showed it?", others).hint(
                "Beside the one it was reported on. Each is checked again before this can close.",
            ),
        ],
        vec![
            text("action", "What will stop it coming again?").hint("The corrective action."),
            one_of("owner", "Who does that?", owners),
            day("due", "By when?"),
        ],
    ]
}

pub fn data(draft: &StepDraft, to: UserId) -> Option<Data> {
    let answers = &draft.answers;
    Some(Data::MismatchCause(Box::new(MismatchCause {
        mismatch: draft.mismatch,
        to,
        cause: answers.chosen("cause")?,
        what: answers.words("what"),
        fix: answers.words("fix"),
        action: answers.words("action"),
        owner: answers.chosen("owner")?,
        due: answers.day("due")?,
        devices: answers.ticked("devices"),
    })))
}
