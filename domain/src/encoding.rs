//! Bytes as JSON shows them (base64url without padding, one encoding for each value) and SHA-256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use std::fmt;
use std::marker::PhantomData;

/// Milliseconds of Unix time, or a span of them.
pub type Millis = i64;

/// `N` raw bytes; in JSON base64url without padding. Decoding is strict: length, alphabet, and unused bits zero.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bytes<const N: usize>(pub [u8; N]);

/// SHA-256 of something.
pub type Digest = Bytes<32>;
/// An Ed25519 public key.
pub type PublicKey = Bytes<32>;
/// The first 16 bytes of the SHA-256 of an author's public key.
pub type KeyId = Bytes<16>;
/// A truncated HMAC-SHA-256.
pub type Mac = Bytes<16>;
/// What a body's commitment is salted with.
pub type Salt = Bytes<16>;
/// An Ed25519 signature.
pub type Signature = Bytes<64>;
/// The first 16 bytes of a link of the chain.
pub type LinkTag = Bytes<16>;

impl<const N: usize> Bytes<N> {
    /// All zero.
    pub const ZERO: Self = Self([0; N]);

    /// The bytes, if there are exactly `N`.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes of base64url text, if it is exactly their encoding.
    pub fn from_text(text: &str) -> Option<Self> {
        let mut out = [0; N];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut out).ok()?;
        (length == N).then_some(Self(out))
    }
}

impl Bytes<32> {
    /// The first 16 bytes, as pages and cursors carry a link.
    pub fn tag(&self) -> Bytes<16> {
        self.prefix()
    }

    /// The first `M` bytes (`M` at most 32).
    pub fn prefix<const M: usize>(&self) -> Bytes<M> {
        let mut out = [0; M];
        out.copy_from_slice(&self.0[..M]);
        Bytes(out)
    }
}

impl<const N: usize> Default for Bytes<N> {
    fn default() -> Self {
        Self::ZERO
    }
}

impl<const N: usize> AsRef<[u8]> for Bytes<N> {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl<const N: usize> fmt::Display for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

impl<const N: usize> fmt::Debug for Bytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> Serialize for Bytes<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<const N: usize> Text for Bytes<N> {
    fn expected(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} bytes as base64url without padding")
    }

    fn read(text: &str) -> Option<Self> {
        Self::from_text(text)
    }
}

impl<'de, const N: usize> Deserialize<'de> for Bytes<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

/// Bytes of any length; in JSON as [`Bytes`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Blob(pub Vec<u8>);

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl Serialize for Blob {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl Text for Blob {
    fn expected(f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("base64url without padding")
    }

    fn read(text: &str) -> Option<Self> {
        URL_SAFE_NO_PAD.decode(text).ok().map(Self)
    }
}

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

/// What JSON carries as a string of one strict form.
pub(crate) trait Text: Sized {
    /// The form, for the message of an error.
    fn expected(f: &mut fmt::Formatter<'_>) -> fmt::Result;

    /// The value, if the text has exactly that form.
    fn read(text: &str) -> Option<Self>;
}

/// Reads such a string where it lies, without a copy: a first pull reads a dozen for each of thousands of entries.
pub(crate) fn from_text<'de, D: Deserializer<'de>, T: Text>(
    deserializer: D,
) -> Result<T, D::Error> {
    struct Reader<T>(PhantomData<T>);

    impl<T: Text> Visitor<'_> for Reader<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            T::expected(f)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            T::read(text).ok_or_else(|| E::invalid_value(serde::de::Unexpected::Str(text), &self))
        }
    }

    deserializer.deserialize_str(Reader(PhantomData))
}

/// For a member that may be `null` but not absent: without it serde takes an absent `Option` for `null`.
pub(crate) fn present<'de, D, T>(deserializer: D) -> Result<Option<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer)
}

/// For a member whose absence says something else than its `null`: `None` where it is absent.
pub(crate) fn given<'de, D, T>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::deserialize(deserializer).map(Some)
}

/// SHA-256 over the parts, one after the other.
pub fn sha256(parts: &[&[u8]]) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    Bytes(hash.finalize().into())
}
