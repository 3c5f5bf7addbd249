//! What the two forms share: a draft that is kept as it is typed and found again, the person it is
//! about, when it happened and who gave the care, who receives it, and saving.

use super::{mismatch_form::MismatchForm, note_form::NoteForm};
use crate::{
    browser,
    client::{Client, DraftName, use_client},
    components::{
        choice::{Answer, Choice, Columns},
        combobox::{Candidate, Combobox},
        field::{FieldFault, Heading, TextArea, described_by},
        form::CheckedAnswer,
        frame::Frame,
        icon::Symbol,
        message::{Banner, Skeleton},
        sheet::Sheet,
    },
    places::Place,
};
use chrono::{Days, NaiveTime, TimeZone};
use chrono_tz::Europe::London;
use holdfast_domain::{
    body::{Body, Kind},
    encoding::Millis,
    form::{AmendedDraft, AmendmentDraft, Fault, MismatchDraft, NoteDraft, TEXT, search},
    ids::{EntryId, ServiceId, SubjectId, UserId},
    ledger::{Record, RecordData},
    recipients::receivers,
    words,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// A half-written record of one of the two kinds.
pub trait Draft: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    const KIND: Kind;
    fn id(&self) -> EntryId;
    fn is_empty(&self) -> bool;
    fn about(&mut self) -> About<'_>;
    fn body(&self, now: Millis) -> Result<Body, Vec<Fault>>;
    fn amended(self) -> AmendedDraft;
    fn from_amended(draft: AmendedDraft) -> Option<Self>;
}

/// What both kinds ask: about whom, when, and who gave the care.
pub struct About<'a> {
    pub search: &'a mut String,
    pub person: &'a mut Option<SubjectId>,
    pub service: &'a mut Option<ServiceId>,
    pub happened_at: &'a mut Option<Millis>,
    pub given_by: &'a mut Option<UserId>,
}

macro_rules! about {
    ($draft:expr) => {
        About {
            search: &mut $draft.person_search,
            person: &mut $draft.person,
            service: &mut $draft.service,
            happened_at: &mut $draft.happened_at,
            given_by: &mut $draft.given_by,
        }
    };
}

impl Draft for MismatchDraft {
    const KIND: Kind = Kind::Mismatch;

    fn id(&self) -> EntryId {
        self.id
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn about(&mut self) -> About<'_> {
        about!(self)
    }

    fn body(&self, now: Millis) -> Result<Body, Vec<Fault>> {
        self.validate(now)
    }

    fn amended(self) -> AmendedDraft {
        AmendedDraft::Mismatch(self)
    }

    fn from_amended(draft: AmendedDraft) -> Option<Self> {
        match draft {
            AmendedDraft::Mismatch(draft) => Some(draft),
            AmendedDraft::Note(_) => None,
        }
    }
}

impl Draft for NoteDraft {
    const KIND: Kind = Kind::Note;

    fn id(&self) -> EntryId {
        self.id
    }

    fn is_empty(&self) -> bool {
        self.is_empty()
    }

    fn about(&mut self) -> About<'_> {
        about!(self)
    }

    fn body(&self, now: Millis) -> Result<Body, Vec<Fault>> {
        self.validate(now)
    }

    fn amended(self) -> AmendedDraft {
        AmendedDraft::Note(self)
    }

    fn from_amended(draft: AmendedDraft) -> Option<Self> {
        match draft {
            AmendedDraft::Note(draft) => Some(draft),
            AmendedDraft::Mismatch(_) => None,
        }
    }
}

/// The record that a correction is of; none for what is new.
type Amends = Option<EntryId>;

/// One open form: its draft, and all that is shown about it.
pub struct Paper<D: 'static> {
    client: Client,
    form: StoredValue<String>,
    amends: Amends,
    pub draft: RwSignal<D>,
    /// Why a record is corrected; empty and unused for what is new.
    pub reason: RwSignal<String>,
    pub faults: RwSignal<Vec<Fault>>,
    pub trouble: RwSignal<Option<String>>,
    pub busy: RwSignal<bool>,
    /// What is shown was found again.
    pub kept: RwSignal<bool>,
    restart: StoredValue<Arc<dyn Fn() + Send + Sync>>,
}

