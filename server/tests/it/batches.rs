//! What a batch of entries comes to: once each, by position, judged by the signer.

use holdfast_domain::{
    body::{Data, Kind},
    encoding::{Blob, Bytes, Digest, sha256},
    entry::{MAX_INTEGER, SignedEntry, sign},
    keys::AuthorKey,
    ledger::Ledger,
    permission::Role,
    receipt::{Code, Receipt},
    syncer::page,
    wire::{Element, SyncAnswer, Verdict},
};
use holdfast_server::{clock, store::Store, verify};
use serde_json::{Value, json};

use crate::{
    phone::{self, Phone, element, sealed},
    support::TestApp,
};

async fn app() -> TestApp {
    TestApp::with(&[
        ("worker", &[Role::SupportWorker]),
        ("worker-2", &[Role::SupportWorker]),
        ("lead", &[Role::TeamLeader]),
    ])
    .await
}

/// What each verdict says, in a word.
pub fn words(answer: &SyncAnswer) -> Vec<String> {
    answer
        .verdicts
        .iter()
        .map(|verdict| match verdict {
            Verdict::Filed { flags, .. } => format!("filed {}", flags.0),
            Verdict::Refused { refused, .. } => format!("held {}", refused.code),
            Verdict::Later { later, .. } => format!("later {}", later.code),
        })
        .collect()
}

pub async fn assert_chains_whole(app: &TestApp) {
    let report = verify::verify(app.store.readers(), app.store.provider(), &app.root, &[])
        .await
        .expect("read");
    assert_eq!(report.faults, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_batch_twenty_times_at_once_with_dropped_answers_leaves_each_once() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let north = app.service("NORTH");
    let entries: Vec<SignedEntry> = (0..30).map(|_| phone.note(north)).collect();
    let elements: Vec<Value> = entries.iter().map(element).collect();

    let sends = (0..20).map(|turn| {
        let (phone, elements) = (phone.clone(), elements.clone());
        tokio::spawn(async move {
            if turn % 3 == 0 {
                phone
                    .sync_request(&elements)
                    .send_and_hang_up(phone.address)
                    .await;
                return None;
            }
            Some(phone.offer(&elements).await)
        })
    });
    let mut seqs: Vec<Vec<u64>> = Vec::new();
    for send in sends.collect::<Vec<_>>() {
        if let Some(answer) = send.await.expect("sent") {
            assert_eq!(answer.verdicts.len(), 30);
            let by_position = answer
                .verdicts
                .iter()
                .zip(&entries)
                .map(|(verdict, entry)| match verdict {
                    Verdict::Filed { id, seq, .. } if *id == entry.head.id => *seq,
                    other => panic!("{other:?}"),
                });
            seqs.push(by_position.collect());
        }
    }
    assert!(
        seqs.windows(2).all(|two| two[0] == two[1]),
        "every answer names the same places"
    );
    assert_eq!(app.count(Kind::Note).await, 30);
    assert_chains_whole(&app).await;
}

#[tokio::test]
async fn a_mixed_batch_keeps_the_good_and_says_what_became_of_each() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let north = app.service("NORTH");
    let first = phone.note(north);
    let forbidden = phone.write(
        north,
        &app.staff_body("NORTH", "worker", &[Role::Administrator]),
    );
    let mut badly_signed = phone.note(north);
    badly_signed.sig = AuthorKey::from_seed(clock::random()).sign(b"something else");
    let newer = phone.write_text(
        north,
        r#"{"kind":"note/2","about":null,"data":{}}"#.to_owned(),
    );
    let last = phone.note(north);

    let elements = [
        element(&first),
        json!({"id": 7}),
        element(&forbidden),
        element(&badly_signed),
        element(&newer),
        element(&last),
    ];
    let answer = phone.offer(&elements).await;
    insta::assert_debug_snapshot!(words(&answer), @r#"
    [
        "filed 0",
        "held malformed",
        "held not-permitted",
        "held bad-signature",
        "later unknown-kind",
        "filed 0",
    ]
    "#);
    for verdict in &answer.verdicts {
        if let Verdict::Refused { refused, .. } = verdict {
            assert!(refused.reason.len() > 20, "a reason a person can read");
        }
    }
    let parsed: Vec<bool> = answer
        .verdicts
        .iter()
        .map(|verdict| match verdict {
            Verdict::Filed { .. } => true,
            Verdict::Refused { id, .. } | Verdict::Later { id, .. } => id.is_some(),
        })
        .collect();
    assert_eq!(
        parsed,
        [true, false, true, true, true, true],
        "id null only where it did not parse"
    );
    assert_eq!(app.count(Kind::Note).await, 2);
    assert_eq!(app.count(Kind::Held).await, 3);

    // The same answer to the same batch, and nothing more in the log.
    let again = phone.offer(&elements).await;
    assert_eq!(words(&again), words(&answer));
    assert_eq!(
        (app.count(Kind::Note).await, app.count(Kind::Held).await),
        (2, 3)
    );
    assert_chains_whole(&app).await;
}

/// More than are written together, with one in their midst that is held: it stops no other, and each chain goes on.
#[tokio::test]
async fn in_a_long_batch_each_is_judged_by_itself_and_after_those_before_it() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let north = app.service("NORTH");
    let entries: Vec<SignedEntry> = (0..130).map(|_| phone.note(north)).collect();
    let mut elements: Vec<Value> = entries.iter().map(element).collect();
    let mut forged = entries[60].clone();
    forged.head.made += 1;
    elements[60] = element(&forged);
    // One that went before, the forged one once more, and another under the id of one before.
    elements.push(element(&entries[10]));
    elements.push(element(&forged));
    let mut twin = phone.head(north);
    twin.id = entries[20].head.id;
    let twin = sign(
        twin,
        phone::note_body().to_text(),
        Bytes([1; 16]),
        &phone.key,
    );
    elements.push(element(&twin));

    let answer = phone.offer(&elements).await;
    let words = words(&answer);
    for (at, word) in words.iter().enumerate() {
        let expected = match at {
            60 | 131 => "held bad-signature",
            132 => "held id-conflict",
            _ => "filed 0",
        };
        assert_eq!(word, expected, "{at}");
    }
    let seq = |at: usize| match &answer.verdicts[at] {
        Verdict::Filed { seq, .. } => *seq,
        other => panic!("{other:?}"),
    };
    assert_eq!(seq(130), seq(10));
    // What the server says of the held one stands between them.
    assert_eq!(seq(129), seq(0) + 129);
    assert_eq!(seq(61), seq(59) + 2);
    assert!(answer.entries.iter().all(|it| !matches!(
        it,
        Element::Whole { entry, .. } if entry.author == phone.user
    )));
    assert_chains_whole(&app).await;
}

