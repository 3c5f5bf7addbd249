//! Everything this person wrote, with the state of each, newest first.

use super::all_records::WhoseRecords;
use crate::lean::{Show, live};
use crate::signal::memo;
use crate::{
    client::use_client,
    components::{
        frame::Frame,
        icon::{Symbol, Tone},
        list::{RecordList, my_records},
        message::Banner,
    },
    places::Place,
};
use holdfast_domain::ledger::writes_records;
use leptos::prelude::*;

#[component]
pub fn MyRecords() -> impl IntoView {
    let client = use_client();
    let mine = my_records(client);
    let writes = memo(move || client.read(writes_records));
    let waiting = client.waiting();
    view! {
        <Frame place=Place::Records>
            <h1>"My records"</h1>
            <WhoseRecords here=Place::Records/>
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
            <RecordList label="My records" ids=mine/>
            <Show when=move || mine.look(Vec::is_empty)>
                {live(move || if writes.get() {
                    view! { <p>"None yet. What you write shows here."</p> }
                } else {
                    view! { <p>"Your role writes no records, so there are none of yours."</p> }
                })}
            </Show>
        </Frame>
    }
}
