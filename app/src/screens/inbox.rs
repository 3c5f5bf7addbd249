//! What others wrote that this person receives: unread first, urgent before the rest, newest first.

use crate::lean::{Show, each, live};
use crate::signal::{Signal, memo};
use crate::{
    client::use_client,
    components::{
        frame::Frame,
        icon::{Symbol, Tone},
        message::{Blank, StatusChip},
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
        <Frame place=Place::Inbox>
            <h1>"Inbox"</h1>
            <section class="Section" aria-labelledby="unread">
                <header>
                    <h2 id="unread">"To read"</h2>
                    <small>{live(move || words::count(unread.look(Vec::len), "record", "records"))}</small>
                </header>
                <Rows label="To read" rows=unread/>
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
                    <Rows label="Read in the last two days" rows=read/>
                </section>
            </Show>
        </Frame>
    }
}

#[component]
fn Rows(label: &'static str, rows: Signal<Vec<InboxRow>>) -> impl IntoView {
    view! {
        <ul class="List" aria-label=label>
            {each(move || rows.get(), |row: InboxRow| view! {
                <li>
                    <a class="ListRow" data-stack="" href=Place::Record(row.id).path()>
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
