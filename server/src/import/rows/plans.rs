//! `plans.csv`: the instructions in force.

use holdfast_domain::{
    body::{Data, Plan},
    ids::SubjectId,
};

use super::{Reading, Unique};
use crate::import::table::{Form, Row, Table};

pub(super) const FORM: Form = Form {
    file: "plans.csv",
    columns: &[
        "person_ref",
        "support_task",
        "instruction",
        "effective_from",
    ],
    may_lack: &[],
};

impl Reading<'_> {
    pub(super) fn plans(&mut self, table: &Table<'_>) {
        let mut tasks = Unique::new("support_task");
        for row in table.rows() {
            let key = ["person_ref", "support_task"].map(|column| row.raw(column).trim());
            tasks.check(row, &key.join(", "), self.faults);
            self.plan(row);
        }
    }

    fn plan(&mut self, row: Row<'_>) -> Option<()> {
        let referred = self.referred(row);
        let mut it = self.reader(row);
        let support_task = it.key("support_task");
        let instruction = it.text("instruction");
        let effective_from = it.date("effective_from");
        let (referred, support_task) = (referred?, support_task?);
        let key = format!("{}\0{support_task}", row.raw("person_ref").trim());
        let plan = SubjectId::of(self.provider, "plan", &key);
        let data = Data::Plan(Plan {
            plan,
            person: referred.person,
            support_task,
            instruction: instruction?,
            effective_from: effective_from?,
        });
        self.list(row, referred.service, plan.uuid(), data);
        Some(())
    }
}
