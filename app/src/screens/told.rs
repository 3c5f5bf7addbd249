//! What somebody is told once: it stands where it is about, until they say that they have seen it.

use super::say::say_all;
use crate::lean::live;
use crate::signal::{RwSignal, memo};
use crate::{
    client::use_client,
    components::{
        action::{Button, Weight},
        icon::{Symbol, Tone},
        message::Banner,
    },
};
use holdfast_domain::{
    ids::EntryId,
    ledger::{Need, Told},
};
use leptos::prelude::*;

/// What this user is told of an entry, with the button that says it is seen.
#[component]
pub fn ToldOf(id: EntryId) -> impl IntoView {
    let client = use_client();
    let told = memo(move || {
        let now = client.now().get();
        client.read(|ledger| ledger.told_of(id, now))
    });
    live(move || {
        let told = told.get();
        let shown: Vec<EntryId> = told.iter().map(|it| it.id).collect();
        let lines = told.into_iter().map(|Told { need, .. }| {
            view! {
                <p dir="auto">
                    <b>{need.title}</b>
                </p>
                <p dir="auto">{need.line}</p>
            }
        });
        (!shown.is_empty()).then(|| {
            view! {
                <Banner tone=Tone::Move symbol=Symbol::Info>
                    {lines.collect_view()}
                    <SeenWhatIAmTold id shown/>
                </Banner>
            }
        })
    })
}

/// 'I know this now' of one thing that home shows, with one tap.
#[component]
pub fn SeenNeed(need: Need) -> impl IntoView {
    let client = use_client();
    let now = client.now().get_untracked();
    let told = client.peek(|ledger| ledger.told_of(need.record, now));
    let shown = told.into_iter().filter(|it| it.need == need);
    let shown: Vec<EntryId> = shown.map(|it| it.id).collect();
    view! { <SeenWhatIAmTold id=need.record shown/> }
}

/// 'I know this now', of what is `shown` of the entry beside the button: other words than a record that is seen, which
/// its author is told.
#[component]
fn SeenWhatIAmTold(id: EntryId, shown: Vec<EntryId>) -> impl IntoView {
    let client = use_client();
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let seen = move |()| {
        let now = client.now().get_untracked();
        let bodies = client.peek(|ledger| ledger.seen_what_i_am_told(id, &shown, now));
        say_all(client, bodies, busy, move |said| {
            trouble.try_set(said.err());
        });
    };
    view! {
        <Button weight=Weight::Main symbol=Symbol::Eye busy on_press=seen>
            "I know this now"
        </Button>
        {live(move || trouble.get().map(|trouble| view! { <p role="alert">{trouble}</p> }))}
    }
}
