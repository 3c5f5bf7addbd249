//! 'Correct this record': the record's own form with its words in it, and a reason.

use serde::{Deserialize, Serialize};

use super::circumstances::written;
use super::draft::Form;
use super::kit::{Answered, Answers, Asks, At, Steps, text};
use super::{Fault, MismatchDraft, NoteDraft};
use crate::body::{Amended, Amendment, Body, Kind};
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId};
use crate::ledger::{Ledger, Record, RecordData};

/// A half-written correction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AmendmentDraft {
    /// The amendment's own id, made once, when the form opens.
    pub id: EntryId,
    pub amends: EntryId,
    pub reason: String,
    pub record: AmendedDraft,
}

/// The corrected record, half-written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmendedDraft {
    Mismatch(MismatchDraft),
    Note(NoteDraft),
}

impl AmendmentDraft {
    /// A correction of a record, beginning with what it says now. None for a record whose words this
    /// version cannot read or that are erased.
    pub fn of(id: EntryId, record: &Record) -> Option<AmendmentDraft> {
        let draft = match record.current() {
            RecordData::Mismatch(it) => {
                AmendedDraft::Mismatch(MismatchDraft::filled(id, record.service, it))
            }
            RecordData::Note(it) => AmendedDraft::Note(NoteDraft::filled(id, record.service, it)),
            RecordData::Question(_) | RecordData::Erased | RecordData::Newer { .. } => return None,
        };
        Some(AmendmentDraft {
            id,
            amends: record.id,
            reason: String::new(),
            record: draft,
        })
    }

    /// The corrected record, if all is there.
    ///
    /// # Errors
    /// Everything in it that is to put right.
    fn amended(&self, ledger: &Ledger, now: Millis) -> Result<Amended, Vec<Fault>> {
        match &self.record {
            AmendedDraft::Mismatch(draft) => draft.record(ledger, now).map(Amended::Mismatch),
            AmendedDraft::Note(draft) => draft.record(ledger, now).map(Amended::Note),
        }
    }
}

impl AmendedDraft {
    fn form(&self) -> &dyn Form {
        match self {
            AmendedDraft::Mismatch(it) => it,
            AmendedDraft::Note(it) => it,
        }
    }

    fn form_mut(&mut self) -> &mut dyn Form {
        match self {
            AmendedDraft::Mismatch(it) => it,
            AmendedDraft::Note(it) => it,
        }
    }
}

impl Form for AmendmentDraft {
    fn id(&self) -> EntryId {
        self.id
    }

    fn title(&self) -> &'static str {
        match self.record {
            AmendedDraft::Mismatch(_) => "Correct your report",
            AmendedDraft::Note(_) => "Correct your note",
        }
    }

    fn save_label(&self) -> &'static str {
        "Save correction"
    }

    fn kind(&self) -> Kind {
        self.record.form().kind()
    }

    fn service(&self) -> Option<ServiceId> {
        self.record.form().service()
    }

    fn person(&self, ledger: &Ledger) -> Option<SubjectId> {
        self.record.form().person(ledger)
    }

    fn is_empty(&self) -> bool {
        self.reason.is_empty() && self.record.form().is_empty()
    }

    /// The record's own, and the reason at the end, before what is only shown.
    fn steps(&self, ledger: &Ledger, now: Millis) -> Steps {
        let mut steps = self.record.form().steps(ledger, now);
        for question in steps.iter_mut().flatten() {
            if let Asks::Moment { usual, .. } = &mut question.asks {
                *usual = written(ledger, self.amends);
            }
        }
        if let Some(last) = steps.last_mut() {
            let why = text("reason", "Why do you correct it?")
                .hint("The words you change stay readable beside the new ones.")
                .or_else_say("Say why you correct it, in a few words.");
            let shown = last.iter().rev().take_while(|it| it.asks == Asks::Own);
            last.insert(last.len() - shown.count(), why);
        }
        steps
    }

    fn answers(&self) -> Answers {
        let mut answers = self.record.form().answers();
        answers.set("reason", self.reason.clone());
        answers
    }

    fn answer(&mut self, ledger: &Ledger, question: &str, answer: Answered) {
        match question {
            "reason" => self.reason = answer.words(),
            question => self.record.form_mut().answer(ledger, question, answer),
        }
    }

    fn at(&self) -> At {
        self.record.form().at()
    }

    fn go(&mut self, at: At) {
        self.record.form_mut().go(at);
    }

    /// # Errors
    /// As of every form; and that nothing is changed.
    fn body(&self, ledger: &Ledger, now: Millis) -> Result<Body, Vec<Fault>> {
        let form: &dyn Form = self;
        let faults = form.faults(ledger, now);
        if !faults.is_empty() {
            return Err(faults);
        }
        let record = self.amended(ledger, now)?;
        let before = ledger.record(self.amends);
        let before =
            before.and_then(|it| AmendmentDraft::of(self.id, it)?.amended(ledger, now).ok());
        if before.as_ref() == Some(&record) {
            let nothing = "You changed nothing yet. Change what is wrong, then save.";
            return Err(vec![Fault::new("reason", nothing)]);
        }
        Ok(Body::amendment(Amendment {
            amends: self.amends,
            reason: self.reason.trim().to_owned(),
            record,
        }))
    }
}
