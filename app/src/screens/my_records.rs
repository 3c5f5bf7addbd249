//! Everything this person wrote, with the state of each, newest first.

use super::all_records::WhoseRecords;
use crate::lean::{Show, each, live};
use crate::signal::{RwSignal, Signal, memo};
use crate::{
    client::use_client,
    components::{
        frame::Frame,
        icon::{Symbol, Tone},
        list::{RecordList, Stage, StageChip, my_records},
        message::Banner,
    },
    places::Place,
};
use holdfast_domain::{
    encoding::Millis,
    ids::EntryId,
    ledger::{MyPart, writes_records},
    words,
};
use leptos::prelude::*;

/// How many of what was written of plan changes show at first.
const SHOWN: usize = 20;

/// What somebody wrote of a plan change; equal rows are not drawn again.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Row {
    id: EntryId,
    update: EntryId,
    title: String,
    line: String,
    stage: Stage,
    label: &'static str,
}

impl Row {
    fn of(it: MyPart, now: Millis) -> Row {
        Row {
            id: it.id,
            update: it.update,
            line: format!("{} · {}", it.what, words::when(it.at, now)),
            stage: Stage::of(&it.delivery),
            label: it.delivery.label(),
            title: it.title,
        }
    }
}

#[component]
pub fn MyRecords() -> impl IntoView {
    let client = use_client();
    let mine = my_records(client);
    let writes = memo(move || client.read(writes_records));
    let rows = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            let parts = ledger.my_part_in_changes().into_iter();
            parts.map(|it| Row::of(it, now)).collect::<Vec<_>>()
        })
    });
    let waiting = client.waiting();
    view! {
        <Frame place=Place::Records>
            <h1>"My records"</h1>
            <WhoseRecords here=Place::Records/>
            {live(move || {
                client.told(waiting.get()).map(|told| {
                    view! {
                        <Banner tone=Tone::Move symbol=Symbol::Clock>
                            <p>
                                <b>{told.what}</b>
                                " "
                                {told.then}
                            </p>
                            <a class="Button" data-small="" href=Place::Offline.path()>"What you can do"</a>
                        </Banner>
                    }
                })
            })}
            <RecordList label="My records" ids=mine/>
            <InChanges rows/>
            <Show when=move || mine.look(Vec::is_empty) && rows.look(Vec::is_empty)>
                {live(move || if writes.get() {
                    view! { <p>"None yet. What you write shows here."</p> }
                } else {
                    view! { <p>"Your role writes no records, so there are none of yours."</p> }
                })}
            </Show>
        </Frame>
    }
}

/// Changes, withdrawals and answers: they open no record, and lead to the change.
#[component]
fn InChanges(rows: Signal<Vec<Row>>) -> impl IntoView {
    let all = RwSignal::new(false);
    let shown = move || {
        let shown = if all.get() { usize::MAX } else { SHOWN };
        rows.look(|rows| rows.iter().take(shown).cloned().collect::<Vec<_>>())
    };
    view! {
        <Show when=move || rows.look(|rows| !rows.is_empty())>
            <section class="Section" aria-labelledby="in-changes">
                <header>
                    <h2 id="in-changes">"Plan changes and answers"</h2>
                </header>
                <ul class="List" aria-labelledby="in-changes">
                    {each(shown, |row: Row| view! {
                        <li>
                            <a class="ListRow" data-stack="" href=Place::Update(row.update).path()>
                                <span>
                                    <b dir="auto">{row.title}</b>
                                    <small dir="auto">{row.line}</small>
                                </span>
                                <StageChip stage=row.stage label=row.label/>
                            </a>
                        </li>
                    }.into_any())}
                </ul>
                <Show when=move || { !all.get() && rows.look(Vec::len) > SHOWN }>
                    <button type="button" class="Button" data-small="" on:click=move |_| all.set(true)>
                        {live(move || format!("Show all {}", rows.look(Vec::len)))}
                    </button>
                </Show>
            </section>
        </Show>
    }
}
