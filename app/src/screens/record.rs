//! One record: what it says, how far it has come, who has seen it, and every version of it.

use super::{
    all_records,
    ask::Replies,
    beside::{self, Beside},
    forms,
    inbox::InboxList,
    mismatch_handling::HandlingPart,
    not_found::{NotFound, NothingHere},
    people::{Safety, SafetyHeading},
    told::ToldOf,
    warnings::WarningsOf,
};
use crate::lean::{Show, live};
use crate::signal::{Signal, memo};
use crate::{
    browser,
    client::{Client, Waiting, use_client},
    components::{
        action::{Button, LinkButton, Weight},
        frame::Frame,
        icon::{Symbol, Tone},
        list::{RecordList, RecordRow, Stage, StageChip, my_records},
        message::Banner,
    },
    places::Place,
};
use holdfast_domain::{
    body::{Escalation, Mismatch, Note},
    encoding::Millis,
    ids::{EntryId, UserId},
    ledger::{
        AmendmentView, Attention, Delivery, Ledger, PersonView, Record, RecordData,
        attention as attention_for,
    },
    record_search::{RecordFilter, records_that_fit, services_read},
    words,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_location;
use std::time::Duration;

/// How long a record must be in front before it counts as seen.
const SEEN_AFTER: Duration = Duration::from_secs(2);

/// The record that the address names.
fn addressed() -> Signal<Option<EntryId>> {
    let path = use_location().pathname;
    memo(move || match Place::of(&path.get()) {
        Place::Record(id) | Place::Correct(id) | Place::Again(id) => Some(id),
        _ => None,
    })
}

/// The list that a record was opened from: it stands beside it, and 'Back' leads there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum From {
    Mine,
    Inbox,
    All,
}

fn opened_from(client: Client, id: Option<EntryId>, query: &str) -> From {
    let mine = client.peek(|ledger| {
        let record = ledger.record(id?)?;
        Some(record.author == ledger.me())
    });
    let reads = client.peek(|ledger| !services_read(ledger).is_empty());
    match mine {
        _ if reads && query == all_records::QUERY => From::All,
        Some(false) if reads && !untrack(|| client.receives()) => From::All,
        Some(false) => From::Inbox,
        _ => From::Mine,
    }
}

#[component]
pub fn RecordPage() -> impl IntoView {
    let client = use_client();
    let id = addressed();
    let there =
        memo(move || client.read(|ledger| ledger.record(id.get()?).map(|record| record.id)));
    let title = Signal::derive(move || {
        let name = client.read(|ledger| Some(ledger.record(id.get()?)?.current().name()));
        name.unwrap_or("Record").to_owned()
    });
    let place = Place::Record(id.get_untracked().unwrap_or_else(EntryId::nil));
    let search = use_location().search.get_untracked();
    let from = opened_from(client, id.get_untracked(), &format!("?{search}"));
    let under = match from {
        From::Mine => Place::Records,
        From::Inbox => Place::Inbox,
        From::All => Place::AllRecords,
    };
    beside::focus_follows(Signal::derive(move || id.get().map(EntryId::uuid)));
    let list = move || match from {
        From::Mine => {
            view! { <RecordList label="My records" ids=my_records(client) current=id step=20/> }
                .into_any()
        }
        From::Inbox => view! { <InboxList current=id/> }.into_any(),
        From::All => {
            let ids = memo(move || {
                client.read(|ledger| records_that_fit(ledger, &RecordFilter::default()))
            });
            view! {
                <RecordList label="All records" ids current=id step=20 query=all_records::QUERY/>
            }
            .into_any()
        }
    };
    let detail = move || {
        live(move || match there.get() {
            Some(id) => view! { <Detail id/> }.into_any(),
            None => view! { <NothingHere/> }.into_any(),
        })
    };
    view! {
        <Frame place title under=Some(under)>
            <Beside opened=Signal::from(true) list detail/>
        </Frame>
    }
}

/// All that the page shows of a record; equal values are not drawn again.
#[derive(Clone, PartialEq)]
struct Shown {
    record: Record,
    row: RecordRow,
    person: Option<PersonView>,
    author: String,
    service: String,
    history: Vec<(String, String)>,
    clock: Option<String>,
    may_amend: bool,
    may_send_again: bool,
}

