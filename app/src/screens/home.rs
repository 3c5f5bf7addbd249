//! Home by role: what needs you, what you can carry on with or start, and your records.

use super::begun::Begun;
use crate::lean::{Show, live};
use crate::signal::{Signal, memo};
use crate::{
    client::{Client, Waiting, use_client},
    components::{
        action::Tile,
        frame::Frame,
        home_screen::AddToHomeScreen,
        icon::{Symbol, Tone},
        list::{LinkRow, RecordList, Stage, my_records},
        message::{Banner, Blank, StatusChip},
    },
    places::Place,
    screens::{
        mismatch_handling::{Follow, Oversee, ReadGuidance},
        told::SeenNeed,
    },
};
use holdfast_domain::{
    ids::EntryId,
    ledger::{Ledger, Need, NeedReason, Start, home},
    words,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// How many of one's records, and of what needs one, home shows before it leads to all of them.
const SHOWN: usize = 5;

#[component]
pub fn Home() -> impl IntoView {
    let client = use_client();
    let greeting = move || {
        let name = client
            .me()
            .get()
            .map(|me| me.display_name)
            .unwrap_or_default();
        let first = words::first_name(&name);
        format!("{}, {first}", words::greeting(client.now().get()))
    };
    let mine = my_records(client);
    let latest =
        memo(move || mine.look(|mine| mine.iter().take(SHOWN).copied().collect::<Vec<_>>()));
    let in_changes = memo(move || client.read(Ledger::has_part_in_changes));
    let all = move || {
        let count = mine.look(Vec::len);
        (count > SHOWN)
            .then(|| view! { <a href=Place::Records.path()>{format!("See all {count}")}</a> })
    };
    let view = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            let home = home(ledger, client.device_id(), now);
            (home.needs, home.start)
        })
    });
    let needs = memo(move || view.look(|(needs, _)| needs.clone()));
    let start = memo(move || view.look(|(_, start)| start.clone()));
    view! {
        <Frame place=Place::Home>
            <h1>{greeting}</h1>
            <JustSaved/>
            <div class="Split" data-home="">
                <div>
                    <NeedsYou needs/>
                    <Follow/>
                    <Oversee/>
                    <Begun/>
                    <Starts start/>
                </div>
                <section class="Section" id="my-records" aria-labelledby="mine">
                    <header>
                        <h2 id="mine">"My records"</h2>
                        {all}
                    </header>
                    <RecordList label="My records" ids=latest/>
                    <Show when=move || mine.look(Vec::is_empty) && !in_changes.get()>
                        <p>"None yet. What you write shows here."</p>
                    </Show>
                    <Show when=move || in_changes.get()>
                        <p>
                            <a href=Place::Records.path()>"Your plan changes and answers"</a>
                        </p>
                    </Show>
                </section>
            </div>
        </Frame>
    }
}

/// After a save: the truth about that record, as it stands now.
#[component]
fn JustSaved() -> impl IntoView {
    let client = use_client();
    let query = use_query_map();
    let saved = memo(move || {
        let id: EntryId = query.read().get("saved")?.parse().ok()?;
        client.read(|ledger| {
            let record = ledger.record(id).filter(|it| it.author == ledger.me())?;
            let saved = record.saved.unwrap_or(record.made);
            Some((record.title(ledger), Stage::of_record(record), saved))
        })
    });
    move || {
        saved.get().map(|(title, stage, saved)| {
            let (tone, words, then) = match stage {
                Stage::Saved => {
                    let mut waiting = Waiting::default();
                    waiting.add(saved);
                    let then = client.told(waiting).map(|told| told.then);
                    (Tone::Held, "is saved on this phone. ", then)
                }
                Stage::Sent => (Tone::Held, "is saved and sent.", None),
                Stage::NeedsAttention => (
                    Tone::Act,
                    "is safe, and needs one more thing from you. Open it below.",
                    None,
                ),
            };
            view! {
                <Banner tone symbol=Symbol::Safe>
                    <p>
                        <b dir="auto">{title}</b>
                        " "
                        {words}
                        {then}
                    </p>
                </Banner>
                <AddToHomeScreen passing=true/>
            }
        })
    }
}

