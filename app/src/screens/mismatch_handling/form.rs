//! The forms of what follows a mismatch. `domain` says what each asks; this draws any of them.

use super::steps::{AboutMismatch, review_to_open, rules, unsettled};
use crate::lean::live;
use crate::signal::memo;
use crate::{
    client::use_client,
    components::{
        icon::{Symbol, Tone},
        message::Banner,
    },
    places::Place,
    screens::{
        forms::{
            FormPage, leads_to,
            paper::{Paper, open},
        },
        not_found::NotFound,
        people::{Safety, SafetyHeading},
    },
};
use holdfast_domain::{
    form::{Draft, FormName, StepDraft},
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
            let draft = StepDraft::fresh(ledger, id, form, &handling, now);
            Some(Draft::Step(draft))
        })
    };
    let Some(first) = fresh() else {
        return view! { <NotFound/> }.into_any();
    };
    let fresh = move || fresh().unwrap_or_else(|| first.clone());
    let name = FormName::Step(mismatch, form);
    let back = place.back().unwrap_or(Place::Home).path();
    let on_saved = leads_to(move |_| back.clone());
    open(
        place,
        name,
        Box::new(|_| true),
        Box::new(fresh),
        Box::new(move |paper| {
            view! {
                <FormPage paper place on_saved own>
                    <Report paper mismatch/>
                    <RightTexts paper/>
                    <OtherReviews paper/>
                </FormPage>
            }
            .into_any()
        }),
    )
}

/// What the forms show that is no question, by the id that the form's definition gives it.
fn own(paper: Paper, id: &'static str) -> AnyView {
    match id {
        "unsettled" => view! { <Unsettled paper/> }.into_any(),
        _ => view! { <Rules paper/> }.into_any(),
    }
}

/// The rules that may apply by the answers so far.
#[component]
fn Rules(paper: Paper) -> impl IntoView {
    let client = use_client();
    let listed = memo(move || {
        client.read(|ledger| {
            paper.draft.look(|draft| match draft {
                Draft::Step(it) => it.rules(ledger),
                _ => Vec::new(),
            })
        })
    });
    live(move || listed.look(|listed| rules(listed)))
}

/// What is still open, before a close that it does not keep back.
#[component]
fn Unsettled(paper: Paper) -> impl IntoView {
    let client = use_client();
    let open = memo(move || {
        client.read(|ledger| {
            paper.draft.look(|draft| match draft {
                Draft::Step(it) => it.unsettled(ledger),
                _ => Vec::new(),
            })
        })
    });
    live(move || {
        unsettled(
            "Still open. You may close it, and this stays on the record:",
            open.get(),
        )
    })
}

/// What reviews there are already say, in whose place this one stands.
#[component]
fn OtherReviews(paper: Paper) -> impl IntoView {
    let client = use_client();
    let reviews = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            paper.draft.look(|draft| match draft {
                Draft::Step(it) => it.reviews(ledger, now),
                _ => Vec::new(),
            })
        })
    });
    live(move || {
        let all = reviews.get().into_iter().map(|(it, is_new)| {
            let came = is_new.then(|| {
                view! {
                    <p>"This came after you began. Start again, so that yours stands in its place."</p>
                }
            });
            view! {
                <Banner tone=Tone::Move symbol=Symbol::Info>
                    <div>
                        <p dir="auto">
                            <b>{format!("Reviewed by {}", it.by)}</b>
                        </p>
                        {came}
                        {review_to_open(it.line, it.facts)}
                    </div>
                </Banner>
            }
        });
        all.collect_view()
    })
}

/// What the device must show, by support task, to compare it with.
#[component]
fn RightTexts(paper: Paper) -> impl IntoView {
    let client = use_client();
    let right = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            paper.draft.look(|draft| match draft {
                Draft::Step(it) => it.compares_with(ledger, now),
                _ => Vec::new(),
            })
        })
    });
    live(move || right.look(|right| right_texts(right)))
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

/// What it is about, over every question: the person, and what was reported, both as they are now. Where that is somebody
/// else than when the form was begun, it says so first.
#[component]
fn Report(paper: Paper, mismatch: EntryId) -> impl IntoView {
    let client = use_client();
    let another = memo(move || {
        client.read(|ledger| {
            paper.draft.look(|draft| match draft {
                Draft::Step(it) => it.begun_for_another(ledger),
                _ => None,
            })
        })
    });
    let person = memo(move || {
        client.read(|ledger| {
            let whom = paper.draft.look(|draft| match draft {
                Draft::Step(it) => it.whom(ledger),
                _ => None,
            });
            ledger.person(whom?)
        })
    });
    let reported = memo(move || {
        client.read(|ledger| match ledger.record(mismatch)?.current() {
            RecordData::Mismatch(it) => Some((it.device_says.clone(), it.handover_says.clone())),
            _ => None,
        })
    });
    view! {
        {live(move || another.get().map(|another| view! {
            <div role="alert">
                <Banner tone=Tone::Act symbol=Symbol::Warn>
                    <p dir="auto">{another}</p>
                    <button
                        type="button"
                        class="Button"
                        data-small=""
                        id="form"
                        on:click=move |_| paper.start_again()
                    >
                        "Start again, without what I wrote"
                    </button>
                </Banner>
            </div>
        }))}
        <div>
            {live(move || person.get().map(|person| view! {
                <Safety person heading=SafetyHeading::Part/>
            }))}
            <AboutMismatch id=mismatch/>
            {live(move || reported.get().map(|(device_says, handover_says)| view! {
                <details class="More">
                    <summary>"What was reported"</summary>
                    <div class="BeforeAfter">
                        <div>
                            <h3>"The device says"</h3>
                            <p dir="auto">{device_says}</p>
                        </div>
                        <div>
                            <h3>"Handover says"</h3>
                            <p dir="auto">{handover_says}</p>
                        </div>
                    </div>
                </details>
            }))}
        </div>
    }
}
