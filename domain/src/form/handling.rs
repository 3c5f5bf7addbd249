//! The forms of what follows a mismatch, as data: which questions, in which groups, with which answers, and how the
//! answers become a body. One screen draws them all; a group is one step on a phone.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Fault, LONG_TEXT, TEXT, text_fault};
use crate::body::{
    ActionDone, Body, Cause, Data, Decision, DeviceCheck, FailedDevice, Found, Guidance,
    GuidanceRead, GuidanceWithdrawal, Kind, MismatchCause, MismatchClose, MismatchReview,
};
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId, UserId};
use crate::json;
use crate::ledger::{Handling, Ledger, RecordData, affected};
use crate::permission::{See, may_write, see};
use crate::rules::{Abuse, Fact, Facts, Harm, Listed, Opinion, Threshold, Told, may_apply};
use crate::words;

const HOUR: Millis = 3_600_000;
/// When guidance is looked at again, in hours.
const LOOK_AGAIN: [(u8, &str); 4] = [
    (4, "In 4 hours"),
    (12, "In 12 hours"),
    (24, "In a day"),
    (72, "In 3 days"),
];

/// Which form it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepForm {
    Guidance,
    /// 'Guidance is over.'
    Withdraw(EntryId),
    /// Who signed the paper.
    Signed(EntryId),
    Review,
    Cause,
    Check(FailedDevice),
    /// The action of this cause is done.
    Done(EntryId),
    Close,
}

impl StepForm {
    /// The form's name.
    pub fn title(self) -> &'static str {
        match self {
            StepForm::Guidance => "Give out paper guidance",
            StepForm::Withdraw(_) => "End the paper guidance",
            StepForm::Signed(_) => "Who signed the paper?",
            StepForm::Review => "Review a mismatch",
            StepForm::Cause => "Cause and fix",
            StepForm::Check(_) => "Check a device again",
            StepForm::Done(_) => "Action done",
            StepForm::Close => "Close a mismatch",
        }
    }

    /// Its name in addresses: `review`, or `check-label.` and an id.
    pub fn address(self) -> String {
        match self {
            StepForm::Guidance => "guidance".into(),
            StepForm::Review => "review".into(),
            StepForm::Cause => "cause".into(),
            StepForm::Close => "close".into(),
            StepForm::Withdraw(id) => format!("withdraw.{id}"),
            StepForm::Signed(id) => format!("signed.{id}"),
            StepForm::Done(id) => format!("done.{id}"),
            StepForm::Check(FailedDevice::Phone(id)) => format!("check-phone.{id}"),
            StepForm::Check(FailedDevice::Label(id)) => format!("check-label.{id}"),
        }
    }

    /// The form that an address names.
    pub fn of_address(name: &str) -> Option<StepForm> {
        let (name, id) = name.split_once('.').unwrap_or((name, ""));
        match name {
            "guidance" => Some(StepForm::Guidance),
            "review" => Some(StepForm::Review),
            "cause" => Some(StepForm::Cause),
            "close" => Some(StepForm::Close),
            "withdraw" => id.parse().ok().map(StepForm::Withdraw),
            "signed" => id.parse().ok().map(StepForm::Signed),
            "done" => id.parse().ok().map(StepForm::Done),
            "check-phone" => id
                .parse()
                .ok()
                .map(|id| StepForm::Check(FailedDevice::Phone(id))),
            "check-label" => id
                .parse()
                .ok()
                .map(|id| StepForm::Check(FailedDevice::Label(id))),
            _ => None,
        }
    }

    /// What it becomes, after 'your'.
    pub fn noun(self) -> &'static str {
        match self {
            StepForm::Guidance => "paper guidance",
            StepForm::Withdraw(_) => "end of paper guidance",
            StepForm::Signed(_) => "note of a signature",
            StepForm::Review => "review",
            StepForm::Cause => "cause and fix",
            StepForm::Check(_) => "check of a device",
            StepForm::Done(_) => "note of what was done",
            StepForm::Close => "close of a mismatch",
        }
    }

    /// What its button says.
    pub fn save_label(self) -> &'static str {
        match self {
            StepForm::Guidance => "Give it out",
            StepForm::Withdraw(_) => "End the guidance",
            StepForm::Signed(_) => "Save signature",
            StepForm::Review => "Save review",
            StepForm::Cause => "Save cause and fix",
            StepForm::Check(_) => "Save check",
            StepForm::Done(_) => "Save as done",
            StepForm::Close => "Close it",
        }
    }

    /// Its kind of entry.
    pub fn kind(self) -> Kind {
        match self {
            StepForm::Guidance => Kind::Guidance,
            StepForm::Withdraw(_) => Kind::GuidanceWithdrawal,
            StepForm::Signed(_) => Kind::GuidanceRead,
            StepForm::Review => Kind::MismatchReview,
            StepForm::Cause => Kind::MismatchCause,
            StepForm::Check(_) => Kind::DeviceCheck,
            StepForm::Done(_) => Kind::ActionDone,
            StepForm::Close => Kind::MismatchClose,
        }
    }
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Question {
    /// The field that faults and answers belong to.
    pub id: &'static str,
    pub label: &'static str,
    pub hint: &'static str,
    pub asks: Asks,
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
    /// May be none of them.
    AllThatApply(Vec<Offer>),
    Day,
}

