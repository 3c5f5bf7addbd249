//! The one table of who may write and who may see what. Server and phone both ask it, and
//! `docs/permissions.md` is written from it. The reasons stand beside the rows.

use serde::{Deserialize, Serialize};

use crate::body::{Body, Data, Kind, OnWarning};
use crate::ids::UserId;

/// Counted up whenever [`TABLE`] changes, so that phones pull again what they may now see
/// (PROTOCOL 4, scope digest).
pub const TABLE_VERSION: u32 = 5;

/// A role that a person holds at one service. One person may hold several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    SupportWorker,
    SeniorStaff,
    ShiftLead,
    TeamLeader,
    MedicationLead,
    CarePlanLead,
    DeputyManager,
    RegisteredManager,
    Administrator,
    SystemAdministrator,
    ProviderOversight,
}

impl Role {
    /// Every role, in the order of the table's columns.
    pub const ALL: [Role; 11] = [
        Role::SupportWorker,
        Role::SeniorStaff,
        Role::ShiftLead,
        Role::TeamLeader,
        Role::MedicationLead,
        Role::CarePlanLead,
        Role::DeputyManager,
        Role::RegisteredManager,
        Role::Administrator,
        Role::SystemAdministrator,
        Role::ProviderOversight,
    ];

    /// The role's name as a person reads it, such as `Support worker`.
    pub fn label(self) -> &'static str {
        match self {
            Role::SupportWorker => "Support worker",
            Role::SeniorStaff => "Senior staff",
            Role::ShiftLead => "Shift lead",
            Role::TeamLeader => "Team leader",
            Role::MedicationLead => "Medication lead",
            Role::CarePlanLead => "Care plan lead",
            Role::DeputyManager => "Deputy manager",
            Role::RegisteredManager => "Registered manager",
            Role::Administrator => "Administrator",
            Role::SystemAdministrator => "System administrator",
            Role::ProviderOversight => "Provider oversight",
        }
    }

    /// The role's name in files and in JSON, such as `support_worker`.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::SupportWorker => "support_worker",
            Role::SeniorStaff => "senior_staff",
            Role::ShiftLead => "shift_lead",
            Role::TeamLeader => "team_leader",
            Role::MedicationLead => "medication_lead",
            Role::CarePlanLead => "care_plan_lead",
            Role::DeputyManager => "deputy_manager",
            Role::RegisteredManager => "registered_manager",
            Role::Administrator => "administrator",
            Role::SystemAdministrator => "system_administrator",
            Role::ProviderOversight => "provider_oversight",
        }
    }
}

impl Role {
    /// Whether giving care is this role's daily work.
    pub fn gives_care(self) -> bool {
        matches!(
            self,
            Role::SupportWorker | Role::SeniorStaff | Role::ShiftLead
        )
    }

    /// Whether somebody of this role may give care: those who type up paper, look after systems or oversee do not.
    pub fn may_give_care(self) -> bool {
        !matches!(
            self,
            Role::Administrator | Role::SystemAdministrator | Role::ProviderOversight
        )
    }
}

/// No such role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no role is called {0:?}")]
pub struct UnknownRole(pub String);

impl std::str::FromStr for Role {
    type Err = UnknownRole;

    fn from_str(name: &str) -> Result<Role, UnknownRole> {
        Role::ALL
            .into_iter()
            .find(|role| role.as_str() == name)
            .ok_or_else(|| UnknownRole(name.to_owned()))
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.label())
    }
}

/// How much of one kind of entry a role sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum See {
    /// Nothing.
    No,
    /// What the person wrote, and what is addressed to them in the entry itself.
    Own,
    /// Everything of that kind in the service.
    All,
}

/// Whether an entry is a person's own: written by them, or addressed to them in the entry itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    Mine,
    Others,
}

#[derive(Clone, Copy)]
struct Cell {
    write: bool,
    see: See,
}

