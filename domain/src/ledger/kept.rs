//! What of the board was worked out before and still holds, so that one more answer costs one row of it and not all of
//! them. No view depends on it: what an entry may change is given up when that entry's marks change.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::fold::Mark;
use super::updates::{BoardRow, ScreenView, UpdateView, Why};
use crate::body::{Kind, Screen};
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId, UserId};

/// The starts of everybody's planned visits, earliest first.
pub(super) type Visits = BTreeMap<UserId, Vec<Millis>>;

/// The frontline devices of a service that are in use, and those that are used no more.
#[derive(Debug)]
pub(super) struct InUse {
    pub screens: Arc<Vec<ScreenView>>,
    pub retired: Vec<(Screen, Why)>,
}

#[derive(Debug, Default)]
pub(super) struct Kept(Mutex<Parts>);

#[derive(Debug, Default)]
pub(super) struct Parts {
    pub screens: BTreeMap<ServiceId, Arc<Vec<ScreenView>>>,
    pub in_use: BTreeMap<ServiceId, Arc<InUse>>,
    pub visits: Option<Arc<Visits>>,
    /// The changes of each instruction, newest first.
    pub chains: BTreeMap<SubjectId, Arc<Vec<UpdateView>>>,
    pub rows: BTreeMap<EntryId, KeptRow>,
}

/// A row, and the times at which it reads so: what waits becomes late.
#[derive(Debug)]
pub(super) struct KeptRow {
    pub row: Arc<BoardRow>,
    pub from: Millis,
    pub until: Millis,
}

impl Kept {
    pub fn parts(&self) -> MutexGuard<'_, Parts> {
        // Nothing is half done where one was dropped in a panic: each is put in whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives up what a mark that comes or goes may change.
    pub fn outdate(&mut self, mark: &Mark) {
        let parts = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        match mark {
            Mark::Answers((update, _), _)
            | Mark::Reminds {
                of: (update, _), ..
            } => {
                parts.rows.remove(update);
            }
            Mark::Updates(plan) => parts.forget_chain(*plan),
            Mark::Version((Kind::Plan, plan, _), _) => {
                parts.forget_chain(SubjectId::from(*plan));
            }
            // Of which instruction is not said here; no row depends on it.
            Mark::Withdraws { .. } => parts.chains.clear(),
            Mark::Version((Kind::Medicine | Kind::Administrations, ..), _)
            | Mark::Record { .. }
            | Mark::Newer
            | Mark::Amends(..)
            | Mark::SeenBy { .. }
            | Mark::Corrects(_)
            | Mark::HandsOver { .. }
            | Mark::Step(..)
            | Mark::Warned { .. }
            | Mark::Guidance => {}
            Mark::Version(..)
            | Mark::StaffOf(..)
            | Mark::Uses(..)
            // A device that is retired leaves every row.
            | Mark::Checks(_)
            | Mark::Held(_)
            | Mark::Released(_)
            | Mark::Erases(_) => *parts = Parts::default(),
        }
    }
}

/// A copy works it out anew.
impl Clone for Kept {
    fn clone(&self) -> Kept {
        Kept::default()
    }
}

impl Parts {
    fn forget_chain(&mut self, plan: SubjectId) {
        for update in self
            .chains
            .remove(&plan)
            .iter()
            .flat_map(|chain| chain.iter())
        {
            self.rows.remove(&update.id);
        }
    }
}