fn shown(client: Client, ledger: &Ledger, id: EntryId, now: Millis) -> Option<Shown> {
    let me = client.me().get()?.user;
    let record = ledger.record(id)?;
    let history = record.history(ledger).into_iter();
    Some(Shown {
        row: RecordRow::of(record, ledger, now),
        person: record
            .current()
            .person()
            .and_then(|person| ledger.person(person)),
        author: if record.author == me {
            String::new()
        } else {
            ledger.name_of(record.author)
        },
        service: ledger
            .service(record.service)
            .map_or_else(String::new, |service| service.name),
        history: history
            .map(|line| (words::when_after(line.at, now), line.words(now)))
            .collect(),
        clock: record.clock_words(now),
        may_amend: record.may_amend(me),
        may_send_again: record.may_send_again(me),
        record: record.clone(),
    })
}

#[component]
fn Detail(id: EntryId) -> impl IntoView {
    let client = use_client();
    let shown = memo(move || {
        let now = client.now().get();
        client.read(|ledger| shown(client, ledger, id, now))
    });
    let unseen = memo(move || {
        client.read(|ledger| {
            ledger.acknowledgement_for(id)?;
            Some(ledger.record(id)?.version())
        })
    });
    see_after_a_while(client, id, unseen);
    let see = move || spawn_local(async move { client.mark_seen(id).await });
    view! {
        <div class="Record">
            {live(move || shown.get().map(|it| view! { <Content it/> }))}
            // Only over a record that stands there to be read; on a phone it stays where the thumb is.
            <Show when=move || unseen.look(Option::is_some) && shown.look(Option::is_some)>
                <div class="ActionBar" data-over="nav">
                    <Button weight=Weight::Main symbol=Symbol::Eye on_press=see>
                        "I have seen this"
                    </Button>
                </div>
            </Show>
        </div>
    }
}

/// A record counts as seen when its page has been open and in front for two seconds. A correction that comes while it lies
/// open does so once somebody is at it again: a touch, a key, the wheel, the window taken to the front.
fn see_after_a_while(client: Client, id: EntryId, unseen: Signal<Option<EntryId>>) {
    // Whoever opened the page is at it.
    let attended = StoredValue::new(true);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(handle) = timer.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    };
    let start = move || {
        stop();
        let due = unseen.with_untracked(Option::is_some);
        if !due || !attended.get_value() || !browser::in_front() {
            return;
        }
        let handle = set_timeout_with_handle(
            move || {
                if browser::in_front() {
                    spawn_local(async move { client.mark_seen(id).await });
                }
            },
            SEEN_AFTER,
        );
        timer.set_value(handle.ok());
    };
    Effect::new(move |was: Option<Option<EntryId>>| {
        let now = unseen.get();
        if was.is_some_and(|was| was != now) {
            attended.set_value(false);
        }
        start();
        now
    });
    let attend = move || {
        if !attended.get_value() {
            attended.set_value(true);
            start();
        }
    };
    let front = window_event_listener(leptos::ev::focus, move |_| {
        attended.set_value(true);
        start();
    });
    let hidden = window_event_listener(leptos::ev::blur, move |_| stop());
    let touched = window_event_listener(leptos::ev::pointerdown, move |_| attend());
    let typed = window_event_listener(leptos::ev::keydown, move |_| attend());
    let rolled = window_event_listener(leptos::ev::wheel, move |_| attend());
    on_cleanup(move || {
        for heard in [front, hidden, touched, typed, rolled] {
            heard.remove();
        }
        stop();
    });
}

