//! A change of an instruction and what follows from it (pathway B): the update, its withdrawal, what each device
//! shows, reminders, and what one shift hands over to the next.

use chrono::Days;
use serde::{Deserialize, Serialize};

use super::{Body, Data, moment, short, written};
use crate::difference::same_words;
use crate::encoding::Millis;
use crate::form::TEXT;
use crate::ids::{DeviceId, EntryId, SubjectId, UserId};
use crate::permission::Role;
use crate::words;

/// Most devices, roles or updates that one entry lists.
const LISTED: usize = 500;

/// How many days before or after the day it was made a change may take effect: a year.
pub const EFFECT_WITHIN: u64 = 366;

/// An instruction has changed (pathway B, step 1). An update that replaces an earlier one names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanUpdate {
    pub person: SubjectId,
    /// The instruction that changes.
    pub plan: SubjectId,
    pub support_task: String,
    pub before: String,
    pub after: String,
    pub reason: String,
    pub effective_from: Millis,
    pub urgency: Urgency,
    pub must_see: MustSee,
    /// The update that this one replaces: an update, or the import's entry where that brought the change.
    pub supersedes: Option<EntryId>,
}

/// By when each device must show a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Before the next planned visit of the device's holder; in a care home before the next shift.
    BeforeNextVisit,
    /// By the end of the day on which it was recorded, in London, or by the time that the provider set.
    Today,
    /// Within seven days, or as many as the provider set.
    Routine,
}

impl Urgency {
    /// Every urgency, the most pressing first.
    pub const ALL: [Urgency; 3] = [Urgency::BeforeNextVisit, Urgency::Today, Urgency::Routine];

    /// The urgency as its author reads it.
    pub fn label(self) -> &'static str {
        match self {
            Urgency::BeforeNextVisit => "Before the next visit or shift",
            Urgency::Today => "Today",
            Urgency::Routine => "Routine",
        }
    }
}

/// Which devices must show a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MustSee {
    /// Every phone and tablet of the service, and the own phones of those who give care there.
    Everyone,
    /// Those that somebody of one of these roles holds.
    Roles(Vec<Role>),
    /// These labelled devices.
    Devices(Vec<SubjectId>),
}

/// A device that shows instructions: a labelled one of the service, or somebody's own phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Screen {
    Labelled(SubjectId),
    Own(DeviceId),
}

/// An update no longer holds, and nothing takes its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    pub update: EntryId,
    pub reason: String,
}

/// What a device shows of a change (pathway B, step 2). It counts for the update it names and for no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmation {
    pub update: EntryId,
    pub device: Screen,
    pub answer: Shows,
    pub method: Method,
}

/// What the device's care app shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shows {
    New,
    Old,
    SomethingElse,
    CannotOpen,
}

impl Shows {
    /// The answer as it stands on the board.
    pub fn label(self) -> &'static str {
        match self {
            Shows::New => "shows the new text",
            Shows::Old => "shows the old text",
            Shows::SomethingElse => "shows something else",
            Shows::CannotOpen => "could not open it",
        }
    }

    /// The answer as what is said of the device: `NHC-PH6 could not be opened`.
    pub fn of_a_device(self) -> &'static str {
        match self {
            Shows::CannotOpen => "could not be opened",
            _ => self.label(),
        }
    }
}

/// How the answer came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Whoever has the device in hand answered on it.
    Holder,
    SeenInPerson,
    ByPhone,
    ByPhoto,
}

impl Method {
    /// The ways in which somebody else checks a device.
    pub const BY_HAND: [Method; 3] = [Method::SeenInPerson, Method::ByPhone, Method::ByPhoto];

    /// The way as whoever checked chooses it.
    pub fn label(self) -> &'static str {
        match self {
            Method::Holder => "They answered on it",
            Method::SeenInPerson => "I saw the screen",
            Method::ByPhone => "They read it to me by phone",
            Method::ByPhoto => "They sent a photo",
        }
    }

    /// The way as others read it.
    pub fn told(self) -> &'static str {
        match self {
            Method::Holder => "on the device",
            Method::SeenInPerson => "seen in person",
            Method::ByPhone => "by phone",
            Method::ByPhoto => "by photo",
        }
    }
}

