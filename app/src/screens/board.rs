//! The visibility board: which device shows which change. A grid from tablet up, a list of what to chase on a phone.

use super::{
    passing_on::{PassOn, PassingOn},
    say::{is_held, say},
    warnings::EarlyWarnings,
};
use crate::browser;
use crate::lean::{Show, attr, each, live};
use crate::signal::{RwSignal, Signal, memo};
use crate::{
    client::{Client, use_client},
    components::{
        action::{Button, Weight},
        change::{Marked, Side},
        choice::{Answer, Choice, chosen, on_choose},
        frame::Frame,
        icon::{Icon, SmallIcon, Symbol, Tone},
        list::LinkRow,
        message::{Banner, Blank, StatusChip},
        sheet::Sheet,
    },
    places::Place,
};
use holdfast_domain::{
    body::{Body, Confirmation, HandOver, Method, Screen, Shows},
    difference::Piece,
    encoding::Millis,
    ids::{EntryId, ServiceId},
    ledger::{BoardPart, BoardRow, Cell, CellState, ScreenView, Standing, ToChase},
    words,
};
use leptos::{
    html::{Div, Tr},
    prelude::*,
};
use std::{
    cell::Cell as Flag,
    hash::{DefaultHasher, Hash, Hasher},
    rc::Rc,
    sync::Arc,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusEvent, HtmlElement, KeyboardEvent, MouseEvent};

/// Rows drawn above and below those in view.
const SPARE: usize = 6;
/// How many rows come with one frame.
const STEP: usize = 1;
/// How high a row is before one was measured, in pixels.
const ROW: f64 = 56.0;
/// How wide a column is, likewise: it grows with the browser's text. And how many come and go together.
const COLUMN: f64 = 52.0;
const TOGETHER: usize = 4;
/// Within how many frames a cell that is scrolled to is drawn.
const FRAMES: usize = 10;
/// How many changes a phone shows before it is asked for more, and how many closed ones are listed.
const SHOWN: usize = 20;
/// How many of a change's devices to chase a phone shows before it is asked for all.
const FIRST: usize = 5;
/// How many changes and devices, taken together, come with one frame on a phone.
const PIECES: usize = 2;

/// A device's column.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Column {
    screen: ScreenView,
    service: String,
    /// It begins its service's group.
    first: bool,
    /// How many columns the group has.
    group: usize,
}

/// A change's row, and where its service's columns begin.
#[derive(Clone, PartialEq)]
struct Line {
    service: ServiceId,
    start: usize,
    row: Arc<BoardRow>,
}

impl Line {
    /// What is known of the device of a column; none where it need not show the change.
    fn cell(&self, column: usize) -> Option<&Cell> {
        self.row
            .cells
            .get(column.checked_sub(self.start)?)?
            .as_ref()
    }
}

/// The columns and rows that stand on the board as it is filtered.
#[derive(Clone, PartialEq, Default)]
struct Grid {
    columns: Arc<Vec<Column>>,
    lines: Vec<Line>,
}

impl Grid {
    fn of(parts: &[BoardPart], service: Option<ServiceId>, chase: bool) -> Grid {
        let mut columns = Vec::new();
        let mut lines = Vec::new();
        for part in
            of_service(parts, service).filter(|part| service.is_some() || !part.rows.is_empty())
        {
            let start = columns.len();
            let devices = part.screens.iter().enumerate().map(|(at, screen)| Column {
                screen: screen.clone(),
                service: part.name.clone(),
                first: at == 0,
                group: part.screens.len(),
            });
            columns.extend(devices);
            let rows = part.rows.iter();
            let rows = rows.filter(|row| !chase || row.coverage.to_chase > 0);
            lines.extend(rows.map(|row| Line {
                service: part.service,
                start,
                row: Arc::clone(row),
            }));
        }
        Grid {
            columns: Arc::new(columns),
            lines,
        }
    }

    fn line(&self, id: EntryId) -> Option<&Line> {
        self.lines.iter().find(|line| line.row.id == id)
    }
}

