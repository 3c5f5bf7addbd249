//! A server restored by a bare copy of its file: phones notice by links, and what they give back is there once, with the
//! time at which it first came.

use std::fs;

use holdfast_domain::{
    body::Kind,
    chain::Flags,
    encoding::Millis,
    entry::SignedEntry,
    ids::ServiceId,
    permission::Role,
    receipt::Receipt,
    wire::{Element, SessionAnswer, SyncAnswer, Verdict},
};
use serde_json::{Value, json};

use crate::{
    phone::{Phone, element, sign_in_request},
    support::{PASSWORD, TestApp},
};

/// The file and its log as they lie there.
struct Copy([(&'static str, Option<Vec<u8>>); 2]);

impl Copy {
    fn of(app: &TestApp) -> Self {
        let read = |name| (name, fs::read(app.folder.path().join(name)).ok());
        Self(["holdfast.db", "holdfast.db-wal"].map(read))
    }

    /// Stops the server and starts one over this copy.
    async fn restored(self, app: TestApp, phones: &mut [&mut Phone]) -> TestApp {
        let (_, root) = app.shut_down().await;
        let folder = tempfile::tempdir().expect("a folder");
        for (name, bytes) in self.0 {
            if let Some(bytes) = bytes {
                fs::write(folder.path().join(name), bytes).expect("written");
            }
        }
        let app = TestApp::over(folder, root).await;
        for phone in phones {
            phone.address = app.address;
            phone.origin = app.origin();
        }
        app
    }
}

/// As `sync`, with more of a request: receipts, or where pages begin.
async fn sync_with(phone: &mut Phone, entries: &[SignedEntry], more: Value) -> SyncAnswer {
    let mut request = json!({
        "v": 1, "device": phone.device, "sent_at": holdfast_server::clock::now(), "app": "1.0.0", "cursor": phone.cursor,
        "waiting": {"count": entries.len(), "oldest": null, "n": {}},
        "entries": entries.iter().map(element).collect::<Vec<_>>(),
    });
    let members = request.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("members").clone());
    let answer = phone
        .with_session("POST", "/api/v1/sync")
        .json(&request)
        .send(phone.address)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn filed(verdict: &Verdict) -> (u64, Millis, Flags) {
    match verdict {
        Verdict::Filed {
            seq,
            first_received,
            flags,
            ..
        } => (*seq, *first_received, *flags),
        other => panic!("{other:?}"),
    }
}

fn rewound(answer: &SyncAnswer, service: ServiceId) -> Option<u64> {
    let services = answer.rewound.iter().flatten();
    let mut of = services.filter(|it| it.service == service);
    of.next().map(|it| it.to)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_bare_copy_lost_comes_back_once_and_with_its_first_time() {
    let app = TestApp::with(&[
        ("jo", &[Role::SupportWorker]),
        ("mo", &[Role::SupportWorker]),
    ])
    .await;
    let north = app.service("NORTH");
    let (mut jo, mut mo) = (
        Phone::sign_in(&app, "jo").await,
        Phone::sign_in(&app, "mo").await,
    );
    let kept = jo.note(north);
    jo.sync(std::slice::from_ref(&kept)).await;
    jo.pull().await;
    mo.pull().await;
    let copy = Copy::of(&app);
    let lost: Vec<SignedEntry> = (0..3).map(|_| jo.note(north)).collect();
    let answer = jo.sync(&lost).await;
    let word = answer.receipt.expect("the server's word");
    let first = Receipt::parse(&word.0).expect("a receipt").time;
    jo.pull().await;

    let app = copy.restored(app, &mut [&mut jo, &mut mo]).await;
    assert_eq!(app.count(Kind::Note).await, 1);
    let answer = jo.offer(&[]).await;
    let cut = rewound(&answer, north).expect("links tell");
    let (seq, ..) = filed(&sync_with(&mut jo, &[kept], json!({})).await.verdicts[0]);
    assert!(cut <= seq, "{cut}: no further than what both have");
    assert_eq!(
        rewound(&mo.offer(&[]).await, north),
        None,
        "mo has lost nothing"
    );

    // Sent twice, as where the first answer never came.
    for _ in 0..2 {
        let answer = sync_with(&mut jo, &lost, json!({"receipts": [&word]})).await;
        let times: Vec<_> = answer.verdicts.iter().map(filed).collect();
        assert_eq!(
            times,
            (1..=3)
                .map(|more| (seq + more, first, Flags::AGAIN))
                .collect::<Vec<_>>()
        );
    }
    assert_eq!(app.count(Kind::Note).await, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restore_is_noticed_also_where_the_author_may_see_nothing() {
    let app = TestApp::with(&[("jo", &[Role::SupportWorker])]).await;
    let south = app.service("SOUTH");
    let mut jo = Phone::sign_in(&app, "jo").await;
    jo.pull().await;
    let copy = Copy::of(&app);
    let note = jo.note(south);
    let answer = jo.sync(std::slice::from_ref(&note)).await;
    assert!(matches!(&answer.verdicts[0], Verdict::Refused { .. }));
    jo.pull().await;
    assert!(
        jo.pages.keys().all(|(service, _)| *service != south),
        "nothing of it is shown"
    );

    let app = copy.restored(app, &mut [&mut jo]).await;
    assert_eq!(app.count(Kind::Held).await, 0, "lost by the restore");
    let answer = jo.offer(&[]).await;
    assert!(rewound(&answer, south).is_some(), "{answer:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_whose_enrolment_came_back_has_its_first_certificate() {
    let app = TestApp::with(&[
        ("jo", &[Role::SupportWorker]),
        ("admin", &[Role::Administrator]),
    ])
    .await;
    let mut admin = Phone::sign_in(&app, "admin").await;
    let copy = Copy::of(&app);
    let mut jo = Phone::sign_in(&app, "jo").await;
    admin.pull().await;
    let enrolment = admin
        .pages
        .values()
        .find(|entry| {
            let body = entry.body.as_deref().unwrap_or_default();
            body.contains("enrolment/1") && body.contains(&jo.key.id().to_string())
        })
        .map(|entry| serde_json::to_value(entry).expect("JSON"))
        .expect("the administrator sees who may write");

    let app = copy.restored(app, &mut [&mut jo, &mut admin]).await;
    let answer = admin.offer(&[enrolment]).await;
    filed(&answer.verdicts[0]);
    let signed_in = sign_in_request(&app.origin(), "jo", PASSWORD, jo.device, &jo.key)
        .header("authorization", format!("Holdfast {}", jo.token));
    let answer: SessionAnswer = app.send(signed_in).await.json();
    assert_eq!(answer.certificate, jo.certificate);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_begins_where_the_phone_wants_it() {
    let app = TestApp::with(&[("jo", &[Role::SupportWorker])]).await;
    let north = app.service("NORTH");
    let mut jo = Phone::sign_in(&app, "jo").await;
    let notes: Vec<SignedEntry> = (0..3).map(|_| jo.note(north)).collect();
    let answer = jo.sync(&notes).await;
    let (first, ..) = filed(&answer.verdicts[0]);
    jo.pull().await;
    assert!(jo.sync(&[]).await.entries.is_empty());
    let from = json!({"from": [{"service": north, "to": first}]});
    let answer = sync_with(&mut jo, &[], from).await;
    let seqs: Vec<u64> = answer
        .entries
        .iter()
        .map(|element| match element {
            Element::Whole { seq, .. } | Element::Stub { seq, .. } => *seq,
        })
        .collect();
    assert_eq!(seqs, [first + 1, first + 2]);
}
