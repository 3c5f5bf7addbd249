//! The entry: a head of 184 bytes that is signed and chained, a salted commitment to a body, and the body's
//! text byte for byte as its author's device made it (PROTOCOL 1).

use crate::encoding::{
    Bytes, Digest, KeyId, Mac, Millis, PublicKey, Salt, Signature, present, sha256,
};
use crate::ids::{DeviceId, EntryId, ProviderId, ServiceId, UserId};
use crate::keys::{AuthorKey, verify_strict};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

/// The longest body, in bytes of UTF-8.
pub const MAX_BODY: usize = 128 * 1024;

/// The largest integer that JSON numbers carry exactly; times, counts and skews lie within it.
pub const MAX_INTEGER: i64 = (1 << 53) - 1;

/// Whether JSON numbers carry this one exactly.
pub(crate) fn within(value: i64) -> bool {
    (-MAX_INTEGER..=MAX_INTEGER).contains(&value)
}

const MAGIC: &[u8; 4] = b"HFE1";
const NEVER: i64 = i64::MIN;

/// Why bytes are no entry.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum EntryError {
    /// `HFE` and another digit: written by a newer app.
    #[error("the entry is of a version that is not known here")]
    UnknownVersion,
    /// Layout, a range or a length is wrong; names the field.
    #[error("the entry's {0} is not as it must be")]
    Malformed(&'static str),
    /// Salt and body do not give the commitment, or the body has another length.
    #[error("the body is not the one that was signed")]
    BadCommit,
    /// The signature is not the author's over this head.
    #[error("the signature does not hold")]
    BadSignature,
}

/// The server's time at a device's last contact, with the server's MAC: permission is judged between
/// beacon and receipt, never by the device's clock.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
pub struct Beacon {
    /// Milliseconds, by the server's clock.
    pub time: Millis,
    /// First 16 bytes of HMAC-SHA-256 over tag, device and time; zero for the server's own entries.
    pub mac: Mac,
}

/// What is signed: 184 bytes, fixed layout, integers big-endian.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Head {
    pub provider: ProviderId,
    /// Whose chain it goes into; the provider's id for what belongs to no service.
    pub service: ServiceId,
    pub id: EntryId,
    pub author: UserId,
    pub device: DeviceId,
    /// First 16 bytes of the SHA-256 of the author's public key.
    pub key: KeyId,
    /// This key's own count: 1, 2, 3 and on.
    pub n: u64,
    /// The device's clock, ms.
    pub made: Millis,
    /// Server minus device when last measured, ms; `None` if never.
    pub skew: Option<i64>,
    pub beacon: Beacon,
    /// Bytes of the body.
    pub length: u32,
    /// [`commit`] of salt and body.
    pub commit: Digest,
}

fn field<const N: usize>(bytes: &[u8; Head::LEN], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}

fn id_field(bytes: &[u8; Head::LEN], at: usize) -> Uuid {
    Uuid::from_bytes(field(bytes, at))
}

impl Head {
    /// Bytes of a head.
    pub const LEN: usize = 184;

    /// The one encoding of this head.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut out = [0; Self::LEN];
        let parts: [&[u8]; 13] = [
            MAGIC,
            &self.provider.bytes(),
            &self.service.bytes(),
            &self.id.bytes(),
            &self.author.bytes(),
            &self.device.bytes(),
            &self.key.0,
            &self.n.to_be_bytes(),
            &self.made.to_be_bytes(),
            &self.skew.unwrap_or(NEVER).to_be_bytes(),
            &self.beacon.time.to_be_bytes(),
            &self.beacon.mac.0,
            &self.length.to_be_bytes(),
        ];
        let mut at = 0;
        for part in parts {
            out[at..at + part.len()].copy_from_slice(part);
            at += part.len();
        }
        out[at..].copy_from_slice(&self.commit.0);
        out
    }

    /// Reads a head and checks its ranges.
    ///
    /// # Errors
    /// [`EntryError::UnknownVersion`] for `HFE` and another digit, else [`EntryError::Malformed`].
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() >= 4
            && &bytes[..3] == b"HFE"
            && bytes[3].is_ascii_digit()
            && bytes[3] != MAGIC[3]
        {
            return Err(EntryError::UnknownVersion);
        }
        let bytes: &[u8; Self::LEN] = bytes
            .try_into()
            .map_err(|_| EntryError::Malformed("head's length"))?;
        if &bytes[..4] != MAGIC {
            return Err(EntryError::Malformed("first bytes"));
        }
        let skew = i64::from_be_bytes(field(bytes, 116));
        let head = Self {
            provider: id_field(bytes, 4).into(),
            service: id_field(bytes, 20).into(),
            id: id_field(bytes, 36).into(),
            author: id_field(bytes, 52).into(),
            device: id_field(bytes, 68).into(),
            key: Bytes(field(bytes, 84)),
            n: u64::from_be_bytes(field(bytes, 100)),
            made: i64::from_be_bytes(field(bytes, 108)),
            skew: (skew != NEVER).then_some(skew),
            beacon: Beacon {
                time: i64::from_be_bytes(field(bytes, 124)),
                mac: Bytes(field(bytes, 132)),
            },
            length: u32::from_be_bytes(field(bytes, 148)),
            commit: Bytes(field(bytes, 152)),
        };
        head.check()?;
        Ok(head)
    }

    /// Checks the ranges: count from 1, id not zero, body within [`MAX_BODY`], integers within ±(2^53 - 1).
    ///
    /// # Errors
    /// [`EntryError::Malformed`] with the first field that is out of range.
    pub fn check(&self) -> Result<(), EntryError> {
        if self.n == 0 || self.n > MAX_INTEGER as u64 {
            return Err(EntryError::Malformed("count"));
        }
        if self.id.uuid().is_nil() {
            return Err(EntryError::Malformed("id"));
        }
        if self.length as usize > MAX_BODY {
            return Err(EntryError::Malformed("body length"));
        }
        if !within(self.made) {
            return Err(EntryError::Malformed("time"));
        }
        if !self.skew.is_none_or(within) {
            return Err(EntryError::Malformed("skew"));
        }
        if !within(self.beacon.time) {
            return Err(EntryError::Malformed("beacon"));
        }
        Ok(())
    }

    /// What stands for the entry everywhere: SHA-256 over tag, head and signature.
    pub fn digest(&self, sig: &Signature) -> Digest {
        sha256(&[b"holdfast/digest/1", &self.to_bytes(), &sig.0])
    }

    fn message(&self) -> Vec<u8> {
        [b"holdfast/entry/1".as_slice(), &self.to_bytes()].concat()
    }
}

