//! Saving what a screen says by itself, without a form: an answer, a reminder, a question, and the words that are typed
//! for one in a sheet.

use crate::client::{Client, use_client};
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
    form: StoredValue<String>,
    id: StoredValue<EntryId>,
    pub text: RwSignal<String>,
}

impl Typed {
    /// Those of this page that belong to `what`. Where the page was opened to carry on with them, `found` hears of it.
    pub fn of(what: &str, found: impl Fn() + 'static) -> Typed {
        let client = use_client();
        let path = use_location().pathname.get_untracked();
        let form = FormName::sheet(&path, what);
        let typed = Typed {
            client,
            form: StoredValue::new(form.clone()),
            id: StoredValue::new(client.new_entry_id()),
            text: RwSignal::new(String::new()),
        };
        let named = use_query_map().with_untracked(|query| query.get("draft")?.parse().ok());
        spawn_local(async move {
            let mut kept = client.drafts().await.into_iter();
            let Some(draft) = kept.find(|it| it.form == form) else {
                return;
            };
            // What was typed meanwhile counts; and the page may be left by now.
            let is_open = typed.id.try_get_value().is_some();
            if is_open && typed.text.with_untracked(String::is_empty) {
                typed.id.set_value(draft.id);
                typed.text.set(draft.text);
                if named == Some(draft.id) {
                    found();
                }
            }
        });
        typed
    }

    /// Writes them, and keeps them.
    pub fn write(self, text: String) {
        let id = self.id.get_value();
        self.form
            .with_value(|form| self.client.keep_draft(form, id, &text));
        self.text.set(text);
    }

    /// As they are saved.
    pub fn words(self) -> String {
        self.text.get_untracked().trim().to_owned()
    }

    /// They became a record, and the next ones are others.
    pub fn end(self) {
        let id = self.id.try_get_value();
        if let Some((form, id)) = self.form.try_get_value().zip(id) {
            self.client.drop_draft(&form, id);
        }
        self.id.try_set_value(self.client.new_entry_id());
        self.text.try_set(String::new());
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
    save(client, service, body, busy, Box::new(then));
}

fn save(client: Client, service: ServiceId, body: Body, busy: RwSignal<bool>, then: Then) {
    busy.set(true);
    spawn_local(async move {
        let saved = client
            .save(service, client.new_entry_id(), body, None)
            .await;
        busy.try_set(false);
        then(saved.map(|_| ()).map_err(|failure| failure.to_string()));
    });
}

/// Saves one after the other, until one is not saved; `then` hears how that went, at the end.
pub fn say_all(
    client: Client,
    bodies: Vec<(ServiceId, Body)>,
    busy: RwSignal<bool>,
    then: impl FnOnce(Result<(), String>) + 'static,
) {
    save_each(client, bodies.into_iter(), busy, Box::new(then));
}

fn save_each(
    client: Client,
    mut bodies: IntoIter<(ServiceId, Body)>,
    busy: RwSignal<bool>,
    then: Then,
) {
    let Some((service, body)) = bodies.next() else {
        return then(Ok(()));
    };
    say(client, service, body, busy, move |said| match said {
        Ok(()) => save_each(client, bodies, busy, then),
        Err(why) => then(Err(why)),
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
