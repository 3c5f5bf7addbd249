//! What every form shares: one question a step on a phone, one page from tablet up, and a summary of
//! what to put right. Same markup for both; the steps themselves are decided in `domain`.

use super::{
    icon::{Symbol, Tone},
    message::Banner,
    sheet::Sheet,
};
use crate::browser;
use crate::lean::{Show, attr, live};
use crate::signal::{RwSignal, Signal, memo};
use holdfast_domain::form::{Fault, Position, faults_heading};
use leptos::prelude::*;
use web_sys::{MouseEvent, SubmitEvent};

/// A form. `children` are its `Question`s.
#[component]
pub fn QuestionForm(
    name: &'static str,
    save_label: &'static str,
    #[prop(into)] position: Signal<Position>,
    #[prop(into)] faults: Signal<Vec<Fault>>,
    /// Why it was not saved.
    #[prop(into)]
    trouble: Signal<Option<String>>,
    #[prop(into)] busy: Signal<bool>,
    /// What there is to know of the form as it opened, such as that it was written before and kept.
    #[prop(into)]
    notice: Signal<Option<String>>,
    /// Whether anything was written that 'Start again' would give up.
    #[prop(into)]
    started: Signal<bool>,
    /// Under the button: where what is written is kept.
    #[prop(into)]
    promise: Signal<&'static str>,
    #[prop(into)] on_carry_on: Callback<()>,
    #[prop(into)] on_save: Callback<()>,
    #[prop(into)] on_start_again: Callback<()>,
    /// Brings the question of a field to the front.
    #[prop(into)]
    on_go_to: Callback<&'static str>,
    /// One question back; `false` where this is the first.
    #[prop(optional, into)]
    on_back: Option<Callback<(), bool>>,
    children: Children,
) -> impl IntoView {
    focus_follows_the_step(position);
    if let Some(on_back) = on_back {
        back_key_goes_a_question_back(position, on_back);
    }
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let at_end = position.with_untracked(|position| position.last);
        if browser::is_phone() && !at_end {
            on_carry_on.run(());
        } else {
            on_save.run(());
        }
    };
    let progress = move || {
        let Position { question, of, .. } = position.get();
        question.map(|question| {
            let label = format!("Question {question} of {of}");
            view! {
                <div class="Progress" data-only="phone">
                    <span aria-hidden="true">{label.clone()}</span>
                    <progress max=of value=question aria-label=label></progress>
                </div>
            }
        })
    };
    let at_end = memo(move || position.look(|position| position.last));
    view! {
        <h1 class="Hush">{name}</h1>
        <ErrorSummary faults on_go_to/>
        {live(move || {
            trouble.get().map(|trouble| view! {
                <div role="alert">
                    <Banner tone=Tone::Act symbol=Symbol::Warn>
                        <p>{trouble}</p>
                    </Banner>
                </div>
            })
        })}
        {live(move || notice.get().map(|notice| view! {
            <Banner symbol=Symbol::Safe>
                <p>{notice}</p>
            </Banner>
        }))}
        {progress}
        <form autocomplete="off" class="Form" novalidate on:submit=submit>
            {children()}
            <div class="ActionBar">
                <Show when=move || position.look(|position| !position.last && position.carries_on)>
                    <button type="submit" class="Button" data-kind="main" data-wide="" data-only="phone">
                        "Carry on"
                    </button>
                </Show>
                <button
                    type="submit"
                    class="Button"
                    data-kind="main"
                    data-wide=""
                    data-only=attr(move || (!at_end.get()).then_some("wide"))
                    aria-disabled=attr(move || busy.get().then_some("true"))
                >
                    {live(move || if busy.get() { "Saving" } else { save_label })}
                </button>
                <small>{live(move || promise.get())}</small>
            </div>
        </form>
        <StartAgain started on_start_again/>
    }
}

#[component]
fn StartAgain(started: Signal<bool>, #[prop(into)] on_start_again: Callback<()>) -> impl IntoView {
    let asking = RwSignal::new(false);
    let clear = move |_| {
        asking.set(false);
        on_start_again.run(());
    };
    view! {
        <Show when=move || started.get()>
            <button type="button" class="Button" data-kind="quiet" data-small="" on:click=move |_| asking.set(true)>
                "Start again"
            </button>
        </Show>
        <Sheet open=asking title="Start again?">
            <p>"What you typed on this form goes. Records you have saved stay as they are."</p>
            <div class="Actions">
                <button type="button" class="Button" data-kind="main" on:click=move |_| asking.set(false)>
                    "Keep what I wrote"
                </button>
                <button type="button" class="Button" on:click=clear>
                    "Start again"
                </button>
            </div>
        </Sheet>
    }
}

