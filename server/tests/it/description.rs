//! The interface's own description, held to what the server really takes and answers.

use std::collections::BTreeSet;

use holdfast_domain::{
    keys::{AuthorKey, enrol_message},
    permission::Role,
    wire::{MAX_ENTRIES, SessionAnswer, SyncAnswer},
};
use holdfast_server::{clock, openapi};
use serde_json::{Value, json};

use crate::{
    batches::words,
    http::{Request, Response},
    phone::{Phone, cookie_of, device_id, element, sealed, sign_in_request},
    support::{PASSWORD, TestApp},
};

const SESSION: &str = "/api/v1/session";
const KEY: &str = "/api/v1/session/key";
const SYNC: &str = "/api/v1/sync";

async fn app() -> TestApp {
    TestApp::with(&[
        ("worker", &[Role::SupportWorker]),
        ("lead", &[Role::TeamLeader]),
        ("nobody", &[]),
    ])
    .await
}

/// The document that the server gives of itself.
struct Description(Value);

impl Description {
    async fn of(app: &TestApp) -> Self {
        Self(app.get("/api/openapi.json").await.json())
    }

    fn operation(&self, method: &str, path: &str) -> &Value {
        &self.0["paths"][path][method.to_lowercase()]
    }

    /// What a schema stands for, whatever it is named.
    fn resolved<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(name) => self
                .0
                .pointer(name.trim_start_matches('#'))
                .expect("a schema of this name"),
            None => schema,
        }
    }

    fn named(&self, name: &str) -> &Value {
        &self.0["components"]["schemas"][name]
    }

    /// Members that must be there.
    fn required(&self, schema: &Value) -> BTreeSet<String> {
        let required = self.resolved(schema)["required"].as_array();
        let names = required.into_iter().flatten();
        names
            .map(|name| name.as_str().expect("a name").to_owned())
            .collect()
    }

    fn may_be_null(&self, schema: &Value) -> bool {
        self.misfit(schema, &Value::Null).is_none()
    }

    /// Where a value is not as a schema says; none where it is. Knows what these schemas are made of.
    fn misfit(&self, schema: &Value, value: &Value) -> Option<String> {
        let schema = self.resolved(schema);
        if let Some(forms) = schema["oneOf"].as_array() {
            let fitting = forms
                .iter()
                .filter(|form| self.misfit(form, value).is_none());
            let count = fitting.count();
            return (count != 1).then(|| format!("{value} is {count} of the forms"));
        }
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "integer",
            Value::String(_) => "string",
            Value::Array(_) => "array",
            Value::Object(_) => "object",
        };
        let kinds = match &schema["type"] {
            Value::Array(kinds) => kinds.clone(),
            one => vec![one.clone()],
        };
        if !kinds.contains(&json!(kind)) {
            return Some(format!("{value} is none of {kinds:?}"));
        }
        if let Some(choices) = schema["enum"].as_array()
            && !choices.contains(value)
        {
            return Some(format!("{value} is none of {choices:?}"));
        }
        match value {
            Value::Array(items) => {
                let most = schema["maxItems"].as_u64().unwrap_or(u64::MAX);
                if items.len() as u64 > most {
                    return Some(format!("more than {most}"));
                }
                items
                    .iter()
                    .find_map(|it| self.misfit(&schema["items"], it))
            }
            Value::Object(members) => {
                let required = self.required(schema);
                if let Some(missing) = required.iter().find(|name| !members.contains_key(*name)) {
                    return Some(format!("{missing} is missing"));
                }
                members.iter().find_map(|(name, it)| {
                    let member = match &schema["properties"][name] {
                        Value::Null => &schema["additionalProperties"],
                        member => member,
                    };
                    match member {
                        Value::Null => Some(format!("{name} is not named")),
                        member => self.misfit(member, it).map(|why| format!("{name}: {why}")),
                    }
                })
            }
            _ => None,
        }
    }

    /// An answer is one that its address may give, and as it says.
    fn holds(&self, method: &str, path: &str, answer: &Response) {
        let status = answer.status.to_string();
        let described = &self.operation(method, path)["responses"][&status];
        assert!(described.is_object(), "{method} {path}: {status}");
        let Some(content) = described["content"].as_object() else {
            assert!(answer.body.is_empty());
            return;
        };
        let kind = answer.header("content-type").expect("a type");
        let schema = &content.get(kind).expect("the type that is named")["schema"];
        assert_eq!(self.misfit(schema, &answer.json()), None, "{method} {path}");
    }

    fn taken(&self, method: &str, path: &str) -> &Value {
        &self.operation(method, path)["requestBody"]["content"]["application/json"]["schema"]
    }
}

