//! The forms: the two of a record, each opened for something new, for a correction, or to send a held one again; and
//! that of a plan change.

mod circumstances;
pub mod draft;
mod mismatch;
mod note;
pub mod paper;
mod person;
mod plan_change;

pub use circumstances::circumstances;

use crate::{
    browser,
    client::use_client,
    components::{frame::Frame, icon::Symbol, message::Blank},
    places::Place,
};
use holdfast_domain::{
    form::{FormName, MismatchDraft, NoteDraft, PlanUpdateDraft},
    ids::EntryId,
    ledger::{Record, RecordData, Start, starts},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use mismatch::MismatchForm;
use note::NoteForm;
use paper::open;
use plan_change::PlanChangeForm;

/// A new mismatch report.
#[component]
pub fn NewMismatch() -> impl IntoView {
    let client = use_client();
    // Begun from the question what a device shows of a change: what is known is filled in.
    let about = use_query_map().with_untracked(|query| {
        let id: EntryId = query.get("update")?.parse().ok()?;
        client.peek(|ledger| {
            let update = ledger.update(id)?;
            let mine = ledger.question(id, client.device_id())?.mine;
            Some((update, mine.map(|(given, _)| given.answer)))
        })
    });
    let instruction = about.as_ref().map(|(update, _)| update.plan);
    // Begun there, it is no other report that is carried on with.
    let suits = move |draft: &MismatchDraft| instruction.is_none() || draft.plan == instruction;
    let fresh = move || match &about {
        Some((update, shows)) => MismatchDraft::about_update(client.new_entry_id(), update, *shows),
        None => MismatchDraft::new(client.new_entry_id()),
    };
    if !client.peek(starts).contains(&Start::Mismatch) {
        return view! { <NotYours/> }.into_any();
    }
    open(Place::Mismatch, FormName::Mismatch, suits, fresh, |paper| {
        view! { <MismatchForm paper place=Place::Mismatch/> }.into_any()
    })
}

/// A new temporary note.
#[component]
pub fn NewNote() -> impl IntoView {
    let client = use_client();
    let about = use_query_map().with_untracked(|query| {
        let id = query.get("person")?.parse().ok()?;
        client.peek(|ledger| ledger.person(id))
    });
    let whom = about.as_ref().map(|person| person.id);
    // Begun from somebody's page, it is no other person's note that is carried on with.
    let suits = move |draft: &NoteDraft| whom.is_none() || draft.person == whom;
    let fresh = move || {
        let draft = NoteDraft::new(client.new_entry_id());
        match &about {
            Some(person) => draft.about(person.id, person.service),
            None => draft,
        }
    };
    if !client.peek(starts).contains(&Start::Note) {
        return view! { <NotYours/> }.into_any();
    }
    open(Place::Note, FormName::Note, suits, fresh, |paper| {
        view! { <NoteForm paper place=Place::Note/> }.into_any()
    })
}

/// A change of an instruction; of the one that the address names, where it names one.
#[component]
pub fn NewPlanChange() -> impl IntoView {
    let client = use_client();
    let plan = use_query_map().with_untracked(|query| query.get("plan")?.parse().ok());
    if !client.peek(starts).contains(&Start::PlanChange) {
        return view! { <NotYours/> }.into_any();
    }
    let fresh = move || {
        let id = client.new_entry_id();
        match plan {
            Some(plan) => client.peek(|ledger| PlanUpdateDraft::of(id, ledger, plan)),
            None => PlanUpdateDraft::new(id),
        }
    };
    let suits = move |draft: &PlanUpdateDraft| plan.is_none() || draft.plan == plan;
    open(
        Place::PlanChange,
        FormName::PlanChange,
        suits,
        fresh,
        |paper| view! { <PlanChangeForm paper/> }.into_any(),
    )
}

/// A form that this user's roles do not write.
#[component]
fn NotYours() -> impl IntoView {
    view! {
        <Frame place=Place::Home>
            <Blank symbol=Symbol::Info>
                <h1>"This form is not for your role"</h1>
                <p>"Whoever does the work writes it. If that is you, ask an administrator for that role."</p>
                <a class="Button" data-kind="main" href=Place::Home.path()>"Go to home"</a>
            </Blank>
        </Frame>
    }
}

/// A correction of a record that counts or is on its way.
pub fn correct(record: Record) -> Option<AnyView> {
    let client = use_client();
    let (place, form) = (Place::Correct(record.id), FormName::Correct(record.id));
    let service = record.service;
    match record.current().clone() {
        RecordData::Mismatch(it) => Some(open(
            place,
            form,
            |_| true,
            move || MismatchDraft::filled(client.new_entry_id(), service, &it),
            move |paper| view! { <MismatchForm paper place/> }.into_any(),
        )),
        RecordData::Note(it) => Some(open(
            place,
            form,
            |_| true,
            move || NoteDraft::filled(client.new_entry_id(), service, &it),
            move |paper| view! { <NoteForm paper place/> }.into_any(),
        )),
        RecordData::Question(_) | RecordData::Erased | RecordData::Newer { .. } => None,
    }
}

/// The words of a record that could not be filed, as a new entry that says which one it replaces.
pub fn again(record: Record) -> Option<AnyView> {
    let client = use_client();
    let (place, form) = (Place::Again(record.id), FormName::Again(record.id));
    let (service, held) = (record.service, record.id);
    match record.data {
        RecordData::Mismatch(it) => Some(open(
            place,
            form,
            |_| true,
            move || MismatchDraft::correcting(client.new_entry_id(), held, service, &it),
            move |paper| view! { <MismatchForm paper place/> }.into_any(),
        )),
        RecordData::Note(it) => Some(open(
            place,
            form,
            |_| true,
            move || NoteDraft::correcting(client.new_entry_id(), held, service, &it),
            move |paper| view! { <NoteForm paper place/> }.into_any(),
        )),
        RecordData::Question(_) | RecordData::Erased | RecordData::Newer { .. } => None,
    }
}

/// Where a saved form leads: to the record it corrects, else home, which says what was saved.
pub fn after_save(amends: bool, place: Place) -> impl Fn(EntryId) + Clone + 'static {
    leads_to(move |id| match place.back() {
        Some(record) if amends => record.path(),
        _ => format!("{}?saved={id}", Place::Home.path()),
    })
}

/// A saved form leads to the address that `to` makes of the entry's id.
pub fn leads_to(
    to: impl Fn(EntryId) -> String + Clone + 'static,
) -> impl Fn(EntryId) + Clone + 'static {
    let navigate = use_navigate();
    move |id| {
        let to = to(id);
        // In the place of the form and its questions, to which the back key has nothing to go back.
        let navigate = navigate.clone();
        browser::leave_top(move || {
            let replace = NavigateOptions {
                replace: true,
                ..Default::default()
            };
            navigate(&to, replace);
        });
    }
}
