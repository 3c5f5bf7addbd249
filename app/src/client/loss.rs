//! The browser has deleted the phone's database, as it may without a word. While the app is open it puts back what it
//! still has in memory. Otherwise the last count, kept in localStorage, tells at least how many records are lost.

use std::rc::Rc;

use gloo_storage::{LocalStorage, Storage as _};
use holdfast_domain::encoding::Millis;
use holdfast_domain::entry::SignedEntry;
use holdfast_domain::ledger::LastCount;
use holdfast_domain::outbox::row::{Store, state_key};
use holdfast_domain::outbox::{COUNT, Count, VaultId, count_write, entry_writes, own_key};
use holdfast_domain::sealing::Part;
use leptos::task::spawn_local;
use serde::{Deserialize, Serialize};

use super::account::{Account, account_writes};
use super::storage::{Fault, Read};
use super::{Inner, Phase, perform, save};

/// The beginning of the names in localStorage; the vault follows.
const NAME: &str = "hf.n.";
const STORES: [Store; 5] = [
    Store::Device,
    Store::Vaults,
    Store::Outbox,
    Store::Own,
    Store::State,
];

/// What became of what the phone kept, where the browser has deleted it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// It is gone; what the server has of it is known after a sign-in and a whole pull.
    Gone,
    /// At least so many records were not sent and are lost.
    Counted(u64),
    /// Part of the log that was kept does not open; it is fetched again, which needs signal.
    Unread,
    /// The app was open; so many records that were not sent are saved again.
    PutBack(usize),
}

/// A vault's last count, and how much was missing once that was looked up.
#[derive(Serialize, Deserialize)]
struct Mark {
    last: LastCount,
    missing: Option<u64>,
}

/// Keeps the count that was used last, outside the database.
pub fn keep_count(inner: &Inner, account: &Account, n: u64) {
    inner.last_count.set(inner.last_count.get().max(n));
    let last = inner
        .ledger
        .borrow()
        .last_count(account.writer.device, inner.last_count.get());
    let mark = Mark {
        last,
        missing: None,
    };
    let name = format!("{NAME}{}", account.writer.vault);
    if LocalStorage::set(name, mark).is_err() {
        leptos::logging::warn!("the last count is kept in the database alone");
    }
}

/// Says so where a vault that wrote here is none of those that are there.
pub fn look(inner: &Inner, there: &[VaultId]) {
    let gone = marks().any(|(vault, _)| !there.contains(&vault));
    if gone {
        inner.signals.loss.set(Some(Loss::Gone));
    }
}

/// What is known of this user's vaults that are gone, once one is open. `pulled`: the ledger has all that the server
/// has.
pub fn weigh(inner: &Inner, pulled: bool) {
    let Some(account) = inner.account() else {
        return;
    };
    let mut lost = None;
    for (vault, mut mark) in marks() {
        if vault == account.writer.vault || mark.last.user != account.writer.author {
            continue;
        }
        if pulled && mark.missing.is_none() {
            mark.missing = Some(inner.ledger.borrow().missing_at_least(&mark.last));
            // Looked up again at the next start where there is no room.
            let _ = LocalStorage::set(format!("{NAME}{vault}"), &mark);
        }
        if let Some(missing) = mark.missing {
            lost = Some(lost.unwrap_or(0) + missing);
        }
    }
    if let Some(lost) = lost {
        inner.signals.loss.set(Some(Loss::Counted(lost)));
    }
}

/// The person has read it: it is not said again.
pub fn read(inner: &Inner) {
    if let (Some(Loss::Counted(_)), Some(account)) =
        (inner.signals.loss.get_untracked(), inner.account())
    {
        for (vault, mark) in marks() {
            if vault != account.writer.vault && mark.last.user == account.writer.author {
                LocalStorage::delete(format!("{NAME}{vault}"));
            }
        }
    }
    inner.signals.loss.set(None);
}

/// Forgets the vault's last count: the vault was deleted on the provider's word.
pub fn forget(vault: VaultId) {
    LocalStorage::delete(format!("{NAME}{vault}"));
}

fn marks() -> impl Iterator<Item = (VaultId, Mark)> {
    let local = LocalStorage::raw();
    let count = local.length().unwrap_or(0);
    let names: Vec<String> = (0..count)
        .filter_map(|at| local.key(at).ok().flatten())
        .collect();
    names.into_iter().filter_map(|name| {
        let vault = name.strip_prefix(NAME)?.parse().ok()?;
        let text = LocalStorage::raw().get_item(&name).ok().flatten()?;
        Some((vault, holdfast_domain::json::read(&text).ok()?))
    })
}

/// The database was deleted while the app is open.
pub fn emptied(inner: &Rc<Inner>) {
    let Some(account) = inner.account() else {
        look(inner, &[]);
        return;
    };
    let inner = Rc::clone(inner);
    spawn_local(async move {
        match put_back(&inner, &account).await {
            Ok(count) => inner.signals.loss.set(Some(Loss::PutBack(count))),
            Err(fault) => inner.signals.phase.set(Phase::Broken(fault.to_string())),
        }
    });
}

/// Writes account, count and what waits, from memory, in one strict transaction, and has the log pulled anew. Where
/// another tab was first, nothing. Gives how many records wait.
async fn put_back(inner: &Rc<Inner>, account: &Rc<Account>) -> Result<usize, Fault> {
    perform::stop_syncer(inner);
    inner.generation.set(inner.generation.get() + 1);
    let vault = account.writer.vault;
    let count = inner.ledger.borrow().records_waiting();
    let entries: Vec<(SignedEntry, Millis)> = {
        let own = inner.own.borrow();
        let needed = inner.ledger.borrow().cannot_do_without();
        let needed = needed.iter().filter_map(|digest| own.get(digest));
        needed.cloned().collect()
    };
    let own: Vec<_> = entries
        .iter()
        .map(|(entry, _)| own_key(&vault, &entry.digest()))
        .collect();
    let reads = move || {
        let mut reads = vec![
            Read::Row(Store::Vaults, vec![Part::Text(vault.to_string())]),
            Read::Row(Store::State, state_key(&vault, COUNT)),
        ];
        reads.extend(own.iter().map(|key| Read::Row(Store::Own, key.clone())));
        reads
    };
    let plan = {
        let (inner, account) = (Rc::clone(inner), Rc::clone(account));
        Rc::new(move |found: Vec<Option<_>>| {
            let mut found = found.into_iter();
            if found.next().flatten().is_some() {
                return Ok(((), Vec::new()));
            }
            let saved_since = found.next().flatten();
            let saved_since = saved_since
                .map(|row| save::count(&account, &row))
                .transpose()?;
            let n = saved_since.map_or(0, |count| count.n);
            let count = Count {
                key: account.writer.key.id(),
                n: n.max(inner.last_count.get()),
            };
            let mut writes = account_writes(vault, &account.kept, inner.beacon.get());
            writes.push(count_write(&vault, &count));
            for ((entry, saved), there) in entries.iter().zip(found) {
                if there.is_none() {
                    writes.extend(entry_writes(&account.data_key, &vault, entry, *saved));
                }
            }
            account.sealer().seal_all(&mut writes);
            Ok(((), writes))
        })
    };
    inner.storage.read_then_write(&STORES, reads, plan).await?;
    perform::start_syncer(inner).await;
    Ok(count)
}
