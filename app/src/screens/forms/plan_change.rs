//! 'Record a plan change': the instruction as it was and as it is now, why, and by when which devices must show it.

use super::{leads_to, paper::Paper, person::PersonPicker};
use crate::lean::{Show, attr, live};
use crate::signal::{Any, Signal, memo};
use crate::{
    client::use_client,
    components::{
        change::{Marked, Side},
        choice::{Answer, Choice, Chosen, Columns, Ticks, chosen, on_choose},
        field::{FieldFault, Heading, TextArea, described_by},
        form::{CheckedAnswer, Position, Question, QuestionForm},
        frame::Frame,
    },
    places::Place,
};
use holdfast_domain::{
    body::Urgency,
    difference::difference,
    form::{PlanUpdateDraft, PlanUpdateStep, TEXT, Who},
    ids::SubjectId,
    permission::Role,
    words,
};
use leptos::prelude::*;

const STEPS: [PlanUpdateStep; 6] = PlanUpdateStep::ALL;

#[component]
pub fn PlanChangeForm(paper: Paper<PlanUpdateDraft>) -> impl IntoView {
    let client = use_client();
    let draft = paper.draft;
    let position = memo(move || draft.look(position));
    let carry_on = move || paper.carry_on();
    let go_on = move || paper.go_on();
    let on_back = paper.on_back();
    let go = leads_to(|id| Place::Update(id).path());
    let on_save = move || paper.save(go.clone());
    let (after, reason) = (
        paper.text(|draft| &draft.after),
        paper.text(|draft| &draft.reason),
    );
    view! {
        <Frame place=Place::PlanChange on_back>
            <QuestionForm
                name="Record a plan change"
                save_label="Save the change"
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
                    <Instructions paper go_on/>
                </Question>
                <Question position step=2>
                    <TextArea
                        id="after"
                        label="What it says now"
                        heading=Heading::Question
                        hint="The whole instruction, as the care app should show it."
                        fault=paper.fault("after")
                        value=after
                        on_write=move |text| {
                            paper.settle("after");
                            paper.write(|draft| draft.after = text);
                        }
                        limit=TEXT
                    />
                    <Beside paper/>
                </Question>
                <Question position step=3>
                    <TextArea
                        id="reason"
                        label="Why it changed"
                        heading=Heading::Question
                        hint="Everyone who gives this care reads it."
                        fault=paper.fault("reason")
                        value=reason
                        on_write=move |text| {
                            paper.settle("reason");
                            paper.write(|draft| draft.reason = text);
                        }
                        limit=TEXT
                        rows=2
                    />
                </Question>
                <Question position step=4>
                    <Choice
                        id="urgency"
                        legend="By when must devices show it?"
                        heading=Heading::Question
                        phone_hint="Tap an answer to go on."
                        fault=paper.fault("urgency")
                        answers=urgencies()
                        chosen=chosen(move || draft.look(|draft| draft.urgency))
                        on_choose=on_choose(move |urgency: Urgency, how| {
                            paper.settle("urgency");
                            paper.write(|draft| draft.urgency = Some(urgency));
                            if how == Chosen::Tapped {
                                go_on();
                            }
                        })
                    />
                </Question>
                <Question position step=5>
                    <div class="Field" data-only="phone">
                        <h2 tabindex="-1">"Check the change"</h2>
                    </div>
                    <Check paper/>
                    <From paper/>
                    <MustSee paper/>
                </Question>
            </QuestionForm>
        </Frame>
    }
}

fn position(draft: &PlanUpdateDraft) -> Position {
    let step = STEPS
        .iter()
        .position(|step| *step == draft.step)
        .unwrap_or_default();
    let asks = draft.step != PlanUpdateStep::Check;
    Position {
        step,
        question: asks.then_some(step + 1),
        of: STEPS.len() - 1,
        last: !asks,
        carries_on: match draft.step {
            PlanUpdateStep::Person => draft.person.is_some(),
            PlanUpdateStep::Instruction => draft.plan.is_some(),
            PlanUpdateStep::After | PlanUpdateStep::Reason => true,
            PlanUpdateStep::Urgency => draft.urgency.is_some(),
            PlanUpdateStep::Check => false,
        },
    }
}

