//! Answers to choose from: one of several, or all that apply. A tap goes on where the hint says so;
//! arrow keys only choose.

use super::field::{FieldFault, Heading};
use crate::lean::{Look, attr, live};
use leptos::prelude::*;

/// One answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer<T> {
    pub value: T,
    pub label: String,
    pub hint: Option<String>,
}

impl<T> Answer<T> {
    pub fn new(value: T, label: impl Into<String>) -> Self {
        Answer {
            value,
            label: label.into(),
            hint: None,
        }
    }

    /// Describes the answer; a hint is no part of its name.
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Answer {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// How an answer was chosen: only a tap may go on by itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Chosen {
    Tapped,
    Keyed,
}

/// How the answers stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Columns {
    #[default]
    One,
    Two,
}

/// One of several answers (radio group). `id` names the group and starts the ids of its parts.
#[component]
pub fn Choice<T>(
    id: &'static str,
    legend: &'static str,
    #[prop(optional)] heading: Heading,
    #[prop(optional, into)] hint: Option<&'static str>,
    #[prop(optional, into)] phone_hint: Option<&'static str>,
    #[prop(optional, into)] fault: Signal<Option<String>>,
    #[prop(optional)] columns: Columns,
    answers: Vec<Answer<T>>,
    #[prop(into)] chosen: Signal<Option<T>>,
    #[prop(into)] on_choose: Callback<(T, Chosen)>,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let pointer = StoredValue::new(false);
    let rows = answers
        .into_iter()
        .enumerate()
        .map(|(index, answer)| {
            let part = format!("{id}-{index}");
            let this = answer.value.clone();
            view! {
                <label>
                    <input
                        type="radio"
                        id=if index == 0 { id.to_owned() } else { part.clone() }
                        name=id
                        autocomplete="off"
                        aria-labelledby=format!("{part}-l")
                        aria-describedby=answer.hint.is_some().then(|| format!("{part}-h"))
                        prop:checked=move || chosen.look(|chosen| chosen.as_ref() == Some(&this))
                        on:click=move |_| {
                            let how = if pointer.get_value() { Chosen::Tapped } else { Chosen::Keyed };
                            pointer.set_value(false);
                            on_choose.run((answer.value.clone(), how));
                        }
                    />
                    <span>
                        <span id=format!("{part}-l")>{answer.label}</span>
                        {answer.hint.map(|hint| view! { <small id=format!("{part}-h")>{hint}</small> })}
                    </span>
                </label>
            }
        })
        .collect_view();
    let legend = match heading {
        Heading::Question => {
            view! { <legend><h2 id=format!("{id}-q") tabindex="-1">{legend}</h2></legend> }
                .into_any()
        }
        Heading::Label => view! { <legend id=format!("{id}-q")>{legend}</legend> }.into_any(),
        Heading::Hidden => {
            view! { <legend class="Hush" id=format!("{id}-q")>{legend}</legend> }.into_any()
        }
    };
    view! {
        <fieldset
            class="Field"
            role="radiogroup"
            aria-labelledby=format!("{id}-q")
            aria-describedby=attr(move || fault.look(|fault| fault.is_some().then(|| format!("{id}-e"))))
            aria-invalid=attr(move || fault.look(|fault| fault.is_some().then_some("true")))
            on:pointerdown=move |_| pointer.set_value(true)
            on:keydown=move |_| pointer.set_value(false)
        >
            {legend}
            {hint.map(|hint| view! { <small>{hint}</small> })}
            {phone_hint.map(|hint| view! { <small data-only="phone">{hint}</small> })}
            <FieldFault id=format!("{id}-e") message=fault/>
            <div class="Choice" data-two=(columns == Columns::Two).then_some("")>{rows}</div>
        </fieldset>
    }
}

/// All that apply (check boxes in a group).
#[component]
pub fn Ticks<T>(
    id: &'static str,
    legend: &'static str,
    #[prop(into)] hint: Signal<String>,
    #[prop(optional, into)] fault: Signal<Option<String>>,
    #[prop(into)] answers: Signal<Vec<Answer<T>>>,
    #[prop(into)] ticked: Signal<Vec<T>>,
    #[prop(into)] on_tick: Callback<T>,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let rows = move || {
        answers
            .get()
            .into_iter()
            .enumerate()
            .map(|(index, answer)| {
                let this = answer.value.clone();
                view! {
                    <label>
                        <input
                            type="checkbox"
                            id=if index == 0 { id.to_owned() } else { format!("{id}-{index}") }
                            autocomplete="off"
                            prop:checked=move || ticked.look(|ticked| ticked.contains(&this))
                            on:change=move |_| on_tick.run(answer.value.clone())
                        />
                        <span>{answer.label}</span>
                    </label>
                }
            })
            .collect_view()
    };
    view! {
        <fieldset
            class="Field"
            aria-describedby=attr(move || fault.look(|fault| fault.is_some().then(|| format!("{id}-e"))))
        >
            <legend>
                <h2 id=format!("{id}-q") tabindex="-1">{legend}</h2>
            </legend>
            <small>{live(move || hint.get())}</small>
            <FieldFault id=format!("{id}-e") message=fault/>
            <div class="Choice" data-two="">{rows}</div>
        </fieldset>
    }
}
