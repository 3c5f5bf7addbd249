//! Every answer of `/api` that is not a success is one `Problem`: an RFC 9457 document with a stable
//! `type`, and a `detail` that says what happened, what is safe and what to do.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::store::StoreError;

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:holdfast:problem:` and a stable word.
    #[serde(rename = "type")]
    kind: String,
    title: String,
    status: u16,
    detail: String,
    #[serde(skip)]
    retry_after: Option<u64>,
}

impl Problem {
    fn new(status: StatusCode, kind: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: format!("urn:holdfast:problem:{kind}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            retry_after: None,
        }
    }

    /// The request is not what this address takes.
    pub fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-request",
            "The request cannot be read",
            detail,
        )
    }

    /// No session, or one that has ended.
    pub fn signed_out() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "signed-out",
            "Not signed in",
            "There is no session for this request. Records on the phone are kept. Sign in again.",
        )
    }

    /// Username and password do not go together, or there is no such user: one answer for both.
    pub fn wrong_password() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "wrong-password",
            "Username or password is not right",
            "Check both and try again. Records on the phone are kept.",
        )
    }

    /// The person has no role in any service now.
    pub fn no_role() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "no-role",
            "No role in any service",
            "This account has no role in a service now. Records on the phone are kept. Ask your manager.",
        )
    }

    /// A request that another site's page made.
    pub fn other_origin() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "other-origin",
            "The request came from another site",
            "Only pages of this Holdfast may change anything. Open Holdfast at its own address.",
        )
    }

    /// A page the origin list does not name asked for a key to be enrolled, or the proof does not hold.
    pub fn proof() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "proof",
            "The proof of the author key does not hold",
            "The signature over origin, username, device and key is not by that key. Sign in again.",
        )
    }

    /// The device id belongs to another device.
    pub fn device_taken() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "device-taken",
            "This device id is enrolled already",
            "Send the device's token with it, or take a new device id.",
        )
    }

    /// The author key belongs to another user or device.
    pub fn key_taken() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "key-taken",
            "This author key is another's",
            "Make a new key for this user on this device.",
        )
    }

    /// Too many wrong passwords. `after` in seconds.
    pub fn too_many_tries(after: u64) -> Self {
        Self {
            retry_after: Some(after),
            ..Self::new(
                StatusCode::TOO_MANY_REQUESTS,
                "too-many-tries",
                "Too many tries",
                format!("Wait {after} seconds, then try again. Records on the phone are kept."),
            )
        }
    }

    /// Nothing at this address.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not-found",
            "Nothing here",
            "No resource has this address.",
        )
    }

    /// The address is there, the method is not.
    pub fn method() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method",
            "Not this method",
            "This address does not take this method.",
        )
    }

    /// More than a request may carry.
    pub fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too-large",
            "The request is too large",
            "A request carries at most 1 MiB. Send fewer entries at a time.",
        )
    }

    /// Not the content type that this address takes.
    pub fn media_type() -> Self {
        Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "media-type",
            "Not this content type",
            "This address takes application/json.",
        )
    }

    /// The server could not do it now; nothing was acknowledged, though it may have been taken.
    pub fn unavailable() -> Self {
        Self {
            retry_after: Some(5),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "Not available now",
                "The server could not do this now. What is on the phone is kept. It will be tried again.",
            )
        }
    }

    /// No room on the server's disk; nothing was acknowledged.
    pub fn no_room() -> Self {
        Self {
            retry_after: Some(60),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "no-room",
                "The server is full",
                "There is no room left on the server, so it took nothing. What is on the phone is kept and is sent again by itself. Tell your administrator.",
            )
        }
    }

    /// The server's disk failed; nothing was acknowledged.
    pub fn disk() -> Self {
        Self {
            retry_after: Some(60),
            ..Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "disk",
                "The server cannot store anything now",
                "The server's disk does not work as it must, so it took nothing. What is on the phone is kept and is sent again by itself. Tell your administrator.",
            )
        }
    }

    /// A fault of the server's own; nothing was acknowledged, though it may have been taken.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "A fault of the server",
            "What is on the phone is kept. It will be tried again.",
        )
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the store did not answer");
        match error {
            StoreError::Busy | StoreError::Stopped => Self::unavailable(),
            StoreError::NoRoom => Self::no_room(),
            StoreError::Disk => Self::disk(),
            _ => Self::internal(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(after) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(after));
        }
        response
    }
}
