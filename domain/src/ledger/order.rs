//! Which of two entries is the later one. Every tie ends in content, never in arrival.

use crate::encoding::Millis;
use crate::ids::EntryId;

/// What breaks the last tie: the entry's id. The mutation puts the order of arrival in its place, which
/// the property test of the fold must catch.
#[cfg(not(mutation))]
pub(super) type Tie = EntryId;
#[cfg(mutation)]
pub(super) type Tie = (u64, EntryId);

/// Orders entries about one thing that people write: the server's order where it is known, what is
/// still on the phone after that, then the device's clock, then the id. `received` goes before `seq`
/// because sequences of different services do not compare; within a service they agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Order {
    pub on_phone_only: bool,
    pub received: Millis,
    pub seq: u64,
    pub made: Millis,
    pub tie: Tie,
    pub id: EntryId,
}

/// Orders the versions of a thing within its service's chain: the highest sequence is the latest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub seq: u64,
    pub tie: Tie,
    pub id: EntryId,
}
