//! Requests to our own server: `fetch` with a time-out that covers the whole answer, its body
//! included.

use std::cell::Cell;
use std::rc::Rc;

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, RequestInit, Response};

use super::clock;

/// An answer, whatever its status.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub content_type: Option<String>,
    /// In seconds.
    pub retry_after: Option<u64>,
    pub body: String,
    /// In milliseconds.
    pub round_trip: i64,
}

/// Why there was no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    Network,
    TimedOut,
}

/// One request. `body` is JSON text; the session's cookie goes along.
///
/// # Errors
/// [`Silence`] where no whole answer came within `timeout_ms`.
pub async fn send(
    method: &str,
    path: &str,
    body: Option<&str>,
    authorization: Option<&str>,
    timeout_ms: u64,
) -> Result<Reply, Silence> {
    let timed_out = Rc::new(Cell::new(false));
    let controller = AbortController::new().map_err(|_| Silence::Network)?;
    let timer = {
        let (controller, timed_out) = (controller.clone(), Rc::clone(&timed_out));
        clock::after(timeout_ms, move || {
            timed_out.set(true);
            controller.abort();
        })
    };
    let began = clock::ticks();
    let reply = exchange(method, path, body, authorization, &controller).await;
    if let Some(timer) = timer {
        timer.clear();
    }
    match reply {
        Ok(mut reply) => {
            reply.round_trip = clock::ticks() - began;
            Ok(reply)
        }
        Err(_) if timed_out.get() => Err(Silence::TimedOut),
        Err(_) => Err(Silence::Network),
    }
}

async fn exchange(
    method: &str,
    path: &str,
    body: Option<&str>,
    authorization: Option<&str>,
    controller: &AbortController,
) -> Result<Reply, JsValue> {
    let headers = Headers::new()?;
    headers.set("Accept", "application/json")?;
    if body.is_some() {
        headers.set("Content-Type", "application/json")?;
    }
    if let Some(authorization) = authorization {
        headers.set("Authorization", authorization)?;
    }
    let init = RequestInit::new();
    init.set_method(method);
    init.set_headers(&headers);
    init.set_signal(Some(&controller.signal()));
    if let Some(body) = body {
        init.set_body(&JsValue::from_str(body));
    }
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    let response: Response = JsFuture::from(window.fetch_with_str_and_init(path, &init))
        .await?
        .dyn_into()?;
    let text = JsFuture::from(response.text()?).await?;
    let headers = response.headers();
    Ok(Reply {
        status: response.status(),
        content_type: headers.get("Content-Type")?,
        retry_after: headers
            .get("Retry-After")?
            .and_then(|value| seconds(&value)),
        body: text.as_string().unwrap_or_default(),
        round_trip: 0,
    })
}

/// `Retry-After` in either form: seconds, or a date.
fn seconds(value: &str) -> Option<u64> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(seconds);
    }
    let until = js_sys::Date::parse(value);
    until
        .is_finite()
        .then(|| ((until - js_sys::Date::now()).max(0.0) / 1_000.0).ceil() as u64)
}
