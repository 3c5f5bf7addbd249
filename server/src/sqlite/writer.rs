//! One task writes. Requests queue; one transaction takes what waits, each request in its own savepoint;
//! nobody is answered before COMMIT has returned, so an answer means durable.
//!
//! After a failed write or fsync the kernel may call pages clean that never reached the disk, and a later fsync says
//! nothing of them (PostgreSQL's 'fsyncgate', 2018; LWN 752063). SQLite undoes the failed commit in memory, yet its frames
//! stay in the log file, and the next process to recover would believe them. So nothing more is taken until a new
//! connection has written all that stands anew, into the database file, and asked the disk for that; a start does the same.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use sqlx::{ConnectOptions, Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use tokio::sync::{Notify, mpsc, oneshot};

use super::transaction::{Context, Transaction};
use crate::store::StoreError;

/// At most so many requests share one COMMIT.
const GROUP: usize = 256;

type Deliver = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

enum Done {
    /// Its writes stand; deliver after COMMIT.
    Keep(Deliver),
    /// It wrote nothing that may stand; true where the disk failed it.
    Undo(Deliver, bool),
}

type Job = Box<dyn for<'t> FnOnce(&'t mut Transaction) -> Boxed<'t, Done> + Send>;

/// The way to the writing task. Clones queue to the same one.
#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
    /// The disk failed, and has not been written anew since.
    failed: Arc<AtomicBool>,
}

impl Writer {
    /// Starts the task over a fresh connection; it ends when the last clone is dropped. Another connection is opened by
    /// `options` when the disk has failed this one.
    pub async fn start(
        connection: SqliteConnection,
        options: SqliteConnectOptions,
        context: Arc<Context>,
        changed: Arc<Notify>,
    ) -> Result<Self, StoreError> {
        let (jobs, queue) = mpsc::channel(1024);
        let failed = Arc::new(AtomicBool::new(false));
        let mut disk = Disk {
            options,
            failed: Arc::clone(&failed),
        };
        let mut transaction = Transaction::new(connection, context);
        match write_anew(transaction.connection()).await {
            // Another process has the file open: this one recovered nothing.
            Ok(()) | Err(StoreError::Busy) => {}
            Err(error @ (StoreError::Disk | StoreError::NoRoom)) => {
                tracing::error!(%error, "nothing is taken until what the log holds can be written to the database");
                failed.store(true, Ordering::Relaxed);
            }
            Err(error) => return Err(error),
        }
        tokio::spawn(async move { disk.run(transaction, queue, changed).await });
        Ok(Self { jobs, failed })
    }

    /// True once the task has ended, which it does in good order or by a fault of its own: nothing is written any more.
    pub fn has_ended(&self) -> bool {
        self.jobs.is_closed()
    }

    /// Runs `work` in the next transaction. Answers after COMMIT.
    pub async fn write<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: for<'t> FnOnce(&'t mut Transaction) -> Boxed<'t, Result<T, StoreError>> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel::<Result<T, StoreError>>();
        let job: Job = Box::new(move |transaction| {
            Box::pin(async move {
                match work(transaction).await {
                    Ok(value) => Done::Keep(Box::new(move |committed| {
                        let _ = reply.send(committed.map(|()| value));
                    })),
                    Err(error) => {
                        let failed = matches!(error, StoreError::Disk);
                        let deliver = Box::new(move |_| {
                            let _ = reply.send(Err(error));
                        });
                        Done::Undo(deliver, failed)
                    }
                }
            })
        });
        self.jobs.send(job).await.map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| {
            if self.failed.load(Ordering::Relaxed) {
                StoreError::Disk
            } else {
                StoreError::Busy
            }
        })?
    }
}

/// Copies what the log holds into the database file, asks the disk for it, and empties the log.
///
/// # Errors
/// `Busy` where somebody reads or writes for longer than this connection waits.
async fn write_anew(connection: &mut SqliteConnection) -> Result<(), StoreError> {
    let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
        .fetch_one(connection)
        .await?;
    match row.try_get::<i64, _>(0)? {
        0 => Ok(()),
        _ => Err(StoreError::Busy),
    }
}

/// Whether the disk may be believed, and how to ask it anew.
struct Disk {
    options: SqliteConnectOptions,
    failed: Arc<AtomicBool>,
}

impl Disk {
    async fn run(
        &mut self,
        mut transaction: Transaction,
        mut queue: mpsc::Receiver<Job>,
        changed: Arc<Notify>,
    ) {
        while let Some(first) = queue.recv().await {
            let mut group = vec![first];
            while group.len() < GROUP
                && let Ok(next) = queue.try_recv()
            {
                group.push(next);
            }
            if self.failed.load(Ordering::Relaxed) {
                if let Err(error) = self.renew(&mut transaction).await {
                    // The group is dropped, which answers `Disk`.
                    tracing::error!(%error, "the disk still fails; nothing is taken");
                    continue;
                }
                self.failed.store(false, Ordering::Relaxed);
                tracing::info!("all that stands was written anew; entries are taken again");
            }
            commit(&mut transaction, group, &self.failed).await;
            if self.failed.load(Ordering::Relaxed) {
                tracing::error!(
                    "the disk failed; nothing is taken until all that stands is written anew"
                );
            }
            changed.notify_one();
        }
        if let Err(error) = transaction.close().await {
            tracing::warn!(%error, "the writing connection did not close in good order");
        }
    }

