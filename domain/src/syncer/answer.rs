//! Which answers are believed, and what a receipt proves. A captive portal answers 200 as well:
//! only JSON of the right shape with a verdict for each entry counts (PROTOCOL 4).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::encoding::{Blob, Digest, Millis};
use crate::entry::Beacon;
use crate::ids::{LogId, ServiceId};
use crate::json;
use crate::receipt::{Code, Receipt};
use crate::wire::{Keys, Rewound, VERSION, Verdict, Wipe};

/// A believed answer of `POST /api/v1/sync`, its entries as they came.
#[derive(Debug)]
pub struct Believed<'a> {
    pub v: u32,
    pub log: LogId,
    pub now: Millis,
    pub beacon: Beacon,
    pub verdicts: Vec<Verdict>,
    pub receipt: Option<Blob>,
    pub entries: &'a RawValue,
    pub cursor: String,
    pub more: bool,
    pub rescope: Option<Vec<ServiceId>>,
    pub rewound: Option<Vec<Rewound>>,
    pub keys: Option<Keys>,
    pub wipe: Option<Wipe>,
}

/// The members of an answer, each as it came.
struct Members<'a>(BTreeMap<&'a str, &'a RawValue>);

impl<'a> Members<'a> {
    fn must<T: Deserialize<'a>>(&self, name: &str) -> Option<T> {
        json::read(self.0.get(name)?.get()).ok()
    }

    /// A member that may be absent, but not wrong.
    fn may<T: Deserialize<'a>>(&self, name: &str) -> Option<Option<T>> {
        match self.0.get(name) {
            Some(value) => json::read(value.get()).ok(),
            None => Some(None),
        }
    }
}

/// The answer, if it may be believed for a request that sent `sent` entries.
#[must_use]
pub fn believe<'a>(content_type: Option<&str>, body: &'a str, sent: usize) -> Option<Believed<'a>> {
    let essence = content_type?.split(';').next()?.trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        return None;
    }
    let members = Members(serde_json::from_str(body).ok()?);
    let answer = Believed {
        v: members.must("v")?,
        log: members.must("log")?,
        now: members.must("now")?,
        beacon: members.must("beacon")?,
        verdicts: members.must("verdicts")?,
        receipt: members.may("receipt")?,
        entries: members.0.get("entries")?,
        cursor: members.must("cursor")?,
        more: members.must("more")?,
        rescope: members.may("rescope")?,
        rewound: members.may("rewound")?,
        keys: members.may("keys")?,
        wipe: members.may("wipe")?,
    };
    let shaped = answer.v == VERSION
        && answer.verdicts.len() == sent
        && answer.entries.get().starts_with('[');
    shaped.then_some(answer)
}

/// A receipt that verifies under one of the known receipt keys.
#[must_use]
pub fn proven(receipt: &Blob, keys: &[Keys]) -> Option<Receipt> {
    let receipt = Receipt::parse(&receipt.0).ok()?;
    let holds = keys.iter().any(|keys| receipt.holds(&keys.receipt));
    holds.then_some(receipt)
}

/// What the receipt says of each entry sent, in order: `None` where it names no final code for
/// that place, else the digest and code. `None` as a whole where it does not fit the verdicts.
#[must_use]
pub fn items_by_place(
    receipt: &Receipt,
    verdicts: &[Verdict],
) -> Option<Vec<Option<(Digest, Code)>>> {
    let mut items = receipt.items.iter();
    let mut places = Vec::with_capacity(verdicts.len());
    for verdict in verdicts {
        places.push(match verdict {
            Verdict::Later { .. } => None,
            Verdict::Filed { .. } | Verdict::Refused { .. } => {
                let item = items.next()?;
                Some((item.digest, item.code))
            }
        });
    }
    items.next().is_none().then_some(places)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::Bytes;
    use crate::keys::RootSecret;
    use crate::receipt::ReceiptItem;
    use uuid::Uuid;

    fn issued(index: u32) -> Receipt {
        let item = ReceiptItem {
            digest: Bytes([1; 32]),
            blob: Bytes([0; 32]),
            code: Code::Accepted,
            seq: 1,
        };
        let log = LogId::from(Uuid::from_u128(4));
        let key = RootSecret::new([7; 32]).receipt(index);
        Receipt::issue(log, 9, vec![item], &key)
    }

    #[test]
    fn a_receipt_proves_by_a_known_key_and_its_own_signature() {
        let root = RootSecret::new([7; 32]);
        let keys = [Keys::issue(&root, 0, 0, 0), Keys::issue(&root, 0, 1, 0)];
        for index in [0, 1] {
            let receipt = issued(index);
            assert_eq!(proven(&Blob(receipt.to_bytes()), &keys), Some(receipt));
        }
        assert_eq!(proven(&Blob(issued(2).to_bytes()), &keys), None);
        // It names a key that is known, over a word that is not its own.
        let mut forged = issued(0);
        forged.items[0].seq = 2;
        assert_eq!(proven(&Blob(forged.to_bytes()), &keys), None);
    }
}
