//! Saving what a screen says by itself, without a form and its draft: an answer, a reminder, a question.

use crate::client::Client;
use crate::{browser, signal::RwSignal};
use holdfast_domain::{body::Body, form::TEXT, ids::ServiceId, words};
use leptos::{logging, task::spawn_local};
use std::vec::IntoIter;

type Then = Box<dyn FnOnce(Result<(), String>)>;

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
