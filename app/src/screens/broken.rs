//! When a screen, or the phone's store, does not open: what is safe first, then what to do.

use crate::{
    components::{icon::Symbol, message::Blank},
    places::Place,
};
use leptos::prelude::*;

/// `why` is a short reason for whoever helps; it holds nothing that a person wrote.
#[component]
pub fn Broken(#[prop(into)] why: String) -> impl IntoView {
    let again = |_| {
        // Refused only where the page is already on its way out.
        let _ = window().location().reload();
    };
    view! {
        <div class="App">
            <main id="main" class="Page" tabindex="-1">
                <Blank symbol=Symbol::Again>
                    <h1>"This screen did not open"</h1>
                    <p>
                        "Your records are safe. What you wrote is still on this phone. This part of the app stopped, and the fault is ours."
                    </p>
                    <div class="Actions">
                        <button type="button" class="Button" data-kind="main" on:click=again>
                            "Open it again"
                        </button>
                        <a class="Button" href=Place::Home.path() rel="external">
                            "Go to home"
                        </a>
                    </div>
                    <p>
                        <small>"If it happens again, tell your system administrator: " {why}</small>
                    </p>
                </Blank>
            </main>
        </div>
    }
}
