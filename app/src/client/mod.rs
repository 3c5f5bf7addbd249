//! The client: what the screens know of account, ledger, saving and sending. It performs what
//! `domain` decides on database, network and clock. Everything asynchronous about saving and
//! sending belongs to the page, never to a screen, so leaving a screen stops nothing.

mod account;
mod checkpoint;
mod cipher;
mod clock;
mod drafts;
mod locks;
mod loss;
mod perform;
mod save;
mod storage;
mod transport;
mod wake;

use crate::signal::{RwSignal, Signal, memo};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::time::Duration;

use holdfast_domain::body::{Body, Kind};
use holdfast_domain::encoding::{Digest, Millis};
use holdfast_domain::entry::{Beacon, SignedEntry};
use holdfast_domain::ids::{DeviceId, EntryId, ServiceId, UserId};
use holdfast_domain::ledger::{Ledger, Pending};
use holdfast_domain::outbox::OwnEntry;
use holdfast_domain::outbox::row::RowKey;
use holdfast_domain::permission::may_write;
use holdfast_domain::recipients::receivers_from;
pub use holdfast_domain::syncer::{Connection, Told, Waiting};
use holdfast_domain::syncer::{Notice, Session, Syncer, Wakeup};
use holdfast_domain::wire::Scope;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use account::Account;
pub use account::SignInFailure;
use drafts::Drafts;
pub use drafts::{Draft, DraftName};
pub use locks::Held;
pub use loss::Loss;
pub use save::{SaveFailure, Saved};
use storage::Storage;
use wake::{Live, Post, Tabs};

/// Where the app stands as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// What the phone keeps is being read.
    Opening,
    SignedOut,
    /// Signed in, and nobody has said yet which of the service's devices this is.
    WhichDevice,
    Ready,
    /// The phone's storage cannot be used; the text says why.
    Broken(String),
}

/// Who is signed in on this phone.
#[derive(Clone, Debug, PartialEq)]
pub struct Me {
    pub user: UserId,
    pub username: String,
    pub display_name: String,
    pub scope: Vec<Scope>,
}

/// Somebody who has used this phone and is not signed in now.
#[derive(Clone, Debug, PartialEq)]
pub struct Left {
    pub username: String,
    pub display_name: String,
    /// What they wrote that is not sent yet.
    pub waiting: Waiting,
}

/// The client handle: copied freely, provided once at the root.
#[derive(Clone, Copy)]
pub struct Client {
    inner: StoredValue<Rc<Inner>, LocalStorage>,
    signals: Signals,
}

/// What the screens follow, owned by the page's root.
#[derive(Clone, Copy)]
struct Signals {
    phase: RwSignal<Phase>,
    me: RwSignal<Option<Me>>,
    left: RwSignal<Vec<Left>>,
    revision: RwSignal<u64>,
    connection: RwSignal<Connection>,
    waiting: RwSignal<Waiting>,
    now: RwSignal<Millis>,
    last_contact: RwSignal<Option<Millis>>,
    needs_sign_in: RwSignal<bool>,
    up_to_date: RwSignal<bool>,
    persisted: RwSignal<Option<bool>>,
    loss: RwSignal<Option<Loss>>,
}

struct Inner {
    signals: Signals,
    storage: Storage,
    /// Other tabs; set once the page has started.
    tabs: RefCell<Option<Tabs>>,
    live: Live,
    account: RefCell<Option<Rc<Account>>>,
    ledger: RefCell<Ledger>,
    /// Own entries by digest, with the time each was saved.
    own: RefCell<HashMap<Digest, (SignedEntry, Millis)>>,
    drafts: RefCell<Drafts>,
    /// Records and corrections whose being seen is under way.
    seeing: RefCell<HashSet<EntryId>>,
    beacon: Cell<Option<Beacon>>,
    skew: Cell<Option<i64>>,
    /// The last count of the open vault's author key that this tab knows of; 0 for none.
    last_count: Cell<u64>,
    /// This tab holds the lock.
    leads: Cell<bool>,
    syncer: RefCell<Option<Syncer>>,
    timer: RefCell<Option<TimeoutHandle>>,
    /// A row was saved while there was no syncer to hear of it.
    missed: Cell<bool>,
    /// When the screens were last told that the ledger has changed, or had drawn it, by [`clock::ticks`].
    revised_at: Cell<i64>,
    /// How long they took the last time that was taken down, in milliseconds.
    revising_took: Cell<i64>,
    /// They still have to be told, and when they are.
    to_revise: Cell<bool>,
    revising: RefCell<Option<TimeoutHandle>>,
    /// What the screens read is being worked out ahead of them.
    working: Cell<bool>,
    /// What other tabs said while the vault is read; none once it is.
    heard_meanwhile: RefCell<Option<Vec<Notice>>>,
    /// The last contact that was written down.
    kept_contact: Cell<Millis>,
    /// Pages that were there and did not open.
    unread: RefCell<Vec<RowKey>>,
    /// The open vault had no page at all.
    pageless: Cell<bool>,
    /// Pages that no checkpoint has, as far as this tab knows, and their bytes.
    no_checkpoint: Cell<(usize, usize)>,
    /// When the next checkpoint is written, if one is due.
    checkpointing: RefCell<Option<TimeoutHandle>>,
    /// Counts openings of a vault: what an earlier one began does not reach a later one.
    generation: Cell<u64>,
    /// Counts what was asked to open or close a vault. The last one counts, whichever is read first.
    asked: Cell<u64>,
}

