//! Rows of things: what, when, state, and the way in.

use super::{
    icon::{Icon, SmallIcon, Symbol, Tone},
    message::StatusChip,
};
use crate::lean::{Show, attr, each, live};
use crate::signal::{RwSignal, Signal, memo};
use crate::{
    client::{Client, use_client},
    places::Place,
};
use holdfast_domain::{
    encoding::Millis,
    ids::EntryId,
    ledger::{Delivery, Ledger, Record},
    words,
};
use leptos::prelude::*;

/// How far a record has come: the one chip each record carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Stage {
    Saved,
    Sent,
    NeedsAttention,
}

impl Stage {
    pub fn of(delivery: &Delivery) -> Stage {
        match delivery {
            Delivery::Saved => Stage::Saved,
            Delivery::Sent { .. } => Stage::Sent,
            Delivery::NeedsAttention { .. } => Stage::NeedsAttention,
        }
    }

    /// The stage of a record as its row says it: one that was held and sent again waits for nobody.
    pub fn of_record(record: &Record) -> Stage {
        match Stage::of(&record.delivery) {
            Stage::NeedsAttention if record.sent_again && record.delivery.is_held() => Stage::Saved,
            stage => stage,
        }
    }
}

/// The chip of a stage, with the words of the record or correction it belongs to.
#[component]
pub fn StageChip(stage: Stage, label: &'static str) -> impl IntoView {
    let (tone, symbol) = match stage {
        Stage::Saved => (Tone::Wait, Symbol::Phone),
        Stage::Sent => (Tone::Held, Symbol::Held),
        Stage::NeedsAttention => (Tone::Act, Symbol::Warn),
    };
    view! { <StatusChip tone symbol label/> }
}

/// One row of a list of records. Equal rows look the same, so that an unchanged one is not drawn again.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct RecordRow {
    pub id: EntryId,
    pub title: String,
    /// When it happened; of what others wrote, first by whom; of a question, first what it asks.
    pub when: String,
    pub stage: Stage,
    pub label: &'static str,
    /// What else is so: 'Seen by ...', 'being sent again'.
    pub also: Option<String>,
}

impl RecordRow {
    pub fn of(record: &Record, ledger: &Ledger, now: Millis) -> RecordRow {
        let lines = record.lines(ledger, now);
        let when = words::when(record.current().happened_at().unwrap_or(record.made), now);
        RecordRow {
            id: record.id,
            title: record.title(ledger),
            when: {
                let by = (record.author != ledger.me()).then(|| ledger.name_of(record.author));
                let parts = [record.asks(ledger), by, Some(when)];
                parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
            },
            stage: Stage::of_record(record),
            label: record.label(),
            also: (!lines.is_empty()).then(|| lines.join(" · ")),
        }
    }
}

/// What this user wrote, newest first.
pub fn my_records(client: Client) -> Signal<Vec<EntryId>> {
    memo(move || {
        client.read(|ledger| {
            let mine = ledger.my_records().into_iter();
            mine.map(|record| record.id).collect()
        })
    })
}

/// A list of records, in the order given and in steps of fifty: only those that show are drawn up, so that a long
/// list stays quick.
#[component]
pub fn RecordList(
    /// The list's name, for those who hear it.
    label: &'static str,
    #[prop(into)] ids: Signal<Vec<EntryId>>,
    /// The record that is open beside the list.
    #[prop(optional, into)]
    current: Signal<Option<EntryId>>,
    #[prop(default = 50)] step: usize,
    /// Comes after each address: which list the record was opened from.
    #[prop(default = "")]
    query: &'static str,
) -> impl IntoView {
    let client = use_client();
    let shown = RwSignal::new(step);
    let page = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            ids.look(|ids| {
                let page = ids.iter().take(shown.get());
                page.filter_map(|id| ledger.record(*id))
                    .map(|record| RecordRow::of(record, ledger, now))
                    .collect::<Vec<_>>()
            })
        })
    });
    let rest = move || ids.look(|ids| ids.len().saturating_sub(shown.get()));
    view! {
        <ul class="List" aria-label=label>
            {each(move || page.get(), move |row: RecordRow| {
                let id = row.id;
                let open = Signal::derive(move || current.get() == Some(id));
                view! { <RecordLine row open query/> }.into_any()
            })}
        </ul>
        <Show when=move || rest() != 0>
            <button type="button" class="Button" data-wide="" on:click=move |_| shown.update(|shown| *shown += 50)>
                {live(move || format!("Show more ({} older)", rest()))}
            </button>
        </Show>
    }
}

/// One row of such a list.
#[component]
pub fn RecordLine(
    row: RecordRow,
    /// It is open beside the list.
    open: Signal<bool>,
    query: &'static str,
) -> impl IntoView {
    view! {
        <li>
            <a
                class="ListRow"
                data-stack=""
                href=format!("{}{query}", Place::Record(row.id).path())
                aria-current=attr(move || open.get().then_some("true"))
            >
                <span>
                    <b dir="auto">{row.title}</b>
                    <small dir="auto">{row.when}</small>
                </span>
                <StageChip stage=row.stage label=row.label/>
                {row.also.map(|also| view! { <small>{also}</small> })}
            </a>
        </li>
    }
}

/// A row that leads to a place: an icon or nothing, a line, a smaller line.
#[component]
pub fn LinkRow(
    #[prop(into)] href: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] detail: Option<String>,
    #[prop(optional, into)] symbol: Option<Symbol>,
    #[prop(default = None)] tone: Option<Tone>,
) -> impl IntoView {
    view! {
        <li>
            <a class="ListRow" href=href>
                {symbol.map(|symbol| view! { <Icon symbol tone/> })}
                <span>
                    <b dir="auto">{label}</b>
                    {detail.map(|detail| view! { <small dir="auto">{detail}</small> })}
                </span>
                <SmallIcon symbol=Symbol::Next/>
            </a>
        </li>
    }
}
