//! 'Check a device again'.

use super::{Named, StepDraft};
use crate::body::{Data, DeviceCheck, FailedDevice, Found, Kind};
use crate::encoding::Millis;
use crate::form::kit::{Steps, offer, one_of, text};
use crate::ledger::{Handling, Ledger};
use crate::permission::{See, see};

pub const NAMED: Named = Named {
    title: "Check a device again",
    noun: "check of a device",
    save: "Save check",
    kind: Kind::DeviceCheck,
};

pub fn steps(draft: &StepDraft, ledger: &Ledger, device: FailedDevice) -> Steps {
    // Each answer names the device: one that is given of another counts.
    let name = ledger.failed_device_name(device);
    let of = |answer: &str| format!("{name} · {answer}");
    let leads = see(&ledger.my_roles(draft.service), Kind::DeviceCheck) == See::All;
    let still_wrong = offer(Found::StillWrong, of("It still shows something else"));
    let found = if leads {
        let gone = Found::Retired {
            reason: String::new(),
        };
        vec![
            offer(Found::SeenInPerson, of("I saw it: it is right now")),
            still_wrong,
            offer(gone, of("It is used no more")),
        ]
    } else {
        vec![
            offer(Found::Shows, of("It shows the right one")),
            still_wrong,
        ]
    };
    let mut asked = vec![
        one_of("found", "What does the device show now?", found)
            .hint("Open the care app on it and look."),
    ];
    if let Some(Found::Retired { .. }) = draft.answers.chosen("found") {
        asked.push(text("reason", "Why is it used no more?"));
    }
    vec![asked]
}

pub fn data(
    draft: &StepDraft,
    ledger: &Ledger,
    handling: &Handling,
    device: FailedDevice,
    now: Millis,
) -> Option<Data> {
    let found = match draft.answers.chosen("found")? {
        Found::Retired { .. } => Found::Retired {
            reason: draft.answers.words("reason"),
        },
        found => found,
    };
    let plan = draft.report(ledger).and_then(|it| it.plan);
    Some(Data::DeviceCheck(DeviceCheck {
        mismatch: draft.mismatch,
        device,
        found,
        update: plan
            .and_then(|it| ledger.change_at(it, handling.service))
            // Until it holds, what is compared with is the text before it.
            .filter(|it| {
                ledger
                    .update(*it)
                    .is_some_and(|it| it.effective_from <= now)
            }),
    }))
}
