//! When it happened, who gave the care, and why a record is corrected: what is rarely asked.

use super::{
    draft::{CareDraft, Draft},
    paper::Paper,
};
use crate::lean::{Show, attr, live};
use crate::signal::{Any, RwSignal, Signal, memo};
use crate::{
    browser,
    client::{Client, use_client},
    components::{
        choice::{Answer, Choice, Columns, chosen, on_choose},
        combobox::{Candidate, Combobox, on_pick},
        field::{FieldFault, TextArea, described_by},
        form::CheckedAnswer,
        sheet::Sheet,
    },
};
use holdfast_domain::{
    encoding::Millis,
    form::{SaidDay, TEXT},
    ids::UserId,
    spelling::may_mean,
    words,
};
use leptos::prelude::*;

/// Why a record is corrected.
#[component]
pub fn Reason<D: Draft>(paper: Paper<D>) -> impl IntoView {
    paper.corrects().then(|| {
        view! {
            <TextArea
                id="reason"
                label="Why do you correct it?"
                hint="The words you change stay readable beside the new ones."
                fault=paper.fault("reason")
                value=paper.reason
                on_write=move |text| {
                    paper.settle("reason");
                    paper.write_reason(text);
                }
                limit=TEXT
                rows=2
            />
        }
    })
}

/// When it happened, and who gave the care: both are rarely other than now and oneself, so they stand
/// as answers with 'Change'.
#[component]
pub fn Circumstances<D: CareDraft>(paper: Paper<D>) -> impl IntoView {
    let client = use_client();
    let asking = RwSignal::new(false);
    let when = move || {
        let now = client.now().get();
        match paper.draft.look(|draft| draft.happened_at()) {
            Some(at) => words::when(at, now),
            // Words that are corrected keep the time at which they were first written.
            None => paper.first_made().map_or_else(
                || format!("Now, {}", words::time(now)),
                |made| words::when(made, now),
            ),
        }
    };
    let who = move || match paper.draft.look(|draft| draft.given_by()) {
        Some(user) => client.read(|ledger| ledger.name_of(user)),
        None => "I did".to_owned(),
    };
    let has_care = memo(move || paper.draft.look(|draft| draft.has_care()));
    view! {
        <dl class="CheckAnswers">
            {live(move || {
                let question = if has_care.get() { "When" } else { "When you saw it" };
                view! { <CheckedAnswer question answer=Signal::derive(when) on_change=move |()| asking.set(true)/> }
            })}
            <Show when=move || has_care.get()>
                <CheckedAnswer question="Who gave the care" answer=Signal::derive(who) on_change=move |()| asking.set(true)/>
            </Show>
        </dl>
        <FieldFault id="happened_at-s" message=paper.fault("happened_at")/>
        <Sheet open=asking title="When it happened">
            <WhenAndWho paper on_done=move |()| asking.set(false)/>
        </Sheet>
    }
}

