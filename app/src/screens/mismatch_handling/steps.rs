//! On a mismatch's page: the guidance that stands, the five steps to its close, what was written in each, and what this
//! user may do next.

use crate::lean::live;
use crate::signal::memo;
use crate::{
    client::use_client,
    components::{
        action::{LinkButton, Weight},
        icon::{SmallIcon, Symbol, Tone},
        message::{Banner, StatusChip},
    },
    places::Place,
};
use holdfast_domain::{
    body::MismatchCause,
    encoding::Millis,
    form::StepForm,
    ids::EntryId,
    ledger::{Ledger, ReviewView, StepState, StepView},
    rules::{Listed, rule},
    words,
};
use leptos::prelude::*;

/// A name and the words beside it.
type Fact = (&'static str, String);

/// All that the part shows; equal values are not drawn again.
#[derive(Clone, PartialEq)]
struct Shown {
    standing: Vec<(EntryId, String, String)>,
    /// Guidance that stands for somebody else: what it says, and that it does.
    astray: Vec<(EntryId, String, String)>,
    steps: Vec<StepView>,
    /// Those that count first.
    reviews: Vec<ReviewView>,
    /// Of a mismatch that is closed, what is not settled.
    unsettled: Vec<String>,
    /// Where they disagree: who says what.
    differences: Vec<String>,
    rules: Vec<Listed>,
    cause: Vec<Fact>,
    /// What this user may do: the form, its words, and whether it is theirs to do next.
    acts: Vec<(StepForm, String, bool)>,
}

fn shown(ledger: &Ledger, id: EntryId, now: Millis) -> Option<Shown> {
    let handling = ledger.handling(id)?;
    // What is to be read first is no button yet.
    let unread = ledger.acknowledgement_for(id).is_some();
    let acts = ledger.acts(&handling).into_iter();
    let acts = acts.map(|(form, label, next)| (form, label, next && !unread));
    let cause = handling.causes.last();
    Some(Shown {
        standing: handling
            .standing()
            .map(|it| {
                let from = format!(
                    "Temporary guidance from {}, {}. {}",
                    ledger.name_of(it.made.by),
                    words::when_after(it.made.at, now),
                    it.read_words()
                );
                (it.made.id, it.says.follow.clone(), from)
            })
            .collect(),
        astray: handling
            .astray()
            .filter_map(|it| {
                let whom = ledger.person_name(it.says.person);
                let follow = format!("{whom}: {}", it.says.follow);
                Some((it.made.id, follow, ledger.guidance_for_another(it.made.id)?))
            })
            .collect(),
        steps: ledger.mismatch_steps(&handling, now),
        unsettled: if handling.closed.is_some() {
            ledger.unsettled(&handling)
        } else {
            Vec::new()
        },
        reviews: ledger.review_views(&handling, now),
        differences: handling
            .differences()
            .iter()
            .map(|it| ledger.difference_words(it))
            .collect(),
        rules: handling.rules(),
        cause: cause.map_or_else(Vec::new, |(_, it)| cause_facts(it, ledger, now)),
        acts: acts.collect(),
    })
}

fn cause_facts(it: &MismatchCause, ledger: &Ledger, now: Millis) -> Vec<Fact> {
    vec![
        ("Cause", format!("{}. {}", it.cause.label(), it.what)),
        ("Fix", it.fix.clone()),
        ("Action", it.action.clone()),
        (
            "Owner",
            format!(
                "{}, by {}",
                ledger.name_of(it.owner),
                words::date_seen_from(it.due, now)
            ),
        ),
    ]
}

/// The task and the device that a mismatch is about, and the way to the change or the instruction; nothing for every
/// other record.
#[component]
pub fn AboutMismatch(id: EntryId) -> impl IntoView {
    let client = use_client();
    let about = memo(move || client.read(|ledger| ledger.about_mismatch(id)));
    live(move || {
        about.get().map(|it| {
            let to = match (it.change, it.instruction) {
                (Some(change), _) => Some((Place::Update(change), "Read the change")),
                (None, true) => Some((Place::Person(it.person), "Read the instruction")),
                (None, false) => None,
            };
            view! {
                <p>
                    <small dir="auto">{it.line}</small>
                    " "
                    {to.map(|(place, label)| view! { <a href=place.path()>{label}</a> })}
                </p>
            }
        })
    })
}

/// The part of a mismatch's page that shows how it is handled; nothing for every other record.
#[component]
pub fn HandlingPart(id: EntryId) -> impl IntoView {
    let client = use_client();
    let shown = memo(move || {
        let now = client.now().get();
        client.read(|ledger| shown(ledger, id, now))
    });
    view! {
        <AboutMismatch id/>
        {live(move || shown.get().map(|it| content(id, it)))}
    }
}

fn content(id: EntryId, it: Shown) -> impl IntoView {
    let standing = it.standing.into_iter().map(|(guidance, follow, from)| {
        view! {
            <Banner tone=Tone::Move symbol=Symbol::Bell>
                <p dir="auto">
                    <b>{format!("Until it is fixed: {follow}")}</b>
                </p>
                <small dir="auto">{from}</small>
                <a class="Button" data-small="" href=Place::Guidance(guidance).path()>"Open the sheet"</a>
            </Banner>
        }
    });
    let standing = standing.collect_view();
    let astray = it.astray.into_iter().map(|(guidance, follow, another)| {
        view! {
            <Banner tone=Tone::Act symbol=Symbol::Warn>
                <p dir="auto">
                    <b>{another}</b>
                </p>
                <small dir="auto">{follow}</small>
                <a class="Button" data-small="" href=Place::Guidance(guidance).path()>"Open the sheet"</a>
            </Banner>
        }
    });
    let astray = astray.collect_view();
    let done = StepView::count(&it.steps);
    let steps = it.steps.into_iter().enumerate().map(|(at, step)| {
        let (state, mark) = match step.state {
            StepState::Done => ("done", None),
            StepState::Now => ("now", Some(at + 1)),
            StepState::Todo | StepState::NotShown => ("todo", Some(at + 1)),
        };
        let now = step.state == StepState::Now;
        view! {
            <li data-state=state aria-current=now.then_some("step")>
                <span aria-hidden="true">
                    {match mark {
                        Some(number) => number.to_string().into_any(),
                        None => view! { <SmallIcon symbol=Symbol::Tick/> }.into_any(),
                    }}
                </span>
                <div>
                    <h3>
                        <span>
                            <span class="Hush">{format!("Step {}: ", at + 1)}</span>
                            {step.title}
                        </span>
                        {now.then(|| view! { <StatusChip tone=Tone::Move symbol=Symbol::Clock label="Next"/> })}
                    </h3>
                    {step.lines.into_iter().map(|line| view! { <small dir="auto">{line}</small> }).collect_view()}
                </div>
            </li>
        }
    });
    let steps = steps.collect_view();
    let acts = it.acts.into_iter().map(|(form, label, first)| {
        let weight = if first { Weight::Main } else { Weight::Plain };
        view! { <LinkButton weight href=Place::Step(id, form).path()>{label}</LinkButton> }
    });
    let acts = acts.collect_view();
    view! {
        {astray}
        {standing}
        <section class="Section" aria-labelledby="steps">
            <header>
                <h2 id="steps">"Five steps to close this"</h2>
                <small>{done}</small>
            </header>
            <ol class="Pathway">{steps}</ol>
            <div class="Actions">{acts}</div>
        </section>
        {unsettled("Closed with this still open", it.unsettled)}
        {differences(it.differences)}
        {reviews(it.reviews)}
        {rules(&it.rules)}
        {facts("cause", "Cause and fix".to_owned(), it.cause)}
    }
}

/// What is not settled, under these words.
pub fn unsettled(heading: &'static str, open: Vec<String>) -> impl IntoView {
    sentences(heading, open, Tone::Move)
}

/// That the reviews disagree, and who says what.
fn differences(words: Vec<String>) -> impl IntoView {
    sentences("The reviews disagree", words, Tone::Act)
}

fn sentences(heading: &'static str, words: Vec<String>, tone: Tone) -> impl IntoView {
    (!words.is_empty()).then(|| {
        let words = words.into_iter();
        let words = words.map(|it| view! { <li dir="auto">{it}</li> });
        view! {
            <Banner tone symbol=Symbol::Warn>
                <div>
                    <p>
                        <b>{heading}</b>
                    </p>
                    <ul>{words.collect_view()}</ul>
                </div>
            </Banner>
        }
    })
}

/// Every review: those that count open, those in whose place a newer one stands to be opened.
fn reviews(all: Vec<ReviewView>) -> impl IntoView {
    let one = all.iter().filter(|it| !it.replaced).count() == 1;
    all.into_iter()
        .map(|it| {
            if it.replaced {
                return review_to_open(format!("Earlier review by {}", it.by), it.facts).into_any();
            }
            let heading = if one {
                "The manager’s review".to_owned()
            } else {
                format!("Review by {}", it.by)
            };
            facts(format!("review-{}", it.id), heading, it.facts).into_any()
        })
        .collect_view()
}

/// A review under its line, to be opened.
pub fn review_to_open(line: String, rows: Vec<Fact>) -> impl IntoView {
    view! {
        <details class="More">
            <summary dir="auto">{line}</summary>
            {list(rows)}
        </details>
    }
}

fn facts(id: impl Into<String>, heading: String, rows: Vec<Fact>) -> impl IntoView {
    let id = id.into();
    (!rows.is_empty()).then(|| {
        view! {
            <section class="Section" aria-labelledby=id.clone()>
                <header>
                    <h2 id=id.clone() dir="auto">{heading}</h2>
                </header>
                {list(rows)}
            </section>
        }
    })
}

fn list(rows: Vec<Fact>) -> impl IntoView {
    let rows = rows.into_iter().map(|(name, value)| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd dir="auto">{value}</dd>
            </div>
        }
    });
    view! { <dl class="CheckAnswers">{rows.collect_view()}</dl> }
}

/// The rules that apply or may, each with its paragraph and how sure we are of its words.
pub fn rules(listed: &[Listed]) -> impl IntoView + use<> {
    let cards = listed.iter().map(|it| {
        let (rule, sure) = (rule(it.rule), it.sure);
        let chip = if sure {
            view! { <StatusChip tone=Tone::Act symbol=Symbol::Warn label="Applies"/> }
        } else {
            view! { <StatusChip tone=Tone::Move symbol=Symbol::Info label="May apply"/> }
        };
        view! {
            <article class="RuleCard">
                <header>
                    <h3>{rule.name}</h3>
                    {chip}
                </header>
                <p>
                    <small>{rule.paragraph}</small>
                </p>
                <p>{rule.test}</p>
                <p>{format!("Tell: {}. {}.", rule.tell, rule.time)}</p>
                <p>
                    <small>{rule.certainty.words()}</small>
                </p>
            </article>
        }
    });
    let cards = cards.collect_view();
    (!listed.is_empty()).then(|| {
        view! {
            <section class="Section" aria-labelledby="rules">
                <header>
                    <h2 id="rules">"Rules that may apply"</h2>
                    <small>"Advice, checked on 24 November 2026. You decide."</small>
                </header>
                {cards}
            </section>
        }
    })
}
