//! Saving what a screen says by itself, without a form: an answer, a reminder, a question, and the words that are typed
//! for one in a sheet.

use crate::client::{Client, DraftName, Held, use_client};
use crate::{browser, signal::RwSignal};
use holdfast_domain::{
    body::Body,
    form::{FormName, TEXT},
    ids::{EntryId, ServiceId},
    words,
};
use leptos::{logging, prelude::*, task::spawn_local};
use leptos_router::hooks::{use_location, use_query_map};
use std::vec::IntoIter;

type Then = Box<dyn FnOnce(Result<(), String>)>;

/// Words that are typed in a sheet: kept as they are written, as those of a form are, and found again with the page
/// until they are saved.
#[derive(Clone, Copy)]
pub struct Typed {
    client: Client,
    name: StoredValue<DraftName>,
    pub text: RwSignal<String>,
    /// The draft, for this tab alone; none until the sheet was opened.
    held: StoredValue<Option<Held>, LocalStorage>,
    looked: StoredValue<bool>,
}

impl Typed {
    /// Those of this page that belong to `what`, in a sheet that is open as soon as it is made.
    pub fn of(what: &str) -> Typed {
        let typed = Typed::empty(what);
        typed.find(None, Box::new(|| {}));
        typed
    }

    /// The same, looked for when the sheet opens. Where the page was opened to carry on with them, the sheet opens by
    /// itself.
    pub fn in_sheet(what: &str, open: RwSignal<bool>) -> Typed {
        let typed = Typed::empty(what);
        let named = use_query_map().with_untracked(|query| query.get("draft")?.parse().ok());
        if named.is_some() {
            typed.find(named, Box::new(move || open.set(true)));
        }
        Effect::new(move |_| {
            if open.get() && !typed.looked.get_value() {
                typed.find(None, Box::new(|| {}));
            }
        });
        typed
    }

    fn empty(what: &str) -> Typed {
        let client = use_client();
        let path = use_location().pathname.get_untracked();
        Typed {
            client,
            name: StoredValue::new(DraftName {
                form: FormName::sheet(&path, what),
                id: client.new_entry_id(),
            }),
            text: RwSignal::new(String::new()),
            held: StoredValue::new_local(None),
            looked: StoredValue::new(false),
        }
    }

    /// Finds the newest draft of this sheet, or the one that is named, and takes it where no other tab has it. One that
    /// is named may be another sheet's: then nothing was looked for here.
    fn find(self, named: Option<EntryId>, found: Box<dyn Fn()>) {
        self.looked.set_value(named.is_none());
        spawn_local(async move {
            let Some(own) = self.name.try_get_value() else {
                return;
            };
            // The page may be left by now; or words were saved meanwhile, and do not come back.
            let is_still = move || self.name.try_with_value(|name| name.id == own.id) == Some(true);
            for kept in self.client.drafts().await {
                if kept.form != own.form || named.is_some_and(|id| id != kept.id) {
                    continue;
                }
                let Some(held) = self.client.take_draft(kept.id).await else {
                    continue;
                };
                if !is_still() {
                    return;
                }
                // What was typed meanwhile counts.
                if self.text.with_untracked(String::is_empty) {
                    self.looked.try_set_value(true);
                    self.held.try_set_value(Some(held));
                    self.name.try_update_value(|name| name.id = kept.id);
                    self.text.try_set(kept.text);
                    return found();
                }
                break;
            }
            if named.is_none() && is_still() {
                self.hold(own.id);
            }
        });
    }

    /// Takes the draft of this id, which nobody else knows yet, for this tab, as long as it is the one that is written.
    fn hold(self, id: EntryId) {
        spawn_local(async move {
            let held = self.client.take_draft(id).await;
            if self.name.try_with_value(|name| name.id == id) == Some(true) {
                self.held.try_set_value(held);
            }
        });
    }

    /// Writes them, and keeps them.
    pub fn write(self, text: String) {
        self.name
            .with_value(|name| self.client.keep_draft(&name.form, name.id, &text));
        self.text.set(text);
    }

    /// As they are saved.
    pub fn words(self) -> String {
        self.text.get_untracked().trim().to_owned()
    }

    /// Saves what was made of them, under their id: the words go with the same transaction.
    pub fn say(
        self,
        service: ServiceId,
        body: Body,
        busy: RwSignal<bool>,
        then: impl FnOnce(Result<(), String>) + 'static,
    ) {
        self.say_all(vec![(service, body)], busy, then);
    }

    /// The same with several, the last of which takes the words' place.
    pub fn say_all(
        self,
        bodies: Vec<(ServiceId, Body)>,
        busy: RwSignal<bool>,
        then: impl FnOnce(Result<(), String>) + 'static,
    ) {
        let name = self.name.get_value();
        let said: Then = Box::new(move |said| {
            if said.is_ok() {
                // The next words are others, and their draft is this tab's too.
                let id = self.client.new_entry_id();
                self.name.try_update_value(|name| name.id = id);
                self.text.try_set(String::new());
                self.hold(id);
            }
            then(said);
        });
        save_all(self.client, bodies, Some(name), busy, said);
    }
}

/// Saves it, and is `busy` meanwhile; `then` hears how it went, in words to show where it did not.
pub fn say(
    client: Client,
    service: ServiceId,
    body: Body,
    busy: RwSignal<bool>,
    then: impl FnOnce(Result<(), String>) + 'static,
) {
    say_all(client, vec![(service, body)], busy, then);
}

/// Saves one after the other, until one is not saved; `then` hears how that went, at the end.
pub fn say_all(
    client: Client,
    bodies: Vec<(ServiceId, Body)>,
    busy: RwSignal<bool>,
    then: impl FnOnce(Result<(), String>) + 'static,
) {
    save_all(client, bodies, None, busy, Box::new(then));
}

fn save_all(
    client: Client,
    bodies: Vec<(ServiceId, Body)>,
    draft: Option<DraftName>,
    busy: RwSignal<bool>,
    then: Then,
) {
    // Not by a second tap, before the first was saved.
    if !busy.get_untracked() {
        save_each(client, bodies.into_iter(), draft, busy, then);
    }
}

/// The last of them takes the place of the draft.
fn save_each(
    client: Client,
    mut bodies: IntoIter<(ServiceId, Body)>,
    draft: Option<DraftName>,
    busy: RwSignal<bool>,
    then: Then,
) {
    let Some((service, body)) = bodies.next() else {
        return then(Ok(()));
    };
    busy.set(true);
    let ends = draft.clone().filter(|_| bodies.len() == 0);
    let id = ends
        .as_ref()
        .map_or_else(|| client.new_entry_id(), |it| it.id);
    spawn_local(async move {
        let saved = client.save(service, id, body, ends).await;
        busy.try_set(false);
        match saved {
            Ok(_) => save_each(client, bodies, draft, busy, then),
            Err(failure) => then(Err(failure.to_string())),
        }
    });
}

/// Whether the server would hold it for its text. That is said here instead: at the field, `ask` and then how many
/// characters it takes.
pub fn is_held(
    body: &Body,
    field: &'static str,
    fault: RwSignal<Option<String>>,
    ask: &'static str,
) -> bool {
    let Err(why) = Body::parse(&body.to_text()) else {
        return false;
    };
    logging::log!("not saved: {why}");
    fault.set(Some(format!(
        "{ask} {} characters.",
        words::thousands(TEXT)
    )));
    browser::focus(field);
    true
}
