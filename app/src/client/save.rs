//! Saving on this phone: one strict transaction a record, drafts until then, and the browser's
//! promise to keep the storage.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

use holdfast_domain::body::Body;
use holdfast_domain::body::Kind;
use holdfast_domain::body::{Acknowledgement, Data};
use holdfast_domain::encoding::Bytes;
use holdfast_domain::entry::MAX_BODY;
use holdfast_domain::ids::{EntryId, ServiceId};
use holdfast_domain::json;
use holdfast_domain::outbox::row::{Change, Durability, Row, Store, Write, state_key};
use holdfast_domain::outbox::{
    COUNT, Count, Found, Save, SavedEntry, own_key, own_name, save_writes,
};
use holdfast_domain::permission::may_write;
use holdfast_domain::sealing::{Part, Purpose};
use holdfast_domain::sort::sort_by_key;
use holdfast_domain::syncer::Event;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::account::Account;
use super::drafts::{self, Draft, DraftName};
use super::storage::{Fault, Read};
use super::wake::Post;
use super::{Inner, clock, loss, perform};

/// A record is saved on this phone. Its id differs from the form's where that had a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Saved {
    pub id: EntryId,
}

/// Why a record was not saved. The draft is still there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaveFailure {
    /// The browser gives no more room.
    Full,
    SignedOut,
    /// The record is longer than an entry may be.
    TooLong,
    /// The phone's storage did not take it; the text says why, for whoever helps.
    Storage(String),
}

impl std::fmt::Display for SaveFailure {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Full => {
                "This phone has no room left, so the record is not saved yet. Your text is still here. \
                 Free some space, then save again."
            }
            Self::SignedOut => {
                "You are signed out, so the record is not saved yet. Your text is still here. \
                 Sign in, then save again."
            }
            Self::TooLong => "The record is too long to save. Your text is still here. Shorten it, then save again.",
            Self::Storage(_) => {
                "The phone's storage did not answer, so the record is not saved yet. Your text is still here. \
                 Save again; if this stays, close the app and open it again."
            }
        })
    }
}

impl From<Fault> for SaveFailure {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Full => Self::Full,
            Fault::Lost(_) | Fault::Emptied | Fault::Refused(_) => Self::Storage(fault.to_string()),
        }
    }
}

/// Saves one record. `Ok` only after the transaction's `complete`.
pub async fn save(
    inner: &Rc<Inner>,
    service: ServiceId,
    id: EntryId,
    body: &Body,
    draft: Option<DraftName>,
) -> Result<Saved, SaveFailure> {
    let account = inner.account().ok_or(SaveFailure::SignedOut)?;
    let beacon = inner.beacon.get().ok_or(SaveFailure::SignedOut)?;
    let body = body.to_text();
    if body.len() > MAX_BODY {
        return Err(SaveFailure::TooLong);
    }
    let order = Save {
        service,
        id,
        spare_id: EntryId::new(clock::now(), clock::random()),
        body,
        made: clock::now(),
        skew: inner.skew.get(),
        beacon,
        salt: Bytes(clock::random()),
        draft_mirror: draft
            .as_ref()
            .map(|name| drafts::mirror_name(&account.data_key, name)),
    };
    // From here a late mirror would outlive the record.
    if let Some(name) = &draft {
        inner.drafts.borrow_mut().end(name);
    }
    let saved = match transact(inner, &account, order).await {
        Ok(saved) => saved,
        Err(fault) => {
            if let Some(name) = &draft {
                inner.drafts.borrow_mut().resume(name);
            }
            return Err(fault.into());
        }
    };
    if let Some(name) = &draft {
        drafts::remove(&account.data_key, &account.writer.vault, name);
    }
    let saved_id = saved.own.id;
    shown(inner, &account, saved);
    if inner.signals.persisted.get_untracked() != Some(true) {
        let persisted = inner.signals.persisted;
        spawn_local(async move { persisted.set(ask_to_persist().await) });
    }
    Ok(Saved { id: saved_id })
}

