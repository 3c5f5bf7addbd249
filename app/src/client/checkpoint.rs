//! Checkpoints of the view: read at a start in place of the pages they stand for, and written by the tab that syncs, a
//! while after the last page came. What one is and when it counts is `domain::syncer::checkpoint`'s.

use std::collections::BTreeSet;
use std::rc::Rc;

use holdfast_domain::outbox::row::{Field, Row, RowKey, Store};
use holdfast_domain::sealing::Part;
use holdfast_domain::sort::sort_by_key;
use holdfast_domain::syncer::checkpoint::{
    Checkpoint, Found, PageName, is_due, key, last_key, unchanged,
};
use holdfast_domain::syncer::{Connection, page};
use js_sys::Reflect;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::account::Account;
use super::storage::{Fault, Plan, Read};
use super::{Inner, clock};

/// How long after the last page one is written, in milliseconds.
const IDLE: u64 = 2_000;
/// Checkpoints that are read and opened at once.
const AT_ONCE: usize = 2;
/// How many times its own size must be free for a checkpoint: it is never what leaves no room for a record.
const ROOM: f64 = 20.0;

/// Puts what the checkpoints of an epoch say into the ledger; of its pages those that none of them stands for are left.
pub async fn read(
    inner: &Rc<Inner>,
    account: &Account,
    generation: u64,
    pages: &[RowKey],
    found: &Found,
    turns: &mut clock::Turns,
) -> Result<Vec<RowKey>, Fault> {
    let there: BTreeSet<PageName> = pages.iter().filter_map(|key| PageName::of(key)).collect();
    let mut covered = BTreeSet::new();
    let epoch = pages.first().map(page::epoch).unwrap_or_default();
    let keys: Vec<RowKey> = found.of(epoch).cloned().collect();
    for keys in keys.chunks(AT_ONCE) {
        let opened = account.read_large(inner, Store::Checkpoint, keys).await?;
        for bytes in opened.into_iter().flatten() {
            let Some(checkpoint) = Checkpoint::parse(&bytes) else {
                continue;
            };
            if !found.stands(&checkpoint, &there) {
                continue;
            }
            for (nth, entry) in checkpoint.entries().enumerate() {
                turns.share_at(nth).await;
                if !inner.is_current(generation) {
                    return Ok(Vec::new());
                }
                inner.ledger.borrow_mut().acknowledge(entry);
            }
            checkpoint.breaks_into(&mut inner.ledger.borrow_mut());
            covered.extend(checkpoint.pages());
        }
    }
    Ok(without(pages, &covered))
}

