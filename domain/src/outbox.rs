//! The outbox: what one save writes, and what became of each entry since. A save is one
//! transaction over `state`, `outbox` and `own`: count, signature, seal, both rows and the
//! draft's mirror, all or nothing (PROTOCOL 2, 'Saving').

pub mod row;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::chain::Header;
use crate::encoding::{Digest, Millis, Salt};
use crate::entry::{Beacon, EntryJson, Head, MAX_BODY, SignedEntry, sign};
use crate::ids::{DeviceId, EntryId, ProviderId, ServiceId, UserId};
use crate::json;
use crate::keys::AuthorKey;
use crate::ledger::PendingState;
use crate::sealing::{DataKey, Part, Purpose};
use crate::wire::{Refusal, Verdict};
use row::{Change, Field, Row, RowKey, Store, Write, state_key};

/// A vault: one user on this browser profile. A random UUID.
pub type VaultId = Uuid;

/// The name of the state row that holds the last count used.
pub const COUNT: &str = "n";
/// The greatest count an entry may carry: 2^53 - 1.
pub const LAST_COUNT: u64 = (1 << 53) - 1;

/// Who writes on this phone: fixed while the vault is open.
pub struct Writer {
    pub provider: ProviderId,
    pub author: UserId,
    /// The device under which this author key is enrolled.
    pub device: DeviceId,
    pub key: AuthorKey,
    pub vault: VaultId,
}

/// What one save is given: everything that is neither the writer nor read in the transaction.
#[derive(Clone)]
pub struct Save {
    pub service: ServiceId,
    /// Made when the form opened.
    pub id: EntryId,
    /// Taken where `id` already has a record: a draft saved in two tabs is two records.
    pub spare_id: EntryId,
    /// The body's text, kept byte for byte.
    pub body: String,
    /// The device's clock.
    pub made: Millis,
    /// Server minus device in milliseconds when last measured.
    pub skew: Option<i64>,
    pub beacon: Beacon,
    /// 16 random bytes of this entry.
    pub salt: Salt,
    /// The state row with this draft's mirror, deleted with the save.
    pub draft_mirror: Option<String>,
}

/// The state row `n`: the last count this author key has used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    pub key: crate::encoding::KeyId,
    pub n: u64,
}

/// What the save's transaction read before it wrote.
#[derive(Clone, Copy, Debug, Default)]
pub struct Found {
    pub count: Option<Count>,
    /// `own` already has a row of this entry id.
    pub id_taken: bool,
}

/// Why a save writes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaveRefusal {
    #[error("the record is longer than {MAX_BODY} bytes")]
    TooLong,
    #[error("this key has written as many entries as it may")]
    CounterSpent,
}

/// What became of an own entry, as the phone knows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not yet answered for.
    Waiting,
    /// Offered again to a server that was restored.
    Again,
    /// The server cannot take it yet; it is tried again by itself.
    Stuck { code: String },
    /// The server's final word.
    Final(Verdict),
}

impl Standing {
    /// Whether the outbox row still waits for a final verdict.
    #[must_use]
    pub fn waits(&self) -> bool {
        !matches!(self, Self::Final(_))
    }

    /// The same for the ledger.
    #[must_use]
    pub fn pending_state(&self) -> PendingState {
        match self {
            Self::Waiting => PendingState::Waiting,
            Self::Again => PendingState::AgainBeing,
            Self::Stuck { code } => PendingState::Stuck { code: code.clone() },
            Self::Final(Verdict::Filed {
                seq,
                received,
                first_received,
                carrier,
                flags,
                ..
            }) => PendingState::Filed(Header {
                seq: *seq,
                received: *received,
                first_received: *first_received,
                carrier: *carrier,
                flags: *flags,
            }),
            Self::Final(Verdict::Refused {
                refused: Refusal { code, reason },
                ..
            }) => PendingState::Held {
                code: code.clone(),
                reason: reason.clone(),
            },
            // Never stored as final; said so that a damaged row still shows as unsent.
            Self::Final(Verdict::Later { .. }) => PendingState::Waiting,
        }
    }
}

