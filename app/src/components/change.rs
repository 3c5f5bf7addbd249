//! A text with the words marked that another version of it does not have: always the whole, never the fragment.

use holdfast_domain::difference::{Difference, Piece};
use leptos::prelude::*;

/// Which side of a change a text is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Before,
    After,
}

/// A text with its changed words struck, where it is the one before, or underlined.
#[component]
pub fn Marked(pieces: Vec<Piece>, side: Side) -> impl IntoView {
    let pieces = pieces.into_iter().map(|piece| match (piece.changed, side) {
        (false, _) => piece.text.into_any(),
        (true, Side::Before) => view! { <del>{piece.text}</del> }.into_any(),
        (true, Side::After) => view! { <ins>{piece.text}</ins> }.into_any(),
    });
    view! {
        <div class="Change">
            <p dir="auto">{pieces.collect_view()}</p>
        </div>
    }
}

/// The text after with its changed words marked, and under it those that are gone without others in their place, which no
/// mark in it can show.
#[component]
pub fn NewText(difference: Difference) -> impl IntoView {
    let gone = difference.taken_out().into_iter();
    let gone: Vec<_> = gone
        .map(|words| view! { <del>{words}</del> " " }.into_any())
        .collect();
    let gone = (!gone.is_empty()).then(|| {
        view! {
            <p class="Change" dir="auto">
                <b>"No longer there: "</b>
                {gone}
            </p>
        }
    });
    view! {
        <Marked pieces=difference.after side=Side::After/>
        {gone}
    }
}
