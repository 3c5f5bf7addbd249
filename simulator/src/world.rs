//! Time and messages: what happens when, to whom, and what becomes of what is sent. A run is a list of deeds, each
//! followed by some time in which things happen; then the network heals and all comes to rest.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use anyhow::Result;
use holdfast_domain::encoding::{Digest, Millis};
use holdfast_domain::ids::EntryId;
use holdfast_domain::outbox::row::{
    Change, Durability, Field, Row, Store, Write, device_key, state_key,
};
use holdfast_domain::outbox::{OwnEntry, Save, SavedEntry, save_writes, sealed_json};
use holdfast_domain::sealing::Purpose;
use holdfast_domain::syncer::{
    Answer, Connection, Effect, Event, NoAnswer, Notice, Request, Wakeup, checkpoint, rows,
};
use holdfast_domain::wire::Verdict;

use crate::network::{AnswerFate, Network, RequestFate};
use crate::phone::{Job, Phone, Post};
use crate::random::{Choose, Random};
use crate::servers::{Copy, Reply, Servers};
use crate::staff::Staff;

/// The moment at which each run begins: 1 March 2026, noon.
const BEGINNING: Millis = 1_772_366_400_000;
/// How long all phones have, once the network is healed, to get and send what they were asked for.
const ROUND: Millis = 45_000;

pub enum Happening {
    Timer(u64),
    /// The next job of the phone's database is done.
    Turn,
    Told(Event),
    Saved(Box<SavedEntry>),
    Heard(Post),
    Request(Sent),
    Answer(Sent, Reply),
    /// A checkpoint is put together.
    Checkpoint(Box<Job>),
    Open,
    SignIn,
}

/// A request on its way, and whose answer it wants.
#[derive(Clone)]
pub struct Sent {
    id: u64,
    body: String,
    cookie: String,
    at: Millis,
}

struct Due {
    at: Millis,
    number: u64,
    phone: usize,
    life: u64,
    what: Happening,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        (self.at, self.number) == (other.at, other.number)
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// An entry that a phone made: its transaction is complete.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    pub phone: usize,
    pub id: EntryId,
    pub digest: Digest,
    pub n: u64,
}

pub struct World {
    pub rng: Random,
    pub now: Millis,
    pub network: Network,
    pub servers: Servers,
    /// The server answers nobody before this time.
    pub down_until: Millis,
    pub staff: Staff,
    pub phones: Vec<Phone>,
    pub made: Vec<Made>,
    /// When the request was sent that brought an entry into the log, by the time at which it was received: it may be in
    /// the log of a copy, and be brought anew after that is restored.
    pub filed: HashMap<(EntryId, Millis), Millis>,
    /// Copies of the database's files.
    pub copies: Vec<Copy>,
    /// What went wrong while it ran.
    pub faults: Vec<String>,
    /// Deeds and happenings, for who looks into a run.
    pub trace: Option<Vec<String>>,
    queue: BinaryHeap<Reverse<Due>>,
    numbers: u64,
}

impl World {
    pub fn new(rng: Random, servers: Servers, staff: Staff, trace: bool) -> Self {
        Self {
            rng,
            now: BEGINNING,
            network: Network::rough(),
            servers,
            down_until: 0,
            staff,
            phones: Vec::new(),
            made: Vec::new(),
            filed: HashMap::new(),
            copies: Vec::new(),
            faults: Vec::new(),
            trace: trace.then(Vec::new),
            queue: BinaryHeap::new(),
            numbers: 0,
        }
    }

    pub fn note(&mut self, what: impl FnOnce() -> String) {
        let now = self.now - BEGINNING;
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{now:>10} {}", what()));
        }
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    pub fn later(&mut self, after: Millis, phone: usize, life: u64, what: Happening) {
        let number = self.number();
        self.queue.push(Reverse(Due {
            at: self.now + after,
            number,
            phone,
            life,
            what,
        }));
    }

    pub fn soon(&mut self, phone: usize, life: u64, what: Happening) {
        let after = self.rng.between(1, 30);
        self.later(after, phone, life, what);
    }

