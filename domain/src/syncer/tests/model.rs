//! A small model of server, network and phone, and what the tests do with it.

use super::*;

pub const VAULT: Uuid = Uuid::from_u128(0xA);
pub const START: Millis = 1_767_225_600_000;

/// A little generator of its own, so that a run is its seed.
pub struct Chance(pub u64);

impl Chance {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.next().is_multiple_of(n)
    }
}

pub fn provider() -> ProviderId {
    ProviderId::from(Uuid::from_u128(1))
}

pub fn service() -> ServiceId {
    ServiceId::from(Uuid::from_u128(2))
}

pub fn device() -> DeviceId {
    DeviceId::from(Uuid::from_u128(3))
}

pub fn root() -> RootSecret {
    RootSecret::new([7; 32])
}

pub fn server_keys() -> Keys {
    Keys::issue(&root(), 0, 0, 0)
}

/// What the model server does with an entry, by the digest.
#[derive(Clone, Copy, PartialEq)]
pub enum Treatment {
    Take,
    Hold,
    /// `later` until this time.
    Later(Millis),
    /// Answers 500 to every request that has it in.
    Poison,
}

/// The server: a log in order, a quarantine, and what it does on purpose.
pub struct Server {
    pub log_id: LogId,
    pub log: Vec<(Digest, serde_json::Value)>,
    pub held: HashSet<Digest>,
    pub treatment: HashMap<EntryId, Treatment>,
    /// Every time an entry was appended, to see that it is once.
    pub appended: HashMap<Digest, u32>,
    pub rewound: Option<u64>,
    /// How often it was cut under the same name of its log: what links tell.
    pub cuts: u32,
    pub page: usize,
    pub sizes: Vec<usize>,
}

impl Server {
    pub fn new() -> Self {
        Self {
            log_id: LogId::from(Uuid::from_u128(4)),
            log: Vec::new(),
            held: HashSet::new(),
            treatment: HashMap::new(),
            appended: HashMap::new(),
            rewound: None,
            cuts: 0,
            page: 3,
            sizes: Vec::new(),
        }
    }

    /// What tells this chain from the one before a restore.
    pub fn chain(&self) -> String {
        format!("{}.{}", self.log_id, self.cuts)
    }

    pub fn append(&mut self, digest: Digest, entry: serde_json::Value) -> u64 {
        *self.appended.entry(digest).or_default() += 1;
        self.log.push((digest, entry));
        self.log.len() as u64
    }

    pub fn answer(&mut self, body: &str, now: Millis) -> (u16, String) {
        let request: serde_json::Value = serde_json::from_str(body).expect("the syncer sends JSON");
        let entries = request["entries"]
            .as_array()
            .expect("entries is an array")
            .clone();
        self.sizes.push(entries.len());
        let parsed: Vec<_> = entries
            .iter()
            .map(|entry| {
                let json: EntryJson = serde_json::from_value(entry.clone()).expect("an entry");
                json.signed(provider()).expect("a whole entry")
            })
            .collect();
        let treatment = |server: &Self, id| {
            server
                .treatment
                .get(&id)
                .copied()
                .unwrap_or(Treatment::Take)
        };
        if parsed
            .iter()
            .any(|entry| treatment(self, entry.head.id) == Treatment::Poison)
        {
            return (500, "{}".to_owned());
        }
        let mut verdicts = Vec::new();
        let mut items = Vec::new();
        let mut fresh = HashSet::new();
        for (entry, raw) in parsed.iter().zip(&entries) {
            let (digest, id) = (entry.digest(), entry.head.id);
            match treatment(self, id) {
                Treatment::Later(until) if now < until => {
                    verdicts.push(json!({"id": id, "later": {"code": "unknown-kind", "after": 5}}));
                }
                Treatment::Hold => {
                    self.held.insert(digest);
                    verdicts.push(json!({"id": id, "refused": {"code": "not-permitted", "reason": "Not yours."}}));
                    items.push(ReceiptItem {
                        digest,
                        blob: Bytes([0; 32]),
                        code: Code::Held,
                        seq: 0,
                    });
                }
                _ => {
                    let there = self.log.iter().position(|(own, _)| *own == digest);
                    let code = if there.is_some() {
                        Code::Again
                    } else {
                        Code::Accepted
                    };
                    let seq =
                        there.map_or_else(|| self.append(digest, raw.clone()), |at| at as u64 + 1);
                    fresh.insert(seq);
                    verdicts.push(
                        json!({"id": id, "seq": seq, "received": now, "first_received": 0,
                        "carrier": null, "flags": 0}),
                    );
                    items.push(ReceiptItem {
                        digest,
                        blob: Bytes([0; 32]),
                        code,
                        seq,
                    });
                }
            }
        }
        // As in a real cursor: the log it was made for, and where the phone stands in it.
        let cursor = request["cursor"]
            .as_str()
            .and_then(|cursor| cursor.split_once('/'));
        let from: u64 = cursor.map_or(0, |(_, seq)| seq.parse().expect("a number"));
        let rewound = self
            .rewound
            .filter(|_| cursor.is_some_and(|(log, _)| log != self.chain()));
        let rewound = rewound.map(|to| to.min(from));
        let wanted = request["from"][0]["to"].as_u64();
        let from = rewound.unwrap_or(from).min(wanted.unwrap_or(from));
        let page: Vec<_> = self
            .log
            .iter()
            .enumerate()
            .skip(usize::try_from(from).expect("small"))
            .collect();
        let more = page.len() > self.page;
        let page = &page[..page.len().min(self.page)];
        let to = page.last().map_or(from, |(at, _)| *at as u64 + 1);
        let elements: Vec<_> = page
            .iter()
            .filter(|(at, _)| !fresh.contains(&(*at as u64 + 1)))
            .map(|(at, (_, entry))| {
                json!({"seq": at + 1, "received": now, "first_received": 0, "carrier": null, "flags": 0,
                    "link": Bytes([1u8; 16]), "entry": entry})
            })
            .collect();
        let receipt = (!items.is_empty()).then(|| receipt(self.log_id, now, items));
        let mut answer = json!({"v": 1, "log": self.log_id, "now": now, "beacon": {"time": now, "mac": Bytes([2u8; 16])},
            "verdicts": verdicts, "receipt": receipt, "entries": elements, "cursor": format!("{}/{to}", self.chain()), "more": more});
        if let Some(to) = rewound {
            answer["rewound"] = json!([{"service": service(), "to": to}]);
        }
        (200, answer.to_string())
    }
}

