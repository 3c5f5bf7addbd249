//! What an entry says: one struct per kind, and the one way a body is read from and written to its
//! JSON text (PROTOCOL 1). Reading is strict: repeated or unknown members, lone surrogates, unknown
//! choices and over-long texts are refused, so a body that parsed can be trusted.

mod handling;
mod imported;
mod updates;
mod warnings;

pub use handling::*;
pub use imported::*;
pub use updates::*;
pub use warnings::*;

use std::fmt::Display;

use serde::{Deserialize, Deserializer, Serialize};
use uuid::Uuid;

use crate::care::CareCode;
use crate::encoding::{Digest, KeyId, Millis, PublicKey};
use crate::form::{LONG_TEXT, TEXT};
use crate::ids::{DeviceId, EntryId, SubjectId, UserId};
use crate::json::{self, Node};

/// The kind of an entry. The number after the slash is the version of its `data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Mismatch,
    Guidance,
    GuidanceRead,
    GuidanceWithdrawal,
    MismatchReview,
    MismatchCause,
    DeviceCheck,
    ActionDone,
    MismatchClose,
    Note,
    Amendment,
    Acknowledgement,
    DeviceUse,
    PlanUpdate,
    Withdrawal,
    Confirmation,
    Reminder,
    HandOver,
    PlanQuestion,
    QuestionReply,
    WarningAnswer,
    Service,
    Staff,
    Person,
    Medicine,
    Administrations,
    Visits,
    Device,
    Plan,
    Unlisted,
    Enrolment,
    Held,
    Release,
    Erasure,
}

impl Kind {
    /// Every kind this version knows.
    pub const ALL: [Kind; 34] = [
        Kind::Mismatch,
        Kind::Guidance,
        Kind::GuidanceRead,
        Kind::GuidanceWithdrawal,
        Kind::MismatchReview,
        Kind::MismatchCause,
        Kind::DeviceCheck,
        Kind::ActionDone,
        Kind::MismatchClose,
        Kind::Note,
        Kind::Amendment,
        Kind::Acknowledgement,
        Kind::DeviceUse,
        Kind::PlanUpdate,
        Kind::Withdrawal,
        Kind::Confirmation,
        Kind::Reminder,
        Kind::HandOver,
        Kind::PlanQuestion,
        Kind::QuestionReply,
        Kind::WarningAnswer,
        Kind::Service,
        Kind::Staff,
        Kind::Person,
        Kind::Medicine,
        Kind::Administrations,
        Kind::Visits,
        Kind::Device,
        Kind::Plan,
        Kind::Unlisted,
        Kind::Enrolment,
        Kind::Held,
        Kind::Release,
        Kind::Erasure,
    ];

