//! The list under 'Person': whoever the author visits next or has just visited comes first, and a name
//! typed in a hurry, without accents or with one slip, still finds its person.

use std::collections::BTreeMap;

use crate::body::Kind;
use crate::encoding::Millis;
use crate::ids::{ServiceId, SubjectId, UserId};
use crate::ledger::{Ledger, PersonView, VisitView};
use crate::permission::may_write;
use crate::sort::sort_by;
use crate::spelling::{may_mean, plain, slips_in, split};
use crate::words;

/// Visits further away than this do not put a person first: a week.
const NEAR: Millis = 7 * 24 * 3_600_000;

/// One person in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonChoice {
    pub id: SubjectId,
    pub service: ServiceId,
    pub display: String,
    pub place: String,
    /// What tells them apart: `Round C, call 1 · Your next visit, 22:15`, and the full name and date of
    /// birth where two people go by the same name.
    pub line: String,
    pub initials: String,
}

/// The listed people whom `query` may mean, of the services where `me` may write about them; an empty
/// query means all.
pub fn search(ledger: &Ledger, query: &str, me: UserId, now: Millis) -> Vec<PersonChoice> {
    let services: Vec<ServiceId> = ledger
        .my_services()
        .into_iter()
        .filter(|service| {
            let roles = ledger.my_roles(*service);
            may_write(&roles, Kind::Mismatch) || may_write(&roles, Kind::Note)
        })
        .collect();
    let people = ledger.people();
    let mut namesakes: BTreeMap<String, usize> = BTreeMap::new();
    for person in &people {
        *namesakes.entry(plain(&person.display)).or_default() += 1;
    }
    let query: Vec<String> = split(query);
    let mut found: Vec<(usize, Millis, PersonChoice)> = people
        .into_iter()
        .filter(|person| services.contains(&person.service))
        .filter_map(|person| {
            let slips = slips_in(&query, &texts_of(&person))?;
            let visit = nearest_visit(ledger, person.id, me, now);
            let shared = namesakes
                .get(&plain(&person.display))
                .is_some_and(|count| *count > 1);
            let away = visit
                .as_ref()
                .map_or(Millis::MAX, |visit| distance(visit, now));
            Some((slips, away, choice(person, visit.as_ref(), shared, now)))
        })
        .collect();
    sort_by(&mut found, |a, b| {
        (a.0, a.1, &a.2.display, a.2.id).cmp(&(b.0, b.1, &b.2.display, b.2.id))
    });
    found.into_iter().map(|(_, _, choice)| choice).collect()
}

fn choice(
    person: PersonView,
    visit: Option<&VisitView>,
    shared_name: bool,
    now: Millis,
) -> PersonChoice {
    let mut parts = vec![words::isolated(&person.place)];
    if shared_name {
        parts.push(format!(
            "{}, born {}",
            words::isolated(&person.full_name),
            words::date(person.date_of_birth)
        ));
    }
    if let Some(visit) = visit {
        parts.push(visit_words(visit, now));
    }
    parts.retain(|part| !part.is_empty());
    PersonChoice {
        id: person.id,
        service: person.service,
        initials: words::initials(&person.display),
        line: parts.join(" · "),
        place: person.place,
        display: person.display,
    }
}

fn visit_words(visit: &VisitView, now: Millis) -> String {
    if visit.end < now {
        format!("Your last visit, {}", words::when_after(visit.start, now))
    } else if visit.start > now {
        format!("Your next visit, {}", words::when_after(visit.start, now))
    } else {
        format!(
            "Your visit now, {} to {}",
            words::time(visit.start),
            words::time(visit.end)
        )
    }
}

fn nearest_visit(ledger: &Ledger, person: SubjectId, me: UserId, now: Millis) -> Option<VisitView> {
    ledger
        .visits_to(person)
        .into_iter()
        .filter(|visit| visit.staff == Some(me) && distance(visit, now) <= NEAR)
        .min_by_key(|visit| (distance(visit, now), visit.start))
}

fn distance(visit: &VisitView, now: Millis) -> Millis {
    visit
        .start
        .saturating_sub(now)
        .max(now.saturating_sub(visit.end))
        .max(0)
}

/// Whether what was typed may mean this person: their name, place or reference; nothing typed means everybody.
pub fn is_named(query: &str, person: &PersonView) -> bool {
    may_mean(query, &texts_of(person))
}

fn texts_of(person: &PersonView) -> [&str; 4] {
    [
        &person.display,
        &person.full_name,
        &person.place,
        &person.reference,
    ]
}