pub fn receipt(log: LogId, time: Millis, items: Vec<ReceiptItem>) -> Blob {
    Blob(Receipt::issue(log, time, items, &root().receipt(0)).to_bytes())
}

pub fn config() -> Config {
    Config {
        provider: provider(),
        vault: VAULT,
        device: device(),
        app: "1.0.0".to_owned(),
        root: root().root_sign().public(),
        certificates: Vec::new(),
    }
}

/// The phone: its rows, its clock, its syncer while it runs.
pub struct Phone {
    pub rows: BTreeMap<(Store, RowKey), Row>,
    pub data_key: DataKey,
    pub writer: Writer,
    pub syncer: Option<Syncer>,
    pub now: Millis,
    pub chance: Chance,
    pub made: u128,
    pub requests: Vec<Request>,
    pub transactions: Vec<Transaction>,
    pub timer: Option<Millis>,
    pub notices: Vec<Notice>,
    pub saved: Vec<Digest>,
    /// How often offers were to be read while the database does not answer; none while it does.
    pub reads: Option<u32>,
}

impl Phone {
    pub fn new(seed: u64) -> Self {
        Self {
            rows: BTreeMap::new(),
            data_key: DataKey::new([1; 32]),
            writer: Writer {
                provider: provider(),
                author: UserId::from(Uuid::from_u128(5)),
                device: device(),
                key: AuthorKey::from_seed([3; 32]),
                vault: VAULT,
            },
            syncer: None,
            now: START,
            chance: Chance(seed | 1),
            made: 100,
            requests: Vec::new(),
            transactions: Vec::new(),
            timer: None,
            notices: Vec::new(),
            saved: Vec::new(),
            reads: None,
        }
    }

    pub fn start(&mut self) {
        let stored = Stored {
            own: self.own(),
            cursor: self.state(rows::CURSOR),
            log: self.state(rows::LOG),
            skew: self.state(rows::SKEW).unwrap_or_default(),
            keys: self
                .state(rows::KEYS)
                .unwrap_or_else(|| vec![server_keys()]),
            epoch: self.state(rows::EPOCH).unwrap_or_default(),
            restore: self.state(rows::RESTORE),
            put_off: self.state(rows::PUT_OFF),
        };
        self.syncer = Some(Syncer::new(config(), stored));
        self.feed(Event::Started);
    }

    /// The tab is killed: what is not stored is gone, what was sent stays sent.
    pub fn crash(&mut self) {
        self.syncer = None;
        self.requests.clear();
        self.transactions.clear();
        self.timer = None;
    }

