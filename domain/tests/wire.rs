//! The JSON of PROTOCOL 9: each example is read and written again as it was, no member but the optional ones may be
//! absent, and none may stand twice.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use holdfast_domain::encoding::{Blob, Bytes};
use holdfast_domain::ids::{DeviceId, ProviderId, UserId};
use holdfast_domain::keys::{AuthorKey, Certificate, DeviceToken, RootSecret};
use holdfast_domain::receipt::{Code, Receipt, ReceiptItem};
use holdfast_domain::wire::{
    Element, KeyAnswer, KeyRequest, Keys, SessionAnswer, SessionRequest, SyncAnswer, SyncRequest,
    Verdict, Wipe,
};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use uuid::Uuid;

const ID: &str = "019b76da-a800-7101-8101-010101010101";
const TIME: i64 = 1_767_225_600_000;

fn bytes(length: usize) -> Value {
    json!(Blob(vec![0xA5; length]))
}

fn beacon() -> Value {
    json!({ "time": TIME, "mac": bytes(16) })
}

fn keys() -> Value {
    json!({ "outbox": bytes(32), "receipt": bytes(32), "not_before": TIME, "sig": bytes(64) })
}

fn entry() -> Value {
    json!({
        "id": ID, "service": ID, "author": ID, "device": ID, "key": bytes(16), "n": 14, "made": TIME, "skew": -1500,
        "beacon": beacon(), "length": 56, "commit": bytes(32), "sig": bytes(64), "salt": bytes(16),
        "body": r#"{"kind":"note/1","about":null,"data":{"text":"Refused"}}"#,
    })
}

fn element() -> Value {
    json!({
        "seq": 6, "received": TIME, "first_received": 0, "carrier": ID, "flags": 2, "link": bytes(16), "entry": entry(),
    })
}

fn stub() -> Value {
    json!({
        "seq": 5, "received": TIME, "flags": 0,
        "stub": {
            "id": ID, "service": ID, "about": ID, "kind": "confirmation/1", "step": "confirmed", "role": "shift_lead",
            "made": TIME,
        },
    })
}

fn filed() -> Value {
    json!({ "id": ID, "seq": 7, "received": TIME, "first_received": 0, "carrier": null, "flags": 0 })
}

fn certificate() -> Certificate {
    let id = |n: u128| Uuid::from_u128(n);
    let (provider, user, device): (ProviderId, UserId, DeviceId) =
        (id(1).into(), id(2).into(), id(3).into());
    let public = AuthorKey::from_seed([1; 32]).public();
    Certificate::issue(
        &RootSecret::new([5; 32]),
        provider,
        user,
        device,
        public,
        TIME,
    )
}

fn session_answer() -> Value {
    json!({
        "v": 1, "provider": ID, "user": ID, "username": "shift-lead", "display_name": "Sam Field",
        "scope": [{ "service": ID, "roles": ["shift_lead"] }], "certificate": certificate(),
        "token": format!("{ID}.{}", Bytes([0xA5; 16])), "root": bytes(32), "server_author": bytes(32), "keys": keys(),
        "beacon": beacon(), "log": ID, "now": TIME, "r": { ID: bytes(32) },
    })
}

fn sync_request() -> Value {
    json!({
        "v": 1, "device": ID, "sent_at": TIME, "app": "1.0.0", "cursor": null,
        "waiting": { "count": 2, "oldest": TIME, "n": { Bytes([0xA5; 16]).to_string(): 14 } },
        "certs": [certificate()], "receipts": [bytes(175)], "entries": [entry(), { "sealed": bytes(1084) }],
    })
}

fn sync_answer() -> Value {
    json!({
        "v": 1, "log": ID, "now": TIME, "beacon": beacon(), "verdicts": [filed()], "receipt": bytes(175),
        "entries": [element(), stub()], "cursor": "...", "more": false, "rescope": [ID],
        "rewound": [{ "service": ID, "to": 4 }], "keys": keys(), "wipe": { "time": TIME, "sig": bytes(64) },
    })
}

/// Reads the example as it is, writes the same again, and accepts it without each of `optional` and no other member.
#[track_caller]
fn holds<T: DeserializeOwned + Serialize>(example: &Value, optional: &[&str]) {
    let read: T = serde_json::from_str(&example.to_string()).expect("the example is read");
    assert_eq!(&serde_json::to_value(&read).unwrap(), example);
    let members = example.as_object().unwrap();
    for name in members.keys() {
        let mut without = members.clone();
        without.remove(name);
        let read = serde_json::from_value::<T>(Value::Object(without));
        assert_eq!(
            read.is_ok(),
            optional.contains(&name.as_str()),
            "{name} is absent"
        );
    }
    for (name, value) in members {
        let text = example.to_string();
        let twice = format!("{{{}:{value},{}", json!(name), &text[1..]);
        assert!(serde_json::from_str::<T>(&twice).is_err(), "{name} twice");
    }
    let mut more = members.clone();
    more.insert("of_a_newer_version".to_owned(), json!([1]));
    assert!(
        serde_json::from_value::<T>(Value::Object(more)).is_ok(),
        "a newer version says more"
    );
}

