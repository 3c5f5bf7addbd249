//! `administrations.csv`: what was given before the failure, gathered by person.

use std::collections::BTreeMap;

use holdfast_domain::body::{Administration, Administrations, Data, Outcome};

use super::{Gathered, Reading, Referred, gather, medicine_id, medicine_key};
use crate::import::{
    fault::shown,
    table::{Form, Row, Table},
};

pub(super) const FORM: Form = Form {
    file: "administrations.csv",
    columns: &[
        "person_ref",
        "medicine",
        "strength",
        "given_at",
        "dose",
        "outcome",
    ],
    may_lack: &[],
};

impl Reading<'_> {
    pub(super) fn administrations(&mut self, table: &Table<'_>) {
        let mut people: Gathered<'_, Administration> = BTreeMap::new();
        for row in table.rows() {
            if let Some((referred, given)) = self.administration(row) {
                gather(&mut people, referred, row, given);
            }
        }
        for (person, (service, row, mut given)) in people {
            given.sort_by_key(|it| (it.at, it.medicine));
            let data = Data::Administrations(Administrations { person, given });
            self.list(row, service, person.uuid(), data);
        }
    }

    fn administration(&mut self, row: Row<'_>) -> Option<(Referred, Administration)> {
        let referred = self.referred(row);
        let key = medicine_key(row);
        let listed = self
            .known
            .medicines
            .as_ref()
            .is_none_or(|known| known.contains(&key));
        let mut it = self.reader(row);
        let medicine = it.key("medicine");
        let strength = it.key("strength");
        let at = it.moment("given_at");
        let dose = it.text("dose");
        let outcome: Option<Outcome> =
            it.choice("outcome", &["given", "refused", "omitted", "not_available"]);
        if medicine.is_some() && strength.is_some() && referred.is_some() && !listed {
            it.fault(
                "medicine",
                format!(
                    "{} is not in medicines.csv for this person.",
                    shown(&key[1..].join(", "))
                ),
            );
        }
        let given = Administration {
            medicine: medicine_id(self.provider, &key),
            at: at?,
            dose: dose?,
            outcome: outcome?,
        };
        Some((referred?, given))
    }
}
