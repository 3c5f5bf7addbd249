//! One open form: a draft that is kept as it is typed and found again, what is to be put right, and
//! saving.

use super::draft::Draft;
use crate::lean::live;
use crate::signal::{RwSignal, Signal};
use crate::{
    client::{Client, Connection, DraftName, use_client},
    components::{frame::Frame, message::Skeleton},
    places::Place,
};
use holdfast_domain::{
    encoding::Millis,
    form::{AmendmentDraft, Fault},
    ids::EntryId,
};
use leptos::{prelude::*, task::spawn_local};
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
    /// What is shown was found again.
    pub kept: RwSignal<bool>,
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
        if self.amends.is_some() && draft.body(now) == (self.fresh.get_value())().body(now) {
            return self.faults.set(vec![Fault {
                field: "reason",
                message: "You changed nothing yet. Change what is wrong, then save.".to_owned(),
            }]);
        }
        self.faults.set(Vec::new());
        let Some(service) = draft.about().service else {
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
pub fn open<D: Draft>(
    place: Place,
    form: String,
    amends: Amends,
    fresh: impl Fn() -> D + Clone + Send + Sync + 'static,
    shown: impl Fn(Paper<D>) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let client = use_client();
    let opened = RwSignal::new(None::<(D, String, bool)>);
    let fresh: Arc<dyn Fn() -> D + Send + Sync> = Arc::new(fresh);
    let restart: Arc<dyn Fn() + Send + Sync> = {
        let fresh = Arc::clone(&fresh);
        Arc::new(move || opened.set(Some((fresh(), String::new(), false))))
    };
    let kept_fresh = StoredValue::new(Arc::clone(&fresh));
    let name = form.clone();
    spawn_local(async move {
        let found = client.load_draft(&name).await;
        let found = found.and_then(|(_, text)| match amends {
            None => holdfast_domain::json::read::<D>(&text)
                .ok()
                .map(|draft| (draft, String::new())),
            Some(_) => {
                let draft: AmendmentDraft = holdfast_domain::json::read(&text).ok()?;
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
        {live(move || match opened.get() {
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
                fresh: kept_fresh,
                restart: StoredValue::new(Arc::clone(&restart)),
            }),
        })}
    }
    .into_any()
}
