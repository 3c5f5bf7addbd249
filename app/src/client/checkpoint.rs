//! Checkpoints of the view: read at a start in place of the pages they stand for, and written by the tab that syncs, a
//! while after the last page came. What one is and when it counts is `domain::syncer::checkpoint`'s.

use std::rc::Rc;

use holdfast_domain::outbox::row::{Field, Row, RowKey, Store};
use holdfast_domain::sealing::Part;
use holdfast_domain::sort::sort_by_key;
use holdfast_domain::syncer::checkpoint::{
    FULL, Found, Made, Making, Pages, is_due, key, last_key, unchanged,
};
use holdfast_domain::syncer::page;
use js_sys::Reflect;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::account::Account;
use super::storage::{Fault, Plan, Read};
use super::{Inner, clock};

/// How long after the last page one is written, in milliseconds.
const IDLE: u64 = 2_000;
/// How many times the size of a full one must be free for a checkpoint: none is what leaves no room for a record.
const ROOM: f64 = 20.0;

/// Puts what the checkpoints of an epoch say into the ledger; of its pages those that none of them stands for are left.
pub async fn read(
    inner: &Rc<Inner>,
    account: &Account,
    generation: u64,
    epoch: u32,
    keys: &[RowKey],
    found: &Found,
    turns: &mut clock::Turns,
) -> Vec<RowKey> {
    let mut pages = Pages::new(keys);
    for key in found.of(epoch) {
        let bytes = open(inner, account, key).await;
        let Some(checkpoint) = pages.opened(found, bytes.as_deref()) else {
            continue;
        };
        for (nth, entry) in checkpoint.entries().enumerate() {
            turns.share_at(nth).await;
            if !inner.is_current(generation) {
                return Vec::new();
            }
            inner.ledger.borrow_mut().acknowledge(entry);
        }
        checkpoint.breaks_into(&mut inner.ledger.borrow_mut());
    }
    pages.left(keys)
}

/// What a checkpoint's row has sealed; `None` where it cannot be read or opened: its pages are there.
async fn open(inner: &Rc<Inner>, account: &Account, key: &RowKey) -> Option<Vec<u8>> {
    let key = std::slice::from_ref(key);
    match account.read_large(inner, Store::Checkpoint, key).await {
        Ok(opened) => opened.into_iter().flatten().next(),
        Err(fault) => {
            leptos::logging::warn!("a checkpoint is not read: {fault}");
            None
        }
    }
}

/// A page that no checkpoint has was read or has come.
pub fn count(inner: &Inner, page: &str) {
    let (pages, bytes) = inner.no_checkpoint.get();
    inner.no_checkpoint.set((pages + 1, bytes + page.len()));
}

/// Writes what is due once no page has come for a while, where this tab syncs.
pub fn later(inner: &Rc<Inner>) {
    let (pages, bytes) = inner.no_checkpoint.get();
    if inner.syncer.borrow().is_none() || !is_due(pages, bytes) {
        return;
    }
    let (waiting, generation) = (Rc::clone(inner), inner.generation.get());
    let timer = clock::after(IDLE, move || begin(&waiting, generation));
    if let Some(earlier) = inner.checkpointing.replace(timer) {
        earlier.clear();
    }
}

fn begin(inner: &Rc<Inner>, generation: u64) {
    if inner.is_sending() {
        return later(inner);
    }
    let inner = Rc::clone(inner);
    spawn_local(async move {
        if !leads(&inner, generation) {
            return;
        }
        let (pages, bytes) = inner.no_checkpoint.replace((0, 0));
        match write(&inner, generation).await {
            Ok(End::Whole) => {}
            Ok(End::Overtaken) if inner.is_current(generation) => {
                let (more, bytes_more) = inner.no_checkpoint.get();
                inner.no_checkpoint.set((pages + more, bytes + bytes_more));
                later(&inner);
            }
            Ok(End::Overtaken) => {}
            // The pages are there: the next start begins anew.
            Err(fault) => leptos::logging::warn!("no checkpoint is written: {fault}"),
        }
    });
}

