//! What somebody is told once: it stands where it is about, until they say that they have seen it.

use super::say::say_all;
use crate::lean::{Show, live};
use crate::signal::{RwSignal, memo};
use crate::{
    client::use_client,
    components::{
        action::{Button, Weight},
        icon::{Symbol, Tone},
        message::Banner,
    },
};
use holdfast_domain::ids::EntryId;
use leptos::prelude::*;

/// What this user is told of an entry, with the button that says it is seen.
#[component]
pub fn ToldOf(id: EntryId) -> impl IntoView {
    let client = use_client();
    let told = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            let told = ledger.told_of(id, now).into_iter();
            told.map(|it| (it.need.title, it.need.line))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || told.look(|told| !told.is_empty())>
            <Banner tone=Tone::Move symbol=Symbol::Info>
                {live(move || {
                    let lines = told.get().into_iter().map(|(title, line)| view! {
                        <p dir="auto">
                            <b>{title}</b>
                        </p>
                        <p dir="auto">{line}</p>
                    });
                    lines.collect_view()
                })}
                <SeenWhatIAmTold id/>
            </Banner>
        </Show>
    }
}

/// 'I have seen this', with one tap.
#[component]
pub fn SeenWhatIAmTold(id: EntryId) -> impl IntoView {
    let client = use_client();
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let seen = move |()| {
        let now = client.now().get_untracked();
        let bodies = client.peek(|ledger| ledger.seen_what_i_am_told(id, now));
        say_all(client, bodies, busy, move |said| {
            trouble.try_set(said.err());
        });
    };
    view! {
        <Button weight=Weight::Main symbol=Symbol::Eye busy on_press=seen>
            "I have seen this"
        </Button>
        {live(move || trouble.get().map(|trouble| view! { <p role="alert">{trouble}</p> }))}
    }
}
