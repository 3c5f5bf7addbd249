//! The form kit: a form as data. What it asks, in which groups, with which answers, what is to be put right, and the
//! answers so far. The app draws any of them: a group is one step on a phone, and from a tablet up all stand on one page.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Fault, PICK_A_PERSON, TEXT, search, text_fault, time_fault, too_long, when};
use crate::body::EFFECT_WITHIN;
use crate::encoding::Millis;
use crate::ids::{ServiceId, SubjectId, UserId};
use crate::json;
use crate::ledger::Ledger;
use crate::sort::sort_by;
use crate::spelling::may_mean;
use crate::words;

/// The groups of questions of a form, each a step on a phone.
pub type Steps = Vec<Vec<Question>>;

/// One question. The functions below make them: `text`, `one_of`, `yes_no`, `ticks`, `day`, `moment`, `person`,
/// `colleague`; `check` and `own` ask nothing. One that is asked by another's answer is there only then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The field that faults and answers belong to.
    pub id: &'static str,
    pub label: &'static str,
    pub hint: String,
    pub asks: Asks,
    /// Words to read beside the answer, after what they are.
    pub beside: Option<(&'static str, String)>,
    /// It is rarely other than usual: it stands as an answer with 'Change', which opens the sheet of this name.
    pub aside: Option<&'static str>,
    /// What to say where it is not answered; none where it need not be.
    unanswered: Option<&'static str>,
    /// What else is wrong with the answer that it has.
    wrong: Option<String>,
}

/// How it is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asks {
    Text {
        limit: usize,
        /// How many lines it shows while it is empty.
        lines: u32,
        /// Words to use with a tap, each with where they come from as its hint.
        offers: Vec<Offer>,
        offered: Offered,
    },
    OneOf(Vec<Offer>),
    /// May be none of them, unless the question says else.
    AllThatApply(Vec<Offer>),
    /// A day within a year from today: ahead, or `past` as well. Not answered it is the `usual` one, where there is one.
    Day {
        past: bool,
        usual: String,
    },
    /// A day and a time of the clock in England, no later than now. Not answered it is the `usual` moment, after what
    /// that is called: when the record that is corrected was written, or when the form was begun; else now.
    Moment {
        /// What its part is called in which the day is said.
        day: &'static str,
        asked: &'static str,
        usual: Option<(&'static str, Millis)>,
        now: Millis,
    },
    /// Whom it is about.
    Person,
    /// Somebody else who may give care at the service; oneself where the `tick` is not set.
    Colleague {
        asked: &'static str,
        tick: &'static str,
        service: Option<ServiceId>,
    },
    /// Nothing: it shows the answers of the steps before, each with the way to change it.
    Check,
    /// Nothing: here stands what the form's screen draws itself, by the question's id.
    Own,
}

/// What stands over words to use with a tap, and what a screen reader calls them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offered {
    pub title: &'static str,
    pub name: String,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// How it is kept in the draft.
    pub code: String,
    pub label: String,
    /// Describes it; empty where nothing does.
    pub hint: String,
}

impl Offer {
    /// What describes it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Offer {
        self.hint = hint.into();
        self
    }
}

/// Somebody to pick.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// How the answer is kept.
    pub code: String,
    pub name: String,
    /// What tells two of the same name apart.
    pub line: String,
}

/// Who fits what was typed, the likeliest first, and who is picked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub candidates: Vec<Candidate>,
    pub picked: Option<Candidate>,
}

/// What somebody does to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// This, in the place of what was answered before.
    With(String),
    /// Its tick is put there or taken away.
    Ticked(String),
    /// These words were taken over with a tap.
    Took(Offer),
    /// This was typed to find somebody by; nobody is picked.
    Typed(String),
    /// As usual: the answer is taken back.
    Nothing,
}

