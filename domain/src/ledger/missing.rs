//! What a phone wrote and the log does not have. Each author key counts its entries 1, 2, 3 and so on, so a gap
//! is a fact (PROTOCOL, 'Counter n'). It is told 'at least': what was counted last may not have been kept.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Ledger, OnPhone, PendingState, Said};
use crate::body::Kind;
use crate::encoding::Digest;
use crate::ids::{DeviceId, UserId};

/// The last count that a vault used, kept apart from the phone's database, which may go without a word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastCount {
    pub user: UserId,
    /// The device under which the author key was enrolled.
    pub device: DeviceId,
    pub n: u64,
    /// Those counts of entries not answered for then that are no record: nobody has to write them again.
    pub small: BTreeSet<u64>,
}

impl Ledger {
    /// What is to be kept after this device's count `n` was used.
    pub fn last_count(&self, device: DeviceId, n: u64) -> LastCount {
        let small = self.unanswered_own().filter(|own| {
            matches!(
                own.kind(),
                Some(Kind::Acknowledgement | Kind::DeviceUse | Kind::GuidanceRead)
            )
        });
        LastCount {
            user: self.me,
            device,
            n,
            small: small.map(|own| own.meta.n).collect(),
        }
    }

    /// Own entries that the phone cannot do without until the log is there again, by digest: those that wait for the
    /// server's final word, and which device this is.
    pub fn cannot_do_without(&self) -> Vec<Digest> {
        let own = self
            .own
            .values()
            .filter(|own| own.waits() || own.kind() == Some(Kind::DeviceUse));
        own.map(|own| own.meta.digest).collect()
    }

    /// How many own records, not counting small entries, wait for the server's final word.
    pub fn records_waiting(&self) -> usize {
        let small = self.last_count(DeviceId::nil(), 0).small;
        self.unanswered_own().count() - small.len()
    }

    fn unanswered_own(&self) -> impl Iterator<Item = &OnPhone> {
        self.own.values().filter(|own| own.waits())
    }

    /// How many of the records counted up to `last` the log does not have, at least. To be asked when the log has been
    /// pulled to its end. What the server holds apart names no count, so each of those may be one of them.
    pub fn missing_at_least(&self, last: &LastCount) -> u64 {
        let arrived: BTreeSet<u64> = self
            .log
            .values()
            .map(|entry| &entry.meta)
            .filter(|meta| meta.author == last.user && meta.device == last.device)
            .map(|meta| meta.n)
            .filter(|n| (1..=last.n).contains(n))
            .collect();
        let held = self
            .held_views()
            .filter(|held| !held.released)
            .filter(|held| held.author.is_none_or(|author| author == last.user));
        let small = last.small.difference(&arrived);
        let explained = arrived.len() + small.count() + held.count();
        last.n.saturating_sub(explained as u64)
    }
}

impl OnPhone {
    fn waits(&self) -> bool {
        !matches!(
            self.state,
            PendingState::Filed(_) | PendingState::Held { .. }
        )
    }

