//! What was begun and is not saved yet, to carry on with.

use crate::lean::{Show, each};
use crate::signal::{RwSignal, memo};
use crate::{
    client::{Draft, use_client},
    components::{icon::Symbol, list::LinkRow},
    places::Place,
};
use holdfast_domain::{
    form::{Unfinished, unfinished, unfinished_sheet},
    ids::EntryId,
};
use leptos::{prelude::*, task::spawn_local};

/// How many drafts show; the oldest of more come up as others are saved or given up.
const SHOWN: usize = 5;

/// A draft: its id, where it is carried on with, and what is said of it.
type Row = (EntryId, String, Symbol, Unfinished);

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
                    let (id, form, text) = (draft.id, &draft.form, &draft.text);
                    if let Some((path, it)) = unfinished_sheet(ledger, form, text, draft.at, now) {
                        let place = Place::of(path);
                        return Some((id, path.to_owned(), place.symbol(), it));
                    }
                    let (name, it) = unfinished(ledger, form, text, draft.at, now)?;
                    let place = Place::from(name);
                    Some((id, place.path(), place.symbol(), it))
                });
                rows.take(SHOWN).collect::<Vec<Row>>()
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
                    {each(move || rows.get(), |(id, path, symbol, it): Row| {
                        let href = format!("{path}?draft={id}");
                        view! { <LinkRow href symbol label=it.title detail=it.line/> }.into_any()
                    })}
                </ul>
            </section>
        </Show>
    }
}
