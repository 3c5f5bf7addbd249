//! The demo provider: its files lie in the binary and are moved by whole weeks to the present,
//! so that the copy is fresh, weekly medicines keep their day, and today and tomorrow have visits.
//! The same `now` always gives the same files.

use std::collections::BTreeMap;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::{Europe::London, Tz};
use csv::StringRecord;
use holdfast_domain::encoding::Millis;

/// The password of every demo account. Only `serve --demo` sets it.
pub const PASSWORD: &str = "holdfast-demo";

const FILES: [(&str, &str); 8] = [
    ("services.csv", include_str!("../../demo/services.csv")),
    ("staff.csv", include_str!("../../demo/staff.csv")),
    ("people.csv", include_str!("../../demo/people.csv")),
    ("medicines.csv", include_str!("../../demo/medicines.csv")),
    (
        "administrations.csv",
        include_str!("../../demo/administrations.csv"),
    ),
    ("visits.csv", include_str!("../../demo/visits.csv")),
    ("devices.csv", include_str!("../../demo/devices.csv")),
    ("plans.csv", include_str!("../../demo/plans.csv")),
];

/// The day the files tell of; they are as of 18:00 in London.
const AS_OF: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day of the calendar");
/// A dose counts as given for a due time when it was given this near to it.
const SAME_DOSE: chrono::TimeDelta = chrono::TimeDelta::minutes(45);

/// The demo provider's files as of `now`, by name, ready for `import::parse`.
#[must_use]
pub fn files(now: Millis) -> BTreeMap<String, Vec<u8>> {
    let now = DateTime::from_timestamp_millis(now)
        .unwrap_or(DateTime::UNIX_EPOCH)
        .with_timezone(&London);
    let shift = Shift {
        days: 7 * weeks(now.to_utc()),
    };
    let mut tables: BTreeMap<&str, Table> = FILES
        .iter()
        .map(|(name, text)| (*name, Table::read(text)))
        .collect();
    for (file, column) in [
        ("medicines.csv", "started_on"),
        ("medicines.csv", "review_or_stop_on"),
        ("plans.csv", "effective_from"),
        ("visits.csv", "date"),
    ] {
        if let Some(table) = tables.get_mut(file) {
            table.change(column, |text| shift.date(text));
        }
    }
    if let Some(table) = tables.get_mut("medicines.csv") {
        table.change("schedule", |text| match text.rsplit_once(" from ") {
            Some((every, from)) => format!("{every} from {}", shift.date(from)),
            None => text.to_owned(),
        });
    }
    let doses = tables
        .get("medicines.csv")
        .map(due_doses)
        .unwrap_or_default();
    if let Some(table) = tables.get_mut("administrations.csv") {
        administrations(table, &shift, &doses, now);
    }
    if let Some(table) = tables.get_mut("visits.csv") {
        repeat_visits(table, shift.moved(AS_OF), now.date_naive());
    }
    tables
        .into_iter()
        .map(|(name, table)| (name.to_owned(), table.write()))
        .collect()
}

/// The whole weeks that bring 24 November 2026, 18:00 in London, nearest to `now`.
fn weeks(now: DateTime<Utc>) -> i64 {
    let away = |weeks: i64| {
        let day = Shift { days: 7 * weeks }.moved(AS_OF);
        (moment(day.and_time(evening())).to_utc() - now).abs()
    };
    let near = (now.date_naive() - AS_OF).num_weeks();
    (near - 1..=near + 1)
        .min_by_key(|weeks| away(*weeks))
        .unwrap_or(near)
}

fn evening() -> NaiveTime {
    NaiveTime::from_hms_opt(18, 0, 0).expect("a time of the day")
}

struct Shift {
    days: i64,
}

impl Shift {
    fn moved(&self, day: NaiveDate) -> NaiveDate {
        let days = Days::new(self.days.unsigned_abs());
        let moved = if self.days < 0 {
            day.checked_sub_days(days)
        } else {
            day.checked_add_days(days)
        };
        moved.unwrap_or(day)
    }

