//! 'Write a temporary note': three questions (pathway C, step 1).

use serde::{Deserialize, Serialize};

use super::{Fault, PICK_A_PERSON, TEXT, text_fault, time_fault, too_long};
use crate::body::{Body, Data, Escalation, Note};
use crate::care::CareCode;
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId, UserId};

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
    pub other: String,
    pub escalation: Option<EscalationAnswer>,
    /// Whom the author has told; kept while the answer is no, in case it changes back.
    pub told: String,
    pub happened_at: Option<Millis>,
    pub given_by: Option<UserId>,
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

/// The questions, in order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoteStep {
    #[default]
    Person,
    Care,
    Escalate,
}

impl NoteStep {
    pub const ALL: [NoteStep; 3] = [NoteStep::Person, NoteStep::Care, NoteStep::Escalate];

    /// The question asked.
    pub fn title(self) -> &'static str {
        match self {
            NoteStep::Person => "Person",
            NoteStep::Care => "Care delivered",
            NoteStep::Escalate => "Anything to escalate?",
        }
    }

    /// `Question 2 of 3`.
    pub fn progress(self) -> String {
        format!("Question {} of 3", self as usize + 1)
    }
}

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
            other: String::new(),
            escalation: None,
            told: String::new(),
            happened_at: None,
            given_by: None,
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

    /// Nothing has been written in it yet, so there is nothing to keep or to ask about.
    pub fn is_empty(&self) -> bool {
        *self
            == NoteDraft {
                step: self.step,
                ..NoteDraft::new(self.id)
            }
    }

    /// Ticks an item of care delivered, or takes its tick away. The order of ticking is kept out of it.
    pub fn toggle(&mut self, item: &CareCode) {
        match self.delivered.iter().position(|has| has == item) {
            Some(at) => {
                self.delivered.remove(at);
            }
            None => self.delivered.push(item.clone()),
        }
        self.delivered.sort();
    }

    /// What is still to put right at one step.
    pub fn faults_at(&self, step: NoteStep, now: Millis) -> Vec<Fault> {
        let mut faults = Vec::new();
        match step {
            NoteStep::Person => {
                if self.person.is_none() || self.service.is_none() {
                    faults.push(Fault::new("person", PICK_A_PERSON));
                }
            }
            NoteStep::Care => {
                if self.delivered.is_empty() && self.other.trim().is_empty() {
                    faults.push(Fault::new(
                        "delivered",
                        "Say what care you gave. Tick one or more, or write it under ‘Anything else’.",
                    ));
                }
                faults.extend(too_long("other", &self.other, TEXT));
            }
            NoteStep::Escalate => {
                match self.escalation {
                    None => faults.push(Fault::new(
                        "escalation",
                        "Say if there is something to escalate. Pick Yes or No.",
                    )),
                    Some(EscalationAnswer::Yes) => faults.extend(text_fault(
                        "told",
                        &self.told,
                        TEXT,
                        "Say whom you have told. If you have told nobody yet, write “nobody yet”.",
                    )),
                    Some(EscalationAnswer::No) => {}
                }
                faults.extend(time_fault("happened_at", self.happened_at, now));
            }
        }
        faults
    }

    /// 'Carry on': to the next step. At the last step nothing moves; saving is next.
    ///
    /// # Errors
    /// What to put right first; the step stays.
    pub fn carry_on(&mut self, now: Millis) -> Result<(), Vec<Fault>> {
        let faults = self.faults_at(self.step, now);
        if !faults.is_empty() {
            return Err(faults);
        }
        if let Some(next) = NoteStep::ALL.into_iter().find(|step| *step > self.step) {
            self.step = next;
        }
        Ok(())
    }

    /// Back one step; false at the first, where back leaves the form.
    pub fn back(&mut self) -> bool {
        match NoteStep::ALL
            .into_iter()
            .rev()
            .find(|step| *step < self.step)
        {
            Some(step) => {
                self.step = step;
                true
            }
            None => false,
        }
    }

    /// Whether somebody gave care: a note is of nothing else.
    pub fn care_was_given(&self) -> bool {
        true
    }

    /// The record, if all is there.
    ///
    /// # Errors
    /// Everything that is to put right, in the order of the questions.
    pub fn record(&self, now: Millis) -> Result<Note, Vec<Fault>> {
        let faults: Vec<Fault> = NoteStep::ALL
            .into_iter()
            .flat_map(|step| self.faults_at(step, now))
            .collect();
        match (self.person, self.escalation) {
            (Some(person), Some(escalation)) if faults.is_empty() => Ok(Note {
                person,
                delivered: self.delivered.clone(),
                other: self.other.trim().to_owned(),
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

    /// The body to save, if all is there.
    ///
    /// # Errors
    /// As [`NoteDraft::record`].
    pub fn validate(&self, now: Millis) -> Result<Body, Vec<Fault>> {
        let mut body = Body::new(Data::Note(self.record(now)?));
        body.about = self.corrects.map(EntryId::uuid);
        Ok(body)
    }
}
