//! Accounts: signing in, the vault it opens or makes, and opening that vault again with no
//! network at all. Until the vault has its lock, the data key lies in the clear in the vault's
//! row, beside what it seals; the More page says so.

use std::collections::HashMap;
use std::rc::Rc;

use holdfast_domain::encoding::{Bytes, Millis, PublicKey};
use holdfast_domain::entry::Beacon;
use holdfast_domain::ids::{DeviceId, ProviderId, UserId};
use holdfast_domain::json;
use holdfast_domain::keys::{AuthorKey, Certificate, enrol_message};
use holdfast_domain::ledger::Ledger;
use holdfast_domain::outbox::row::{
    Change, Durability, Field, Row, RowKey, Store, Write, device_key, state_key,
};
use holdfast_domain::outbox::{COUNT, Count, VaultId, Writer, sealed_json};
use holdfast_domain::sealing::{DataKey, Part, Purpose};
use holdfast_domain::sort::sort_by_key;
use holdfast_domain::syncer::checkpoint::Found as Checkpoints;
use holdfast_domain::syncer::{Restore, Waiting, median, page, rows};
use holdfast_domain::wire::{DeviceInfo, Keys, Scope, SessionAnswer, SessionRequest};
use leptos::task::spawn_local;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::cipher::PageCipher;
use super::storage::{Fault, Sealer};
use super::transport::{self, Silence};
use super::wake::Post;
use super::{Inner, Left, Loss, Me, Phase, checkpoint, clock, loss, perform};

const SESSION: &str = "/api/v1/session";
const TIMEOUT: u64 = 30_000;
/// The device row that names the vault which opens by itself.
const OPEN: &str = "open";
/// The device row that says a sign-out has not reached the server.
const OWED: &str = "sign_out_owed";
/// The fields of an outbox row that say what became of it.
const SENDING: [&str; 6] = ["state", "stuck", "again", "tries", "next_try", "verdict"];
/// Pages that are read and opened at once.
const PAGES: usize = 8;
/// State rows of the account.
const ACCOUNT: &str = "account";
const AUTHOR: &str = "author";

/// The open vault.
pub struct Account {
    pub data_key: DataKey,
    pub writer: Writer,
    pub username: String,
    pub display_name: String,
    pub scope: Vec<Scope>,
    pub root: PublicKey,
    pub certificates: Vec<Certificate>,
    pub pages: PageCipher,
    pub kept: Kept,
}

impl Account {
    /// Pages of the log as they came, in the order of their keys; `None` for one that does not open.
    pub async fn read_pages(
        &self,
        inner: &Rc<Inner>,
        keys: &[RowKey],
    ) -> Result<Vec<Option<String>>, Fault> {
        let opened = match self.read_large(inner, Store::Pages, keys).await {
            // One of them cannot be read: the browser keeps large values in files of their own.
            Err(Fault::Refused(_)) => {
                let mut opened = Vec::with_capacity(keys.len());
                for key in keys {
                    let key = std::slice::from_ref(key);
                    opened.extend(match self.read_large(inner, Store::Pages, key).await {
                        Err(Fault::Refused(_)) => vec![None],
                        read => read?,
                    });
                }
                opened
            }
            read => read?,
        };
        Ok(opened
            .into_iter()
            .map(|plain| String::from_utf8(plain?).ok())
            .collect())
    }

    /// What these rows of a store have sealed; `None` for one that is not there or does not open.
    pub async fn read_large(
        &self,
        inner: &Rc<Inner>,
        store: Store,
        keys: &[RowKey],
    ) -> Result<Vec<Option<Vec<u8>>>, Fault> {
        let rows = inner.storage.rows(store, keys, "sealed").await?;
        Ok(self
            .pages
            .open_all(&self.data_key, store, self.writer.vault, keys, rows)
            .await)
    }

    /// What seals the rows of this account.
    pub fn sealer(&self) -> Sealer<'_> {
        Sealer {
            data_key: &self.data_key,
            vault: self.writer.vault,
        }
    }
}

/// What the database keeps of an account, held in memory too, where the database may go.
pub struct Kept {
    data_key: [u8; 32],
    row: AccountRow,
    author: AuthorRow,
    keys: Vec<Keys>,
}

/// Why nobody was signed in. Nothing on the phone has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInFailure {
    /// Username or password is not right.
    Wrong,
    /// Too many tries; the next one counts after this many seconds.
    TooMany {
        after: u64,
    },
    /// The server did not answer.
    NoAnswer,
    Other(String),
}

