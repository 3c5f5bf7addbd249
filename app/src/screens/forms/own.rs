//! What the forms show that is no question: whom a note is about, the changed words of an instruction, and who receives
//! what is written.

use super::paper::Paper;
use crate::lean::live;
use crate::screens::people::{Safety, SafetyHeading};
use crate::signal::memo;
use crate::{
    client::use_client,
    components::{
        change::{Marked, Side},
        icon::Symbol,
        message::Banner,
    },
};
use holdfast_domain::{difference::difference, form::Draft, recipients::receivers};
use leptos::prelude::*;

/// By the id that the form's definition gives it.
pub fn own(paper: Paper, id: &'static str) -> AnyView {
    match id {
        "about" => view! { <AboutWhom paper/> }.into_any(),
        "changed_words" => view! { <ChangedWords paper/> }.into_any(),
        _ => view! { <GoesTo paper/> }.into_any(),
    }
}

/// Whom a record is about, in view over every later question on a phone: name, place, birth, and what can hurt them.
#[component]
fn AboutWhom(paper: Paper) -> impl IntoView {
    let client = use_client();
    let who = memo(move || {
        client.read(|ledger| {
            let person = paper.draft.look(|draft| draft.person(ledger));
            ledger.person(person?)
        })
    });
    live(move || {
        who.get().map(|person| {
            view! {
                <div data-only="phone">
                    <Safety person heading=SafetyHeading::Part/>
                </div>
            }
        })
    })
}

/// Both texts side by side with the changed words marked, as they are written.
#[component]
fn ChangedWords(paper: Paper) -> impl IntoView {
    let texts = memo(move || {
        let both = paper.draft.look(|draft| match draft {
            Draft::PlanUpdate(it) if it.plan.is_some() => Some(difference(&it.before, &it.after)),
            _ => None,
        });
        both.map(|it| (it.before, it.after))
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

/// Who receives it: computed and shown, not asked.
#[component]
fn GoesTo(paper: Paper) -> impl IntoView {
    let client = use_client();
    let to = memo(move || {
        let (service, kind) = paper.draft.look(|draft| (draft.service(), draft.kind()));
        client.read(|ledger| {
            let them = receivers(ledger, service?, kind);
            Some((them.to, them.on_call_contact))
        })
    });
    live(move || {
        to.get().map(|(to, number)| {
            let ring = (!number.is_empty()).then(|| {
                view! {
                    ": "
                    <a href=format!("tel:{}", number.replace(' ', ""))>{number.clone()}</a>
                }
            });
            view! {
                <Banner symbol=Symbol::Bell>
                    <p>
                        "Goes to "
                        <b dir="auto">{to}</b>
                        ". If anyone is at risk now, ring first"
                        {ring}
                        "."
                    </p>
                </Banner>
            }
        })
    })
}
