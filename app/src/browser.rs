//! The few things a screen asks of the browser itself: focus, title, width, history.

use crate::signal::{RwSignal, Signal};
use holdfast_domain::encoding::Millis;
use leptos::prelude::*;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    sync::{Arc, Mutex},
    time::Duration,
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    FocusOptions, HtmlDialogElement, HtmlElement, ScrollIntoViewOptions, ScrollLogicalPosition,
};

/// Whether a form shows one question a step: the same width as the style sheets' breakpoint.
pub fn is_phone() -> bool {
    window()
        .match_media("(min-width: 48em)")
        .ok()
        .flatten()
        .is_none_or(|query| !query.matches())
}

/// Whether the window is as wide as a tablet, followed while it is turned or drawn larger.
pub fn wide() -> RwSignal<bool> {
    let wide = RwSignal::new(!is_phone());
    on_resize(move || {
        let now = !is_phone();
        if wide.get_untracked() != now {
            wide.set(now);
        }
    });
    wide
}

/// Does `then` each time the window is turned or drawn larger, for as long as the screen that asks is there.
pub fn on_resize(then: impl Fn() + 'static) {
    let resized = window_event_listener(leptos::ev::resize, move |_| then());
    on_cleanup(move || resized.remove());
}

/// How many of a long list are drawn: `step` more with each frame, up to `most`, so that no frame waits for all of them.
pub fn gradually(step: usize, most: Signal<usize>) -> Signal<usize> {
    let drawn = RwSignal::new(step);
    Effect::new(move |_| {
        let next = drawn.get() + step;
        if drawn.get() < most.get() {
            request_animation_frame(move || drawn.try_set(next));
        }
    });
    drawn.into()
}

/// What many parts of a screen show anew at once, the clock of each row say: a part a frame takes it over, so that no
/// frame waits for all of them.
pub fn in_turn(of: Signal<Millis>) -> Signal<Millis> {
    thread_local! {
        static WAITING: RefCell<VecDeque<Box<dyn FnOnce() -> bool>>> = RefCell::default();
    }
    fn one() {
        // A part that has gone takes nothing over, and no frame.
        while let Some(next) = WAITING.with_borrow_mut(VecDeque::pop_front) {
            if next() {
                break;
            }
        }
        if WAITING.with_borrow(|waiting| !waiting.is_empty()) {
            request_animation_frame(one);
        }
    }
    let taken = RwSignal::new(of.get_untracked());
    let waits = Rc::new(Cell::new(false));
    Effect::new(move |_| {
        // No frame comes while the page is out of view: whoever waits already takes what holds by then.
        if of.get() == taken.get_untracked() || waits.replace(true) {
            return;
        }
        let waits = Rc::clone(&waits);
        let take = Box::new(move || {
            let stands = !taken.is_gone();
            waits.set(false);
            taken.try_set(of.get_untracked());
            stands
        });
        let is_first = WAITING.with_borrow_mut(|waiting| {
            waiting.push_back(take);
            waiting.len() == 1
        });
        if is_first {
            request_animation_frame(one);
        }
    });
    taken.into()
}

/// Whether this page is in front of the person.
pub fn in_front() -> bool {
    !document().hidden() && document().has_focus().unwrap_or(false)
}

/// Whether the focus is in a field or an answer of a form.
pub fn is_answering() -> bool {
    let at = document().active_element();
    at.is_some_and(|at| at.matches("input, textarea").unwrap_or(false))
}

/// Gives an element the focus once it has been drawn.
pub fn focus(id: impl Into<String>) {
    let id = id.into();
    request_animation_frame(move || {
        if let Some(element) = element(&id) {
            let _ = first_control(element).focus();
        }
    });
}

/// The words beside a field or over a group of answers; none where nothing of that id is drawn.
pub fn label_of(id: &str) -> Option<String> {
    let label = format!("label[for=\"{id}\"], [id=\"{id}-q\"]");
    let label = document().query_selector(&label).ok().flatten()?;
    label.text_content().filter(|words| !words.is_empty())
}

/// Scrolls no further than brings an element into view, once it has been drawn.
pub fn reveal(id: String) {
    request_animation_frame(move || {
        if let Some(element) = element(&id) {
            let nearest = ScrollIntoViewOptions::new();
            nearest.set_block(ScrollLogicalPosition::Nearest);
            element.scroll_into_view_with_scroll_into_view_options(&nearest);
        }
    });
}

/// Closes the dialog that is open, if there is one: the browser gives the focus back to what opened it.
pub fn close_dialog() {
    let open = document().query_selector("dialog[open]").ok().flatten();
    if let Some(dialog) = open.and_then(|open| open.dyn_into::<HtmlDialogElement>().ok()) {
        dialog.close();
    }
}

/// Gives an element the focus and leaves the page scrolled as it is.
pub fn focus_quietly(element: &HtmlElement) {
    let quietly = FocusOptions::new();
    quietly.set_prevent_scroll(true);
    let _ = element.focus_with_options(&quietly);
}

/// Scrolls the part that an element stands in, and nothing else, until the element is in view, once it has been drawn.
pub fn bring_into_view(selector: &'static str) {
    request_animation_frame(move || {
        let found = document().query_selector(selector).ok().flatten();
        let Some(element) = found.and_then(|it| it.dyn_into::<HtmlElement>().ok()) else {
            return;
        };
        if let Some(part) = element.offset_parent() {
            let middle = element.offset_top() - part.client_height() / 2;
            part.set_scroll_top(middle);
        }
    });
}

