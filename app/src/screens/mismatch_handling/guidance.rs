//! Paper guidance: what to follow whatever the care app says, who has read it, and the sheet to print.

use super::steps::AboutMismatch;
use crate::lean::{Show, each, live};
use crate::signal::{RwSignal, memo};
use crate::{
    browser,
    client::{Client, use_client},
    components::{
        action::{Button, LinkButton, Weight},
        frame::Frame,
        icon::{Mark, MarkGround, Symbol, Tone},
        list::{LinkRow, Stage, StageChip},
        message::Banner,
    },
    places::Place,
    screens::{
        not_found::NothingHere,
        people::{Safety, SafetyHeading},
        say::say,
        told::ToldOf,
    },
};
use holdfast_domain::{
    body::Kind,
    encoding::Millis,
    form::StepForm,
    ids::{EntryId, SubjectId},
    ledger::{GuidanceView, Ledger, Over, PersonView},
    permission::{See, may_write, see},
    words,
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// How many rows for signatures the sheet has, the last one empty: what fits on A5.
const ROWS: usize = 4;

/// 'I have read this', with one tap; gone once it is said.
#[component]
pub fn ReadGuidance(id: EntryId) -> impl IntoView {
    let client = use_client();
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<String>);
    let due = memo(move || client.read(|ledger| ledger.guidance_read_for(id).is_some()));
    let read = move |()| {
        let Some((service, body)) = client.peek(|ledger| ledger.guidance_read_for(id)) else {
            return;
        };
        say(client, service, body, busy, move |said| {
            if let Err(why) = said {
                trouble.try_set(Some(why));
            }
        });
    };
    view! {
        <Show when=move || due.get()>
            <Button weight=Weight::Main symbol=Symbol::Tick busy on_press=read>
                "I have read this and follow it"
            </Button>
        </Show>
        {live(move || trouble.get().map(|trouble| view! { <p role="alert">{trouble}</p> }))}
    }
}

/// One line of guidance in a list.
#[derive(Clone, PartialEq, Eq, Hash)]
struct FollowRow {
    id: EntryId,
    title: String,
    follow: String,
    from: String,
}

impl FollowRow {
    fn of(it: &GuidanceView, ledger: &Ledger, now: Millis) -> FollowRow {
        FollowRow {
            id: it.made.id,
            title: ledger.person_name(it.says.person),
            follow: it.says.follow.clone(),
            from: format!(
                "Temporary guidance from {}, {}",
                ledger.name_of(it.made.by),
                words::when_after(it.made.at, now)
            ),
        }
    }
}

/// 'Paper guidance to follow': all that counts for this user now, read or not.
#[component]
pub fn Follow() -> impl IntoView {
    let client = use_client();
    let rows = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            let all = ledger.guidance_to_follow(now).into_iter();
            all.map(|it| FollowRow::of(&it, ledger, now))
                .collect::<Vec<_>>()
        })
    });
    view! {
        <Show when=move || rows.look(|rows| !rows.is_empty())>
            <section class="Section" aria-labelledby="follow">
                <header>
                    <h2 id="follow">"Paper guidance to follow"</h2>
                </header>
                <ul class="List" aria-labelledby="follow">
                    {each(move || rows.get(), |row: FollowRow| view! {
                        <LinkRow
                            href=Place::Guidance(row.id).path()
                            symbol=Symbol::Records
                            label=format!("{}: {}", row.title, row.follow)
                            detail=row.from
                        />
                    }.into_any())}
                </ul>
            </section>
        </Show>
    }
}

/// The guidance that stands for a person, on their page: to be followed whoever comes.
#[component]
pub fn GuidanceFor(person: SubjectId) -> impl IntoView {
    let client = use_client();
    let rows = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            let all = ledger.guidance_for(person).into_iter();
            all.map(|it| FollowRow::of(&it, ledger, now))
                .collect::<Vec<_>>()
        })
    });
    each(
        move || rows.get(),
        |row: FollowRow| view! { <GuidanceCard row/> }.into_any(),
    )
}

#[component]
fn GuidanceCard(row: FollowRow) -> impl IntoView {
    let id = row.id;
    view! {
        <article class="Card" data-tone=Tone::Move.name()>
            <h3 dir="auto">{format!("Follow this, whatever the care app says: {}", row.follow)}</h3>
            <p>
                <small dir="auto">{row.from}</small>
            </p>
            <div class="Actions">
                <ReadGuidance id/>
                <LinkButton symbol=Symbol::Records href=Place::Guidance(id).path()>"Open the sheet"</LinkButton>
            </div>
        </article>
    }
}

