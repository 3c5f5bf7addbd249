//! `people.csv`: who is cared for.

use holdfast_domain::body::{Capacity, Data, Person, Relation, Representative};

use super::{Reading, Unique, person_id};
use crate::import::table::{Form, Row, Table};

pub(super) const FORM: Form = Form {
    file: "people.csv",
    columns: &[
        "ref",
        "full_name",
        "preferred_name",
        "date_of_birth",
        "service",
        "place",
        "allergies",
        "key_risks",
        "communication_needs",
        "capacity",
        "representative_relation",
        "representative_name",
        "representative_contact",
        "representative_authority",
        "funder",
        "dols",
        "gp_name",
        "gp_contact",
    ],
    may_lack: &[],
};

impl Reading<'_> {
    pub(super) fn people(&mut self, table: &Table<'_>) {
        let mut refs = Unique::new("ref");
        for row in table.rows() {
            refs.check(row, row.raw("ref").trim(), self.faults);
            self.person(row);
        }
    }

    fn person(&mut self, row: Row<'_>) -> Option<()> {
        let service = self.service_of(row, "service");
        let representative = self.representative(row);
        let mut it = self.reader(row);
        let reference = it.key("ref");
        let full_name = it.text("full_name");
        let preferred_name = it.optional_text("preferred_name");
        let date_of_birth = it.date("date_of_birth");
        let place = it.text("place");
        let allergies = it.text("allergies");
        let key_risks = it.optional_text("key_risks");
        let communication_needs = it.optional_text("communication_needs");
        let capacity: Option<Capacity> = it.choice("capacity", &["has", "lacks", "varies"]);
        let funder = it.choice("funder", &["council", "nhs", "self"]);
        let dols = it.choice("dols", &["none", "applied", "authorised"]);
        let gp_name = it.text("gp_name");
        let gp_contact = it.text("gp_contact");
        let reference = reference?;
        let person = person_id(self.provider, &reference);
        let data = Data::Person(Box::new(Person {
            person,
            reference,
            full_name: full_name?,
            preferred_name: preferred_name?.unwrap_or_default(),
            date_of_birth: date_of_birth?,
            place: place?,
            allergies: allergies?,
            key_risks: key_risks?.unwrap_or_default(),
            communication_needs: communication_needs?.unwrap_or_default(),
            capacity: capacity?,
            representative: representative?,
            funder: funder?,
            dols: dols?,
            gp_name: gp_name?,
            gp_contact: gp_contact?,
        }));
        self.list(row, service?, person.uuid(), data);
        Some(())
    }

    /// Name and contact are empty exactly when the relation is `none`.
    fn representative(&mut self, row: Row<'_>) -> Option<Option<Representative>> {
        let mut it = self.reader(row);
        let authority = it.choice(
            "representative_authority",
            &["none", "lpa_health", "deputy", "other"],
        );
        if row.raw("representative_relation").trim() == "none" {
            let mut empty = true;
            for column in ["representative_name", "representative_contact"] {
                if !row.raw(column).trim().is_empty() {
                    it.fault(
                        column,
                        format!(
                            "'{column}' must be empty where 'representative_relation' is 'none'."
                        ),
                    );
                    empty = false;
                }
            }
            if row.raw("representative_authority").trim() != "none" && authority.is_some() {
                it.fault(
                    "representative_authority",
                    "'representative_authority' must be 'none' where 'representative_relation' is 'none'."
                        .to_owned(),
                );
                empty = false;
            }
            authority?;
            return empty.then_some(None);
        }
        let relation: Option<Relation> = it.choice(
            "representative_relation",
            &[
                "daughter", "son", "sister", "brother", "friend", "advocate", "none",
            ],
        );
        let name = it.text("representative_name");
        let contact = it.text("representative_contact");
        Some(Some(Representative {
            relation: relation?,
            name: name?,
            contact: contact?,
            authority: authority?,
        }))
    }
}
