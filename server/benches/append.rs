//! Entries a second that the server takes, answered after the commit, beside bare inserts of the same bytes into SQLite
//! with the same durability (WAL, synchronous=FULL). Both in turn, in batches of the size that phones send.

#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/http.rs"]
mod http;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/phone.rs"]
mod phone;
#[allow(dead_code, reason = "the tests use the rest")]
#[path = "../tests/it/support.rs"]
mod support;

use std::path::Path;
use std::time::Instant;

use holdfast_domain::permission::Role;
use holdfast_domain::wire::{MAX_ENTRIES, Verdict};
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection as _, SqliteConnection};

use phone::Phone;
use support::TestApp;

const ROUNDS: usize = 7;
/// Requests a round and phone.
const BATCHES: usize = 4;

fn main() {
    // Cargo's test runner passes this; there is nothing to test here.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure());
}

async fn measure() {
    let app = TestApp::with(&[("worker", &[Role::SupportWorker])]).await;
    let folder = tempfile::tempdir().expect("a folder");
    let mut bare = Bare::open(&folder.path().join("bare.db")).await;
    let mut phones = Vec::new();
    for _ in 0..4 {
        phones.push(Phone::sign_in(&app, "worker").await);
    }
    let (mut one, mut four, mut inserts) = (Vec::new(), Vec::new(), Vec::new());
    let mut bytes = 0;
    for _ in 0..ROUNDS {
        let batches = batches(&app, &mut phones[0]);
        bytes = batches.iter().flatten().map(size).sum::<usize>() / (BATCHES * MAX_ENTRIES);
        inserts.push(bare.insert(&batches).await);
        one.push(sent(&[(phones[0].clone(), batches)]).await);
        let work: Vec<_> = phones
            .iter_mut()
            .map(|phone| {
                let batches = self::batches(&app, phone);
                (phone.clone(), batches)
            })
            .collect();
        four.push(sent(&work).await);
    }
    let bare = median(&mut inserts);
    println!("{ROUNDS} rounds, {bytes} bytes an entry, {MAX_ENTRIES} a transaction or request");
    println!(
        "{:<44}{:>12}{:>22}{:>8}",
        "entries a second", "median", "least-most", "share"
    );
    for (name, figures) in [
        ("bare inserts into SQLite", &mut inserts),
        ("the server, one phone, one request at a time", &mut one),
        ("the server, four phones at once", &mut four),
    ] {
        let middle = median(figures);
        let spread = format!(
            "{:.0}-{:.0}",
            figures[0],
            figures.last().copied().unwrap_or_default()
        );
        println!("{name:<44}{middle:>12.0}{spread:>22}{:>8.2}", middle / bare);
    }
}

fn size(element: &Value) -> usize {
    element.to_string().len()
}

/// The next batches of this phone, as they travel.
fn batches(app: &TestApp, phone: &mut Phone) -> Vec<Vec<Value>> {
    let service = app.service("NORTH");
    (0..BATCHES)
        .map(|_| {
            (0..MAX_ENTRIES)
                .map(|_| phone::element(&phone.note(service)))
                .collect()
        })
        .collect()
}

/// Entries a second until the last answer is there; each phone sends one request after another. Nothing is pulled.
async fn sent(work: &[(Phone, Vec<Vec<Value>>)]) -> f64 {
    let requests: Vec<Vec<_>> = work
        .iter()
        .map(|(phone, batches)| {
            batches
                .iter()
                .map(|batch| phone.sync_request(batch))
                .collect()
        })
        .collect();
    let count = requests.iter().flatten().count() * MAX_ENTRIES;
    let address = work[0].0.address;
    let began = Instant::now();
    let phones = requests.into_iter().map(|requests| {
        tokio::spawn(async move {
            for request in requests {
                let response = request.send(address).await;
                assert_eq!(response.status, 200, "{}", response.text());
                let answer: holdfast_domain::wire::SyncAnswer = response.json();
                let filed = |verdict: &Verdict| matches!(verdict, Verdict::Filed { .. });
                assert!(answer.verdicts.iter().all(filed));
            }
        })
    });
    for phone in phones.collect::<Vec<_>>() {
        phone.await.expect("a phone ends well");
    }
    count as f64 / began.elapsed().as_secs_f64()
}

/// A table of bytes and nothing else.
struct Bare(SqliteConnection);

impl Bare {
    async fn open(path: &Path) -> Self {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full);
        let mut connection = SqliteConnection::connect_with(&options)
            .await
            .expect("a database");
        sqlx::query("CREATE TABLE entries (seq INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT")
            .execute(&mut connection)
            .await
            .expect("a table");
        Self(connection)
    }

    /// Entries a second, a transaction a batch.
    async fn insert(&mut self, batches: &[Vec<Value>]) -> f64 {
        let texts: Vec<Vec<Vec<u8>>> = batches
            .iter()
            .map(|batch| batch.iter().map(|it| it.to_string().into_bytes()).collect())
            .collect();
        let began = Instant::now();
        for batch in &texts {
            let mut transaction = self.0.begin().await.expect("begun");
            for text in batch {
                sqlx::query("INSERT INTO entries (entry) VALUES (?)")
                    .bind(text)
                    .execute(&mut *transaction)
                    .await
                    .expect("inserted");
            }
            transaction.commit().await.expect("committed");
        }
        (batches.len() * MAX_ENTRIES) as f64 / began.elapsed().as_secs_f64()
    }
}

/// The middle one; sorts them.
fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
