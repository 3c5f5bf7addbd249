//! `medicines.csv`: what is listed for whom, and when it is due.

use chrono::{NaiveTime, Weekday};
use holdfast_domain::body::{Data, Medicine, Schedule};

use super::{Reading, Unique, medicine_id, medicine_key};
use crate::import::{
    fault::shown,
    field::{parse_date, parse_time},
    table::{Form, Row, Table},
};

pub(super) const FORM: Form = Form {
    file: "medicines.csv",
    columns: &[
        "person_ref",
        "medicine",
        "strength",
        "form",
        "dose",
        "route",
        "times",
        "schedule",
        "instructions",
        "time_critical",
        "controlled",
        "min_hours_between",
        "max_in_24h",
        "started_on",
        "review_or_stop_on",
        "prescriber",
    ],
    may_lack: &[],
};

impl Reading<'_> {
    pub(super) fn medicines(&mut self, table: &Table<'_>) {
        let mut keys = Unique::new("medicine");
        for row in table.rows() {
            keys.check(row, &medicine_key(row).join(", "), self.faults);
            self.medicine(row);
        }
    }

    fn medicine(&mut self, row: Row<'_>) -> Option<()> {
        let referred = self.referred(row);
        let plan = self.times_and_schedule(row);
        let mut it = self.reader(row);
        let name = it.key("medicine");
        let strength = it.key("strength");
        let form = it.text("form");
        let dose = it.text("dose");
        let route = it.text("route");
        let instructions = it.text("instructions");
        let time_critical = it.yes_or_no("time_critical");
        let controlled = it.yes_or_no("controlled");
        let min_hours_between = it.optional_number("min_hours_between", 1_000);
        let max_in_24h = it.optional_number("max_in_24h", 1_000);
        let started_on = it.date("started_on");
        let review_or_stop_on = it.optional_date("review_or_stop_on");
        let prescriber = it.text("prescriber");
        if let (Some(started), Some(Some(stop))) = (started_on, review_or_stop_on)
            && stop < started
        {
            it.fault(
                "review_or_stop_on",
                format!("'review_or_stop_on' is {stop}, before 'started_on' ({started})."),
            );
            return None;
        }
        let (times, schedule) = plan?;
        let referred = referred?;
        let medicine = medicine_id(self.provider, &medicine_key(row));
        let data = Data::Medicine(Box::new(Medicine {
            medicine,
            person: referred.person,
            name: name?,
            strength: strength?,
            form: form?,
            dose: dose?,
            route: route?,
            schedule,
            times,
            instructions: instructions?,
            time_critical: time_critical?,
            controlled: controlled?,
            min_hours_between: min_hours_between?,
            max_in_24h: max_in_24h?,
            started_on: started_on?,
            review_or_stop_on: review_or_stop_on?,
            prescriber: prescriber?,
        }));
        self.list(row, referred.service, medicine.uuid(), data);
        Some(())
    }

    /// `08:00;20:00` with a schedule by the clock, or `PRN` with `when needed`.
    fn times_and_schedule(&mut self, row: Row<'_>) -> Option<(Vec<NaiveTime>, Schedule)> {
        let mut it = self.reader(row);
        let text = row.raw("schedule").trim();
        let schedule = parse_schedule(text);
        if schedule.is_none() {
            it.fault(
                "schedule",
                format!(
                    "'schedule' is {}; it must be 'daily', 'weekly Mon;Thu', 'every 72 hours from 2026-11-02' or 'when needed'.",
                    shown(text)
                ),
            );
        }
        let when_needed = row.raw("times").trim() == "PRN";
        let mut times = Vec::new();
        if !when_needed {
            for text in it.list("times")? {
                match parse_time(&text) {
                    Some(time) if times.contains(&time) => {
                        it.fault("times", format!("'times' has {} twice.", shown(&text)));
                        return None;
                    }
                    Some(time) => times.push(time),
                    None => {
                        it.fault(
                            "times",
                            format!(
                                "'times' has {}; times are written 08:00;20:00, or PRN for a medicine when needed.",
                                shown(&text)
                            ),
                        );
                        return None;
                    }
                }
            }
            times.sort_unstable();
        }
        let schedule = schedule?;
        if when_needed != (schedule == Schedule::WhenNeeded) {
            it.fault(
                "times",
                "'times' is 'PRN' exactly when 'schedule' is 'when needed'.".to_owned(),
            );
            return None;
        }
        Some((times, schedule))
    }
}

/// `daily`, `weekly Mon;Thu`, `every 72 hours from 2026-11-02` or `when needed`.
fn parse_schedule(text: &str) -> Option<Schedule> {
    match text {
        "daily" => return Some(Schedule::Daily),
        "when needed" => return Some(Schedule::WhenNeeded),
        _ => {}
    }
    if let Some(names) = text.strip_prefix("weekly ") {
        let mut days = Vec::new();
        for name in names.split(';') {
            let day = weekday(name.trim())?;
            if days.contains(&day) {
                return None;
            }
            days.push(day);
        }
        days.sort_by_key(Weekday::num_days_from_monday);
        return Some(Schedule::Weekly { days });
    }
    let (hours, from) = text.strip_prefix("every ")?.split_once(" hours from ")?;
    let hours = hours
        .parse()
        .ok()
        .filter(|hours| (1..=8_784).contains(hours))?;
    Some(Schedule::EveryHours {
        hours,
        from: parse_date(from)?,
    })
}

fn weekday(name: &str) -> Option<Weekday> {
    Some(match name {
        "Mon" => Weekday::Mon,
        "Tue" => Weekday::Tue,
        "Wed" => Weekday::Wed,
        "Thu" => Weekday::Thu,
        "Fri" => Weekday::Fri,
        "Sat" => Weekday::Sat,
        "Sun" => Weekday::Sun,
        _ => return None,
    })
}
