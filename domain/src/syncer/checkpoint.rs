//! Checkpoints of the view: what many pages of the log say, read and checked once, for the next start. Pages stay as they
//! came, and a checkpoint counts only while it says what its pages say: each page that is stored is marked in the same
//! transaction, and a checkpoint of a marked page, or of one that is gone, is passed over. Whoever writes one takes the
//! marks of its pages away in one transaction with every checkpoint that they had outdated ([`Making`]), on condition that
//! nothing was stored since it began to read ([`unchanged`]).

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
pub const FULL: usize = 2_000_000;
/// How many pages that no checkpoint has, or how many bytes of them, are worth writing one for.
const DUE_PAGES: usize = 32;
const DUE_BYTES: usize = 150_000;

/// A version that reads more of a page, or checks it otherwise, has another number here: it reads the pages again.
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
        let first_seq = u64::from(self.first_seq);
        let mut key = page::page_key(vault, self.service, first_seq, self.epoch);
        key.insert(1, Part::Text(MARK.to_owned()));
        key
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
    let name = PageName::of(page).filter(|_| !crate::mutated!("checkpoint_outdated"));
    let mark = name.map(|page| {
        let mark = Change::Put(Row::new());
        Write::new(Store::Checkpoint, page.mark_key(vault), mark)
    });
    mark.into_iter().chain([stored(vault, random)]).collect()
}

/// What is written where a service is dropped: no checkpoint of the vault is there any more, and who writes one notices.
/// None would count that has its pages, which go in the same transaction.
pub(super) fn dropped(vault: &VaultId, random: u64) -> [Write; 2] {
    let mut under = vec![Part::Text(vault.to_string())];
    if crate::mutated!("checkpoint_outdated") {
        under.push(Part::Text(MARK.to_owned()));
    }
    let all = Write::new(Store::Checkpoint, under, Change::DeleteUnder);
    [all, stored(vault, random)]
}

fn stored(vault: &VaultId, random: u64) -> Write {
    let last = Row::new().with("token", Field::Number((random >> 11) as i64));
    Write::new(Store::Checkpoint, last_key(vault), Change::Put(last))
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
    checkpoints: Vec<RowKey>,
    /// Pages stored since, which none of them has as they are now.
    marked: BTreeSet<PageName>,
}

