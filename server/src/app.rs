//! What every route shares, and the router that puts them together.

use std::{ops::Deref, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{DefaultBodyLimit, MatchedPath, State},
    http::{HeaderName, Request},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::any,
};
use holdfast_domain::{keys::RootSecret, wire::MAX_REQUEST};
use tower_http::{
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    trace::TraceLayer,
};
use tracing::Span;

use crate::{
    live::Live,
    passwords::Passwords,
    problem::Problem,
    routes::{api, assets, health},
    session::{self, Origins},
    store::Store,
    tries::Tries,
};

const REQUEST_ID: &str = "x-request-id";
/// A request is answered within so long, or not at all.
const PATIENCE: Duration = Duration::from_secs(60);

/// The state of the server. Clones share it.
#[derive(Clone)]
pub struct App(Arc<Parts>);

/// What `App` points to.
pub struct Parts {
    pub store: Arc<dyn Store>,
    pub root: RootSecret,
    pub origins: Origins,
    pub passwords: Passwords,
    pub tries: Tries,
    pub live: Live,
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl App {
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Everything the server answers.
    pub fn router(self) -> Router {
        let request_id = HeaderName::from_static(REQUEST_ID);
        let (api, openapi) = api::router();
        let api = api
            .merge(api::document(openapi))
            .fallback(|| async { Problem::not_found() })
            .method_not_allowed_fallback(|| async { Problem::method() })
            .layer(middleware::from_fn_with_state(
                self.clone(),
                session::own_pages_only,
            ))
            .layer(middleware::from_fn(session::not_stored))
            .layer(DefaultBodyLimit::max(MAX_REQUEST));
        // What is nested has no root of its own that ends with a slash.
        let root = Router::new()
            .route("/api/", any(|| async { Problem::not_found() }))
            .layer(middleware::from_fn(session::not_stored));
        Router::new()
            .nest("/api", api)
            .merge(root)
            .merge(health::router())
            .fallback(assets::serve)
            .layer(middleware::from_fn_with_state(PATIENCE, in_time))
            .layer(middleware::from_fn(assets::guard))
            .layer(PropagateRequestIdLayer::new(request_id.clone()))
            .layer(
                TraceLayer::new_for_http()
                    .make_span_with(span)
                    .on_request(())
                    .on_response(answered),
            )
            .layer(SetRequestIdLayer::new(request_id, MakeRequestUuid))
            .with_state(self)
    }
}

/// Answers that the server could not do it now where it took longer. A signal that stays open has been answered.
async fn in_time(State(patience): State<Duration>, request: Request<Body>, next: Next) -> Response {
    match tokio::time::timeout(patience, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Problem::unavailable().into_response(),
    }
}

/// What the log says of a request: no names, no addresses, no query.
fn span(request: &Request<Body>) -> Span {
    let id = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .unwrap_or_default();
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("app", MatchedPath::as_str);
    tracing::info_span!("request", method = %request.method(), route, id)
}

fn answered(response: &Response, took: Duration, _: &Span) {
    tracing::info!(
        status = response.status().as_u16(),
        took_us = took.as_micros(),
        "answered"
    );
}

#[cfg(test)]
mod tests {
    use axum::{http::header, routing::get};
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn what_takes_too_long_is_a_problem_like_any_other() {
        let never = get(std::future::pending::<()>);
        let router: Router = Router::new()
            .route("/", never)
            .layer(middleware::from_fn_with_state(
                Duration::from_millis(1),
                in_time,
            ));
        let request = Request::new(Body::empty());
        let answer = router.oneshot(request).await.expect("answered");
        assert_eq!(answer.status(), 503);
        let headers = answer.headers();
        assert_eq!(headers[header::CONTENT_TYPE], "application/problem+json");
        assert_eq!(headers[header::RETRY_AFTER], "5");
    }
}
