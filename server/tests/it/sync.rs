//! Pages, cursors, the restored server, and what a sync refuses.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use holdfast_domain::{
    body::Kind,
    chain::Break,
    cursor::Cursor,
    entry::MAX_INTEGER,
    ids::ServiceId,
    permission::Role,
    syncer::page,
    wire::{Element, SyncAnswer},
};
use holdfast_server::{clock, store::Store};
use serde_json::json;

use crate::{
    batches::{words, writable},
    http::{Request, read_until},
    phone::{Phone, element, note_body, sealed},
    support::{TestApp, server_entry},
};

async fn app() -> TestApp {
    TestApp::with(&[
        ("worker", &[Role::SupportWorker]),
        ("lead", &[Role::TeamLeader]),
    ])
    .await
}

#[tokio::test]
async fn what_a_worker_sends_reaches_the_team_leader_once_and_in_order() {
    let app = app().await;
    let (mut worker, mut lead) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "lead").await,
    );
    lead.pull().await;
    let notes: Vec<_> = (0..3).map(|_| worker.note(app.service("NORTH"))).collect();
    let answer = worker.sync(&notes).await;
    assert_eq!(words(&answer), ["filed 0", "filed 0", "filed 0"]);

    let page = lead.sync(&[]).await;
    let ids: Vec<_> = page
        .entries
        .iter()
        .map(|element| match element {
            Element::Whole { entry, digest, .. } => {
                assert!(
                    entry.sig.is_some() && entry.salt.is_some() && digest.is_none(),
                    "young entries carry their signature"
                );
                entry.id
            }
            Element::Stub { .. } => panic!("no stub"),
        })
        .collect();
    assert_eq!(
        ids,
        notes.iter().map(|note| note.head.id).collect::<Vec<_>>()
    );
    assert!(lead.sync(&[]).await.entries.is_empty(), "once");
}

#[tokio::test]
async fn entries_just_accepted_are_left_out_of_the_page_and_come_if_the_answer_was_lost() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    phone.pull().await;
    let note = phone.note(app.service("NORTH"));
    // The answer to the first is lost: the cursor stays.
    assert!(phone.offer(&[element(&note)]).await.entries.is_empty());
    let answer = phone.sync(&[note]).await;
    assert_eq!(answer.entries.len(), 1);
    assert!(phone.sync(&[]).await.entries.is_empty());
}

#[tokio::test]
async fn a_long_log_comes_in_pages_of_five_hundred_of_one_service() {
    let app = app().await;
    let north = app.service("NORTH");
    let entries = (0..1203)
        .map(|_| server_entry(north, note_body()))
        .collect();
    app.append(entries).await;
    let mut lead = Phone::sign_in(&app, "lead").await;
    let mut sizes = Vec::new();
    loop {
        let page = lead.sync(&[]).await;
        let services: BTreeSet<_> = page
            .entries
            .iter()
            .map(|element| match element {
                Element::Whole { entry, .. } => entry.service,
                Element::Stub { .. } => panic!("no stub"),
            })
            .collect();
        assert!(services.len() <= 1);
        sizes.push(page.entries.len());
        if !page.more {
            break;
        }
    }
    assert!(
        sizes.iter().all(|size| *size <= 500)
            && sizes.iter().filter(|size| **size == 500).count() == 2,
        "{sizes:?}"
    );
    let notes = lead.pages.values().filter(|entry| {
        entry
            .body
            .as_ref()
            .is_some_and(|body| body.contains("note/1"))
    });
    assert_eq!(notes.count(), 1203);
}

#[tokio::test]
async fn signature_and_salt_are_left_out_after_thirty_days_and_the_digest_stands_in() {
    let app = app().await;
    app.append(vec![server_entry(app.service("NORTH"), note_body())])
        .await;
    sqlx::query("UPDATE entries SET received = received - 31 * 86400000")
        .execute(&writable(&app).await)
        .await
        .expect("aged");
    let mut lead = Phone::sign_in(&app, "lead").await;
    let page = lead.sync(&[]).await;
    let Some(Element::Whole { entry, digest, .. }) = page.entries.last() else {
        panic!("an entry")
    };
    assert!(
        entry.sig.is_none() && entry.salt.is_none() && entry.body.is_some() && digest.is_some()
    );
}