/// An answer to choose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Offer {
    /// How it is kept in the draft.
    pub code: String,
    pub label: String,
}

/// A half-written step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepDraft {
    /// The entry's id, made once, when the form opens.
    pub id: EntryId,
    pub form: StepForm,
    pub mismatch: EntryId,
    pub service: ServiceId,
    /// By question; a text is its one answer.
    pub answers: BTreeMap<String, Vec<String>>,
    pub step: usize,
    /// Something was answered by hand.
    pub touched: bool,
}

fn code<T: Serialize>(answer: &T) -> String {
    serde_json::to_string(answer).unwrap_or_default()
}

fn offer<T: Serialize>(answer: T, label: impl Into<String>) -> Offer {
    Offer {
        code: code(&answer),
        label: label.into(),
    }
}

fn offers<T: Serialize + Copy>(all: &[T], label: fn(T) -> &'static str) -> Vec<Offer> {
    all.iter().map(|it| offer(*it, label(*it))).collect()
}

fn text(id: &'static str, label: &'static str, hint: &'static str) -> Question {
    let asks = Asks::Text {
        limit: TEXT,
        offers: Vec::new(),
    };
    Question {
        id,
        label,
        hint,
        asks,
    }
}

fn one_of(
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    offers: Vec<Offer>,
) -> Question {
    Question {
        id,
        label,
        hint,
        asks: Asks::OneOf(offers),
    }
}

fn ticks(
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    offers: Vec<Offer>,
) -> Question {
    Question {
        id,
        label,
        hint,
        asks: Asks::AllThatApply(offers),
    }
}

impl StepDraft {
    /// The form as it opens: with what is known already filled in.
    pub fn fresh(
        ledger: &Ledger,
        id: EntryId,
        form: StepForm,
        handling: &Handling,
        now: Millis,
    ) -> StepDraft {
        let mut draft = StepDraft {
            id,
            form,
            mismatch: handling.mismatch,
            service: handling.service,
            answers: BTreeMap::new(),
            step: 0,
            touched: false,
        };
        if form == StepForm::Guidance {
            if let Some(says) = mismatch_of(ledger, handling.mismatch) {
                draft.fill(
                    "why",
                    format!("Some phones show something else: “{}”", says.device_says),
                );
            }
            if let Some(service) = ledger.service(handling.service) {
                draft.fill(
                    "if_worse",
                    format!(
                        "Stop. Ring 999 if life is in danger. Then ring {}, {}.",
                        service.on_call_name, service.on_call_contact
                    ),
                );
            }
            let affected = affected(ledger, handling.service, handling.person, now);
            let but_me = affected.into_iter().filter(|it| *it != ledger.me());
            draft
                .answers
                .insert("affects".into(), but_me.map(|it| code(&it)).collect());
        }
        draft
    }

    fn fill(&mut self, question: &str, words: String) {
        self.answers.insert(question.to_owned(), vec![words]);
    }

    /// Nothing was answered by hand, so there is nothing to keep or to ask about.
    pub fn is_empty(&self) -> bool {
        !self.touched
    }

    /// The words of a text, or the chosen answer; empty where there is none.
    pub fn answer(&self, question: &str) -> &str {
        let answers = self.answers.get(question);
        answers.and_then(|it| it.first()).map_or("", String::as_str)
    }

    /// Whether an answer is chosen or ticked.
    pub fn has(&self, question: &str, code: &str) -> bool {
        self.answers
            .get(question)
            .is_some_and(|it| it.iter().any(|it| it == code))
    }

    /// Answers a question that has one answer.
    pub fn set(&mut self, question: &str, answer: String) {
        self.touched = true;
        self.fill(question, answer);
    }

