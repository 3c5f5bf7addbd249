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
use holdfast_domain::words;
use leptos::prelude::*;

#[component]
pub fn MyRecords() -> impl IntoView {
    let client = use_client();
    let rows = my_rows(client);
    let waiting = client.waiting();
    let oldest = move || {
        let waiting = waiting.get();
        waiting
            .oldest
            .map(|oldest| (waiting.count, words::age(client.now().get() - oldest)))
    };
    view! {
        <Frame place=Place::Records>
            <h1>"My records"</h1>
            {live(move || {
                oldest().map(|(count, age)| {
                    let words = if count == 1 {
                        format!("1 record has waited {age}.")
                    } else {
                        format!("{count} records wait. The oldest has waited {age}.")
                    };
                    view! {
                        <Banner tone=Tone::Move symbol=Symbol::Clock>
                            <p>
                                <b>{words}</b>
                                " They go by themselves when there is signal."
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
