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
    encoding::Millis,
    form::{Draft, FormName, StepDraft},
    ids::EntryId,
    ledger::{Ledger, PersonView, Record, RecordData, ReviewView},
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
                    <Head paper mismatch/>
                </FormPage>
            }
            .into_any()
        }),
    )
}

/// The rules that may apply by the answers so far.
fn own(paper: Paper, _: &'static str) -> AnyView {
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

/// All that stands over every question; equal values are not drawn again.
#[derive(Clone, PartialEq)]
struct Shown {
    /// That the form was begun for somebody else.
    another: Option<String>,
    person: Option<PersonView>,
    /// What was reported: of the device, and of handover.
    reported: Option<(String, String)>,
    /// What the device must show, by support task, to compare it with.
    right: Vec<(String, String)>,
    /// The reviews there are, each with whether it came since this one was begun.
    reviews: Vec<(ReviewView, bool)>,
    /// What is still open, before a close that it does not keep back.
    unsettled: Vec<String>,
}

fn shown(it: &StepDraft, ledger: &Ledger, now: Millis) -> Shown {
    let record = ledger.record(it.mismatch).map(Record::current);
    Shown {
        another: it.begun_for_another(ledger),
        person: it.whom(ledger).and_then(|whom| ledger.person(whom)),
        reported: match record {
            Some(RecordData::Mismatch(it)) => {
                Some((it.device_says.clone(), it.handover_says.clone()))
            }
            _ => None,
        },
        right: it.compares_with(ledger, now),
        reviews: it.reviews(ledger, now),
        unsettled: it.unsettled(ledger),
    }
}

/// What it is about, over every question, as it is now: the person, and what was reported. Where that is somebody else
/// than when the form was begun, it says so first.
#[component]
fn Head(paper: Paper, mismatch: EntryId) -> impl IntoView {
    let client = use_client();
    let shown = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            paper.draft.look(|draft| match draft {
                Draft::Step(it) => Some(shown(it, ledger, now)),
                _ => None,
            })
        })
    });
    live(move || shown.get().map(|it| head(paper, mismatch, it)))
}

fn head(paper: Paper, mismatch: EntryId, it: Shown) -> impl IntoView {
    let another = it.another.map(|another| {
        view! {
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
        }
    });
    let reported = it.reported.map(|(device_says, handover_says)| {
        view! {
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
        }
    });
    let reviews = it.reviews.into_iter().map(|(it, is_new)| {
        let came = is_new.then_some(
            "This came after you began. Start again, so that yours stands in its place.",
        );
        view! {
            <Banner tone=Tone::Move symbol=Symbol::Info>
                <div>
                    <p dir="auto">
                        <b>{format!("Reviewed by {}", it.by)}</b>
                    </p>
                    {came.map(|came| view! { <p>{came}</p> })}
                    {review_to_open(it.line, it.facts)}
                </div>
            </Banner>
        }
    });
    view! {
        {another}
        <div>
            {it.person.map(|person| view! { <Safety person heading=SafetyHeading::Part/> })}
            <AboutMismatch id=mismatch/>
            {reported}
        </div>
        {right_texts(&it.right)}
        {reviews.collect_view()}
        {unsettled("Still open. You may close it, and this stays on the record:", it.unsettled)}
    }
}

/// What the device must show, each after what it is.
fn right_texts(texts: &[(String, String)]) -> impl IntoView + use<> {
    let some = !texts.is_empty();
    let texts = texts.iter().map(|(what, reads)| {
        view! {
            <div>
                <h3 dir="auto">{what.clone()}</h3>
                <p dir="auto">{reads.clone()}</p>
            </div>
        }
    });
    let texts = texts.collect_view();
    some.then(|| view! { <div class="BeforeAfter">{texts}</div> })
}
