//! A changed instruction: the question what this device shows of it, and its page with every answer.

use super::{
    ask::{self, AskAbout},
    not_found::NothingHere,
    people::{Safety, SafetyHeading},
    record::AttentionPart,
    say::{Typed, is_held, say},
    told::ToldOf,
    warnings::WarningsOf,
};
use crate::lean::{Show, attr, live};
use crate::signal::{RwSignal, Signal, memo};
use crate::{
    browser,
    client::{Client, use_client},
    components::{
        action::{Button, LinkButton, Weight},
        change::{Marked, NewText, Side},
        choice::{Answer, Choice, Columns, chosen, on_choose},
        field::{Heading, TextArea},
        frame::Frame,
        icon::{Symbol, Tone},
        list::{Stage, StageChip},
        message::Banner,
        sheet::Sheet,
    },
    places::Place,
};
use holdfast_domain::{
    body::{Body, Confirmation, Method, MustSee, Shows},
    encoding::Millis,
    form::TEXT,
    ids::EntryId,
    ledger::{Delivery, Ledger, PersonView, Question, Standing, UpdateView, attention, may_change},
    words,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use web_sys::SubmitEvent;

/// The update that the address names.
fn addressed() -> Signal<Option<EntryId>> {
    let path = use_location().pathname;
    memo(move || match Place::of(&path.get()) {
        Place::Update(id) | Place::Confirm(id) => Some(id),
        _ => None,
    })
}

/// What is asked. My own answer is no part of it, so that saving one draws nothing anew under the thumb.
#[derive(Clone, PartialEq)]
struct Asked {
    question: Question,
    person: Option<PersonView>,
    by: String,
    asks: Option<ask::Subject>,
}

/// 'Which of these does your care app show?'
#[component]
pub fn Confirm() -> impl IntoView {
    let client = use_client();
    let id = addressed();
    let asked = memo(move || {
        let id = id.get()?;
        client.read(|ledger| {
            let mut question = ledger.question(id, client.device_id())?;
            question.mine = None;
            Some(Asked {
                person: ledger.person(question.update.person),
                by: recorded_by(ledger, &question.update),
                asks: ask::Subject::update(ledger, &question.update),
                question,
            })
        })
    });
    let place = Place::Confirm(id.get_untracked().unwrap_or_else(EntryId::nil));
    view! {
        <Frame place>
            {live(move || match asked.get() {
                None => view! { <NothingHere/> }.into_any(),
                Some(asked) if !asked.question.update.stands() => view! { <NoLonger update=asked.question.update/> }.into_any(),
                Some(asked) => view! { <Ask asked/> }.into_any(),
            })}
        </Frame>
    }
}

fn recorded_by(ledger: &Ledger, update: &UpdateView) -> String {
    update
        .by
        .map_or_else(|| "the care record".to_owned(), |user| ledger.name_of(user))
}

/// The update was replaced or withdrawn since: what became of it, and what to follow now.
#[component]
fn NoLonger(update: UpdateView) -> impl IntoView {
    let client = use_client();
    let id = update.id;
    let followed_again = client.peek(|ledger| ledger.is_followed_again(&update));
    let to = match update.standing {
        Standing::Replaced { by } => Place::Confirm(by),
        _ => Place::Update(id),
    };
    // Until it is said to be seen, what is told says all of it.
    let became = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            let told = ledger.told_of(id, now);
            let line = ledger.no_longer(&update, now);
            line.filter(|_| told.is_empty())
        })
    });
    view! {
        <h1>{if followed_again { "Follow this change again" } else { "This change no longer holds" }}</h1>
        <ToldOf id/>
        {live(move || became.get().map(|line| view! {
            <Banner tone=Tone::Move symbol=Symbol::Info>
                <p dir="auto">{line}</p>
            </Banner>
        }))}
        <div class="Actions">
            <LinkButton href=to.path()>"Read the change"</LinkButton>
        </div>
    }
}

