//! Putting Holdfast on the home screen: offered when there is something to keep, and on More.

use super::{icon::Symbol, message::Banner};
use crate::browser;
use crate::lean::live;
use crate::signal::RwSignal;
use leptos::prelude::*;

/// How Holdfast comes to the home screen of this device, as the page's start code found it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HomeScreen {
    /// The browser offers nothing (yet).
    Unknown,
    /// The browser asks the person when told to.
    Ask,
    /// iOS: the person does it by hand.
    ByHand,
    Done,
}

impl HomeScreen {
    /// As it is now, from `data-home-screen` of the root element.
    pub fn now() -> HomeScreen {
        match browser::root_data("homeScreen").as_deref() {
            Some("ask") => HomeScreen::Ask,
            Some("hand") => HomeScreen::ByHand,
            Some("done") => HomeScreen::Done,
            _ => HomeScreen::Unknown,
        }
    }
}

/// The page's one answer, kept by `App`.
#[derive(Clone, Copy)]
pub struct HomeScreenState(pub RwSignal<HomeScreen>);

/// Why and how, with the button where the browser has one; nothing where it is done or not offered.
#[component]
pub fn AddToHomeScreen(
    /// Shown between other things, where the person may want it away.
    #[prop(optional)]
    passing: bool,
) -> impl IntoView {
    let state = expect_context::<HomeScreenState>().0;
    let away = RwSignal::new(false);
    live(move || {
        let how = match state.get() {
            _ if away.get() => return None,
            HomeScreen::Unknown | HomeScreen::Done => return None,
            HomeScreen::Ask => view! {
                <button
                    type="button"
                    class="Button"
                    data-small=""
                    on:click=|_| browser::tell_page("holdfast-add")
                >
                    "Add to home screen"
                </button>
            }
            .into_any(),
            HomeScreen::ByHand => view! {
                <ol>
                    <li>"Tap Share at the bottom of Safari."</li>
                    <li>"Tap \u{2018}Add to Home Screen\u{2019}, then \u{2018}Add\u{2019}."</li>
                    <li>"Open Holdfast from there from now on."</li>
                </ol>
            }
            .into_any(),
        };
        Some(view! {
            <Banner symbol=Symbol::Phone>
                <p>
                    <b>"Put Holdfast on your home screen. "</b>
                    "It opens with no signal, and the phone keeps your records safer."
                </p>
                {how}
                {passing.then(|| view! {
                    <button type="button" class="Button" data-kind="quiet" data-small="" on:click=move |_| away.set(true)>
                        "Not now"
                    </button>
                })}
            </Banner>
        })
    })
}