fn leads(inner: &Inner, generation: u64) -> bool {
    inner.is_current(generation) && inner.syncer.borrow().is_some()
}

/// How writing what is due ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Whole,
    /// A page was stored meanwhile, or this tab syncs no more.
    Overtaken,
}

/// Writes what the pages say that no checkpoint has. Where a page is stored meanwhile, nothing more is written.
async fn write(inner: &Rc<Inner>, generation: u64) -> Result<End, Fault> {
    let Some(account) = inner.account() else {
        return Ok(End::Overtaken);
    };
    if !there_is_room().await {
        return Err(Fault::Full);
    }
    let vault = account.writer.vault;
    let last_stored = last_key(&vault);
    let last = inner.storage.get(Store::Checkpoint, &last_stored).await?;
    let under = [Part::Text(vault.to_string())];
    let mut pages = inner.storage.keys(Store::Pages, &under).await?;
    let found = Found::new(inner.storage.keys(Store::Checkpoint, &under).await?);
    sort_by_key(&mut pages, page::epoch);
    let mut turns = clock::Turns::begin();
    for (epoch, of_one) in page::by_epoch(&pages) {
        let mut making = Making::new(of_one, FULL);
        for key in found.of(epoch) {
            let bytes = open(inner, &account, key).await;
            making.opened(&found, key, bytes.as_deref());
        }
        let left = making.left(of_one);
        for (at, key) in left.iter().enumerate() {
            let texts = account.read_pages(inner, std::slice::from_ref(key)).await?;
            turns.share().await;
            if !leads(inner, generation) {
                return Ok(End::Overtaken);
            }
            if let Some(text) = texts.into_iter().flatten().next() {
                making.take(account.writer.provider, key, &text);
            }
            let end = at + 1 == left.len();
            if let Some(made) = making.made(end)
                && store(inner, &account, generation, epoch, made, &last).await? == End::Overtaken
            {
                return Ok(End::Overtaken);
            }
        }
    }
    Ok(End::Whole)
}

/// Stores one, if no page was stored since `last` was read.
async fn store(
    inner: &Rc<Inner>,
    account: &Account,
    generation: u64,
    epoch: u32,
    made: Made,
    last: &Option<Row>,
) -> Result<End, Fault> {
    let vault = account.writer.vault;
    let row = key(&vault, epoch, u32::from_be_bytes(clock::random()));
    let sealed = account
        .pages
        .seal(vault, Store::Checkpoint, &row, &made.bytes);
    let Some(sealed) = sealed.await else {
        return Err(Fault::Refused("the browser gives no cipher".to_owned()));
    };
    // The vault may be gone by now.
    if !leads(inner, generation) {
        return Ok(End::Overtaken);
    }
    let writes = made.writes(&vault, row, Field::Bytes(sealed));
    let last = last.clone();
    let plan: Plan<End> = Rc::new(move |now| {
        let now = now.into_iter().next().flatten();
        Ok(match unchanged(last.as_ref(), now.as_ref()) {
            true => (End::Whole, writes.clone()),
            false => (End::Overtaken, Vec::new()),
        })
    });
    let reads = || vec![Read::Row(Store::Checkpoint, last_key(&vault))];
    inner
        .storage
        .read_then_write(&[Store::Checkpoint], reads, plan)
        .await
}

/// Whether the browser says that a full checkpoint is a small part of what is free; where it does not say, it is not.
async fn there_is_room() -> bool {
    let free = async {
        let asked = web_sys::window()?.navigator().storage().estimate().ok()?;
        let said = JsFuture::from(asked).await.ok()?;
        let number = |name: &str| Reflect::get(&said, &name.into()).ok()?.as_f64();
        Some(number("quota")? - number("usage")?)
    };
    free.await.is_some_and(|free| free > ROOM * FULL as f64)
}
