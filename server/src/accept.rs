//! `judge`: what becomes of one entry, whatever path it came by, in the order of PROTOCOL 1. Pure: the
//! store gathers the facts in the transaction that then carries the decision out.

use holdfast_domain::{
    body::{Body, BodyError, Kind},
    chain::{Flags, Header},
    encoding::{Blob, Digest, Millis, PublicKey, sha256},
    entry::{EntryJson, Head, SignedEntry},
    ids::{DeviceId, EntryId, ProviderId, ServiceId, UserId},
    permission::{Role, may_be_released, may_write},
};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// How far the sending device's clock may be from what the head says of it before the time counts as uncertain, in milliseconds.
const CLOCK_TOLERANCE: u64 = 2 * 60 * 1000;
/// When a phone may ask again about what this server does not know yet, in seconds.
const LATER: u64 = 3600;
/// When a phone may ask again once quarantine is full, in seconds.
const LATER_FULL: u64 = 6 * 3600;

/// One element of a request, with its bytes exactly as they came.
#[derive(Clone)]
pub struct Arrival {
    pub bytes: Vec<u8>,
    pub reading: Reading,
    /// The key under which the signature was found to hold, where that was looked at ahead of [`judge`].
    signed_under: Option<PublicKey>,
}

/// What the bytes turned out to be.
#[derive(Clone)]
pub enum Reading {
    /// Head and signature have their layout; body and commitment are not looked at yet.
    Entry(Box<SignedEntry>),
    /// Not an entry at all, or a head out of range; the digest where there is one.
    Damaged(Option<Box<(Head, Digest)>>),
    /// A head or a blob of a version after this server's.
    NewerVersion,
    /// Sealed to an outbox key; this server opens none yet.
    Sealed,
    /// What should be sealed is no blob; the digest of its bytes, zero where it is no bytes.
    Broken(Digest),
}

#[derive(Deserialize)]
struct Other<'a> {
    #[serde(borrow)]
    head: Option<std::borrow::Cow<'a, str>>,
    #[serde(borrow, default, deserialize_with = "there")]
    sealed: Option<&'a RawValue>,
}

/// A member that is there, `null` included.
fn there<'de: 'a, 'a, D: Deserializer<'de>>(from: D) -> Result<Option<&'a RawValue>, D::Error> {
    <&RawValue>::deserialize(from).map(Some)
}

impl Arrival {
    /// An element whose bytes were read.
    pub fn new(bytes: Vec<u8>, reading: Reading) -> Self {
        Self {
            bytes,
            reading,
            signed_under: None,
        }
    }

    /// Reads one element of a sync request. Never fails: an element is judged alone.
    pub fn from_json(element: &RawValue, provider: ProviderId) -> Self {
        let text = element.get();
        let bytes = text.as_bytes().to_vec();
        let reading = match serde_json::from_str::<EntryJson>(text) {
            Ok(json) => Self::read(json, provider),
            Err(_) => match serde_json::from_str::<Other>(text) {
                Ok(Other {
                    sealed: Some(sealed),
                    ..
                }) => read_blob(sealed),
                Ok(Other {
                    head: Some(head), ..
                }) if is_newer_head(&head) => Reading::NewerVersion,
                _ => Reading::Damaged(None),
            },
        };
        Self::new(bytes, reading)
    }

    /// Looks at the signature ahead of [`judge`], which alone says what follows: it may be looked at anywhere and by
    /// several threads, and nothing that is stored can change what it holds under.
    pub fn verify(&mut self, public: &PublicKey) {
        if let Reading::Entry(entry) = &self.reading
            && entry.verify(public).is_ok()
        {
            self.signed_under = Some(*public);
        }
    }

    /// Whether the entry's signature holds under this key.
    fn is_signed_under(&self, entry: &SignedEntry, public: &PublicKey) -> bool {
        self.signed_under.as_ref() == Some(public) || entry.verify(public).is_ok()
    }

    fn read(json: EntryJson, provider: ProviderId) -> Reading {
        let head = json.head(provider);
        if head.check().is_err() {
            // What is out of range has no digest.
            return Reading::Damaged(None);
        }
        let (Some(sig), salt, body) = (json.sig, json.salt, json.body) else {
            return Reading::Damaged(None);
        };
        match (salt, body) {
            (Some(salt), Some(body)) => Reading::Entry(Box::new(SignedEntry {
                head,
                sig,
                salt,
                body,
            })),
            _ => {
                let digest = head.digest(&sig);
                Reading::Damaged(Some(Box::new((head, digest))))
            }
        }
    }

    /// The digest of the bytes as they came.
    pub fn raw_digest(&self) -> Digest {
        sha256(&[&self.bytes])
    }