impl Answered {
    /// The words or the code that it says.
    pub(super) fn words(self) -> String {
        match self {
            Answered::With(it) | Answered::Ticked(it) | Answered::Typed(it) => it,
            Answered::Took(offer) => offer.label,
            Answered::Nothing => String::new(),
        }
    }

    /// The answer that was chosen or ticked.
    pub(super) fn chosen<T: DeserializeOwned>(self) -> Option<T> {
        json::read(&self.words()).ok()
    }
}

pub(super) fn offer<T: Serialize>(answer: T, label: impl Into<String>) -> Offer {
    Offer {
        code: code(&answer),
        label: label.into(),
        hint: String::new(),
    }
}

pub(super) fn offers<T: Serialize + Copy>(all: &[T], label: fn(T) -> &'static str) -> Vec<Offer> {
    all.iter().map(|it| offer(*it, label(*it))).collect()
}

pub(super) fn code<T: Serialize>(answer: &T) -> String {
    serde_json::to_string(answer).unwrap_or_default()
}

pub(super) fn text(id: &'static str, label: &'static str) -> Question {
    let asks = Asks::Text {
        limit: TEXT,
        lines: 3,
        offers: Vec::new(),
        offered: Offered {
            title: "The same as this? Tap to use it",
            name: "Words to use".to_owned(),
        },
    };
    Question::new(id, label, asks).or_else_say("Write this in a few words.")
}

pub(super) fn one_of(id: &'static str, label: &'static str, offers: Vec<Offer>) -> Question {
    Question::new(id, label, Asks::OneOf(offers)).or_else_say("Pick one answer.")
}

pub(super) fn yes_no(id: &'static str, label: &'static str) -> Question {
    one_of(id, label, vec![offer(false, "No"), offer(true, "Yes")])
}

pub(super) fn ticks(id: &'static str, label: &'static str, offers: Vec<Offer>) -> Question {
    Question::new(id, label, Asks::AllThatApply(offers))
}

/// A day from today on.
pub(super) fn day(id: &'static str, label: &'static str) -> Question {
    let (past, usual) = (false, String::new());
    Question::new(id, label, Asks::Day { past, usual }).or_else_say("Say the day.")
}

/// A day within a year before or after today, which is today unless another is said.
pub(super) fn day_around(id: &'static str, label: &'static str, now: Millis) -> Question {
    let (past, usual) = (true, words::day(now).to_string());
    let asks = Asks::Day { past, usual };
    Question::new(id, label, asks).or_else_say("Say the day, month and year.")
}

pub(super) fn moment(
    id: &'static str,
    label: &'static str,
    asked: &'static str,
    now: Millis,
) -> Question {
    let asks = Asks::Moment {
        day: "day",
        asked,
        usual: None,
        // To the minute, as it is said: the question stays the same while somebody types.
        now: now - now.rem_euclid(60_000),
    };
    Question::new(id, label, asks).or_else_say("Say the time, such as 18:30.")
}

/// Whom it is about.
pub(super) fn person() -> Question {
    Question::new("person", "Person", Asks::Person).or_else_say(PICK_A_PERSON)
}

pub(super) fn colleague(
    id: &'static str,
    label: &'static str,
    asked: &'static str,
    tick: &'static str,
    service: Option<ServiceId>,
) -> Question {
    let asks = Asks::Colleague {
        asked,
        tick,
        service,
    };
    Question::new(id, label, asks)
}

/// The answers of the steps before, to be checked.
pub(super) fn check(label: &'static str) -> Question {
    Question::new("check", label, Asks::Check)
}

/// What the form's screen draws itself.
pub(super) fn own(id: &'static str) -> Question {
    Question::new(id, "", Asks::Own)
}

impl Question {
    /// One that need not be answered.
    pub fn new(id: &'static str, label: &'static str, asks: Asks) -> Question {
        Question {
            id,
            label,
            hint: String::new(),
            asks,
            beside: None,
            aside: None,
            unanswered: None,
            wrong: None,
        }
    }