/// One own entry as the syncer needs it.
#[derive(Clone, Debug)]
pub struct OwnEntry {
    pub digest: Digest,
    pub id: EntryId,
    pub service: ServiceId,
    pub key: crate::encoding::KeyId,
    pub n: u64,
    pub saved: Millis,
    /// The entry as it is sent.
    pub json: Box<RawValue>,
    pub standing: Standing,
    /// Times this entry alone was not taken.
    pub tries: u32,
    /// Not offered before this time of the device's clock; 0 for at once.
    pub next_try: Millis,
}

/// What a save made.
pub struct SavedEntry {
    pub entry: SignedEntry,
    pub own: OwnEntry,
    pub writes: Vec<Write>,
}

/// The sealed part of an `own` row.
#[derive(Serialize)]
struct OwnRow<E> {
    saved: Millis,
    /// As it is sent.
    entry: E,
}

/// `[vault, digest]`: the key of a row of `own`.
#[must_use]
pub fn own_key(vault: &VaultId, digest: &Digest) -> RowKey {
    vec![
        Part::Text(vault.to_string()),
        Part::Bytes(digest.0.to_vec()),
    ]
}

/// `[digest]`: the key of a row of `outbox`, until the outbox is sealed to the server.
#[must_use]
pub fn outbox_key(digest: &Digest) -> RowKey {
    vec![Part::Bytes(digest.0.to_vec())]
}

/// The value of `own`'s index `name`, by which a second save of one id is noticed.
#[must_use]
pub fn own_name(data_key: &DataKey, id: EntryId) -> [u8; 16] {
    data_key.name(&[b"own", &id.bytes()])
}

/// Everything one save writes, decided in one synchronous step inside its transaction: the
/// next count, the signed entry, the row of `outbox`, the row of `own`, and the end of the
/// draft's mirror.
///
/// # Errors
/// [`SaveRefusal`] where no entry can be made; nothing is written then.
pub fn save_writes(
    data_key: &DataKey,
    writer: &Writer,
    save: &Save,
    found: Found,
) -> Result<SavedEntry, SaveRefusal> {
    if save.body.len() > MAX_BODY {
        return Err(SaveRefusal::TooLong);
    }
    let key = writer.key.id();
    let used = found
        .count
        .filter(|count| count.key == key)
        .map_or(0, |count| count.n);
    if used >= LAST_COUNT {
        return Err(SaveRefusal::CounterSpent);
    }
    let count = Count { key, n: used + 1 };
    let id = if found.id_taken {
        save.spare_id
    } else {
        save.id
    };
    let head = Head {
        provider: writer.provider,
        service: save.service,
        id,
        author: writer.author,
        device: writer.device,
        key,
        n: count.n,
        made: save.made,
        skew: save.skew,
        beacon: save.beacon,
        length: 0,
        commit: crate::encoding::Bytes([0; 32]),
    };
    let entry = sign(head, save.body.clone(), save.salt, &writer.key);
    let digest = entry.digest();
    let json = as_json(&entry);
    let mut writes = vec![count_write(&writer.vault, &count)];
    writes.extend(entry_writes(data_key, &writer.vault, &entry, save.made));
    if crate::mutated!("count_outside") && found.id_taken {
        writes.remove(0);
    }
    if let Some(name) = &save.draft_mirror {
        writes.push(Write::new(
            Store::State,
            state_key(&writer.vault, name),
            Change::Delete,
        ));
    }
    let own = OwnEntry {
        digest,
        id,
        service: save.service,
        key,
        n: count.n,
        saved: save.made,
        json,
        standing: Standing::Waiting,
        tries: 0,
        next_try: 0,
    };
    Ok(SavedEntry { entry, own, writes })
}