    /// Ticks an answer, or takes its tick away.
    pub fn toggle(&mut self, question: &str, code: &str) {
        self.touched = true;
        let answers = self.answers.entry(question.to_owned()).or_default();
        match answers.iter().position(|it| it == code) {
            Some(at) => {
                answers.remove(at);
            }
            None => answers.push(code.to_owned()),
        }
    }

    fn chosen<T: DeserializeOwned>(&self, question: &str) -> Option<T> {
        json::read(self.answer(question)).ok()
    }

    fn ticked<T: DeserializeOwned>(&self, question: &str) -> Vec<T> {
        let answers = self.answers.get(question).into_iter().flatten();
        answers.filter_map(|it| json::read(it).ok()).collect()
    }

    fn words(&self, question: &str) -> String {
        self.answer(question).trim().to_owned()
    }

    /// The questions by step, as the answers so far call for them.
    pub fn steps(&self, ledger: &Ledger) -> Vec<Vec<Question>> {
        match self.form {
            StepForm::Guidance => self.guidance_steps(ledger),
            StepForm::Withdraw(_) => vec![vec![text(
                "reason",
                "Why is it over?",
                "Workers read this. Say what to follow from now on.",
            )]],
            StepForm::Signed(guidance) => {
                let unread = ledger
                    .guidance(guidance)
                    .map_or_else(Vec::new, |it| it.unread);
                let names = unread.into_iter().map(|it| offer(it, ledger.name_of(it)));
                vec![vec![one_of(
                    "reader",
                    "Who signed the paper?",
                    "",
                    names.collect(),
                )]]
            }
            StepForm::Review => self.review_steps(),
            StepForm::Cause => self.cause_steps(ledger),
            StepForm::Check(device) => self.check_steps(ledger, device),
            StepForm::Done(cause) => {
                let mut outcome = text("outcome", "What was done?", "And does it help?");
                let action = ledger.action_of(self.mismatch, cause);
                outcome.asks = Asks::Text {
                    limit: TEXT,
                    offers: action
                        .map(|it| (it, "The action".to_owned()))
                        .into_iter()
                        .collect(),
                };
                vec![vec![outcome]]
            }
            StepForm::Close => vec![vec![text(
                "learned",
                "What did we learn?",
                "One or two lines for the team.",
            )]],
        }
    }

    fn guidance_steps(&self, ledger: &Ledger) -> Vec<Vec<Question>> {
        let mut follow = text(
            "follow",
            "What to follow",
            "Whatever the care app says. Short, so that it fits on a sheet.",
        );
        if let Some(says) = mismatch_of(ledger, self.mismatch) {
            let mut words = vec![(says.handover_says, "What handover says".to_owned())];
            words.extend(
                ledger
                    .plans_of(says.person)
                    .into_iter()
                    .filter(|plan| says.plan.is_none_or(|id| id == plan.id))
                    .map(|plan| {
                        let changed = ledger.change_of(plan.id).map(|change| change.after);
                        let reads = changed.unwrap_or(plan.instruction);
                        (reads, format!("Plan: {}", plan.support_task))
                    }),
            );
            follow.asks = Asks::Text {
                limit: TEXT,
                offers: words,
            };
        }
        let staff = ledger.staff(self.service).into_iter();
        let staff = staff
            .filter(|it| may_write(&it.roles, Kind::GuidanceRead) && it.user != ledger.me())
            .map(|it| offer(it.user, it.display_name));
        vec![
            vec![follow],
            vec![
                text("why", "Why", ""),
                text(
                    "if_worse",
                    "If it goes wrong",
                    "What to do, and whom to ring.",
                ),
            ],
            vec![one_of(
                "look_again",
                "When will you look at it again?",
                "",
                LOOK_AGAIN
                    .into_iter()
                    .map(|(hours, label)| offer(hours, label))
                    .collect(),
            )],
            vec![
                ticks(
                    "affects",
                    "Whom does it affect?",
                    "Each of them is asked to say that they have read it.",
                    staff.collect(),
                ),
                text(
                    "told",
                    "Whom have you told, and how?",
                    "By phone, in person, or on paper.",
                ),
            ],
        ]
    }

