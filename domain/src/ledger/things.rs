//! What import brought, as it is now: services, staff, people, plans, medicines, visits and devices.
//! The latest version of a thing is the one with the highest sequence in its service's chain. Names and other short
//! texts come steady; what is asked for to stand in a line comes isolated.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime};
use uuid::Uuid;

use super::kept::Namesakes;
use super::order::Version;
use super::{Ledger, ThingKey};
use crate::body::{AnswerTimes, Data, DeviceKind, DeviceUse, Kind, Schedule, ServiceKind};
use crate::encoding::Millis;
use crate::ids::{DeviceId, ServiceId, SubjectId, UserId};
use crate::permission::Role;
use crate::sort::{sort_by, sort_by_key};
use crate::spelling::plain;
use crate::words::{date, isolated, steady};

/// Somebody who is cared for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonView {
    pub id: SubjectId,
    pub service: ServiceId,
    /// The provider's own reference, such as `NHC-101`.
    pub reference: String,
    pub full_name: String,
    /// The preferred name, else the full name.
    pub display: String,
    pub date_of_birth: NaiveDate,
    pub place: String,
    pub allergies: String,
    pub key_risks: String,
    pub communication_needs: String,
    /// Whether the last import still had them.
    pub listed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceView {
    pub id: ServiceId,
    pub code: String,
    pub name: String,
    pub kind: ServiceKind,
    pub on_call_name: String,
    pub on_call_contact: String,
    pub registered_manager: UserId,
    pub second_decider: UserId,
    pub answer_times: AnswerTimes,
}

/// Somebody's roles at one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StaffView {
    pub user: UserId,
    pub service: ServiceId,
    pub username: String,
    pub display_name: String,
    pub roles: Vec<Role>,
}

/// An instruction in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanView {
    pub id: SubjectId,
    pub person: SubjectId,
    pub support_task: String,
    pub instruction: String,
    pub effective_from: NaiveDate,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MedicineView {
    pub id: SubjectId,
    pub person: SubjectId,
    pub name: String,
    pub strength: String,
    pub form: String,
    pub dose: String,
    pub route: String,
    pub schedule: Schedule,
    pub times: Vec<NaiveTime>,
    pub instructions: String,
    pub time_critical: bool,
    pub controlled: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VisitView {
    pub person: SubjectId,
    pub start: Millis,
    pub end: Millis,
    pub staff: Option<UserId>,
    pub tasks: Vec<String>,
}

/// A labelled device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceView {
    pub id: SubjectId,
    pub service: ServiceId,
    pub label: String,
    pub kind: DeviceKind,
    pub model: String,
    pub holder: Option<UserId>,
}

/// Which versions of a thing count.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Listed,
    /// Also the last one before 'no longer listed'.
    Any,
}

const NIL: Uuid = Uuid::nil();
const MAX: Uuid = Uuid::max();

impl PersonView {
    /// The name they go by and where they are: `Jean Whitby, Round C, call 1`.
    pub fn with_place(&self) -> String {
        format!("{}, {}", isolated(&self.display), isolated(&self.place))
    }
}

impl Ledger {
    pub(super) fn keys_of(
        &self,
        kind: Kind,
    ) -> impl Iterator<Item = (&ThingKey, &BTreeSet<Version>)> {
        self.things
            .range((kind, NIL, ServiceId::from(NIL))..=(kind, MAX, ServiceId::from(MAX)))
    }

    pub(super) fn keys_of_thing(
        &self,
        kind: Kind,
        thing: Uuid,
    ) -> impl Iterator<Item = (&ThingKey, &BTreeSet<Version>)> {
        self.things
            .range((kind, thing, ServiceId::from(NIL))..=(kind, thing, ServiceId::from(MAX)))
    }

    /// The latest readable version, and whether it is still listed.
    fn latest(&self, versions: &BTreeSet<Version>) -> Option<(&Data, bool)> {
        let mut listed = true;
        for version in versions.iter().rev() {
            match self.body(version.id).map(|body| &body.data) {
                Some(Data::Unlisted(_)) => listed = false,
                Some(data) => return Some((data, listed)),
                None => {}
            }
        }
        None
    }

    /// Every thing of a kind: its key's service and its latest version.
    fn all(&self, kind: Kind, which: Which) -> impl Iterator<Item = (ServiceId, &Data, bool)> {
        self.keys_of(kind)
            .filter_map(move |((_, _, service), versions)| {
                let (data, listed) = self.latest(versions)?;
                (listed || which == Which::Any).then_some((*service, data, listed))
            })
    }

