//! One open form: a draft that is kept as it is typed and found again, what is to be put right, and
//! saving.

use super::draft::Draft;
use crate::lean::live;
use crate::signal::{RwSignal, Signal, memo};
use crate::{
    browser,
    client::{Client, Connection, DraftName, Held, use_client},
    components::{frame::Frame, message::Skeleton},
    places::Place,
};
use holdfast_domain::{
    body::Body,
    encoding::Millis,
    form::{AmendmentDraft, Fault, FormName},
    ids::EntryId,
    json,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_query_map;
use std::sync::Arc;

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
    /// What there is to know of the form as it opened: it was found again, or another is open elsewhere.
    pub notice: RwSignal<Option<&'static str>>,
    /// The form as it opens when nothing was kept.
    fresh: StoredValue<Arc<dyn Fn() -> D + Send + Sync>>,
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

    /// When the record that this corrects was written; none for what is new.
    pub fn first_made(&self) -> Option<Millis> {
        let amends = self.amends?;
        self.client
            .peek(|ledger| ledger.record(amends).map(|record| record.made))
    }

    /// Writes to the draft, and keeps it.
    pub fn write(&self, change: impl FnOnce(&mut D)) {
        self.draft.update(change);
        self.keep();
        self.recheck();
    }

    /// A text of the draft.
    pub fn text(&self, field: fn(&D) -> &String) -> Signal<String> {
        let draft = self.draft;
        memo(move || draft.look(|draft| field(draft).clone()))
    }

    /// 'Carry on': to the next step, or what is to put right first.
    pub fn carry_on(&self) {
        let (client, now) = (self.client, self.client.now().get_untracked());
        let mut answer = Ok(());
        self.write(|draft| answer = client.peek(|ledger| draft.carry_on(ledger, now)));
        self.faults.set(answer.err().unwrap_or_default());
    }

    /// An answer that was tapped goes on by itself on a phone, which shows one question at a time.
    pub fn go_on(&self) {
        if browser::is_phone() {
            self.carry_on();
        }
    }

    /// The phone's back key: one question back; false where it leaves the form.
    pub fn on_back(&self) -> Callback<(), bool> {
        let paper = *self;
        Callback::new(move |()| {
            let stays = browser::is_phone() && paper.draft.update(D::back);
            paper.faults.set(Vec::new());
            stays
        })
    }

    /// Writes the reason for a correction, and keeps it.
    pub fn write_reason(&self, reason: String) {
        self.reason.set(reason);
        self.keep();
        self.recheck();
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
            faults.look(|faults| {
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
        Signal::derive(move || draft.look(|draft| !draft.is_empty()))
    }

    /// What stands under the button, by what the connection does.
    pub fn promise(&self) -> Signal<&'static str> {
        let contact = self.client.connection();
        Signal::derive(move || match contact.get() {
            Connection::Offline | Connection::Retrying => {
                "No signal: it stays on this phone until it can be sent"
            }
            _ => "Kept on this phone as you type",
        })
    }

    /// What would be saved now; else what is to put right first.
    fn checked(&self, now: Millis) -> Result<Body, Vec<Fault>> {
        let draft = self.draft.get_untracked();
        let body_of = |draft: &D| self.client.peek(|ledger| draft.body(ledger, now));
        let amendment = self
            .amends
            .and_then(|amends| draft.clone().amendment(amends, self.reason.get_untracked()));
        let Some(amendment) = amendment else {
            return body_of(&draft);
        };
        let body = amendment.validate(now)?;
        if body_of(&draft) == body_of(&(self.fresh.get_value())()) {
            return Err(vec![Fault {
                field: "reason",
                message: "You changed nothing yet. Change what is wrong, then save.".to_owned(),
            }]);
        }
        Ok(body)
    }

    /// Of what was to put right, what still is: also where another field put it right.
    fn recheck(&self) {
        if self.faults.with_untracked(Vec::is_empty) {
            return;
        }
        let now = self.client.now().get_untracked();
        let still = self.checked(now).err().unwrap_or_default();
        let holds = |fault: &Fault| !still.iter().any(|it| it.field == fault.field);
        // It is drawn anew only where something goes from it.
        if self
            .faults
            .with_untracked(|faults| faults.iter().any(holds))
        {
            self.faults
                .update(|faults| faults.retain(|fault| !holds(fault)));
        }
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
        let body = match self.checked(now) {
            Ok(body) => body,
            Err(faults) => return self.faults.set(faults),
        };
        self.faults.set(Vec::new());
        let Some(service) = draft.service() else {
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

    fn keep(&self) {
        self.notice.set(None);
        self.trouble.set(None);
        let draft = self.draft.get_untracked();
        let id = draft.id();
        let text = match self.amends {
            None => serde_json::to_string(&draft),
            Some(amends) => {
                serde_json::to_string(&draft.amendment(amends, self.reason.get_untracked()))
            }
        };
        if let Ok(text) = text {
            self.form
                .with_value(|form| self.client.keep_draft(form, id, &text));
        }
    }
}

const FOUND: &str = "We kept what you wrote. Carry on where you left off.";
const ELSEWHERE: &str =
    "You have one open in another tab already. It is kept there. This is a new one.";

/// A form as it opens: its draft, the reason for a correction, and what there is to know of it.
type Opening<D> = (D, String, Option<&'static str>);

type Fresh<D> = Arc<dyn Fn() -> D + Send + Sync>;
type Suits<D> = Box<dyn Fn(&D) -> bool>;
type Shown<D> = Box<dyn Fn(Paper<D>) -> AnyView + Send>;
/// The lock of the draft that is open, for as long as the form is.
type Holds = StoredValue<Option<Held>, LocalStorage>;

/// Opens a form where it was left, or fresh. Of several drafts it is the one that the address names with `draft`,
/// else the newest one that `suits`; one that is open in another tab stays with that tab.
pub fn open<D: Draft>(
    place: Place,
    form: FormName,
    suits: impl Fn(&D) -> bool + 'static,
    fresh: impl Fn() -> D + Send + Sync + 'static,
    shown: impl Fn(Paper<D>) -> AnyView + Send + 'static,
) -> AnyView {
    opened(
        place,
        form,
        Box::new(suits),
        Arc::new(fresh),
        Box::new(shown),
    )
}

fn opened<D: Draft>(
    place: Place,
    form: FormName,
    suits: Suits<D>,
    fresh: Fresh<D>,
    shown: Shown<D>,
) -> AnyView {
    let client = use_client();
    let amends = match form {
        FormName::Correct(record) => Some(record),
        FormName::Mismatch
        | FormName::Note
        | FormName::PlanChange
        | FormName::Again(_)
        | FormName::Step(..) => None,
    };
    let opened = RwSignal::new(None::<Opening<D>>);
    let holds = StoredValue::new_local(None::<Held>);
    let begin = {
        let fresh = Arc::clone(&fresh);
        move |notice| {
            let draft = fresh();
            // Nobody else can have a draft that is made here and now.
            take_later(client, holds, draft.id());
            opened.try_set(Some((draft, String::new(), notice)));
        }
    };
    let restart: Arc<dyn Fn() + Send + Sync> = {
        let begin = begin.clone();
        Arc::new(move || begin(None))
    };
    let named = use_query_map().with_untracked(|query| query.get("draft")?.parse::<EntryId>().ok());
    let fits = Box::new(move |text: &str| {
        read::<D>(text, amends)
            .is_some_and(|(draft, _)| !draft.is_empty() && (named.is_some() || suits(&draft)))
    });
    let name = form.text();
    let form = StoredValue::new(name.clone());
    spawn_local(async move {
        match first_free(client, holds, &name, named, fits).await {
            Ok(text) => {
                if let Some((draft, reason)) = read(&text, amends) {
                    opened.try_set(Some((draft, reason, Some(FOUND))));
                }
            }
            Err(notice) => begin(notice),
        }
    });
    let kept_fresh = StoredValue::new(fresh);
    live(move || match opened.get() {
        None => view! { <Frame place><Skeleton/></Frame> }.into_any(),
        Some((draft, reason, notice)) => shown(Paper {
            client,
            form,
            amends,
            draft: RwSignal::new(draft),
            reason: RwSignal::new(reason),
            faults: RwSignal::new(Vec::new()),
            trouble: RwSignal::new(None),
            busy: RwSignal::new(false),
            notice: RwSignal::new(notice),
            fresh: kept_fresh,
            restart: StoredValue::new(Arc::clone(&restart)),
        }),
    })
}

/// The text of the newest draft that fits and that no other tab has open; else what there is to know of a fresh form.
async fn first_free(
    client: Client,
    holds: Holds,
    form: &str,
    named: Option<EntryId>,
    fits: Box<dyn Fn(&str) -> bool>,
) -> Result<String, Option<&'static str>> {
    let mut notice = None;
    for kept in client.drafts().await {
        if kept.form != form || named.is_some_and(|id| id != kept.id) || !fits(&kept.text) {
            continue;
        }
        if take(client, holds, kept.id).await {
            return Ok(kept.text);
        }
        notice = Some(ELSEWHERE);
    }
    Err(notice)
}

/// Takes a draft for this form. False where another tab has it open.
async fn take(client: Client, holds: Holds, id: EntryId) -> bool {
    let taken = client.take_draft(id).await;
    let is_ours = taken.is_some();
    if is_ours {
        holds.try_set_value(taken);
    }
    is_ours
}

fn take_later(client: Client, holds: Holds, id: EntryId) {
    spawn_local(async move {
        take(client, holds, id).await;
    });
}

/// A kept draft, and the reason where it is a correction.
fn read<D: Draft>(text: &str, amends: Amends) -> Option<(D, String)> {
    if amends.is_none() {
        return Some((json::read(text).ok()?, String::new()));
    }
    let draft: AmendmentDraft = json::read(text).ok()?;
    D::from_amended(draft.record).map(|record| (record, draft.reason))
}