    /// The kind as it stands in a body, such as `note/1`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Mismatch => "mismatch/1",
            Kind::Guidance => "guidance/1",
            Kind::GuidanceRead => "guidance-read/1",
            Kind::GuidanceWithdrawal => "guidance-withdrawal/1",
            Kind::MismatchReview => "mismatch-review/1",
            Kind::MismatchCause => "mismatch-cause/1",
            Kind::DeviceCheck => "device-check/1",
            Kind::ActionDone => "action-done/1",
            Kind::MismatchClose => "mismatch-close/1",
            Kind::Note => "note/1",
            Kind::Amendment => "amendment/1",
            Kind::Acknowledgement => "acknowledgement/1",
            Kind::DeviceUse => "device-use/1",
            Kind::PlanUpdate => "plan-update/1",
            Kind::Withdrawal => "withdrawal/1",
            Kind::Confirmation => "confirmation/1",
            Kind::Reminder => "reminder/1",
            Kind::HandOver => "hand-over/1",
            Kind::PlanQuestion => "question/1",
            Kind::QuestionReply => "question-reply/1",
            Kind::WarningAnswer => "warning-answer/1",
            Kind::Service => "service/1",
            Kind::Staff => "staff/1",
            Kind::Person => "person/1",
            Kind::Medicine => "medicine/1",
            Kind::Administrations => "administrations/1",
            Kind::Visits => "visits/1",
            Kind::Device => "device/1",
            Kind::Plan => "plan/1",
            Kind::Unlisted => "unlisted/1",
            Kind::Enrolment => "enrolment/1",
            Kind::Held => "held/1",
            Kind::Release => "release/1",
            Kind::Erasure => "erasure/1",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Kind {
    type Err = BodyError;

    fn from_str(name: &str) -> Result<Kind, BodyError> {
        Kind::ALL
            .into_iter()
            .find(|kind| kind.as_str() == name)
            .ok_or_else(|| BodyError::UnknownKind(name.to_owned()))
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Kind, D::Error> {
        let name = String::deserialize(from)?;
        name.parse()
            .map_err(|_| serde::de::Error::custom(format!("no kind is called {name:?}")))
    }
}

/// Why a body's text is not one this version can use.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The kind is of a newer version. The entry is kept; this version cannot read it.
    #[error("no kind is called {0:?}")]
    UnknownKind(String),
    /// The text does not follow the kind's form. Says which member, and where.
    #[error("{0}")]
    Invalid(String),
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// What it is about: the record for an amendment or acknowledgement and for what follows one, the instruction for a
    /// change of it or a question, the update for what is said of one, the thing for what import brings, the held entry
    /// for a record that was corrected and sent again, else nothing.
    pub about: Option<Uuid>,
    /// SHA-256 of each file that belongs to it.
    pub files: Vec<Digest>,
    pub data: Data,
}

/// The `data` of a body, by kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    Mismatch(Mismatch),
    Guidance(Box<Guidance>),
    GuidanceRead(GuidanceRead),
    GuidanceWithdrawal(GuidanceWithdrawal),
    MismatchReview(Box<MismatchReview>),
    MismatchCause(Box<MismatchCause>),
    DeviceCheck(DeviceCheck),
    ActionDone(ActionDone),
    MismatchClose(MismatchClose),
    Note(Note),
    Amendment(Amendment),
    Acknowledgement(Acknowledgement),
    DeviceUse(DeviceUse),
    PlanUpdate(Box<PlanUpdate>),
    Withdrawal(Withdrawal),
    Confirmation(Confirmation),
    Reminder(Reminder),
    HandOver(HandOver),
    PlanQuestion(PlanQuestion),
    QuestionReply(QuestionReply),
    WarningAnswer(WarningAnswer),
    Service(Service),
    Staff(Staff),
    Person(Box<Person>),
    Medicine(Box<Medicine>),
    Administrations(Administrations),
    Visits(Visits),
    Device(Device),
    Plan(Plan),
    Unlisted(Unlisted),
    Enrolment(Enrolment),
    Held(Held),
    Release(Release),
    Erasure(Erasure),
}

/// The device's instruction and what handover said do not match (pathway B, step 3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mismatch {
    pub person: SubjectId,
    /// The instruction in force that the device should show, where the author chose one.
    pub plan: Option<SubjectId>,
    pub device_says: String,
    pub handover_says: String,
    pub did: Did,
    /// When it happened, where that is not when it was written.
    pub happened_at: Option<Millis>,
    /// Who gave the care, where that is not the author ('entered on behalf of').
    pub given_by: Option<UserId>,
}

/// What the author did about a mismatch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Did {
    FollowedHandover,
    FollowedDevice,
    AskedForHelp,
    NotDone,
}

impl Did {
    /// Every answer, in the order they are offered.
    pub const ALL: [Did; 4] = [
        Did::FollowedHandover,
        Did::FollowedDevice,
        Did::AskedForHelp,
        Did::NotDone,
    ];

    /// The answer as the author reads it.
    pub fn label(self) -> &'static str {
        match self {
            Did::FollowedHandover => "I followed handover",
            Did::FollowedDevice => "I followed the device",
            Did::AskedForHelp => "I did neither and asked for help",
            Did::NotDone => "I have not done this care yet",
        }
    }
}

/// Essential care delivered while the care record is away (pathway C, step 1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    pub person: SubjectId,
    pub delivered: Vec<CareCode>,
    /// Anything else, in the author's words; may be empty.
    pub other: String,
    pub escalation: Escalation,
    /// When it happened, where that is not when it was written.
    pub happened_at: Option<Millis>,
    /// Who gave the care, where that is not the author ('entered on behalf of').
    pub given_by: Option<UserId>,
}

/// Whether there is something a senior, nurse or family should know today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Escalation {
    No,
    /// Yes, with whom the author has told so far.
    Yes {
        told: String,
    },
}

/// A correction of a record. Both versions stay readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Amendment {
    pub amends: EntryId,
    pub reason: String,
    /// The whole record as it should read.
    pub record: Amended,
}

/// The corrected record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amended {
    Mismatch(Mismatch),
    Note(Note),
}