impl<D> Clone for Paper<D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D> Copy for Paper<D> {}

impl<D: Draft> Paper<D> {
    /// Whether this corrects a record that was sent.
    pub fn corrects(&self) -> bool {
        self.amends.is_some()
    }

    /// Writes to the draft, and keeps it.
    pub fn write(&self, change: impl FnOnce(&mut D)) {
        self.draft.update(change);
        self.keep();
    }

    /// Writes the reason for a correction, and keeps it.
    pub fn write_reason(&self, reason: String) {
        self.reason.set(reason);
        self.keep();
    }

    /// A question that was answered has nothing left to put right.
    pub fn settle(&self, field: &'static str) {
        if self
            .faults
            .with_untracked(|faults| faults.iter().any(|fault| fault.field == field))
        {
            self.faults
                .update(|faults| faults.retain(|fault| fault.field != field));
        }
    }

    /// The message at a field.
    pub fn fault(&self, field: &'static str) -> Signal<Option<String>> {
        let faults = self.faults;
        Signal::derive(move || {
            faults.with(|faults| {
                faults
                    .iter()
                    .find(|fault| fault.field == field)
                    .map(|fault| fault.message.clone())
            })
        })
    }

    /// Whether there is anything to give up.
    pub fn started(&self) -> Signal<bool> {
        let draft = self.draft;
        Signal::derive(move || draft.with(|draft| !draft.is_empty()))
    }

    /// What stands under the button, by what the connection does.
    pub fn promise(&self) -> Signal<&'static str> {
        let contact = self.client.connection();
        Signal::derive(move || match contact.get() {
            crate::client::Connection::Offline | crate::client::Connection::Retrying => {
                "No signal: it stays on this phone until it can be sent"
            }
            _ => "Kept on this phone as you type",
        })
    }

    /// Saves the record; what is to put right, or why it could not be saved, is shown.
    pub fn save(&self, go: impl Fn(EntryId) + 'static) {
        let now = self
            .client
            .now()
            .get_untracked()
            .max(js_sys::Date::now() as Millis);
        let draft = self.draft.get_untracked();
        let id = draft.id();
        let body = match self.amends {
            None => draft.body(now),
            Some(amends) => self.amendment(amends, draft.clone()).validate(now),
        };
        let body = match body {
            Ok(body) => body,
            Err(faults) => return self.faults.set(faults),
        };
        self.faults.set(Vec::new());
        let mut draft = draft;
        let Some(service) = *draft.about().service else {
            return;
        };
        self.busy.set(true);
        let (paper, client) = (*self, self.client);
        let name = DraftName {
            form: self.form.get_value(),
            id,
        };
        spawn_local(async move {
            let saved = client.save(service, id, body, Some(name)).await;
            paper.busy.try_set(false);
            match saved {
                Ok(saved) => go(saved.id),
                Err(failure) => {
                    paper.trouble.try_set(Some(failure.to_string()));
                }
            }
        });
    }

    /// Gives the draft up and opens an empty form.
    pub fn start_again(&self) {
        let id = self.draft.with_untracked(Draft::id);
        self.client.drop_draft(&self.form.get_value(), id);
        (self.restart.get_value())();
    }

    fn amendment(&self, amends: EntryId, draft: D) -> AmendmentDraft {
        AmendmentDraft {
            id: draft.id(),
            amends,
            reason: self.reason.get_untracked(),
            record: draft.amended(),
        }
    }

    fn keep(&self) {
        self.kept.set(false);
        self.trouble.set(None);
        let draft = self.draft.get_untracked();
        let id = draft.id();
        let text = match self.amends {
            None => serde_json::to_string(&draft),
            Some(amends) => serde_json::to_string(&self.amendment(amends, draft)),
        };
        if let Ok(text) = text {
            self.form
                .with_value(|form| self.client.keep_draft(form, id, &text));
        }
    }
}

