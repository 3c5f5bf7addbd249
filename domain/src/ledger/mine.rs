//! What somebody wrote of changed instructions: it opens no record, and stands beside theirs.

use super::Ledger;
use super::record::Delivery;
use super::updates::{Standing, UpdateView};
use crate::encoding::Millis;
use crate::ids::EntryId;
use crate::sort::sort_by_key;

/// A change, a withdrawal or an answer of mine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MyPart {
    pub id: EntryId,
    /// The change it is about.
    pub update: EntryId,
    /// The best estimate of the true time it was made.
    pub at: Millis,
    /// Such as `Jean Whitby: eating and drinking`.
    pub title: String,
    /// Such as `You answered: NHC-PH6 shows the old text`.
    pub what: String,
    pub delivery: Delivery,
}

impl Ledger {
    /// What I wrote of changed instructions, newest first.
    pub fn my_part_in_changes(&self) -> Vec<MyPart> {
        let mut mine = Vec::new();
        for update in self.updates() {
            let mut put = |id, at, what: String| {
                mine.push(MyPart {
                    id,
                    update: update.id,
                    at,
                    title: update.title(self),
                    what,
                    delivery: self.delivery(id).0,
                });
            };
            if update.by == Some(self.me) {
                put(update.id, update.at, "You recorded the change".to_owned());
            }
            if let Standing::Withdrawn { by, .. } = update.standing
                && by == self.me
                && let Some((at, id)) = self.withdrawal_of(update.id)
            {
                put(id, at, "You withdrew the change".to_owned());
            }
            for (screen, given) in self.answers_to(update.id) {
                if given.by == self.me {
                    let (screen, answer) = (self.screen_name(screen), given.answer.of_a_device());
                    put(
                        given.id,
                        given.at,
                        format!("You answered: {screen} {answer}"),
                    );
                }
            }
        }
        sort_by_key(&mut mine, |it| std::cmp::Reverse((it.at, it.id)));
        mine
    }

    /// Whether there is anything that [`Ledger::my_part_in_changes`] lists. It ends at the first; for whoever has no part it
    /// looks at every answer.
    pub fn has_part_in_changes(&self) -> bool {
        let mine = |it: &UpdateView| {
            it.by == Some(self.me)
                || matches!(it.standing, Standing::Withdrawn { by, .. } if by == self.me)
                || self
                    .answered_keys(it.id)
                    .any(|(_, answers)| answers.iter().any(|given| given.by == self.me))
                || self.checks_of(it.id).iter().any(|it| it.1.by == self.me)
        };
        self.chains().any(|chain| chain.iter().any(mine))
    }

    /// The newest report of mine about the instruction that an update changes, since a time; none where there is none
    /// that counts or is on its way.
    pub fn my_report_since(&self, update: &UpdateView, since: Millis) -> Option<EntryId> {
        let report = self.my_records().into_iter().find(|record| {
            let about = match record.current() {
                super::RecordData::Mismatch(it) => it.plan,
                _ => None,
            };
            about == Some(update.plan)
                && self.given_at(record.id) >= since
                && !record.delivery.is_held()
        });
        report.map(|record| record.id)
    }
}
