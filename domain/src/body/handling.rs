//! What follows a reported mismatch (pathway B, steps 3 to 5): paper guidance to follow meanwhile, the manager's
//! review, the cause with its corrective action, checks of the devices that failed, and the close.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{LONG_TEXT, TEXT, moment, short, written};
use crate::encoding::Millis;
use crate::ids::{DeviceId, EntryId, SubjectId, UserId};
use crate::rules::{Abuse, Fact, Harm, Listed, Opinion, Threshold, Told};

/// Most people, devices, facts or rules that one entry names.
const MANY: usize = 500;

/// What to follow until a mismatch is resolved, whatever the care app says. It goes to workers on paper and by phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guidance {
    pub mismatch: EntryId,
    pub person: SubjectId,
    /// The instruction that it stands in for, where the report named one.
    pub plan: Option<SubjectId>,
    pub follow: String,
    pub why: String,
    /// What to do if it goes wrong, and whom to ring.
    pub if_worse: String,
    /// When its author looks at it again.
    pub look_again: Millis,
    /// Who was told, and how.
    pub told: String,
    /// The workers it affects, each of whom acknowledges it.
    pub affects: Vec<UserId>,
    /// Guidance in whose place it stands.
    pub replaces: Vec<EntryId>,
}

/// A worker has read guidance and follows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuidanceRead {
    pub guidance: EntryId,
    /// Who gave it out, and therefore sees this entry.
    pub to: UserId,
    /// Who signed the paper, where the author writes it down for them.
    pub reader: Option<UserId>,
}

/// Guidance is over: the plan counts again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuidanceWithdrawal {
    pub guidance: EntryId,
    pub reason: String,
}

/// The manager's review of a mismatch, for the notification tracker (pathway B, step 4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MismatchReview {
    pub mismatch: EntryId,
    pub harm: Harm,
    pub missed_care: bool,
    pub abuse: Abuse,
    /// What else is so.
    pub also: Vec<Fact>,
    /// A health care professional's opinion.
    pub opinion: Opinion,
    /// What that opinion says is met, or was asked about.
    pub thresholds: Vec<Threshold>,
    /// Whose opinion, which profession, when, and what they said; may be empty where none is needed.
    pub opinion_of: String,
    /// Whether the person, or who lawfully acts for them, was told.
    pub told: Told,
    pub decision: Decision,
    pub rationale: String,
    /// The rules that were listed when it was decided.
    pub rules: Vec<Listed>,
    /// The other reviews that its author had in view when it was begun: it stands in their place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read: Vec<EntryId>,
}

/// What the manager decides about telling outside bodies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    Notify,
    DoNotNotify,
    Wait,
}

impl Decision {
    pub const ALL: [Decision; 3] = [Decision::Notify, Decision::Wait, Decision::DoNotNotify];

    /// The answer as the manager reads it.
    pub fn label(self) -> &'static str {
        match self {
            Decision::Notify => "Tell them",
            Decision::Wait => "Wait for an answer, then decide",
            Decision::DoNotNotify => "Tell nobody outside",
        }
    }
}

/// Why the device showed something else, what was done, and what is to be done so that it does not come again
/// (pathway B, step 5): for the digital governance log and the service action plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MismatchCause {
    pub mismatch: EntryId,
    /// Who reported it, and therefore sees this entry.
    pub to: UserId,
    pub cause: Cause,
    pub what: String,
    pub fix: String,
    pub action: String,
    pub owner: UserId,
    pub due: NaiveDate,
    /// Labelled devices that showed it too, beside the one it was reported on.
    pub devices: Vec<SubjectId>,
}

/// What kind of cause it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    NotDelivered,
    SupplierFault,
    OldApp,
    Entry,
    Handover,
    NotKnown,
}

impl Cause {
    pub const ALL: [Cause; 6] = [
        Cause::NotDelivered,
        Cause::SupplierFault,
        Cause::OldApp,
        Cause::Entry,
        Cause::Handover,
        Cause::NotKnown,
    ];