fn step_of(field: &str) -> Option<PlanUpdateStep> {
    match field {
        "person" => Some(PlanUpdateStep::Person),
        "plan" | "before" => Some(PlanUpdateStep::Instruction),
        "after" => Some(PlanUpdateStep::After),
        "reason" => Some(PlanUpdateStep::Reason),
        "urgency" => Some(PlanUpdateStep::Urgency),
        _ => None,
    }
}

fn urgencies() -> Vec<Answer> {
    let answer = |urgency: Urgency| Answer::new(urgency, urgency.label());
    Urgency::ALL
        .into_iter()
        .map(|urgency| match urgency {
            Urgency::BeforeNextVisit => {
                answer(urgency).hint("The safer choice if you are not sure")
            }
            Urgency::Routine => {
                answer(urgency).hint("Within a week, unless your provider has set another time")
            }
            Urgency::Today => answer(urgency),
        })
        .collect()
}

/// Which instruction changes, of those in force for the person.
#[component]
fn Instructions(
    paper: Paper<PlanUpdateDraft>,
    go_on: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let client = use_client();
    let draft = paper.draft;
    let person = memo(move || draft.look(|draft| draft.person));
    let answers = memo(move || {
        let Some(person) = person.get() else {
            return Vec::new();
        };
        client.read(|ledger| {
            let plans = ledger.plans_of(person).into_iter().map(|plan| {
                let text = ledger.change_of(plan.id).map(|change| change.after);
                Answer::new(plan.id, plan.support_task).hint(text.unwrap_or(plan.instruction))
            });
            plans.collect::<Vec<_>>()
        })
    });
    view! {
        <Choice
            id="plan"
            legend="Which instruction changes?"
            heading=Heading::Question
            phone_hint="Tap one to go on."
            fault=paper.fault("plan")
            answers
            chosen=chosen(move || draft.look(|draft| draft.plan))
            on_choose=on_choose(move |plan: SubjectId, how| {
                paper.settle("plan");
                paper.write(|draft| client.peek(|ledger| draft.pick(ledger, plan)));
                if how == Chosen::Tapped {
                    go_on();
                }
            })
        />
        <Show when=move || answers.look(Vec::is_empty)>
            <p>
                <small>"Pick a person first. Instructions come from the care record's import."</small>
            </p>
        </Show>
    }
}

/// Both texts side by side with the changed words marked, as they are written.
#[component]
fn Beside(paper: Paper<PlanUpdateDraft>) -> impl IntoView {
    let texts = memo(move || {
        paper
            .draft
            .look(|draft| {
                let picked = draft.plan.is_some();
                picked.then(|| difference(&draft.before, &draft.after))
            })
            .map(|it| (it.before, it.after))
    });
    live(move || {
        texts.get().map(|(before, after)| {
            view! {
                <div class="BeforeAfter">
                    <div>
                        <h3>"Before"</h3>
                        <Marked pieces=before side=Side::Before/>
                    </div>
                    <div>
                        <h3>"Now"</h3>
                        <Marked pieces=after side=Side::After/>
                    </div>
                </div>
            }
        })
    })
}

/// What you said, with the way to change it. On the one page the questions themselves show it.
#[component]
fn Check(paper: Paper<PlanUpdateDraft>) -> impl IntoView {
    let client = use_client();
    let draft = paper.draft;
    let person = move || {
        let person = draft.look(|draft| draft.person);
        let name = person.map(|person| client.read(|ledger| ledger.person_name(person)));
        name.unwrap_or_default()
    };
    let urgency = move || {
        let urgency = draft.look(|draft| draft.urgency);
        urgency.map(Urgency::label).unwrap_or_default().to_owned()
    };
    let change = move |step| move || paper.write(|draft| draft.change(step));
    view! {
        <dl class="CheckAnswers" data-only="phone">
            <CheckedAnswer question="Person" answer=Signal::derive(person) on_change=change(PlanUpdateStep::Person)/>
            <CheckedAnswer
                question="Instruction"
                answer=paper.text(|draft| &draft.support_task)
                on_change=change(PlanUpdateStep::Instruction)
            />
            <CheckedAnswer
                question="What it says now"
                answer=paper.text(|draft| &draft.after)
                on_change=change(PlanUpdateStep::After)
            />
            <CheckedAnswer
                question="Why it changed"
                answer=paper.text(|draft| &draft.reason)
                on_change=change(PlanUpdateStep::Reason)
            />
            <CheckedAnswer
                question="By when must devices show it?"
                answer=Signal::derive(urgency)
                on_change=change(PlanUpdateStep::Urgency)
            />
        </dl>
    }
}

