//! The board on a phone: each change with what is to chase, not a shrunken grid.

use super::{Target, grid::Grid, look};
use crate::{
    browser,
    client::use_client,
    components::{
        icon::{SmallIcon, Symbol, Tone},
        message::StatusChip,
    },
    lean::{Show, attr, each, live},
    places::Place,
    signal::{RwSignal, Signal, memo},
};
use holdfast_domain::{
    body::Screen,
    encoding::Millis,
    ids::EntryId,
    ledger::{Cell, Ledger, ScreenView},
    words,
};
use leptos::prelude::*;
use std::sync::Arc;

/// How many changes are shown before more are asked for.
const SHOWN: usize = 20;
/// How many of a change's devices to chase a phone shows before it is asked for all.
const FIRST: usize = 5;
/// How many changes and devices, taken together, come with one frame on a phone.
const PIECES: usize = 2;

/// A change on a phone, with a number of its devices.
type OnPhone = (EntryId, usize);

/// What a phone shows of changes, each with how many devices are to chase, when so many pieces are drawn: a change is
/// one, each of its devices one.
fn pieces(changes: impl Iterator<Item = OnPhone>, mut drawn: usize) -> Vec<OnPhone> {
    let mut shown = Vec::new();
    for (id, to_chase) in changes {
        let Some(left) = drawn.checked_sub(1) else {
            break;
        };
        let devices = to_chase.min(FIRST).min(left);
        shown.push((id, devices));
        drawn = left - devices;
    }
    shown
}

/// On a phone: each change with the first devices to chase, and on asking with all of its devices.
#[component]
pub(super) fn Lists(grid: Signal<Grid>, target: Target) -> impl IntoView {
    let asked = RwSignal::new(SHOWN);
    let count = memo(move || grid.look(|grid| grid.lines.len()));
    let changes = memo(move || {
        let asked = asked.get();
        grid.look(|grid| {
            let lines = grid.lines.iter().take(asked);
            let changes = lines.map(|line| (line.row.id, line.row.coverage.to_chase));
            changes.collect::<Vec<OnPhone>>()
        })
    });
    let whole = memo(move || {
        let of = |(_, to_chase): &OnPhone| 1 + to_chase.min(&FIRST);
        changes.look(|changes| changes.iter().map(of).sum())
    });
    let drawn = browser::gradually(PIECES, whole);
    let shown = memo(move || {
        let drawn = drawn.get();
        changes.look(|changes| pieces(changes.iter().copied(), drawn))
    });
    let ids = memo(move || shown.look(|shown| shown.iter().map(|it| it.0).collect::<Vec<_>>()));
    view! {
        {each(move || ids.get(), move |id: EntryId| view! { <ChangeSection id grid shown target/> }.into_any())}
        <Show when=move || { count.get() > asked.get() }>
            <button type="button" class="Button" data-wide="" on:click=move |_| asked.update(|asked| *asked += SHOWN)>
                {live(move || format!("Show more of {} changes", count.get()))}
            </button>
        </Show>
    }
}

/// A device's row under its change.
#[derive(Clone, PartialEq, Eq)]
struct Device {
    screen: Screen,
    label: String,
    line: String,
    mark: String,
    look: &'static str,
}

impl Device {
    fn of(ledger: &Ledger, cell: &Cell, screen: &ScreenView, now: Millis) -> Device {
        Device {
            screen: screen.screen,
            label: screen.label.clone(),
            line: cell.glance(ledger, screen, now),
            mark: cell.mark(now),
            look: look(cell.state),
        }
    }
}