#[tokio::test]
async fn the_receipt_names_exactly_the_final_ones_in_order() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let north = app.service("NORTH");
    let known = phone.note(north);
    phone.offer(&[element(&known)]).await;
    let good = phone.note(north);
    let newer = phone.write_text(
        north,
        r#"{"kind":"note/2","about":null,"data":{}}"#.to_owned(),
    );
    let broken = json!({"id": "no"});
    let answer = phone
        .offer(&[
            element(&good),
            element(&newer),
            broken.clone(),
            element(&known),
        ])
        .await;

    let receipt =
        Receipt::parse(&answer.receipt.expect("a receipt").0).expect("a receipt's layout");
    assert!(receipt.holds(&app.root.receipt(0).public()));
    assert_eq!(receipt.log, answer.log);
    let items: Vec<_> = receipt
        .items
        .iter()
        .map(|item| (item.digest, item.code))
        .collect();
    assert_eq!(
        items,
        [
            (good.digest(), Code::Accepted),
            (sha256(&[broken.to_string().as_bytes()]), Code::Held),
            (known.digest(), Code::Again)
        ]
    );
    let nothing = phone.offer(&[element(&newer)]).await;
    assert!(nothing.receipt.is_none(), "nothing final, no receipt");
}

#[tokio::test]
async fn an_entry_is_judged_by_its_signer_whoever_carries_it() {
    let app = app().await;
    let mut author = Phone::sign_in(&app, "worker").await;
    let mut carrier = Phone::sign_in(&app, "lead").await;
    let north = app.service("NORTH");

    // A lead's session does not lend its rights, nor does a worker's take any away.
    let note = author.note(north);
    let held = author.write(
        north,
        &app.staff_body("NORTH", "worker", &[Role::Administrator]),
    );
    let answer = carrier.offer(&[element(&note), element(&held)]).await;
    assert_eq!(words(&answer), ["filed 0", "held not-permitted"]);
    let Verdict::Filed { carrier: by, .. } = &answer.verdicts[0] else {
        panic!("filed")
    };
    assert_eq!(*by, Some(carrier.device));

    carrier.pull().await;
    let stored = carrier
        .pages
        .values()
        .find(|entry| entry.id == note.head.id)
        .expect("the lead sees it");
    assert_eq!(stored.author, author.user);
}

