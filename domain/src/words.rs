//! Times and ages in the words that people read: British English, Europe/London.

use chrono::{DateTime, Datelike, NaiveDate, TimeZone, Timelike};
use chrono_tz::Europe::London;
use chrono_tz::Tz;

use crate::encoding::Millis;

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// The moment in London. Times outside what a calendar holds become its start.
pub fn london(time: Millis) -> DateTime<Tz> {
    DateTime::from_timestamp_millis(time)
        .unwrap_or_default()
        .with_timezone(&London)
}

/// A button's words within a sentence: the first letter small, names as they are.
pub fn within(label: &str) -> String {
    let mut letters = label.chars();
    match letters.next() {
        Some(first) => first.to_lowercase().chain(letters).collect(),
        None => String::new(),
    }
}

/// The day in London.
pub fn day(time: Millis) -> NaiveDate {
    london(time).date_naive()
}

/// The time of day: `21:34`.
pub fn time(time: Millis) -> String {
    let at = london(time);
    format!("{:02}:{:02}", at.hour(), at.minute())
}

/// How long something has lasted, in milliseconds: `under a minute`, `12 min`, `3 h 12 min`, `2 days`.
pub fn age(lasted: Millis) -> String {
    match lasted {
        ..MINUTE => "under a minute".to_owned(),
        MINUTE..HOUR => format!("{} min", lasted / MINUTE),
        HOUR..DAY => {
            let (hours, minutes) = (lasted / HOUR, lasted % HOUR / MINUTE);
            if minutes == 0 {
                format!("{hours} h")
            } else {
                format!("{hours} h {minutes} min")
            }
        }
        _ if lasted < 2 * DAY => "1 day".to_owned(),
        _ => format!("{} days", lasted / DAY),
    }
}

/// How long something has lasted, for a small place: `12m`, `5h`, `3d`.
pub fn short_age(lasted: Millis) -> String {
    match lasted {
        ..HOUR => format!("{}m", lasted.max(0) / MINUTE),
        HOUR..DAY => format!("{}h", lasted / HOUR),
        _ => format!("{}d", lasted / DAY),
    }
}

/// How old something is, for a small place: `12m old`, and `just now` in the first minute.
pub fn short_old(lasted: Millis) -> String {
    match lasted {
        ..MINUTE => "just now".to_owned(),
        _ => format!("{} old", short_age(lasted)),
    }
}

/// When a day begins in London.
pub fn start_of(date: NaiveDate) -> Millis {
    let midnight = date.and_time(chrono::NaiveTime::MIN);
    London
        .from_local_datetime(&midnight)
        .earliest()
        .map_or(0, |at| at.timestamp_millis())
}

/// When it is a time of day in London; where the clocks jump over it, an hour later.
pub fn at(date: NaiveDate, time: chrono::NaiveTime) -> Millis {
    let local = date.and_time(time);
    let moment = |local| London.from_local_datetime(&local).earliest();
    moment(local)
        .or_else(|| moment(local + chrono::TimeDelta::hours(1)))
        .map_or(0, |at| at.timestamp_millis())
}

/// The last millisecond of a moment's day in London.
pub fn end_of_day(time: Millis) -> Millis {
    day(time).succ_opt().map_or(time, |next| start_of(next) - 1)
}

/// When something was or will be, seen from `now`: `Today 21:34`, `Yesterday 20:11`,
/// `Tomorrow 07:30`, `Tue 24 Nov, 16:10`, and with the year where it is another.
pub fn when(at: Millis, now: Millis) -> String {
    let (date, today) = (day(at), day(now));
    let clock = time(at);
    match date.signed_duration_since(today).num_days() {
        0 => format!("Today {clock}"),
        -1 => format!("Yesterday {clock}"),
        1 => format!("Tomorrow {clock}"),
        _ => format!("{}, {clock}", short_date(date, today)),
    }
}

/// As [`when`], inside a sentence or after other words: `22:15` for today, `yesterday 20:11`, ...
pub fn when_after(at: Millis, now: Millis) -> String {
    let (date, today) = (day(at), day(now));
    let clock = time(at);
    match date.signed_duration_since(today).num_days() {
        0 => clock,
        -1 => format!("yesterday {clock}"),
        1 => format!("tomorrow {clock}"),
        _ => format!("{}, {clock}", short_date(date, today)),
    }
}

