//! Who is asking: the cookie, the session behind it, and the check that a page of our own sent the request.

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{FromRequestParts, Request, State},
    http::{HeaderMap, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::Response,
};
use axum_extra::extract::cookie::CookieJar;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use holdfast_domain::{
    encoding::{Digest, sha256},
    keys::{DeviceToken, RootSecret},
};

use crate::{app::App, clock, problem::Problem, store::Session};

/// The store decides when a session ends, 30 days after its last use. The cookie lasts as long as browsers keep one, which
/// is 400 days (draft-ietf-httpbis-rfc6265bis, 5.5): set at sign-in alone, it would end a session that is in use.
const COOKIE_SECONDS: u32 = 400 * 24 * 60 * 60;

/// The origins that pages of this server have.
#[derive(Clone, Debug)]
pub struct Origins(Vec<String>);

impl Origins {
    /// Origins as the browser's `location.origin` writes them; a slash at the end is dropped.
    pub fn new(origins: impl IntoIterator<Item = String>) -> Self {
        Self(
            origins
                .into_iter()
                .map(|origin| origin.trim_end_matches('/').to_owned())
                .collect(),
        )
    }

    /// True if the origin is on the list.
    pub fn contains(&self, origin: &str) -> bool {
        self.0.iter().any(|known| known == origin)
    }

    /// All of them.
    pub fn all(&self) -> &[String] {
        &self.0
    }

    fn secure(&self) -> bool {
        self.0.iter().all(|origin| origin.starts_with("https://"))
    }
}

/// A fresh session token: what the cookie carries, and the digest that is kept.
pub fn new_token() -> (String, Digest) {
    let token = clock::random::<32>();
    (URL_SAFE_NO_PAD.encode(token), sha256(&[&token]))
}

fn cookie_name(origins: &Origins) -> &'static str {
    // Browsers take the prefix only with Secure, and Secure only over https.
    if origins.secure() {
        "__Host-holdfast"
    } else {
        "holdfast"
    }
}

/// The `Set-Cookie` of a session; without a token, one that ends it.
pub fn set_cookie(origins: &Origins, token: Option<&str>) -> HeaderValue {
    let name = cookie_name(origins);
    let secure = if origins.secure() { "; Secure" } else { "" };
    let (token, seconds) = match token {
        Some(token) => (token, COOKIE_SECONDS),
        None => ("", 0),
    };
    HeaderValue::try_from(format!(
        "{name}={token}; Path=/; HttpOnly; SameSite=Strict{secure}; Max-Age={seconds}"
    ))
    .expect("base64url and fixed words are header characters")
}

fn token_digest(app: &App, headers: &HeaderMap) -> Option<Digest> {
    let jar = CookieJar::from_headers(headers);
    let token = URL_SAFE_NO_PAD
        .decode(jar.get(cookie_name(&app.origins))?.value())
        .ok()?;
    (token.len() == 32).then(|| sha256(&[&token]))
}

impl FromRequestParts<App> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let token = token_digest(app, &parts.headers).ok_or_else(Problem::signed_out)?;
        app.store
            .session(token, clock::now())
            .await?
            .ok_or_else(Problem::signed_out)
    }
}

/// The device whose token the request carries, if it is by this provider's root.
pub fn device_token(root: &RootSecret, headers: &HeaderMap) -> Option<DeviceToken> {
    let value = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Holdfast ")?;
    let token: DeviceToken = value.trim().parse().ok()?;
    // Compared by digest, so that the time taken tells nothing about the code.
    let (right, given) = (root.token(token.device), token.mac);
    (sha256(&[&right.0]) == sha256(&[&given.0])).then_some(token)
}

/// Where the request comes from: the peer, or what a proxy on this machine says it is.
pub fn address(peer: SocketAddr, headers: &HeaderMap) -> IpAddr {
    let peer = peer.ip();
    if !peer.is_loopback() {
        return peer;
    }
    headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .last()
        .and_then(|last| last.trim().parse().ok())
        .unwrap_or(peer)
}

/// Refuses what changes anything when a browser says that another site's page sent it.
pub async fn own_pages_only(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let safe = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if !safe {
        let headers = request.headers();
        let foreign_origin = headers.get(header::ORIGIN).is_some_and(|origin| {
            !origin
                .to_str()
                .is_ok_and(|origin| app.origins.contains(origin))
        });
        let foreign_site = headers
            .get("sec-fetch-site")
            .is_some_and(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"));
        if foreign_origin || foreign_site {
            return Err(Problem::other_origin());
        }
    }
    Ok(next.run(request).await)
}

/// Nothing under `/api` is kept by a browser or a proxy.
pub async fn not_stored(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