#[component]
fn Content(it: Shown) -> impl IntoView {
    let client = use_client();
    let id = it.record.id;
    let written_by = if it.author.is_empty() {
        it.service
    } else {
        format!(
            "Written by {} · {}",
            it.author,
            words::isolated(&it.service)
        )
    };
    let waits = (it.row.stage == Stage::Saved && !it.record.sent_again)
        .then_some(it.record.saved)
        .flatten();
    let guidance = waits.map(|saved| {
        let mut waiting = Waiting::default();
        waiting.add(saved);
        view! {
            <Banner symbol=Symbol::Phone>
                <p>
                    {live(move || {
                        client.told(waiting).map(|told| view! { <b>{told.what}</b> " " {told.then} })
                    })}
                </p>
                <a class="Button" data-small="" href=Place::Offline.path()>"What you can do"</a>
            </Banner>
        }
    });
    let attention = it
        .record
        .attention()
        .map(|attention| view! { <AttentionPart attention/> });
    let again = it.may_send_again.then(|| {
        view! {
            <div class="Actions">
                <LinkButton weight=Weight::Main symbol=Symbol::Note href=Place::Again(id).path()>
                    "Correct and send again"
                </LinkButton>
            </div>
        }
    });
    let became = it.record.corrected_by.map(|newer| {
        view! {
            <p>
                <a href=Place::Record(newer).path()>"Read it as you sent it again"</a>
            </p>
        }
    });
    let conflict = it.record.conflict.as_deref().map(|other| {
        view! {
            <section class="Section" aria-labelledby="conflict">
                <h2 id="conflict">"The other version on this phone"</h2>
                <AttentionPart attention=attention_for("id-conflict")/>
                {says(other, client, true)}
            </section>
        }
    });
    let history = it.history.into_iter().map(|(at, text)| {
        view! {
            <li>
                <time>{at}</time>
                <div dir="auto">{text}</div>
            </li>
        }
    });
    let history = history.collect_view();
    view! {
        <header class="Stack">
            <h1 dir="auto">{it.row.title.clone()}</h1>
            <p>
                <StageChip stage=it.row.stage label=it.row.label/>
                " "
                {it.row.also.map(|also| view! { <small>{also}</small> })}
            </p>
            <small dir="auto">{written_by}</small>
        </header>
        {attention}
        {again}
        {became}
        {guidance}
        {it.person.map(|person| view! { <Safety person heading=SafetyHeading::Part/> })}
        {versions(&it.record, client)}
        {conflict}
        <ToldOf id/>
        <WarningsOf id/>
        <HandlingPart id/>
        <Replies id/>
        <section class="Section" aria-labelledby="history">
            <header>
                <h2 id="history">"What happened"</h2>
            </header>
            <ol class="Timeline">{history}</ol>
            {it.clock.map(|clock| view! {
                <Banner tone=Tone::Move symbol=Symbol::Clock>
                    <p>{clock}</p>
                </Banner>
            })}
        </section>
        {it.may_amend.then(|| view! {
            <div class="Actions">
                <LinkButton symbol=Symbol::Note href=Place::Correct(id).path()>
                    "Correct this record"
                </LinkButton>
            </div>
        })}
    }
}

/// The server could not file it: what happened, what is safe, what to do.
#[component]
pub fn AttentionPart(attention: Attention) -> impl IntoView {
    view! {
        <dl class="CheckAnswers">
            <div>
                <dt>"What happened"</dt>
                <dd>{attention.what_happened}</dd>
            </div>
            <div>
                <dt>"What is safe"</dt>
                <dd>{attention.what_is_safe}</dd>
            </div>
            <div>
                <dt>"What to do"</dt>
                <dd>{attention.what_to_do}</dd>
            </div>
        </dl>
    }
}

/// The record as it reads now and, where it was corrected, as it read before: all stay readable.
fn versions(record: &Record, client: Client) -> impl IntoView + use<> {
    let corrected = !record.amendments.is_empty();
    let corrections = corrected.then(|| {
        let versions = record
            .amendments
            .iter()
            .rev()
            .map(|amendment| correction(amendment, record.current(), client))
            .collect_view();
        view! {
            <section class="Section" aria-labelledby="corrections">
                <header>
                    <h2 id="corrections">"Corrections"</h2>
                </header>
                {versions}
                <article class="Card">
                    <h3>"As first written"</h3>
                    {says(&record.data, client, true)}
                </article>
            </section>
        }
    });
    view! {
        <section class="Section" aria-label="What the record says">
            {corrected.then(|| view! { <h2>"As it reads now"</h2> })}
            {says(record.current(), client, corrected)}
        </section>
        {corrections}
    }
}

/// One correction: why, by whom, how far it has come, and the record as it reads by it; where that
/// is how it reads now, it stands above already.
fn correction(
    amendment: &AmendmentView,
    current: &RecordData,
    client: Client,
) -> impl IntoView + use<> {
    let by = client.peek(|ledger| ledger.name_of(amendment.by));
    let made = amendment.made;
    let stage = Stage::of(&amendment.delivery);
    let held = match &amendment.delivery {
        Delivery::NeedsAttention { code, .. } => {
            Some(view! { <AttentionPart attention=attention_for(code)/> })
        }
        _ => None,
    };
    view! {
        <article class="Card">
            <header>
                <h3>"Corrected: " <bdi>{amendment.reason.clone()}</bdi></h3>
                <StageChip stage label=amendment.delivery.label()/>
            </header>
            <small>{live(move || format!("{by}, {}", words::when_after(made, client.now().get())))}</small>
            {held}
            {(amendment.data != *current).then(|| says(&amendment.data, client, true))}
        </article>
    }
}