    pub fn own(&self) -> Vec<OwnEntry> {
        let own = self
            .rows
            .iter()
            .filter(|((store, _), _)| *store == Store::Own);
        own.map(|((_, key), row)| {
            let Part::Bytes(digest) = &key[1] else {
                panic!("own rows are keyed by digest")
            };
            let digest = Bytes::from_slice(digest).expect("32 bytes");
            let outbox = self
                .rows
                .get(&(Store::Outbox, crate::outbox::outbox_key(&digest)));
            read_own(&self.data_key, &VAULT, provider(), digest, row, outbox)
                .expect("own rows read back")
                .0
        })
        .collect()
    }

    pub fn state<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        let key = state_key(&VAULT, name);
        let row = self.rows.get(&(Store::State, key.clone()))?;
        let plain = row
            .open(
                &self.data_key,
                Purpose::State,
                Store::State,
                &VAULT,
                &key,
                "sealed",
            )
            .expect("opens")?;
        Some(serde_json::from_slice(&plain).expect("parses"))
    }

    pub fn feed(&mut self, event: Event) {
        let random = self.chance.next();
        let Some(syncer) = &mut self.syncer else {
            return;
        };
        let effects = syncer.handle(event, self.now, random);
        let mut later = Vec::new();
        for effect in effects {
            match effect {
                Effect::Transaction(transaction) => self.transactions.push(transaction),
                Effect::Request(request) => self.requests.push(request),
                Effect::Timer { after_ms } => {
                    self.timer = Some(self.now + i64::try_from(after_ms).expect("small"))
                }
                Effect::ReadOwn => later.push(Event::Found(self.own())),
                Effect::ReadOffers(restore) => match &mut self.reads {
                    Some(reads) => *reads += 1,
                    None => later.push(self.offers(&restore)),
                },
                Effect::Notice(notice) => self.notices.push(notice),
            }
        }
        assert!(self.transactions.len() <= 1, "one transaction at a time");
        let syncer = self.syncer.as_ref().expect("still there");
        if syncer.connection() == Connection::AllSent {
            assert_eq!(self.waiting_rows(), 0, "'All sent' only when no row waits");
        }
        for event in later {
            self.feed(event);
        }
    }

    pub fn offers(&self, restore: &Restore) -> Event {
        let above = restore.above(service()).into_iter();
        let offers = above.flat_map(|above| {
            let pages = self.pages().into_iter();
            pages.flat_map(move |text| page::offers(provider(), &text, above))
        });
        let receipts = self.rows.iter().filter_map(|((store, _), row)| {
            let bytes = row.bytes("receipt").filter(|_| *store == Store::Receipts)?;
            let items = Receipt::parse(bytes).expect("as it came").items;
            Some((
                bytes.to_vec(),
                items.iter().map(|item| item.digest).collect(),
            ))
        });
        Event::Offers {
            offers: offers.collect(),
            receipts: receipts.collect(),
        }
    }

    pub fn waiting_rows(&self) -> usize {
        let outbox = self
            .rows
            .iter()
            .filter(|((store, _), _)| *store == Store::Outbox);
        outbox
            .filter(|(_, row)| row.text("state") == Some("waiting"))
            .count()
    }

    pub fn save(&mut self) -> Digest {
        self.made += 1;
        let id = EntryId::from(Uuid::from_u128(self.made));
        self.save_as(id)
    }

    pub fn save_as(&mut self, id: EntryId) -> Digest {
        self.save_long(id, 0)
    }

    /// Saves a record whose body holds so many bytes of padding.
    pub fn save_long(&mut self, id: EntryId, padding: usize) -> Digest {
        self.made += 1;
        let name = own_name(&self.data_key, id);
        let taken = self
            .rows
            .values()
            .any(|row| row.bytes("name") == Some(&name[..]));
        let order = Save {
            service: service(),
            id,
            spare_id: EntryId::from(Uuid::from_u128(self.made)),
            body: format!(
                "{{\"kind\":\"note/1\",\"about\":null,\"data\":{{\"n\":{}}}}}{:padding$}",
                self.made, ""
            ),
            made: self.now,
            skew: None,
            beacon: Beacon {
                time: 0,
                mac: Bytes([0; 16]),
            },
            salt: Bytes([4; 16]),
            draft_mirror: None,
        };
        let found = Found {
            count: self.state::<Count>(COUNT),
            id_taken: taken,
        };
        let SavedEntry { own, writes, .. } =
            save_writes(&self.data_key, &self.writer, &order, found).expect("a short body");
        self.store(writes);
        let digest = own.digest;
        self.saved.push(digest);
        self.feed(Event::Saved(own));
        digest
    }

    pub fn store(&mut self, writes: Vec<Write>) {
        for mut write in writes {
            let place = (write.store, write.key.clone());
            match &mut write.change {
                Change::Add(row) | Change::Put(row) | Change::Merge(row) => {
                    let nonce = self.chance.next().to_le_bytes();
                    row.seal(&self.data_key, write.store, &VAULT, &write.key, || {
                        let mut bytes = [0; 12];
                        bytes[..8].copy_from_slice(&nonce);
                        bytes
                    });
                }
                Change::Delete | Change::DeleteUnder => {
                    assert_ne!(
                        write.store,
                        Store::Outbox,
                        "nothing deletes a row of the outbox"
                    );
                }
            }
            match write.change {
                Change::Add(row) => {
                    assert!(self.rows.insert(place, row).is_none(), "the key was free")
                }
                Change::Put(row) => {
                    self.rows.insert(place, row);
                }
                Change::Merge(fields) => {
                    if let Some(row) = self.rows.get_mut(&place) {
                        row.merge(fields);
                    }
                }
                Change::Delete => {
                    self.rows.remove(&place);
                }
                Change::DeleteUnder => {
                    self.rows.retain(|(store, key), _| {
                        *store != write.store || !key.starts_with(&write.key)
                    });
                }
            }
        }
    }

    pub fn commit(&mut self) {
        if let Some(Transaction { id, writes, .. }) = self.transactions.pop() {
            self.store(writes);
            self.feed(Event::Committed { transaction: id });
        }
    }

    pub fn reply(&mut self, request: u64, status: u16, body: String) {
        self.feed(Event::Answer(Answer {
            request,
            status,
            content_type: Some("application/json".to_owned()),
            retry_after: None,
            body,
            round_trip: 20,
        }));
    }

    /// Nothing waits, and the phone has all that the server has.
    pub fn is_done(&self, server: &Server) -> bool {
        self.transactions.is_empty()
            && self.requests.is_empty()
            && self.waiting_rows() == 0
            && self.state::<Restore>(rows::RESTORE).is_none()
            && self.state::<LogId>(rows::LOG) == Some(server.log_id)
            && self.state::<String>(rows::CURSOR)
                == Some(format!("{}/{}", server.chain(), server.log.len()))
    }

    /// Everything goes well until nothing is left to do, or `limit` of model time is over.
    pub fn settle(&mut self, server: &mut Server, limit: Millis) {
        let end = self.now + limit;
        while self.now < end && !self.is_done(server) {
            if !self.transactions.is_empty() {
                self.commit();
            } else if let Some(request) = self.requests.pop() {
                let (status, body) = server.answer(&request.body, self.now);
                self.now += 20;
                self.reply(request.id, status, body);
            } else if let Some(timer) = self.timer.take() {
                self.now = self.now.max(timer);
                self.feed(Event::TimerFired);
            } else {
                panic!("the syncer waits for nothing");
            }
        }
        while !self.transactions.is_empty() {
            self.commit();
        }
    }

    /// The pages that are stored, as they came.
    pub fn pages(&self) -> Vec<String> {
        let pages = self.rows.iter();
        let pages = pages.filter(|((store, _), _)| *store == Store::Pages);
        pages
            .map(|((_, key), row)| {
                let plain = row.open(
                    &self.data_key,
                    Purpose::Log,
                    Store::Pages,
                    &VAULT,
                    key,
                    "sealed",
                );
                String::from_utf8(plain.expect("opens").expect("is there")).expect("text")
            })
            .collect()
    }

    pub fn pulled(&self) -> HashSet<EntryId> {
        let pages = self.pages();
        let entries = pages.iter().flat_map(|text| page::read(provider(), text));
        entries.map(|entry| entry.id).collect()
    }

    /// One of its own entries, as it is stored.
    pub fn saved_as(&self, digest: Digest) -> OwnEntry {
        let mut own = self.own().into_iter();
        own.find(|own| own.digest == digest).expect("saved")
    }

    pub fn standing(&self, digest: Digest) -> Standing {
        self.saved_as(digest).standing
    }

    /// Stores what became of one of its own entries, as an earlier run of the app would have.
    pub fn settle_as(&mut self, digest: Digest, standing: &Standing, due: Millis) {
        self.store(vec![Write::new(
            Store::Outbox,
            crate::outbox::outbox_key(&digest),
            Change::Merge(crate::outbox::standing_fields(standing, None, 1, due)),
        )]);
    }

    /// Whether a page brought this entry, as far as is remembered.
    pub fn was_brought(&self, digest: Digest) -> bool {
        let pages = self.notices.iter().filter_map(|notice| match notice {
            Notice::Page { text, .. } => Some(page::read(provider(), text)),
            _ => None,
        });
        pages.flatten().any(|entry| entry.digest == digest)
    }
}

