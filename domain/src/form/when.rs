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
    /// The day of a moment; none is now.
    pub fn of(at: Option<Millis>, now: Millis) -> SaidDay {
        let today = words::day(now);
        match at.map(words::day) {
            None => SaidDay::Now,
            Some(day) if day == today => SaidDay::EarlierToday,
            Some(day) if Some(day) == today.pred_opt() => SaidDay::Yesterday,
            Some(day) => SaidDay::On(day),
        }
    }

    /// The moment that the day and a time such as `18:30` name; none for now, or while the time is half typed.
    pub fn at(self, clock: &str, now: Millis) -> Option<Millis> {
        let today = words::day(now);
        let date = match self {
            SaidDay::Now => return None,
            SaidDay::EarlierToday => today,
            SaidDay::Yesterday => today.pred_opt()?,
            SaidDay::On(date) => date,
        };
        let time = NaiveTime::parse_from_str(clock, "%H:%M").ok()?;
        let moment = London
            .from_local_datetime(&date.and_time(time))
            .earliest()?;
        Some(moment.timestamp_millis())
    }

    /// What is to be put right in the time of this day.
    pub fn fault(self, clock: &str, now: Millis) -> Option<&'static str> {
        match (self, self.at(clock, now)) {
            (SaidDay::Now, _) => None,
            (_, None) => Some("Say the time, such as 18:30."),
            (_, Some(at)) if at > now => Some(NOT_YET),
            _ => None,
        }
    }
}

/// A time that lies ahead.
pub(super) const NOT_YET: &str = "This time has not come yet. Check the day and the time.";

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24T21:35:00Z.
    const NOW: Millis = 1_795_556_100_000;
    const HOUR: Millis = 3_600_000;

    #[test]
    fn a_time_earlier_today_or_yesterday_is_a_time_in_england() {
        assert_eq!(SaidDay::EarlierToday.at("20:35", NOW), Some(NOW - HOUR));
        assert_eq!(SaidDay::Yesterday.at("21:35", NOW), Some(NOW - 24 * HOUR));
        assert_eq!(SaidDay::Now.at("20:35", NOW), None);
        assert_eq!(SaidDay::EarlierToday.at("2", NOW), None);
        // On the Sunday on which the clocks went back, Saturday evening was an hour further away.
        let sunday = 1_792_908_000_000;
        assert_eq!(words::time(sunday), "06:00");
        assert_eq!(
            SaidDay::Yesterday.at("18:00", sunday),
            Some(sunday - 13 * HOUR)
        );
    }

    #[test]
    fn a_day_is_found_again_from_its_moment_and_a_time_to_come_is_a_fault() {
        for day in [SaidDay::EarlierToday, SaidDay::Yesterday] {
            assert_eq!(SaidDay::of(day.at("20:35", NOW), NOW), day);
            assert_eq!(day.fault("20:35", NOW), None);
            assert_eq!(day.fault("", NOW), Some("Say the time, such as 18:30."));
        }
        assert_eq!(SaidDay::of(None, NOW), SaidDay::Now);
        // A clock that is put right keeps the day.
        for days in [2, 3, 40] {
            let at = NOW - days * 24 * HOUR;
            let day = SaidDay::of(Some(at), NOW);
            assert_eq!(day, SaidDay::On(words::day(at)));
            assert_eq!(day.at(&words::time(at), NOW), Some(at));
            assert_eq!(day.at("18:30", NOW).map(words::day), Some(words::day(at)));
        }
        let ahead = SaidDay::of(Some(NOW + 24 * HOUR), NOW);
        assert_eq!(ahead.fault("21:35", NOW), Some(NOT_YET));
        assert_eq!(SaidDay::Now.fault("", NOW), None);
        assert_eq!(SaidDay::EarlierToday.fault("21:36", NOW), Some(NOT_YET));
        assert_eq!(SaidDay::Yesterday.fault("21:36", NOW), None);
    }
}
