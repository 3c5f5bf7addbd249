//! What a form writes: either of the two kinds of half-written record, seen the same way.

use holdfast_domain::{
    body::{Body, Kind},
    encoding::Millis,
    form::{AmendedDraft, Fault, MismatchDraft, NoteDraft},
    ids::{EntryId, ServiceId, SubjectId, UserId},
};
use serde::{Serialize, de::DeserializeOwned};

/// A half-written record of one of the two kinds.
pub trait Draft: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    const KIND: Kind;
    fn id(&self) -> EntryId;
    fn is_empty(&self) -> bool;
    fn search(&self) -> &str;
    fn about(&self) -> About;
    fn about_mut(&mut self) -> AboutMut<'_>;
    fn body(&self, now: Millis) -> Result<Body, Vec<Fault>>;
    fn amended(self) -> AmendedDraft;
    fn from_amended(draft: AmendedDraft) -> Option<Self>;
}

/// What both kinds ask: about whom, when, and who gave the care.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct About {
    pub person: Option<SubjectId>,
    pub service: Option<ServiceId>,
    pub happened_at: Option<Millis>,
    pub given_by: Option<UserId>,
}

/// The same, to be written.
pub struct AboutMut<'a> {
    pub search: &'a mut String,
    pub person: &'a mut Option<SubjectId>,
    pub service: &'a mut Option<ServiceId>,
    pub happened_at: &'a mut Option<Millis>,
    pub given_by: &'a mut Option<UserId>,
}

/// The two kinds name these fields alike.
macro_rules! about {
    () => {
        fn id(&self) -> EntryId {
            self.id
        }

        fn is_empty(&self) -> bool {
            self.is_empty()
        }

        fn search(&self) -> &str {
            &self.person_search
        }

        fn about(&self) -> About {
            About {
                person: self.person,
                service: self.service,
                happened_at: self.happened_at,
                given_by: self.given_by,
            }
        }

        fn about_mut(&mut self) -> AboutMut<'_> {
            AboutMut {
                search: &mut self.person_search,
                person: &mut self.person,
                service: &mut self.service,
                happened_at: &mut self.happened_at,
                given_by: &mut self.given_by,
            }
        }

        fn body(&self, now: Millis) -> Result<Body, Vec<Fault>> {
            self.validate(now)
        }
    };
}

impl Draft for MismatchDraft {
    const KIND: Kind = Kind::Mismatch;

    about!();

    fn amended(self) -> AmendedDraft {
        AmendedDraft::Mismatch(self)
    }

    fn from_amended(draft: AmendedDraft) -> Option<Self> {
        match draft {
            AmendedDraft::Mismatch(draft) => Some(draft),
            AmendedDraft::Note(_) => None,
        }
    }
}

impl Draft for NoteDraft {
    const KIND: Kind = Kind::Note;

    about!();

    fn amended(self) -> AmendedDraft {
        AmendedDraft::Note(self)
    }

    fn from_amended(draft: AmendedDraft) -> Option<Self> {
        match draft {
            AmendedDraft::Note(draft) => Some(draft),
            AmendedDraft::Mismatch(_) => None,
        }
    }
}