    /// Lets happen what is due within this time.
    pub async fn pass(&mut self, time: Millis) -> Result<()> {
        let end = self.now + time;
        while let Some(Reverse(due)) = self.queue.pop_if_due(end) {
            self.now = self.now.max(due.at);
            self.happen(due).await?;
        }
        self.now = end;
        Ok(())
    }

    /// All phones sleep: nothing happens in this time, and what was due happens after it.
    pub fn sleep(&mut self, time: Millis) {
        self.now += time;
    }

    async fn happen(&mut self, due: Due) -> Result<()> {
        let Due {
            phone, life, what, ..
        } = due;
        match what {
            Happening::Timer(number) => {
                if self.phones[phone]
                    .tab(life)
                    .is_some_and(|tab| tab.timer == number)
                {
                    self.feed(phone, life, Event::TimerFired);
                }
            }
            Happening::Turn => self.turn(phone),
            Happening::Told(event) => self.feed(phone, life, event),
            Happening::Saved(saved) => self.saved(phone, life, *saved),
            Happening::Heard(post) => self.heard(phone, life, &post),
            Happening::Request(sent) => self.arrived(phone, life, sent).await?,
            Happening::Answer(sent, reply) => {
                let answer = Answer {
                    request: sent.id,
                    status: reply.status,
                    content_type: reply.content_type,
                    retry_after: reply.retry_after,
                    body: reply.body,
                    round_trip: self.now - sent.at,
                };
                if self.network.healed || self.phones[phone].online {
                    self.feed(phone, life, Event::Answer(answer));
                }
            }
            Happening::Checkpoint(job) if self.phones[phone].tab(life).is_some() => {
                self.job(phone, life, *job);
            }
            Happening::Checkpoint(_) => {}
            Happening::Open => self.open(phone),
            Happening::SignIn => self.sign_in(phone).await?,
        }
        Ok(())
    }

    // A phone's page loads --------------------------------------------------------------------------

    /// Opens a tab more; the first holds the lock and syncs.
    pub fn open(&mut self, phone: usize) {
        let life = self.number();
        let tab = self.phones[phone].open_tab(life);
        self.phones[phone].tabs.push(tab);
        self.note(|| format!("phone {phone} opens a tab, life {life}"));
        self.lead(phone);
        self.post(phone, life, &Post::Hello);
    }

    /// The first tab takes the lock where nobody has it.
    fn lead(&mut self, phone: usize) {
        let it = &mut self.phones[phone];
        if it.tabs.first().is_none_or(|first| first.syncer.is_some()) {
            return;
        }
        let syncer = it.syncer();
        // It has read every own row there is.
        it.unheard.clear();
        let first = &mut it.tabs[0];
        first.syncer = Some(syncer);
        let life = first.life;
        self.feed(phone, life, Event::Started);
    }

    /// A tab is closed or loaded anew. What it had begun in the database is ended or was never begun.
    pub fn close(&mut self, phone: usize, tab: usize) {
        let closed = self.phones[phone].tabs.remove(tab);
        let it = &mut self.phones[phone];
        it.jobs.retain(|(life, _)| *life != closed.life);
        // Whoever takes the lock over may not have been told of what was stored last.
        if closed.syncer.is_some() && !it.tabs.is_empty() {
            self.open_tab_anew(phone, 0);
        }
        self.lead(phone);
    }

    /// The battery dies, or the browser is killed.
    pub fn crash(&mut self, phone: usize) {
        let it = &mut self.phones[phone];
        it.tabs.clear();
        it.jobs.clear();
        it.unheard.clear();
        let kept = self.rng.below(it.storage.uncertain() + 1);
        it.storage.crash(kept);
    }

    // What a tab is told ----------------------------------------------------------------------------

