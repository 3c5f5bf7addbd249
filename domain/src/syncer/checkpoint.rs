//! Checkpoints of the view: what many pages of the log say, read and checked once, so that a start neither reads their
//! JSON nor works out their digests again. Written when the app is idle, and never needed: pages stay as they came.
//!
//! A checkpoint counts only while it says what its pages say. Each page that is stored, also over an earlier one of its
//! key, is marked in the same transaction, and a checkpoint of a marked page or of one that is gone is passed over; a
//! service that is dropped takes all checkpoints with it. Whoever writes one does so on condition that nothing was stored
//! since it began to read ([`unchanged`]), and takes the marks of its pages away with it.
//!
//! Its bytes, all integers big-endian: `HFC1`, the number of pages, each as service (16), first sequence number (4) and
//! epoch (4); the number of breaks, each as service (16) and sequence number (8); the length of all entries; then the entries, each as flags (1),
//! service, id, author, device (16 each), count, time made, skew, sequence number, receipt, first receipt (8 each),
//! carrier (16), the header's flags (2), digest (32), and where the body is not erased its length (4) and its text.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::page;
use crate::chain::{Break, Flags, Header};
use crate::encoding::Bytes;
use crate::ids::{DeviceId, ProviderId, ServiceId};
use crate::ledger::{Acknowledged, Ledger};
use crate::outbox::VaultId;
use crate::outbox::row::{Change, Field, Row, RowKey, Store, Write};
use crate::sealing::Part;

/// Of how many bytes of entries a checkpoint is full, some 4,000 entries: one that is not takes in the pages after it.
const FULL: usize = 2_000_000;
/// How many pages that no checkpoint has, or how many bytes of them, are worth writing one for.
const DUE_PAGES: usize = 32;
const DUE_BYTES: usize = 150_000;

const MAGIC: &[u8] = b"HFC1";
const CHECKPOINT: &str = "of";
const MARK: &str = "page";
const LAST: &str = "last";

const HAS_SKEW: u8 = 1;
const HAS_CARRIER: u8 = 2;
const HAS_BODY: u8 = 4;

/// Whether so many pages, of so many bytes in all, are worth a checkpoint.
#[must_use]
pub fn is_due(pages: usize, bytes: usize) -> bool {
    pages >= DUE_PAGES || bytes >= DUE_BYTES
}

/// Which page of a vault: the rest of its row's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageName {
    service: ServiceId,
    first_seq: u32,
    epoch: u32,
}

impl PageName {
    /// The page of a row of `pages`; `None` where the key is not one of theirs.
    #[must_use]
    pub fn of(key: &[Part]) -> Option<Self> {
        let [
            Part::Text(_),
            Part::Text(service),
            Part::Number(first_seq),
            Part::Number(epoch),
        ] = key
        else {
            return None;
        };
        Some(Self {
            service: service.parse().ok()?,
            first_seq: *first_seq,
            epoch: *epoch,
        })
    }

    fn mark_key(&self, vault: &VaultId) -> RowKey {
        vec![
            Part::Text(vault.to_string()),
            Part::Text(MARK.to_owned()),
            Part::Text(self.service.to_string()),
            Part::Number(self.first_seq),
            Part::Number(self.epoch),
        ]
    }
}

/// `[vault, "of", epoch, number]`: the key of a checkpoint. `number` is random.
#[must_use]
pub fn key(vault: &VaultId, epoch: u32, number: u32) -> RowKey {
    vec![
        Part::Text(vault.to_string()),
        Part::Text(CHECKPOINT.to_owned()),
        Part::Number(epoch),
        Part::Number(number),
    ]
}

/// The key of the row that says which page was stored last.
#[must_use]
pub fn last_key(vault: &VaultId) -> RowKey {
    vec![Part::Text(vault.to_string()), Part::Text(LAST.to_owned())]
}

/// What is written with every page: that no checkpoint has it, and that something was stored; `random` tells this time
/// from every other.
pub(super) fn marks(vault: &VaultId, page: &RowKey, random: u64) -> Vec<Write> {
    let last = Row::new().with("token", Field::Number((random >> 11) as i64));
    let put = |key, row| Write::new(Store::Checkpoint, key, Change::Put(row));
    let name = PageName::of(page).filter(|_| !crate::mutated!("checkpoint_outdated"));
    let mark = name.map(|page| put(page.mark_key(vault), Row::new()));
    mark.into_iter()
        .chain([put(last_key(vault), last)])
        .collect()
}

