//! Who is signed in, what this device is, how safely it keeps records, and signing out.

use super::{offline::CopyAge, sign_in::SignInForm};
use crate::lean::{Show, live};
use crate::signal::{RwSignal, memo};
use crate::{
    client::use_client,
    components::{
        frame::Frame,
        home_screen::AddToHomeScreen,
        icon::{Symbol, Tone},
        list::LinkRow,
        message::Banner,
        sheet::Sheet,
    },
    places::Place,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;

#[component]
pub fn More() -> impl IntoView {
    let client = use_client();
    let who = memo(move || client.me().get());
    let roles = memo(move || {
        let Some(me) = who.get() else {
            return Vec::new();
        };
        client.read(|ledger| {
            me.scope
                .iter()
                .map(|scope| {
                    let service = ledger
                        .service(scope.service)
                        .map_or_else(String::new, |service| service.name);
                    let roles: Vec<&str> = scope.roles.iter().map(|role| role.label()).collect();
                    (service, roles.join(", "))
                })
                .collect::<Vec<_>>()
        })
    });
    let waiting = client.waiting();
    let known = memo(move || who.get().map(|me| me.username));
    let device = memo(move || {
        client.read(|ledger| match ledger.device_use(client.device_id()) {
            Some(answer) => match answer.label {
                Some(label) => ledger
                    .device(label)
                    .map_or_else(|| "Not known".to_owned(), |device| device.label),
                None => "My own phone".to_owned(),
            },
            None => "Not said yet".to_owned(),
        })
    });
    view! {
        <Frame place=Place::More>
            <h1>"More"</h1>
            <Show when=move || client.needs_sign_in().get()>
                <section class="Section Card" aria-labelledby="again">
                    <h2 id="again">"Sign in again"</h2>
                    {live(move || match client.told(waiting.get()) {
                        Some(told) => view! { <p><b>{told.what}</b> " " {told.then}</p> }.into_any(),
                        None => view! {
                            <p>
                                <b>"All you wrote has been sent."</b>
                                " What you write now is kept on this phone and goes once you have signed in again."
                            </p>
                        }
                        .into_any(),
                    })}
                    <SignInForm known/>
                </section>
            </Show>
            <section class="Section" aria-labelledby="who">
                <header>
                    <h2 id="who">"You"</h2>
                </header>
                <dl class="CheckAnswers">
                    <div>
                        <dt>"Signed in as"</dt>
                        <dd dir="auto">{live(move || who.get().map(|me| me.display_name))}</dd>
                    </div>
                    {live(move || {
                        roles
                            .get()
                            .into_iter()
                            .map(|(service, roles)| view! {
                                <div>
                                    <dt dir="auto">{service}</dt>
                                    <dd>{roles}</dd>
                                </div>
                            })
                            .collect_view()
                    })}
                    <div>
                        <dt>"This device"</dt>
                        <dd dir="auto">{live(move || device.get())}</dd>
                        <dd class="Change">
                            <a href=Place::Device.path() aria-label="Change: This device">
                                "Change"
                            </a>
                        </dd>
                    </div>
                </dl>
            </section>
            <Kept/>
            <section class="Section" aria-labelledby="help">
                <header>
                    <h2 id="help">"Help"</h2>
                </header>
                <ul class="List">
                    <LinkRow
                        href=Place::Offline.path()
                        symbol=Symbol::Offline
                        label="You can carry on without signal"
                        detail="What to do, and whom to ring"
                    />
                </ul>
            </section>
            <SignOut/>
            <p>
                <small>{format!("Holdfast {}", env!("CARGO_PKG_VERSION"))}</small>
            </p>
        </Frame>
    }
}

/// How this phone keeps what is on it, said as it is.
#[component]
fn Kept() -> impl IntoView {
    let client = use_client();
    let persisted = client.storage_persisted();
    view! {
        <section class="Section" aria-labelledby="kept">
            <header>
                <h2 id="kept">"What is kept on this phone"</h2>
            </header>
            {live(move || match persisted.get() {
                Some(true) => view! {
                    <Banner tone=Tone::Held symbol=Symbol::Safe>
                        <p>"The browser has promised to keep your records until they are sent, even when the phone is short of room."</p>
                    </Banner>
                }
                .into_any(),
                Some(false) => view! {
                    <Banner tone=Tone::Move symbol=Symbol::Warn>
                        <p>
                            <b>"The browser may clear records when the phone is short of room. "</b>
                            "Add Holdfast to your home screen, and get signal soon after you write."
                        </p>
                    </Banner>
                }
                .into_any(),
                None => ().into_any(),
            })}
            <Banner symbol=Symbol::Info>
                <p>
                    "Records on this phone are locked with a key. Until a PIN protects it, that key lies beside the records on this phone: whoever can open this phone and knows how could read them. Lock the phone itself, and sign out if it is not yours alone."
                </p>
            </Banner>
            <NotWhole/>
            <AddToHomeScreen/>
            <CopyAge/>
        </section>
    }
}

/// Where the server's log was changed after it was written, as this phone's copy of its links shows.
#[component]
fn NotWhole() -> impl IntoView {
    let client = use_client();
    let breaks = memo(move || {
        client.read(|ledger| {
            let name = |service| {
                let service = ledger.service(service);
                service.map_or_else(|| "your provider".to_owned(), |service| service.name)
            };
            let breaks = ledger.breaks();
            breaks
                .map(|it| (name(it.service), it.seq))
                .collect::<Vec<_>>()
        })
    });
    live(move || {
        let breaks = breaks.get().into_iter();
        breaks
            .map(|(service, seq)| {
                view! {
                    <Banner tone=Tone::Act symbol=Symbol::Warn>
                        <p>
                            <b>
                                "The server's records of "
                                <bdi>{service}</bdi>
                                " do not fit together. "
                            </b>
                            {format!("Something there was changed after it was written, at entry {seq}. Nothing on this phone is deleted, and you can carry on. Show this to your system administrator, who can check the server with “holdfast verify”.")}
                        </p>
                    </Banner>
                }
            })
            .collect_view()
    })
}

#[component]
fn SignOut() -> impl IntoView {
    let client = use_client();
    let navigate = use_navigate();
    let asking = RwSignal::new(false);
    let waiting = client.waiting();
    let waits = move || {
        match waiting.get().count {
        0 => "All you wrote has been sent. You need signal to sign in again.".to_owned(),
        1 => "1 record is kept on this phone, not sent yet. It stays safe here, and goes once you sign in again on this phone, which needs signal.".to_owned(),
        count => format!("{count} records are kept on this phone, not sent yet. They stay safe here, and go once you sign in again on this phone, which needs signal."),
    }
    };
    let leave = Callback::new(move |()| {
        asking.set(false);
        let navigate = navigate.clone();
        spawn_local(async move {
            // Whoever signs in next begins at home.
            navigate(&Place::Home.path(), Default::default());
            client.sign_out().await;
        });
    });
    view! {
        <button type="button" class="Button" data-wide="" on:click=move |_| asking.set(true)>
            "Sign out"
        </button>
        <Sheet open=asking title="Sign out?">
            <p>{waits}</p>
            <div class="Actions">
                <button type="button" class="Button" data-kind="main" on:click=move |_| asking.set(false)>
                    "Stay signed in"
                </button>
                <button type="button" class="Button" on:click=move |_| leave.run(())>
                    "Sign out"
                </button>
            </div>
        </Sheet>
    }
}
