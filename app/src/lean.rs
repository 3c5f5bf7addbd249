//! The few generic doors of the view library, each opened once a type instead of once a closure: every closure
//! behind them is kept behind a pointer. Without them each use brings its own copy of the reactive machinery,
//! 1 to 4 kB of the app, where all of Holdfast has to start on a slow phone.

use std::hash::Hash;
use std::sync::Arc;

use leptos::prelude::*;

use crate::signal::{Row, Value};

/// A part of a view that is drawn again when what it read changes.
pub fn live<V: IntoView + 'static>(draw: impl Fn() -> V + Send + 'static) -> AnyView {
    let draw: Box<dyn Fn() -> AnyView + Send> = Box::new(move || draw().into_any());
    draw.into_any()
}

/// The value of an attribute that follows what it read.
pub fn attr<T: 'static>(of: impl Fn() -> T + Send + 'static) -> Box<dyn FnMut() -> T + Send> {
    Box::new(of)
}

/// A list whose rows follow what `rows` read; a row that stays as it was is not drawn again.
pub fn each<T: Value + Hash + Eq>(
    rows: impl Fn() -> Vec<T> + Send + Sync + 'static,
    draw: impl Fn(T) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    type Rows = Box<dyn Fn() -> Vec<Row> + Send + Sync>;
    type Draw = Arc<dyn Fn(Row) -> AnyView + Send + Sync>;
    fn keyed(rows: Rows, draw: Draw) -> AnyView {
        view! { <For each=rows key=Row::clone children=move |row| draw(row)/> }.into_any()
    }
    keyed(
        Box::new(move || rows().into_iter().map(Row::new).collect()),
        Arc::new(move |row| draw(row.it.get())),
    )
}

/// Shows its children while `when` holds.
#[component]
pub fn Show(#[prop(into)] when: When, children: ChildrenFn) -> impl IntoView {
    let when = crate::signal::memo(when.0);
    live(move || when.get().then(|| children()))
}

/// A condition that is followed.
pub struct When(Box<dyn Fn() -> bool + Send + Sync>);

impl<F: Fn() -> bool + Send + Sync + 'static> From<F> for When {
    fn from(holds: F) -> Self {
        Self(Box::new(holds))
    }
}
