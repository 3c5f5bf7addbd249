//! The app's files, embedded in the binary with their compressed forms, and the headers that keep pages safe.

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

/// What `cargo xtask build` leaves in `target/site`.
#[derive(RustEmbed)]
#[folder = "../target/site"]
#[allow_missing = true]
struct Site;

const CONTENT_SECURITY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types default";

/// Headers of every answer.
pub async fn guard(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Serves a file of the site; an unknown address that a browser navigates to is the app's own to route.
pub async fn serve(request: Request) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    let path = request.uri().path().trim_start_matches('/');
    let path = match path {
        "" => "index.html",
        // In the demo's site alone: elsewhere it is an address like any other that is not known.
        "styleguide" => "styleguide.html",
        path => path,
    };
    // The compressed forms have no address of their own.
    let named = !path.ends_with(".br") && !path.ends_with(".gz");
    if named && let Some(response) = file(path, request.headers()) {
        return response;
    }
    let navigates = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    match navigates.then(|| file("index.html", request.headers())) {
        Some(Some(response)) => response,
        Some(None) => (
            StatusCode::NOT_FOUND,
            "The app is not in this binary. Run `cargo xtask build`.\n",
        )
            .into_response(),
        None => (StatusCode::NOT_FOUND, "Nothing has this address.\n").into_response(),
    }
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let raw = Site::get(path)?;
    let (found, encoding) = best(path, raw, headers);
    let etag =
        HeaderValue::try_from(format!("\"{}\"", hex(&found.metadata.sha256_hash()[..16]))).ok()?;
    let mut response = if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| matches_etag(known, &etag))
    {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Body::from(found.data).into_response()
    };
    let answer = response.headers_mut();
    answer.insert(header::ETAG, etag);
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    answer.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(content_type(path)),
    );
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache(path)));
    if let Some(encoding) = encoding {
        answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    Some(response)
}

/// The smallest form that the browser takes.
fn best(
    path: &str,
    raw: EmbeddedFile,
    headers: &HeaderMap,
) -> (EmbeddedFile, Option<&'static str>) {
    let accepted = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let takes = |name: &str| {
        accepted.split(',').any(|part| {
            let (coding, weight) = part.split_once(';').unwrap_or((part, ""));
            coding.trim().eq_ignore_ascii_case(name)
                && !matches!(weight.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
    };
    for (encoding, ending) in [("br", "br"), ("gzip", "gz")] {
        if takes(encoding)
            && let Some(compressed) = Site::get(&format!("{path}.{ending}"))
        {
            return (compressed, Some(encoding));
        }
    }
    (raw, None)
}

fn matches_etag(known: &HeaderValue, etag: &HeaderValue) -> bool {
    let (Ok(known), Ok(etag)) = (known.to_str(), etag.to_str()) else {
        return false;
    };
    known
        .split(',')
        .any(|one| one.trim().trim_start_matches("W/") == etag || one.trim() == "*")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A file whose name carries its content's hash never changes; everything else is asked for each time.
fn cache(path: &str) -> &'static str {
    if is_hashed(path) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

/// `app_bg.0123456789abcdef.wasm`: a part of at least eight hexadecimal digits between two dots.
fn is_hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let parts: Vec<&str> = name.split('.').collect();
    let between = parts.get(1..parts.len() - 1).unwrap_or_default();
    between
        .iter()
        .any(|part| part.len() >= 8 && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_with_its_hash_is_kept_for_ever() {
        assert!(is_hashed("app_bg.0123456789abcdef.wasm"));
        assert!(is_hashed("style/style.89abcdef.css"));
        assert!(!is_hashed("index.html"));
        assert!(!is_hashed("sw.js"));
        assert!(!is_hashed("manifest.webmanifest"));
        assert!(!is_hashed("mark.decade.svg"));
    }
}