/// Starts the client and provides it; called once, at the root.
pub fn provide_client() -> Client {
    let signals = Signals {
        phase: RwSignal::new(Phase::Opening),
        me: RwSignal::new(None),
        left: RwSignal::new(Vec::new()),
        revision: RwSignal::new(0),
        connection: RwSignal::new(Connection::default()),
        waiting: RwSignal::new(Waiting::default()),
        now: RwSignal::new(clock::now()),
        last_contact: RwSignal::new(None),
        needs_sign_in: RwSignal::new(false),
        up_to_date: RwSignal::new(false),
        persisted: RwSignal::new(None),
        loss: RwSignal::new(None),
    };
    let inner = Rc::new(Inner {
        signals,
        storage: Storage::default(),
        tabs: RefCell::new(None),
        live: Live::default(),
        account: RefCell::new(None),
        ledger: RefCell::new(Ledger::new(UserId::nil())),
        own: RefCell::default(),
        drafts: RefCell::default(),
        seeing: RefCell::default(),
        beacon: Cell::new(None),
        skew: Cell::new(None),
        last_count: Cell::new(0),
        leads: Cell::new(false),
        syncer: RefCell::new(None),
        timer: RefCell::new(None),
        missed: Cell::new(false),
        revised_at: Cell::new(0),
        revising_took: Cell::new(0),
        to_revise: Cell::new(false),
        revising: RefCell::new(None),
        working: Cell::new(false),
        heard_meanwhile: RefCell::default(),
        kept_contact: Cell::new(0),
        unread: RefCell::default(),
        pageless: Cell::new(false),
        no_checkpoint: Cell::new((0, 0)),
        checkpointing: RefCell::new(None),
        generation: Cell::new(0),
        asked: Cell::new(0),
    });
    let client = Client {
        inner: StoredValue::new_local(Rc::clone(&inner)),
        signals,
    };
    provide_context(client);
    begin(&inner);
    client
}

/// The client that the root provided.
pub fn use_client() -> Client {
    expect_context()
}

fn begin(inner: &Rc<Inner>) {
    let heard = Rc::clone(inner);
    *inner.tabs.borrow_mut() = Some(Tabs::open(move |post| perform::heard(&heard, post)));

    let emptied = Rc::clone(inner);
    inner.storage.on_emptied(move || loss::emptied(&emptied));
    let (woken, hidden) = (Rc::clone(inner), Rc::clone(inner));
    wake::listen(
        move |wakeup| {
            woken.signals.now.set(clock::now());
            perform::woken(&woken, wakeup);
        },
        move || save::mirror_all(&hidden),
    );
    let now = inner.signals.now;
    // Refused only where there is no window.
    let _ = set_interval_with_handle(move || now.set(clock::now()), Duration::from_secs(30));

    let inner = Rc::clone(inner);
    spawn_local(async move {
        if let Err(fault) = account::open_last(&inner).await {
            inner.signals.phase.set(Phase::Broken(fault.to_string()));
        }
        inner.signals.persisted.set(save::is_persisted().await);
        if let Some(held) = locks::try_hold(locks::SYNC).await {
            // Until the tab ends.
            std::mem::forget(held);
            inner.leads.set(true);
            return perform::start_syncer(&inner).await;
        }
        let taken = Rc::clone(&inner);
        locks::hold(locks::SYNC, move || {
            taken.leads.set(true);
            spawn_local(async move { account::take_over(&taken).await });
        });
    });
}

impl Client {
    fn inner(&self) -> Rc<Inner> {
        self.inner.with_value(Rc::clone)
    }

