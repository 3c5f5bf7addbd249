//! The protocol's vectors: `domain/vectors/*.json`, which Node's WebCrypto reads as well (`end2end/vectors`). They are for
//! ever: a difference is a broken format, not a file to write anew. `UPDATE_VECTORS=1` writes those of a new format.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use holdfast_domain::chain::{self, Flags, Header};
use holdfast_domain::cursor::{Cursor, Position, scope_digest};
use holdfast_domain::encoding::{Blob, Bytes, Digest};
use holdfast_domain::entry::{Beacon, EntryJson, Head, SignedEntry, sign};
use holdfast_domain::ids::{DeviceId, EntryId, LogId, ProviderId, ServiceId, SubjectId, UserId};
use holdfast_domain::keys::{
    AuthorKey, Certificate, DeviceToken, RootSecret, enrol_message, verify_strict,
};
use holdfast_domain::permission::Role;
use holdfast_domain::receipt::{Code, Receipt, ReceiptItem};
use holdfast_domain::sealing::{DataKey, Part, Purpose};
use holdfast_domain::wire::{Keys, Wipe};
use serde_json::{Value, json};
use uuid::Uuid;

const TIME: i64 = 1_767_225_600_000;

fn provider() -> ProviderId {
    Uuid::from_u128(0x11).into()
}

fn service() -> ServiceId {
    ServiceId::of(provider(), "NHC")
}

fn device() -> DeviceId {
    Uuid::from_u128(0x33).into()
}

fn user() -> UserId {
    UserId::of(provider(), "support-worker")
}

fn log() -> LogId {
    Uuid::from_u128(0x44).into()
}

fn root() -> RootSecret {
    RootSecret::new(std::array::from_fn(|i| i as u8))
}

fn author() -> AuthorKey {
    AuthorKey::from_seed([7; 32])
}

fn entry(n: u64, text: &str, skew: Option<i64>) -> SignedEntry {
    let head = Head {
        provider: provider(),
        service: service(),
        id: EntryId::new(TIME, [n as u8; 10]),
        author: user(),
        device: device(),
        key: Bytes::ZERO,
        n,
        made: TIME,
        skew,
        beacon: root().beacon(device(), TIME - 100_000),
        length: 0,
        commit: Bytes::ZERO,
    };
    sign(head, text.to_owned(), Bytes([n as u8; 16]), &author())
}

fn blob(bytes: &[u8]) -> Value {
    json!(Blob(bytes.to_vec()))
}