/// Writes and sees all.
const WA: Cell = Cell {
    write: true,
    see: See::All,
};
/// Writes, and sees their own.
const WO: Cell = Cell {
    write: true,
    see: See::Own,
};
/// Sees all.
const RA: Cell = Cell {
    write: false,
    see: See::All,
};
/// Sees their own.
const RO: Cell = Cell {
    write: false,
    see: See::Own,
};
/// Nothing.
const NO: Cell = Cell {
    write: false,
    see: See::No,
};

/// Kind by role, columns in the order of [`Role::ALL`].
#[rustfmt::skip]
const TABLE: [(Kind, [Cell; 11]); 34] = [
    // Support workers see their own records only: what colleagues wrote about a person reaches them
    // through the care plan and handover, not through an incident report.
    // The administrator types up what came in on paper ('uploads recovered notes', pathway C step 5).
    // The system administrator resolves mismatches (pathway B step 5) and is the digital lead to whom
    // device failures escalate (pathway C), so reads both kinds, but gives no care and writes neither.
    // Provider oversight reviews and never writes a care record.
    //                       worker senior shift team medic plan deputy manager admin system oversight
    (Kind::Mismatch,        [WO,    WA,    WA,   WA,  WA,   WA,  WA,    WA,     WA,   RA,    RA]),
    (Kind::Note,            [WO,    WA,    WA,   WA,  WA,   WA,  WA,    WA,     WA,   RA,    RA]),
    // Whoever writes records may correct them; whoever reads a record reads its corrections.
    (Kind::Amendment,       [WO,    WA,    WA,   WA,  WA,   WA,  WA,    WA,     WA,   RA,    RA]),
    // Guidance is what to follow now, so whoever may give the care reads it, and that it is over. Whoever leads care
    // gives it out.
    (Kind::Guidance,        [RA,    WA,    WA,   WA,  WA,   WA,  WA,    WA,     RA,   RA,    RA]),
    (Kind::GuidanceWithdrawal,
                            [RA,    WA,    WA,   WA,  WA,   WA,  WA,    WA,     RA,   RA,    RA]),
    // Whoever gives care follows it and says so; who has not is for those who chase them.
    (Kind::GuidanceRead,    [WO,    WA,    WA,   WA,  WA,   WA,  WA,    WA,     WA,   RA,    RA]),
    // The registered manager's review, or the second decider's, may name harm and abuse: it goes to those of pathway B who
    // act on it, and to provider oversight, never to the phone of a colleague it may be about.
    (Kind::MismatchReview,  [NO,    NO,    NO,   RA,  NO,   RA,  WA,    WA,     NO,   RA,    RA]),
    // The system administrator finds the cause; whoever reported the mismatch learns what it was.
    (Kind::MismatchCause,   [RO,    RA,    RA,   RA,  RA,   RA,  RA,    RA,     RA,   WA,    RA]),
    // Whoever holds a device says what it shows now; who leads or fixes looks for themselves.
    (Kind::DeviceCheck,     [WO,    WA,    WA,   WA,  WA,   WA,  WA,    WA,     WA,   WA,    RA]),
    // A corrective action may be owned by whoever leads or administers.
    (Kind::ActionDone,      [NO,    WA,    WA,   WA,  WA,   WA,  WA,    WA,     WA,   WA,    RA]),
    // Closing is the manager's: nobody signs off their own fix. Whoever reported it learns that it is over.
    (Kind::MismatchClose,   [RO,    RA,    RA,   RA,  RA,   RA,  WA,    WA,     RA,   RA,    RA]),
    // 'Seen by' is a fact about the reader, so everyone who reads may say so.
    (Kind::Acknowledgement, [WO,    WA,    WA,   WA,  WA,   WA,  WA,    WA,     WA,   WA,    WA]),
    // Everyone holds some device. Which colleague holds which is for those who chase silent devices.
    (Kind::DeviceUse,       [WO,    WA,    WA,   WA,  WA,   WA,  WA,    WA,     WA,   WA,    WA]),

    // Who may change what a care plan says. Whoever gives care must see every change, and that it was withdrawn.
    (Kind::PlanUpdate,      [RA,    RA,    RA,   RA,  RA,   WA,  WA,    WA,     RA,   RA,    RA]),
    (Kind::Withdrawal,      [RA,    RA,    RA,   RA,  RA,   WA,  WA,    WA,     RA,   RA,    RA]),
    // Everyone who holds a device says what it shows. What a colleague's shows is for those who chase it.
    (Kind::Confirmation,    [WO,    WA,    WA,   WA,  WA,   WA,  WA,    WA,     WA,   WA,    RA]),
    // A reminder is for a device, whoever has it in hand. Those who answer for a shift or a plan, and the system
    // administrator, chase silent devices.
    (Kind::Reminder,        [RA,    WA,    WA,   WA,  RA,   WA,  WA,    WA,     RA,   WA,    RA]),
    (Kind::HandOver,        [RO,    WA,    WA,   WA,  RA,   WA,  WA,    WA,     RA,   RA,    RA]),
    // Whoever works with an instruction may ask about it. What a colleague asked is for those who may answer.
    (Kind::PlanQuestion,    [WO,    WA,    WA,   WA,  WA,   WA,  WA,    WA,     WA,   RA,    RA]),
    // Whoever reads what colleagues ask may answer; whoever asked reads the answer.
    (Kind::QuestionReply,   [RO,    WA,    WA,   WA,  WA,   WA,  WA,    WA,     RA,   RA,    RA]),
    // Those to whom early warnings escalate have them or escalate them further, provider oversight included. Whoever
    // leads reads who has one; it may be about a colleague, so no support worker does.
    (Kind::WarningAnswer,   [NO,    RO,    RA,   RA,  RO,   RA,  WA,    WA,     RA,   WA,    WA]),

    // What import brings is written by the server alone. Everyone needs the people, staff and plans of
    // their services to work with no signal.
    (Kind::Service,         [RA,    RA,    RA,   RA,  RA,   RA,  RA,    RA,     RA,   RA,    RA]),
    (Kind::Staff,           [RA,    RA,    RA,   RA,  RA,   RA,  RA,    RA,     RA,   RA,    RA]),
    (Kind::Person,          [RA,    RA,    RA,   RA,  RA,   RA,  RA,    RA,     RA,   RA,    RA]),
    // The system administrator's work is devices and plans; what medicine somebody takes is not needed
    // for it (UK GDPR art. 5(1)(c)).
    (Kind::Medicine,        [RA,    RA,    RA,   RA,  RA,   RA,  RA,    RA,     RA,   NO,    RA]),
    (Kind::Administrations, [RA,    RA,    RA,   RA,  RA,   RA,  RA,    RA,     RA,   NO,    RA]),
    (Kind::Visits,          [RA,    RA,    RA,   RA,  RA,   RA,  RA,    RA,     RA,   RA,    RA]),
    (Kind::Device,          [RA,    RA,    RA,   RA,  RA,   RA,  RA,    RA,     RA,   RA,    RA]),
    (Kind::Plan,            [RA,    RA,    RA,   RA,  RA,   RA,  RA,    RA,     RA,   RA,    RA]),
    (Kind::Unlisted,        [RA,    RA,    RA,   RA,  RA,   RA,  RA,    RA,     RA,   RA,    RA]),

    // 'Phones that can write in your name' is for the person and for those who can revoke a phone.
    (Kind::Enrolment,       [RO,    RO,    RO,   RO,  RO,   RO,  RO,    RO,     RA,   RA,    RO]),
    // The author must know what could not be filed; the two administrators look after quarantine.
    (Kind::Held,            [RO,    RO,    RO,   RO,  RO,   RO,  RO,    RO,     RA,   RA,    RO]),
    (Kind::Release,         [NO,    NO,    NO,   NO,  NO,   NO,  NO,    NO,     WA,   WA,    NO]),
    // Every phone must learn which bodies to drop (PROTOCOL 1, erasure).
    (Kind::Erasure,         [RA,    RA,    RA,   RA,  RA,   RA,  RA,    RA,     RA,   RA,    RA]),
];

