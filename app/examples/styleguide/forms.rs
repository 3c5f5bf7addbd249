//! Forms: questions drawn from data, what is to be put right, and the answers to check.

use crate::components::{
    asked::{Answered, AskedQuestion},
    form::{CheckedAnswer, Position, Question, QuestionForm},
};
use crate::signal::{RwSignal, Signal, memo};
use crate::{LONG, Part, fault, fixed};
use holdfast_domain::form::{Answers, Asks, Fault, Offer, Question as Asked};
use leptos::prelude::*;

fn offers(all: &[&str]) -> Vec<Offer> {
    let offer = |it: &&str| Offer {
        code: (*it).to_owned(),
        label: (*it).to_owned(),
    };
    all.iter().map(offer).collect()
}

/// One of each kind that a form as data can ask.
fn questions() -> Vec<Asked> {
    let handover = (
        "Level 4, pureed".to_owned(),
        "What handover says".to_owned(),
    );
    let text = Asks::Text {
        limit: 2_000,
        offers: vec![handover],
    };
    vec![
        Asked::new(
            "follow",
            "What to follow",
            "Short, so that it fits on a sheet.",
            text,
        ),
        Asked::new(
            "missed",
            "Was care missed or late?",
            "",
            Asks::OneOf(offers(&["No", "Yes"])),
        ),
        Asked::new(
            "again",
            "When will you look at it again?",
            "",
            Asks::OneOf(offers(&["In 4 hours", "In 12 hours", "In a day"])),
        ),
        Asked::new(
            "devices",
            "Which other devices showed it?",
            "Beside the one it was reported on.",
            Asks::AllThatApply(offers(&["NHC-PH1", "NHC-PH2", "NHC-TB1"])),
        ),
        Asked::new("due", "By when?", "", Asks::Day),
    ]
}

/// Answers as a draft keeps them.
fn filled() -> Answers {
    let text = r#"{"follow":["Level 4, pureed"],"missed":["Yes"],"again":["In a day"],"devices":["NHC-PH2"],"due":["2026-12-01"]}"#;
    holdfast_domain::json::read(text).unwrap_or_default()
}

fn drawn(answers: Answers, faulty: bool) -> impl IntoView {
    let answers = RwSignal::new(answers);
    let on_answer = Callback::new(move |(question, answer): (&'static str, Answered)| {
        answers.update(|answers| match answer {
            Answered::With(answer) => answers.set(question, answer),
            Answered::Ticked(code) => answers.toggle(question, &code),
        });
    });
    let asked = questions().into_iter().enumerate().map(|(at, question)| {
        let fault = match (faulty, &question.asks) {
            (true, Asks::Text { .. }) => fault("Write this in a few words."),
            (true, Asks::OneOf(_)) => fault("Pick one answer."),
            (true, Asks::AllThatApply(_)) => fault("Tick at least one."),
            (true, Asks::Day) => fault("This day is over. Pick a later one."),
            (false, _) => fixed(None),
        };
        view! { <AskedQuestion question first=at == 0 answers fault on_answer on_tap=|()| {}/> }
    });
    asked.collect_view()
}

fn at(step: usize, last: bool) -> Signal<Position> {
    fixed(Position {
        step,
        question: Some(step + 1),
        of: 3,
        last,
        carries_on: !last,
    })
}

#[component]
pub fn FromData() -> impl IntoView {
    view! {
        <Part id="form" title="A form from data" below="8rem">
            <QuestionForm
                name="Give out paper guidance"
                save_label="Give it out"
                position=at(0, false)
                faults=fixed(Vec::new())
                trouble=fixed(None)
                busy=fixed(false)
                notice=fixed(Some("We kept what you wrote. Carry on where you left off."))
                started=fixed(true)
                promise=fixed("Kept on this phone as you type")
                on_carry_on=|()| {}
                on_save=|()| {}
                on_start_again=|()| {}
                on_go_to=|_| {}
            >
                <Question position=at(0, false) step=0>
                    {drawn(filled(), false)}
                </Question>
            </QuestionForm>
        </Part>
    }
}

#[component]
pub fn WithFaults() -> impl IntoView {
    let shown = RwSignal::new(false);
    let faults = memo(move || {
        let fault = |field, message: &str| Fault {
            field,
            message: message.to_owned(),
        };
        if shown.get() {
            vec![
                fault(
                    "faulty",
                    "Say whom this is about. Pick a name from the list.",
                ),
                fault(
                    "faulty",
                    "Say what handover told you. If nobody told you, write “nothing”.",
                ),
            ]
        } else {
            Vec::new()
        }
    });
    view! {
        <Part id="form-faults" title="A form with something to put right" below="8rem">
            <button type="button" class="Button" on:click=move |_| shown.set(true)>"Show what to put right"</button>
            <QuestionForm
                name="Report a mismatch"
                save_label="Save report"
                position=at(2, true)
                faults
                trouble=fixed(Some("This phone has no room left, so the record is not saved yet. Your text is still here. Free some space, then save again.".to_owned()))
                busy=fixed(true)
                notice=fixed(None)
                started=fixed(false)
                promise=fixed("No signal: it stays on this phone until it can be sent")
                on_carry_on=|()| {}
                on_save=|()| {}
                on_start_again=|()| {}
                on_go_to=|_| {}
            >
                <Question position=at(2, true) step=2>
                    <AskedQuestion
                        question=Asked::new("faulty", "Was care missed or late?", "", Asks::OneOf(offers(&["No", "Yes"])))
                        first=true
                        answers=fixed(Answers::default())
                        fault=fault("Pick one answer.")
                        on_answer=Callback::new(|_| {})
                        on_tap=|()| {}
                    />
                </Question>
            </QuestionForm>
        </Part>
    }
}

#[component]
pub fn Checked() -> impl IntoView {
    view! {
        <Part id="check" title="Answers to check">
            <dl class="CheckAnswers">
                <CheckedAnswer question="Person" answer=fixed("Jean Whitby, Round C, call 1".to_owned()) on_change=|()| {}/>
                <CheckedAnswer question="What the device says" answer=fixed(LONG.to_owned()) on_change=|()| {}/>
                <CheckedAnswer question="When" answer=fixed("Now, 21:35".to_owned()) on_change=|()| {}/>
            </dl>
        </Part>
    }
}
