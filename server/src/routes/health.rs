//! `/healthz`: the process answers. `/readyz`: and its database does.

use axum::{Router, extract::State, http::StatusCode, routing::get};

use crate::app::App;

pub fn router() -> Router<App> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
}

async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.store.ready().await {
        Ok(()) => (StatusCode::OK, "ready\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the database does not answer, or nothing is written to it any more\n",
            )
        }
    }
}
