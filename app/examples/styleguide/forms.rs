//! Forms: questions drawn from data, what is to be put right, and the answers to check.

use crate::components::{
    asked::{Asides, AskedQuestion, Asking, CheckAnswers},
    field::Heading,
    form::{Question, QuestionForm},
};
use crate::signal::{RwSignal, Signal, memo};
use crate::{LONG, Part, fixed};
use holdfast_domain::form::{
    Answered, Answers, Asks, Candidate, Fault, Found, Offer, Offered, Position, Question as Asked,
    SaidDay, found,
};
use holdfast_domain::spelling::may_mean;
use leptos::prelude::*;

/// 2026-11-24T21:35:00Z.
const NOW: i64 = 1_795_556_100_000;

fn offers(all: &[&str]) -> Vec<Offer> {
    let offer = |it: &&str| Offer {
        code: (*it).to_owned(),
        label: (*it).to_owned(),
        hint: String::new(),
    };
    all.iter().map(offer).collect()
}

/// One of each kind that a form as data can ask.
fn questions() -> Vec<Asked> {
    let mut handover = offers(&["Level 4, pureed", LONG]);
    handover[0].hint = "What handover says".to_owned();
    handover[1].hint = "Plan: Eating and drinking".to_owned();
    let mut by_when = offers(&["Before the next visit or shift", "Today", "Routine"]);
    by_when[0].hint = "The safer choice if you are not sure".to_owned();
    let text = Asks::Text {
        limit: 2_000,
        lines: 3,
        offers: handover,
        offered: Offered {
            title: "The same as this? Tap to use it",
            name: "Words to use".to_owned(),
        },
    };
    let day = Asks::Day {
        past: false,
        usual: String::new(),
    };
    vec![
        Asked::new("whom", "Person", Asks::Person),
        Asked::new("follow", "What to follow", text)
            .hint("Short, so that it fits on a sheet.")
            .beside(
                "What the plan on this phone says",
                Some("Level 5, minced and moist".to_owned()),
            ),
        Asked::new(
            "missed",
            "Was care missed or late?",
            Asks::OneOf(offers(&["No", "Yes"])),
        ),
        Asked::new(
            "urgency",
            "By when must devices show it?",
            Asks::OneOf(by_when),
        ),
        Asked::new(
            "devices",
            "Which other devices showed it?",
            Asks::AllThatApply(offers(&["NHC-PH1", "NHC-PH2", "NHC-TB1"])),
        )
        .hint("Beside the one it was reported on."),
        Asked::new("due", "By when?", day).hint("Today means from now on."),
    ]
}

/// When it happened, and who gave the care.
fn circumstances(of: &'static str) -> [Asked; 2] {
    let (day, when, who) = match of {
        "usual" => ("day", "when", "who"),
        "said" => ("day-said", "when-said", "who-said"),
        _ => ("day-faulty", "when-faulty", "who-faulty"),
    };
    let moment = Asks::Moment {
        day,
        asked: "When did it happen?",
        usual: None,
        now: NOW,
    };
    let colleague = Asks::Colleague {
        asked: "Who gave the care?",
        tick: "I am writing this for someone else",
        service: None,
    };
    [
        Asked::new(when, "When", moment).aside("When it happened"),
        Asked::new(who, "Who gave the care", colleague).aside("When it happened"),
    ]
}

/// Answers as a draft keeps them.
fn filled() -> Answers {
    let text = r#"{"whom":["2"],"follow":["Level 4, pureed"],"missed":["Yes"],"urgency":["Today"],"devices":["NHC-PH2"],"due":["2026-12-01"]}"#;
    holdfast_domain::json::read(text).unwrap_or_default()
}

fn people() -> Vec<Candidate> {
    let person = |code: &str, name: &str, line: &str| Candidate {
        code: code.to_owned(),
        name: name.to_owned(),
        line: line.to_owned(),
    };
    vec![
        person(
            "1",
            "Jean Whitby",
            "Round C, call 1 · Your next visit, 22:15",
        ),
        person(
            "2",
            "Siân Pugh",
            "Round C, call 10 · Your last visit, 18:20",
        ),
        person(
            "3",
            "Jean Whitby",
            "Room 12 · Eugenia Whitby, born 15 October 1958",
        ),
    ]
}

