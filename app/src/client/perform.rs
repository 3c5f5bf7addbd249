//! Performs what the syncer decides, and tells the screens of every tab what came of it.

use std::rc::Rc;

use holdfast_domain::encoding::{Bytes, Digest};
use holdfast_domain::entry::SignedEntry;
use holdfast_domain::ids::{LogId, ServiceId};
use holdfast_domain::ledger::Pending;
use holdfast_domain::outbox::row::{Change, Durability, Field, Row, Store, Write};
use holdfast_domain::outbox::{OwnEntry, read_own};
use holdfast_domain::receipt::Receipt;
use holdfast_domain::sealing::Part;
use holdfast_domain::syncer::{
    Answer, Config, Connection, Effect, Event, NoAnswer, Notice, Request, Restore, Stored, Syncer,
    Transaction, Wakeup, page, rows,
};
use js_sys::Promise;
use leptos::prelude::request_animation_frame;
use leptos::task::spawn_local;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::account::{self, Account, state_value};
use super::storage::Fault;
use super::transport::{self, Silence};
use super::wake::{self, Post};
use super::{Inner, Loss, Phase, checkpoint, clock, loss};

/// The least time between two revisions of the screens while one answer follows another, in milliseconds.
const BREATH: i64 = 100;
/// The longest, while more is to come.
const LONG_BREATH: i64 = 3_000;
/// How many times as long as they took last the screens leave to what is still coming: they take a fifth of the time at
/// most.
const BREATHS: i64 = 4;
/// How long the screens wait for what is worked out ahead of them, in milliseconds.
const PATIENCE: i64 = 500;

/// How many rows of the board are worked out at once.
const ROWS: usize = 4;

/// Starts the syncer where this tab holds the lock and a vault is open.
pub async fn start_syncer(inner: &Rc<Inner>) {
    let Some(account) = inner.account() else {
        return;
    };
    if !inner.leads.get() {
        return;
    }
    let generation = inner.generation.get();
    let ready = async {
        account::fetch_unread_again(inner, &account).await?;
        stored(inner, &account).await
    };
    let stored = match ready.await {
        Ok(stored) => stored,
        Err(fault) => {
            inner.signals.phase.set(Phase::Broken(fault.to_string()));
            return;
        }
    };
    if !inner.is_current(generation) || inner.syncer.borrow().is_some() {
        return;
    }
    let config = Config {
        provider: account.writer.provider,
        vault: account.writer.vault,
        device: account.writer.device,
        app: env!("CARGO_PKG_VERSION").to_owned(),
        root: account.root,
        certificates: account.certificates.clone(),
    };
    *inner.syncer.borrow_mut() = Some(Syncer::new(config, stored));
    feed(inner, generation, Event::Started);
    if inner.missed.take() {
        perform_read_own(inner, generation);
    }
    if wake::says_offline() {
        feed(inner, generation, Event::Woken(Wakeup::Offline));
    }
    keep_live(inner);
    checkpoint::later(inner);
}

/// Stops the syncer; what it began is not heard any more.
pub fn stop_syncer(inner: &Rc<Inner>) {
    inner.syncer.borrow_mut().take();
    if let Some(timer) = inner.timer.borrow_mut().take() {
        timer.clear();
    }
}

async fn stored(inner: &Rc<Inner>, account: &Rc<Account>) -> Result<Stored, Fault> {
    let vault = account.writer.vault;
    let key = &account.data_key;
    Ok(Stored {
        own: read_own_rows(inner, account)
            .await?
            .into_iter()
            .map(|(own, _)| own)
            .collect(),
        cursor: state_value(inner, key, vault, rows::CURSOR).await?,
        log: state_value::<LogId>(inner, key, vault, rows::LOG).await?,
        skew: state_value(inner, key, vault, rows::SKEW)
            .await?
            .unwrap_or_default(),
        keys: state_value(inner, key, vault, rows::KEYS)
            .await?
            .unwrap_or_default(),
        epoch: state_value(inner, key, vault, rows::EPOCH)
            .await?
            .unwrap_or_default(),
        restore: state_value(inner, key, vault, rows::RESTORE).await?,
        put_off: state_value(inner, key, vault, rows::PUT_OFF).await?,
    })
}

