//! `Store` over SQLite: one file in WAL mode, one writing task, a pool of readers. Several processes may
//! share the file: heads of chains are read and written inside BEGIN IMMEDIATE, nothing is cached.

mod batch;
mod known;
mod page;
pub(crate) mod rows;
mod transaction;
mod writer;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use holdfast_domain::{
    body::Kind,
    encoding::{Digest, KeyId, Millis, PublicKey},
    ids::{DeviceId, LogId, ProviderId, ServiceId, UserId},
    keys::{RootSecret, key_id},
    permission::Role,
    wire::{Keys, Scope},
};
use sqlx::{
    ConnectOptions, Row, SqlitePool,
    migrate::{Migration, MigrationType, Migrator},
    pool::PoolConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::Notify;
use uuid::Uuid;

use self::{transaction::Context, writer::Writer};
use crate::{
    accept::{Arrival, Outcome},
    clock,
    store::{
        Advance, Answer, Batch, Enrolled, NewServerEntry, NewSession, Page, PageRequest, Provider,
        Session, Store, StoreError, User,
    },
};

/// How long one process waits for another's transaction.
const BUSY: Duration = Duration::from_secs(10);
/// A session ends so long after its last use.
const SESSION: Millis = 30 * DAY;
const DAY: Millis = 24 * 60 * 60 * 1000;
/// A device's last contact is written down when it is older than this.
const CONTACT: Millis = 60 * 1000;
/// How often another process's writes are looked for.
const POLL: Duration = Duration::from_millis(500);
/// Readers beside the writer.
const READERS: u32 = 4;
/// From so many entries on, a batch's signatures are looked at before the writer's turn.
const VERIFIED_AHEAD: usize = 16;

/// A provider's database in one SQLite file.
pub struct Sqlite {
    readers: SqlitePool,
    writer: Writer,
    context: Arc<Context>,
    keys: Keys,
    receipt_key: u32,
    changed: Arc<Notify>,
}

/// The path of `sqlite://PATH`.
///
/// # Errors
/// What it takes instead, where the text is anything else.
pub fn path_of(url: &str) -> Result<PathBuf, &'static str> {
    let path = url
        .strip_prefix("sqlite://")
        .or_else(|| url.strip_prefix("sqlite:"))
        .map(|path| path.split_once('?').map_or(path, |(path, _)| path));
    match path {
        None | Some("" | ":memory:") => Err("it is sqlite://PATH, with the path of a file"),
        Some(path) => Ok(PathBuf::from(path)),
    }
}

fn migrations() -> Migrator {
    let migration = |version, name: &'static str, sql| {
        let sql = sqlx::SqlStr::from_static(sql);
        Migration::new(version, name.into(), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(vec![
        migration(1, "first", include_str!("../../migrations/0001_first.sql")),
        migration(
            2,
            "stands",
            include_str!("../../migrations/0002_stands.sql"),
        ),
    ])
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY)
        .optimize_on_close(true, None)
}

