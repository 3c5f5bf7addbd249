//! Any form, drawn from its definition: one question a step on a phone, all on one page from a tablet up.

use super::paper::Paper;
use crate::lean::each;
use crate::signal::{RwSignal, Signal, memo};
use crate::{
    client::use_client,
    components::{
        asked::{Asides, AskedQuestion, Asking, CheckAnswers},
        field::Heading,
        form::{Question, QuestionForm},
        frame::Frame,
    },
    places::Place,
};
use holdfast_domain::{
    encoding::Millis,
    form::{Answered, Asks, Question as Asked, goes_on_by_a_tap, said},
    ids::EntryId,
};
use leptos::prelude::*;
use std::mem::{Discriminant, discriminant};

/// A group of questions: its place and the id of its first question. A group that stays is not drawn again.
type Group = (usize, &'static str);

/// What a question is drawn anew by, last of it whether there is a usual moment: all else in it is followed. Several are
/// those that stand aside together.
type Row = Vec<(&'static str, &'static str, Discriminant<Asks>, bool)>;

/// The page of a form. `children` stand over every question.
#[component]
pub fn FormPage(
    paper: Paper,
    place: Place,
    /// Gets the saved entry's id.
    on_saved: Callback<EntryId>,
    /// What the form's screen draws itself, by the id that the definition gives it.
    own: fn(Paper, &'static str) -> AnyView,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let client = use_client();
    let draft = paper.draft;
    let steps = memo(move || {
        // A change that was just read holds already, whenever the clock ticked last.
        let now = client.now().get().max(js_sys::Date::now() as Millis);
        client.read(|ledger| draft.look(|draft| draft.steps(ledger, now)))
    });
    let answers = memo(move || draft.look(|draft| draft.answers()));
    let position = memo(move || {
        steps.look(|steps| {
            answers.look(|answers| draft.look(|draft| draft.position(steps, answers)))
        })
    });
    let wanted = RwSignal::new(None::<&'static str>);
    let asking = Asking {
        answers,
        faults: paper.faults.into(),
        said: memo(move || {
            let now = client.now().get();
            steps.look(|steps| {
                answers.look(|answers| client.read(|ledger| said(steps, answers, ledger, now)))
            })
        }),
        on_answer: Callback::new(move |(question, answer): (&'static str, Answered)| {
            paper.answer(question, answer);
        }),
        find: Callback::new(move |(asks, typed, picked): (Asks, String, String)| {
            let now = client.now().get();
            client.read(|ledger| asks.find(ledger, &typed, &picked, now))
        }),
        check: Callback::new(move |()| paper.faults_now()),
        on_go_to: Callback::new(move |field| {
            wanted.set(Some(field));
            paper.go_to(field);
        }),
    };
    let groups = move || {
        steps.look(|steps| {
            let first = |(at, step): (usize, &Vec<Asked>)| Some((at, first_asked(step)?));
            steps
                .iter()
                .enumerate()
                .filter_map(first)
                .collect::<Vec<Group>>()
        })
    };
    let questions = each(groups, move |(at, first): Group| {
        let rows =
            move || steps.look(|steps| steps.get(at).map(|it| rows_of(it)).unwrap_or_default());
        let goes_on = memo(move || {
            steps.look(|steps| {
                steps.get(at).is_some_and(|it| goes_on_by_a_tap(it)) && at + 1 < steps.len()
            })
        });
        let on_tap = move |()| {
            if goes_on.get_untracked() {
                paper.go_on();
            }
        };
        view! {
            <Question position step=at>
                {each(rows, move |row: Row| {
                    let questions: Vec<_> = row.iter().filter_map(|(id, ..)| followed(steps, at, id)).collect();
                    let [question] = questions[..] else {
                        return view! { <Asides questions asking wanted/> }.into_any();
                    };
                    let Asked { id, label, asks, aside, .. } = question.get_untracked();
                    let heading = if id == first { Heading::Question } else { Heading::Label };
                    match asks {
                        Asks::Own => own(paper, id),
                        Asks::Check => view! { <CheckAnswers title=label questions=before(steps, at) asking/> }.into_any(),
                        _ if aside.is_some() => view! { <Asides questions asking wanted/> }.into_any(),
                        _ => view! { <AskedQuestion question heading asking goes_on on_tap/> }.into_any(),
                    }
                })}
            </Question>
        }
        .into_any()
    });
    let (title, save_label) = draft.with_untracked(|draft| (draft.title(), draft.save_label()));
    let on_back = paper.on_back();
    view! {
        <Frame place on_back>
            <QuestionForm
                name=title
                save_label
                position
                faults=paper.faults
                trouble=paper.trouble
                busy=paper.busy
                notice=paper.notice
                started=paper.started()
                promise=paper.promise()
                on_carry_on=move |()| paper.carry_on()
                on_save=move |()| paper.save(on_saved)
                on_back
                on_start_again=move |()| paper.start_again()
                on_go_to=asking.on_go_to
            >
                {children.map(|children| children())}
                {questions}
            </QuestionForm>
        </Frame>
    }
}

/// The first of a step that asks something, which is its heading.
fn first_asked(step: &[Asked]) -> Option<&'static str> {
    let mut asked = step.iter().filter(|it| it.asks != Asks::Own);
    asked.next().map(|it| it.id)
}

/// The questions of a step; those that stand aside beside each other are one row.
fn rows_of(step: &[Asked]) -> Vec<Row> {
    let runs = step.chunk_by(|one, other| one.aside.is_some() && other.aside == one.aside);
    let usual = |it: &Asked| matches!(it.asks, Asks::Moment { usual: Some(_), .. });
    let key = |it: &Asked| (it.id, it.label, discriminant(&it.asks), usual(it));
    runs.map(|run| run.iter().map(key).collect()).collect()
}

/// A question of a step, for as long as it is asked.
fn followed(steps: Signal<Vec<Vec<Asked>>>, at: usize, id: &'static str) -> Option<Signal<Asked>> {
    let found = move |steps: &Vec<Vec<Asked>>| {
        let step = steps.get(at)?;
        step.iter().find(|it| it.id == id).cloned()
    };
    let first = steps.with_untracked(found)?;
    Some(memo(move || {
        steps.look(found).unwrap_or_else(|| first.clone())
    }))
}

/// The id and the label of what is asked in the steps before.
fn before(steps: Signal<Vec<Vec<Asked>>>, at: usize) -> Signal<Vec<(&'static str, &'static str)>> {
    memo(move || {
        steps.look(|steps| {
            let asked = steps
                .iter()
                .take(at)
                .flatten()
                .filter(|it| it.asks != Asks::Own);
            asked.map(|it| (it.id, it.label)).collect::<Vec<_>>()
        })
    })
}