#[component]
fn WhenAndWho<D: CareDraft>(paper: Paper<D>, #[prop(into)] on_done: Callback<()>) -> impl IntoView {
    let client = use_client();
    let happened = move || paper.draft.look(|draft| draft.happened_at());
    let given_by = move || paper.draft.look(|draft| draft.given_by());
    let has_care = move || paper.draft.look(|draft| draft.has_care());
    let now = client.now();
    let day = RwSignal::new(untrack(|| SaidDay::of(happened(), now.get())));
    let clock = RwSignal::new(untrack(|| {
        words::time(happened().unwrap_or_else(|| now.get_untracked()))
    }));
    let set = move || {
        let at = day
            .get_untracked()
            .at(&clock.get_untracked(), now.get_untracked());
        paper.write(|draft| draft.set_happened_at(at));
        paper.settle("happened_at");
    };
    let mut days = vec![
        Answer::new(
            SaidDay::Now,
            if paper.corrects() {
                "When it was written"
            } else {
                "Now"
            },
        ),
        Answer::new(SaidDay::EarlierToday, "Earlier today"),
        Answer::new(SaidDay::Yesterday, "Yesterday"),
    ];
    // A record of another day keeps its day while its time is put right.
    if let SaidDay::On(date) = day.get_untracked() {
        let label = words::date_seen_from(date, now.get_untracked());
        days.push(Answer::new(SaidDay::On(date), label));
    }
    let other = RwSignal::new(untrack(|| given_by().is_some()));
    let when_fault = RwSignal::new(None::<String>);
    let who_fault = RwSignal::new(None::<String>);
    let fault = Signal::derive(move || {
        when_fault
            .get()
            .or_else(|| paper.fault("happened_at").get())
    });
    let done = move |_| {
        let at_once = js_sys::Date::now() as Millis;
        let wrong_time = day.get_untracked().fault(&clock.get_untracked(), at_once);
        when_fault.set(wrong_time.map(str::to_owned));
        let nobody = untrack(has_care) && other.get_untracked() && untrack(given_by).is_none();
        who_fault.set(nobody.then(|| "Pick who gave the care, or take the tick away.".to_owned()));
        if wrong_time.is_some() {
            browser::focus("happened_at");
        } else if nobody {
            browser::focus("given_by");
        } else {
            on_done.run(());
        }
    };
    view! {
        <Choice
            id="day"
            legend="When did it happen?"
            columns=Columns::Two
            answers=days
            chosen=chosen(move || Some(day.get()))
            on_choose=on_choose(move |chosen: SaidDay, _| {
                day.set(chosen);
                set();
            })
        />
        <Show when=move || day.get() != SaidDay::Now>
            <div class="Field">
                <label for="happened_at">"Time"</label>
                <FieldFault id="happened_at-e" message=fault/>
                <input
                    id="happened_at"
                    type="time"
                    autocomplete="off"
                    aria-describedby=attr(move || fault.look(|fault| described_by("happened_at", false, fault.as_ref())))
                    aria-invalid=attr(move || fault.look(|fault| fault.is_some().then_some("true")))
                    prop:value=move || clock.get()
                    on:input:target=move |event| {
                        clock.set(event.target().value());
                        set();
                    }
                />
            </div>
        </Show>
        <Show when=has_care>
            <label class="Check">
                <input
                    type="checkbox"
                    autocomplete="off"
                    prop:checked=move || other.get()
                    on:change:target=move |event| {
                        other.set(event.target().checked());
                        if !event.target().checked() {
                            paper.write(|draft| draft.set_given_by(None));
                        }
                    }
                />
                " I am writing this for someone else"
            </label>
            <Show when=move || other.get()>
                <StaffPicker paper fault=who_fault/>
            </Show>
        </Show>
        <button type="button" class="Button" data-kind="main" data-wide="" on:click=done>
            "Done"
        </button>
    }
}

/// Who gave the care, of those who work at the person's service.
#[component]
fn StaffPicker<D: CareDraft>(
    paper: Paper<D>,
    #[prop(into)] fault: Signal<Option<String>>,
) -> impl IntoView {
    let client = use_client();
    let typed = RwSignal::new(String::new());
    let staff = memo(move || {
        let me = client.me().get().map(|me| me.user);
        let services = match paper.draft.look(|draft| draft.about().service) {
            Some(service) => vec![service],
            None => client.my_services(),
        };
        client.read(|ledger| {
            let mut staff: Vec<Candidate> = services
                .into_iter()
                .flat_map(|service| ledger.staff(service))
                .filter(|it| Some(it.user) != me)
                .map(|it| {
                    let roles: Vec<&str> = it.roles.iter().map(|role| role.label()).collect();
                    Candidate {
                        value: Any::new(it.user),
                        name: it.display_name,
                        line: roles.join(", "),
                    }
                })
                .collect();
            staff.sort_by(|a, b| a.name.cmp(&b.name));
            staff.dedup_by(|a, b| a.value == b.value);
            staff
        })
    });
    let found = memo(move || {
        let typed = typed.get();
        staff.look(|staff| {
            staff
                .iter()
                .filter(|it| may_mean(&typed, &[&it.name]))
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let picked = memo(move || {
        let user = paper.draft.look(|draft| draft.given_by())?;
        staff.look(|staff| staff.iter().find(|it| it.value == Any::new(user)).cloned())
    });
    view! {
        <Combobox
            id="given_by"
            label="Who gave the care?"
            list_label="Staff of this service"
            placeholder="Name"
            fault
            typed=typed
            candidates=found
            picked
            on_type=move |text| {
                typed.set(text);
                paper.write(|draft| draft.set_given_by(None));
            }
            on_pick=on_pick(move |user: UserId| {
                typed.set(String::new());
                paper.write(|draft| draft.set_given_by(Some(user)));
            })
        />
    }
}

/// When it happened and who gave the care, where the record says so, as lines of what it says.
pub fn circumstances(
    client: Client,
    happened_at: Option<Millis>,
    given_by: Option<UserId>,
) -> impl Iterator<Item = (&'static str, String)> {
    let when = happened_at.map(|at| ("When", words::when(at, client.now().get_untracked())));
    let who = given_by.map(|user| {
        (
            "Who gave the care",
            client.peek(|ledger| ledger.name_of(user)),
        )
    });
    when.into_iter().chain(who)
}
