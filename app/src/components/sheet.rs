//! A decision without leaving the screen: the browser's own modal dialog, so that focus stays
//! inside, Escape and the phone's back key close it, and focus goes back to what opened it.

use super::icon::{Icon, Symbol};
use crate::browser;
use crate::signal::RwSignal;
use leptos::{html::Dialog, prelude::*};

/// A sheet that shows while `open` holds. `title` is its heading and its name.
#[component]
pub fn Sheet(
    open: RwSignal<bool>,
    #[prop(into)] title: String,
    children: ChildrenFn,
) -> impl IntoView {
    move || {
        open.get().then(|| {
            let children = children.clone();
            view! { <OpenSheet open title=title.clone()>{children()}</OpenSheet> }
        })
    }
}

#[component]
fn OpenSheet(open: RwSignal<bool>, title: String, children: Children) -> impl IntoView {
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get() {
            // Refused only where the dialog is open already.
            let _ = dialog.show_modal();
        }
    });
    let close = move || {
        if let Some(dialog) = dialog.try_get_untracked().flatten() {
            dialog.close();
        }
    };
    let top = browser::on_top(close);
    // While it still stands on the page: one that is taken away open gives the focus to nobody.
    on_cleanup(move || {
        browser::close_dialog();
        top.leave();
    });
    view! {
        <dialog class="Sheet" node_ref=dialog aria-labelledby="sheet-title" on:close=move |_| open.set(false)>
            <div class="SheetHead">
                <h2 id="sheet-title">{title}</h2>
                <button type="button" class="IconButton" aria-label="Close" on:click=move |_| close()>
                    <Icon symbol=Symbol::Close/>
                </button>
            </div>
            {children()}
        </dialog>
    }
}
