//! What each file holds (DESIGN, section 5): its columns, and the rules that make a row right.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use chrono::Weekday;
use holdfast_domain::{
    body::{
        Administration, Administrations, Body, Capacity, Data, Device, Medicine, Outcome, Person,
        Plan, Relation, Representative, Schedule, Service, Staff, Visit, Visits,
    },
    entry::MAX_BODY,
    ids::{ProviderId, ServiceId, SubjectId, UserId},
    permission::Role,
};
use uuid::Uuid;

use super::{
    Import, Listed,
    fault::{Faults, shown},
    field::{Reader, london, parse_date, parse_time},
    table::{Form, Row, Table},
};

const SERVICES: Form = Form {
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
};
const STAFF: Form = Form {
    file: "staff.csv",
    columns: &["username", "display_name", "roles", "services"],
};
const PEOPLE: Form = Form {
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
};
const MEDICINES: Form = Form {
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
};
const ADMINISTRATIONS: Form = Form {
    file: "administrations.csv",
    columns: &[
        "person_ref",
        "medicine",
        "strength",
        "given_at",
        "dose",
        "outcome",
    ],
};
const VISITS: Form = Form {
    file: "visits.csv",
    columns: &[
        "person_ref",
        "date",
        "start",
        "end",
        "staff",
        "support_tasks",
    ],
};
const DEVICES: Form = Form {
    file: "devices.csv",
    columns: &["label", "kind", "model", "service", "holder"],
};
const PLANS: Form = Form {
    file: "plans.csv",
    columns: &[
        "person_ref",
        "support_task",
        "instruction",
        "effective_from",
    ],
};

/// The files of a folder, and whether each may be missing.
const FORMS: [(&Form, Presence); 8] = [
    (&SERVICES, Presence::WithRows),
    (&STAFF, Presence::WithRows),
    (&PEOPLE, Presence::WithRows),
    (&MEDICINES, Presence::Needed),
    (&ADMINISTRATIONS, Presence::MayBeMissing),
    (&VISITS, Presence::MayBeMissing),
    (&DEVICES, Presence::Needed),
    (&PLANS, Presence::Needed),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// An empty one would take everybody off every phone.
    WithRows,
    Needed,
    MayBeMissing,
}

/// True for a file name that an import reads.
pub(super) fn is_read(name: &str) -> bool {
    FORMS.iter().any(|(form, _)| form.file == name)
}

/// Goes through all files, gathering every fault; gives the import where there is none.
pub(super) fn read(
    files: &BTreeMap<String, Vec<u8>>,
    provider: ProviderId,
    faults: &mut Faults,
) -> Import {
    for name in files.keys().filter(|name| !is_read(name)) {
        let known: Vec<&str> = FORMS.iter().map(|(form, _)| form.file).collect();
        let known = known.join(", ");
        faults.add(
            name,
            (1, 1),
            format!("A file of this name is not read. The files are: {known}."),
        );
    }
    let mut tables = BTreeMap::new();
    for (form, presence) in FORMS {
        match files.get(form.file) {
            Some(bytes) => {
                if let Some(table) = Table::read(form, bytes, faults) {
                    if table.is_empty() && presence == Presence::WithRows {
                        let message = "This file has a header and no rows; nothing would be left.";
                        faults.add(form.file, (1, 1), message.to_owned());
                    }
                    tables.insert(form.file, table);
                }
            }
            None if presence == Presence::MayBeMissing => {}
            None => faults.add(form.file, (1, 1), "This file is missing.".to_owned()),
        }
    }
    let mut reading = Reading {
        provider,
        known: Known::gather(&tables),
        import: Import::default(),
        faults,
    };
    for (form, _) in FORMS {
        let Some(table) = tables.get(form.file) else {
            continue;
        };
        match form.file {
            "services.csv" => reading.services(table),
            "staff.csv" => reading.staff(table),
            "people.csv" => reading.people(table),
            "medicines.csv" => reading.medicines(table),
            "administrations.csv" => reading.administrations(table),
            "visits.csv" => reading.visits(table),
            "devices.csv" => reading.devices(table),
            _ => reading.plans(table),
        }
    }
    reading.import.with_administrations = tables.contains_key(ADMINISTRATIONS.file);
    reading.import.with_visits = tables.contains_key(VISITS.file);
    reading.import
}