/// One change: how many devices show it, and its devices.
#[component]
fn ChangeSection(
    id: EntryId,
    grid: Signal<Grid>,
    shown: Signal<Vec<OnPhone>>,
    target: Target,
) -> impl IntoView {
    let client = use_client();
    let now = browser::in_turn(client.now());
    let all = RwSignal::new(false);
    let line = memo(move || grid.look(|grid| grid.line(id).cloned()));
    let heading = memo(move || {
        line.look(|line| {
            let row = &line.as_ref()?.row;
            let title = format!("{}: {}", row.person, row.support_task.to_lowercase());
            let of = words::count(row.coverage.of, "device", "devices");
            let line = format!(
                "{} · {} of {of} show it",
                row.urgency.label(),
                row.coverage.shows
            );
            Some((title, line, row.coverage.to_chase, row.coverage.of))
        })
    });
    let title = move || heading.get().map(|it| it.0);
    let words = move || heading.get().map(|it| it.1);
    let chip = move || {
        heading.get().filter(|it| it.2 > 0).map(|it| {
            let label = format!("{} to chase", it.2);
            view! { <StatusChip tone=Tone::Act symbol=Symbol::Clock label/> }
        })
    };
    let of = move || heading.get().map_or(0, |it| it.3);
    let more = move || heading.get().is_some_and(|it| it.3 > it.2.min(FIRST));
    let first = memo(move || {
        let devices = |shown: &Vec<OnPhone>| Some(shown.iter().find(|it| it.0 == id)?.1);
        shown.look(devices).unwrap_or_default()
    });
    let devices = memo(move || {
        let (now, most) = (now.get(), if all.get() { usize::MAX } else { first.get() });
        let columns = grid.look(|grid| Arc::clone(&grid.columns));
        line.look(|line| {
            let Some(line) = line else { return Vec::new() };
            let cells = columns.iter().enumerate();
            let cells = cells.filter_map(|(at, column)| Some((line.cell(at)?, &column.screen)));
            let (chase, rest): (Vec<_>, Vec<_>) =
                cells.partition(|(cell, _)| cell.state.to_chase());
            let devices = chase.into_iter().chain(rest).take(most);
            client.peek(|ledger| {
                let device = |(cell, screen)| Device::of(ledger, cell, screen, now);
                devices.map(device).collect::<Vec<_>>()
            })
        })
    });
    let drawn = browser::gradually(PIECES, memo(move || devices.look(Vec::len)));
    let rows = move || {
        let drawn = drawn.get();
        devices.look(|devices| devices.iter().take(drawn).map(|it| it.screen).collect())
    };
    view! {
        <section class="Section" aria-labelledby=format!("change-{id}") data-update=id.to_string()>
            <header>
                <h2 id=format!("change-{id}") dir="auto">{live(title)}</h2>
                {live(chip)}
            </header>
            <p>
                <small>{live(words)}</small>
                " "
                <a href=Place::Update(id).path()>"Read the change"</a>
            </p>
            <Show when=move || devices.look(|devices| !devices.is_empty())>
                <ul class="List">
                    {each(rows, move |screen: Screen| view! { <DeviceRow id screen devices target/> }.into_any())}
                </ul>
            </Show>
            <Show when=more>
                <button
                    type="button"
                    class="Button"
                    data-kind="quiet"
                    aria-expanded=attr(move || if all.get() { "true" } else { "false" })
                    on:click=move |_| all.update(|all| *all = !*all)
                >
                    {live(move || if all.get() {
                        "Show fewer devices".to_owned()
                    } else {
                        format!("Show all {}", words::count(of(), "device", "devices"))
                    })}
                </button>
            </Show>
        </section>
    }
}

#[component]
fn DeviceRow(
    id: EntryId,
    screen: Screen,
    devices: Signal<Vec<Device>>,
    target: Target,
) -> impl IntoView {
    let of = move |devices: &Vec<Device>| devices.iter().find(|it| it.screen == screen).cloned();
    let device = memo(move || devices.look(of));
    let words = move |part: fn(Device) -> String| live(move || device.get().map(part));
    view! {
        <li>
            <button type="button" class="ListRow" on:click=move |_| target.set(Some((id, screen)))>
                <span class="Cell" data-s=attr(move || device.get().map(|it| it.look)) aria-hidden="true">
                    {words(|it| it.mark)}
                </span>
                <span>
                    <b>{words(|it| it.label)}</b>
                    <small dir="auto">{words(|it| it.line)}</small>
                </span>
                <SmallIcon symbol=Symbol::Next/>
            </button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_draws_change_after_change_each_with_its_first_devices() {
        let id = |n| EntryId::from(uuid::Uuid::from_u128(n));
        let changes = [(id(1), 2), (id(2), 60), (id(3), 0)];
        let drawn = |so_many| pieces(changes.into_iter(), so_many);
        assert_eq!(drawn(0), []);
        assert_eq!(drawn(2), [(id(1), 1)]);
        assert_eq!(drawn(4), [(id(1), 2), (id(2), 0)]);
        let whole = [(id(1), 2), (id(2), FIRST), (id(3), 0)];
        assert_eq!(drawn(10), whole);
        assert_eq!(drawn(99), whole);
    }
}
