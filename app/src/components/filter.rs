//! A long list of answers, shortened by what is typed.

use super::choice::Answer;
use crate::lean::live;
use crate::signal::{Any, RwSignal, Signal, memo};
use leptos::prelude::*;
use web_sys::KeyboardEvent;

/// From how many answers on a list may be searched.
const LONG: usize = 12;

/// The answers that hold what is typed in the field that comes with them, and those that are `picked`; the field stands
/// over a long list alone. `id` is the list's.
pub fn filtered(
    id: &'static str,
    answers: Signal<Vec<Answer>>,
    picked: impl Fn(&Any) -> bool + Send + Sync + 'static,
) -> (Signal<Vec<Answer>>, AnyView) {
    let typed = RwSignal::new(String::new());
    let long = memo(move || answers.look(|answers| answers.len() >= LONG));
    let shown = Signal::derive(move || {
        let all = answers.get().into_iter();
        let typed = typed.get();
        let shows = |it: &Answer| it.may_be(&typed) || picked(it.value());
        all.filter(shows).collect()
    });
    let field = live(move || {
        let field = format!("{id}-f");
        long.get().then(|| {
            view! {
                <label class="Hush" for=field.clone()>"Find in this list"</label>
                <input
                    id=field
                    type="search"
                    placeholder="Find in this list"
                    autocomplete="off"
                    prop:value=move || typed.get()
                    on:input:target=move |event| typed.set(event.target().value())
                    on:keydown=|event: KeyboardEvent| {
                        // It is no answer to go on with.
                        if event.key() == "Enter" {
                            event.prevent_default();
                        }
                    }
                />
            }
        })
    });
    (shown, field)
}