    /// A date as the files write it; what is not one, such as an empty field, stays.
    fn date(&self, text: &str) -> String {
        match text.parse() {
            Ok(day) => self.moved(day).to_string(),
            Err(_) => text.to_owned(),
        }
    }
}

/// The moment of a local time in London: the first of two, and an hour on where the clocks jump over it.
fn moment(local: NaiveDateTime) -> DateTime<Tz> {
    London
        .from_local_datetime(&local)
        .earliest()
        .or_else(|| {
            let later = local + chrono::TimeDelta::hours(1);
            London.from_local_datetime(&later).earliest()
        })
        .unwrap_or_else(|| London.from_utc_datetime(&local))
}

/// A medicine's doses that are due by the clock.
struct Due {
    /// person_ref, medicine, strength
    key: [String; 3],
    dose: String,
    times: Vec<NaiveTime>,
    schedule: String,
}

impl Due {
    fn falls_on(&self, day: NaiveDate) -> bool {
        if let Some(days) = self.schedule.strip_prefix("weekly ") {
            let name = day.format("%a").to_string();
            return days.split(';').any(|day| day == name);
        }
        if let Some((_, from)) = self.schedule.split_once(" hours from ") {
            let Ok(from) = from.parse::<NaiveDate>() else {
                return false;
            };
            let days = (day - from).num_days();
            return days >= 0 && days % 3 == 0;
        }
        self.schedule == "daily"
    }
}

/// Every medicine with times of day; doses when needed are due at no time.
fn due_doses(medicines: &Table) -> Vec<Due> {
    medicines
        .rows
        .iter()
        .map(|row| Due {
            key: medicine_key(medicines, row),
            dose: medicines.field(row, "dose").to_owned(),
            times: medicines
                .field(row, "times")
                .split(';')
                .filter_map(|time| NaiveTime::parse_from_str(time, "%H:%M").ok())
                .collect(),
            schedule: medicines.field(row, "schedule").to_owned(),
        })
        .collect()
}

fn medicine_key(table: &Table, row: &StringRecord) -> [String; 3] {
    ["person_ref", "medicine", "strength"].map(|column| table.field(row, column).to_owned())
}

/// Moves the administrations, drops those after `now`, and fills the time between the newest and `now`.
fn administrations(table: &mut Table, shift: &Shift, doses: &[Due], now: DateTime<Tz>) {
    table.change("given_at", |text| {
        match DateTime::parse_from_rfc3339(text) {
            Ok(given) => {
                let local = given.with_timezone(&London).naive_local();
                moment(shift.moved(local.date()).and_time(local.time())).to_rfc3339()
            }
            Err(_) => text.to_owned(),
        }
    });
    let given_at = |table: &Table, row: &StringRecord| {
        DateTime::parse_from_rfc3339(table.field(row, "given_at"))
            .map(|given| given.with_timezone(&London))
            .ok()
    };
    let mut rows = std::mem::take(&mut table.rows);
    rows.retain(|row| given_at(table, row).is_some_and(|given| given <= now));
    let newest = rows.iter().filter_map(|row| given_at(table, row)).max();
    if let Some(newest) = newest {
        let lately: Vec<([String; 3], DateTime<Tz>)> = rows
            .iter()
            .filter_map(|row| Some((medicine_key(table, row), given_at(table, row)?)))
            .filter(|(_, given)| newest - *given <= SAME_DOSE)
            .collect();
        let mut filled = Vec::new();
        let days = newest.date_naive().iter_days();
        for day in days.take_while(|day| *day <= now.date_naive()) {
            for due in doses.iter().filter(|due| due.falls_on(day)) {
                for time in &due.times {
                    let at = moment(day.and_time(*time));
                    let given = lately
                        .iter()
                        .any(|(key, given)| *key == due.key && at - *given <= SAME_DOSE);
                    if at > newest && at <= now && !given {
                        filled.push((at, due));
                    }
                }
            }
        }
        filled.sort_by_key(|(at, _)| *at);
        for (at, due) in filled {
            rows.push(table.compose(|column| match column {
                "person_ref" => due.key[0].clone(),
                "medicine" => due.key[1].clone(),
                "strength" => due.key[2].clone(),
                "given_at" => at.to_rfc3339(),
                "dose" => due.dose.clone(),
                _ => "given".to_owned(),
            }));
        }
    }
    table.rows = rows;
}

