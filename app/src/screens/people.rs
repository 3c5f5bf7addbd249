//! The people of one's services, and what must be known of each when the record is not there. On a phone the one or
//! the other; where there is room the list stays beside the person.

use super::{
    ask::{self, AskAbout},
    beside::{self, Beside},
    mismatch_handling::GuidanceFor,
    not_found::NothingHere,
    offline::{CopyAge, Ring},
};
use crate::lean::{Show, attr, each, live};
use crate::signal::{RwSignal, Signal, memo};
use crate::{
    client::use_client,
    components::{
        action::{LinkButton, Weight},
        change::NewText,
        frame::Frame,
        icon::{SmallIcon, Symbol, Tone},
        list::RecordList,
        message::{Banner, Blank, Skeleton},
    },
    places::Place,
};
use holdfast_domain::{
    difference::Difference,
    encoding::Millis,
    ids::{EntryId, ServiceId, SubjectId},
    ledger::{Ledger, PersonView, PlanView, Record, Start, may_change, starts},
    spelling::{may_mean, plain},
    words::{self, initials},
};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// How many names show at once; typing finds the others.
const SHOWN: usize = 60;

#[derive(Clone, PartialEq, Eq, Hash)]
struct PersonRow {
    id: SubjectId,
    name: String,
    detail: String,
}

#[component]
pub fn People() -> impl IntoView {
    let client = use_client();
    let path = use_location().pathname;
    let chosen = memo(move || match Place::of(&path.get()) {
        Place::Person(id) => Some(id),
        _ => None,
    });
    let here = move || chosen.get().map_or(Place::People, Place::Person);
    let person = memo(move || client.read(|ledger| ledger.person(chosen.get()?)));
    beside::focus_follows(Signal::derive(move || chosen.get().map(SubjectId::uuid)));
    view! {
        <Frame
            place=Place::People
            title=Signal::derive(move || here().title().to_owned())
            back=Signal::derive(move || here().back())
            busy=Signal::derive(move || client.read(|ledger| ledger.people().is_empty()) && client.last_contact().get().is_none())
        >
            <Beside
                opened=Signal::derive(move || chosen.get().is_some())
                list=move || view! { <PeopleList chosen/> }.into_any()
                detail=move || live(move || match (chosen.get(), person.get()) {
                    (None, _) => view! {
                        <Blank symbol=Symbol::People>
                            <h2>"Choose somebody"</h2>
                            <p>"What you must know of them shows here."</p>
                        </Blank>
                    }
                    .into_any(),
                    (_, Some(person)) => view! { <Summary person/> }.into_any(),
                    (_, None) => view! { <NothingHere/> }.into_any(),
                })
            />
        </Frame>
    }
}

/// Everybody, found by name, room or round.
#[component]
fn PeopleList(chosen: Signal<Option<SubjectId>>) -> impl IntoView {
    let client = use_client();
    let typed = RwSignal::new(String::new());
    let everyone = memo(move || {
        client.read(|ledger| {
            let mut rows: Vec<PersonRow> = ledger
                .people()
                .into_iter()
                .map(|person| {
                    let service = ledger.service(person.service).map(|service| service.name);
                    PersonRow {
                        id: person.id,
                        detail: [Some(person.place), service]
                            .into_iter()
                            .flatten()
                            .map(|part| words::isolated(&part))
                            .collect::<Vec<_>>()
                            .join(" · "),
                        name: person.display,
                    }
                })
                .collect();
            rows.sort_by_key(|row| plain(&row.name));
            rows
        })
    });
    let found = memo(move || {
        let typed = typed.get();
        everyone.look(|rows| {
            rows.iter()
                .filter(|row| may_mean(&typed, &[&row.name, &row.detail]))
                .cloned()
                .collect::<Vec<_>>()
        })
    });
    let shown =
        memo(move || found.look(|rows| rows.iter().take(SHOWN).cloned().collect::<Vec<_>>()));
    let more = move || found.look(Vec::len) > SHOWN;
    let none_yet = move || everyone.look(Vec::is_empty) && client.last_contact().get().is_none();
    view! {
        {live(move || if chosen.get().is_some() {
            view! { <h2>"People"</h2> }.into_any()
        } else {
            view! { <h1>"People"</h1> }.into_any()
        })}
        <div class="Field">
            <label for="find">"Find somebody"</label>
            <input
                id="find"
                type="search"
                autocomplete="off"
                spellcheck="false"
                placeholder="Name, room or round"
                prop:value=move || typed.get()
                on:input:target=move |event| typed.set(event.target().value())
            />
        </div>
        <p aria-live="polite">
            <small>{live(move || people_found(found.look(Vec::len)))}</small>
        </p>
        <Show when=none_yet>
            <Skeleton/>
        </Show>
        <ul class="List" aria-label="People">
            {each(move || shown.get(), move |row: PersonRow| view! {
                <li>
                    <a
                        class="ListRow"
                        href=Place::Person(row.id).path()
                        aria-current=attr(move || (chosen.get() == Some(row.id)).then_some("true"))
                    >
                        <span class="Initials" aria-hidden="true">
                            {initials(&row.name)}
                        </span>
                        <span>
                            <b dir="auto">{row.name}</b>
                            <small dir="auto">{row.detail}</small>
                        </span>
                        <SmallIcon symbol=Symbol::Next/>
                    </a>
                </li>
            }.into_any())}
        </ul>
        <Show when=more>
            <p>
                <small>{format!("The first {SHOWN} are shown. Type a name or a room to find the others.")}</small>
            </p>
        </Show>
    }
}

