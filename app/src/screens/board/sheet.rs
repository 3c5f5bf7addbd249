//! One cell of the board, opened.

use super::Target;
use crate::{
    browser,
    client::use_client,
    components::{
        action::{Button, Weight},
        change::{Marked, Side},
        choice::{Answer, Choice, chosen, on_choose},
        icon::{Symbol, Tone},
        message::Banner,
        sheet::Sheet,
    },
    lean::{Show, live},
    places::Place,
    screens::say::say,
    signal::{RwSignal, Signal, memo},
};
use holdfast_domain::{
    body::{Body, Confirmation, Method, Screen, Shows},
    difference::Piece,
    ids::{EntryId, ServiceId},
    ledger::BoardPart,
};
use leptos::prelude::*;

/// What the sheet of a cell shows.
#[derive(Clone, PartialEq, Default)]
struct Detail {
    service: Option<ServiceId>,
    label: String,
    line: String,
    pieces: Vec<Piece>,
    person: String,
    first_name: String,
    reminded: Option<String>,
    chases: bool,
}

/// One device and one change: what is known, an answer after looking at it, or a reminder.
#[component]
pub(super) fn CellSheet(
    update: EntryId,
    screen: Screen,
    target: Target,
    method: RwSignal<Option<Method>>,
    parts: Signal<Vec<BoardPart>>,
) -> impl IntoView {
    let client = use_client();
    let open = RwSignal::new(true);
    Effect::new(move |_| {
        if !open.get() {
            target.set(None);
        }
    });
    let detail = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            let it = ledger.update(update)?;
            let (place, cell) = parts.look(|parts| {
                let part = parts.iter().find(|part| part.service == it.service)?;
                let at = part
                    .screens
                    .iter()
                    .position(|place| place.screen == screen)?;
                let cell = part.rows.iter().find(|row| row.id == update)?.cells[at]?;
                Some((part.screens[at].clone(), cell))
            })?;
            Some(Detail {
                service: Some(it.service),
                label: place.label.clone(),
                line: cell.line(ledger, &place, now),
                pieces: it.difference().after,
                person: it.title(ledger),
                first_name: match place.holder {
                    Some(_) => place
                        .holder_name
                        .split_whitespace()
                        .next()
                        .unwrap_or_default()
                        .to_owned(),
                    None => "this device".to_owned(),
                },
                reminded: ledger.reminder_line(update, &place, now),
                chases: ledger.chases(it.service),
            })
        })
    });
    // The controls are drawn once: what is said beside them changes, and they keep the focus.
    let known = Signal::derive(move || detail.get().unwrap_or_default());
    let pieces = memo(move || known.get().pieces);
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let save = move |body: Body, closes: bool| {
        let Some(service) = detail.with_untracked(|it| it.as_ref()?.service) else {
            return;
        };
        say(client, service, body, busy, move |said| match said {
            Ok(()) if closes => open.try_set(false),
            Ok(()) => {}
            Err(why) => trouble.try_set(Some(why)),
        });
    };
    let fault = RwSignal::new(None::<String>);
    let answer = move |answer: Shows| {
        // How it was checked is said, never assumed.
        let Some(method) = method.get_untracked() else {
            fault.set(Some("Pick how you checked.".into()));
            browser::focus("method");
            return;
        };
        let body = Body::confirmation(Confirmation {
            update,
            device: screen,
            answer,
            method,
        });
        save(body, true);
    };
    let title =
        detail.with_untracked(|it| it.as_ref().map_or(String::new(), |it| it.label.clone()));
    view! {
        <Sheet open title>
            <Show when=move || detail.look(Option::is_some)>
                <p>
                    <small dir="auto">{live(move || known.get().line)}</small>
                </p>
                <p>
                    <b dir="auto">{live(move || known.get().person)}</b>
                </p>
                {live(move || view! { <Marked pieces=pieces.get() side=Side::After/> })}
                <p>
                    <a href=Place::Update(update).path()>"Read the whole change"</a>
                </p>
                {live(move || trouble.get().map(|why| view! {
                    <Banner tone=Tone::Act symbol=Symbol::Warn>
                        <p>{why}</p>
                    </Banner>
                }))}
                <Show when=move || known.get().chases>
                    <Choice
                        id="method"
                        legend="How did you check?"
                        fault=fault
                        answers=Method::BY_HAND.map(|it| Answer::new(it, it.label())).to_vec()
                        chosen=chosen(move || method.get())
                        on_choose=on_choose(move |chosen: Method, _| {
                            fault.set(None);
                            method.set(Some(chosen));
                        })
                    />
                    <div class="Actions">
                        <Button symbol=Symbol::Tick busy=busy on_press=move |()| answer(Shows::New)>
                            "It shows the change"
                        </Button>
                        <Button symbol=Symbol::Mismatch busy=busy on_press=move |()| answer(Shows::SomethingElse)>
                            "It shows something else"
                        </Button>
                        <Button
                            weight=Weight::Quiet
                            symbol=Symbol::Bell
                            busy=busy
                            on_press=move |()| save(Body::reminder(update, screen), false)
                        >
                            {live(move || format!("Remind {}", known.get().first_name))}
                        </Button>
                    </div>
                </Show>
                <p role="status">
                    <small>{live(move || known.get().reminded)}</small>
                </p>
            </Show>
        </Sheet>
    }
}