/// The day from which it holds.
#[component]
fn From(paper: Paper<PlanUpdateDraft>) -> impl IntoView {
    let client = use_client();
    let fault = paper.fault("from_day");
    let day = move || {
        let said = paper.draft.look(|draft| draft.from_day.clone());
        said.unwrap_or_else(|| words::day(client.now().get()).to_string())
    };
    view! {
        <div class="Field">
            <label for="from_day">"From which day?"</label>
            <small id="from_day-h">"Today means from now on."</small>
            <FieldFault id="from_day-e" message=fault/>
            <input
                id="from_day"
                type="date"
                autocomplete="off"
                aria-describedby=attr(move || fault.look(|fault| described_by("from_day", true, fault.as_ref())))
                aria-invalid=attr(move || fault.look(|fault| fault.is_some().then_some("true")))
                prop:value=day
                on:change:target=move |event| {
                    paper.settle("from_day");
                    paper.write(|draft| draft.from_day = Some(event.target().value()));
                }
            />
        </div>
    }
}

/// Which devices must show it: all, unless somebody says else.
#[component]
fn MustSee(paper: Paper<PlanUpdateDraft>) -> impl IntoView {
    let client = use_client();
    let draft = paper.draft;
    let who = memo(move || draft.look(|draft| draft.who));
    let service = memo(move || draft.look(|draft| draft.service));
    let devices = Signal::derive(move || {
        let Some(service) = service.get() else {
            return Vec::new();
        };
        client.read(|ledger| {
            let screens = ledger.devices(service).into_iter();
            screens
                .map(|device| Answer::new(device.id, device.label))
                .collect()
        })
    });
    let roles = Signal::derive(|| {
        let answer = |role: Role| Answer::new(role, role.label());
        Role::ALL.into_iter().map(answer).collect()
    });
    view! {
        <Choice
            id="must_see"
            legend="Which devices must show it?"
            answers=vec![
                Answer::new(Who::Everyone, "All phones and tablets of the service"),
                Answer::new(Who::Roles, "Only those of some roles"),
                Answer::new(Who::Devices, "Only some devices"),
            ]
            fault=paper.fault("must_see")
            columns=Columns::One
            chosen=chosen(move || Some(who.get()))
            on_choose=on_choose(move |who: Who, _| {
                paper.settle("must_see");
                paper.write(|draft| draft.who = who);
            })
        />
        <Show when=move || who.get() == Who::Roles>
            <Ticks
                id="roles"
                legend="Roles"
                hint="Devices that somebody of these roles holds.".to_owned()
                answers=roles
                ticked=Signal::derive(move || draft.look(|draft| draft.roles.iter().copied().map(Any::new).collect()))
                on_tick=Callback::new(move |role: Any| {
                    paper.settle("must_see");
                    paper.write(|draft| toggle(&mut draft.roles, role.get()));
                })
            />
        </Show>
        <Show when=move || who.get() == Who::Devices>
            <Ticks
                id="devices"
                legend="Devices"
                hint="By their labels.".to_owned()
                answers=devices
                ticked=Signal::derive(move || draft.look(|draft| draft.devices.iter().copied().map(Any::new).collect()))
                on_tick=Callback::new(move |device: Any| {
                    paper.settle("must_see");
                    paper.write(|draft| toggle(&mut draft.devices, device.get()));
                })
            />
        </Show>
    }
}

/// Puts in what was not there, and takes out what was.
fn toggle<T: PartialEq>(list: &mut Vec<T>, item: T) {
    match list.iter().position(|it| *it == item) {
        Some(at) => {
            list.remove(at);
        }
        None => list.push(item),
    }
}
