//! The site's headers, and health.

use crate::{http::Request, support::TestApp};

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
