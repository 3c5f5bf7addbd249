//! One open form: a draft that is kept as it is typed and found again, what is to be put right, and
//! saving.

use crate::lean::live;
use crate::signal::{RwSignal, Signal};
use crate::{
    browser,
    client::{self, Client, Connection, DraftName, Held, use_client},
    components::{frame::Frame, message::Skeleton},
    places::Place,
};
use holdfast_domain::{
    encoding::Millis,
    form::{Answered, Draft, Fault, FormName, found},
    ids::EntryId,
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_query_map;
use std::sync::Arc;

/// One open form: its draft, and all that is shown about it.
#[derive(Clone, Copy)]
pub struct Paper {
    client: Client,
    form: FormName,
    pub draft: RwSignal<Draft>,
    pub faults: RwSignal<Vec<Fault>>,
    pub trouble: RwSignal<Option<String>>,
    pub busy: RwSignal<bool>,
    /// What there is to know of the form as it opened: it was found again, or another is open elsewhere.
    pub notice: RwSignal<Option<String>>,
    restart: StoredValue<Arc<dyn Fn() + Send + Sync>>,
}

impl Paper {
    /// Writes to the draft, and keeps it.
    fn write(&self, change: impl FnOnce(&mut Draft)) {
        self.draft.update(change);
        self.keep();
        self.recheck();
    }

    /// Answers a question.
    pub fn answer(&self, question: &'static str, answer: Answered) {
        self.settle(question);
        let client = self.client;
        self.write(|draft| client.peek(|ledger| draft.answer(ledger, question, answer)));
    }

    /// Brings the step of a field to the front.
    pub fn go_to(&self, field: &'static str) {
        let (client, now) = (self.client, self.client.now().get_untracked());
        self.write(|draft| client.peek(|ledger| draft.go_to(ledger, field, now)));
        if browser::is_phone() {
            // Only this step shows: what is to be put right in others is told there.
            let is_here = |draft: &Draft, fault: &Fault| {
                client.peek(|ledger| draft.asks_here(ledger, fault.field, now))
            };
            self.draft.with_untracked(|draft| {
                self.faults
                    .update(|faults| faults.retain(|fault| is_here(draft, fault)));
            });
        }
    }

    /// All that is to be put right in the answers now.
    pub fn faults_now(&self) -> Vec<Fault> {
        let now = self.now();
        let faults = |draft: &Draft| self.client.peek(|ledger| draft.faults(ledger, now));
        self.draft.with_untracked(faults)
    }

    /// 'Carry on': to the next step, or what is to put right first.
    pub fn carry_on(&self) {
        let (client, now) = (self.client, self.client.now().get_untracked());
        let mut answer = Ok(());
        self.write(|draft| answer = client.peek(|ledger| draft.carry_on(ledger, now)));
        self.faults.set(answer.err().unwrap_or_default());
    }

    /// An answer that was tapped goes on by itself on a phone, which shows one question at a time.
    pub fn go_on(&self) {
        if browser::is_phone() {
            self.carry_on();
        }
    }

    /// The phone's back key: one question back; false where it leaves the form.
    pub fn on_back(&self) -> Callback<(), bool> {
        let paper = *self;
        Callback::new(move |()| {
            let (client, now) = (paper.client, paper.client.now().get_untracked());
            let back = |draft: &mut Draft| client.peek(|ledger| draft.back(ledger, now));
            let stays = browser::is_phone() && paper.draft.update(back);
            paper.faults.set(Vec::new());
            stays
        })
    }

    /// A question that was answered has nothing left to put right.
    fn settle(&self, field: &'static str) {
        if self
            .faults
            .with_untracked(|faults| faults.iter().any(|fault| fault.field == field))
        {
            self.faults
                .update(|faults| faults.retain(|fault| fault.field != field));
        }
    }

    /// Whether there is anything to give up.
    pub fn started(&self) -> Signal<bool> {
        let draft = self.draft;
        Signal::derive(move || draft.look(|draft| !draft.is_empty()))
    }

    /// What stands under the button, by what the connection does.
    pub fn promise(&self) -> Signal<&'static str> {
        let contact = self.client.connection();
        Signal::derive(move || match contact.get() {
            Connection::Offline | Connection::Retrying => {
                "No signal: it stays on this phone until it can be sent"
            }
            _ => "Kept on this phone as you type",
        })
    }

    fn now(&self) -> Millis {
        let ticked = self.client.now().get_untracked();
        ticked.max(js_sys::Date::now() as Millis)
    }

    /// Of what was to put right, what still is: also where another field put it right.
    fn recheck(&self) {
        if self.faults.with_untracked(Vec::is_empty) {
            return;
        }
        let now = self.client.now().get_untracked();
        let body = |draft: &Draft| self.client.peek(|ledger| draft.body(ledger, now));
        let still = self.draft.with_untracked(body).err().unwrap_or_default();
        let holds = |fault: &Fault| !still.iter().any(|it| it.field == fault.field);
        // It is drawn anew only where something goes from it.
        if self
            .faults
            .with_untracked(|faults| faults.iter().any(holds))
        {
            self.faults
                .update(|faults| faults.retain(|fault| !holds(fault)));
        }
    }

    /// Saves the record; what is to put right, or why it could not be saved, is shown.
    pub fn save(&self, on_saved: Callback<EntryId>) {
        let now = self.now();
        let draft = self.draft.get_untracked();
        let id = draft.id();
        let body = match self.client.peek(|ledger| draft.body(ledger, now)) {
            Ok(body) => body,
            Err(faults) => return self.faults.set(faults),
        };
        self.faults.set(Vec::new());
        let Some(service) = draft.service() else {
            return;
        };
        self.busy.set(true);
        let (paper, client) = (*self, self.client);
        let name = DraftName {
            form: self.form.text(),
            id,
        };
        spawn_local(async move {
            let saved = client.save(service, id, body, Some(name)).await;
            paper.busy.try_set(false);
            match saved {
                Ok(saved) => on_saved.run(saved.id),
                Err(failure) => {
                    paper.trouble.try_set(Some(failure.to_string()));
                }
            }
        });
    }

    /// Gives the draft up and opens an empty form.
    pub fn start_again(&self) {
        let id = self.draft.with_untracked(|draft| draft.id());
        self.client.drop_draft(&self.form.text(), id);
        (self.restart.get_value())();
    }

    fn keep(&self) {
        self.notice.set(None);
        self.trouble.set(None);
        let (id, text) = self
            .draft
            .with_untracked(|draft| (draft.id(), draft.text()));
        self.client.keep_draft(&self.form.text(), id, &text);
    }
}