/// Asks a device again what it shows. It appears there at its next contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reminder {
    pub update: EntryId,
    pub device: Screen,
}

/// What is still to chase goes over to a colleague of the next shift.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HandOver {
    pub to: UserId,
    /// The updates that have answers to chase.
    pub updates: Vec<EntryId>,
    /// What else to know; may be empty.
    pub note: String,
}

/// Somebody asks about an instruction, or about a change of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanQuestion {
    pub person: SubjectId,
    /// The instruction.
    pub plan: SubjectId,
    /// The change of it, where the question was asked at one.
    pub update: Option<EntryId>,
    pub text: String,
}

/// A question about an instruction is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuestionReply {
    pub question: EntryId,
    /// Who asked, and therefore sees this entry.
    pub to: UserId,
    pub text: String,
}

impl PlanUpdate {
    pub(super) fn check(&self) -> Result<(), String> {
        short(&"data.support_task", &self.support_task, TEXT)?;
        short(&"data.before", &self.before, TEXT)?;
        written(&"data.after", &self.after, TEXT)?;
        written(&"data.reason", &self.reason, TEXT)?;
        moment(&"data.effective_from", Some(self.effective_from))?;
        if same_words(&self.before, &self.after) {
            return Err("data.after says the same as data.before".into());
        }
        let listed = match &self.must_see {
            MustSee::Everyone => return Ok(()),
            MustSee::Roles(roles) => roles.len(),
            MustSee::Devices(devices) => devices.len(),
        };
        if (1..=LISTED).contains(&listed) {
            return Ok(());
        }
        Err(format!("data.must_see lists none, or more than {LISTED}"))
    }
}

impl PlanUpdate {
    /// Whether it takes effect within a year of when it was made. A day more is allowed before it, since a form may be
    /// checked before midnight and saved after.
    pub(super) fn check_made(&self, made: Millis) -> Result<(), String> {
        let (from, day) = (words::day(self.effective_from), words::day(made));
        let first = day.checked_sub_days(Days::new(EFFECT_WITHIN + 1));
        let last = day.checked_add_days(Days::new(EFFECT_WITHIN));
        if first.is_some_and(|first| from < first) || last.is_some_and(|last| from > last) {
            return Err("data.effective_from is more than a year from when it was made".into());
        }
        Ok(())
    }
}

impl HandOver {
    /// A hand-over of these updates: one entry, or more where they are very many.
    pub fn bodies(to: UserId, updates: &[EntryId], note: &str) -> Vec<Body> {
        let over = |updates: &[EntryId]| {
            Body::new(Data::HandOver(HandOver {
                to,
                updates: updates.to_vec(),
                note: note.to_owned(),
            }))
        };
        let (first, more) = updates.split_at(updates.len().min(LISTED));
        let mut bodies = vec![over(first)];
        bodies.extend(more.chunks(LISTED).map(over));
        bodies
    }

    pub(super) fn check(&self) -> Result<(), String> {
        short(&"data.note", &self.note, TEXT)?;
        if self.updates.len() <= LISTED {
            return Ok(());
        }
        Err(format!("data.updates lists more than {LISTED}"))
    }
}

impl Body {
    /// A change of the instruction it names.
    pub fn plan_update(update: PlanUpdate) -> Body {
        Body::about(update.plan.uuid(), Data::PlanUpdate(Box::new(update)))
    }

    /// An update no longer holds.
    pub fn withdrawal(update: EntryId, reason: String) -> Body {
        Body::about(
            update.uuid(),
            Data::Withdrawal(Withdrawal { update, reason }),
        )
    }

    /// What a device shows of an update.
    pub fn confirmation(confirmation: Confirmation) -> Body {
        Body::about(confirmation.update.uuid(), Data::Confirmation(confirmation))
    }

    /// A question about the instruction it names.
    pub fn question(question: PlanQuestion) -> Body {
        Body::about(question.plan.uuid(), Data::PlanQuestion(question))
    }

    /// Asks a device again.
    pub fn reminder(update: EntryId, device: Screen) -> Body {
        Body::about(update.uuid(), Data::Reminder(Reminder { update, device }))
    }
}