/// The sealed state row `account`.
#[derive(Clone, Serialize, Deserialize)]
struct AccountRow {
    provider: ProviderId,
    user: UserId,
    username: String,
    display_name: String,
    scope: Vec<Scope>,
    root: PublicKey,
    server_author: PublicKey,
    certificates: Vec<Certificate>,
    token: String,
}

/// The sealed state row `author`: the author key's seed, and the device it is enrolled for.
#[derive(Clone, Serialize, Deserialize)]
struct AuthorRow {
    seed: Bytes<32>,
    device: DeviceId,
}

/// A vault as it is found on the phone before it is opened.
struct Found {
    vault: VaultId,
    user: Option<UserId>,
    username: String,
    display_name: String,
    data_key: [u8; 32],
}

/// Opens the vault that was open last, without asking the network.
pub async fn open_last(inner: &Rc<Inner>) -> Result<(), Fault> {
    let open = device_value::<VaultId>(inner, OPEN).await?;
    let there = vaults(inner).await?;
    let there: Vec<VaultId> = there.iter().map(|found| found.vault).collect();
    loss::look(inner, &there);
    let opened = match open {
        Some(vault) => open_vault(inner, vault).await?,
        None => false,
    };
    if !opened {
        inner.signals.phase.set(Phase::SignedOut);
        look_left(inner).await;
        settle_sign_out(inner).await;
    }
    Ok(())
}

/// Looks who has used this phone and what of theirs is not sent yet. Without their sign-in it stays sealed and counted.
pub async fn look_left(inner: &Rc<Inner>) {
    match left(inner).await {
        Ok(left) => inner.signals.left.set(left),
        Err(fault) => leptos::logging::warn!("what waits cannot be counted: {fault}"),
    }
}

async fn left(inner: &Rc<Inner>) -> Result<Vec<Left>, Fault> {
    let outbox = outbox_rows(inner).await?;
    let is_final = |row: &Row| row.text("state") == Some("final");
    let mut left = Vec::new();
    for found in vaults(inner).await? {
        let under = [Part::Text(found.vault.to_string())];
        let mut waiting = Waiting::default();
        for key in inner.storage.keys(Store::Own, &under).await? {
            if let Some(Part::Bytes(digest)) = key.get(1)
                && !outbox.get(digest).is_some_and(is_final)
            {
                waiting.add(0);
            }
        }
        left.push(Left {
            username: found.username,
            display_name: found.display_name,
            waiting,
        });
    }
    Ok(left)
}

