//! What stands around every screen: the way past it, the bar, the menu and the main part.

use super::{
    icon::{Icon, Mark, MarkGround, SmallIcon, Symbol, Tone},
    message::{Banner, LossBanner},
};
use crate::lean::{Show, attr, live};
use crate::signal::{RwSignal, Signal, memo};
use crate::{
    browser,
    client::{Connection, use_client},
    places::Place,
};
use holdfast_domain::{ledger::writes_records, record_search::services_read, words};
use leptos::{html::Main, prelude::*};
use std::cell::Cell;

/// Whether a newer version of the app waits. Set once for the page, by the service worker's news.
#[derive(Clone, Copy)]
pub struct UpdateOffer(pub RwSignal<bool>);

thread_local! {
    /// The first screen keeps the focus where the browser put it; every later one takes it to `main`.
    static ARRIVED: Cell<bool> = const { Cell::new(false) };
}

/// A whole screen: `place` decides its title, its way back and whether the menu stands beside it.
#[component]
pub fn Frame(
    place: Place,
    /// What the bar says, where the place's own title is too general.
    #[prop(optional, into)]
    title: Option<Signal<String>>,
    /// The place it belongs to, where that is not the usual one: 'Back' leads there, and the menu marks it.
    #[prop(default = None)]
    under: Option<Place>,
    /// Where 'Back' leads, where that changes while the screen stays.
    #[prop(optional, into)]
    back: Option<Signal<Option<Place>>>,
    /// What 'Back' does first; `false` lets the link lead on.
    #[prop(optional, into)]
    on_back: Option<Callback<(), bool>>,
    #[prop(optional, into)] busy: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let title = title.unwrap_or_else(|| place.title().to_owned().into());
    Effect::new(move |_| title.look(|title| browser::set_title(title)));
    let waiting = use_client().waiting();
    let main = NodeRef::<Main>::new();
    main.on_load(|main| {
        if ARRIVED.replace(true) {
            browser::focus_quietly(&main);
        }
    });
    view! {
        // Said here and not asked of what is inside: that would be asked again of all of it whenever a row comes.
        <div
            class="App"
            data-nav=(!place.is_form()).then_some("")
            data-unsent=attr(move || (waiting.get().count > 0).then_some(""))
        >
            <AppBar place title back=back.unwrap_or_else(|| under.or(place.back()).into()) on_back/>
            {(!place.is_form()).then(|| view! { <Nav root=under.unwrap_or(place).root()/> })}
            <main
                id="main"
                class="Page"
                data-wide=place.is_wide().then_some("")
                tabindex="-1"
                aria-busy=attr(move || busy.get().then_some("true"))
                node_ref=main
            >
                {(!place.is_form()).then(|| view! { <News place/> })}
                {children()}
            </main>
        </div>
    }
}

/// The first stop of the Tab key: past the bar and the menu.
#[component]
fn SkipLink() -> impl IntoView {
    let skip = |event: web_sys::MouseEvent| {
        event.prevent_default();
        browser::focus("main");
    };
    view! {
        <a class="SkipLink" href="#main" on:click=skip>
            "Skip to the main part"
        </a>
    }
}

#[component]
fn AppBar(
    place: Place,
    title: Signal<String>,
    back: Signal<Option<Place>>,
    on_back: Option<Callback<(), bool>>,
) -> impl IntoView {
    let client = use_client();
    let start = move || match back.get() {
        Some(back) => view! {
            <a
                href=back.path()
                aria-label="Back"
                on:click=move |event| {
                    if on_back.is_some_and(|on_back| on_back.run(())) {
                        event.prevent_default();
                    }
                }
            >
                <Icon symbol=Symbol::Back/>
            </a>
        }
        .into_any(),
        None => view! { <Mark on=MarkGround::Kelp/> }.into_any(),
    };
    let bar_title = move || {
        if place == Place::Home {
            "Holdfast".to_owned()
        } else {
            title.get()
        }
    };
    let connection = client.connection();
    let waiting = client.waiting();
    let unsent = move || {
        let waiting = waiting.get();
        (waiting.count > 0).then(|| {
            let oldest = waiting
                .oldest
                .map(|oldest| words::age(client.now().get() - oldest));
            view! { <Unsent count=waiting.count oldest/> }
        })
    };
    view! {
        <header class="AppBar">
            <SkipLink/>
            <div>{live(start)} <b>{bar_title}</b> <ConnectionState connection/></div>
            {unsent}
        </header>
    }
}