    /// The entry's digest, where layout and ranges hold.
    pub fn digest(&self) -> Option<Digest> {
        match &self.reading {
            Reading::Entry(entry) => Some(entry.digest()),
            Reading::Damaged(Some(damaged)) => Some(damaged.1),
            _ => None,
        }
    }

    /// The head, where its layout and ranges hold.
    pub fn head(&self) -> Option<&Head> {
        match &self.reading {
            Reading::Entry(entry) => Some(&entry.head),
            Reading::Damaged(Some(damaged)) => Some(&damaged.0),
            _ => None,
        }
    }
}

/// `HFE` and another digit, as base64url.
fn is_newer_head(head: &str) -> bool {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let digit = URL_SAFE_NO_PAD
        .decode(head)
        .ok()
        .and_then(|bytes| version(&bytes, b"HFE"));
    digit.is_some_and(|digit| digit != b'1')
}

/// The digit after these letters, where there is one.
fn version(bytes: &[u8], letters: &[u8; 3]) -> Option<u8> {
    let digit = *bytes.strip_prefix(letters)?.first()?;
    digit.is_ascii_digit().then_some(digit)
}

/// The least that a blob is: `HFB1`, the key's id, what the key was sealed to, and a code over no text (PROTOCOL 3).
const LEAST_BLOB: usize = 4 + 8 + 32 + 16;

/// What a sealed element is, as far as shows without the key.
fn read_blob(sealed: &RawValue) -> Reading {
    let Ok(Blob(bytes)) = serde_json::from_str(sealed.get()) else {
        return Reading::Broken(Digest::ZERO);
    };
    match version(&bytes, b"HFB") {
        Some(b'1') if bytes.len() >= LEAST_BLOB => Reading::Sealed,
        None | Some(b'1') => Reading::Broken(sha256(&[&bytes])),
        Some(_) => Reading::NewerVersion,
    }
}

/// An author key as this server knows it.
#[derive(Clone, Debug)]
pub struct KnownKey {
    pub public: PublicKey,
    pub user: UserId,
    pub device: DeviceId,
    /// The enrolment time, which stands in where the beacon does not hold.
    pub enrolled: Millis,
}

/// Whose key signed.
#[derive(Clone, Debug)]
pub enum Signer {
    /// The server's own author key: nothing is asked of it in steps 7, 8 and 11.
    Server(PublicKey),
    Known(KnownKey),
    Unknown,
}

/// What stands against a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceState {
    InUse,
    /// Taken out of use in good order: its entries are late, not held.
    Retired,
    /// Lost, stolen or compromised.
    Lost,
}

/// A role that was held in the entry's service, and until when; none if it still is.
#[derive(Clone, Copy, Debug)]
pub struct Tenure {
    pub role: Role,
    pub until: Option<Millis>,
}

/// An entry that is in the log.
#[derive(Clone, Debug)]
pub struct Logged {
    pub header: Header,
    pub erased: bool,
}

/// An entry that is in quarantine.
#[derive(Clone, Debug)]
pub struct HeldBefore {
    pub digest: Digest,
    pub code: String,
    pub reason: String,
}

/// What the store knows that bears on one arrival, read in the transaction that acts on it.
#[derive(Clone, Debug)]
pub struct Facts {
    pub provider: ProviderId,
    pub now: Millis,
    pub logged: Option<Logged>,
    pub held: Option<HeldBefore>,
    pub signer: Signer,
    pub author_known: bool,
    pub service_known: bool,
    /// The id stands in the log or in the list of erased ids under another digest.
    pub id_taken: bool,
    /// The digest stands in the list of erased entries.
    pub erased: bool,
    pub device: DeviceState,
    /// The entry's beacon carries this server's own code.
    pub beacon_holds: bool,
    pub tenures: Vec<Tenure>,
    /// The same key has an entry of this count already.
    pub count_seen: bool,
    /// The sending device has no room left in quarantine.
    pub full: bool,
    pub sender: Option<DeviceId>,
    /// The sending device's clock as it sent.
    pub sent_at: Millis,
    /// When this server first acknowledged it, by its own receipt; 0 if it never did.
    pub first_received: Millis,
}

/// What becomes of an arrival.
#[derive(Debug)]
pub enum Decision {
    /// In the log already.
    Again(Logged),
    /// In quarantine already.
    StillHeld(HeldBefore),
    Later {
        code: &'static str,
        after: u64,
    },
    /// Sealed, and no blob: final, and nothing of it is kept.
    Broken {
        blob: Digest,
    },
    Hold(Hold),
    Append(Box<Append>),
}

/// Kept aside for an administrator.
#[derive(Debug)]
pub struct Hold {
    pub code: &'static str,
    pub reason: String,
    /// Held under the digest of the bytes as they came, so that a damaged copy never stands in the true entry's way.
    pub under_bytes: bool,
}

