//! What is only read: bars, messages, lists, changes and icons; and the sheet.

use crate::client::Connection;
use crate::components::{
    change::{Marked, Side},
    frame::{ConnectionState, Menu, Unsent},
    home_screen::{AddToHomeScreen, HomeScreen, HomeScreenState},
    icon::{Icon, Mark, MarkGround, SmallIcon, Symbol, Tone},
    legend::Legend,
    list::{LinkRow, RecordLine, RecordRow, Stage},
    message::{Banner, Blank, Skeleton, StatusChip},
    sheet::Sheet,
};
use crate::places::Place;
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

/// The menu as a worker has it, as a leader has it, and with counts of two figures.
#[component]
pub fn Menus() -> impl IntoView {
    let menu = |label: &'static str, root, inbox, records, attention: usize| {
        view! {
            // It is fixed to the screen elsewhere, and to this box here.
            <div
                role="group"
                aria-label=label
                style:contain="layout"
                style:min-block-size="26rem"
                style:border="1px solid var(--line)"
            >
                <Menu root inbox=fixed(inbox) records=fixed(records) attention=fixed(attention)/>
            </div>
        }
    };
    let mine = (Place::Records, "My records");
    let all = (Place::AllRecords, "Records");
    view! {
        <Part id="menus" title="The menu">
            {menu("Of whoever receives nothing", Place::Home, None, mine, 0)}
            {menu("With what waits", Place::Inbox, Some(3), (Place::Records, "Records"), 1)}
            {menu("With much that waits", Place::AllRecords, Some(42), all, 12)}
        </Part>
    }
}

/// Putting Holdfast on the home screen: asked by the browser, done by hand, and where it may be put away.
#[component]
pub fn HomeScreens() -> impl IntoView {
    view! {
        <Part id="home-screens" title="Putting it on the home screen">
            <Offered how=HomeScreen::Ask passing=true/>
            <Offered how=HomeScreen::Ask passing=false/>
            <Offered how=HomeScreen::ByHand passing=true/>
        </Part>
    }
}

#[component]
fn Offered(how: HomeScreen, passing: bool) -> impl IntoView {
    provide_context(HomeScreenState(RwSignal::new(how)));
    view! { <AddToHomeScreen passing/> }
}

/// The board's grid with each state of a cell, and what the marks mean. Its screen makes thousands of cells by hand,
/// and takes as many of them out of view: what they look like is said by the style sheets, and shown here.
#[component]
pub fn Boards() -> impl IntoView {
    let devices = [
        ("PH1", "Jean", ""),
        ("PH2", "Marta", ""),
        ("TB1", "shared", ""),
        ("own", "Callum", ""),
        ("PH7", "Helen", "first"),
        ("TB3", "shared", ""),
    ];
    let cells = [
        ("held", "✓"),
        ("act", "≠"),
        ("late", "×"),
        ("late", "!5h"),
        ("wait", "3h"),
        ("clash", "?!"),
    ];
    let column = |at: usize| (at + 2).to_string();
    let head = move || {
        let devices = devices.into_iter().enumerate().map(|(at, (short, whose, first))| {
            view! {
                <th role="columnheader" aria-colindex=at + 2 style:grid-column=column(at) data-first=(at > 0 && !first.is_empty()).then_some("")>
                    <abbr title=format!("NHC-{short}")>{short}</abbr>
                    <small>{whose}</small>
                </th>
            }
        });
        devices.collect_view()
    };
    let row =
        move |person: &'static str, covered: &'static str, words: &'static str, from: usize| {
            let cells = (0..cells.len()).map(|at| {
                let (state, mark) = cells[(at + from) % cells.len()];
                let asked = from != 4 || at % 2 == 0;
                let (state, mark) = if asked { (state, mark) } else { ("", "") };
                view! {
                    <td
                        role="gridcell"
                        tabindex=if at + from == 0 { "0" } else { "-1" }
                        aria-colindex=at + 2
                        aria-label=format!("{mark}, {}", devices[at].0)
                        style:grid-column=column(at)
                        data-first=(at > 0 && !devices[at].2.is_empty()).then_some("")
                    >
                        <span data-s=state>{mark}</span>
                    </td>
                }
            });
            view! {
                <tr role="row">
                    <th role="rowheader">
                        <span>
                            <a tabindex="-1" href="/styleguide"><b dir="auto">{person}</b></a>
                            <b>{covered}</b>
                            <small>{words}</small>
                        </span>
                    </th>
                    {cells.collect_view()}
                </tr>
            }
        };
    view! {
        <Part id="boards" title="The visibility board">
            <Legend/>
            <div class="Board">
                <table role="grid" style:--devices="6" aria-label="Which device shows which change" aria-rowcount="5" aria-colcount="7">
                    <thead role="rowgroup">
                        <tr role="row">
                            <th role="columnheader">"Change"</th>
                            <th role="columnheader" style:grid-column="span 4">"Northgate Home Care"</th>
                            <th role="columnheader" style:grid-column="span 2" data-first="">"Elm Court"</th>
                        </tr>
                        <tr role="row" data-devices="">
                            <td aria-hidden="true"></td>
                            {head()}
                        </tr>
                    </thead>
                    <tbody role="rowgroup">
                        {row("Jean Whitby", "1 of 6", "Eating and drinking · before the next visit or shift · 5h", 0)}
                        {row("Siân Pugh", "1 of 6", "Skin · today · 3h", 3)}
                        {row("Oluwaseun Adebayo-Featherstonehaugh", "1 of 3", "Moving about, with two staff and the hoist · routine · 2d", 4)}
                    </tbody>
                </table>
            </div>
            <p role="status">"Callum Reid is reminded"</p>
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