/// Gives the syncer an event, where it still is the syncer of that opening, and performs what
/// it decides.
pub fn feed(inner: &Rc<Inner>, generation: u64, event: Event) {
    if !inner.is_current(generation) {
        return;
    }
    let random = u64::from_le_bytes(clock::random());
    let effects = match inner.syncer.borrow_mut().as_mut() {
        Some(syncer) => syncer.handle(event, clock::now(), random),
        None => {
            // A syncer that is about to start may have read its rows before this one was there.
            let row = matches!(event, Event::Saved(_) | Event::Found(_));
            inner.missed.set(inner.missed.get() || row);
            return;
        }
    };
    let mut notices = Vec::new();
    for effect in effects {
        match effect {
            Effect::Transaction(transaction) => perform_transaction(inner, generation, transaction),
            Effect::Request(request) => perform_request(inner, generation, request),
            Effect::Timer { after_ms } => set_timer(inner, generation, after_ms),
            Effect::ReadOwn => perform_read_own(inner, generation),
            Effect::ReadOffers(restore) => perform_read_offers(inner, generation, restore),
            Effect::Notice(notice) => notices.push(notice),
        }
    }
    if notices.is_empty() {
        return;
    }
    heed(inner, &notices);
    if let Some(account) = inner.account() {
        inner.tell(Post::Notices {
            vault: account.writer.vault,
            notices,
        });
    }
}

fn perform_transaction(inner: &Rc<Inner>, generation: u64, transaction: Transaction) {
    let inner = Rc::clone(inner);
    spawn_local(async move {
        let Some(account) = inner.account().filter(|_| inner.is_current(generation)) else {
            return;
        };
        let Transaction {
            id,
            durability,
            mut writes,
        } = transaction;
        account
            .pages
            .seal_all(account.writer.vault, &mut writes)
            .await;
        // Opened anew while that was sealed: the new ledger may have read the pages already, and would miss this one.
        if !inner.is_current(generation) {
            return;
        }
        let sealer = account.sealer();
        let event = match inner.storage.write(Some(&sealer), durability, writes).await {
            // Opened anew while it was stored: this tab read its pages after it, and the others do once they are told.
            Ok(()) if !inner.is_current(generation) => {
                let vault = account.writer.vault;
                if inner.account().is_some_and(|now| now.writer.vault == vault) {
                    inner.tell(Post::SignedIn { vault });
                }
                return;
            }
            Ok(()) => Event::Committed { transaction: id },
            Err(fault) => Event::Aborted {
                transaction: id,
                reason: fault.to_string(),
            },
        };
        feed(&inner, generation, event);
    });
}

fn perform_request(inner: &Rc<Inner>, generation: u64, request: Request) {
    let inner = Rc::clone(inner);
    spawn_local(async move {
        let Request {
            id,
            path,
            body,
            timeout_ms,
        } = request;
        let event = match transport::send("POST", path, Some(&body), None, timeout_ms).await {
            Ok(reply) => Event::Answer(Answer {
                request: id,
                status: reply.status,
                content_type: reply.content_type,
                retry_after: reply.retry_after,
                body: reply.body,
                round_trip: reply.round_trip,
            }),
            Err(Silence::Network) => Event::NoAnswer {
                request: id,
                why: NoAnswer::Network,
            },
            Err(Silence::TimedOut) => Event::NoAnswer {
                request: id,
                why: NoAnswer::TimedOut,
            },
        };
        feed(&inner, generation, event);
    });
}

fn set_timer(inner: &Rc<Inner>, generation: u64, after_ms: u64) {
    let fired = Rc::clone(inner);
    let timer = clock::after(after_ms, move || {
        feed(&fired, generation, Event::TimerFired)
    });
    if let Some(earlier) = inner.timer.replace(timer) {
        earlier.clear();
    }
}

/// Reads own entries for the syncer, again a little later where the database does not answer: a
/// row that waits must not be missed.
fn perform_read_own(inner: &Rc<Inner>, generation: u64) {
    let inner = Rc::clone(inner);
    spawn_local(async move {
        if !refresh_own(&inner, generation).await && inner.is_current(generation) {
            clock::after(5_000, move || perform_read_own(&inner, generation));
        }
    });
}

fn perform_read_offers(inner: &Rc<Inner>, generation: u64, restore: Restore) {
    let inner = Rc::clone(inner);
    spawn_local(async move {
        match read_offers(&inner, &restore).await {
            Ok(event) => feed(&inner, generation, event),
            // The syncer asks for it again.
            Err(fault) => leptos::logging::error!("pages cannot be offered again: {fault}"),
        }
    });
}

