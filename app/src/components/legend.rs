//! What the marks of the visibility board mean.

use leptos::prelude::*;

/// What each mark of a cell means.
#[component]
pub fn Legend() -> impl IntoView {
    let mark = |state: &'static str, mark: &'static str, words: &'static str| {
        view! {
            <li>
                <span class="Cell" data-s=state aria-hidden="true">{mark}</span>
                {words}
            </li>
        }
    };
    view! {
        <ul class="Legend" aria-label="What the marks mean">
            {mark("held", "✓", "Shows it")}
            {mark("act", "≠", "Shows something else")}
            {mark("late", "×", "Could not open it")}
            {mark("late", "!5h", "No answer, late")}
            {mark("wait", "3h", "No answer yet")}
            {mark("clash", "?!", "Answers disagree")}
            <li>"“own” is somebody’s own phone"</li>
        </ul>
    }
}