/// How many records wait on this phone, and for how long.
#[component]
pub fn Unsent(count: usize, oldest: Option<String>) -> impl IntoView {
    view! {
        <a class="Unsent" href=Place::Records.path()>
            <b>{format!("{count} not sent yet")}</b>
            {oldest.map(|age| view! { <span>"Oldest " {age}</span> })}
            <SmallIcon symbol=Symbol::Next/>
        </a>
    }
}

/// The one live region of a screen: what the connection does, and whether all is sent.
#[component]
pub fn ConnectionState(connection: Signal<Connection>) -> impl IntoView {
    let symbol = move || match connection.get() {
        Connection::Online => Symbol::Online,
        Connection::Offline => Symbol::Offline,
        Connection::Connecting | Connection::Sending(_) | Connection::Retrying => Symbol::Again,
        Connection::AllSent => Symbol::Held,
    };
    let state = move || match connection.get() {
        Connection::Connecting => "connecting",
        Connection::Online => "online",
        Connection::Offline => "offline",
        Connection::Sending(_) => "sending",
        Connection::Retrying => "retry",
        Connection::AllSent => "sent",
    };
    view! {
        <div class="Connection" role="status" aria-label="Connection" data-state=state>
            {live(move || view! { <SmallIcon symbol=symbol()/> })}
            {live(move || connection.get().label())}
        </div>
    }
}

/// The menu, with what waits for whoever is signed in.
#[component]
fn Nav(root: Place) -> impl IntoView {
    let client = use_client();
    // Whoever receives nothing by role may still receive what a receiver writes.
    let inbox = memo(move || {
        let now = client.now().get();
        let receives = client.receives();
        client.read(|ledger| {
            let items = ledger.inbox(now);
            let unseen = items.iter().filter(|item| item.unseen).count();
            (receives || !items.is_empty()).then_some(unseen)
        })
    });
    let attention = memo(move || {
        client.read(|ledger| {
            ledger
                .my_records()
                .into_iter()
                .filter(|record| record.needs_attention())
                .count()
        })
    });
    // Whoever reads what others write finds that beside their own.
    let records = memo(move || {
        client.read(
            |ledger| match (services_read(ledger).is_empty(), writes_records(ledger)) {
                (true, _) => (Place::Records, "My records"),
                (false, true) => (Place::Records, "Records"),
                (false, false) => (Place::AllRecords, "Records"),
            },
        )
    });
    view! { <Menu root inbox records attention/> }
}

/// At most five places; the one with `root` is marked. Each count says what waits there.
#[component]
pub fn Menu(
    root: Place,
    /// How many are unread; none where there is no inbox.
    inbox: Signal<Option<usize>>,
    records: Signal<(Place, &'static str)>,
    attention: Signal<usize>,
) -> impl IntoView {
    let item = move |to: Place, label: &'static str, count: Signal<usize>| {
        view! {
            <a href=to.path() aria-current=(root == to.root()).then_some("page")>
                <span>
                    <Icon symbol=to.symbol()/>
                    {live(move || {
                        let count = count.get();
                        (count > 0).then(|| view! { <i><span class="Hush">"waiting: "</span>{count}</i> })
                    })}
                </span>
                {label}
            </a>
        }
    };
    let none = || Signal::from(0);
    let receives = memo(move || inbox.look(Option::is_some));
    let unread = memo(move || inbox.get().unwrap_or_default());
    view! {
        <nav class="Nav" aria-label="Main">
            <Mark on=MarkGround::Kelp/>
            {item(Place::Home, "Home", none())}
            {live(move || receives.get().then(|| item(Place::Inbox, "Inbox", unread)))}
            {item(Place::People, "People", none())}
            {live(move || {
                let (to, label) = records.get();
                item(to, label, attention)
            })}
            {item(Place::More, "More", none())}
        </nav>
    }
}

/// What somebody must know wherever they are: the session ended, or a newer version waits.
#[component]
fn News(place: Place) -> impl IntoView {
    let client = use_client();
    let offer = expect_context::<UpdateOffer>().0;
    view! {
        <LossBanner/>
        <Show when=move || place != Place::More && client.needs_sign_in().get()>
            <Banner tone=Tone::Move symbol=Symbol::Safe>
                <p>
                    <b>"Your sign-in has ended. "</b>
                    "You can go on writing. What you write is kept on this phone and goes once you have signed in again, which needs signal."
                </p>
                <a class="Button" data-small="" href=Place::More.path()>"Sign in again"</a>
            </Banner>
        </Show>
        <Show when=move || offer.get()>
            <Banner symbol=Symbol::Again>
                <p>"A newer version of Holdfast is ready on this phone."</p>
                <button type="button" class="Button" data-small="" on:click=|_| browser::tell_page("holdfast-take-over")>
                    "Use the new version"
                </button>
            </Banner>
        </Show>
    }
}