fn cells(roles: &[Role], kind: Kind) -> impl Iterator<Item = Cell> {
    let row = TABLE
        .iter()
        .find(|(of, _)| *of == kind)
        .map_or([NO; 11], |(_, row)| *row);
    let mut held = [false; 11];
    for role in roles {
        held[*role as usize] = true;
    }
    (0..row.len())
        .filter(move |&i| held[i])
        .map(move |i| row[i])
}

/// Whether somebody holding `roles` at a service may write entries of `kind` there.
pub fn may_write(roles: &[Role], kind: Kind) -> bool {
    cells(roles, kind).any(|cell| cell.write)
}

/// Whether an administrator's release may file a held entry of `kind`: what people write, save a release itself.
/// What the server alone writes gives roles, vouches for keys and erases, so nobody brings it in by this door.
pub fn may_be_released(kind: Kind) -> bool {
    kind != Kind::Release && may_write(&Role::ALL, kind)
}

/// How much somebody holding `roles` at a service sees of `kind` there: the most that any role gives.
pub fn see(roles: &[Role], kind: Kind) -> See {
    cells(roles, kind)
        .map(|cell| cell.see)
        .max()
        .unwrap_or(See::No)
}

/// Whether one entry is visible: a fixed function of kind, ownership and roles (PROTOCOL 4, scope).
pub fn visible(roles: &[Role], kind: Kind, own: Own) -> bool {
    match see(roles, kind) {
        See::All => true,
        See::Own => own == Own::Mine,
        See::No => false,
    }
}