/// What is written where a service is dropped: no checkpoint of the vault is there any more. None would count that has
/// its pages, which go in the same transaction.
pub(super) fn dropped(vault: &VaultId) -> Write {
    let mut under = vec![Part::Text(vault.to_string())];
    if crate::mutated!("checkpoint_outdated") {
        under.push(Part::Text(MARK.to_owned()));
    }
    Write::new(Store::Checkpoint, under, Change::DeleteUnder)
}

/// Whether nothing was stored between two readings of the row [`last_key`].
#[must_use]
pub fn unchanged(before: Option<&Row>, after: Option<&Row>) -> bool {
    let token = |row: Option<&Row>| row.and_then(|row| row.number("token"));
    token(before) == token(after) || crate::mutated!("checkpoint_overtaken")
}

/// What a vault has in `checkpoint`, by the keys of its rows.
#[derive(Default)]
pub struct Found {
    /// Keys of the checkpoints themselves.
    pub checkpoints: Vec<RowKey>,
    /// Pages stored since, which none of them has as they are now.
    marked: BTreeSet<PageName>,
}

impl Found {
    #[must_use]
    pub fn new(keys: impl IntoIterator<Item = RowKey>) -> Self {
        let mut found = Self::default();
        for key in keys {
            match key.get(1) {
                Some(Part::Text(kind)) if kind == CHECKPOINT => found.checkpoints.push(key),
                Some(Part::Text(kind)) if kind == MARK => {
                    let page: RowKey = [&key[..1], &key[2..]].concat();
                    found.marked.extend(PageName::of(&page));
                }
                _ => {}
            }
        }
        found
    }

    /// The keys of the checkpoints of an epoch.
    pub fn of(&self, epoch: u32) -> impl Iterator<Item = &RowKey> {
        self.checkpoints
            .iter()
            .filter(move |key| key.get(2) == Some(&Part::Number(epoch)))
    }

    /// Whether a checkpoint says what its pages say, of which these are there.
    #[must_use]
    pub fn stands(&self, checkpoint: &Checkpoint, pages: &BTreeSet<PageName>) -> bool {
        let mut its = checkpoint.pages.iter();
        its.all(|page| pages.contains(page) && !self.marked.contains(page))
    }
}

/// What some pages of one epoch bring.
#[derive(Clone, Default, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pages: Vec<PageName>,
    breaks: Vec<Break>,
    entries: Vec<u8>,
}

impl Checkpoint {
    /// Takes in what a page brings. False, and nothing is taken, where it has an element that this version does not read:
    /// a later one may, and reads the page.
    pub fn take(&mut self, provider: ProviderId, page: PageName, text: &str) -> bool {
        let before = self.entries.len();
        let mut reading = page::read(provider, text);
        for entry in reading.by_ref() {
            write_entry(&mut self.entries, &entry);
        }
        if !reading.is_whole() {
            self.entries.truncate(before);
            return false;
        }
        self.breaks.extend(reading.broken());
        self.pages.push(page);
        true
    }

    /// The pages whose place it takes.
    #[must_use]
    pub fn pages(&self) -> &[PageName] {
        &self.pages
    }