fn people_found(count: usize) -> String {
    match count {
        0 => "Nobody of that name is on this phone.".into(),
        1 => "1 person".into(),
        count => format!("{count} people"),
    }
}

/// One person: who they are, what can hurt them, and the instructions in force.
#[component]
fn Summary(person: PersonView) -> impl IntoView {
    let client = use_client();
    let plans = {
        let id = person.id;
        memo(move || {
            let now = client.now().get();
            client.read(|ledger| {
                let changes = may_change(ledger, person.service);
                let plans = ledger.plans_of(id).into_iter();
                plans
                    .map(|plan| PlanRow::of(plan, person.service, ledger, changes, now))
                    .collect::<Vec<_>>()
            })
        })
    };
    let first = words::first_name(&person.display);
    let (id, service) = (person.id, person.service);
    let records = memo(move || {
        client.read(|ledger| {
            let about = |record: &&Record| record.current().person() == Some(id);
            let records = ledger.records().into_iter().filter(about);
            records.map(|record| record.id).collect::<Vec<_>>()
        })
    });
    let reported = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            let record = ledger.newest_mismatch_about(id, now)?;
            Some((record.id, words::when_after(record.made, now)))
        })
    });
    let on_call = memo(move || {
        client.read(|ledger| {
            let service = ledger.service(service)?;
            Some((service.on_call_name, service.on_call_contact))
        })
    });
    let writes = memo(move || client.read(starts).contains(&Start::Note));
    view! {
        <Safety person=person.clone()/>
        <CopyAge/>
        <div class="Split" data-even="">
            <div>
                <GuidanceFor person=id/>
                {live(move || reported.get().map(|(record, when)| view! {
                    <Banner tone=Tone::Act symbol=Symbol::Mismatch>
                        <p>
                            <b>{format!("A mismatch was reported, {when}. ")}</b>
                            "A device may show another instruction than the one in force. Ask before you follow it."
                        </p>
                        <a class="Button" data-small="" href=Place::Record(record).path()>"Read the report"</a>
                    </Banner>
                }))}
                <section class="Section" aria-labelledby="help">
                    <header>
                        <h2 id="help">{format!("How to help {first}")}</h2>
                    </header>
                    {each(move || plans.get(), |row: PlanRow| row.card())}
                    <Show when=move || plans.look(Vec::is_empty)>
                        <p>"No instructions are on this device. Ask your team leader."</p>
                    </Show>
                </section>
                {(!person.communication_needs.trim().is_empty()).then(|| view! {
                    <section class="Section" aria-labelledby="talking">
                        <header>
                            <h2 id="talking">{format!("Talking with {first}")}</h2>
                        </header>
                        <article class="Card">
                            <p dir="auto">{person.communication_needs.clone()}</p>
                        </article>
                    </section>
                })}
            </div>
            <div>
                {live(move || on_call.get().map(|(name, number)| view! {
                    <section class="Section" aria-labelledby="ring">
                        <header>
                            <h2 id="ring">"Who to ring"</h2>
                        </header>
                        <ul class="List">
                            <Ring name number/>
                        </ul>
                    </section>
                }))}
                <section class="Section" aria-labelledby="written">
                    <header>
                        <h2 id="written">"Last records"</h2>
                    </header>
                    <RecordList label="Last records" ids=records step=5/>
                    <Show when=move || records.look(Vec::is_empty)>
                        <p>"None that you may read are on this device."</p>
                    </Show>
                </section>
                <Show when=move || writes.get()>
                    <div class="Actions">
                        <LinkButton weight=Weight::Main symbol=Symbol::Note href=format!("{}?person={id}", Place::Note.path())>
                            "Write a note"
                        </LinkButton>
                    </div>
                </Show>
            </div>
        </div>
    }
}