/// The author of this entry has seen `entry`, which `to` wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Acknowledgement {
    pub entry: EntryId,
    pub to: UserId,
}

/// The device this entry was written on is the labelled one, or the author's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeviceUse {
    /// The labelled device; none when it is the author's own.
    pub label: Option<SubjectId>,
}

/// The thing is gone from the imported files: no longer listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unlisted {
    /// The thing's id, as in its own entries' `about`.
    pub of: Uuid,
    pub kind: Kind,
}

/// A phone can now write in this user's name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrolment {
    pub user: UserId,
    pub device: DeviceId,
    pub device_name: String,
    pub key: KeyId,
    pub public: PublicKey,
}

/// The server holds an entry it could not file. What did not parse is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    pub id: Option<EntryId>,
    pub author: Option<UserId>,
    pub digest: Digest,
    /// PROTOCOL 1, accept: `malformed`, `bad-signature`, `not-permitted`, ...
    pub code: String,
}

/// An administrator lets a held entry be filed after all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub digest: Digest,
}

/// Bodies erased for a lawful reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    pub ids: Vec<EntryId>,
    pub reason: String,
}

#[derive(Serialize)]
struct TextOut<'a, T> {
    kind: Kind,
    about: Option<Uuid>,
    #[serde(skip_serializing_if = "<[Digest]>::is_empty")]
    files: &'a [Digest],
    data: &'a T,
}

fn read<'de, T: Deserialize<'de>>(from: Node<'de>) -> Result<T, BodyError> {
    T::deserialize(from).map_err(|error| BodyError::Invalid(error.to_string()))
}

impl Body {
    /// A body that is about nothing else and has no files.
    pub fn new(data: Data) -> Body {
        Body {
            about: None,
            files: Vec::new(),
            data,
        }
    }

    /// A body about `about`, with no files. For what import brings, `about` is the thing's id.
    pub fn about(about: Uuid, data: Data) -> Body {
        Body {
            about: Some(about),
            files: Vec::new(),
            data,
        }
    }

    /// A correction of the record it names.
    pub fn amendment(amendment: Amendment) -> Body {
        Body::about(amendment.amends.uuid(), Data::Amendment(amendment))
    }

    /// A step in handling a mismatch, a piece of guidance or an action, or a reply to a question: about the entry that its data names.
    pub fn step(data: Data) -> Body {
        let about = data.step_of();
        Body {
            about: about.map(EntryId::uuid),
            files: Vec::new(),
            data,
        }
    }

    /// 'I have seen `entry`', addressed to its author.
    pub fn acknowledgement(entry: EntryId, to: UserId) -> Body {
        Body::about(
            entry.uuid(),
            Data::Acknowledgement(Acknowledgement { entry, to }),
        )
    }

    pub fn kind(&self) -> Kind {
        self.data.kind()
    }

    /// Reads a body from its text.
    ///
    /// # Errors
    /// [`BodyError::UnknownKind`] where the text is a JSON object of a kind this version does not know, whatever else
    /// it holds (PROTOCOL 1, accept, 9 before 10); [`BodyError::Invalid`] for everything else, naming the member.
    pub fn parse(text: &str) -> Result<Body, BodyError> {
        let mut members =
            json::tree(text).map_err(|error| BodyError::Invalid(error.to_string()))?;
        let mut take = |name| {
            let missing = || BodyError::Invalid(format!("{name} is missing"));
            members.take(name).ok_or_else(missing)
        };
        let kind: String = read(take("kind")?)?;
        let kind = kind.parse();
        if kind.is_err() && take("kind").is_ok() {
            return Err(BodyError::Invalid("kind is there twice".into()));
        }
        let kind = kind?;
        let about: Option<EntryId> = read(take("about")?)?;
        let about = about.map(EntryId::uuid);
        let data = take("data")?;
        let files = members.take("files").map_or(Ok(Vec::new()), read)?;
        if let Some(name) = members.names().next() {
            return Err(BodyError::Invalid(format!(
                "unknown or duplicate member `{name}`"
            )));
        }
        let data = Data::parse(kind, data)?;
        let body = Body { about, files, data };
        body.check().map_err(BodyError::Invalid)?;
        Ok(body)
    }

    /// What a body says in view of when its head says it was made, in milliseconds by the device's clock.
    ///
    /// # Errors
    /// [`BodyError::Invalid`], naming the member: a change that takes effect more than a year from then.
    pub fn check_made(&self, made: Millis) -> Result<(), BodyError> {
        match &self.data {
            Data::PlanUpdate(it) => it.check_made(made).map_err(BodyError::Invalid),
            _ => Ok(()),
        }
    }

