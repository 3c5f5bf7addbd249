//! What the records of care ask alike: whom it is about, when it was, and who gave the care.

use super::kit::{Answered, Answers, Question, code, colleague, moment};
use super::when;
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId, UserId};
use crate::ledger::Ledger;

const SHEET: &str = "When it happened";

/// How long a form may be open before 'now' is no more when it was begun: ten minutes.
const BEGUN_BEFORE: Millis = 10 * 60_000;
/// A form that seems to have been open for longer was begun by a clock that was wrong: a year.
const BEGUN_WITHIN: Millis = 365 * 24 * 3_600_000;

/// When it happened where nobody says else, after what that is called; none for now. A record that is corrected happened when
/// it was written, another when its form was begun.
pub fn usual(
    ledger: &Ledger,
    id: EntryId,
    corrects: Option<EntryId>,
    now: Millis,
) -> Option<(&'static str, Millis)> {
    if let Some(held) = corrects {
        return written(ledger, held);
    }
    let begun = id.time()?;
    let ago = now.saturating_sub(begun);
    (BEGUN_BEFORE..BEGUN_WITHIN)
        .contains(&ago)
        .then_some(("When you began", begun))
}

/// When a record was written, after what that is called.
pub fn written(ledger: &Ledger, record: EntryId) -> Option<(&'static str, Millis)> {
    let record = ledger.record(record)?;
    Some(("When it was written", record.made))
}

/// When it happened, and who gave the care: both are rarely other than now and oneself.
pub fn questions(
    care: bool,
    service: Option<ServiceId>,
    usual: Option<(&'static str, Millis)>,
    now: Millis,
) -> Vec<Question> {
    let label = if care { "When" } else { "When you saw it" };
    let when = moment("happened_at", label, "When did it happen?", now);
    let who = colleague(
        "given_by",
        "Who gave the care",
        "Who gave the care?",
        "I am writing this for someone else",
        service,
    )
    .or_else_say("Pick who gave the care, or take the tick away.");
    let mut asked = vec![when.usually(usual).aside(SHEET)];
    asked.extend(care.then(|| who.aside(SHEET)));
    asked
}

/// The fields of a draft that these questions are kept in.
pub struct Circumstances<'d> {
    pub happened_at: &'d mut Option<Millis>,
    pub given_by: &'d mut Option<UserId>,
    /// What is half answered: a time half typed, somebody else who is not picked yet.
    pub half: &'d mut Answers,
}

impl Circumstances<'_> {
    /// Takes an answer of one of these questions; any other is left.
    pub fn answer(self, question: &str, answer: Answered) {
        let whole = match question {
            "happened_at" => {
                *self.happened_at = when::moment(&answer.clone().words());
                self.happened_at.is_some()
            }
            "given_by" => {
                *self.given_by = answer.clone().chosen();
                self.given_by.is_some()
            }
            _ => return,
        };
        match answer {
            Answered::Nothing => self.half.clear(question),
            _ if whole => self.half.clear(question),
            Answered::Typed(_) => self.half.set(question, String::new()),
            answer => self.half.take(question, answer),
        }
    }
}

/// The answers to these questions.
pub fn answers(happened_at: Option<Millis>, given_by: Option<UserId>, half: &Answers) -> Answers {
    let mut answers = half.clone();
    if let Some(at) = happened_at {
        answers.set("happened_at", when::answer(at));
    }
    answers.choose("given_by", given_by);
    answers
}

/// The fields of a draft that say whom it is about.
pub struct About<'d> {
    pub search: &'d mut String,
    pub person: &'d mut Option<SubjectId>,
    pub service: &'d mut Option<ServiceId>,
}

impl About<'_> {
    /// Takes the answer of 'Person'.
    pub fn answer(self, answer: Answered) {
        if let Answered::Typed(text) = answer {
            *self.search = text;
            (*self.person, *self.service) = (None, None);
        } else {
            self.search.clear();
            let picked: Option<(SubjectId, ServiceId)> = answer.chosen();
            (*self.person, *self.service) = picked.unzip();
        }
    }
}

/// The answer of 'Person'.
pub fn about(
    answers: &mut Answers,
    search: &str,
    person: Option<SubjectId>,
    service: Option<ServiceId>,
) {
    if !search.is_empty() {
        answers.take("person", Answered::Typed(search.to_owned()));
    }
    if let Some(picked) = person.zip(service) {
        answers.set("person", code(&picked));
    }
}
