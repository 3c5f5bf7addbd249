//! The writes of the syncer's transactions.

use serde::Serialize;

use crate::encoding::{Blob, Digest, Millis, sha256};
use crate::outbox::row::{Change, Field, Row, Store, Write, device_key, state_key};
use crate::outbox::{Standing, VaultId, outbox_key, sealed_json, standing_fields};
use crate::sealing::{Part, Purpose};
use crate::syncer::Config;

pub(super) fn merge(
    digest: &Digest,
    standing: &Standing,
    code: Option<u8>,
    tries: u32,
    next_try: Millis,
) -> Write {
    Write::new(
        Store::Outbox,
        outbox_key(digest),
        Change::Merge(standing_fields(standing, code, tries, next_try)),
    )
}

pub(super) fn put_state(vault: &VaultId, name: &str, value: &impl Serialize) -> Write {
    let row = Row::new().with("sealed", sealed_json(Purpose::State, value));
    Write::new(Store::State, state_key(vault, name), Change::Put(row))
}

/// A device row, readable while locked: its value as JSON text.
pub(super) fn put_device(name: &str, value: &impl Serialize) -> Write {
    let text = serde_json::to_string(value).expect("device rows have string keys alone");
    Write::new(
        Store::Device,
        device_key(name),
        Change::Put(Row::new().with("value", Field::Text(text))),
    )
}

pub(super) fn put_receipt(receipt: &Blob, config: &Config, now: Millis) -> Write {
    let key = vec![Part::Bytes(sha256(&[&receipt.0]).0.to_vec())];
    let row = Row::new()
        .with("receipt", Field::Bytes(receipt.0.clone()))
        .with("time", Field::Number(now))
        .with("by", Field::Text(config.vault.to_string()));
    Write::new(Store::Receipts, key, Change::Put(row))
}