    /// One thing that may have been at several services: where it is listed, else where it was
    /// heard of last.
    fn one(&self, kind: Kind, thing: Uuid) -> Option<(ServiceId, &Data, bool)> {
        self.keys_of_thing(kind, thing)
            .filter_map(|((_, _, service), versions)| {
                let (data, listed) = self.latest(versions)?;
                let received = versions
                    .last()
                    .and_then(|it| self.log.get(&it.id))
                    .map(|it| it.header.received);
                Some(((listed, received, *service), data))
            })
            .max_by_key(|(rank, _)| *rank)
            .map(|((listed, _, service), data)| (service, data, listed))
    }

    /// The people who are listed, by the name they go by.
    pub fn people(&self) -> Vec<PersonView> {
        let mut people: Vec<PersonView> = self
            .all(Kind::Person, Which::Listed)
            .filter_map(|(service, data, listed)| person_view(service, data, listed))
            .collect();
        sort_by(&mut people, |a, b| {
            (&a.display, a.id, a.service).cmp(&(&b.display, b.id, b.service))
        });
        people
    }

    /// One person, listed or not.
    pub fn person(&self, id: SubjectId) -> Option<PersonView> {
        let (service, data, listed) = self.one(Kind::Person, id.uuid())?;
        person_view(service, data, listed)
    }

    pub(super) fn person_data(&self, id: SubjectId) -> Option<&Data> {
        Some(self.one(Kind::Person, id.uuid())?.1)
    }

    /// The name a person goes by; with their place, where somebody else goes by it too, and with when they were born, where
    /// the place is the same: `Jean Whitby, Round C, call 1`.
    pub fn person_name(&self, id: SubjectId) -> String {
        let Some((service, data @ Data::Person(it), listed)) = self.one(Kind::Person, id.uuid())
        else {
            return "somebody not on this phone".to_owned();
        };
        let name = display_name(&it.preferred_name, &it.full_name);
        let namesakes = self.namesakes();
        if namesakes.is_empty() {
            return isolated(name);
        }
        let name_plain = plain(name);
        let alike = |(of, _, _): &&(String, SubjectId, String)| *of == name_plain;
        let others = namesakes.iter().filter(alike).filter(|it| it.1 != id);
        let places: Vec<&str> = others.map(|it| it.2.as_str()).collect();
        match person_view(service, data, listed) {
            Some(view) if places.contains(&view.place.as_str()) => {
                format!("{}, born {}", view.with_place(), date(view.date_of_birth))
            }
            Some(view) if !places.is_empty() => view.with_place(),
            _ => isolated(name),
        }
    }

    /// Whoever shares the name they go by, those no longer listed included: what was written of them stays.
    fn namesakes(&self) -> Arc<Namesakes> {
        if let Some(known) = &self.kept.parts().namesakes {
            return Arc::clone(known);
        }
        let everybody = self.all(Kind::Person, Which::Any);
        let mut names: Namesakes = everybody
            .filter_map(|(service, data, listed)| person_view(service, data, listed))
            .map(|it| (plain(&it.display), it.id, it.place))
            .collect();
        sort_by(&mut names, |a, b| a.cmp(b));
        names.dedup_by(|a, b| (&a.0, a.1) == (&b.0, b.1));
        let shared = |at: usize| {
            let same = |other: Option<&(String, SubjectId, String)>| {
                other.is_some_and(|other| other.0 == names[at].0)
            };
            same(names.get(at + 1)) || at > 0 && same(names.get(at - 1))
        };
        let shared: Vec<usize> = (0..names.len()).filter(|at| shared(*at)).collect();
        let shared = shared.into_iter().map(|at| names[at].clone()).collect();
        let namesakes = Arc::new(shared);
        self.kept.parts().namesakes = Some(Arc::clone(&namesakes));
        namesakes
    }

    /// The instructions in force for a person, by support task.
    pub fn plans_of(&self, person: SubjectId) -> Vec<PlanView> {
        let mut plans: Vec<PlanView> = self
            .all(Kind::Plan, Which::Listed)
            .filter_map(|(_, data, _)| plan_view(data))
            .filter(|plan| plan.person == person)
            .collect();
        sort_by(&mut plans, |a, b| {
            (&a.support_task, a.effective_from, a.id).cmp(&(
                &b.support_task,
                b.effective_from,
                b.id,
            ))
        });
        plans
    }

    /// One instruction, listed or not.
    pub fn plan(&self, id: SubjectId) -> Option<PlanView> {
        plan_view(self.one(Kind::Plan, id.uuid())?.1)
    }

    /// The support tasks of a person's plans, each once.
    pub fn support_tasks_of(&self, person: SubjectId) -> Vec<String> {
        let mut tasks: Vec<String> = self
            .plans_of(person)
            .into_iter()
            .map(|plan| plan.support_task)
            .collect();
        tasks.dedup();
        tasks
    }

