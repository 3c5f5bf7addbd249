//! One task writes. Requests queue; one transaction takes what waits, each request in its own savepoint;
//! nobody is answered before COMMIT has returned, so an answer means durable.

use std::{future::Future, pin::Pin, sync::Arc};

use sqlx::{ConnectOptions, Connection, sqlite::SqliteConnectOptions};
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
    /// It wrote nothing that may stand.
    Undo(Deliver),
}

type Job = Box<dyn for<'t> FnOnce(&'t mut Transaction) -> Boxed<'t, Done> + Send>;

/// The way to the writing task. Clones queue to the same one.
#[derive(Clone)]
pub struct Writer {
    jobs: mpsc::Sender<Job>,
}

impl Writer {
    /// Opens the writing connection and starts the task, which ends when the last clone is dropped.
    pub async fn start(
        options: &SqliteConnectOptions,
        context: Arc<Context>,
        changed: Arc<Notify>,
    ) -> Result<Self, StoreError> {
        let connection = options.connect().await?;
        let (jobs, queue) = mpsc::channel(1024);
        tokio::spawn(run(Transaction::new(connection, context), queue, changed));
        Ok(Self { jobs })
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
                    Err(error) => Done::Undo(Box::new(move |_| {
                        let _ = reply.send(Err(error));
                    })),
                }
            })
        });
        self.jobs.send(job).await.map_err(|_| StoreError::Stopped)?;
        answer.await.map_err(|_| StoreError::Busy)?
    }
}

async fn run(mut transaction: Transaction, mut queue: mpsc::Receiver<Job>, changed: Arc<Notify>) {
    while let Some(first) = queue.recv().await {
        let mut group = vec![first];
        while group.len() < GROUP
            && let Ok(next) = queue.try_recv()
        {
            group.push(next);
        }
        commit(&mut transaction, group).await;
        changed.notify_one();
    }
    if let Err(error) = transaction.close().await {
        tracing::warn!(%error, "the writing connection did not close in good order");
    }
}

async fn commit(transaction: &mut Transaction, group: Vec<Job>) {
    if let Err(error) = transaction.execute("BEGIN IMMEDIATE").await {
        // Dropped jobs answer `Busy`: nothing of them was written.
        tracing::error!(%error, "no transaction could be begun");
        return;
    }
    let mut deliveries = Vec::with_capacity(group.len());
    let mut broken = None;
    for job in group {
        if let Err(error) = transaction.execute("SAVEPOINT request").await {
            broken = Some(error);
            break;
        }
        let end = match job(transaction).await {
            Done::Keep(deliver) => {
                deliveries.push(deliver);
                transaction.execute("RELEASE request").await
            }
            Done::Undo(deliver) => {
                deliver(Ok(()));
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
    if let Err(error) = &committed {
        tracing::error!(%error, "a transaction was not committed; nothing of it is acknowledged");
        if let Err(error) = transaction.execute("ROLLBACK").await {
            tracing::warn!(%error, "nothing was left to roll back");
        }
    }
    let stands = committed.is_ok();
    for deliver in deliveries {
        deliver(if stands {
            Ok(())
        } else {
            Err(StoreError::Busy)
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
