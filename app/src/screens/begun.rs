//! What was begun and is not saved yet, to carry on with.

use crate::lean::{Show, each};
use crate::signal::{RwSignal, memo};
use crate::{
    client::{Draft, use_client},
    components::list::LinkRow,
    places::Place,
};
use holdfast_domain::{
    form::{Unfinished, unfinished},
    ids::EntryId,
};
use leptos::{prelude::*, task::spawn_local};

/// How many drafts show; the oldest of more come up as others are saved or given up.
const SHOWN: usize = 5;

/// The drafts that are kept, the newest first; nothing where there are none.
#[component]
pub fn Begun() -> impl IntoView {
    let client = use_client();
    let kept = RwSignal::new(Vec::<Draft>::new());
    // Read again with the clock, which also ticks when the page comes to the front: another tab may write too.
    Effect::new(move |_| {
        client.now().get();
        spawn_local(async move { kept.try_set(client.drafts().await) });
    });
    let rows = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            kept.look(|kept| {
                let rows = kept.iter().filter_map(|draft| {
                    let it = unfinished(ledger, &draft.form, &draft.text, draft.at, now)?;
                    Some((draft.id, it))
                });
                rows.take(SHOWN).collect::<Vec<(EntryId, Unfinished)>>()
            })
        })
    });
    view! {
        <Show when=move || rows.look(|rows| !rows.is_empty())>
            <section class="Section" aria-labelledby="begun">
                <header>
                    <h2 id="begun">"Not finished yet"</h2>
                </header>
                <ul class="List" aria-labelledby="begun">
                    {each(move || rows.get(), |(id, it): (EntryId, Unfinished)| {
                        let place = Place::from(it.form);
                        let href = format!("{}?draft={id}", place.path());
                        view! { <LinkRow href symbol=place.symbol() label=it.title detail=it.line/> }.into_any()
                    })}
                </ul>
            </section>
        </Show>
    }
}
