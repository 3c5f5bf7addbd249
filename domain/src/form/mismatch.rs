//! 'Report a mismatch': four questions and a check (pathway B, step 3).

use serde::{Deserialize, Serialize};

use super::{Fault, PICK_A_PERSON, TEXT, is_of_another, text_fault, time_fault};
use crate::body::{Body, Data, Did, Mismatch, Shows};
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId, UserId};
use crate::ledger::{Ledger, UpdateView};

/// A half-written mismatch report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct MismatchDraft {
    /// The entry's id, made once, when the form opens.
    pub id: EntryId,
    pub step: MismatchStep,
    /// The step was opened again from the check, and goes back there.
    pub changing: bool,
    pub person_search: String,
    pub person: Option<SubjectId>,
    /// The person's service, in whose log the report goes.
    pub service: Option<ServiceId>,
    pub plan: Option<SubjectId>,
    pub device_says: String,
    /// The end of `device_says` that the app filled in: an instruction's text.
    pub filled_in: String,
    pub handover_says: String,
    pub did: Option<Did>,
    pub happened_at: Option<Millis>,
    pub given_by: Option<UserId>,
    /// The held entry that this corrects and sends again.
    pub corrects: Option<EntryId>,
}

/// The questions, in order, and the check at the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MismatchStep {
    #[default]
    Person,
    Device,
    Handover,
    Did,
    Check,
}

impl MismatchStep {
    pub const ALL: [MismatchStep; 5] = [
        MismatchStep::Person,
        MismatchStep::Device,
        MismatchStep::Handover,
        MismatchStep::Did,
        MismatchStep::Check,
    ];

    /// The question asked.
    pub fn title(self) -> &'static str {
        match self {
            MismatchStep::Person => "Person",
            MismatchStep::Device => "What the device says",
            MismatchStep::Handover => "What handover says",
            MismatchStep::Did => "What did you do?",
            MismatchStep::Check => "Check your report",
        }
    }

    /// `Question 2 of 4`; none for the check.
    pub fn progress(self) -> Option<String> {
        (self != MismatchStep::Check).then(|| format!("Question {} of 4", self as usize + 1))
    }

    fn after(self) -> MismatchStep {
        MismatchStep::ALL
            .into_iter()
            .find(|step| *step > self)
            .unwrap_or(MismatchStep::Check)
    }

    fn before(self) -> Option<MismatchStep> {
        MismatchStep::ALL
            .into_iter()
            .rev()
            .find(|step| *step < self)
    }
}

impl Default for MismatchDraft {
    fn default() -> MismatchDraft {
        MismatchDraft::new(EntryId::nil())
    }
}

impl MismatchDraft {
    /// An empty report whose entry will have this id.
    pub fn new(id: EntryId) -> MismatchDraft {
        MismatchDraft {
            id,
            step: MismatchStep::Person,
            changing: false,
            person_search: String::new(),
            person: None,
            service: None,
            plan: None,
            device_says: String::new(),
            filled_in: String::new(),
            handover_says: String::new(),
            did: None,
            happened_at: None,
            given_by: None,
            corrects: None,
        }
    }

    /// A report that opens at its check with these words in it, to be corrected.
    pub fn filled(id: EntryId, service: ServiceId, record: &Mismatch) -> MismatchDraft {
        MismatchDraft {
            step: MismatchStep::Check,
            person: Some(record.person),
            service: Some(service),
            plan: record.plan,
            device_says: record.device_says.clone(),
            handover_says: record.handover_says.clone(),
            did: Some(record.did),
            happened_at: record.happened_at,
            given_by: record.given_by,
            ..MismatchDraft::new(id)
        }
    }

    /// A report about a change that the device does not show. The text of before is filled in where the device shows
    /// that; what handover said is for the author to say.
    pub fn about_update(id: EntryId, update: &UpdateView, shows: Option<Shows>) -> MismatchDraft {
        let mut draft = MismatchDraft {
            step: MismatchStep::Device,
            person: Some(update.person),
            service: Some(update.service),
            ..MismatchDraft::new(id)
        };
        let shows_old = shows == Some(Shows::Old);
        draft.shows(update.plan, if shows_old { &update.before } else { "" });
        if shows_old {
            draft.step = MismatchStep::Handover;
        }
        draft
    }

    /// The device shows this instruction, of which the text is filled in: in the place of another that was filled in
    /// before, and after what the author wrote.
    pub fn shows(&mut self, plan: SubjectId, text: &str) {
        self.device_says = match self.written() {
            "" => text.to_owned(),
            written => format!("{written}\n{text}"),
        };
        self.plan = Some(plan);
        self.filled_in = text.to_owned();
    }