    /// Writes the body as text: `kind`, `about`, `files` (left out if empty), `data`, in this order.
    pub fn to_text(&self) -> String {
        match &self.data {
            Data::Mismatch(it) => self.write(it),
            Data::Guidance(it) => self.write(it),
            Data::GuidanceRead(it) => self.write(it),
            Data::GuidanceWithdrawal(it) => self.write(it),
            Data::MismatchReview(it) => self.write(it),
            Data::MismatchCause(it) => self.write(it),
            Data::DeviceCheck(it) => self.write(it),
            Data::ActionDone(it) => self.write(it),
            Data::MismatchClose(it) => self.write(it),
            Data::Note(it) => self.write(it),
            Data::Amendment(it) => self.write(it),
            Data::Acknowledgement(it) => self.write(it),
            Data::DeviceUse(it) => self.write(it),
            Data::PlanUpdate(it) => self.write(it),
            Data::Withdrawal(it) => self.write(it),
            Data::Confirmation(it) => self.write(it),
            Data::Reminder(it) => self.write(it),
            Data::HandOver(it) => self.write(it),
            Data::PlanQuestion(it) => self.write(it),
            Data::QuestionReply(it) => self.write(it),
            Data::WarningAnswer(it) => self.write(it),
            Data::Service(it) => self.write(it),
            Data::Staff(it) => self.write(it),
            Data::Person(it) => self.write(it),
            Data::Medicine(it) => self.write(it),
            Data::Administrations(it) => self.write(it),
            Data::Visits(it) => self.write(it),
            Data::Device(it) => self.write(it),
            Data::Plan(it) => self.write(it),
            Data::Unlisted(it) => self.write(it),
            Data::Enrolment(it) => self.write(it),
            Data::Held(it) => self.write(it),
            Data::Release(it) => self.write(it),
            Data::Erasure(it) => self.write(it),
        }
    }

    fn write<T: Serialize>(&self, data: &T) -> String {
        let out = TextOut {
            kind: self.kind(),
            about: self.about,
            files: &self.files,
            data,
        };
        serde_json::to_string(&out)
            .expect("bodies hold only strings, numbers and lists, which always serialise")
    }

    /// What types alone do not say. Returns which member breaks which rule.
    fn check(&self) -> Result<(), String> {
        match &self.data {
            Data::Mismatch(it) => it.check("data"),
            Data::Guidance(it) => {
                same_record(self.about, it.mismatch)?;
                it.check()
            }
            Data::GuidanceRead(it) => same_record(self.about, it.guidance),
            Data::GuidanceWithdrawal(it) => {
                same_record(self.about, it.guidance)?;
                it.check()
            }
            Data::MismatchReview(it) => {
                same_record(self.about, it.mismatch)?;
                it.check()
            }
            Data::MismatchCause(it) => {
                same_record(self.about, it.mismatch)?;
                it.check()
            }
            Data::DeviceCheck(it) => {
                same_record(self.about, it.mismatch)?;
                it.check()
            }
            Data::ActionDone(it) => {
                same_record(self.about, it.cause)?;
                it.check()
            }
            Data::MismatchClose(it) => {
                same_record(self.about, it.mismatch)?;
                it.check()
            }
            Data::Note(it) => it.check("data"),
            Data::Amendment(it) => {
                same_record(self.about, it.amends)?;
                written(&"data.reason", &it.reason, TEXT)?;
                match &it.record {
                    Amended::Mismatch(record) => record.check("data.record.mismatch"),
                    Amended::Note(record) => record.check("data.record.note"),
                }
            }
            Data::Acknowledgement(it) => same_record(self.about, it.entry),
            Data::PlanUpdate(it) => {
                same_plan(self.about, it.plan)?;
                it.check()
            }
            Data::Withdrawal(it) => {
                same_record(self.about, it.update)?;
                written(&"data.reason", &it.reason, TEXT)
            }
            Data::Confirmation(it) => same_record(self.about, it.update),
            Data::Reminder(it) => same_record(self.about, it.update),
            Data::HandOver(it) => {
                about_nothing(self.about)?;
                it.check()
            }
            Data::PlanQuestion(it) => {
                same_plan(self.about, it.plan)?;
                written(&"data.text", &it.text, TEXT)
            }
            Data::QuestionReply(it) => {
                same_record(self.about, it.question)?;
                written(&"data.text", &it.text, TEXT)
            }
            Data::WarningAnswer(it) => {
                about_nothing(self.about)?;
                it.check()
            }
            Data::Service(it) => it.check(),
            Data::Staff(it) => it.check(),
            Data::Person(it) => it.check(),
            Data::Medicine(it) => it.check(),
            Data::Administrations(it) => it.check(),
            Data::Visits(it) => it.check(),
            Data::Device(it) => it.check(),
            Data::Plan(it) => it.check(),
            Data::Enrolment(it) => short(&"data.device_name", &it.device_name, TEXT),
            Data::Held(it) => short(&"data.code", &it.code, 64),
            Data::Erasure(it) => written(&"data.reason", &it.reason, LONG_TEXT),
            Data::DeviceUse(_) | Data::Unlisted(_) | Data::Release(_) => Ok(()),
        }
    }
}

