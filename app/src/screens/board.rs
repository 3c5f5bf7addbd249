//! The visibility board: which device shows which change. A grid from tablet up, a list of what to chase on a phone.

mod grid;
mod hand_over;
mod list;
mod row;
mod sheet;
mod table;
mod window;

use super::warnings::EarlyWarnings;
use crate::{
    browser,
    client::use_client,
    components::{
        action::Button,
        frame::Frame,
        icon::{Icon, Symbol},
        legend::Legend,
        list::LinkRow,
        message::Blank,
        sheet::Sheet,
    },
    lean::{Show, attr, live},
    places::Place,
    signal::{RwSignal, Signal, memo},
};
use grid::{Grid, of_service};
use hand_over::HandingOver;
use holdfast_domain::{
    body::{Method, Screen},
    ids::{EntryId, ServiceId},
    ledger::{BoardPart, CellState, Standing, ToChase},
    words,
};
use leptos::prelude::*;
use list::Lists;
use sheet::CellSheet;
use table::Table;

/// How many closed changes are listed.
const SHOWN: usize = 20;

/// The cell that somebody opened.
type Target = RwSignal<Option<(EntryId, Screen)>>;

#[component]
pub fn Board() -> impl IntoView {
    let client = use_client();
    let parts = memo(move || {
        let now = client.now().get();
        client.read(|ledger| ledger.board(now))
    });
    // None picked yet: the first service that has something to chase, else the first that has a change.
    let picked = RwSignal::new(None::<Option<ServiceId>>);
    // A service that left the board is not picked any more.
    let stands = memo(move || {
        let here = |id| parts.look(|parts| parts.iter().any(|part| part.service == id));
        picked.get().filter(|picked| picked.is_none_or(here))
    });
    let service = memo(move || {
        stands.get().unwrap_or_else(|| {
            parts.look(|parts| {
                let chase = |part: &&BoardPart| ToChase::of(&part.rows).count() > 0;
                let changed = |part: &&BoardPart| !part.rows.is_empty();
                let first = parts
                    .iter()
                    .find(chase)
                    .or_else(|| parts.iter().find(changed));
                first.or(parts.first()).map(|part| part.service)
            })
        })
    });
    // It stays where it began, also once nothing is to be chased there.
    Effect::new(move |_| {
        let first = service.get();
        let shown = |part: &BoardPart| Some(part.service) == first && !part.rows.is_empty();
        if stands.get().is_none() && parts.look(|parts| parts.iter().any(shown)) {
            picked.set(Some(first));
        }
    });
    let wide = browser::wide();
    let chase = RwSignal::new(!wide.get_untracked());
    let grid = memo(move || parts.look(|parts| Grid::of(parts, service.get(), chase.get())));
    let sum = memo(move || {
        let shown = service.get();
        parts.look(|parts| {
            let sum = ToChase::of(of_service(parts, shown).flat_map(|part| &part.rows));
            (sum.title(), sum.line())
        })
    });
    let target: Target = RwSignal::new(None);
    let method = RwSignal::new(None::<Method>);
    let handing = RwSignal::new(false);
    let closed = memo(move || {
        let now = client.now().get();
        let shown = service.get();
        client.read(|ledger| {
            parts.look(|parts| {
                let closed = of_service(parts, shown).flat_map(|part| &part.closed);
                let lines = closed.map(|update| {
                    let what = match update.standing {
                        Standing::Withdrawn { .. } => "Withdrawn",
                        _ => "Replaced",
                    };
                    let when = words::when(update.at, now);
                    (update, format!("{what} · {when}"), ledger.left_line(update))
                });
                // What devices may still show stands first, and all of it.
                let (left, gone): (Vec<_>, Vec<_>) = lines.partition(|(.., left)| left.is_some());
                let shown = SHOWN.max(left.len());
                let all = left.into_iter().chain(gone).take(shown);
                all.map(|(update, line, left)| {
                    let parts = [Some(line), left];
                    let line = parts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
                    (update.id, update.title(ledger), line)
                })
                .collect::<Vec<_>>()
            })
        })
    });
    let warnings = memo(move || {
        let now = client.now().get();
        client.read(|ledger| parts.look(|parts| ledger.warning_views(parts, now)))
    });
    // Used no more, or answered without being asked: of another service, no longer listed.
    let apart = memo(move || {
        let now = client.now().get();
        let shown = service.get();
        client.read(|ledger| {
            parts.look(|parts| {
                of_service(parts, shown)
                    .flat_map(|part| &part.apart)
                    .map(|it| (it.label.clone(), it.words(ledger, now)))
                    .collect::<Vec<_>>()
            })
        })
    });
    // To whom each service in view was handed over.
    let handed = memo(move || {
        let now = client.now().get();
        let shown = service.get();
        client.read(|ledger| {
            parts.look(|parts| {
                let lines = of_service(parts, shown);
                let lines = lines.filter_map(|part| ledger.hand_over_line(part.service, now));
                lines.collect::<Vec<_>>().join(" · ")
            })
        })
    });
    // The services in view whose devices are mine to chase.
    let chased = memo(move || {
        let shown = service.get();
        client.read(|ledger| {
            parts.look(|parts| {
                of_service(parts, shown)
                    .map(|part| part.service)
                    .filter(|id| ledger.chases(*id))
                    .collect::<Vec<_>>()
            })
        })
    });
    let chases = move || chased.look(|chased| !chased.is_empty());
    // One service is handed over at a time: each has its own who chase.
    let over = memo(move || {
        chased.look(|chased| match chased[..] {
            [one] => Some(one),
            _ => None,
        })
    });
    // Why no change is in view, where none is.
    let blank = memo(move || {
        if grid.look(|grid| !grid.lines.is_empty()) {
            return None;
        }
        let shown = service.get();
        parts.look(|parts| {
            let of = |service| parts.iter().find(move |part| part.service == service);
            if parts.iter().all(|part| part.rows.is_empty()) {
                return Some(("No changes to show yet".to_owned(), "When an instruction changes, every device that must show it stands here until it does."));
            }
            let name = shown.and_then(of).map_or("any service", |part| part.name.as_str());
            Some(if shown.and_then(of).is_some_and(|part| part.rows.is_empty()) {
                (format!("No changes at {name}"), "Pick another service above.")
            } else {
                (format!("Nothing to chase at {name}"), "Every device has answered, or still has time.")
            })
        })
    });
    // Whether changes stand there of which nothing is to be chased.
    let hidden = memo(move || {
        let shown = service.get();
        chase.get()
            && parts.look(|parts| of_service(parts, shown).any(|part| !part.rows.is_empty()))
    });
    view! {
        <Frame place=Place::Board>
            <header>
                <h1>{live(move || sum.get().0)}</h1>
                <p>{live(move || sum.get().1)}</p>
            </header>
            <div class="Toolbar">
                <Services parts picked service/>
                <button
                    type="button"
                    id="to-chase"
                    class="Button"
                    data-small=""
                    aria-pressed=attr(move || if chase.get() { "true" } else { "false" })
                    on:click=move |_| chase.update(|chase| *chase = !*chase)
                >
                    "To chase"
                </button>
                <Show when=move || over.get().is_some()>
                    <button type="button" class="Button" data-small="" on:click=move |_| handing.set(true)>
                        <Icon symbol=Symbol::People/>
                        "Hand over"
                    </button>
                </Show>
                <Show when=move || chases() && over.get().is_none()>
                    <small>"To hand over, pick one service."</small>
                </Show>
            </div>
            {live(move || Some(handed.get()).filter(|line| !line.is_empty()).map(|line| view! {
                <p>
                    <small dir="auto">{line}</small>
                </p>
            }))}
            <EarlyWarnings views=warnings/>
            {live(move || blank.get().map(|(title, why)| view! {
                <Blank symbol=Symbol::Eye>
                    <h2>{title}</h2>
                    <p>{why}</p>
                    {hidden.get().then(|| view! {
                        <Button on_press=move |()| {
                            chase.set(false);
                            browser::focus("to-chase");
                        }>
                            "Show all changes"
                        </Button>
                    })}
                </Blank>
            }))}
            <Show when=move || blank.look(Option::is_none)>
                {live(move || if wide.get() {
                    view! {
                        <div>
                            <Table grid target/>
                            <Legend/>
                            <p data-only="keys">
                                <small>
                                    {live(move || if chases() {
                                        "Arrow keys move, Enter opens, C confirms a device you have looked at, R reminds."
                                    } else {
                                        "Arrow keys move, Enter opens."
                                    })}
                                </small>
                            </p>
                        </div>
                    }
                    .into_any()
                } else {
                    view! { <Lists grid target/> }.into_any()
                })}
            </Show>
            <Show when=move || apart.look(|apart| !apart.is_empty())>
                <details class="More">
                    <summary>"Devices that stand apart"</summary>
                    <ul class="List" aria-label="Devices that stand apart">
                        {live(move || {
                            let rows = apart.get().into_iter().map(|(label, words)| view! {
                                <li>
                                    <b>{label}</b>
                                    <br/>
                                    <small dir="auto">{words}</small>
                                </li>
                            });
                            rows.collect_view()
                        })}
                    </ul>
                </details>
            </Show>
            <Show when=move || closed.look(|closed| !closed.is_empty())>
                <details class="More">
                    <summary>"Replaced and withdrawn changes"</summary>
                    <ul class="List">
                        {live(move || {
                            let rows = closed.get().into_iter().map(|(id, title, line)| view! {
                                <LinkRow href=Place::Update(id).path() label=title detail=line/>
                            });
                            rows.collect_view()
                        })}
                    </ul>
                </details>
            </Show>
            {live(move || target.get().map(|(update, screen)| view! { <CellSheet update screen target method parts/> }))}
            <Sheet open=handing title="Hand over to the next shift">
                <HandingOver grid service=over handing/>
            </Sheet>
        </Frame>
    }
}

