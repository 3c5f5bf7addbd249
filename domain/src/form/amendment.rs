//! 'Correct this record': the record's own form with its words in it, and a reason.

use serde::{Deserialize, Serialize};

use super::{Fault, MismatchDraft, NoteDraft, TEXT, text_fault};
use crate::body::{Amended, Amendment, Body};
use crate::encoding::Millis;
use crate::ids::EntryId;
use crate::ledger::{Record, RecordData};

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

    /// The body to save, if all is there.
    ///
    /// # Errors
    /// Everything that is to put right.
    pub fn validate(&self, now: Millis) -> Result<Body, Vec<Fault>> {
        let record = match &self.record {
            AmendedDraft::Mismatch(draft) => draft.record(now).map(Amended::Mismatch),
            AmendedDraft::Note(draft) => draft.record(now).map(Amended::Note),
        };
        let reason = text_fault(
            "reason",
            &self.reason,
            TEXT,
            "Say why you correct it, in a few words.",
        );
        match (record, reason) {
            (Ok(record), None) => Ok(Body::amendment(Amendment {
                amends: self.amends,
                reason: self.reason.trim().to_owned(),
                record,
            })),
            (record, reason) => {
                let mut faults = record.err().unwrap_or_default();
                faults.extend(reason);
                Err(faults)
            }
        }
    }
}