#[tokio::test]
async fn a_damaged_copy_never_stands_in_the_true_entrys_way() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let entry = phone.note(app.service("NORTH"));
    let mut damaged = element(&entry);
    damaged["body"] = json!(entry.body.replace("half", "none"));
    assert_eq!(
        words(&phone.offer(&[damaged.clone()]).await),
        ["held malformed"]
    );
    assert_eq!(words(&phone.offer(&[element(&entry)]).await), ["filed 0"]);
    // Once the true one is in, the damaged copy has its digest: it is known.
    assert_eq!(words(&phone.offer(&[damaged]).await), ["filed 0"]);
    assert_eq!(app.count(Kind::Note).await, 1);
}

#[tokio::test]
async fn two_entries_with_one_id_or_one_count_are_told_apart() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let north = app.service("NORTH");
    let first = phone.note(north);
    let mut same_id = phone.head(north);
    same_id.id = first.head.id;
    same_id.n = 2;
    let sign =
        |head| holdfast_domain::entry::sign(head, first.body.clone(), first.salt, &phone.key);
    let same_id = sign(same_id);
    let mut same_count = phone.head(north);
    same_count.n = first.head.n;
    let same_count = sign(same_count);
    let answer = phone
        .offer(&[element(&first), element(&same_id), element(&same_count)])
        .await;
    assert_eq!(
        words(&answer),
        ["filed 0", "held id-conflict", "filed 16"],
        "a cloned phone shows by its count"
    );
}

#[tokio::test]
async fn a_leavers_late_note_is_kept_and_flagged_one_written_after_is_held() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let north = app.service("NORTH");
    let late = phone.note(north);
    app.give("NORTH", "worker", &[]).await;
    // The phone hears of a later time, and writes once more.
    let answer = phone.sync(&[]).await;
    phone.beacon = answer.beacon;
    let after = phone.note(north);
    let answer = phone.offer(&[element(&late), element(&after)]).await;
    assert_eq!(words(&answer), ["filed 1", "held not-permitted"]);
}

#[tokio::test]
async fn a_beacon_that_is_not_ours_counts_from_the_enrolment() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    phone.beacon.time += 1;
    let entry = phone.note(app.service("NORTH"));
    assert_eq!(words(&phone.offer(&[element(&entry)]).await), ["filed 0"]);
}

#[tokio::test]
async fn a_clock_at_either_end_of_time_is_only_not_sure() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    for sent_at in [-MAX_INTEGER, MAX_INTEGER] {
        let note = phone.note(app.service("NORTH"));
        let answer = phone
            .request_at(&[element(&note)], sent_at)
            .send(phone.address)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(words(&answer.json()), ["filed 2"]);
    }
}