#[tokio::test]
async fn a_phone_sees_a_changed_log_by_its_links_through_the_gaps_of_what_it_may_see() {
    let app = app().await;
    let north = app.service("NORTH");
    let mut others = Phone::sign_in(&app, "lead").await;
    let mut worker = Phone::sign_in(&app, "worker").await;
    for _ in 0..3 {
        for phone in [&mut worker, &mut others] {
            let note = phone.note(north);
            phone.sync(&[note]).await;
        }
    }
    let pulled = async |username: &str| {
        let mut phone = Phone::sign_in(&app, username).await;
        let (mut entries, mut broken) = (0, Vec::new());
        loop {
            let answer = phone.sync(&[]).await;
            let text = serde_json::to_string(&answer.entries).expect("JSON");
            let mut page = page::read(app.provider, &text);
            entries += page.by_ref().count();
            broken.extend(page.broken());
            if !answer.more {
                return (entries, broken);
            }
        }
    };
    let (seen_by_worker, broken) = pulled("worker").await;
    assert_eq!(broken, []);
    let (seen_by_lead, broken) = pulled("lead").await;
    assert_eq!(broken, []);
    assert!(seen_by_worker < seen_by_lead, "the worker's runs have gaps");

    let (seq, digest): (i64, Vec<u8>) = sqlx::query_as(
        "SELECT seq, digest FROM entries WHERE service = ? AND kind = 'note/1' ORDER BY seq DESC LIMIT 1 OFFSET 1",
    )
    .bind(north.uuid().as_bytes().to_vec())
    .fetch_one(&writable(&app).await)
    .await
    .expect("a note");
    for (field, change, back) in [
        ("received", "received + 1", "received - 1"),
        ("flags", "flags + 1", "flags - 1"),
        (
            "body",
            "replace(body, 'half', 'none')",
            "replace(body, 'none', 'half')",
        ),
    ] {
        for (by, tampered) in [(change, true), (back, false)] {
            sqlx::query(sqlx::AssertSqlSafe(format!(
                "UPDATE entries SET {field} = {by} WHERE digest = ?"
            )))
            .bind(&digest)
            .execute(&writable(&app).await)
            .await
            .expect("changed");
            let (_, broken) = pulled("lead").await;
            let expected = tampered.then_some(Break {
                service: north,
                seq: seq.try_into().expect("small"),
            });
            assert_eq!(broken, Vec::from_iter(expected), "{field}");
        }
    }
}

#[tokio::test]
async fn anothers_cursor_and_one_that_cannot_be_read_count_as_none() {
    let app = app().await;
    let (mut worker, mut lead) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "lead").await,
    );
    app.append(vec![server_entry(app.service("NORTH"), note_body())])
        .await;
    lead.pull().await;
    worker.cursor = lead.cursor.clone();
    let from_anothers = worker.sync(&[]).await;
    worker.cursor = Some("nonsense".to_owned());
    let from_nonsense = worker.sync(&[]).await;
    worker.cursor = None;
    let from_none = worker.sync(&[]).await;
    assert_eq!(from_anothers.entries.len(), from_none.entries.len());
    assert_eq!(from_nonsense.entries.len(), from_none.entries.len());
    assert!(from_anothers.rescope.is_none() && from_anothers.rewound.is_none());
}

#[tokio::test]
async fn a_server_restored_by_a_file_copy_says_from_where_it_was_cut() {
    let app = app().await;
    let north = app.service("NORTH");
    let append = |count: usize| {
        app.append(
            (0..count)
                .map(|_| server_entry(north, note_body()))
                .collect(),
        )
    };
    append(20).await;
    let (mut ahead, mut behind) = (
        Phone::sign_in(&app, "lead").await,
        Phone::sign_in(&app, "worker").await,
    );
    behind.pull().await;
    append(10).await;
    ahead.pull().await;

    // The last ten are gone, and others are written in their place.
    cut(&app, north, 10).await;
    append(12).await;

    let answer = ahead.sync(&[]).await;
    let rewound = answer.rewound.expect("it says so");
    assert_eq!(rewound.len(), 1);
    // Checkpoints at distances 1, 2, 4, 8, 16: the newest that is not beyond the cut is 16 back.
    let newest = position(&ahead.cursor, north);
    assert_eq!(
        (rewound[0].service, rewound[0].to),
        (north, newest - 2 - 16)
    );
    assert!(
        behind.sync(&[]).await.rewound.is_none(),
        "who was not beyond the cut notices nothing"
    );
}

