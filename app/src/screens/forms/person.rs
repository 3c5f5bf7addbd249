//! 'Person', and who receives what is written about them.

use super::{draft::PersonDraft, paper::Paper};
use crate::lean::live;
use crate::screens::people::{Safety, SafetyHeading};
use crate::signal::{Any, Signal, memo};
use crate::{
    client::use_client,
    components::{
        combobox::{Candidate, Combobox, on_pick},
        field::Heading,
        icon::Symbol,
        message::Banner,
    },
};
use holdfast_domain::{
    form::search,
    ids::{ServiceId, SubjectId},
    recipients::receivers,
};
use leptos::prelude::*;

/// 'Person': next and last visits first; picking goes on by itself.
#[component]
pub fn PersonPicker<D: PersonDraft>(
    paper: Paper<D>,
    on_picked: impl Fn() + Send + Sync + 'static,
) -> impl IntoView {
    let client = use_client();
    let everyone = memo(move || {
        let now = client.now().get();
        let Some(me) = client.me().get() else {
            return Vec::new();
        };
        let query = paper.draft.look(|draft| draft.search().to_owned());
        client.read(|ledger| {
            search(ledger, &query, me.user, now)
                .into_iter()
                .map(|it| Candidate {
                    value: Any::new((it.id, it.service)),
                    name: it.display,
                    line: it.line,
                })
                .collect::<Vec<_>>()
        })
    });
    let picked = memo(move || {
        let (id, service) = paper.draft.look(|draft| {
            let mut draft = draft.clone();
            let about = draft.about_mut();
            Some(((*about.person)?, (*about.service)?))
        })?;
        let listed = everyone.look(|all| {
            all.iter()
                .find(|it| it.value == Any::new((id, service)))
                .cloned()
        });
        listed.or_else(|| {
            client.read(|ledger| {
                ledger.person(id).map(|it| Candidate {
                    value: Any::new((id, service)),
                    name: it.display,
                    line: it.place,
                })
            })
        })
    });
    view! {
        <Combobox
            id="person"
            label="Person"
            list_label="People you see most"
            placeholder="Name or round"
            heading=Heading::Question
            fault=paper.fault("person")
            typed=Signal::derive(move || paper.draft.look(|draft| draft.search().to_owned()))
            candidates=everyone
            picked
            on_type=move |typed| {
                paper.write(|draft| {
                    let about = draft.about_mut();
                    *about.search = typed;
                    (*about.person, *about.service) = (None, None);
                })
            }
            on_pick=on_pick(move |(id, service): (SubjectId, ServiceId)| {
                paper.write(|draft| {
                    let about = draft.about_mut();
                    about.search.clear();
                    (*about.person, *about.service) = (Some(id), Some(service));
                });
                paper.settle("person");
                on_picked();
            })
        />
    }
}

/// Whom a record is about, in view over every later question on a phone: name, place, birth, and what can hurt them.
#[component]
pub fn AboutWhom(person: Signal<Option<SubjectId>>) -> impl IntoView {
    let client = use_client();
    let who = memo(move || {
        let id = person.get()?;
        client.read(|ledger| ledger.person(id))
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

/// Who receives it: computed and shown, not asked.
#[component]
pub fn GoesTo<D: PersonDraft>(paper: Paper<D>) -> impl IntoView {
    let client = use_client();
    let to = memo(move || {
        let service = paper.draft.look(|draft| draft.about().service)?;
        client.read(|ledger| {
            let them = receivers(ledger, service, D::KIND);
            Some((them.to, them.on_call_contact))
        })
    });
    move || {
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
    }
}
