//! When something happened, as people say it: a day, and a time of the clock in England.

use chrono::{NaiveDate, NaiveTime, TimeZone};
use chrono_tz::Europe::London;

use crate::encoding::Millis;
use crate::words;

/// The day that somebody says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SaidDay {
    /// At no other time than now.
    Now,
    EarlierToday,
    Yesterday,
    /// Another day, which was said before.
    On(NaiveDate),
}

impl SaidDay {
    fn of_day(day: Option<NaiveDate>, now: Millis) -> SaidDay {
        let today = words::day(now);
        match day {
            None => SaidDay::Now,
            Some(day) if day == today => SaidDay::EarlierToday,
            Some(day) if Some(day) == today.pred_opt() => SaidDay::Yesterday,
            Some(day) => SaidDay::On(day),
        }
    }

    fn date(self, now: Millis) -> Option<NaiveDate> {
        match self {
            SaidDay::Now => None,
            SaidDay::EarlierToday => Some(words::day(now)),
            SaidDay::Yesterday => words::day(now).pred_opt(),
            SaidDay::On(date) => Some(date),
        }
    }

    /// The day and the time of the clock as an answer keeps them, whole or half typed: `2026-11-24 18:30`; empty for now.
    pub fn answer(self, clock: &str, now: Millis) -> String {
        let day = self.date(now);
        day.map_or_else(String::new, |day| format!("{day} {clock}"))
    }

    /// The day and the time of the clock that an answer keeps.
    pub fn read(answer: &str, now: Millis) -> (SaidDay, &str) {
        let (day, clock) = answer.split_once(' ').unwrap_or_default();
        (SaidDay::of_day(day.parse().ok(), now), clock)
    }
}

/// The moment that an answer names; none for now, or while the time is half typed.
pub(super) fn moment(answer: &str) -> Option<Millis> {
    let (day, clock) = answer.split_once(' ')?;
    on(day.parse().ok()?, clock)
}

/// A moment as an answer keeps it.
pub(super) fn answer(at: Millis) -> String {
    format!("{} {}", words::day(at), words::time(at))
}

fn on(day: NaiveDate, clock: &str) -> Option<Millis> {
    let time = NaiveTime::parse_from_str(clock, "%H:%M").ok()?;
    let moment = London.from_local_datetime(&day.and_time(time)).earliest()?;
    Some(moment.timestamp_millis())
}

/// A time that lies ahead.
pub(super) const NOT_YET: &str = "This time has not come yet. Check the day and the time.";

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24T21:35:00Z.
    const NOW: Millis = 1_795_556_100_000;
    const HOUR: Millis = 3_600_000;

    fn at(day: SaidDay, clock: &str, now: Millis) -> Option<Millis> {
        moment(&day.answer(clock, now))
    }

    #[test]
    fn a_time_earlier_today_or_yesterday_is_a_time_in_england() {
        assert_eq!(at(SaidDay::EarlierToday, "20:35", NOW), Some(NOW - HOUR));
        assert_eq!(at(SaidDay::Yesterday, "21:35", NOW), Some(NOW - 24 * HOUR));
        assert_eq!(at(SaidDay::Now, "20:35", NOW), None);
        assert_eq!(at(SaidDay::EarlierToday, "2", NOW), None);
        // On the Sunday on which the clocks went back, Saturday evening was an hour further away.
        let sunday = 1_792_908_000_000;
        assert_eq!(words::time(sunday), "06:00");
        assert_eq!(
            at(SaidDay::Yesterday, "18:00", sunday),
            Some(sunday - 13 * HOUR)
        );
    }

    #[test]
    fn a_day_is_found_again_from_its_moment_with_its_time_half_typed_too() {
        for day in [SaidDay::EarlierToday, SaidDay::Yesterday] {
            let said = at(day, "20:35", NOW).map(answer).unwrap();
            assert_eq!(SaidDay::read(&said, NOW), (day, "20:35"));
            assert_eq!(SaidDay::read(&day.answer("2", NOW), NOW), (day, "2"));
            assert_eq!(SaidDay::read(&day.answer("", NOW), NOW), (day, ""));
        }
        assert_eq!(SaidDay::Now.answer("20:35", NOW), "");
        assert_eq!(SaidDay::read("", NOW), (SaidDay::Now, ""));
        // A clock that is put right keeps the day.
        for days in [2, 3, 40] {
            let then = NOW - days * 24 * HOUR;
            let (day, clock) = (SaidDay::On(words::day(then)), words::time(then));
            assert_eq!(SaidDay::read(&answer(then), NOW), (day, clock.as_str()));
            assert_eq!(moment(&answer(then)), Some(then));
            assert_eq!(
                at(day, "18:30", NOW).map(words::day),
                Some(words::day(then))
            );
        }
    }
}
