//! 'Report a mismatch': what the device says is not what handover says. Six taps and two typed answers.

use super::{
    after_save,
    circumstances::{Circumstances, Reason},
    paper::Paper,
    person::{GoesTo, PersonPicker},
};
use crate::lean::{Show, live};
use crate::signal::{Signal, memo};
use crate::{
    client::use_client,
    components::{
        asked::Taken,
        choice::{Answer, Choice, Chosen, chosen, on_choose},
        field::{Heading, TextArea},
        form::{CheckedAnswer, Position, Question, QuestionForm},
        frame::Frame,
    },
    places::Place,
};
use holdfast_domain::{
    body::Did,
    encoding::Millis,
    form::{MismatchDraft, MismatchStep, TEXT},
    ids::SubjectId,
    words,
};
use leptos::prelude::*;

const STEPS: [MismatchStep; 5] = MismatchStep::ALL;

#[component]
pub fn MismatchForm(paper: Paper<MismatchDraft>, place: Place) -> impl IntoView {
    let draft = paper.draft;
    let position = memo(move || draft.look(position));
    let carry_on = move || paper.carry_on();
    let go_on = move || paper.go_on();
    let on_back = paper.on_back();
    let client = use_client();
    let go = after_save(paper.corrects(), place);
    let on_save = move || paper.save(go.clone());
    let (device, handover) = (
        paper.text(|draft| &draft.device_says),
        paper.text(|draft| &draft.handover_says),
    );
    let name = if paper.corrects() {
        "Correct your report"
    } else {
        "Report a mismatch"
    };
    let save_label = if paper.corrects() {
        "Save correction"
    } else {
        "Save report"
    };
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
                        paper.write(|draft| draft.change(step));
                    }
                }
            >
                <Question position step=0>
                    <PersonPicker paper on_picked=move || {
                        paper.write(|draft| client.peek(|ledger| draft.keep_to_person(ledger)));
                        go_on();
                    }/>
                </Question>
                <Question position step=1>
                    <TextArea
                        id="device_says"
                        label="What the device says"
                        heading=Heading::Question
                        hint="Copy the words on your care app. Or tap the plan below if it is the same."
                        fault=paper.fault("device_says")
                        value=device
                        on_write=move |text| {
                            paper.settle("device_says");
                            paper.write(|draft| draft.device_says = text);
                        }
                        limit=TEXT
                    >
                        <Plans paper/>
                    </TextArea>
                </Question>
                <Question position step=2>
                    <TextArea
                        id="handover_says"
                        label="What handover says"
                        heading=Heading::Question
                        hint="What you were told, or what is on paper."
                        fault=paper.fault("handover_says")
                        value=handover
                        on_write=move |text| {
                            paper.settle("handover_says");
                            paper.write(|draft| draft.handover_says = text);
                        }
                        limit=TEXT
                    >
                        <PlanNow paper/>
                    </TextArea>
                </Question>
                <Question position step=3>
                    <Choice
                        id="did"
                        legend="What did you do?"
                        heading=Heading::Question
                        phone_hint="Tap an answer to go on."
                        fault=paper.fault("did")
                        answers=answers()
                        chosen=chosen(move || draft.look(|draft| draft.did))
                        on_choose=on_choose(move |did: Did, how| {
                            paper.settle("did");
                            paper.write(|draft| draft.did = Some(did));
                            if how == Chosen::Tapped {
                                go_on();
                            }
                        })
                    />
                </Question>
                <Question position step=4>
                    <div class="Field" data-only="phone">
                        <h2 tabindex="-1">{MismatchStep::Check.title()}</h2>
                    </div>
                    <Check paper device handover/>
                    <Circumstances paper/>
                    <Reason paper/>
                    <GoesTo paper/>
                </Question>
            </QuestionForm>
        </Frame>
    }
}

fn position(draft: &MismatchDraft) -> Position {
    let step = STEPS
        .iter()
        .position(|step| *step == draft.step)
        .unwrap_or_default();
    let asks = draft.step != MismatchStep::Check;
    Position {
        step,
        question: asks.then_some(step + 1),
        of: STEPS.len() - 1,
        last: !asks,
        carries_on: match draft.step {
            MismatchStep::Person => draft.person.is_some(),
            MismatchStep::Device | MismatchStep::Handover => true,
            MismatchStep::Did => draft.did.is_some(),
            MismatchStep::Check => false,
        },
    }
}