impl Mismatch {
    fn check(&self, at: &str) -> Result<(), String> {
        written(&format_args!("{at}.device_says"), &self.device_says, TEXT)?;
        written(
            &format_args!("{at}.handover_says"),
            &self.handover_says,
            TEXT,
        )?;
        moment(&format_args!("{at}.happened_at"), self.happened_at)
    }
}

impl Note {
    fn check(&self, at: &str) -> Result<(), String> {
        short(&format_args!("{at}.other"), &self.other, TEXT)?;
        if self.delivered.len() > 100 {
            return Err(format!("{at}.delivered has more than 100 items"));
        }
        if self.delivered.is_empty() && is_blank(&self.other) {
            return Err(format!(
                "{at} says nothing: both delivered and other are empty"
            ));
        }
        if let Escalation::Yes { told } = &self.escalation {
            written(&format_args!("{at}.escalation.yes.told"), told, TEXT)?;
        }
        moment(&format_args!("{at}.happened_at"), self.happened_at)
    }
}

fn same_record(about: Option<Uuid>, entry: EntryId) -> Result<(), String> {
    if about == Some(entry.uuid()) {
        return Ok(());
    }
    Err("about is not the record that data names".into())
}

fn same_plan(about: Option<Uuid>, plan: SubjectId) -> Result<(), String> {
    if about == Some(plan.uuid()) {
        return Ok(());
    }
    Err("about is not the instruction that data names".into())
}

fn about_nothing(about: Option<Uuid>) -> Result<(), String> {
    if about.is_none() {
        return Ok(());
    }
    Err("about must be empty".into())
}

/// Nothing but white space: known at the first other character.
fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

fn short(member: &dyn Display, text: &str, limit: usize) -> Result<(), String> {
    // A character takes one to four bytes, so most texts need no counting.
    if text.len() <= limit || text.chars().count() <= limit {
        return Ok(());
    }
    Err(format!("{member} has more than {limit} characters"))
}

fn written(member: &dyn Display, text: &str, limit: usize) -> Result<(), String> {
    if is_blank(text) {
        return Err(format!("{member} is empty"));
    }
    short(member, text, limit)
}

/// Times are numbers that JSON keeps exactly (PROTOCOL, integers).
fn moment(member: &dyn Display, time: Option<Millis>) -> Result<(), String> {
    const EXACT: i64 = (1 << 53) - 1;
    match time {
        Some(time) if !(-EXACT..=EXACT).contains(&time) => Err(format!(
            "{member} is outside the numbers that JSON keeps exactly"
        )),
        _ => Ok(()),
    }
}

impl Data {
    /// The mismatch, guidance or cause that a step in handling is about, or the question that a reply answers; none for
    /// every other kind.
    pub fn step_of(&self) -> Option<EntryId> {
        match self {
            Data::Guidance(it) => Some(it.mismatch),
            Data::GuidanceRead(it) => Some(it.guidance),
            Data::GuidanceWithdrawal(it) => Some(it.guidance),
            Data::MismatchReview(it) => Some(it.mismatch),
            Data::MismatchCause(it) => Some(it.mismatch),
            Data::DeviceCheck(it) => Some(it.mismatch),
            Data::ActionDone(it) => Some(it.cause),
            Data::MismatchClose(it) => Some(it.mismatch),
            Data::QuestionReply(it) => Some(it.question),
            _ => None,
        }
    }

