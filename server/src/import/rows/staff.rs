//! `staff.csv`: who works where, in which roles.

use std::collections::BTreeMap;

use holdfast_domain::{
    body::{Data, Staff},
    ids::{ServiceId, SubjectId, UserId},
    permission::Role,
};

use super::{Reading, Unique};
use crate::import::{
    fault::shown,
    table::{Form, Row, Table},
};

pub(super) const FORM: Form = Form {
    file: "staff.csv",
    columns: &["username", "display_name", "roles", "services"],
    may_lack: &[],
};

impl Reading<'_> {
    pub(super) fn staff(&mut self, table: &Table<'_>) {
        // Somebody signs in by this name, so two that differ in case alone would be mistaken.
        let mut usernames = Unique::new("username");
        for row in table.rows() {
            let username = row.raw("username").trim().to_lowercase();
            usernames.check(row, &username, self.faults);
            self.member_of_staff(row);
        }
    }

    fn member_of_staff(&mut self, row: Row<'_>) -> Option<()> {
        let mut it = self.reader(row);
        let username = it.key("username");
        let display_name = it.text("display_name");
        let roles = it.list("roles");
        let services = it.list("services");
        let (roles, services) = (roles?, services?);
        let mut unknown = false;
        for code in &services {
            unknown |= self.known_service(row, "services", code).is_none();
        }
        let mut held: BTreeMap<&str, Vec<Role>> = services
            .iter()
            .map(|code| (code.as_str(), Vec::new()))
            .collect();
        for text in &roles {
            let (name, at) = match text.split_once('@') {
                Some((name, code)) => (name, Some(code)),
                None => (text.as_str(), None),
            };
            let mut it = self.reader(row);
            let Ok(role) = name.parse::<Role>() else {
                let words = Role::ALL.map(Role::as_str);
                let words = words.join(", ");
                it.fault(
                    "roles",
                    format!("'roles' names {}; a role is one of: {words}.", shown(name)),
                );
                unknown = true;
                continue;
            };
            if let Some(code) = at
                && !held.contains_key(code)
            {
                it.fault(
                    "roles",
                    format!(
                        "'roles' gives {} at {}, which is not among this row's services.",
                        shown(name),
                        shown(code)
                    ),
                );
                unknown = true;
            }
            for (code, roles) in &mut held {
                if at.is_none_or(|at| at == *code) && !roles.contains(&role) {
                    roles.push(role);
                }
            }
        }
        if unknown {
            return None;
        }
        let (username, display_name) = (username?, display_name?);
        let user = UserId::of(self.provider, &username);
        for (code, roles) in held {
            if roles.is_empty() {
                let mut it = self.reader(row);
                it.fault(
                    "roles",
                    format!(
                        "'roles' gives no role at {}, which is among this row's services.",
                        shown(code)
                    ),
                );
                continue;
            }
            let key = format!("{username}\0{code}");
            let subject = SubjectId::of(self.provider, "staff", &key);
            let data = Data::Staff(Staff {
                user,
                username: username.clone(),
                display_name: display_name.clone(),
                // In the table's order: the order in the file says nothing.
                roles: Role::ALL
                    .iter()
                    .copied()
                    .filter(|role| roles.contains(role))
                    .collect(),
            });
            self.list(
                row,
                ServiceId::of(self.provider, code),
                subject.uuid(),
                data,
            );
        }
        Some(())
    }
}