/// The one transaction. Where the browser lost the connection and the first try may have been
/// completed all the same, the second looks for it first.
async fn transact(
    inner: &Rc<Inner>,
    account: &Rc<Account>,
    order: Save,
) -> Result<SavedEntry, Fault> {
    let made: Rc<RefCell<Option<SavedEntry>>> = Rc::default();
    let vault = account.writer.vault;
    let reads = {
        let (account, made, id) = (Rc::clone(account), Rc::clone(&made), order.id);
        move || {
            let mut reads = vec![
                Read::Row(Store::State, state_key(&vault, COUNT)),
                Read::OwnName(own_name(&account.data_key, id)),
            ];
            reads.extend(
                made.borrow()
                    .as_ref()
                    .map(|made| Read::Row(Store::Own, own_key(&vault, &made.own.digest))),
            );
            reads
        }
    };
    let plan = {
        let (account, made) = (Rc::clone(account), Rc::clone(&made));
        // The row may have gone with the database; no count is used twice for that.
        let used = Count {
            key: account.writer.key.id(),
            n: inner.last_count.get(),
        };
        Rc::new(move |found: Vec<Option<Row>>| {
            if found.get(2).is_some_and(Option::is_some) {
                return Ok(((), Vec::new()));
            }
            let count = found
                .first()
                .and_then(Option::as_ref)
                .map(|row| count(&account, row))
                .transpose()?
                .filter(|count| count.key == used.key && count.n > used.n)
                .unwrap_or(used);
            let found = Found {
                count: Some(count),
                id_taken: found.get(1).is_some_and(Option::is_some),
            };
            let mut saved = save_writes(&account.data_key, &account.writer, &order, found)
                .map_err(|refusal| refusal.to_string())?;
            let mut writes = std::mem::take(&mut saved.writes);
            account.sealer().seal_all(&mut writes);
            *made.borrow_mut() = Some(saved);
            Ok(((), writes))
        })
    };
    inner
        .storage
        .read_then_write(&[Store::State, Store::Outbox, Store::Own], reads, plan)
        .await?;
    made.take()
        .ok_or_else(|| Fault::Refused("the save was not planned".to_owned()))
}

pub fn count(account: &Account, row: &Row) -> Result<Count, String> {
    let vault = account.writer.vault;
    let plain = row
        .open(
            &account.data_key,
            Purpose::State,
            Store::State,
            &vault,
            &state_key(&vault, COUNT),
            "sealed",
        )
        .map_err(|error| error.to_string())?
        .ok_or("the counter's row is empty")?;
    json::read_bytes(&plain).map_err(|error| error.to_string())
}

/// The record is there: for the screens of every tab, and for the syncer.
fn shown(inner: &Rc<Inner>, account: &Account, saved: SavedEntry) {
    let SavedEntry { entry, own, .. } = saved;
    inner.take_own(&own, entry);
    loss::keep_count(inner, account, own.n);
    inner
        .signals
        .waiting
        .update(|waiting| waiting.add(own.saved));
    inner.revised();
    inner.tell(Post::Saved {
        vault: account.writer.vault,
    });
    perform::feed(inner, inner.generation.get(), Event::Saved(own));
}

/// Writes an acknowledgement of somebody else's record, once.
pub async fn mark_seen(inner: &Rc<Inner>, id: EntryId) {
    let Some(account) = inner.account() else {
        return;
    };
    let found = {
        let ledger = inner.ledger.borrow();
        let service = ledger.record(id).map(|record| record.service);
        service.zip(ledger.acknowledgement_for(id))
    };
    let Some((service, body)) = found else {
        return;
    };
    let Data::Acknowledgement(Acknowledgement { entry: seen, .. }) = body.data else {
        return;
    };
    let may = account
        .scope
        .iter()
        .any(|scope| scope.service == service && may_write(&scope.roles, Kind::Acknowledgement));
    if !may || !inner.seeing.borrow_mut().insert(seen) {
        return;
    }
    let ack = EntryId::new(clock::now(), clock::random());
    if let Err(failure) = save(inner, service, ack, &body, None).await {
        // Seen again at the next look.
        inner.seeing.borrow_mut().remove(&seen);
        leptos::logging::warn!("not noted as seen: {failure:?}");
    }
}