/// What one version of a record says; `whom` also where another version may be about somebody else.
fn says(data: &RecordData, client: Client, whom: bool) -> AnyView {
    let person = data.person().filter(|_| whom).map(|person| {
        let name = client.peek(|ledger| ledger.person(person).map(|it| it.with_place()));
        (
            "Person",
            name.unwrap_or_else(|| client.peek(|ledger| ledger.person_name(person))),
        )
    });
    match data {
        RecordData::Mismatch(mismatch) => mismatch_says(mismatch, person, client).into_any(),
        RecordData::Note(note) => note_says(note, person, client).into_any(),
        RecordData::Question(it) => view! {
            <p dir="auto">{it.text.clone()}</p>
            {facts(person.into_iter().collect())}
            {it.update.map(|update| view! { <a href=Place::Update(update).path()>"Read the change"</a> })}
        }
        .into_any(),
        RecordData::Erased => view! {
            <p>"Its words were erased for a lawful reason. That it was written, by whom and when, is kept."</p>
        }
        .into_any(),
        RecordData::Newer { .. } => view! {
            <p>"A newer version of Holdfast wrote this. It is kept whole. Use the new version to read it."</p>
        }
        .into_any(),
    }
}

fn mismatch_says(
    mismatch: &Mismatch,
    person: Option<Fact>,
    client: Client,
) -> impl IntoView + use<> {
    let rows = person
        .into_iter()
        .chain([("What was done", mismatch.did.label().to_owned())])
        .chain(circumstances(
            client,
            mismatch.happened_at,
            mismatch.given_by,
        ))
        .collect();
    view! {
        <div class="BeforeAfter">
            <div>
                <h3>"The device says"</h3>
                <p dir="auto">{mismatch.device_says.clone()}</p>
            </div>
            <div>
                <h3>"Handover says"</h3>
                <p dir="auto">{mismatch.handover_says.clone()}</p>
            </div>
        </div>
        {facts(rows)}
    }
}

fn note_says(note: &Note, person: Option<Fact>, client: Client) -> impl IntoView + use<> {
    let delivered: Vec<String> = note.delivered.iter().map(|code| code.label()).collect();
    let mut rows: Vec<Fact> = person.into_iter().collect();
    if !delivered.is_empty() {
        rows.push(("Care delivered", delivered.join(", ")));
    }
    if !note.other.is_empty() {
        rows.push(("Anything else", note.other.clone()));
    }
    rows.push((
        "Anything to escalate?",
        match &note.escalation {
            Escalation::No => "No".to_owned(),
            Escalation::Yes { told } => format!("Yes. Told: {told}"),
        },
    ));
    rows.extend(circumstances(client, note.happened_at, note.given_by));
    facts(rows)
}

/// When it happened and who gave the care, where the record says so.
fn circumstances(
    client: Client,
    happened_at: Option<Millis>,
    given_by: Option<UserId>,
) -> impl Iterator<Item = Fact> {
    let when = happened_at.map(|at| ("When", words::when(at, client.now().get_untracked())));
    let name = |user| client.peek(|ledger| ledger.name_of(user));
    let who = given_by.map(|user| ("Who gave the care", name(user)));
    when.into_iter().chain(who)
}

/// One line of what a record says: its name and the words.
type Fact = (&'static str, String);

fn facts(rows: Vec<Fact>) -> impl IntoView {
    view! {
        <dl class="CheckAnswers">
            {rows
                .into_iter()
                .map(|(name, value)| view! {
                    <div>
                        <dt>{name}</dt>
                        <dd dir="auto">{value}</dd>
                    </div>
                })
                .collect_view()}
        </dl>
    }
}

/// An amendment of a record that was sent.
#[component]
pub fn Correct() -> impl IntoView {
    form_of(Record::may_amend, forms::correct)
}

/// A new entry from the words of a record that needs attention.
#[component]
pub fn Again() -> impl IntoView {
    form_of(Record::may_send_again, forms::again)
}

/// The form over the addressed record, where the ledger lets this user use it.
fn form_of(may: fn(&Record, UserId) -> bool, form: fn(Record) -> Option<AnyView>) -> impl IntoView {
    let client = use_client();
    let id = addressed();
    move || {
        let record = id
            .get()
            .and_then(|id| client.peek(|ledger| ledger.record(id).cloned()));
        record
            .filter(|record| client.peek(|ledger| may(record, ledger.me())))
            .and_then(form)
            .unwrap_or_else(|| view! { <NotFound/> }.into_any())
    }
}
