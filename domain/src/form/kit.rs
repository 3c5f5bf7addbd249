//! The form kit: a form as data. What it asks, in which groups, with which answers, what is to be put right, and the
//! answers so far. The app draws any of them: a group is one step on a phone, and from a tablet up all stand on one page.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Fault, TEXT, text_fault};
use crate::encoding::Millis;
use crate::json;
use crate::words;

/// The groups of questions of a form, each a step on a phone.
pub type Steps = Vec<Vec<Question>>;

/// One question. `text`, `one_of`, `yes_no`, `ticks`, `day` make them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// The field that faults and answers belong to.
    pub id: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub asks: Asks,
    /// What to say where it is not answered; none where it need not be.
    unanswered: Option<&'static str>,
}

/// How it is answered.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Asks {
    Text {
        limit: usize,
        /// Words to use with a tap, each with where they come from.
        offers: Vec<(String, String)>,
    },
    OneOf(Vec<Offer>),
    /// May be none of them, unless the question says else.
    AllThatApply(Vec<Offer>),
    /// A day from today on, for a year.
    Day,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Offer {
    /// How it is kept in the draft.
    pub code: String,
    pub label: String,
}

pub(super) fn offer<T: Serialize>(answer: T, label: impl Into<String>) -> Offer {
    Offer {
        code: code(&answer),
        label: label.into(),
    }
}

pub(super) fn offers<T: Serialize + Copy>(all: &[T], label: fn(T) -> &'static str) -> Vec<Offer> {
    all.iter().map(|it| offer(*it, label(*it))).collect()
}

fn code<T: Serialize>(answer: &T) -> String {
    serde_json::to_string(answer).unwrap_or_default()
}

pub(super) fn text(id: &'static str, label: &'static str) -> Question {
    let asks = Asks::Text {
        limit: TEXT,
        offers: Vec::new(),
    };
    question(id, label, asks, Some("Write this in a few words."))
}

pub(super) fn one_of(id: &'static str, label: &'static str, offers: Vec<Offer>) -> Question {
    question(id, label, Asks::OneOf(offers), Some("Pick one answer."))
}

pub(super) fn yes_no(id: &'static str, label: &'static str) -> Question {
    one_of(id, label, vec![offer(false, "No"), offer(true, "Yes")])
}

pub(super) fn ticks(id: &'static str, label: &'static str, offers: Vec<Offer>) -> Question {
    question(id, label, Asks::AllThatApply(offers), None)
}

pub(super) fn day(id: &'static str, label: &'static str) -> Question {
    question(id, label, Asks::Day, Some("Say the day."))
}

fn question(
    id: &'static str,
    label: &'static str,
    asks: Asks,
    unanswered: Option<&'static str>,
) -> Question {
    let mut question = Question::new(id, label, "", asks);
    question.unanswered = unanswered;
    question
}

impl Question {
    /// One that need not be answered.
    pub fn new(id: &'static str, label: &'static str, hint: &'static str, asks: Asks) -> Question {
        Question {
            id,
            label,
            hint,
            asks,
            unanswered: None,
        }
    }

    /// What helps to answer it.
    pub(super) fn hint(mut self, hint: &'static str) -> Question {
        self.hint = hint;
        self
    }

    /// At least one is to be ticked; `unanswered` says so where none is.
    pub(super) fn at_least_one(mut self, unanswered: &'static str) -> Question {
        self.unanswered = Some(unanswered);
        self
    }

    /// A text of up to so many characters.
    pub(super) fn up_to(mut self, most: usize) -> Question {
        if let Asks::Text { limit, .. } = &mut self.asks {
            *limit = most;
        }
        self
    }

    /// Words to use with a tap, each with where they come from.
    pub(super) fn offering(mut self, words: Vec<(String, String)>) -> Question {
        if let Asks::Text { offers, .. } = &mut self.asks {
            *offers = words;
        }
        self
    }

    /// What is to be put right in its answer.
    pub(super) fn fault(&self, answers: &Answers, now: Millis) -> Option<Fault> {
        let id = self.id;
        let unanswered = self.unanswered?;
        match &self.asks {
            Asks::Text { limit, .. } => text_fault(id, answers.answer(id), *limit, unanswered),
            Asks::OneOf(offers) | Asks::AllThatApply(offers) => {
                let answered = offers.iter().any(|it| answers.has(id, &it.code));
                (!answered).then(|| Fault::new(id, unanswered))
            }
            Asks::Day => {
                let wrong = match answers.day(id) {
                    None => unanswered,
                    Some(day) if day < words::day(now) => "This day is over. Pick a later one.",
                    Some(day) if day > words::day(now) + Days::new(366) => {
                        "This is more than a year ahead. Check the year."
                    }
                    Some(_) => return None,
                };
                Some(Fault::new(id, wrong))
            }
        }
    }
}

/// The answers so far, by question; a text is its one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(BTreeMap<String, Vec<String>>);

impl Answers {
    /// The words of a text, or the chosen answer; empty where there is none.
    pub fn answer(&self, question: &str) -> &str {
        self.all(question).first().map_or("", String::as_str)
    }

    /// Every answer that is chosen or ticked, as it is kept.
    pub fn all(&self, question: &str) -> &[String] {
        self.0.get(question).map_or(&[], Vec::as_slice)
    }

    /// Whether an answer is chosen or ticked.
    pub fn has(&self, question: &str, code: &str) -> bool {
        self.all(question).iter().any(|it| it == code)
    }

    /// Answers a question that has one answer.
    pub fn set(&mut self, question: &str, answer: String) {
        self.0.insert(question.to_owned(), vec![answer]);
    }

    pub(super) fn tick<T: Serialize>(&mut self, question: &str, answers: &[T]) {
        let codes = answers.iter().map(code).collect();
        self.0.insert(question.to_owned(), codes);
    }

    /// Ticks an answer, or takes its tick away.
    pub fn toggle(&mut self, question: &str, code: &str) {
        let answers = self.0.entry(question.to_owned()).or_default();
        match answers.iter().position(|it| it == code) {
            Some(at) => {
                answers.remove(at);
            }
            None => answers.push(code.to_owned()),
        }
    }

    pub(super) fn chosen<T: DeserializeOwned>(&self, question: &str) -> Option<T> {
        json::read(self.answer(question)).ok()
    }

    pub(super) fn ticked<T: DeserializeOwned>(&self, question: &str) -> Vec<T> {
        let answers = self.all(question).iter();
        answers.filter_map(|it| json::read(it).ok()).collect()
    }

    pub(super) fn words(&self, question: &str) -> String {
        self.answer(question).trim().to_owned()
    }

    pub(super) fn day(&self, question: &str) -> Option<NaiveDate> {
        self.answer(question).parse().ok()
    }
}