/// Keeps a draft: in localStorage now, mirrored when a second has passed without another word.
pub fn keep_draft(inner: &Rc<Inner>, form: &str, id: EntryId, json: &str) {
    let Some(account) = inner.account() else {
        return;
    };
    let name = DraftName {
        form: form.to_owned(),
        id,
    };
    if inner.drafts.borrow().has_ended(&name) {
        return;
    }
    let draft = Draft {
        form: form.to_owned(),
        id,
        at: clock::now(),
        text: json.to_owned(),
    };
    let kept = drafts::keep(&account.data_key, &account.writer.vault, &draft);
    // Without room there the mirror is the only copy, so it does not wait.
    let wait = if kept { 1_000 } else { 0 };
    let timer = {
        let (inner, name) = (Rc::clone(inner), name.clone());
        clock::after(wait, move || mirror(&inner, &name))
    };
    inner.drafts.borrow_mut().mirror_later(name, draft, timer);
}

fn mirror(inner: &Rc<Inner>, name: &DraftName) {
    let Some(account) = inner.account() else {
        return;
    };
    let Some(draft) = inner.drafts.borrow_mut().take_due(name) else {
        return;
    };
    let inner = Rc::clone(inner);
    spawn_local(async move {
        let vault = account.writer.vault;
        let sealer = account.sealer();
        let write = drafts::mirror_write(&account.data_key, &vault, &draft);
        if let Err(fault) = inner
            .storage
            .write(Some(&sealer), Durability::Strict, vec![write])
            .await
        {
            leptos::logging::warn!("the draft is not mirrored: {fault}");
        }
    });
}

/// Mirrors every draft that is due: the page may not come back.
pub fn mirror_all(inner: &Rc<Inner>) {
    let due = inner.drafts.borrow().all_due();
    for name in due {
        mirror(inner, &name);
    }
}

/// Every draft that has not become a record, the newest first.
pub async fn kept_drafts(inner: &Rc<Inner>) -> Vec<Draft> {
    let Some(account) = inner.account() else {
        return Vec::new();
    };
    let vault = account.writer.vault;
    let mut found = drafts::kept(&account.data_key, &vault);
    match inner
        .storage
        .all(Store::State, &[Part::Text(vault.to_string())])
        .await
    {
        Ok(rows) => found.extend(
            rows.into_iter()
                .filter_map(|(key, row)| mirrored(&account, &key, &row)),
        ),
        Err(fault) => leptos::logging::warn!("mirrored drafts cannot be read: {fault}"),
    }
    sort_by_key(&mut found, |draft| std::cmp::Reverse(draft.at));
    let drafts = inner.drafts.borrow();
    let mut names = HashSet::new();
    // Of the two copies of a draft the newer one counts.
    found.retain(|draft| {
        let name = DraftName {
            form: draft.form.clone(),
            id: draft.id,
        };
        !drafts.has_ended(&name) && names.insert(name)
    });
    found
}

fn mirrored(account: &Account, key: &[Part], row: &Row) -> Option<Draft> {
    let Some(Part::Text(name)) = key.get(1) else {
        return None;
    };
    if !name.starts_with(drafts::MIRROR) {
        return None;
    }
    let vault = account.writer.vault;
    let plain = row
        .open(
            &account.data_key,
            Purpose::Draft,
            Store::State,
            &vault,
            key,
            "sealed",
        )
        .ok()??;
    json::read_bytes(&plain).ok()
}

/// Gives a draft up: localStorage now, its mirror as soon as the database answers.
pub fn drop_draft(inner: &Rc<Inner>, name: DraftName) {
    let Some(account) = inner.account() else {
        return;
    };
    inner.drafts.borrow_mut().end(&name);
    let vault = account.writer.vault;
    drafts::remove(&account.data_key, &vault, &name);
    let key = state_key(&vault, &drafts::mirror_name(&account.data_key, &name));
    let inner = Rc::clone(inner);
    spawn_local(async move {
        let delete = Write::new(Store::State, key, Change::Delete);
        if let Err(fault) = inner
            .storage
            .write(None, Durability::Strict, vec![delete])
            .await
        {
            leptos::logging::warn!("the draft's mirror is still there: {fault}");
        }
    });
}

/// Whether the browser has promised to keep the storage.
pub async fn is_persisted() -> Option<bool> {
    let promise = web_sys::window()?.navigator().storage().persisted().ok()?;
    JsFuture::from(promise).await.ok()?.as_bool()
}

async fn ask_to_persist() -> Option<bool> {
    let promise = web_sys::window()?.navigator().storage().persist().ok()?;
    JsFuture::from(promise).await.ok()?.as_bool()
}