/// Repeats the plan of two days, beginning on `first`, so that each day to tomorrow has its own.
fn repeat_visits(table: &mut Table, first: NaiveDate, today: NaiveDate) {
    let second = first + Days::new(1);
    let tomorrow = today + Days::new(1);
    let plan = std::mem::take(&mut table.rows);
    let days = first.min(today).iter_days();
    let mut rows = Vec::new();
    for day in days.take_while(|day| *day <= tomorrow.max(second)) {
        let like = if (day - first).num_days().rem_euclid(2) == 0 {
            first
        } else {
            second
        };
        for row in &plan {
            if table.field(row, "date") == like.to_string() {
                rows.push(table.compose(|column| match column {
                    "date" => day.to_string(),
                    _ => table.field(row, column).to_owned(),
                }));
            }
        }
    }
    table.rows = rows;
}

/// A file as its header and rows.
struct Table {
    header: StringRecord,
    rows: Vec<StringRecord>,
}

impl Table {
    fn read(text: &str) -> Self {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header = reader.headers().cloned().unwrap_or_default();
        let rows = reader.records().filter_map(Result::ok).collect();
        Self { header, rows }
    }

    fn field<'r>(&self, row: &'r StringRecord, column: &str) -> &'r str {
        let at = self.header.iter().position(|name| name == column);
        at.and_then(|at| row.get(at)).unwrap_or_default()
    }

    fn compose(&self, field: impl Fn(&str) -> String) -> StringRecord {
        self.header.iter().map(field).collect()
    }

    fn change(&mut self, column: &str, change: impl Fn(&str) -> String) {
        let rows = std::mem::take(&mut self.rows);
        self.rows = rows
            .iter()
            .map(|row| {
                self.compose(|name| {
                    let text = self.field(row, name);
                    if name == column {
                        change(text)
                    } else {
                        text.to_owned()
                    }
                })
            })
            .collect();
    }

    fn write(&self) -> Vec<u8> {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        for row in std::iter::once(&self.header).chain(&self.rows) {
            writer
                .write_record(row)
                .expect("writing to memory, all rows of one width");
        }
        writer.into_inner().expect("writing to memory")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        DateTime::parse_from_rfc3339(text)
            .expect("a time")
            .timestamp_millis()
    }

    fn table(now: Millis, file: &str) -> Table {
        read(&files(now), file)
    }

    fn read(files: &BTreeMap<String, Vec<u8>>, file: &str) -> Table {
        Table::read(std::str::from_utf8(&files[file]).expect("text"))
    }

    fn column(table: &Table, name: &str) -> Vec<String> {
        table
            .rows
            .iter()
            .map(|row| table.field(row, name).to_owned())
            .collect()
    }

    #[test]
    fn on_its_own_day_nothing_moves() {
        let files = files(at("2026-11-24T18:00:00Z"));
        for (name, text) in FILES {
            let lines = |text: &str| {
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                lines.sort_unstable();
                lines
            };
            let moved = std::str::from_utf8(&files[name]).expect("text");
            assert!(lines(moved) == lines(text), "{name} moved");
        }
    }

    #[test]
    fn dates_move_by_the_nearest_whole_weeks() {
        for (now, weeks_on) in [
            ("2026-11-28T05:59:00Z", 0),
            ("2026-11-28T06:01:00Z", 1),
            ("2026-11-21T06:01:00Z", 0),
            ("2026-11-21T05:59:00Z", -1),
            ("2027-07-06T17:00:00Z", 32),
        ] {
            let weeks = weeks(DateTime::parse_from_rfc3339(now).expect("a time").to_utc());
            assert_eq!(weeks, weeks_on, "{now}");
        }
    }

    #[test]
    fn everything_dated_moves_except_dates_of_birth() {
        let now = at("2027-07-06T17:00:00Z");
        let plans = table(now, "plans.csv");
        assert_eq!(column(&plans, "effective_from")[0], "2027-04-26");
        let medicines = table(now, "medicines.csv");
        assert_eq!(column(&medicines, "started_on")[1], "2027-05-14");
        assert_eq!(column(&medicines, "review_or_stop_on")[1], "2027-09-14");
        let schedules = column(&medicines, "schedule");
        assert!(schedules.contains(&"every 72 hours from 2027-06-14".to_owned()));
        assert_eq!(files(now)["people.csv"], FILES[2].1.as_bytes());
    }

    #[test]
    fn times_of_day_stay_and_take_the_offset_of_their_new_date() {
        let summer = table(at("2027-07-06T17:00:00Z"), "administrations.csv");
        assert_eq!(column(&summer, "given_at")[0], "2027-06-29T06:58:00+01:00");
    }

    #[test]
    fn doses_that_were_due_since_the_newest_were_given_at_their_time() {
        let now = at("2026-11-26T12:00:00Z");
        let doses = table(now, "administrations.csv");
        let given = column(&doses, "given_at");
        let filled: Vec<&String> = given
            .iter()
            .filter(|it| it.as_str() > "2026-11-24T17:41")
            .collect();
        let medicines = table(now, "medicines.csv");
        let mut due = 0;
        for medicine in due_doses(&medicines) {
            for (day, from, to) in [
                ("2026-11-24", "17:41", "23:59"),
                ("2026-11-25", "00:00", "23:59"),
                ("2026-11-26", "00:00", "12:00"),
            ] {
                let time = |text| NaiveTime::parse_from_str(text, "%H:%M").expect("a time");
                if medicine.falls_on(day.parse().expect("a day")) {
                    let within = time(from)..=time(to);
                    due += medicine
                        .times
                        .iter()
                        .filter(|it| within.contains(it))
                        .count();
                }
            }
        }
        assert_eq!(filled.len(), due);
        assert!(due > 150, "{due}");
        assert_eq!(
            given.last().map(String::as_str),
            Some("2026-11-26T11:55:00+00:00")
        );
    }

    /// Every 131 hours through two years, and around both changes of the clocks.
    #[test]
    fn at_every_moment_the_copy_is_fresh_and_of_the_past() {
        let start = at("2026-01-01T00:20:00Z");
        let mut moments: Vec<Millis> = (0..130).map(|n| start + n * 131 * 3_600_000).collect();
        for change in ["2027-03-28T00:30:00Z", "2027-10-31T00:30:00Z"] {
            moments.extend((0..8).map(|n| at(change) + n * 1_800_000));
        }
        for now in moments {
            let files = files(now);
            let today = DateTime::from_timestamp_millis(now)
                .expect("a moment")
                .with_timezone(&London)
                .date_naive();
            let given: Vec<Millis> = column(&read(&files, "administrations.csv"), "given_at")
                .iter()
                .map(|text| at(text))
                .collect();
            assert!(given.iter().all(|it| *it <= now));
            let newest = given.iter().max().expect("there are doses");
            assert!(
                now - newest < 12 * 3_600_000,
                "the newest dose is of the last night"
            );
            let dates = column(&read(&files, "visits.csv"), "date");
            for day in [today, today + Days::new(1)] {
                let visits = dates.iter().filter(|it| **it == day.to_string()).count();
                assert_eq!(visits, 77, "{day}");
            }
        }
    }

    #[test]
    fn the_demo_imports_without_a_fault_in_summer_and_in_winter() {
        use holdfast_domain::ids::ProviderId;
        for now in [
            "2026-11-24T18:00:00Z",
            "2027-03-28T01:30:00Z",
            "2027-07-14T09:00:00Z",
            "2027-10-31T01:30:00Z",
        ] {
            let import = crate::import::parse(&files(at(now)), ProviderId::nil());
            assert!(import.is_ok(), "{now}: {import:?}");
        }
    }
}
