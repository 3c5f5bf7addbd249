//! What of the board was worked out before and still holds, so that one more answer costs one row of it and not all of
//! them. No view depends on it: what an entry may change is given up when that entry's marks change.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use super::fold::Mark;
use super::updates::{BoardRow, Given, ScreenView, UpdateView, Why};
use crate::body::{Kind, Screen};
use crate::encoding::Millis;
use crate::ids::{EntryId, ServiceId, SubjectId, UserId};

/// The starts of everybody's planned visits, earliest first.
pub(super) type Visits = BTreeMap<UserId, Vec<Millis>>;

/// Who goes by the name that somebody else goes by too: the name as it is compared, whom, and where they are.
pub(super) type Namesakes = Vec<(String, SubjectId, String)>;

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
    pub visits: Option<Arc<Visits>>,
    pub namesakes: Option<Arc<Namesakes>>,
    /// By what each is of: one map for all, as the code of each map weighs in the app.
    all: BTreeMap<(What, Uuid), Part>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Screens,
    InUse,
    Chain,
    Row,
}

#[derive(Debug)]
enum Part {
    /// A service's devices.
    Screens(Arc<Vec<ScreenView>>),
    InUse(Arc<InUse>),
    /// The changes of an instruction, newest first.
    Chain(Arc<Vec<UpdateView>>),
    Row(KeptRow),
}

/// A row, and the times at which it reads so: what waits becomes late.
#[derive(Clone, Debug)]
pub(super) struct KeptRow {
    pub row: Arc<BoardRow>,
    /// The last answer of each device that is not on the board, and checks of it.
    pub apart: Arc<Vec<(Screen, Given)>>,
    pub from: Millis,
    pub until: Millis,
}

impl Kept {
    pub fn parts(&self) -> MutexGuard<'_, Parts> {
        // Nothing is half done where one was dropped in a panic: each is put in whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives up what a mark of an entry that comes or goes may change.
    pub fn outdate(&mut self, id: EntryId, mark: &Mark) {
        let parts = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        match mark {
            Mark::Answers((update, _), _)
            | Mark::Reminds {
                of: (update, _), ..
            } => {
                parts.all.remove(&(What::Row, update.uuid()));
            }
            Mark::Updates(plan) => {
                parts.forget_chain(plan.uuid());
                // One of my own that was held has a row, and is in no chain until it counts.
                parts.all.remove(&(What::Row, id.uuid()));
            }
            Mark::Version((Kind::Plan, plan, _), _) => parts.forget_chain(*plan),
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
            | Mark::Withdraws { .. }
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
    pub fn screens(&self, service: ServiceId) -> Option<Arc<Vec<ScreenView>>> {
        match self.all.get(&(What::Screens, service.uuid())) {
            Some(Part::Screens(screens)) => Some(Arc::clone(screens)),
            _ => None,
        }
    }

    pub fn keep_screens(&mut self, service: ServiceId, screens: &Arc<Vec<ScreenView>>) {
        let screens = Part::Screens(Arc::clone(screens));
        self.all.insert((What::Screens, service.uuid()), screens);
    }

    pub fn in_use(&self, service: ServiceId) -> Option<Arc<InUse>> {
        match self.all.get(&(What::InUse, service.uuid())) {
            Some(Part::InUse(in_use)) => Some(Arc::clone(in_use)),
            _ => None,
        }
    }

    pub fn keep_in_use(&mut self, service: ServiceId, in_use: &Arc<InUse>) {
        let in_use = Part::InUse(Arc::clone(in_use));
        self.all.insert((What::InUse, service.uuid()), in_use);
    }

    pub fn chain(&self, plan: SubjectId) -> Option<Arc<Vec<UpdateView>>> {
        match self.all.get(&(What::Chain, plan.uuid())) {
            Some(Part::Chain(chain)) => Some(Arc::clone(chain)),
            _ => None,
        }
    }

    pub fn keep_chain(&mut self, plan: SubjectId, chain: &Arc<Vec<UpdateView>>) {
        let chain = Part::Chain(Arc::clone(chain));
        self.all.insert((What::Chain, plan.uuid()), chain);
    }

    pub fn row(&self, update: EntryId) -> Option<&KeptRow> {
        match self.all.get(&(What::Row, update.uuid())) {
            Some(Part::Row(row)) => Some(row),
            _ => None,
        }
    }

    pub fn keep_row(&mut self, row: KeptRow) {
        let key = (What::Row, row.row.id.uuid());
        self.all.insert(key, Part::Row(row));
    }

    fn forget_chain(&mut self, plan: Uuid) {
        if let Some(Part::Chain(chain)) = self.all.remove(&(What::Chain, plan)) {
            for update in chain.iter() {
                self.all.remove(&(What::Row, update.id.uuid()));
            }
        }
    }
}