#[test]
fn the_session() {
    holds::<SessionRequest>(
        &json!({
            "username": "shift-lead", "password": "...", "device": { "id": ID, "name": "Phone 3", "kind": "phone" },
            "author_key": bytes(32), "proof": bytes(64),
        }),
        &["author_key", "proof"],
    );
    holds::<SessionAnswer>(&session_answer(), &["r"]);
    let mut keyless = session_answer();
    keyless["certificate"] = Value::Null;
    holds::<SessionAnswer>(&keyless, &["r"]);
    holds::<KeyRequest>(&json!({ "author_key": bytes(32), "proof": bytes(64) }), &[]);
    holds::<KeyAnswer>(&json!({ "certificate": certificate() }), &[]);
}

#[test]
fn the_sync() {
    holds::<SyncRequest>(&sync_request(), &["certs", "receipts"]);
    holds::<SyncAnswer>(
        &sync_answer(),
        &["receipt", "rescope", "rewound", "keys", "wipe"],
    );
    holds::<Keys>(&keys(), &[]);
    holds::<Wipe>(&json!({ "time": TIME, "sig": bytes(64) }), &[]);
}

#[test]
fn the_waiting_report() {
    let report = &sync_request()["waiting"];
    holds::<holdfast_domain::wire::WaitingReport>(report, &[]);
    let none = json!({ "count": 0, "oldest": null, "n": {} });
    holds::<holdfast_domain::wire::WaitingReport>(&none, &[]);
}

#[test]
fn verdicts_are_told_apart() {
    let refused =
        json!({ "id": ID, "refused": { "code": "not-permitted", "reason": "No right to it." } });
    let broken =
        json!({ "id": null, "refused": { "code": "broken", "reason": "It does not open." } });
    let later = json!({ "id": ID, "later": { "code": "unknown-kind", "after": 3600 } });
    for verdict in [&filed(), &refused, &broken, &later] {
        holds::<Verdict>(verdict, &[]);
    }
    let read = |verdict: &Value| serde_json::from_value::<Verdict>(verdict.clone()).unwrap();
    assert!(matches!(read(&filed()), Verdict::Filed { .. }));
    assert!(matches!(
        read(&refused),
        Verdict::Refused { id: Some(_), .. }
    ));
    assert!(matches!(read(&broken), Verdict::Refused { id: None, .. }));
    assert!(matches!(read(&later), Verdict::Later { .. }));
    for portal in [
        json!({}),
        json!({ "id": ID }),
        json!([]),
        json!("<html>"),
        json!(null),
    ] {
        assert!(
            serde_json::from_value::<Verdict>(portal.clone()).is_err(),
            "{portal}"
        );
    }
}

#[test]
fn the_elements_of_a_page() {
    holds::<Element>(&element(), &[]);
    holds::<Element>(&stub(), &[]);
    let mut old = element();
    old["digest"] = bytes(32);
    old["entry"]["sig"] = Value::Null;
    old["entry"]["salt"] = Value::Null;
    holds::<Element>(&old, &["digest"]);
    let mut erased = element();
    erased["entry"]["salt"] = Value::Null;
    erased["entry"]["body"] = Value::Null;
    holds::<Element>(&erased, &[]);
    let mut aboutless = stub();
    aboutless["stub"]["about"] = Value::Null;
    holds::<Element>(&aboutless, &[]);
    aboutless["stub"].as_object_mut().unwrap().remove("about");
    assert!(serde_json::from_value::<Element>(aboutless).is_err());
}

#[test]
fn numbers_are_integers() {
    for (name, number) in [
        ("n", "1.0"),
        ("n", "-1"),
        ("n", "1e3"),
        ("made", "1.5"),
        ("length", "4294967296"),
        ("made", "\"1\""),
    ] {
        let mut json = entry();
        json[name] = serde_json::from_str(number).unwrap();
        assert!(
            serde_json::from_value::<holdfast_domain::entry::EntryJson>(json).is_err(),
            "{name} {number}"
        );
    }
}