/// All that the page shows; equal values are not drawn again.
#[derive(Clone, PartialEq)]
struct Shown {
    it: GuidanceView,
    person: Option<PersonView>,
    /// That it is for somebody else than its report is about now.
    another: Option<String>,
    service: String,
    /// The support task it is about, where the report named one.
    task: String,
    by: String,
    look_again: String,
    from: String,
    read: Vec<String>,
    unread: Vec<String>,
    /// Who has read it is for those who chase.
    chases: bool,
    may_give: bool,
    sees_mismatch: bool,
}

fn shown(ledger: &Ledger, id: EntryId, now: Millis) -> Option<Shown> {
    let it = ledger.guidance(id)?;
    let roles = ledger.my_roles(it.service);
    let name = |user| ledger.name_of(user);
    let read = it
        .read
        .iter()
        .map(|read| {
            let noted = read.noted_by.map_or_else(String::new, |by| {
                format!(", signed on paper, noted by {}", name(by))
            });
            format!(
                "{}, {}{noted}",
                name(read.reader),
                words::when_after(read.at, now)
            )
        })
        .collect();
    Some(Shown {
        person: ledger.person(it.says.person),
        another: ledger.guidance_for_another(id),
        service: ledger
            .service(it.service)
            .map_or_else(String::new, |it| it.name),
        task: it
            .says
            .plan
            .and_then(|plan| ledger.plan(plan))
            .map_or_else(String::new, |plan| {
                format!(": {}", plan.support_task.to_lowercase())
            }),
        by: name(it.made.by),
        look_again: words::when_after(it.says.look_again, now),
        from: format!(
            "{} on {}",
            words::time(it.made.at),
            words::date(words::day(it.made.at))
        ),
        read,
        unread: it.unread.iter().map(|user| name(*user)).collect(),
        chases: see(&roles, Kind::GuidanceRead) == See::All,
        may_give: may_write(&roles, Kind::GuidanceWithdrawal) && it.over.is_none(),
        sees_mismatch: ledger.record(it.says.mismatch).is_some(),
        it,
    })
}

/// One piece of guidance, on screen and as the A5 sheet that the browser prints.
#[component]
pub fn GuidancePage() -> impl IntoView {
    let client = use_client();
    let path = use_location().pathname;
    let id = memo(move || match Place::of(&path.get()) {
        Place::Guidance(id) => Some(id),
        _ => None,
    });
    let shown = memo(move || {
        let now = client.now().get();
        client.read(|ledger| shown(ledger, id.get()?, now))
    });
    let place = Place::Guidance(id.get_untracked().unwrap_or_else(EntryId::nil));
    view! {
        <Frame place>
            {live(move || match shown.get() {
                Some(it) => view! { <Guidance it/> }.into_any(),
                None => view! { <NothingHere/> }.into_any(),
            })}
        </Frame>
    }
}

#[component]
fn Guidance(it: Shown) -> impl IntoView {
    let client = use_client();
    let (id, mismatch) = (it.it.made.id, it.it.says.mismatch);
    let sheet = sheet(&it);
    let over = it.it.over.as_ref().map(|over| {
        let words = over_words(over, client);
        view! {
            <Banner tone=Tone::Act symbol=Symbol::No>
                <p>
                    <b>"This counts no more. "</b>
                    <span dir="auto">{words}</span>
                </p>
            </Banner>
        }
    });
    let stands = it.it.over.is_none();
    let readers = it.chases.then(|| {
        let line = |text: &String| view! { <li class="ListRow"><span dir="auto">{text.clone()}</span></li> };
        let read = it.read.iter().map(line).collect_view();
        let unread = it
            .unread
            .iter()
            .map(|name| line(&format!("{name}: not yet")))
            .collect_view();
        view! {
            <section class="Section" aria-labelledby="readers">
                <header>
                    <h2 id="readers">"Who has read it"</h2>
                    <small>{it.it.read_words()}</small>
                </header>
                <ul class="List" aria-labelledby="readers">{read} {unread}</ul>
            </section>
        }
    });
    let stage = Stage::of(&it.it.made.delivery);
    let label = it.it.made.delivery.label();
    let step = move |form: StepForm| Place::Step(mismatch, form).path();
    view! {
        <div class="Record">
            {it.person.clone().map(|person| view! { <Safety person heading=SafetyHeading::Part/> })}
            <h1 dir="auto">{format!("{}{}", it.person.map(|it| it.display).unwrap_or_default(), it.task)}</h1>
            <AboutMismatch id=mismatch/>
            {it.another.map(|another| view! {
                <Banner tone=Tone::Act symbol=Symbol::Warn>
                    <p dir="auto">{another}</p>
                </Banner>
            })}
            {over}
            <ToldOf id/>
            <article class="Card" data-tone=stands.then_some(Tone::Move.name())>
                <h2>"Do this, whatever the care app says"</h2>
                <p dir="auto">
                    <b>{it.it.says.follow.clone()}</b>
                </p>
                <ReadGuidance id/>
            </article>
            <dl class="CheckAnswers">
                <div>
                    <dt>"Why"</dt>
                    <dd dir="auto">{it.it.says.why.clone()}</dd>
                </div>
                <div>
                    <dt>"If it goes wrong"</dt>
                    <dd dir="auto">{it.it.says.if_worse.clone()}</dd>
                </div>
                <div>
                    <dt>"How long"</dt>
                    <dd dir="auto">{format!("Until {} says it is over. Looked at again {}.", it.by, it.look_again)}</dd>
                </div>
                <div>
                    <dt>"Given out"</dt>
                    <dd dir="auto">{format!("{}, {}. {}", it.by, it.from, it.it.says.told)}</dd>
                </div>
            </dl>
            <p>
                <StageChip stage label/>
            </p>
            {readers}
            <div class="Actions">
                {stands.then(|| view! {
                    <Button symbol=Symbol::Print on_press=move |()| browser::print()>"Print the sheet"</Button>
                })}
                {it.may_give.then(|| view! {
                    {(!it.unread.is_empty()).then(|| view! {
                        <LinkButton symbol=Symbol::Note href=step(StepForm::Signed(id))>"Somebody signed the paper"</LinkButton>
                    })}
                    <LinkButton symbol=Symbol::No href=step(StepForm::Withdraw(id))>"End the paper guidance"</LinkButton>
                })}
                {it.sees_mismatch.then(|| view! {
                    <LinkButton symbol=Symbol::Mismatch href=Place::Record(mismatch).path()>"See the mismatch"</LinkButton>
                })}
            </div>
        </div>
        {sheet}
    }
}

