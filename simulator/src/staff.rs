//! Who works where, as the record system has it, and the files that import reads it from.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::permission::Role;

use crate::random::{Choose, Random};

/// Services by code.
pub const SERVICES: [&str; 3] = ["NORTH", "SOUTH", "WEST"];
/// People who are cared for, each in the service of the same place.
pub const PEOPLE: [&str; 3] = ["NORTH-1", "SOUTH-1", "WEST-1"];
/// Who always stands in the files of the services.
const MANAGERS: [&str; 2] = ["registered-manager", "deputy-manager"];

/// Each person's roles, and the services where they are held: the record system gives one set of roles a person.
pub struct Staff {
    pub usernames: Vec<String>,
    roles: BTreeMap<String, (Vec<Role>, BTreeSet<&'static str>)>,
    /// The last service is opened only later.
    open: usize,
}

impl Staff {
    /// The two managers, and so many others with some role in some service.
    pub fn new(others: usize, rng: &mut Random) -> Self {
        let mut staff = Self {
            usernames: MANAGERS.map(str::to_owned).to_vec(),
            roles: BTreeMap::new(),
            open: 2,
        };
        for (username, role) in MANAGERS
            .into_iter()
            .zip([Role::RegisteredManager, Role::DeputyManager])
        {
            staff
                .roles
                .insert(username.to_owned(), (vec![role], SERVICES.into()));
        }
        for number in 0..others {
            let username = format!("person-{number}");
            staff.usernames.push(username.clone());
            staff.give(username, rng);
        }
        staff
    }

    fn give(&mut self, username: String, rng: &mut Random) {
        const OFTEN: [Role; 8] = [
            Role::SupportWorker,
            Role::SupportWorker,
            Role::SupportWorker,
            Role::SeniorStaff,
            Role::TeamLeader,
            Role::Administrator,
            Role::SystemAdministrator,
            Role::ProviderOversight,
        ];
        let service = SERVICES[rng.below(self.open)];
        let mut roles = vec![OFTEN[rng.below(OFTEN.len())]];
        if rng.percent(20) {
            roles.push(Role::ShiftLead);
        }
        let held = self.roles.entry(username).or_default();
        held.0 = roles;
        held.1.insert(service);
    }

    /// Somebody comes, goes, or does something else from now on; or a service opens.
    pub fn change(&mut self, rng: &mut Random) {
        let username = self.usernames[MANAGERS.len() + rng.below(self.usernames.len() - 2)].clone();
        match rng.below(10) {
            0 => self.open = SERVICES.len(),
            1..4 => {
                let service = SERVICES[rng.below(self.open)];
                if let Some((_, services)) = self.roles.get_mut(&username) {
                    services.remove(service);
                }
            }
            _ => self.give(username, rng),
        }
    }

    /// Every service opens at last, so that what was written for one before it was known can go; and everybody works
    /// somewhere again, as without a role nobody may sign in, and so nobody hears what a restored server has lost.
    pub fn settle(&mut self) {
        self.open = SERVICES.len();
        for (roles, services) in self.roles.values_mut() {
            if services.is_empty() {
                *roles = vec![Role::SupportWorker];
                services.insert(SERVICES[0]);
            }
        }
    }

    /// The files of the record system.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut services = "code,name,kind,cqc_location_id,on_call_name,on_call_contact,registered_manager,second_decider,safeguarding_contact,commissioner_contact\n".to_owned();
        let mut people = "ref,full_name,preferred_name,date_of_birth,service,place,allergies,key_risks,communication_needs,capacity,representative_relation,representative_name,representative_contact,representative_authority,funder,dols,gp_name,gp_contact\n".to_owned();
        for (number, code) in SERVICES.iter().enumerate().take(self.open) {
            services += &format!(
                "{code},{code} house,residential,1-90000000{number},On call,01632 960001,registered-manager,deputy-manager,01632 960010,01632 960011\n"
            );
            people += &format!(
                "{},Edith Marlow {number},Edith,1938-07-21,{code},Room 1,None known,,,has,daughter,Marta,01632 960100,none,council,none,Practice,01632 960910\n",
                PEOPLE[number]
            );
        }
        let mut staff = "username,display_name,roles,services\n".to_owned();
        for (username, (roles, services)) in &self.roles {
            let open = SERVICES[..self.open].iter();
            let services: Vec<&str> = open.copied().filter(|it| services.contains(it)).collect();
            if !services.is_empty() {
                let roles: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
                let (roles, services) = (roles.join(";"), services.join(";"));
                staff += &format!("{username},{username},{roles},{services}\n");
            }
        }
        let header = |text: &str| text.as_bytes().to_vec();
        [
            ("services.csv", services.into_bytes()),
            ("staff.csv", staff.into_bytes()),
            ("people.csv", people.into_bytes()),
            ("medicines.csv", header("person_ref,medicine,strength,form,dose,route,times,schedule,instructions,time_critical,controlled,min_hours_between,max_in_24h,started_on,review_or_stop_on,prescriber\n")),
            ("devices.csv", header("label,kind,model,service,holder\n")),
            ("plans.csv", header("person_ref,support_task,instruction,effective_from\n")),
        ]
        .map(|(name, bytes)| (name.to_owned(), bytes))
        .into()
    }
}