fn without(pages: &[RowKey], covered: &BTreeSet<PageName>) -> Vec<RowKey> {
    let left = pages.iter();
    left.filter(|key| PageName::of(key).is_none_or(|page| !covered.contains(&page)))
        .cloned()
        .collect()
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
    let busy = inner
        .signals
        .connection
        .with_untracked(|it| matches!(it, Connection::Sending(_)));
    if busy {
        return later(inner);
    }
    let inner = Rc::clone(inner);
    spawn_local(async move {
        if !leads(&inner, generation) {
            return;
        }
        let (pages, bytes) = inner.no_checkpoint.replace((0, 0));
        match write(&inner, generation).await {
            Ok(Made::Whole) => {}
            Ok(Made::Overtaken) if inner.is_current(generation) => {
                let (more, bytes_more) = inner.no_checkpoint.get();
                inner.no_checkpoint.set((pages + more, bytes + bytes_more));
                later(&inner);
            }
            Ok(Made::Overtaken) => {}
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
enum Made {
    Whole,
    /// A page was stored meanwhile, or this tab syncs no more.
    Overtaken,
}

/// One that is being made.
#[derive(Default)]
struct Making {
    checkpoint: Checkpoint,
    /// Rows in whose place it comes.
    replaced: Vec<RowKey>,
    /// It has a page that no other has.
    news: bool,
}

/// Writes what the pages say that no checkpoint has. Where a page is stored meanwhile, nothing more is written.
async fn write(inner: &Rc<Inner>, generation: u64) -> Result<Made, Fault> {
    let Some(account) = inner.account() else {
        return Ok(Made::Overtaken);
    };
    let vault = account.writer.vault;
    let last_stored = last_key(&vault);
    let last = inner.storage.get(Store::Checkpoint, &last_stored).await?;
    let under = [Part::Text(vault.to_string())];
    let mut pages = inner.storage.keys(Store::Pages, &under).await?;
    let found = Found::new(inner.storage.keys(Store::Checkpoint, &under).await?);
    sort_by_key(&mut pages, page::epoch);
    let mut turns = clock::Turns::begin();
    for of_one in pages.chunk_by(|one, other| page::epoch(one) == page::epoch(other)) {
        let epoch = page::epoch(&of_one[0]);
        let (mut making, covered) = begun(inner, &account, of_one, epoch, &found).await?;
        for keys in without(of_one, &covered).chunks(AT_ONCE) {
            let texts = account.read_pages(inner, keys).await?;
            for (key, text) in keys.iter().zip(texts) {
                turns.share().await;
                if !leads(inner, generation) {
                    return Ok(Made::Overtaken);
                }
                if let (Some(page), Some(text)) = (PageName::of(key), text) {
                    let provider = account.writer.provider;
                    making.news |= making.checkpoint.take(provider, page, &text);
                }
                if making.checkpoint.is_full() {
                    let full = std::mem::take(&mut making);
                    if store(inner, &account, epoch, full, &last).await? == Made::Overtaken {
                        return Ok(Made::Overtaken);
                    }
                }
            }
        }
        if making.news && store(inner, &account, epoch, making, &last).await? == Made::Overtaken {
            return Ok(Made::Overtaken);
        }
    }
    Ok(Made::Whole)
}

/// The checkpoint of an epoch that is not full, if there is one, and which pages those that count stand for.
async fn begun(
    inner: &Rc<Inner>,
    account: &Account,
    pages: &[RowKey],
    epoch: u32,
    found: &Found,
) -> Result<(Making, BTreeSet<PageName>), Fault> {
    let there: BTreeSet<PageName> = pages.iter().filter_map(|key| PageName::of(key)).collect();
    let mut making = Making::default();
    let mut covered = BTreeSet::new();
    for key in found.of(epoch) {
        let opened = account
            .read_large(inner, Store::Checkpoint, std::slice::from_ref(key))
            .await?;
        let parsed = opened.into_iter().flatten();
        let checkpoint = parsed.filter_map(|bytes| Checkpoint::parse(&bytes)).next();
        let Some(checkpoint) = checkpoint.filter(|it| found.stands(it, &there)) else {
            making.replaced.push(key.clone());
            continue;
        };
        covered.extend(checkpoint.pages());
        if !checkpoint.is_full() && making.checkpoint.pages().is_empty() {
            making.checkpoint = checkpoint;
            making.replaced.push(key.clone());
        }
    }
    Ok((making, covered))
}

/// Stores one, if no page was stored since `last` was read.
async fn store(
    inner: &Rc<Inner>,
    account: &Account,
    epoch: u32,
    making: Making,
    last: &Option<Row>,
) -> Result<Made, Fault> {
    let vault = account.writer.vault;
    let row = key(&vault, epoch, u32::from_be_bytes(clock::random()));
    let bytes = making.checkpoint.to_bytes();
    if !there_is_room(bytes.len()).await {
        return Err(Fault::Full);
    }
    let sealed = account.pages.seal(vault, Store::Checkpoint, &row, &bytes);
    let Some(sealed) = sealed.await else {
        return Err(Fault::Refused("the browser gives no cipher".to_owned()));
    };
    let writes = making
        .checkpoint
        .writes(&vault, row, Field::Bytes(sealed), &making.replaced);
    let last = last.clone();
    let plan: Plan<Made> = Rc::new(move |now| {
        let now = now.into_iter().next().flatten();
        if unchanged(last.as_ref(), now.as_ref()) {
            Ok((Made::Whole, writes.clone()))
        } else {
            Ok((Made::Overtaken, Vec::new()))
        }
    });
    let reads = || vec![Read::Row(Store::Checkpoint, last_key(&vault))];
    inner
        .storage
        .read_then_write(&[Store::Checkpoint], reads, plan)
        .await
}

/// Whether the browser says that so many bytes are a small part of what is free; where it does not say, they are not.
async fn there_is_room(bytes: usize) -> bool {
    let free = async {
        let asked = web_sys::window()?.navigator().storage().estimate().ok()?;
        let said = JsFuture::from(asked).await.ok()?;
        let number = |name: &str| Reflect::get(&said, &name.into()).ok()?.as_f64();
        Some(number("quota")? - number("usage")?)
    };
    free.await.is_some_and(|free| free > ROOM * bytes as f64)
}