/// The write of the count that was used last.
#[must_use]
pub fn count_write(vault: &VaultId, count: &Count) -> Write {
    let row = Row::new().with("sealed", sealed_json(Purpose::State, count));
    Write::new(Store::State, state_key(vault, COUNT), Change::Put(row))
}

/// The rows of `outbox` and `own` of an entry that waits, saved at this time of the device's clock.
#[must_use]
pub fn entry_writes(
    data_key: &DataKey,
    vault: &VaultId,
    entry: &SignedEntry,
    saved: Millis,
) -> [Write; 2] {
    let digest = entry.digest();
    let json = as_json(entry);
    let own_row = OwnRow {
        saved,
        entry: &json,
    };
    let outbox = Row::new()
        .with("blob", Field::Sealed(Purpose::Own, blob(entry)))
        .with("vault", Field::Text(vault.to_string()))
        .with("saved", Field::Number(saved))
        .with("state", Field::Text("waiting".to_owned()))
        .with("code", Field::Null)
        .with("next_try", Field::Number(0))
        .with("tries", Field::Number(0))
        .with("from", Field::Text("own".to_owned()));
    let own = Row::new()
        .with("sealed", sealed_json(Purpose::Own, &own_row))
        .with(
            "name",
            Field::Bytes(own_name(data_key, entry.head.id).to_vec()),
        );
    [
        Write::new(Store::Outbox, outbox_key(&digest), Change::Add(outbox)),
        Write::new(Store::Own, own_key(vault, &digest), Change::Add(own)),
    ]
}

fn as_json(entry: &SignedEntry) -> Box<RawValue> {
    serde_json::value::to_raw_value(&EntryJson::from(entry))
        .expect("an entry has string keys alone")
}

/// A value as a sealed field of JSON.
#[must_use]
pub fn sealed_json(purpose: Purpose, value: &impl Serialize) -> Field {
    Field::Sealed(
        purpose,
        serde_json::to_vec(value).expect("rows have string keys alone"),
    )
}

/// The fields of an outbox row that say what became of the entry.
#[must_use]
pub fn standing_fields(standing: &Standing, code: Option<u8>, tries: u32, next_try: Millis) -> Row {
    let (state, stuck, again) = match standing {
        Standing::Waiting => ("waiting", Field::Null, 0),
        Standing::Again => ("waiting", Field::Null, 1),
        Standing::Stuck { code } => ("waiting", Field::Text(code.clone()), 0),
        Standing::Final(_) => ("final", Field::Null, 0),
    };
    let verdict = match standing {
        Standing::Final(verdict) => sealed_json(Purpose::Own, verdict),
        _ => Field::Null,
    };
    Row::new()
        .with("state", Field::Text(state.to_owned()))
        .with(
            "code",
            code.map_or(Field::Null, |code| Field::Number(i64::from(code))),
        )
        .with("stuck", stuck)
        .with("again", Field::Number(again))
        .with("tries", Field::Number(i64::from(tries)))
        .with("next_try", Field::Number(next_try))
        .with("verdict", verdict)
}

/// Why an own entry could not be read back. Its rows stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadFault {
    #[error("the row does not open under this key")]
    Sealed,
    #[error("the row is not one of this version")]
    Malformed,
}

