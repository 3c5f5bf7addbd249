//! The lists for those who lead: open mismatches, notification tracker, digital governance log, service action plan.
//! A table on a desk, cards on a phone.

use crate::lean::{Show, each, live};
use crate::signal::memo;
use crate::{
    client::use_client,
    components::{frame::Frame, icon::Symbol, list::LinkRow, message::Blank},
    places::Place,
    screens::not_found::NothingHere,
};
use holdfast_domain::{
    ledger::{ListRow, Listing, lists},
    words,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The way to the lists, from home, for those whose roles have any.
#[component]
pub fn Oversee() -> impl IntoView {
    let client = use_client();
    let rows = memo(move || {
        client.read(|ledger| {
            let open = ledger.open_mismatches().len();
            lists(ledger)
                .into_iter()
                .map(|list| {
                    let detail = match list {
                        Listing::Open => {
                            words::count(open, "mismatch is open", "mismatches are open")
                        }
                        Listing::NotificationTracker => "What was decided, and why".to_owned(),
                        Listing::GovernanceLog => "Causes and fixes".to_owned(),
                        Listing::ActionPlan => "Who does what, by when".to_owned(),
                    };
                    (list, detail)
                })
                .collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || rows.look(|rows| !rows.is_empty())>
            <section class="Section" aria-labelledby="oversee">
                <header>
                    <h2 id="oversee">"Mismatches and what follows"</h2>
                </header>
                <ul class="List" aria-labelledby="oversee">
                    {each(move || rows.get(), |(list, detail): (Listing, String)| view! {
                        <LinkRow href=Place::List(list).path() symbol=symbol(list) label=list.label() detail/>
                    }.into_any())}
                </ul>
            </section>
        </Show>
    }
}

fn symbol(list: Listing) -> Symbol {
    match list {
        Listing::Open => Symbol::Mismatch,
        Listing::NotificationTracker => Symbol::Bell,
        Listing::GovernanceLog => Symbol::Device,
        Listing::ActionPlan => Symbol::Tick,
    }
}

/// One list.
#[component]
pub fn ListPage() -> impl IntoView {
    let client = use_client();
    let path = use_location().pathname;
    let list = memo(move || match Place::of(&path.get()) {
        Place::List(list) => Some(list),
        _ => None,
    });
    let mine = memo(move || client.read(lists));
    let place = Place::List(list.get_untracked().unwrap_or(Listing::Open));
    let title =
        crate::signal::Signal::derive(move || list.get().map_or("", Listing::label).to_owned());
    view! {
        <Frame place title>
            {live(move || match list.get().filter(|list| mine.look(|mine| mine.contains(list))) {
                Some(list) => view! { <List list/> }.into_any(),
                None => view! { <NothingHere/> }.into_any(),
            })}
        </Frame>
    }
}

#[component]
fn List(list: Listing) -> impl IntoView {
    let client = use_client();
    let view = memo(move || {
        let now = client.now().get();
        client.read(|ledger| ledger.listing(list, now))
    });
    let columns = view.with_untracked(|view| view.columns);
    let tabs = client.peek(lists).into_iter().map(|other| {
        view! {
            <a href=Place::List(other).path() aria-current=(other == list).then_some("page")>
                {other.label()}
            </a>
        }
    });
    let tabs = tabs.collect_view();
    let rows = each(
        move || view.look(|view| view.rows.clone()),
        move |row: ListRow| {
            let to = Place::Record(row.mismatch).path();
            let mut cells = row.cells.into_iter().zip(columns);
            let first = cells.next().map(|(cell, column)| {
                view! {
                    <th scope="row" data-label=*column>
                        <a href=to dir="auto">{cell}</a>
                    </th>
                }
            });
            let rest = cells.map(|(cell, column)| {
                view! { <td data-label=*column dir="auto">{cell}</td> }
            });
            view! { <tr>{first} {rest.collect_view()}</tr> }.into_any()
        },
    );
    view! {
        <h1>{list.label()}</h1>
        <nav class="Tabs" aria-label="Lists">{tabs}</nav>
        <Show when=move || view.look(|view| view.rows.is_empty())>
            <Blank>
                <h2>"Nothing here now"</h2>
                <p>"What follows a reported mismatch shows here."</p>
            </Blank>
        </Show>
        <table class="Table" data-cards="" aria-label=list.label() hidden=move || view.look(|view| view.rows.is_empty())>
            <thead>
                <tr>{columns.iter().map(|column| view! { <th scope="col">{*column}</th> }).collect_view()}</tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}