/// What other rows may refer to. `None` where the file could not be read: then a reference to it is
/// not a fault of its own.
struct Known {
    services: Option<BTreeSet<String>>,
    staff: Option<BTreeSet<String>>,
    /// A person's reference and the code of their service.
    people: Option<BTreeMap<String, String>>,
    /// person_ref, medicine, strength
    medicines: Option<BTreeSet<[String; 3]>>,
}

impl Known {
    fn gather(tables: &BTreeMap<&str, Table<'_>>) -> Self {
        let keys = |form: &Form, column: &'static str| {
            let table = tables.get(form.file)?;
            Some(
                table
                    .rows()
                    .map(|row| row.raw(column).trim().to_owned())
                    .collect(),
            )
        };
        Self {
            services: keys(&SERVICES, "code"),
            staff: keys(&STAFF, "username"),
            people: tables.get(PEOPLE.file).map(|table| {
                let pair =
                    |row: Row<'_>| ["ref", "service"].map(|it| row.raw(it).trim().to_owned());
                table
                    .rows()
                    .map(pair)
                    .map(|[it, service]| (it, service))
                    .collect()
            }),
            medicines: tables
                .get(MEDICINES.file)
                .map(|table| table.rows().map(medicine_key).collect()),
        }
    }
}

fn medicine_key(row: Row<'_>) -> [String; 3] {
    ["person_ref", "medicine", "strength"].map(|column| row.raw(column).trim().to_owned())
}

/// One pass over the files.
struct Reading<'f> {
    provider: ProviderId,
    known: Known,
    import: Import,
    faults: &'f mut Faults,
}

/// A person as other files refer to them.
struct Referred {
    person: SubjectId,
    service: ServiceId,
}

