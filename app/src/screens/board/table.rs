//! The grid, from a tablet up: changes down, devices across.

use super::{
    Target,
    grid::{Column, Grid},
    row::Row,
    window::Window,
};
use crate::{
    browser,
    client::{Client, use_client},
    lean::{each, live},
    screens::say::say,
    signal::{RwSignal, Signal, memo},
};
use holdfast_domain::{
    body::{Body, Screen},
    ids::EntryId,
    words,
};
use leptos::{html::Div, prelude::*};
use std::{
    cell::Cell as Flag,
    hash::{DefaultHasher, Hash, Hasher},
    rc::Rc,
    sync::Arc,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusEvent, HtmlElement, KeyboardEvent, MouseEvent};

/// How high a row is before one was measured, in pixels.
const ROW: f64 = 56.0;
/// How wide a column is, likewise: it grows with the browser's text.
const COLUMN: f64 = 52.0;
/// Within how many frames a cell that is scrolled to is drawn.
const FRAMES: usize = 10;

/// Changes down, devices across. Only the rows in view are drawn, a few with each frame.
#[component]
pub(super) fn Table(grid: Signal<Grid>, target: Target) -> impl IntoView {
    let client = use_client();
    let scroller = NodeRef::<Div>::new();
    let height = RwSignal::new(ROW);
    let wide = RwSignal::new(COLUMN);
    // Which columns there are: rows of others are not these rows.
    let columns = memo(move || {
        grid.look(|grid| {
            let mut hasher = DefaultHasher::new();
            grid.columns.hash(&mut hasher);
            (hasher.finish(), Arc::clone(&grid.columns))
        })
    });
    let shape = memo(move || columns.look(|(shape, _)| *shape));
    let count = memo(move || grid.look(|grid| grid.lines.len()));
    let drawn = RwSignal::new((0, Window::default()));
    let window = memo(move || {
        let (of, window) = drawn.get();
        let end = window.end.min(count.get());
        if of == shape.get() {
            Window {
                first: window.first.min(end),
                end,
            }
        } else {
            Window::default()
        }
    });
    let ids = memo(move || {
        let Window { first, end } = window.get();
        let shape = shape.get();
        grid.look(|grid| {
            let lines = grid.lines[first..end].iter();
            lines.map(|line| (line.row.id, shape)).collect::<Vec<_>>()
        })
    });
    // The cell that had the focus last: the keys go on from there, also once its row is out of view.
    let held = RwSignal::new(None::<(EntryId, usize)>);
    // The columns in view, with some to spare.
    let across = RwSignal::new(Window::default());
    let steps = Rc::new(Flag::new(false));
    let step = StoredValue::new_local(Rc::new(move || {
        if steps.replace(true) {
            return;
        }
        let steps = Rc::clone(&steps);
        request_animation_frame(move || {
            steps.set(false);
            let Some(board) = scroller.try_get_untracked().flatten() else {
                return;
            };
            measure(
                &board,
                "tbody tr:not([aria-hidden])",
                HtmlElement::offset_height,
                height,
            );
            measure(
                &board,
                "thead tr[data-devices] th",
                HtmlElement::offset_width,
                wide,
            );
            let columns = columns.with_untracked(|(_, columns)| columns.len());
            let shown = Window::across(
                f64::from(board.scroll_left()),
                f64::from(board.client_width()),
                wide.get_untracked(),
                columns,
            );
            if across.get_untracked() != shown {
                // The rows go on with the next frame.
                return across.set(shown);
            }
            let top = f64::from(board.scroll_top());
            let (row, shape) = (height.get_untracked(), shape.get_untracked());
            let wanted = Window::at(
                top,
                f64::from(board.client_height()),
                row,
                count.get_untracked(),
            );
            let next = window.get_untracked().nearer(wanted, (top / row) as usize);
            // The focus would go with the row: the grid itself takes it.
            let focused = document().active_element();
            let place = focused.and_then(|it| place_of(&cell_of(Some(it.into()))?, grid));
            if place.is_some_and(|(row, _)| row < next.first || row >= next.end)
                && let Ok(Some(table)) = board.query_selector("table")
            {
                browser::focus_quietly(table.unchecked_ref());
            }
            if drawn.get_untracked() != (shape, next) {
                drawn.set((shape, next));
            }
            one_tab_stop(&board);
        });
    }));
    let step = move || step.with_value(|step| step());
    Effect::new(move |_| {
        window.look(|_| ());
        // Once the rows have put away the cells out of view, the stop of the Tab key may be among them.
        across.get();
        shape.get();
        ids.look(|_| ());
        count.get();
        step();
    });
    browser::on_resize(step);
    let label = move || {
        format!(
            "{} by {}",
            words::count(count.get(), "change", "changes"),
            words::count(
                columns.look(|(_, columns)| columns.len()),
                "device",
                "devices"
            )
        )
    };
    let reminding = RwSignal::new(false);
    let said = RwSignal::new(String::new());
    let open = move |cell: &Element| {
        if let Some(found) = addressed(cell, grid) {
            target.set(Some(found));
        }
    };
    let go = move |row: usize, column: usize| {
        let id = grid.with_untracked(|grid| grid.lines.get(row).map(|line| line.row.id));
        let (Some(board), Some(id)) = (scroller.get_untracked(), id) else {
            return;
        };
        let cell = format!("tr[data-update=\"{id}\"] td[data-column=\"{column}\"]");
        if board.query_selector(&cell).ok().flatten().is_none() {
            let out = |window: Window, at| at < window.first || at >= window.end;
            if out(window.get_untracked(), row) {
                board.set_scroll_top((row as f64 * height.get_untracked()) as i32);
            }
            if out(across.get_untracked(), column) {
                board.set_scroll_left((column as f64 * wide.get_untracked()) as i32);
            }
        }
        focus_drawn(board.unchecked_into(), cell, FRAMES);
    };
    let on_click = move |event: MouseEvent| {
        if let Some(cell) = cell_of(event.target()) {
            open(&cell);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let cell = cell_of(event.target());
        let place = match &cell {
            Some(cell) => place_of(cell, grid),
            None => held.get_untracked().and_then(|(id, column)| {
                let of = |grid: &Grid| grid.lines.iter().position(|line| line.row.id == id);
                Some((grid.with_untracked(of)?, column))
            }),
        };
        let Some((row, column)) = place else {
            return;
        };
        let last = columns.with_untracked(|(_, columns)| columns.len().saturating_sub(1));
        let (row, column) = match event.key().as_str() {
            "ArrowRight" => (Some(row), Some(column + 1).filter(|at| *at <= last)),
            "ArrowLeft" => (Some(row), column.checked_sub(1)),
            "ArrowDown" => (Some(row + 1), Some(column)),
            "ArrowUp" => (row.checked_sub(1), Some(column)),
            "Home" => (Some(row), Some(0)),
            "End" => (Some(row), Some(last)),
            "Enter" | "c" | "C" => {
                if let Some(cell) = cell {
                    event.prevent_default();
                    open(&cell);
                }
                return;
            }
            "r" | "R" => {
                if let Some(cell) = cell.filter(|_| !event.repeat()) {
                    remind(client, grid, &cell, reminding, said);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        if let (Some(row), Some(column)) = (row, column) {
            go(row, column);
        }
    };
    let on_focus = move |event: FocusEvent| {
        let (Some(board), Some(cell)) = (scroller.get_untracked(), cell_of(event.target())) else {
            return;
        };
        tab_stop(&board, &cell);
        let place = place_of(&cell, grid);
        held.set(place.and_then(|(row, column)| {
            let id = |grid: &Grid| Some((grid.lines.get(row)?.row.id, column));
            grid.with_untracked(id)
        }));
    };
    let space = move |rows: usize| format!("{}px", rows as f64 * height.get());
    let below = move || count.get() - window.get().end;
    let above = move || window.get().first;
    let devices = move || columns.look(|(_, columns)| columns.len()).to_string();
    view! {
        <div class="Board" node_ref=scroller on:scroll=move |_| step()>
            <table
                role="grid"
                tabindex="-1"
                style:--devices=devices
                aria-label=label
                aria-rowcount=move || count.get() + 2
                aria-colcount=move || columns.look(|(_, columns)| columns.len() + 1)
                on:click=on_click
                on:keydown=on_key
                on:focusin=on_focus
            >
                {live(move || columns.look(|(_, columns)| head(columns, across.get())))}
                <tbody role="rowgroup">
                    <tr aria-hidden="true" style:height=move || space(above())></tr>
                    {each(move || ids.get(), move |(id, _): (EntryId, u64)| view! { <Row id grid across/> }.into_any())}
                    <tr aria-hidden="true" style:height=move || space(below())></tr>
                </tbody>
            </table>
        </div>
        <p role="status">{live(move || said.get())}</p>
    }
}

/// Takes the size of what is drawn, where something is.
fn measure(board: &Element, of: &str, size: fn(&HtmlElement) -> i32, known: RwSignal<f64>) {
    let Ok(Some(drawn)) = board.query_selector(of) else {
        return;
    };
    let now = f64::from(size(drawn.unchecked_ref()));
    if now > 0.0 && now != known.get_untracked() {
        known.set(now);
    }
}

fn head(columns: &[Column], shown: Window) -> impl IntoView + use<> {
    let groups = columns.iter().enumerate();
    let groups = groups.filter(|(_, column)| column.first);
    let groups = groups.map(|(at, column)| {
        view! {
            <th role="columnheader" style:grid-column=format!("span {}", column.group) data-first=column.parts(at).then_some("")>
                {column.service.clone()}
            </th>
        }
    });
    let devices = columns.iter().enumerate().take(shown.end).skip(shown.first);
    let devices = devices.map(|(at, column)| {
        let place = at + 2;
        view! {
            <th
                role="columnheader"
                aria-colindex=place
                style:grid-column=place.to_string()
                data-first=column.parts(at).then_some("")
            >
                <abbr title=column.screen.label.clone()>{column.screen.short.clone()}</abbr>
                <small>{column.screen.whose.clone()}</small>
            </th>
        }
    });
    view! {
        <thead role="rowgroup">
            <tr role="row">
                <th role="columnheader">"Change"</th>
                {groups.collect_view()}
            </tr>
            <tr role="row" data-devices="">
                <td aria-hidden="true"></td>
                {devices.collect_view()}
            </tr>
        </thead>
    }
}

/// The cell that an event is in.
fn cell_of(target: Option<web_sys::EventTarget>) -> Option<Element> {
    let element: Element = target?.dyn_into().ok()?;
    element.closest("td[data-column]").ok().flatten()
}

/// The update and device of a cell that is asked about.
fn addressed(cell: &Element, grid: Signal<Grid>) -> Option<(EntryId, Screen)> {
    let update: EntryId = cell
        .parent_element()?
        .get_attribute("data-update")?
        .parse()
        .ok()?;
    let column: usize = cell.get_attribute("data-column")?.parse().ok()?;
    grid.with_untracked(|grid| {
        grid.line(update)?.cell(column)?;
        Some((update, grid.columns.get(column)?.screen.screen))
    })
}

/// The row of a cell by its place in the grid, and the column.
fn place_of(cell: &Element, grid: Signal<Grid>) -> Option<(usize, usize)> {
    let row = cell.parent_element()?.get_attribute("data-update")?;
    let update: EntryId = row.parse().ok()?;
    let column = cell.get_attribute("data-column")?.parse().ok()?;
    let place = |grid: &Grid| grid.lines.iter().position(|line| line.row.id == update);
    Some((grid.with_untracked(place)?, column))
}

/// Takes the focus to a cell, now or in one of the next frames, once it is drawn.
fn focus_drawn(board: Element, cell: String, frames: usize) {
    match board.query_selector(&cell) {
        Ok(Some(cell)) => {
            let _ = cell.unchecked_into::<HtmlElement>().focus();
        }
        _ if frames > 0 => request_animation_frame(move || focus_drawn(board, cell, frames - 1)),
        _ => {}
    }
}

/// Makes a cell the grid's one stop of the Tab key.
fn tab_stop(board: &Element, cell: &Element) {
    let was = board.query_selector("td[tabindex=\"0\"]").ok().flatten();
    if let Some(was) = was {
        let _ = was.set_attribute("tabindex", "-1");
    }
    let _ = cell.set_attribute("tabindex", "0");
}

/// The grid is one stop of the Tab key, whichever rows are drawn.
fn one_tab_stop(board: &Element) {
    let found = |selector: &str| board.query_selector(selector).ok().flatten();
    if found("td[tabindex=\"0\"]").is_none()
        && let Some(first) = found("td[data-column]")
    {
        tab_stop(board, &first);
    }
}

/// Asks the device of a cell again, where that is this person's to do; how it went is `said`.
fn remind(
    client: Client,
    grid: Signal<Grid>,
    cell: &Element,
    busy: RwSignal<bool>,
    said: RwSignal<String>,
) {
    let Some((update, screen)) = addressed(cell, grid) else {
        return;
    };
    let found = grid.with_untracked(|grid| {
        let device = grid.columns.iter().find(|it| it.screen.screen == screen)?;
        Some((grid.line(update)?.service, device.screen.label.clone()))
    });
    let Some((service, label)) = found else {
        return;
    };
    if busy.get_untracked() || !client.read(|ledger| ledger.chases(service)) {
        return;
    }
    let body = Body::reminder(update, screen);
    said.set(String::new());
    say(client, service, body, busy, move |saved| {
        said.try_set(match saved {
            Ok(()) => format!("Reminder saved for {label}."),
            Err(why) => format!("No reminder for {label}. {why}"),
        });
    });
}
