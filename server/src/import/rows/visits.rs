//! `visits.csv`: planned visits, gathered by person.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use holdfast_domain::body::{Data, Visit, Visits};

use super::{Gathered, Reading, Referred, gather};
use crate::import::{
    field::london,
    table::{Form, Row, Table},
};

/// The longest visit that ends on the day after it began.
const LONGEST_NIGHT: TimeDelta = TimeDelta::hours(16);

pub(super) const FORM: Form = Form {
    file: "visits.csv",
    columns: &[
        "person_ref",
        "date",
        "start",
        "end",
        "staff",
        "support_tasks",
    ],
    may_lack: &[],
};

impl Reading<'_> {
    pub(super) fn visits(&mut self, table: &Table<'_>) {
        let mut people: Gathered<'_, Visit> = BTreeMap::new();
        for row in table.rows() {
            if let Some((referred, visit)) = self.visit(row) {
                gather(&mut people, referred, row, visit);
            }
        }
        for (person, (service, row, mut visits)) in people {
            visits.sort_by_key(|it| (it.start, it.end, it.staff));
            let data = Data::Visits(Visits { person, visits });
            self.list(row, service, person.uuid(), data);
        }
    }

    fn visit(&mut self, row: Row<'_>) -> Option<(Referred, Visit)> {
        let referred = self.referred(row);
        let staff = self.optional_user(row, "staff");
        let mut it = self.reader(row);
        let date = it.date("date");
        let start = it.time("start");
        let end = it.time("end");
        let tasks = it.list("support_tasks");
        let (date, start, end) = (date?, start?, end?);
        let mut last = date;
        if end <= start {
            // A waking night or a sleep-in ends in the morning; anything longer is two times that were swapped.
            last = date.succ_opt()?;
            if last.and_time(end) - date.and_time(start) > LONGEST_NIGHT {
                let (start, end) = (start.format("%H:%M"), end.format("%H:%M"));
                it.fault(
                    "end",
                    format!("'end' is {end}, not after 'start' ({start}), nor within 16 hours of it on the next day."),
                );
                return None;
            }
        }
        let mut moment = |column, date: NaiveDate, time| {
            let moment = london(date.and_time(time));
            if moment.is_none() {
                it.fault(
                    column,
                    format!("'{column}' does not exist on {date}: the clocks go forward over it."),
                );
            }
            moment
        };
        let (start, end) = (moment("start", date, start), moment("end", last, end));
        let visit = Visit {
            start: start?,
            end: end?,
            staff: staff?,
            tasks: tasks?,
        };
        Some((referred?, visit))
    }
}
