//! What import brings (DESIGN 5), typed: services, staff, people, medicines, what was given before
//! the failure, visits, labelled devices and the instructions in force.

use chrono::{NaiveDate, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

use super::{moment, short};
use crate::encoding::Millis;
use crate::form::TEXT;
use crate::ids::{SubjectId, UserId};
use crate::permission::Role;

/// A service of the provider. Its id is the head's `service`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    pub code: String,
    pub name: String,
    pub kind: ServiceKind,
    pub cqc_location_id: String,
    pub on_call_name: String,
    pub on_call_contact: String,
    pub registered_manager: UserId,
    pub second_decider: UserId,
    pub safeguarding_contact: String,
    pub commissioner_contact: String,
    /// By when devices must show a change, where the provider says otherwise than is usual.
    #[serde(default, skip_serializing_if = "AnswerTimes::are_usual")]
    pub answer_times: AnswerTimes,
}

/// By when devices must show a change, as the provider sets it for a service. What is not set is as usual.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerTimes {
    /// When shifts begin, Europe/London, as `"08:00"`; empty for 08:00 and 20:00.
    #[serde(with = "times")]
    pub shift_starts: Vec<NaiveTime>,
    /// Until when 'today' is, as `"18:00"`; none for the end of the day.
    #[serde(with = "maybe_time")]
    pub today_until: Option<NaiveTime>,
    /// How many days a routine change has; none for seven.
    pub routine_days: Option<u16>,
}

/// Most days that a routine change may have.
pub const MOST_ROUTINE_DAYS: u16 = 90;
/// Most shifts that a day may have.
pub const MOST_SHIFTS: usize = 24;

impl AnswerTimes {
    pub fn are_usual(&self) -> bool {
        *self == AnswerTimes::default()
    }

    fn check(&self) -> Result<(), String> {
        if self.shift_starts.len() > MOST_SHIFTS {
            return Err(format!(
                "data.answer_times.shift_starts has more than {MOST_SHIFTS} items"
            ));
        }
        let days = self.routine_days.unwrap_or(1);
        if !(1..=MOST_ROUTINE_DAYS).contains(&days) {
            return Err(format!(
                "data.answer_times.routine_days is not from 1 to {MOST_ROUTINE_DAYS}"
            ));
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ServiceKind {
    Residential,
    Nursing,
    Domiciliary,
    SupportedLiving,
    ExtraCare,
}

/// Somebody's roles at one service: one thing a (user, service), in that service's chain. Its id is
/// `SubjectId::of(provider, "staff", username + "\0" + service code)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Staff {
    pub user: UserId,
    pub username: String,
    pub display_name: String,
    pub roles: Vec<Role>,
}

/// Somebody who is cared for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    pub person: SubjectId,
    /// The provider's own reference, such as `NHC-101`.
    pub reference: String,
    pub full_name: String,
    /// Empty where it is the full name.
    pub preferred_name: String,
    pub date_of_birth: NaiveDate,
    pub place: String,
    /// Always says something, 'None known' included.
    pub allergies: String,
    pub key_risks: String,
    pub communication_needs: String,
    pub capacity: Capacity,
    /// None where there is nobody.
    pub representative: Option<Representative>,
    pub funder: Funder,
    pub dols: Dols,
    pub gp_name: String,
    pub gp_contact: String,
}

/// Mental capacity for decisions about care, as the provider recorded it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capacity {
    Has,
    Lacks,
    Varies,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Representative {
    pub relation: Relation,
    pub name: String,
    pub contact: String,
    pub authority: Authority,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    Daughter,
    Son,
    Sister,
    Brother,
    Friend,
    Advocate,
}

/// By what right a representative acts for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Authority {
    None,
    LpaHealth,
    Deputy,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Funder {
    Council,
    Nhs,
    #[serde(rename = "self")]
    SelfFunded,
}

/// Deprivation of liberty safeguards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dols {
    None,
    Applied,
    Authorised,
}

/// A medicine listed for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Medicine {
    pub medicine: SubjectId,
    pub person: SubjectId,
    pub name: String,
    pub strength: String,
    pub form: String,
    pub dose: String,
    pub route: String,
    pub schedule: Schedule,
    /// Times of day, Europe/London, as `"08:00"`. Empty exactly when the schedule is 'when needed'.
    #[serde(with = "times")]
    pub times: Vec<NaiveTime>,
    pub instructions: String,
    pub time_critical: bool,
    pub controlled: bool,
    pub min_hours_between: Option<u16>,
    /// Doses.
    pub max_in_24h: Option<u16>,
    pub started_on: NaiveDate,
    pub review_or_stop_on: Option<NaiveDate>,
    pub prescriber: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Schedule {
    Daily,
    Weekly { days: Vec<Weekday> },
    EveryHours { hours: u16, from: NaiveDate },
    WhenNeeded,
}

/// What one person was given before the failure. One entry a person and import; it replaces the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Administrations {
    pub person: SubjectId,
    pub given: Vec<Administration>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Administration {
    pub medicine: SubjectId,
    pub at: Millis,
    pub dose: String,
    pub outcome: Outcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Given,
    Refused,
    Omitted,
    NotAvailable,
}