/// The parts of one service, or of all.
fn of_service(parts: &[BoardPart], service: Option<ServiceId>) -> impl Iterator<Item = &BoardPart> {
    parts
        .iter()
        .filter(move |part| service.is_none_or(|service| part.service == service))
}

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
                of_service(parts, shown)
                    .flat_map(|part| &part.closed)
                    .take(SHOWN)
                    .map(|update| {
                        let what = match update.standing {
                            Standing::Withdrawn { .. } => "Withdrawn",
                            _ => "Replaced",
                        };
                        let line = format!("{what} · {}", words::when(update.at, now));
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

/// What the marks mean.
#[component]
fn Legend() -> impl IntoView {
    let mark = |state: &'static str, mark: &'static str, words: &'static str| {
        view! {
            <li>
                <span class="Cell" data-s=state aria-hidden="true">{mark}</span>
                {words}
            </li>
        }
    };
    view! {
        <ul class="Legend" aria-label="What the marks mean">
            {mark("held", "✓", "Shows it")}
            {mark("act", "≠", "Shows something else")}
            {mark("late", "×", "Could not open it")}
            {mark("late", "!5h", "No answer, late")}
            {mark("wait", "3h", "No answer yet")}
            {mark("clash", "?!", "Answers disagree")}
            <li>"“own” is somebody’s own phone"</li>
        </ul>
    }
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

/// The rows from `first` on and before `end`, by their place in the grid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
struct Window {
    first: usize,
    end: usize,
}

impl Window {
    /// What stands in view of so many rows, with some to spare on both sides.
    fn at(top: f64, height: f64, row: f64, count: usize) -> Window {
        let above = (top.max(0.0) / row) as usize;
        let shown = (height / row).ceil() as usize + 1;
        Window {
            first: above.saturating_sub(SPARE).min(count),
            end: (above + shown + SPARE).min(count),
        }
    }

    /// The columns that stand in view, in steps of a few, with as many to spare on both sides.
    fn across(left: f64, width: f64, column: f64, count: usize) -> Window {
        let before = (left.max(0.0) / column) as usize / TOGETHER;
        let shown = (width / column).ceil() as usize / TOGETHER + 1;
        Window {
            first: (before.saturating_sub(1) * TOGETHER).min(count),
            end: ((before + shown + 1) * TOGETHER).min(count),
        }
    }

    /// A step nearer to what is wanted: what is wanted no more goes, and a few rows come, the first of them at `view`.
    fn nearer(self, wanted: Window, view: usize) -> Window {
        let mut next = Window {
            first: self.first.max(wanted.first),
            end: self.end.min(wanted.end),
        };
        if next.first >= next.end {
            let view = view.clamp(wanted.first, wanted.end);
            next = Window {
                first: view,
                end: view,
            };
        }
        let below = STEP.min(wanted.end - next.end);
        next.end += below;
        next.first -= (STEP - below).min(next.first - wanted.first);
        next
    }
}

/// Changes down, devices across. Only the rows in view are drawn, a few with each frame.
#[component]
fn Table(grid: Signal<Grid>, target: Target) -> impl IntoView {
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
            measure(&board, "thead tr + tr th", HtmlElement::offset_width, wide);
            let columns = columns.with_untracked(|(_, columns)| columns.len());
            let shown = Window::across(
                f64::from(board.scroll_left()),
                f64::from(board.client_width()),
                wide.get_untracked(),
                columns,
            );
            if across.get_untracked() != shown {
                across.set(shown);
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
    let groups = columns.iter().filter(|column| column.first).map(|column| {
        view! {
            <th role="columnheader" style:grid-column=format!("span {}", column.group) data-first="">
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
                data-first=column.first.then_some("")
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
            <tr role="row">
                <td aria-hidden="true"></td>
                {devices.collect_view()}
            </tr>
        </thead>
    }
}

/// What a cell shows; equal ones are not drawn again.
#[derive(Clone, PartialEq, Eq)]
struct Drawn {
    mark: String,
    look: &'static str,
    label: String,
}

impl Drawn {
    fn of(cell: Option<&Cell>, screen: &ScreenView, now: Millis) -> Drawn {
        let Some(cell) = cell else {
            return Drawn {
                mark: String::new(),
                look: "",
                label: format!("need not show it, {}", screen.label),
            };
        };
        let mark = cell.mark(now);
        Drawn {
            label: format!("{mark}, {}, {}", cell.state.label(), screen.label),
            look: look(cell.state),
            mark,
        }
    }

    /// Makes a cell look so.
    fn put(&self, cell: &Element) {
        let _ = cell.set_attribute("aria-label", &self.label);
        if let Some(mark) = cell.first_element_child() {
            let _ = mark.set_attribute("data-s", self.look);
            mark.set_text_content(Some(&self.mark));
        }
    }

    /// The cell of a column, which looks so.
    fn cell(&self, at: usize, first: bool) -> Option<Element> {
        let cell = document().create_element("td").ok()?;
        let mark = document().create_element("span").ok()?;
        cell.append_child(&mark).ok()?;
        // The heading stands in the grid's first column, and they count from one.
        let place = (at + 2).to_string();
        for (name, value) in [
            ("role", "gridcell"),
            ("tabindex", "-1"),
            ("aria-colindex", &place),
            ("data-column", &at.to_string()),
        ] {
            let _ = cell.set_attribute(name, value);
        }
        // A style attribute is not heeded here: the page's policy takes styles from the style sheets alone.
        let style = cell.unchecked_ref::<HtmlElement>().style();
        let _ = style.set_property("grid-column", &place);
        if first {
            let _ = cell.set_attribute("data-first", "");
        }
        self.put(&cell);
        Some(cell)
    }
}

/// One change's row. Its cells, of which there are thousands, carry no signals of their own: the row makes those in
/// view, and puts right those that differ.
#[component]
fn Row(id: EntryId, grid: Signal<Grid>, across: RwSignal<Window>) -> impl IntoView {
    let client = use_client();
    let columns = grid.with_untracked(|grid| Arc::clone(&grid.columns));
    let line = memo(move || grid.look(|grid| grid.line(id).cloned()));
    let header = memo(move || {
        let now = client.now().get();
        line.look(|line| {
            let row = &line.as_ref()?.row;
            let line = format!(
                "{} · {} · {}",
                row.support_task,
                row.urgency.label().to_lowercase(),
                words::short_old(now - row.at)
            );
            let covered = format!("{} of {}", row.coverage.shows, row.coverage.of);
            Some((row.person.clone(), covered, line))
        })
    });
    let person = move || header.get().map(|it| it.0);
    let covered = move || header.get().map(|it| it.1);
    let words = move || header.get().map(|it| it.2);
    let row = NodeRef::<Tr>::new();
    let cells: Vec<Option<(Element, Drawn)>> = columns.iter().map(|_| None).collect();
    let cells = StoredValue::new_local(cells);
    Effect::new(move |_| {
        let (now, shown, line) = (client.now().get(), across.get(), line.get());
        let Some(row) = row.get() else { return };
        let held = document().active_element();
        cells.update_value(|cells| {
            // From the end, so that what comes after a new cell is there already.
            let mut after: Option<Element> = None;
            for (at, (cell, column)) in cells.iter_mut().zip(columns.iter()).enumerate().rev() {
                if at < shown.first || at >= shown.end {
                    // The one that has the focus stays.
                    if let Some((gone, _)) = cell.take_if(|(it, _)| held.as_ref() != Some(it)) {
                        gone.remove();
                    }
                } else {
                    let state = line.as_ref().and_then(|line| line.cell(at));
                    let drawn = Drawn::of(state, &column.screen, now);
                    match cell {
                        Some((place, was)) if *was != drawn => {
                            drawn.put(place);
                            *was = drawn;
                        }
                        Some(_) => {}
                        None => {
                            if let Some(place) = drawn.cell(at, column.first) {
                                let _ = row.insert_before(&place, after.as_deref());
                                *cell = Some((place, drawn));
                            }
                        }
                    }
                }
                if let Some((place, _)) = cell {
                    after = Some(place.clone());
                }
            }
        });
    });
    view! {
        <tr role="row" node_ref=row data-update=id.to_string()>
            <th role="rowheader">
                <span>
                    <a tabindex="-1" href=Place::Update(id).path()>
                        <b dir="auto">{live(person)}</b>
                    </a>
                    <b>{live(covered)}</b>
                    <small>{live(words)}</small>
                </span>
            </th>
        </tr>
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
fn Lists(grid: Signal<Grid>, target: Target) -> impl IntoView {
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
    fn of(cell: &Cell, screen: &ScreenView, now: Millis) -> Device {
        let state = if cell.state == CellState::Late {
            format!("silent {}", words::age(now - cell.asked))
        } else {
            cell.state.label().to_owned()
        };
        Device {
            screen: screen.screen,
            label: screen.label.clone(),
            line: format!("{} · {state}", screen.holder_name),
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
        let (now, most) = (
            client.now().get(),
            if all.get() { usize::MAX } else { first.get() },
        );
        let columns = grid.look(|grid| Arc::clone(&grid.columns));
        line.look(|line| {
            let Some(line) = line else { return Vec::new() };
            let cells = columns.iter().enumerate();
            let cells = cells.filter_map(|(at, column)| Some((line.cell(at)?, &column.screen)));
            let (chase, rest): (Vec<_>, Vec<_>) =
                cells.partition(|(cell, _)| cell.state.to_chase());
            let devices = chase.into_iter().chain(rest).take(most);
            let devices = devices.map(|(cell, screen)| Device::of(cell, screen, now));
            devices.collect::<Vec<_>>()
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

/// What the sheet of a cell shows.
#[derive(Clone, PartialEq, Default)]
struct Detail {
    service: Option<ServiceId>,
    label: String,
    line: String,
    pieces: Vec<Piece>,
    person: String,
    first_name: String,
    reminded: Option<String>,
    chases: bool,
}

/// One device and one change: what is known, an answer after looking at it, or a reminder.
#[component]
fn CellSheet(
    update: EntryId,
    screen: Screen,
    target: Target,
    method: RwSignal<Option<Method>>,
    parts: Signal<Vec<BoardPart>>,
) -> impl IntoView {
    let client = use_client();
    let open = RwSignal::new(true);
    Effect::new(move |_| {
        if !open.get() {
            target.set(None);
        }
    });
    let detail = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            let it = ledger.update(update)?;
            let (place, cell) = parts.look(|parts| {
                let part = parts.iter().find(|part| part.service == it.service)?;
                let at = part
                    .screens
                    .iter()
                    .position(|place| place.screen == screen)?;
                let cell = part.rows.iter().find(|row| row.id == update)?.cells[at]?;
                Some((part.screens[at].clone(), cell))
            })?;
            Some(Detail {
                service: Some(it.service),
                label: place.label.clone(),
                line: format!("{} · {}", place.holder_name, cell.words(ledger, now)),
                pieces: it.difference().after,
                person: it.title(ledger),
                first_name: match place.holder {
                    Some(_) => place
                        .holder_name
                        .split_whitespace()
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                    None => "this device".to_owned(),
                },
                reminded: ledger.reminder_line(update, &place, now),
                chases: ledger.chases(it.service),
            })
        })
    });
    // The controls are drawn once: what is said beside them changes, and they keep the focus.
    let known = Signal::derive(move || detail.get().unwrap_or_default());
    let pieces = memo(move || known.get().pieces);
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let save = move |body: Body, closes: bool| {
        let Some(service) = detail.with_untracked(|it| it.as_ref()?.service) else {
            return;
        };
        if busy.get_untracked() {
            return;
        }
        say(client, service, body, busy, move |said| match said {
            Ok(()) if closes => open.try_set(false),
            Ok(()) => {}
            Err(why) => trouble.try_set(Some(why)),
        });
    };
    let fault = RwSignal::new(None::<String>);
    let answer = move |answer: Shows| {
        // How it was checked is said, never assumed.
        let Some(method) = method.get_untracked() else {
            fault.set(Some("Pick how you checked.".into()));
            browser::focus("method");
            return;
        };
        let body = Body::confirmation(Confirmation {
            update,
            device: screen,
            answer,
            method,
        });
        save(body, true);
    };
    let title =
        detail.with_untracked(|it| it.as_ref().map_or(String::new(), |it| it.label.clone()));
    view! {
        <Sheet open title>
            <Show when=move || detail.look(Option::is_some)>
                <p>
                    <small dir="auto">{live(move || known.get().line)}</small>
                </p>
                <p>
                    <b dir="auto">{live(move || known.get().person)}</b>
                </p>
                {live(move || view! { <Marked pieces=pieces.get() side=Side::After/> })}
                <p>
                    <a href=Place::Update(update).path()>"Read the whole change"</a>
                </p>
                {live(move || trouble.get().map(|why| view! {
                    <Banner tone=Tone::Act symbol=Symbol::Warn>
                        <p>{why}</p>
                    </Banner>
                }))}
                <Show when=move || known.get().chases>
                    <Choice
                        id="method"
                        legend="How did you check?"
                        fault=fault
                        answers=Method::BY_HAND.map(|it| Answer::new(it, it.label())).to_vec()
                        chosen=chosen(move || method.get())
                        on_choose=on_choose(move |chosen: Method, _| {
                            fault.set(None);
                            method.set(Some(chosen));
                        })
                    />
                    <div class="Actions">
                        <Button symbol=Symbol::Tick busy=busy on_press=move |()| answer(Shows::New)>
                            "It shows the change"
                        </Button>
                        <Button symbol=Symbol::Mismatch busy=busy on_press=move |()| answer(Shows::SomethingElse)>
                            "It shows something else"
                        </Button>
                        <Button
                            weight=Weight::Quiet
                            symbol=Symbol::Bell
                            busy=busy
                            on_press=move |()| save(Body::reminder(update, screen), false)
                        >
                            {live(move || format!("Remind {}", known.get().first_name))}
                        </Button>
                    </div>
                </Show>
                <p role="status">
                    <small>{live(move || known.get().reminded)}</small>
                </p>
            </Show>
        </Sheet>
    }
}

/// To whom, and what else to know.
#[component]
fn HandingOver(
    grid: Signal<Grid>,
    service: Signal<Option<ServiceId>>,
    handing: RwSignal<bool>,
) -> impl IntoView {
    let client = use_client();
    // Made anew each time the sheet opens: one service's note is no other's.
    let of = service.get_untracked().map(|id| id.to_string());
    let on = PassingOn::new(
        "hand-over-note",
        &format!("hand-over.{}", of.unwrap_or_default()),
    );
    let colleagues = Signal::derive(move || {
        let chase = |service| client.read(|ledger| ledger.who_chase(service));
        service.get().map(chase).unwrap_or_default()
    });
    let save = move |()| {
        let (Some((to, note)), Some(service)) = (on.picked(), service.get_untracked()) else {
            return;
        };
        let updates: Vec<EntryId> = grid.with_untracked(|grid| {
            let lines = grid
                .lines
                .iter()
                .filter(|line| line.service == service && line.row.coverage.to_chase > 0);
            lines.map(|line| line.row.id).collect()
        });
        let bodies = HandOver::bodies(to, &updates, &note);
        if is_held(&bodies[0], on.id, on.note_fault, "Keep it to") {
            return;
        }
        let bodies = bodies.into_iter().map(|body| (service, body)).collect();
        on.say(bodies, move || {
            handing.try_set(false);
        });
    };
    view! {
        <p>"What is to be chased shows first on their home, with your name."</p>
        <PassOn on id="hand-over-to" people=colleagues label="Hand over" on_press=save/>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_drawn_are_those_in_view_and_some_to_spare() {
        assert_eq!(Window::at(0.0, 560.0, 56.0, 200).first, 0);
        let far = Window::at(5_600.0, 560.0, 56.0, 200);
        assert_eq!((far.first, far.end), (100 - SPARE, 111 + SPARE));
        assert_eq!(Window::at(5_600.0, 560.0, 56.0, 104).end, 104);
    }

    #[test]
    fn the_columns_drawn_are_those_in_view_and_some_to_spare() {
        let across = |left, width, count| Window::across(left, width, 52.0, count);
        assert_eq!(across(0.0, 520.0, 60), Window { first: 0, end: 16 });
        assert_eq!(across(1_040.0, 520.0, 60), Window { first: 16, end: 36 });
        assert_eq!(across(2_600.0, 520.0, 60).end, 60);
        assert_eq!(across(0.0, 520.0, 3), Window { first: 0, end: 3 });
        // Text at twice its size.
        let twice = Window::across(2_080.0, 1_040.0, 104.0, 60);
        assert_eq!(twice, across(1_040.0, 520.0, 60));
    }

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

    #[test]
    fn rows_come_a_few_at_a_time_without_a_gap_and_those_in_view_first() {
        let wanted = Window {
            first: 94,
            end: 117,
        };
        let mut window = Window { first: 0, end: 17 };
        window = window.nearer(wanted, 100);
        assert_eq!(
            window,
            Window {
                first: 100,
                end: 100 + STEP
            }
        );
        for _ in 0..40 {
            let next = window.nearer(wanted, 100);
            assert!(next.first <= window.first && next.end >= window.end);
            assert!(window.first - next.first + next.end - window.end <= STEP);
            window = next;
        }
        assert_eq!(window, wanted);
        // A row further on, all but one of them stay.
        let on = Window {
            first: 95,
            end: 118,
        };
        assert_eq!(window.nearer(on, 101), on);
    }
}