/// Opens a vault: account, ledger, and the syncer where this tab holds the lock. False where the
/// phone has no such vault. Where another is opened or this one closed meanwhile, that counts: nothing of this one
/// reaches what is open then.
pub async fn open_vault(inner: &Rc<Inner>, vault: VaultId) -> Result<bool, Fault> {
    let asked = inner.ask();
    let Some(found) = vaults(inner)
        .await?
        .into_iter()
        .find(|found| found.vault == vault)
    else {
        return Ok(false);
    };
    let data_key = DataKey::new(found.data_key);
    let pages = PageCipher::new(&data_key).await;
    let Some(row) = state_value::<AccountRow>(inner, &data_key, vault, ACCOUNT).await? else {
        return Ok(false);
    };
    let Some(author) = state_value::<AuthorRow>(inner, &data_key, vault, AUTHOR).await? else {
        return Ok(false);
    };
    let skew = state_value::<Vec<i64>>(inner, &data_key, vault, rows::SKEW)
        .await?
        .unwrap_or_default();
    let keys = state_value::<Vec<Keys>>(inner, &data_key, vault, rows::KEYS)
        .await?
        .unwrap_or_default();
    let count = state_value::<Count>(inner, &data_key, vault, COUNT).await?;
    let beacon = device_value::<Beacon>(inner, "beacon").await?;
    let contact = last_contact(inner, vault).await?;
    let cursor = state_key(&vault, rows::CURSOR);
    let cursor = inner.storage.keys(Store::State, &cursor).await?;
    if inner.asked.get() != asked {
        return Ok(true);
    }
    let kept = Kept {
        data_key: found.data_key,
        row: row.clone(),
        author: author.clone(),
        keys,
    };
    let account = Rc::new(Account {
        data_key,
        writer: Writer {
            provider: row.provider,
            author: row.user,
            device: author.device,
            key: AuthorKey::from_seed(author.seed.0),
            vault,
        },
        username: row.username,
        display_name: row.display_name,
        scope: row.scope,
        root: row.root,
        certificates: row.certificates,
        pages,
        kept,
    });

    let generation = inner.generation.get() + 1;
    inner.generation.set(generation);
    perform::stop_syncer(inner);
    *inner.account.borrow_mut() = Some(Rc::clone(&account));
    *inner.ledger.borrow_mut() = Ledger::new(account.writer.author);
    inner.own.borrow_mut().clear();
    inner.no_checkpoint.set((0, 0));
    inner.unread.borrow_mut().clear();
    *inner.heard_meanwhile.borrow_mut() = Some(Vec::new());
    inner.beacon.set(beacon);
    inner.skew.set(median(&skew));
    inner.signals.last_contact.set(contact);
    inner.signals.needs_sign_in.set(false);

    let under = [Part::Text(vault.to_string())];
    let mut pages = inner.storage.keys(Store::Pages, &under).await?;
    let checkpoints = Checkpoints::new(inner.storage.keys(Store::Checkpoint, &under).await?);
    // In the order in which they came, and between them what a restored server had lost.
    sort_by_key(&mut pages, page::epoch);
    inner.pageless.set(pages.is_empty());
    let mut at = 0;
    let mut turns = clock::Turns::begin();
    for (epoch, of_one) in page::by_epoch(&pages) {
        rewind(inner, &account, generation, at, epoch).await?;
        at = epoch;
        let left = checkpoint::read(
            inner,
            &account,
            generation,
            epoch,
            of_one,
            &checkpoints,
            &mut turns,
        )
        .await;
        for keys in left.chunks(PAGES) {
            let texts = account.read_pages(inner, keys).await?;
            for (key, text) in keys.iter().zip(texts) {
                if !inner.is_current(generation) {
                    return Ok(true);
                }
                let Some(text) = text else {
                    inner.unread.borrow_mut().push(key.clone());
                    continue;
                };
                checkpoint::count(inner, &text);
                let mut page = page::read(account.writer.provider, &text);
                for (nth, entry) in page.by_ref().enumerate() {
                    turns.share_at(nth).await;
                    if !inner.is_current(generation) {
                        return Ok(true);
                    }
                    inner.ledger.borrow_mut().acknowledge(entry);
                }
                inner.ledger.borrow_mut().breaks_at(page.broken());
            }
        }
        if !inner.is_current(generation) {
            return Ok(true);
        }
    }
    let now = state_value(inner, &account.data_key, vault, rows::EPOCH).await?;
    rewind(inner, &account, generation, at, now.unwrap_or_default()).await?;
    unconfirm(inner, &account, generation, rows::RESTORE).await?;
    let own = perform::read_own_rows(inner, &account).await?;
    if !inner.is_current(generation) {
        return Ok(true);
    }
    let mut waiting = Waiting::default();
    for (own, entry) in own {
        if own.standing.waits() {
            waiting.add(own.saved);
        }
        inner.take_own(&own, entry);
    }
    inner.signals.waiting.set(waiting);
    inner.signals.me.set(Some(Me {
        user: account.writer.author,
        username: account.username.clone(),
        display_name: account.display_name.clone(),
        scope: account.scope.clone(),
    }));
    inner.last_count.set(0);
    if let Some(count) = count.filter(|count| count.key == account.writer.key.id()) {
        loss::keep_count(inner, &account, count.n);
    }
    loss::weigh(inner, false);
    // Without a cursor the log is to be fetched again, and was not yet.
    let lacks = !inner.unread.borrow().is_empty() || (cursor.is_empty() && contact.is_some());
    if lacks && inner.signals.loss.with_untracked(Option::is_none) {
        inner.signals.loss.set(Some(Loss::Unread));
    }
    let meanwhile = inner.heard_meanwhile.take().unwrap_or_default();
    perform::heed(inner, &meanwhile);
    perform::work_ahead(inner, generation).await;
    if !inner.is_current(generation) {
        return Ok(true);
    }
    inner.revised();
    inner.tell(Post::Hello { vault });
    perform::start_syncer(inner).await;
    Ok(true)
}

