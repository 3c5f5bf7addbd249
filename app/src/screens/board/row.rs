//! One change's row of the grid.

use super::{grid::Grid, look, window::Window};
use crate::{
    browser,
    client::use_client,
    lean::live,
    places::Place,
    signal::{RwSignal, Signal, memo},
};
use holdfast_domain::{
    encoding::Millis,
    ids::EntryId,
    ledger::{Cell, ScreenView},
    words,
};
use leptos::{html::Tr, prelude::*};
use std::sync::Arc;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

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
    fn cell(&self, at: usize, parts: bool) -> Option<Element> {
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
        if parts {
            let _ = cell.set_attribute("data-first", "");
        }
        self.put(&cell);
        Some(cell)
    }
}

/// One change's row. Its cells, of which there are thousands, carry no signals of their own: the row makes those in
/// view, and puts right those that differ.
#[component]
pub(super) fn Row(id: EntryId, grid: Signal<Grid>, across: RwSignal<Window>) -> impl IntoView {
    let now = browser::in_turn(use_client().now());
    let columns = grid.with_untracked(|grid| Arc::clone(&grid.columns));
    let line = memo(move || grid.look(|grid| grid.line(id).cloned()));
    let header = memo(move || {
        let now = now.get();
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
        let (now, shown, line) = (now.get(), across.get(), line.get());
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
                            if let Some(place) = drawn.cell(at, column.parts(at)) {
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
