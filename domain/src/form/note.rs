//! 'Write a temporary note': three questions (pathway C, step 1).

use serde::{Deserialize, Serialize};

use super::Fault;
use super::circumstances::{self, About, Circumstances};
use super::draft::Form;
use super::kit::{
    Answered, Answers, At, Offer, Steps, offer, one_of, own, person, text, ticks, toggle,
};
use crate::body::{Body, Data, Escalation, Kind, Note};
use crate::care::{CareCode, care_items, contradiction};
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId, UserId};
use crate::ledger::Ledger;
use crate::words;

/// A half-written temporary note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NoteDraft {
    /// The entry's id, made once, when the form opens.
    pub id: EntryId,
    pub step: NoteStep,
    pub person_search: String,
    pub person: Option<SubjectId>,
    /// The person's service, in whose log the note goes.
    pub service: Option<ServiceId>,
    pub delivered: Vec<CareCode>,
    /// What was ticked before another person was picked, whose plan does not name it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of_another: Vec<CareCode>,
    pub other: String,
    pub escalation: Option<EscalationAnswer>,
    /// What they should know, where nothing else says it.
    pub what: String,
    /// Whom the author has told; kept while the answer is no, in case it changes back.
    pub told: String,
    pub happened_at: Option<Millis>,
    pub given_by: Option<UserId>,
    /// What is half answered.
    #[serde(skip_serializing_if = "Answers::is_empty")]
    pub half: Answers,
    /// The held entry that this corrects and sends again.
    pub corrects: Option<EntryId>,
}

/// The answer to 'Anything to escalate?'.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscalationAnswer {
    Yes,
    No,
}

/// The steps, as a draft keeps which one is in front.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteStep {
    #[default]
    Person,
    Care,
    Escalate,
}

const STEPS: [NoteStep; 3] = [NoteStep::Person, NoteStep::Care, NoteStep::Escalate];

impl Default for NoteDraft {
    fn default() -> NoteDraft {
        NoteDraft::new(EntryId::nil())
    }
}

impl NoteDraft {
    /// The note is about this person, so the first question is answered.
    #[must_use]
    pub fn about(self, person: SubjectId, service: ServiceId) -> NoteDraft {
        NoteDraft {
            step: NoteStep::Care,
            person: Some(person),
            service: Some(service),
            ..self
        }
    }

    /// An empty note whose entry will have this id.
    pub fn new(id: EntryId) -> NoteDraft {
        NoteDraft {
            id,
            step: NoteStep::Person,
            person_search: String::new(),
            person: None,
            service: None,
            delivered: Vec::new(),
            of_another: Vec::new(),
            other: String::new(),
            escalation: None,
            what: String::new(),
            told: String::new(),
            happened_at: None,
            given_by: None,
            half: Answers::default(),
            corrects: None,
        }
    }

    /// A note that opens at its second question with these words in it, to be corrected.
    pub fn filled(id: EntryId, service: ServiceId, record: &Note) -> NoteDraft {
        let (escalation, told) = match &record.escalation {
            Escalation::No => (EscalationAnswer::No, String::new()),
            Escalation::Yes { told } => (EscalationAnswer::Yes, told.clone()),
        };
        NoteDraft {
            step: NoteStep::Care,
            person: Some(record.person),
            service: Some(service),
            delivered: record.delivered.clone(),
            other: record.other.clone(),
            escalation: Some(escalation),
            told,
            happened_at: record.happened_at,
            given_by: record.given_by,
            ..NoteDraft::new(id)
        }
    }

    /// 'Correct and send again': a new entry that says which held one it replaces.
    pub fn correcting(id: EntryId, held: EntryId, service: ServiceId, record: &Note) -> NoteDraft {
        NoteDraft {
            corrects: Some(held),
            ..NoteDraft::filled(id, service, record)
        }
    }

    /// Ticks an item of care delivered, or takes its tick away. The order of ticking is kept out of it.
    pub fn toggle(&mut self, item: &CareCode) {
        toggle(&mut self.delivered, item.clone());
        self.delivered.sort();
    }

    /// The record, if all is there.
    ///
    /// # Errors
    /// Everything that is to put right, in the order of the questions.
    pub fn record(&self, ledger: &Ledger, now: Millis) -> Result<Note, Vec<Fault>> {
        let form: &dyn Form = self;
        let faults = form.faults(ledger, now);
        match (self.person, self.escalation) {
            (Some(person), Some(escalation)) if faults.is_empty() => Ok(Note {
                person,
                delivered: self.delivered.clone(),
                other: self.said(),
                escalation: match escalation {
                    EscalationAnswer::No => Escalation::No,
                    EscalationAnswer::Yes => Escalation::Yes {
                        told: self.told.trim().to_owned(),
                    },
                },
                happened_at: self.happened_at,
                given_by: self.given_by,
            }),
            _ => Err(faults),
        }
    }