    /// What helps to answer it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Question {
        self.hint = hint.into();
        self
    }

    /// It is to be answered; `unanswered` says so where it is not.
    #[must_use]
    pub(super) fn or_else_say(mut self, unanswered: &'static str) -> Question {
        self.unanswered = Some(unanswered);
        self
    }

    /// It need not be answered.
    #[must_use]
    pub(super) fn optional(mut self) -> Question {
        self.unanswered = None;
        self
    }

    /// What else is wrong with the answer that it has, where something is.
    #[must_use]
    pub(super) fn wrong(mut self, wrong: Option<String>) -> Question {
        self.wrong = wrong;
        self
    }

    /// Words to read beside the answer, after what they are.
    #[must_use]
    pub fn beside(mut self, what: &'static str, words: Option<String>) -> Question {
        self.beside = words.map(|words| (what, words));
        self
    }

    /// It stands as an answer with 'Change', which opens the sheet of this name.
    #[must_use]
    pub fn aside(mut self, sheet: &'static str) -> Question {
        self.aside = Some(sheet);
        self
    }

    /// A moment that is this one, after what it is called, where no other is said.
    #[must_use]
    pub(super) fn usually(mut self, moment: Option<(&'static str, Millis)>) -> Question {
        if let Asks::Moment { usual, .. } = &mut self.asks {
            *usual = moment;
        }
        self
    }

    /// A text of up to so many characters.
    #[must_use]
    pub(super) fn up_to(mut self, most: usize) -> Question {
        if let Asks::Text { limit, .. } = &mut self.asks {
            *limit = most;
        }
        self
    }

    /// A text that shows so many lines while it is empty.
    #[must_use]
    pub(super) fn of_lines(mut self, shown: u32) -> Question {
        if let Asks::Text { lines, .. } = &mut self.asks {
            *lines = shown;
        }
        self
    }

    /// Words to use with a tap, each with where they come from as its hint.
    #[must_use]
    pub(super) fn offering(mut self, words: Vec<Offer>) -> Question {
        if let Asks::Text { offers, .. } = &mut self.asks {
            *offers = words;
        }
        self
    }

    /// What stands over the words to use, and what a screen reader calls them.
    #[must_use]
    pub(super) fn offered_as(mut self, title: &'static str, name: String) -> Question {
        if let Asks::Text { offered, .. } = &mut self.asks {
            *offered = Offered { title, name };
        }
        self
    }

    /// What is to be put right in its answer.
    pub(super) fn fault(&self, answers: &Answers, now: Millis) -> Option<Fault> {
        let wrong = self.wrong.as_ref();
        self.unanswered(answers, now)
            .or_else(|| wrong.map(|wrong| Fault::new(self.id, wrong)))
    }

    fn unanswered(&self, answers: &Answers, now: Millis) -> Option<Fault> {
        let id = self.id;
        let answer = answers.answer(id);
        let missing = || self.unanswered.map(|message| Fault::new(id, message));
        match &self.asks {
            Asks::Text { limit, .. } => match self.unanswered {
                Some(unanswered) => text_fault(id, answer, *limit, unanswered),
                None => too_long(id, answer, *limit),
            },
            Asks::OneOf(offers) | Asks::AllThatApply(offers) => {
                let answered = offers.iter().any(|it| answers.has(id, &it.code));
                if answered { None } else { missing() }
            }
            Asks::Day { past, usual } => {
                if answers.all(id).is_empty() && !usual.is_empty() {
                    return None;
                }
                let (today, year) = (words::day(now), Days::new(EFFECT_WITHIN));
                let wrong = match answers.day(id) {
                    None => return missing(),
                    Some(day) if !past && day < today => "This day is over. Pick a later one.",
                    Some(day) if today.checked_sub_days(year).is_some_and(|it| day < it) => {
                        "This is more than a year ago. Check the year."
                    }
                    Some(day) if today.checked_add_days(year).is_some_and(|it| day > it) => {
                        "This is more than a year ahead. Check the year."
                    }
                    Some(_) => return None,
                };
                Some(Fault::new(id, wrong))
            }
            Asks::Moment { .. } => match when::moment(answer) {
                None if answer.is_empty() => None,
                None => missing(),
                at => time_fault(id, at, now),
            },
            Asks::Person if answer.is_empty() => missing(),
            // The tick is set, and nobody is picked.
            Asks::Colleague { .. } if answers.has(id, "") => missing(),
            Asks::Person | Asks::Colleague { .. } | Asks::Check | Asks::Own => None,
        }
    }

    /// Its answer as it is read before saving; empty where it has none.
    pub fn said(&self, ledger: &Ledger, answers: &Answers, now: Millis) -> String {
        let id = self.id;
        match &self.asks {
            Asks::Text { .. } => answers.words(id),
            Asks::OneOf(offers) | Asks::AllThatApply(offers) => {
                let chosen = offers.iter().filter(|it| answers.has(id, &it.code));
                let labels: Vec<&str> = chosen.map(|it| it.label.as_str()).collect();
                labels.join(", ")
            }
            Asks::Day { usual, .. } => {
                let day = answers.day(id).or_else(|| usual.parse().ok());
                day.map(words::date).unwrap_or_default()
            }
            Asks::Moment { usual, .. } => {
                let answer = answers.answer(id);
                match (when::moment(answer), usual) {
                    (Some(at), _) => words::when(at, now),
                    // The time is half typed.
                    (None, _) if !answer.is_empty() => String::new(),
                    (None, Some((_, usual))) => words::when(*usual, now),
                    (None, None) => format!("Now, {}", words::time(now)),
                }
            }
            Asks::Person => {
                let person = answers.chosen::<(SubjectId, ServiceId)>(id);
                let person = person.and_then(|(person, _)| ledger.person(person));
                person.map(|it| it.with_place()).unwrap_or_default()
            }
            Asks::Colleague { .. } => match answers.chosen::<UserId>(id) {
                Some(user) => ledger.name_of(user),
                None => "I did".to_owned(),
            },
            Asks::Check | Asks::Own => String::new(),
        }
    }
}