/// Goes into the log.
#[derive(Debug)]
pub struct Append {
    pub flags: Flags,
    pub carrier: Option<DeviceId>,
    pub first_received: Millis,
    /// None where the body was erased before.
    pub body: Option<Body>,
}

fn later(code: &'static str) -> Decision {
    Decision::Later { code, after: LATER }
}

/// Judges one arrival: the first rule that applies answers. Never looked at: `made`, the session's user, and
/// whether an amended entry is there.
pub fn judge(arrival: &Arrival, facts: &Facts) -> Decision {
    // 1. Known already, in the log or in quarantine.
    if let Some(logged) = &facts.logged {
        return Decision::Again(logged.clone());
    }
    if let Some(held) = &facts.held {
        return Decision::StillHeld(held.clone());
    }
    let hold = |code, reason: &str, under_bytes| {
        if facts.full {
            return Decision::Later {
                code: "full",
                after: LATER_FULL,
            };
        }
        Decision::Hold(Hold {
            code,
            reason: reason.to_owned(),
            under_bytes,
        })
    };

    // 2. Version, layout, ranges, lengths, commitment.
    let entry = match &arrival.reading {
        Reading::Entry(entry) => entry,
        Reading::NewerVersion => return later("unknown-version"),
        Reading::Sealed => return later("unknown-key"),
        Reading::Broken(blob) => return Decision::Broken { blob: *blob },
        Reading::Damaged(_) => return hold("malformed", MALFORMED, true),
    };
    if entry.check().is_err() {
        return hold("malformed", MALFORMED, true);
    }
    let head = &entry.head;

    // 3. The key, the signature, the author.
    let (public, known) = match &facts.signer {
        Signer::Unknown => return later("unknown-author"),
        Signer::Server(public) => (public, None),
        Signer::Known(known) => (&known.public, Some(known)),
    };
    let names_agree = match known {
        Some(known) => known.user == head.author && known.device == head.device,
        None => head.author.uuid() == facts.provider.uuid() && head.device == DeviceId::nil(),
    };
    if !names_agree || !arrival.is_signed_under(entry, public) {
        return hold(
            "bad-signature",
            "The signature is not by the key of the author it names. Write the record again.",
            true,
        );
    }
    if known.is_some() && !facts.author_known {
        return later("unknown-author");
    }

    // 4. The place.
    if head.provider != facts.provider {
        return hold(
            "wrong-place",
            "The record was written for another provider.",
            false,
        );
    }
    if !facts.service_known {
        return later("unknown-service");
    }

    // 5. The id.
    if facts.id_taken {
        return hold(
            "id-conflict",
            "Another record has this id. Write the record again.",
            false,
        );
    }

    let mut flags = Flags::default();
    let from_elsewhere = facts.sender != Some(head.device);
    // A clock that is as wrong now as its head says is known; one that was set meanwhile is not.
    let as_it_was = head.skew.is_some_and(|skew| {
        let by_now = facts.now.saturating_sub(facts.sent_at);
        from_elsewhere || by_now.abs_diff(skew) <= CLOCK_TOLERANCE
    });
    if !as_it_was {
        flags = flags.with(Flags::UNCERTAIN);
    }
    if facts.first_received != 0 {
        flags = flags.with(Flags::AGAIN);
    }
    if known.is_some() && facts.count_seen {
        flags = flags.with(Flags::TWICE);
    }
    let append = |flags, body| {
        Decision::Append(Box::new(Append {
            flags,
            carrier: facts.sender.filter(|_| from_elsewhere),
            first_received: facts.first_received,
            body,
        }))
    };

    // 6. Erased before: the chain keeps it, the body does not come back.
    if facts.erased {
        return append(flags, None);
    }

    // 7. Key or device revoked as lost, stolen or compromised.
    if known.is_some() && facts.device == DeviceState::Lost {
        return hold(
            "revoked",
            "The phone was reported lost, stolen or misused. An administrator can release the record.",
            false,
        );
    }

    // 8. From when on the right is asked: the beacon's time, or the enrolment's where the beacon does not hold.
    let from = match known {
        Some(known) if !facts.beacon_holds => known.enrolled,
        _ => head.beacon.time,
    };

    // 9 and 10. The body.
    let read = Body::parse(&entry.body);
    let body = match read.and_then(|body| body.check_made(head.made).map(|()| body)) {
        Ok(body) => body,
        Err(BodyError::UnknownKind(_)) => return later("unknown-kind"),
        Err(error) => {
            return hold(
                "invalid",
                &format!("A part of the record is not as it must be: {error}."),
                false,
            );
        }
    };

    // 11. The author's right.
    if known.is_some() {
        let kind = body.data.kind();
        if !held_the_right_since(&facts.tenures, kind, from) {
            let reason = if may_be_released(kind) {
                "Your roles in this service do not include writing this kind of record. An administrator can release it."
            } else {
                "Your roles in this service do not include writing this kind of record."
            };
            return hold("not-permitted", reason, false);
        }
        let current: Vec<Role> = facts
            .tenures
            .iter()
            .filter(|tenure| tenure.until.is_none())
            .map(|tenure| tenure.role)
            .collect();
        if !may_write(&current, kind) || facts.device == DeviceState::Retired {
            flags = flags.with(Flags::LATE);
        }
    }
    append(flags, Some(body))
}