/// What needs this person now. The first is the one gold thing of the screen.
#[component]
fn NeedsYou(needs: Signal<Vec<Need>>) -> impl IntoView {
    let client = use_client();
    let first = memo(move || needs.look(|needs| needs.first().cloned()));
    let rest = memo(move || {
        needs.look(|needs| {
            needs
                .iter()
                .skip(1)
                .take(SHOWN)
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let more = move || needs.look(|needs| needs.len().saturating_sub(1 + SHOWN));
    let unread = move || {
        let unread = |need: &&Need| matches!(need.reason, NeedReason::Urgent | NeedReason::Unseen);
        needs.look(|needs| needs.iter().filter(unread).count())
    };
    let changes = move || {
        let change = |need: &&Need| need.reason == NeedReason::Change;
        needs.look(|needs| needs.iter().filter(change).count())
    };
    view! {
        <Show when=move || needs.look(Vec::is_empty)>
            <Blank>
                <h2>"Nothing needs you now"</h2>
                <p>"When something waits for you, it shows here first."</p>
            </Blank>
        </Show>
        <Show when=move || needs.look(|needs| !needs.is_empty())>
            <section class="Section" aria-labelledby="now">
                <header>
                    <h2 id="now">"Needs you now"</h2>
                    {live(move || {
                        (changes() != 0).then(|| view! {
                            <small>{words::count(changes(), "change to confirm", "changes to confirm")}</small>
                        })
                    })}
                    {live(move || {
                        (unread() != 0).then(|| view! {
                            <a href=Place::Inbox.path()>
                                {words::count(unread(), "record to read", "records to read")}
                            </a>
                        })
                    })}
                </header>
                {live(move || first.get().map(|need| view! { <FirstNeed need/> }))}
                <Show when=move || rest.look(|rest| !rest.is_empty())>
                    <ul class="List" aria-labelledby="now">
                        {live(move || {
                            rest.get()
                                .into_iter()
                                .map(|need| {
                                    let (symbol, tone, _) = looks(need.reason);
                                    view! {
                                        <LinkRow href=href(client, &need) symbol tone=Some(tone) label=need.title detail=need.line/>
                                    }
                                })
                                .collect_view()
                        })}
                    </ul>
                </Show>
                <Show when=move || more() != 0>
                    <p>
                        <a href=Place::Inbox.path()>{live(move || format!("{} more in your inbox", more()))}</a>
                    </p>
                </Show>
            </section>
        </Show>
    }
}

#[component]
fn FirstNeed(need: Need) -> impl IntoView {
    let (_, tone, action) = looks(need.reason);
    view! {
        <article class="Card" data-tone=tone.name()>
            <header>
                <h3 dir="auto">{need.title.clone()}</h3>
                {(need.reason == NeedReason::Urgent).then(|| view! {
                    <StatusChip tone=Tone::Act symbol=Symbol::Warn label="Needs help now"/>
                })}
            </header>
            <p dir="auto">{need.line.clone()}</p>
            {match need.reason {
                NeedReason::Guidance => view! { <ReadGuidance id=need.record/> }.into_any(),
                NeedReason::GuidanceOver | NeedReason::Told | NeedReason::NoLonger => view! {
                    <SeenNeed need=need.clone()/>
                    <a class="Button" data-kind="quiet" href=href(use_client(), &need)>
                        {action}
                    </a>
                }
                .into_any(),
                _ => view! {
                    <a class="Button" data-kind="main" data-wide="" href=href(use_client(), &need)>
                        {action}
                    </a>
                }
                .into_any(),
            }}
        </article>
    }
}

fn href(client: Client, need: &Need) -> String {
    match need.reason {
        NeedReason::HeldElsewhere => Place::Records.path(),
        NeedReason::Change | NeedReason::ShowsWrong => Place::Confirm(need.record).path(),
        NeedReason::Chase | NeedReason::HandedOver => Place::Board.path(),
        NeedReason::WarnedFirst | NeedReason::Warned if need.record == EntryId::nil() => {
            Place::Board.path()
        }
        NeedReason::Held
        | NeedReason::Escalated
        | NeedReason::WarnedFirst
        | NeedReason::Warned
        | NeedReason::NoLonger
        | NeedReason::LeftShowing
        | NeedReason::Told
            if client.peek(|ledger| ledger.update(need.record).is_some()) =>
        {
            Place::Update(need.record).path()
        }
        NeedReason::Guidance | NeedReason::GuidanceOver => Place::Guidance(need.record).path(),
        _ => Place::Record(need.record).path(),
    }
}

fn looks(reason: NeedReason) -> (Symbol, Tone, &'static str) {
    match reason {
        NeedReason::WarnedFirst | NeedReason::Escalated => {
            (Symbol::Warn, Tone::Act, "Look into it")
        }
        NeedReason::Warned => (Symbol::Warn, Tone::Move, "Look into it"),
        NeedReason::Guidance => (Symbol::Records, Tone::Act, "Read it now"),
        NeedReason::GuidanceOver => (Symbol::Records, Tone::Act, "Read it"),
        NeedReason::Urgent => (Symbol::Bell, Tone::Act, "Read it now"),
        NeedReason::Held | NeedReason::HeldElsewhere => (Symbol::Warn, Tone::Act, "See what to do"),
        NeedReason::ShowsWrong => (Symbol::Mismatch, Tone::Act, "Read what to follow"),
        NeedReason::NoLonger => (Symbol::No, Tone::Act, "Read the change"),
        NeedReason::LeftShowing => (Symbol::Warn, Tone::Move, "See which devices"),
        NeedReason::NotFixed | NeedReason::GuidanceAstray => {
            (Symbol::Mismatch, Tone::Act, "Do the next step")
        }
        NeedReason::Change => (Symbol::Eye, Tone::Move, "Check it now"),
        NeedReason::Stuck => (Symbol::Clock, Tone::Move, "See what to do"),
        NeedReason::HandedOver => (Symbol::Clock, Tone::Act, "See the board"),
        NeedReason::Chase => (Symbol::Clock, Tone::Move, "See the board"),
        NeedReason::Turn => (Symbol::Clock, Tone::Move, "Do the next step"),
        NeedReason::Action => (Symbol::Clock, Tone::Move, "See the action"),
        NeedReason::Told => (Symbol::Info, Tone::Move, "Read it"),
        NeedReason::Unseen => (Symbol::Bell, Tone::Move, "Read it"),
    }
}

/// What this role may start.
#[component]
fn Starts(start: Signal<Vec<Start>>) -> impl IntoView {
    view! {
        <Show when=move || start.look(|start| !start.is_empty())>
            <section class="Section" aria-labelledby="start">
                <header>
                    <h2 id="start">"Start something"</h2>
                </header>
                <div class="Grid">
                    {live(move || {
                        start
                            .get()
                            .into_iter()
                            .map(|start| {
                                let place = match start {
                                    Start::Mismatch => Place::Mismatch,
                                    Start::Note => Place::Note,
                                    Start::PlanChange => Place::PlanChange,
                                    Start::Board => Place::Board,
                                };
                                view! { <Tile place label=start.label()/> }
                            })
                            .collect_view()
                    })}
                </div>
            </section>
        </Show>
    }
}
