//! The visibility board: which device shows which change. A grid from tablet up, a list of what to chase on a phone.

use super::{
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
        field::TextArea,
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
    form::TEXT,
    ids::{EntryId, ServiceId, UserId},
    ledger::{BoardPart, BoardRow, Cell, CellState, ScreenView, Standing, ToChase},
    words,
};
use leptos::{html::Div, prelude::*, task::spawn_local};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, MouseEvent};

/// Rows drawn above and below those in view.
const SPARE: usize = 6;
/// How high a row is before one was measured, in pixels.
const ROW: f64 = 56.0;
/// How many changes with something to chase, and how many others, a phone shows before it is asked for more.
const SHOWN: usize = 20;

/// A device's column.
#[derive(Clone, PartialEq, Eq)]
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
    row: BoardRow,
}

/// The columns and rows that stand on the board as it is filtered.
#[derive(Clone, PartialEq, Default)]
struct Grid {
    columns: Vec<Column>,
    lines: Vec<Line>,
}

impl Grid {
    fn of(parts: &[BoardPart], service: Option<ServiceId>, chase: bool) -> Grid {
        let mut grid = Grid::default();
        let parts = parts
            .iter()
            .filter(|part| service.is_none_or(|service| part.service == service));
        for part in parts.filter(|part| service.is_some() || !part.rows.is_empty()) {
            let start = grid.columns.len();
            let columns = part.screens.iter().enumerate().map(|(at, screen)| Column {
                screen: screen.clone(),
                service: part.name.clone(),
                first: at == 0,
                group: part.screens.len(),
            });
            grid.columns.extend(columns);
            let rows = part.rows.iter();
            let rows = rows.filter(|row| !chase || row.coverage.to_chase > 0);
            grid.lines.extend(rows.map(|row| Line {
                service: part.service,
                start,
                row: row.clone(),
            }));
        }
        grid
    }

