//! `/styleguide`: every component in every state, for those who build screens and for the tests that compare pictures
//! of it. It is a program of its own over the same sources, so that it is no part of the app that providers serve.
#![allow(dead_code)]

#[path = "../../src/browser.rs"]
mod browser;
#[path = "../../src/client/mod.rs"]
mod client;
#[path = "../../src/components/mod.rs"]
mod components;
#[path = "../../src/lean.rs"]
mod lean;
#[path = "../../src/places.rs"]
mod places;
#[path = "../../src/signal.rs"]
mod signal;

mod controls;
mod forms;
mod shown;

use leptos::{mount::mount_to_body, prelude::*};
use leptos_router::components::Router;
use signal::{RwSignal, Signal};

fn main() {
    mount_to_body(Styleguide);
}

#[component]
fn Styleguide() -> impl IntoView {
    view! {
        <Router>
            <main class="Page Stack" id="main" tabindex="-1">
                <h1>"Style guide"</h1>
                <p>"Every part that screens are made of, in every state. Only the demo has this page."</p>
                <controls::Buttons/>
                <controls::Texts/>
                <controls::Choices/>
                <controls::AllThatApply/>
                <controls::Pickers/>
                <forms::FromData/>
                <forms::WithFaults/>
                <forms::Moments/>
                <forms::Checked/>
                <shown::Bars/>
                <shown::Menus/>
                <shown::Messages/>
                <shown::HomeScreens/>
                <shown::Boards/>
                <shown::Lists/>
                <shown::Changes/>
                <shown::Icons/>
                <shown::Sheets/>
            </main>
        </Router>
    }
}

/// One component and its states. What is fixed to the screen elsewhere stays in its part here.
#[component]
fn Part(
    id: &'static str,
    title: &'static str,
    /// Room for the bar with the button, where the thumb is.
    #[prop(default = "0")]
    below: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <section
            class="Section Stack"
            id=id
            aria-labelledby=format!("{id}-title")
            style:contain="layout"
            style:padding-block-end=below
        >
            <h2 id=format!("{id}-title")>{title}</h2>
            {children()}
        </section>
    }
}

/// A value that stays.
fn fixed<T: Clone + Send + Sync + 'static>(value: T) -> Signal<T> {
    RwSignal::new(value).into()
}

fn fault(words: &'static str) -> Signal<Option<String>> {
    fixed(Some(words.to_owned()))
}

const LONG: &str = "Level 4, pureed, with thickened drinks at level 2, sitting upright, with somebody beside her for the whole of the meal and for half an hour after it";
