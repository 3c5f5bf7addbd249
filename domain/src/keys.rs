//! Keys: the author's, the server's root secret with all that is derived from it, and what the server gives a
//! phone at enrolment: certificate, device token, beacon (PROTOCOL 1 and 3).

use crate::encoding::{Blob, Bytes, KeyId, Mac, Millis, PublicKey, Signature, sha256};
use crate::entry::{Beacon, within};
use crate::ids::{DeviceId, ProviderId, UserId};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Sha256;
use std::fmt;
use std::str::FromStr;
use std::sync::OnceLock;
use thiserror::Error;
use uuid::Uuid;
use zeroize::Zeroizing;

/// An Ed25519 key pair that signs entries: one a user and device, or the server's own.
#[derive(Clone)]
pub struct AuthorKey(SigningKey);

impl AuthorKey {
    /// The key pair of a seed (RFC 8032, 5.1.5).
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&seed))
    }

    /// The seed: kept sealed only.
    pub fn seed(&self) -> [u8; 32] {
        self.0.to_bytes()
    }

    /// The public key.
    pub fn public(&self) -> PublicKey {
        Bytes(self.0.verifying_key().to_bytes())
    }

    /// The public key's id, as heads carry it.
    pub fn id(&self) -> KeyId {
        key_id(&self.public())
    }

    /// Signs a message.
    pub fn sign(&self, message: &[u8]) -> Signature {
        Bytes(self.0.sign(message).to_bytes())
    }
}

impl fmt::Debug for AuthorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthorKey({})", self.id())
    }
}

/// First 16 bytes of the SHA-256 of a public key.
pub fn key_id(public: &PublicKey) -> KeyId {
    sha256(&[&public.0]).prefix()
}

/// First 8 bytes of the SHA-256 of a public key, as certificates and receipts name theirs.
pub fn short_key_id(public: &PublicKey) -> Bytes<8> {
    sha256(&[&public.0]).prefix()
}

/// Whether the signature holds, strictly: small-order keys and points are refused. Never in batches, which differ on odd keys.
pub fn verify_strict(public: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
    VerifyingKey::from_bytes(&public.0)
        .is_ok_and(|key| key.verify_strict(message, &signature).is_ok())
}

/// What a phone signs to prove that it holds the key it enrols. `origin` as `location.origin` gives it, no slash at the end;
/// `username` as it is sent.
pub fn enrol_message(
    origin: &str,
    username: &str,
    device: DeviceId,
    public: &PublicKey,
) -> Vec<u8> {
    let origin = sha256(&[origin.as_bytes()]);
    let username = sha256(&[username.as_bytes()]);
    [
        b"holdfast/enrol/1".as_slice(),
        &origin.0,
        &username.0,
        &device.bytes(),
        &public.0,
    ]
    .concat()
}

/// The provider's one root secret. It lies in a file outside the database; all server keys are derived from it.
#[derive(Clone)]
pub struct RootSecret {
    secret: Zeroizing<[u8; 32]>,
    /// Every request asks for it, and deriving it takes longer than most of what a request does.
    root_public: OnceLock<PublicKey>,
}

impl RootSecret {
    /// Takes 32 random bytes.
    pub fn new(secret: [u8; 32]) -> Self {
        Self {
            secret: Zeroizing::new(secret),
            root_public: OnceLock::new(),
        }
    }

    /// k(label, i): HKDF-SHA256 (RFC 5869), salt `holdfast`, info label and i.
    fn derive(&self, label: &str, i: u32) -> [u8; 32] {
        let mut out = [0; 32];
        Hkdf::<Sha256>::new(Some(b"holdfast"), &*self.secret)
            .expand(&[label.as_bytes(), &i.to_be_bytes()].concat(), &mut out)
            .expect("32 bytes are within what HKDF-SHA256 gives");
        out
    }

    /// Signs certificates, key documents and wipes. Phones pin its public key.
    pub fn root_sign(&self) -> AuthorKey {
        AuthorKey::from_seed(self.derive("root-sign", 0))
    }

    /// The public key of [`RootSecret::root_sign`].
    pub fn root_public(&self) -> PublicKey {
        *self.root_public.get_or_init(|| self.root_sign().public())
    }

    /// The author of the server's own entries.
    pub fn author(&self) -> AuthorKey {
        AuthorKey::from_seed(self.derive("author", 0))
    }

    /// Signs receipts; rotation is the next `i`.
    pub fn receipt(&self, i: u32) -> AuthorKey {
        AuthorKey::from_seed(self.derive("receipt", i))
    }

    /// What the HPKE key pair of the sealed outbox is derived from (RFC 9180, DeriveKeyPair's ikm).
    pub fn outbox_seed(&self, i: u32) -> [u8; 32] {
        self.derive("outbox", i)
    }