async fn read_offers(inner: &Rc<Inner>, restore: &Restore) -> Result<Event, Fault> {
    let Some(account) = inner.account() else {
        return Ok(Event::TimerFired);
    };
    let vault = account.writer.vault;
    let mut offers = Vec::new();
    let under = [Part::Text(vault.to_string())];
    for key in inner.storage.keys(Store::Pages, &under).await? {
        let service = match key.get(1) {
            Some(Part::Text(service)) => service.parse::<ServiceId>().ok(),
            _ => None,
        };
        let Some(above) = service.and_then(|service| restore.above(service)) else {
            continue;
        };
        for text in account
            .read_pages(inner, &[key])
            .await?
            .into_iter()
            .flatten()
        {
            offers.extend(page::offers(account.writer.provider, &text, above));
        }
    }
    let receipts = inner.storage.all(Store::Receipts, &[]).await?;
    let receipts = receipts
        .into_iter()
        .filter_map(|(_, row)| {
            let bytes = row.bytes("receipt")?.to_vec();
            let digests = Receipt::parse(&bytes)
                .ok()?
                .items
                .iter()
                .map(|item| item.digest)
                .collect();
            Some((bytes, digests))
        })
        .collect();
    Ok(Event::Offers { offers, receipts })
}

/// Every own entry of the vault with what became of it. A row that does not open is kept and
/// passed over.
pub async fn read_own_rows(
    inner: &Rc<Inner>,
    account: &Rc<Account>,
) -> Result<Vec<(OwnEntry, SignedEntry)>, Fault> {
    let vault = account.writer.vault;
    let under = [Part::Text(vault.to_string())];
    let own = inner
        .storage
        .fields(Store::Own, &under, &["sealed"])
        .await?;
    let outbox = account::outbox_rows(inner).await?;
    let mut entries = Vec::with_capacity(own.len());
    for (key, row) in own {
        let Some(digest) = digest(&key) else { continue };
        let sent = outbox.get(&digest.0[..]);
        match read_own(
            &account.data_key,
            &vault,
            account.writer.provider,
            digest,
            &row,
            sent,
        ) {
            Ok(entry) => entries.push(entry),
            Err(fault) => {
                leptos::logging::error!("an own record is kept but cannot be read: {fault}")
            }
        }
    }
    Ok(entries)
}

fn digest(own_key: &[Part]) -> Option<Digest> {
    match own_key.get(1) {
        Some(Part::Bytes(bytes)) => Bytes::from_slice(bytes),
        _ => None,
    }
}

/// Reads own entries again, for the syncer first, then shows those that another tab saved. False where they could not be
/// read.
async fn refresh_own(inner: &Rc<Inner>, generation: u64) -> bool {
    let Some(account) = inner.account() else {
        return false;
    };
    let read = match read_own_rows(inner, &account).await {
        Ok(read) if inner.is_current(generation) => read,
        Ok(_) => return false,
        Err(fault) => {
            leptos::logging::error!("own records cannot be read: {fault}");
            return false;
        }
    };
    let mut all = Vec::with_capacity(read.len());
    let mut news = Vec::new();
    for (own, entry) in read {
        if !inner.own.borrow().contains_key(&own.digest) {
            news.push((own.clone(), entry));
        }
        all.push(own);
    }
    feed(inner, generation, Event::Found(all));
    // The request that this begins is on its way before the screens have their turn.
    let turn = JsFuture::from(Promise::resolve(&JsValue::UNDEFINED)).await;
    if turn.is_err() || !inner.is_current(generation) || news.is_empty() {
        return true;
    }
    for (own, entry) in news {
        inner.take_own(&own, entry);
    }
    inner.revised();
    true
}

/// Something woke the app.
pub fn woken(inner: &Rc<Inner>, wakeup: Wakeup) {
    if inner.account().is_none() {
        if matches!(wakeup, Wakeup::Online | Wakeup::Visible) {
            let inner = Rc::clone(inner);
            spawn_local(async move { account::settle_sign_out(&inner).await });
        }
        return;
    }
    if inner.leads.get() {
        feed(inner, inner.generation.get(), Event::Woken(wakeup));
        if wakeup != Wakeup::Offline {
            keep_live(inner);
        }
    } else if wakeup == Wakeup::Asked {
        inner.tell(Post::Woken { wakeup });
    }
}