    /// A new connection in place of the one that failed, and all that stands written anew.
    async fn renew(&self, transaction: &mut Transaction) -> Result<(), StoreError> {
        transaction.replace(self.options.connect().await?);
        write_anew(transaction.connection()).await
    }
}

/// One transaction over a group. `failed` says to all once the disk failed.
async fn commit(transaction: &mut Transaction, group: Vec<Job>, failed: &AtomicBool) {
    let note = |error: StoreError| {
        if matches!(error, StoreError::Disk) {
            failed.store(true, Ordering::Relaxed);
        }
        error
    };
    if let Err(error) = transaction.execute("BEGIN IMMEDIATE").await {
        // Dropped jobs answer `Busy`: nothing of them was written.
        let error = note(error.into());
        tracing::error!(%error, "no transaction could be begun");
        return;
    }
    let mut deliveries = Vec::with_capacity(group.len());
    let mut broken = None;
    // One alone needs no savepoint: what it undoes is the whole transaction.
    let alone = group.len() == 1;
    for job in group {
        if !alone && let Err(error) = transaction.execute("SAVEPOINT request").await {
            broken = Some(error);
            break;
        }
        let end = match job(transaction).await {
            Done::Keep(deliver) => {
                deliveries.push(deliver);
                match alone {
                    true => Ok(()),
                    false => transaction.execute("RELEASE request").await,
                }
            }
            Done::Undo(deliver, by_disk) => {
                if by_disk {
                    failed.store(true, Ordering::Relaxed);
                }
                deliver(Ok(()));
                if alone {
                    if let Err(error) = transaction.execute("ROLLBACK").await {
                        tracing::warn!(%error, "nothing was left to roll back");
                    }
                    return;
                }
                match transaction.execute("ROLLBACK TO request").await {
                    Ok(()) => transaction.execute("RELEASE request").await,
                    Err(error) => Err(error),
                }
            }
        };
        if let Err(error) = end {
            broken = Some(error);
            break;
        }
    }
    let committed = match broken {
        None => transaction.execute("COMMIT").await,
        Some(error) => Err(error),
    };
    let committed = committed.map_err(|error| note(error.into()));
    if let Err(error) = &committed {
        tracing::error!(%error, "a transaction was not committed; nothing of it is acknowledged");
        if let Err(error) = transaction.execute("ROLLBACK").await {
            tracing::warn!(%error, "nothing was left to roll back");
        }
    }
    for deliver in deliveries {
        deliver(match &committed {
            Ok(()) => Ok(()),
            Err(StoreError::Disk) => Err(StoreError::Disk),
            Err(StoreError::NoRoom) => Err(StoreError::NoRoom),
            Err(_) => Err(StoreError::Busy),
        });
    }
}

impl Transaction {
    async fn execute(&mut self, sql: &'static str) -> Result<(), sqlx::Error> {
        sqlx::query(sql)
            .execute(self.connection())
            .await
            .map(|_| ())
    }

    async fn close(self) -> Result<(), sqlx::Error> {
        self.into_connection().close().await
    }
}

#[cfg(test)]
mod tests {
    use holdfast_domain::keys::RootSecret;

    use super::super::Sqlite;
    use crate::store::StoreError;

    #[tokio::test]
    async fn a_request_that_fails_leaves_nothing_alone_or_among_others() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Sqlite::open(&folder.path().join("a.db"), RootSecret::new([1; 32])).await;
        let store = store.expect("opens");
        let write = |name: &'static str, fails: bool| {
            store.writer.write(move |transaction| {
                Box::pin(async move {
                    sqlx::query(
                        "INSERT INTO passwords (username, hash, changed) VALUES (?, '', 0)",
                    )
                    .bind(name)
                    .execute(transaction.connection())
                    .await?;
                    match fails {
                        true => Err(StoreError::Corrupt("on purpose")),
                        false => Ok(()),
                    }
                })
            })
        };
        assert!(write("alone", true).await.is_err());
        write("first", false).await.expect("is written");
        let (second, among, third) = tokio::join!(
            write("second", false),
            write("among others", true),
            write("third", false)
        );
        assert!(second.is_ok() && among.is_err() && third.is_ok());
        let names: Vec<String> =
            sqlx::query_scalar("SELECT username FROM passwords ORDER BY username")
                .fetch_all(store.readers())
                .await
                .expect("reads");
        assert_eq!(names, ["first", "second", "third"]);
    }
}