    /// The public key that phones seal their outbox to: DHKEM(X25519, HKDF-SHA256).
    pub fn outbox_public(&self, i: u32) -> PublicKey {
        let secret = derive_x25519(&self.outbox_seed(i));
        Bytes(curve25519_dalek::MontgomeryPoint::mul_base_clamped(secret).to_bytes())
    }

    fn mac(&self, label: &str, message: &[u8]) -> Mac {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.derive(label, 0))
            .expect("HMAC takes a key of any length");
        mac.update(message);
        let full: [u8; 32] = mac.finalize().into_bytes().into();
        Bytes(full).prefix()
    }

    /// The MAC in a device's token: it permits delivery and nothing else, and needs no table.
    pub fn token(&self, device: DeviceId) -> Mac {
        self.mac(
            "token",
            &[b"holdfast/token/1".as_slice(), &device.bytes()].concat(),
        )
    }

    /// The beacon of a device's contact at `time`.
    pub fn beacon(&self, device: DeviceId, time: Millis) -> Beacon {
        let message = [
            b"holdfast/beacon/1".as_slice(),
            &device.bytes(),
            &time.to_be_bytes(),
        ]
        .concat();
        Beacon {
            time,
            mac: self.mac("beacon", &message),
        }
    }

    /// Whether a beacon is this server's word to that device.
    pub fn beacon_holds(&self, device: DeviceId, beacon: &Beacon) -> bool {
        let expected = self.beacon(device, beacon.time).mac;
        expected
            .0
            .iter()
            .zip(beacon.mac.0)
            .fold(0, |differs, (a, b)| differs | (a ^ b))
            == 0
    }
}

/// DeriveKeyPair of DHKEM(X25519, HKDF-SHA256): the secret key's bytes (RFC 9180, 7.1.3).
fn derive_x25519(ikm: &[u8; 32]) -> [u8; 32] {
    const SUITE: &[u8] = b"KEM\x00\x20";
    let labelled = [b"HPKE-v1".as_slice(), SUITE, b"dkp_prk", ikm].concat();
    let info = [&[0, 32], b"HPKE-v1".as_slice(), SUITE, b"sk"].concat();
    let mut out = [0; 32];
    Hkdf::<Sha256>::new(Some(b""), &labelled)
        .expand(&info, &mut out)
        .expect("32 bytes are within what HKDF-SHA256 gives");
    out
}

/// Text that is no certificate or token.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("not a {0}")]
pub struct NotA(pub &'static str);

/// What lets a phone deliver without a session. In text `<device>.<mac>`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct DeviceToken {
    pub device: DeviceId,
    pub mac: Mac,
}

impl fmt::Display for DeviceToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.device, self.mac)
    }
}

impl FromStr for DeviceToken {
    type Err = NotA;

    fn from_str(text: &str) -> Result<Self, NotA> {
        let wrong = NotA("device token");
        let (device, mac) = text.split_once('.').ok_or(wrong)?;
        Ok(Self {
            device: device.parse().map_err(|_| wrong)?,
            mac: Bytes::from_text(mac).ok_or(wrong)?,
        })
    }
}

/// The server's word that a public key is this user's on this device; 164 bytes, in JSON as base64url.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Certificate {
    pub provider: ProviderId,
    pub user: UserId,
    pub device: DeviceId,
    pub public: PublicKey,
    /// Milliseconds: when it was enrolled.
    pub time: Millis,
    /// Which root key signed.
    pub root_key: Bytes<8>,
    pub sig: Signature,
}

impl Certificate {
    /// Bytes of a certificate.
    pub const LEN: usize = 164;

    fn unsigned(&self) -> Vec<u8> {
        let (provider, user, device) = (
            self.provider.bytes(),
            self.user.bytes(),
            self.device.bytes(),
        );
        [
            b"HFC1".as_slice(),
            &provider,
            &user,
            &device,
            &self.public.0,
            &self.time.to_be_bytes(),
            &self.root_key.0,
        ]
        .concat()
    }

    fn message(&self) -> Vec<u8> {
        [b"holdfast/cert/1".as_slice(), &self.unsigned()].concat()
    }

    /// Signs a certificate with the root key.
    pub fn issue(
        root: &RootSecret,
        provider: ProviderId,
        user: UserId,
        device: DeviceId,
        public: PublicKey,
        time: Millis,
    ) -> Self {
        let key = root.root_sign();
        let root_key = short_key_id(&key.public());
        let mut certificate = Self {
            provider,
            user,
            device,
            public,
            time,
            root_key,
            sig: Bytes::ZERO,
        };
        certificate.sig = key.sign(&certificate.message());
        certificate
    }

    /// Whether this root key signed it.
    pub fn holds(&self, root: &PublicKey) -> bool {
        short_key_id(root) == self.root_key && verify_strict(root, &self.message(), &self.sig)
    }

