//! Signing in: once with signal; after that Holdfast opens with or without it.

use crate::lean::{attr, live};
use crate::signal::{RwSignal, Signal, memo};
use crate::{
    browser,
    client::{Left, SignInFailure, use_client},
    components::{
        icon::{Icon, Mark, MarkGround, Symbol, Tone},
        message::{Banner, LossBanner},
    },
};
use leptos::{prelude::*, task::spawn_local};
use web_sys::SubmitEvent;

/// The whole page before anybody is signed in.
#[component]
pub fn SignIn() -> impl IntoView {
    browser::set_title("Sign in");
    let left = use_client().left();
    let waits = |left: &[Left]| {
        let waits = left.iter().filter(|left| left.waiting.count > 0);
        waits.cloned().collect::<Vec<_>>()
    };
    // The one who has something to send; else the only one who has used this phone.
    let known = memo(move || {
        left.look(|left| match (&waits(left)[..], &left[..]) {
            ([one], _) | ([], [one]) => Some(one.username.clone()),
            _ => None,
        })
    });
    view! {
        <main id="main" class="Door" tabindex="-1">
            <header>
                <Mark on=MarkGround::Page/>
                <h1>"Sign in"</h1>
                <p>"Care goes on when the record system stops."</p>
            </header>
            <LossBanner/>
            {live(move || {
                left.look(|left| waits(left))
                    .into_iter()
                    .filter_map(|left| left.waiting.left_by(&left.display_name))
                    .map(|words| view! {
                        <Banner tone=Tone::Held symbol=Symbol::Safe>
                            <p dir="auto">{words}</p>
                        </Banner>
                    })
                    .collect_view()
            })}
            <SignInForm known/>
            <Banner symbol=Symbol::Info>
                <p>"You need signal this once. After that, Holdfast opens with or without it."</p>
            </Banner>
            <p>
                <small>
                    "Forgotten your password? Ask your team leader, or ring the on-call number on your rota."
                </small>
            </p>
        </main>
    }
}

/// The fields alone, also for signing in again once a session has ended. `known` stands in it until somebody types.
#[component]
pub fn SignInForm(known: Signal<Option<String>>) -> impl IntoView {
    let client = use_client();
    let typed = RwSignal::new(None::<String>);
    let username = Signal::derive(move || typed.get().or(known.get()).unwrap_or_default());
    let password = RwSignal::new(String::new());
    let shown = RwSignal::new(false);
    let busy = RwSignal::new(false);
    let fault = RwSignal::new(None::<String>);

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let (name, secret) = (
            username.get_untracked().trim().to_owned(),
            password.get_untracked(),
        );
        if name.is_empty() || secret.is_empty() {
            fault.set(Some("Type your username and your password.".into()));
            browser::focus(if name.is_empty() {
                "username"
            } else {
                "password"
            });
            return;
        }
        fault.set(None);
        busy.set(true);
        spawn_local(async move {
            let answer = client.sign_in(name, secret).await;
            // The screen may be gone by now: it is, when the answer was good.
            busy.try_set(false);
            if let Err(failure) = answer {
                fault.try_set(Some(words_for(&failure)));
                browser::focus("password");
            }
        });
    };
    view! {
        <form class="Stack" autocomplete="off" novalidate on:submit=submit>
            <div class="Field">
                <label for="username">"Username"</label>
                <input
                    type="text"
                    id="username"
                    name="username"
                    autocomplete="username"
                    autocapitalize="none"
                    spellcheck="false"
                    aria-describedby="sign-in-fault"
                    prop:value=move || username.get()
                    on:input:target=move |event| typed.set(Some(event.target().value()))
                />
            </div>
            <div class="Field">
                <label for="password">"Password"</label>
                <input
                    type=attr(move || if shown.get() { "text" } else { "password" })
                    id="password"
                    name="password"
                    autocomplete="current-password"
                    autocapitalize="none"
                    spellcheck="false"
                    aria-describedby="sign-in-fault"
                    prop:value=move || password.get()
                    on:input:target=move |event| password.set(event.target().value())
                />
                <footer>
                    <label class="Check">
                        <input
                            type="checkbox"
                            prop:checked=move || shown.get()
                            on:change:target=move |event| shown.set(event.target().checked())
                        />
                        " Show what I type"
                    </label>
                </footer>
            </div>
            <div id="sign-in-fault" role="alert">
                {live(move || {
                    fault.get().map(|fault| view! {
                        <div class="Banner" data-tone="act">
                            <Icon symbol=Symbol::Warn/>
                            <p>{fault}</p>
                        </div>
                    })
                })}
            </div>
            <button
                type="submit"
                class="Button"
                data-kind="main"
                data-wide=""
                aria-disabled=attr(move || busy.get().then_some("true"))
            >
                {live(move || if busy.get() { "Signing in" } else { "Sign in" })}
            </button>
        </form>
    }
}

fn words_for(failure: &SignInFailure) -> String {
    match failure {
        SignInFailure::Wrong => {
            "That username and password do not go together. Nothing was changed. Type them again."
                .into()
        }
        SignInFailure::TooMany { after } => {
            let minutes = after.div_ceil(60).max(1);
            let unit = if minutes == 1 { "minute" } else { "minutes" };
            format!("Too many tries. Nothing is lost. Wait {minutes} {unit}, then try again.")
        }
        SignInFailure::NoAnswer => {
            "No answer came from Holdfast. Nothing is lost. Look for signal, then try again.".into()
        }
        SignInFailure::Other(why) => format!("You are not signed in yet. {why}"),
    }
}