/// One instruction, and the change of it that stands: the new text is never withheld.
#[derive(Clone, PartialEq, Eq, Hash)]
struct PlanRow {
    id: SubjectId,
    task: String,
    instruction: String,
    since: String,
    change: Option<(EntryId, Difference, String)>,
    /// What holds until the change does.
    until: Option<String>,
    may_change: bool,
    asks: Option<ask::Subject>,
}

impl PlanRow {
    fn of(
        plan: PlanView,
        service: ServiceId,
        ledger: &Ledger,
        may_change: bool,
        now: Millis,
    ) -> PlanRow {
        let change = ledger.followed_change(plan.id);
        let asks = match &change {
            Some(change) => ask::Subject::update(ledger, change),
            None => ask::Subject::plan(ledger, service, &plan),
        };
        let until = change
            .as_ref()
            .filter(|change| change.begins_later(now))
            .map(|change| change.before.clone());
        let change = change.map(|change| {
            let from = words::when_after(change.effective_from, now);
            (change.id, change.difference(), from)
        });
        PlanRow {
            id: plan.id,
            task: plan.support_task,
            instruction: plan.instruction,
            since: words::date(plan.effective_from),
            change,
            until,
            may_change,
            asks,
        }
    }

    fn card(self) -> AnyView {
        let changes = self.may_change.then(|| {
            view! {
                <a class="Button" data-small="" href=format!("{}?plan={}", Place::PlanChange.path(), self.id)>
                    "Record a change"
                    <span class="Hush">{format!(" of {}", self.task)}</span>
                </a>
            }
        });
        let asks = self.asks.map(|subject| view! { <AskAbout subject/> });
        match self.change {
            Some((update, difference, from)) => view! {
                <article class="Card" data-tone="move">
                    <h3>{format!("{} {}", self.task, if self.until.is_some() { "changes" } else { "changed" })}</h3>
                    {self.until.map(|before| view! {
                        <p dir="auto">
                            <b>"Until then: "</b>
                            {before}
                        </p>
                    })}
                    <NewText difference/>
                    <p>
                        <small>{format!("From {from}. ")}</small>
                        <a href=Place::Update(update).path()>"Read the change"</a>
                    </p>
                    {asks}
                    {changes}
                </article>
            }
            .into_any(),
            None => view! {
                <article class="Card">
                    <h3 dir="auto">{self.task}</h3>
                    <p dir="auto">{self.instruction}</p>
                    <p>
                        <small>"In force from " {self.since}</small>
                    </p>
                    {asks}
                    {changes}
                </article>
            }
            .into_any(),
        }
    }
}

/// Who this is, allergies and key risks: never collapsed, never shortened.
#[component]
pub fn Safety(person: PersonView, #[prop(optional)] heading: SafetyHeading) -> impl IntoView {
    let born = format!("Born {}", words::date(person.date_of_birth));
    let name = match heading {
        SafetyHeading::Page => view! { <h1 dir="auto">{person.display.clone()}</h1> }.into_any(),
        SafetyHeading::Part => view! { <h2 dir="auto">{person.display.clone()}</h2> }.into_any(),
    };
    let full = (person.full_name != person.display)
        .then(|| format!("{} · ", words::isolated(&person.full_name)));
    let allergies = if person.allergies.trim().eq_ignore_ascii_case("none known") {
        view! { <li data-kind="none">"No known allergies"</li> }.into_any()
    } else {
        parts(&person.allergies)
            .map(|allergy| {
                view! {
                    <li data-kind="allergy">
                        <SmallIcon symbol=Symbol::No/>
                        {format!("Allergy: {}", words::isolated(allergy))}
                    </li>
                }
            })
            .collect_view()
            .into_any()
    };
    let risks = parts(&person.key_risks)
        .map(|risk| {
            view! {
                <li>
                    <SmallIcon symbol=Symbol::Warn/>
                    {words::isolated(risk)}
                </li>
            }
        })
        .collect_view();
    view! {
        <div class="Safety" data-inline=(heading == SafetyHeading::Part).then_some("")>
            <div>
                {name}
                <small>{full} {born} " · " {words::isolated(&person.place)}</small>
            </div>
            <ul aria-label="Allergies and key risks">{allergies} {risks}</ul>
        </div>
    }
}

/// The parts of a field, which `;` separates (DESIGN 5).
fn parts(field: &str) -> impl Iterator<Item = &str> {
    field
        .split(';')
        .map(str::trim)
        .filter(|part| !part.is_empty())
}

/// Whether the strip heads the page or stands within one.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum SafetyHeading {
    #[default]
    Page,
    Part,
}
