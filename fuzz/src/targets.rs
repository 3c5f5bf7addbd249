//! The decoders. Each target holds what was read against the rule of its format: one encoding, and nothing read is lost.

use std::{collections::BTreeMap, sync::LazyLock};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use holdfast_domain::{
    body::Body,
    cursor::Cursor,
    encoding::Bytes,
    entry::Head,
    ids::ProviderId,
    keys::Certificate,
    receipt::Receipt,
    syncer::{answer, page},
    wire::SyncRequest,
};
use holdfast_server::{
    accept::{Arrival, Reading},
    import,
};

use crate::Target;

/// All of them.
pub const TARGETS: [Target; 8] = [
    Target {
        name: "sync-request",
        decode: sync_request,
    },
    Target {
        name: "sync-answer",
        decode: sync_answer,
    },
    Target {
        name: "cursor",
        decode: cursor,
    },
    Target {
        name: "receipt",
        decode: receipt,
    },
    Target {
        name: "certificate",
        decode: certificate,
    },
    Target {
        name: "head",
        decode: head,
    },
    Target {
        name: "body",
        decode: body,
    },
    Target {
        name: "import",
        decode: files,
    },
];

/// The files that an input of `import` may stand for, by its first byte.
pub const FILES: [&str; 8] = [
    "services.csv",
    "staff.csv",
    "people.csv",
    "medicines.csv",
    "administrations.csv",
    "visits.csv",
    "devices.csv",
    "plans.csv",
];

fn provider() -> ProviderId {
    uuid::Uuid::from_u128(1).into()
}

/// What a phone sends: every element is read alone, and its head has one encoding.
fn sync_request(bytes: &[u8]) -> bool {
    let Ok(request) = serde_json::from_slice::<SyncRequest>(bytes) else {
        return false;
    };
    for element in &request.entries {
        let arrival = Arrival::from_json(element, provider());
        if let Some(head) = arrival.head() {
            assert_eq!(Head::parse(&head.to_bytes()).ok().as_ref(), Some(head));
            assert!(arrival.digest().is_some());
        }
        if let Reading::Entry(entry) = &arrival.reading {
            let sound = entry.check().is_ok() && entry.verify(&Bytes([7; 32])).is_ok();
            assert!(!sound, "nobody has this key");
            let _ = Body::parse(&entry.body);
        }
    }
    for receipt in request.receipts.iter().flatten() {
        let _ = Receipt::parse(&receipt.0);
    }
    true
}

/// What a server answers: believed only with a verdict for each entry.
fn sync_answer(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return false;
    };
    let believed = (0..3).find_map(|sent| answer::believe(Some("application/json"), text, sent));
    let Some(believed) = believed else {
        return false;
    };
    assert!(answer::believe(Some("text/html"), text, believed.verdicts.len()).is_none());
    if let Some(receipt) = believed
        .receipt
        .as_ref()
        .and_then(|blob| Receipt::parse(&blob.0).ok())
        && let Some(places) = answer::items_by_place(&receipt, &believed.verdicts)
    {
        assert_eq!(places.len(), believed.verdicts.len());
    }
    let entries = believed.entries.get();
    let _ = page::place(entries);
    page::read(provider(), entries).for_each(drop);
    let _ = page::offers(provider(), entries, 0);
    true
}

/// What a phone gives back: as its text, and as the text of what is in it.
fn cursor(bytes: &[u8]) -> bool {
    let inside = Cursor::decode(&URL_SAFE_NO_PAD.encode(bytes));
    if let Some(cursor) = &inside {
        let text = cursor.encode();
        let again = Cursor::decode(&text);
        assert!(text.len() > holdfast_domain::cursor::MAX_CURSOR || again.as_ref() == Some(cursor));
    }
    let outside = std::str::from_utf8(bytes).ok().and_then(Cursor::decode);
    inside.is_some() || outside.is_some()
}

fn receipt(bytes: &[u8]) -> bool {
    let Ok(receipt) = Receipt::parse(bytes) else {
        return false;
    };
    assert_eq!(receipt.to_bytes(), bytes);
    true
}

fn certificate(bytes: &[u8]) -> bool {
    let Ok(certificate) = Certificate::parse(bytes) else {
        return false;
    };
    assert_eq!(certificate.to_bytes(), bytes);
    true
}

fn head(bytes: &[u8]) -> bool {
    let Ok(head) = Head::parse(bytes) else {
        return false;
    };
    assert_eq!(head.to_bytes(), bytes);
    true
}

/// A body that was read can be written, and says the same when it is read again.
fn body(bytes: &[u8]) -> bool {
    let Some(body) = std::str::from_utf8(bytes)
        .ok()
        .and_then(|text| Body::parse(text).ok())
    else {
        return false;
    };
    let text = body.to_text();
    let again = Body::parse(&text).map(|again| again.to_text());
    assert_eq!(again.ok(), Some(text));
    true
}

/// One file of an import beside services and staff that hold: all faults are named by place.
fn files(bytes: &[u8]) -> bool {
    let Some((which, content)) = bytes.split_first() else {
        return false;
    };
    static BESIDE: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(crate::seeds::few_lines);
    let mut files = BESIDE.clone();
    let name = FILES[usize::from(*which) % FILES.len()];
    files.insert(name.to_owned(), content.to_vec());
    match import::parse(&files, provider()) {
        Ok(_) => true,
        Err(faults) => {
            assert!(!faults.is_empty() && faults.len() <= import::MOST_FAULTS);
            assert!(
                faults
                    .iter()
                    .all(|fault| fault.line >= 1 && !fault.message.is_empty())
            );
            false
        }
    }
}
