//! Early warnings where they are looked into: who has each, 'I have it', and on to somebody else.

use super::{
    passing_on::{PassOn, PassingOn},
    say::{is_held, say_all},
};
use crate::lean::{Show, attr, each, live};
use crate::signal::{RwSignal, Signal, memo};
use crate::{
    client::use_client,
    components::{
        action::{Button, Weight},
        icon::{Symbol, Tone},
        message::Banner,
        sheet::Sheet,
    },
};
use holdfast_domain::{
    body::{Body, OnWarning, Warned, WarningAnswer},
    ids::EntryId,
    ledger::WarningView,
};
use leptos::prelude::*;

/// How many warnings show before more is asked for: what stands below them is looked for too.
const SHOWN: usize = 2;

/// The early warnings that came of one update or record.
#[component]
pub fn WarningsOf(id: EntryId) -> impl IntoView {
    let client = use_client();
    let views = memo(move || {
        let now = client.now().get();
        client.read(|ledger| ledger.warning_views_of(id, now))
    });
    view! { <EarlyWarnings views/> }
}

/// These early warnings; nothing where there are none.
#[component]
pub fn EarlyWarnings(views: Signal<Vec<WarningView>>) -> impl IntoView {
    let client = use_client();
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let further = RwSignal::new(None::<Warned>);
    let all = RwSignal::new(false);
    let keys = move || {
        let shown = if all.get() { usize::MAX } else { SHOWN };
        views.look(|views| {
            let keys = views.iter().map(|it| it.warned);
            keys.take(shown).collect::<Vec<_>>()
        })
    };
    let more = move || !all.get() && views.look(Vec::len) > SHOWN;
    let asked = memo(move || views.look(|views| views.iter().filter(|it| it.asks_me).count()));
    let have = move |which: Option<Warned>| {
        let bodies = views.with_untracked(|views| {
            let mine = views.iter().filter(|it| it.asks_me);
            let mine = mine.filter(|it| which.is_none_or(|which| it.warned == which));
            WarningAnswer::bodies(&mine.cloned().collect::<Vec<_>>(), &OnWarning::HaveIt)
        });
        say_all(client, bodies, busy, move |said| {
            trouble.try_set(said.err());
        });
    };
    let card = move |key: Warned| {
        let view =
            memo(move || views.look(|views| views.iter().find(|it| it.warned == key).cloned()));
        let settled = move || view.look(|it| it.as_ref().is_some_and(|it| it.settled.is_some()));
        let tone = move || if settled() { Tone::Held } else { Tone::Move };
        let asks = move || view.look(|it| it.as_ref().is_some_and(|it| it.asks_me));
        view! {
            <article class="Card" data-tone=attr(move || tone().name())>
                {live(move || view.get().map(|it| view! {
                    <h3 dir="auto">{it.title}</h3>
                    <p dir="auto">{it.line}</p>
                    {it.settled.map(|settled| view! { <p><b>{settled}</b></p> })}
                    {it.done.into_iter().map(|line| view! { <p><small dir="auto">{line}</small></p> }).collect_view()}
                }))}
                <Show when=asks>
                    <div class="Actions">
                        <Button symbol=Symbol::Tick busy=busy on_press=move |()| have(Some(key))>"I have it"</Button>
                        <Button weight=Weight::Quiet on_press=move |()| further.set(Some(key))>"Escalate further"</Button>
                    </div>
                </Show>
            </article>
        }
        .into_any()
    };
    view! {
        <Show when=move || views.look(|views| !views.is_empty())>
            <section class="Section" aria-labelledby="warnings">
                <header>
                    <h2 id="warnings">"Early warnings"</h2>
                    <Show when=move || { asked.get() > 1 }>
                        <Button busy=busy on_press=move |()| have(None)>
                            {live(move || format!("I have all {}", asked.get()))}
                        </Button>
                    </Show>
                </header>
                {live(move || trouble.get().map(|why| view! {
                    <Banner tone=Tone::Act symbol=Symbol::Warn>
                        <p>{why}</p>
                    </Banner>
                }))}
                {each(keys, card)}
                <Show when=more>
                    <p>
                        <button type="button" class="Button" data-small="" on:click=move |_| all.set(true)>
                            {live(move || format!("Show all {}", views.look(Vec::len)))}
                        </button>
                    </p>
                </Show>
            </section>
        </Show>
        {live(move || further.get().map(|key| {
            let view = views.with_untracked(|views| views.iter().find(|it| it.warned == key).cloned());
            view.map(|view| view! { <Further view further/> })
        }))}
    }
}

/// To whom, and what else to know.
#[component]
fn Further(view: WarningView, further: RwSignal<Option<Warned>>) -> impl IntoView {
    let client = use_client();
    let open = RwSignal::new(true);
    Effect::new(move |_| {
        if !open.get() {
            further.set(None);
        }
    });
    let Warned { sign, about } = view.warned;
    let on = PassingOn::new("escalate-note", &format!("escalate.{sign:?}.{about}"));
    let service = view.service;
    let people = Signal::derive(move || client.read(|ledger| ledger.escalates_to(service)));
    let view = StoredValue::new(view);
    let save = move |()| {
        let Some((to, why)) = on.picked() else {
            return;
        };
        let answer = OnWarning::Escalate { to, why };
        let bodies =
            view.with_value(|view| WarningAnswer::bodies(std::slice::from_ref(view), &answer));
        let held = |(_, body): &(_, Body)| is_held(body, on.id, on.note_fault, "Keep it to");
        if bodies.iter().any(held) {
            return;
        }
        on.say(bodies, move || {
            open.try_set(false);
        });
    };
    view! {
        <Sheet open title="Escalate further">
            <p>"It shows first on their home, with your name."</p>
            <PassOn on id="escalate-to" people label="Escalate it" on_press=save/>
        </Sheet>
    }
}