/// Takes the last `count` entries of a chain away, as a restore does.
async fn cut(app: &TestApp, service: ServiceId, count: i64) {
    let database = writable(app).await;
    let service = service.uuid().as_bytes().to_vec();
    sqlx::query("DELETE FROM entries WHERE service = ?1 AND seq > (SELECT max(seq) - ?2 FROM entries WHERE service = ?1)")
        .bind(&service)
        .bind(count)
        .execute(&database)
        .await
        .expect("cut");
    sqlx::query(
        "UPDATE chains SET (seq, link) = (SELECT seq, link FROM entries WHERE service = chains.service ORDER BY seq DESC LIMIT 1)
         WHERE service = ?",
    )
    .bind(&service)
    .execute(&database)
    .await
    .expect("cut");
}

#[tokio::test]
async fn a_restore_that_takes_a_change_of_roles_back_is_said() {
    let app = app().await;
    let north = app.service("NORTH");
    let mut lead = Phone::sign_in(&app, "lead").await;
    app.append(vec![server_entry(north, note_body())]).await;
    app.give("NORTH", "lead", &[Role::SupportWorker]).await;
    lead.pull().await;
    app.append(vec![server_entry(north, note_body())]).await;
    lead.pull().await;
    let stood = position(&lead.cursor, north);

    cut(&app, north, 1).await;
    app.give("NORTH", "lead", &[Role::TeamLeader]).await;
    let answer = lead.sync(&[]).await;
    assert!(answer.rescope.expect("the roles differ").contains(&north));
    let rewound = answer.rewound.expect("the restore is said as well");
    assert_eq!((rewound[0].service, rewound[0].to), (north, stood - 1));
}

#[tokio::test]
async fn a_phone_that_drops_a_service_gets_back_what_it_has_just_offered() {
    let app = app().await;
    let north = app.service("NORTH");
    let (mut worker, mut lead) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "lead").await,
    );
    let note = worker.note(north);
    worker.sync(std::slice::from_ref(&note)).await;
    lead.pull().await;

    // The restored server has neither the note nor the roles; the phone gives the note back.
    cut(&app, north, 1).await;
    app.give("NORTH", "lead", &[Role::TeamLeader, Role::ShiftLead])
        .await;
    let answer = lead.sync(std::slice::from_ref(&note)).await;
    assert_eq!(words(&answer), ["filed 0"]);
    assert!(answer.rescope.expect("the roles differ").contains(&north));
    lead.pull().await;
    let pages = lead.pages.values();
    let times = pages.filter(|entry| entry.id == note.head.id).count();
    assert_eq!(times, 1);
}

#[tokio::test]
async fn a_restore_that_a_phone_noticed_is_in_the_log_once_without_a_name() {
    let log = Log::default();
    let written = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || written.clone());
    let _here = tracing::subscriber::set_default(subscriber.json().finish());
    let app = app().await;
    let north = app.service("NORTH");
    let mut worker = Phone::sign_in(&app, "worker").await;
    let note = worker.note(north);
    worker.sync(&[note]).await;
    worker.pull().await;
    let warnings = || {
        let text = String::from_utf8(log.0.lock().expect("whole").clone()).expect("UTF-8");
        let lines = text.lines().filter(|line| line.contains("WARN"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(warnings().len(), 0);

    cut(&app, north, 1).await;
    assert!(worker.sync(&[]).await.rewound.is_some());
    worker.sync(&[]).await;
    let warnings = warnings();
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("was the database restored?"));
    for personal in [
        "worker",
        &worker.user.to_string(),
        &worker.device.to_string(),
    ] {
        assert!(!warnings[0].contains(personal), "{}", warnings[0]);
    }
}

/// What was written to the server's log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("whole").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_restore_is_said_of_a_chain_that_the_phone_has_not_pulled_yet() {
    let app = app().await;
    app.add_service("SOUTH").await;
    app.give("SOUTH", "worker", &[Role::SupportWorker]).await;
    let services = [app.service("NORTH"), app.service("SOUTH")];
    let mut worker = Phone::sign_in(&app, "worker").await;
    let notes = services.map(|service| worker.note(service));
    worker.sync(&notes).await;
    // A page is of one service: of one of these two the phone has nothing yet but what it sent.
    let unread = services
        .into_iter()
        .find(|service| position(&worker.cursor, *service) == 0)
        .expect("one is still to come");

    cut(&app, unread, 1).await;
    let rewound = worker.sync(&[]).await.rewound.expect("it says so");
    assert!(rewound.iter().any(|it| it.service == unread));
    assert!(worker.sync(&[]).await.rewound.is_none(), "once");
}

