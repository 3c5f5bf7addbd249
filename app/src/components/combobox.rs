//! Somebody to pick: a combobox with a list (WAI-ARIA pattern: Down, Up, Enter, Escape). On a phone
//! the list stands open until somebody is picked; elsewhere it opens with the field.

use super::{
    field::{FieldFault, Heading, described_by, label_of},
    icon::{SmallIcon, Symbol},
};
use crate::browser;
use crate::lean::{Show, attr, live};
use crate::signal::{RwSignal, Signal, memo};
use holdfast_domain::form::Candidate;
use holdfast_domain::words::{self, initials};
use leptos::prelude::*;
use web_sys::KeyboardEvent;

/// How many names the list offers at once; typing finds the others.
const SHOWN: usize = 12;

/// A combobox. `picked` is who stands in it; `candidates` fit what was `typed`, the likeliest first.
#[component]
pub fn Combobox(
    id: &'static str,
    label: &'static str,
    /// The name of the list, such as 'People you see most'.
    list_label: &'static str,
    placeholder: &'static str,
    #[prop(optional)] heading: Heading,
    #[prop(optional, into)] fault: Signal<Option<String>>,
    #[prop(into)] typed: Signal<String>,
    #[prop(into)] candidates: Signal<Vec<Candidate>>,
    #[prop(into)] picked: Signal<Option<Candidate>>,
    /// Gets each change of the text; whoever was picked stands in it no longer.
    #[prop(into)]
    on_type: Callback<String>,
    /// Gets whoever is picked, as the answer is kept.
    #[prop(into)]
    on_pick: Callback<String>,
) -> impl IntoView {
    let list = format!("{id}-list");
    let open = RwSignal::new(false);
    let active = RwSignal::new(None::<usize>);
    let expanded =
        memo(move || open.get() || (browser::is_phone() && picked.look(Option::is_none)));
    let shown =
        memo(move || candidates.look(|all| all.iter().take(SHOWN).cloned().collect::<Vec<_>>()));
    let pick = move |value: String| {
        open.set(false);
        active.set(None);
        on_pick.run(value);
    };
    let option_id = move |at: usize| format!("{id}-o{at}");

    let move_by = move |step: isize| {
        let count = shown.with_untracked(Vec::len) as isize;
        if count == 0 {
            return;
        }
        open.set(true);
        let from = active
            .get_untracked()
            .map_or(if step > 0 { -1 } else { count }, |at| at as isize);
        let at = (from + step).rem_euclid(count) as usize;
        active.set(Some(at));
        browser::reveal(option_id(at));
    };
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "ArrowDown" => {
            event.prevent_default();
            move_by(1);
        }
        "ArrowUp" => {
            event.prevent_default();
            move_by(-1);
        }
        "Enter" if expanded.get_untracked() => {
            event.prevent_default();
            let only = (shown.with_untracked(Vec::len) == 1).then_some(0);
            let at = active.get_untracked().or(only);
            let option = at.and_then(|at| shown.with_untracked(|shown| shown.get(at).cloned()));
            if let Some(option) = option {
                pick(option.code);
            }
        }
        // The first closes the list and the second takes away what was typed; on a phone the list stays.
        "Escape" => {
            event.prevent_default();
            let closes = open.get_untracked() && !browser::is_phone();
            open.set(false);
            active.set(None);
            if !closes {
                on_type.run(String::new());
            }
        }
        _ => {}
    };
    let rows = live(move || {
        let options = shown.get().into_iter().enumerate().map(|(at, option)| {
            let value = option.code;
            view! {
                <li
                    id=option_id(at)
                    class="ListRow"
                    role="option"
                    aria-selected=attr(move || if active.get() == Some(at) { "true" } else { "false" })
                    on:pointerdown=|event| event.prevent_default()
                    on:click=move |_| pick(value.clone())
                >
                    <span class="Initials" aria-hidden="true">
                        {initials(&option.name)}
                    </span>
                    <span>
                        <b dir="auto">{option.name}</b>
                        <small dir="auto">{option.line}</small>
                    </span>
                    <SmallIcon symbol=Symbol::Next/>
                </li>
            }
        });
        options.collect_view()
    });
    let more = move || expanded.get() && candidates.look(Vec::len) > SHOWN;
    let searching = move || expanded.get() && typed.look(|typed| !typed.is_empty());
    view! {
        <div class="Field">
            {label_of(id, label, heading)}
            <FieldFault id=format!("{id}-e") message=fault/>
            <input
                id=id
                type="text"
                role="combobox"
                autocomplete="off"
                dir="auto"
                autocapitalize="words"
                spellcheck="false"
                enterkeyhint="search"
                placeholder=placeholder
                aria-autocomplete="list"
                aria-controls=list.clone()
                aria-expanded=attr(move || if expanded.get() { "true" } else { "false" })
                aria-activedescendant=attr(move || active.get().filter(|_| expanded.get()).map(option_id))
                aria-describedby=attr(move || {
                    fault.look(|fault| described_by(id, picked.look(Option::is_some), fault.as_ref()))
                })
                aria-invalid=attr(move || fault.look(|fault| fault.is_some().then_some("true")))
                prop:value=move || picked.get().map_or_else(|| typed.get(), |picked| picked.name)
                on:input:target=move |event| {
                    open.set(true);
                    active.set(None);
                    on_type.run(event.target().value());
                }
                on:click=move |_| open.set(true)
                on:blur=move |_| open.set(false)
                on:keydown=on_key
            />
            {live(move || picked.get().map(|picked| view! { <small id=format!("{id}-h") dir="auto">{picked.line}</small> }))}
            <ul class="List" id=list role="listbox" aria-label=list_label hidden=attr(move || !expanded.get())>
                {rows}
            </ul>
            <p class="Hush" aria-live="polite">
                {live(move || searching().then(|| words::count(candidates.look(Vec::len), "person found", "people found")))}
            </p>
            <Show when=move || searching() && candidates.look(Vec::is_empty)>
                <small>"Nobody of that name is on this phone. Try the room or the round."</small>
            </Show>
            <Show when=more>
                <small>"Type a name to find others."</small>
            </Show>
        </div>
    }
}