/// Opens a form where it was left, or fresh.
fn open<D: Draft>(
    place: Place,
    form: String,
    amends: Amends,
    fresh: impl Fn() -> D + Clone + Send + Sync + 'static,
    shown: impl Fn(Paper<D>) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let client = use_client();
    let opened = RwSignal::new(None::<(D, String, bool)>);
    let restart: Arc<dyn Fn() + Send + Sync> = {
        let fresh = fresh.clone();
        Arc::new(move || opened.set(Some((fresh(), String::new(), false))))
    };
    let name = form.clone();
    spawn_local(async move {
        let found = client.load_draft(&name).await;
        let found = found.and_then(|(_, text)| match amends {
            None => serde_json::from_str::<D>(&text)
                .ok()
                .map(|draft| (draft, String::new())),
            Some(_) => {
                let draft: AmendmentDraft = serde_json::from_str(&text).ok()?;
                D::from_amended(draft.record).map(|record| (record, draft.reason))
            }
        });
        let found = found.filter(|(draft, _)| !draft.is_empty());
        let opening = match found {
            Some((draft, reason)) => (draft, reason, true),
            None => (fresh(), String::new(), false),
        };
        opened.try_set(Some(opening));
    });
    let form = StoredValue::new(form);
    view! {
        {move || match opened.get() {
            None => view! { <Frame place><Skeleton/></Frame> }.into_any(),
            Some((draft, reason, kept)) => shown(Paper {
                client,
                form,
                amends,
                draft: RwSignal::new(draft),
                reason: RwSignal::new(reason),
                faults: RwSignal::new(Vec::new()),
                trouble: RwSignal::new(None),
                busy: RwSignal::new(false),
                kept: RwSignal::new(kept),
                restart: StoredValue::new(Arc::clone(&restart)),
            }),
        }}
    }
    .into_any()
}

/// A new mismatch report.
#[component]
pub fn NewMismatch() -> impl IntoView {
    let client = use_client();
    let fresh = move || MismatchDraft::new(client.new_entry_id());
    open(Place::Mismatch, "mismatch".into(), None, fresh, |paper| {
        view! { <MismatchForm paper place=Place::Mismatch/> }.into_any()
    })
}

/// A new temporary note.
#[component]
pub fn NewNote() -> impl IntoView {
    let client = use_client();
    let fresh = move || NoteDraft::new(client.new_entry_id());
    open(Place::Note, "note".into(), None, fresh, |paper| {
        view! { <NoteForm paper place=Place::Note/> }.into_any()
    })
}

/// A correction of a record that counts or is on its way.
pub fn correct(record: Record) -> Option<AnyView> {
    let client = use_client();
    let (place, form) = (Place::Correct(record.id), format!("correct/{}", record.id));
    let (service, amends) = (record.service, Some(record.id));
    match record.current().clone() {
        RecordData::Mismatch(it) => Some(open(
            place,
            form,
            amends,
            move || MismatchDraft::filled(client.new_entry_id(), service, &it),
            move |paper| view! { <MismatchForm paper place/> }.into_any(),
        )),
        RecordData::Note(it) => Some(open(
            place,
            form,
            amends,
            move || NoteDraft::filled(client.new_entry_id(), service, &it),
            move |paper| view! { <NoteForm paper place/> }.into_any(),
        )),
        RecordData::Erased | RecordData::Newer { .. } => None,
    }
}

/// The words of a record that could not be filed, as a new entry that says which one it replaces.
pub fn again(record: Record) -> Option<AnyView> {
    let client = use_client();
    let (place, form) = (Place::Again(record.id), format!("again/{}", record.id));
    let (service, held) = (record.service, record.id);
    match record.data {
        RecordData::Mismatch(it) => Some(open(
            place,
            form,
            None,
            move || MismatchDraft::correcting(client.new_entry_id(), held, service, &it),
            move |paper| view! { <MismatchForm paper place/> }.into_any(),
        )),
        RecordData::Note(it) => Some(open(
            place,
            form,
            None,
            move || NoteDraft::correcting(client.new_entry_id(), held, service, &it),
            move |paper| view! { <NoteForm paper place/> }.into_any(),
        )),
        RecordData::Erased | RecordData::Newer { .. } => None,
    }
}