impl Reading<'_> {
    fn services(&mut self, table: &Table<'_>) {
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
        });
        self.list(row, service, service.uuid(), data);
        Some(())
    }

    fn staff(&mut self, table: &Table<'_>) {
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

    fn people(&mut self, table: &Table<'_>) {
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

    fn medicines(&mut self, table: &Table<'_>) {
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
    fn times_and_schedule(&mut self, row: Row<'_>) -> Option<(Vec<chrono::NaiveTime>, Schedule)> {
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

    fn administrations(&mut self, table: &Table<'_>) {
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

    fn visits(&mut self, table: &Table<'_>) {
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
        if end <= start {
            let (start, end) = (start.format("%H:%M"), end.format("%H:%M"));
            it.fault(
                "end",
                format!("'end' is {end}, not after 'start' ({start})."),
            );
            return None;
        }
        let mut moment = |column, time| {
            let moment = london(date.and_time(time));
            if moment.is_none() {
                it.fault(
                    column,
                    format!("'{column}' does not exist on {date}: the clocks go forward over it."),
                );
            }
            moment
        };
        let (start, end) = (moment("start", start), moment("end", end));
        let visit = Visit {
            start: start?,
            end: end?,
            staff: staff?,
            tasks: tasks?,
        };
        Some((referred?, visit))
    }

    fn devices(&mut self, table: &Table<'_>) {
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

    fn plans(&mut self, table: &Table<'_>) {
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

    fn reader<'t>(&mut self, row: Row<'t>) -> Reader<'t, '_> {
        Reader {
            row,
            faults: self.faults,
        }
    }

    /// The service a code stands for, which services.csv must list.
    fn service_of(&mut self, row: Row<'_>, column: &'static str) -> Option<ServiceId> {
        let code = self.reader(row).key(column)?;
        self.known_service(row, column, &code)
    }

    fn known_service(
        &mut self,
        row: Row<'_>,
        column: &'static str,
        code: &str,
    ) -> Option<ServiceId> {
        if self
            .known
            .services
            .as_ref()
            .is_some_and(|known| !known.contains(code))
        {
            let message = format!(
                "'{column}' names the service {}, which is not in services.csv.",
                shown(code)
            );
            self.reader(row).fault(column, message);
            return None;
        }
        Some(ServiceId::of(self.provider, code))
    }

    /// The user a name stands for, whom staff.csv must list.
    fn user(&mut self, row: Row<'_>, column: &'static str) -> Option<UserId> {
        let username = self.reader(row).key(column)?;
        self.known_user(row, column, &username)
    }

    fn optional_user(&mut self, row: Row<'_>, column: &'static str) -> Option<Option<UserId>> {
        match self.reader(row).optional_key(column)? {
            Some(username) => self.known_user(row, column, &username).map(Some),
            None => Some(None),
        }
    }

    fn known_user(&mut self, row: Row<'_>, column: &'static str, username: &str) -> Option<UserId> {
        if self
            .known
            .staff
            .as_ref()
            .is_some_and(|known| !known.contains(username))
        {
            let message = format!(
                "'{column}' names {}, who is not in staff.csv.",
                shown(username)
            );
            self.reader(row).fault(column, message);
            return None;
        }
        Some(UserId::of(self.provider, username))
    }

    /// The person a row is about, whom people.csv must list.
    fn referred(&mut self, row: Row<'_>) -> Option<Referred> {
        let reference = self.reader(row).key("person_ref")?;
        let service = match &self.known.people {
            // Something else is wrong already; the service stands for none.
            None => String::new(),
            Some(known) => match known.get(&reference) {
                Some(service) => service.clone(),
                None => {
                    let message = format!(
                        "'person_ref' names {}, who is not in people.csv.",
                        shown(&reference)
                    );
                    self.reader(row).fault("person_ref", message);
                    return None;
                }
            },
        };
        Some(Referred {
            person: person_id(self.provider, &reference),
            service: ServiceId::of(self.provider, &service),
        })
    }

    /// Takes what a row says into the import, where an entry can hold it.
    fn list(&mut self, row: Row<'_>, service: ServiceId, subject: Uuid, data: Data) {
        let body = Body::about(subject, data);
        let length = body.to_text().len();
        if length > MAX_BODY {
            let place = row.place(row.table.first_column());
            self.faults.add(
                row.table.file,
                place,
                format!(
                    "What this file says of one thing takes {length} bytes from this row on; an entry holds {MAX_BODY}."
                ),
            );
            return;
        }
        self.import.listed.push(Listed {
            service,
            subject,
            body,
        });
    }
}

/// What a file says of each person, with the first row that says it.
type Gathered<'t, T> = BTreeMap<SubjectId, (ServiceId, Row<'t>, Vec<T>)>;

fn gather<'t, T>(people: &mut Gathered<'t, T>, referred: Referred, row: Row<'t>, item: T) {
    people
        .entry(referred.person)
        .or_insert_with(|| (referred.service, row, Vec::new()))
        .2
        .push(item);
}

fn person_id(provider: ProviderId, reference: &str) -> SubjectId {
    SubjectId::of(provider, "person", reference)
}

fn medicine_id(provider: ProviderId, key: &[String; 3]) -> SubjectId {
    SubjectId::of(provider, "medicine", &key.join("\0"))
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

/// Keys that may be there once. The second names the line of the first.
struct Unique {
    column: &'static str,
    seen: BTreeMap<String, usize>,
}

impl Unique {
    fn new(column: &'static str) -> Self {
        Self {
            column,
            seen: BTreeMap::new(),
        }
    }

    fn check(&mut self, row: Row<'_>, key: &str, faults: &mut Faults) {
        let place = row.place(self.column);
        match self.seen.entry(key.to_owned()) {
            Entry::Vacant(free) => {
                free.insert(place.0);
            }
            Entry::Occupied(_) if key.is_empty() => {}
            Entry::Occupied(first) => {
                let first = first.get();
                faults.add(
                    row.table.file,
                    place,
                    format!("{} is there already, in line {first}.", shown(key)),
                );
            }
        }
    }
}
