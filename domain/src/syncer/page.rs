//! A page of the log as the phone keeps it: the answer's elements as they came, read one by one,
//! so that an element of a newer version is kept and does not stop the others.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::chain::{Break, Header, Run};
use crate::encoding::Digest;
use crate::entry::{EntryJson, commit};
use crate::ids::{ProviderId, ServiceId};
use crate::json::{self, Node};
use crate::ledger::{Acknowledged, Ledger};
use crate::outbox::VaultId;
use crate::outbox::row::RowKey;
use crate::sealing::Part;
use crate::wire::Element;

/// `[vault, service, first seq, epoch]`: the key of a row of `pages`. The epoch counts restores
/// of the server that this phone has seen, so that a page of the log before one is never
/// overwritten by a page of the log after it.
#[must_use]
pub fn page_key(vault: &VaultId, service: ServiceId, first_seq: u64, epoch: u32) -> RowKey {
    vec![
        Part::Text(vault.to_string()),
        Part::Text(service.to_string()),
        Part::Number(u32::try_from(first_seq).unwrap_or(u32::MAX)),
        Part::Number(epoch),
    ]
}

/// The epoch in the key of a row of `pages`.
#[must_use]
pub fn epoch(key: &RowKey) -> u32 {
    match key.last() {
        Some(Part::Number(epoch)) => *epoch,
        _ => 0,
    }
}

/// Keys of pages, in the order of their epochs, by epoch.
pub fn by_epoch(keys: &[RowKey]) -> impl Iterator<Item = (u32, &[RowKey])> {
    let of_one = keys.chunk_by(|one, other| epoch(one) == epoch(other));
    of_one.map(|keys| (epoch(&keys[0]), keys))
}

/// The beginning of the keys of one service's pages.
#[must_use]
pub fn pages_of(vault: &VaultId, service: ServiceId) -> RowKey {
    vec![
        Part::Text(vault.to_string()),
        Part::Text(service.to_string()),
    ]
}

/// The service and first sequence number of a page; `None` where it has no element. Elements
/// of a newer version, whose service cannot be read, fall under the nil service.
#[must_use]
pub fn place(text: &str) -> Option<(ServiceId, u64)> {
    #[derive(Deserialize)]
    struct Place {
        seq: u64,
        entry: Option<InService>,
        stub: Option<InService>,
    }
    #[derive(Deserialize)]
    struct InService {
        service: Option<ServiceId>,
    }
    let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    let mut first_seq = None;
    for element in elements {
        let Ok(place) = json::read::<Place>(element.get()) else {
            continue;
        };
        let first = *first_seq.get_or_insert(place.seq);
        if let Some(service) = place.entry.or(place.stub).and_then(|inner| inner.service) {
            return Some((service, first));
        }
    }
    first_seq.map(|seq| (ServiceId::nil(), seq))
}

/// What a page brings, entry by entry, with its links followed. Stubs and elements of a newer version are passed over; their
/// text stays in the page.
pub struct Reading<'a> {
    provider: ProviderId,
    elements: Box<dyn Iterator<Item = Option<Element>> + 'a>,
    run: Run,
    broken: Option<Break>,
    whole: bool,
}

#[must_use]
pub fn read(provider: ProviderId, text: &str) -> Reading<'_> {
    Reading {
        provider,
        elements: elements(text),
        run: Run::default(),
        broken: None,
        whole: true,
    }
}

/// Puts all that a page brings into a ledger.
pub fn take(ledger: &mut Ledger, provider: ProviderId, text: &str) {
    let mut page = read(provider, text);
    for entry in page.by_ref() {
        ledger.acknowledge(entry);
    }
    ledger.breaks_at(page.broken());
}