    /// All that the author says in words.
    fn said(&self) -> String {
        let what = match self.asks_what() {
            true => self.what.trim(),
            false => "",
        };
        let said = [self.other.trim(), what].into_iter();
        said.filter(|it| !it.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// Whether it is asked what they should know.
    fn asks_what(&self) -> bool {
        self.escalation == Some(EscalationAnswer::Yes)
    }

    /// Another person was picked: what was ticked from the plan of the one before is put by, in case it was a wrong tap.
    fn keep_to_person(&mut self, ledger: &Ledger) {
        let tasks = self.person.map(|it| ledger.support_tasks_of(it));
        let offered = care_items(&tasks.unwrap_or_default());
        let ticked = std::mem::take(&mut self.delivered);
        let ticked = ticked
            .into_iter()
            .chain(std::mem::take(&mut self.of_another));
        let is_offered = |code: &CareCode| offered.iter().any(|it| it.code == *code);
        (self.delivered, self.of_another) = ticked.partition(is_offered);
        self.delivered.sort();
    }

    /// A fixed list per support task of the person's plans.
    fn care(&self, ledger: &Ledger) -> Vec<Offer> {
        let tasks = self.person.map(|it| ledger.support_tasks_of(it));
        let listed = care_items(&tasks.unwrap_or_default());
        let listed = listed.into_iter().map(|it| offer(it.code, it.label));
        let mut care: Vec<Offer> = listed.collect();
        // What was ticked before stays to be seen, even where the plan no longer names it.
        for code in &self.delivered {
            let ticked = offer(code, code.label());
            if !care.iter().any(|it| it.code == ticked.code) {
                care.push(ticked);
            }
        }
        care
    }

    fn care_hint(&self, ledger: &Ledger) -> String {
        let Some(person) = self.person else {
            return "Tick all you did.".to_owned();
        };
        let name = ledger.person_name(person);
        let first = words::first_name(&name);
        format!("Tick all you did. These go with the tasks in {first}’s plan.")
    }
}

impl Form for NoteDraft {
    fn id(&self) -> EntryId {
        self.id
    }

    fn title(&self) -> &'static str {
        "Temporary note"
    }

    fn save_label(&self) -> &'static str {
        "Save note"
    }

    fn kind(&self) -> Kind {
        Kind::Note
    }

    fn service(&self) -> Option<ServiceId> {
        self.service
    }

    fn person(&self, _: &Ledger) -> Option<SubjectId> {
        self.person
    }

    fn is_empty(&self) -> bool {
        *self
            == NoteDraft {
                step: self.step,
                ..NoteDraft::new(self.id)
            }
    }

    fn steps(&self, ledger: &Ledger, now: Millis) -> Steps {
        let care = ticks("delivered", "Care delivered", self.care(ledger));
        let care = if self.other.trim().is_empty() {
            care.or_else_say(
                "Say what care you gave. Tick one or more, or write it under ‘Anything else’.",
            )
        } else {
            care
        };
        let answers = vec![
            offer(EscalationAnswer::Yes, "Yes"),
            offer(EscalationAnswer::No, "No"),
        ];
        let mut last = vec![
            own("about"),
            one_of("escalation", "Anything to escalate?", answers)
                .hint("Something a senior, nurse or family should know today.")
                .or_else_say("Say if there is something to escalate. Pick Yes or No."),
        ];
        if self.asks_what() {
            let what = text("what", "What should they know?");
            last.push(if self.other.trim().is_empty() {
                what.or_else_say("Say what they should know, in a few words.")
            } else {
                what.hint("Leave it empty where ‘Anything else’ says it.")
                    .optional()
            });
            last.push(text("told", "Whom have you told?").or_else_say(
                "Say whom you have told. If you have told nobody yet, write “nobody yet”.",
            ));
        }
        let usual = circumstances::usual(ledger, self.id, self.corrects, now);
        last.extend(circumstances::questions(true, self.service, usual, now));
        last.push(own("goes_to"));
        vec![
            vec![person()],
            vec![
                own("about"),
                care.hint(self.care_hint(ledger))
                    .wrong(contradiction(&self.delivered)),
                text("other", "Anything else")
                    .hint("You can leave this empty.")
                    .optional(),
            ],
            last,
        ]
    }

    fn answers(&self) -> Answers {
        let mut answers = circumstances::answers(self.happened_at, self.given_by, &self.half);
        circumstances::about(&mut answers, &self.person_search, self.person, self.service);
        answers.tick("delivered", &self.delivered);
        answers.set("other", self.other.clone());
        answers.choose("escalation", self.escalation);
        answers.set("what", self.what.clone());
        answers.set("told", self.told.clone());
        answers
    }

    fn answer(&mut self, ledger: &Ledger, question: &str, answer: Answered) {
        match question {
            "person" => {
                let before = self.person;
                About {
                    search: &mut self.person_search,
                    person: &mut self.person,
                    service: &mut self.service,
                }
                .answer(answer);
                if self.person.is_some() && self.person != before {
                    self.keep_to_person(ledger);
                }
            }
            "delivered" => {
                if let Some(item) = answer.chosen() {
                    self.toggle(&item);
                }
            }
            "other" => self.other = answer.words(),
            "escalation" => self.escalation = answer.chosen(),
            "what" => self.what = answer.words(),
            "told" => self.told = answer.words(),
            question => Circumstances {
                happened_at: &mut self.happened_at,
                given_by: &mut self.given_by,
                half: &mut self.half,
            }
            .answer(question, answer),
        }
    }

    fn at(&self) -> At {
        At::step(self.step as usize)
    }

    fn go(&mut self, at: At) {
        self.step = STEPS.get(at.step).copied().unwrap_or(NoteStep::Escalate);
    }

    fn body(&self, ledger: &Ledger, now: Millis) -> Result<Body, Vec<Fault>> {
        let mut note = self.record(ledger, now)?;
        let usual = circumstances::usual(ledger, self.id, self.corrects, now);
        note.happened_at = note.happened_at.or(usual.map(|(_, at)| at));
        let mut body = Body::new(Data::Note(note));
        body.about = self.corrects.map(EntryId::uuid);
        Ok(body)
    }
}