/// One question, or the check. On a phone it shows alone; from tablet up all stand on the page.
#[component]
pub fn Question(
    position: Signal<Position>,
    step: usize,
    /// Where it shows at all: `phone` for what the one page does not need.
    #[prop(optional)]
    only: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    let current = move || {
        position
            .look(|position| position.step == step)
            .then_some("")
    };
    view! {
        <section class="Question" id=format!("step-{step}") data-only=only data-current=current>
            {children()}
        </section>
    }
}

/// One answer among those to check, with the way to change it.
#[component]
pub fn CheckedAnswer(
    question: &'static str,
    #[prop(into)] answer: Signal<String>,
    #[prop(into)] on_change: Callback<()>,
) -> impl IntoView {
    view! {
        <div>
            <dt>{question}</dt>
            <dd dir="auto">{live(move || answer.get())}</dd>
            <dd class="Change">
                <button
                    type="button"
                    class="Button"
                    data-kind="quiet"
                    data-small=""
                    aria-label=format!("Change: {question}")
                    on:click=move |_| on_change.run(())
                >
                    "Change"
                </button>
            </dd>
        </div>
    }
}

/// What is to be put right, with a link to each field. Takes the focus when it appears or is told again.
#[component]
fn ErrorSummary(
    faults: Signal<Vec<Fault>>,
    #[prop(into)] on_go_to: Callback<&'static str>,
) -> impl IntoView {
    // What is put right goes from it, and leaves the focus where somebody answers.
    Effect::new(move |before: Option<Vec<Fault>>| {
        let now = faults.get();
        let anew = before.is_none_or(|before| now.iter().any(|fault| !before.contains(fault)));
        if !now.is_empty() && (anew || !browser::is_answering()) {
            browser::focus("faults");
        }
        now
    });
    move || {
        let faults = faults.get();
        (!faults.is_empty()).then(|| {
            let heading = faults_heading(&faults);
            let links = faults.into_iter().map(|Fault { field, message }| {
                let go = move |event: MouseEvent| {
                    event.prevent_default();
                    on_go_to.run(field);
                    browser::focus(field);
                };
                let named = browser::label_of(field).map(|label| format!("{label}: "));
                view! {
                    <li>
                        <a href=format!("#{field}") on:click=go>
                            {named}
                            {message}
                        </a>
                    </li>
                }
            });
            let links = links.collect_view();
            view! {
                <div class="ErrorSummary" id="faults" role="alert" tabindex="-1">
                    <h2>{heading}</h2>
                    <ul>{links}</ul>
                </div>
            }
        })
    }
}

/// The phone's back key goes one question back, and out of the form from the first one. One entry of history
/// stands on top of the form's while there is a question to go back to.
fn back_key_goes_a_question_back(position: Signal<Position>, on_back: Callback<(), bool>) {
    let on_top = StoredValue::new(false);
    let step = memo(move || position.look(|position| position.step));
    Effect::new(move |_| {
        let later = step.get() > 0;
        if later == on_top.get_value() || !browser::is_phone() {
            return;
        }
        on_top.set_value(later);
        if later {
            browser::push_same();
        } else {
            browser::back();
        }
    });
    let key = window_event_listener(leptos::ev::popstate, move |_| {
        if browser::left_top() || browser::is_covered() {
            return;
        }
        // Taken away by the form itself where there was no question left to go back to.
        if !on_top.get_value() || !browser::is_phone() {
            return;
        }
        let stays = on_back.run(()) && step.get_untracked() > 0;
        on_top.set_value(stays);
        if stays {
            browser::push_same();
        }
    });
    on_cleanup(move || key.remove());
}

/// On a phone the question that comes to the front takes the focus.
fn focus_follows_the_step(position: Signal<Position>) {
    let step = memo(move || position.look(|position| position.step));
    Effect::new(move |before: Option<usize>| {
        let step = step.get();
        if before.is_some_and(|before| before != step) && browser::is_phone() {
            request_animation_frame(move || browser::focus_question(&format!("step-{step}")));
        }
        step
    });
}