#[component]
fn Ask(asked: Asked) -> impl IntoView {
    let client = use_client();
    let Asked {
        question,
        person,
        by,
        asks,
    } = asked;
    let (id, screen, service) = (question.update.id, question.screen, question.update.service);
    let picked = RwSignal::new(None::<Shows>);
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    // Answered already, and not asked again since; 'Answer again' opens the question once more.
    let answered = memo(move || {
        let now = client.now().get();
        client.read(|ledger| ledger.i_have_answered(id, client.device_id(), now))
    });
    let anew = RwSignal::new(false);
    let done = move || answered.get() && !anew.get();
    let navigate = use_navigate();
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(answer) = picked.get_untracked() else {
            fault.set(Some("Pick what your care app shows.".into()));
            browser::focus("shows");
            return;
        };
        if busy.get_untracked() {
            return;
        }
        let navigate = navigate.clone();
        let body = Body::confirmation(Confirmation {
            update: id,
            device: screen,
            answer,
            method: Method::Holder,
        });
        say(client, service, body, busy, move |said| match said {
            Ok(()) if answer == Shows::SomethingElse => report(&navigate, id),
            Ok(()) => {
                picked.try_set(None);
                anew.try_set(false);
                browser::focus("main");
            }
            Err(why) => {
                fault.try_set(Some(why));
                browser::focus("shows");
            }
        });
    };
    let answers: Vec<Answer> = question
        .answers
        .iter()
        .map(|(shows, text)| Answer::new(*shows, text.clone()))
        .collect();
    let update = question.update;
    let task = update.support_task.clone();
    let first = person
        .as_ref()
        .map_or_else(String::new, |it| it.display.clone());
    let (from, at) = (update.effective_from, update.at);
    let later = {
        let update = update.clone();
        memo(move || update.begins_later(client.now().get()))
    };
    let until = StoredValue::new(update.before.clone());
    view! {
        {person.map(|person| view! { <Safety person/> })}
        <div class="Card" data-tone="move">
            <h2 dir="auto">
                {live({
                    let task = task.clone();
                    move || format!("{task} {}", if later.get() { "will change" } else { "changed" })
                })}
            </h2>
            <NewText difference=question.difference/>
            <p>
                <small>{live(move || format!("From {}", words::when_after(from, client.now().get())))}</small>
            </p>
        </div>
        <Show when=move || later.get()>
            <Banner tone=Tone::Move symbol=Symbol::Clock>
                <p>
                    <b>{live(move || format!("It starts {}. Until then follow it as it was: ", words::when_after(from, client.now().get())))}</b>
                    <span dir="auto">{until.get_value()}</span>
                </p>
                <p>"Your device is asked what it shows on that day."</p>
            </Banner>
        </Show>
        <MyAnswer id/>
        <Show when=done>
            <button type="button" class="Button" data-kind="quiet" data-small="" on:click=move |_| anew.set(true)>
                "Answer again"
            </button>
        </Show>
        <form class="Form" autocomplete="off" hidden=attr(move || done() || later.get()) on:submit=submit>
            <p>
                <small dir="auto">{format!("Open {first} in your care app, then {task}.")}</small>
            </p>
            <Choice
                id="shows"
                legend="Which of these does your care app show?"
                heading=Heading::Question
                columns=Columns::Words
                fault=fault
                answers
                chosen=chosen(move || picked.get())
                on_choose=on_choose(move |shows: Shows, _| {
                    picked.set(Some(shows));
                    fault.set(None);
                })
            />
            <p dir="auto">
                <b>"Why it changed: "</b>
                {update.reason.clone()}
            </p>
            <p>
                <small dir="auto">
                    {live(move || format!("Changed {} by {by}. ", words::when_after(at, client.now().get())))}
                    {format!("Your answer counts for {}.", question.label)}
                </small>
            </p>
            <div class="ActionBar">
                <button type="submit" class="Button" data-wide="">
                    {live(move || if busy.get() { "Saving" } else { "Save answer" })}
                </button>
            </div>
        </form>
        {asks.map(|subject| view! { <AskAbout subject/> })}
    }
}

fn report(navigate: &impl Fn(&str, NavigateOptions), update: EntryId) {
    navigate(&report_path(update), NavigateOptions::default());
}

/// The mismatch form with what is known of this update filled in.
fn report_path(update: EntryId) -> String {
    format!("{}?update={update}", Place::Mismatch.path())
}