    pub fn kind(&self) -> Kind {
        match self {
            Data::Mismatch(_) => Kind::Mismatch,
            Data::Guidance(_) => Kind::Guidance,
            Data::GuidanceRead(_) => Kind::GuidanceRead,
            Data::GuidanceWithdrawal(_) => Kind::GuidanceWithdrawal,
            Data::MismatchReview(_) => Kind::MismatchReview,
            Data::MismatchCause(_) => Kind::MismatchCause,
            Data::DeviceCheck(_) => Kind::DeviceCheck,
            Data::ActionDone(_) => Kind::ActionDone,
            Data::MismatchClose(_) => Kind::MismatchClose,
            Data::Note(_) => Kind::Note,
            Data::Amendment(_) => Kind::Amendment,
            Data::Acknowledgement(_) => Kind::Acknowledgement,
            Data::DeviceUse(_) => Kind::DeviceUse,
            Data::PlanUpdate(_) => Kind::PlanUpdate,
            Data::Withdrawal(_) => Kind::Withdrawal,
            Data::Confirmation(_) => Kind::Confirmation,
            Data::Reminder(_) => Kind::Reminder,
            Data::HandOver(_) => Kind::HandOver,
            Data::PlanQuestion(_) => Kind::PlanQuestion,
            Data::QuestionReply(_) => Kind::QuestionReply,
            Data::WarningAnswer(_) => Kind::WarningAnswer,
            Data::Service(_) => Kind::Service,
            Data::Staff(_) => Kind::Staff,
            Data::Person(_) => Kind::Person,
            Data::Medicine(_) => Kind::Medicine,
            Data::Administrations(_) => Kind::Administrations,
            Data::Visits(_) => Kind::Visits,
            Data::Device(_) => Kind::Device,
            Data::Plan(_) => Kind::Plan,
            Data::Unlisted(_) => Kind::Unlisted,
            Data::Enrolment(_) => Kind::Enrolment,
            Data::Held(_) => Kind::Held,
            Data::Release(_) => Kind::Release,
            Data::Erasure(_) => Kind::Erasure,
        }
    }

    fn parse(kind: Kind, from: Node<'_>) -> Result<Data, BodyError> {
        Ok(match kind {
            Kind::Mismatch => Data::Mismatch(read(from)?),
            Kind::Guidance => Data::Guidance(read(from)?),
            Kind::GuidanceRead => Data::GuidanceRead(read(from)?),
            Kind::GuidanceWithdrawal => Data::GuidanceWithdrawal(read(from)?),
            Kind::MismatchReview => Data::MismatchReview(read(from)?),
            Kind::MismatchCause => Data::MismatchCause(read(from)?),
            Kind::DeviceCheck => Data::DeviceCheck(read(from)?),
            Kind::ActionDone => Data::ActionDone(read(from)?),
            Kind::MismatchClose => Data::MismatchClose(read(from)?),
            Kind::Note => Data::Note(read(from)?),
            Kind::Amendment => Data::Amendment(read(from)?),
            Kind::Acknowledgement => Data::Acknowledgement(read(from)?),
            Kind::DeviceUse => Data::DeviceUse(read(from)?),
            Kind::PlanUpdate => Data::PlanUpdate(read(from)?),
            Kind::Withdrawal => Data::Withdrawal(read(from)?),
            Kind::Confirmation => Data::Confirmation(read(from)?),
            Kind::Reminder => Data::Reminder(read(from)?),
            Kind::HandOver => Data::HandOver(read(from)?),
            Kind::PlanQuestion => Data::PlanQuestion(read(from)?),
            Kind::QuestionReply => Data::QuestionReply(read(from)?),
            Kind::WarningAnswer => Data::WarningAnswer(read(from)?),
            Kind::Service => Data::Service(read(from)?),
            Kind::Staff => Data::Staff(read(from)?),
            Kind::Person => Data::Person(read(from)?),
            Kind::Medicine => Data::Medicine(read(from)?),
            Kind::Administrations => Data::Administrations(read(from)?),
            Kind::Visits => Data::Visits(read(from)?),
            Kind::Device => Data::Device(read(from)?),
            Kind::Plan => Data::Plan(read(from)?),
            Kind::Unlisted => Data::Unlisted(read(from)?),
            Kind::Enrolment => Data::Enrolment(read(from)?),
            Kind::Held => Data::Held(read(from)?),
            Kind::Release => Data::Release(read(from)?),
            Kind::Erasure => Data::Erasure(read(from)?),
        })
    }
}

#[cfg(test)]
mod tests;
