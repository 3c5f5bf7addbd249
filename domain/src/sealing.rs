//! Sealing what the phone keeps: subkeys of the vault's data key by purpose, and AES-256-GCM
//! over each row with the row's own place as additional data, so that a sealed row can neither
//! be read without the key nor be put in another's place (PROTOCOL 2).

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Key, Nonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroize;

/// The schema number of sealed rows; part of each row's additional data.
pub const SCHEMA: u8 = 1;

/// What a subkey is for. One subkey a purpose, so that a row of one kind never opens as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Pages and checkpoint: what came from the server.
    Log,
    /// The author's own signed entries and what became of them.
    Own,
    /// Drafts, in localStorage and mirrored.
    Draft,
    /// Cursor, counter, author seed and the rest of the vault's state.
    State,
    /// Names of rows that must not tell what they hold.
    Name,
}

impl Purpose {
    const fn label(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Own => "own",
            Self::Draft => "draft",
            Self::State => "state",
            Self::Name => "name",
        }
    }
}

/// One part of a row's key, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    Text(String),
    Bytes(Vec<u8>),
    Number(u32),
}

/// A row could not be opened: another key, another place, or damaged bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed row does not open under this key")]
pub struct SealError;

/// The vault's data key (`dek`), with one cipher ready for each purpose.
pub struct DataKey {
    bytes: [u8; 32],
    log: Aes256Gcm,
    own: Aes256Gcm,
    draft: Aes256Gcm,
    state: Aes256Gcm,
    name: [u8; 32],
}

impl DataKey {
    /// The key of 32 random bytes, made with the vault.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        let cipher = |purpose| {
            let mut subkey = derive(&bytes, purpose);
            let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::from(subkey));
            subkey.zeroize();
            cipher
        };
        Self {
            log: cipher(Purpose::Log),
            own: cipher(Purpose::Own),
            draft: cipher(Purpose::Draft),
            state: cipher(Purpose::State),
            name: derive(&bytes, Purpose::Name),
            bytes,
        }
    }

    /// The 32 bytes of one purpose: HKDF-SHA256(dek, info `holdfast/vault/1/` || purpose).
    #[must_use]
    pub fn subkey(&self, purpose: Purpose) -> [u8; 32] {
        derive(&self.bytes, purpose)
    }

    /// Seals one row: the 12 bytes of nonce, then ciphertext and tag. The nonce must be random.
    #[must_use]
    pub fn seal(
        &self,
        purpose: Purpose,
        store: &str,
        vault: &Uuid,
        key: &[Part],
        plain: &[u8],
        nonce: [u8; 12],
    ) -> Vec<u8> {
        let aad = additional_data(store, vault, key);
        let sealed = self
            .cipher(purpose)
            .encrypt(
                &Nonce::from(nonce),
                Payload {
                    msg: plain,
                    aad: &aad,
                },
            )
            .expect("AES-GCM takes any row below 64 GiB");
        let mut out = Vec::with_capacity(nonce.len() + sealed.len());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        out
    }

    /// Opens what [`DataKey::seal`] made for the same purpose, store, vault and row key.
    ///
    /// # Errors
    /// [`SealError`] for any other key, place or bytes.
    pub fn open(
        &self,
        purpose: Purpose,
        store: &str,
        vault: &Uuid,
        key: &[Part],
        sealed: &[u8],
    ) -> Result<Vec<u8>, SealError> {
        let (nonce, sealed) = sealed.split_first_chunk::<12>().ok_or(SealError)?;
        let aad = additional_data(store, vault, key);
        self.cipher(purpose)
            .decrypt(
                &Nonce::from(*nonce),
                Payload {
                    msg: sealed,
                    aad: &aad,
                },
            )
            .map_err(|_| SealError)
    }

    /// The first 16 bytes of HMAC-SHA256(name subkey, parts, each after its u16 length): a row's
    /// name that tells nothing.
    #[must_use]
    pub fn name(&self, parts: &[&[u8]]) -> [u8; 16] {
        let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(&self.name)
            .expect("HMAC takes a key of any length");
        for part in parts {
            mac.update(&length(part));
            mac.update(part);
        }
        let whole = mac.finalize().into_bytes();
        let mut short = [0; 16];
        short.copy_from_slice(&whole[..16]);
        short
    }

    fn cipher(&self, purpose: Purpose) -> &Aes256Gcm {
        match purpose {
            Purpose::Log => &self.log,
            Purpose::Own => &self.own,
            Purpose::Draft => &self.draft,
            // Names are MACs and never sealed; a state row is the nearest meaning.
            Purpose::State | Purpose::Name => &self.state,
        }
    }
}

