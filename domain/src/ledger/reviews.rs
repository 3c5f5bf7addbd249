//! The managers' reviews of a mismatch: which of them count, and where those that do disagree. Two people may review it
//! without knowing of each other: neither review takes the place of the other until somebody has read both.

use std::collections::BTreeMap;

use super::Ledger;
use super::handling::{Handling, Made};
use super::home::{Need, NeedReason};
use crate::body::{Cause, Decision, MismatchReview};
use crate::encoding::Millis;
use crate::ids::{EntryId, UserId};
use crate::rules::{Listed, Opinion, RuleId, Told};
use crate::words;

/// What the reviews that count say of one thing, where they do not say the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub what: &'static str,
    /// Who says what, in the order of the reviews.
    pub said: Vec<(UserId, String)>,
}

/// One review as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReviewView {
    pub id: EntryId,
    /// `Helen Carrick, 21:38`.
    pub by: String,
    /// Harm, whether the person was told, and the decision, in a line.
    pub line: String,
    /// Each thing that was answered, with its words.
    pub facts: Vec<(&'static str, String)>,
    /// A newer one stands in its place.
    pub replaced: bool,
}

/// What a review answers, by what it is called.
fn answers(it: &MismatchReview) -> [(&'static str, String); 7] {
    let yes = |yes| if yes { "Yes" } else { "No" };
    let mut also: Vec<_> = it.also.clone();
    also.sort_unstable();
    also.dedup();
    let also: Vec<&str> = also.into_iter().map(|it| it.label()).collect();
    let also = if also.is_empty() {
        "Nothing".to_owned()
    } else {
        also.join(". ")
    };
    [
        ("Harm", it.harm.label().to_owned()),
        ("Care missed or late", yes(it.missed_care).to_owned()),
        ("Abuse or neglect", it.abuse.label().to_owned()),
        ("What else is so", also),
        ("A professional’s opinion", it.opinion.label().to_owned()),
        ("The person was told", it.told.label().to_owned()),
        ("Decision", it.decision.label().to_owned()),
    ]
}

/// All that a review says, without what was not asked.
fn facts(it: &MismatchReview) -> Vec<(&'static str, String)> {
    let mut facts = Vec::from(answers(it));
    let opinion = &mut facts[4].1;
    if !it.opinion_of.is_empty() {
        *opinion = format!("{opinion}. {}", it.opinion_of);
    }
    if !it.harm.asks_an_opinion() {
        facts.remove(4);
    }
    if it.also.is_empty() {
        facts.remove(3);
    }
    facts.push(("Why", it.rationale.clone()));
    facts
}

/// Harm and whether the person was told, in a line.
pub(super) fn harm_and_told(it: &MismatchReview) -> String {
    let told = it.told.label().to_lowercase();
    format!("{}. Told: {told}", it.harm.label())
}

impl Handling {
    /// The reviews that count, in order: of each person the latest, without those that whoever wrote a later one had read.
    pub fn counting_reviews(&self) -> impl Iterator<Item = &(Made, MismatchReview)> {
        let all = self.reviews.iter().enumerate();
        let counts = |(at, _): &(usize, &(Made, MismatchReview))| !self.is_replaced(*at);
        all.filter(counts).map(|(_, it)| it)
    }

    fn is_replaced(&self, at: usize) -> bool {
        let (made, _) = &self.reviews[at];
        let mut later = self.reviews.iter().skip(at + 1);
        later.any(|(it, says)| it.by == made.by || says.read.contains(&made.id))
    }

    /// Where the reviews that count disagree; empty where they do not.
    pub fn differences(&self) -> Vec<Difference> {
        let reviews: Vec<_> = self
            .counting_reviews()
            .map(|(made, it)| (made.by, answers(it)))
            .collect();
        let Some((_, first)) = reviews.first() else {
            return Vec::new();
        };
        let differs = |at: &usize| reviews.iter().any(|(_, it)| it[*at] != first[*at]);
        let of = |at: usize| Difference {
            what: first[at].0,
            said: reviews
                .iter()
                .map(|(by, it)| (*by, it[at].1.clone()))
                .collect(),
        };
        (0..first.len()).filter(differs).map(of).collect()
    }

    /// The rules that any of the reviews that count lists: where one is sure, it is.
    pub fn rules(&self) -> Vec<Listed> {
        let mut rules: BTreeMap<RuleId, bool> = BTreeMap::new();
        for it in self.counting_reviews().flat_map(|(_, it)| &it.rules) {
            *rules.entry(it.rule).or_default() |= it.sure;
        }
        let listed = rules.into_iter();
        listed.map(|(rule, sure)| Listed { rule, sure }).collect()
    }
}

impl Ledger {
    /// What is not settled about a mismatch though it may be closed: each in a plain sentence, as far as I see it. Empty
    /// where all is settled.
    pub fn unsettled(&self, handling: &Handling) -> Vec<String> {
        let mut open = Vec::new();
        let person = self.person_name(handling.person);
        if !handling.differences().is_empty() {
            open.push("The reviews disagree.".to_owned());
        }
        let reviews: Vec<&MismatchReview> = handling.counting_reviews().map(|(_, it)| it).collect();
        let any = |holds: fn(&MismatchReview) -> bool| reviews.iter().any(|it| holds(it));
        if any(|it| it.told == Told::NotYet) {
            open.push(format!("{person} was not told yet."));
        }
        if any(|it| it.told == Told::Unreachable) {
            open.push(format!("{person} could not be reached to be told."));
        }
        if any(|it| it.decision == Decision::Notify) {
            let told = "The decision is to tell an outside body. Nobody has written here that it was told.";
            open.push(told.to_owned());
        }
        if any(|it| it.decision == Decision::Wait) {
            open.push("Nobody has decided yet whether to tell an outside body.".to_owned());
        }
        if any(|it| it.opinion == Opinion::Pending) {
            open.push("A health care professional was asked and has not answered yet.".to_owned());
        }
        let cause = handling.causes.last();
        if cause.is_some_and(|(_, it)| it.cause == Cause::NotKnown) {
            open.push("The cause is not known yet.".to_owned());
        }
        open
    }

    /// `Harm: Helen Carrick says “No harm”, Ifeoma Nwosu says “Illness”`.
    pub fn difference_words(&self, it: &Difference) -> String {
        let said = it.said.iter();
        let said = said.map(|(by, said)| format!("{} says “{said}”", self.name_of(*by)));
        format!("{}: {}", it.what, said.collect::<Vec<_>>().join(", "))
    }

    /// Every review of a mismatch, those that count first, each in order.
    pub fn review_views(&self, handling: &Handling, now: Millis) -> Vec<ReviewView> {
        let all = handling.reviews.iter().enumerate();
        let (replaced, counting): (Vec<_>, Vec<_>) = all
            .map(|(at, (made, it))| ReviewView {
                id: made.id,
                by: format!(
                    "{}, {}",
                    self.name_of(made.by),
                    words::when_after(made.at, now)
                ),
                line: format!(
                    "{}. Decision: {}",
                    harm_and_told(it),
                    words::within(it.decision.label())
                ),
                facts: facts(it),
                replaced: handling.is_replaced(at),
            })
            .partition(|it| it.replaced);
        counting.into_iter().chain(replaced).collect()
    }

    /// What else a review's line in the list of reviews says: with whose it disagrees, or that a newer one stands in its
    /// place.
    pub(super) fn beside_review(&self, handling: &Handling, at: usize) -> String {
        if handling.is_replaced(at) {
            return ". Replaced by a newer review".to_owned();
        }
        if handling.differences().is_empty() {
            return String::new();
        }
        let (made, _) = &handling.reviews[at];
        let others = handling.counting_reviews().map(|(it, _)| it);
        let others = others.filter(|it| it.id != made.id);
        let names: Vec<String> = others.map(|it| self.name_of(it.by)).collect();
        format!(". Disagrees with {}", names.join(" and "))
    }

    /// That the reviews disagree, on what first, and on how much else.
    pub(super) fn reviews_disagree(&self, handling: &Handling) -> Option<Need> {
        let differences = handling.differences();
        let (first, rest) = differences.split_first()?;
        let mut line = self.difference_words(first);
        if !rest.is_empty() {
            let more = words::count(rest.len(), "other thing", "other things");
            line = format!("{line}. They differ in {more} too");
        }
        Some(Need {
            record: handling.mismatch,
            reason: NeedReason::Turn,
            title: format!(
                "{}: the reviews disagree",
                self.person_name(handling.person)
            ),
            line,
        })
    }
}
