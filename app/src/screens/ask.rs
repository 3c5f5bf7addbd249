//! 'Ask about this': a question about an instruction, or about a change of it, to whoever receives records there.

use super::say::{Typed, is_held};
use crate::lean::{Show, live};
use crate::signal::{RwSignal, memo};
use crate::{
    browser,
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

/// A text that is written in a sheet, and stays until it is sent.
#[derive(Clone, Copy)]
struct Writing {
    field: &'static str,
    open: RwSignal<bool>,
    typed: Typed,
    fault: RwSignal<Option<String>>,
    busy: RwSignal<bool>,
}

impl Writing {
    /// `what` tells it from others of its page.
    fn new(field: &'static str, what: &str) -> Writing {
        let open = RwSignal::new(false);
        Writing {
            field,
            open,
            typed: Typed::in_sheet(what, open),
            fault: RwSignal::new(None),
            busy: RwSignal::new(false),
        }
    }

    /// Saves what was made of it, closes the sheet and does `then`; what stands against it is said at the field, and
    /// where the server would hold it for its text, with `ask` before how many characters it takes.
    fn send(
        self,
        service: ServiceId,
        body: Body,
        ask: &'static str,
        then: impl FnOnce() + 'static,
    ) {
        if is_held(&body, self.field, self.fault, ask) {
            return;
        }
        self.typed.say(service, body, self.busy, move |said| {
            match said {
                Ok(()) => {
                    then();
                    self.open.try_set(false)
                }
                Err(why) => self.fault.try_set(Some(why)),
            };
        });
    }
}

#[component]
fn WritingSheet(
    sheet: Writing,
    title: &'static str,
    label: &'static str,
    #[prop(default = "")] hint: &'static str,
    /// Stands under the field.
    #[prop(optional)]
    under: Option<String>,
    button: &'static str,
    #[prop(into)] on_send: Callback<()>,
) -> impl IntoView {
    let Writing { open, busy, .. } = sheet;
    view! {
        <Sheet open title>
            <TextArea
                id=sheet.field
                label
                hint
                fault=sheet.fault
                value=sheet.typed.text
                on_write=move |words| {
                    sheet.fault.set(None);
                    sheet.typed.write(words);
                }
                limit=TEXT
                rows=3
            />
            {under.clone().map(|under| view! {
                <p>
                    <small dir="auto">{under}</small>
                </p>
            })}
            <div class="Actions">
                <Button weight=Weight::Main busy on_press=on_send>
                    {live(move || if busy.get() { "Saving" } else { button })}
                </Button>
                <Button on_press=move |()| open.set(false)>"Not now"</Button>
            </div>
        </Sheet>
    }
}

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
    let sheet = Writing::new(FIELD, FIELD);
    let send = move |()| {
        let Some((service, to)) = may.get_untracked() else {
            return;
        };
        let body = Body::step(Data::QuestionReply(QuestionReply {
            question: id,
            to,
            text: sheet.typed.words(),
        }));
        sheet.send(service, body, "Write your answer, in at most", || {});
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
                <Button symbol=Symbol::Note on_press=move |()| sheet.open.set(true)>"Answer this question"</Button>
            </div>
        </Show>
        <WritingSheet
            sheet
            title="Answer this question"
            label="Your answer"
            hint="Whoever asked sees it on their home."
            button="Answer"
            on_send=send
        />
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
    let sheet = Writing::new(FIELD, &format!("{FIELD}.{}", subject.plan));
    let saved = RwSignal::new(false);
    let status = format!("asked-{}", subject.plan);
    let shows = status.clone();
    let Subject {
        service,
        person,
        plan,
        update,
        task,
        goes_to,
    } = subject;
    let send = move |()| {
        let body = Body::question(PlanQuestion {
            person,
            plan,
            update,
            text: sheet.typed.words(),
        });
        sheet.send(service, body, "Write your question, in at most", {
            let shows = shows.clone();
            move || {
                saved.try_set(true);
                browser::reveal(shows);
            }
        });
    };
    view! {
        // It stands there empty before, so that what comes in is read out; over the button, which is in view.
        <div role="status" id=status>
            <Show when=move || saved.get()>
                <p>"Your question is saved. It stands in your records."</p>
            </Show>
        </div>
        <div class="Actions">
            <Button symbol=Symbol::Info on_press=move |()| {
                saved.set(false);
                sheet.open.set(true);
            }>
                "Ask about this"
                <span class="Hush">{format!(" ({task})")}</span>
            </Button>
        </div>
        <WritingSheet
            sheet
            title="Ask about this"
            label="What do you want to know?"
            under=goes_to
            button="Ask"
            on_send=send
        />
    }
}
