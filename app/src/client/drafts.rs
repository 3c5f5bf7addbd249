//! Drafts: what is being typed. Each keystroke goes to localStorage at once, sealed, so that a
//! killed tab loses at most the last; a second after the last one it is mirrored in the database,
//! as a killed browser loses about the last second of localStorage.

use std::collections::{HashMap, HashSet};

use gloo_storage::{LocalStorage, Storage as _};
use holdfast_domain::encoding::{Bytes, Millis};
use holdfast_domain::ids::EntryId;
use holdfast_domain::outbox::VaultId;
use holdfast_domain::outbox::row::{Change, Row, Store, Write, state_key};
use holdfast_domain::outbox::sealed_json;
use holdfast_domain::sealing::{DataKey, Part, Purpose};
use leptos::prelude::TimeoutHandle;
use serde::{Deserialize, Serialize};

use super::clock;

/// The additional data's store name of drafts in localStorage.
const PLACE: &str = "draft";
/// The beginning of the names of state rows that mirror a draft.
pub const MIRROR: &str = "draft/";

/// One draft: a form and the entry id made when it opened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DraftName {
    pub form: String,
    pub id: EntryId,
}

/// What is kept of a draft: its text, and the device's clock at its last word.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    pub form: String,
    pub id: EntryId,
    pub at: Millis,
    pub text: String,
}

/// The drafts of this page that were saved or dropped, and the mirrors that are due.
#[derive(Default)]
pub struct Drafts {
    ended: HashSet<DraftName>,
    due: HashMap<DraftName, (Draft, Option<TimeoutHandle>)>,
}

impl Drafts {
    /// Whether the draft has ended: a late keystroke does not bring it back.
    pub fn has_ended(&self, name: &DraftName) -> bool {
        self.ended.contains(name)
    }

    /// Notes that this draft is to be mirrored when the timer fires, in place of an earlier one.
    pub fn mirror_later(&mut self, name: DraftName, draft: Draft, timer: Option<TimeoutHandle>) {
        if let Some((_, Some(earlier))) = self.due.insert(name, (draft, timer)) {
            earlier.clear();
        }
    }

    /// The draft to mirror now, if it still is due.
    pub fn take_due(&mut self, name: &DraftName) -> Option<Draft> {
        self.due.remove(name).map(|(draft, timer)| {
            if let Some(timer) = timer {
                timer.clear();
            }
            draft
        })
    }

    /// All that is due: the page is being hidden.
    pub fn all_due(&self) -> Vec<DraftName> {
        self.due.keys().cloned().collect()
    }

    /// The draft became a record or was given up.
    pub fn end(&mut self, name: &DraftName) {
        self.take_due(name);
        self.ended.insert(name.clone());
    }

    /// The draft did not become a record after all: it is kept on.
    pub fn resume(&mut self, name: &DraftName) {
        self.ended.remove(name);
    }
}

/// The row name of a draft: 16 bytes that tell nothing, as text.
pub fn row_name(data_key: &DataKey, name: &DraftName) -> String {
    Bytes(data_key.name(&[name.form.as_bytes(), &name.id.bytes()])).to_string()
}

/// The state row that mirrors a draft.
pub fn mirror_name(data_key: &DataKey, name: &DraftName) -> String {
    format!("{MIRROR}{}", row_name(data_key, name))
}

/// The write that mirrors a draft.
pub fn mirror_write(data_key: &DataKey, vault: &VaultId, draft: &Draft) -> Write {
    let name = DraftName {
        form: draft.form.clone(),
        id: draft.id,
    };
    let row = Row::new().with("sealed", sealed_json(Purpose::Draft, draft));
    Write::new(
        Store::State,
        state_key(vault, &mirror_name(data_key, &name)),
        Change::Put(row),
    )
}

/// Keeps the draft in localStorage, now. False where the browser has no room for it.
pub fn keep(data_key: &DataKey, vault: &VaultId, draft: &Draft) -> bool {
    let name = row_name(
        data_key,
        &DraftName {
            form: draft.form.clone(),
            id: draft.id,
        },
    );
    let Ok(plain) = serde_json::to_vec(draft) else {
        return false;
    };
    let sealed = data_key.seal(
        Purpose::Draft,
        PLACE,
        vault,
        &[Part::Text(name.clone())],
        &plain,
        clock::random(),
    );
    let text = holdfast_domain::encoding::Blob(sealed);
    LocalStorage::set(storage_name(vault, &name), text).is_ok()
}

/// Every draft of this vault in localStorage that opens.
pub fn kept(data_key: &DataKey, vault: &VaultId) -> Vec<Draft> {
    let prefix = storage_name(vault, "");
    let local = LocalStorage::raw();
    let count = local.length().unwrap_or(0);
    (0..count)
        .filter_map(|at| local.key(at).ok().flatten())
        .filter_map(|name| {
            let sealed: holdfast_domain::encoding::Blob = LocalStorage::get(&name).ok()?;
            let part = Part::Text(name.strip_prefix(&prefix)?.to_owned());
            let plain = data_key
                .open(Purpose::Draft, PLACE, vault, &[part], &sealed.0)
                .ok()?;
            holdfast_domain::json::read_bytes(&plain).ok()
        })
        .collect()
}

/// Removes the draft from localStorage.
pub fn remove(data_key: &DataKey, vault: &VaultId, name: &DraftName) {
    LocalStorage::delete(storage_name(vault, &row_name(data_key, name)));
}

fn storage_name(vault: &VaultId, name: &str) -> String {
    format!("hf.d.{vault}.{name}")
}