impl Sqlite {
    /// Opens the file, makes it where it is not, and brings it to this version's shape. The root secret must be the one it was made with.
    pub async fn open(path: &Path, root: RootSecret) -> Result<Self, StoreError> {
        if let Some(folder) = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder)
                .map_err(|error| StoreError::Database(sqlx::Error::Io(error)))?;
        }
        let mut first = options(path).connect().await?;
        migrations().run(&mut first).await?;
        let root_public = root.root_public();
        sqlx::query(
            "INSERT INTO provider (one, provider, log, root, n, receipt_key, outbox_key, keys_from) VALUES (1, ?, ?, ?, 0, 0, 0, ?)
             ON CONFLICT DO NOTHING",
        )
        .bind(fresh_uuid().as_bytes().to_vec())
        .bind(fresh_uuid().as_bytes().to_vec())
        .bind(root_public.0.to_vec())
        .bind(clock::now())
        .execute(&mut first)
        .await?;
        let row = sqlx::query(
            "SELECT provider, log, root, receipt_key, outbox_key, keys_from FROM provider",
        )
        .fetch_one(&mut first)
        .await?;
        if rows::bytes::<32>(&row, "root")? != root_public {
            return Err(StoreError::Wrong(
                "the key file holds another root secret than the one this database was made with"
                    .to_owned(),
            ));
        }
        let provider = Provider {
            id: rows::id::<ProviderId>(&row, "provider")?,
            log: rows::id::<LogId>(&row, "log")?,
        };
        let receipt_key = key_number(row.try_get("receipt_key")?)?;
        let keys = Keys::issue(
            &root,
            key_number(row.try_get("outbox_key")?)?,
            receipt_key,
            row.try_get("keys_from")?,
        );

        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            // A file does not hang up.
            .test_before_acquire(false)
            .connect_with(
                options(path)
                    .create_if_missing(false)
                    .pragma("query_only", "ON")
                    // The writer does it, and a reader may not.
                    .optimize_on_close(false, None),
            )
            .await?;
        let changed = Arc::new(Notify::new());
        let author = root.author();
        let context = Arc::new(Context {
            provider,
            root,
            author,
        });
        let writer = Writer::start(
            first,
            options(path),
            Arc::clone(&context),
            Arc::clone(&changed),
        )
        .await?;
        tokio::spawn(watch(readers.clone(), Arc::clone(&changed)));
        Ok(Self {
            readers,
            writer,
            context,
            keys,
            receipt_key,
            changed,
        })
    }

    /// What the writing connection is set to: journal mode, synchronous (2 is FULL) and busy timeout in milliseconds.
    pub async fn writer_pragmas(&self) -> Result<(String, i64, i64), StoreError> {
        self.writer
            .write(|transaction| {
                Box::pin(async move {
                    let connection = transaction.connection();
                    let journal = sqlx::query_scalar("PRAGMA journal_mode")
                        .fetch_one(&mut *connection)
                        .await?;
                    let synchronous = sqlx::query_scalar("PRAGMA synchronous")
                        .fetch_one(&mut *connection)
                        .await?;
                    let busy = sqlx::query_scalar("PRAGMA busy_timeout")
                        .fetch_one(&mut *connection)
                        .await?;
                    Ok((journal, synchronous, busy))
                })
            })
            .await
    }

    /// True if writing down what a device says it holds would change nothing worth a write.
    async fn knows_what_waits(&self, batch: &Batch) -> Result<bool, StoreError> {
        let (Some(device), Some(said)) = (batch.sender, &batch.waiting) else {
            return Ok(true);
        };
        let device = device.uuid().as_bytes().to_vec();
        let row =
            sqlx::query("SELECT contact, waiting, waiting_oldest FROM devices WHERE device = ?")
                .bind(&device)
                .fetch_optional(&self.readers)
                .await?;
        let Some(row) = row else { return Ok(false) };
        let (contact, oldest): (Millis, Option<Millis>) =
            (row.try_get("contact")?, row.try_get("waiting_oldest")?);
        if rows::count(&row, "waiting")? != said.count
            || oldest != said.oldest
            || clock::now() - contact > CONTACT
        {
            return Ok(false);
        }
        for (key, highest) in &said.n {
            let known: Option<i64> =
                sqlx::query_scalar("SELECT highest FROM keys WHERE key = ? AND device = ?")
                    .bind(key.0.to_vec())
                    .bind(&device)
                    .fetch_optional(&self.readers)
                    .await?;
            if known.is_some_and(|known| known < rows::number(*highest)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Answers before the commit, for which the disk takes its time.
    #[cfg(mutation)]
    async fn take_early(&self, batch: Batch) -> Result<Vec<Outcome>, StoreError> {
        let (early, outcomes) = tokio::sync::oneshot::channel();
        let writer = self.writer.clone();
        tokio::spawn(async move {
            let slow = Duration::from_millis(if batch.arrivals.is_empty() { 0 } else { 50 });
            writer
                .write(move |transaction| {
                    Box::pin(async move {
                        let _ = early.send(transaction.take(&batch).await?);
                        tokio::time::sleep(slow).await;
                        Ok(())
                    })
                })
                .await
        });
        outcomes.await.map_err(|_| StoreError::Busy)
    }

    /// The batch with its signatures looked at, on as many cores as there are, before the one writer has to.
    async fn verified(&self, mut batch: Batch) -> Result<Batch, StoreError> {
        let heads = batch.arrivals.iter().filter_map(Arrival::head);
        let named: BTreeSet<KeyId> = heads.map(|head| head.key).collect();
        let author = &self.context.author;
        let certified = batch.certificates.iter().map(|it| it.public);
        let mut publics: BTreeMap<KeyId, PublicKey> = certified
            .chain([author.public()])
            .map(|public| (key_id(&public), public))
            .collect();
        for key in named {
            if publics.contains_key(&key) {
                continue;
            }
            let row = sqlx::query("SELECT public FROM keys WHERE key = ?")
                .bind(key.0.to_vec())
                .fetch_optional(&self.readers)
                .await?;
            if let Some(row) = row {
                publics.insert(key, rows::bytes(&row, "public")?);
            }
        }
        let publics = Arc::new(publics);
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let share = batch.arrivals.len().div_ceil(cores).max(1);
        let mut rest = std::mem::take(&mut batch.arrivals);
        let mut shares = Vec::with_capacity(cores);
        while !rest.is_empty() {
            let after = rest.split_off(share.min(rest.len()));
            let mut arrivals = std::mem::replace(&mut rest, after);
            let publics = Arc::clone(&publics);
            shares.push(tokio::task::spawn_blocking(move || {
                for arrival in &mut arrivals {
                    if let Some(public) = arrival.head().and_then(|head| publics.get(&head.key)) {
                        arrival.verify(&public.clone());
                    }
                }
                arrivals
            }));
        }
        for share in shares {
            batch
                .arrivals
                .extend(share.await.map_err(|_| StoreError::Stopped)?);
        }
        Ok(batch)
    }

    /// The readers, for commands that read the whole file.
    pub fn readers(&self) -> &SqlitePool {
        &self.readers
    }

    /// The server's public author key.
    pub fn server_author(&self) -> PublicKey {
        self.context.author.public()
    }
}

fn key_number(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::Corrupt("a key number out of range"))
}

fn fresh_uuid() -> Uuid {
    uuid::Builder::from_random_bytes(clock::random()).into_uuid()
}

/// Wakes `changed` when the file was written to, whoever wrote. Ends with the pool.
async fn watch(readers: SqlitePool, changed: Arc<Notify>) {
    let mut tick = tokio::time::interval(POLL);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // data_version moves on a connection when any other connection commits, so one connection is kept for it.
    let mut watching = None;
    loop {
        tokio::select! {
            // The pool's close waits for this connection, and must not wait for a tick.
            () = readers.close_event() => return,
            _ = tick.tick() => {}
        }
        match version(&readers, &mut watching).await {
            Ok(false) => {}
            Ok(true) => changed.notify_one(),
            Err(error) => {
                tracing::warn!(%error, "other processes' writes are not noticed for now");
                watching = None;
            }
        }
    }
}

/// A connection and the last version it saw.
type Watching = Option<(PoolConnection<sqlx::Sqlite>, i64)>;

/// Whether the file was written to since the last look. True on a fresh connection, which cannot know.
async fn version(readers: &SqlitePool, watching: &mut Watching) -> Result<bool, sqlx::Error> {
    let (mut connection, last) = match watching.take() {
        Some((connection, last)) => (connection, Some(last)),
        None => (readers.acquire().await?, None),
    };
    let version = sqlx::query_scalar("PRAGMA data_version")
        .fetch_one(&mut *connection)
        .await?;
    *watching = Some((connection, version));
    Ok(last != Some(version))
}

impl Store for Sqlite {
    fn provider(&self) -> Provider {
        self.context.provider
    }

    fn keys(&self) -> Keys {
        self.keys
    }

    fn receipt_key(&self) -> u32 {
        self.receipt_key
    }

    fn ready(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            if self.writer.has_ended() {
                return Err(StoreError::Stopped);
            }
            sqlx::query("SELECT 1 FROM provider")
                .fetch_one(&self.readers)
                .await?;
            Ok(())
        })
    }

    fn user_by_name<'a>(&'a self, username: &'a str) -> Answer<'a, Option<User>> {
        Box::pin(async move {
            sqlx::query("SELECT user, username, display_name, hash FROM users LEFT JOIN passwords USING (username) WHERE username = ?")
                .bind(username)
                .fetch_optional(&self.readers)
                .await?
                .map(|row| user(&row))
                .transpose()
        })
    }

    fn users(&self) -> Answer<'_, Vec<User>> {
        Box::pin(async move {
            sqlx::query("SELECT user, username, display_name, hash FROM users LEFT JOIN passwords USING (username) ORDER BY username")
                .fetch_all(&self.readers)
                .await?
                .iter()
                .map(user)
                .collect()
        })
    }

    fn set_password<'a>(&'a self, username: &'a str, hash: &'a str) -> Answer<'a, bool> {
        let (username, hash) = (username.to_owned(), hash.to_owned());
        Box::pin(self.writer.write(move |transaction| {
            Box::pin(async move {
                let written = sqlx::query(
                    "INSERT INTO passwords (username, hash, changed) SELECT username, ?2, ?3 FROM users WHERE username = ?1
                     ON CONFLICT (username) DO UPDATE SET hash = ?2, changed = ?3",
                )
                .bind(&username)
                .bind(&hash)
                .bind(clock::now())
                .execute(transaction.connection())
                .await?;
                sqlx::query("DELETE FROM sessions WHERE user = (SELECT user FROM users WHERE username = ?)")
                    .bind(&username)
                    .execute(transaction.connection())
                    .await?;
                Ok(written.rows_affected() == 1)
            })
        }))
    }

    fn scope(&self, user: UserId) -> Answer<'_, Vec<Scope>> {
        Box::pin(async move {
            let mut connection = self.readers.acquire().await?;
            let roles = page::current_roles(&mut connection, user).await?;
            Ok(roles
                .into_iter()
                .map(|(service, roles)| Scope { service, roles })
                .collect())
        })
    }

    fn visible_roles(&self, user: UserId) -> Answer<'_, Vec<(ServiceId, Vec<Role>)>> {
        Box::pin(async move {
            let mut connection = self.readers.acquire().await?;
            page::visible_roles(&mut connection, self.context.provider.id, user).await
        })
    }

    fn start_session(&self, session: NewSession) -> Answer<'_, Enrolled> {
        Box::pin(self.writer.write(move |transaction| {
            Box::pin(async move { transaction.start_session(session).await })
        }))
    }

    fn enrol(&self, user: UserId, device: DeviceId, author_key: PublicKey) -> Answer<'_, Enrolled> {
        Box::pin(self.writer.write(move |transaction| {
            Box::pin(async move { transaction.enrol(user, device, author_key).await })
        }))
    }

    fn session(&self, token: Digest, now: Millis) -> Answer<'_, Option<Session>> {
        Box::pin(async move {
            let row = sqlx::query(
                "SELECT user, device, seen, username, display_name FROM sessions JOIN users USING (user) WHERE token = ? AND seen > ?",
            )
            .bind(token.0.to_vec())
            .bind(now - SESSION)
            .fetch_optional(&self.readers)
            .await?;
            let Some(row) = row else { return Ok(None) };
            let session = Session {
                token,
                user: rows::id(&row, "user")?,
                username: row.try_get("username")?,
                display_name: row.try_get("display_name")?,
                device: rows::id(&row, "device")?,
                seen: row.try_get("seen")?,
            };
            if now - session.seen > DAY {
                let put_off = self.writer.write(move |transaction| {
                    Box::pin(async move {
                        sqlx::query("UPDATE sessions SET seen = ? WHERE token = ?")
                            .bind(now)
                            .bind(token.0.to_vec())
                            .execute(transaction.connection())
                            .await?;
                        Ok(())
                    })
                });
                // A server that can write nothing still lets people read.
                if let Err(error) = put_off.await {
                    tracing::warn!(%error, "a session was not put off");
                }
            }
            Ok(Some(session))
        })
    }

    fn end_session(&self, token: Digest) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |transaction| {
            Box::pin(async move {
                sqlx::query("DELETE FROM sessions WHERE token = ? OR seen < ?")
                    .bind(token.0.to_vec())
                    .bind(clock::now() - SESSION)
                    .execute(transaction.connection())
                    .await?;
                Ok(())
            })
        }))
    }

    fn take(&self, batch: Batch) -> Answer<'_, Vec<Outcome>> {
        Box::pin(async move {
            let brings_nothing = batch.arrivals.is_empty();
            if brings_nothing && self.knows_what_waits(&batch).await? {
                return Ok(Vec::new());
            }
            let batch = if batch.arrivals.len() >= VERIFIED_AHEAD {
                self.verified(batch).await?
            } else {
                batch
            };
            #[cfg(mutation)]
            if holdfast_domain::mutated!("acknowledge_before_commit") {
                return self.take_early(batch).await;
            }
            let taken = self
                .writer
                .write(move |transaction| Box::pin(async move { transaction.take(&batch).await }))
                .await;
            match taken {
                // A server that can write nothing still lets people read; the phone says what it holds each time.
                Err(error) if brings_nothing => {
                    tracing::warn!(%error, "what a device holds was not noted");
                    Ok(Vec::new())
                }
                taken => taken,
            }
        })
    }

    fn page(&self, request: PageRequest) -> Answer<'_, Page> {
        Box::pin(async move {
            // One deferred transaction is one snapshot: roles, chain heads and entries agree.
            let mut snapshot = self.readers.begin().await?;
            let page = page::read(&mut snapshot, self.context.provider, &request).await?;
            snapshot.commit().await?;
            Ok(page)
        })
    }

    fn append_server(&self, entries: Vec<NewServerEntry>) -> Answer<'_, ()> {
        Box::pin(self.writer.write(move |transaction| {
            Box::pin(async move { transaction.append_server(entries).await })
        }))
    }

    fn current_subjects(&self, kind: Kind) -> Answer<'_, BTreeMap<Uuid, (ServiceId, String)>> {
        Box::pin(async move {
            let rows = sqlx::query(
                "SELECT subjects.subject AS subject, subjects.service AS service, entries.body AS body
                 FROM subjects JOIN entries USING (place)
                 WHERE subjects.kind = ? AND subjects.listed = 1 AND entries.body IS NOT NULL",
            )
            .bind(kind.as_str())
            .fetch_all(&self.readers)
            .await?;
            rows.iter()
                .map(|row| {
                    Ok((
                        rows::id(row, "subject")?,
                        (rows::id(row, "service")?, row.try_get("body")?),
                    ))
                })
                .collect()
        })
    }

    fn advances(&self, after: i64) -> Answer<'_, Vec<Advance>> {
        Box::pin(async move {
            sqlx::query("SELECT place, service, kind, author, addressed FROM entries WHERE place > ? ORDER BY place LIMIT 1000")
                .bind(after)
                .fetch_all(&self.readers)
                .await?
                .iter()
                .map(|row| {
                    Ok(Advance {
                        place: row.try_get("place")?,
                        service: rows::id(row, "service")?,
                        kind: rows::kind(row.try_get("kind")?),
                        author: rows::id(row, "author")?,
                        addressed: rows::id_or_none(row, "addressed")?,
                    })
                })
                .collect()
        })
    }

    fn newest_place(&self) -> Answer<'_, i64> {
        Box::pin(async move {
            Ok(
                sqlx::query_scalar("SELECT coalesce(max(place), 0) FROM entries")
                    .fetch_one(&self.readers)
                    .await?,
            )
        })
    }

    fn changed(&self) -> Answer<'_, ()> {
        Box::pin(async move {
            self.changed.notified().await;
            Ok(())
        })
    }
}

fn user(row: &sqlx::sqlite::SqliteRow) -> Result<User, StoreError> {
    Ok(User {
        user: rows::id(row, "user")?,
        username: row.try_get("username")?,
        display_name: row.try_get("display_name")?,
        password: row.try_get("hash")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_store_whose_writing_task_has_ended_is_not_ready() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Sqlite::open(&folder.path().join("holdfast.db"), RootSecret::new([1; 32]))
            .await
            .expect("a database");
        assert!(store.ready().await.is_ok());
        let broken = store
            .writer
            .write::<(), _>(|_| Box::pin(async { panic!("a fault of the server's own") }))
            .await;
        assert!(broken.is_err());
        assert!(matches!(store.ready().await, Err(StoreError::Stopped)));
    }
}