/// My last answer for this device: how far it has come, and what to do where the device does not show the change.
#[component]
fn MyAnswer(id: EntryId) -> impl IntoView {
    let client = use_client();
    let mine = memo(move || {
        client.read(|ledger| {
            let question = ledger.question(id, client.device_id())?;
            let (given, delivery) = question.mine?;
            let reported = ledger.my_report_since(&question.update, given.at);
            let state = (Stage::of(&delivery), delivery.label());
            Some((given.answer, given.at, state, question.label, reported))
        })
    });
    live(move || {
        mine.get().map(|(answer, at, (stage, label), device, reported)| {
            let (tone, words) = match answer {
                Shows::New => (Tone::Held, "Your care app shows the change. Thank you."),
                Shows::Old => (Tone::Act, "Your care app shows the old text. Follow the new one above."),
                Shows::SomethingElse => {
                    (Tone::Act, "Your care app shows something else. Follow the text above.")
                }
                Shows::CannotOpen => (Tone::Move, "You could not open it. Follow the text above."),
            };
            let offers = matches!(answer, Shows::Old | Shows::SomethingElse);
            view! {
                <Banner tone symbol=Symbol::Eye>
                    <p role="status" aria-label="Your answer">
                        <b>{words}</b>
                    </p>
                    <p>
                        <StageChip stage label/>
                        " "
                        <small dir="auto">
                            {live(move || format!("You answered for {device}, {}", words::when_after(at, client.now().get())))}
                        </small>
                    </p>
                    {if let Some(report) = reported {
                        view! {
                            <a class="Button" data-small="" href=Place::Record(report).path()>"Read your report"</a>
                        }
                        .into_any()
                    } else if offers {
                        view! {
                            <a class="Button" data-kind="main" href=report_path(id)>"Report the mismatch"</a>
                        }
                        .into_any()
                    } else {
                        view! { <a class="Button" data-small="" href=Place::Home.path()>"Go to home"</a> }.into_any()
                    }}
                </Banner>
            }
        })
    })
}

/// All that the page of an update shows; equal values are not drawn again.
#[derive(Clone, PartialEq)]
struct Shown {
    update: UpdateView,
    title: String,
    person: Option<PersonView>,
    by: String,
    service: String,
    /// When the server had it.
    server: String,
    must_see: String,
    withdrawn_by: String,
    /// The one in its place was withdrawn.
    followed_again: bool,
    /// Which devices are left with a text that was withdrawn, and whether this user may record what holds now.
    left: Option<(String, bool)>,
    coverage: Option<(String, Option<String>)>,
    /// When, what, and with which times.
    answers: Vec<(String, String, String)>,
    may_change: bool,
    asked_here: bool,
}

fn shown(client: Client, ledger: &Ledger, id: EntryId, now: Millis) -> Option<Shown> {
    let update = ledger.update(id)?;
    let coverage = (ledger.sees_answers(update.service) && update.stands()).then(|| {
        let it = ledger.coverage_of(&update, now);
        (
            format!(
                "{} of {} show it",
                it.shows,
                words::count(it.of, "device", "devices")
            ),
            it.took.map(|took| {
                format!(
                    "The last device showed it {} after the change.",
                    words::age(took)
                )
            }),
        )
    });
    let answers = ledger
        .flagged_answers(&update)
        .into_iter()
        .map(|(screen, given, apart)| {
            let received = if given.received == Millis::MAX {
                "not sent yet".to_owned()
            } else {
                format!(
                    "the server had it {}",
                    words::when_after(given.received, now)
                )
            };
            (
                words::when_after(given.at, now),
                match apart {
                    Some(why) => format!(
                        "{} {} · {}",
                        ledger.screen_name(screen),
                        given.answer.label(),
                        why.words(ledger, now)
                    ),
                    None => format!("{} {}", ledger.screen_name(screen), given.answer.label()),
                },
                format!(
                    "{}, {} · {received}",
                    ledger.name_of(given.by),
                    given.method.told()
                ),
            )
        });
    Some(Shown {
        followed_again: ledger.is_followed_again(&update),
        title: update.title(ledger),
        person: ledger.person(update.person),
        by: recorded_by(ledger, &update),
        service: ledger
            .service(update.service)
            .map_or_else(String::new, |it| it.name),
        server: match update.delivery {
            Delivery::Sent { received, .. } => {
                format!(" · the server had it {}", words::when_after(received, now))
            }
            _ => String::new(),
        },
        must_see: match &update.must_see {
            MustSee::Everyone => "All phones and tablets of the service".to_owned(),
            MustSee::Roles(roles) => {
                let roles: Vec<&str> = roles.iter().map(|role| role.label()).collect();
                format!("Devices of: {}", roles.join(", ").to_lowercase())
            }
            MustSee::Devices(devices) => {
                let labels = devices
                    .iter()
                    .filter_map(|id| Some(ledger.device(*id)?.label));
                labels.collect::<Vec<_>>().join(", ")
            }
        },
        withdrawn_by: match &update.standing {
            Standing::Withdrawn { by, at, .. } => {
                format!("{}, {}", ledger.name_of(*by), words::when_after(*at, now))
            }
            _ => String::new(),
        },
        left: ledger
            .left_line(&update)
            .map(|line| (line, may_change(ledger, update.service))),
        coverage,
        answers: answers.collect(),
        may_change: update.stands()
            && !update.delivery.is_held()
            && may_change(ledger, update.service),
        asked_here: ledger
            .changes_to_confirm(client.device_id(), now)
            .iter()
            .any(|it| it.update.id == id),
        update,
    })
}