fn short_date(date: NaiveDate, today: NaiveDate) -> String {
    let text = format!("{} {} {}", date.weekday(), date.day(), &month(date)[..3]);
    if date.year() == today.year() {
        text
    } else {
        format!("{text} {}", date.year())
    }
}

/// A date in full: `21 September 2026`.
pub fn date(date: NaiveDate) -> String {
    format!("{} {} {}", date.day(), month(date), date.year())
}

/// A date as said this year, `21 September`, and with the year where it is another.
pub fn date_seen_from(it: NaiveDate, now: Millis) -> String {
    if it.year() == day(now).year() {
        format!("{} {}", it.day(), month(it))
    } else {
        date(it)
    }
}

fn month(date: NaiveDate) -> &'static str {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    MONTHS[date.month0() as usize]
}

/// `Good morning` from 04:00, `Good afternoon` from 12:00, `Good evening` from 17:00.
pub fn greeting(now: Millis) -> &'static str {
    match london(now).hour() {
        4..12 => "Good morning",
        12..17 => "Good afternoon",
        _ => "Good evening",
    }
}

/// How many of something: `1 record`, `3 records`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", thousands(number))
}

/// A number with its thousands apart: `2,000`.
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A name or other short text of somebody's, without the characters that turn the direction of the text after them
/// (Unicode's bidirectional algorithm, UAX 9, 2.1 to 2.4). What is stored keeps them.
pub fn steady(text: &str) -> String {
    text.chars().filter(|c| !is_turning(*c)).collect()
}

/// The first characters of a text, and three dots where there are more.
#[must_use]
pub fn beginning(text: &str, characters: usize) -> String {
    let mut first: String = text.chars().take(characters).collect();
    if first.len() < text.len() {
        first.push('…');
    }
    first
}

/// The same within a line of ours: where it is written from right to left it keeps that to itself.
pub fn isolated(text: &str) -> String {
    let steady = steady(text);
    if steady.chars().any(is_from_right) {
        format!("\u{2068}{steady}\u{2069}")
    } else {
        steady
    }
}

/// Somebody's first name, as it stands in a line of ours.
pub fn first_name(name: &str) -> String {
    isolated(steady(name).split_whitespace().next().unwrap_or_default())
}

/// Somebody's first name, with the first letter of the last where one of the others has the same: `Marta K`.
pub fn first_name_among(name: &str, others: &[&str]) -> String {
    let first = first_name(name);
    let last = steady(name);
    let last = last.split_whitespace().skip(1).last();
    match last.and_then(|last| last.chars().next()) {
        Some(letter) if others.iter().any(|other| first_name(other) == first) => {
            isolated(&format!("{first} {letter}"))
        }
        _ => first,
    }
}

