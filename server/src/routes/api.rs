//! `/api`: the routes with their OpenAPI document, and the way a JSON body is read.

use axum::{
    Json, Router,
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::header,
    response::IntoResponse,
    routing::get,
};
use serde::de::DeserializeOwned;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{live, session, sync};
use crate::{app::App, problem::Problem};

#[derive(utoipa::OpenApi)]
#[openapi(info(
    title = "Holdfast",
    description = "Records while the care record is away: sign-in, sync and the live signal. \
        A member that is not named here is passed over, in requests as in answers. Ids are hyphenated and in lower case, \
        integers lie within 2^53 - 1 of zero, bytes are base64url without padding.",
    license(name = "MIT OR Apache-2.0")
))]
struct Document;

/// The routes below `/api` and what describes them.
pub fn router() -> (Router<App>, OpenApi) {
    let described = OpenApiRouter::with_openapi(<Document as utoipa::OpenApi>::openapi())
        .routes(routes!(session::sign_in, session::who, session::sign_out))
        .routes(routes!(session::enrol))
        .routes(routes!(sync::sync))
        .routes(routes!(live::live));
    let (router, mut document) = described.split_for_parts();
    let paths = std::mem::take(&mut document.paths.paths);
    document.paths.paths = paths
        .into_iter()
        .map(|(path, item)| (format!("/api{path}"), item))
        .collect();
    (router, document)
}

/// `/api/openapi.json`.
pub fn document(document: OpenApi) -> Router<App> {
    Router::new().route(
        "/openapi.json",
        get(move || async move { Json(document).into_response() }),
    )
}

/// A JSON request body, or the problem with it.
pub struct Read<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Read<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').next())
            .is_some_and(|value| value.trim().eq_ignore_ascii_case("application/json"));
        if !json {
            return Err(Problem::media_type());
        }
        let bytes =
            Bytes::from_request(request, app)
                .await
                .map_err(|rejection| match rejection {
                    BytesRejection::FailedToBufferBody(inner) if inner.status() == 413 => {
                        Problem::too_large()
                    }
                    _ => Problem::bad_request("The request's body did not come whole."),
                })?;
        serde_json::from_slice(&bytes).map(Read).map_err(|error| {
            Problem::bad_request(format!("The request's JSON is not as it must be: {error}."))
        })
    }
}
