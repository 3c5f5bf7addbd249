//! Every screen that has an address, in one list: its path, title, way back and place in the menu.

use crate::components::icon::Symbol;
use holdfast_domain::form::{FormName, StepForm};
use holdfast_domain::ids::{EntryId, SubjectId};
use holdfast_domain::ledger::Listing;

/// A screen with an address. Anything else is `Lost`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    Home,
    Inbox,
    People,
    Person(SubjectId),
    Records,
    /// Everybody's that one may read.
    AllRecords,
    Record(EntryId),
    /// An amendment of a record that was sent.
    Correct(EntryId),
    /// A new entry from the words of one that needs attention.
    Again(EntryId),
    /// What follows the mismatch with this id.
    Step(EntryId, StepForm),
    /// Paper guidance.
    Guidance(EntryId),
    List(Listing),
    Mismatch,
    Note,
    /// A changed instruction: what it was, is, and what devices show of it.
    Update(EntryId),
    /// The question what this device shows of it.
    Confirm(EntryId),
    PlanChange,
    Board,
    More,
    Device,
    Offline,
    Lost,
}

impl From<FormName> for Place {
    fn from(form: FormName) -> Place {
        match form {
            FormName::Mismatch => Place::Mismatch,
            FormName::Note => Place::Note,
            FormName::PlanChange => Place::PlanChange,
            FormName::Correct(id) => Place::Correct(id),
            FormName::Again(id) => Place::Again(id),
            FormName::Step(id, step) => Place::Step(id, step),
        }
    }
}

impl Place {
    /// The place a path names.
    pub fn of(path: &str) -> Place {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        match parts[..] {
            [] => Place::Home,
            ["inbox"] => Place::Inbox,
            ["people"] => Place::People,
            ["people", id] => id.parse().map_or(Place::Lost, Place::Person),
            ["records"] => Place::Records,
            ["all-records"] => Place::AllRecords,
            ["records", id] => id.parse().map_or(Place::Lost, Place::Record),
            ["records", id, "correct"] => id.parse().map_or(Place::Lost, Place::Correct),
            ["records", id, "again"] => id.parse().map_or(Place::Lost, Place::Again),
            ["records", id, "step", step] => match (id.parse(), StepForm::of_address(step)) {
                (Ok(id), Some(step)) => Place::Step(id, step),
                _ => Place::Lost,
            },
            ["guidance", id] => id.parse().map_or(Place::Lost, Place::Guidance),
            ["lists", name] => name.parse().map_or(Place::Lost, Place::List),
            ["mismatch", "new"] => Place::Mismatch,
            ["note", "new"] => Place::Note,
            ["changes", "new"] => Place::PlanChange,
            ["changes", id] => id.parse().map_or(Place::Lost, Place::Update),
            ["changes", id, "confirm"] => id.parse().map_or(Place::Lost, Place::Confirm),
            ["board"] => Place::Board,
            ["more"] => Place::More,
            ["device"] => Place::Device,
            ["offline"] => Place::Offline,
            _ => Place::Lost,
        }
    }

    /// The path of this place.
    pub fn path(self) -> String {
        match self {
            Place::Home | Place::Lost => "/".into(),
            Place::Inbox => "/inbox".into(),
            Place::People => "/people".into(),
            Place::Person(id) => format!("/people/{id}"),
            Place::Records => "/records".into(),
            Place::AllRecords => "/all-records".into(),
            Place::Record(id) => format!("/records/{id}"),
            Place::Correct(id) => format!("/records/{id}/correct"),
            Place::Again(id) => format!("/records/{id}/again"),
            Place::Step(id, step) => format!("/records/{id}/step/{}", step.address()),
            Place::Guidance(id) => format!("/guidance/{id}"),
            Place::List(list) => format!("/lists/{}", list.as_str()),
            Place::Mismatch => "/mismatch/new".into(),
            Place::Note => "/note/new".into(),
            Place::Update(id) => format!("/changes/{id}"),
            Place::Confirm(id) => format!("/changes/{id}/confirm"),
            Place::PlanChange => "/changes/new".into(),
            Place::Board => "/board".into(),
            Place::More => "/more".into(),
            Place::Device => "/device".into(),
            Place::Offline => "/offline".into(),
        }
    }

