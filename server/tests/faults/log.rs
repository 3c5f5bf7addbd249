//! What a database holds after a fault, read as an operator would.

use std::{collections::BTreeSet, fs, path::Path, process::Command};

use holdfast_domain::{encoding::Digest, entry::SignedEntry};
use sqlx::{ConnectOptions, Row, sqlite::SqliteConnectOptions};

use crate::{
    http::Response,
    phone::{Phone, element},
};

/// Runs `holdfast verify`; fails unless every chain is whole.
pub fn verify(database: &Path) {
    let output = Command::new(env!("CARGO_BIN_EXE_holdfast"))
        .args(["verify", "--database"])
        .arg(format!("sqlite://{}", database.display()))
        .output()
        .expect("run");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// The digests of all notes. Fails if one author key has two entries of one count.
pub async fn notes(database: &Path) -> BTreeSet<Digest> {
    let mut connection = SqliteConnectOptions::new()
        .filename(database)
        .connect()
        .await
        .expect("a connection");
    let rows = sqlx::query("SELECT digest, key, n FROM entries WHERE kind = 'note/1'")
        .fetch_all(&mut connection)
        .await
        .expect("rows");
    let counts: BTreeSet<(Vec<u8>, i64)> = rows
        .iter()
        .map(|row| (row.get("key"), row.get("n")))
        .collect();
    assert_eq!(counts.len(), rows.len(), "a note is there twice");
    rows.iter()
        .map(|row| Digest::from_slice(row.get("digest")).expect("a digest"))
        .collect()
}

/// Copies a database with its log and key, as a machine that lost its power leaves them.
pub fn copy(from: &Path, to: &Path) {
    for file in fs::read_dir(from).expect("a folder") {
        let file = file.expect("a file");
        // The shared memory of the log is no part of what is durable.
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            fs::copy(file.path(), to.join(file.file_name())).expect("copied");
        }
    }
}

/// Offers one entry to a server; whatever the answer is.
pub async fn offer(phone: &Phone, note: &SignedEntry) -> Response {
    phone
        .sync_request(&[element(note)])
        .send(phone.address)
        .await
}

/// The words of a problem document.
pub fn words(response: &Response) -> String {
    let document: serde_json::Value = response.json();
    format!(
        "{} {}: {} / {}",
        response.status,
        response.problem(),
        document["title"].as_str().expect("a title"),
        document["detail"].as_str().expect("a detail")
    )
}