fn over_words(over: &Over, client: Client) -> String {
    match over {
        Over::Replaced { .. } => "Newer guidance stands in its place.".to_owned(),
        Over::Withdrawn { made, reason } => format!(
            "{} ended it: {reason}",
            client.peek(|ledger| ledger.name_of(made.by))
        ),
    }
}

/// The sheet as it is printed, on A5; a screen does not show it.
fn sheet(it: &Shown) -> impl IntoView + use<> {
    let person = it.person.as_ref();
    let name = person.map(|it| it.display.clone()).unwrap_or_default();
    let born = person.map(|it| format!("Born {}", words::date(it.date_of_birth)));
    let allergies = person.map(|it| it.allergies.clone());
    let risks = person.map(|it| match it.key_risks.trim() {
        "" => "None written down".to_owned(),
        risks => risks.to_owned(),
    });
    let says = it.it.says.clone();
    let names = it.unread.iter().take(ROWS - 1).cloned();
    let rows = names
        .chain(std::iter::repeat(String::new()))
        .take(ROWS)
        .map(|name| view! { <tr><td>{name}</td><td></td><td></td></tr> })
        .collect_view();
    view! {
        <div class="Paper" data-sheet="guidance" aria-hidden="true">
            <section>
                <header>
                    <div>
                        <small>{format!("Temporary guidance · {}", it.service)}</small>
                        <h1>{format!("{name}{}", it.task)}</h1>
                        <small>{born}</small>
                    </div>
                    <Mark on=MarkGround::Page/>
                </header>
                <div class="PaperAlert">
                    <div>
                        <small>"ALLERGIES"</small>
                        <br/>
                        <b>{allergies}</b>
                    </div>
                    <div>
                        <small>"KEY RISKS"</small>
                        <br/>
                        <b>{risks}</b>
                    </div>
                </div>
                <div class="PaperDo">
                    <small>"DO THIS, WHATEVER THE CARE APP SAYS"</small>
                    <p>{says.follow}</p>
                </div>
                <div>
                    <h2>"Why"</h2>
                    <p>{says.why}</p>
                </div>
                <div>
                    <h2>"How long"</h2>
                    <p>{format!("From {}, until {} tells you it is over. Looked at again {}.", it.from, it.by, it.look_again)}</p>
                </div>
                <div>
                    <h2>"If it goes wrong"</h2>
                    <p>{says.if_worse}</p>
                </div>
                <table class="PaperTable" data-rows="tall">
                    <thead>
                        <tr>
                            <th scope="col">"I have read this: name"</th>
                            <th scope="col">"Signature"</th>
                            <th scope="col">"Date and time"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                <footer>
                    <span>{format!("Given out by {}", it.by)}</span>
                    <span>{format!("Guidance {}", short(it.it.made.id))}</span>
                </footer>
            </section>
        </div>
    }
}

/// The last letters of an id: enough to tell one sheet from another.
fn short(id: EntryId) -> String {
    let id = id.to_string();
    id[id.len().saturating_sub(6)..].to_uppercase()
}
