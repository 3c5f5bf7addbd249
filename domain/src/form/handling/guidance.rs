//! 'Give out paper guidance'.

use super::{Named, StepDraft};
use crate::body::{Data, Guidance, Kind};
use crate::encoding::Millis;
use crate::form::kit::{Offer, Steps, offer, one_of, text, ticks};
use crate::ledger::{Handling, Ledger, StaffView, affected};
use crate::permission::may_write;

pub const NAMED: Named = Named {
    title: "Give out paper guidance",
    noun: "paper guidance",
    save: "Give it out",
    kind: Kind::Guidance,
};

const HOUR: Millis = 3_600_000;
/// When guidance is looked at again, in hours.
const LOOK_AGAIN: [(u8, &str); 4] = [
    (4, "In 4 hours"),
    (12, "In 12 hours"),
    (24, "In a day"),
    (72, "In 3 days"),
];

/// What is known is filled in.
pub fn fill(draft: &mut StepDraft, ledger: &Ledger, handling: &Handling, now: Millis) {
    if let Some(says) = draft.report(ledger) {
        let why = format!("Some phones show something else: “{}”", says.device_says);
        draft.answers.set("why", why);
    }
    if let Some(service) = ledger.service(handling.service) {
        let if_worse = format!(
            "Stop. Ring 999 if life is in danger. Then ring {}, {}.",
            service.on_call_name, service.on_call_contact
        );
        draft.answers.set("if_worse", if_worse);
    }
    let mut affects = affected(ledger, handling.service, handling.person, now);
    affects.extend(ledger.known_affected(handling));
    let mut readers: Vec<_> = readers(draft, ledger).map(|it| it.user).collect();
    readers.retain(|it| affects.contains(it));
    draft.answers.tick("affects", &readers);
}

/// Who may be asked to read it.
fn readers(draft: &StepDraft, ledger: &Ledger) -> impl Iterator<Item = StaffView> {
    let staff = ledger.staff(draft.service).into_iter();
    staff.filter(|it| may_write(&it.roles, Kind::GuidanceRead) && it.user != ledger.me())
}

pub fn steps(draft: &StepDraft, ledger: &Ledger, now: Millis) -> Steps {
    let readers = readers(draft, ledger).map(|it| offer(it.user, it.display_name));
    let again = LOOK_AGAIN
        .into_iter()
        .map(|(hours, label)| offer(hours, label));
    vec![
        vec![
            text("follow", "What to follow")
                .hint("Whatever the care app says. Short, so that it fits on a sheet.")
                .offering(offered(draft, ledger, now)),
        ],
        vec![
            text("why", "Why"),
            text("if_worse", "If it goes wrong").hint("What to do, and whom to ring."),
        ],
        vec![one_of(
            "look_again",
            "When will you look at it again?",
            again.collect(),
        )],
        vec![
            ticks("affects", "Whom does it affect?", readers.collect())
                .hint("Each of them is asked to say that they have read it.")
                .or_else_say("Tick at least one of those who give this care."),
            text("told", "Whom have you told, and how?").hint("By phone, in person, or on paper."),
        ],
    ]
}

/// The plans in force, then what handover says, where it says something.
fn offered(draft: &StepDraft, ledger: &Ledger, now: Millis) -> Vec<Offer> {
    let plans = ledger.right_texts(draft.mismatch, now).into_iter();
    let plans = plans.map(|(task, reads)| offer("", reads).hint(format!("Plan: {task}")));
    let handover = draft.report(ledger).map(|it| it.handover_says);
    let handover = handover
        .filter(|it| !says_nothing(it))
        .map(|it| offer("", it).hint("What handover says"));
    plans.chain(handover).collect()
}

/// Whether these words only say that nobody told anything: the report asks for 'nothing' then.
fn says_nothing(words: &str) -> bool {
    let words = words.trim_matches(|letter: char| !letter.is_alphanumeric());
    matches!(
        words.to_lowercase().as_str(),
        "" | "nothing" | "none" | "no"
    )
}

pub fn data(draft: &StepDraft, ledger: &Ledger, handling: &Handling, now: Millis) -> Option<Data> {
    let hours: u8 = draft.answers.chosen("look_again")?;
    Some(Data::Guidance(Box::new(Guidance {
        mismatch: draft.mismatch,
        person: handling.person,
        plan: draft.report(ledger).and_then(|it| it.plan),
        follow: draft.answers.words("follow"),
        why: draft.answers.words("why"),
        if_worse: draft.answers.words("if_worse"),
        look_again: now + Millis::from(hours) * HOUR,
        told: draft.answers.words("told"),
        affects: draft.answers.ticked("affects"),
        replaces: handling.standing().map(|it| it.made.id).collect(),
    })))
}