#[tokio::test]
async fn the_interface_describes_itself() {
    let app = TestApp::empty().await;
    let description = Description::of(&app).await;
    let mut listed = Vec::new();
    for (path, item) in description.0["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("methods") {
            let statuses = operation["responses"].as_object().expect("responses");
            let statuses: Vec<&str> = statuses.keys().map(String::as_str).collect();
            listed.push(format!("{path} {method}: {}", statuses.join(" ")));
        }
    }
    insta::assert_snapshot!(listed.join("\n"), @r#"
    /api/v1/live get: 200 401 500 503
    /api/v1/session delete: 204 401 403 500 503
    /api/v1/session get: 200 401 500 503
    /api/v1/session post: 200 400 401 403 409 413 415 429 500 503
    /api/v1/session/key post: 200 400 401 403 409 413 415 500 503
    /api/v1/sync post: 200 400 401 403 413 415 500 503
    "#);
}

/// The document's types are read by nobody else, so real traffic must fit them to the last member.
#[tokio::test]
async fn what_is_said_is_what_the_description_says() {
    let app = app().await;
    let description = Description::of(&app).await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let key = AuthorKey::from_seed(clock::random());
    let signed_in = sign_in_request(&app.origin(), "worker", PASSWORD, device_id(), &key);
    let said: Value = serde_json::from_slice(signed_in.body_bytes()).expect("JSON");
    let taken = description.taken("post", SESSION);
    assert_eq!(description.misfit(taken, &said), None);
    assert_fits::<openapi::SessionRequest>(signed_in.body_bytes());
    let answer = app.send(signed_in).await;
    description.holds("post", SESSION, &answer);
    assert_fits::<openapi::SessionAnswer>(&answer.body);

    let note = phone.note(app.service("NORTH"));
    let newer = json!({"head": "SEZFMgAA"});
    let understood = [element(&note), newer, sealed(b'1')];
    let said: Value =
        serde_json::from_slice(phone.sync_request(&understood).body_bytes()).expect("JSON");
    let taken = description.taken("post", SYNC);
    assert_eq!(description.misfit(taken, &said), None);
    let all = [&understood[..], &[json!({})]].concat();
    let sync = phone.sync_request(&all);
    assert_fits::<openapi::SyncRequest>(sync.body_bytes());
    for one in &understood {
        assert_fits::<openapi::Offered>(one.to_string().as_bytes());
    }
    let answer = app.send(sync).await;
    description.holds("post", SYNC, &answer);
    assert_fits::<openapi::SyncAnswer>(&answer.body);
    assert_eq!(
        words(&answer.json()),
        [
            "filed 0",
            "later unknown-version",
            "later unknown-key",
            "held malformed"
        ]
    );
}

/// The members that the document says must be there are those without which the server refuses.
#[tokio::test]
async fn what_must_be_there_is_refused_without() {
    let app = app().await;
    let description = Description::of(&app).await;
    let mut phone = Phone::sign_in(&app, "worker").await;
    let device = device_id();
    let signed_in = json!({
        "username": "worker", "password": PASSWORD, "device": {"id": device, "name": "P", "kind": "phone"},
    });
    let answer = app
        .send(Request::new("POST", SESSION).json(&signed_in))
        .await;
    let (cookie, answer) = (cookie_of(&answer), answer.json::<SessionAnswer>());
    let token = format!("Holdfast {}", answer.token);
    let key = AuthorKey::from_seed(clock::random());
    let message = enrol_message(&app.origin(), "worker", device, &key.public());
    let enrolled = json!({"author_key": key.public(), "proof": key.sign(&message)});
    let synced = json!({
        "v": 1, "device": device, "sent_at": clock::now(), "app": "1", "cursor": null,
        "waiting": {"count": 0, "oldest": null, "n": {}}, "entries": [],
    });
    let post = |path: &'static str, body: &Value| {
        let request = Request::new("POST", path)
            .header("cookie", cookie.clone())
            .header("authorization", token.clone());
        app.send(request.json(body))
    };
    for (path, whole, inner) in [
        (SESSION, &signed_in, Some("device")),
        (KEY, &enrolled, None),
        (SYNC, &synced, Some("waiting")),
    ] {
        let schema = description.taken("post", path);
        let places = [Some(""), inner].into_iter().flatten();
        for (place, damaged, gone) in damages(&description, schema, whole, places) {
            let answer = post(path, &damaged).await;
            assert_eq!(answer.status, 400, "{path} {place} {gone}");
            description.holds("post", path, &answer);
        }
        let mut more = whole.clone();
        more["more"] = json!({"than": "is named"});
        for taken in [whole, &more] {
            let answer = post(path, taken).await;
            assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        }
    }

    let mut many = synced.clone();
    many["entries"] = json!(vec![sealed(b'1'); MAX_ENTRIES]);
    let schema = description.taken("post", SYNC);
    assert_eq!(description.misfit(schema, &many), None);
    assert_eq!(post(SYNC, &many).await.status, 200);
    many["entries"] = json!(vec![sealed(b'1'); MAX_ENTRIES + 1]);
    assert!(description.misfit(schema, &many).is_some());
    assert_eq!(post(SYNC, &many).await.status, 400);

    // Of an entry each is judged alone, so the request is taken.
    let whole = element(&phone.note(app.service("NORTH")));
    let schema = description.named("Entry");
    let damaged: Vec<Value> = damages(&description, schema, &whole, ["", "beacon"].into_iter())
        .into_iter()
        .map(|(_, damaged, _)| damaged)
        .collect();
    assert!(damaged.len() > 20);
    let answer: SyncAnswer = phone.offer(&damaged).await;
    assert!(words(&answer).iter().all(|word| word == "held malformed"));
    let mut more = whole;
    more["more"] = json!(1);
    assert_eq!(words(&phone.offer(&[more]).await), ["filed 0"]);
}