fn keep_live(inner: &Rc<Inner>) {
    let (generation, live) = (inner.generation.get(), Rc::clone(inner));
    if inner.syncer.borrow().is_some() && !inner.signals.needs_sign_in.get_untracked() {
        inner
            .live
            .keep(move || feed(&live, generation, Event::Woken(Wakeup::Live)));
    }
}

/// Another tab said something.
pub fn heard(inner: &Rc<Inner>, post: Post) {
    let open = inner.account().map(|account| account.writer.vault);
    let leads = inner.syncer.borrow().is_some();
    let generation = inner.generation.get();
    match post {
        Post::SignedIn { vault } => account::signed_in_elsewhere(inner, vault),
        Post::SignedOut if open.is_some() => {
            account::close(inner);
            let inner = Rc::clone(inner);
            spawn_local(async move { account::look_left(&inner).await });
        }
        Post::Woken { wakeup } if leads => woken(inner, wakeup),
        Post::Saved { vault } if open == Some(vault) => perform_read_own(inner, generation),
        Post::Hello { vault } if leads && open == Some(vault) => {
            // A tab that died as it saved told nobody; the one opened in its place asks for it.
            perform_read_own(inner, generation);
            let shown = inner
                .syncer
                .borrow()
                .as_ref()
                .map(|syncer| (syncer.connection(), syncer.waiting()));
            if let Some((connection, waiting)) = shown {
                let notices = vec![Notice::Connection(connection), Notice::Waiting(waiting)];
                inner.tell(Post::Notices { vault, notices });
            }
        }
        Post::Notices { vault, notices } if !leads && open == Some(vault) => {
            if let Some(meanwhile) = &mut *inner.heard_meanwhile.borrow_mut() {
                return meanwhile.extend(notices);
            }
            heed(inner, &notices);
        }
        _ => {}
    }
}

/// What was stored or has changed, for this tab's screens.
pub fn heed(inner: &Rc<Inner>, notices: &[Notice]) {
    let Some(account) = inner.account() else {
        return;
    };
    let mut revised = false;
    let mut to_come = false;
    let mut unknown = false;
    let mut settled = false;
    let mut paged = false;
    for notice in notices {
        match notice {
            Notice::Page { text, more } => {
                let mut ledger = inner.ledger.borrow_mut();
                page::take(&mut ledger, account.writer.provider, text);
                checkpoint::count(inner, text);
                revised = true;
                to_come = *more;
                paged = true;
            }
            Notice::Own { digest, standing } => {
                let mut ledger = inner.ledger.borrow_mut();
                let state = standing.pending_state();
                let own = inner.own.borrow();
                if let Some((entry, saved)) = own.get(digest) {
                    if !ledger.on_its_way(digest, state.clone()) {
                        ledger.pending(Pending {
                            entry: entry.clone(),
                            saved: *saved,
                            state,
                        });
                    }
                    revised = true;
                } else {
                    unknown = true;
                }
            }
            Notice::Dropped { service } => {
                inner.ledger.borrow_mut().forget_service(*service);
                unknown = true;
                inner
                    .own
                    .borrow_mut()
                    .retain(|_, (entry, _)| entry.head.service != *service);
                revised = true;
            }
            Notice::Rewound(restore) => {
                let mut ledger = inner.ledger.borrow_mut();
                ledger.rewound(|service| restore.above(service));
                revised = true;
            }
            Notice::Contact { beacon, skew, at } => {
                inner.beacon.set(Some(*beacon));
                inner.skew.set(*skew);
                inner.signals.needs_sign_in.set(false);
                inner.signals.last_contact.set(Some(*at));
                keep_live(inner);
                keep_contact(inner, &account, *at);
            }
            Notice::Connection(connection) => {
                settled |= !matches!(connection, Connection::Sending(_));
                inner.signals.connection.set(*connection);
            }
            Notice::Waiting(waiting) => inner.signals.waiting.set(*waiting),
            Notice::UpToDate => {
                inner.signals.up_to_date.set(true);
                loss::weigh(inner, true);
                if inner.signals.loss.get_untracked() == Some(Loss::Unread) {
                    inner.signals.loss.set(None);
                }
                revised = true;
                settled = true;
            }
            Notice::NeedsSignIn => {
                inner.signals.needs_sign_in.set(true);
                inner.live.close();
            }
            Notice::Wiped => {
                let inner = Rc::clone(inner);
                spawn_local(async move { account::wipe(&inner).await });
            }
            Notice::NotStored { reason } => {
                leptos::logging::warn!("not stored, fetched again later: {reason}")
            }
        }
    }
    if paged {
        checkpoint::later(inner);
    }
    // While much is being sent, as while much comes.
    to_come |= inner.is_sending();
    if settled && (revised || inner.to_revise.get()) {
        tell_screens(inner);
    } else if revised {
        revised_soon(inner, to_come);
    }
    if unknown {
        let (inner, generation) = (Rc::clone(inner), inner.generation.get());
        spawn_local(async move {
            refresh_own(&inner, generation).await;
        });
    }
}

