//! The Holdfast app: screens over the ledger, for a phone that may have no signal.
//! Screens know components and the client; the client knows no screen.

pub mod app;
pub mod browser;
pub mod client;
pub mod components;
pub mod fault;
mod lean;
pub mod places;
pub mod screens;
mod signal;

use leptos::mount::mount_to_body;
use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the app in the page; the page's start code then takes the first paint away.
#[wasm_bindgen(start)]
pub fn start() {
    fault::install();
    mount_to_body(app::App);
}
