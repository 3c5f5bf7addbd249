//! A phone as the server sees it: it signs in, writes entries and syncs.

use std::{collections::BTreeMap, net::SocketAddr};

use holdfast_domain::{
    body::{Body, Data, Escalation, Note},
    encoding::{Blob, Bytes, Millis},
    entry::{Beacon, EntryJson, Head, SignedEntry, sign},
    ids::{DeviceId, EntryId, ProviderId, ServiceId, SubjectId, UserId},
    keys::{AuthorKey, Certificate, enrol_message},
    wire::{Element, SessionAnswer, SyncAnswer},
};
use holdfast_server::clock;
use serde_json::{Value, json};

use crate::{
    http::{Request, Response},
    support::{PASSWORD, TestApp},
};

/// One user on one device.
#[derive(Clone)]
pub struct Phone {
    pub address: SocketAddr,
    pub origin: String,
    pub provider: ProviderId,
    pub username: String,
    pub user: UserId,
    pub device: DeviceId,
    pub key: AuthorKey,
    pub n: u64,
    pub beacon: Beacon,
    pub cookie: String,
    pub token: String,
    pub certificate: Option<Certificate>,
    pub cursor: Option<String>,
    /// What a phone keeps of its pages, by service and sequence.
    pub pages: BTreeMap<(ServiceId, u64), EntryJson>,
}

/// A fresh random id.
pub fn device_id() -> DeviceId {
    uuid::Builder::from_random_bytes(clock::random())
        .into_uuid()
        .into()
}

/// The request of a sign-in with a key and its proof.
pub fn sign_in_request(
    origin: &str,
    username: &str,
    password: &str,
    device: DeviceId,
    key: &AuthorKey,
) -> Request {
    let proof = key.sign(&enrol_message(origin, username, device, &key.public()));
    Request::new("POST", "/api/v1/session")
        .header("origin", origin)
        .json(&json!({
            "username": username, "password": password,
            "device": {"id": device, "name": "Phone 3", "kind": "phone"},
            "author_key": key.public(), "proof": proof,
        }))
}

/// The cookie pair of an answer.
pub fn cookie_of(response: &Response) -> String {
    let cookie = response.header("set-cookie").expect("a cookie");
    cookie.split(';').next().expect("a pair").to_owned()
}

impl Phone {
    /// Signs a user in on a new device with a new key.
    pub async fn sign_in(app: &TestApp, username: &str) -> Self {
        Self::sign_in_at(app.address, username).await
    }

    /// As `sign_in`, at any server.
    pub async fn sign_in_at(address: SocketAddr, username: &str) -> Self {
        let (device, key) = (device_id(), AuthorKey::from_seed(clock::random()));
        let origin = format!("http://{address}");
        let response = sign_in_request(&origin, username, PASSWORD, device, &key)
            .send(address)
            .await;
        assert_eq!(response.status, 200, "{}", response.text());
        let cookie = cookie_of(&response);
        let answer: SessionAnswer = response.json();
        Self {
            address,
            origin,
            provider: answer.provider,
            username: username.to_owned(),
            user: answer.user,
            device,
            key,
            n: 0,
            beacon: answer.beacon,
            cookie,
            token: answer.token,
            certificate: answer.certificate,
            cursor: None,
            pages: BTreeMap::new(),
        }
    }

    /// Signs a body as the next entry of this phone.
    pub fn write(&mut self, service: ServiceId, body: &Body) -> SignedEntry {
        self.write_text(service, body.to_text())
    }

    /// Signs any text as the body of the next entry.
    pub fn write_text(&mut self, service: ServiceId, body: String) -> SignedEntry {
        self.n += 1;
        let head = self.head(service);
        sign(head, body, Bytes(clock::random()), &self.key)
    }

    /// A head of this phone's, to be signed.
    pub fn head(&self, service: ServiceId) -> Head {
        let now = clock::now();
        Head {
            provider: self.provider,
            service,
            id: EntryId::new(now, clock::random()),
            author: self.user,
            device: self.device,
            key: self.key.id(),
            n: self.n,
            made: now,
            skew: Some(0),
            beacon: self.beacon,
            length: 0,
            commit: Bytes([0; 32]),
        }
    }

    /// A note whose head says that the phone measured this of its clock, as the next entry.
    pub fn measured_note(&mut self, service: ServiceId, skew: Option<i64>) -> SignedEntry {
        self.n += 1;
        let mut head = self.head(service);
        head.skew = skew;
        sign(
            head,
            note_body().to_text(),
            Bytes(clock::random()),
            &self.key,
        )
    }

    /// A note about somebody, as the next entry.
    pub fn note(&mut self, service: ServiceId) -> SignedEntry {
        self.write(service, &note_body())
    }

    /// The request of a sync with these elements.
    pub fn sync_request(&self, elements: &[Value]) -> Request {
        self.request_at(elements, clock::now())
    }

    pub fn request_at(&self, elements: &[Value], sent_at: Millis) -> Request {
        self.with_session("POST", "/api/v1/sync").json(&json!({
            "v": 1, "device": self.device, "sent_at": sent_at, "app": "1.0.0", "cursor": self.cursor,
            "waiting": {"count": elements.len(), "oldest": null, "n": {}}, "entries": elements,
        }))
    }

    pub fn with_session(&self, method: &'static str, path: &str) -> Request {
        Request::new(method, path)
            .header("origin", self.origin.clone())
            .header("cookie", self.cookie.clone())
    }

    /// Sends elements as they are; the answer is not taken in.
    pub async fn offer(&self, elements: &[Value]) -> SyncAnswer {
        let response = self.sync_request(elements).send(self.address).await;
        assert_eq!(response.status, 200, "{}", response.text());
        response.json()
    }

    /// Sends entries and takes the answer's page in.
    pub async fn sync(&mut self, entries: &[SignedEntry]) -> SyncAnswer {
        let elements: Vec<Value> = entries.iter().map(element).collect();
        let answer = self.offer(&elements).await;
        self.take_in(&answer);
        answer
    }

    /// Pulls until there is no more.
    pub async fn pull(&mut self) {
        while self.sync(&[]).await.more {}
    }

    /// What a phone does with an answer: drops what was rescoped, keeps the page and the cursor.
    pub fn take_in(&mut self, answer: &SyncAnswer) {
        for service in answer.rescope.iter().flatten() {
            self.pages.retain(|(of, _), _| of != service);
        }
        for element in &answer.entries {
            if let Element::Whole { seq, entry, .. } = element {
                self.pages.insert((entry.service, *seq), entry.clone());
            }
        }
        self.cursor = Some(answer.cursor.clone());
    }
}

/// A sealed element: a blob of this version, to a key that no server has.
pub fn sealed(version: u8) -> Value {
    let blob = [b"HFB".as_slice(), &[version], &[7; 8 + 32 + 16]].concat();
    json!({"sealed": Blob(blob)})
}

/// An entry as it travels.
pub fn element(entry: &SignedEntry) -> Value {
    serde_json::to_value(EntryJson::from(entry)).expect("JSON")
}

pub fn note_body() -> Body {
    Body::new(Data::Note(Note {
        person: SubjectId::from(uuid::Uuid::from_u128(7)),
        delivered: Vec::new(),
        other: "Ate half of breakfast".to_owned(),
        escalation: Escalation::No,
        happened_at: None,
        given_by: None,
    }))
}
