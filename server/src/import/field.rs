//! Fields parsed at the edge: dates, times, schedules, fixed choices, lists and free text.
//! Each reader names its own fault and gives `None`, so that one pass finds every fault of a row.

use chrono::{DateTime, Datelike, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Europe::London;
use holdfast_domain::{encoding::Millis, form::TEXT};
use serde::de::{DeserializeOwned, value::StrDeserializer};

use super::fault::{Faults, shown};
use super::key_safe::looks_like_a_key_code;
use super::table::Row;

/// A row being read, and where its faults go.
pub(super) struct Reader<'t, 'f> {
    pub row: Row<'t>,
    pub faults: &'f mut Faults,
}

impl<'t> Reader<'t, '_> {
    pub fn fault(&mut self, column: &str, message: String) {
        let place = self.row.place(column);
        self.faults.add(self.row.table.file, place, message);
    }

    /// Free text that must say something, kept as it was written.
    pub fn text(&mut self, column: &'static str) -> Option<String> {
        if self.row.raw(column).trim().is_empty() {
            self.fault(column, format!("'{column}' must not be empty."));
            return None;
        }
        self.checked(column)
    }

    /// Free text that may be empty.
    pub fn optional_text(&mut self, column: &'static str) -> Option<Option<String>> {
        if self.row.raw(column).trim().is_empty() {
            return Some(None);
        }
        self.checked(column).map(Some)
    }

    fn checked(&mut self, column: &'static str) -> Option<String> {
        let text = self.row.raw(column);
        let length = text.chars().count();
        if length > TEXT {
            self.fault(
                column,
                format!("'{column}' has {length} characters; at most {TEXT} are kept."),
            );
            return None;
        }
        if text.contains('\0') {
            self.fault(
                column,
                format!("'{column}' holds a NUL character. Take it out."),
            );
            return None;
        }
        if looks_like_a_key_code(text) {
            self.fault(
                column,
                format!(
                    "'{column}' looks like a key-safe or door code. Holdfast never stores one: take it out of this field."
                ),
            );
            return None;
        }
        Some(text.to_owned())
    }

    /// A key such as a reference, a username or a label: text without spaces around it.
    pub fn key(&mut self, column: &'static str) -> Option<String> {
        self.text(column).map(|text| text.trim().to_owned())
    }

    /// A key that may be empty.
    pub fn optional_key(&mut self, column: &'static str) -> Option<Option<String>> {
        self.optional_text(column)
            .map(|text| text.map(|text| text.trim().to_owned()))
    }

    /// One of a fixed set of words, each of which is the value's own name in an entry.
    pub fn choice<T: DeserializeOwned>(
        &mut self,
        column: &'static str,
        words: &[&'static str],
    ) -> Option<T> {
        let text = self.row.raw(column).trim();
        let value = words.contains(&text).then(|| named(text)).flatten();
        if value.is_none() {
            let words = words.join(", ");
            self.fault(
                column,
                format!("'{column}' is {}; it must be one of: {words}.", shown(text)),
            );
        }
        value
    }

    pub fn yes_or_no(&mut self, column: &'static str) -> Option<bool> {
        match self.row.raw(column).trim() {
            "yes" => Some(true),
            "no" => Some(false),
            text => {
                let message = format!("'{column}' is {}; it must be one of: yes, no.", shown(text));
                self.fault(column, message);
                None
            }
        }
    }

    /// A day, `2026-11-24`.
    pub fn date(&mut self, column: &'static str) -> Option<NaiveDate> {
        let text = self.row.raw(column).trim();
        let date = parse_date(text);
        if date.is_none() {
            self.fault(
                column,
                format!(
                    "'{column}' is {}; a date is written 2026-11-24.",
                    shown(text)
                ),
            );
        }
        date
    }

    /// A day that may be missing.
    pub fn optional_date(&mut self, column: &'static str) -> Option<Option<NaiveDate>> {
        if self.row.raw(column).trim().is_empty() {
            return Some(None);
        }
        self.date(column).map(Some)
    }

    /// A time of day, `08:00`.
    pub fn time(&mut self, column: &'static str) -> Option<NaiveTime> {
        let text = self.row.raw(column).trim();
        let time = parse_time(text);
        if time.is_none() {
            self.fault(
                column,
                format!("'{column}' is {}; a time is written 08:00.", shown(text)),
            );
        }
        time
    }

    /// A time of day that may be missing.
    pub fn optional_time(&mut self, column: &'static str) -> Option<Option<NaiveTime>> {
        if self.row.raw(column).trim().is_empty() {
            return Some(None);
        }
        self.time(column).map(Some)
    }

    /// Times of day between semicolons, `08:00;20:00`, at most so many, or none.
    pub fn optional_times(&mut self, column: &'static str, most: usize) -> Option<Vec<NaiveTime>> {
        if self.row.raw(column).trim().is_empty() {
            return Some(Vec::new());
        }
        let parts = self.list(column)?;
        if parts.len() > most {
            let message = format!("'{column}' has {} times; at most {most} fit.", parts.len());
            self.fault(column, message);
            return None;
        }
        let times: Option<Vec<NaiveTime>> = parts.iter().map(|part| parse_time(part)).collect();
        if times.is_none() {
            let text = self.row.raw(column);
            self.fault(
                column,
                format!(
                    "'{column}' is {}; times are written 08:00;20:00.",
                    shown(text)
                ),
            );
        }
        times
    }

    /// A moment, `2026-11-24T08:00:00+00:00`; without an offset it is the time in London.
    pub fn moment(&mut self, column: &'static str) -> Option<Millis> {
        let text = self.row.raw(column).trim();
        let moment = parse_moment(text);
        if moment.is_none() {
            self.fault(
                column,
                format!(
                    "'{column}' is {}; a date and time is written 2026-11-24T08:00:00+00:00, or without the offset for the time in London.",
                    shown(text)
                ),
            );
        }
        moment
    }

    /// A whole number from 1 that may be missing.
    pub fn optional_number(&mut self, column: &'static str, most: u16) -> Option<Option<u16>> {
        let text = self.row.raw(column).trim();
        if text.is_empty() {
            return Some(None);
        }
        match text.parse() {
            Ok(number) if (1..=most).contains(&number) => Some(Some(number)),
            _ => {
                self.fault(
                    column,
                    format!(
                        "'{column}' is {}; it must be a whole number from 1, or empty.",
                        shown(text)
                    ),
                );
                None
            }
        }
    }

    /// The parts between semicolons; none may be empty, and there is at least one.
    pub fn list(&mut self, column: &'static str) -> Option<Vec<String>> {
        let text = self.text(column)?;
        let parts: Vec<String> = text.split(';').map(|part| part.trim().to_owned()).collect();
        if parts.iter().any(String::is_empty) {
            self.fault(
                column,
                format!(
                    "'{column}' is {}; a part between the semicolons is empty.",
                    shown(&text)
                ),
            );
            return None;
        }
        Some(parts)
    }
}

/// The value whose name in an entry is this word.
fn named<T: DeserializeOwned>(word: &str) -> Option<T> {
    T::deserialize(StrDeserializer::<serde::de::value::Error>::new(word)).ok()
}

/// `2026-11-24`, digit by digit, in the years 1880 to 2200.
pub(super) fn parse_date(text: &str) -> Option<NaiveDate> {
    let shape = text.len() == 10 && text.bytes().filter(u8::is_ascii_digit).count() == 8;
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (shape && (1880..=2200).contains(&date.year())).then_some(date)
}

/// `08:00`, with both digits of the hour.
pub(super) fn parse_time(text: &str) -> Option<NaiveTime> {
    (text.len() == 5)
        .then(|| NaiveTime::parse_from_str(text, "%H:%M").ok())
        .flatten()
}

/// RFC 3339, or the same without an offset, as the time in London. Seconds may be left out.
/// Of the two moments that share a local time when the clocks go back, the first is taken;
/// a local time that the clocks jump over is none.
pub(super) fn parse_moment(text: &str) -> Option<Millis> {
    if let Ok(moment) = DateTime::parse_from_rfc3339(text) {
        return sensible(moment.timestamp_millis());
    }
    for form in ["%Y-%m-%dT%H:%M%:z", "%Y-%m-%d %H:%M%:z"] {
        if let Ok(moment) = DateTime::parse_from_str(text, form) {
            return sensible(moment.timestamp_millis());
        }
    }
    for form in [
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%dT%H:%M",
        "%Y-%m-%d %H:%M",
    ] {
        if let Ok(local) = NaiveDateTime::parse_from_str(text, form) {
            return london(local).and_then(sensible);
        }
    }
    None
}

fn sensible(moment: Millis) -> Option<Millis> {
    let year = DateTime::from_timestamp_millis(moment)?.year();
    (1880..=2200).contains(&year).then_some(moment)
}

/// The moment of a local time in London, if there is one; the first where there are two.
pub(super) fn london(local: NaiveDateTime) -> Option<Millis> {
    match London.from_local_datetime(&local) {
        LocalResult::Single(moment) | LocalResult::Ambiguous(moment, _) => {
            Some(moment.timestamp_millis())
        }
        LocalResult::None => None,
    }
}