fn step_of(field: &str) -> Option<MismatchStep> {
    match field {
        "person" => Some(MismatchStep::Person),
        "device_says" => Some(MismatchStep::Device),
        "handover_says" => Some(MismatchStep::Handover),
        "did" => Some(MismatchStep::Did),
        _ => None,
    }
}

/// The safest answer first.
fn answers() -> Vec<Answer> {
    let answer = |did: Did| Answer::new(did, did.label());
    Did::ALL
        .into_iter()
        .map(|did| match did {
            Did::FollowedHandover => answer(did).hint("The safer choice if you are not sure"),
            _ => answer(did),
        })
        .collect()
}

/// What the instruction that was picked says now, to be read beside what handover said: those are the author's words.
#[component]
fn PlanNow(paper: Paper<MismatchDraft>) -> impl IntoView {
    let client = use_client();
    let plan = memo(move || paper.draft.look(|draft| draft.plan));
    let reads = memo(move || {
        // A change that was just read holds already, whenever the clock ticked last.
        let now = client.now().get().max(js_sys::Date::now() as Millis);
        client.read(|ledger| Some(ledger.reads_now(&ledger.plan(plan.get()?)?, now).0))
    });
    live(move || {
        reads.get().map(|reads| {
            view! {
                <p>
                    <b>"What the plan on this phone says: "</b>
                    <span dir="auto">{reads}</span>
                </p>
            }
        })
    })
}

/// The plans of the person on this phone: what the device should show, to be used with a tap.
#[component]
fn Plans(paper: Paper<MismatchDraft>) -> impl IntoView {
    let client = use_client();
    let person = memo(move || paper.draft.look(|draft| draft.person));
    let plans = memo(move || {
        let Some(person) = person.get() else {
            return Vec::new();
        };
        let now = client.now().get();
        client.read(|ledger| {
            ledger
                .plans_of(person)
                .into_iter()
                .map(|plan| {
                    let (reads, changed) = ledger.reads_now(&plan, now);
                    let since = changed.map_or_else(
                        || words::date_seen_from(plan.effective_from, now),
                        |from| words::when_after(from, now),
                    );
                    (
                        plan.id,
                        reads,
                        format!("{}, from {since}", words::isolated(&plan.support_task)),
                    )
                })
                .collect::<Vec<(SubjectId, String, String)>>()
        })
    });
    let group = move || {
        let name = person
            .get()
            .map(|person| client.read(|ledger| ledger.person_name(person)));
        format!("Plans for {} on this phone", name.unwrap_or_default())
    };
    view! {
        <Show when=move || plans.look(|plans| !plans.is_empty())>
            <p>
                <b>"Same as the plan? Tap to use it"</b>
            </p>
            <div class="Choice" role="group" aria-label=group>
                {live(move || {
                    let plans = plans.get().into_iter().map(|(id, words, from)| {
                        let text = words.clone();
                        let on_take = move |()| {
                            paper.settle("device_says");
                            paper.write(|draft| draft.shows(id, &text));
                        };
                        view! { <Taken words from on_take/> }
                    });
                    plans.collect_view()
                })}
            </div>
        </Show>
    }
}

/// What you said, with the way to change it. On the one page the questions themselves show it.
#[component]
fn Check(
    paper: Paper<MismatchDraft>,
    device: Signal<String>,
    handover: Signal<String>,
) -> impl IntoView {
    let client = use_client();
    let draft = paper.draft;
    let person = move || {
        let person = draft.look(|draft| draft.person)?;
        client
            .read(|ledger| ledger.person(person))
            .map(|it| it.with_place())
    };
    let did = move || {
        draft
            .look(|draft| draft.did)
            .map(Did::label)
            .unwrap_or_default()
            .to_owned()
    };
    let change = move |step| move || paper.write(|draft| draft.change(step));
    view! {
        <dl class="CheckAnswers" data-only="phone">
            <CheckedAnswer
                question="Person"
                answer=Signal::derive(move || person().unwrap_or_default())
                on_change=change(MismatchStep::Person)
            />
            <CheckedAnswer question="What the device says" answer=device on_change=change(MismatchStep::Device)/>
            <CheckedAnswer question="What handover says" answer=handover on_change=change(MismatchStep::Handover)/>
            <CheckedAnswer question="What did you do?" answer=Signal::derive(did) on_change=change(MismatchStep::Did)/>
        </dl>
    }
}