fn position(cursor: &Option<String>, service: ServiceId) -> u64 {
    let cursor = cursor
        .as_deref()
        .and_then(Cursor::decode)
        .expect("a cursor");
    cursor
        .services
        .iter()
        .find(|position| position.service == service)
        .expect("the service")
        .seq
}

#[tokio::test]
async fn another_log_id_says_rewound_for_every_service() {
    let app = app().await;
    let mut lead = Phone::sign_in(&app, "lead").await;
    lead.pull().await;
    let cursor = lead
        .cursor
        .as_deref()
        .and_then(Cursor::decode)
        .expect("a cursor");
    let old = Cursor {
        log: uuid::Uuid::from_u128(1).into(),
        ..cursor
    };
    lead.cursor = Some(old.encode());
    let rewound = lead.sync(&[]).await.rewound.expect("it says so");
    for service in &rewound {
        let known = old
            .services
            .iter()
            .find(|position| position.service == service.service)
            .expect("known");
        assert_eq!(
            known.seq, service.to,
            "nothing is lost, and it is said all the same"
        );
    }
    assert!(lead.sync(&[]).await.rewound.is_none(), "once");
}

#[tokio::test]
async fn what_a_sync_cannot_be_is_a_problem() {
    let app = app().await;
    let phone = Phone::sign_in(&app, "worker").await;
    let sync = || phone.with_session("POST", "/api/v1/sync");
    let other_device = json!({
        "v": 1, "device": uuid::Uuid::from_u128(9), "sent_at": 0, "app": "1", "cursor": null,
        "waiting": {"count": 0, "oldest": null, "n": {}}, "entries": [],
    });
    let mut many = other_device.clone();
    many["device"] = json!(phone.device);
    many["entries"] = json!(vec![json!({}); 501]);
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut request = many.clone();
        request["entries"] = json!([]);
        change(&mut request);
        sync().json(&request)
    };
    let beyond = MAX_INTEGER + 1;
    let cases = [
        ("another device", sync().json(&other_device)),
        (
            "sent before time",
            with(&|it| it["sent_at"] = json!(i64::MIN)),
        ),
        ("sent after time", with(&|it| it["sent_at"] = json!(beyond))),
        (
            "count",
            with(&|it| it["waiting"]["count"] = json!(u64::MAX)),
        ),
        (
            "oldest",
            with(&|it| it["waiting"]["oldest"] = json!(-beyond)),
        ),
        (
            "highest",
            with(&|it| it["waiting"]["n"] = json!({(phone.key.id().to_string()): beyond})),
        ),
        (
            "place",
            with(&|it| it["from"] = json!([{"service": app.service("NORTH"), "to": beyond}])),
        ),
        ("501 entries", sync().json(&many)),
        ("not JSON", sync().body("application/json", b"{".to_vec())),
        ("HTML", sync().body("text/html", b"<p>".to_vec())),
        (
            "too large",
            sync().body("application/json", vec![b' '; 1024 * 1024 + 1]),
        ),
        (
            "signed out",
            Request::new("POST", "/api/v1/sync").json(&other_device),
        ),
        ("nothing there", Request::new("GET", "/api/v1/nothing")),
        ("nothing at all", Request::new("GET", "/api")),
        (
            "nothing for a page",
            Request::new("GET", "/api/").header("accept", "text/html"),
        ),
        ("wrong method", phone.with_session("PUT", "/api/v1/sync")),
        (
            "another site",
            sync()
                .header("sec-fetch-site", "cross-site")
                .json(&other_device),
        ),
    ];
    let mut seen = Vec::new();
    for (what, request) in cases {
        let response = app.send(request).await;
        assert_eq!(response.header("cache-control"), Some("no-store"), "{what}");
        seen.push(format!(
            "{what}: {} {}",
            response.status,
            response.problem()
        ));
    }
    insta::assert_snapshot!(seen.join("\n"), @r"
    another device: 400 bad-request
    sent before time: 400 bad-request
    sent after time: 400 bad-request
    count: 400 bad-request
    oldest: 400 bad-request
    highest: 400 bad-request
    place: 400 bad-request
    501 entries: 400 bad-request
    not JSON: 400 bad-request
    HTML: 415 media-type
    too large: 413 too-large
    signed out: 401 signed-out
    nothing there: 404 not-found
    nothing at all: 404 not-found
    nothing for a page: 404 not-found
    wrong method: 405 method
    another site: 403 other-origin
    ");
}

