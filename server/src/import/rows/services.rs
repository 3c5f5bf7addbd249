//! `services.csv`: the services, and whom to ring there.

use holdfast_domain::{
    body::{AnswerTimes, Data, MOST_ROUTINE_DAYS, MOST_SHIFTS, Service},
    ids::ServiceId,
};

use super::{Reading, Unique};
use crate::import::{
    field::Reader,
    table::{Form, Row, Table},
};

pub(super) const FORM: Form = Form {
    file: "services.csv",
    columns: &[
        "code",
        "name",
        "kind",
        "cqc_location_id",
        "on_call_name",
        "on_call_contact",
        "registered_manager",
        "second_decider",
        "safeguarding_contact",
        "commissioner_contact",
    ],
    may_lack: &["shift_starts", "today_until", "routine_days"],
};

impl Reading<'_> {
    pub(super) fn services(&mut self, table: &Table<'_>) {
        let mut codes = Unique::new("code");
        for row in table.rows() {
            codes.check(row, row.raw("code").trim(), self.faults);
            self.service(row);
        }
    }

    fn service(&mut self, row: Row<'_>) -> Option<()> {
        let registered_manager = self.user(row, "registered_manager");
        let second_decider = self.user(row, "second_decider");
        let mut it = self.reader(row);
        let code = it.key("code");
        let name = it.text("name");
        let kind = it.choice(
            "kind",
            &[
                "residential",
                "nursing",
                "domiciliary",
                "supported_living",
                "extra_care",
            ],
        );
        let cqc_location_id = it.key("cqc_location_id");
        let on_call_name = it.text("on_call_name");
        let on_call_contact = it.text("on_call_contact");
        let safeguarding_contact = it.text("safeguarding_contact");
        let commissioner_contact = it.text("commissioner_contact");
        let answer_times = it.answer_times();
        let code = code?;
        let service = ServiceId::of(self.provider, &code);
        let data = Data::Service(Service {
            code,
            name: name?,
            kind: kind?,
            cqc_location_id: cqc_location_id?,
            on_call_name: on_call_name?,
            on_call_contact: on_call_contact?,
            registered_manager: registered_manager?,
            second_decider: second_decider?,
            safeguarding_contact: safeguarding_contact?,
            commissioner_contact: commissioner_contact?,
            answer_times: answer_times?,
        });
        self.list(row, service, service.uuid(), data);
        Some(())
    }
}

impl Reader<'_, '_> {
    /// By when devices must show a change: columns that may be missing, and fields that may be empty.
    fn answer_times(&mut self) -> Option<AnswerTimes> {
        let shift_starts = self.optional_times("shift_starts", MOST_SHIFTS);
        let today_until = self.optional_time("today_until");
        let routine_days = self.optional_number("routine_days", MOST_ROUTINE_DAYS);
        Some(AnswerTimes {
            shift_starts: shift_starts?,
            today_until: today_until?,
            routine_days: routine_days?,
        })
    }
}
