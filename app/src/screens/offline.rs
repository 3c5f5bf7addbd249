//! What somebody can do without signal, and how old what they see is.

use crate::lean::{each, live};
use crate::signal::{RwSignal, memo};
use crate::{
    client::{Connection, use_client},
    components::{
        frame::Frame,
        icon::{Icon, Symbol, Tone},
        message::Banner,
    },
    places::Place,
};
use holdfast_domain::words;
use leptos::prelude::*;

#[component]
pub fn Offline() -> impl IntoView {
    let client = use_client();
    let waiting = client.waiting();
    let contacts = memo(move || {
        client.read(|ledger| {
            client
                .my_services()
                .into_iter()
                .filter_map(|id| ledger.service(id))
                .map(|service| (service.on_call_name, service.on_call_contact))
                .collect::<Vec<_>>()
        })
    });
    let tried = RwSignal::new(false);
    view! {
        <Frame place=Place::Offline>
            <h1>"You can carry on without signal"</h1>
            <Banner tone=Tone::Held symbol=Symbol::Safe>
                <p>"Everything you write is kept on this phone and goes by itself when signal comes back."</p>
            </Banner>
            {live(move || {
                client.told(waiting.get()).map(|told| view! {
                    <Banner tone=Tone::Move symbol=Symbol::Clock>
                        <p>
                            <b>{told.what}</b>
                            " "
                            {told.then}
                            " If you can, stand by a window or go outside for a minute."
                        </p>
                    </Banner>
                })
            })}
            <section class="Section" aria-labelledby="other-ways">
                <header>
                    <h2 id="other-ways">"What else you can do"</h2>
                </header>
                <ul class="List">
                    <li>
                        <button
                            type="button"
                            class="ListRow"
                            on:click=move |_| {
                                client.wake();
                                tried.set(true);
                            }
                        >
                            <Icon symbol=Symbol::Again/>
                            <span>
                                <b>"Try again now"</b>
                                <small>
                                    {live(move || {
                                        if tried.get() { "Trying. The top of the screen says how it goes." } else { "Holdfast also tries by itself" }
                                    })}
                                </small>
                            </span>
                        </button>
                    </li>
                    {each(move || contacts.get(), |(name, number): (String, String)| {
                        view! { <Ring name number/> }.into_any()
                    })}
                </ul>
            </section>
            <section class="Section" aria-labelledby="age">
                <header>
                    <h2 id="age">"How old is what you see?"</h2>
                </header>
                <CopyAge/>
            </section>
        </Frame>
    }
}

/// When this phone last heard from the server, and what that means.
#[component]
pub fn CopyAge() -> impl IntoView {
    let client = use_client();
    let connection = client.connection();
    let follows = move || {
        let silent = matches!(
            connection.get(),
            Connection::Offline | Connection::Connecting
        );
        client.up_to_date().get() && !silent
    };
    move || match client.last_contact().get() {
        Some(last) => view! {
            <p>
                "People and plans on this phone are from "
                <b>{words::when(last, client.now().get())}</b>
                {if follows() {
                    ". What others change now comes by itself."
                } else {
                    ". What others changed since then is not here yet."
                }}
            </p>
        }
        .into_any(),
        None => view! { <p>"This phone has not heard from Holdfast yet."</p> }.into_any(),
    }
}

/// Somebody to ring.
#[component]
pub fn Ring(name: String, number: String) -> impl IntoView {
    let href = format!("tel:{}", number.replace(' ', ""));
    view! {
        <li>
            <a class="ListRow" href=href>
                <Icon symbol=Symbol::Call/>
                <span>
                    <b>{format!("Ring {}, on call", words::isolated(&name))}</b>
                    <small>{number}</small>
                </span>
            </a>
        </li>
    }
}