#[tokio::test]
async fn what_a_phone_still_holds_is_kept_for_who_owes_what() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    phone.note(app.service("NORTH"));
    let body = json!({
        "v": 1, "device": phone.device, "sent_at": clock::now(), "app": "1.0.0", "cursor": null,
        "waiting": {"count": 3, "oldest": 1_767_225_600_000_i64, "n": {(phone.key.id().to_string()): 14}}, "entries": [],
    });
    app.send(phone.with_session("POST", "/api/v1/sync").json(&body))
        .await;
    let (waiting, oldest, highest): (i64, i64, i64) = sqlx::query_as(
        "SELECT waiting, waiting_oldest, highest FROM devices JOIN keys USING (device)",
    )
    .fetch_one(app.store.readers())
    .await
    .expect("a row");
    assert_eq!((waiting, oldest, highest), (3, 1_767_225_600_000, 14));
}

#[tokio::test(flavor = "multi_thread")]
async fn live_tells_those_who_may_see_and_ends_with_the_server() {
    let app = app().await;
    app.give("SOUTH", "far", &[Role::TeamLeader]).await;
    app.set_passwords().await;
    let (mut worker, lead, far) = (
        Phone::sign_in(&app, "worker").await,
        Phone::sign_in(&app, "lead").await,
        Phone::sign_in(&app, "far").await,
    );
    let mut for_lead = lead
        .with_session("GET", "/api/v1/live")
        .open(app.address)
        .await;
    let mut for_far = far
        .with_session("GET", "/api/v1/live")
        .open(app.address)
        .await;
    let head = read_until(&mut for_lead, "\r\n\r\n").await;
    assert!(
        head.contains("text/event-stream") && head.contains("no-store"),
        "{head}"
    );
    read_until(&mut for_far, "\r\n\r\n").await;

    let note = worker.note(app.service("NORTH"));
    worker.sync(&[note]).await;
    assert!(
        read_until(&mut for_lead, "data: pull")
            .await
            .contains("event: advanced\ndata: pull")
    );
    app.shut_down().await;
    let rest = read_until(&mut for_far, "never").await;
    assert!(
        !rest.contains("advanced"),
        "who may not see hears nothing: {rest}"
    );
}

#[tokio::test]
async fn the_mixed_answer_reads_as_the_protocol_writes_it() {
    let app = app().await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    phone.pull().await;
    let note = phone.note(app.service("NORTH"));
    let response = app
        .send(phone.sync_request(&[element(&note), json!({}), sealed(b'1')]))
        .await;
    assert_eq!(response.header("content-type"), Some("application/json"));
    let mut answer: serde_json::Value = response.json();
    for member in ["now", "receipt", "cursor", "log"] {
        answer[member] = json!("...");
    }
    answer["beacon"] = json!("...");
    answer["verdicts"][0]["id"] = json!("...");
    answer["verdicts"][0]["received"] = json!("...");
    insta::assert_json_snapshot!(answer, @r#"
    {
      "beacon": "...",
      "cursor": "...",
      "entries": [],
      "log": "...",
      "more": false,
      "now": "...",
      "receipt": "...",
      "v": 1,
      "verdicts": [
        {
          "carrier": null,
          "first_received": 0,
          "flags": 0,
          "id": "...",
          "received": "...",
          "seq": 4
        },
        {
          "id": null,
          "refused": {
            "code": "malformed",
            "reason": "The record came damaged. What is on the phone is kept and is sent again."
          }
        },
        {
          "id": null,
          "later": {
            "after": 3600,
            "code": "unknown-key"
          }
        }
      ]
    }
    "#);
    let _: SyncAnswer = serde_json::from_slice(&response.body).expect("as the phone reads it");
    assert_eq!(app.count(Kind::Note).await, 1);
    assert!(app.store.ready().await.is_ok());
}
