//! What a temporary note can tick as delivered: a fixed list per support task of the person's plans,
//! so that a note takes three taps and reads the same whoever wrote it.

use serde::{Deserialize, Deserializer, Serialize};

/// What was delivered, as a record keeps it: lower-case letters, digits and `_`, at most 40.
/// A newer version may know codes that this one does not; they are kept, and read as they stand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct CareCode(String);

impl CareCode {
    /// The code, if `text` has the form of one.
    pub fn new(text: &str) -> Option<CareCode> {
        let fits = (1..=40).contains(&text.len())
            && text
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        fits.then(|| CareCode(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The words for this code; for one that this version does not know, the code with spaces.
    pub fn label(&self) -> String {
        CARE.iter()
            .flat_map(|(_, items)| items.iter())
            .find(|(code, _)| *code == self.0)
            .map_or_else(
                || self.0.replace('_', " "),
                |(_, label)| (*label).to_owned(),
            )
    }
}

impl<'de> Deserialize<'de> for CareCode {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<CareCode, D::Error> {
        let text = String::deserialize(from)?;
        CareCode::new(&text).ok_or_else(|| serde::de::Error::custom("not a code of delivered care"))
    }
}

/// One thing that can be ticked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CareItem {
    pub code: CareCode,
    pub label: &'static str,
}

/// Support task, as plans name it, with what can be ticked for it: code and words.
const CARE: &[(&str, &[(&str, &str)])] = &[
    (
        "Eating and drinking",
        &[
            ("meal_prepared", "Meal prepared"),
            ("ate_most", "Ate most of it"),
            ("ate_little", "Ate little or none"),
            ("drink_given", "Drink given"),
        ],
    ),
    (
        "Medicines",
        &[
            ("medicines_prompted", "Medicines prompted"),
            ("medicines_given", "Medicines given"),
            ("medicines_refused", "Medicines refused"),
        ],
    ),
    (
        "Continence",
        &[
            ("pad_changed", "Pad changed"),
            ("helped_to_toilet", "Helped to the toilet"),
            ("catheter_emptied", "Catheter bag emptied"),
        ],
    ),
    (
        "Skin",
        &[
            ("skin_looked_at", "Skin looked at"),
            ("cream_applied", "Cream put on"),
            ("repositioned", "Helped to change position"),
        ],
    ),
    (
        "Night care",
        &[
            ("settled_in_bed", "Settled in bed"),
            ("night_check", "Night check done"),
        ],
    ),
    (
        "Mobility",
        &[
            ("walked_with_frame", "Walked with frame"),
            ("helped_to_walk", "Helped to walk"),
        ],
    ),
    (
        "Moving and handling",
        &[
            ("hoisted_two_staff", "Hoisted, two staff"),
            ("helped_to_stand", "Helped to stand or turn"),
        ],
    ),
    (
        "Communication",
        &[
            ("talked_together", "Time spent talking"),
            ("aids_checked", "Glasses or hearing aids checked"),
        ],
    ),
    (
        "Personal care",
        &[
            ("washed", "Washed"),
            ("dressed", "Dressed or undressed"),
            ("mouth_care", "Mouth care"),
        ],
    ),
];

/// What everybody's note offers, whatever the plans say.
const ALWAYS: &str = "Personal care";

/// What can be ticked for a person with these support tasks, in a fixed order and each once.
/// Personal care is always there; a task that has no list adds nothing ('Anything else' is free text).
pub fn care_items(support_tasks: &[String]) -> Vec<CareItem> {
    CARE.iter()
        .filter(|(task, _)| {
            *task == ALWAYS
                || support_tasks
                    .iter()
                    .any(|has| has.trim().eq_ignore_ascii_case(task))
        })
        .flat_map(|(_, items)| items.iter())
        .filter_map(|(code, label)| CareCode::new(code).map(|code| CareItem { code, label }))
        .collect()
}

/// Whether what was ticked says that care of a support task was given; of a task that has no list, that any was.
pub fn was_given(support_task: &str, delivered: &[CareCode]) -> bool {
    let list = CARE
        .iter()
        .find(|(task, _)| support_task.trim().eq_ignore_ascii_case(task));
    match list {
        Some((_, items)) => delivered
            .iter()
            .any(|it| items.iter().any(|(code, _)| *code == it.0)),
        None => !delivered.is_empty(),
    }
}

/// What cannot both be of one meal. Medicines may be given in part and refused in part.
const OPPOSITES: (&str, &str) = ("ate_most", "ate_little");

/// What to say where ticks say opposite things.
pub fn contradiction(delivered: &[CareCode]) -> Option<String> {
    let ticked = |code| delivered.iter().find(|it| it.0 == code);
    let (one, other) = (ticked(OPPOSITES.0)?, ticked(OPPOSITES.1)?);
    Some(format!(
        "‘{}’ and ‘{}’ cannot both be. Take one tick away. For two meals, write two notes.",
        one.label(),
        other.label()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_code_has_the_form_of_one_and_is_listed_once() {
        let codes: Vec<&str> = CARE
            .iter()
            .flat_map(|(_, items)| items.iter().map(|(code, _)| *code))
            .collect();
        let once: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(codes.len(), once.len());
        assert!(codes.iter().all(|code| CareCode::new(code).is_some()));
    }

    #[test]
    fn only_the_persons_tasks_and_personal_care_are_offered() {
        let codes: Vec<String> = care_items(&["skin".into(), "Dancing".into()])
            .into_iter()
            .map(|item| item.code.as_str().to_owned())
            .collect();
        assert_eq!(
            codes,
            [
                "skin_looked_at",
                "cream_applied",
                "repositioned",
                "washed",
                "dressed",
                "mouth_care"
            ]
        );
    }

    #[test]
    fn what_is_ticked_says_which_tasks_were_done() {
        let ticked = [CareCode::new("ate_most").expect("has the form")];
        assert!(was_given("eating and drinking ", &ticked));
        assert!(!was_given("Skin", &ticked));
        assert!(was_given("Dancing", &ticked), "a task without a list");
        assert!(!was_given("Dancing", &[]));
    }

    #[test]
    fn ticks_of_one_meal_that_say_opposite_things_are_said() {
        let codes = |all: &[&str]| -> Vec<CareCode> {
            let codes = all
                .iter()
                .map(|it| CareCode::new(it).expect("has the form"));
            codes.collect()
        };
        let said = contradiction(&codes(&["ate_most", "drink_given", "ate_little"]));
        assert!(said.is_some_and(|it| it.starts_with("‘Ate most of it’ and ‘Ate little or none’")));
        let of_both = codes(&["ate_most", "medicines_given", "medicines_refused"]);
        assert_eq!(contradiction(&of_both), None);
    }

    #[test]
    fn a_code_of_a_newer_version_reads_as_it_stands() {
        let code = CareCode::new("oxygen_checked").expect("has the form");
        assert_eq!(code.label(), "oxygen checked");
        assert_eq!(CareCode::new("Not a code"), None);
    }
}