    /// What the bar and the browser's tab say.
    pub fn title(self) -> &'static str {
        match self {
            Place::Home => "Home",
            Place::Inbox => "Inbox",
            Place::People => "People",
            Place::Person(_) => "Care summary",
            Place::Records => "My records",
            Place::AllRecords => "All records",
            Place::Record(_) => "Record",
            Place::Correct(_) => "Correct this record",
            Place::Again(_) => "Correct and send again",
            Place::Step(_, step) => step.title(),
            Place::Guidance(_) => "Paper guidance",
            Place::List(list) => list.label(),
            Place::Mismatch => "Report a mismatch",
            Place::Note => "Temporary note",
            Place::Update(_) => "Plan change",
            Place::Confirm(_) => "Change to confirm",
            Place::PlanChange => "Record a plan change",
            Place::Board => "Visibility board",
            Place::More => "More",
            Place::Device => "Which device is this?",
            Place::Offline => "No signal",
            Place::Lost => "Page not found",
        }
    }

    /// Where 'Back' leads from here; the places of the menu have none.
    pub fn back(self) -> Option<Place> {
        match self {
            Place::Person(_) => Some(Place::People),
            Place::Record(_) => Some(Place::Records),
            Place::Correct(id) | Place::Again(id) => Some(Place::Record(id)),
            Place::Step(_, StepForm::Signed(id)) => Some(Place::Guidance(id)),
            Place::Step(id, _) => Some(Place::Record(id)),
            Place::Guidance(_)
            | Place::List(_)
            | Place::Mismatch
            | Place::Note
            | Place::Update(_)
            | Place::Confirm(_)
            | Place::PlanChange
            | Place::Board
            | Place::Offline
            | Place::Lost => Some(Place::Home),
            Place::Device => Some(Place::More),
            Place::Home
            | Place::Inbox
            | Place::People
            | Place::Records
            | Place::AllRecords
            | Place::More => None,
        }
    }

    /// Whether somebody writes here: no menu beside it, and nothing is swapped under it.
    pub fn is_form(self) -> bool {
        matches!(
            self,
            Place::Mismatch
                | Place::Note
                | Place::Confirm(_)
                | Place::PlanChange
                | Place::Correct(_)
                | Place::Again(_)
                | Place::Step(..)
                | Place::Device
        )
    }

    /// Whether the page uses the whole width of a desk.
    pub fn is_wide(self) -> bool {
        matches!(
            self,
            Place::Home
                | Place::Inbox
                | Place::People
                | Place::Record(_)
                | Place::Person(_)
                | Place::Board
                | Place::List(_)
        )
    }

    /// The place of the menu that this place belongs to.
    pub fn root(self) -> Place {
        match self {
            Place::Person(_) => Place::People,
            Place::AllRecords
            | Place::Record(_)
            | Place::Correct(_)
            | Place::Again(_)
            | Place::Step(..) => Place::Records,
            Place::Guidance(_) | Place::List(_) => Place::Home,
            Place::Device | Place::Offline => Place::More,
            Place::Mismatch
            | Place::Note
            | Place::Update(_)
            | Place::Confirm(_)
            | Place::PlanChange
            | Place::Board => Place::Home,
            other => other,
        }
    }

    /// The mark beside it in the menu and on tiles.
    pub fn symbol(self) -> Symbol {
        match self {
            Place::Home | Place::Lost => Symbol::Home,
            Place::Inbox => Symbol::Bell,
            Place::People | Place::Person(_) => Symbol::People,
            Place::Records
            | Place::AllRecords
            | Place::Record(_)
            | Place::Correct(_)
            | Place::Again(_)
            | Place::Guidance(_)
            | Place::List(_) => Symbol::Records,
            Place::Step(..) | Place::Mismatch => Symbol::Mismatch,
            Place::Note => Symbol::Note,
            Place::Update(_) | Place::Confirm(_) | Place::Board => Symbol::Eye,
            Place::PlanChange => Symbol::Add,
            Place::More => Symbol::More,
            Place::Device => Symbol::Device,
            Place::Offline => Symbol::Offline,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_found_again_by_its_path() {
        let entry = EntryId::nil();
        let subject = SubjectId::nil();
        let places = [
            Place::Home,
            Place::Inbox,
            Place::People,
            Place::Person(subject),
            Place::Records,
            Place::AllRecords,
            Place::Record(entry),
            Place::Correct(entry),
            Place::Again(entry),
            Place::Step(entry, StepForm::Review),
            Place::Step(entry, StepForm::Signed(entry)),
            Place::Guidance(entry),
            Place::List(Listing::ActionPlan),
            Place::Mismatch,
            Place::Note,
            Place::Update(entry),
            Place::Confirm(entry),
            Place::PlanChange,
            Place::Board,
            Place::More,
            Place::Device,
            Place::Offline,
        ];
        for place in places {
            assert_eq!(Place::of(&place.path()), place);
        }
    }

    #[test]
    fn a_path_that_names_nothing_is_lost() {
        for path in ["/nowhere", "/people/jean", "/records/1/2/3", "/mismatch"] {
            assert_eq!(Place::of(path), Place::Lost);
        }
    }
}