    fn review_steps(&self) -> Vec<Vec<Question>> {
        let mut steps = vec![vec![one_of(
            "harm",
            "Was anybody harmed?",
            "",
            offers(&Harm::ALL, Harm::label),
        )]];
        if self
            .chosen::<Harm>("harm")
            .is_some_and(Harm::asks_an_opinion)
        {
            let mut asked = vec![one_of(
                "opinion",
                "What does a health care professional say?",
                "The law asks for their opinion, not ours.",
                offers(&Opinion::ALL, Opinion::label),
            )];
            let opinion = self.chosen::<Opinion>("opinion");
            if opinion.is_some_and(|it| it != Opinion::NotNeeded) {
                asked.push(text(
                    "opinion_of",
                    "Whose opinion?",
                    "Who, which profession, when, and what they said.",
                ));
            }
            if matches!(opinion, Some(Opinion::Yes | Opinion::Pending)) {
                asked.push(ticks(
                    "thresholds",
                    "What do they say is so?",
                    "These are separate tests.",
                    offers(&Threshold::ALL, Threshold::label),
                ));
            }
            steps.push(asked);
        }
        let yes_no = vec![offer(false, "No"), offer(true, "Yes")];
        let mut decide = text(
            "rationale",
            "Why?",
            "Go through the rules that are listed, and say why you decide so.",
        );
        decide.asks = Asks::Text {
            limit: LONG_TEXT,
            offers: Vec::new(),
        };
        steps.extend([
            vec![
                one_of("missed_care", "Was care missed or late?", "", yes_no),
                one_of(
                    "abuse",
                    "Is abuse or neglect in question?",
                    "",
                    offers(&Abuse::ALL, Abuse::label),
                ),
            ],
            vec![ticks(
                "also",
                "What else is so?",
                "Tick all that is so. Leave it empty if nothing is.",
                offers(&Fact::ASKED, Fact::label),
            )],
            vec![one_of(
                "told",
                "Was the person told?",
                "The person, or who lawfully acts for them.",
                offers(&Told::ALL, Told::label),
            )],
            vec![
                one_of(
                    "decision",
                    "Tell an outside body?",
                    "",
                    offers(&Decision::ALL, Decision::label),
                ),
                decide,
            ],
        ]);
        steps
    }

    fn cause_steps(&self, ledger: &Ledger) -> Vec<Vec<Question>> {
        let devices = ledger.devices(self.service).into_iter();
        let owners = ledger
            .staff(self.service)
            .into_iter()
            .filter(|it| may_write(&it.roles, Kind::ActionDone))
            .map(|it| offer(it.user, it.display_name))
            .collect();
        vec![
            vec![
                one_of(
                    "cause",
                    "What was the cause?",
                    "",
                    offers(&Cause::ALL, Cause::label),
                ),
                text("what", "What did you find?", ""),
            ],
            vec![text("fix", "What did you do about it?", "")],
            vec![ticks(
                "devices",
                "Which other devices showed it?",
                "Beside the one it was reported on. Each is checked again before this can close.",
                devices.map(|it| offer(it.id, it.label)).collect(),
            )],
            vec![
                text(
                    "action",
                    "What will stop it coming again?",
                    "The corrective action.",
                ),
                one_of("owner", "Who does that?", "", owners),
                Question {
                    id: "due",
                    label: "By when?",
                    hint: "",
                    asks: Asks::Day,
                },
            ],
        ]
    }

    fn check_steps(&self, ledger: &Ledger, device: FailedDevice) -> Vec<Vec<Question>> {
        // Each answer names the device: one that is given of another counts.
        let name = ledger.failed_device_name(device);
        let of = |answer: &str| format!("{name} · {answer}");
        let leads = see(&ledger.my_roles(self.service), Kind::DeviceCheck) == See::All;
        let found = if leads {
            vec![
                offer(Found::SeenInPerson, of("I saw it: it is right now")),
                offer(Found::StillWrong, of("It still shows something else")),
                offer(
                    Found::Retired {
                        reason: String::new(),
                    },
                    of("It is used no more"),
                ),
            ]
        } else {
            vec![
                offer(Found::Shows, of("It shows the right one")),
                offer(Found::StillWrong, of("It still shows something else")),
            ]
        };
        let mut asked = vec![one_of(
            "found",
            "What does the device show now?",
            "Open the care app on it and look.",
            found,
        )];
        if self
            .chosen::<Found>("found")
            .is_some_and(|it| matches!(it, Found::Retired { .. }))
        {
            asked.push(text("reason", "Why is it used no more?", ""));
        }
        vec![asked]
    }

