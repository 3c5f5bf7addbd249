//! A question of a form that is data, drawn as it asks to be answered.

use super::{
    choice::{Answer, Choice, Chosen, Columns, Ticks, chosen, on_choose},
    field::{FieldFault, Heading, TextArea, described_by},
    icon::{Icon, Symbol},
};
use crate::browser;
use crate::lean::{Show, attr};
use crate::signal::{Any, Signal, memo};
use holdfast_domain::form::{Answers, Asks, Offer, Question};
use leptos::prelude::*;

/// What was answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answered {
    /// This, in the place of what was answered before.
    With(String),
    /// Its tick is put there or taken away.
    Ticked(String),
}

/// One question. The first of its step is its heading.
#[component]
pub fn AskedQuestion(
    question: Question,
    first: bool,
    #[prop(into)] answers: Signal<Answers>,
    #[prop(into)] fault: Signal<Option<String>>,
    /// Gets the question's id and what was answered.
    on_answer: Callback<(&'static str, Answered)>,
    /// One answer was tapped, after it was given.
    #[prop(into)]
    on_tap: Callback<()>,
) -> impl IntoView {
    let Question {
        id,
        label,
        hint,
        asks,
        ..
    } = question;
    let heading = if first {
        Heading::Question
    } else {
        Heading::Label
    };
    let value = memo(move || answers.look(|answers| answers.answer(id).to_owned()));
    let set = move |answer: String| on_answer.run((id, Answered::With(answer)));
    let to_choose = |offers: Vec<Offer>| {
        let answers = offers.into_iter();
        answers
            .map(|it| Answer::new(it.code, it.label))
            .collect::<Vec<_>>()
    };
    match asks {
        Asks::Text { limit, offers } => view! {
            <TextArea
                id
                label
                heading
                hint
                fault=fault
                value
                on_write=set
                limit
                rows=3
            >
                <Offers id offers on_take=set/>
            </TextArea>
        }
        .into_any(),
        Asks::OneOf(offers) => {
            let columns = if offers.len() <= 2 {
                Columns::Two
            } else {
                Columns::One
            };
            view! {
                <Choice
                    id
                    legend=label
                    heading
                    hint
                    columns
                    fault=fault
                    answers=to_choose(offers)
                    chosen=chosen(move || Some(value.get()).filter(|it| !it.is_empty()))
                    on_choose=on_choose(move |answer: String, how| {
                        set(answer);
                        if how == Chosen::Tapped {
                            on_tap.run(());
                        }
                    })
                />
            }
            .into_any()
        }
        Asks::AllThatApply(offers) => view! {
            <Ticks
                id
                legend=label
                heading
                hint=Signal::from(hint.to_owned())
                fault=fault
                answers=Signal::from(to_choose(offers))
                ticked=Signal::derive(move || {
                    answers.look(|answers| answers.all(id).iter().cloned().map(Any::new).collect())
                })
                on_tick=Callback::new(move |code: Any| on_answer.run((id, Answered::Ticked(code.get()))))
            />
        }
        .into_any(),
        Asks::Day => {
            view! {
                <div class="Field">
                    <label for=id>{label}</label>
                    <FieldFault id=format!("{id}-e") message=fault/>
                    <input
                        id=id
                        type="date"
                        autocomplete="off"
                        aria-describedby=attr(move || fault.look(|fault| described_by(id, false, fault.as_ref())))
                        aria-invalid=attr(move || fault.look(|fault| fault.is_some().then_some("true")))
                        prop:value=move || value.get()
                        on:input:target=move |event| set(event.target().value())
                    />
                </div>
            }
            .into_any()
        }
    }
}

/// Words that a tap takes over, and where they are from.
#[component]
pub fn Taken(words: String, from: String, #[prop(into)] on_take: Callback<()>) -> impl IntoView {
    view! {
        <button type="button" on:click=move |_| on_take.run(())>
            <span>
                <span dir="auto">{words}</span>
                <br/>
                <small>{from}</small>
            </span>
            <Icon symbol=Symbol::Add/>
        </button>
    }
}

/// Words to use with a tap.
#[component]
fn Offers(
    id: &'static str,
    offers: Vec<(String, String)>,
    #[prop(into)] on_take: Callback<String>,
) -> impl IntoView {
    let any = !offers.is_empty();
    let offers = StoredValue::new(offers);
    view! {
        <Show when=move || any>
            <p>
                <b>"The same as this? Tap to use it"</b>
            </p>
            <div class="Choice" role="group" aria-label="Words to use">
                {offers
                    .get_value()
                    .into_iter()
                    .map(|(words, from)| {
                        let take = words.clone();
                        let on_take = move |()| {
                            on_take.run(take.clone());
                            browser::focus(id);
                        };
                        view! { <Taken words from on_take/> }
                    })
                    .collect_view()}
            </div>
        </Show>
    }
}
