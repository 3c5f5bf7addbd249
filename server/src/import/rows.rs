//! What each file holds (DESIGN, section 5): its columns, and the rules that make a row right. A file of this folder
//! for each of them; here is what they share.

mod administrations;
mod devices;
mod medicines;
mod people;
mod plans;
mod services;
mod staff;
mod visits;

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use holdfast_domain::{
    body::{Body, Data},
    entry::MAX_BODY,
    ids::{ProviderId, ServiceId, SubjectId, UserId},
};
use uuid::Uuid;

use super::{
    Import, Listed,
    fault::{Faults, shown},
    field::Reader,
    table::{Form, Row, Table},
};

/// What takes the rows of one file.
type Take = fn(&mut Reading<'_>, &Table<'_>);

/// The files of a folder, in the order in which they are read, and whether each may be missing.
const FORMS: [(&Form, Presence, Take); 8] = [
    (&services::FORM, Presence::WithRows, |it, table| {
        it.services(table)
    }),
    (&staff::FORM, Presence::WithRows, |it, table| {
        it.staff(table)
    }),
    (&people::FORM, Presence::WithRows, |it, table| {
        it.people(table)
    }),
    (&medicines::FORM, Presence::Needed, |it, table| {
        it.medicines(table)
    }),
    (
        &administrations::FORM,
        Presence::MayBeMissing,
        |it, table| it.administrations(table),
    ),
    (&visits::FORM, Presence::MayBeMissing, |it, table| {
        it.visits(table)
    }),
    (&devices::FORM, Presence::Needed, |it, table| {
        it.devices(table)
    }),
    (&plans::FORM, Presence::Needed, |it, table| it.plans(table)),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// An empty one would take everybody off every phone.
    WithRows,
    Needed,
    MayBeMissing,
}

/// True for a file name that an import reads.
pub(super) fn is_read(name: &str) -> bool {
    FORMS.iter().any(|(form, ..)| form.file == name)
}

/// Goes through all files, gathering every fault; gives the import where there is none.
pub(super) fn read(
    files: &BTreeMap<String, Vec<u8>>,
    provider: ProviderId,
    faults: &mut Faults,
) -> Import {
    for name in files.keys().filter(|name| !is_read(name)) {
        let known: Vec<&str> = FORMS.iter().map(|(form, ..)| form.file).collect();
        let known = known.join(", ");
        faults.add(
            name,
            (1, 1),
            format!("A file of this name is not read. The files are: {known}."),
        );
    }
    let mut tables = BTreeMap::new();
    for (form, presence, _) in FORMS {
        match files.get(form.file) {
            Some(bytes) => {
                if let Some(table) = Table::read(form, bytes, faults) {
                    if table.is_empty() && presence == Presence::WithRows {
                        let message = "This file has a header and no rows; nothing would be left.";
                        faults.add(form.file, (1, 1), message.to_owned());
                    }
                    tables.insert(form.file, table);
                }
            }
            None if presence == Presence::MayBeMissing => {}
            None => faults.add(form.file, (1, 1), "This file is missing.".to_owned()),
        }
    }
    let mut reading = Reading {
        provider,
        known: Known::gather(&tables),
        import: Import::default(),
        faults,
    };
    for (form, _, take) in FORMS {
        if let Some(table) = tables.get(form.file) {
            take(&mut reading, table);
        }
    }
    reading.import.with_administrations = tables.contains_key(administrations::FORM.file);
    reading.import.with_visits = tables.contains_key(visits::FORM.file);
    reading.import
}

/// What other rows may refer to. `None` where the file could not be read: then a reference to it is
/// not a fault of its own.
struct Known {
    services: Option<BTreeSet<String>>,
    staff: Option<BTreeSet<String>>,
    /// A person's reference and the code of their service.
    people: Option<BTreeMap<String, String>>,
    /// person_ref, medicine, strength
    medicines: Option<BTreeSet<[String; 3]>>,
}

impl Known {
    fn gather(tables: &BTreeMap<&str, Table<'_>>) -> Self {
        let keys = |form: &Form, column: &'static str| {
            let table = tables.get(form.file)?;
            Some(
                table
                    .rows()
                    .map(|row| row.raw(column).trim().to_owned())
                    .collect(),
            )
        };
        Self {
            services: keys(&services::FORM, "code"),
            staff: keys(&staff::FORM, "username"),
            people: tables.get(people::FORM.file).map(|table| {
                let pair =
                    |row: Row<'_>| ["ref", "service"].map(|it| row.raw(it).trim().to_owned());
                table
                    .rows()
                    .map(pair)
                    .map(|[it, service]| (it, service))
                    .collect()
            }),
            medicines: tables
                .get(medicines::FORM.file)
                .map(|table| table.rows().map(medicine_key).collect()),
        }
    }
}

fn medicine_key(row: Row<'_>) -> [String; 3] {
    ["person_ref", "medicine", "strength"].map(|column| row.raw(column).trim().to_owned())
}

