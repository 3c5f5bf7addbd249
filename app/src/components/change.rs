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

/// The words that are gone without others in their place, which no mark in the new text can show.
#[component]
pub fn TakenOut(difference: Difference) -> impl IntoView {
    let words = difference.taken_out().into_iter();
    let words: Vec<_> = words
        .map(|words| view! { <del>{words}</del> " " }.into_any())
        .collect();
    (!words.is_empty()).then(|| {
        view! {
            <p class="Change" dir="auto">
                <b>"No longer there: "</b>
                {words}
            </p>
        }
    })
}
