//! `holdfast verify` finds what was changed behind the server's back, and names the first place.

use holdfast_domain::permission::Role;
use holdfast_server::{
    store::Store,
    verify::{ChainHead, Report, verify},
};

use crate::{batches::writable, phone::Phone, support::TestApp};

async fn verified(app: &TestApp, kept: &[ChainHead]) -> Report {
    verify(app.store.readers(), app.store.provider(), &app.root, kept)
        .await
        .expect("read")
}

/// Fifteen entries in NORTH, the last ten of them by a phone.
async fn app() -> TestApp {
    let app = TestApp::with(&[
        ("worker", &[Role::SupportWorker]),
        ("b", &[Role::SupportWorker]),
        ("c", &[Role::SupportWorker]),
        ("d", &[Role::SupportWorker]),
    ])
    .await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let notes: Vec<_> = (0..10).map(|_| phone.note(app.service("NORTH"))).collect();
    phone.sync(&notes).await;
    app
}

#[tokio::test]
async fn an_untouched_log_is_whole_and_a_kept_head_still_stands() {
    let app = app().await;
    let report = verified(&app, &[]).await;
    assert_eq!(report.faults, []);
    let mut phone = Phone::sign_in(&app, "worker").await;
    let note = phone.note(app.service("NORTH"));
    phone.sync(&[note]).await;
    assert_eq!(verified(&app, &report.heads).await.faults, []);
    let printed = report.heads[0].to_string();
    assert_eq!(printed.parse::<ChainHead>(), Ok(report.heads[0].clone()));
}

#[tokio::test]
async fn every_kind_of_tampering_is_found_at_its_first_place() {
    let changes = [
        (
            "body",
            "UPDATE entries SET body = replace(body, 'half', 'none') WHERE {at}",
        ),
        (
            "header",
            "UPDATE entries SET received = received + 1 WHERE {at}",
        ),
        ("flags", "UPDATE entries SET flags = 1 WHERE {at}"),
        (
            "carrier",
            "UPDATE entries SET carrier = zeroblob(16) WHERE {at}",
        ),
        (
            "signature",
            "UPDATE entries SET sig = zeroblob(64) WHERE {at}",
        ),
        (
            "author",
            "UPDATE entries SET author = zeroblob(16) WHERE {at}",
        ),
        ("link", "UPDATE entries SET link = zeroblob(32) WHERE {at}"),
        ("salt alone", "UPDATE entries SET salt = NULL WHERE {at}"),
        ("gone", "DELETE FROM entries WHERE {at}"),
        ("key", "UPDATE keys SET certificate = zeroblob(164)"),
        (
            "cut",
            "DELETE FROM entries WHERE service = (SELECT service FROM services WHERE code = 'NORTH') AND seq > 7",
        ),
    ];
    let mut found = Vec::new();
    for (what, sql) in changes {
        let app = app().await;
        let at = "service = (SELECT service FROM services WHERE code = 'NORTH') AND seq = 8";
        sqlx::query(sqlx::AssertSqlSafe(sql.replace("{at}", at)))
            .execute(&writable(&app).await)
            .await
            .expect("changed");
        let report = verified(&app, &[]).await;
        assert_eq!(report.faults.len(), 1, "{what}: {:?}", report.faults);
        assert_eq!(report.faults[0].service, app.service("NORTH"));
        found.push(format!(
            "{what}: {} {}",
            report.faults[0].seq, report.faults[0].what
        ));
    }
    insta::assert_snapshot!(found.join("\n"), @r#"
    body: 8 its body is not the one that was signed
    header: 8 its link is not that of header and digest
    flags: 8 its link is not that of header and digest
    carrier: 8 its carrier is zero in place of none
    signature: 8 its digest is not that of head and signature
    author: 8 its columns are not those of its head
    link: 8 its link is not that of header and digest
    salt alone: 8 its body or its salt is gone without the other
    gone: 8 missing
    key: 6 its key has no certificate by the root
    cut: 8 missing, and all after it
    "#);
}

#[tokio::test]
async fn a_chain_rewritten_whole_is_caught_by_a_kept_head() {
    let app = app().await;
    let kept = verified(&app, &[]).await.heads;
    // The operator cuts the tail and lets the head agree; alone, the chain looks whole.
    let database = writable(&app).await;
    let north = "service = (SELECT service FROM services WHERE code = 'NORTH')";
    for sql in [
        format!("DELETE FROM entries WHERE {north} AND seq > 10"),
        format!(
            "UPDATE chains SET (seq, link) = (SELECT seq, link FROM entries WHERE {north} AND seq = 10) WHERE {north}"
        ),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(sql))
            .execute(&database)
            .await
            .expect("changed");
    }
    assert_eq!(verified(&app, &[]).await.faults, []);
    assert_eq!(verified(&app, &kept).await.faults.len(), 1);
    let mut phone = Phone::sign_in(&app, "worker").await;
    let notes: Vec<_> = (0..10).map(|_| phone.note(app.service("NORTH"))).collect();
    phone.sync(&notes).await;
    let faults = verified(&app, &kept).await.faults;
    assert_eq!(faults.len(), 1);
    assert!(faults[0].what.contains("rewritten"), "{faults:?}");
}
