//! What the app says: banners, chips, empty and loading places.

use super::icon::{Icon, Mark, MarkGround, SmallIcon, Symbol, Tone};
use crate::client::{Loss, use_client};
use crate::lean::live;
use holdfast_domain::words;
use leptos::prelude::*;

/// A fact to know, with its mark.
#[component]
pub fn Banner(
    #[prop(optional, into)] tone: Option<Tone>,
    symbol: Symbol,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="Banner" data-tone=tone.map(Tone::name)>
            <Icon symbol/>
            {children()}
        </div>
    }
}

/// A banner that appears after the screen did, and is spoken.
#[component]
pub fn LateBanner(
    #[prop(optional, into)] tone: Option<Tone>,
    symbol: Symbol,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="Banner" role="log" aria-label="News" data-tone=tone.map(Tone::name)>
            <Icon symbol/>
            {children()}
        </div>
    }
}

/// What became of what the phone kept, where the browser has deleted it. What is counted is put away by hand.
#[component]
pub fn LossBanner() -> impl IntoView {
    let client = use_client();
    live(move || {
        let loss = client.loss().get()?;
        let (what, then) = loss_words(loss);
        let tone = match loss {
            Loss::Gone | Loss::PutBack(_) | Loss::Counted(0) => Tone::Move,
            Loss::Counted(_) | Loss::Unread => Tone::Act,
        };
        Some(view! {
            <div class="Banner" role="alert" data-tone=tone.name()>
                <Icon symbol=Symbol::Warn/>
                <p>
                    <b>{what}</b>
                    " "
                    {then}
                </p>
                {(!matches!(loss, Loss::Gone | Loss::Unread)).then(|| view! {
                    <button type="button" class="Button" data-small="" on:click=move |_| client.loss_is_read()>
                        "I have read this"
                    </button>
                })}
            </div>
        })
    })
}

fn loss_words(loss: Loss) -> (String, &'static str) {
    match loss {
        Loss::Gone => (
            "This browser has deleted what Holdfast kept on this phone.".into(),
            "Once you are signed in and there is signal, Holdfast says here whether records are lost.",
        ),
        Loss::Unread => (
            "This phone cannot read part of what it kept. What you see here may lack people, records or changes.".into(),
            "Holdfast fetches it again when there is signal, and this goes. Until then go by paper, or ask. What you wrote is safe.",
        ),
        Loss::Counted(0) => (
            "No record is missing.".into(),
            "This browser had deleted what Holdfast kept on this phone. Every record that was counted here had been sent.",
        ),
        Loss::Counted(1) => (
            "At least 1 record written on this phone was not sent and is lost.".into(),
            "Write it again, from memory or paper. This browser had deleted what Holdfast kept here.",
        ),
        Loss::Counted(lost) => (
            format!("At least {lost} records written on this phone were not sent and are lost."),
            "Write them again, from memory or paper. This browser had deleted what Holdfast kept here.",
        ),
        Loss::PutBack(0) => (
            "Nothing is lost.".into(),
            "This browser deleted what Holdfast kept on this phone. Holdfast was open and has put it back.",
        ),
        Loss::PutBack(waiting) => (
            format!(
                "Nothing is lost: {} saved again.",
                words::count(
                    waiting,
                    "record not sent yet is",
                    "records not sent yet are"
                )
            ),
            "This browser deleted what Holdfast kept on this phone. Holdfast was open and has put it back.",
        ),
    }
}

/// A state in an icon and a word.
#[component]
pub fn StatusChip(tone: Tone, symbol: Symbol, #[prop(into)] label: String) -> impl IntoView {
    view! {
        <span class="StatusChip" data-tone=tone.name()>
            <SmallIcon symbol/>
            {label}
        </span>
    }
}

/// Nothing here, or not working: safe things first.
#[component]
pub fn Blank(#[prop(optional, into)] symbol: Option<Symbol>, children: Children) -> impl IntoView {
    view! {
        <div class="Blank">
            {match symbol {
                Some(symbol) => view! { <Icon symbol/> }.into_any(),
                None => view! { <Mark on=MarkGround::Page/> }.into_any(),
            }}
            {children()}
        </div>
    }
}

/// Rows that are still being read from the phone.
#[component]
pub fn Skeleton() -> impl IntoView {
    view! {
        <ul class="List" aria-hidden="true">
            {(0..5)
                .map(|row| {
                    view! {
                        <li class="ListRow">
                            <i class="Initials Skeleton"></i>
                            <span>
                                <i class="Skeleton" data-w="most"></i>
                                <i class="Skeleton" data-w=if row % 2 == 0 { "half" } else { "most" }></i>
                            </span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}