    /// The answer as the administrator reads it.
    pub fn label(self) -> &'static str {
        match self {
            Cause::NotDelivered => "The change had not reached the device",
            Cause::SupplierFault => "A fault of the record system",
            Cause::OldApp => "An old or broken app on the device",
            Cause::Entry => "The plan was entered wrongly",
            Cause::Handover => "The device was right, handover was not",
            Cause::NotKnown => "Not known yet",
        }
    }
}

/// Somebody looked at a device that failed, or it is used no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceCheck {
    pub mismatch: EntryId,
    pub device: FailedDevice,
    pub found: Found,
    /// The change that stood when it was looked at, where the mismatch is about an instruction that one changed: the
    /// check is an answer about it, and about no other.
    pub update: Option<EntryId>,
}

/// A device that showed something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FailedDevice {
    /// The one it was reported on.
    Phone(DeviceId),
    /// A labelled device.
    Label(SubjectId),
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Found {
    /// Whoever holds the device says that it shows the right instruction. Counts from that device alone.
    Shows,
    /// Somebody saw in person that it does.
    SeenInPerson,
    /// It still shows something else.
    StillWrong,
    /// It is used no more, and why.
    Retired { reason: String },
}

/// A corrective action is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActionDone {
    /// The entry that set it: a mismatch's cause.
    pub cause: EntryId,
    pub outcome: String,
}

/// A mismatch is closed. It counts while nothing is outstanding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MismatchClose {
    pub mismatch: EntryId,
    /// Who reported it, and therefore sees this entry.
    pub to: UserId,
    pub learned: String,
}

fn few<T>(member: &str, items: &[T]) -> Result<(), String> {
    if items.len() <= MANY {
        return Ok(());
    }
    Err(format!("{member} has more than {MANY} items"))
}

impl Guidance {
    pub(super) fn check(&self) -> Result<(), String> {
        written(&"data.follow", &self.follow, TEXT)?;
        written(&"data.why", &self.why, TEXT)?;
        written(&"data.if_worse", &self.if_worse, TEXT)?;
        written(&"data.told", &self.told, TEXT)?;
        few("data.affects", &self.affects)?;
        few("data.replaces", &self.replaces)?;
        moment(&"data.look_again", Some(self.look_again))
    }
}

impl GuidanceWithdrawal {
    pub(super) fn check(&self) -> Result<(), String> {
        written(&"data.reason", &self.reason, TEXT)
    }
}

impl MismatchReview {
    pub(super) fn check(&self) -> Result<(), String> {
        few("data.also", &self.also)?;
        few("data.thresholds", &self.thresholds)?;
        few("data.rules", &self.rules)?;
        few("data.read", &self.read)?;
        short(&"data.opinion_of", &self.opinion_of, TEXT)?;
        written(&"data.rationale", &self.rationale, LONG_TEXT)
    }
}

impl MismatchCause {
    pub(super) fn check(&self) -> Result<(), String> {
        written(&"data.what", &self.what, TEXT)?;
        written(&"data.fix", &self.fix, TEXT)?;
        written(&"data.action", &self.action, TEXT)?;
        few("data.devices", &self.devices)
    }
}

impl DeviceCheck {
    pub(super) fn check(&self) -> Result<(), String> {
        match &self.found {
            Found::Retired { reason } => written(&"data.found.retired.reason", reason, TEXT),
            Found::Shows | Found::SeenInPerson | Found::StillWrong => Ok(()),
        }
    }
}

impl ActionDone {
    pub(super) fn check(&self) -> Result<(), String> {
        written(&"data.outcome", &self.outcome, TEXT)
    }
}

impl MismatchClose {
    pub(super) fn check(&self) -> Result<(), String> {
        written(&"data.learned", &self.learned, TEXT)
    }
}
