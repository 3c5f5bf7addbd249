//! Which entries the log lacks to say what the files say: a new version of what is new or changed,
//! 'no longer listed' for what is gone, and nothing for what is the same.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use holdfast_domain::{
    body::{Administrations, Body, Data, Kind, Unlisted, Visits},
    ids::{EntryId, ServiceId, SubjectId},
};
use uuid::Uuid;

use super::Import;
use crate::store::NewServerEntry;

/// What the log lists now: by kind and thing, the service in whose chain it is and the body's text.
pub type Current = BTreeMap<(Kind, Uuid), (ServiceId, String)>;

/// The kinds that an import brings, in the order they are appended: services before their staff.
pub const KINDS: [Kind; 8] = [
    Kind::Service,
    Kind::Staff,
    Kind::Person,
    Kind::Medicine,
    Kind::Administrations,
    Kind::Visits,
    Kind::Device,
    Kind::Plan,
];

/// What an import changes.
#[derive(Debug, Default)]
pub struct Changes {
    /// To be appended together or not at all.
    pub entries: Vec<NewServerEntry>,
    counts: BTreeMap<Kind, Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    new: usize,
    changed: usize,
    gone: usize,
}

/// Compares the files with the log. `new_id` makes the id of each entry.
pub fn entries(import: &Import, current: &Current, mut new_id: impl FnMut() -> EntryId) -> Changes {
    let mut changes = Changes::default();
    let mut write = |service, body| NewServerEntry {
        service,
        id: new_id(),
        body,
    };
    let mut listed = BTreeSet::new();
    for item in &import.listed {
        let kind = item.body.kind();
        listed.insert((kind, item.subject));
        let counts = changes.counts.entry(kind).or_default();
        match current.get(&(kind, item.subject)) {
            None => counts.new += 1,
            Some((service, text)) if *service == item.service => {
                if *text == item.body.to_text() {
                    continue;
                }
                counts.changed += 1;
            }
            // It moved: the phones of the service it left must not go on listing it.
            Some((service, _)) => {
                counts.changed += 1;
                changes
                    .entries
                    .push(write(*service, unlisted(kind, item.subject)));
            }
        }
        changes.entries.push(write(item.service, item.body.clone()));
    }
    for ((kind, subject), (service, text)) in current {
        if listed.contains(&(*kind, *subject)) {
            continue;
        }
        let body = match kind {
            // They are their person's and go with them; an empty list replaces the last one.
            Kind::Administrations | Kind::Visits => {
                let said = match kind {
                    Kind::Administrations => import.with_administrations,
                    _ => import.with_visits,
                };
                let body = nothing_of(*kind, *subject);
                if !said || !listed.contains(&(Kind::Person, *subject)) || *text == body.to_text() {
                    continue;
                }
                body
            }
            _ => unlisted(*kind, *subject),
        };
        changes.counts.entry(*kind).or_default().gone += 1;
        changes.entries.push(write(*service, body));
    }
    changes
}

fn unlisted(kind: Kind, of: Uuid) -> Body {
    Body::about(of, Data::Unlisted(Unlisted { of, kind }))
}

fn nothing_of(kind: Kind, subject: Uuid) -> Body {
    let person = SubjectId::from(subject);
    let data = match kind {
        Kind::Visits => Data::Visits(Visits {
            person,
            visits: Vec::new(),
        }),
        _ => Data::Administrations(Administrations {
            person,
            given: Vec::new(),
        }),
    };
    Body::about(subject, data)
}

impl fmt::Display for Changes {
    /// One line a kind that changed, or that nothing has.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.entries.is_empty() {
            return f.write_str("Nothing has changed.");
        }
        write!(f, "{} entries written.", self.entries.len())?;
        for (kind, counts) in &self.counts {
            let parts: Vec<String> = [
                (counts.new, "new"),
                (counts.changed, "changed"),
                (counts.gone, "no longer listed"),
            ]
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
            if !parts.is_empty() {
                write!(f, "\n{}: {}", plural(*kind), parts.join(", "))?;
            }
        }
        Ok(())
    }
}

/// What the lines of a kind are called.
fn plural(kind: Kind) -> &'static str {
    match kind {
        Kind::Service => "services",
        Kind::Staff => "staff at a service",
        Kind::Person => "people",
        Kind::Medicine => "medicines",
        Kind::Administrations => "people with administrations",
        Kind::Visits => "people with visits",
        Kind::Device => "devices",
        Kind::Plan => "plans",
        other => other.as_str(),
    }
}