/// `whole`, which has what it must and nothing else, less each member at these places in turn, and with null for each
/// that may not be null; with the place and the member's name.
fn damages<'a>(
    description: &Description,
    schema: &Value,
    whole: &Value,
    places: impl Iterator<Item = &'a str>,
) -> Vec<(&'a str, Value, String)> {
    let mut damages = Vec::new();
    for place in places {
        let at = if place.is_empty() {
            String::new()
        } else {
            format!("/{place}")
        };
        let schema = match place {
            "" => description.resolved(schema),
            place => description.resolved(&description.resolved(schema)["properties"][place]),
        };
        let here = whole
            .pointer(&at)
            .and_then(Value::as_object)
            .expect("an object");
        let names: BTreeSet<String> = here.keys().cloned().collect();
        assert_eq!(names, description.required(schema), "at {place:?}");
        for name in names {
            let mut without = whole.clone();
            let members = without.pointer_mut(&at).and_then(Value::as_object_mut);
            members.expect("an object").remove(&name);
            damages.push((place, without, name.clone()));
            if !description.may_be_null(&schema["properties"][&name]) {
                let mut null = whole.clone();
                null.pointer_mut(&at).expect("an object")[&name] = Value::Null;
                damages.push((place, null, name));
            }
        }
    }
    damages
}

#[tokio::test]
async fn every_answer_is_one_that_the_description_names() {
    let app = app().await;
    let description = Description::of(&app).await;
    let phone = Phone::sign_in(&app, "worker").await;
    let other = Phone::sign_in(&app, "lead").await;
    let key = || AuthorKey::from_seed(clock::random());
    let sign_in = |username, password, device, key: &AuthorKey| {
        sign_in_request(&app.origin(), username, password, device, key)
    };
    let post = |path: &'static str| phone.with_session("POST", path);
    let large = || vec![b' '; 1024 * 1024 + 1];
    let mut cases = vec![
        (
            "POST",
            SESSION,
            200,
            sign_in("worker", PASSWORD, device_id(), &key()),
        ),
        (
            "POST",
            SESSION,
            401,
            sign_in("worker", "wrong", device_id(), &key()),
        ),
        (
            "POST",
            SESSION,
            403,
            sign_in("nobody", PASSWORD, device_id(), &key()),
        ),
        (
            "POST",
            SESSION,
            409,
            sign_in("worker", PASSWORD, other.device, &key()),
        ),
        ("GET", SESSION, 200, phone.with_session("GET", SESSION)),
        ("GET", SESSION, 401, Request::new("GET", SESSION)),
        (
            "GET",
            "/api/v1/live",
            401,
            Request::new("GET", "/api/v1/live"),
        ),
        ("POST", SYNC, 200, phone.sync_request(&[])),
        (
            "POST",
            SYNC,
            401,
            Request::new("POST", SYNC).json(&json!({})),
        ),
        ("POST", KEY, 401, Request::new("POST", KEY).json(&json!({}))),
    ];
    let proof = |key: &AuthorKey| {
        let message = enrol_message(&app.origin(), "worker", phone.device, &key.public());
        json!({"author_key": key.public(), "proof": key.sign(&message)})
    };
    cases.push(("POST", KEY, 200, post(KEY).json(&proof(&key()))));
    cases.push(("POST", KEY, 409, post(KEY).json(&proof(&other.key))));
    for path in [SESSION, KEY, SYNC] {
        let foreign = post(path).header("sec-fetch-site", "cross-site");
        cases.extend([
            ("POST", path, 400, post(path).json(&json!([]))),
            ("POST", path, 403, foreign.json(&json!({}))),
            (
                "POST",
                path,
                413,
                post(path).body("application/json", large()),
            ),
            ("POST", path, 415, post(path).body("text/plain", Vec::new())),
        ]);
    }
    let delete = || phone.with_session("DELETE", SESSION);
    let foreign = delete().header("sec-fetch-site", "cross-site");
    cases.extend([
        ("DELETE", SESSION, 403, foreign),
        ("DELETE", SESSION, 204, delete()),
        ("DELETE", SESSION, 401, delete()),
    ]);
    for (method, path, status, request) in cases {
        let answer = app.send(request).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.text());
        description.holds(method, path, &answer);
    }
}

fn assert_fits<T: serde::Serialize + serde::de::DeserializeOwned>(json: &[u8]) {
    let said: Value = serde_json::from_slice(json).expect("JSON");
    let described: T =
        serde_json::from_slice(json).unwrap_or_else(|error| panic!("{error}: {said}"));
    assert_eq!(
        without_nulls(serde_json::to_value(described).expect("JSON")),
        without_nulls(said)
    );
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        other => other,
    }
}
