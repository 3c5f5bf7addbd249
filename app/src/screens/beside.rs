//! A list and the one thing of it that is open: on a phone the one or the other, side by side where there is room.

use crate::browser;
use crate::lean::attr;
use crate::signal::{Signal, memo};
use leptos::prelude::*;
use uuid::Uuid;

/// What draws one of the two parts, once.
pub type Part = Box<dyn FnOnce() -> AnyView>;

/// `list` and `detail` beside each other; on a phone the list until something is `opened`, then the detail.
#[component]
pub fn Beside(
    #[prop(into)] opened: Signal<bool>,
    list: impl FnOnce() -> AnyView + 'static,
    detail: impl FnOnce() -> AnyView + 'static,
) -> impl IntoView {
    fn parts(opened: Signal<bool>, list: Part, detail: Part) -> AnyView {
        view! {
            <div class="Split">
                <div class="Aside" data-noprint="" data-only=attr(move || opened.get().then_some("wide"))>
                    {list()}
                </div>
                <div id="detail" tabindex="-1" data-only=attr(move || (!opened.get()).then_some("wide"))>
                    {detail()}
                </div>
            </div>
        }
        .into_any()
    }
    browser::bring_into_view(".Aside [aria-current]");
    parts(opened, Box::new(list), Box::new(detail))
}

/// The focus goes to what is opened while the screen stays, and to the main part when it is left for the list.
pub fn focus_follows(opened: Signal<Option<Uuid>>) {
    let opened = memo(move || opened.get());
    Effect::new(move |before: Option<Option<Uuid>>| {
        let now = opened.get();
        if before.is_some_and(|before| before != now) {
            browser::focus(if now.is_some() { "detail" } else { "main" });
        }
        now
    });
}
