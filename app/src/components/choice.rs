//! Answers to choose from: one of several, or all that apply. A tap goes on where the hint says so;
//! arrow keys only choose.

use super::field::{FieldFault, Heading, described_by};
use super::filter::filtered;
use crate::lean::{attr, each, live};
use crate::signal::{Any, Signal, Value, memo};
use holdfast_domain::spelling::{slips_in, split};
use leptos::prelude::*;
use std::hash::{Hash, Hasher};

/// One answer; its value is of any type.
#[derive(Clone, PartialEq)]
pub struct Answer {
    value: Any,
    label: String,
    hint: Option<String>,
    group: Option<String>,
}

impl Eq for Answer {}

impl Hash for Answer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.label.hash(state);
        self.hint.hash(state);
        self.group.hash(state);
    }
}

/// An answer as it stands among the others: the first of its group has the group's heading over it.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Placed {
    answer: Answer,
    heads: bool,
}

fn placed(answers: Vec<Answer>) -> Vec<Placed> {
    let mut over = None;
    answers
        .into_iter()
        .map(|answer| {
            let heads = answer.group.is_some() && answer.group != over;
            over.clone_from(&answer.group);
            Placed { answer, heads }
        })
        .collect()
}

impl Answer {
    pub fn new<T: Value + PartialEq>(value: T, label: impl Into<String>) -> Self {
        Answer {
            value: Any::new(value),
            label: label.into(),
            hint: None,
            group: None,
        }
    }

    pub fn value(&self) -> &Any {
        &self.value
    }

    /// How many letters are to be forgiven so that what was typed means it; none where it does not.
    pub fn slips(&self, typed: &str) -> Option<usize> {
        let more = [&self.hint, &self.group].into_iter().flatten();
        let words: Vec<&str> = more.chain([&self.label]).map(String::as_str).collect();
        slips_in(&split(typed), &words)
    }

    /// Puts the answer under a heading, with the others of that heading before and after it.
    pub fn under(self, group: impl Into<String>) -> Self {
        Answer {
            group: Some(group.into()),
            ..self
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
    /// One below the other, and each a whole sentence: none stands out.
    Words,
}

/// The answer that stands, as `Choice` takes it.
pub fn chosen<T: Value + PartialEq>(
    of: impl Fn() -> Option<T> + Send + Sync + 'static,
) -> Signal<Option<Any>> {
    Signal::derive(move || of().map(Any::new))
}

/// What to do with an answer, as `Choice` takes it.
pub fn on_choose<T: Value>(
    take: impl Fn(T, Chosen) + Send + Sync + 'static,
) -> Callback<(Any, Chosen)> {
    Callback::new(move |(answer, how): (Any, Chosen)| take(answer.get(), how))
}

/// One of several answers (radio group). `id` names the group and starts the ids of its parts.
#[component]
pub fn Choice(
    id: &'static str,
    legend: &'static str,
    #[prop(optional)] heading: Heading,
    #[prop(optional, into)] hint: Signal<String>,
    /// Whether a tap on an answer goes on by itself on a phone.
    #[prop(optional, into)]
    goes_on: Signal<bool>,
    #[prop(optional, into)] fault: Signal<Option<String>>,
    #[prop(optional)] columns: Columns,
    #[prop(into)] answers: Signal<Vec<Answer>>,
    /// By `chosen`.
    chosen: Signal<Option<Any>>,
    /// By `on_choose`.
    on_choose: Callback<(Any, Chosen)>,
) -> impl IntoView {
    let hinted = memo(move || goes_on.get() || hint.look(|hint| !hint.is_empty()));
    let (answers, search) = filtered(id, answers, move |value| {
        chosen.look(|chosen| chosen.as_ref() == Some(value))
    });
    let pointer = StoredValue::new(false);
    let drawn = StoredValue::new(0_u32);
    let under_question = matches!(heading, Heading::Question);
    // Each row stays while others come and go: a tap never meets a row that was swapped under it.
    let rows = each(
        move || placed(answers.get()),
        move |Placed { answer, heads }: Placed| {
            let number = drawn.get_value();
            drawn.set_value(number + 1);
            let part = format!("{id}-{number}");
            let this = answer.value.clone();
            let heading = answer.group.filter(|_| heads);
            view! {
                {heading.map(|group| match under_question {
                    true => view! { <h3 dir="auto">{group}</h3> }.into_any(),
                    false => view! { <h2 data-group="" dir="auto">{group}</h2> }.into_any(),
                })}
                <label>
                    <input
                        type="radio"
                        id=part.clone()
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
            .into_any()
        },
    );
    let legend = legend_of(id, legend, heading);
    view! {
        <fieldset
            id=id
            class="Field"
            role="radiogroup"
            aria-labelledby=format!("{id}-q")
            aria-describedby=attr(move || fault.look(|fault| described_by(id, hinted.get(), fault.as_ref())))
            aria-invalid=attr(move || fault.look(|fault| fault.is_some().then_some("true")))
            on:pointerdown=move |_| pointer.set_value(true)
            on:keydown=move |_| pointer.set_value(false)
        >
            {legend}
            {live(move || hinted.get().then(|| view! {
                <div id=format!("{id}-h")>
                    <small>{live(move || hint.get())}</small>
                    {live(move || goes_on.get().then(|| view! { <small data-only="phone">"Tap an answer to go on."</small> }))}
                </div>
            }))}
            <FieldFault id=format!("{id}-e") message=fault/>
            {search}
            <div
                class="Choice"
                data-two=(columns == Columns::Two).then_some("")
                data-words=(columns == Columns::Words).then_some("")
            >
                {rows}
            </div>
        </fieldset>
    }
}

fn legend_of(id: &'static str, legend: &'static str, heading: Heading) -> AnyView {
    match heading {
        Heading::Question => {
            view! { <legend><h2 id=format!("{id}-q") tabindex="-1">{legend}</h2></legend> }
                .into_any()
        }
        Heading::Label => view! { <legend id=format!("{id}-q")>{legend}</legend> }.into_any(),
        Heading::Hidden => {
            view! { <legend class="Hush" id=format!("{id}-q")>{legend}</legend> }.into_any()
        }
    }
}

/// All that apply (check boxes in a group).
#[component]
pub fn Ticks(
    id: &'static str,
    legend: &'static str,
    #[prop(default = Heading::Question)] heading: Heading,
    #[prop(into)] hint: Signal<String>,
    #[prop(optional, into)] fault: Signal<Option<String>>,
    answers: Signal<Vec<Answer>>,
    ticked: Signal<Vec<Any>>,
    on_tick: Callback<Any>,
) -> impl IntoView {
    let (answers, search) = filtered(id, answers, move |value| {
        ticked.look(|ticked| ticked.contains(value))
    });
    let rows = each(
        move || answers.get(),
        move |answer: Answer| {
            let this = answer.value.clone();
            view! {
                <label>
                    <input
                        type="checkbox"
                        autocomplete="off"
                        prop:checked=move || ticked.look(|ticked| ticked.contains(&this))
                        on:change=move |_| on_tick.run(answer.value.clone())
                    />
                    <span>{answer.label}</span>
                </label>
            }
            .into_any()
        },
    );
    view! {
        <fieldset
            id=id
            class="Field"
            aria-describedby=attr(move || fault.look(|fault| described_by(id, true, fault.as_ref())))
        >
            {legend_of(id, legend, heading)}
            <small id=format!("{id}-h")>{live(move || hint.get())}</small>
            <FieldFault id=format!("{id}-e") message=fault/>
            {search}
            <div class="Choice" data-two="">{rows}</div>
        </fieldset>
    }
}
