//! Icons and the mark. Both are hidden from screen readers: words always stand beside them.

use leptos::prelude::*;

/// The symbols drawn in `public/icons.svg`, by their names there.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Symbol {
    Add,
    Again,
    Back,
    Bell,
    Call,
    Clock,
    Close,
    Device,
    Eye,
    Held,
    Home,
    Info,
    Mismatch,
    More,
    Next,
    No,
    Note,
    Offline,
    Online,
    People,
    Phone,
    Print,
    Records,
    Safe,
    Tick,
    Warn,
}

impl Symbol {
    fn target(self) -> &'static str {
        match self {
            Symbol::Add => "#add",
            Symbol::Again => "#again",
            Symbol::Back => "#back",
            Symbol::Bell => "#bell",
            Symbol::Call => "#call",
            Symbol::Clock => "#clock",
            Symbol::Close => "#close",
            Symbol::Device => "#device",
            Symbol::Eye => "#eye",
            Symbol::Held => "#held",
            Symbol::Home => "#home",
            Symbol::Info => "#info",
            Symbol::Mismatch => "#mismatch",
            Symbol::More => "#more",
            Symbol::Next => "#next",
            Symbol::No => "#no",
            Symbol::Note => "#note",
            Symbol::Offline => "#offline",
            Symbol::Online => "#online",
            Symbol::People => "#people",
            Symbol::Phone => "#phone",
            Symbol::Print => "#print",
            Symbol::Records => "#records",
            Symbol::Safe => "#safe",
            Symbol::Tick => "#tick",
            Symbol::Warn => "#warn",
        }
    }
}

/// What a part means: safe, your turn, something is wrong, no answer yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Tone {
    Held,
    Move,
    Act,
    Wait,
}

impl Tone {
    /// The value of `data-tone`.
    pub fn name(self) -> &'static str {
        match self {
            Tone::Held => "held",
            Tone::Move => "move",
            Tone::Act => "act",
            Tone::Wait => "wait",
        }
    }
}

/// An icon of the usual size.
#[component]
pub fn Icon(symbol: Symbol, #[prop(default = None)] tone: Option<Tone>) -> impl IntoView {
    view! {
        <svg class="Icon" data-tone=tone.map(Tone::name) aria-hidden="true">
            <use_ href=symbol.target()></use_>
        </svg>
    }
}

/// An icon of the size of small text.
#[component]
pub fn SmallIcon(symbol: Symbol) -> impl IntoView {
    view! {
        <svg class="Icon" data-size="s" aria-hidden="true">
            <use_ href=symbol.target()></use_>
        </svg>
    }
}

/// Which ground the mark stands on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MarkGround {
    Kelp,
    Page,
}

/// The mark: a frond that grips a pebble and reads as an h.
#[component]
pub fn Mark(on: MarkGround) -> impl IntoView {
    view! {
        <svg
            class="Mark"
            data-ink=(on == MarkGround::Page).then_some("")
            viewBox="0 0 24 24"
            aria-hidden="true"
        >
            <g fill="none" stroke="currentColor" stroke-width="3" stroke-linecap="round">
                <path d="M8.4 2.2C5.6 4.4 4.8 7 4.8 10v6c0 2.4.6 4.2 2 5.8"></path>
                <path d="M4.8 13.6C5.8 10.2 8.5 8.4 11.9 8.4c4.4 0 7.3 3 7.3 7.4 0 2.4-.6 4.4-2 6"></path>
            </g>
            <circle cx="12" cy="16.3" r="3.3"></circle>
        </svg>
    }
}
