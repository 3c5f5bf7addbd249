//! The forms of what follows a mismatch. `domain` says what each asks; this draws any of them.

use super::steps::{AboutMismatch, rules};
use crate::lean::{each, live};
use crate::signal::memo;
use crate::{
    client::use_client,
    components::{
        asked::{Answered, AskedQuestion},
        form::{Position, Question, QuestionForm},
        frame::Frame,
    },
    places::Place,
    screens::{
        forms::{
            leads_to,
            paper::{Paper, open},
        },
        not_found::NotFound,
        people::{Safety, SafetyHeading},
    },
};
use holdfast_domain::{
    form::{FormName, Question as Asked, StepDraft, StepForm},
    ids::EntryId,
    ledger::RecordData,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The addressed form, where this user may write what it writes.
#[component]
pub fn StepPage() -> impl IntoView {
    let client = use_client();
    let path = use_location().pathname;
    let place = Place::of(&path.get_untracked());
    let Place::Step(mismatch, form) = place else {
        return view! { <NotFound/> }.into_any();
    };
    let may = client.peek(|ledger| {
        let handling = ledger.handling(mismatch);
        handling.is_some_and(|it| ledger.may_write_step(form, &it))
    });
    if !may {
        return view! { <NotFound/> }.into_any();
    }
    let fresh = move || {
        let (id, now) = (client.new_entry_id(), client.now().get_untracked());
        client.peek(|ledger| {
            let handling = ledger.handling(mismatch)?;
            Some(StepDraft::fresh(ledger, id, form, &handling, now))
        })
    };
    let Some(first) = fresh() else {
        return view! { <NotFound/> }.into_any();
    };
    let fresh = move || fresh().unwrap_or_else(|| first.clone());
    let name = FormName::Step(mismatch, form);
    open(
        place,
        name,
        |_| true,
        fresh,
        move |paper| view! { <Form paper place form mismatch/> }.into_any(),
    )
}

/// A group of questions: its place and the id of its first question. A group that stays is not drawn again.
type Group = (usize, &'static str);

#[component]
fn Form(paper: Paper<StepDraft>, place: Place, form: StepForm, mismatch: EntryId) -> impl IntoView {
    let client = use_client();
    let draft = paper.draft;
    let steps = memo(move || {
        let now = client.now().get();
        client.read(|ledger| draft.look(|draft| draft.steps(ledger, now)))
    });
    let position = memo(move || steps.look(|steps| draft.look(|draft| position(steps, draft))));
    let carry_on = move || paper.carry_on();
    let on_back = paper.on_back();
    let back = place.back().unwrap_or(Place::Home).path();
    let go = leads_to(move |_| back.clone());
    let on_save = move || paper.save(go.clone());
    let groups = move || {
        steps.look(|steps| {
            let first = |(at, step): (usize, &Vec<Asked>)| Some((at, step.first()?.id));
            steps
                .iter()
                .enumerate()
                .filter_map(first)
                .collect::<Vec<Group>>()
        })
    };
    let last = memo(move || steps.look(|steps| steps.len().saturating_sub(1)));
    let right = memo(move || {
        let now = client.now().get();
        client.read(|ledger| draft.look(|draft| draft.compares_with(ledger, now)))
    });
    let listed = memo(move || client.read(|ledger| draft.look(|draft| draft.rules(ledger))));
    let answers = memo(move || draft.look(|draft| draft.answers.clone()));
    let on_answer = Callback::new(move |(question, answer): (&'static str, Answered)| {
        paper.settle(question);
        paper.write(|draft| match answer {
            Answered::With(answer) => draft.set(question, answer),
            Answered::Ticked(code) => draft.toggle(question, &code),
        });
    });
    let questions = each(groups, move |(at, _): Group| {
        let asked = move || steps.look(|steps| steps.get(at).cloned().unwrap_or_default());
        view! {
            <Question position step=at>
                {live(move || (at == last.get()).then(|| live(move || listed.look(|listed| rules(listed)))))}
                {each(asked, move |question: Asked| {
                    let first = steps.with_untracked(|steps| {
                        steps.get(at).and_then(|step| step.first()).is_some_and(|it| it.id == question.id)
                    });
                    let goes_on = steps.with_untracked(|steps| {
                        steps.get(at).is_some_and(|step| StepDraft::goes_on_by_a_tap(step)) && at < last.get_untracked()
                    });
                    let on_tap = move |()| {
                        if goes_on {
                            paper.go_on();
                        }
                    };
                    let fault = paper.fault(question.id);
                    view! { <AskedQuestion question first answers fault on_answer on_tap/> }.into_any()
                })}
            </Question>
        }
        .into_any()
    });
    view! {
        <Frame place on_back>
            <QuestionForm
                name=form.title()
                save_label=form.save_label()
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
                    let now = client.now().get_untracked();
                    paper.write(|draft| client.peek(|ledger| draft.go_to(ledger, field, now)));
                }
            >
                <Report mismatch/>
                {live(move || right.look(|right| right_texts(right)))}
                {questions}
            </QuestionForm>
        </Frame>
    }
}

fn position(steps: &[Vec<Asked>], draft: &StepDraft) -> Position {
    let step = draft.step.min(steps.len().saturating_sub(1));
    let last = step + 1 == steps.len();
    let carries_on = steps.get(step).is_some_and(|questions| {
        !StepDraft::goes_on_by_a_tap(questions)
            || questions
                .iter()
                .all(|it| !draft.answers.answer(it.id).is_empty())
    });
    Position {
        step,
        question: (steps.len() > 1).then_some(step + 1),
        of: steps.len(),
        last,
        carries_on,
    }
}

/// What the device must show, by support task.
fn right_texts(texts: &[(String, String)]) -> impl IntoView + use<> {
    let some = !texts.is_empty();
    let texts = texts.iter().map(|(task, reads)| {
        view! {
            <div>
                <h3 dir="auto">{format!("It must show: {}", task.to_lowercase())}</h3>
                <p dir="auto">{reads.clone()}</p>
            </div>
        }
    });
    let texts = texts.collect_view();
    some.then(|| view! { <div class="BeforeAfter">{texts}</div> })
}

/// What it is about, over every question: the person, and what was reported.
#[component]
fn Report(mismatch: EntryId) -> impl IntoView {
    let client = use_client();
    let found = client.peek(|ledger| {
        let RecordData::Mismatch(says) = ledger.record(mismatch)?.current().clone() else {
            return None;
        };
        Some((ledger.person(says.person), says))
    });
    found.map(|(person, says)| {
        view! {
            <div>
                {person.map(|person| view! { <Safety person heading=SafetyHeading::Part/> })}
                <AboutMismatch id=mismatch/>
                <details class="More">
                    <summary>"What was reported"</summary>
                    <div class="BeforeAfter">
                        <div>
                            <h3>"The device says"</h3>
                            <p dir="auto">{says.device_says}</p>
                        </div>
                        <div>
                            <h3>"Handover says"</h3>
                            <p dir="auto">{says.handover_says}</p>
                        </div>
                    </div>
                </details>
            </div>
        }
    })
}
