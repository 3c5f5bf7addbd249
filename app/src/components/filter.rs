//! A long list of answers, shortened by what is typed.

use super::choice::Answer;
use crate::lean::live;
use crate::signal::{Any, RwSignal, Signal, memo};
use holdfast_domain::words;
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
    let shown = memo(move || {
        let all = answers.get();
        let typed = typed.get();
        if typed.is_empty() {
            return all;
        }
        let all: Vec<_> = all.into_iter().map(|it| (it.slips(&typed), it)).collect();
        // Spelling is forgiven where nothing is spelt so.
        let spelt = all.iter().any(|(slips, _)| *slips == Some(0));
        let fits = |slips: Option<usize>| slips.is_some_and(|slips| slips == 0 || !spelt);
        let shown = all
            .into_iter()
            .filter(|(slips, it)| fits(*slips) || picked(it.value()));
        shown.map(|(_, it)| it).collect()
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
                <p role="status">
                    <small>
                        {live(move || {
                            let left = shown.look(Vec::len);
                            let typed = typed.look(|typed| !typed.is_empty());
                            typed.then(|| match left {
                                0 => "Nothing fits. Try fewer letters.".to_owned(),
                                left => words::count(left, "fits", "fit"),
                            })
                        })}
                    </small>
                </p>
            }
        })
    });
    (shown, field)
}
