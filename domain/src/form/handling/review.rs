//! 'Review a mismatch'.

use super::{Named, StepDraft};
use crate::body::{Data, Decision, Kind, MismatchReview};
use crate::form::LONG_TEXT;
use crate::form::kit::{Steps, offers, one_of, own, text, ticks, yes_no};
use crate::ledger::Ledger;
use crate::rules::{Abuse, Fact, Facts, Harm, Listed, Opinion, Threshold, Told, may_apply};

pub const NAMED: Named = Named {
    title: "Review a mismatch",
    noun: "review",
    save: "Save review",
    kind: Kind::MismatchReview,
};

/// What the professional said; none where the harm asks for no opinion.
fn opinion(draft: &StepDraft) -> Option<Opinion> {
    let harm: Harm = draft.answers.chosen("harm")?;
    harm.asks_an_opinion()
        .then(|| draft.answers.chosen("opinion").unwrap_or_default())
}

/// That what is ticked and the answer on harm do not fit together; none where they do.
fn does_not_fit(draft: &StepDraft) -> Option<String> {
    let harm: Harm = draft.answers.chosen("harm")?;
    let also: Vec<Fact> = draft.answers.ticked("also");
    let label = harm.label();
    if also.contains(&Fact::DuringCare) && harm != Harm::Death {
        return Some(format!(
            "You ticked a death, and answered “{label}” on harm. Answer “{}” there, or take this tick away.",
            Harm::Death.label()
        ));
    }
    let hospital = also.contains(&Fact::Hospital) && harm == Harm::None;
    hospital.then(|| {
        format!(
            "You ticked “{}”, and answered “{label}” on harm. Say there what harm it was, or take this tick away.",
            Fact::Hospital.label()
        )
    })
}

pub fn steps(draft: &StepDraft) -> Steps {
    let mut steps = vec![vec![one_of(
        "harm",
        "Was anybody harmed?",
        offers(&Harm::ALL, Harm::label),
    )]];
    if opinion(draft).is_some() {
        let mut asked = vec![
            one_of(
                "opinion",
                "What does a health care professional say?",
                offers(&Opinion::ALL, Opinion::label),
            )
            .hint("The law asks for their opinion, not ours."),
        ];
        let said = draft.answers.chosen::<Opinion>("opinion");
        if said.is_some_and(|it| it != Opinion::NotNeeded) {
            asked.push(
                text("opinion_of", "Whose opinion?")
                    .hint("Who, which profession, when, and what they said."),
            );
        }
        if matches!(said, Some(Opinion::Yes | Opinion::Pending)) {
            let all = offers(&Threshold::ALL, Threshold::label);
            asked.push(
                ticks("thresholds", "What do they say is so?", all)
                    .hint("These are separate tests.")
                    .or_else_say("Tick what they were asked about."),
            );
        }
        steps.push(asked);
    }
    steps.extend([
        vec![
            yes_no("missed_care", "Was care missed or late?"),
            one_of(
                "abuse",
                "Is abuse or neglect in question?",
                offers(&Abuse::ALL, Abuse::label),
            ),
        ],
        vec![
            ticks(
                "also",
                "What else is so?",
                offers(&Fact::ASKED, Fact::label),
            )
            .hint("Tick all that is so. Leave it empty if nothing is.")
            .wrong(does_not_fit(draft)),
        ],
        vec![
            one_of(
                "told",
                "Was the person told?",
                offers(&Told::ALL, Told::label),
            )
            .hint("The person, or who lawfully acts for them."),
        ],
        vec![
            own("rules"),
            one_of(
                "decision",
                "Tell an outside body?",
                offers(&Decision::ALL, Decision::label),
            ),
            text("rationale", "Why?")
                .hint("Go through the rules that are listed, and say why you decide so.")
                .up_to(LONG_TEXT),
        ],
    ]);
    steps
}

/// The rules that may apply by the answers so far.
pub fn rules(draft: &StepDraft, ledger: &Ledger) -> Vec<Listed> {
    let answers = &draft.answers;
    let known = ledger
        .handling(draft.mismatch)
        .map_or_else(Facts::default, |it| ledger.known_facts(&it));
    let mut facts = Facts {
        harm: answers.chosen("harm").unwrap_or_default(),
        missed_care: answers.chosen("missed_care").unwrap_or_default(),
        abuse: answers.chosen("abuse").unwrap_or_default(),
        told: answers.chosen("told").unwrap_or_default(),
        ..known
    };
    if let Some(opinion) = opinion(draft) {
        facts.opinion = opinion;
        facts.thresholds = answers.ticked("thresholds").into_iter().collect();
    }
    facts.also.extend(answers.ticked::<Fact>("also"));
    may_apply(&facts)
}

pub fn data(draft: &StepDraft, ledger: &Ledger) -> Option<Data> {
    let answers = &draft.answers;
    let opinion = opinion(draft).unwrap_or(Opinion::NotNeeded);
    let asked = opinion != Opinion::NotNeeded;
    Some(Data::MismatchReview(Box::new(MismatchReview {
        mismatch: draft.mismatch,
        harm: answers.chosen("harm").unwrap_or_default(),
        missed_care: answers.chosen("missed_care").unwrap_or_default(),
        abuse: answers.chosen("abuse").unwrap_or_default(),
        also: answers.ticked("also"),
        opinion,
        thresholds: if asked {
            answers.ticked("thresholds")
        } else {
            Vec::new()
        },
        opinion_of: if asked {
            answers.words("opinion_of")
        } else {
            String::new()
        },
        told: answers.chosen("told").unwrap_or_default(),
        decision: answers.chosen("decision")?,
        rationale: answers.words("rationale"),
        rules: rules(draft, ledger),
        read: draft.read.clone(),
    })))
}
