//! A phone's storage: a model of IndexedDB. A transaction is whole or absent; what was committed relaxed may be
//! lost when the phone dies, the newest first, and a strict commit makes everything before it durable.

use std::collections::BTreeMap;

use holdfast_domain::outbox::row::{Change, Durability, Row, RowKey, Store, Write};
use holdfast_domain::sealing::Part;

type Tables = BTreeMap<(Store, RowKey), Row>;

/// One phone's database.
#[derive(Default)]
pub struct Storage {
    now: Tables,
    /// As it stands on the disk for certain.
    durable: Tables,
    /// Committed since, and not certain to be on the disk.
    relaxed: Vec<Vec<Write>>,
}

/// A row of this key is there already; nothing of the transaction is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken;

impl Storage {
    /// Commits all of it or nothing.
    ///
    /// # Errors
    /// [`Taken`] where an added row's key is taken.
    ///
    /// # Panics
    /// Where a row of the outbox is to be deleted: nothing but a verdict empties the outbox.
    pub fn commit(&mut self, durability: Durability, writes: Vec<Write>) -> Result<(), Taken> {
        let taken = writes.iter().any(|write| {
            matches!(write.change, Change::Add(_))
                && self.now.contains_key(&(write.store, write.key.clone()))
        });
        if taken {
            return Err(Taken);
        }
        for write in &writes {
            apply(&mut self.now, write);
        }
        self.relaxed.push(writes);
        if durability == Durability::Strict {
            self.keep(self.relaxed.len());
        }
        Ok(())
    }

    /// How many commits are not certain to be on the disk.
    pub fn uncertain(&self) -> usize {
        self.relaxed.len()
    }

    /// The phone dies: of the uncertain commits the first `kept` are there afterwards.
    pub fn crash(&mut self, kept: usize) {
        self.keep(kept);
        self.relaxed.clear();
        self.now = self.durable.clone();
    }

    fn keep(&mut self, kept: usize) {
        for write in self.relaxed.drain(..kept).flatten() {
            apply(&mut self.durable, &write);
        }
    }

    pub fn get(&self, store: Store, key: RowKey) -> Option<&Row> {
        self.now.get(&(store, key))
    }

    /// The rows of a store whose keys begin with `prefix`, in order.
    pub fn all<'a>(
        &'a self,
        store: Store,
        prefix: &'a [Part],
    ) -> impl Iterator<Item = (&'a RowKey, &'a Row)> {
        self.now
            .range((store, prefix.to_vec())..)
            .take_while(move |((of, key), _)| *of == store && key.starts_with(prefix))
            .map(|((_, key), row)| (key, row))
    }
}

fn apply(tables: &mut Tables, write: &Write) {
    let place = (write.store, write.key.clone());
    let deletes = matches!(write.change, Change::Delete | Change::DeleteUnder);
    assert!(
        !deletes || write.store != Store::Outbox,
        "a row of the outbox is never deleted"
    );
    match &write.change {
        Change::Add(row) | Change::Put(row) => {
            tables.insert(place, row.clone());
        }
        Change::Merge(fields) => {
            if let Some(row) = tables.get_mut(&place) {
                row.merge(fields.clone());
            }
        }
        Change::Delete => {
            tables.remove(&place);
        }
        Change::DeleteUnder => {
            let under: Vec<_> = tables
                .range(place.clone()..)
                .take_while(|((store, key), _)| {
                    *store == write.store && key.starts_with(&write.key)
                })
                .map(|(place, _)| place.clone())
                .collect();
            for place in under {
                tables.remove(&place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::outbox::row::{Field, device_key};

    fn put(name: &str, value: i64) -> Vec<Write> {
        let row = Row::new().with("value", Field::Number(value));
        vec![Write::new(
            Store::Device,
            device_key(name),
            Change::Put(row),
        )]
    }

    fn value(storage: &Storage, name: &str) -> Option<i64> {
        storage
            .get(Store::Device, device_key(name))?
            .number("value")
    }

    #[test]
    fn a_crash_loses_the_newest_relaxed_commits_and_no_strict_one() {
        let mut storage = Storage::default();
        let commit = |storage: &mut Storage, durability, name, value| {
            storage.commit(durability, put(name, value)).expect("free");
        };
        commit(&mut storage, Durability::Relaxed, "a", 1);
        commit(&mut storage, Durability::Strict, "b", 2);
        commit(&mut storage, Durability::Relaxed, "a", 3);
        commit(&mut storage, Durability::Relaxed, "c", 4);
        storage.crash(1);
        assert_eq!(value(&storage, "a"), Some(3));
        assert_eq!(value(&storage, "b"), Some(2));
        assert_eq!(value(&storage, "c"), None);
        storage.crash(0);
        assert_eq!(value(&storage, "a"), Some(3), "what came back stays");
    }

    #[test]
    fn a_transaction_is_whole_or_absent() {
        let mut storage = Storage::default();
        let add = Write::new(Store::Device, device_key("a"), Change::Add(Row::new()));
        assert_eq!(
            storage.commit(Durability::Strict, vec![add.clone()]),
            Ok(())
        );
        let mut both = put("b", 1);
        both.push(add);
        assert_eq!(storage.commit(Durability::Strict, both), Err(Taken));
        assert_eq!(value(&storage, "b"), None);
    }
}
