//! What a form writes: a half-written record of care, plan change or step in handling a mismatch, seen the same way.

use holdfast_domain::{
    body::{Body, Kind},
    encoding::Millis,
    form::{
        AmendedDraft, AmendmentDraft, Fault, MismatchDraft, NoteDraft, PlanUpdateDraft, StepDraft,
    },
    ids::{EntryId, ServiceId, SubjectId, UserId},
    ledger::Ledger,
};
use serde::{Serialize, de::DeserializeOwned};

/// A half-written entry.
pub trait Draft: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    fn id(&self) -> EntryId;
    fn is_empty(&self) -> bool;
    fn service(&self) -> Option<ServiceId>;
    fn body(&self, ledger: &Ledger, now: Millis) -> Result<Body, Vec<Fault>>;
    /// To the next step; else what is to put right first.
    fn carry_on(&mut self, ledger: &Ledger, now: Millis) -> Result<(), Vec<Fault>>;
    /// Back one step; false at the first, where back leaves the form.
    fn back(&mut self) -> bool;
    /// As the corrected record; none for what is never corrected but replaced.
    fn amended(self) -> Option<AmendedDraft>;
    fn from_amended(draft: AmendedDraft) -> Option<Self>;

    /// As the correction of a record.
    fn amendment(self, amends: EntryId, reason: String) -> Option<AmendmentDraft> {
        let id = self.id();
        self.amended().map(|record| AmendmentDraft {
            id,
            amends,
            reason,
            record,
        })
    }
}

/// One whose form asks whom it is about.
pub trait PersonDraft: Draft {
    const KIND: Kind;
    fn search(&self) -> &str;
    fn about(&self) -> About;
    fn about_mut(&mut self) -> AboutMut<'_>;
}

/// Whom it is about.
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
pub trait CareDraft: PersonDraft {
    fn happened_at(&self) -> Option<Millis>;
    fn given_by(&self) -> Option<UserId>;
    /// Whether there is care that somebody gave.
    fn has_care(&self) -> bool;
    fn set_happened_at(&mut self, at: Option<Millis>);
    fn set_given_by(&mut self, user: Option<UserId>);
}

/// Those that are about a person name these fields alike.
macro_rules! person {
    ($draft:ty, $kind:ident) => {
        impl PersonDraft for $draft {
            const KIND: Kind = Kind::$kind;

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
        }
    };
}

/// The records of care are corrected, and name these fields alike.
macro_rules! care {
    ($draft:ty, $kind:ident) => {
        person!($draft, $kind);

        impl Draft for $draft {
            fn id(&self) -> EntryId {
                self.id
            }

            fn is_empty(&self) -> bool {
                self.is_empty()
            }

            fn service(&self) -> Option<ServiceId> {
                self.service
            }

            fn body(&self, _: &Ledger, now: Millis) -> Result<Body, Vec<Fault>> {
                self.validate(now)
            }

            fn carry_on(&mut self, _: &Ledger, now: Millis) -> Result<(), Vec<Fault>> {
                self.carry_on(now)
            }

            fn back(&mut self) -> bool {
                self.back()
            }

            fn amended(self) -> Option<AmendedDraft> {
                Some(AmendedDraft::$kind(self))
            }

            fn from_amended(draft: AmendedDraft) -> Option<Self> {
                match draft {
                    AmendedDraft::$kind(draft) => Some(draft),
                    _ => None,
                }
            }
        }

        impl CareDraft for $draft {
            fn happened_at(&self) -> Option<Millis> {
                self.happened_at
            }

            fn given_by(&self) -> Option<UserId> {
                self.given_by
            }

            fn has_care(&self) -> bool {
                self.care_was_given()
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

care!(MismatchDraft, Mismatch);
care!(NoteDraft, Note);
person!(PlanUpdateDraft, PlanUpdate);

impl Draft for PlanUpdateDraft {
    fn id(&self) -> EntryId {
        self.id
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn service(&self) -> Option<ServiceId> {
        self.service
    }

    fn body(&self, _: &Ledger, now: Millis) -> Result<Body, Vec<Fault>> {
        self.validate(now)
    }

    fn carry_on(&mut self, _: &Ledger, now: Millis) -> Result<(), Vec<Fault>> {
        self.carry_on(now)
    }

    fn back(&mut self) -> bool {
        self.back()
    }

    fn amended(self) -> Option<AmendedDraft> {
        None
    }

    fn from_amended(_: AmendedDraft) -> Option<Self> {
        None
    }
}

impl Draft for StepDraft {
    fn id(&self) -> EntryId {
        self.id
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn service(&self) -> Option<ServiceId> {
        Some(self.service)
    }

    fn body(&self, ledger: &Ledger, now: Millis) -> Result<Body, Vec<Fault>> {
        self.validate(ledger, now)
    }

    fn carry_on(&mut self, ledger: &Ledger, now: Millis) -> Result<(), Vec<Fault>> {
        self.carry_on(ledger, now)
    }

    fn back(&mut self) -> bool {
        self.back()
    }

    fn amended(self) -> Option<AmendedDraft> {
        None
    }

    fn from_amended(_: AmendedDraft) -> Option<Self> {
        None
    }
}
