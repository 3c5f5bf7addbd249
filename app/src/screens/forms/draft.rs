//! What a form writes: the kinds of half-written entries, seen the same way.

use holdfast_domain::{
    body::{Body, Kind},
    encoding::Millis,
    form::{AmendedDraft, Fault, MismatchDraft, NoteDraft, PlanUpdateDraft},
    ids::{EntryId, ServiceId, SubjectId, UserId},
};
use serde::{Serialize, de::DeserializeOwned};

/// A half-written entry.
pub trait Draft: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    const KIND: Kind;
    fn id(&self) -> EntryId;
    fn is_empty(&self) -> bool;
    fn search(&self) -> &str;
    fn about(&self) -> About;
    fn about_mut(&mut self) -> AboutMut<'_>;
    fn body(&self, now: Millis) -> Result<Body, Vec<Fault>>;
    /// The draft as a correction keeps it; none for what is never corrected but replaced.
    fn amended(self) -> Option<AmendedDraft>;
    fn from_amended(draft: AmendedDraft) -> Option<Self>;
}

/// What every form asks: about whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct About {
    pub person: Option<SubjectId>,
    pub service: Option<ServiceId>,
}

/// The same, to be written.
pub struct AboutMut<'a> {
    pub search: &'a mut String,
    pub person: &'a mut Option<SubjectId>,
    pub service: &'a mut Option<ServiceId>,
}

/// A record of care: when it was, and who gave it.
pub trait CareDraft: Draft {
    fn happened_at(&self) -> Option<Millis>;
    fn given_by(&self) -> Option<UserId>;
    fn set_happened_at(&mut self, at: Option<Millis>);
    fn set_given_by(&mut self, user: Option<UserId>);
}

/// The records of care name these fields alike.
macro_rules! care {
    ($draft:ty) => {
        impl CareDraft for $draft {
            fn happened_at(&self) -> Option<Millis> {
                self.happened_at
            }

            fn given_by(&self) -> Option<UserId> {
                self.given_by
            }

            fn set_happened_at(&mut self, at: Option<Millis>) {
                self.happened_at = at;
            }

            fn set_given_by(&mut self, user: Option<UserId>) {
                self.given_by = user;
            }
        }
    };
}

care!(MismatchDraft);
care!(NoteDraft);

/// All kinds name these fields alike.
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
            }
        }

        fn about_mut(&mut self) -> AboutMut<'_> {
            AboutMut {
                search: &mut self.person_search,
                person: &mut self.person,
                service: &mut self.service,
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

    fn amended(self) -> Option<AmendedDraft> {
        Some(AmendedDraft::Mismatch(self))
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

    fn amended(self) -> Option<AmendedDraft> {
        Some(AmendedDraft::Note(self))
    }

    fn from_amended(draft: AmendedDraft) -> Option<Self> {
        match draft {
            AmendedDraft::Note(draft) => Some(draft),
            AmendedDraft::Mismatch(_) => None,
        }
    }
}

impl Draft for PlanUpdateDraft {
    const KIND: Kind = Kind::PlanUpdate;

    about!();

    fn amended(self) -> Option<AmendedDraft> {
        None
    }

    fn from_amended(_: AmendedDraft) -> Option<Self> {
        None
    }
}
