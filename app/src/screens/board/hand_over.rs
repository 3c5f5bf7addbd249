//! What is to be chased, handed over to the next shift.

use super::grid::Grid;
use crate::{
    client::use_client,
    screens::{
        passing_on::{PassOn, PassingOn},
        say::is_held,
    },
    signal::{RwSignal, Signal},
};
use holdfast_domain::{
    body::HandOver,
    ids::{EntryId, ServiceId},
};
use leptos::prelude::*;

/// To whom, and what else to know.
#[component]
pub(super) fn HandingOver(
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
