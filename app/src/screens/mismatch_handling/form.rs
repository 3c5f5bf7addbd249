//! The forms of what follows a mismatch. `domain` says what each asks; this draws any of them.

use super::steps::rules;
use crate::lean::{Show, attr, each, live};
use crate::signal::{Any, Signal, memo};
use crate::{
    browser,
    client::use_client,
    components::{
        choice::{Answer, Choice, Chosen, Columns, Ticks, chosen, on_choose},
        field::{FieldFault, Heading, TextArea, described_by},
        form::{Position, Question, QuestionForm},
        frame::Frame,
        icon::{Icon, Symbol},
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
    form::{Asks, FormName, Question as Asked, StepDraft, StepForm},
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
    let steps = memo(move || client.read(|ledger| draft.look(|draft| draft.steps(ledger))));
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
    let listed = memo(move || client.read(|ledger| draft.look(|draft| draft.rules(ledger))));
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
                    let on_tap = move || {
                        if goes_on {
                            paper.go_on();
                        }
                    };
                    draw(paper, question, first, on_tap)
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
                on_go_to=move |field| paper.write(|draft| client.peek(|ledger| draft.go_to(ledger, field)))
            >
                <Report mismatch/>
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

fn draw(
    paper: Paper<StepDraft>,
    question: Asked,
    first: bool,
    on_tap: impl Fn() + Send + Sync + 'static,
) -> AnyView {
    let draft = paper.draft;
    let Asked {
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
    let value = memo(move || draft.look(|draft| draft.answers.answer(id).to_owned()));
    let set = move |answer: String| {
        paper.settle(id);
        paper.write(|draft| draft.set(id, answer));
    };
    let answers = |offers: Vec<holdfast_domain::form::Offer>| {
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
                fault=paper.fault(id)
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
                    fault=paper.fault(id)
                    answers=answers(offers)
                    chosen=chosen(move || Some(value.get()).filter(|it| !it.is_empty()))
                    on_choose=on_choose(move |answer: String, how| {
                        set(answer);
                        if how == Chosen::Tapped {
                            on_tap();
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
                hint=Signal::from(hint.to_owned())
                fault=paper.fault(id)
                answers=Signal::from(answers(offers))
                ticked=Signal::derive(move || {
                    draft.look(|draft| draft.answers.all(id).iter().cloned().map(Any::new).collect())
                })
                on_tick=Callback::new(move |code: Any| {
                    paper.settle(id);
                    paper.write(|draft| draft.toggle(id, &code.get::<String>()));
                })
            />
        }
        .into_any(),
        Asks::Day => {
            let fault = paper.fault(id);
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
                        view! {
                            <button type="button" on:click=move |_| {
                                on_take.run(take.clone());
                                browser::focus(id);
                            }>
                                <span>
                                    <span dir="auto">{words}</span>
                                    <br/>
                                    <small>{from}</small>
                                </span>
                                <Icon symbol=Symbol::Add/>
                            </button>
                        }
                    })
                    .collect_view()}
            </div>
        </Show>
    }
}
