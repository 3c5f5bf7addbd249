//! Everything this person wrote, with the state of each, newest first.

use crate::lean::{Show, live};
use crate::{
    client::use_client,
    components::{
        frame::Frame,
        icon::{Symbol, Tone},
        list::{RecordList, my_rows},
        message::Banner,
    },
    places::Place,
};
use leptos::prelude::*;

#[component]
pub fn MyRecords() -> impl IntoView {
    let client = use_client();
    let rows = my_rows(client);
    let waiting = client.waiting();
    view! {
        <Frame place=Place::Records>
            <h1>"My records"</h1>
            {live(move || {
                client.told(waiting.get()).map(|told| {
                    view! {
                        <Banner tone=Tone::Move symbol=Symbol::Clock>
                            <p>
                                <b>{told.what}</b>
                                " "
                                {told.then}
                            </p>
                            <a class="Button" data-small="" href=Place::Offline.path()>"What you can do"</a>
                        </Banner>
                    }
                })
            })}
            <RecordList label="My records" rows/>
            <Show when=move || rows.look(Vec::is_empty)>
                <p>"None yet. What you write shows here."</p>
            </Show>
        </Frame>
    }
}