    /// The medicines listed for a person, by name.
    pub fn medicines_of(&self, person: SubjectId) -> Vec<MedicineView> {
        let mut medicines: Vec<MedicineView> = self
            .all(Kind::Medicine, Which::Listed)
            .filter_map(|(_, data, _)| match data {
                Data::Medicine(it) if it.person == person => Some(MedicineView {
                    id: it.medicine,
                    person,
                    name: it.name.clone(),
                    strength: it.strength.clone(),
                    form: it.form.clone(),
                    dose: it.dose.clone(),
                    route: it.route.clone(),
                    schedule: it.schedule.clone(),
                    times: it.times.clone(),
                    instructions: it.instructions.clone(),
                    time_critical: it.time_critical,
                    controlled: it.controlled,
                }),
                _ => None,
            })
            .collect();
        sort_by(&mut medicines, |a, b| {
            (&a.name, &a.strength, a.id).cmp(&(&b.name, &b.strength, b.id))
        });
        medicines
    }

    /// The services this user sees, by name.
    pub fn services(&self) -> Vec<ServiceView> {
        let mut services: Vec<ServiceView> = self
            .all(Kind::Service, Which::Listed)
            .filter_map(|(id, data, _)| service_view(id, data))
            .collect();
        sort_by(&mut services, |a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        services
    }

    pub fn service(&self, id: ServiceId) -> Option<ServiceView> {
        let versions = self.things.get(&(Kind::Service, id.uuid(), id))?;
        service_view(id, self.latest(versions)?.0)
    }

    /// Who works at a service, by name.
    pub fn staff(&self, service: ServiceId) -> Vec<StaffView> {
        let mut staff: Vec<StaffView> = self
            .all(Kind::Staff, Which::Listed)
            .filter(|(at, _, _)| *at == service)
            .filter_map(|(_, data, _)| staff_view(service, data))
            .collect();
        sort_by(&mut staff, |a, b| {
            (&a.display_name, a.user).cmp(&(&b.display_name, b.user))
        });
        staff
    }

    /// The name of a member of staff, past ones included; for the server itself, and for somebody of
    /// whom this phone has not heard, words that say so.
    pub fn name_of(&self, user: UserId) -> String {
        self.staff_by_user
            .get(&user)
            .into_iter()
            .flatten()
            .filter_map(|key| {
                let versions = self.things.get(key)?;
                let (Data::Staff(it), listed) = self.latest(versions)? else {
                    return None;
                };
                let received = versions
                    .last()
                    .and_then(|it| self.log.get(&it.id))
                    .map(|it| it.header.received);
                (it.user == user).then_some(((listed, received, key.2), &it.display_name))
            })
            .max_by_key(|(rank, _)| *rank)
            .map_or_else(|| "a colleague".to_owned(), |(_, name)| isolated(name))
    }

    /// Somebody's roles at a service.
    pub(super) fn roles_of(&self, user: UserId, service: ServiceId) -> Vec<Role> {
        self.staff_by_user
            .get(&user)
            .into_iter()
            .flatten()
            .filter(|key| key.2 == service)
            .filter_map(|key| match self.latest(self.things.get(key)?)? {
                (Data::Staff(it), true) if it.user == user => Some(it.roles.clone()),
                _ => None,
            })
            .flatten()
            .collect()
    }

    /// My roles at a service.
    pub fn my_roles(&self, service: ServiceId) -> Vec<Role> {
        self.my_staff()
            .filter(|it| it.0 == service)
            .flat_map(|it| it.1.to_vec())
            .collect()
    }

    /// The services at which I have a role.
    pub fn my_services(&self) -> Vec<ServiceId> {
        let services: BTreeSet<ServiceId> = self.my_staff().map(|it| it.0).collect();
        services.into_iter().collect()
    }

    fn my_staff(&self) -> impl Iterator<Item = (ServiceId, &[Role])> {
        self.staff_by_user
            .get(&self.me)
            .into_iter()
            .flatten()
            .filter_map(|key| match self.latest(self.things.get(key)?)? {
                (Data::Staff(it), true) if it.user == self.me => Some((key.2, it.roles.as_slice())),
                _ => None,
            })
    }

    /// The labelled devices of a service, by label.
    pub fn devices(&self, service: ServiceId) -> Vec<DeviceView> {
        let mut devices: Vec<DeviceView> = self
            .all(Kind::Device, Which::Listed)
            .filter(|(at, _, _)| *at == service)
            .filter_map(|(service, data, _)| device_view(service, data))
            .collect();
        sort_by(&mut devices, |a, b| (&a.label, a.id).cmp(&(&b.label, b.id)));
        devices
    }

    /// One labelled device, listed or not.
    pub fn device(&self, id: SubjectId) -> Option<DeviceView> {
        let (service, data, _) = self.one(Kind::Device, id.uuid())?;
        device_view(service, data)
    }

    /// What a phone was last said to be: a labelled device, or its user's own. None while nobody said.
    pub fn device_use(&self, device: DeviceId) -> Option<DeviceUse> {
        let last = self.device_uses.get(&device)?.last()?;
        match &self.body(last.id)?.data {
            Data::DeviceUse(it) => Some(it.clone()),
            _ => None,
        }
    }

    /// A phone's label, or whose own phone it is, as people read it.
    pub fn device_name(&self, device: DeviceId) -> Option<String> {
        let last = self.device_uses.get(&device)?.last()?;
        match self.device_use(device)?.label {
            Some(label) => self.device(label).map(|it| it.label),
            None => {
                let (meta, _) = self.entry(last.id)?;
                Some(format!("{}’s own phone", self.name_of(meta.author)))
            }
        }
    }

    /// The visits planned for a person, earliest first.
    pub fn visits_to(&self, person: SubjectId) -> Vec<VisitView> {
        let mut visits: Vec<VisitView> = self
            .keys_of_thing(Kind::Visits, person.uuid())
            .filter_map(|(_, versions)| match self.latest(versions)? {
                (Data::Visits(it), true) => Some(it),
                _ => None,
            })
            .flat_map(visit_views)
            .collect();
        sort_by_key(&mut visits, |it| (it.start, it.end, it.staff));
        visits
    }

    pub(super) fn all_visits(&self) -> impl Iterator<Item = VisitView> {
        self.all(Kind::Visits, Which::Listed)
            .filter_map(|(_, data, _)| {
                if let Data::Visits(it) = data {
                    Some(it)
                } else {
                    None
                }
            })
            .flat_map(visit_views)
    }

    /// The visits planned for a member of staff, earliest first.
    pub fn visits_of(&self, user: UserId) -> Vec<VisitView> {
        let mut visits: Vec<VisitView> = self
            .all_visits()
            .filter(|visit| visit.staff == Some(user))
            .collect();
        sort_by_key(&mut visits, |it| (it.start, it.end, it.person));
        visits
    }
}

fn visit_views(visits: &crate::body::Visits) -> impl Iterator<Item = VisitView> {
    visits.visits.iter().map(|it| VisitView {
        person: visits.person,
        start: it.start,
        end: it.end,
        staff: it.staff,
        tasks: it.tasks.clone(),
    })
}

fn display_name<'a>(preferred: &'a str, full: &'a str) -> &'a str {
    if preferred.trim().is_empty() {
        full
    } else {
        preferred
    }
}

fn person_view(service: ServiceId, data: &Data, listed: bool) -> Option<PersonView> {
    let Data::Person(it) = data else { return None };
    Some(PersonView {
        id: it.person,
        service,
        reference: it.reference.clone(),
        full_name: steady(&it.full_name),
        display: steady(display_name(&it.preferred_name, &it.full_name)),
        date_of_birth: it.date_of_birth,
        place: steady(&it.place),
        allergies: it.allergies.clone(),
        key_risks: it.key_risks.clone(),
        communication_needs: it.communication_needs.clone(),
        listed,
    })
}

fn service_view(id: ServiceId, data: &Data) -> Option<ServiceView> {
    let Data::Service(it) = data else { return None };
    Some(ServiceView {
        id,
        code: it.code.clone(),
        name: steady(&it.name),
        kind: it.kind,
        on_call_name: steady(&it.on_call_name),
        on_call_contact: it.on_call_contact.clone(),
        registered_manager: it.registered_manager,
        second_decider: it.second_decider,
        answer_times: it.answer_times.clone(),
    })
}

fn staff_view(service: ServiceId, data: &Data) -> Option<StaffView> {
    let Data::Staff(it) = data else { return None };
    Some(StaffView {
        user: it.user,
        service,
        username: it.username.clone(),
        display_name: steady(&it.display_name),
        roles: it.roles.clone(),
    })
}

fn plan_view(data: &Data) -> Option<PlanView> {
    let Data::Plan(it) = data else { return None };
    Some(PlanView {
        id: it.plan,
        person: it.person,
        support_task: steady(&it.support_task),
        instruction: it.instruction.clone(),
        effective_from: it.effective_from,
    })
}

fn device_view(service: ServiceId, data: &Data) -> Option<DeviceView> {
    let Data::Device(it) = data else { return None };
    Some(DeviceView {
        id: it.device,
        service,
        label: steady(&it.label),
        kind: it.kind,
        model: steady(&it.model),
        holder: it.holder,
    })
}