/// A form with these answers and these things to put right.
fn asking(answers: Answers, faults: Vec<Fault>) -> Asking {
    let answers = RwSignal::new(answers);
    Asking {
        answers: answers.into(),
        faults: fixed(faults),
        said: fixed(vec![
            ("whom", "Siân Pugh, Round C, call 10".to_owned()),
            ("follow", LONG.to_owned()),
            ("when", "Now, 21:35".to_owned()),
            ("who", "I did".to_owned()),
            ("missed", String::new()),
        ]),
        on_answer: Callback::new(move |(question, answer): (&'static str, Answered)| {
            answers.update(|answers| answers.take(question, answer));
        }),
        find: Callback::new(|(_, typed, picked): (Asks, String, String)| {
            let mut candidates = people();
            let picked = candidates.iter().find(|it| it.code == picked).cloned();
            candidates.retain(|it| may_mean(&typed, &[&it.name]));
            Found { candidates, picked }
        }),
        check: Callback::new(|()| Vec::new()),
        on_go_to: Callback::new(|_| {}),
    }
}

fn message(field: &'static str, message: &str) -> Fault {
    Fault {
        field,
        message: message.to_owned(),
    }
}

fn drawn(asking: Asking, questions: Vec<Asked>) -> impl IntoView {
    let asked = questions.into_iter().enumerate().map(|(at, question)| {
        let heading = if at == 0 {
            Heading::Question
        } else {
            Heading::Label
        };
        let goes_on = question.id == "urgency";
        view! { <AskedQuestion question=fixed(question) heading asking goes_on on_tap=|()| {}/> }
    });
    asked.collect_view()
}

/// When it happened and who gave the care, as they are asked: as usual, said, and to be put right.
#[component]
pub fn Moments() -> impl IntoView {
    let mut answers = Answers::default();
    let with = |it: &str| Answered::With(it.to_owned());
    answers.take("when-said", with(&SaidDay::Yesterday.answer("18:30", NOW)));
    answers.take("who-said", with("2"));
    answers.take("when-faulty", with("2026-11-12 "));
    answers.take("who-faulty", with(""));
    let asking = asking(
        answers,
        vec![
            message("when-faulty", "Say the time, such as 18:30."),
            message(
                "who-faulty",
                "Pick who gave the care, or take the tick away.",
            ),
        ],
    );
    let asked = move |at: usize| {
        let groups = [
            ("usual", "As usual"),
            ("said", "Said otherwise"),
            ("faulty", "To be put right"),
        ];
        let groups = groups.map(|(of, label)| {
            let question = fixed(circumstances(of)[at].clone());
            view! {
                <div role="group" class="Stack" aria-label=label>
                    <AskedQuestion question heading=Heading::Label asking goes_on=false on_tap=|()| {}/>
                </div>
            }
        });
        groups.into_iter().collect_view()
    };
    view! {
        <Part id="moments" title="When it happened">{asked(0)}</Part>
        <Part id="colleagues" title="Who gave the care">{asked(1)}</Part>
    }
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
                notice=fixed(Some(found(Some("Jean Whitby"), 0, 0)))
                started=fixed(true)
                promise=fixed("Kept on this phone as you type")
                on_carry_on=|()| {}
                on_save=|()| {}
                on_start_again=|()| {}
                on_go_to=|_| {}
            >
                <Question position=at(0, false) step=0>
                    {drawn(asking(filled(), Vec::new()), questions())}
                </Question>
            </QuestionForm>
        </Part>
    }
}

#[component]
pub fn WithFaults() -> impl IntoView {
    let shown = RwSignal::new(false);
    let faults = memo(move || {
        if shown.get() {
            vec![
                message(
                    "faulty",
                    "Say whom this is about. Pick a name from the list.",
                ),
                message(
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
                    {drawn(
                        asking(Answers::default(), vec![message("faulty", "Pick one answer.")]),
                        vec![Asked::new("faulty", "Was care missed or late?", Asks::OneOf(offers(&["No", "Yes"])))],
                    )}
                </Question>
            </QuestionForm>
        </Part>
    }
}

#[component]
pub fn Checked() -> impl IntoView {
    let asking = asking(Answers::default(), Vec::new());
    let questions = vec![
        ("whom", "Person"),
        ("follow", "What the device says"),
        ("missed", "Not answered yet"),
    ];
    let aside = circumstances("usual").map(fixed).to_vec();
    view! {
        <Part id="check" title="Answers to check">
            <CheckAnswers title="Check your report" questions=fixed(questions) asking/>
            <Asides questions=aside asking wanted=RwSignal::new(None)/>
        </Part>
    }
}