/// An entry of somebody else, as the server has it.
pub fn others_entry(n: u64) -> (Digest, serde_json::Value) {
    let mut phone = Phone::new(n + 1);
    phone.writer.key = AuthorKey::from_seed([8; 32]);
    phone.writer.author = UserId::from(Uuid::from_u128(6));
    phone.made = 1_000_000 + u128::from(n) * 10;
    let digest = phone.save();
    let own = phone.saved_as(digest);
    (digest, serde_json::from_str(own.json.get()).expect("JSON"))
}

pub const HOUR: Millis = 3_600_000;

impl Phone {
    pub fn shown(&self) -> Connection {
        self.syncer.as_ref().expect("started").connection()
    }

    /// The one request under way, as the server reads it.
    pub fn asked(&self) -> serde_json::Value {
        let [request] = &self.requests[..] else {
            panic!("one request is under way")
        };
        serde_json::from_str(&request.body).expect("JSON")
    }

    /// What is under way is not heard of.
    pub fn unheard(&mut self, why: NoAnswer) {
        let request = self.requests.pop().expect("under way");
        self.feed(Event::NoAnswer {
            request: request.id,
            why,
        });
    }

    pub fn no_network(&mut self) {
        self.unheard(NoAnswer::Network);
    }

    /// The server answers what is under way; nothing of it is stored yet.
    pub fn hears(&mut self, server: &mut Server) {
        let request = self.requests.pop().expect("under way");
        let (status, body) = server.answer(&request.body, self.now);
        self.reply(request.id, status, body);
    }

