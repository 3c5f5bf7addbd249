//! The phone's rows as values: which store, which key, which fields, and which of those are
//! sealed. Decided here, performed by whoever holds a database, so no order of writes and no
//! place of a secret is decided in browser code.

use std::borrow::Cow;

use uuid::Uuid;

pub use crate::sealing::Part;
use crate::sealing::{DataKey, Purpose, SealError};

/// The object stores of the phone's database (PROTOCOL 2's table).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Store {
    Device,
    Keys,
    Vaults,
    Outbox,
    Receipts,
    Files,
    Own,
    Pages,
    Checkpoint,
    State,
}

impl Store {
    pub const ALL: [Self; 10] = [
        Self::Device,
        Self::Keys,
        Self::Vaults,
        Self::Outbox,
        Self::Receipts,
        Self::Files,
        Self::Own,
        Self::Pages,
        Self::Checkpoint,
        Self::State,
    ];

    /// The store's name in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Device => "device",
            Self::Keys => "keys",
            Self::Vaults => "vaults",
            Self::Outbox => "outbox",
            Self::Receipts => "receipts",
            Self::Files => "files",
            Self::Own => "own",
            Self::Pages => "pages",
            Self::Checkpoint => "checkpoint",
            Self::State => "state",
        }
    }
}

/// A row's key: one part is stored as that value, several as an array of them.
pub type RowKey = Vec<Part>;

/// `[vault, name]`: the key of a row of `state`.
#[must_use]
pub fn state_key(vault: &Uuid, name: &str) -> RowKey {
    vec![Part::Text(vault.to_string()), Part::Text(name.to_owned())]
}

/// `[name]`: the key of a row of `device`.
#[must_use]
pub fn device_key(name: &str) -> RowKey {
    vec![Part::Text(name.to_owned())]
}

/// One field of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    Null,
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
    /// Plain bytes that must be sealed for this purpose before they are stored.
    Sealed(Purpose, Vec<u8>),
}

/// A row: named fields. Stored as an object with these members.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Row(pub Vec<(Cow<'static, str>, Field)>);

impl Row {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The row with one more field.
    #[must_use]
    pub fn with(mut self, name: &'static str, field: Field) -> Self {
        self.0.push((Cow::Borrowed(name), field));
        self
    }

    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.0
            .iter()
            .find(|(own, _)| own == name)
            .map(|(_, field)| field)
    }

    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        match self.get(name) {
            Some(Field::Number(number)) => Some(*number),
            _ => None,
        }
    }

    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.get(name) {
            Some(Field::Text(text)) => Some(text),
            _ => None,
        }
    }

    #[must_use]
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        match self.get(name) {
            Some(Field::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// Sets these fields over the row's own; what is not named stays.
    pub fn merge(&mut self, fields: Row) {
        for (name, field) in fields.0 {
            match self.0.iter_mut().find(|(own, _)| *own == name) {
                Some((_, own)) => *own = field,
                None => self.0.push((name, field)),
            }
        }
    }

    /// Seals every field that must be; `nonce` gives 12 fresh random bytes a call.
    pub fn seal(
        &mut self,
        data_key: &DataKey,
        store: Store,
        vault: &Uuid,
        key: &[Part],
        mut nonce: impl FnMut() -> [u8; 12],
    ) {
        for (_, field) in &mut self.0 {
            if let Field::Sealed(purpose, plain) = field {
                let sealed = data_key.seal(*purpose, store.name(), vault, key, plain, nonce());
                *field = Field::Bytes(sealed);
            }
        }
    }

    /// The plain bytes of a sealed field, or `None` where the row has no such field.
    ///
    /// # Errors
    /// [`SealError`] where the field does not open in this place under this key.
    pub fn open(
        &self,
        data_key: &DataKey,
        purpose: Purpose,
        store: Store,
        vault: &Uuid,
        key: &[Part],
        name: &str,
    ) -> Result<Option<Vec<u8>>, SealError> {
        match self.get(name) {
            Some(Field::Bytes(sealed)) => data_key
                .open(purpose, store.name(), vault, key, sealed)
                .map(Some),
            // As it was decided, not yet sealed: a simulated phone may keep it so.
            Some(Field::Sealed(was, plain)) if *was == purpose => Ok(Some(plain.clone())),
            Some(Field::Sealed(..)) => Err(SealError),
            _ => Ok(None),
        }
    }
}

/// How hard a transaction must be on disk before it counts as complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// What exists nowhere else: a save, the draft mirror, the account.
    Strict,
    /// What is sent or fetched again if it is lost: verdicts, pages, cursor.
    Relaxed,
}

/// What is done to one row.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A new row; the transaction aborts where the key is taken.
    Add(Row),
    /// The whole row, over what may be there.
    Put(Row),
    /// These fields over the row that is there; nothing where there is none. Others write the
    /// same rows, so the row is read in the same transaction.
    Merge(Row),
    Delete,
    /// Deletes every row whose key begins with these parts.
    DeleteUnder,
}

/// One write of a transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Write {
    pub store: Store,
    pub key: RowKey,
    pub change: Change,
}

impl Write {
    #[must_use]
    pub fn new(store: Store, key: RowKey, change: Change) -> Self {
        Self { store, key, change }
    }
}
