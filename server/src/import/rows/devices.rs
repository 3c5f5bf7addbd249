//! `devices.csv`: labelled devices.

use holdfast_domain::{
    body::{Data, Device},
    ids::SubjectId,
};

use super::{Reading, Unique};
use crate::import::table::{Form, Row, Table};

pub(super) const FORM: Form = Form {
    file: "devices.csv",
    columns: &["label", "kind", "model", "service", "holder"],
    may_lack: &[],
};

impl Reading<'_> {
    pub(super) fn devices(&mut self, table: &Table<'_>) {
        let mut labels = Unique::new("label");
        for row in table.rows() {
            labels.check(row, row.raw("label").trim(), self.faults);
            self.device(row);
        }
    }

    fn device(&mut self, row: Row<'_>) -> Option<()> {
        let service = self.service_of(row, "service");
        let holder = self.optional_user(row, "holder");
        let mut it = self.reader(row);
        let label = it.key("label");
        let kind = it.choice("kind", &["phone", "tablet", "laptop"]);
        let model = it.text("model");
        let label = label?;
        let device = SubjectId::of(self.provider, "device", &label);
        let data = Data::Device(Device {
            device,
            label,
            kind: kind?,
            model: model?,
            holder: holder?,
        });
        self.list(row, service?, device.uuid(), data);
        Some(())
    }
}
