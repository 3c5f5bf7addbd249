//! Fills a phone's outbox for the browser benchmark. Reads the vault as the phone keeps it (JSON on standard input),
//! and writes the rows that saving so many notes would have left: counted, signed and sealed by the code that saves.
//! Or, where only `entries` are asked for, those as they are sent; and where `bodies` are given, entries that say those.

use std::io::{Read as _, Write as _};

use holdfast_domain::body::{Body, Data, Escalation, Note};
use holdfast_domain::encoding::{Blob, Bytes, Millis};
use holdfast_domain::entry::Beacon;
use holdfast_domain::ids::{DeviceId, EntryId, ProviderId, ServiceId, SubjectId, UserId};
use holdfast_domain::keys::AuthorKey;
use holdfast_domain::outbox::row::{Change, Field, Row, Store, Write, state_key};
use holdfast_domain::outbox::{COUNT, Count, Found, Save, VaultId, Writer, save_writes};
use holdfast_domain::sealing::{DataKey, Part, Purpose};
use holdfast_domain::wire::Scope;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

#[derive(Deserialize)]
struct Asked {
    vault: VaultId,
    data_key: Bytes<32>,
    /// The sealed state rows of these names.
    account: Blob,
    author: Blob,
    n: Option<Blob>,
    beacon: Beacon,
    /// The device's clock.
    now: Millis,
    #[serde(default)]
    notes: u32,
    #[serde(default)]
    entries: bool,
    /// What is said in place of notes, oldest first.
    #[serde(default)]
    bodies: Vec<Value>,
    /// Where; by default at the first of the user's services.
    service: Option<ServiceId>,
}

#[derive(Deserialize)]
struct Account {
    provider: ProviderId,
    user: UserId,
    scope: Vec<Scope>,
}

#[derive(Deserialize)]
struct Author {
    seed: Bytes<32>,
    device: DeviceId,
}

fn main() {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).expect("a vault");
    let asked: Asked = serde_json::from_str(&text).expect("a vault");
    let key = DataKey::new(asked.data_key.0);
    let account: Account = opened(&asked, &key, "account", &asked.account);
    let author: Author = opened(&asked, &key, "author", &asked.author);
    let mut count = asked
        .n
        .as_ref()
        .map(|n| opened::<Count>(&asked, &key, COUNT, n));
    let writer = Writer {
        provider: account.provider,
        author: account.user,
        device: author.device,
        key: AuthorKey::from_seed(author.seed.0),
        vault: asked.vault,
    };
    let mut chance = Chance(asked.now.unsigned_abs());
    let mut rows = Vec::new();
    let many = match asked.bodies.len() {
        0 => asked.notes,
        bodies => u32::try_from(bodies).expect("fewer than four thousand million bodies"),
    };
    for at in 0..many {
        let made = asked.now - Millis::from(many - at);
        let body = match asked.bodies.get(at as usize) {
            Some(body) => Body::parse(&body.to_string()).expect("a body"),
            None => note(&mut chance, at),
        };
        let save = Save {
            service: asked.service.unwrap_or(account.scope[0].service),
            id: EntryId::new(made, chance.bytes()),
            spare_id: EntryId::new(made, chance.bytes()),
            body: body.to_text(),
            made,
            skew: Some(0),
            beacon: asked.beacon,
            salt: Bytes(chance.bytes()),
            draft_mirror: None,
        };
        let found = Found {
            count,
            id_taken: false,
        };
        let saved = save_writes(&key, &writer, &save, found).expect("a short note");
        count = Some(Count {
            key: saved.own.key,
            n: saved.own.n,
        });
        if asked.entries {
            let entry = saved.own.json.get();
            rows.push(serde_json::from_str(entry).expect("an entry is JSON"));
            continue;
        }
        for write in saved.writes {
            if write.store != Store::State || at + 1 == many {
                rows.push(sealed(write, &key, &asked.vault, &mut chance));
            }
        }
    }
    let mut out = std::io::stdout().lock();
    for row in rows {
        writeln!(out, "{row}").expect("written");
    }
}

fn opened<T: DeserializeOwned>(asked: &Asked, key: &DataKey, name: &str, sealed: &Blob) -> T {
    let row = Row::new().with("sealed", Field::Bytes(sealed.0.clone()));
    let place = state_key(&asked.vault, name);
    let plain = row.open(
        key,
        Purpose::State,
        Store::State,
        &asked.vault,
        &place,
        "sealed",
    );
    let plain = plain.expect("it opens").expect("it is there");
    serde_json::from_slice(&plain).expect("a state row")
}

/// About 600 bytes of body and head, in words that do not repeat.
fn note(chance: &mut Chance, at: u32) -> Body {
    let words: Vec<String> = (0..12)
        .map(|_| format!("{:x}", chance.next() >> 40))
        .collect();
    Body::new(Data::Note(Note {
        // Five notes a person.
        person: SubjectId::from(Uuid::from_u128(u128::from(at / 5) + 1)),
        delivered: Vec::new(),
        other: words.join(" "),
        escalation: Escalation::No,
        happened_at: None,
        given_by: None,
    }))
}

/// `[store, key, row]`, bytes as `{"b": base64url}`.
fn sealed(mut write: Write, key: &DataKey, vault: &VaultId, chance: &mut Chance) -> Value {
    let (Change::Add(row) | Change::Put(row) | Change::Merge(row)) = &mut write.change else {
        unreachable!("a save without a draft deletes nothing");
    };
    row.seal(key, write.store, vault, &write.key, || chance.bytes());
    let fields = row.0.iter().map(|(name, field)| {
        let value = match field {
            Field::Null => Value::Null,
            Field::Number(number) => json!(number),
            Field::Text(text) => json!(text),
            Field::Bytes(bytes) => json!({"b": Blob(bytes.clone())}),
            Field::Sealed(..) => unreachable!("sealed above"),
        };
        (name.clone().into_owned(), value)
    });
    let fields: serde_json::Map<String, Value> = fields.collect();
    let parts: Vec<Value> = write
        .key
        .iter()
        .map(|part| match part {
            Part::Text(text) => json!(text),
            Part::Bytes(bytes) => json!({"b": Blob(bytes.clone())}),
            Part::Number(number) => json!(number),
        })
        .collect();
    json!([write.store.name(), parts, fields])
}

/// SplitMix64: good enough for ids and nonces that protect nothing.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        bytes
    }
}