    /// Gives the syncer an event, and performs what it decides.
    pub fn feed(&mut self, phone: usize, life: u64, event: Event) {
        let random = self.rng.draw();
        let it = &mut self.phones[phone];
        let now = self.now + it.offset;
        let Some(syncer) = it.tab(life).and_then(|tab| tab.syncer.as_mut()) else {
            return;
        };
        let effects = syncer.handle(event, now, random);
        let mut notices = Vec::new();
        for effect in effects {
            if self.trace.is_some()
                && let Some(said) = crate::trace::effect(&effect)
            {
                self.note(|| format!("phone {phone} life {life} {said}"));
            }
            match effect {
                Effect::Transaction(transaction) => self.job(phone, life, Job::Write(transaction)),
                Effect::Request(request) => self.send(phone, life, request),
                Effect::Timer { after_ms } => {
                    let number = self.number();
                    if let Some(tab) = self.phones[phone].tab(life) {
                        tab.timer = number;
                    }
                    let after = Millis::try_from(after_ms).unwrap_or(Millis::MAX / 4);
                    self.later(after, phone, life, Happening::Timer(number));
                }
                Effect::ReadOwn => self.job(phone, life, Job::ReadOwn),
                Effect::ReadOffers(restore) => self.job(phone, life, Job::ReadOffers(restore)),
                Effect::Notice(notice) => notices.push(notice),
            }
        }
        if !notices.is_empty() {
            self.tell(phone, life, notices);
        }
        self.all_sent_is_true(phone, life);
    }

    fn tell(&mut self, phone: usize, life: u64, notices: Vec<Notice>) {
        if notices.iter().any(|it| matches!(it, Notice::NeedsSignIn)) {
            let after = self.rng.between(1_000, 300_000);
            self.later(after, phone, 0, Happening::SignIn);
        }
        self.phones[phone].heed(life, &notices);
        self.post(phone, life, &Post::Notices(notices));
    }

    fn post(&mut self, phone: usize, from: u64, post: &Post) {
        let others: Vec<u64> = self.phones[phone]
            .tabs
            .iter()
            .map(|tab| tab.life)
            .filter(|life| *life != from)
            .collect();
        for life in others {
            // In order, as a channel between tabs delivers.
            self.later(1, phone, life, Happening::Heard(post.clone()));
        }
    }

    fn heard(&mut self, phone: usize, life: u64, post: &Post) {
        let it = &mut self.phones[phone];
        let leads = it.tab(life).is_some_and(|tab| tab.syncer.is_some());
        match post {
            Post::Saved => self.job(phone, life, Job::ReadOwn),
            // A tab that died as it saved told nobody; the one opened in its place asks for it.
            Post::Hello if leads => self.job(phone, life, Job::ReadOwn),
            Post::Hello => {}
            Post::Notices(notices) if !leads => it.heed(life, notices),
            Post::Notices(_) => {}
        }
    }

    /// 'All sent' is shown only when nothing waits.
    fn all_sent_is_true(&mut self, phone: usize, life: u64) {
        let it = &mut self.phones[phone];
        let shown = it
            .tab(life)
            .filter(|tab| tab.syncer.is_some())
            .map(|tab| tab.connection);
        if shown != Some(Connection::AllSent) {
            return;
        }
        if let Some(digest) = it.waiting().find(|digest| !it.unheard.contains(digest)) {
            let fault = format!("phone {phone} shows 'All sent' while its entry {digest} waits");
            self.faults.push(fault);
        }
    }

    // A phone's database ----------------------------------------------------------------------------

    pub fn job(&mut self, phone: usize, life: u64, job: Job) {
        self.phones[phone].jobs.push_back((life, job));
        self.soon(phone, 0, Happening::Turn);
    }

    fn turn(&mut self, phone: usize) {
        let Some((life, job)) = self.phones[phone].jobs.pop_front() else {
            return;
        };
        // The quota is spent, or the browser closed the database.
        let aborts = !self.network.healed && self.rng.percent(2);
        match job {
            Job::Write(transaction) => {
                let id = transaction.id;
                let storage = &mut self.phones[phone].storage;
                let done = !aborts
                    && storage
                        .commit(transaction.durability, transaction.writes)
                        .is_ok();
                let event = if done {
                    Event::Committed { transaction: id }
                } else {
                    Event::Aborted {
                        transaction: id,
                        reason: "simulated".to_owned(),
                    }
                };
                self.soon(phone, life, Happening::Told(event));
            }
            Job::Save(_) if aborts => {}
            Job::Save(save) => self.save(phone, life, &save),
            Job::ReadOwn => {
                let it = &mut self.phones[phone];
                let own = it.refresh(life);
                let leads = it.tab(life).is_some_and(|tab| tab.syncer.is_some());
                for entry in own.iter().filter(|_| leads) {
                    it.unheard.remove(&entry.digest);
                }
                // In one step: what is read is heard before anything else is stored.
                self.feed(phone, life, Event::Found(own));
            }
            Job::ReadOffers(restore) => {
                let event = self.phones[phone].offers(&restore);
                self.soon(phone, life, Happening::Told(event));
            }
            Job::Checkpoint(..) if aborts => {}
            Job::Checkpoint(before, writes) => {
                let it = &mut self.phones[phone];
                let last = checkpoint::last_key(&it.vault);
                if checkpoint::unchanged(before.as_ref(), it.storage.get(Store::Checkpoint, last)) {
                    it.storage
                        .commit(Durability::Strict, writes)
                        .expect("nothing is added");
                }
            }
        }
    }