impl Reading<'_> {
    /// The first entry read so far whose link does not follow, or whose body is not the one that was signed: the server's
    /// log is not what it was (PROTOCOL 4).
    #[must_use]
    pub fn broken(&self) -> Option<Break> {
        self.broken
    }

    /// Whether each element read so far was a whole entry or a stub: none was passed over for being of a newer version.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    fn acknowledged(&mut self, element: Element) -> Option<Acknowledged> {
        let Element::Whole {
            seq,
            received,
            first_received,
            carrier,
            flags,
            link,
            before,
            digest,
            entry,
        } = element
        else {
            return None;
        };
        let header = Header {
            seq,
            received,
            first_received,
            carrier,
            flags,
        };
        let Some(digest) = digest_of(self.provider, &entry).or(digest) else {
            self.whole = false;
            return None;
        };
        let service = entry.service;
        let says = match (&entry.salt, &entry.body) {
            (Some(salt), Some(body)) => commit(salt, body) == entry.commit,
            // Old or erased: what would show it is not sent any more.
            _ => true,
        };
        let follows = self.run.follows(&header, &digest, &link, before.as_ref());
        if !(says && follows) && self.broken.is_none() {
            self.broken = Some(Break { service, seq });
        }
        Some(Acknowledged {
            service,
            id: entry.id,
            author: entry.author,
            device: entry.device,
            n: entry.n,
            made: entry.made,
            skew: entry.skew,
            header,
            body: entry.body,
            digest,
        })
    }
}

impl Iterator for Reading<'_> {
    type Item = Acknowledged;

    fn next(&mut self) -> Option<Acknowledged> {
        loop {
            let Some(element) = self.elements.next()? else {
                self.whole = false;
                continue;
            };
            if let Some(entry) = self.acknowledged(element) {
                return Some(entry);
            }
        }
    }
}

/// An entry that can be offered to a restored server: it still carries signature and salt.
#[derive(Clone, Debug)]
pub struct Offer {
    pub digest: Digest,
    pub json: Box<RawValue>,
}

/// The entries of a page above `to` that can be offered again.
#[must_use]
pub fn offers(provider: ProviderId, text: &str, above: u64) -> Vec<Offer> {
    elements(text)
        .flatten()
        .filter_map(|element| match element {
            Element::Whole { seq, entry, .. } if seq > above && entry.salt.is_some() => {
                let digest = digest_of(provider, &entry)?;
                let json = serde_json::value::to_raw_value(&entry).ok()?;
                Some(Offer { digest, json })
            }
            _ => None,
        })
        .collect()
}

/// Each is read by itself, so that one of a newer version does not stop the others: it is `None`, as is a text that is no
/// list.
fn elements(text: &str) -> Box<dyn Iterator<Item = Option<Element>> + '_> {
    let read = |element: Node<'_>| Element::deserialize(element).ok();
    match json::tree(text) {
        Ok(Node::List(elements)) => Box::new(elements.into_iter().map(read)),
        Ok(_) => Box::new(std::iter::once(None)),
        // One of them holds what no tree does: a number beyond all bounds, or a nest too deep.
        Err(_) => match serde_json::from_str::<Vec<&RawValue>>(text) {
            Ok(raw) => Box::new(
                raw.into_iter()
                    .map(move |element| read(json::tree(element.get()).ok()?)),
            ),
            Err(_) => Box::new(std::iter::once(None)),
        },
    }
}