/// Tells every screen that the ledger has changed, yet not more often than each [`BREATH`] while much is sent or pulled,
/// and while more is `to_come` less often where the screens take long: they would be worked out anew for each page of it.
fn revised_soon(inner: &Rc<Inner>, to_come: bool) {
    let breath = match to_come {
        true => (inner.revising_took.get() * BREATHS).clamp(BREATH, LONG_BREATH),
        false => BREATH,
    };
    let since = clock::ticks() - inner.revised_at.get();
    if since >= breath {
        return tell_screens(inner);
    }
    inner.to_revise.set(true);
    let waiting = Rc::clone(inner);
    let wait = u64::try_from(breath - since).unwrap_or(0);
    let timer = clock::after(wait, move || {
        if waiting.to_revise.get() {
            tell_screens(&waiting);
        }
    });
    if let Some(earlier) = inner.revising.replace(timer) {
        earlier.clear();
    }
}

/// Tells every screen that the ledger has changed, once what takes long of what they read is worked out.
fn tell_screens(inner: &Rc<Inner>) {
    if inner.working.get() {
        // Who works tells them at the end.
        return inner.to_revise.set(true);
    }
    let began = clock::ticks();
    let at_hand = !inner.ledger.borrow().board_ahead(clock::now(), ROWS);
    if at_hand {
        return revise(inner, began);
    }
    inner.working.set(true);
    let (inner, generation) = (Rc::clone(inner), inner.generation.get());
    spawn_local(async move {
        work_ahead(&inner, generation).await;
        inner.working.set(false);
        if inner.is_current(generation) {
            revise(&inner, began);
        }
    });
}

/// Tells every screen, and takes down how long it took since `began` until the browser had drawn what they changed.
fn revise(inner: &Rc<Inner>, began: i64) {
    inner.revised();
    let inner = Rc::clone(inner);
    request_animation_frame(move || {
        clock::after(0, move || {
            let now = clock::ticks();
            inner.revised_at.set(now);
            inner.revising_took.set(now - began);
        });
    });
}

/// Works out what takes long of what the screens read, a little at a time, and for [`PATIENCE`] at most: what is pulled
/// meanwhile may undo it as fast as it is done, and the screens do not wait for the end of that.
pub async fn work_ahead(inner: &Rc<Inner>, generation: u64) {
    let until = clock::ticks() + PATIENCE;
    let mut turns = clock::Turns::begin();
    while inner.is_current(generation)
        && clock::ticks() < until
        && inner.ledger.borrow().board_ahead(clock::now(), 1)
    {
        turns.share().await;
    }
}

/// Keeps the time of the last contact, at most once a minute and only in the tab that syncs.
fn keep_contact(inner: &Rc<Inner>, account: &Rc<Account>, at: i64) {
    if inner.syncer.borrow().is_none() || at - inner.kept_contact.get() < 60_000 {
        return;
    }
    inner.kept_contact.set(at);
    let key = vec![Part::Text(account.writer.vault.to_string())];
    let row = Row::new().with("last_contact", Field::Number(at));
    let inner = Rc::clone(inner);
    spawn_local(async move {
        let write = Write::new(Store::Vaults, key, Change::Merge(row));
        if let Err(fault) = inner
            .storage
            .write(None, Durability::Relaxed, vec![write])
            .await
        {
            leptos::logging::warn!("the last contact is not kept: {fault}");
        }
    });
}
