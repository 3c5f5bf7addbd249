//! The end of the write-ahead log is torn off or garbled, as by a disk that lied about an fsync.

use std::{
    fs::{self, OpenOptions},
    os::unix::fs::FileExt,
    path::Path,
};

use holdfast_domain::{
    chain::Flags,
    encoding::Blob,
    wire::{SyncAnswer, Verdict},
};
use serde_json::{Value, json};

use crate::{
    log,
    phone::{Phone, element},
    process::{Process, prepared},
};

const NOTES: usize = 12;
/// So many notes lie before every tear.
const BEFORE: usize = 4;

/// `safe` and `last` are the lengths of the log after the notes that stay and after the last one.
fn tear(log: &Path, how: &str, safe: u64, last: u64) {
    let file = OpenOptions::new().write(true).open(log).expect("a log");
    let length = file.metadata().expect("a length").len();
    match how {
        "the last note cut in half" => file.set_len(last - 2_000).expect("cut"),
        "zeros from the middle of a commit" => {
            let from = safe + 6_000;
            let zeros = vec![0; usize::try_from(length - from).expect("short")];
            file.write_all_at(&zeros, from).expect("garbled");
        }
        "one byte of an early frame flipped" => file
            .write_all_at(&[0xa5; 1], safe + 1_000)
            .expect("garbled"),
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_torn_log_costs_nothing_that_a_phone_cannot_give_again() {
    let (folder, north) = prepared([26; 32]).await;
    let database = folder.path().join("holdfast.db");
    let server = Process::start(&database, &[]);
    let mut phone = Phone::sign_in_at(server.address, "worker").await;
    let length = || {
        fs::metadata(folder.path().join("holdfast.db-wal"))
            .expect("a log")
            .len()
    };
    let (mut notes, mut receipts, mut safe) = (Vec::new(), Vec::<Blob>::new(), 0);
    for count in 0..NOTES {
        if count == BEFORE {
            safe = length();
        }
        let note = phone.note(north);
        receipts.push(
            phone
                .offer(&[element(&note)])
                .await
                .receipt
                .expect("a receipt"),
        );
        notes.push(note);
    }
    let last = length();
    phone.pull().await;
    server.kill();

    for how in [
        "the last note cut in half",
        "zeros from the middle of a commit",
        "one byte of an early frame flipped",
    ] {
        let copy = tempfile::tempdir().expect("a folder");
        log::copy(folder.path(), copy.path());
        tear(&copy.path().join("holdfast.db-wal"), how, safe, last);
        let database = copy.path().join("holdfast.db");
        let server = Process::start(&database, &[]);
        log::verify(&database);
        let there = log::notes(&database).await;
        assert!(
            (BEFORE..NOTES).contains(&there.len()),
            "{how}: {} there",
            there.len()
        );
        for note in &notes[..there.len()] {
            assert!(
                there.contains(&note.digest()),
                "{how}: the beginning is what is left"
            );
        }

        let mut phone = phone.clone();
        phone.address = server.address;
        phone.origin = format!("http://{}", server.address);
        let rewound = phone.sync(&[]).await.rewound.expect("the phone is told");
        assert!(rewound.iter().any(|place| place.service == north), "{how}");
        let elements: Vec<Value> = notes.iter().map(element).collect();
        let body = json!({
            "v": 1, "device": phone.device, "sent_at": holdfast_server::clock::now(), "app": "1.0.0", "cursor": phone.cursor,
            "waiting": {"count": NOTES, "oldest": null, "n": {}}, "receipts": receipts, "entries": elements,
        });
        let answer: SyncAnswer = phone
            .with_session("POST", "/api/v1/sync")
            .json(&body)
            .send(server.address)
            .await
            .json();
        let again = answer.verdicts.iter().filter(|verdict| {
            matches!(verdict, Verdict::Filed { flags, first_received, .. } if flags.has(Flags::AGAIN) && *first_received > 0)
        });
        assert_eq!(
            again.count(),
            NOTES - there.len(),
            "{how}: by the server's own earlier word"
        );
        server.kill();
        log::verify(&database);
        assert_eq!(log::notes(&database).await.len(), NOTES, "{how}");
        println!(
            "{how}: {} of {NOTES} notes were left, all are there again",
            there.len()
        );
    }
}