/// One pass over the files.
struct Reading<'f> {
    provider: ProviderId,
    known: Known,
    import: Import,
    faults: &'f mut Faults,
}

/// A person as other files refer to them.
struct Referred {
    person: SubjectId,
    service: ServiceId,
}

impl Reading<'_> {
    fn reader<'t>(&mut self, row: Row<'t>) -> Reader<'t, '_> {
        Reader {
            row,
            faults: self.faults,
        }
    }

    /// The service a code stands for, which services.csv must list.
    fn service_of(&mut self, row: Row<'_>, column: &'static str) -> Option<ServiceId> {
        let code = self.reader(row).key(column)?;
        self.known_service(row, column, &code)
    }

    fn known_service(
        &mut self,
        row: Row<'_>,
        column: &'static str,
        code: &str,
    ) -> Option<ServiceId> {
        if self
            .known
            .services
            .as_ref()
            .is_some_and(|known| !known.contains(code))
        {
            let message = format!(
                "'{column}' names the service {}, which is not in services.csv.",
                shown(code)
            );
            self.reader(row).fault(column, message);
            return None;
        }
        Some(ServiceId::of(self.provider, code))
    }

    /// The user a name stands for, whom staff.csv must list.
    fn user(&mut self, row: Row<'_>, column: &'static str) -> Option<UserId> {
        let username = self.reader(row).key(column)?;
        self.known_user(row, column, &username)
    }

    fn optional_user(&mut self, row: Row<'_>, column: &'static str) -> Option<Option<UserId>> {
        match self.reader(row).optional_key(column)? {
            Some(username) => self.known_user(row, column, &username).map(Some),
            None => Some(None),
        }
    }

    fn known_user(&mut self, row: Row<'_>, column: &'static str, username: &str) -> Option<UserId> {
        if self
            .known
            .staff
            .as_ref()
            .is_some_and(|known| !known.contains(username))
        {
            let message = format!(
                "'{column}' names {}, who is not in staff.csv.",
                shown(username)
            );
            self.reader(row).fault(column, message);
            return None;
        }
        Some(UserId::of(self.provider, username))
    }

    /// The person a row is about, whom people.csv must list.
    fn referred(&mut self, row: Row<'_>) -> Option<Referred> {
        let reference = self.reader(row).key("person_ref")?;
        let service = match &self.known.people {
            // Something else is wrong already; the service stands for none.
            None => String::new(),
            Some(known) => match known.get(&reference) {
                Some(service) => service.clone(),
                None => {
                    let message = format!(
                        "'person_ref' names {}, who is not in people.csv.",
                        shown(&reference)
                    );
                    self.reader(row).fault("person_ref", message);
                    return None;
                }
            },
        };
        Some(Referred {
            person: person_id(self.provider, &reference),
            service: ServiceId::of(self.provider, &service),
        })
    }

    /// Takes what a row says into the import, where an entry can hold it.
    fn list(&mut self, row: Row<'_>, service: ServiceId, subject: Uuid, data: Data) {
        let body = Body::about(subject, data);
        let length = body.to_text().len();
        if length > MAX_BODY {
            let place = row.place(row.table.first_column());
            self.faults.add(
                row.table.file,
                place,
                format!(
                    "What this file says of one thing takes {length} bytes from this row on; an entry holds {MAX_BODY}."
                ),
            );
            return;
        }
        self.import.listed.push(Listed {
            service,
            subject,
            body,
        });
    }
}

/// What a file says of each person, with the first row that says it.
type Gathered<'t, T> = BTreeMap<SubjectId, (ServiceId, Row<'t>, Vec<T>)>;

fn gather<'t, T>(people: &mut Gathered<'t, T>, referred: Referred, row: Row<'t>, item: T) {
    people
        .entry(referred.person)
        .or_insert_with(|| (referred.service, row, Vec::new()))
        .2
        .push(item);
}

fn person_id(provider: ProviderId, reference: &str) -> SubjectId {
    SubjectId::of(provider, "person", reference)
}

fn medicine_id(provider: ProviderId, key: &[String; 3]) -> SubjectId {
    SubjectId::of(provider, "medicine", &key.join("\0"))
}

/// Keys that may be there once. The second names the line of the first.
struct Unique {
    column: &'static str,
    seen: BTreeMap<String, usize>,
}

impl Unique {
    fn new(column: &'static str) -> Self {
        Self {
            column,
            seen: BTreeMap::new(),
        }
    }

    fn check(&mut self, row: Row<'_>, key: &str, faults: &mut Faults) {
        let place = row.place(self.column);
        match self.seen.entry(key.to_owned()) {
            Entry::Vacant(free) => {
                free.insert(place.0);
            }
            Entry::Occupied(_) if key.is_empty() => {}
            Entry::Occupied(first) => {
                let first = first.get();
                faults.add(
                    row.table.file,
                    place,
                    format!("{} is there already, in line {first}.", shown(key)),
                );
            }
        }
    }
}