/// One person's planned visits. One entry a person and import; it replaces the last.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visits {
    pub person: SubjectId,
    pub visits: Vec<Visit>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Visit {
    pub start: Millis,
    pub end: Millis,
    pub staff: Option<UserId>,
    /// Support tasks, as the plans name them.
    pub tasks: Vec<String>,
}

/// A device with a label, of the service whose chain it is in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Device {
    pub device: SubjectId,
    pub label: String,
    pub kind: DeviceKind,
    pub model: String,
    pub holder: Option<UserId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceKind {
    Phone,
    Tablet,
    Laptop,
}

/// An instruction in force for one support task of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub plan: SubjectId,
    pub person: SubjectId,
    pub support_task: String,
    pub instruction: String,
    pub effective_from: NaiveDate,
}

fn all_short(texts: &[(&str, &str)]) -> Result<(), String> {
    texts
        .iter()
        .try_for_each(|(member, text)| short(&format_args!("data.{member}"), text, TEXT))
}

impl Service {
    pub(super) fn check(&self) -> Result<(), String> {
        self.answer_times.check()?;
        all_short(&[
            ("code", &self.code),
            ("name", &self.name),
            ("cqc_location_id", &self.cqc_location_id),
            ("on_call_name", &self.on_call_name),
            ("on_call_contact", &self.on_call_contact),
            ("safeguarding_contact", &self.safeguarding_contact),
            ("commissioner_contact", &self.commissioner_contact),
        ])
    }
}

impl Staff {
    pub(super) fn check(&self) -> Result<(), String> {
        all_short(&[
            ("username", &self.username),
            ("display_name", &self.display_name),
        ])
    }
}

impl Person {
    pub(super) fn check(&self) -> Result<(), String> {
        all_short(&[
            ("reference", &self.reference),
            ("full_name", &self.full_name),
            ("preferred_name", &self.preferred_name),
            ("place", &self.place),
            ("allergies", &self.allergies),
            ("key_risks", &self.key_risks),
            ("communication_needs", &self.communication_needs),
            ("gp_name", &self.gp_name),
            ("gp_contact", &self.gp_contact),
        ])?;
        match &self.representative {
            Some(it) => all_short(&[
                ("representative.name", &it.name),
                ("representative.contact", &it.contact),
            ]),
            None => Ok(()),
        }
    }
}

impl Medicine {
    pub(super) fn check(&self) -> Result<(), String> {
        all_short(&[
            ("name", &self.name),
            ("strength", &self.strength),
            ("form", &self.form),
            ("dose", &self.dose),
            ("route", &self.route),
            ("instructions", &self.instructions),
            ("prescriber", &self.prescriber),
        ])?;
        if self.times.is_empty() != (self.schedule == Schedule::WhenNeeded) {
            return Err("data.times is empty exactly when data.schedule is when_needed".into());
        }
        Ok(())
    }
}

impl Administrations {
    pub(super) fn check(&self) -> Result<(), String> {
        self.given.iter().try_for_each(|it| {
            moment(&"data.given.at", Some(it.at))?;
            all_short(&[("given.dose", &it.dose)])
        })
    }
}

impl Visits {
    pub(super) fn check(&self) -> Result<(), String> {
        self.visits.iter().try_for_each(|it| {
            moment(&"data.visits.start", Some(it.start))?;
            moment(&"data.visits.end", Some(it.end))?;
            if it.end < it.start {
                return Err("data.visits.end is before its start".into());
            }
            it.tasks
                .iter()
                .try_for_each(|task| all_short(&[("visits.tasks", task)]))
        })
    }
}

impl Device {
    pub(super) fn check(&self) -> Result<(), String> {
        all_short(&[("label", &self.label), ("model", &self.model)])
    }
}

impl Plan {
    pub(super) fn check(&self) -> Result<(), String> {
        all_short(&[
            ("support_task", &self.support_task),
            ("instruction", &self.instruction),
        ])
    }
}

/// A time of day as `"08:00"`, or null.
mod maybe_time {
    use chrono::NaiveTime;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::times;

    pub fn serialize<S: Serializer>(time: &Option<NaiveTime>, to: S) -> Result<S::Ok, S::Error> {
        time.map(times::text).serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<NaiveTime>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        text.as_deref().map(times::parse).transpose()
    }
}

/// Times of day as `"08:00"`.
mod times {
    use chrono::{NaiveTime, Timelike};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn text(time: NaiveTime) -> String {
        format!("{:02}:{:02}", time.hour(), time.minute())
    }

    pub fn parse<E: Error>(text: &str) -> Result<NaiveTime, E> {
        NaiveTime::parse_from_str(text, "%H:%M")
            .map_err(|_| E::custom("not a time of day such as 08:00"))
    }

    pub fn serialize<S: Serializer>(times: &[NaiveTime], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(times.iter().map(|time| text(*time)))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<NaiveTime>, D::Error> {
        Vec::<String>::deserialize(from)?
            .iter()
            .map(|text| parse(text))
            .collect()
    }
}
