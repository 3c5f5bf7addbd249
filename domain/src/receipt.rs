//! Receipts: the server's signed word on what became of each element of a request. A restored server recognises its own
//! earlier word by them (PROTOCOL 3 and 4).

use crate::encoding::{Bytes, Digest, Millis, PublicKey, Signature};
use crate::entry::{MAX_INTEGER, within};
use crate::ids::LogId;
use crate::keys::{AuthorKey, NotA, short_key_id, verify_strict};
use uuid::Uuid;

/// What became of an element, finally.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum Code {
    /// Appended now.
    Accepted = 1,
    /// It was in the log.
    Again = 2,
    /// In quarantine.
    Held = 3,
    /// It did not open; counted, not stored.
    Broken = 4,
    /// In the log, its body lawfully erased.
    Erased = 5,
    /// Another row took its place; local only.
    Replaced = 6,
}

impl Code {
    /// The code of a byte from 1 to 6.
    pub const fn from_u8(byte: u8) -> Option<Self> {
        Some(match byte {
            1 => Self::Accepted,
            2 => Self::Again,
            3 => Self::Held,
            4 => Self::Broken,
            5 => Self::Erased,
            6 => Self::Replaced,
            _ => return None,
        })
    }
}

/// One element with a final code; 73 bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReceiptItem {
    /// The entry's digest; zero if none is known.
    pub digest: Digest,
    /// SHA-256 of the sealed blob that the server received itself; zero if it came plain.
    pub blob: Digest,
    pub code: Code,
    /// Its sequence number; 0 for held and broken.
    pub seq: u64,
}

/// One a response, in the order of its elements.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Receipt {
    pub log: LogId,
    /// Milliseconds by the server's clock.
    pub time: Millis,
    /// Which receipt key signed.
    pub key: Bytes<8>,
    pub items: Vec<ReceiptItem>,
    pub sig: Signature,
}

const HEAD: usize = 38;
const ITEM: usize = 73;
const SIG: usize = 64;

impl Receipt {
    fn unsigned(&self) -> Vec<u8> {
        let count = u16::try_from(self.items.len()).expect("a request has at most 500 elements");
        let mut out = Vec::with_capacity(HEAD + ITEM * self.items.len());
        out.extend_from_slice(b"HFV1");
        out.extend_from_slice(&self.log.bytes());
        out.extend_from_slice(&self.time.to_be_bytes());
        out.extend_from_slice(&self.key.0);
        out.extend_from_slice(&count.to_be_bytes());
        for item in &self.items {
            out.extend_from_slice(&item.digest.0);
            out.extend_from_slice(&item.blob.0);
            out.push(item.code as u8);
            out.extend_from_slice(&item.seq.to_be_bytes());
        }
        out
    }

    fn message(&self) -> Vec<u8> {
        [b"holdfast/receipt/1".as_slice(), &self.unsigned()].concat()
    }

    /// Signs a receipt.
    pub fn issue(log: LogId, time: Millis, items: Vec<ReceiptItem>, key: &AuthorKey) -> Self {
        let mut receipt = Self {
            log,
            time,
            key: short_key_id(&key.public()),
            items,
            sig: Bytes::ZERO,
        };
        receipt.sig = key.sign(&receipt.message());
        receipt
    }

    /// Whether this receipt key signed it.
    pub fn holds(&self, public: &PublicKey) -> bool {
        short_key_id(public) == self.key && verify_strict(public, &self.message(), &self.sig)
    }

    /// Its one encoding.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = self.unsigned();
        out.extend_from_slice(&self.sig.0);
        out
    }

    /// Reads one; the signature is not checked.
    ///
    /// # Errors
    /// [`NotA`] for another length, first bytes, or a code or integer out of range.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotA> {
        Self::read(bytes).ok_or(NotA("receipt"))
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        if bytes.get(..4)? != b"HFV1" {
            return None;
        }
        let log = Uuid::from_slice(bytes.get(4..20)?).ok()?.into();
        let time = i64::from_be_bytes(bytes.get(20..28)?.try_into().ok()?);
        if !within(time) {
            return None;
        }
        let key = Bytes::from_slice(bytes.get(28..36)?)?;
        let count = usize::from(u16::from_be_bytes(bytes.get(36..HEAD)?.try_into().ok()?));
        if bytes.len() != HEAD + count * ITEM + SIG {
            return None;
        }
        let (items, sig) = bytes[HEAD..].split_at(count * ITEM);
        let items = items.chunks_exact(ITEM).map(item).collect::<Option<_>>()?;
        Some(Self {
            log,
            time,
            key,
            items,
            sig: Bytes::from_slice(sig)?,
        })
    }
}

fn item(bytes: &[u8]) -> Option<ReceiptItem> {
    let code = Code::from_u8(bytes[64]).filter(|code| *code != Code::Replaced)?;
    let seq = u64::from_be_bytes(bytes[65..].try_into().ok()?);
    (seq <= MAX_INTEGER as u64).then_some(ReceiptItem {
        digest: Bytes::from_slice(&bytes[..32])?,
        blob: Bytes::from_slice(&bytes[32..64])?,
        code,
        seq,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::RootSecret;

    #[test]
    fn comes_back_as_it_was_and_any_flipped_bit_is_refused() {
        let key = RootSecret::new([1; 32]).receipt(0);
        let item = |n: u8, code| ReceiptItem {
            digest: Bytes([n; 32]),
            blob: Bytes::ZERO,
            code,
            seq: n.into(),
        };
        let items = vec![item(1, Code::Accepted), item(2, Code::Held)];
        let receipt = Receipt::issue(Uuid::from_u128(9).into(), 77, items, &key);
        let bytes = receipt.to_bytes();
        assert_eq!(Receipt::parse(&bytes).as_ref(), Ok(&receipt));
        assert!(receipt.holds(&key.public()));
        for at in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[at / 8] ^= 1 << (at % 8);
            assert!(
                !Receipt::parse(&bytes).is_ok_and(|receipt| receipt.holds(&key.public())),
                "bit {at}"
            );
        }
        for length in 0..bytes.len() {
            assert!(Receipt::parse(&bytes[..length]).is_err());
        }
    }

    #[test]
    fn what_only_a_phone_says_and_what_json_cannot_carry_is_no_receipt() {
        let key = RootSecret::new([1; 32]).receipt(0);
        let parses = |code, seq, time| {
            let (digest, blob) = (Bytes([1; 32]), Bytes::ZERO);
            let item = ReceiptItem {
                digest,
                blob,
                code,
                seq,
            };
            let receipt = Receipt::issue(Uuid::from_u128(9).into(), time, vec![item], &key);
            Receipt::parse(&receipt.to_bytes()).is_ok()
        };
        assert!(parses(Code::Erased, 1, 77));
        assert!(!parses(Code::Replaced, 0, 77));
        assert!(!parses(Code::Accepted, 1 << 53, 77));
        assert!(!parses(Code::Accepted, 1, 1 << 53));
    }
}
