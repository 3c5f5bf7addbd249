//! A phone: one person's vault on one device, its storage, and the tabs that are open on it. Here is what a tab
//! reads from storage and what it does on hearing something; `world` moves time and messages.

use std::collections::{HashMap, HashSet, VecDeque};

use holdfast_domain::encoding::{Bytes, Digest, Millis, PublicKey};
use holdfast_domain::entry::{Beacon, SignedEntry};
use holdfast_domain::ids::{DeviceId, ProviderId, ServiceId, UserId};
use holdfast_domain::keys::{AuthorKey, Certificate};
use holdfast_domain::ledger::{Acknowledged, Ledger, Pending};
use holdfast_domain::outbox::row::{Field, Row, RowKey, Store, Write, device_key, state_key};
use holdfast_domain::outbox::{
    COUNT, Count, Found, OwnEntry, Save, VaultId, Writer, outbox_key, own_name, read_own,
};
use holdfast_domain::receipt::Receipt;
use holdfast_domain::sealing::{DataKey, Part, Purpose};
use holdfast_domain::syncer::checkpoint::{self, Making, Pages};
use holdfast_domain::syncer::page::{self, Offer};
use holdfast_domain::syncer::{
    Config, Connection, Event, Notice, Restore, Stored, Syncer, Transaction, median, rows,
};
use serde::de::DeserializeOwned;

use crate::storage::Storage;

/// What waits for its turn at a phone's database, in the order it was asked for.
pub enum Job {
    Write(Transaction),
    Save(Box<Save>),
    ReadOwn,
    ReadOffers(Restore),
    /// A checkpoint, if no page was stored since this row was read.
    Checkpoint(Option<Row>, Vec<Write>),
}

/// What one tab tells the others.
#[derive(Clone)]
pub enum Post {
    Saved,
    /// It has opened.
    Hello,
    Notices(Vec<Notice>),
}

/// One page load.
pub struct Tab {
    /// Which page load of all; what was meant for an earlier one reaches nobody.
    pub life: u64,
    pub ledger: Ledger,
    pub own: HashMap<Digest, (SignedEntry, Millis)>,
    pub beacon: Option<Beacon>,
    pub skew: Option<i64>,
    /// As the screen shows it.
    pub connection: Connection,
    pub writer: Writer,
    /// Only in the tab that holds the lock.
    pub syncer: Option<Syncer>,
    /// The timer that counts.
    pub timer: u64,
}

/// One person on one device.
pub struct Phone {
    pub username: String,
    pub provider: ProviderId,
    pub user: UserId,
    pub device: DeviceId,
    pub key: AuthorKey,
    pub vault: VaultId,
    pub data_key: DataKey,
    pub root: PublicKey,
    pub certificates: Vec<Certificate>,
    /// The session's cookie; none when signed out.
    pub cookie: Option<String>,
    /// The server says that there is no session.
    pub needs_sign_in: bool,
    pub storage: Storage,
    pub jobs: VecDeque<(u64, Job)>,
    /// The first holds the lock.
    pub tabs: Vec<Tab>,
    /// Its clock less the true time.
    pub offset: Millis,
    pub online: bool,
    /// Saved, and not heard of yet by the tab that syncs.
    pub unheard: HashSet<Digest>,
}

impl Phone {
    pub fn tab(&mut self, life: u64) -> Option<&mut Tab> {
        self.tabs.iter_mut().find(|tab| tab.life == life)
    }

    pub fn is_signed_out(&self) -> bool {
        self.needs_sign_in || self.cookie.is_none()
    }

    fn vault_key(&self) -> [Part; 1] {
        [Part::Text(self.vault.to_string())]
    }

