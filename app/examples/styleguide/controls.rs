//! What is pressed, written in and chosen from.

use crate::components::{
    action::{Button, LinkButton, Tile, Weight},
    choice::{Answer, Choice, Columns, Ticks, chosen, on_choose},
    combobox::Combobox,
    field::{Heading, TextArea},
    icon::Symbol,
};
use crate::places::Place;
use crate::signal::{Any, RwSignal, Signal};
use crate::{LONG, Part, fault, fixed};
use holdfast_domain::{form::Candidate, spelling::may_mean};
use leptos::prelude::*;

#[component]
pub fn Buttons() -> impl IntoView {
    view! {
        <Part id="buttons" title="Buttons and tiles">
            <div class="Actions">
                <Button weight=Weight::Main on_press=|()| {}>"Save report"</Button>
                <Button on_press=|()| {}>"Plain"</Button>
                <Button weight=Weight::Quiet on_press=|()| {}>"Quiet"</Button>
            </div>
            <div class="Actions">
                <Button weight=Weight::Main busy=fixed(true) on_press=|()| {}>"Saving"</Button>
                <Button symbol=Symbol::Print on_press=|()| {}>"With an icon"</Button>
                <LinkButton symbol=Symbol::Eye href="/styleguide">"A link"</LinkButton>
            </div>
            <Button weight=Weight::Main symbol=Symbol::Note on_press=|()| {}>{LONG}</Button>
            <div class="Grid">
                <Tile place=Place::Mismatch label="Report a mismatch"/>
                <Tile place=Place::Note label="Write a temporary note"/>
                <Tile place=Place::Board label="Look at the visibility board of Northgate Home Care"/>
            </div>
        </Part>
    }
}

#[component]
pub fn Texts() -> impl IntoView {
    let written = RwSignal::new("Level 5".to_owned());
    let on_write = move |text| written.set(text);
    view! {
        <Part id="texts" title="Written answers">
            <TextArea id="text-empty" label="Empty" value=fixed(String::new()) on_write=|_| {} limit=2_000/>
            <TextArea
                id="text-filled"
                label="A question of its own, with a hint"
                heading=Heading::Question
                hint="Copy the words on your care app."
                value=written
                on_write
                limit=2_000
            />
            <TextArea
                id="text-fault"
                label="Something to put right"
                hint="What you were told, or what is on paper."
                fault=fault("Say what handover told you. If nobody told you, write “nothing”.")
                value=fixed(String::new())
                on_write=|_| {}
                limit=2_000
                rows=2
            />
            <TextArea
                id="text-long"
                label="Longer than it may be"
                fault=fault("This is 49 characters too long. Keep it to 100 characters.")
                value=fixed(LONG.to_owned())
                on_write=|_| {}
                limit=100
                rows=3
            />
        </Part>
    }
}

fn answers() -> Vec<Answer> {
    vec![
        Answer::new(1, "I followed the device"),
        Answer::new(2, "I followed handover").hint("The safer choice if you are not sure"),
        Answer::new(3, LONG),
    ]
}

fn yes_no() -> Vec<Answer> {
    vec![Answer::new(1, "Yes"), Answer::new(2, "No")]
}

#[component]
pub fn Choices() -> impl IntoView {
    let picked = RwSignal::new(Some(2));
    let none = || on_choose(|_: i32, _| {});
    let group = |it: i32, label: &'static str, of: &'static str| Answer::new(it, label).under(of);
    view! {
        <Part id="choices" title="One of several">
            <Choice id="choice-none" legend="Nothing chosen" hint="Pick one." answers=answers() chosen=chosen(|| None::<i32>) on_choose=none()/>
            <Choice
                id="choice-one"
                legend="A question of its own, answered"
                heading=Heading::Question
                answers=answers()
                chosen=chosen(move || picked.get())
                on_choose=on_choose(move |it: i32, _| picked.set(Some(it)))
            />
            <Choice
                id="choice-fault"
                legend="Yes or no, with something to put right"
                columns=Columns::Two
                fault=fault("Pick one answer.")
                answers=yes_no()
                chosen=chosen(|| None::<i32>)
                on_choose=none()
            />
            <Choice
                id="choice-words"
                legend="Whole sentences"
                columns=Columns::Words
                answers=vec![Answer::new(1, LONG), Answer::new(2, "Level 4, pureed")]
                chosen=chosen(|| Some(2))
                on_choose=none()
            />
            <Choice
                id="choice-groups"
                legend="In groups"
                heading=Heading::Question
                columns=Columns::Two
                answers=vec![
                    group(1, "NHC-PH1", "Northgate Home Care"),
                    group(2, "NHC-PH2", "Northgate Home Care"),
                    group(3, "ELM-TB1", "Elm Court"),
                ]
                chosen=chosen(|| Some(3))
                on_choose=none()
            />
        </Part>
    }
}