/// An own entry from its `own` row and, where there still is one, its `outbox` row.
///
/// # Errors
/// [`ReadFault`] where either row does not open or does not parse.
pub fn read_own(
    data_key: &DataKey,
    vault: &VaultId,
    provider: ProviderId,
    digest: Digest,
    own: &Row,
    outbox: Option<&Row>,
) -> Result<(OwnEntry, SignedEntry), ReadFault> {
    let plain = own
        .open(
            data_key,
            Purpose::Own,
            Store::Own,
            vault,
            &own_key(vault, &digest),
            "sealed",
        )
        .map_err(|_| ReadFault::Sealed)?
        .ok_or(ReadFault::Malformed)?;
    let (saved, json, entry) = own_row(&plain, provider).ok_or(ReadFault::Malformed)?;
    let outbox_verdict = match outbox {
        Some(outbox) => outbox
            .open(
                data_key,
                Purpose::Own,
                Store::Outbox,
                vault,
                &outbox_key(&digest),
                "verdict",
            )
            .map_err(|_| ReadFault::Sealed)?,
        None => None,
    };
    let verdict = outbox_verdict
        .map(|plain| json::read_bytes::<Verdict>(&plain).map_err(|_| ReadFault::Malformed));
    let standing = match (outbox.and_then(|row| row.text("state")), verdict) {
        (Some("final"), Some(verdict)) => Standing::Final(verdict?),
        _ => match outbox {
            Some(row) if row.text("stuck").is_some() => Standing::Stuck {
                code: row.text("stuck").unwrap_or_default().to_owned(),
            },
            Some(row) if row.number("again") == Some(1) => Standing::Again,
            _ => Standing::Waiting,
        },
    };
    let number = |name| outbox.and_then(|row| row.number(name)).unwrap_or(0);
    let own = OwnEntry {
        digest,
        id: entry.head.id,
        service: entry.head.service,
        key: entry.head.key,
        n: entry.head.n,
        saved,
        json,
        standing,
        tries: u32::try_from(number("tries")).unwrap_or(0),
        next_try: number("next_try"),
    };
    Ok((own, entry))
}

/// What an `own` row says: when it was saved, the entry as it is sent, and the entry.
fn own_row(plain: &[u8], provider: ProviderId) -> Option<(Millis, Box<RawValue>, SignedEntry)> {
    let text = std::str::from_utf8(plain).ok()?;
    let members: BTreeMap<&str, &RawValue> = serde_json::from_str(text).ok()?;
    let saved = json::read(members.get("saved")?.get()).ok()?;
    let json = *members.get("entry")?;
    let entry: EntryJson = json::read(json.get()).ok()?;
    Some((saved, json.to_owned(), entry.signed(provider).ok()?))
}

