//! The site's headers, health, and the interface's own description.

use holdfast_domain::{keys::AuthorKey, permission::Role};
use holdfast_server::{clock, openapi};

use crate::{
    http::Request,
    phone::{Phone, device_id, element, sign_in_request},
    support::{PASSWORD, TestApp},
};

#[tokio::test]
async fn health_and_readiness_answer() {
    let app = TestApp::empty().await;
    assert_eq!(app.get("/healthz").await.status, 200);
    assert_eq!(app.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_keep_pages_safe() {
    let app = TestApp::empty().await;
    for path in ["/", "/healthz", "/api/v1/session", "/nothing.js"] {
        let response = app.get(path).await;
        let policy = response
            .header("content-security-policy")
            .expect("a policy");
        assert!(
            policy.contains("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"),
            "{policy}"
        );
        assert!(
            policy.ends_with("require-trusted-types-for 'script'; trusted-types default"),
            "{policy}"
        );
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(response.header("referrer-policy"), Some("no-referrer"));
        assert_eq!(
            response.header("cross-origin-opener-policy"),
            Some("same-origin")
        );
        assert!(response.header("x-request-id").is_some());
    }
}

#[tokio::test]
async fn an_unknown_address_is_the_apps_to_route_only_for_a_browser_that_navigates() {
    let app = TestApp::empty().await;
    assert_eq!(
        app.get("/records/7").await.status,
        404,
        "not asked for as a page"
    );
    assert_eq!(
        app.send(Request::new("GET", "/api/records/7").header("accept", "text/html"))
            .await
            .problem(),
        "not-found"
    );
    assert_eq!(app.send(Request::new("POST", "/records")).await.status, 405);
}

#[tokio::test]
async fn the_interface_describes_itself() {
    let app = TestApp::with(&[("worker", &[Role::SupportWorker])]).await;
    let document: serde_json::Value = app.get("/api/openapi.json").await.json();
    let paths = document["paths"].as_object().expect("paths");
    let listed: Vec<String> = paths
        .iter()
        .map(|(path, item)| {
            let methods: Vec<&str> = item
                .as_object()
                .expect("methods")
                .keys()
                .map(String::as_str)
                .collect();
            format!("{path} {}", methods.join(" "))
        })
        .collect();
    insta::assert_snapshot!(listed.join("\n"), @r#"
    /api/v1/live get
    /api/v1/session delete get post
    /api/v1/session/key post
    /api/v1/sync post
    "#);
}

/// The document's types are read by nobody else, so real traffic must fit them to the last member.
#[tokio::test]
async fn what_is_said_is_what_the_description_says() {
    let app = TestApp::with(&[("worker", &[Role::SupportWorker])]).await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let key = AuthorKey::from_seed(clock::random());
    let signed_in = sign_in_request(&app.origin(), "worker", PASSWORD, device_id(), &key);
    assert_fits::<openapi::SessionRequest>(signed_in.body_bytes());
    assert_fits::<openapi::SessionAnswer>(&app.send(signed_in).await.body);
    let note = phone.note(app.service("NORTH"));
    let sync = phone.sync_request(&[
        element(&note),
        serde_json::json!({}),
        serde_json::json!({"sealed": "AA"}),
    ]);
    assert_fits::<openapi::SyncRequest>(sync.body_bytes());
    assert_fits::<openapi::Entry>(element(&note).to_string().as_bytes());
    assert_fits::<openapi::SyncAnswer>(&app.send(sync).await.body);
}

fn assert_fits<T: serde::Serialize + serde::de::DeserializeOwned>(json: &[u8]) {
    let said: serde_json::Value = serde_json::from_slice(json).expect("JSON");
    let described: T =
        serde_json::from_slice(json).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert_eq!(
        without_nulls(serde_json::to_value(described).expect("JSON")),
        without_nulls(said)
    );
}

fn without_nulls(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        serde_json::Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