/// One update: what it was and is, why, and what every device shows of it.
#[component]
pub fn UpdatePage() -> impl IntoView {
    let client = use_client();
    let id = addressed();
    let shown = memo(move || {
        let now = client.now().get();
        let id = id.get()?;
        client.read(|ledger| shown(client, ledger, id, now))
    });
    // Apart from the rest, so that an answer that comes in draws nothing anew under a question.
    let asks = memo(move || {
        let id = id.get()?;
        client.read(|ledger| ask::Subject::update(ledger, &ledger.update(id)?))
    });
    let place = Place::Update(id.get_untracked().unwrap_or_else(EntryId::nil));
    view! {
        <Frame place>
            {live(move || match shown.get() {
                Some(it) => view! { <div class="Record"><Content it/></div> }.into_any(),
                None => view! { <NothingHere/> }.into_any(),
            })}
            {live(move || asks.get().map(|subject| view! { <AskAbout subject/> }))}
        </Frame>
    }
}

#[component]
fn Content(it: Shown) -> impl IntoView {
    let client = use_client();
    let update = it.update;
    let id = update.id;
    let difference = update.difference();
    let (at, from) = (update.at, update.effective_from);
    let standing = match update.standing.clone() {
        Standing::Stands => None,
        Standing::Replaced { by } => {
            let (became, read) = if it.followed_again {
                (
                    "The change in its place was withdrawn. Follow this one. ",
                    "Read what was withdrawn",
                )
            } else {
                (
                    "A newer change has taken its place. ",
                    "Read the newer change",
                )
            };
            Some(
                view! {
                    <Banner tone=Tone::Move symbol=Symbol::Again>
                        <p>
                            <b>{became}</b>
                            <a href=Place::Update(by).path()>{read}</a>
                        </p>
                    </Banner>
                }
                .into_any(),
            )
        }
        Standing::Withdrawn { reason, .. } => Some(
            view! {
                <Banner tone=Tone::Act symbol=Symbol::No>
                    <p dir="auto">
                        <b>"Withdrawn: "</b>
                        {reason}
                    </p>
                    <small>{it.withdrawn_by}</small>
                </Banner>
            }
            .into_any(),
        ),
    };
    let held = match &update.delivery {
        Delivery::NeedsAttention { code, .. } => Some(view! {
            <AttentionPart attention=attention(code)/>
            {update.delivery.is_held().then(|| view! {
                <LinkButton symbol=Symbol::Note href=format!("{}?plan={}", Place::PlanChange.path(), update.plan)>
                    "Record it again"
                </LinkButton>
            })}
        }),
        _ => None,
    };
    let none = it.answers.is_empty();
    let answers = it.answers.into_iter().map(|(when, what, how)| {
        view! {
            <li>
                <time>{when}</time>
                <div dir="auto">
                    {what}
                    <br/>
                    <small>{how}</small>
                </div>
            </li>
        }
    });
    let answers = answers.collect_view();
    let by = format!("Recorded by {} · {}{}", it.by, it.service, it.server);
    view! {
        <header class="Stack">
            <h1 dir="auto">{it.title}</h1>
            <p>
                <StageChip stage=Stage::of(&update.delivery) label=update.delivery.label()/>
                " "
                <small>{live(move || words::when(at, client.now().get()))}</small>
            </p>
            <small dir="auto">{by}</small>
        </header>
        {held}
        {standing}
        <ToldOf id/>
        {it.left.map(|(line, may_record)| view! {
            <Banner tone=Tone::Move symbol=Symbol::Eye>
                <p dir="auto">
                    <b>{line}</b>
                </p>
                <p>"Record what holds now, and every device is asked about that."</p>
                {may_record.then(|| view! {
                    <a class="Button" data-small="" href=format!("{}?plan={}", Place::PlanChange.path(), update.plan)>
                        "Record what holds now"
                    </a>
                })}
            </Banner>
        })}
        {it.asked_here.then(|| view! {
            <div class="Actions">
                <LinkButton weight=Weight::Main symbol=Symbol::Eye href=Place::Confirm(id).path()>
                    "Check it on this device"
                </LinkButton>
            </div>
        })}
        {it.person.map(|person| view! { <Safety person heading=SafetyHeading::Part/> })}
        <div class="BeforeAfter">
            <div>
                <h2>"Before"</h2>
                <Marked pieces=difference.before side=Side::Before/>
            </div>
            <div>
                <h2>"Now"</h2>
                <Marked pieces=difference.after side=Side::After/>
            </div>
        </div>
        <dl class="CheckAnswers">
            <div>
                <dt>"Why it changed"</dt>
                <dd dir="auto">{update.reason.clone()}</dd>
            </div>
            <div>
                <dt>"From"</dt>
                <dd>{live(move || words::when(from, client.now().get()))}</dd>
            </div>
            <div>
                <dt>"By when devices must show it"</dt>
                <dd>{update.urgency.label()}</dd>
            </div>
            <div>
                <dt>"Which devices must show it"</dt>
                <dd>{it.must_see}</dd>
            </div>
            {update.replaces.map(|earlier| view! {
                <div>
                    <dt>"It replaces"</dt>
                    <dd>
                        <a href=Place::Update(earlier).path()>"Read the earlier change"</a>
                    </dd>
                </div>
            })}
        </dl>
        {it.coverage.map(|(shows, took)| view! {
            <Banner symbol=Symbol::Eye>
                <p>
                    <b>{shows}</b>
                </p>
                {took.map(|took| view! { <small>{took}</small> })}
                <a class="Button" data-small="" href=Place::Board.path()>"See the board"</a>
            </Banner>
        })}
        <WarningsOf id/>
        <section class="Section" aria-labelledby="answers">
            <header>
                <h2 id="answers">"Answers"</h2>
            </header>
            {none.then(|| view! { <p>"None that you may read are on this device yet."</p> })}
            <ol class="Timeline">{answers}</ol>
        </section>
        {it.may_change.then(|| view! { <Changing update/> })}
    }
}