    /// Whether a tap on an answer of this step goes on by itself: it asks for one answer and nothing else.
    pub fn goes_on_by_a_tap(step: &[Question]) -> bool {
        matches!(step, [one] if matches!(one.asks, Asks::OneOf(_)))
    }

    /// What is still to put right in one step.
    pub fn faults_at(&self, step: usize, ledger: &Ledger, now: Millis) -> Vec<Fault> {
        let steps = self.steps(ledger);
        let questions = steps.get(step).into_iter().flatten();
        questions.filter_map(|it| self.fault(it, now)).collect()
    }

    fn fault(&self, question: &Question, now: Millis) -> Option<Fault> {
        let id = question.id;
        match &question.asks {
            Asks::Text { limit, .. } => {
                text_fault(id, self.answer(id), *limit, "Write this in a few words.")
            }
            Asks::OneOf(offers) => {
                let answered = offers.iter().any(|it| self.has(id, &it.code));
                (!answered).then(|| Fault::new(id, "Pick one answer."))
            }
            Asks::AllThatApply(offers) if id == "thresholds" => {
                let answered = offers.iter().any(|it| self.has(id, &it.code));
                (!answered).then(|| Fault::new(id, "Tick what they were asked about."))
            }
            Asks::AllThatApply(offers) if id == "affects" => {
                let answered = offers.iter().any(|it| self.has(id, &it.code));
                (!answered)
                    .then(|| Fault::new(id, "Tick at least one of those who give this care."))
            }
            Asks::AllThatApply(_) => None,
            Asks::Day => {
                let day: Option<NaiveDate> = self.answer(id).parse().ok();
                match day {
                    None => Some(Fault::new(id, "Say the day.")),
                    Some(day) if day < words::day(now) => {
                        Some(Fault::new(id, "This day is over. Pick a later one."))
                    }
                    Some(day) if day > words::day(now) + Days::new(366) => Some(Fault::new(
                        id,
                        "This is more than a year ahead. Check the year.",
                    )),
                    Some(_) => None,
                }
            }
        }
    }

    /// 'Carry on': to the next step.
    ///
    /// # Errors
    /// What to put right first; the step stays.
    pub fn carry_on(&mut self, ledger: &Ledger, now: Millis) -> Result<(), Vec<Fault>> {
        let faults = self.faults_at(self.step, ledger, now);
        if !faults.is_empty() {
            return Err(faults);
        }
        self.step = (self.step + 1).min(self.steps(ledger).len() - 1);
        Ok(())
    }

    /// Back one step; false at the first, where back leaves the form.
    pub fn back(&mut self) -> bool {
        let stays = self.step > 0;
        self.step = self.step.saturating_sub(1);
        stays
    }

    /// Brings the step with this question to the front.
    pub fn go_to(&mut self, ledger: &Ledger, field: &str) {
        let steps = self.steps(ledger);
        let step = steps
            .iter()
            .position(|step| step.iter().any(|it| it.id == field));
        if let Some(step) = step {
            self.step = step;
        }
    }

    /// The rules that may apply by the answers so far; none in the other forms.
    pub fn rules(&self, ledger: &Ledger) -> Vec<Listed> {
        if self.form != StepForm::Review {
            return Vec::new();
        }
        let known = ledger
            .handling(self.mismatch)
            .map_or_else(Facts::default, |it| ledger.known_facts(&it));
        let harm = self.chosen("harm").unwrap_or_default();
        let mut facts = Facts {
            harm,
            missed_care: self.chosen("missed_care").unwrap_or_default(),
            abuse: self.chosen("abuse").unwrap_or_default(),
            told: self.chosen("told").unwrap_or_default(),
            ..known
        };
        if Harm::asks_an_opinion(harm) {
            facts.opinion = self.chosen("opinion").unwrap_or_default();
            facts.thresholds = self.ticked("thresholds").into_iter().collect();
        }
        facts.also.extend(self.ticked::<Fact>("also"));
        may_apply(&facts)
    }

    /// The body to save, if all is there.
    ///
    /// # Errors
    /// Everything that is to put right, in the order of the questions; a close also says what is outstanding.
    pub fn validate(&self, ledger: &Ledger, now: Millis) -> Result<Body, Vec<Fault>> {
        let steps = self.steps(ledger);
        let faults: Vec<Fault> = (0..steps.len())
            .flat_map(|step| self.faults_at(step, ledger, now))
            .collect();
        if !faults.is_empty() {
            return Err(faults);
        }
        let gone = || {
            vec![Fault::new(
                "form",
                "The report is not on this phone any more.",
            )]
        };
        let handling = ledger.handling(self.mismatch).ok_or_else(gone)?;
        let data = self.data(ledger, &handling, now)?;
        data.map(Body::step).ok_or_else(gone)
    }

