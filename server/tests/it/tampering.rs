//! The database file changed by hand behind the server's back, and what `holdfast verify` and a phone then say.

use std::{path::Path, process::Command};

use holdfast_domain::{
    body::{Data, Erasure},
    chain::{self, Flags, Header},
    encoding::{Blob, Bytes, Digest},
    entry::SignedEntry,
    permission::Role,
    receipt::Receipt,
    wire::{SyncAnswer, Verdict},
};
use holdfast_server::store::Store;
use serde_json::json;
use sqlx::{Row, SqlitePool};

use crate::{
    batches::writable,
    phone::{Phone, element},
    process::write_key_file,
    support::{TestApp, server_entry},
};

const NORTH: &str = "service = (SELECT service FROM services WHERE code = 'NORTH')";

/// Thirteen entries in NORTH, the last ten of them by a phone, whose notes and receipt are given as well.
async fn app() -> (TestApp, Phone, Vec<SignedEntry>, Blob) {
    let seed = [12; 32];
    let app = TestApp::over(
        tempfile::tempdir().expect("a folder"),
        holdfast_domain::keys::RootSecret::new(seed),
    )
    .await;
    app.add_service("NORTH").await;
    app.give("NORTH", "worker", &[Role::SupportWorker]).await;
    app.set_passwords().await;
    write_key_file(&app.database(), seed);
    let mut phone = Phone::sign_in(&app, "worker").await;
    let notes: Vec<_> = (0..10).map(|_| phone.note(app.service("NORTH"))).collect();
    let receipt = phone.sync(&notes).await.receipt.expect("a receipt");
    phone.pull().await;
    (app, phone, notes, receipt)
}

async fn run(database: &SqlitePool, sql: &str) {
    for one in sql.split(';').filter(|one| !one.trim().is_empty()) {
        sqlx::query(sqlx::AssertSqlSafe(one.replace("{north}", NORTH)))
            .execute(database)
            .await
            .expect("changed");
    }
}

/// Computes the links of NORTH again from its start, as somebody would who knows the format.
async fn relink(app: &TestApp, database: &SqlitePool) {
    let service = app.service("NORTH");
    let mut link = chain::start(app.provider, service, app.store.provider().log);
    let rows = sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT place, seq, received, first_received, flags, digest FROM entries WHERE {NORTH} ORDER BY seq"
    )))
    .fetch_all(database)
    .await
    .expect("rows");
    for row in rows {
        let header = Header {
            seq: row.get::<i64, _>("seq").try_into().expect("a count"),
            received: row.get("received"),
            first_received: row.get("first_received"),
            carrier: None,
            flags: Flags(row.get::<i64, _>("flags").try_into().expect("flags")),
        };
        let digest: Digest = Bytes::from_slice(row.get("digest")).expect("a digest");
        link = chain::link(&link, &header, &digest);
        sqlx::query("UPDATE entries SET link = ? WHERE place = ?")
            .bind(link.0.to_vec())
            .bind(row.get::<i64, _>("place"))
            .execute(database)
            .await
            .expect("changed");
    }
    run(database, AGREE).await;
}

/// Lets the head of NORTH agree with its last entry.
const AGREE: &str = "UPDATE chains SET (seq, link) = (SELECT seq, link FROM entries WHERE {north} ORDER BY seq DESC LIMIT 1) WHERE {north}";

const MOVE_ON: &str = "UPDATE entries SET seq = -seq - 1 WHERE {north} AND seq >= 8; UPDATE entries SET seq = -seq WHERE seq < 0;";
const SWAP: &str = "UPDATE entries SET seq = -seq WHERE {north} AND seq IN (8, 9);
     UPDATE entries SET seq = 17 + seq WHERE seq < 0";