    /// What the device says in the author's own words, without what was filled in.
    fn written(&self) -> &str {
        let written = self.device_says.strip_suffix(self.filled_in.as_str());
        written.unwrap_or(&self.device_says).trim_end()
    }

    /// Another person was picked: the instruction of the one before is left, with the text that was filled in for it.
    pub fn keep_to_person(&mut self, ledger: &Ledger) {
        if is_of_another(ledger, self.plan, self.person) {
            self.plan = None;
            self.device_says = self.written().to_owned();
            self.filled_in.clear();
        }
    }

    /// 'Correct and send again': a new entry that says which held one it replaces.
    pub fn correcting(
        id: EntryId,
        held: EntryId,
        service: ServiceId,
        record: &Mismatch,
    ) -> MismatchDraft {
        MismatchDraft {
            corrects: Some(held),
            ..MismatchDraft::filled(id, service, record)
        }
    }

    /// Nothing has been written in it yet, so there is nothing to keep or to ask about.
    pub fn is_empty(&self) -> bool {
        *self
            == MismatchDraft {
                step: self.step,
                ..MismatchDraft::new(self.id)
            }
    }

    /// What is still to put right at one step; at the check, everything.
    pub fn faults_at(&self, step: MismatchStep, now: Millis) -> Vec<Fault> {
        let fault = match step {
            MismatchStep::Person => {
                let picked = self.person.is_some() && self.service.is_some();
                (!picked).then(|| Fault::new("person", PICK_A_PERSON))
            }
            MismatchStep::Device => text_fault(
                "device_says",
                &self.device_says,
                TEXT,
                "Say what the device shows. If it shows nothing, write “nothing”.",
            ),
            MismatchStep::Handover => text_fault(
                "handover_says",
                &self.handover_says,
                TEXT,
                "Say what handover told you. If nobody told you, write “nothing”.",
            ),
            MismatchStep::Did => self
                .did
                .is_none()
                .then(|| Fault::new("did", "Say what you did. Pick one answer.")),
            MismatchStep::Check => {
                let mut faults: Vec<Fault> = MismatchStep::ALL
                    .into_iter()
                    .filter(|step| *step != MismatchStep::Check)
                    .flat_map(|step| self.faults_at(step, now))
                    .collect();
                faults.extend(time_fault("happened_at", self.happened_at, now));
                return faults;
            }
        };
        fault.into_iter().collect()
    }

    /// 'Carry on': to the next step, or back to the check where the step was opened from it.
    ///
    /// # Errors
    /// What to put right first; the step stays.
    pub fn carry_on(&mut self, now: Millis) -> Result<(), Vec<Fault>> {
        let faults = self.faults_at(self.step, now);
        if !faults.is_empty() {
            return Err(faults);
        }
        self.step = if self.changing {
            MismatchStep::Check
        } else {
            self.step.after()
        };
        self.changing = false;
        Ok(())
    }

    /// 'Change' beside an answer in the check.
    pub fn change(&mut self, step: MismatchStep) {
        self.changing = step != MismatchStep::Check;
        self.step = step;
    }

    /// Back one step; false at the first, where back leaves the form.
    pub fn back(&mut self) -> bool {
        let to = if self.changing {
            Some(MismatchStep::Check)
        } else {
            self.step.before()
        };
        self.changing = false;
        if let Some(step) = to {
            self.step = step;
        }
        to.is_some()
    }

    /// Whether somebody gave care: not where it is still to be done.
    pub fn care_was_given(&self) -> bool {
        self.did != Some(Did::NotDone)
    }

    /// The record, if all is there.
    ///
    /// # Errors
    /// Everything that is to put right, in the order of the questions.
    pub fn record(&self, now: Millis) -> Result<Mismatch, Vec<Fault>> {
        let faults = self.faults_at(MismatchStep::Check, now);
        match (self.person, self.did) {
            (Some(person), Some(did)) if faults.is_empty() => Ok(Mismatch {
                person,
                plan: self.plan,
                device_says: self.device_says.trim().to_owned(),
                handover_says: self.handover_says.trim().to_owned(),
                did,
                happened_at: self.happened_at,
                given_by: self.given_by.filter(|_| self.care_was_given()),
            }),
            _ => Err(faults),
        }
    }

    /// The body to save, if all is there.
    ///
    /// # Errors
    /// As [`MismatchDraft::record`].
    pub fn validate(&self, now: Millis) -> Result<Body, Vec<Fault>> {
        let mut body = Body::new(Data::Mismatch(self.record(now)?));
        body.about = self.corrects.map(EntryId::uuid);
        Ok(body)
    }
}