    fn kind(&self) -> Option<Kind> {
        match &self.said {
            Said::Body(body) => Some(body.kind()),
            Said::Newer { .. } | Said::Erased => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::super::tests::build::{
        NOW, device_use, filed, header, held, mismatch, phone, release, signed, user,
    };
    use super::*;
    use crate::body::Body;
    use crate::entry::SignedEntry;
    use crate::ledger::Pending;

    fn counted(n: u64) -> SignedEntry {
        let mut entry = signed(100 + u128::from(n), 1, NOW, &mismatch(10));
        entry.head.n = n;
        entry
    }

    fn last(n: u64) -> LastCount {
        LastCount {
            user: user(1),
            device: phone(),
            n,
            small: BTreeSet::new(),
        }
    }

    #[test]
    fn every_count_that_has_not_arrived_is_missing() {
        let mut ledger = Ledger::new(user(1));
        assert_eq!(ledger.missing_at_least(&last(3)), 3);
        ledger.acknowledge(filed(&counted(1), 11, NOW));
        ledger.acknowledge(filed(&counted(3), 12, NOW));
        ledger.acknowledge(filed(&counted(3), 12, NOW));
        assert_eq!(ledger.missing_at_least(&last(3)), 1);
        assert_eq!(ledger.missing_at_least(&last(4)), 2);
    }

    #[test]
    fn what_is_no_record_need_not_be_written_again() {
        let mut phone_of = Ledger::new(user(1));
        for n in 1..=3 {
            let body: Body = match n {
                1 => device_use(None),
                2 => Body::acknowledgement(counted(9).head.id, user(2)),
                _ => mismatch(10),
            };
            let mut entry = signed(100 + u128::from(n), 1, NOW, &body);
            entry.head.n = n;
            phone_of.pending(Pending {
                entry,
                saved: NOW,
                state: PendingState::Waiting,
            });
        }
        let last = phone_of.last_count(phone(), 3);
        assert_eq!(last.small, BTreeSet::from([1, 2]));
        assert_eq!(phone_of.records_waiting(), 1);
        let mut log = Ledger::new(user(1));
        assert_eq!(log.missing_at_least(&last), 1);
        log.acknowledge(filed(&counted(1), 11, NOW));
        assert_eq!(log.missing_at_least(&last), 1);
        log.acknowledge(filed(&counted(3), 12, NOW));
        assert_eq!(log.missing_at_least(&last), 0);
    }

    #[test]
    fn a_last_count_that_is_behind_makes_nothing_missing_up() {
        let mut ledger = Ledger::new(user(1));
        for n in 1..=3 {
            ledger.acknowledge(filed(&counted(n), 10 + n, NOW));
        }
        assert_eq!(ledger.missing_at_least(&last(2)), 0);
        assert_eq!(ledger.missing_at_least(&last(0)), 0);
    }

    #[test]
    fn what_another_phone_or_person_wrote_explains_nothing() {
        let mut ledger = Ledger::new(user(1));
        let mut elsewhere = counted(1);
        elsewhere.head.device = DeviceId::from(Uuid::from_u128(0xd2));
        ledger.acknowledge(filed(&elsewhere, 11, NOW));
        let mut somebody = counted(2);
        somebody.head.author = user(2);
        ledger.acknowledge(filed(&somebody, 12, NOW));
        assert_eq!(ledger.missing_at_least(&last(2)), 2);
    }

    #[test]
    fn what_the_server_holds_apart_is_not_called_missing() {
        let mut ledger = Ledger::new(user(1));
        let (first, second) = (counted(1), counted(2));
        ledger.acknowledge(held(50, &first, "not-permitted", 11));
        assert_eq!(ledger.missing_at_least(&last(3)), 2);
        ledger.acknowledge(held(51, &second, "invalid", 12));
        assert_eq!(ledger.missing_at_least(&last(3)), 1);
        // Released, it is in the log by its own count.
        ledger.acknowledge(release(52, 3, first.digest(), 13));
        ledger.acknowledge(filed(&first, 14, NOW));
        assert_eq!(ledger.missing_at_least(&last(3)), 1);
    }

    #[test]
    fn what_waits_and_which_device_it_is_cannot_be_done_without() {
        let mut ledger = Ledger::new(user(1));
        let states = [
            (device_use(None), PendingState::Filed(header(11, NOW))),
            (mismatch(10), PendingState::Filed(header(12, NOW))),
            (mismatch(10), PendingState::AgainBeing),
            (mismatch(10), PendingState::Waiting),
        ];
        let mut digests = Vec::new();
        for (id, (body, state)) in (200..).zip(states) {
            let entry = signed(id, 1, NOW, &body);
            digests.push(entry.digest());
            ledger.pending(Pending {
                entry,
                saved: NOW,
                state,
            });
        }
        let mut kept = ledger.cannot_do_without();
        let mut expected = vec![digests[0], digests[2], digests[3]];
        kept.sort();
        expected.sort();
        assert_eq!(kept, expected);
    }
}
