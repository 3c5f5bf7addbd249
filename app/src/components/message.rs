//! What the app says: banners, chips, empty and loading places.

use super::icon::{Icon, Mark, MarkGround, SmallIcon, Symbol, Tone};
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
