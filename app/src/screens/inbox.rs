//! What others wrote that this person receives: unread first, urgent before the rest, newest first.

use super::{beside::Beside, not_found::NotYours};
use crate::lean::{Show, attr, each, live};
use crate::signal::{Signal, memo};
use crate::{
    client::use_client,
    components::{
        frame::Frame,
        icon::{Symbol, Tone},
        message::{Blank, Skeleton, StatusChip},
    },
    places::Place,
};
use holdfast_domain::{
    encoding::Millis,
    ids::EntryId,
    ledger::{InboxItem, Ledger, inbox_line},
    words,
};
use leptos::prelude::*;

/// One row: who wrote what about whom, and whether it is urgent.
#[derive(Clone, PartialEq, Eq, Hash)]
struct InboxRow {
    id: EntryId,
    title: String,
    line: String,
    unseen: bool,
    urgent: bool,
}

impl InboxRow {
    fn of(item: InboxItem, ledger: &Ledger, now: Millis) -> Option<InboxRow> {
        let record = ledger.record(item.id)?;
        Some(InboxRow {
            id: item.id,
            title: record.title(ledger),
            line: inbox_line(ledger, record, item.corrected, now),
            unseen: item.unseen,
            urgent: item.urgent,
        })
    }
}

#[component]
pub fn Inbox() -> impl IntoView {
    let client = use_client();
    let gets = memo(move || {
        let receives = client.receives();
        let now = client.now().get();
        receives || client.read(|ledger| !ledger.inbox(now).is_empty())
    });
    let heard = move || client.up_to_date().get() || client.last_contact().get().is_some();
    view! {
        <Frame place=Place::Inbox>
            {live(move || match (gets.get(), heard()) {
                (true, _) => view! {
                    <Beside
                        opened=Signal::from(false)
                        list=|| view! { <h1>"Inbox"</h1> <InboxList/> }.into_any()
                        detail=|| view! {
                            <Blank symbol=Symbol::Bell>
                                <h2>"Choose a record"</h2>
                                <p>"It opens here."</p>
                            </Blank>
                        }
                        .into_any()
                    />
                }
                .into_any(),
                (false, true) => view! {
                    <h1>"Inbox"</h1>
                    <NotYours words="Nothing comes to you here. Reports and notes go to those who lead a shift or a service. What you write is under My records."/>
                }
                .into_any(),
                (false, false) => view! {
                    <h1>"Inbox"</h1>
                    <Skeleton/>
                }
                .into_any(),
            })}
        </Frame>
    }
}

/// What there is to read, and what was read in the last two days. `current` is open beside it.
#[component]
pub fn InboxList(#[prop(optional, into)] current: Signal<Option<EntryId>>) -> impl IntoView {
    let client = use_client();
    let rows = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            ledger
                .inbox(now)
                .into_iter()
                .filter_map(|item| InboxRow::of(item, ledger, now))
                .collect::<Vec<_>>()
        })
    });
    let part = move |unseen: bool| {
        memo(move || {
            rows.look(|rows| {
                rows.iter()
                    .filter(|row| row.unseen == unseen)
                    .cloned()
                    .collect::<Vec<_>>()
            })
        })
    };
    let (unread, read) = (part(true), part(false));
    view! {
        <section class="Section" aria-labelledby="unread">
            <header>
                <h2 id="unread">"To read"</h2>
                <small>{live(move || words::count(unread.look(Vec::len), "record", "records"))}</small>
            </header>
            <Rows label="To read" rows=unread current/>
            <Show when=move || unread.look(Vec::is_empty)>
                <Blank>
                    <h3>"All read"</h3>
                    <p>"When somebody reports a mismatch or writes a note, it shows here first."</p>
                </Blank>
            </Show>
        </section>
        <Show when=move || read.look(|read| !read.is_empty())>
            <section class="Section" aria-labelledby="read">
                <header>
                    <h2 id="read">"Read in the last two days"</h2>
                </header>
                <Rows label="Read in the last two days" rows=read current/>
            </section>
        </Show>
    }
}

#[component]
fn Rows(
    label: &'static str,
    rows: Signal<Vec<InboxRow>>,
    current: Signal<Option<EntryId>>,
) -> impl IntoView {
    view! {
        <ul class="List" aria-label=label>
            {each(move || rows.get(), move |row: InboxRow| view! {
                <li>
                    <a
                        class="ListRow"
                        data-stack=""
                        href=Place::Record(row.id).path()
                        aria-current=attr(move || (current.get() == Some(row.id)).then_some("true"))
                    >
                        <span>
                            <b dir="auto">{row.title}</b>
                            <small dir="auto">{row.line}</small>
                        </span>
                        {chip(row.unseen, row.urgent)}
                    </a>
                </li>
            }.into_any())}
        </ul>
    }
}

fn chip(unseen: bool, urgent: bool) -> impl IntoView {
    match (unseen, urgent) {
        (true, true) => {
            view! { <StatusChip tone=Tone::Act symbol=Symbol::Warn label="Needs help now"/> }
        }
        (true, false) => view! { <StatusChip tone=Tone::Move symbol=Symbol::Eye label="To read"/> },
        (false, _) => {
            view! { <StatusChip tone=Tone::Held symbol=Symbol::Tick label="Seen by you"/> }
        }
    }
}
