//! Early warnings (pathway B, 'goes wrong'): what each is a sign of, and what somebody to whom it escalates does about it.

use serde::{Deserialize, Serialize};

use super::short;
use crate::form::TEXT;
use crate::ids::{EntryId, UserId};

/// Most warnings that one entry answers.
pub const MOST_WARNED: usize = 500;

/// What an early warning is a sign of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// Somebody followed an instruction that another had replaced by then.
    OldInstructions,
    /// Two or more questions about one instruction in a week, and since it last changed.
    RepeatedQuestions,
    /// Devices show different instructions for one person and task, one has two answers, or one is left with a change that
    /// was withdrawn.
    Inconsistent,
    /// A change was entered, and devices have not answered within its time.
    AssumedVisible,
}

impl Sign {
    pub const ALL: [Sign; 4] = [
        Sign::OldInstructions,
        Sign::RepeatedQuestions,
        Sign::Inconsistent,
        Sign::AssumedVisible,
    ];

    /// Its name within a sentence.
    pub fn label(self) -> &'static str {
        match self {
            Sign::OldInstructions => "staff using old instructions",
            Sign::RepeatedQuestions => "repeated questions",
            Sign::Inconsistent => "inconsistent delivery",
            Sign::AssumedVisible => "assumed visible",
        }
    }
}

/// Somebody to whom early warnings escalate has them, or escalates them further. It is kept beside what they came of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarningAnswer {
    pub warnings: Vec<Warned>,
    pub answer: OnWarning,
}

/// One early warning, as an answer names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warned {
    pub sign: Sign,
    /// The mismatch or note for [`Sign::OldInstructions`], the last question for [`Sign::RepeatedQuestions`], else the
    /// update.
    pub about: EntryId,
}

/// What is done about a warning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OnWarning {
    /// 'I have it': the author looks into it.
    HaveIt,
    /// It goes on to somebody, who is told and sees this entry.
    Escalate {
        to: UserId,
        /// What else to know; may be empty.
        why: String,
    },
}

impl WarningAnswer {
    pub(super) fn check(&self) -> Result<(), String> {
        if let OnWarning::Escalate { why, .. } = &self.answer {
            short(&"data.answer.escalate.why", why, TEXT)?;
        }
        if (1..=MOST_WARNED).contains(&self.warnings.len()) {
            return Ok(());
        }
        Err(format!(
            "data.warnings lists none, or more than {MOST_WARNED}"
        ))
    }
}
