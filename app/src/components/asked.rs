//! The questions of a form that is data, each drawn as it asks to be answered. What is asked, and what is wrong with an
//! answer, is said by the form's definition in `domain`; here a question only knows how it looks.

use super::{
    choice::{Answer, Choice, Chosen, Columns, Ticks, chosen, on_choose},
    combobox::Combobox,
    field::{FieldFault, Heading, TextArea, described_by, label_of},
    form::CheckedAnswer,
    icon::{Icon, Symbol},
    sheet::Sheet,
};
use crate::browser;
use crate::lean::{Show, attr, each, live};
use crate::signal::{Any, RwSignal, Signal, memo};
use holdfast_domain::form::{Answered, Answers, Asks, Fault, Found, Offer, Question, SaidDay};
use holdfast_domain::words;
use leptos::prelude::*;

/// What every question of a form is asked over.
#[derive(Clone, Copy)]
pub struct Asking {
    pub answers: Signal<Answers>,
    pub faults: Signal<Vec<Fault>>,
    /// Every answer as it is read before saving, by question.
    pub said: Signal<Vec<(&'static str, String)>>,
    /// Gets the question's id and what was done to it.
    pub on_answer: Callback<(&'static str, Answered)>,
    /// Who may be meant, by what is asked, what was typed and how the answer is kept.
    pub find: Callback<(Asks, String, String), Found>,
    /// All that is to be put right in the form now, told or not.
    pub check: Callback<(), Vec<Fault>>,
    /// Brings a question to the front.
    pub on_go_to: Callback<&'static str>,
}

impl Asking {
    fn answer(self, id: &'static str) -> Signal<String> {
        memo(move || self.answers.look(|answers| answers.answer(id).to_owned()))
    }

    fn fault(self, id: &'static str) -> Signal<Option<String>> {
        let message = move |faults: &Vec<Fault>| {
            let fault = faults.iter().find(|fault| fault.field == id);
            fault.map(|fault| fault.message.clone())
        };
        memo(move || self.faults.look(message))
    }

    fn said(self, id: &'static str) -> Signal<String> {
        let words = move |said: &Vec<(&'static str, String)>| {
            let it = said.iter().find(|it| it.0 == id);
            it.map(|it| it.1.clone()).unwrap_or_default()
        };
        memo(move || self.said.look(words))
    }
}

/// One question; `heading` says how its label stands.
#[component]
pub fn AskedQuestion(
    question: Signal<Question>,
    heading: Heading,
    asking: Asking,
    /// Whether a tap on an answer goes on by itself.
    #[prop(into)]
    goes_on: Signal<bool>,
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
    } = question.get_untracked();
    let fault = asking.fault(id);
    let value = asking.answer(id);
    let take = move |answer: Answered| asking.on_answer.run((id, answer));
    let set = move |answer: String| take(Answered::With(answer));
    match asks {
        Asks::Text { limit, lines, .. } => view! {
            <TextArea id label heading hint fault=fault value on_write=set limit rows=lines>
                <Offers id question on_take=move |offer| take(Answered::Took(offer))/>
                {live(move || {
                    question.get().beside.map(|(what, words)| view! {
                        <p>
                            <b>{what} ": "</b>
                            <span dir="auto">{words}</span>
                        </p>
                    })
                })}
            </TextArea>
        }
        .into_any(),
        Asks::OneOf(offers) => {
            // None yet: those that come may be long.
            let few = (1..=2).contains(&offers.len());
            let short = few && offers.iter().all(|it| it.hint.is_empty());
            let columns = if short { Columns::Two } else { Columns::One };
            view! {
                <Choice
                    id
                    legend=label
                    heading
                    hint=Signal::derive(move || question.get().hint)
                    goes_on=goes_on
                    columns
                    fault=fault
                    answers=to_choose(question)
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
        Asks::AllThatApply(_) => view! {
            <Ticks
                id
                legend=label
                heading
                hint=Signal::derive(move || question.get().hint)
                fault=fault
                answers=to_choose(question)
                ticked=memo(move || asking.answers.look(|answers| answers.all(id).iter().cloned().map(Any::new).collect()))
                on_tick=Callback::new(move |code: Any| take(Answered::Ticked(code.get())))
            />
        }
        .into_any(),
        Asks::Day { .. } => {
            let hinted = !hint.is_empty();
            let day = move || {
                let said = asking.answers.look(|answers| answers.all(id).first().cloned());
                // The usual day is another one after midnight.
                said.unwrap_or_else(|| {
                    question.look(|question| match &question.asks {
                        Asks::Day { usual, .. } => usual.clone(),
                        _ => String::new(),
                    })
                })
            };
            view! {
                <div class="Field">
                    {label_of(id, label, heading)}
                    {hinted.then(|| view! { <small id=format!("{id}-h")>{hint}</small> })}
                    <FieldFault id=format!("{id}-e") message=fault/>
                    <input
                        id=id
                        type="date"
                        autocomplete="off"
                        aria-describedby=attr(move || fault.look(|fault| described_by(id, hinted, fault.as_ref())))
                        aria-invalid=attr(move || fault.look(|fault| fault.is_some().then_some("true")))
                        prop:value=day
                        on:change:target=move |event| set(event.target().value())
                    />
                </div>
            }
            .into_any()
        }
        Asks::Moment { day, asked, .. } => {
            view! { <Moment id day_id=day asked question asking/> }.into_any()
        }
        Asks::Person => view! {
            <Somebody
                id
                label
                list_label="People you see most"
                placeholder="Name or round"
                heading
                question
                asking
                on_picked=on_tap
            />
        }
        .into_any(),
        Asks::Colleague { asked, tick, .. } => {
            let other = memo(move || asking.answers.look(|answers| !answers.all(id).is_empty()));
            let tick_it = move |event: web_sys::Event| {
                let it: web_sys::HtmlInputElement = event_target(&event);
                take(if it.checked() { Answered::With(String::new()) } else { Answered::Nothing });
            };
            view! {
                <label class="Check">
                    <input type="checkbox" autocomplete="off" prop:checked=move || other.get() on:change=tick_it/>
                    " "
                    {tick}
                </label>
                <Show when=move || other.get()>
                    <Somebody
                        id
                        label=asked
                        list_label="Staff of this service"
                        placeholder="Name"
                        heading=Heading::Label
                        question
                        asking
                        on_picked=|()| {}
                    />
                </Show>
            }
            .into_any()
        }
        Asks::Check | Asks::Own => ().into_any(),
    }
}

fn to_choose(question: Signal<Question>) -> Signal<Vec<Answer>> {
    memo(move || {
        question.look(|question| match &question.asks {
            Asks::OneOf(offers) | Asks::AllThatApply(offers) => {
                let answer = |it: &Offer| {
                    let answer = Answer::new(it.code.clone(), it.label.as_str());
                    if it.hint.is_empty() {
                        answer
                    } else {
                        answer.hint(it.hint.as_str())
                    }
                };
                offers.iter().map(answer).collect::<Vec<_>>()
            }
            _ => Vec::new(),
        })
    })
}

/// Somebody to find by name.
#[component]
fn Somebody(
    id: &'static str,
    label: &'static str,
    list_label: &'static str,
    placeholder: &'static str,
    heading: Heading,
    question: Signal<Question>,
    asking: Asking,
    #[prop(into)] on_picked: Callback<()>,
) -> impl IntoView {
    let before = asking
        .answers
        .with_untracked(|answers| answers.typed(id).to_owned());
    let typed = RwSignal::new(before);
    let value = asking.answer(id);
    let found = memo(move || {
        asking
            .find
            .run((question.get().asks, typed.get(), value.get()))
    });
    view! {
        <Combobox
            id
            label
            list_label
            placeholder
            heading
            fault=asking.fault(id)
            typed
            candidates=memo(move || found.get().candidates)
            picked=memo(move || found.get().picked)
            on_type=move |text: String| {
                typed.set(text.clone());
                asking.on_answer.run((id, Answered::Typed(text)));
            }
            on_pick=move |code| {
                typed.set(String::new());
                asking.on_answer.run((id, Answered::With(code)));
                on_picked.run(());
            }
        />
    }
}

/// When it happened: now, or a day and a time of the clock.
#[component]
fn Moment(
    id: &'static str,
    /// The part in which the day is said.
    day_id: &'static str,
    asked: &'static str,
    question: Signal<Question>,
    asking: Asking,
) -> impl IntoView {
    let (usual, opened) = question.with_untracked(|question| match question.asks {
        Asks::Moment { usual, now, .. } => (usual, now),
        _ => (None, 0),
    });
    let now = move || match question.get_untracked().asks {
        Asks::Moment { now, .. } => now,
        _ => opened,
    };
    let value = asking.answer(id);
    let fault = asking.fault(id);
    let day = memo(move || value.look(|value| SaidDay::read(value, now()).0));
    let clock = memo(move || value.look(|value| SaidDay::read(value, now()).1.to_owned()));
    let say = move |day: SaidDay, clock: &str| {
        let answer = match day.answer(clock, now()) {
            answer if answer.is_empty() => Answered::Nothing,
            answer => Answered::With(answer),
        };
        asking.on_answer.run((id, answer));
    };
    // A time that was put in is there again by way of 'Now'.
    let last = StoredValue::new(clock.get_untracked());
    let usual = usual.map_or("Now", |(called, _)| called);
    let mut days = vec![
        Answer::new(SaidDay::Now, usual),
        Answer::new(SaidDay::EarlierToday, "Earlier today"),
        Answer::new(SaidDay::Yesterday, "Yesterday"),
    ];
    // A record of another day keeps its day while its time is put right.
    if let SaidDay::On(date) = day.get_untracked() {
        days.push(Answer::new(
            SaidDay::On(date),
            words::date_seen_from(date, opened),
        ));
    }
    view! {
        <Choice
            id=day_id
            legend=asked
            columns=Columns::Two
            answers=days
            chosen=chosen(move || Some(day.get()))
            on_choose=on_choose(move |chosen: SaidDay, _| {
                let said = last.get_value();
                say(chosen, if said.is_empty() { words::time(now()) } else { said }.as_str());
            })
        />
        <Show when=move || day.get() != SaidDay::Now>
            <div class="Field">
                <label for=id>"Time"</label>
                <FieldFault id=format!("{id}-e") message=fault/>
                <input
                    id=id
                    type="time"
                    autocomplete="off"
                    aria-describedby=attr(move || fault.look(|fault| described_by(id, false, fault.as_ref())))
                    aria-invalid=attr(move || fault.look(|fault| fault.is_some().then_some("true")))
                    prop:value=move || clock.get()
                    on:input:target=move |event| {
                        let clock = event.target().value();
                        // The day stays the one that was said, also past midnight.
                        let said = value.with_untracked(|value| Some(value.split_once(' ')?.0.to_owned()));
                        if let Some(day) = said {
                            asking.on_answer.run((id, Answered::With(format!("{day} {clock}"))));
                        }
                        last.set_value(clock);
                    }
                />
            </div>
        </Show>
    }
}

/// Questions that are rarely other than usual: their answers with 'Change', and the sheet where they are asked. It
/// closes once each is whole.
#[component]
pub fn Asides(
    questions: Vec<Signal<Question>>,
    asking: Asking,
    /// The question that was brought to the front by its fault.
    wanted: RwSignal<Option<&'static str>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let told = RwSignal::new(Vec::<Fault>::new());
    let ids: Vec<&'static str> = questions
        .iter()
        .map(|it| it.with_untracked(|it| it.id))
        .collect();
    let ids = StoredValue::new(ids);
    Effect::new(move |_| {
        let here = wanted
            .get()
            .is_some_and(|id| ids.with_value(|ids| ids.contains(&id)));
        if here {
            wanted.set(None);
            open.set(true);
        }
    });
    let title = questions
        .first()
        .and_then(|it| it.with_untracked(|it| it.aside));
    let in_sheet = Asking {
        faults: memo(move || {
            let mut faults = told.get();
            faults.extend(asking.faults.get());
            faults
        }),
        on_answer: Callback::new(move |(id, answer)| {
            told.update(|told| told.retain(|fault| fault.field != id));
            asking.on_answer.run((id, answer));
        }),
        ..asking
    };
    let done = move |_| {
        let mut faults = asking.check.run(());
        faults.retain(|fault| ids.with_value(|ids| ids.contains(&fault.field)));
        match faults.first() {
            Some(first) => browser::focus(first.field),
            None => open.set(false),
        }
        told.set(faults);
    };
    let rows = questions.iter().map(|question| {
        let Question { id, label, .. } = question.get_untracked();
        view! { <CheckedAnswer question=label answer=asking.said(id) on_change=move |()| open.set(true)/> }
    });
    let rows = rows.collect_view();
    let faults = ids.get_value().into_iter().map(|id| {
        view! { <FieldFault id=format!("{id}-s") message=asking.fault(id)/> }
    });
    let faults = faults.collect_view();
    view! {
        <dl class="CheckAnswers">{rows}</dl>
        {faults}
        <Sheet open title=title.unwrap_or_default()>
            {questions
                .iter()
                .map(|question| view! {
                    <AskedQuestion question=*question heading=Heading::Label asking=in_sheet goes_on=false on_tap=|()| {}/>
                })
                .collect_view()}
            <button type="button" class="Button" data-kind="main" data-wide="" on:click=done>
                "Done"
            </button>
        </Sheet>
    }
}

/// What was answered so far, each with the way to change it. On the one page the questions themselves show it.
#[component]
pub fn CheckAnswers(
    title: &'static str,
    /// The id and the label of each question.
    questions: Signal<Vec<(&'static str, &'static str)>>,
    asking: Asking,
) -> impl IntoView {
    let rows = each(
        move || questions.get(),
        move |(id, question): (&'static str, &'static str)| {
            let on_change = move |()| asking.on_go_to.run(id);
            view! { <CheckedAnswer question answer=asking.said(id) on_change/> }.into_any()
        },
    );
    view! {
        <div class="Field" data-only="phone">
            <h2 tabindex="-1">{title}</h2>
        </div>
        <dl class="CheckAnswers" data-only="phone">{rows}</dl>
    }
}

/// Words to use with a tap.
#[component]
fn Offers(
    id: &'static str,
    question: Signal<Question>,
    #[prop(into)] on_take: Callback<Offer>,
) -> impl IntoView {
    let offered = memo(move || match question.get().asks {
        Asks::Text {
            offers, offered, ..
        } if !offers.is_empty() => Some((offers, offered)),
        _ => None,
    });
    live(move || {
        let (offers, offered) = offered.get()?;
        let offers = offers.into_iter().map(|offer| {
            let Offer { label, hint, .. } = offer.clone();
            let take = move |_| {
                on_take.run(offer.clone());
                // The words are there to be changed; on a phone the keyboard would cover the way on.
                if !browser::is_phone() {
                    browser::focus(id);
                }
            };
            view! {
                <button type="button" on:click=take>
                    <span>
                        <span dir="auto">{label}</span>
                        <br/>
                        <small>{hint}</small>
                    </span>
                    <Icon symbol=Symbol::Add/>
                </button>
            }
        });
        let offers = offers.collect_view();
        Some(view! {
            <p>
                <b>{offered.title}</b>
            </p>
            <div class="Choice" role="group" aria-label=offered.name>
                {offers}
            </div>
        })
    })
}