/// The characters that open or close an embedding, an override or an isolate.
fn is_turning(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Letters of the blocks that are kept for scripts written from right to left, and the mark that acts as one.
fn is_from_right(c: char) -> bool {
    matches!(
        c,
        '\u{590}'..='\u{8ff}' | '\u{200f}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'
    )
}

/// The first letter of the first and of the last word, for a small mark beside a name: `JW`.
pub fn initials(name: &str) -> String {
    let letters: Vec<char> = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()))
        .collect();
    match letters.as_slice() {
        [] => String::new(),
        [only] => only.to_uppercase().collect(),
        [first, .., last] => first.to_uppercase().chain(last.to_uppercase()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24T21:35:00Z, winter time.
    const NOW: Millis = 1_795_556_100_000;

    #[test]
    fn ages_are_short_and_whole() {
        let read: Vec<String> = [
            0,
            59_999,
            12 * MINUTE,
            HOUR,
            3 * HOUR + 12 * MINUTE,
            DAY,
            47 * HOUR,
            5 * DAY,
        ]
        .into_iter()
        .map(age)
        .collect();
        assert_eq!(
            read,
            [
                "under a minute",
                "under a minute",
                "12 min",
                "1 h",
                "3 h 12 min",
                "1 day",
                "1 day",
                "5 days"
            ]
        );
        assert_eq!(age(-5), "under a minute");
    }

    #[test]
    fn days_are_named_as_people_name_them() {
        assert_eq!(when(NOW - MINUTE, NOW), "Today 21:34");
        assert_eq!(when(NOW - DAY, NOW), "Yesterday 21:35");
        assert_eq!(when(NOW + 10 * HOUR, NOW), "Tomorrow 07:35");
        assert_eq!(when(NOW - 7 * DAY, NOW), "Tue 17 Nov, 21:35");
        assert_eq!(when(NOW - 365 * DAY, NOW), "Mon 24 Nov 2025, 21:35");
        assert_eq!(when_after(NOW, NOW), "21:35");
    }

    #[test]
    fn a_day_ends_at_midnight_in_london() {
        assert_eq!(time(end_of_day(NOW)), "23:59");
        assert_eq!(day(end_of_day(NOW)), day(NOW));
        assert_eq!(day(end_of_day(NOW) + 1), day(NOW + DAY));
        // 2026-07-01T23:30:00Z is the second of July there, which ends at 23:00 UTC.
        let late = 1_782_948_600_000;
        assert_eq!(end_of_day(late) + 1, late + 23 * HOUR + HOUR / 2);
        // The clocks go back on 25 October 2026: that day has 25 hours.
        let october = start_of(NaiveDate::from_ymd_opt(2026, 10, 25).unwrap());
        assert_eq!(end_of_day(october) + 1 - october, 25 * HOUR);
    }

    #[test]
    fn short_ages_fit_a_cell() {
        assert_eq!(
            [0, 12 * MINUTE, 5 * HOUR, 3 * DAY].map(short_age),
            ["0m", "12m", "5h", "3d"]
        );
        assert_eq!([0, 5 * HOUR].map(short_old), ["just now", "5h old"]);
    }

    #[test]
    fn summer_time_is_an_hour_ahead() {
        // 2026-07-01T23:30:00Z is already the next day in London.
        let late = 1_782_948_600_000;
        assert_eq!(time(late), "00:30");
        assert_eq!(date(day(late)), "2 July 2026");
        assert_eq!(date_seen_from(day(late), NOW), "2 July");
    }

    #[test]
    fn the_greeting_follows_the_day() {
        assert_eq!(greeting(NOW), "Good evening");
        assert_eq!(greeting(NOW - 9 * HOUR), "Good afternoon");
        assert_eq!(greeting(NOW - 15 * HOUR), "Good morning");
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            [0, 999, 2_000, 1_234_567].map(thousands),
            ["0", "999", "2,000", "1,234,567"]
        );
    }

    #[test]
    fn text_that_turns_does_not_turn_what_stands_around_it() {
        assert_eq!(isolated("Siân O’Neil-Łukasz"), "Siân O’Neil-Łukasz");
        assert_eq!(isolated("محمد"), "\u{2068}محمد\u{2069}");
        assert_eq!(isolated(&isolated("محمد")), "\u{2068}محمد\u{2069}");
        for hostile in ["Jean\u{202e} Whitby", "Jean\u{2069}\u{202e} Whitby\u{2067}"] {
            assert_eq!(isolated(hostile), "Jean Whitby");
            assert_eq!(steady(hostile), "Jean Whitby");
        }
        assert_eq!(steady("\u{202e}محمد"), "محمد");
        assert_eq!(
            first_name(&isolated("\u{202e}محمد عبد")),
            "\u{2068}محمد\u{2069}"
        );
        assert_eq!(first_name("Jean Whitby"), "Jean");
        assert_eq!(first_name(""), "");
    }

    #[test]
    fn a_first_name_that_another_has_too_is_told_by_the_last_name() {
        let others = ["Marta Nowak", "Tariq Mahmood"];
        assert_eq!(first_name_among("Marta Kowalska", &others), "Marta K");
        assert_eq!(first_name_among("Siân Pugh", &others), "Siân");
        assert_eq!(first_name_among("Marta", &others), "Marta");
    }

    #[test]
    fn initials_take_the_first_and_the_last_word() {
        assert_eq!(initials("Siân Pugh"), "SP");
        assert_eq!(initials("Mary Ellen O’Neil"), "MO");
        assert_eq!(initials("李明"), "李");
        assert_eq!(initials("  "), "");
    }
}