fn digest_of(provider: ProviderId, entry: &EntryJson) -> Option<Digest> {
    let sig = entry.sig.as_ref()?;
    Some(entry.head(provider).digest(sig))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::chain::{Flags, link, start, tag};
    use crate::encoding::Bytes;
    use crate::entry::{Beacon, Head, sign};
    use crate::ids::{DeviceId, EntryId, LogId, UserId};
    use crate::keys::AuthorKey;
    use uuid::Uuid;

    pub fn provider() -> ProviderId {
        ProviderId::from(Uuid::from_u128(1))
    }

    pub fn service() -> ServiceId {
        ServiceId::from(Uuid::from_u128(2))
    }

    fn entry(n: u64) -> EntryJson {
        let head = Head {
            provider: provider(),
            service: service(),
            id: EntryId::from(Uuid::from_u128(100 + u128::from(n))),
            author: UserId::from(Uuid::from_u128(5)),
            device: DeviceId::from(Uuid::from_u128(3)),
            key: Bytes([0; 16]),
            n,
            made: 1_767_225_600_000,
            skew: None,
            beacon: Beacon::default(),
            length: 0,
            commit: Bytes([0; 32]),
        };
        let body = format!("{{\"kind\":\"note/1\",\"n\":{n}}}");
        let key = AuthorKey::from_seed([8; 32]);
        EntryJson::from(&sign(head, body, Bytes([4; 16]), &key))
    }

    /// The chain's first `count` entries as elements, the first with the link before it.
    pub fn chain(count: u64) -> Vec<Element> {
        let log = LogId::from(Uuid::from_u128(4));
        let mut previous = start(provider(), service(), log);
        let mut elements = Vec::new();
        for seq in 1..=count {
            let entry = entry(seq);
            let header = Header {
                seq,
                received: 1_767_225_600_000,
                first_received: 0,
                carrier: None,
                flags: Flags::default(),
            };
            let digest = digest_of(provider(), &entry).expect("it is signed");
            let next = link(&previous, &header, &digest);
            elements.push(Element::Whole {
                seq,
                received: header.received,
                first_received: 0,
                carrier: None,
                flags: header.flags,
                link: tag(&next),
                before: (seq == 1).then_some(previous),
                digest: None,
                entry,
            });
            previous = next;
        }
        elements
    }

    pub fn change(element: &mut Element, how: impl FnOnce(&mut EntryJson)) {
        let Element::Whole { entry, .. } = element else {
            panic!("it is whole")
        };
        how(entry);
    }

    pub fn text(elements: &[Element]) -> String {
        serde_json::to_string(elements).expect("elements have string keys alone")
    }

    /// How many entries are read, and at which sequence number the page first breaks.
    fn reading(text: &str) -> (usize, Option<u64>) {
        let mut page = read(provider(), text);
        let count = page.by_ref().count();
        (count, page.broken().map(|it| it.seq))
    }

    #[test]
    fn a_page_breaks_at_the_first_entry_that_is_not_what_was_signed_or_linked() {
        let whole = chain(4);
        assert_eq!(reading(&text(&whole)), (4, None));
        let mut bodies = whole.clone();
        for element in &mut bodies[2..] {
            change(element, |entry| entry.body = Some("{}".to_owned()));
        }
        assert_eq!(reading(&text(&bodies)), (4, Some(3)));
        let mut heads = whole.clone();
        change(&mut heads[1], |entry| entry.made += 1);
        assert_eq!(reading(&text(&heads)), (4, Some(2)));
        // Old: what would show it is not sent any more.
        let mut old = whole.clone();
        change(&mut old[3], |entry| {
            entry.salt = None;
            entry.body = Some("{}".to_owned());
        });
        assert_eq!(reading(&text(&old)), (4, None));
        // After a gap nothing is known of what comes without the link before it.
        let mut gap = chain(4);
        gap.remove(1);
        change(&mut gap[1], |entry| entry.made += 1);
        assert_eq!(reading(&text(&gap)), (3, None));
    }

    #[test]
    fn what_cannot_be_followed_tells_nothing_of_what_comes_after_it() {
        let whole = chain(3);
        let Element::Whole { entry, .. } = &whole[1] else {
            panic!("it is whole")
        };
        let stub = serde_json::json!({"seq": 2, "received": 1, "flags": 0, "stub": {"id": entry.id,
            "service": entry.service, "about": null, "kind": "note/1", "step": "", "role": "support_worker", "made": 1}});
        let newer = serde_json::json!({"seq": 2, "entry": {"parts": []}});
        let mut unsigned = whole.clone();
        change(&mut unsigned[1], |entry| entry.sig = None);
        let unsigned = serde_json::to_value(&unsigned[1]).expect("JSON");
        for second in [stub, newer, unsigned] {
            let mut page = serde_json::to_value(&whole).expect("JSON");
            page[1] = second;
            // The link of the third is of a second that nothing here knows.
            page[2]["received"] = serde_json::json!(5);
            assert_eq!(reading(&page.to_string()), (2, None), "{page}");
        }
    }

    #[test]
    fn an_old_entry_is_followed_by_its_digest() {
        let mut old = chain(3);
        for element in &mut old {
            let Element::Whole { entry, digest, .. } = element else {
                panic!("it is whole")
            };
            *digest = digest_of(provider(), entry);
            (entry.sig, entry.salt) = (None, None);
        }
        assert_eq!(reading(&text(&old)), (3, None));
        let Element::Whole { digest, .. } = &mut old[1] else {
            panic!("it is whole")
        };
        *digest = Some(Bytes([9; 32]));
        assert_eq!(reading(&text(&old)), (3, Some(2)));
    }

    #[test]
    fn what_a_page_brings_is_in_the_ledger_and_so_is_where_it_breaks() {
        let me = UserId::from(Uuid::from_u128(5));
        let (mut ledger, mut broken) = (Ledger::new(me), chain(3));
        take(&mut ledger, provider(), &text(&broken));
        assert_eq!(ledger.acknowledged_count(), 3);
        assert_eq!(ledger.breaks().count(), 0);
        change(&mut broken[1], |entry| entry.made += 1);
        take(&mut ledger, provider(), &text(&broken));
        assert_eq!(ledger.breaks().map(|it| it.seq).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn what_can_be_offered_again_is_above_and_still_carries_its_salt() {
        let mut elements = chain(4);
        change(&mut elements[3], |entry| entry.salt = None);
        let digests = |above| {
            let offers = offers(provider(), &text(&elements), above).into_iter();
            offers.map(|it| it.digest).collect::<Vec<_>>()
        };
        let digest = |n| digest_of(provider(), &entry(n)).expect("it is signed");
        assert_eq!(digests(1), [digest(2), digest(3)]);
        assert_eq!(digests(3), []);
    }

    #[test]
    fn a_page_is_kept_under_its_service_first_number_and_epoch() {
        let vault = Uuid::from_u128(0xA);
        let key = page_key(&vault, service(), 7, 3);
        assert_eq!(epoch(&key), 3);
        let under = pages_of(&vault, service());
        assert!(key.starts_with(&under));
        let other = ServiceId::from(Uuid::from_u128(9));
        assert!(!page_key(&vault, other, 7, 3).starts_with(&under));
        assert_ne!(key, page_key(&vault, service(), 7, 2));
    }

    #[test]
    fn a_page_is_placed_by_its_first_element_and_the_first_service_that_is_known() {
        let newer = r#"{"seq":5,"entry":{"parts":[]}}"#;
        let page = text(&chain(1));
        let first = page.trim_start_matches('[').trim_end_matches(']');
        assert_eq!(place(&page), Some((service(), 1)));
        assert_eq!(place(&format!("[{newer},{first}]")), Some((service(), 5)));
        assert_eq!(place(&format!("[{newer}]")), Some((ServiceId::nil(), 5)));
        assert_eq!(place(&format!("[{{}},{first}]")), Some((service(), 1)));
        assert_eq!(place("[]"), None);
        assert_eq!(place("{}"), None);
    }

    #[test]
    fn an_element_that_no_tree_holds_does_not_stop_the_others() {
        let elements = chain(2);
        let (first, second) = (text(&elements[..1]), text(&elements[1..]));
        let (first, second) = (&first[1..first.len() - 1], &second[1..second.len() - 1]);
        let page = format!("[{first},{{\"seq\":1e999}},{second}]");
        assert_eq!(reading(&page), (2, None));
        assert_eq!(reading("{}"), (0, None));
        let whole = |page: &str| {
            let mut read = read(provider(), page);
            read.by_ref().count();
            read.is_whole()
        };
        assert!(!whole(&page));
        assert!(!whole("{}"));
        assert!(whole(&text(&elements)) && whole("[]"));
    }
}
