//! Where the corpus comes from: the formats' own writers, the examples of every kind in docs/entries.md, and the first
//! lines of the demo's files.

use std::collections::BTreeMap;

use holdfast_domain::{
    cursor::{Cursor, Position},
    encoding::{Blob, Bytes},
    entry::{Beacon, EntryJson, Head, sign},
    keys::{AuthorKey, Certificate, RootSecret},
    receipt::{Code, Receipt, ReceiptItem},
};
use serde_json::json;
use uuid::Uuid;

use crate::targets::FILES;

const TIME: i64 = 1_767_225_600_000;
const ENTRIES: &str = include_str!("../../docs/entries.md");
const DEMO: [&str; 8] = [
    include_str!("../../demo/services.csv"),
    include_str!("../../demo/staff.csv"),
    include_str!("../../demo/people.csv"),
    include_str!("../../demo/medicines.csv"),
    include_str!("../../demo/administrations.csv"),
    include_str!("../../demo/visits.csv"),
    include_str!("../../demo/devices.csv"),
    include_str!("../../demo/plans.csv"),
];

/// Header rows alone, but for services and the staff that they and others refer to.
pub fn few_lines() -> BTreeMap<String, Vec<u8>> {
    FILES
        .iter()
        .zip(DEMO)
        .filter(|(name, _)| !["administrations.csv", "visits.csv"].contains(name))
        .map(|(name, text)| {
            let lines = match *name {
                "services.csv" => usize::MAX,
                "staff.csv" => 10,
                _ => 1,
            };
            ((*name).to_owned(), first_lines(text, lines).into_bytes())
        })
        .collect()
}

fn first_lines(text: &str, lines: usize) -> String {
    text.split_inclusive('\n').take(lines).collect()
}

/// The seeds of a target, by its name.
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let id = Uuid::from_u128;
    let root = RootSecret::new([1; 32]);
    let key = AuthorKey::from_seed([2; 32]);
    let bodies: Vec<&str> = ENTRIES
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect();
    let head = Head {
        provider: id(1).into(),
        service: id(2).into(),
        id: id(3).into(),
        author: id(4).into(),
        device: id(5).into(),
        key: key.id(),
        n: 14,
        made: TIME,
        skew: Some(-1_500),
        beacon: Beacon::default(),
        length: 0,
        commit: Bytes::ZERO,
    };
    let entry = sign(
        head,
        bodies.first().copied().unwrap_or("{}").to_owned(),
        Bytes([3; 16]),
        &key,
    );
    let certificate = Certificate::issue(
        &root,
        id(1).into(),
        id(4).into(),
        id(5).into(),
        key.public(),
        TIME,
    );
    let item = |code, seq| ReceiptItem {
        digest: entry.digest(),
        blob: Bytes::ZERO,
        code,
        seq,
    };
    let receipt = Receipt::issue(
        id(6).into(),
        TIME,
        vec![item(Code::Accepted, 7), item(Code::Held, 0)],
        &root.receipt(0),
    );
    let cursor = Cursor {
        log: id(6).into(),
        user: id(4).into(),
        scope: Bytes([4; 32]),
        services: vec![Position {
            service: id(2).into(),
            seq: 9,
            link: Bytes([5; 16]),
            back: vec![(8, Bytes([6; 16]))],
        }],
    };
    let element = EntryJson::from(&entry);
    match target {
        "sync-request" => vec![
            json!({
                "v": 1, "device": id(5), "sent_at": TIME, "app": "1.0.0", "cursor": null,
                "waiting": {"count": 2, "oldest": TIME, "n": {"AAAAAAAAAAAAAAAAAAAAAA": 14}},
                "certs": [Blob(certificate.to_bytes().to_vec())], "receipts": [Blob(receipt.to_bytes())],
                "entries": [element, {"sealed": "AAAA"}, {"head": "SEZFMgAA"}],
            })
            .to_string()
            .into_bytes(),
        ],
        "sync-answer" => vec![
            json!({
                "v": 1, "log": id(6), "now": TIME, "beacon": {"time": TIME, "mac": Bytes([8; 16])},
                "verdicts": [
                    {"id": id(3), "seq": 7, "received": TIME, "first_received": 0, "carrier": null, "flags": 0},
                    {"id": null, "refused": {"code": "malformed", "reason": "It came damaged."}},
                ],
                "receipt": Blob(receipt.to_bytes()),
                "entries": [
                    {"seq": 6, "received": TIME, "first_received": 0, "carrier": null, "flags": 2, "link": Bytes([9; 16]), "entry": element},
                ],
                "cursor": cursor.encode(), "more": false,
            })
            .to_string()
            .into_bytes(),
        ],
        "cursor" => vec![
            inside(&cursor),
            cursor.encode().into_bytes(),
        ],
        "receipt" => vec![receipt.to_bytes()],
        "certificate" => vec![certificate.to_bytes().to_vec()],
        "head" => vec![entry.head.to_bytes().to_vec()],
        "body" => bodies.into_iter().map(|body| body.as_bytes().to_vec()).collect(),
        "import" => DEMO
            .iter()
            .zip(0_u8..)
            .map(|(text, which)| [&[which], first_lines(text, 4).as_bytes()].concat())
            .collect(),
        _ => Vec::new(),
    }
}

/// What is inside a cursor's text.
fn inside(cursor: &Cursor) -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD
        .decode(cursor.encode())
        .expect("a cursor is base64url")
}