impl Found {
    #[must_use]
    pub fn new(keys: impl IntoIterator<Item = RowKey>) -> Self {
        let mut found = Self::default();
        for mut key in keys {
            match key.get(1) {
                Some(Part::Text(kind)) if kind == CHECKPOINT => found.checkpoints.push(key),
                Some(Part::Text(kind)) if kind == MARK => {
                    key.remove(1);
                    found.marked.extend(PageName::of(&key));
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
}

/// The pages of one epoch, and which of them checkpoints stand for.
pub struct Pages {
    there: BTreeSet<PageName>,
    covered: BTreeSet<PageName>,
}

impl Pages {
    /// The pages of these rows, none of them stood for yet.
    #[must_use]
    pub fn new(keys: &[RowKey]) -> Self {
        Self {
            there: keys.iter().filter_map(|key| PageName::of(key)).collect(),
            covered: BTreeSet::new(),
        }
    }

    /// The checkpoint in these bytes, where they are one and it says what its pages say.
    pub fn opened(&mut self, found: &Found, bytes: Option<&[u8]>) -> Option<Checkpoint> {
        let checkpoint = Checkpoint::parse(bytes?)?;
        let mut its = checkpoint.pages.iter();
        if !its.all(|page| self.there.contains(page) && !found.marked.contains(page)) {
            return None;
        }
        self.covered.extend(&checkpoint.pages);
        Some(checkpoint)
    }

    /// Those of these rows that no checkpoint stands for.
    #[must_use]
    pub fn left(&self, keys: &[RowKey]) -> Vec<RowKey> {
        let left = keys
            .iter()
            .filter(|key| PageName::of(key).is_none_or(|page| !self.covered.contains(&page)));
        left.cloned().collect()
    }
}

/// Checkpoints of one epoch's pages in the making: one that is not full goes on, what is outdated goes.
pub struct Making {
    pages: Pages,
    full: usize,
    checkpoint: Checkpoint,
    replaced: Vec<RowKey>,
    news: bool,
}

/// One that is to be stored.
#[derive(Debug)]
pub struct Made {
    /// What is sealed under its key.
    pub bytes: Vec<u8>,
    pages: Vec<PageName>,
    replaced: Vec<RowKey>,
}

impl Making {
    /// Of the pages of these rows; of `full` bytes of entries one is full ([`FULL`]).
    #[must_use]
    pub fn new(keys: &[RowKey], full: usize) -> Self {
        Self {
            pages: Pages::new(keys),
            full,
            checkpoint: Checkpoint::default(),
            replaced: Vec::new(),
            news: false,
        }
    }

    /// Sees a checkpoint of the epoch, as it was opened: `None` where it could not be. Each that there is has to be seen
    /// before a page is taken.
    pub fn opened(&mut self, found: &Found, key: &RowKey, bytes: Option<&[u8]>) {
        let goes_on = match self.pages.opened(found, bytes) {
            Some(checkpoint) => {
                let small = checkpoint.entries.len() < self.full;
                let first = small && self.checkpoint.pages.is_empty();
                if first {
                    self.checkpoint = checkpoint;
                }
                first
            }
            None => true,
        };
        if goes_on {
            self.replaced.push(key.clone());
        }
    }

    /// The rows whose pages are still to be taken.
    #[must_use]
    pub fn left(&self, keys: &[RowKey]) -> Vec<RowKey> {
        self.pages.left(keys)
    }

    /// Takes in a page; it stays out where this version does not read all of it.
    pub fn take(&mut self, provider: ProviderId, key: &RowKey, text: &str) {
        if let Some(page) = PageName::of(key) {
            self.news |= self.checkpoint.take(provider, page, text);
        }
    }

    /// The one that is to be stored now: a full one, or at the `end` what there is of pages that no other has.
    pub fn made(&mut self, end: bool) -> Option<Made> {
        let full = self.checkpoint.entries.len() >= self.full;
        if !self.news || !(full || end) {
            return None;
        }
        self.news = false;
        let checkpoint = std::mem::take(&mut self.checkpoint);
        Some(Made {
            bytes: checkpoint.to_bytes(),
            pages: checkpoint.pages,
            replaced: std::mem::take(&mut self.replaced),
        })
    }
}

impl Made {
    /// Its row, in place of those that it has taken in or that are outdated, and without the marks of its pages; `sealed`
    /// is [`Self::bytes`], sealed.
    #[must_use]
    pub fn writes(&self, vault: &VaultId, key: RowKey, sealed: Field) -> Vec<Write> {
        let delete = |key| Write::new(Store::Checkpoint, key, Change::Delete);
        let row = Row::new().with("sealed", sealed);
        let put = Write::new(Store::Checkpoint, key, Change::Put(row));
        let marks = self.pages.iter().map(|page| delete(page.mark_key(vault)));
        let replaced = self.replaced.iter().map(|key| delete(key.clone()));
        replaced.chain([put]).chain(marks).collect()
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
    fn take(&mut self, provider: ProviderId, page: PageName, text: &str) -> bool {
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

    /// Its one encoding, all integers big-endian: `HFC1`; the number of pages (4), each as service (16), first sequence
    /// number (4) and epoch (4); the number of breaks (4), each as service (16) and sequence number (8); the length of
    /// all entries (4); then those, each as flags (1), service, id, author, device (16 each), count, time made, skew (8
    /// each), header (42), digest (32), and where the body is not erased its length (4) and its text.
    #[must_use]
    fn to_bytes(&self) -> Vec<u8> {
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
    fn parse(bytes: &[u8]) -> Option<Self> {
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
        assert_eq!(read.pages, [name(1), name(4)]);
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

    fn row(first_seq: u64) -> RowKey {
        page::page_key(&VAULT, service(), first_seq, 0)
    }

    #[test]
    fn a_checkpoint_counts_until_one_of_its_pages_is_stored_anew_gone_or_dropped() {
        let stored = [1, 4, 9].map(|first_seq| marks(&VAULT, &row(first_seq), first_seq << 20));
        let rows = [1, 4, 9].map(row);
        let mut making = Making::new(&rows, FULL);
        making.take(provider(), &row(1), &text(&chain(2)));
        making.take(provider(), &row(4), &text(&chain(1)));
        let made = making.made(true).expect("two pages");
        let writes = made.writes(&VAULT, key(&VAULT, 0, 77), Field::Null);
        let counts = |found: Found, rows: &[RowKey]| {
            let mut pages = Pages::new(rows);
            pages.opened(&found, Some(&made.bytes)).is_some()
        };
        assert!(!counts(found(&stored.concat()), &rows), "each is marked");
        let then = |more: Vec<Write>| found(&[stored.concat(), writes.clone(), more].concat());
        assert!(counts(then(Vec::new()), &rows));
        assert!(!counts(then(Vec::new()), &[row(1), row(9)]), "one is gone");
        assert!(
            !counts(then(marks(&VAULT, &row(4), 5)), &rows),
            "one is stored anew"
        );
        assert!(
            counts(then(marks(&VAULT, &row(12), 5)), &rows),
            "one more changes nothing"
        );
        assert_eq!(then(Vec::new()).of(0).count(), 1);
        assert_eq!(then(Vec::new()).of(1).count(), 0, "of another epoch");
        assert_eq!(
            then(dropped(&VAULT, 5).into()).of(0).count(),
            0,
            "a service is dropped"
        );
        let mut pages = Pages::new(&rows);
        assert_eq!(pages.left(&rows), rows);
        assert!(pages.opened(&then(Vec::new()), None).is_none());
        assert!(pages.opened(&then(Vec::new()), Some(&made.bytes)).is_some());
        assert_eq!(pages.left(&rows), [row(9)]);
    }

    #[test]
    fn one_that_is_not_full_goes_on_and_one_that_is_outdated_goes() {
        let rows = [1, 4, 9].map(row);
        let (small, other) = (key(&VAULT, 0, 1), key(&VAULT, 0, 2));
        let checkpoint = |first_seq: u64| of(&[(first_seq, &text(&chain(2)))]).to_bytes();
        let both = [small.clone(), other.clone()]
            .map(|key| Write::new(Store::Checkpoint, key, Change::Put(Row::new())));
        let begin = |marked: &[Write], full| {
            let found = found(&[&both, marked].concat());
            let mut making = Making::new(&rows, full);
            making.opened(&found, &small, Some(&checkpoint(1)));
            making.opened(&found, &other, Some(&checkpoint(4)));
            making
        };
        let after = |made: &Made| {
            let writes = made.writes(&VAULT, key(&VAULT, 0, 3), Field::Null);
            let left = found(&[both.to_vec(), writes].concat());
            let numbers = left.checkpoints.iter().map(|key| key[3].clone());
            numbers.collect::<Vec<_>>()
        };
        let number = Part::Number;

        let mut making = begin(&[], FULL);
        assert!(making.made(true).is_none(), "there is nothing new");
        assert_eq!(making.left(&rows), [row(9)]);
        making.take(provider(), &row(9), &text(&chain(3)));
        assert!(making.made(false).is_none(), "it is not full");
        let made = making.made(true).expect("there is a page more");
        assert_eq!(
            Checkpoint::parse(&made.bytes)
                .expect("one")
                .entries()
                .count(),
            5
        );
        assert_eq!(after(&made), [number(2), number(3)]);
        assert!(making.made(true).is_none(), "once");

        let mut making = begin(&[], 1);
        making.take(provider(), &row(9), &text(&chain(3)));
        let made = making.made(false).expect("it is full");
        assert_eq!(after(&made), [number(1), number(2), number(3)]);

        let exactly = of(&[(1, &text(&chain(2)))]).entries.len();
        let mut making = begin(&[], exactly);
        making.take(provider(), &row(9), &text(&chain(3)));
        let made = making.made(false).expect("it is full");
        assert_eq!(
            after(&made),
            [number(1), number(2), number(3)],
            "one that is just full is"
        );

        // Its mark goes with the first page that is taken: so must the checkpoint that it had outdated.
        let mut making = begin(&marks(&VAULT, &row(4), 5), 1);
        assert_eq!(making.left(&rows), [row(4), row(9)]);
        making.take(provider(), &row(4), &text(&chain(3)));
        let made = making.made(false).expect("it is full");
        assert_eq!(after(&made), [number(1), number(3)]);
    }

    #[test]
    fn a_page_that_is_not_wholly_read_is_no_news() {
        let mut making = Making::new(&[row(1)], FULL);
        making.take(provider(), &row(1), "{}");
        assert!(making.made(true).is_none());
    }

    #[test]
    fn whoever_writes_one_notices_every_page_that_was_stored_meanwhile() {
        let last = |writes: Vec<Write>| {
            let writes = writes.into_iter();
            let mut rows = writes.filter(|write| write.key == last_key(&VAULT));
            match rows.next().expect("it says which was last").change {
                Change::Put(row) => row,
                other => panic!("{other:?}"),
            }
        };
        let (one, other) = (
            last(marks(&VAULT, &row(1), 1 << 40)),
            last(dropped(&VAULT, u64::MAX).into()),
        );
        assert!(last_key(&VAULT).starts_with(&[Part::Text(VAULT.to_string())]));
        // A browser's numbers are whole up to 2^53.
        assert_eq!(one.number("token"), Some(1 << 29));
        assert_eq!(other.number("token"), Some((1 << 53) - 1));
        assert!(unchanged(Some(&one), Some(&one)));
        assert!(unchanged(None, None));
        assert!(!unchanged(Some(&one), Some(&other)));
        assert!(!unchanged(None, Some(&one)), "the first of all");
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