/// Where a saved form leads: to the record it corrects, else home, which says what was saved.
pub fn after_save(amends: bool, place: Place) -> impl Fn(EntryId) + Clone + 'static {
    let navigate = use_navigate();
    move |id| {
        let to = match place.back() {
            Some(record) if amends => record.path(),
            _ => format!("{}?saved={id}", Place::Home.path()),
        };
        navigate(&to, Default::default());
    }
}

/// 'Person': next and last visits first; picking goes on by itself.
#[component]
pub fn PersonPicker<D: Draft>(
    paper: Paper<D>,
    on_picked: impl Fn() + Send + Sync + 'static,
) -> impl IntoView {
    let client = use_client();
    let everyone = Memo::new(move |_| {
        let now = client.now().get();
        let Some(me) = client.me().get() else {
            return Vec::new();
        };
        let query = paper
            .draft
            .with(|draft| draft.clone().about().search.clone());
        client.read(|ledger| {
            search(ledger, &query, me.user, now)
                .into_iter()
                .map(|it| Candidate {
                    value: (it.id, it.service),
                    name: it.display,
                    line: it.line,
                })
                .collect::<Vec<_>>()
        })
    });
    let picked = Memo::new(move |_| {
        let (id, service) = paper.draft.with(|draft| {
            let mut draft = draft.clone();
            let about = draft.about();
            Some(((*about.person)?, (*about.service)?))
        })?;
        let listed = everyone.with(|all| all.iter().find(|it| it.value == (id, service)).cloned());
        listed.or_else(|| {
            client.read(|ledger| {
                ledger.person(id).map(|it| Candidate {
                    value: (id, service),
                    name: it.display,
                    line: it.place,
                })
            })
        })
    });
    view! {
        <Combobox
            id="person"
            label="Person"
            list_label="People you see most"
            placeholder="Name or round"
            heading=Heading::Question
            fault=paper.fault("person")
            typed=Signal::derive(move || paper.draft.with(|draft| draft.clone().about().search.clone()))
            candidates=everyone
            picked
            on_type=move |typed| {
                paper.write(|draft| {
                    let about = draft.about();
                    *about.search = typed;
                    (*about.person, *about.service) = (None, None);
                })
            }
            on_pick=move |(id, service)| {
                paper.write(|draft| {
                    let about = draft.about();
                    about.search.clear();
                    (*about.person, *about.service) = (Some(id), Some(service));
                });
                paper.settle("person");
                on_picked();
            }
        />
    }
}

/// Who receives it: computed and shown, not asked.
#[component]
pub fn GoesTo<D: Draft>(paper: Paper<D>) -> impl IntoView {
    let client = use_client();
    let to = Memo::new(move |_| {
        let service = paper.draft.with(|draft| *draft.clone().about().service)?;
        client.read(|ledger| {
            let them = receivers(ledger, service, D::KIND);
            Some((them.to, them.on_call_contact))
        })
    });
    move || {
        to.get().map(|(to, number)| {
            let ring = (!number.is_empty()).then(|| {
                view! {
                    ": "
                    <a href=format!("tel:{}", number.replace(' ', ""))>{number.clone()}</a>
                }
            });
            view! {
                <Banner symbol=Symbol::Bell>
                    <p>
                        "Goes to "
                        <b dir="auto">{to}</b>
                        ". If anyone is at risk now, ring first"
                        {ring}
                        "."
                    </p>
                </Banner>
            }
        })
    }
}