    /// Where the app stands.
    pub fn phase(&self) -> Signal<Phase> {
        self.signals.phase.into()
    }

    /// Who is signed in.
    pub fn me(&self) -> Signal<Option<Me>> {
        let me = self.signals.me;
        memo(move || me.get())
    }

    /// Who has used this phone, while nobody is signed in.
    pub fn left(&self) -> Signal<Vec<Left>> {
        self.signals.left.into()
    }

    /// Reads the ledger, again whenever it changes.
    pub fn read<T>(&self, view: impl FnOnce(&Ledger) -> T) -> T {
        self.signals.revision.get();
        self.peek(view)
    }

    /// Reads the ledger as it is now.
    pub fn peek<T>(&self, view: impl FnOnce(&Ledger) -> T) -> T {
        view(&self.inner().ledger.borrow())
    }

    /// The connection, as the element named 'Connection' shows it.
    pub fn connection(&self) -> Signal<Connection> {
        let connection = self.signals.connection;
        memo(move || connection.get())
    }

    /// What waits to be sent.
    pub fn waiting(&self) -> Signal<Waiting> {
        let waiting = self.signals.waiting;
        memo(move || waiting.get())
    }

    /// What is said of what waits, as things stand.
    pub fn told(&self, waiting: Waiting) -> Option<Told> {
        let session = if self.signals.needs_sign_in.get() {
            Session::Ended
        } else {
            Session::Open
        };
        waiting.told(
            self.signals.connection.get(),
            session,
            self.signals.now.get(),
        )
    }

    /// The device's clock; ticks every 30 seconds.
    pub fn now(&self) -> Signal<Millis> {
        self.signals.now.into()
    }

    /// When the server was last heard, by the device's clock.
    pub fn last_contact(&self) -> Signal<Option<Millis>> {
        self.signals.last_contact.into()
    }

    /// Whether the session is over. Records are kept and go after the next sign-in.
    pub fn needs_sign_in(&self) -> Signal<bool> {
        self.signals.needs_sign_in.into()
    }

    /// Whether all that others wrote until the page opened is on this phone.
    pub fn up_to_date(&self) -> Signal<bool> {
        self.signals.up_to_date.into()
    }

    /// Whether the browser has promised to keep the phone's storage; `None` where it does not say.
    pub fn storage_persisted(&self) -> Signal<Option<bool>> {
        self.signals.persisted.into()
    }

    /// What became of what the phone kept, where the browser has deleted it.
    pub fn loss(&self) -> Signal<Option<Loss>> {
        self.signals.loss.into()
    }

    /// The person has read what was lost; it is not said again.
    pub fn loss_is_read(&self) {
        loss::read(&self.inner());
    }

    /// The services in which this user has a role.
    pub fn my_services(&self) -> Vec<ServiceId> {
        self.signals.me.look(|me| {
            let scope = me.iter().flat_map(|me| &me.scope);
            scope.map(|scope| scope.service).collect()
        })
    }

    /// Whether mismatches or notes of any of the user's services come to this user.
    pub fn receives(&self) -> bool {
        let Some(user) = self.signals.me.look(|me| me.as_ref().map(|me| me.user)) else {
            return false;
        };
        let services = self.my_services();
        self.read(|ledger| {
            services.into_iter().any(|service| {
                [Kind::Mismatch, Kind::Note].into_iter().any(|kind| {
                    // Whoever writes it: nil is nobody, so nobody is left out.
                    receivers_from(ledger, service, kind, UserId::nil())
                        .people
                        .iter()
                        .any(|person| person.user == user)
                })
            })
        })
    }

    /// This phone's device id; nil before the first sign-in.
    pub fn device_id(&self) -> DeviceId {
        self.inner.with_value(|inner| {
            inner
                .account
                .borrow()
                .as_ref()
                .map_or(DeviceId::nil(), |it| it.writer.device)
        })
    }

    /// A new entry id, made when a form opens.
    pub fn new_entry_id(&self) -> EntryId {
        EntryId::new(clock::now(), clock::random())
    }

    /// Signs in with the server and opens, or first makes, this user's vault on this phone.
    ///
    /// # Errors
    /// [`SignInFailure`]; nothing on the phone has changed then.
    pub async fn sign_in(&self, username: String, password: String) -> Result<(), SignInFailure> {
        let inner = self.inner();
        detached(async move { account::sign_in(&inner, username.trim(), &password).await }).await
    }

    /// Ends the session. What waits stays on the phone and goes after the next sign-in.
    pub async fn sign_out(&self) {
        let inner = self.inner();
        detached(async move { account::sign_out(&inner).await }).await;
    }