/// The salted commitment that is signed and chained in place of the body.
pub fn commit(salt: &Salt, body: &str) -> Digest {
    sha256(&[b"holdfast/body/1", &salt.0, body.as_bytes()])
}

/// An entry as its author's device made it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignedEntry {
    pub head: Head,
    pub sig: Signature,
    pub salt: Salt,
    pub body: String,
}

/// Fills in key, length and commitment, and signs.
pub fn sign(mut head: Head, body: String, salt: Salt, key: &AuthorKey) -> SignedEntry {
    head.length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    head.commit = commit(&salt, &body);
    head.key = key.id();
    let sig = key.sign(&head.message());
    SignedEntry {
        head,
        sig,
        salt,
        body,
    }
}

impl SignedEntry {
    /// The entry's digest.
    pub fn digest(&self) -> Digest {
        self.head.digest(&self.sig)
    }

    /// Checks the signature, strictly (RFC 8032, no small-order keys).
    ///
    /// # Errors
    /// [`EntryError::BadSignature`].
    pub fn verify(&self, public: &PublicKey) -> Result<(), EntryError> {
        if verify_strict(public, &self.head.message(), &self.sig) {
            Ok(())
        } else {
            Err(EntryError::BadSignature)
        }
    }

    /// Checks ranges, the body's length and the commitment.
    ///
    /// # Errors
    /// [`EntryError::Malformed`] or [`EntryError::BadCommit`].
    pub fn check(&self) -> Result<(), EntryError> {
        self.head.check()?;
        if self.body.len() != self.head.length as usize
            || commit(&self.salt, &self.body) != self.head.commit
        {
            return Err(EntryError::BadCommit);
        }
        Ok(())
    }
}

/// An entry in JSON (PROTOCOL 9, `ENTRY`): the head's fields by name, the provider being the origin's. `sig` and `salt`
/// are `null` in a page for what was received over 30 days ago, `salt` and `body` for what is erased.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EntryJson {
    pub id: EntryId,
    pub service: ServiceId,
    pub author: UserId,
    pub device: DeviceId,
    pub key: KeyId,
    pub n: u64,
    pub made: Millis,
    #[serde(deserialize_with = "present")]
    pub skew: Option<i64>,
    pub beacon: Beacon,
    pub length: u32,
    pub commit: Digest,
    #[serde(deserialize_with = "present")]
    pub sig: Option<Signature>,
    #[serde(deserialize_with = "present")]
    pub salt: Option<Salt>,
    #[serde(deserialize_with = "present")]
    pub body: Option<String>,
}

impl From<&SignedEntry> for EntryJson {
    fn from(entry: &SignedEntry) -> Self {
        let head = &entry.head;
        Self {
            id: head.id,
            service: head.service,
            author: head.author,
            device: head.device,
            key: head.key,
            n: head.n,
            made: head.made,
            skew: head.skew,
            beacon: head.beacon,
            length: head.length,
            commit: head.commit,
            sig: Some(entry.sig),
            salt: Some(entry.salt),
            body: Some(entry.body.clone()),
        }
    }
}

impl EntryJson {
    /// The head that was signed.
    pub fn head(&self, provider: ProviderId) -> Head {
        Head {
            provider,
            service: self.service,
            id: self.id,
            author: self.author,
            device: self.device,
            key: self.key,
            n: self.n,
            made: self.made,
            skew: self.skew,
            beacon: self.beacon,
            length: self.length,
            commit: self.commit,
        }
    }

    /// The entry whole, with its ranges, length and commitment checked; the signature is not.
    ///
    /// # Errors
    /// [`EntryError::Malformed`] where a part is `null` or out of range, [`EntryError::BadCommit`].
    pub fn signed(self, provider: ProviderId) -> Result<SignedEntry, EntryError> {
        let head = self.head(provider);
        let entry = SignedEntry {
            head,
            sig: self.sig.ok_or(EntryError::Malformed("signature"))?,
            salt: self.salt.ok_or(EntryError::Malformed("salt"))?,
            body: self.body.ok_or(EntryError::Malformed("body"))?,
        };
        entry.check()?;
        Ok(entry)
    }
}