#[component]
pub fn AllThatApply() -> impl IntoView {
    let answers = |all: [&'static str; 4]| fixed(all.map(|it| Answer::new(it, it)).to_vec());
    let care = move || answers(["Washed", "Helped to eat", "Turned", LONG]);
    let ticked = RwSignal::new(vec![Any::new("Washed"), Any::new(LONG)]);
    view! {
        <Part id="ticks" title="All that apply">
            <Ticks
                id="ticks-none"
                legend="Nothing ticked"
                hint=fixed("Tick all you did.".to_owned())
                answers=care()
                ticked=fixed(Vec::new())
                on_tick=Callback::new(|_| {})
            />
            <Ticks
                id="ticks-some"
                legend="Some ticked"
                hint=fixed("These come from Jean’s plan.".to_owned())
                answers=care()
                ticked=ticked.into()
                on_tick=Callback::new(move |it: Any| {
                    ticked.update(|ticked| match ticked.iter().position(|other| *other == it) {
                        Some(at) => drop(ticked.remove(at)),
                        None => ticked.push(it),
                    });
                })
            />
            <Ticks
                id="ticks-fault"
                legend="Something to put right"
                hint=fixed("Each of them is asked to say that they have read it.".to_owned())
                fault=fault("Tick at least one of those who give this care.")
                answers=care()
                ticked=fixed(Vec::new())
                on_tick=Callback::new(|_| {})
            />
        </Part>
    }
}

fn people() -> Vec<Candidate> {
    let person = |at: usize, name: &str, line: &str| Candidate {
        code: at.to_string(),
        name: name.to_owned(),
        line: line.to_owned(),
    };
    vec![
        person(1, "Jean Whitby", "Round C, call 1 · Your next visit, 22:15"),
        person(2, "Siân Pugh", "Round C, call 10 · Your last visit, 18:20"),
        person(
            3,
            "Jean Whitby",
            "Room 12 · Eugenia Whitby, born 15 October 1958",
        ),
        person(4, "Oluwaseun Adebayo-Featherstonehaugh", "Round B, call 3"),
    ]
}

#[component]
pub fn Pickers() -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let picked = RwSignal::new(String::new());
    let found = Signal::derive(move || {
        let typed = typed.get();
        let mut people = people();
        people.retain(|it| may_mean(&typed, &[&it.name]));
        people
    });
    let at = |at: usize| people().into_iter().nth(at);
    view! {
        <Part id="pickers" title="A person">
            <Combobox
                id="person-empty"
                label="Nobody picked"
                list_label="People you see most"
                placeholder="Name or round"
                typed
                candidates=found
                picked=Signal::derive(move || people().into_iter().find(|it| it.code == picked.get()))
                on_type=move |text| {
                    picked.set(String::new());
                    typed.set(text);
                }
                on_pick=move |it| picked.set(it)
            />
            <Combobox
                id="person-picked"
                label="Somebody picked"
                heading=Heading::Question
                list_label="People you see most"
                placeholder="Name or round"
                typed=fixed(String::new())
                candidates=fixed(people())
                picked=fixed(at(2))
                on_type=|_| {}
                on_pick=|_| {}
            />
            <Combobox
                id="person-fault"
                label="Nobody found"
                list_label="People you see most"
                placeholder="Name or round"
                fault=fault("Say whom this is about. Pick a name from the list.")
                typed=fixed("Harold".to_owned())
                candidates=fixed(Vec::new())
                picked=fixed(None)
                on_type=|_| {}
                on_pick=|_| {}
            />
        </Part>
    }
}