    fn line(&self, id: EntryId) -> Option<&Line> {
        self.lines.iter().find(|line| line.row.id == id)
    }
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
    let service = memo(move || {
        picked.get().unwrap_or_else(|| {
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
    let chase = RwSignal::new(false);
    let grid = memo(move || parts.look(|parts| Grid::of(parts, service.get(), chase.get())));
    let sum = memo(move || {
        let all = parts.look(|parts| Grid::of(parts, service.get(), false));
        let sum = ToChase::of(all.lines.iter().map(|line| &line.row));
        (sum.title(), sum.line())
    });
    let target: Target = RwSignal::new(None);
    let method = RwSignal::new(None::<Method>);
    let handing = RwSignal::new(false);
    let closed = memo(move || {
        let now = client.now().get();
        let shown = service.get();
        client.read(|ledger| {
            parts.look(|parts| {
                let parts = parts
                    .iter()
                    .filter(|part| shown.is_none_or(|shown| part.service == shown));
                parts
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
                let parts = parts
                    .iter()
                    .filter(|part| shown.is_none_or(|shown| part.service == shown));
                parts
                    .flat_map(|part| &part.apart)
                    .map(|it| (it.label.clone(), it.words(ledger, now)))
                    .collect::<Vec<_>>()
            })
        })
    });
    let nothing = move || parts.look(|parts| parts.iter().all(|part| part.rows.is_empty()));
    let chases = memo(move || {
        client
            .read(|ledger| parts.look(|parts| parts.iter().any(|part| ledger.chases(part.service))))
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
                    class="Button"
                    data-small=""
                    data-only="wide"
                    aria-pressed=attr(move || if chase.get() { "true" } else { "false" })
                    on:click=move |_| chase.update(|chase| *chase = !*chase)
                >
                    "To chase"
                </button>
                <Show when=move || chases.get()>
                    <button type="button" class="Button" data-small="" on:click=move |_| handing.set(true)>
                        <Icon symbol=Symbol::People/>
                        "Hand over"
                    </button>
                </Show>
            </div>
            <EarlyWarnings views=warnings/>
            <Show when=nothing>
                <Blank symbol=Symbol::Eye>
                    <h2>"No changes to show yet"</h2>
                    <p>"When an instruction changes, every device that must show it stands here until it does."</p>
                </Blank>
            </Show>
            <Show when=move || !nothing()>
                <div data-only="wide">
                    <Table grid target/>
                    <Legend/>
                    <p>
                        <small>"Arrow keys move, Enter opens, C confirms a device you have looked at, R reminds."</small>
                    </p>
                </div>
                <div data-only="phone">
                    <Lists grid target/>
                </div>
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
                <HandingOver grid handing/>
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

/// The rows from `first` on that are drawn.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Window {
    first: usize,
    count: usize,
}

impl Window {
    /// What stands in view, in steps of two rows, with some to spare on both sides.
    fn at(top: f64, height: f64, row: f64) -> Window {
        let above = (top.max(0.0) / row) as usize;
        Window {
            first: above.saturating_sub(SPARE) & !1,
            count: (height / row).ceil() as usize + 2 * SPARE + 2,
        }
    }
}

/// Changes down, devices across. Only the rows in view are drawn.
#[component]
fn Table(grid: Signal<Grid>, target: Target) -> impl IntoView {
    let client = use_client();
    let scroller = NodeRef::<Div>::new();
    let height = RwSignal::new(ROW);
    let window = RwSignal::new(Window::at(0.0, 1_200.0, ROW));
    let shown = memo(move || window.get());
    let columns = memo(move || grid.look(|grid| grid.columns.clone()));
    let count = memo(move || grid.look(|grid| grid.lines.len()));
    let ids = memo(move || {
        let Window { first, count } = shown.get();
        grid.look(|grid| {
            let lines = grid.lines.iter().skip(first).take(count);
            lines.map(|line| line.row.id).collect::<Vec<_>>()
        })
    });
    let measure = move || {
        let Some(board) = scroller.get_untracked() else {
            return;
        };
        if let Some(row) = board
            .query_selector("tbody tr:not([aria-hidden])")
            .ok()
            .flatten()
        {
            let row: HtmlElement = row.unchecked_into();
            if row.offset_height() > 0 {
                height.set(f64::from(row.offset_height()));
            }
        }
        let seen = f64::from(board.client_height());
        window.set(Window::at(
            f64::from(board.scroll_top()),
            seen,
            height.get_untracked(),
        ));
        one_tab_stop(&board);
    };
    Effect::new(move |_| {
        ids.look(|_| ());
        columns.look(|_| ());
        request_animation_frame(measure);
    });
    let label = move || {
        format!(
            "{} by {}",
            words::count(count.get(), "change", "changes"),
            words::count(columns.look(Vec::len), "device", "devices")
        )
    };
    let open = move |cell: &Element| {
        if let Some(found) = addressed(cell, grid) {
            target.set(Some(found));
        }
    };
    let on_click = move |event: MouseEvent| {
        if let Some(cell) = cell_of(event.target()) {
            open(&cell);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let Some(cell) = cell_of(event.target()) else {
            return;
        };
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let next = match event.key().as_str() {
            "ArrowRight" => cell.next_element_sibling(),
            "ArrowLeft" => cell.previous_element_sibling().filter(is_cell),
            "ArrowDown" => beside(&cell, Element::next_element_sibling),
            "ArrowUp" => beside(&cell, Element::previous_element_sibling),
            "Home" => last(&cell, |it| it.previous_element_sibling().filter(is_cell)),
            "End" => last(&cell, Element::next_element_sibling),
            "Enter" | "c" | "C" => {
                event.prevent_default();
                return open(&cell);
            }
            "r" | "R" => {
                if let Some((update, screen)) = addressed(&cell, grid) {
                    remind(client, grid, update, screen);
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        if let Some(next) = next.and_then(|next| next.dyn_into::<HtmlElement>().ok()) {
            let _ = cell.set_attribute("tabindex", "-1");
            let _ = next.set_attribute("tabindex", "0");
            let _ = next.focus();
        }
    };
    let space = move |rows: usize| format!("{}px", rows as f64 * height.get());
    let below = move || {
        count
            .get()
            .saturating_sub(shown.get().first + shown.get().count)
    };
    let above = move || shown.get().first.min(count.get());
    view! {
        <div class="Board" node_ref=scroller on:scroll=move |_| measure()>
            <table
                role="grid"
                aria-label=label
                aria-rowcount=move || count.get() + 2
                on:click=on_click
                on:keydown=on_key
            >
                {live(move || head(&columns.get()))}
                <tbody>
                    <tr aria-hidden="true" hidden=move || above() == 0>
                        <td style:height=move || space(above())></td>
                    </tr>
                    {each(move || ids.get(), move |id: EntryId| view! { <Row id grid columns/> }.into_any())}
                    <tr aria-hidden="true" hidden=move || below() == 0>
                        <td style:height=move || space(below())></td>
                    </tr>
                </tbody>
            </table>
        </div>
    }
}

fn head(columns: &[Column]) -> impl IntoView + use<> {
    let groups = columns.iter().filter(|column| column.first).map(|column| {
        view! {
            <th scope="colgroup" colspan=column.group data-first="">
                {column.service.clone()}
            </th>
        }
    });
    let devices = columns.iter().map(|column| {
        let holder = column.screen.holder_name.split_whitespace().next();
        view! {
            <th scope="col" data-first=column.first.then_some("")>
                <abbr title=column.screen.label.clone()>{column.screen.short.clone()}</abbr>
                <small>{holder.unwrap_or_default().to_owned()}</small>
            </th>
        }
    });
    view! {
        <thead>
            <tr>
                <th rowspan="2" scope="col">"Change"</th>
                {groups.collect_view()}
            </tr>
            <tr>{devices.collect_view()}</tr>
        </thead>
    }
}

/// What a cell shows; equal ones are not drawn again.
#[derive(Clone, PartialEq, Eq, Default)]
struct Drawn {
    mark: String,
    look: &'static str,
    label: String,
}

impl Drawn {
    fn of(cell: &Cell, screen: &ScreenView, now: Millis) -> Drawn {
        let mark = cell.mark(now);
        Drawn {
            label: format!("{mark}, {}, {}", cell.state.label(), screen.label),
            look: look(cell.state),
            mark,
        }
    }
}

#[component]
fn Row(id: EntryId, grid: Signal<Grid>, columns: Signal<Vec<Column>>) -> impl IntoView {
    let client = use_client();
    let drawn = memo(move || {
        let now = client.now().get();
        grid.look(|grid| {
            let mut drawn = vec![None; grid.columns.len()];
            if let Some(line) = grid.line(id) {
                for (at, cell) in line.row.cells.iter().enumerate() {
                    let column = line.start + at;
                    if let (Some(cell), Some(place)) = (cell, drawn.get_mut(column)) {
                        *place = Some(Drawn::of(cell, &grid.columns[column].screen, now));
                    }
                }
            }
            drawn
        })
    });
    let header = memo(move || {
        let now = client.now().get();
        grid.look(|grid| {
            let row = &grid.line(id)?.row;
            let line = format!(
                "{} · {} · {} old",
                row.support_task,
                row.urgency.label().to_lowercase(),
                words::short_age(now - row.at)
            );
            let covered = format!("{} of {}", row.coverage.shows, row.coverage.of);
            Some((row.person.clone(), covered, line))
        })
    });
    let person = move || header.get().map(|it| it.0);
    let covered = move || header.get().map(|it| it.1);
    let line = move || header.get().map(|it| it.2);
    let cells = columns
        .get_untracked()
        .into_iter()
        .enumerate()
        .map(|(at, column)| {
            let of = move || drawn.look(|drawn| drawn.get(at).cloned().flatten());
            let label = move || match of() {
                Some(cell) => cell.label,
                None => format!("need not show it, {}", column.screen.label),
            };
            view! {
                <td
                    data-first=column.first.then_some("")
                    data-column=at.to_string()
                    data-update=id.to_string()
                    tabindex="-1"
                    aria-label=attr(label)
                >
                    <span data-s=attr(move || of().map(|it| it.look))>
                        {live(move || of().map_or(String::new(), |it| it.mark))}
                    </span>
                </td>
            }
        });
    view! {
        <tr>
            <th scope="row">
                <span>
                    <a tabindex="-1" href=Place::Update(id).path()>
                        <b dir="auto">{live(person)}</b>
                    </a>
                    <b>{live(covered)}</b>
                    <small>{live(line)}</small>
                </span>
            </th>
            {cells.collect_view()}
        </tr>
    }
}

fn is_cell(element: &Element) -> bool {
    element.tag_name() == "TD"
}

/// The cell that an event is in.
fn cell_of(target: Option<web_sys::EventTarget>) -> Option<Element> {
    let element: Element = target?.dyn_into().ok()?;
    element.closest("td[data-update]").ok().flatten()
}

/// The update and device of a cell that is asked about.
fn addressed(cell: &Element, grid: Signal<Grid>) -> Option<(EntryId, Screen)> {
    let update: EntryId = cell.get_attribute("data-update")?.parse().ok()?;
    let column: usize = cell.get_attribute("data-column")?.parse().ok()?;
    grid.with_untracked(|grid| {
        let line = grid.line(update)?;
        line.row
            .cells
            .get(column.checked_sub(line.start)?)?
            .as_ref()?;
        Some((update, grid.columns.get(column)?.screen.screen))
    })
}

/// The cell of the same column in the row that `way` leads to.
fn beside(cell: &Element, way: impl Fn(&Element) -> Option<Element>) -> Option<Element> {
    let column = cell.get_attribute("data-column")?;
    let row = way(&cell.parent_element()?)?;
    let selector = format!("td[data-column=\"{column}\"]");
    row.query_selector(&selector).ok().flatten()
}

/// The last element that is reached by going on and on.
fn last(from: &Element, way: impl Fn(&Element) -> Option<Element>) -> Option<Element> {
    let mut at = from.clone();
    while let Some(next) = way(&at) {
        at = next;
    }
    Some(at)
}

/// The grid is one stop of the Tab key, whichever rows are drawn.
fn one_tab_stop(board: &Element) {
    let found = |selector: &str| board.query_selector(selector).ok().flatten();
    if found("td[tabindex=\"0\"]").is_none()
        && let Some(first) = found("td[data-update]")
    {
        let _ = first.set_attribute("tabindex", "0");
    }
}

/// On a phone: what is to be chased by change, then the other changes with how many devices show them.
#[component]
fn Lists(grid: Signal<Grid>, target: Target) -> impl IntoView {
    let client = use_client();
    let shown = RwSignal::new(SHOWN);
    let chase = memo(move || {
        let now = client.now().get();
        grid.look(|grid| {
            let lines = grid
                .lines
                .iter()
                .filter(|line| line.row.coverage.to_chase > 0);
            let lines = lines.take(shown.get());
            lines
                .map(|line| Chase::of(line, &grid.columns, now))
                .collect::<Vec<_>>()
        })
    });
    let others = memo(move || {
        grid.look(|grid| {
            let lines = grid
                .lines
                .iter()
                .filter(|line| line.row.coverage.to_chase == 0);
            lines
                .take(shown.get())
                .map(|line| {
                    let row = &line.row;
                    let title = format!("{}: {}", row.person, row.support_task.to_lowercase());
                    (row.id, title, covered(row))
                })
                .collect::<Vec<_>>()
        })
    });
    let more =
        move || grid.look(|grid| grid.lines.len()) > chase.look(Vec::len) + others.look(Vec::len);
    view! {
        {each(move || chase.get(), move |it: Chase| view! { <ChaseSection it target/> }.into_any())}
        <Show when=move || others.look(|others| !others.is_empty())>
            <section class="Section" aria-labelledby="others">
                <header>
                    <h2 id="others">"Nothing to chase"</h2>
                </header>
                <ul class="List">
                    {each(move || others.get(), |(id, title, line): (EntryId, String, String)| view! {
                        <LinkRow href=Place::Update(id).path() label=title detail=line/>
                    }.into_any())}
                </ul>
            </section>
        </Show>
        <Show when=more>
            <button type="button" class="Button" data-wide="" on:click=move |_| shown.update(|shown| *shown += SHOWN)>
                "Show more"
            </button>
        </Show>
    }
}

fn covered(row: &BoardRow) -> String {
    format!(
        "{} of {} show it",
        row.coverage.shows,
        words::count(row.coverage.of, "device", "devices")
    )
}

/// One change with the devices to chase.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Chase {
    id: EntryId,
    title: String,
    line: String,
    chip: String,
    cells: Vec<(Screen, String, String, String, &'static str)>,
}

impl Chase {
    fn of(line: &Line, columns: &[Column], now: Millis) -> Chase {
        let row = &line.row;
        let cells = row.cells.iter().enumerate().filter_map(|(at, cell)| {
            let cell = cell.as_ref().filter(|cell| cell.state.to_chase())?;
            let screen = &columns.get(line.start + at)?.screen;
            let state = if cell.state == CellState::Late {
                format!("silent {}", words::age(now - cell.asked))
            } else {
                cell.state.label().to_owned()
            };
            let line = format!("{} · {state}", screen.holder_name);
            Some((
                screen.screen,
                screen.label.clone(),
                line,
                cell.mark(now),
                look(cell.state),
            ))
        });
        Chase {
            id: row.id,
            title: format!("{}: {}", row.person, row.support_task.to_lowercase()),
            line: format!("{} · {}", row.urgency.label(), covered(row)),
            chip: format!("{} to chase", row.coverage.to_chase),
            cells: cells.collect(),
        }
    }
}

#[component]
fn ChaseSection(it: Chase, target: Target) -> impl IntoView {
    let id = it.id;
    let heading = format!("chase-{id}");
    let rows = it.cells.into_iter().map(|(screen, label, line, mark, look)| {
        view! {
            <li>
                <button type="button" class="ListRow" on:click=move |_| target.set(Some((id, screen)))>
                    <span class="Cell" data-s=look aria-hidden="true">{mark}</span>
                    <span>
                        <b>{label}</b>
                        <small dir="auto">{line}</small>
                    </span>
                    <SmallIcon symbol=Symbol::Next/>
                </button>
            </li>
        }
    });
    view! {
        <section class="Section" aria-labelledby=heading>
            <header>
                <h2 id=format!("chase-{id}") dir="auto">{it.title}</h2>
                <StatusChip tone=Tone::Act symbol=Symbol::Clock label=it.chip/>
            </header>
            <p>
                <small>{it.line}</small>
                " "
                <a href=Place::Update(id).path()>"Read the change"</a>
            </p>
            <ul class="List">{rows.collect_view()}</ul>
        </section>
    }
}

/// Asks a device again; once it is saved the board says so.
fn remind(client: Client, grid: Signal<Grid>, update: EntryId, screen: Screen) {
    let service = grid.with_untracked(|grid| grid.line(update).map(|line| line.service));
    let Some(service) = service else { return };
    spawn_local(async move {
        let body = Body::reminder(update, screen);
        if let Err(failure) = client
            .save(service, client.new_entry_id(), body, None)
            .await
        {
            leptos::logging::warn!("not reminded: {failure}");
        }
    });
}

/// What the sheet of a cell shows.
#[derive(Clone, PartialEq)]
struct Detail {
    service: ServiceId,
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
                service: it.service,
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
                reminded: cell.reminded.map(|at| {
                    format!(
                        "Reminded {}. It shows on the phone at its next contact.",
                        words::when_after(at, now)
                    )
                }),
                chases: ledger.chases(it.service),
            })
        })
    });
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let save = move |body: Body, closes: bool| {
        let Some(service) = detail.with_untracked(|it| it.as_ref().map(|it| it.service)) else {
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
            {live(move || detail.get().map(|it| {
                let methods: Vec<Answer> =
                    Method::BY_HAND.into_iter().map(|it| Answer::new(it, it.label())).collect();
                view! {
                    <p>
                        <small dir="auto">{it.line}</small>
                    </p>
                    <p>
                        <b dir="auto">{it.person}</b>
                    </p>
                    <Marked pieces=it.pieces side=Side::After/>
                    <p>
                        <a href=Place::Update(update).path()>"Read the whole change"</a>
                    </p>
                    {live(move || trouble.get().map(|why| view! {
                        <Banner tone=Tone::Act symbol=Symbol::Warn>
                            <p>{why}</p>
                        </Banner>
                    }))}
                    {it.chases.then(|| view! {
                        <Choice
                            id="method"
                            legend="How did you check?"
                            fault=fault
                            answers=methods
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
                                {format!("Remind {}", it.first_name)}
                            </Button>
                        </div>
                    })}
                    {it.reminded.map(|words| view! { <p role="status"><small>{words}</small></p> })}
                }
            }))}
        </Sheet>
    }
}

/// To whom, and what else to know.
#[component]
fn HandingOver(grid: Signal<Grid>, handing: RwSignal<bool>) -> impl IntoView {
    const NOTE: &str = "hand-over-note";
    let client = use_client();
    let to = RwSignal::new(None::<UserId>);
    let note = RwSignal::new(String::new());
    let note_fault = RwSignal::new(None::<String>);
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let service = move || {
        let first = grid.with_untracked(|grid| grid.lines.first().map(|line| line.service));
        first.or_else(|| client.my_services().first().copied())
    };
    let colleagues = Signal::derive(move || {
        let Some(service) = service() else {
            return Vec::new();
        };
        client.read(|ledger| {
            ledger
                .who_chase(service)
                .into_iter()
                .map(|(user, name, roles)| Answer::new(user, name).hint(roles))
                .collect()
        })
    });
    let save = move || {
        let (Some(to), Some(service)) = (to.get_untracked(), service()) else {
            return fault.set(Some("Pick who takes it on.".into()));
        };
        let updates = grid.with_untracked(|grid| {
            let lines = grid
                .lines
                .iter()
                .filter(|line| line.row.coverage.to_chase > 0);
            lines.map(|line| line.row.id).take(500).collect()
        });
        let over = HandOver {
            to,
            updates,
            note: note.get_untracked().trim().to_owned(),
        };
        let body = Body::new(holdfast_domain::body::Data::HandOver(over));
        if is_held(&body, NOTE, note_fault, "Keep it to") {
            return;
        }
        say(client, service, body, busy, move |said| match said {
            Ok(()) => handing.try_set(false),
            Err(why) => fault.try_set(Some(why)),
        });
    };
    view! {
        <p>"What is to be chased shows first on their home, with your name."</p>
        <Choice
            id="hand-over-to"
            legend="Who takes it on?"
            fault=fault
            answers=colleagues
            chosen=chosen(move || to.get())
            on_choose=on_choose(move |user: UserId, _| {
                fault.set(None);
                to.set(Some(user));
            })
        />
        <TextArea
            id=NOTE
            label="Anything else to know"
            hint="You can leave this empty."
            fault=note_fault
            value=note
            on_write=move |text| {
                note_fault.set(None);
                note.set(text);
            }
            limit=TEXT
            rows=2
        />
        <div class="Actions">
            <Button weight=Weight::Main busy=busy on_press=move |()| save()>
                "Hand over"
            </Button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_drawn_are_those_in_view_and_some_to_spare() {
        assert_eq!(Window::at(0.0, 560.0, 56.0).first, 0);
        let far = Window::at(5_600.0, 560.0, 56.0);
        assert!(far.first <= 100 - SPARE && far.first + far.count >= 110 + SPARE);
        // Two rows further on, and not each pixel, other rows are drawn.
        assert!(Window::at(5_610.0, 560.0, 56.0) == far);
    }
}
