//! What is held, its limits, and its release by an administrator.

use holdfast_domain::{
    body::{Body, Data, Enrolment, Erasure, Kind, Release},
    entry::{SignedEntry, sign},
    ids::ServiceId,
    keys::AuthorKey,
    permission::Role,
    receipt::{Code, Receipt},
    wire::Verdict,
};
use holdfast_server::{clock, store::Store};
use serde_json::{Value, json};

use crate::{
    batches::{assert_chains_whole, words, writable},
    phone::{Phone, element},
    support::{TestApp, server_entry},
};

async fn app() -> TestApp {
    TestApp::with(&[
        ("worker", &[Role::SupportWorker]),
        ("admin", &[Role::Administrator]),
    ])
    .await
}

fn release(phone: &mut Phone, service: ServiceId, entry: &SignedEntry) -> SignedEntry {
    phone.write(
        service,
        &Body::new(Data::Release(Release {
            digest: entry.digest(),
        })),
    )
}

/// A note by somebody who has no right in SOUTH.
async fn held_note(app: &TestApp, phone: &mut Phone) -> SignedEntry {
    let note = phone.note(app.service("SOUTH"));
    assert_eq!(
        words(&phone.offer(&[element(&note)]).await),
        ["held not-permitted"]
    );
    note
}

#[tokio::test]
async fn an_administrators_release_files_what_was_held_with_its_flag() {
    let app = app().await;
    app.give("SOUTH", "admin", &[Role::Administrator]).await;
    let (mut worker, mut admin) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "admin").await,
    );
    let note = held_note(&app, &mut worker).await;
    let south = app.service("SOUTH");

    let by_author = release(&mut worker, south, &note);
    assert_eq!(
        words(&worker.offer(&[element(&by_author)]).await),
        ["held not-permitted"],
        "not by the author"
    );
    let elsewhere = release(&mut admin, app.service("NORTH"), &note);
    assert_eq!(
        words(&admin.offer(&[element(&elsewhere)]).await),
        ["filed 0"]
    );
    assert_eq!(app.count(Kind::Note).await, 0, "not from another service");
    let right = release(&mut admin, south, &note);
    assert_eq!(words(&admin.offer(&[element(&right)]).await), ["filed 0"]);

    let again = worker.offer(&[element(&note)]).await;
    assert_eq!(words(&again), ["filed 4"]);
    let Verdict::Filed { carrier, .. } = again.verdicts[0] else {
        panic!("filed")
    };
    assert_eq!(carrier, None);
    let twice = release(&mut admin, south, &note);
    admin.offer(&[element(&twice)]).await;
    assert_eq!(app.count(Kind::Note).await, 1);
    assert_chains_whole(&app).await;
}

#[tokio::test]
async fn an_id_that_was_given_away_meanwhile_is_not_released() {
    let app = app().await;
    app.give("SOUTH", "admin", &[Role::Administrator]).await;
    let (mut worker, mut admin) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "admin").await,
    );
    let held = held_note(&app, &mut worker).await;
    let mut head = worker.head(app.service("NORTH"));
    (head.id, head.n) = (held.head.id, 9);
    let same_id = sign(head, held.body.clone(), held.salt, &worker.key);
    assert_eq!(
        words(&worker.offer(&[element(&same_id)]).await),
        ["filed 0"]
    );
    let release = release(&mut admin, app.service("SOUTH"), &held);
    assert_eq!(words(&admin.offer(&[element(&release)]).await), ["filed 0"]);
    assert_eq!(
        words(&worker.offer(&[element(&held)]).await),
        ["held not-permitted"]
    );
    assert_chains_whole(&app).await;
}

#[tokio::test]
async fn what_came_damaged_is_never_released() {
    let app = app().await;
    let (mut worker, mut admin) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "admin").await,
    );
    let north = app.service("NORTH");
    let mut note = worker.note(north);
    note.sig = worker.key.sign(b"something else");
    assert_eq!(
        words(&worker.offer(&[element(&note)]).await),
        ["held bad-signature"]
    );
    let held: Vec<u8> = sqlx::query_scalar("SELECT digest FROM quarantine")
        .fetch_one(app.store.readers())
        .await
        .expect("one");
    let digest = holdfast_domain::encoding::Bytes::from_slice(&held).expect("a digest");
    let release = admin.write(north, &Body::new(Data::Release(Release { digest })));
    assert_eq!(words(&admin.offer(&[element(&release)]).await), ["filed 0"]);
    assert_eq!(app.count(Kind::Note).await, 0);
}

