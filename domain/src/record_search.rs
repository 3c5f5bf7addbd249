//! All the records that somebody may read, and those among them that they look for.

use std::collections::BTreeMap;

use crate::body::Kind;
use crate::form::is_named;
use crate::ids::{EntryId, ServiceId, SubjectId};
use crate::ledger::{Ledger, Record, RecordData, ServiceView};
use crate::permission::{See, see};

/// The kinds of record that people write.
const RECORDS: [Kind; 3] = [Kind::Mismatch, Kind::Note, Kind::PlanQuestion];

/// Which records are looked for: all that hold at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordFilter {
    /// Part of the person's name, place or reference, as typed; empty for everybody.
    pub person: String,
    /// None for every service.
    pub service: Option<ServiceId>,
    /// A kind of record that people write; none for every kind, also those that cannot be read any more.
    pub kind: Option<Kind>,
}

/// The services at which the ledger's user may read what others write, by name.
pub fn services_read(ledger: &Ledger) -> Vec<ServiceView> {
    let mut services = ledger.services();
    services.retain(|service| {
        let roles = ledger.my_roles(service.id);
        RECORDS.iter().any(|kind| see(&roles, *kind) == See::All)
    });
    services
}

/// The records on this phone that fit, one's own included, the newest first.
pub fn records_that_fit(ledger: &Ledger, filter: &RecordFilter) -> Vec<EntryId> {
    let mut named: BTreeMap<SubjectId, bool> = BTreeMap::new();
    let mut is_meant = |record: &Record| {
        if filter.person.trim().is_empty() {
            return true;
        }
        let Some(person) = record.current().person() else {
            return false;
        };
        *named.entry(person).or_insert_with(|| {
            ledger
                .person(person)
                .is_some_and(|person| is_named(&filter.person, &person))
        })
    };
    ledger
        .records()
        .into_iter()
        .filter(|record| filter.service.is_none_or(|it| it == record.service))
        .filter(|record| filter.kind.is_none_or(|it| kind_of(record) == Some(it)))
        .filter(|record| is_meant(record))
        .map(|record| record.id)
        .collect()
}

fn kind_of(record: &Record) -> Option<Kind> {
    match record.current() {
        RecordData::Mismatch(_) => Some(Kind::Mismatch),
        RecordData::Note(_) => Some(Kind::Note),
        RecordData::Question(_) => Some(Kind::PlanQuestion),
        RecordData::Erased | RecordData::Newer { .. } => None,
    }
}