    /// The server answers what is under way, and the answer is stored.
    pub fn answered(&mut self, server: &mut Server) {
        self.hears(server);
        self.commit();
    }

    /// What is being stored is not; gives its number.
    pub fn abort(&mut self) -> u64 {
        let transaction = self.transactions.pop().expect("it is being stored").id;
        self.feed(Event::Aborted {
            transaction,
            reason: "closed".to_owned(),
        });
        transaction
    }

    pub fn due_in(&self) -> Millis {
        self.timer.expect("it goes on by itself") - self.now
    }
}

/// A phone that has pulled all there is and waits for the next thing.
pub fn at_rest() -> (Phone, Server) {
    let (mut phone, mut server) = (Phone::new(31), Server::new());
    phone.start();
    phone.settle(&mut server, HOUR);
    (phone, server)
}

/// How many entries the request under way brings.
pub fn brings(phone: &Phone) -> usize {
    let asked = phone.asked();
    asked["entries"].as_array().expect("an array").len()
}

pub fn refuse(phone: &mut Phone, status: u16) {
    let request = phone.requests.pop().expect("under way");
    phone.reply(request.id, status, String::new());
}

/// The next request goes as soon as it may.
pub fn next(phone: &mut Phone) {
    phone.now = phone.now.max(phone.timer.take().expect("it goes on"));
    phone.feed(Event::TimerFired);
}

/// A phone with so many records that wait; its first pull is done.
pub fn with_waiting(count: usize) -> (Phone, Server) {
    let (mut phone, mut server) = at_rest();
    phone.crash();
    for _ in 0..count {
        phone.save();
    }
    phone.start();
    assert_eq!(phone.requests.len(), 1);
    server.sizes.clear();
    (phone, server)
}

/// The ids of the entries that the request under way brings, in order.
pub fn brought(phone: &Phone) -> Vec<EntryId> {
    let asked = phone.asked();
    let entries = asked["entries"].as_array().expect("an array").iter();
    let id = |entry: &serde_json::Value| serde_json::from_value(entry["id"].clone());
    entries.map(|entry| id(entry).expect("an id")).collect()
}

/// The server's answer to what is under way, changed, and stored.
pub fn answered_with(
    phone: &mut Phone,
    server: &mut Server,
    change: impl Fn(&mut serde_json::Value),
) {
    let request = phone.requests.pop().expect("under way");
    let (_, body) = server.answer(&request.body, phone.now);
    let mut answer = serde_json::from_str(&body).expect("JSON");
    change(&mut answer);
    phone.reply(request.id, 200, answer.to_string());
    phone.commit();
}
