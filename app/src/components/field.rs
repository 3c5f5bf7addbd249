//! Fields for typed words: label, hint, message and count said once, the same everywhere.

use super::icon::{Icon, Symbol};
use crate::lean::{attr, live};
use crate::signal::Signal;
use holdfast_domain::form::counter;
use leptos::prelude::*;

/// How a field's label stands: a question of its own, or one of several.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Heading {
    Question,
    #[default]
    Label,
    /// For screen readers alone, where the page's heading asks the same.
    Hidden,
}

/// The message at a field: what to put right. It is no alert: the form's summary is, and links here.
#[component]
pub fn FieldFault(
    #[prop(into)] id: String,
    #[prop(into)] message: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        {live(move || {
            let id = id.clone();
            message.get().map(|message| view! {
                <span class="FieldFault" id=id>
                    <Icon symbol=Symbol::Warn/>
                    {message}
                </span>
            })
        })}
    }
}

/// The ids that describe a field: its hint and, where something is to be put right, the message.
pub fn described_by(id: &str, hinted: bool, fault: Option<&String>) -> Option<String> {
    match (hinted, fault.is_some()) {
        (true, true) => Some(format!("{id}-h {id}-e")),
        (true, false) => Some(format!("{id}-h")),
        (false, true) => Some(format!("{id}-e")),
        (false, false) => None,
    }
}

/// A field's label.
pub fn label_of(id: &'static str, label: &'static str, heading: Heading) -> AnyView {
    match heading {
        Heading::Question => {
            view! { <h2 tabindex="-1"><label for=id>{label}</label></h2> }.into_any()
        }
        Heading::Label => view! { <label for=id>{label}</label> }.into_any(),
        Heading::Hidden => view! { <label class="Hush" for=id>{label}</label> }.into_any(),
    }
}

/// Several lines of words, with how many letters are used. `children` stand under it.
#[component]
pub fn TextArea(
    id: &'static str,
    label: &'static str,
    #[prop(optional)] heading: Heading,
    /// Empty for none.
    #[prop(optional, into)]
    hint: String,
    #[prop(optional, into)] fault: Signal<Option<String>>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_write: Callback<String>,
    /// The most characters it takes, from the form's rules.
    limit: usize,
    #[prop(default = 4)] rows: u32,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let hinted = !hint.is_empty();
    view! {
        <div class="Field">
            {label_of(id, label, heading)}
            {hinted.then(|| view! { <small id=format!("{id}-h")>{hint}</small> })}
            <FieldFault id=format!("{id}-e") message=fault/>
            <textarea
                id=id
                rows=rows
                data-short=(rows < 4).then_some("")
                autocomplete="off"
                dir="auto"
                aria-describedby=attr(move || fault.look(|fault| described_by(id, hinted, fault.as_ref())))
                aria-invalid=attr(move || fault.look(|fault| fault.is_some().then_some("true")))
                prop:value=move || value.get()
                on:input:target=move |event| on_write.run(event.target().value())
            ></textarea>
            <footer>
                <small>{live(move || value.look(|value| counter(value, limit)))}</small>
            </footer>
            {children.map(|children| children())}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_described_by_what_stands_beside_it() {
        assert_eq!(
            described_by("han", true, Some(&"x".into())).as_deref(),
            Some("han-h han-e")
        );
        assert_eq!(described_by("han", false, None), None);
    }
}