impl Drop for DataKey {
    fn drop(&mut self) {
        self.bytes.zeroize();
        self.name.zeroize();
    }
}

fn derive(bytes: &[u8; 32], purpose: Purpose) -> [u8; 32] {
    let mut out = [0; 32];
    let info = format!("holdfast/vault/1/{}", purpose.label());
    Hkdf::<Sha256>::new(None, bytes)
        .expand(info.as_bytes(), &mut out)
        .expect("32 bytes are below the limit of HKDF");
    out
}

/// Store name || vault id || row key, each part after its u16 length || schema.
#[must_use]
pub fn additional_data(store: &str, vault: &Uuid, key: &[Part]) -> Vec<u8> {
    let mut aad = Vec::with_capacity(96);
    aad.extend_from_slice(store.as_bytes());
    aad.extend_from_slice(vault.as_bytes());
    for part in key {
        match part {
            Part::Text(text) => {
                aad.extend_from_slice(&length(text.as_bytes()));
                aad.extend_from_slice(text.as_bytes());
            }
            Part::Bytes(bytes) => {
                aad.extend_from_slice(&length(bytes));
                aad.extend_from_slice(bytes);
            }
            Part::Number(number) => {
                aad.extend_from_slice(&4u16.to_be_bytes());
                aad.extend_from_slice(&number.to_be_bytes());
            }
        }
    }
    aad.push(SCHEMA);
    aad
}

fn length(part: &[u8]) -> [u8; 2] {
    u16::try_from(part.len()).unwrap_or(u16::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (Uuid, Vec<Part>) {
        (
            Uuid::from_u128(7),
            vec![
                Part::Text("v".into()),
                Part::Bytes(vec![1, 2]),
                Part::Number(3),
            ],
        )
    }

    #[test]
    fn a_row_opens_only_in_its_own_place() {
        let key = DataKey::new([1; 32]);
        let (vault, row) = place();
        let sealed = key.seal(Purpose::Own, "own", &vault, &row, b"Refused", [9; 12]);
        assert_eq!(
            key.open(Purpose::Own, "own", &vault, &row, &sealed),
            Ok(b"Refused".to_vec())
        );

        let mut other = row.clone();
        other[2] = Part::Number(4);
        assert_eq!(
            key.open(Purpose::Own, "own", &vault, &other, &sealed),
            Err(SealError)
        );
        assert_eq!(
            key.open(Purpose::Own, "outbox", &vault, &row, &sealed),
            Err(SealError)
        );
        assert_eq!(
            key.open(Purpose::Own, "own", &Uuid::from_u128(8), &row, &sealed),
            Err(SealError)
        );
        assert_eq!(
            key.open(Purpose::State, "own", &vault, &row, &sealed),
            Err(SealError)
        );
        assert_eq!(
            DataKey::new([2; 32]).open(Purpose::Own, "own", &vault, &row, &sealed),
            Err(SealError)
        );
    }

    #[test]
    fn a_flipped_bit_anywhere_is_noticed() {
        let key = DataKey::new([1; 32]);
        let (vault, row) = place();
        let sealed = key.seal(Purpose::Log, "pages", &vault, &row, b"page", [0; 12]);
        for bit in 0..sealed.len() * 8 {
            let mut damaged = sealed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                key.open(Purpose::Log, "pages", &vault, &row, &damaged),
                Err(SealError)
            );
        }
        assert_eq!(
            key.open(Purpose::Log, "pages", &vault, &row, &[]),
            Err(SealError)
        );
    }

    #[test]
    fn subkeys_and_names_differ_by_purpose_and_parts() {
        let key = DataKey::new([1; 32]);
        assert_ne!(key.subkey(Purpose::Log), key.subkey(Purpose::Own));
        assert_ne!(key.name(&[b"note", b"1"]), key.name(&[b"note1", b""]));
        assert_eq!(
            key.name(&[b"note", b"1"]),
            DataKey::new([1; 32]).name(&[b"note", b"1"])
        );
    }
}