    /// Its one encoding.
    pub fn to_bytes(&self) -> [u8; Self::LEN] {
        let mut out = [0; Self::LEN];
        out[..100].copy_from_slice(&self.unsigned());
        out[100..].copy_from_slice(&self.sig.0);
        out
    }

    /// Reads one; the signature is not checked.
    ///
    /// # Errors
    /// [`NotA`] for another length, first bytes, or a time out of range.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotA> {
        let wrong = NotA("certificate");
        if bytes.len() != Self::LEN || &bytes[..4] != b"HFC1" {
            return Err(wrong);
        }
        let id = |at: usize| Uuid::from_slice(&bytes[at..at + 16]).map_err(|_| wrong);
        let time = i64::from_be_bytes(Bytes::<8>::from_slice(&bytes[84..92]).ok_or(wrong)?.0);
        if !within(time) {
            return Err(wrong);
        }
        Ok(Self {
            provider: id(4)?.into(),
            user: id(20)?.into(),
            device: id(36)?.into(),
            public: Bytes::from_slice(&bytes[52..84]).ok_or(wrong)?,
            time,
            root_key: Bytes::from_slice(&bytes[92..100]).ok_or(wrong)?,
            sig: Bytes::from_slice(&bytes[100..]).ok_or(wrong)?,
        })
    }
}

impl Serialize for Certificate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Bytes(self.to_bytes()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Certificate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Blob::deserialize(deserializer)?.0).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex<const N: usize>(text: &str) -> [u8; N] {
        let mut out = [0; N];
        for (i, byte) in out.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * i..2 * i + 2], 16).unwrap();
        }
        out
    }

    /// RFC 9180, A.1.1: ikmE, skEm, pkEm.
    #[test]
    fn derives_the_hpke_key_pair_of_the_rfc() {
        let secret = derive_x25519(&hex(
            "7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234",
        ));
        assert_eq!(
            secret,
            hex("52c4a758a802cd8b936eceea314432798d5baf2d7e9235dc084ab1b9cfa2f736")
        );
        let public = curve25519_dalek::MontgomeryPoint::mul_base_clamped(secret).to_bytes();
        assert_eq!(
            public,
            hex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431")
        );
    }

    /// RFC 8032, 7.1, test 2.
    #[test]
    fn signs_as_the_rfc_does() {
        let key = AuthorKey::from_seed(hex(
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        ));
        assert_eq!(
            key.public().0,
            hex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        );
        let signature = key.sign(&[0x72]);
        let expected: [u8; 64] = hex(concat!(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da",
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ));
        assert_eq!(signature.0, expected);
        assert!(verify_strict(&key.public(), &[0x72], &signature));
        assert!(!verify_strict(&key.public(), &[0x73], &signature));
    }

    #[test]
    fn certificates_and_tokens_come_back_as_they_were_and_hold_for_their_root_alone() {
        let root = RootSecret::new([5; 32]);
        let id = |n: u128| Uuid::from_u128(n);
        let public = AuthorKey::from_seed([1; 32]).public();
        let certificate =
            Certificate::issue(&root, id(1).into(), id(2).into(), id(3).into(), public, 42);
        assert_eq!(Certificate::parse(&certificate.to_bytes()), Ok(certificate));
        assert!(certificate.holds(&root.root_sign().public()));
        assert!(!certificate.holds(&RootSecret::new([6; 32]).root_sign().public()));
        for at in 0..Certificate::LEN * 8 {
            let mut bytes = certificate.to_bytes();
            bytes[at / 8] ^= 1 << (at % 8);
            assert!(
                Certificate::parse(&bytes).is_err()
                    || !Certificate::parse(&bytes)
                        .unwrap()
                        .holds(&root.root_sign().public())
            );
        }
        let token = DeviceToken {
            device: id(3).into(),
            mac: root.token(id(3).into()),
        };
        assert_eq!(token.to_string().parse(), Ok(token));
    }

    /// Under a key of small order one signature holds for every message, unless the check is strict.
    #[test]
    fn keys_of_small_order_sign_nothing() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut sig = [0; 64];
        sig[0] = 1;
        let lax = VerifyingKey::from_bytes(&identity).unwrap();
        assert!(
            ed25519_dalek::Verifier::verify(
                &lax,
                b"anything",
                &ed25519_dalek::Signature::from_bytes(&sig)
            )
            .is_ok()
        );
        assert!(!verify_strict(&Bytes(identity), b"anything", &Bytes(sig)));
    }

    #[test]
    fn a_beacon_holds_for_its_device_and_time_alone() {
        let root = RootSecret::new([5; 32]);
        let device = DeviceId::from(Uuid::from_u128(3));
        let beacon = root.beacon(device, 1_000);
        assert!(root.beacon_holds(device, &beacon));
        assert!(!root.beacon_holds(
            device,
            &Beacon {
                time: 1_001,
                ..beacon
            }
        ));
        assert!(!root.beacon_holds(DeviceId::from(Uuid::from_u128(4)), &beacon));
    }
}