/// Why a record is corrected.
#[component]
pub fn Reason<D: Draft>(paper: Paper<D>) -> impl IntoView {
    paper.corrects().then(|| {
        view! {
            <TextArea
                id="reason"
                label="Why do you correct it?"
                hint="The words you change stay readable beside the new ones."
                fault=paper.fault("reason")
                value=paper.reason
                on_write=move |text| {
                    paper.settle("reason");
                    paper.write_reason(text);
                }
                limit=TEXT
                rows=2
            />
        }
    })
}

/// When it happened, and who gave the care: both are rarely other than now and oneself, so they stand
/// as answers with 'Change'.
#[component]
pub fn Circumstances<D: Draft>(paper: Paper<D>) -> impl IntoView {
    let client = use_client();
    let asking = RwSignal::new(false);
    let when = move || {
        let now = client.now().get();
        match paper.draft.with(|draft| *draft.clone().about().happened_at) {
            Some(at) => words::when(at, now),
            None => format!("Now, {}", words::time(now)),
        }
    };
    let who = move || match paper.draft.with(|draft| *draft.clone().about().given_by) {
        Some(user) => client.read(|ledger| ledger.name_of(user)),
        None => "I did".to_owned(),
    };
    view! {
        <dl class="CheckAnswers">
            <CheckedAnswer question="When" answer=Signal::derive(when) on_change=move || asking.set(true)/>
            <CheckedAnswer question="Who gave the care" answer=Signal::derive(who) on_change=move || asking.set(true)/>
        </dl>
        <FieldFault id="happened_at-s" message=paper.fault("happened_at")/>
        <Sheet open=asking title="When, and who gave the care">
            <WhenAndWho paper/>
            <button type="button" class="Button" data-kind="main" data-wide="" on:click=move |_| asking.set(false)>
                "Done"
            </button>
        </Sheet>
    }
}

/// When something happened, as people say it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Day {
    Now,
    EarlierToday,
    Yesterday,
}

#[component]
fn WhenAndWho<D: Draft>(paper: Paper<D>) -> impl IntoView {
    let client = use_client();
    let happened = move || paper.draft.with(|draft| *draft.clone().about().happened_at);
    let given_by = move || paper.draft.with(|draft| *draft.clone().about().given_by);
    let now = client.now();
    let day = RwSignal::new(untrack(|| match happened() {
        None => Day::Now,
        Some(at) if words::day(at) == words::day(now.get_untracked()) => Day::EarlierToday,
        Some(_) => Day::Yesterday,
    }));
    let clock = RwSignal::new(untrack(|| {
        words::time(happened().unwrap_or_else(|| now.get_untracked()))
    }));
    let set = move || {
        let at = moment(
            day.get_untracked(),
            &clock.get_untracked(),
            now.get_untracked(),
        );
        paper.write(|draft| *draft.about().happened_at = at);
        paper.settle("happened_at");
    };
    let days = vec![
        Answer::new(Day::Now, "Now"),
        Answer::new(Day::EarlierToday, "Earlier today"),
        Answer::new(Day::Yesterday, "Yesterday"),
    ];
    let other = RwSignal::new(untrack(|| given_by().is_some()));
    let fault = paper.fault("happened_at");
    view! {
        <Choice
            id="day"
            legend="When did it happen?"
            columns=Columns::Two
            answers=days
            chosen=Signal::derive(move || Some(day.get()))
            on_choose=move |chosen, _| {
                day.set(chosen);
                set();
            }
        />
        <Show when=move || day.get() != Day::Now>
            <div class="Field">
                <label for="happened_at">"Time"</label>
                <FieldFault id="happened_at-e" message=fault/>
                <input
                    id="happened_at"
                    type="time"
                    autocomplete="off"
                    aria-describedby=move || fault.with(|fault| described_by("happened_at", false, fault.as_ref()))
                    aria-invalid=move || fault.with(|fault| fault.is_some().then_some("true"))
                    prop:value=move || clock.get()
                    on:input:target=move |event| {
                        clock.set(event.target().value());
                        set();
                    }
                />
            </div>
        </Show>
        <label class="Check">
            <input
                type="checkbox"
                autocomplete="off"
                prop:checked=move || other.get()
                on:change:target=move |event| {
                    other.set(event.target().checked());
                    if !event.target().checked() {
                        paper.write(|draft| *draft.about().given_by = None);
                    }
                }
            />
            " I am writing this for someone else"
        </label>
        <Show when=move || other.get()>
            <StaffPicker paper/>
        </Show>
    }
}

