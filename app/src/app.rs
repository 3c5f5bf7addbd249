//! The app's frame of routes: which screen the client's state and the address call for.

use crate::lean::live;
use crate::signal::{RwSignal, memo};
use crate::{
    client::{Client, Phase, provide_client},
    components::{
        frame::UpdateOffer,
        home_screen::{HomeScreen, HomeScreenState},
    },
    screens::{
        all_records::AllRecords,
        board::Board,
        broken::Broken,
        changes::{Confirm, UpdatePage},
        forms::{NewMismatch, NewNote, NewPlanChange},
        home::Home,
        inbox::Inbox,
        mismatch_handling::{GuidancePage, ListPage, StepPage},
        more::More,
        my_records::MyRecords,
        not_found::NotFound,
        offline::Offline,
        opening::Opening,
        people::People,
        record::{Again, Correct, RecordPage},
        sign_in::SignIn,
        which_device::{ChangeDevice, FirstDevice},
    },
};
use leptos::{ev::Custom, prelude::*};
use leptos_router::{
    components::{FlatRoutes, Route, Router},
    path,
};

/// The whole app.
#[component]
pub fn App() -> impl IntoView {
    let client: Client = provide_client();
    let offer = UpdateOffer(RwSignal::new(false));
    provide_context(offer);
    let listening = window_event_listener(
        Custom::<web_sys::Event>::new("holdfast-update"),
        move |_| offer.0.set(true),
    );
    let home_screen = HomeScreenState(RwSignal::new(HomeScreen::now()));
    provide_context(home_screen);
    let asking = window_event_listener(
        Custom::<web_sys::Event>::new("holdfast-home-screen"),
        move |_| home_screen.0.set(HomeScreen::now()),
    );
    on_cleanup(move || {
        listening.remove();
        asking.remove();
    });

    let phase = memo(move || client.phase().get());
    // Home takes the place of a long list of devices: it begins at its top.
    Effect::new(move |asked: Option<bool>| {
        let asks = phase.get() == Phase::WhichDevice;
        if asked == Some(true) && !asks {
            window().scroll_to_with_x_and_y(0.0, 0.0);
        }
        asks
    });
    view! {
        <ErrorBoundary fallback=|_| view! { <Broken why="a screen stopped"/> }>
            <Router>
                {live(move || match phase.get() {
                    Phase::Opening => view! { <Opening/> }.into_any(),
                    Phase::SignedOut => view! { <SignIn/> }.into_any(),
                    Phase::WhichDevice => view! { <FirstDevice/> }.into_any(),
                    Phase::Ready => view! { <Screens/> }.into_any(),
                    Phase::Broken(why) => view! { <Broken why/> }.into_any(),
                })}
            </Router>
        </ErrorBoundary>
    }
}

/// Every screen with an address. `Place` names the same paths, with their titles and ways back.
#[component]
fn Screens() -> impl IntoView {
    view! {
        <FlatRoutes fallback=NotFound>
            <Route path=path!("/") view=Home/>
            <Route path=path!("/inbox") view=Inbox/>
            <Route path=path!("/people/:id?") view=People/>
            <Route path=path!("/records") view=MyRecords/>
            <Route path=path!("/all-records") view=AllRecords/>
            <Route path=path!("/records/:id") view=RecordPage/>
            <Route path=path!("/records/:id/correct") view=Correct/>
            <Route path=path!("/records/:id/again") view=Again/>
            <Route path=path!("/records/:id/step/:step") view=StepPage/>
            <Route path=path!("/guidance/:id") view=GuidancePage/>
            <Route path=path!("/lists/:name") view=ListPage/>
            <Route path=path!("/mismatch/new") view=NewMismatch/>
            <Route path=path!("/note/new") view=NewNote/>
            <Route path=path!("/changes/new") view=NewPlanChange/>
            <Route path=path!("/changes/:id") view=UpdatePage/>
            <Route path=path!("/changes/:id/confirm") view=Confirm/>
            <Route path=path!("/board") view=Board/>
            <Route path=path!("/more") view=More/>
            <Route path=path!("/device") view=ChangeDevice/>
            <Route path=path!("/offline") view=Offline/>
        </FlatRoutes>
    }
}