impl Asks {
    /// Whether a tap on an answer may go on by itself, where nothing else is asked beside it.
    fn goes_on_by_a_tap(&self) -> bool {
        matches!(self, Asks::OneOf(_) | Asks::Person)
    }

    /// Who may be meant by what was `typed`, of those whom the question may be answered with, and whoever is `picked`,
    /// as the answer is kept.
    pub fn find(&self, ledger: &Ledger, typed: &str, picked: &str, now: Millis) -> Found {
        let candidates: Vec<Candidate> = match self {
            Asks::Person => search(ledger, typed, ledger.me(), now)
                .into_iter()
                .map(|it| Candidate {
                    code: code(&(it.id, it.service)),
                    name: it.display,
                    line: it.line,
                })
                .collect(),
            Asks::Colleague { service, .. } => colleagues(ledger, *service, typed),
            _ => Vec::new(),
        };
        let listed = candidates.iter().find(|it| it.code == picked).cloned();
        Found {
            picked: listed.or_else(|| picked_before(ledger, picked)),
            candidates,
        }
    }
}

/// Those who may give care at the service, or at any of one's own, without oneself.
fn colleagues(ledger: &Ledger, service: Option<ServiceId>, typed: &str) -> Vec<Candidate> {
    let services = service.map_or_else(|| ledger.my_services(), |it| vec![it]);
    let staff = services.into_iter().flat_map(|it| ledger.staff(it));
    let mut staff: Vec<Candidate> = staff
        .filter(|it| it.user != ledger.me() && it.roles.iter().any(|role| role.may_give_care()))
        .filter(|it| may_mean(typed, &[&it.display_name]))
        .map(|it| {
            let roles: Vec<&str> = it.roles.iter().map(|role| role.label()).collect();
            Candidate {
                code: code(&it.user),
                name: it.display_name,
                line: roles.join(", "),
            }
        })
        .collect();
    sort_by(&mut staff, |a, b| {
        (&a.name, &a.code).cmp(&(&b.name, &b.code))
    });
    staff.dedup_by(|a, b| a.code == b.code);
    staff
}

