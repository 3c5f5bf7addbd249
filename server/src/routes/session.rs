//! `session`: sign in and enrol the author's key, say who is signed in, sign out.

use std::net::SocketAddr;

use axum::{
    Json,
    extract::{ConnectInfo, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use holdfast_domain::{
    encoding::{PublicKey, Signature},
    ids::{DeviceId, UserId},
    keys::{Certificate, DeviceToken, enrol_message, verify_strict},
    wire::{DeviceInfo, KeyAnswer, KeyRequest, SessionAnswer, SessionRequest},
};

use super::api::Read;
use crate::{
    app::App,
    clock,
    openapi::{AnyTime, ByOthers, TakesJson},
    problem::Problem,
    session::{address, device_token, new_token, set_cookie},
    store::{Enrolled, NewDevice, NewSession, Session},
};

/// A device's name is at most so many characters.
const DEVICE_NAME: usize = 100;
/// What a device can be.
const DEVICE_KINDS: [&str; 3] = ["phone", "tablet", "laptop"];

/// Signs in; with `author_key` and `proof` enrols the key that this user writes with on this device.
#[utoipa::path(
    post, path = "/v1/session", tag = "session",
    request_body(content = crate::openapi::SessionRequest, content_type = "application/json"),
    responses(
        (status = 200, description = "Signed in; the cookie carries the session", body = crate::openapi::SessionAnswer),
        (status = 400, description = "Not such a request, or the proof does not hold", content_type = "application/problem+json", body = Problem),
        (status = 401, description = "Username or password is not right", content_type = "application/problem+json", body = Problem),
        (status = 403, description = "No role in any service, or another site's page", content_type = "application/problem+json", body = Problem),
        (status = 409, description = "The device id or the key is another's", content_type = "application/problem+json", body = Problem),
        (status = 429, description = "Too many wrong tries", content_type = "application/problem+json", body = Problem,
            headers(("retry-after" = u64, description = "In how many seconds to try again"))),
        TakesJson, AnyTime,
    )
)]
pub async fn sign_in(
    State(app): State<App>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Read(request): Read<SessionRequest>,
) -> Result<Response, Problem> {
    device_can_be(&request.device)?;
    let (username, address) = (request.username.as_str(), address(peer, &headers));
    let may_try = || match app.tries.wait(username, address, clock::now()) {
        Some(after) => Err(Problem::too_many_tries(after)),
        None => Ok(()),
    };
    may_try()?;
    let user = app.store.user_by_name(username).await?;
    let hash = user.as_ref().and_then(|user| user.password.clone());
    let turn = app.passwords.turn().await;
    // Others may have been wrong while this one waited.
    may_try()?;
    let right = turn.check(request.password, hash).await;
    let Some(user) = user.filter(|_| right) else {
        app.tries.wrong(username, address, clock::now());
        return Err(Problem::wrong_password());
    };
    drop(turn);
    app.tries.right(username);
    if app.store.scope(user.user).await?.is_empty() {
        return Err(Problem::no_role());
    }
    let device = request.device.id;
    if let Some(public) = &request.author_key {
        proof_holds(
            &app,
            &headers,
            username,
            device,
            public,
            request.proof.as_ref(),
        )?;
    }
    let (token, kept) = new_token();
    let session = NewSession {
        token: kept,
        user: user.user,
        device: NewDevice {
            id: device,
            name: request.device.name.chars().take(DEVICE_NAME).collect(),
            kind: request.device.kind,
            known_by_token: device_token(&app.root, &headers)
                .is_some_and(|token| token.device == device),
        },
        author_key: request.author_key,
    };
    let certificate = enrolled(app.store.start_session(session).await?)?;
    let answer = answer(
        &app,
        user.user,
        user.username,
        user.display_name,
        device,
        certificate,
    )
    .await?;
    Ok((
        [(header::SET_COOKIE, set_cookie(&app.origins, Some(&token)))],
        Json(answer),
    )
        .into_response())
}

/// Zero stands for the server itself wherever an entry names a device.
fn device_can_be(device: &DeviceInfo) -> Result<(), Problem> {
    if device.id == DeviceId::nil() {
        return Err(Problem::bad_request(
            "The device's id is zero. Take a random one.",
        ));
    }
    if !DEVICE_KINDS.contains(&device.kind.as_str()) {
        return Err(Problem::bad_request(
            "The device's kind is none of phone, tablet and laptop.",
        ));
    }
    Ok(())
}