/// Has the whole log fetched again where a page of it does not open, or none is there: what it said would be missing from
/// every screen. The rows that say nothing go with the cursor, in one transaction, before the syncer begins.
pub async fn fetch_unread_again(inner: &Rc<Inner>, account: &Account) -> Result<(), Fault> {
    let vault = account.writer.vault;
    let mut unread = Vec::new();
    for key in inner.unread.take() {
        let read = account
            .read_pages(inner, std::slice::from_ref(&key))
            .await?;
        if read.iter().all(Option::is_none) {
            unread.push(key);
        }
    }
    if unread.is_empty() && !inner.pageless.get() {
        return Ok(());
    }
    let delete = |store, key| Write::new(store, key, Change::Delete);
    let pages = unread.into_iter().map(|key| delete(Store::Pages, key));
    let cursor = delete(Store::State, state_key(&vault, rows::CURSOR));
    let writes = pages.chain([cursor]).collect();
    inner.storage.write(None, Durability::Strict, writes).await
}

/// Marks as unconfirmed what the server lost in its restores between two epochs.
async fn rewind(
    inner: &Rc<Inner>,
    account: &Account,
    generation: u64,
    from: u32,
    to: u32,
) -> Result<(), Fault> {
    for epoch in from + 1..=to {
        unconfirm(inner, account, generation, &rows::restore_before(epoch)).await?;
    }
    Ok(())
}

/// Marks as unconfirmed what the server lost in the restore of this state row, if there is one.
async fn unconfirm(
    inner: &Rc<Inner>,
    account: &Account,
    generation: u64,
    name: &str,
) -> Result<(), Fault> {
    let restore: Option<Restore> =
        state_value(inner, &account.data_key, account.writer.vault, name).await?;
    if let Some(restore) = restore.filter(|_| inner.is_current(generation)) {
        let mut ledger = inner.ledger.borrow_mut();
        ledger.rewound(|service| restore.above(service));
    }
    Ok(())
}

/// Signs in and opens the user's vault, making it where there is none.
pub async fn sign_in(
    inner: &Rc<Inner>,
    username: &str,
    password: &str,
) -> Result<(), SignInFailure> {
    let known = vaults(inner).await?;
    let mut found = known.into_iter().find(|found| found.username == username);
    let mut author = None;
    let mut token = None;
    if let Some(found) = &found {
        let data_key = DataKey::new(found.data_key);
        author = state_value::<AuthorRow>(inner, &data_key, found.vault, AUTHOR).await?;
        token = state_value::<AccountRow>(inner, &data_key, found.vault, ACCOUNT)
            .await?
            .map(|row| row.token);
    }
    let device = match device_value::<DeviceId>(inner, "device").await? {
        Some(device) => device,
        None => new_device(),
    };
    let mut author = author.unwrap_or_else(|| AuthorRow {
        seed: Bytes(clock::random()),
        device,
    });
    if token.is_none() {
        token = device_value::<String>(inner, "token").await?;
    }

    let mut conflicts = 0;
    let answer: SessionAnswer = loop {
        let body = request(username, password, &author)?;
        let authorization = token.as_ref().map(|token| format!("Holdfast {token}"));
        let reply = transport::send(
            "POST",
            SESSION,
            Some(&body),
            authorization.as_deref(),
            TIMEOUT,
        )
        .await
        .map_err(|(Silence::Network | Silence::TimedOut)| SignInFailure::NoAnswer)?;
        match reply.status {
            200 => break json::read(&reply.body).map_err(|_| SignInFailure::NoAnswer)?,
            401 => return Err(SignInFailure::Wrong),
            409 if conflicts < 2 => {
                // First a new key; if the device's name is what stands in the way, a new one too.
                author.seed = Bytes(clock::random());
                if conflicts == 1 {
                    author.device = new_device();
                    token = None;
                }
                conflicts += 1;
            }
            429 => {
                return Err(SignInFailure::TooMany {
                    after: reply.retry_after.unwrap_or(60),
                });
            }
            _ => return Err(SignInFailure::Other(problem(&reply.body))),
        }
    };

    if found
        .as_ref()
        .is_none_or(|found| found.user != Some(answer.user))
    {
        // The name may be spelt another way than last time; the user is the same.
        found = vaults(inner)
            .await?
            .into_iter()
            .find(|found| found.user == Some(answer.user));
    }
    let vault = store(inner, found, &author, answer).await?;
    inner.tell(Post::SignedIn { vault });
    if !open_vault(inner, vault).await? {
        return Err(SignInFailure::Other(
            "The phone's storage did not keep the sign-in. Try again.".to_owned(),
        ));
    }
    Ok(())
}