/// Names the page in the browser's tab and history.
pub fn set_title(title: &str) {
    document().set_title(&format!("{title} – Holdfast"));
}

/// Goes one page back in this tab's history.
pub fn back() {
    if let Ok(history) = window().history() {
        let _ = history.back();
    }
}

/// Opens the browser's own print window.
pub fn print() {
    let _ = window().print();
}

/// What tells an entry that `push_same` put there.
const ON_TOP: &str = "on top";

thread_local! {
    /// How many things lie over the screen.
    static COVERS: Cell<usize> = const { Cell::new(0) };
    /// What is done once the entry on top has been left.
    static LEFT: RefCell<Option<Box<dyn FnOnce()>>> = const { RefCell::new(None) };
}

/// Puts an entry of the same address on top of this tab's history, for the phone's back key to take away.
pub fn push_same() {
    if let Ok(history) = window().history() {
        let _ = history.push_state(&JsValue::from_str(ON_TOP), "");
    }
}

/// Goes back over the entry that `push_same` put on top, where one stands there, and then does `then`. Whoever
/// listens for the back key asks [`left_top`] first.
pub fn leave_top(then: impl FnOnce() + 'static) {
    if is_on_top() {
        LEFT.set(Some(Box::new(then)));
        back();
    } else {
        then();
    }
}

fn is_on_top() -> bool {
    let history = window().history().ok();
    let state = history.as_ref().and_then(|history| history.state().ok());
    state.and_then(|state| state.as_string()).as_deref() == Some(ON_TOP)
}

/// Whether the entry on top was just left by [`leave_top`]; what was to be done then is done.
pub fn left_top() -> bool {
    let Some(then) = LEFT.take() else {
        return false;
    };
    then();
    true
}

/// An entry on top of this tab's history, for as long as something lies over the screen.
#[derive(Clone, Default)]
pub struct OnTop(Arc<Mutex<Top>>);

#[derive(Default)]
struct Top {
    listener: Option<WindowListenerHandle>,
    leaving: bool,
}

/// Puts an entry on top of the history, for the phone's back key to take away: it does `back` then, and the screen
/// stays.
pub fn on_top(back: impl Fn() + 'static) -> OnTop {
    push_same();
    COVERS.set(COVERS.get() + 1);
    let top = OnTop::default();
    let heard = top.clone();
    let listener = window_event_listener(leptos::ev::popstate, move |_| {
        let Top { listener, leaving } = heard.take();
        let Some(listener) = listener else { return };
        listener.remove();
        COVERS.set(COVERS.get() - 1);
        if !left_top() && !leaving {
            back();
        }
    });
    top.put(listener, false);
    top
}

/// Whether something lies over the screen: the back key is not for what lies under it.
pub fn is_covered() -> bool {
    COVERS.get() > 0
}

impl OnTop {
    fn take(&self) -> Top {
        self.0
            .lock()
            .map(|mut top| std::mem::take(&mut *top))
            .unwrap_or_default()
    }

    fn put(&self, listener: WindowListenerHandle, leaving: bool) {
        if let Ok(mut top) = self.0.lock() {
            *top = Top {
                listener: Some(listener),
                leaving,
            };
        }
    }

    /// Takes the entry away, where nothing was gone to from there.
    pub fn leave(&self) {
        let Some(listener) = self.take().listener else {
            return;
        };
        self.put(listener, true);
        let top = self.clone();
        // A link that was followed from there has its own entry by then.
        set_timeout(
            move || {
                if is_on_top() {
                    return leave_top(|| {});
                }
                if let Some(listener) = top.take().listener {
                    listener.remove();
                    COVERS.set(COVERS.get() - 1);
                }
            },
            Duration::ZERO,
        );
    }
}

/// A group of answers takes no focus itself: its first answer does.
fn first_control(element: HtmlElement) -> HtmlElement {
    if element.tag_name() != "FIELDSET" {
        return element;
    }
    let first = element.query_selector("input:not([type=search])");
    let first = first.ok().flatten();
    first
        .and_then(|first| first.dyn_into().ok())
        .unwrap_or(element)
}

fn element(id: &str) -> Option<HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Tells the page's other scripts (the service worker's starter) what the person decided.
pub fn tell_page(event: &str) {
    if let Ok(event) = web_sys::CustomEvent::new(event) {
        let _ = window().dispatch_event(&event);
    }
}

/// What the page's start code wrote as `data-` on the root element, by the name script gives it.
pub fn root_data(name: &str) -> Option<String> {
    let root: HtmlElement = document().document_element()?.dyn_into().ok()?;
    root.dataset().get(name)
}

/// Brings a question to the front of the page. Where its first thing is a text box the focus goes
/// into it, so that the next key writes there; else to the question's heading.
pub fn focus_question(id: &str) {
    window().scroll_to_with_x_and_y(0.0, 0.0);
    let Some(question) = element(id) else { return };
    let first = question.query_selector("input, textarea").ok().flatten();
    let typed = first.filter(|first| first.tag_name() == "TEXTAREA");
    let target = typed.or_else(|| question.query_selector("h2[tabindex]").ok().flatten());
    if let Some(target) = target.and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
        focus_quietly(&target);
    }
}