#[track_caller]
fn check(name: &str, vector: &Value) {
    let path = format!("{}/vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = serde_json::to_string_pretty(vector).unwrap() + "\n";
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let kept = std::fs::read_to_string(&path).expect("the vector is in the repository");
    assert!(
        kept == text,
        "{name}: the format gives other bytes than the vector:\n{text}"
    );
}

fn entry_vector(entry: &SignedEntry) -> Value {
    json!({
        "public": author().public(),
        "head": blob(&entry.head.to_bytes()),
        "digest": entry.digest(),
        "entry": EntryJson::from(entry),
    })
}

#[test]
fn heads_commitments_digests_and_signatures() {
    let body = r#"{"kind":"note/1","about":null,"data":{"text":"Refused, “not now”"}}"#;
    let entries = [entry(1, body, Some(-1_500)), entry(2, body, None)];
    check(
        "entry",
        &json!({ "seed": Bytes(author().seed()), "provider": provider(), "entries": entries.iter().map(entry_vector).collect::<Vec<_>>() }),
    );
}

#[test]
fn a_chain_of_three_with_an_erasure() {
    let mut link = chain::start(provider(), service(), log());
    let first = link;
    let mut steps = Vec::new();
    for n in 1..=3 {
        let entry = entry(n, &format!("body {n}"), Some(0));
        let header = Header {
            seq: n,
            received: TIME + 1_000 * n as i64,
            first_received: if n == 3 { TIME } else { 0 },
            carrier: (n == 2).then(|| DeviceId::from(Uuid::from_u128(0x55))),
            flags: if n == 3 {
                Flags::LATE.with(Flags::AGAIN)
            } else {
                Flags::default()
            },
        };
        link = chain::link(&link, &header, &entry.digest());
        let mut json = EntryJson::from(&entry);
        if n == 2 {
            // Erased: body and salt are gone, head and signature still give the digest, and the chain is whole.
            (json.salt, json.body) = (None, None);
        }
        steps.push(json!({
            "header": { "seq": header.seq, "received": header.received, "first_received": header.first_received,
                        "carrier": header.carrier, "flags": header.flags },
            "entry": json, "digest": entry.digest(), "link": link,
        }));
    }
    check(
        "chain",
        &json!({ "provider": provider(), "service": service(), "log": log(), "start": first, "steps": steps }),
    );
}

#[test]
fn what_is_derived_from_the_root_secret() {
    let root = root();
    let receipts: Vec<_> = (0..2).map(|i| json!({ "seed": Bytes(root.receipt(i).seed()), "public": root.receipt(i).public() })).collect();
    let outbox: Vec<_> = (0..2)
        .map(|i| json!({ "ikm": Bytes(root.outbox_seed(i)), "public": root.outbox_public(i) }))
        .collect();
    check(
        "root",
        &json!({
            "root": Bytes::<32>(std::array::from_fn(|i| i as u8)),
            "root_sign": { "seed": Bytes(root.root_sign().seed()), "public": root.root_sign().public() },
            "author": { "seed": Bytes(root.author().seed()), "public": root.author().public() },
            "receipt": receipts, "outbox": outbox,
        }),
    );
}

#[test]
fn certificate_beacon_token_and_proof() {
    let root = root();
    let certificate =
        Certificate::issue(&root, provider(), user(), device(), author().public(), TIME);
    let Beacon { time, mac } = root.beacon(device(), TIME);
    let origin = "https://holdfast.example.org";
    let proof = author().sign(&enrol_message(
        origin,
        "support-worker",
        device(),
        &author().public(),
    ));
    check(
        "enrolment",
        &json!({
            "root": Bytes::<32>(std::array::from_fn(|i| i as u8)), "provider": provider(), "user": user(), "device": device(),
            "time": TIME, "certificate": certificate,
            "beacon": { "time": time, "mac": mac },
            "token": DeviceToken { device: device(), mac: root.token(device()) }.to_string(),
            "origin": origin, "username": "support-worker", "public": author().public(), "proof": proof,
        }),
    );
}

#[test]
fn receipt_keys_and_wipe() {
    let root = root();
    let item = |n: u8, code, seq| ReceiptItem {
        digest: Bytes([n; 32]),
        blob: if n == 2 { Bytes([9; 32]) } else { Digest::ZERO },
        code,
        seq,
    };
    let items = vec![
        item(1, Code::Accepted, 7),
        item(2, Code::Held, 0),
        item(3, Code::Erased, 5),
    ];
    let listed: Vec<_> = items
        .iter()
        .map(|item| json!({ "digest": item.digest, "blob": item.blob, "code": item.code as u8, "seq": item.seq }))
        .collect();
    let receipt = Receipt::issue(log(), TIME, items, &root.receipt(0));
    check(
        "receipt",
        &json!({
            "root_public": root.root_sign().public(), "receipt_public": root.receipt(0).public(), "log": log(), "time": TIME,
            "root": Bytes::<32>(std::array::from_fn(|i| i as u8)), "items": listed, "receipt": blob(&receipt.to_bytes()), "keys": Keys::issue(&root, 0, 0, TIME),
            "device": device(), "wipe": Wipe::issue(&root.root_sign(), device(), TIME),
        }),
    );
}

#[test]
fn the_cursor() {
    let position = Position {
        service: service(),
        seq: 9,
        link: Bytes([3; 16]),
        back: vec![(8, Bytes([2; 16])), (7, Bytes([1; 16]))],
    };
    let cursor = Cursor {
        log: log(),
        user: user(),
        scope: Bytes([4; 32]),
        services: vec![position],
    };
    check(
        "cursor",
        &json!({ "cursor": cursor, "text": cursor.encode() }),
    );
}

#[test]
fn a_sealed_row() {
    let key = DataKey::new([8; 32]);
    let vault = Uuid::from_u128(0x66);
    let row = [Part::Bytes(vec![1, 2, 3]), Part::Number(500)];
    let sealed = key.seal(
        Purpose::Log,
        "pages",
        &vault,
        &row,
        "Refused medicine".as_bytes(),
        [5; 12],
    );
    check(
        "sealing",
        &json!({
            "data_key": Bytes([8; 32]), "purpose": "log", "store": "pages", "vault": vault,
            "row_key": [blob(&[1, 2, 3]), blob(&500_u32.to_be_bytes())], "schema": 1,
            "plain": "Refused medicine", "sealed": blob(&sealed),
        }),
    );
}

#[test]
fn ids_of_what_is_imported_and_of_entries() {
    let subject = |kind: &str, key: &str| json!({ "kind": kind, "key": key, "id": SubjectId::of(provider(), kind, key) });
    let entry = |now: i64, random: [u8; 10]| json!({ "now": now, "random": Bytes(random), "id": EntryId::new(now, random) });
    check(
        "ids",
        &json!({
            "provider": provider(), "service": { "key": "NHC", "id": service() },
            "user": { "key": "support-worker", "id": user() },
            "subjects": [subject("person", "P-001"), subject("plan", ""), subject("staff", "åsa\0NHC")],
            "entries": [entry(TIME, [0xFF; 10]), entry(TIME, [0; 10])],
        }),
    );
}

#[test]
fn the_scope_digest() {
    let mut scopes = Vec::new();
    for (scope, table_version) in [
        (vec![], 1),
        (vec![(service(), Role::ALL.to_vec())], 1),
        (
            vec![
                (
                    ServiceId::of_provider(provider()),
                    vec![Role::SystemAdministrator],
                ),
                (service(), vec![Role::TeamLeader, Role::SeniorStaff]),
            ],
            258,
        ),
    ] {
        let listed: Vec<_> = scope
            .iter()
            .map(|(service, roles)| json!({ "service": service, "roles": roles }))
            .collect();
        scopes.push(json!({ "scope": listed, "table_version": table_version, "digest": scope_digest(&scope, table_version) }));
    }
    check("scope", &json!(scopes));
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .chars()
        .map(|digit| digit.to_digit(16).unwrap() as u8)
        .collect();
    digits
        .chunks_exact(2)
        .map(|pair| pair[0] << 4 | pair[1])
        .collect()
}

fn published() -> Value {
    let path = format!("{}/vectors/published.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn member(vector: &Value, name: &str) -> Vec<u8> {
    hex(vector[name].as_str().unwrap())
}

/// RFC 8032, 7.1, against the crate as it is linked.
#[test]
fn ed25519_as_published() {
    for vector in published()["ed25519"].as_array().unwrap() {
        let key = AuthorKey::from_seed(member(vector, "seed").try_into().unwrap());
        let message = member(vector, "message");
        assert_eq!(key.public().0.to_vec(), member(vector, "public"));
        assert_eq!(key.sign(&message).0.to_vec(), member(vector, "signature"));
        let mut signature = key.sign(&message);
        assert!(verify_strict(&key.public(), &message, &signature));
        signature.0[63] ^= 1;
        assert!(!verify_strict(&key.public(), &message, &signature));
    }
}

/// The GCM specification's cases for AES-256, against the crate as it is linked.
#[test]
fn aes_256_gcm_as_published() {
    use aes_gcm::aead::{Aead, KeyInit, Payload};
    for vector in published()["aes_256_gcm"].as_array().unwrap() {
        let key: [u8; 32] = member(vector, "key").try_into().unwrap();
        let nonce: [u8; 12] = member(vector, "nonce").try_into().unwrap();
        let (plain, aad) = (member(vector, "plain"), member(vector, "additional_data"));
        let payload = Payload {
            msg: &plain,
            aad: &aad,
        };
        let sealed = aes_gcm::Aes256Gcm::new(&key.into())
            .encrypt(&nonce.into(), payload)
            .unwrap();
        assert_eq!(sealed, member(vector, "sealed"));
    }
}
