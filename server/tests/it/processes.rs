//! Several processes on one file: two servers, and `import` beside `serve`.

use std::{
    io::{BufRead, BufReader, Read},
    net::TcpListener,
    process::{Command, Stdio},
};

use holdfast_domain::{body::Kind, keys::RootSecret};
use holdfast_server::{sqlite::Sqlite, store::Store, verify::verify};

use crate::{
    http::read_until,
    phone::{Phone, element},
    process::{Process, prepared},
};

fn holdfast(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.args(arguments);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_and_an_import_on_one_file_keep_the_chains_whole() {
    let seed = [9; 32];
    let (folder, north) = prepared(seed).await;
    let database = folder.path().join("holdfast.db");
    let url = format!("sqlite://{}", database.display());
    let (first, second) = (
        Process::start(&database, &[]),
        Process::start(&database, &[]),
    );

    let mut writing = Vec::new();
    for address in [first.address, second.address, first.address, second.address] {
        let mut phone = Phone::sign_in_at(address, "worker").await;
        writing.push(tokio::spawn(async move {
            for _ in 0..25 {
                let note = element(&phone.note(north));
                phone.offer(&[note]).await;
            }
        }));
    }
    let demo = concat!(env!("CARGO_MANIFEST_DIR"), "/../demo");
    let import = tokio::task::spawn_blocking({
        let url = url.clone();
        move || {
            holdfast(&["import", demo, "--database", &url])
                .output()
                .expect("run")
        }
    });
    for phone in writing {
        phone.await.expect("written");
    }
    let import = import.await.expect("run");
    assert!(
        import.status.success(),
        "{}",
        String::from_utf8_lossy(&import.stderr)
    );

    let store = Sqlite::open(&database, RootSecret::new(seed))
        .await
        .expect("open");
    let report = verify(
        store.readers(),
        store.provider(),
        &RootSecret::new(seed),
        &[],
    )
    .await
    .expect("read");
    assert_eq!(report.faults, []);
    let notes: i64 = sqlx::query_scalar("SELECT count(*) FROM entries WHERE kind = 'note/1'")
        .fetch_one(store.readers())
        .await
        .expect("a count");
    assert_eq!(notes, 100);
    let verified = holdfast(&["verify", "--database", &url])
        .output()
        .expect("run");
    assert!(
        verified.status.success(),
        "{}",
        String::from_utf8_lossy(&verified.stderr)
    );
    first.kill();
    second.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_process_appends_is_live_in_the_other() {
    let (folder, north) = prepared([10; 32]).await;
    let database = folder.path().join("holdfast.db");
    let (first, second) = (
        Process::start(&database, &[]),
        Process::start(&database, &[]),
    );
    let mut writer = Phone::sign_in_at(first.address, "worker").await;
    let reader = Phone::sign_in_at(second.address, "worker").await;
    let mut live = reader
        .with_session("GET", "/api/v1/live")
        .open(second.address)
        .await;
    read_until(&mut live, "\r\n\r\n").await;
    let note = writer.note(north);
    writer.sync(&[note]).await;
    assert!(read_until(&mut live, "advanced").await.contains("advanced"));
    first.kill();
    second.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_is_not_put_over_a_providers_own_records() {
    let seed = [14; 32];
    let (folder, north) = prepared(seed).await;
    let database = folder.path().join("holdfast.db");
    let url = format!("sqlite://{}", database.display());
    let mut serving = holdfast(&[
        "serve",
        "--demo",
        "--listen",
        "127.0.0.1:0",
        "--database",
        &url,
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .expect("started");
    let mut served = String::new();
    BufReader::new(serving.stdout.take().expect("piped"))
        .read_line(&mut served)
        .expect("read");
    if !served.is_empty() {
        serving.kill().expect("killed");
    }
    let mut said = String::new();
    serving
        .stderr
        .take()
        .expect("piped")
        .read_to_string(&mut said)
        .expect("read");
    assert_eq!(
        (serving.wait().expect("ended").code(), served.as_str()),
        (Some(1), "")
    );
    assert!(said.contains("holds a provider's own records"), "{said}");

    let store = Sqlite::open(&database, RootSecret::new(seed))
        .await
        .expect("open");
    let services = store.current_subjects(Kind::Service).await.expect("read");
    assert_eq!(services.keys().collect::<Vec<_>>(), [&north.uuid()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_how_it_ended() {
    let (folder, _) = prepared([11; 32]).await;
    let url = format!("sqlite://{}", folder.path().join("holdfast.db").display());
    let status = |arguments: &[&str]| holdfast(arguments).output().expect("run").status.code();
    assert_eq!(status(&["user", "list", "--database", &url]), Some(0));
    assert_eq!(
        status(&["verify", "--database", "sqlite:///nowhere/at/all.db"]),
        Some(1)
    );
    assert_eq!(status(&["serve", "--nonsense"]), Some(2));
    assert_eq!(status(&["nonsense"]), Some(2));
    for wrong in [
        "nonsense",
        "mysql://x",
        "postgres://x/y",
        "sqlite://",
        ":memory:",
    ] {
        assert_eq!(
            status(&["user", "list", "--database", wrong]),
            Some(2),
            "{wrong}"
        );
    }
    // Taken: then it is the port that cannot be listened on.
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let listen = taken.local_addr().expect("an address").to_string();
    for (demo, ends) in [
        ("1", 1),
        ("0", 1),
        ("yes", 1),
        ("no", 1),
        ("true", 1),
        ("false", 1),
        ("perhaps", 2),
    ] {
        let serve = holdfast(&["serve", "--listen", &listen, "--database", &url])
            .env("HOLDFAST_DEMO", demo)
            .output()
            .expect("run");
        assert_eq!(serve.status.code(), Some(ends), "{demo}");
    }

    // The key file is not taken when others could read it, and never made anew beside an old database.
    let key = folder.path().join("holdfast.db.root");
    let secret = std::fs::read(&key).expect("read");
    std::fs::remove_file(&key).expect("removed");
    assert_eq!(status(&["verify", "--database", &url]), Some(1));
    assert!(!key.exists());
    std::fs::write(&key, secret).expect("written");
    assert_eq!(
        status(&["verify", "--database", &url]),
        Some(1),
        "mode 0644"
    );
}