/// Writes the account in one strict transaction.
async fn store(
    inner: &Rc<Inner>,
    found: Option<Found>,
    author: &AuthorRow,
    answer: SessionAnswer,
) -> Result<VaultId, SignInFailure> {
    let (vault, bytes) = found.as_ref().map_or_else(
        || (Uuid::from_bytes(clock::random()), clock::random()),
        |found| (found.vault, found.data_key),
    );
    let data_key = DataKey::new(bytes);
    let before = match found {
        Some(_) => state_value::<AccountRow>(inner, &data_key, vault, ACCOUNT).await?,
        None => None,
    };
    if before
        .as_ref()
        .is_some_and(|before| before.root != answer.root || before.provider != answer.provider)
    {
        return Err(SignInFailure::Other(
            "This is not the server this phone knows. Your records are safe on the phone. \
             Tell your system administrator before you sign in here."
                .to_owned(),
        ));
    }
    let mut certificates = before.map(|before| before.certificates).unwrap_or_default();
    if let Some(certificate) = answer.certificate
        && !certificates.contains(&certificate)
    {
        certificates.push(certificate);
    }
    let mut keys = state_value::<Vec<Keys>>(inner, &data_key, vault, rows::KEYS)
        .await?
        .unwrap_or_default();
    if keys
        .iter()
        .all(|own| own.receipt != answer.keys.receipt || own.outbox != answer.keys.outbox)
    {
        keys.push(answer.keys);
    }
    let account = AccountRow {
        provider: answer.provider,
        user: answer.user,
        username: answer.username,
        display_name: answer.display_name,
        scope: answer.scope,
        root: answer.root,
        server_author: answer.server_author,
        certificates,
        token: answer.token,
    };
    let kept = Kept {
        data_key: bytes,
        row: account,
        author: author.clone(),
        keys,
    };
    let mut writes = account_writes(vault, &kept, Some(answer.beacon));
    writes.push(Write::new(Store::Device, device_key(OWED), Change::Delete));
    let sealer = Sealer {
        data_key: &data_key,
        vault,
    };
    inner
        .storage
        .write(Some(&sealer), Durability::Strict, writes)
        .await?;
    Ok(vault)
}

/// The writes that keep an account in the database, opening it from now on.
pub fn account_writes(vault: VaultId, kept: &Kept, beacon: Option<Beacon>) -> Vec<Write> {
    let Kept {
        data_key,
        row,
        author,
        keys,
    } = kept;
    let vault_row = Row::new()
        .with("user", Field::Text(row.user.to_string()))
        .with("username", Field::Text(row.username.clone()))
        .with("display_name", Field::Text(row.display_name.clone()))
        .with("dek", Field::Bytes(data_key.to_vec()))
        .with("last_contact", Field::Number(clock::now()));
    let mut writes = vec![
        Write::new(
            Store::Vaults,
            vec![Part::Text(vault.to_string())],
            Change::Put(vault_row),
        ),
        state_write(vault, ACCOUNT, row),
        state_write(vault, AUTHOR, author),
        state_write(vault, rows::KEYS, keys),
        device_write("provider", &row.provider),
        device_write("device", &author.device),
        device_write("token", &row.token),
        device_write("certificates", &row.certificates),
        device_write("schema", &1),
        device_write(OPEN, &vault),
    ];
    writes.extend(beacon.map(|beacon| device_write("beacon", &beacon)));
    writes
}

/// Ends the session; what is kept stays. Where the server does not answer it is told later.
pub async fn sign_out(inner: &Rc<Inner>) {
    close(inner);
    inner.tell(Post::SignedOut);
    let writes = vec![
        Write::new(Store::Device, device_key(OPEN), Change::Delete),
        device_write(OWED, &true),
    ];
    if let Err(fault) = inner.storage.write(None, Durability::Strict, writes).await {
        leptos::logging::warn!("signed out for this page alone: {fault}");
    }
    look_left(inner).await;
    settle_sign_out(inner).await;
}

