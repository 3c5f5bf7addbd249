//! Something that goes on to a colleague: who takes it on, and what else to know.

use super::say::Typed;
use crate::components::{
    action::{Button, Weight},
    choice::{Answer, Choice, chosen, on_choose},
    field::TextArea,
};
use crate::signal::{RwSignal, Signal};
use holdfast_domain::{
    body::Body,
    form::TEXT,
    ids::{ServiceId, UserId},
};
use leptos::prelude::*;

/// What is picked and written, and what of it is to be put right.
#[derive(Clone, Copy)]
pub struct PassingOn {
    /// The note's field.
    pub id: &'static str,
    pub to: RwSignal<Option<UserId>>,
    pub fault: RwSignal<Option<String>>,
    pub note_fault: RwSignal<Option<String>>,
    pub busy: RwSignal<bool>,
    note: Typed,
}

impl PassingOn {
    /// Made as its sheet opens; `what` tells its note from others of the page.
    pub fn new(id: &'static str, what: &str) -> PassingOn {
        PassingOn {
            id,
            to: RwSignal::new(None),
            fault: RwSignal::new(None),
            note_fault: RwSignal::new(None),
            busy: RwSignal::new(false),
            note: Typed::of(what),
        }
    }

    /// To whom it goes, and the note. Where nobody is picked, that is said at the question.
    pub fn picked(self) -> Option<(UserId, String)> {
        let to = self.to.get_untracked();
        if to.is_none() {
            self.fault.set(Some("Pick who takes it on.".into()));
        }
        Some((to?, self.note.words()))
    }

    /// Saves what it came to; `then` hears that it is saved, and what hinders it is said at the question.
    pub fn say(self, bodies: Vec<(ServiceId, Body)>, then: impl FnOnce() + 'static) {
        self.note
            .say_all(bodies, self.busy, move |said| match said {
                Ok(()) => then(),
                Err(why) => {
                    self.fault.try_set(Some(why));
                }
            });
    }
}

/// The two questions and the button. `people` are who, the name, and the roles in words; `id` names their group.
#[component]
pub fn PassOn(
    on: PassingOn,
    id: &'static str,
    people: Signal<Vec<(UserId, String, String)>>,
    label: &'static str,
    #[prop(into)] on_press: Callback<()>,
) -> impl IntoView {
    let PassingOn { to, note, .. } = on;
    let answers = Signal::derive(move || {
        let people = people.get().into_iter();
        people
            .map(|(user, name, roles)| Answer::new(user, name).hint(roles))
            .collect()
    });
    view! {
        <Choice
            id=id
            legend="Who takes it on?"
            fault=on.fault
            answers
            chosen=chosen(move || to.get())
            on_choose=on_choose(move |user: UserId, _| {
                on.fault.set(None);
                to.set(Some(user));
            })
        />
        <TextArea
            id=on.id
            label="Anything else to know"
            hint="You can leave this empty."
            fault=on.note_fault
            value=note.text
            on_write=move |text| {
                on.note_fault.set(None);
                note.write(text);
            }
            limit=TEXT
            rows=2
        />
        <div class="Actions">
            <Button weight=Weight::Main busy=on.busy on_press>
                {label}
            </Button>
        </div>
    }
}