    /// Whether it is as large as one shall be.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.entries.len() >= FULL
    }

    /// Its row's change in place of those that it has taken in, and without the marks of its pages; `sealed` is
    /// [`Self::to_bytes`], sealed.
    #[must_use]
    pub fn writes(
        &self,
        vault: &VaultId,
        key: RowKey,
        sealed: Field,
        replaced: &[RowKey],
    ) -> Vec<Write> {
        let delete = |key| Write::new(Store::Checkpoint, key, Change::Delete);
        let row = Row::new().with("sealed", sealed);
        let put = Write::new(Store::Checkpoint, key, Change::Put(row));
        let marks = self.pages.iter().map(|page| delete(page.mark_key(vault)));
        let replaced = replaced.iter().map(|key| delete(key.clone()));
        replaced.chain([put]).chain(marks).collect()
    }

    /// Puts all that it has into a ledger.
    pub fn put_into(&self, ledger: &mut Ledger) {
        for entry in self.entries() {
            ledger.acknowledge(entry);
        }
        self.breaks_into(ledger);
    }

    /// Where its pages do not hold together.
    pub fn breaks_into(&self, ledger: &mut Ledger) {
        for broken in &self.breaks {
            ledger.breaks_at(Some(*broken));
        }
    }

    /// Its entries, in the order of their pages.
    pub fn entries(&self) -> impl Iterator<Item = Acknowledged> + '_ {
        let mut rest = Rest(&self.entries);
        std::iter::from_fn(move || rest.entry())
    }

    /// Its one encoding.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes();
        let mut out = Vec::with_capacity(self.entries.len() + self.pages.len() * 24 + 64);
        out.extend_from_slice(MAGIC);
        out.extend_from_slice(&count(self.pages.len()));
        for page in &self.pages {
            out.extend_from_slice(&page.service.bytes());
            out.extend_from_slice(&page.first_seq.to_be_bytes());
            out.extend_from_slice(&page.epoch.to_be_bytes());
        }
        out.extend_from_slice(&count(self.breaks.len()));
        for broken in &self.breaks {
            out.extend_from_slice(&broken.service.bytes());
            out.extend_from_slice(&broken.seq.to_be_bytes());
        }
        out.extend_from_slice(&count(self.entries.len()));
        out.extend_from_slice(&self.entries);
        out
    }

    /// Reads one; `None` where the bytes are not wholly one of this version.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let mut rest = Rest(bytes);
        if rest.slice(MAGIC.len())? != MAGIC {
            return None;
        }
        let mut checkpoint = Self::default();
        for _ in 0..rest.u32()? {
            checkpoint.pages.push(PageName {
                service: rest.id()?.into(),
                first_seq: rest.u32()?,
                epoch: rest.u32()?,
            });
        }
        for _ in 0..rest.u32()? {
            checkpoint.breaks.push(Break {
                service: rest.id()?.into(),
                seq: rest.u64()?,
            });
        }
        if rest.u32()? as usize != rest.0.len() {
            return None;
        }
        checkpoint.entries = rest.0.to_vec();
        while !rest.0.is_empty() {
            rest.pass_entry()?;
        }
        Some(checkpoint)
    }
}

fn write_entry(out: &mut Vec<u8>, entry: &Acknowledged) {
    let header = &entry.header;
    let flag = |is: bool, flag: u8| if is { flag } else { 0 };
    out.push(
        flag(entry.skew.is_some(), HAS_SKEW)
            | flag(header.carrier.is_some(), HAS_CARRIER)
            | flag(entry.body.is_some(), HAS_BODY),
    );
    for id in [
        entry.service.bytes(),
        entry.id.bytes(),
        entry.author.bytes(),
        entry.device.bytes(),
    ] {
        out.extend_from_slice(&id);
    }
    out.extend_from_slice(&entry.n.to_be_bytes());
    out.extend_from_slice(&entry.made.to_be_bytes());
    out.extend_from_slice(&entry.skew.unwrap_or_default().to_be_bytes());
    out.extend_from_slice(&header.to_bytes());
    out.extend_from_slice(&entry.digest.0);
    if let Some(body) = &entry.body {
        let length = u32::try_from(body.len()).expect("a body is far shorter than 4 GiB");
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(body.as_bytes());
    }
}

/// From the flags to the digest.
const ENTRY: usize = 1 + 4 * 16 + 3 * 8 + 42 + 32;