/// Who gave the care, of those who work at the person's service.
#[component]
fn StaffPicker<D: Draft>(paper: Paper<D>) -> impl IntoView {
    let client = use_client();
    let typed = RwSignal::new(String::new());
    let staff = Memo::new(move |_| {
        let me = client.me().get().map(|me| me.user);
        let services = match paper.draft.with(|draft| *draft.clone().about().service) {
            Some(service) => vec![service],
            None => client.my_services(),
        };
        client.read(|ledger| {
            let mut staff: Vec<Candidate<UserId>> = services
                .into_iter()
                .flat_map(|service| ledger.staff(service))
                .filter(|it| Some(it.user) != me)
                .map(|it| {
                    let roles: Vec<&str> = it.roles.iter().map(|role| role.label()).collect();
                    Candidate {
                        value: it.user,
                        name: it.display_name,
                        line: roles.join(", "),
                    }
                })
                .collect();
            staff.sort_by(|a, b| a.name.cmp(&b.name));
            staff.dedup_by_key(|it| it.value);
            staff
        })
    });
    let found = Memo::new(move |_| {
        let query = browser::plain(&typed.get());
        staff.with(|staff| {
            staff
                .iter()
                .filter(|it| browser::plain(&it.name).contains(&query))
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let picked = Memo::new(move |_| {
        let user = paper.draft.with(|draft| *draft.clone().about().given_by)?;
        staff.with(|staff| staff.iter().find(|it| it.value == user).cloned())
    });
    view! {
        <Combobox
            id="given_by"
            label="Who gave the care?"
            list_label="Staff of this service"
            placeholder="Name"
            typed=typed
            candidates=found
            picked
            on_type=move |text| {
                typed.set(text);
                paper.write(|draft| *draft.about().given_by = None);
            }
            on_pick=move |user| {
                typed.set(String::new());
                paper.write(|draft| *draft.about().given_by = Some(user));
            }
        />
    }
}

/// The moment that a day and a time of the clock name in England; none for now, or while the time is
/// half typed.
fn moment(day: Day, clock: &str, now: Millis) -> Option<Millis> {
    let today = words::day(now);
    let date = match day {
        Day::Now => return None,
        Day::EarlierToday => today,
        Day::Yesterday => today.checked_sub_days(Days::new(1))?,
    };
    let time = NaiveTime::parse_from_str(clock, "%H:%M").ok()?;
    Some(
        London
            .from_local_datetime(&date.and_time(time))
            .earliest()?
            .timestamp_millis(),
    )
}

/// When it happened and who gave the care, where the record says so, as lines of what it says.
pub fn circumstances(
    client: Client,
    happened_at: Option<Millis>,
    given_by: Option<UserId>,
) -> impl Iterator<Item = (&'static str, String)> {
    let when = happened_at.map(|at| ("When", words::when(at, client.now().get_untracked())));
    let who = given_by.map(|user| {
        (
            "Who gave the care",
            client.peek(|ledger| ledger.name_of(user)),
        )
    });
    when.into_iter().chain(who)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-24T21:35:00Z.
    const NOW: Millis = 1_795_556_100_000;
    const HOUR: Millis = 3_600_000;

    #[test]
    fn a_time_earlier_today_or_yesterday_is_a_time_in_england() {
        assert_eq!(moment(Day::EarlierToday, "20:35", NOW), Some(NOW - HOUR));
        assert_eq!(moment(Day::Yesterday, "21:35", NOW), Some(NOW - 24 * HOUR));
        assert_eq!(moment(Day::Now, "20:35", NOW), None);
        assert_eq!(moment(Day::EarlierToday, "2", NOW), None);
    }
}