const ELSEWHERE: &str =
    "You have one open in another tab already. It is kept there. This is a new one.";

/// A form as it opens: its draft, and what there is to know of it.
type Opening = (Draft, Option<String>);

/// The lock of the draft that is open, for as long as the form is.
type Holds = StoredValue<Option<Held>, LocalStorage>;

/// Opens a form where it was left, or fresh. Of several drafts it is the one that the address names with `draft`,
/// else the newest one that `suits`; one that is open in another tab stays with that tab.
pub fn open(
    place: Place,
    form: FormName,
    suits: Box<dyn Fn(&Draft) -> bool>,
    fresh: Box<dyn Fn() -> Draft + Send + Sync>,
    shown: Box<dyn Fn(Paper) -> AnyView + Send>,
) -> AnyView {
    let client = use_client();
    let opened = RwSignal::new(None::<Opening>);
    let holds = StoredValue::new_local(None::<Held>);
    let begin = Arc::new(move |notice| {
        let draft = fresh();
        // Nobody else can have a draft that is made here and now.
        take_later(client, holds, draft.id());
        opened.try_set(Some((draft, notice)));
    });
    let restart: Arc<dyn Fn() + Send + Sync> = {
        let begin = Arc::clone(&begin);
        Arc::new(move || begin(None))
    };
    let named = use_query_map().with_untracked(|query| query.get("draft")?.parse::<EntryId>().ok());
    let read = move |text: &str| client.peek(|ledger| Draft::read(ledger, form, text));
    let fits = Box::new(move |text: &str| {
        read(text).is_some_and(|draft| !draft.is_empty() && (named.is_some() || suits(&draft)))
    });
    spawn_local(async move {
        match first_free(client, holds, &form.text(), named, fits).await {
            Ok(kept) => {
                if let Some(draft) = read(&kept.text) {
                    let now = client.now().get_untracked();
                    let found = client.peek(|ledger| {
                        let about = draft.person(ledger);
                        let about = about.map(|person| ledger.person_name(person));
                        found(about.as_deref(), kept.at, now)
                    });
                    opened.try_set(Some((draft, Some(found))));
                }
            }
            Err(notice) => begin(notice),
        }
    });
    live(move || match opened.get() {
        None => view! { <Frame place><Skeleton/></Frame> }.into_any(),
        Some((draft, notice)) => shown(Paper {
            client,
            form,
            draft: RwSignal::new(draft),
            faults: RwSignal::new(Vec::new()),
            trouble: RwSignal::new(None),
            busy: RwSignal::new(false),
            notice: RwSignal::new(notice),
            restart: StoredValue::new(Arc::clone(&restart)),
        }),
    })
}

/// The newest draft that fits and that no other tab has open; else what there is to know of a fresh form.
async fn first_free(
    client: Client,
    holds: Holds,
    form: &str,
    named: Option<EntryId>,
    fits: Box<dyn Fn(&str) -> bool>,
) -> Result<client::Draft, Option<String>> {
    let mut notice = None;
    for kept in client.drafts().await {
        if kept.form != form || named.is_some_and(|id| id != kept.id) || !fits(&kept.text) {
            continue;
        }
        if take(client, holds, kept.id).await {
            return Ok(kept);
        }
        notice = Some(ELSEWHERE.to_owned());
    }
    Err(notice)
}

/// Takes a draft for this form. False where another tab has it open.
async fn take(client: Client, holds: Holds, id: EntryId) -> bool {
    let taken = client.take_draft(id).await;
    let is_ours = taken.is_some();
    if is_ours {
        holds.try_set_value(taken);
    }
    is_ours
}

fn take_later(client: Client, holds: Holds, id: EntryId) {
    spawn_local(async move {
        take(client, holds, id).await;
    });
}
