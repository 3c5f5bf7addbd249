//! The list under 'Person': whoever the author visits next or has just visited comes first, and a name
//! typed in a hurry, without accents or with one slip, still finds its person.

use std::collections::BTreeMap;

use crate::body::Kind;
use crate::encoding::Millis;
use crate::ids::{ServiceId, SubjectId, UserId};
use crate::ledger::{Ledger, PersonView, VisitView};
use crate::permission::may_write;
use crate::sort::sort_by;
use crate::words;

/// Visits further away than this do not put a person first: a week.
const NEAR: Millis = 7 * 24 * 3_600_000;
/// Shorter words must be spelt right, or almost everything would match.
const FORGIVEN_FROM: usize = 4;

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
        *namesakes.entry(fold(&person.display)).or_default() += 1;
    }
    let query: Vec<String> = split(query);
    let mut found: Vec<(Match, Millis, PersonChoice)> = people
        .into_iter()
        .filter(|person| services.contains(&person.service))
        .filter_map(|person| {
            let how = matches(&query, &person)?;
            let visit = nearest_visit(ledger, person.id, me, now);
            let shared = namesakes
                .get(&fold(&person.display))
                .is_some_and(|count| *count > 1);
            let away = visit
                .as_ref()
                .map_or(Millis::MAX, |visit| distance(visit, now));
            Some((how, away, choice(person, visit.as_ref(), shared, now)))
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

/// How well a query fits; better ones order first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    Spelt,
    WithSlip,
}

/// Whether what was typed may mean this person: their name, place or reference; nothing typed means everybody.
pub fn is_named(query: &str, person: &PersonView) -> bool {
    matches(&split(query), person).is_some()
}

fn matches(query: &[String], person: &PersonView) -> Option<Match> {
    let mut has = split(&person.display);
    has.extend(split(&person.full_name));
    has.extend(split(&person.place));
    has.extend(split(&person.reference));
    let mut how = Match::Spelt;
    for typed in query {
        if has.iter().any(|word| word.starts_with(typed.as_str())) {
            continue;
        }
        if !has.iter().any(|word| starts_with_one_slip(word, typed)) {
            return None;
        }
        how = Match::WithSlip;
    }
    Some(how)
}

fn starts_with_one_slip(word: &str, typed: &str) -> bool {
    let typed: Vec<char> = typed.chars().collect();
    if typed.len() < FORGIVEN_FROM {
        return false;
    }
    let word: Vec<char> = word.chars().collect();
    (typed.len() - 1..=typed.len() + 1)
        .filter_map(|length| word.get(..length))
        .any(|start| one_slip(start, &typed))
}

/// One letter wrong, missing or too many, or two swapped.
fn one_slip(a: &[char], b: &[char]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let (short, long) = (&short[same..], &long[same..]);
    match (short, long) {
        ([], rest) => rest.len() <= 1,
        ([x1, x2, xs @ ..], [y1, y2, ys @ ..]) if x1 == y2 && x2 == y1 && xs == ys => true,
        ([_, xs @ ..], [_, ys @ ..]) if xs == ys => true,
        (xs, [_, ys @ ..]) => xs == ys,
        _ => false,
    }
}

fn split(text: &str) -> Vec<String> {
    fold(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Lower case without accents or apostrophes. The letters of Latin-1 and Latin Extended-A cover the names
/// written in Britain's neighbour languages; whole Unicode tables would weigh more than the search does.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            'à'..='å' | 'ā' | 'ă' | 'ą' => folded.push('a'),
            'æ' => folded.push_str("ae"),
            'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => folded.push('c'),
            'ď' | 'đ' | 'ð' => folded.push('d'),
            'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => folded.push('e'),
            'ĝ' | 'ğ' | 'ġ' | 'ģ' => folded.push('g'),
            'ĥ' | 'ħ' => folded.push('h'),
            'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => folded.push('i'),
            'ĵ' => folded.push('j'),
            'ķ' => folded.push('k'),
            'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => folded.push('l'),
            'ñ' | 'ń' | 'ņ' | 'ň' => folded.push('n'),
            'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => folded.push('o'),
            'œ' => folded.push_str("oe"),
            'ŕ' | 'ŗ' | 'ř' => folded.push('r'),
            'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => folded.push('s'),
            'ß' => folded.push_str("ss"),
            'ţ' | 'ť' | 'ŧ' | 'ț' => folded.push('t'),
            'þ' => folded.push_str("th"),
            'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => folded.push('u'),
            'ŵ' => folded.push('w'),
            'ý' | 'ÿ' | 'ŷ' => folded.push('y'),
            'ź' | 'ż' | 'ž' => folded.push('z'),
            // Accents written as marks of their own, and apostrophes: O’Neil is found as oneil.
            '\u{300}'..='\u{36f}' | '\'' | '’' | '‘' | 'ʼ' => {}
            other => folded.push(other),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_apostrophes_are_forgiven() {
        assert_eq!(split("Siân O’Neil-Łukasz"), ["sian", "oneil", "lukasz"]);
        assert_eq!(split("Sia\u{302}n"), ["sian"]);
        assert_eq!(split("محمد 李明"), ["محمد", "李明"]);
    }

    #[test]
    fn one_slip_is_forgiven_and_two_are_not() {
        for typed in ["whitb", "whtiby", "whiby", "whittby", "whidby"] {
            assert!(
                "whitby".starts_with(typed) || starts_with_one_slip("whitby", typed),
                "{typed}"
            );
        }
        for typed in ["whdbx", "wti", "harold", "mhidby"] {
            assert!(!starts_with_one_slip("whitby", typed), "{typed}");
        }
    }
}