    /// The one transaction of a save: what it reads, decides and writes.
    fn save(&mut self, phone: usize, life: u64, save: &Save) {
        let it = &mut self.phones[phone];
        let found = it.found(save);
        let Some(tab) = it.tabs.iter().find(|tab| tab.life == life) else {
            return;
        };
        let Ok(mut saved) = save_writes(&it.data_key, &tab.writer, save, found) else {
            return;
        };
        let writes = std::mem::take(&mut saved.writes);
        if it.storage.commit(Durability::Strict, writes).is_err() {
            self.faults
                .push(format!("phone {phone} made the same entry twice"));
            return;
        }
        let (id, digest, n) = (saved.own.id, saved.own.digest, saved.own.n);
        it.unheard.insert(digest);
        self.made.push(Made {
            phone,
            id,
            digest,
            n,
        });
        self.note(|| format!("phone {phone} saved {phone}/{n}, {id} {digest}"));
        self.soon(phone, life, Happening::Saved(Box::new(saved)));
    }

    /// 'Saved on this phone' is shown.
    fn saved(&mut self, phone: usize, life: u64, saved: SavedEntry) {
        let SavedEntry { entry, own, .. } = saved;
        let Some(tab) = self.phones[phone].tab(life) else {
            return;
        };
        let leads = tab.syncer.is_some();
        tab.take_own(&own, entry);
        if leads {
            self.phones[phone].unheard.remove(&own.digest);
        }
        self.post(phone, life, &Post::Saved);
        self.feed(phone, life, Event::Saved(own));
    }

    // The network -----------------------------------------------------------------------------------

    fn send(&mut self, phone: usize, life: u64, request: Request) {
        let sent = Sent {
            id: request.id,
            body: request.body,
            cookie: self.phones[phone].cookie.clone().unwrap_or_default(),
            at: self.now,
        };
        let silence = |why| {
            Happening::Told(Event::NoAnswer {
                request: request.id,
                why,
            })
        };
        if !self.phones[phone].online || self.now < self.down_until {
            let after = self.rng.between(1, 2_000);
            self.later(after, phone, life, silence(NoAnswer::Network));
            return;
        }
        let timeout = Millis::try_from(request.timeout_ms).unwrap_or(Millis::MAX / 4);
        self.later(timeout, phone, life, silence(NoAnswer::TimedOut));
        let after = self.network.delay(&mut self.rng);
        match self.network.request(&mut self.rng) {
            RequestFate::Arrives => self.later(after, phone, life, Happening::Request(sent)),
            RequestFate::Lost => {}
            RequestFate::Doubled => {
                self.later(after, phone, life, Happening::Request(sent.clone()));
                let after = self.network.delay(&mut self.rng) * 3;
                self.later(after, phone, life, Happening::Request(sent));
            }
            RequestFate::Cut => {
                let mut sent = sent;
                let keep = self.rng.below(sent.body.len());
                sent.body.truncate(keep);
                self.later(after, phone, life, Happening::Request(sent));
            }
        }
    }