/// What is still to be read.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let (slice, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(slice)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.slice(N)?.try_into().ok()
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    fn i64(&mut self) -> Option<i64> {
        self.array().map(i64::from_be_bytes)
    }

    fn id(&mut self) -> Option<Uuid> {
        self.array().map(Uuid::from_bytes)
    }

    /// The text of the body, where an entry of these flags has one.
    fn body(&mut self, flags: u8) -> Option<Option<&'a str>> {
        if flags & HAS_BODY == 0 {
            return Some(None);
        }
        let length = self.u32()? as usize;
        let text = std::str::from_utf8(self.slice(length)?).ok()?;
        Some(Some(text))
    }

    fn pass_entry(&mut self) -> Option<()> {
        let flags = self.slice(ENTRY)?[0];
        self.body(flags).map(|_| ())
    }

    fn entry(&mut self) -> Option<Acknowledged> {
        let [flags] = self.array()?;
        let (service, id) = (self.id()?.into(), self.id()?.into());
        let (author, device) = (self.id()?.into(), self.id()?.into());
        let (n, made, skew) = (self.u64()?, self.i64()?, self.i64()?);
        let (seq, received, first_received) = (self.u64()?, self.i64()?, self.i64()?);
        let carrier = DeviceId::from(self.id()?);
        Some(Acknowledged {
            service,
            id,
            author,
            device,
            n,
            made,
            skew: (flags & HAS_SKEW != 0).then_some(skew),
            header: Header {
                seq,
                received,
                first_received,
                carrier: (flags & HAS_CARRIER != 0).then_some(carrier),
                flags: Flags(self.array().map(u16::from_be_bytes)?),
            },
            digest: Bytes(self.array()?),
            body: self.body(flags)?.map(str::to_owned),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::page::tests::{chain, change, provider, service, text};
    use super::*;
    use crate::ids::UserId;

    const VAULT: VaultId = Uuid::from_u128(0xA);

    fn name(first_seq: u64) -> PageName {
        PageName::of(&page::page_key(&VAULT, service(), first_seq, 0)).expect("a page's key")
    }

    fn of(pages: &[(u64, &str)]) -> Checkpoint {
        let mut checkpoint = Checkpoint::default();
        for (first_seq, text) in pages {
            assert!(checkpoint.take(provider(), name(*first_seq), text));
        }
        checkpoint
    }

    /// What is in `checkpoint` after these writes, by its keys.
    fn found(writes: &[Write]) -> Found {
        let mut keys: BTreeSet<RowKey> = BTreeSet::new();
        for write in writes {
            assert_eq!(write.store, Store::Checkpoint);
            match write.change {
                Change::Delete => keys.retain(|key| *key != write.key),
                Change::DeleteUnder => keys.retain(|key| !key.starts_with(&write.key)),
                _ => {
                    keys.insert(write.key.clone());
                }
            }
        }
        Found::new(keys)
    }

    #[test]
    fn a_checkpoint_brings_what_its_pages_bring_and_where_they_break() {
        let mut later = chain(5).split_off(3);
        change(&mut later[1], |entry| entry.body = Some("{}".to_owned()));
        let (first, second) = (text(&chain(3)), text(&later));
        let checkpoint = of(&[(1, &first), (4, &second)]);
        let read = Checkpoint::parse(&checkpoint.to_bytes()).expect("its own bytes");
        assert_eq!(read, checkpoint);
        let by_pages = page::read(provider(), &first).chain(page::read(provider(), &second));
        assert!(by_pages.eq(read.entries()));
        let me = UserId::from(Uuid::from_u128(5));
        let mut ledger = Ledger::new(me);
        read.put_into(&mut ledger);
        assert_eq!(ledger.acknowledged_count(), 5);
        assert_eq!(ledger.breaks().map(|it| it.seq).collect::<Vec<_>>(), [5]);
        assert_eq!(read.pages(), [name(1), name(4)]);
    }

    #[test]
    fn a_page_of_a_newer_version_is_left_to_be_read_by_itself() {
        let mut checkpoint = of(&[(1, &text(&chain(2)))]);
        let before = checkpoint.clone();
        let mut page = serde_json::to_value(chain(2)).expect("JSON");
        page[1] = serde_json::json!({"seq": 2, "entry": {"parts": []}});
        for newer in [page.to_string(), "{}".to_owned(), "[".to_owned()] {
            assert!(!checkpoint.take(provider(), name(7), &newer), "{newer}");
            assert_eq!(checkpoint, before);
        }
    }

    #[test]
    fn a_checkpoint_counts_until_one_of_its_pages_is_stored_anew_gone_or_dropped() {
        let key_of = |first_seq| page::page_key(&VAULT, service(), first_seq, 0);
        let stored = [1, 4, 9].map(|first_seq| marks(&VAULT, &key_of(first_seq), first_seq << 20));
        let checkpoint = of(&[(1, &text(&chain(2))), (4, &text(&chain(1)))]);
        let made = checkpoint.writes(&VAULT, key(&VAULT, 0, 77), Field::Null, &[]);
        let (all, without_one) = (
            BTreeSet::from([1, 4, 9].map(name)),
            BTreeSet::from([1, 9].map(name)),
        );
        assert!(
            !found(&stored.concat()).stands(&checkpoint, &all),
            "each page is marked"
        );
        let then = |more: Vec<Write>| found(&[stored.concat(), made.clone(), more].concat());
        assert!(then(Vec::new()).stands(&checkpoint, &all));
        assert!(
            !then(Vec::new()).stands(&checkpoint, &without_one),
            "one is gone"
        );
        let again = marks(&VAULT, &key_of(4), 5);
        assert!(!then(again).stands(&checkpoint, &all), "one is stored anew");
        let more = marks(&VAULT, &key_of(12), 5);
        assert!(
            then(more).stands(&checkpoint, &all),
            "one more changes nothing"
        );
        assert_eq!(then(Vec::new()).of(0).count(), 1);
        assert_eq!(then(Vec::new()).of(1).count(), 0, "of another epoch");
        assert_eq!(
            then(vec![dropped(&VAULT)]).of(0).count(),
            0,
            "a service is dropped"
        );
    }

    #[test]
    fn a_checkpoint_takes_the_place_of_those_that_it_has_taken_in() {
        let old = key(&VAULT, 0, 1);
        let one = of(&[(1, &text(&chain(2)))]);
        let first = one.writes(&VAULT, old.clone(), Field::Null, &[]);
        let second = one.writes(&VAULT, key(&VAULT, 0, 2), Field::Null, &[old]);
        let left = found(&[first, second].concat());
        assert_eq!(left.checkpoints, [key(&VAULT, 0, 2)]);
    }

    #[test]
    fn whoever_writes_one_notices_every_page_that_was_stored_meanwhile() {
        let key_of = |first_seq| page::page_key(&VAULT, service(), first_seq, 0);
        let last = |random| {
            let writes = marks(&VAULT, &key_of(1), random).into_iter();
            let mut rows = writes.filter(|write| write.key == last_key(&VAULT));
            match rows.next().expect("it says which was last").change {
                Change::Put(row) => row,
                other => panic!("{other:?}"),
            }
        };
        let (one, other) = (last(1 << 40), last(u64::MAX));
        assert!(unchanged(Some(&one), Some(&one)));
        assert!(unchanged(None, None));
        assert!(!unchanged(Some(&one), Some(&other)));
        assert!(!unchanged(None, Some(&one)), "the first of all");
        assert!(!unchanged(Some(&one), None), "dropped");
    }

    #[test]
    fn many_pages_or_many_bytes_are_worth_one() {
        assert!(!is_due(DUE_PAGES - 1, DUE_BYTES - 1));
        assert!(is_due(DUE_PAGES, 0));
        assert!(is_due(1, DUE_BYTES));
    }

    fn acknowledged() -> impl Strategy<Value = Acknowledged> {
        let ids = any::<(u128, u128, u128, u128)>();
        let numbers = any::<(u64, i64, Option<i64>)>();
        let header = any::<(u64, i64, i64, Option<u128>, u16)>();
        (
            ids,
            numbers,
            header,
            any::<[u8; 32]>(),
            any::<Option<String>>(),
        )
            .prop_map(
                |(ids, (n, made, skew), header, digest, body)| Acknowledged {
                    service: Uuid::from_u128(ids.0).into(),
                    id: Uuid::from_u128(ids.1).into(),
                    author: Uuid::from_u128(ids.2).into(),
                    device: Uuid::from_u128(ids.3).into(),
                    n,
                    made,
                    skew,
                    header: Header {
                        seq: header.0,
                        received: header.1,
                        first_received: header.2,
                        carrier: header.3.map(|id| Uuid::from_u128(id).into()),
                        flags: Flags(header.4),
                    },
                    body,
                    digest: Bytes(digest),
                },
            )
    }

    proptest! {
        #[test]
        fn every_entry_comes_back_as_it_was(entries in prop::collection::vec(acknowledged(), 0..8)) {
            let mut checkpoint = Checkpoint::default();
            for entry in &entries {
                write_entry(&mut checkpoint.entries, entry);
            }
            let read = Checkpoint::parse(&checkpoint.to_bytes()).expect("its own bytes");
            prop_assert!(read.entries().eq(entries));
        }

        #[test]
        fn what_is_cut_or_goes_on_is_none(entries in prop::collection::vec(acknowledged(), 1..4), cut in any::<prop::sample::Index>()) {
            let mut checkpoint = of(&[(1, &text(&chain(1)))]);
            for entry in &entries {
                write_entry(&mut checkpoint.entries, entry);
            }
            let mut bytes = checkpoint.to_bytes();
            prop_assert_eq!(Checkpoint::parse(&bytes[..cut.index(bytes.len())]), None);
            bytes.push(0);
            prop_assert_eq!(Checkpoint::parse(&bytes), None);
        }

        #[test]
        fn other_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = Checkpoint::parse(&bytes);
            let _ = Checkpoint::parse(&[MAGIC, &bytes].concat());
        }
    }
}
