//! Who receives a record: computed and shown, never asked (DESIGN 4).

use crate::body::Kind;
use crate::ids::{ServiceId, UserId};
use crate::ledger::{Ledger, StaffView};
use crate::permission::{Role, See, see};
use crate::words::isolated;

/// Who receives what is written at a service: the first of these that somebody there holds.
const CHAIN: [Role; 5] = [
    Role::TeamLeader,
    Role::ShiftLead,
    Role::SeniorStaff,
    Role::DeputyManager,
    Role::RegisteredManager,
];

/// Who receives a record, and whom to ring when it cannot wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receivers {
    /// All holders of the first role of the chain that somebody holds; none where nobody holds any.
    pub people: Vec<StaffView>,
    pub role: Option<Role>,
    /// The on-call line's name and number, where the service is known.
    pub on_call_name: String,
    pub on_call_contact: String,
    /// Such as `Sunita Rao, your team leader`.
    pub to: String,
    /// The whole in one line, such as `Goes to Sunita Rao, your team leader. If anyone is at risk now, ring
    /// first: 01632 960003.`
    pub line: String,
}

/// Who receives what I write of this kind at this service.
pub fn receivers(ledger: &Ledger, service: ServiceId, kind: Kind) -> Receivers {
    receivers_from(ledger, service, kind, ledger.me())
}

/// Who receives what `author` writes: never the author, since nobody reviews their own records (DESIGN 6).
pub fn receivers_from(
    ledger: &Ledger,
    service: ServiceId,
    kind: Kind,
    author: UserId,
) -> Receivers {
    let staff: Vec<StaffView> = ledger
        .staff(service)
        .into_iter()
        .filter(|it| it.user != author)
        .collect();
    let role = CHAIN
        .into_iter()
        .filter(|role| see(&[*role], kind) == See::All)
        .find(|role| staff.iter().any(|it| it.roles.contains(role)));
    let people: Vec<StaffView> = match role {
        Some(role) => staff
            .into_iter()
            .filter(|it| it.roles.contains(&role))
            .collect(),
        None => Vec::new(),
    };
    let (on_call_name, on_call_contact) = ledger
        .service(service)
        .map_or_else(Default::default, |it| (it.on_call_name, it.on_call_contact));
    let to = whom(&people, role, &on_call_name);
    let ring = if on_call_contact.is_empty() {
        "If anyone is at risk now, ring first.".to_owned()
    } else {
        format!("If anyone is at risk now, ring first: {on_call_contact}.")
    };
    let line = format!("Goes to {to}. {ring}");
    Receivers {
        people,
        role,
        on_call_name,
        on_call_contact,
        to,
        line,
    }
}

fn whom(people: &[StaffView], role: Option<Role>, on_call_name: &str) -> String {
    let role = role
        .map(|role| role.label().to_lowercase())
        .unwrap_or_default();
    let name = |staff: &StaffView| isolated(&staff.display_name);
    match people {
        [] if on_call_name.is_empty() => "the on-call line".to_owned(),
        [] => format!("the on-call line, {}", isolated(on_call_name)),
        [one] => format!("{}, your {role}", name(one)),
        [first, second] => format!("{} and {}, your {role}s", name(first), name(second)),
        [first, rest @ ..] => format!("{} and {} other {role}s", name(first), rest.len()),
    }
}
