//! The disk is full: nothing acknowledged is lost, everybody is told so, and all goes on once there is room.

use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use holdfast_domain::{encoding::Digest, ids::ServiceId};

use crate::{
    disk::Disk,
    log::{self, offer, words},
    phone::Phone,
    process::{Process, prepared},
};

/// Writes until the server refuses one, and gives what was acknowledged.
async fn until_refused(phone: &mut Phone, north: ServiceId, all: &mut BTreeSet<Digest>) -> String {
    loop {
        let note = phone.note(north);
        let response = offer(phone, &note).await;
        if response.status != 200 {
            return words(&response);
        }
        all.insert(note.digest());
    }
}

async fn acknowledged(phone: &mut Phone, north: ServiceId, all: &mut BTreeSet<Digest>) {
    for _ in 0..5 {
        let note = phone.note(north);
        let response = offer(phone, &note).await;
        assert_eq!(response.status, 200, "{}", response.text());
        all.insert(note.digest());
    }
}

async fn still_reads(phone: &Phone, server: SocketAddr) {
    let session = phone.with_session("GET", "/api/v1/session");
    assert_eq!(session.send(server).await.status, 200, "it still reads");
    // What the phone says it holds has changed, and cannot be noted.
    let pull = phone.sync_request(&[]).send(server).await;
    assert_eq!(pull.status, 200, "{}", pull.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_without_room_is_refused_in_plain_words() {
    let (folder, north) = prepared([24; 32]).await;
    let database = folder.path().join("holdfast.db");
    let aside = tempfile::tempdir().expect("a folder");
    let disk = Disk::under(&database, aside.path());
    let server = disk.serve(&database);
    let mut phone = Phone::sign_in_at(server.address, "worker").await;
    let mut all = BTreeSet::new();
    acknowledged(&mut phone, north, &mut all).await;
    disk.full(true);
    insta::assert_snapshot!(until_refused(&mut phone, north, &mut all).await, @r#"
503 no-room: The server is full / There is no room left on the server, so it took nothing. What is on the phone is kept and is sent again by itself. Tell your administrator.
"#);
    still_reads(&phone, server.address).await;
    disk.full(false);
    acknowledged(&mut phone, north, &mut all).await;
    server.kill();
    log::verify(&database);
    assert_eq!(log::notes(&database).await, all);
}

/// A small file system of its own, in a mount namespace that ends with this.
struct Mount {
    holder: Child,
    folder: PathBuf,
    as_user: bool,
}

impl Mount {
    /// None where this machine lets nobody mount anything.
    fn small(folder: &Path) -> Option<Self> {
        [false, true].into_iter().find_map(|as_user| {
            let mut command = Command::new("unshare");
            if as_user {
                command.args(["--user", "--map-root-user"]);
            }
            let mut holder = command
                .args([
                    "--mount",
                    "sh",
                    "-c",
                    "mount -t tmpfs -o size=3m tmpfs \"$0\" && echo mounted && exec cat",
                ])
                .arg(folder)
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .ok()?;
            let mut line = String::new();
            BufReader::new(holder.stdout.take()?)
                .read_line(&mut line)
                .ok()?;
            if line == "mounted\n" {
                return Some(Self {
                    holder,
                    folder: folder.to_owned(),
                    as_user,
                });
            }
            holder.wait().ok()?;
            None
        })
    }

    /// A command inside it.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--target", &self.holder.id().to_string(), "--mount"]);
        if self.as_user {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.arg(program);
        command
    }

    /// The folder as seen from outside.
    fn seen(&self) -> PathBuf {
        let root = format!("/proc/{}/root", self.holder.id());
        Path::new(&root).join(self.folder.strip_prefix("/").expect("absolute"))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_file_system_loses_nothing_and_is_written_on_once_there_is_room() {
    let (folder, north) = prepared([25; 32]).await;
    let place = tempfile::tempdir().expect("a folder");
    let Some(mount) = Mount::small(place.path()) else {
        println!(
            "NOT ON A REAL FILE SYSTEM: this machine permits no mount. The same is tested on a disk whose writes find no room."
        );
        return;
    };
    log::copy(folder.path(), &mount.seen());
    let ballast = mount.seen().join("ballast");
    fs::File::create(&ballast)
        .and_then(|mut file| file.write_all(&vec![1; 1024 * 1024]))
        .expect("written");
    let database = place.path().join("holdfast.db");
    let server = Process::start_by(mount.command(env!("CARGO_BIN_EXE_holdfast")), &database);
    let mut phone = Phone::sign_in_at(server.address, "worker").await;
    let mut all = BTreeSet::new();
    acknowledged(&mut phone, north, &mut all).await;
    let refused = until_refused(&mut phone, north, &mut all).await;
    assert!(
        refused.starts_with("503 no-room: The server is full"),
        "{refused}"
    );
    still_reads(&phone, server.address).await;

    fs::remove_file(&ballast).expect("room");
    acknowledged(&mut phone, north, &mut all).await;
    server.kill();
    let left = tempfile::tempdir().expect("a folder");
    log::copy(&mount.seen(), left.path());
    let left = left.path().join("holdfast.db");
    log::verify(&left);
    assert_eq!(log::notes(&left).await, all);
    println!(
        "a file system of 3 MiB was full after {} entries",
        all.len()
    );
}
