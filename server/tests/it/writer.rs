//! Acknowledged means durable: how the writing connection is set, and that the disk is asked before the answer.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    phone::{Phone, element},
    process::{Process, prepared},
    support::TestApp,
};

#[tokio::test]
async fn the_writing_connection_is_wal_full_and_patient() {
    let app = TestApp::empty().await;
    let pragmas = app.store.writer_pragmas().await.expect("read back");
    assert_eq!(
        pragmas,
        ("wal".to_owned(), 2, 10_000),
        "synchronous 2 is FULL"
    );
}

/// Counts fsync and fdatasync calls into the file that HOLDFAST_COUNT names, one byte each.
const COUNTER: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
static void count(void) {
    int file = open(getenv("HOLDFAST_COUNT"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (file >= 0) { if (write(file, "x", 1) != 1) abort(); close(file); }
}
int fdatasync(int file) { count(); return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(file); }
int fsync(int file) { count(); return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(file); }
"#;

fn build_counter(folder: &Path) -> PathBuf {
    let (source, library) = (folder.join("counter.c"), folder.join("counter.so"));
    fs::write(&source, COUNTER).expect("written");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .arg("-ldl")
        .status();
    assert!(
        built
            .expect("a C compiler, which linking Rust needs too")
            .success()
    );
    library
}

#[tokio::test(flavor = "multi_thread")]
async fn each_acknowledged_batch_asked_the_disk_first() {
    let (folder, north) = prepared([7; 32]).await;
    let database = folder.path().join("holdfast.db");
    let (library, counts) = (build_counter(folder.path()), folder.path().join("counts"));
    let server = Process::start(
        &database,
        &[
            ("LD_PRELOAD", library.as_path()),
            ("HOLDFAST_COUNT", counts.as_path()),
        ],
    );
    let count = || fs::metadata(&counts).map_or(0, |file| file.len());

    let mut phone = Phone::sign_in_at(server.address, "worker").await;
    for _ in 0..20 {
        let before = count();
        let note = phone.note(north);
        phone.offer(&[element(&note)]).await;
        assert!(count() > before, "answered without asking the disk");
    }

    // Forty requests at once share transactions: fewer calls than requests, and at least one.
    let before = count();
    let sends: Vec<_> = (0..40)
        .map(|_| {
            let note = element(&phone.note(north));
            let phone = phone.clone();
            tokio::spawn(async move { phone.offer(&[note]).await })
        })
        .collect();
    for send in sends {
        send.await.expect("sent");
    }
    let together = count() - before;
    assert!(
        (1..40).contains(&together),
        "{together} calls for 40 requests"
    );
    assert_eq!(server.terminate(), Some(0), "SIGTERM ends it in good order");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_outlives_a_kill() {
    let (folder, north) = prepared([8; 32]).await;
    let database = folder.path().join("holdfast.db");
    let mut server = Process::start(&database, &[]);
    let mut phone = Phone::sign_in_at(server.address, "worker").await;
    let mut sent = Vec::new();
    for _ in 0..3 {
        let note = phone.note(north);
        phone.offer(&[element(&note)]).await;
        sent.push(element(&note));
        server.kill();
        server = Process::start(&database, &[]);
        phone.address = server.address;
        phone.origin = format!("http://{}", server.address);
    }
    let answer = phone.offer(&sent).await;
    let receipt = holdfast_domain::receipt::Receipt::parse(&answer.receipt.expect("one").0)
        .expect("a receipt");
    assert!(
        receipt
            .items
            .iter()
            .all(|item| item.code == holdfast_domain::receipt::Code::Again),
        "{receipt:?}"
    );
    assert_eq!(receipt.items.len(), 3);
    server.kill();
}