/// Closes the vault in this tab.
pub fn close(inner: &Rc<Inner>) {
    inner.ask();
    inner.generation.set(inner.generation.get() + 1);
    perform::stop_syncer(inner);
    inner.live.close();
    *inner.account.borrow_mut() = None;
    *inner.ledger.borrow_mut() = Ledger::new(UserId::nil());
    inner.own.borrow_mut().clear();
    inner.signals.me.set(None);
    inner.signals.waiting.set(Waiting::default());
    inner.signals.needs_sign_in.set(false);
    inner.signals.up_to_date.set(false);
    inner.signals.revision.update(|revision| *revision += 1);
    inner.signals.phase.set(Phase::SignedOut);
}

/// Tells the server of a sign-out that it has not heard of.
pub async fn settle_sign_out(inner: &Rc<Inner>) {
    let owed = device_value::<bool>(inner, OWED).await.ok().flatten() == Some(true);
    if !owed || inner.account().is_some() {
        return;
    }
    let answered = transport::send("DELETE", SESSION, None, None, TIMEOUT).await;
    if answered.is_ok_and(|reply| matches!(reply.status, 200..=299 | 401)) {
        let paid = vec![Write::new(Store::Device, device_key(OWED), Change::Delete)];
        if let Err(fault) = inner.storage.write(None, Durability::Relaxed, paid).await {
            leptos::logging::warn!("the sign-out is told again later: {fault}");
        }
    }
}

/// Another tab signed in: this one opens the same vault, or goes on where it is the same.
pub fn signed_in_elsewhere(inner: &Rc<Inner>, vault: VaultId) {
    let inner = Rc::clone(inner);
    // Scope and certificates may be new, so the vault is opened anew in either case.
    spawn_local(async move { open_anew(&inner, vault).await });
}

async fn open_anew(inner: &Rc<Inner>, vault: VaultId) {
    if let Err(fault) = open_vault(inner, vault).await {
        inner.signals.phase.set(Phase::Broken(fault.to_string()));
    }
}

/// This tab syncs from here on. The one before may have ended between storing a page and telling of it, so what is
/// stored is read again.
pub async fn take_over(inner: &Rc<Inner>) {
    if let Some(account) = inner.account() {
        open_anew(inner, account.writer.vault).await;
    }
}

/// Deletes the vault's copy of the log, its drafts and keys on the provider's word. Its outbox
/// rows stay.
pub async fn wipe(inner: &Rc<Inner>) {
    let Some(account) = inner.account() else {
        return;
    };
    let vault = account.writer.vault;
    close(inner);
    loss::forget(vault);
    for draft in super::drafts::kept(&account.data_key, &vault) {
        let name = super::drafts::DraftName {
            form: draft.form,
            id: draft.id,
        };
        super::drafts::remove(&account.data_key, &vault, &name);
    }
    let under = vec![Part::Text(vault.to_string())];
    let stores = [Store::Pages, Store::Checkpoint, Store::Own, Store::State];
    let mut writes: Vec<Write> = stores
        .into_iter()
        .map(|store| Write::new(store, under.clone(), Change::DeleteUnder))
        .collect();
    writes.push(Write::new(Store::Vaults, under, Change::Delete));
    writes.push(Write::new(Store::Device, device_key(OPEN), Change::Delete));
    if let Err(fault) = inner.storage.write(None, Durability::Strict, writes).await {
        leptos::logging::error!("the copy could not be deleted: {fault}");
    }
}

fn request(username: &str, password: &str, author: &AuthorRow) -> Result<String, SignInFailure> {
    let key = AuthorKey::from_seed(author.seed.0);
    let origin = web_sys::window()
        .and_then(|window| window.location().origin().ok())
        .unwrap_or_default();
    let proof = key.sign(&enrol_message(
        &origin,
        username,
        author.device,
        &key.public(),
    ));
    let (name, kind) = device_kind();
    let request = SessionRequest {
        username: username.to_owned(),
        password: password.to_owned(),
        device: DeviceInfo {
            id: author.device,
            name: name.to_owned(),
            kind: kind.to_owned(),
        },
        author_key: Some(key.public()),
        proof: Some(proof),
    };
    serde_json::to_string(&request).map_err(|error| SignInFailure::Other(error.to_string()))
}

