//! An address that names no screen, or a record that this phone does not hold.

use crate::{
    components::{frame::Frame, icon::Symbol, message::Blank},
    places::Place,
};
use leptos::prelude::*;

#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Frame place=Place::Lost>
            <NothingHere/>
        </Frame>
    }
}

/// What stands where this user's roles have nothing to do or to read.
#[component]
pub fn NotYours(words: &'static str) -> impl IntoView {
    view! {
        <Blank symbol=Symbol::Info>
            <h2>"This is not for your role"</h2>
            <p>{words}</p>
            <div class="Actions">
                <a class="Button" data-kind="main" href=Place::Home.path()>
                    "Go to home"
                </a>
            </div>
        </Blank>
    }
}

/// What stands where something was looked for and is not on this phone.
#[component]
pub fn NothingHere() -> impl IntoView {
    view! {
        <Blank symbol=Symbol::Records>
            <h1>"This is not on this phone"</h1>
            <p>"Your records are safe. The page may have moved, or it is not for your role."</p>
            <div class="Actions">
                <a class="Button" data-kind="main" href=Place::Home.path()>
                    "Go to home"
                </a>
            </div>
        </Blank>
    }
}