    async fn arrived(&mut self, phone: usize, life: u64, sent: Sent) -> Result<()> {
        if self.now < self.down_until {
            return Ok(());
        }
        let process = self.rng.below(2);
        let reply = self
            .servers
            .sync(process, &sent.cookie, sent.body.clone(), self.now)
            .await?;
        if self.trace.is_some() {
            let said = crate::trace::exchange(&sent.body, &reply, &self.made);
            self.note(|| format!("phone {phone} request {} of life {life}: {said}", sent.id));
        }
        self.filed(&sent, &reply);
        if !self.network.healed && self.rng.below(400) == 0 {
            self.killed_as_it_answers(phone, sent.id).await?;
        }
        let after = self.network.delay(&mut self.rng);
        let fate = self.network.answer(&mut self.rng);
        if fate == AnswerFate::Lost {
            return Ok(());
        }
        let reply = self.network.spoil(fate, reply, &mut self.rng);
        if fate == AnswerFate::Doubled {
            let later = self.network.delay(&mut self.rng) * 3;
            self.later(
                later,
                phone,
                life,
                Happening::Answer(sent.clone(), reply.clone()),
            );
        }
        self.later(after, phone, life, Happening::Answer(sent, reply));
        Ok(())
    }

    /// The server is killed in the moment in which an answer has left it: what it said must be on the disk by then.
    /// Nothing may be waited for between the answer and the copy.
    async fn killed_as_it_answers(&mut self, phone: usize, request: u64) -> Result<()> {
        let over = self.servers.copy()?;
        self.note(|| format!("the server is killed as it answers request {request} of {phone}"));
        self.lose_what_is_under_way();
        self.servers.restart(over).await?;
        self.down_until = self.now + self.rng.between(0, 20_000);
        Ok(())
    }

    fn filed(&mut self, sent: &Sent, reply: &Reply) {
        #[derive(serde::Deserialize)]
        struct Verdicts {
            verdicts: Vec<Verdict>,
        }
        let Ok(answer) = serde_json::from_str::<Verdicts>(&reply.body) else {
            return;
        };
        for verdict in answer.verdicts {
            if let Verdict::Filed { id, received, .. } = verdict
                && received == self.now
            {
                self.filed.insert((id, received), sent.at);
            }
        }
    }

    /// What is on its way to the server or from it is lost.
    pub fn lose_what_is_under_way(&mut self) {
        self.queue.retain(|Reverse(due)| {
            !matches!(due.what, Happening::Request(_) | Happening::Answer(..))
        });
    }

    /// The phone's person signs in, where there is a network and a role.
    pub async fn sign_in(&mut self, phone: usize) -> Result<()> {
        let it = &self.phones[phone];
        if !it.online || self.now < self.down_until {
            self.later(60_000, phone, 0, Happening::SignIn);
            return Ok(());
        }
        let (user, device, key) = (it.user, it.device, it.key.public());
        let signed_in = self.servers.sign_in(user, device, key, self.now).await?;
        let it = &mut self.phones[phone];
        // Nobody without a role anywhere may sign in.
        let Some(signed_in) = signed_in else {
            return Ok(());
        };
        let answer = signed_in.answer;
        it.cookie = Some(signed_in.cookie);
        it.needs_sign_in = false;
        if let Some(certificate) = answer.certificate
            && !it.certificates.contains(&certificate)
        {
            it.certificates.push(certificate);
        }
        let beacon = serde_json::to_string(&answer.beacon)?;
        let writes = vec![
            Write::new(
                Store::Device,
                device_key("beacon"),
                Change::Put(Row::new().with("value", Field::Text(beacon))),
            ),
            Write::new(
                Store::State,
                state_key(&it.vault, rows::KEYS),
                Change::Put(
                    Row::new().with("sealed", sealed_json(Purpose::State, &vec![answer.keys])),
                ),
            ),
        ];
        it.storage
            .commit(Durability::Strict, writes)
            .expect("nothing is added");
        for tab in &mut it.tabs {
            tab.beacon = Some(answer.beacon);
        }
        self.open_anew(phone);
        if let Some(life) = self.phones[phone].tabs.first().map(|tab| tab.life) {
            self.feed(phone, life, Event::SignedIn);
        }
        Ok(())
    }

    /// As the app after signing in: every tab opens the vault anew, with all its certificates.
    fn open_anew(&mut self, phone: usize) {
        for at in 0..self.phones[phone].tabs.len() {
            self.open_tab_anew(phone, at);
        }
        self.lead(phone);
    }