/// Replace or withdraw it. Both leave it readable.
#[component]
fn Changing(update: UpdateView) -> impl IntoView {
    const FIELD: &str = "withdraw-reason";
    let (id, service) = (update.id, update.service);
    let asking = RwSignal::new(false);
    let reason = Typed::in_sheet(FIELD, asking);
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let withdraw = move || {
        let body = Body::withdrawal(id, reason.words());
        if is_held(
            &body,
            FIELD,
            fault,
            "Say why it no longer holds, in at most",
        ) {
            return;
        }
        reason.say(service, body, busy, move |said| {
            match said {
                Ok(()) => asking.try_set(false),
                Err(why) => {
                    browser::focus(FIELD);
                    fault.try_set(Some(why))
                }
            };
        });
    };
    view! {
        <div class="Actions">
            <LinkButton symbol=Symbol::Note href=format!("{}?plan={}", Place::PlanChange.path(), update.plan)>
                "Record a newer change"
            </LinkButton>
            <Button symbol=Symbol::No on_press=move |()| asking.set(true)>
                "Withdraw it"
            </Button>
        </div>
        <Sheet open=asking title="Withdraw this change?">
            <p>"Devices are no longer asked about it, and whoever was asked is told. It stays readable. People follow again what it had replaced. Record that as a newer change, so that devices are asked about it."</p>
            <TextArea
                id=FIELD
                label="Why does it no longer hold?"
                fault=fault
                value=reason.text
                on_write=move |text| {
                    fault.set(None);
                    reason.write(text);
                }
                limit=TEXT
                rows=2
            />
            <div class="Actions">
                <Button weight=Weight::Main on_press=move |()| asking.set(false)>
                    "Keep it"
                </Button>
                <Button busy=busy on_press=move |()| withdraw()>
                    "Withdraw it"
                </Button>
            </div>
        </Sheet>
    }
}