/// One service at a time, or all.
#[component]
fn Services(
    parts: Signal<Vec<BoardPart>>,
    picked: RwSignal<Option<Option<ServiceId>>>,
    service: Signal<Option<ServiceId>>,
) -> impl IntoView {
    let names = memo(move || {
        parts.look(|parts| {
            let names = parts
                .iter()
                .map(|part| (Some(part.service), part.name.clone()));
            let all = (parts.len() > 1).then(|| (None, "All".to_owned()));
            names.chain(all).collect::<Vec<_>>()
        })
    });
    live(move || {
        let names = names.get();
        (names.len() > 1).then(|| {
            let buttons = names.into_iter().map(|(id, name)| view! {
                <button
                    type="button"
                    aria-pressed=attr(move || if service.get() == id { "true" } else { "false" })
                    on:click=move |_| picked.set(Some(id))
                >
                    {name}
                </button>
            });
            view! {
                <div class="Tabs" role="group" aria-label="Service">
                    {buttons.collect_view()}
                </div>
            }
        })
    })
}

/// The value of `data-s`.
fn look(state: CellState) -> &'static str {
    match state {
        CellState::Disagree => "clash",
        CellState::ShowsOld | CellState::SomethingElse => "act",
        CellState::CannotOpen | CellState::Late => "late",
        CellState::Waiting => "wait",
        CellState::Shows => "held",
    }
}