    /// Saves a record on this phone: signed, sealed, counted, in one strict transaction. It is
    /// sent afterwards, by itself. The draft named goes with it.
    ///
    /// # Errors
    /// [`SaveFailure`]; nothing was saved then and the draft is still there.
    pub async fn save(
        &self,
        service: ServiceId,
        id: EntryId,
        body: Body,
        draft: Option<DraftName>,
    ) -> Result<Saved, SaveFailure> {
        let inner = self.inner();
        detached(async move { save::save(&inner, service, id, &body, draft).await }).await
    }

    /// Records, once, that this user has seen the record.
    pub async fn mark_seen(&self, id: EntryId) {
        let inner = self.inner();
        detached(async move { save::mark_seen(&inner, id).await }).await;
    }

    /// Keeps a draft as it is typed: at once in localStorage, a second later in the database too.
    pub fn keep_draft(&self, form: &str, id: EntryId, json: &str) {
        save::keep_draft(&self.inner(), form, id, json);
    }

    /// Every draft that is kept, in localStorage or mirrored, the newest first.
    pub async fn drafts(&self) -> Vec<Draft> {
        let inner = self.inner();
        detached(async move { save::kept_drafts(&inner).await }).await
    }

    /// Takes a draft for this tab, for as long as what is given lives; none where another tab has it open.
    pub async fn take_draft(&self, id: EntryId) -> Option<Held> {
        detached(async move { locks::try_hold(&format!("hf-draft-{id}")).await }).await
    }

    /// Gives a draft up, everywhere.
    pub fn drop_draft(&self, form: &str, id: EntryId) {
        save::drop_draft(
            &self.inner(),
            DraftName {
                form: form.to_owned(),
                id,
            },
        );
    }

    /// Tries to send and to pull now.
    pub fn wake(&self) {
        perform::woken(&self.inner(), Wakeup::Asked);
    }
}

impl Inner {
    fn account(&self) -> Option<Rc<Account>> {
        self.account.borrow().clone()
    }

    /// Takes one of the user's own entries into the ledger, as it stands.
    fn take_own(&self, own: &OwnEntry, entry: SignedEntry) {
        let kept = (entry.clone(), own.saved);
        self.own.borrow_mut().insert(own.digest, kept);
        self.ledger.borrow_mut().pending(Pending {
            entry,
            saved: own.saved,
            state: own.standing.pending_state(),
        });
    }

    /// Tells every screen that the ledger has changed.
    fn revised(&self) {
        self.revised_at.set(clock::ticks());
        self.to_revise.set(false);
        self.signals.revision.update(|revision| *revision += 1);
        self.settle_phase();
    }

    /// Which device this is must be said once, by those who may say it.
    fn settle_phase(&self) {
        let Some(account) = self.account() else {
            return;
        };
        let may_say = account
            .scope
            .iter()
            .any(|scope| may_write(&scope.roles, Kind::DeviceUse));
        let said = self
            .ledger
            .borrow()
            .device_use(account.writer.device)
            .is_some();
        let phase = if said || !may_say {
            Phase::Ready
        } else {
            Phase::WhichDevice
        };
        if self.signals.phase.with_untracked(|was| *was != phase) {
            self.signals.phase.set(phase);
        }
    }

    fn tell(&self, post: Post) {
        if let Some(tabs) = self.tabs.borrow().as_ref() {
            tabs.tell(post);
        }
    }

    fn is_sending(&self) -> bool {
        let connection = self.signals.connection;
        connection.with_untracked(|it| matches!(it, Connection::Sending(_)))
    }

    fn is_current(&self, generation: u64) -> bool {
        self.generation.get() == generation
    }

    /// Notes that a vault is to be opened or closed; gives the number by which `asked` tells whether it still is.
    fn ask(&self) -> u64 {
        self.asked.set(self.asked.get() + 1);
        self.asked.get()
    }
}

/// Runs work to its end even where nobody waits for it any more.
async fn detached<T: 'static>(work: impl Future<Output = T> + 'static) -> T {
    let slot = Rc::new(RefCell::new(None));
    let filled = Rc::clone(&slot);
    let done = future_to_promise(async move {
        let value = work.await;
        *filled.borrow_mut() = Some(value);
        Ok(JsValue::UNDEFINED)
    });
    // Never rejected: the work above has no other end.
    let _ = JsFuture::from(done).await;
    slot.take()
        .expect("the promise resolves after the slot is filled")
}