/// What the command says, with how it ended; ids and links of the run are left out.
fn said(app: &TestApp, arguments: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_holdfast"))
        .args(["verify", "--database"])
        .arg(format!("sqlite://{}", app.database().display()))
        .args(arguments)
        .output()
        .expect("run");
    let text = String::from_utf8(output.stderr).expect("UTF-8");
    let text = text.replace(&format!(" ({})", app.service("NORTH")), "");
    (output.status.code(), text.trim_end().to_owned())
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_names_service_and_place_of_each_change() {
    let insert = format!(
        "{MOVE_ON} INSERT INTO entries (service, seq, received, first_received, flags, link, digest, id, head, sig, salt, body, kind, author, key, n)
           SELECT service, 8, received, first_received, flags, link, randomblob(32), randomblob(16), head, sig, salt, body, kind, author, key, n
           FROM entries WHERE {{north}} AND seq = 7; UPDATE chains SET seq = seq + 1 WHERE {{north}}"
    );
    let cases = [
        (
            "changed",
            "UPDATE entries SET body = replace(body, 'half', 'none') WHERE {north} AND seq = 8",
        ),
        (
            "body taken",
            "UPDATE entries SET body = NULL, salt = NULL WHERE {north} AND seq = 8",
        ),
        (
            "hidden from phones",
            "UPDATE entries SET kind = 'held/1' WHERE {north} AND seq = 8",
        ),
        (
            "of no length",
            "UPDATE entries SET link = x'00' WHERE {north} AND seq = 8",
        ),
        ("removed", "DELETE FROM entries WHERE {north} AND seq = 8"),
        (
            "removed, the rest moved up",
            "DELETE FROM entries WHERE {north} AND seq = 8; UPDATE entries SET seq = -seq + 1 WHERE {north} AND seq > 8;
             UPDATE entries SET seq = -seq WHERE seq < 0; UPDATE chains SET seq = seq - 1 WHERE {north}",
        ),
        ("put in", insert.as_str()),
        ("two swapped", SWAP),
        (
            "the last one removed",
            "DELETE FROM entries WHERE {north} AND seq = (SELECT seq FROM chains WHERE {north})",
        ),
        ("the head removed", "DELETE FROM chains WHERE {north}"),
    ];
    let mut found = Vec::new();
    for (what, sql) in cases {
        let (app, ..) = app().await;
        assert_eq!(said(&app, &[]).0, Some(0), "{what}: whole before");
        run(&writable(&app).await, sql).await;
        let (code, sentence) = said(&app, &[]);
        assert_eq!(code, Some(1), "{what}: {sentence}");
        found.push(format!("{what}: {sentence}"));
    }
    insta::assert_snapshot!(found.join("\n"), @r#"
changed: holdfast: service NORTH house entry 8: its body is not the one that was signed
body taken: holdfast: service NORTH house entry 8: its body is gone, and no erasure says so
hidden from phones: holdfast: service NORTH house entry 8: its kind or subject is not that of its body
of no length: holdfast: service NORTH house entry 8: its columns cannot be read
removed: holdfast: service NORTH house entry 8: missing
removed, the rest moved up: holdfast: service NORTH house entry 8: its link is not that of header and digest
put in: holdfast: service NORTH house entry 8: its digest is not that of head and signature
two swapped: holdfast: service NORTH house entry 8: its link is not that of header and digest
the last one removed: holdfast: service NORTH house entry 12: missing, and all after it
the head removed: holdfast: service NORTH house entry 1: entries without a chain
"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_kept_head_finds() {
    let cut = format!(
        "DELETE FROM entries WHERE {{north}} AND seq = (SELECT seq FROM chains WHERE {{north}}); {AGREE}"
    );
    let cases = [
        ("the last one and the head with it", cut.as_str(), false),
        ("two swapped, all links computed again", SWAP, true),
        (
            "the whole chain",
            "DELETE FROM entries WHERE {north}; DELETE FROM chains WHERE {north}",
            false,
        ),
    ];
    let mut found = Vec::new();
    for (what, sql, links_too) in cases {
        let (app, ..) = app().await;
        let file = app.folder.path().join("heads");
        assert_eq!(said(&app, &["--write-head", text(&file)]).0, Some(0));
        let database = writable(&app).await;
        run(&database, sql).await;
        if links_too {
            relink(&app, &database).await;
        }
        let (code, alone) = said(&app, &[]);
        assert_eq!(code, Some(0), "{what}: {alone}");
        assert!(alone.contains("Not compared with a kept head"), "{alone}");
        let (code, sentence) = said(&app, &["--head", text(&file)]);
        assert_eq!(code, Some(1), "{what}: {sentence}");
        found.push(format!("{what}: {sentence}"));
    }
    insta::assert_snapshot!(found.join("\n"), @r#"
the last one and the head with it: holdfast: service NORTH house entry 12: missing: a kept head is beyond the chain's end
two swapped, all links computed again: holdfast: service NORTH house entry 12: its link is not the kept one: the chain was rewritten
the whole chain: holdfast: service NORTH house entry 12: the chain of a kept head is gone
"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_heads_go_on_from_run_to_run_and_are_never_lost_unlooked_at() {
    let (app, mut phone, ..) = app().await;
    let file = app.folder.path().join("heads");
    let both = ["--head", text(&file), "--write-head", text(&file)];
    assert_eq!(said(&app, &["--write-head", text(&file)]).0, Some(0));
    let first = std::fs::read_to_string(&file).expect("heads");

    // A file that was not compared is not replaced.
    let (code, sentence) = said(&app, &["--write-head", text(&file)]);
    assert_eq!(code, Some(1));
    assert!(sentence.contains("is there already"), "{sentence}");
    let note = phone.note(app.service("NORTH"));
    phone.sync(&[note]).await;
    let (code, sentence) = said(&app, &both);
    assert_eq!(code, Some(0), "{sentence}");
    assert!(!sentence.contains("Not compared"), "{sentence}");
    assert_ne!(std::fs::read_to_string(&file).expect("heads"), first);

    // Where something is wrong the heads stay as they were.
    let second = std::fs::read_to_string(&file).expect("heads");
    run(
        &writable(&app).await,
        &format!("DELETE FROM entries WHERE {{north}} AND seq > 10; {AGREE}"),
    )
    .await;
    assert_eq!(said(&app, &both).0, Some(1));
    assert_eq!(std::fs::read_to_string(&file).expect("heads"), second);

    std::fs::write(&file, "# nothing\n").expect("written");
    let (code, sentence) = said(&app, &["--head", text(&file)]);
    assert_eq!(code, Some(1));
    assert!(sentence.contains("holds no head"), "{sentence}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_was_lawfully_erased_is_no_fault() {
    let (app, _, notes, _) = app().await;
    let erasure = holdfast_domain::body::Body::new(Data::Erasure(Erasure {
        ids: vec![notes[3].head.id],
        reason: "UK GDPR article 17".to_owned(),
    }));
    app.append(vec![server_entry(app.service("NORTH"), erasure)])
        .await;
    assert_eq!(said(&app, &[]).0, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_from_before_notices_and_its_receipt_brings_the_entry_back() {
    let (app, mut phone, notes, receipt) = app().await;
    let service = app.service("NORTH");
    let last = notes.last().expect("ten");
    run(
        &writable(&app).await,
        &format!("DELETE FROM entries WHERE {{north}} AND seq = (SELECT seq FROM chains WHERE {{north}}); {AGREE}"),
    )
    .await;
    assert_eq!(said(&app, &[]).0, Some(0), "alone it looks whole");

    let answer = phone.sync(&[]).await;
    let rewound = answer.rewound.expect("the phone's cursor tells");
    assert_eq!((rewound.len(), rewound[0].service), (1, service));

    let word = Receipt::parse(&receipt.0).expect("a receipt");
    let body = json!({
        "v": 1, "device": phone.device, "sent_at": holdfast_server::clock::now(), "app": "1.0.0", "cursor": phone.cursor,
        "waiting": {"count": 1, "oldest": null, "n": {}}, "receipts": [receipt], "entries": [element(last)],
    });
    let answer: SyncAnswer = app
        .send(phone.with_session("POST", "/api/v1/sync").json(&body))
        .await
        .json();
    let Verdict::Filed {
        first_received,
        flags,
        ..
    } = &answer.verdicts[0]
    else {
        panic!("{answer:?}")
    };
    assert_eq!(
        *first_received, word.time,
        "by the server's own earlier word"
    );
    assert!(flags.has(Flags::AGAIN));
    assert_eq!(said(&app, &[]).0, Some(0));
}