/// Whoever was picked and is not listed now.
fn picked_before(ledger: &Ledger, picked: &str) -> Option<Candidate> {
    let (name, line) = match json::read::<(SubjectId, ServiceId)>(picked) {
        Ok((person, _)) => ledger.person(person).map(|it| (it.display, it.place))?,
        Err(_) => (ledger.name_of(json::read(picked).ok()?), String::new()),
    };
    let code = picked.to_owned();
    Some(Candidate { code, name, line })
}

/// Whether this step is the check of what was answered.
pub(super) fn is_check(step: &[Question]) -> bool {
    step.iter().any(|it| it.asks == Asks::Check)
}

/// Whether a tap on an answer of this step goes on by itself: it asks for one answer and nothing else.
pub fn goes_on_by_a_tap(step: &[Question]) -> bool {
    let mut asked = step.iter().filter(|it| it.asks != Asks::Own);
    let first = asked.next();
    first.is_some_and(|it| it.asks.goes_on_by_a_tap()) && asked.next().is_none()
}

/// Where somebody is in a form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// From 0. The last one carries the save button.
    pub step: usize,
    /// Such as `Question 2 of 4`, with 2 and 4; none where nothing is asked.
    pub question: Option<usize>,
    pub of: usize,
    pub last: bool,
    /// Whether 'Carry on' stands there: under typed answers, and where the answer was given before.
    pub carries_on: bool,
}

/// The step in front, and whether it was opened again from the check, where it goes back to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct At {
    pub step: usize,
    pub changing: bool,
}

impl At {
    pub(super) fn step(step: usize) -> At {
        At {
            step,
            changing: false,
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

    /// What was typed to find somebody by.
    pub fn typed(&self, question: &str) -> &str {
        self.answer(&typed(question))
    }

    /// Does to a question what somebody did.
    pub fn take(&mut self, question: &str, answer: Answered) {
        match answer {
            Answered::Ticked(code) => self.toggle(question, &code),
            Answered::Typed(text) => {
                self.set(question, String::new());
                self.set(&typed(question), text);
            }
            Answered::Nothing => self.clear(question),
            answer => {
                self.clear(question);
                self.set(question, answer.words());
            }
        }
    }

    /// Takes an answer back, and what was typed to find it.
    pub(super) fn clear(&mut self, question: &str) {
        self.0.remove(question);
        self.0.remove(&typed(question));
    }

    /// Nothing is answered.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The answer that was chosen, where one was.
    pub(super) fn choose<T: Serialize>(&mut self, question: &str, answer: Option<T>) {
        if let Some(answer) = answer {
            self.set(question, code(&answer));
        }
    }

    pub(super) fn tick<T: Serialize>(&mut self, question: &str, answers: &[T]) {
        let codes = answers.iter().map(code).collect();
        self.0.insert(question.to_owned(), codes);
    }

    /// Ticks an answer, or takes its tick away.
    pub fn toggle(&mut self, question: &str, code: &str) {
        let answers = self.0.entry(question.to_owned()).or_default();
        toggle(answers, code.to_owned());
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

/// Puts in what was not there, and takes out what was.
pub(super) fn toggle<T: PartialEq>(list: &mut Vec<T>, item: T) {
    match list.iter().position(|it| *it == item) {
        Some(at) => {
            list.remove(at);
        }
        None => list.push(item),
    }
}

fn typed(question: &str) -> String {
    format!("{question}.typed")
}