/// Says who is signed in, with the roles and keys as they are now.
#[utoipa::path(
    get, path = "/v1/session", tag = "session",
    responses(
        (status = 200, description = "The session", body = crate::openapi::SessionAnswer),
        (status = 401, description = "Not signed in", content_type = "application/problem+json", body = Problem),
        AnyTime,
    )
)]
pub async fn who(State(app): State<App>, session: Session) -> Result<Json<SessionAnswer>, Problem> {
    Ok(Json(
        answer(
            &app,
            session.user,
            session.username,
            session.display_name,
            session.device,
            None,
        )
        .await?,
    ))
}

/// Signs out. What waits on the phone stays there.
#[utoipa::path(
    delete, path = "/v1/session", tag = "session",
    responses(
        (status = 204, description = "Signed out"),
        (status = 401, description = "Not signed in", content_type = "application/problem+json", body = Problem),
        ByOthers, AnyTime,
    )
)]
pub async fn sign_out(State(app): State<App>, session: Session) -> Result<Response, Problem> {
    app.store.end_session(session.token).await?;
    Ok((
        StatusCode::NO_CONTENT,
        [(header::SET_COOKIE, set_cookie(&app.origins, None))],
    )
        .into_response())
}

/// Enrols a key where the vault was opened only after sign-in.
#[utoipa::path(
    post, path = "/v1/session/key", tag = "session",
    request_body(content = crate::openapi::KeyRequest, content_type = "application/json"),
    responses(
        (status = 200, description = "The key's first certificate", body = crate::openapi::KeyAnswer),
        (status = 400, description = "Not such a request, or the proof does not hold", content_type = "application/problem+json", body = Problem),
        (status = 401, description = "Not signed in", content_type = "application/problem+json", body = Problem),
        (status = 409, description = "The key is another's", content_type = "application/problem+json", body = Problem),
        ByOthers, TakesJson, AnyTime,
    )
)]
pub async fn enrol(
    State(app): State<App>,
    session: Session,
    headers: HeaderMap,
    Read(request): Read<KeyRequest>,
) -> Result<Json<KeyAnswer>, Problem> {
    proof_holds(
        &app,
        &headers,
        &session.username,
        session.device,
        &request.author_key,
        Some(&request.proof),
    )?;
    let certificate = enrolled(
        app.store
            .enrol(session.user, session.device, request.author_key)
            .await?,
    )?;
    Ok(Json(KeyAnswer {
        certificate: certificate.ok_or_else(Problem::internal)?,
    }))
}

/// The phone holds the key it asks to enrol, and asks from a page of ours. Without an `Origin` (no browser) any
/// of ours may have been signed.
fn proof_holds(
    app: &App,
    headers: &HeaderMap,
    username: &str,
    device: DeviceId,
    public: &PublicKey,
    proof: Option<&Signature>,
) -> Result<(), Problem> {
    let proof = proof.ok_or_else(Problem::proof)?;
    let asked = headers
        .get(header::ORIGIN)
        .and_then(|origin| origin.to_str().ok());
    let holds = app
        .origins
        .all()
        .iter()
        .filter(|origin| asked.is_none_or(|asked| asked == origin.as_str()))
        .any(|origin| {
            verify_strict(
                public,
                &enrol_message(origin, username, device, public),
                proof,
            )
        });
    if holds { Ok(()) } else { Err(Problem::proof()) }
}

fn enrolled(enrolled: Enrolled) -> Result<Option<Certificate>, Problem> {
    match enrolled {
        Enrolled::Done(certificate) => Ok(certificate),
        Enrolled::DeviceTaken => Err(Problem::device_taken()),
        Enrolled::KeyTaken => Err(Problem::key_taken()),
    }
}

async fn answer(
    app: &App,
    user: UserId,
    username: String,
    display_name: String,
    device: DeviceId,
    certificate: Option<Certificate>,
) -> Result<SessionAnswer, Problem> {
    let now = clock::now();
    let provider = app.store.provider();
    Ok(SessionAnswer {
        v: 1,
        provider: provider.id,
        user,
        username,
        display_name,
        scope: app.store.scope(user).await?,
        certificate,
        token: DeviceToken {
            device,
            mac: app.root.token(device),
        }
        .to_string(),
        root: app.root.root_public(),
        server_author: app.root.author().public(),
        keys: app.store.keys(),
        beacon: app.root.beacon(device, now),
        log: provider.log,
        now,
        r: None,
    })
}
