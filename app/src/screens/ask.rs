//! 'Ask about this': a question about an instruction, or about a change of it, to whoever receives records there.

use super::say::{is_held, say};
use crate::lean::{Show, live};
use crate::signal::{RwSignal, memo};
use crate::{
    client::use_client,
    components::{
        action::{Button, Weight},
        field::TextArea,
        icon::Symbol,
        sheet::Sheet,
    },
};
use holdfast_domain::{
    body::{Body, Data, Kind, PlanQuestion, QuestionReply},
    form::TEXT,
    ids::{EntryId, ServiceId, SubjectId},
    ledger::{Ledger, PlanView, UpdateView, may_ask},
    recipients::receivers,
    words,
};
use leptos::prelude::*;

/// The answers to a question, and for those who may answer the way to do so; nothing for every other record.
#[component]
pub fn Replies(id: EntryId) -> impl IntoView {
    const FIELD: &str = "reply";
    let client = use_client();
    let replies = memo(move || {
        let now = client.now().get();
        client.read(|ledger| {
            let replies = ledger.replies(id).into_iter();
            replies
                .map(|(made, text)| {
                    let by = ledger.name_of(made.by);
                    let line = format!("{by}, {}", words::when_after(made.at, now));
                    (text, line, made.delivery.label().to_owned())
                })
                .collect::<Vec<_>>()
        })
    });
    let may = memo(move || client.read(|ledger| ledger.may_reply(id)));
    let answering = RwSignal::new(false);
    let text = RwSignal::new(String::new());
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let send = move || {
        let Some((service, to)) = may.get_untracked() else {
            return;
        };
        let body = Body::step(Data::QuestionReply(QuestionReply {
            question: id,
            to,
            text: text.get_untracked().trim().to_owned(),
        }));
        if is_held(&body, FIELD, fault, "Write your answer, in at most") {
            return;
        }
        say(client, service, body, busy, move |said| {
            match said {
                Ok(()) => {
                    text.try_set(String::new());
                    answering.try_set(false)
                }
                Err(why) => fault.try_set(Some(why)),
            };
        });
    };
    view! {
        <Show when=move || replies.look(|replies| !replies.is_empty())>
            <section class="Section" aria-labelledby="replies">
                <header>
                    <h2 id="replies">"Answers"</h2>
                </header>
                <ul class="List" aria-labelledby="replies">
                    {live(move || {
                        let rows = replies.get().into_iter().map(|(text, line, stage)| view! {
                            <li>
                                <p dir="auto">{text}</p>
                                <small dir="auto">{line} " · " {stage}</small>
                            </li>
                        });
                        rows.collect_view()
                    })}
                </ul>
            </section>
        </Show>
        <Show when=move || may.look(Option::is_some)>
            <div class="Actions">
                <Button symbol=Symbol::Note on_press=move |()| answering.set(true)>"Answer this question"</Button>
            </div>
        </Show>
        <Sheet open=answering title="Answer this question">
            <TextArea
                id=FIELD
                label="Your answer"
                hint="Whoever asked sees it on their home."
                fault=fault
                value=text
                on_write=move |words| {
                    fault.set(None);
                    text.set(words);
                }
                limit=TEXT
                rows=3
            />
            <div class="Actions">
                <Button weight=Weight::Main busy=busy on_press=move |()| send()>
                    {live(move || if busy.get() { "Saving" } else { "Answer" })}
                </Button>
                <Button on_press=move |()| answering.set(false)>"Not now"</Button>
            </div>
        </Sheet>
    }
}

/// What is asked about, and to whom the question goes.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Subject {
    service: ServiceId,
    person: SubjectId,
    plan: SubjectId,
    update: Option<EntryId>,
    task: String,
    goes_to: String,
}

impl Subject {
    /// An instruction; none where this user may not ask about it.
    pub fn plan(ledger: &Ledger, service: ServiceId, plan: &PlanView) -> Option<Subject> {
        may_ask(ledger, service).then(|| Subject {
            service,
            person: plan.person,
            plan: plan.id,
            update: None,
            task: plan.support_task.clone(),
            goes_to: receivers(ledger, service, Kind::PlanQuestion).line,
        })
    }

    /// A change; none where this user may not ask about it.
    pub fn update(ledger: &Ledger, update: &UpdateView) -> Option<Subject> {
        may_ask(ledger, update.service).then(|| Subject {
            service: update.service,
            person: update.person,
            plan: update.plan,
            update: Some(update.id),
            task: update.support_task.clone(),
            goes_to: receivers(ledger, update.service, Kind::PlanQuestion).line,
        })
    }
}

/// The button, and the sheet that it opens.
#[component]
pub fn AskAbout(subject: Subject) -> impl IntoView {
    const FIELD: &str = "question";
    let client = use_client();
    let asking = RwSignal::new(false);
    let text = RwSignal::new(String::new());
    let fault = RwSignal::new(None::<String>);
    let busy = RwSignal::new(false);
    let saved = RwSignal::new(false);
    let Subject {
        service,
        person,
        plan,
        update,
        task,
        goes_to,
    } = subject;
    let send = move || {
        let body = Body::question(PlanQuestion {
            person,
            plan,
            update,
            text: text.get_untracked().trim().to_owned(),
        });
        if is_held(&body, FIELD, fault, "Write your question, in at most") {
            return;
        }
        say(client, service, body, busy, move |said| {
            match said {
                Ok(()) => {
                    text.try_set(String::new());
                    saved.try_set(true);
                    asking.try_set(false)
                }
                Err(why) => fault.try_set(Some(why)),
            };
        });
    };
    view! {
        <div class="Actions">
            <Button symbol=Symbol::Info on_press=move |()| {
                saved.set(false);
                asking.set(true);
            }>
                "Ask about this"
                <span class="Hush">{format!(" ({task})")}</span>
            </Button>
        </div>
        <Show when=move || saved.get()>
            <p role="status">"Your question is saved. It stands in your records."</p>
        </Show>
        <Sheet open=asking title="Ask about this">
            <TextArea
                id=FIELD
                label="What do you want to know?"
                fault=fault
                value=text
                on_write=move |words| {
                    fault.set(None);
                    text.set(words);
                }
                limit=TEXT
                rows=3
            />
            <p>
                <small dir="auto">{goes_to.clone()}</small>
            </p>
            <div class="Actions">
                <Button weight=Weight::Main busy=busy on_press=move |()| send()>
                    {live(move || if busy.get() { "Saving" } else { "Ask" })}
                </Button>
                <Button on_press=move |()| asking.set(false)>"Not now"</Button>
            </div>
        </Sheet>
    }
}