const MALFORMED: &str = "The record came damaged. What is on the phone is kept and is sent again.";

/// The author held the right to write this kind at some moment since `from` (a tenure that ended before it does not count).
fn held_the_right_since(tenures: &[Tenure], kind: Kind, from: Millis) -> bool {
    tenures.iter().any(|tenure| {
        tenure.until.is_none_or(|until| until >= from) && may_write(&[tenure.role], kind)
    })
}

/// What the sender is told about one element.
#[derive(Clone, Debug)]
pub enum Outcome {
    Filed {
        id: EntryId,
        service: ServiceId,
        digest: Digest,
        header: Header,
        how: How,
    },
    Held {
        id: Option<EntryId>,
        digest: Digest,
        code: String,
        reason: String,
    },
    Broken {
        /// The digest of its bytes; zero where it was no bytes.
        blob: Digest,
    },
    Later {
        id: Option<EntryId>,
        code: String,
        after: u64,
    },
}

/// How a filed entry came to be in the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// By this request.
    Now,
    /// It was there.
    Before,
    /// It is there without its body, which was erased.
    Erased,
}

#[cfg(test)]
mod tests {
    use super::*;
    use holdfast_domain::{
        body::{MustSee, PlanUpdate, Urgency},
        encoding::Bytes,
        entry::{Beacon, sign},
        ids::SubjectId,
        keys::AuthorKey,
    };

    /// What becomes of an entry with this body for provider 2, at the server of provider `at`.
    fn judged(at: u128, made: Millis, body: &str) -> Decision {
        let key = AuthorKey::from_seed([1; 32]);
        let id = uuid::Uuid::from_u128;
        let head = Head {
            provider: id(2).into(),
            service: id(3).into(),
            id: id(4).into(),
            author: id(5).into(),
            device: id(6).into(),
            key: key.id(),
            n: 1,
            made,
            skew: None,
            beacon: Beacon::default(),
            length: 0,
            commit: Bytes::ZERO,
        };
        let entry = sign(head, body.to_owned(), Bytes::ZERO, &key);
        let known = KnownKey {
            public: key.public(),
            user: head.author,
            device: head.device,
            enrolled: 0,
        };
        let facts = Facts {
            provider: id(at).into(),
            now: 0,
            logged: None,
            held: None,
            signer: Signer::Known(known),
            author_known: true,
            service_known: true,
            id_taken: false,
            erased: false,
            device: DeviceState::InUse,
            beacon_holds: false,
            tenures: vec![Tenure {
                role: Role::CarePlanLead,
                until: None,
            }],
            count_seen: false,
            full: false,
            sender: None,
            sent_at: 0,
            first_received: 0,
        };
        let arrival = Arrival::new(Vec::new(), Reading::Entry(Box::new(entry)));
        judge(&arrival, &facts)
    }

    /// What no request of plain entries can bring about: there the provider is the origin's own.
    #[test]
    fn an_entry_for_another_provider_is_in_the_wrong_place() {
        let Decision::Hold(hold) = judged(1, 0, "{}") else {
            panic!("held");
        };
        assert_eq!((hold.code, hold.under_bytes), ("wrong-place", false));
    }

    #[test]
    fn a_plan_change_that_takes_effect_more_than_a_year_from_when_it_was_made_is_held() {
        const DAY: Millis = 24 * 3_600_000;
        let made = 1_795_556_100_000;
        let from = |days: Millis| {
            let update = PlanUpdate {
                person: SubjectId::nil(),
                plan: SubjectId::nil(),
                support_task: "Skin".into(),
                before: "Look at heels.".into(),
                after: "Look at hips.".into(),
                reason: "A sore place".into(),
                effective_from: made + days * DAY,
                urgency: Urgency::Today,
                must_see: MustSee::Everyone,
                supersedes: None,
            };
            judged(2, made, &Body::plan_update(update).to_text())
        };
        assert!(matches!(from(1), Decision::Append(_)));
        for days in [-400, 400] {
            let Decision::Hold(hold) = from(days) else {
                panic!("held");
            };
            assert_eq!(hold.code, "invalid");
            assert!(hold.reason.contains("more than a year"), "{}", hold.reason);
        }
    }
}
