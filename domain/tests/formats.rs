//! Properties of the formats: JSON to head to JSON is the identity, and any flipped bit is refused.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use holdfast_domain::encoding::Bytes;
use holdfast_domain::entry::{
    Beacon, EntryError, EntryJson, Head, MAX_BODY, MAX_INTEGER, SignedEntry, sign,
};
use holdfast_domain::keys::AuthorKey;
use proptest::prelude::*;
use uuid::Uuid;

fn integer() -> impl Strategy<Value = i64> {
    prop_oneof![
        -MAX_INTEGER..=MAX_INTEGER,
        Just(0),
        Just(MAX_INTEGER),
        Just(-MAX_INTEGER)
    ]
}

prop_compose! {
    fn entries()(
        ids in prop::array::uniform5(1_u128..),
        n in 1..=MAX_INTEGER as u64,
        made in integer(),
        skew in prop::option::of(integer()),
        time in integer(),
        mac in prop::array::uniform16(any::<u8>()),
        salt in prop::array::uniform16(any::<u8>()),
        seed in prop::array::uniform32(any::<u8>()),
        body in ".{0,200}",
    ) -> (SignedEntry, AuthorKey) {
        let [provider, service, id, author, device] = ids.map(Uuid::from_u128);
        let key = AuthorKey::from_seed(seed);
        let beacon = Beacon { time, mac: Bytes(mac) };
        let head = Head {
            provider: provider.into(), service: service.into(), id: id.into(), author: author.into(), device: device.into(),
            key: Bytes::ZERO, n, made, skew, beacon, length: 0, commit: Bytes::ZERO,
        };
        (sign(head, body, Bytes(salt), &key), key)
    }
}

proptest! {
    #[test]
    fn json_and_head_give_each_other_back((entry, key) in entries()) {
        let json = EntryJson::from(&entry);
        let text = serde_json::to_string(&json).unwrap();
        let back: EntryJson = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&back, &json);
        let signed = back.signed(entry.head.provider).unwrap();
        prop_assert_eq!(&signed, &entry);
        prop_assert_eq!(Head::parse(&entry.head.to_bytes()), Ok(entry.head));
        prop_assert_eq!(signed.verify(&key.public()), Ok(()));
    }

    #[test]
    fn any_flipped_bit_is_refused((entry, key) in entries(), at in any::<prop::sample::Index>()) {
        let bytes = [entry.head.to_bytes().as_slice(), &entry.sig.0, &entry.salt.0, entry.body.as_bytes()].concat();
        let at = at.index(bytes.len() * 8);
        let mut bytes = bytes;
        bytes[at / 8] ^= 1 << (at % 8);
        let holds = (|| {
            let head = Head::parse(&bytes[..184]).ok()?;
            let body = String::from_utf8(bytes[264..].to_vec()).ok()?;
            let entry = SignedEntry { head, sig: Bytes::from_slice(&bytes[184..248])?, salt: Bytes::from_slice(&bytes[248..264])?, body };
            entry.check().ok()?;
            entry.verify(&key.public()).ok()
        })();
        prop_assert_eq!(holds, None);
    }

    #[test]
    fn reading_a_head_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Head::parse(&bytes);
    }
}

#[test]
fn ranges_are_kept() {
    let key = AuthorKey::from_seed([1; 32]);
    let id = |n: u128| Uuid::from_u128(n);
    let head = Head {
        provider: id(1).into(),
        service: id(2).into(),
        id: id(3).into(),
        author: id(4).into(),
        device: id(5).into(),
        key: Bytes::ZERO,
        n: 1,
        made: 0,
        skew: None,
        beacon: Beacon::default(),
        length: 0,
        commit: Bytes::ZERO,
    };
    let check = |head: Head| sign(head, String::new(), Bytes::ZERO, &key).check();
    assert_eq!(check(head), Ok(()));
    assert_eq!(
        check(Head { n: 0, ..head }),
        Err(EntryError::Malformed("count"))
    );
    assert_eq!(
        check(Head { n: 1 << 53, ..head }),
        Err(EntryError::Malformed("count"))
    );
    assert_eq!(
        check(Head {
            id: Uuid::nil().into(),
            ..head
        }),
        Err(EntryError::Malformed("id"))
    );
    assert_eq!(
        check(Head {
            made: 1 << 53,
            ..head
        }),
        Err(EntryError::Malformed("time"))
    );
    assert_eq!(
        check(Head {
            skew: Some(-(1 << 53)),
            ..head
        }),
        Err(EntryError::Malformed("skew"))
    );
    let long = sign(head, "x".repeat(MAX_BODY + 1), Bytes::ZERO, &key);
    assert_eq!(long.check(), Err(EntryError::Malformed("body length")));
    let mut newer = head.to_bytes();
    newer[3] = b'2';
    assert_eq!(Head::parse(&newer), Err(EntryError::UnknownVersion));
    assert!(matches!(
        Head::parse(&newer[..100]),
        Err(EntryError::UnknownVersion)
    ));
    assert!(matches!(
        Head::parse(b"HFEx"),
        Err(EntryError::Malformed(_))
    ));
}

#[test]
fn absent_members_padding_and_unused_bits_are_refused() {
    let member = |text: &str| serde_json::from_str::<Bytes<1>>(text).is_ok();
    assert!(member(r#""AQ""#));
    assert!(!member(r#""AQ==""#), "padding");
    assert!(!member(r#""AR""#), "unused bits");
    assert!(!member(r#""A-8""#), "length");
    let key = AuthorKey::from_seed([1; 32]);
    let head = Head::parse(&{
        let mut bytes = [0; 184];
        bytes[..4].copy_from_slice(b"HFE1");
        bytes[36] = 1;
        bytes[107] = 1;
        bytes
    });
    let json = serde_json::to_value(EntryJson::from(&sign(
        head.unwrap(),
        "{}".to_owned(),
        Bytes::ZERO,
        &key,
    )))
    .unwrap();
    for name in json.as_object().unwrap().keys() {
        let mut without = json.clone();
        without.as_object_mut().unwrap().remove(name);
        assert!(
            serde_json::from_value::<EntryJson>(without).is_err(),
            "{name} is missing"
        );
    }
}