/// The bytes the outbox keeps: head, signature, salt, no files, body.
fn blob(entry: &SignedEntry) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(184 + 64 + 16 + 1 + entry.body.len());
    bytes.extend_from_slice(&entry.head.to_bytes());
    bytes.extend_from_slice(&entry.sig.0);
    bytes.extend_from_slice(&entry.salt.0);
    bytes.push(0);
    bytes.extend_from_slice(entry.body.as_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Bytes;
    use crate::wire::Later;

    const VAULT: VaultId = Uuid::from_u128(10);

    fn writer(seed: u8) -> Writer {
        Writer {
            provider: ProviderId::from(Uuid::from_u128(1)),
            author: UserId::from(Uuid::from_u128(2)),
            device: DeviceId::from(Uuid::from_u128(3)),
            key: AuthorKey::from_seed([seed; 32]),
            vault: VAULT,
        }
    }

    fn order(body: &str) -> Save {
        Save {
            service: ServiceId::from(Uuid::from_u128(4)),
            id: EntryId::from(Uuid::from_u128(5)),
            spare_id: EntryId::from(Uuid::from_u128(6)),
            body: body.to_owned(),
            made: 1_000,
            skew: Some(-20),
            beacon: Beacon {
                time: 900,
                mac: Bytes([7; 16]),
            },
            salt: Bytes([8; 16]),
            draft_mirror: Some("draft/x".to_owned()),
        }
    }

    fn save(writer: &Writer, found: Found) -> SavedEntry {
        save_writes(&DataKey::new([1; 32]), writer, &order("{}"), found).expect("a short body")
    }

    #[test]
    fn a_save_counts_adds_both_rows_and_ends_the_mirror_in_one_go() {
        let saved = save(&writer(1), Found::default());
        let places: Vec<_> = saved
            .writes
            .iter()
            .map(|write| (write.store, &write.key))
            .collect();
        let digest = saved.own.digest;
        assert_eq!(
            places,
            [
                (Store::State, &state_key(&VAULT, COUNT)),
                (Store::Outbox, &outbox_key(&digest)),
                (Store::Own, &own_key(&VAULT, &digest)),
                (Store::State, &state_key(&VAULT, "draft/x")),
            ]
        );
        assert!(matches!(saved.writes[1].change, Change::Add(_)));
        assert!(matches!(saved.writes[2].change, Change::Add(_)));
        assert!(matches!(saved.writes[3].change, Change::Delete));
        assert_eq!(saved.entry.verify(&writer(1).key.public()), Ok(()));
    }

    #[test]
    fn the_count_goes_on_for_the_same_key_and_begins_anew_for_another() {
        let key = writer(1).key.id();
        let found = |n| Found {
            count: Some(Count { key, n }),
            id_taken: false,
        };
        assert_eq!(save(&writer(1), found(41)).own.n, 42);
        assert_eq!(save(&writer(2), found(41)).own.n, 1);
        let spent = save_writes(
            &DataKey::new([1; 32]),
            &writer(1),
            &order("{}"),
            found(LAST_COUNT),
        );
        assert!(matches!(spent, Err(SaveRefusal::CounterSpent)));
    }

    #[test]
    fn a_body_that_is_too_long_writes_nothing() {
        let long = "x".repeat(MAX_BODY + 1);
        let refused = save_writes(
            &DataKey::new([1; 32]),
            &writer(1),
            &order(&long),
            Found::default(),
        );
        assert!(matches!(refused, Err(SaveRefusal::TooLong)));
    }

    #[test]
    fn what_became_of_an_entry_is_read_back_as_it_was_written() {
        let (data_key, writer) = (DataKey::new([1; 32]), writer(1));
        let saved = save(&writer, Found::default());
        let digest = saved.own.digest;
        let row = |store| {
            let write = saved
                .writes
                .iter()
                .find(|write| write.store == store)
                .expect("written");
            let Change::Add(row) = &write.change else {
                panic!("added")
            };
            let mut row = row.clone();
            row.seal(&data_key, store, &VAULT, &write.key, || [9; 12]);
            row
        };
        let own = row(Store::Own);
        let filed = Verdict::Filed {
            id: saved.own.id,
            seq: 7,
            received: 2_000,
            first_received: 0,
            carrier: None,
            flags: crate::chain::Flags::UNCERTAIN,
        };
        let refused = Verdict::Refused {
            id: None,
            refused: Refusal {
                code: "broken".to_owned(),
                reason: String::new(),
            },
        };
        for standing in [
            Standing::Waiting,
            Standing::Again,
            Standing::Stuck {
                code: "500".to_owned(),
            },
            Standing::Final(filed),
            Standing::Final(refused),
        ] {
            let mut outbox = row(Store::Outbox);
            let mut fields = standing_fields(&standing, Some(1), 3, 77);
            fields.seal(
                &data_key,
                Store::Outbox,
                &VAULT,
                &outbox_key(&digest),
                || [3; 12],
            );
            outbox.merge(fields);
            let (read, entry) = read_own(
                &data_key,
                &VAULT,
                writer.provider,
                digest,
                &own,
                Some(&outbox),
            )
            .expect("reads back");
            assert_eq!(entry, saved.entry);
            assert_eq!(
                (read.digest, read.n, read.saved, read.tries, read.next_try),
                (digest, 1, 1_000, 3, 77)
            );
            assert_eq!(format!("{:?}", read.standing), format!("{standing:?}"));
            assert_eq!(
                read.standing.waits(),
                !matches!(standing, Standing::Final(_))
            );
        }
    }

    #[test]
    fn later_is_never_shown_as_done() {
        let later = Verdict::Later {
            id: None,
            later: Later {
                code: "full".to_owned(),
                after: 5,
            },
        };
        assert!(matches!(
            Standing::Final(later).pending_state(),
            PendingState::Waiting
        ));
    }
}
