//! What is only read: bars, messages, lists, changes and icons; and the sheet.

use crate::client::Connection;
use crate::components::{
    change::{Marked, Side},
    frame::{ConnectionState, Unsent},
    icon::{Icon, Mark, MarkGround, SmallIcon, Symbol, Tone},
    list::{LinkRow, RecordLine, RecordRow, Stage},
    message::{Banner, Blank, Skeleton, StatusChip},
    sheet::Sheet,
};
use crate::signal::RwSignal;
use crate::{LONG, Part, fixed};
use holdfast_domain::{difference::difference, ids::EntryId};
use leptos::prelude::*;

const TONES: [(Tone, &str); 4] = [
    (Tone::Held, "Safe"),
    (Tone::Move, "Your turn"),
    (Tone::Act, "Something is wrong"),
    (Tone::Wait, "No answer yet"),
];

#[component]
pub fn Bars() -> impl IntoView {
    let states = [
        Connection::Connecting,
        Connection::Online,
        Connection::Offline,
        Connection::Sending(3),
        Connection::Retrying,
        Connection::AllSent,
    ];
    let bar = |state: Connection| {
        let waits = matches!(state, Connection::Offline | Connection::Retrying);
        view! {
            <div class="AppBar">
                <div>
                    <Mark on=MarkGround::Kelp/>
                    <b>"Holdfast"</b>
                    <ConnectionState connection=fixed(state)/>
                </div>
                {waits.then(|| view! { <Unsent count=3 oldest=Some("2 hours ago".to_owned())/> })}
            </div>
        }
    };
    view! {
        <Part id="bars" title="The bar and what the connection does">
            {states.map(bar).into_iter().collect_view()}
        </Part>
    }
}

#[component]
pub fn Messages() -> impl IntoView {
    let banner = |(tone, name): (Tone, &'static str)| {
        view! {
            <Banner tone=tone symbol=Symbol::Info>
                <p><b>{name} ". "</b> "What you saved is still kept on this phone."</p>
                <button type="button" class="Button" data-small="">"I have read this"</button>
            </Banner>
        }
    };
    let chip = |(tone, label): (Tone, &'static str)| view! { <StatusChip tone symbol=Symbol::Clock label/> };
    view! {
        <Part id="messages" title="Messages">
            <Banner symbol=Symbol::Safe>
                <p>"We kept what you wrote. Carry on where you left off."</p>
            </Banner>
            {TONES.map(banner).into_iter().collect_view()}
            <div class="Toolbar">{TONES.map(chip).into_iter().collect_view()}</div>
            <Blank symbol=Symbol::People>
                <h3>"Choose somebody"</h3>
                <p>"What you must know of them shows here."</p>
            </Blank>
            <Blank>
                <h3>"Nothing here"</h3>
                <a class="Button" data-kind="main" href="/styleguide">"Go to home"</a>
            </Blank>
            <Skeleton/>
        </Part>
    }
}

#[component]
pub fn Lists() -> impl IntoView {
    let record = |title: &str, stage, label, also: Option<&str>, open| {
        let row = RecordRow {
            id: EntryId::nil(),
            title: title.to_owned(),
            when: "Today, 21:35".to_owned(),
            stage,
            label,
            also: also.map(str::to_owned),
        };
        view! { <RecordLine row open=fixed(open) query=""/> }
    };
    view! {
        <Part id="lists" title="Lists">
            <ul class="List" aria-label="Records">
                {record("Mismatch · Jean Whitby", Stage::Saved, "Saved on this phone", None, false)}
                {record("Temporary note · Siân Pugh", Stage::Sent, "Sent", Some("Seen by Sunita Rao"), true)}
                {record(LONG, Stage::NeedsAttention, "Needs attention", Some("Being sent again"), false)}
            </ul>
            <ul class="List" aria-label="Ways">
                <LinkRow href="/styleguide" label="A way to somewhere"/>
                <LinkRow href="/styleguide" label="With what is there" detail="3 devices, 1 waits for you" symbol=Symbol::Eye/>
                <LinkRow href="/styleguide" label=LONG detail=LONG symbol=Symbol::Warn tone=Some(Tone::Act)/>
            </ul>
        </Part>
    }
}

#[component]
pub fn Changes() -> impl IntoView {
    let it = difference("Level 5, minced and moist", "Level 4, pureed, and moist");
    view! {
        <Part id="changes" title="A change">
            <div class="BeforeAfter">
                <div>
                    <h3>"Before"</h3>
                    <Marked pieces=it.before side=Side::Before/>
                </div>
                <div>
                    <h3>"Now"</h3>
                    <Marked pieces=it.after side=Side::After/>
                </div>
            </div>
        </Part>
    }
}

#[component]
pub fn Icons() -> impl IntoView {
    let symbols = [
        Symbol::Add,
        Symbol::Again,
        Symbol::Back,
        Symbol::Bell,
        Symbol::Call,
        Symbol::Clock,
        Symbol::Close,
        Symbol::Device,
        Symbol::Eye,
        Symbol::Held,
        Symbol::Home,
        Symbol::Info,
        Symbol::Mismatch,
        Symbol::More,
        Symbol::Next,
        Symbol::No,
        Symbol::Note,
        Symbol::Offline,
        Symbol::Online,
        Symbol::People,
        Symbol::Phone,
        Symbol::Print,
        Symbol::Records,
        Symbol::Safe,
        Symbol::Tick,
        Symbol::Warn,
    ];
    view! {
        <Part id="icons" title="Icons">
            <div class="Toolbar">
                <Mark on=MarkGround::Page/>
                {symbols.map(|symbol| view! { <Icon symbol/> }).into_iter().collect_view()}
                {TONES.map(|(tone, _)| view! { <Icon symbol=Symbol::Warn tone=Some(tone)/> }).into_iter().collect_view()}
                <SmallIcon symbol=Symbol::Next/>
            </div>
        </Part>
    }
}

#[component]
pub fn Sheets() -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <Part id="sheets" title="A sheet">
            <button type="button" class="Button" on:click=move |_| open.set(true)>"Open a sheet"</button>
            <Sheet open title="Start again?">
                <p>"What you typed on this form goes. Records you have saved stay as they are."</p>
                <div class="Actions">
                    <button type="button" class="Button" data-kind="main">"Keep what I wrote"</button>
                    <button type="button" class="Button">"Start again"</button>
                </div>
            </Sheet>
        </Part>
    }
}