/// Whether an entry by `author` with this body is `me`'s own: written by `me`, or addressed to `me`.
pub fn owner_of(author: UserId, body: &Body, me: UserId) -> Own {
    if author == me || addressee(body) == Some(me) {
        Own::Mine
    } else {
        Own::Others
    }
}

/// To whom an entry is addressed in itself.
pub fn addressee(body: &Body) -> Option<UserId> {
    match &body.data {
        Data::Acknowledgement(it) => Some(it.to),
        Data::HandOver(it) => Some(it.to),
        Data::GuidanceRead(it) => Some(it.to),
        Data::MismatchCause(it) => Some(it.to),
        Data::MismatchClose(it) => Some(it.to),
        Data::QuestionReply(it) => Some(it.to),
        Data::WarningAnswer(it) => match it.answer {
            OnWarning::Escalate { to, .. } => Some(to),
            OnWarning::HaveIt => None,
        },
        Data::Enrolment(it) => Some(it.user),
        Data::Held(it) => it.author,
        _ => None,
    }
}

/// The table as `docs/permissions.md`.
pub fn markdown() -> String {
    let mut page = format!(
        "# Who may write and who may see\n\n\
         Written by a test from `domain/src/permission.rs`; change the table there. Table version {TABLE_VERSION}.\n\n\
         Each cell: **writes** where the role may write that kind, then how much of it the role sees at its\n\
         services: all, own (written by the person, or addressed to them in the entry itself), or nothing (–).\n\
         Where a person holds several roles at a service, the most that any of them gives counts.\n\
         Kinds that nobody writes are written by the server alone.\n\n| kind |"
    );
    for role in Role::ALL {
        page += &format!(" {} |", role.label());
    }
    page += "\n| --- |";
    page += &" --- |".repeat(Role::ALL.len());
    for (kind, row) in TABLE {
        page += &format!("\n| `{}` |", kind.as_str());
        for cell in row {
            let see = match cell.see {
                See::All => "all",
                See::Own => "own",
                See::No => "–",
            };
            page += &if cell.write {
                format!(" **writes**, {see} |")
            } else {
                format!(" {see} |")
            };
        }
    }
    page.push('\n');
    page
}

#[cfg(test)]
mod tests;