fn flipped<T: AsRef<[u8]>>(bytes: T, bit: usize) -> Vec<u8> {
    let mut bytes = bytes.as_ref().to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

#[test]
fn a_flipped_bit_of_keys_or_wipe_is_refused() {
    let root = RootSecret::new([5; 32]);
    let public = root.root_sign().public();
    let keys = Keys::issue(&root, 0, 0, TIME);
    assert!(keys.holds(&public));
    for bit in 0..256 {
        let wrong = Bytes::from_slice(&flipped(keys.outbox, bit)).unwrap();
        assert!(
            !Keys {
                outbox: wrong,
                ..keys
            }
            .holds(&public)
        );
        let wrong = Bytes::from_slice(&flipped(keys.receipt, bit)).unwrap();
        assert!(
            !Keys {
                receipt: wrong,
                ..keys
            }
            .holds(&public)
        );
    }
    let device = DeviceId::from(Uuid::from_u128(3));
    let wipe = Wipe::issue(&root.root_sign(), device, TIME);
    assert!(wipe.holds(&public, device));
    assert!(!wipe.holds(&public, DeviceId::from(Uuid::from_u128(4))));
    for bit in 0..64 {
        let not_before = keys.not_before ^ (1 << bit);
        assert!(!Keys { not_before, ..keys }.holds(&public));
        let time = wipe.time ^ (1 << bit);
        assert!(!Wipe { time, ..wipe }.holds(&public, device));
    }
    for bit in 0..512 {
        let sig = Bytes::from_slice(&flipped(keys.sig, bit)).unwrap();
        assert!(!Keys { sig, ..keys }.holds(&public));
        let sig = Bytes::from_slice(&flipped(wipe.sig, bit)).unwrap();
        assert!(!Wipe { sig, ..wipe }.holds(&public, device));
    }
    let other = RootSecret::new([6; 32]).root_sign().public();
    assert!(!keys.holds(&other) && !wipe.holds(&other, device));
}

#[test]
fn a_token_with_a_flipped_bit_is_another() {
    let root = RootSecret::new([5; 32]);
    let device = DeviceId::from(Uuid::from_u128(3));
    let token = DeviceToken {
        device,
        mac: root.token(device),
    };
    let text = token.to_string();
    for at in 0..text.len() {
        let mut wrong = text.clone().into_bytes();
        wrong[at] ^= 1;
        let read = String::from_utf8(wrong)
            .ok()
            .and_then(|text| text.parse::<DeviceToken>().ok());
        assert!(
            read.is_none_or(|read| root.token(read.device) != read.mac),
            "character {at}"
        );
    }
    for odd in ["", ".", &text[..text.len() - 1], &format!("{text}=")] {
        assert!(odd.parse::<DeviceToken>().is_err(), "{odd}");
    }
}

fn codes() -> impl Strategy<Value = Code> {
    prop::sample::select(vec![
        Code::Accepted,
        Code::Again,
        Code::Held,
        Code::Broken,
        Code::Erased,
    ])
}

proptest! {
    #[test]
    fn bytes_and_their_text_give_each_other_back(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        let text = serde_json::to_string(&Blob(bytes.clone())).unwrap();
        prop_assert_eq!(serde_json::from_str::<Blob>(&text).unwrap(), Blob(bytes.clone()));
        prop_assert_eq!(serde_json::from_str::<Bytes<32>>(&text).is_ok(), bytes.len() == 32);
        prop_assert_eq!(serde_json::from_str::<Bytes<64>>(&text).is_ok(), bytes.len() == 64);
    }

    #[test]
    fn one_text_for_one_value(text in "[A-Za-z0-9_=+/-]{20,24}") {
        let quoted = serde_json::to_string(&text).unwrap();
        if let Ok(read) = serde_json::from_str::<Bytes<16>>(&quoted) {
            prop_assert_eq!(read.to_string(), text.clone());
        }
        if let Ok(read) = serde_json::from_str::<Blob>(&quoted) {
            prop_assert_eq!(serde_json::to_string(&read).unwrap(), quoted);
        }
    }

    #[test]
    fn receipts_give_each_other_back_and_refuse_a_flipped_bit(
        items in prop::collection::vec((any::<[u8; 32]>(), any::<[u8; 32]>(), codes(), 0..1_u64 << 53), 0..8),
        time in 0..1_i64 << 53,
        at in any::<prop::sample::Index>(),
    ) {
        let key = RootSecret::new([1; 32]).receipt(0);
        let items = items
            .into_iter()
            .map(|(digest, blob, code, seq)| ReceiptItem { digest: Bytes(digest), blob: Bytes(blob), code, seq })
            .collect();
        let receipt = Receipt::issue(Uuid::from_u128(9).into(), time, items, &key);
        let bytes = receipt.to_bytes();
        prop_assert_eq!(Receipt::parse(&bytes), Ok(receipt));
        let bytes = flipped(&bytes, at.index(bytes.len() * 8));
        prop_assert!(!Receipt::parse(&bytes).is_ok_and(|receipt| receipt.holds(&key.public())));
    }

    #[test]
    fn odd_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), text in ".{0,80}") {
        let _ = Receipt::parse(&bytes);
        let _ = Certificate::parse(&bytes);
        let _ = holdfast_domain::cursor::Cursor::decode(&text);
        let _ = text.parse::<DeviceToken>();
        let _ = Receipt::parse(&[b"HFV1".as_slice(), &bytes].concat());
    }
}