#[tokio::test]
async fn a_time_is_sure_where_the_clock_is_as_wrong_as_the_entry_says() {
    const MINUTE: i64 = 60 * 1000;
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let mut carrier = Phone::sign_in(&app, "lead").await;
    let north = app.service("NORTH");
    // What the phone measured, how slow its clock is as it sends, and the flags that come of it.
    for (skew, slow, flags) in [
        (Some(0), 0, "filed 0"),
        (Some(10 * MINUTE), 10 * MINUTE, "filed 0"),
        (Some(-10 * MINUTE), -10 * MINUTE, "filed 0"),
        (Some(10 * MINUTE), 11 * MINUTE, "filed 0"),
        (Some(10 * MINUTE), 0, "filed 2"),
        (Some(10 * MINUTE), -10 * MINUTE, "filed 2"),
        (Some(0), 3 * MINUTE, "filed 2"),
        (None, 0, "filed 2"),
    ] {
        let note = phone.measured_note(north, skew);
        let sent = phone.request_at(&[element(&note)], clock::now() - slow);
        let answer: SyncAnswer = app.send(sent).await.json();
        assert_eq!(words(&answer), [flags], "{skew:?}, {slow} slow");
    }
    // The carrier's clock says nothing of the author's.
    let note = phone.measured_note(north, Some(10 * MINUTE));
    assert_eq!(words(&carrier.offer(&[element(&note)]).await), ["filed 0"]);

    // What a clock that is steadily slow comes to on a screen.
    let slow = phone.measured_note(north, Some(10 * MINUTE));
    let sent = phone.request_at(&[element(&slow)], clock::now() - 10 * MINUTE);
    app.send(sent).await;
    let mut ledger = Ledger::new(carrier.user);
    loop {
        let answer = carrier.sync(&[]).await;
        let text = serde_json::to_string(&answer.entries).expect("JSON");
        page::take(&mut ledger, carrier.provider, &text);
        if !answer.more {
            break;
        }
    }
    let (made, now) = (slow.head.made, clock::now());
    assert_eq!(
        ledger.record(slow.head.id).expect("there").clock_words(now),
        Some(format!(
            "The phone said {}: it ran 10 min slow",
            holdfast_domain::words::when_after(made, now)
        ))
    );
}

#[tokio::test]
async fn what_this_server_does_not_know_yet_is_for_later() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let elsewhere = phone.note(app.service("WEST"));
    let mut stranger = phone.clone();
    stranger.key = AuthorKey::from_seed(clock::random());
    let unknown = stranger.note(app.service("NORTH"));
    let mut head = phone.head(app.service("NORTH")).to_bytes().to_vec();
    head[3] = b'2';
    let newer = json!({"head": Blob(head), "sig": null, "salt": null, "body": null});
    // What a newer kind may say about itself is not this server's to judge.
    let kind = r#"{"kind":"zzz/1","about":{"entry":1},"files":[5],"data":[],"more":1}"#;
    let kind = phone.write_text(app.service("NORTH"), kind.to_owned());
    let answer = phone
        .offer(&[
            element(&elsewhere),
            element(&unknown),
            newer,
            element(&kind),
            sealed(b'1'),
            sealed(b'2'),
        ])
        .await;
    assert_eq!(
        words(&answer),
        [
            "later unknown-service",
            "later unknown-author",
            "later unknown-version",
            "later unknown-kind",
            "later unknown-key",
            "later unknown-version"
        ]
    );
    assert_eq!(app.count(Kind::Held).await, 0);
}

#[tokio::test]
async fn what_is_sealed_and_no_blob_is_broken_for_good_and_not_held() {
    let app = app().await;
    let phone = Phone::sign_in(&app, "worker").await;
    let bytes = |bytes: &[u8]| json!({"sealed": Blob(bytes.to_vec())});
    let short = [b"HFB1".as_slice(), &[7; 8 + 32 + 15]].concat();
    let elements = [
        json!({"sealed": "!!"}),
        json!({"sealed": 5}),
        json!({"sealed": null}),
        bytes(b""),
        bytes(b"HFX1 and more than that, as long as a blob is at the very least"),
        bytes(&short),
    ];
    let answer = phone.offer(&elements).await;
    for verdict in &answer.verdicts {
        let Verdict::Refused { id: None, refused } = verdict else {
            panic!("{verdict:?}");
        };
        assert_eq!(refused.code, "broken");
    }
    assert_eq!(answer.verdicts.len(), elements.len());
    let receipt =
        Receipt::parse(&answer.receipt.expect("a receipt").0).expect("a receipt's layout");
    assert!(receipt.holds(&app.root.receipt(0).public()));
    assert_eq!(receipt.items.len(), elements.len());
    for item in &receipt.items {
        assert_eq!((item.code, item.seq), (Code::Broken, 0));
        assert_eq!(item.digest, Digest::ZERO);
    }
    let blobs: Vec<Digest> = receipt.items.iter().map(|item| item.blob).collect();
    assert_eq!(blobs[..3], [Digest::ZERO; 3], "these are no bytes");
    assert_eq!(blobs[5], sha256(&[&short]));
    let held: i64 = sqlx::query_scalar("SELECT count(*) FROM quarantine")
        .fetch_one(app.store.readers())
        .await
        .expect("a count");
    assert_eq!((held, app.count(Kind::Held).await), (0, 0));
}