    fn data(
        &self,
        ledger: &Ledger,
        handling: &Handling,
        now: Millis,
    ) -> Result<Option<Data>, Vec<Fault>> {
        let mismatch = self.mismatch;
        let to = handling.reported_by;
        Ok(match self.form {
            StepForm::Guidance => self.chosen::<u8>("look_again").map(|hours| {
                Data::Guidance(Box::new(Guidance {
                    mismatch,
                    person: handling.person,
                    plan: mismatch_of(ledger, mismatch).and_then(|it| it.plan),
                    follow: self.words("follow"),
                    why: self.words("why"),
                    if_worse: self.words("if_worse"),
                    look_again: now + Millis::from(hours) * HOUR,
                    told: self.words("told"),
                    affects: self.ticked("affects"),
                    replaces: handling.standing().map(|it| it.made.id).collect(),
                }))
            }),
            StepForm::Withdraw(guidance) => Some(Data::GuidanceWithdrawal(GuidanceWithdrawal {
                guidance,
                reason: self.words("reason"),
            })),
            StepForm::Signed(guidance) => ledger.guidance(guidance).map(|it| {
                Data::GuidanceRead(GuidanceRead {
                    guidance,
                    to: it.made.by,
                    reader: self.chosen("reader"),
                })
            }),
            StepForm::Review => {
                let asks = self
                    .chosen::<Harm>("harm")
                    .is_some_and(Harm::asks_an_opinion);
                let opinion = if asks {
                    self.chosen("opinion").unwrap_or_default()
                } else {
                    Opinion::NotNeeded
                };
                let asked = opinion != Opinion::NotNeeded;
                self.chosen("decision").map(|decision| {
                    Data::MismatchReview(Box::new(MismatchReview {
                        mismatch,
                        harm: self.chosen("harm").unwrap_or_default(),
                        missed_care: self.chosen("missed_care").unwrap_or_default(),
                        abuse: self.chosen("abuse").unwrap_or_default(),
                        also: self.ticked("also"),
                        opinion,
                        thresholds: if asked {
                            self.ticked("thresholds")
                        } else {
                            Vec::new()
                        },
                        opinion_of: if asked {
                            self.words("opinion_of")
                        } else {
                            String::new()
                        },
                        told: self.chosen("told").unwrap_or_default(),
                        decision,
                        rationale: self.words("rationale"),
                        rules: self.rules(ledger),
                    }))
                })
            }
            StepForm::Cause => {
                let due = self.answer("due").parse::<NaiveDate>().ok();
                let (cause, owner) = (self.chosen("cause"), self.chosen::<UserId>("owner"));
                cause.zip(owner).zip(due).map(|((cause, owner), due)| {
                    Data::MismatchCause(Box::new(MismatchCause {
                        mismatch,
                        to,
                        cause,
                        what: self.words("what"),
                        fix: self.words("fix"),
                        action: self.words("action"),
                        owner,
                        due,
                        devices: self.ticked::<SubjectId>("devices"),
                    }))
                })
            }
            StepForm::Check(device) => self.chosen::<Found>("found").map(|found| {
                let found = match found {
                    Found::Retired { .. } => Found::Retired {
                        reason: self.words("reason"),
                    },
                    found => found,
                };
                let plan = mismatch_of(ledger, mismatch).and_then(|it| it.plan);
                Data::DeviceCheck(DeviceCheck {
                    mismatch,
                    device,
                    found,
                    update: plan.and_then(|it| ledger.change_at(it, handling.service)),
                })
            }),
            StepForm::Done(cause) => Some(Data::ActionDone(ActionDone {
                cause,
                outcome: self.words("outcome"),
            })),
            StepForm::Close => {
                if let Err(missing) = ledger.may_close(handling) {
                    let faults = missing.into_iter();
                    return Err(faults.map(|it| Fault::new("learned", it)).collect());
                }
                Some(Data::MismatchClose(MismatchClose {
                    mismatch,
                    to,
                    learned: self.words("learned"),
                }))
            }
        })
    }
}

fn mismatch_of(ledger: &Ledger, id: EntryId) -> Option<crate::body::Mismatch> {
    match ledger.record(id)?.current() {
        RecordData::Mismatch(it) => Some(it.clone()),
        _ => None,
    }
}