/// What this device is, by its screen and pointer; which of the service's it is, a person says.
fn device_kind() -> (&'static str, &'static str) {
    let window = web_sys::window();
    let touch = window
        .as_ref()
        .is_some_and(|window| window.navigator().max_touch_points() > 0);
    let side =
        |length: Result<wasm_bindgen::JsValue, _>| length.ok().and_then(|side| side.as_f64());
    let narrow = window
        .as_ref()
        .and_then(|window| {
            Some(side(window.inner_width())?.min(side(window.inner_height())?) < 600.0)
        })
        .unwrap_or(false);
    match (touch, narrow) {
        (_, true) => ("Phone", "phone"),
        (true, false) => ("Tablet", "tablet"),
        (false, false) => ("Computer", "laptop"),
    }
}

/// What a problem document says to a person.
fn problem(body: &str) -> String {
    #[derive(Deserialize)]
    struct Problem {
        title: Option<String>,
        detail: Option<String>,
    }
    let said = json::read::<Problem>(body)
        .ok()
        .and_then(|problem| problem.detail.or(problem.title));
    said.unwrap_or_else(|| {
        "The server answered in a way this app does not know. Nothing on the phone has changed. Try again."
            .to_owned()
    })
}

impl From<Fault> for SignInFailure {
    fn from(fault: Fault) -> Self {
        Self::Other(format!(
            "The phone's storage did not answer ({fault}). Close the app and open it again."
        ))
    }
}

fn new_device() -> DeviceId {
    DeviceId::from(uuid::Builder::from_random_bytes(clock::random()).into_uuid())
}

async fn vaults(inner: &Rc<Inner>) -> Result<Vec<Found>, Fault> {
    let rows = inner.storage.all(Store::Vaults, &[]).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(key, row)| {
            let [Part::Text(vault)] = &key[..] else {
                return None;
            };
            Some(Found {
                vault: vault.parse().ok()?,
                user: row.text("user").and_then(|user| user.parse().ok()),
                username: row.text("username")?.to_owned(),
                display_name: row.text("display_name").unwrap_or_default().to_owned(),
                data_key: row.bytes("dek")?.try_into().ok()?,
            })
        })
        .collect())
}

async fn last_contact(inner: &Rc<Inner>, vault: VaultId) -> Result<Option<Millis>, Fault> {
    let row = inner
        .storage
        .get(Store::Vaults, &[Part::Text(vault.to_string())])
        .await?;
    Ok(row.and_then(|row| row.number("last_contact")))
}

/// One value of `device`, which is JSON text in the clear.
pub async fn device_value<T: DeserializeOwned>(
    inner: &Rc<Inner>,
    name: &str,
) -> Result<Option<T>, Fault> {
    let row = inner.storage.get(Store::Device, &device_key(name)).await?;
    Ok(row.and_then(|row| json::read(row.text("value")?).ok()))
}

/// One value of `state`; `None` where there is none.
pub async fn state_value<T: DeserializeOwned>(
    inner: &Rc<Inner>,
    data_key: &DataKey,
    vault: VaultId,
    name: &str,
) -> Result<Option<T>, Fault> {
    let key = state_key(&vault, name);
    let Some(row) = inner.storage.get(Store::State, &key).await? else {
        return Ok(None);
    };
    let plain = row
        .open(
            data_key,
            Purpose::State,
            Store::State,
            &vault,
            &key,
            "sealed",
        )
        .map_err(|error| Fault::Refused(format!("{name}: {error}")))?;
    plain
        .map(|plain| {
            json::read_bytes(&plain).map_err(|error| Fault::Refused(format!("{name}: {error}")))
        })
        .transpose()
}

fn state_write(vault: VaultId, name: &str, value: &impl Serialize) -> Write {
    let row = Row::new().with("sealed", sealed_json(Purpose::State, value));
    Write::new(Store::State, state_key(&vault, name), Change::Put(row))
}

fn device_write(name: &str, value: &impl Serialize) -> Write {
    let text = serde_json::to_string(value).expect("device rows have string keys alone");
    Write::new(
        Store::Device,
        device_key(name),
        Change::Put(Row::new().with("value", Field::Text(text))),
    )
}

/// The rows of `outbox` by digest, without what is sent.
pub async fn outbox_rows(inner: &Rc<Inner>) -> Result<HashMap<Vec<u8>, Row>, Fault> {
    let rows = inner.storage.fields(Store::Outbox, &[], &SENDING).await?;
    Ok(rows
        .into_iter()
        .filter_map(|(key, row)| match key.into_iter().next() {
            Some(Part::Bytes(digest)) => Some((digest, row)),
            _ => None,
        })
        .collect())
}