#[tokio::test]
async fn a_certificate_introduces_a_key_that_a_restored_server_forgot() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let entry = phone.note(app.service("NORTH"));
    sqlx::query("DELETE FROM keys")
        .execute(&writable(&app).await)
        .await
        .expect("deleted");
    assert_eq!(
        words(&phone.offer(&[element(&entry)]).await),
        ["later unknown-author"]
    );
    let body = json!({
        "v": 1, "device": phone.device, "sent_at": clock::now(), "app": "1.0.0", "cursor": null,
        "waiting": {"count": 1, "oldest": null, "n": {}}, "certs": [phone.certificate], "entries": [element(&entry)],
    });
    let answer: SyncAnswer = app
        .send(phone.with_session("POST", "/api/v1/sync").json(&body))
        .await
        .json();
    assert_eq!(words(&answer), ["filed 0"]);
}

#[tokio::test]
async fn our_own_receipt_brings_back_when_it_was_first_received() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let entry = phone.note(app.service("NORTH"));
    // The receipt of a server whose log was lost since: the same root, another database.
    let first_time = 1_767_225_600_000;
    let items = vec![holdfast_domain::receipt::ReceiptItem {
        digest: entry.digest(),
        blob: Default::default(),
        code: Code::Accepted,
        seq: 9,
    }];
    let receipt = Receipt::issue(
        app.store.provider().log,
        first_time,
        items,
        &app.root.receipt(0),
    );
    let forged = Receipt::issue(
        app.store.provider().log,
        1,
        receipt.items.clone(),
        &AuthorKey::from_seed(clock::random()),
    );
    let bytes = [receipt, forged].map(|receipt| Blob(receipt.to_bytes()));
    let body = json!({
        "v": 1, "device": phone.device, "sent_at": clock::now(), "app": "1.0.0", "cursor": null,
        "waiting": {"count": 1, "oldest": null, "n": {}}, "receipts": bytes, "entries": [element(&entry)],
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
    assert_eq!((*first_received, flags.0), (first_time, 8));
}

#[tokio::test]
async fn a_revoked_phones_entries_are_held_a_retired_ones_are_late() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let north = app.service("NORTH");
    let (first, second) = (phone.note(north), phone.note(north));
    let database = writable(&app).await;
    sqlx::query("UPDATE devices SET state = 'retired'")
        .execute(&database)
        .await
        .expect("set");
    assert_eq!(words(&phone.offer(&[element(&first)]).await), ["filed 1"]);
    sqlx::query("UPDATE devices SET state = 'lost'")
        .execute(&database)
        .await
        .expect("set");
    assert_eq!(
        words(&phone.offer(&[element(&second)]).await),
        ["held revoked"]
    );
}

/// A second connection to the file, as an operator's shell would have.
pub async fn writable(app: &TestApp) -> sqlx::SqlitePool {
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(app.database());
    sqlx::SqlitePool::connect_with(options)
        .await
        .expect("a connection")
}

#[tokio::test]
async fn an_enrolment_is_an_entry_that_its_user_sees() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    Phone::sign_in(&app, "worker-2").await;
    phone.pull().await;
    let mine: Vec<_> = phone
        .pages
        .values()
        .filter_map(|entry| holdfast_domain::body::Body::parse(entry.body.as_deref()?).ok())
        .filter_map(|body| match body.data {
            Data::Enrolment(enrolment) => Some((enrolment.user, enrolment.device)),
            _ => None,
        })
        .collect();
    assert_eq!(mine, [(phone.user, phone.device)]);
}