#[tokio::test]
async fn what_only_the_server_writes_is_never_released() {
    let app = app().await;
    let (mut worker, mut admin) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "admin").await,
    );
    let north = app.service("NORTH");
    let note = worker.note(north);
    worker.offer(&[element(&note)]).await;
    let key = AuthorKey::from_seed(clock::random());
    let forged = [
        app.staff_body("NORTH", "admin", &[Role::RegisteredManager]),
        Body::new(Data::Enrolment(Enrolment {
            user: worker.user,
            device: admin.device,
            device_name: String::new(),
            key: key.id(),
            public: key.public(),
        })),
        Body::new(Data::Erasure(Erasure {
            ids: vec![note.head.id],
            reason: "It is in the way".to_owned(),
        })),
    ];
    let kinds = forged.each_ref().map(Body::kind);
    let mut before = Vec::new();
    for kind in kinds {
        before.push(app.count(kind).await);
    }
    for body in forged {
        let entry = admin.write(north, &body);
        assert_eq!(
            words(&admin.offer(&[element(&entry)]).await),
            ["held not-permitted"]
        );
        let release = release(&mut admin, north, &entry);
        assert_eq!(words(&admin.offer(&[element(&release)]).await), ["filed 0"]);
        assert_eq!(
            words(&admin.offer(&[element(&entry)]).await),
            ["held not-permitted"]
        );
    }
    for (kind, before) in kinds.into_iter().zip(before) {
        assert_eq!(app.count(kind).await, before, "{kind}");
    }
    let roles = app.store.visible_roles(admin.user).await.expect("roles");
    assert!(
        roles
            .iter()
            .all(|(_, roles)| *roles == [Role::Administrator]),
        "{roles:?}"
    );
    let again = worker.offer(&[element(&note)]).await;
    let receipt = Receipt::parse(&again.receipt.expect("one").0).expect("a receipt");
    assert_eq!(receipt.items[0].code, Code::Again, "its body is there");
}

#[tokio::test]
async fn a_release_that_was_held_is_not_released_itself() {
    let app = app().await;
    app.give("SOUTH", "admin", &[Role::Administrator]).await;
    let (mut worker, mut admin) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "admin").await,
    );
    let south = app.service("SOUTH");
    let note = held_note(&app, &mut worker).await;
    let by_author = release(&mut worker, south, &note);
    assert_eq!(
        words(&worker.offer(&[element(&by_author)]).await),
        ["held not-permitted"]
    );
    let of_that = release(&mut admin, south, &by_author);
    assert_eq!(words(&admin.offer(&[element(&of_that)]).await), ["filed 0"]);
    assert_eq!(app.count(Kind::Note).await, 0);
    assert_eq!(app.count(Kind::Release).await, 1);
}

#[tokio::test]
async fn what_is_held_says_so_in_the_chain_and_to_its_author() {
    let app = app().await;
    let (mut worker, mut admin) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "admin").await,
    );
    let mut held = worker.note(app.service("NORTH"));
    held.sig = worker.key.sign(b"something else");
    worker.offer(&[element(&held)]).await;
    for phone in [&mut worker, &mut admin] {
        phone.pull().await;
        let says: Vec<String> = phone
            .pages
            .values()
            .filter_map(|entry| entry.body.clone())
            .filter(|body| body.contains("held/1"))
            .collect();
        assert_eq!(says.len(), 1);
        assert!(
            says[0].contains("bad-signature") && says[0].contains(&held.head.id.to_string()),
            "{}",
            says[0]
        );
    }
}

#[tokio::test]
async fn a_device_fills_its_own_room_in_quarantine_only() {
    let app = app().await;
    let (worker, admin) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "admin").await,
    );
    let damaged: Vec<Value> = (0..500).map(|turn| json!({"id": turn})).collect();
    let answer = worker.offer(&damaged).await;
    assert!(words(&answer).iter().all(|word| word == "held malformed"));
    let one_more = json!({"id": "one more"});
    assert_eq!(
        words(&worker.offer(std::slice::from_ref(&one_more)).await),
        ["later full"]
    );
    assert_eq!(words(&admin.offer(&[one_more]).await), ["held malformed"]);
    // What is held already stays held, and what is good still goes in.
    assert_eq!(
        words(&worker.offer(&damaged[..1]).await),
        ["held malformed"]
    );
    let mut worker = worker;
    let note = worker.note(app.service("NORTH"));
    assert_eq!(words(&worker.offer(&[element(&note)]).await), ["filed 0"]);
}

#[tokio::test]
async fn bytes_count_as_well_as_entries() {
    let app = app().await;
    let worker = Phone::sign_in(&app, "worker").await;
    let large = json!({"id": "x".repeat(900_000)});
    worker.offer(std::slice::from_ref(&large)).await;
    sqlx::query("UPDATE quarantine SET bytes = zeroblob(20 * 1024 * 1024)")
        .execute(&writable(&app).await)
        .await
        .expect("set");
    assert_eq!(
        words(&worker.offer(&[json!({"id": "small"})]).await),
        ["later full"]
    );
}

#[tokio::test]
async fn an_erased_body_is_gone_for_good_and_the_chain_still_holds() {
    let app = app().await;
    let (mut worker, mut admin) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "admin").await,
    );
    let north = app.service("NORTH");
    let note = worker.note(north);
    worker.offer(&[element(&note)]).await;
    let erasure = Erasure {
        ids: vec![note.head.id],
        reason: "A person asked for it".to_owned(),
    };
    app.append(vec![server_entry(north, Body::new(Data::Erasure(erasure)))])
        .await;

    admin.pull().await;
    let pulled = admin
        .pages
        .values()
        .find(|entry| entry.id == note.head.id)
        .expect("its place stays");
    assert_eq!((pulled.salt, pulled.body.as_ref()), (None, None));
    let again = worker.offer(&[element(&note)]).await;
    assert_eq!(words(&again), ["filed 0"]);
    let receipt = Receipt::parse(&again.receipt.expect("one").0).expect("a receipt");
    assert_eq!(receipt.items[0].code, Code::Erased);
    let kept: Option<String> = sqlx::query_scalar("SELECT body FROM entries WHERE digest = ?")
        .bind(note.digest().0.to_vec())
        .fetch_one(app.store.readers())
        .await
        .expect("the entry");
    assert_eq!(kept, None);
    assert_chains_whole(&app).await;
}
