//! Things to press: buttons, links that look like buttons, tiles, and the bar where the thumb is.

use super::icon::{Icon, Symbol};
use crate::lean::attr;
use crate::places::Place;
use crate::signal::Signal;
use leptos::prelude::*;
use web_sys::MouseEvent;

/// How much a button stands out. One `Main` a screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Weight {
    Main,
    #[default]
    Plain,
    Quiet,
}

impl Weight {
    /// The value of `data-kind`.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Weight::Main => Some("main"),
            Weight::Plain => None,
            Weight::Quiet => Some("quiet"),
        }
    }
}

/// A button that acts where it stands. `busy` keeps it in place and says so, while an answer is awaited.
#[component]
pub fn Button(
    #[prop(optional)] weight: Weight,
    #[prop(optional, into)] symbol: Option<Symbol>,
    #[prop(optional, into)] busy: Signal<bool>,
    #[prop(into)] on_press: Callback<()>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class="Button"
            data-kind=weight.name()
            aria-disabled=attr(move || busy.get().then_some("true"))
            on:click=move |_: MouseEvent| {
                if !busy.get_untracked() {
                    on_press.run(());
                }
            }
        >
            {symbol.map(|symbol| view! { <Icon symbol/> })}
            {children()}
        </button>
    }
}

/// A link that looks like a button.
#[component]
pub fn LinkButton(
    #[prop(optional)] weight: Weight,
    #[prop(optional, into)] symbol: Option<Symbol>,
    #[prop(into)] href: String,
    children: Children,
) -> impl IntoView {
    view! {
        <a class="Button" data-kind=weight.name() href=href>
            {symbol.map(|symbol| view! { <Icon symbol/> })}
            {children()}
        </a>
    }
}

/// Something to start, verb first.
#[component]
pub fn Tile(place: Place, #[prop(into)] label: String) -> impl IntoView {
    view! {
        <a class="Tile" href=place.path()>
            <Icon symbol=place.symbol()/>
            {label}
        </a>
    }
}
