//! The forms: the two of a record, each opened for something new, for a correction, or to send a held one again; and
//! that of a plan change.

mod drawn;
mod own;
pub mod paper;

pub use drawn::FormPage;

use crate::{
    browser,
    client::use_client,
    components::{frame::Frame, icon::Symbol, message::Blank},
    places::Place,
};
use holdfast_domain::{
    form::{AmendmentDraft, Draft, FormName, MismatchDraft, NoteDraft, PlanUpdateDraft},
    ids::EntryId,
    ledger::{Record, RecordData, Start, starts},
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use own::own;
use paper::open;

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
    let suits = move |draft: &Draft| match draft {
        Draft::Mismatch(it) => instruction.is_none() || it.plan == instruction,
        _ => false,
    };
    let fresh = move || {
        let id = client.new_entry_id();
        Draft::Mismatch(match &about {
            Some((update, shows)) => MismatchDraft::about_update(id, update, *shows),
            None => MismatchDraft::new(id),
        })
    };
    if !client.peek(starts).contains(&Start::Mismatch) {
        return view! { <NotYours/> }.into_any();
    }
    opened(FormName::Mismatch, suits, fresh)
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
    let suits = move |draft: &Draft| match draft {
        Draft::Note(it) => whom.is_none() || it.person == whom,
        _ => false,
    };
    let fresh = move || {
        let draft = NoteDraft::new(client.new_entry_id());
        Draft::Note(match &about {
            Some(person) => draft.about(person.id, person.service),
            None => draft,
        })
    };
    if !client.peek(starts).contains(&Start::Note) {
        return view! { <NotYours/> }.into_any();
    }
    opened(FormName::Note, suits, fresh)
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
        Draft::PlanUpdate(match plan {
            Some(plan) => client.peek(|ledger| PlanUpdateDraft::of(id, ledger, plan)),
            None => PlanUpdateDraft::new(id),
        })
    };
    let suits = move |draft: &Draft| match draft {
        Draft::PlanUpdate(it) => plan.is_none() || it.plan == plan,
        _ => false,
    };
    opened(FormName::PlanChange, suits, fresh)
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
    let form = FormName::Correct(record.id);
    let fresh = move || AmendmentDraft::of(client.new_entry_id(), &record).map(Draft::Amendment);
    again_from(form, fresh)
}

/// The words of a record that could not be filed, as a new entry that says which one it replaces.
pub fn again(record: Record) -> Option<AnyView> {
    let client = use_client();
    let (service, held) = (record.service, record.id);
    let fresh = move || {
        let id = client.new_entry_id();
        Some(match &record.data {
            RecordData::Mismatch(it) => {
                Draft::Mismatch(MismatchDraft::correcting(id, held, service, it))
            }
            RecordData::Note(it) => Draft::Note(NoteDraft::correcting(id, held, service, it)),
            RecordData::Question(_) | RecordData::Erased | RecordData::Newer { .. } => return None,
        })
    };
    again_from(FormName::Again(held), fresh)
}

/// A form that opens with the words of a record; none where those cannot be read.
fn again_from(
    form: FormName,
    fresh: impl Fn() -> Option<Draft> + Send + Sync + 'static,
) -> Option<AnyView> {
    let first = fresh()?;
    let fresh = move || fresh().unwrap_or_else(|| first.clone());
    Some(opened(form, |_| true, fresh))
}

/// A form as it was left or fresh. Once saved, it leads to the record that it corrects, to the change that it is, else
/// home, which says what was saved.
fn opened(
    form: FormName,
    suits: impl Fn(&Draft) -> bool + 'static,
    fresh: impl Fn() -> Draft + Send + Sync + 'static,
) -> AnyView {
    let place = Place::from(form);
    let on_saved = leads_to(move |id| match (form, place.back()) {
        (FormName::Correct(_), Some(record)) => record.path(),
        (FormName::PlanChange, _) => Place::Update(id).path(),
        _ => format!("{}?saved={id}", Place::Home.path()),
    });
    open(
        place,
        form,
        Box::new(suits),
        Box::new(fresh),
        Box::new(move |paper| view! { <FormPage paper place on_saved own/> }.into_any()),
    )
}

/// A saved form leads to the address that `to` makes of the entry's id.
pub fn leads_to(to: impl Fn(EntryId) -> String + Send + Sync + 'static) -> Callback<EntryId> {
    let navigate = use_navigate();
    Callback::new(move |id| {
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
    })
}
