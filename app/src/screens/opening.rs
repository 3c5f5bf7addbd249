//! While the phone's own copy is read: the shape of what comes, and nothing to press.

use crate::components::{
    icon::{Mark, MarkGround},
    message::Skeleton,
};
use leptos::prelude::*;

#[component]
pub fn Opening() -> impl IntoView {
    view! {
        <div class="App">
            <header class="AppBar">
                <div>
                    <Mark on=MarkGround::Kelp/>
                    <b>"Holdfast"</b>
                </div>
            </header>
            <main id="main" class="Page" tabindex="-1" aria-busy="true">
                <header>
                    <h1>"Opening"</h1>
                    <p role="log" aria-label="Progress">"Reading what is kept on this phone."</p>
                </header>
                <Skeleton/>
            </main>
        </div>
    }
}
