//! 'Temporary note': essential care delivered while the record is away. Eight taps and nothing typed.

use super::{
    after_save,
    circumstances::{Circumstances, Reason},
    paper::Paper,
    person::{AboutWhom, GoesTo, PersonPicker},
};
use crate::lean::Show;
use crate::signal::{Any, Signal, memo};
use crate::{
    client::use_client,
    components::{
        choice::{Answer, Choice, Columns, Ticks, chosen, on_choose},
        field::{Heading, TextArea},
        form::{Position, Question, QuestionForm},
        frame::Frame,
    },
    places::Place,
};
use holdfast_domain::{
    care::{CareCode, care_items},
    form::{EscalationAnswer, NoteDraft, NoteStep, TEXT},
    words,
};
use leptos::prelude::*;

const STEPS: [NoteStep; 3] = NoteStep::ALL;

#[component]
pub fn NoteForm(paper: Paper<NoteDraft>, place: Place) -> impl IntoView {
    let draft = paper.draft;
    let position = memo(move || draft.look(position));
    let carry_on = move || paper.carry_on();
    let on_picked = move || paper.go_on();
    let on_back = paper.on_back();
    let go = after_save(paper.corrects(), place);
    let on_save = move || paper.save(go.clone());
    let name = if paper.corrects() {
        "Correct your note"
    } else {
        "Temporary note"
    };
    let save_label = if paper.corrects() {
        "Save correction"
    } else {
        "Save note"
    };
    let person = memo(move || draft.look(|draft| draft.person));
    let other = memo(move || draft.look(|draft| draft.other.clone()));
    let told = memo(move || draft.look(|draft| draft.told.clone()));
    let escalates = move || draft.look(|draft| draft.escalation == Some(EscalationAnswer::Yes));
    view! {
        <Frame place on_back>
            <QuestionForm
                name
                save_label
                position
                faults=paper.faults
                trouble=paper.trouble
                busy=paper.busy
                notice=paper.notice
                started=paper.started()
                promise=paper.promise()
                on_carry_on=carry_on
                on_save
                on_back
                on_start_again=move |()| paper.start_again()
                on_go_to=move |field| {
                    if let Some(step) = step_of(field) {
                        paper.write(|draft| draft.step = step);
                    }
                }
            >
                <Question position step=0>
                    <PersonPicker paper on_picked/>
                </Question>
                <Question position step=1>
                    <AboutWhom person/>
                    <Care paper/>
                    <TextArea
                        id="other"
                        label="Anything else"
                        hint="You can leave this empty."
                        fault=paper.fault("other")
                        value=other
                        on_write=move |text| {
                            paper.settle("other");
                            paper.settle("delivered");
                            paper.write(|draft| draft.other = text);
                        }
                        limit=TEXT
                        rows=3
                    />
                </Question>
                <Question position step=2>
                    <AboutWhom person/>
                    <Choice
                        id="escalation"
                        legend="Anything to escalate?"
                        heading=Heading::Question
                        hint="Something a senior, nurse or family should know today."
                        columns=Columns::Two
                        fault=paper.fault("escalation")
                        answers=vec![
                            Answer::new(EscalationAnswer::Yes, "Yes"),
                            Answer::new(EscalationAnswer::No, "No"),
                        ]
                        chosen=chosen(move || draft.look(|draft| draft.escalation))
                        on_choose=on_choose(move |answer: EscalationAnswer, _| {
                            paper.settle("escalation");
                            paper.settle("told");
                            paper.write(|draft| draft.escalation = Some(answer));
                        })
                    />
                    <Show when=escalates>
                        <TextArea
                            id="told"
                            label="Whom have you told?"
                            fault=paper.fault("told")
                            value=told
                            on_write=move |text| {
                                paper.settle("told");
                                paper.write(|draft| draft.told = text);
                            }
                            limit=TEXT
                            rows=2
                        />
                    </Show>
                    <Circumstances paper/>
                    <Reason paper/>
                    <GoesTo paper/>
                </Question>
            </QuestionForm>
        </Frame>
    }
}

fn position(draft: &NoteDraft) -> Position {
    let step = STEPS
        .iter()
        .position(|step| *step == draft.step)
        .unwrap_or_default();
    Position {
        step,
        question: Some(step + 1),
        of: STEPS.len(),
        last: draft.step == NoteStep::Escalate,
        carries_on: match draft.step {
            NoteStep::Person => draft.person.is_some(),
            NoteStep::Care => true,
            NoteStep::Escalate => false,
        },
    }
}

fn step_of(field: &str) -> Option<NoteStep> {
    match field {
        "person" => Some(NoteStep::Person),
        "delivered" | "other" => Some(NoteStep::Care),
        "escalation" | "told" => Some(NoteStep::Escalate),
        _ => None,
    }
}

/// 'Care delivered': a fixed list per support task of the person's plans.
#[component]
fn Care(paper: Paper<NoteDraft>) -> impl IntoView {
    let client = use_client();
    let draft = paper.draft;
    let person = memo(move || draft.look(|draft| draft.person));
    let items = memo(move || {
        let tasks = match person.get() {
            Some(person) => client.read(|ledger| ledger.support_tasks_of(person)),
            None => Vec::new(),
        };
        let mut items: Vec<(CareCode, String)> = care_items(&tasks)
            .into_iter()
            .map(|item| (item.code, item.label.to_owned()))
            .collect();
        // What was ticked before stays to be seen, even where the plan no longer names it.
        let ticked = draft.look(|draft| draft.delivered.clone());
        for code in ticked {
            if !items.iter().any(|(listed, _)| *listed == code) {
                let label = code.label();
                items.push((code, label));
            }
        }
        items
    });
    let hint = Signal::derive(move || match person.get() {
        Some(person) => {
            let name = client.read(|ledger| ledger.person_name(person));
            let first = words::first_name(&name);
            format!("Tick all you did. These come from {first}’s plan.")
        }
        None => "Tick all you did.".to_owned(),
    });
    view! {
        <Ticks
            id="delivered"
            legend="Care delivered"
            hint
            fault=paper.fault("delivered")
            answers=Signal::derive(move || items.get().into_iter().map(|(code, label)| Answer::new(code, label)).collect())
            ticked=Signal::derive(move || draft.look(|draft| draft.delivered.iter().cloned().map(Any::new).collect()))
            on_tick=Callback::new(move |code: Any| {
                paper.settle("delivered");
                paper.write(|draft| draft.toggle(&code.get::<CareCode>()));
            })
        />
    }
}