    fn state<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let key = state_key(&self.vault, name);
        let row = self.storage.get(Store::State, key.clone())?;
        let plain = row
            .open(
                &self.data_key,
                Purpose::State,
                Store::State,
                &self.vault,
                &key,
                "sealed",
            )
            .expect("kept as it was decided")?;
        Some(serde_json::from_slice(&plain).expect("a row of this version"))
    }

    fn device_row<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        let row = self.storage.get(Store::Device, device_key(name))?;
        serde_json::from_str(row.text("value")?).ok()
    }

    /// Restores of the server between two epochs.
    fn restores(&self, from: u32, to: u32) -> impl Iterator<Item = Restore> {
        (from + 1..=to).filter_map(|epoch| self.state(&rows::restore_before(epoch)))
    }

    /// The writer of a page load.
    pub fn writer(&self) -> Writer {
        Writer {
            provider: self.provider,
            author: self.user,
            device: self.device,
            key: self.key.clone(),
            vault: self.vault,
        }
    }

    /// What the save's transaction reads.
    pub fn found(&self, save: &Save) -> Found {
        let name = own_name(&self.data_key, save.id);
        Found {
            count: self.state::<Count>(COUNT),
            id_taken: self
                .storage
                .all(Store::Own, &self.vault_key())
                .any(|(_, row)| row.bytes("name") == Some(&name)),
        }
    }

    /// Every own entry with what became of it.
    pub fn own_rows(&self) -> Vec<(OwnEntry, SignedEntry)> {
        self.storage
            .all(Store::Own, &self.vault_key())
            .map(|(key, row)| {
                let Some(Part::Bytes(digest)) = key.get(1) else {
                    panic!("own rows are named by vault and digest")
                };
                let digest: Digest = Bytes::from_slice(digest).expect("a digest");
                let sent = self.storage.get(Store::Outbox, outbox_key(&digest));
                read_own(
                    &self.data_key,
                    &self.vault,
                    self.provider,
                    digest,
                    row,
                    sent,
                )
                .expect("opens and reads back")
            })
            .collect()
    }

    /// What a row of pages or checkpoints has sealed.
    fn large(&self, store: Store, key: &RowKey) -> Option<Vec<u8>> {
        let row = self.storage.get(store, key.clone())?;
        row.open(
            &self.data_key,
            Purpose::Log,
            store,
            &self.vault,
            key,
            "sealed",
        )
        .ok()?
    }

    /// Key, service and text of every page, in the order in which the app reads them.
    fn pages(&self) -> Vec<Kept> {
        let mut pages: Vec<_> = self
            .storage
            .all(Store::Pages, &self.vault_key())
            .filter_map(|(key, _)| {
                let Some(Part::Text(service)) = key.get(1) else {
                    return None;
                };
                let text = String::from_utf8(self.large(Store::Pages, key)?).ok()?;
                Some((key.clone(), service.parse().ok()?, text))
            })
            .collect();
        pages.sort_by_key(|(key, ..)| page::epoch(key));
        pages
    }

    /// What lies in `checkpoint`, by its keys.
    fn checkpoints(&self) -> checkpoint::Found {
        let rows = self.storage.all(Store::Checkpoint, &[]);
        checkpoint::Found::new(rows.map(|(key, _)| key.clone()))
    }

    /// What the app writes when it is idle: checkpoints of every page, here full at so many bytes.
    pub fn checkpoint(&self, full: usize, mut number: impl FnMut() -> u32) -> Job {
        let last = checkpoint::last_key(&self.vault);
        let last = self.storage.get(Store::Checkpoint, last).cloned();
        let (pages, found) = (self.pages(), self.checkpoints());
        let mut writes = Vec::new();
        for of_one in by_epoch(&pages) {
            let epoch = page::epoch(&of_one[0].0);
            let keys = keys(of_one);
            let mut making = Making::new(&keys, full);
            for key in found.of(epoch) {
                making.opened(&found, key, self.large(Store::Checkpoint, key).as_deref());
            }
            let left = making.left(&keys);
            let mut taken = of_one
                .iter()
                .filter(|(key, ..)| left.contains(key))
                .peekable();
            while let Some((key, _, text)) = taken.next() {
                making.take(self.provider, key, text);
                if let Some(made) = making.made(taken.peek().is_none()) {
                    let row = checkpoint::key(&self.vault, epoch, number());
                    let plain = Field::Sealed(Purpose::Log, made.bytes.clone());
                    writes.extend(made.writes(&self.vault, row, plain));
                }
            }
        }
        Job::Checkpoint(last, writes)
    }

    /// What pages have brought, in their order.
    pub fn pulled(&self) -> Vec<Acknowledged> {
        let pages = self.pages();
        pages
            .iter()
            .flat_map(|(_, _, text)| page::read(self.provider, text))
            .collect()
    }

    /// The server's word that this phone keeps.
    pub fn receipts(&self) -> impl Iterator<Item = Receipt> {
        let receipts = self.storage.all(Store::Receipts, &[]);
        receipts.filter_map(|(_, row): (_, &Row)| Receipt::parse(row.bytes("receipt")?).ok())
    }

    /// What can be offered again to a restored server.
    pub fn offers(&self, restore: &Restore) -> Event {
        let mut offers: Vec<Offer> = Vec::new();
        for (_, service, text) in self.pages() {
            if let Some(above) = restore.above(service) {
                offers.extend(page::offers(self.provider, &text, above));
            }
        }
        let receipts = self.receipts().map(|receipt| {
            let digests = receipt.items.iter().map(|item| item.digest).collect();
            (receipt.to_bytes(), digests)
        });
        Event::Offers {
            offers,
            receipts: receipts.collect(),
        }
    }

    /// A page load: the ledger as storage has it.
    pub fn open_tab(&self, life: u64) -> Tab {
        let mut tab = Tab {
            life,
            ledger: Ledger::new(self.user),
            own: HashMap::new(),
            beacon: self.device_row("beacon"),
            skew: median(&self.state::<Vec<i64>>(rows::SKEW).unwrap_or_default()),
            connection: Connection::default(),
            writer: self.writer(),
            syncer: None,
            timer: 0,
        };
        let (pages, found) = (self.pages(), self.checkpoints());
        let mut at = 0;
        for of_one in by_epoch(&pages) {
            let epoch = page::epoch(&of_one[0].0);
            for restore in self.restores(at, epoch) {
                tab.ledger.rewound(|service| restore.above(service));
            }
            at = epoch;
            let keys = keys(of_one);
            let mut standing = Pages::new(&keys);
            for key in found.of(epoch) {
                let bytes = self.large(Store::Checkpoint, key);
                if let Some(checkpoint) = standing.opened(&found, bytes.as_deref()) {
                    checkpoint.put_into(&mut tab.ledger);
                }
            }
            let left = standing.left(&keys);
            for (_, _, text) in of_one.iter().filter(|(key, ..)| left.contains(key)) {
                page::take(&mut tab.ledger, self.provider, text);
            }
        }
        let since = self.restores(at, self.state(rows::EPOCH).unwrap_or_default());
        for restore in since.chain(self.state::<Restore>(rows::RESTORE)) {
            tab.ledger.rewound(|service| restore.above(service));
        }
        for (own, entry) in self.own_rows() {
            tab.take_own(&own, entry);
        }
        tab
    }

    /// The syncer over what is stored.
    pub fn syncer(&self) -> Syncer {
        let config = Config {
            provider: self.provider,
            vault: self.vault,
            device: self.device,
            app: "simulated".to_owned(),
            root: self.root,
            certificates: self.certificates.clone(),
        };
        let own = self.own_rows().into_iter().map(|(own, _)| own).collect();
        Syncer::new(
            config,
            Stored {
                own,
                cursor: self.state(rows::CURSOR),
                log: self.state(rows::LOG),
                skew: self.state(rows::SKEW).unwrap_or_default(),
                keys: self.state(rows::KEYS).unwrap_or_default(),
                epoch: self.state(rows::EPOCH).unwrap_or_default(),
                restore: self.state(rows::RESTORE),
                put_off: self.state(rows::PUT_OFF),
            },
        )
    }

    /// Whether a restored server has still to take something of others that this phone keeps.
    pub fn offers_put_off(&self) -> bool {
        let syncers = self.tabs.iter().filter_map(|tab| tab.syncer.as_ref());
        syncers.map(Syncer::offers_put_off).sum::<usize>() > 0
    }

    /// Own entries that wait by storage's word, without opening what is sealed.
    pub fn waiting(&self) -> impl Iterator<Item = Digest> {
        self.storage
            .all(Store::Outbox, &[])
            .filter(|(_, row)| row.text("state") == Some("waiting"))
            .map(|(key, _)| match key.as_slice() {
                [Part::Bytes(digest)] => Bytes::from_slice(digest).expect("a digest"),
                _ => panic!("rows of the outbox are named by digest"),
            })
    }

    /// Own entries that wait, opened.
    pub fn waiting_rows(&self) -> impl Iterator<Item = OwnEntry> {
        self.own_rows()
            .into_iter()
            .map(|(own, _)| own)
            .filter(|own| own.standing.waits())
    }

    /// What was stored or has changed, for one tab's screens.
    pub fn heed(&mut self, life: u64, notices: &[Notice]) {
        let provider = self.provider;
        let mut unknown = false;
        let Some(tab) = self.tab(life) else { return };
        let mut signed_out = None;
        for notice in notices {
            match notice {
                Notice::Page { text, .. } => {
                    page::take(&mut tab.ledger, provider, text);
                }
                Notice::Own { digest, standing } => match tab.own.get(digest).cloned() {
                    Some((entry, saved)) => tab.ledger.pending(Pending {
                        entry,
                        saved,
                        state: standing.pending_state(),
                    }),
                    None => unknown = true,
                },
                Notice::Dropped { service } => {
                    tab.ledger.forget_service(*service);
                    tab.own
                        .retain(|_, (entry, _)| entry.head.service != *service);
                    unknown = true;
                }
                Notice::Rewound(restore) => tab.ledger.rewound(|service| restore.above(service)),
                Notice::Contact { beacon, skew, .. } => {
                    tab.beacon = Some(*beacon);
                    tab.skew = *skew;
                    signed_out = Some(false);
                }
                Notice::Connection(connection) => tab.connection = *connection,
                Notice::NeedsSignIn => signed_out = Some(true),
                Notice::Waiting(_)
                | Notice::UpToDate
                | Notice::Wiped
                | Notice::NotStored { .. } => {}
            }
        }
        self.needs_sign_in = signed_out.unwrap_or(self.needs_sign_in);
        if unknown {
            self.refresh(life);
        }
    }

    /// Own entries read again; those this tab does not know yet are shown.
    pub fn refresh(&mut self, life: u64) -> Vec<OwnEntry> {
        let read = self.own_rows();
        let Some(tab) = self.tab(life) else {
            return Vec::new();
        };
        let mut all = Vec::with_capacity(read.len());
        for (own, entry) in read {
            if !tab.own.contains_key(&own.digest) {
                tab.take_own(&own, entry);
            }
            all.push(own);
        }
        all
    }
}

/// Key, service and text of a page.
type Kept = (RowKey, ServiceId, String);

fn by_epoch(pages: &[Kept]) -> impl Iterator<Item = &[Kept]> {
    pages.chunk_by(|(one, ..), (other, ..)| page::epoch(one) == page::epoch(other))
}

fn keys(pages: &[Kept]) -> Vec<RowKey> {
    pages.iter().map(|(key, ..)| key.clone()).collect()
}

impl Tab {
    /// Takes one of the user's own entries into the ledger, as it stands.
    pub fn take_own(&mut self, own: &OwnEntry, entry: SignedEntry) {
        self.own.insert(own.digest, (entry.clone(), own.saved));
        self.ledger.pending(Pending {
            entry,
            saved: own.saved,
            state: own.standing.pending_state(),
        });
    }
}