    /// A tab reads what is stored again. What it had begun to store before is stored or was never asked for; nobody
    /// hears of it.
    fn open_tab_anew(&mut self, phone: usize, at: usize) {
        let (was, life) = (self.phones[phone].tabs[at].life, self.number());
        let it = &mut self.phones[phone];
        it.jobs.retain_mut(|(of, job)| {
            let saves = matches!(job, Job::Save(_));
            let other = *of != was;
            if !other {
                *of = life;
            }
            other || saves
        });
        let connection = it.tabs[at].connection;
        it.tabs[at] = it.open_tab(life);
        it.tabs[at].connection = connection;
        let queue = std::mem::take(&mut self.queue).into_iter();
        self.queue = queue
            .map(|Reverse(mut due)| {
                let goes_on = matches!(due.what, Happening::Saved(_) | Happening::Heard(_));
                if due.life == was && goes_on {
                    due.life = life;
                }
                Reverse(due)
            })
            .collect();
    }

    // Rest ------------------------------------------------------------------------------------------

    /// The network heals, every phone is opened and looks after itself until nothing changes any more.
    pub async fn come_to_rest(&mut self) -> Result<bool> {
        self.network.healed = true;
        self.down_until = 0;
        for phone in 0..self.phones.len() {
            self.phones[phone].online = true;
            if self.phones[phone].tabs.is_empty() {
                self.open(phone);
            }
        }
        self.staff.settle();
        self.servers.import(&self.staff.files(), self.now).await?;
        let mut before = None;
        for round in 0..40 {
            if self.sign_in_all().await? {
                // A staff entry of before a restore, which a phone gave back, took somebody's last role. It counts until
                // the next import.
                self.servers.import(&self.staff.files(), self.now).await?;
                self.sign_in_all().await?;
            }
            for phone in 0..self.phones.len() {
                let life = self.phones[phone].tabs.first().map(|tab| tab.life);
                if let Some(life) = life {
                    self.feed(phone, life, Event::Woken(Wakeup::Asked));
                }
            }
            self.pass(ROUND).await?;
            let state = self.state().await?;
            // Rows are opened only where storage says that something waits.
            let waits = self.phones.iter().any(|phone| {
                phone.offers_put_off()
                    || phone.waiting().next().is_some()
                        && phone.waiting_rows().any(|own| may_go(&own))
            });
            if !waits && before.as_ref() == Some(&state) {
                return Ok(true);
            }
            before = Some(state);
            // What the server asked to be sent later, and what it could not take, is due again at last.
            if waits && round > 1 {
                self.sleep(6 * 3_600_000);
            }
        }
        Ok(false)
    }

    /// Everybody who is not signed in does so. True where somebody may not.
    async fn sign_in_all(&mut self) -> Result<bool> {
        let mut refused = false;
        for phone in 0..self.phones.len() {
            if self.phones[phone].is_signed_out() {
                self.sign_in(phone).await?;
                refused |= self.phones[phone].is_signed_out();
            }
        }
        Ok(refused)
    }

    /// What must not change any more once all is at rest.
    async fn state(&self) -> Result<(i64, Vec<usize>)> {
        let entries: i64 = sqlx::query_scalar("SELECT count(*) FROM entries")
            .fetch_one(self.servers.readers())
            .await?;
        let known = self.phones.iter().map(|phone| {
            let tab = phone.tabs.first();
            tab.map_or(0, |tab| tab.ledger.acknowledged_count())
        });
        Ok((entries, known.collect()))
    }

    /// Own rows of every phone by digest.
    pub fn own(&self) -> HashMap<Digest, (usize, OwnEntry)> {
        let mut all = HashMap::new();
        for (at, phone) in self.phones.iter().enumerate() {
            for (own, _) in phone.own_rows() {
                all.insert(own.digest, (at, own));
            }
        }
        all
    }
}

/// False for what only a newer server could take.
pub fn may_go(own: &OwnEntry) -> bool {
    !own.json.get().contains(crate::deeds::NEWER_KIND)
}

trait PopIfDue {
    fn pop_if_due(&mut self, end: Millis) -> Option<Reverse<Due>>;
}

impl PopIfDue for BinaryHeap<Reverse<Due>> {
    fn pop_if_due(&mut self, end: Millis) -> Option<Reverse<Due>> {
        match self.peek() {
            Some(Reverse(due)) if due.at <= end => self.pop(),
            _ => None,
        }
    }
}
