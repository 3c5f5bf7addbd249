//! fsync fails: nothing is acknowledged that a power cut would take, then or later.

use std::collections::BTreeSet;

use holdfast_domain::{encoding::Digest, entry::SignedEntry, ids::ServiceId};

use crate::{
    disk::Disk,
    log::{self, offer, words},
    phone::Phone,
    process::{Process, prepared},
};

async fn acknowledged(phone: &Phone, note: &SignedEntry, all: &mut BTreeSet<Digest>) {
    let response = offer(phone, note).await;
    assert_eq!(response.status, 200, "{}", response.text());
    all.insert(note.digest());
}

async fn some(phone: &mut Phone, north: ServiceId, all: &mut BTreeSet<Digest>) {
    for _ in 0..5 {
        let note = phone.note(north);
        acknowledged(phone, &note, all).await;
    }
}

/// `restarted`: between failing and writing on, the process is killed, and the next one finds in the kernel's
/// memory what never reached the disk.
async fn through_a_failure(seed: u8, restarted: bool) {
    let (folder, north) = prepared([seed; 32]).await;
    let database = folder.path().join("holdfast.db");
    let aside = tempfile::tempdir().expect("a folder");
    let disk = Disk::under(&database, aside.path());
    let mut server = disk.serve(&database);
    let mut phone = Phone::sign_in_at(server.address, "worker").await;
    let mut all = BTreeSet::new();
    some(&mut phone, north, &mut all).await;

    disk.failing(true);
    let note = phone.note(north);
    for _ in 0..2 {
        let said = words(&offer(&phone, &note).await);
        insta::allow_duplicates! { insta::assert_snapshot!(said, @r#"
503 disk: The server cannot store anything now / The server's disk does not work as it must, so it took nothing. What is on the phone is kept and is sent again by itself. Tell your administrator.
"#); }
    }
    disk.failing(false);
    if restarted {
        server.kill();
        server = disk.serve(&database);
        phone.address = server.address;
        phone.origin = format!("http://{}", server.address);
    }
    acknowledged(&phone, &note, &mut all).await;
    some(&mut phone, north, &mut all).await;
    server.kill();

    let left = disk.after_a_power_cut().join("holdfast.db");
    Process::start(&left, &[]).kill();
    log::verify(&left);
    assert_eq!(log::notes(&left).await, all);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_after_a_failed_fsync_outlives_a_power_cut() {
    through_a_failure(22, false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_after_a_failed_fsync_believes_nothing_that_is_not_on_disk() {
    through_a_failure(23, true).await;
}
