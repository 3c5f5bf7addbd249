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
    elements: Box<dyn Iterator<Item = Element> + 'a>,
    run: Run,
    broken: Option<Break>,
}

#[must_use]
pub fn read(provider: ProviderId, text: &str) -> Reading<'_> {
    Reading {
        provider,
        elements: elements(text),
        run: Run::default(),
        broken: None,
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
            self.run.breaks_off();
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
            self.run.breaks_off();
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
            let element = self.elements.next()?;
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

/// Each is read by itself, so that one of a newer version does not stop the others.
fn elements(text: &str) -> Box<dyn Iterator<Item = Element> + '_> {
    let read = |element: Node<'_>| Element::deserialize(element).ok();
    match json::tree(text) {
        Ok(Node::List(elements)) => Box::new(elements.into_iter().filter_map(read)),
        Ok(_) => Box::new(std::iter::empty()),
        // One of them holds what no tree does: a number beyond all bounds, or a nest too deep.
        Err(_) => {
            let raw: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            let each = raw.into_iter();
            Box::new(each.filter_map(move |element| read(json::tree(element.get()).ok()?)))
        }
    }
}

fn digest_of(provider: ProviderId, entry: &EntryJson) -> Option<Digest> {
    let sig = entry.sig.as_ref()?;
    Some(entry.head(provider).digest(sig))
}
