//! The server killed again and again while fifty phones write.

use std::{collections::BTreeSet, net::SocketAddr, time::Instant};

use holdfast_domain::{
    encoding::Digest,
    wire::{SyncAnswer, Verdict},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::watch,
};

use crate::{
    http::{Request, Response, parse},
    log,
    phone::{Phone, element},
    process::{Process, prepared},
};

const PHONES: usize = 50;

/// How often the server is killed: `HOLDFAST_KILLS`, else so often that the test stays quick.
fn kills() -> u32 {
    std::env::var("HOLDFAST_KILLS").map_or(12, |count| count.parse().expect("a number of kills"))
}

/// Sends to a server that may be gone: none where no whole answer came.
async fn try_send(request: &Request, address: SocketAddr) -> Option<Response> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(&request.bytes(address)).await.ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.ok()?;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let length = parse(&bytes[..end]).header("content-length")?.parse();
    (length == Ok(bytes.len() - end)).then(|| parse(&bytes))
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_acknowledged_is_lost_or_doubled_by_kills() {
    let began = Instant::now();
    let (folder, north) = prepared([21; 32]).await;
    let database = folder.path().join("holdfast.db");
    let mut server = Process::start(&database, &[]);
    let (address, addresses) = watch::channel(server.address);
    let (acknowledged, mut count) = watch::channel(0_u64);
    let (stop, stopped) = watch::channel(false);

    let mut writing = Vec::new();
    for _ in 0..PHONES {
        let phone = Phone::sign_in_at(server.address, "worker").await;
        let (mut addresses, acknowledged, stopped) =
            (addresses.clone(), acknowledged.clone(), stopped.clone());
        writing.push(tokio::spawn(async move {
            let mut phone = phone;
            let mut done: BTreeSet<Digest> = BTreeSet::new();
            while !*stopped.borrow() {
                let note = phone.note(north);
                loop {
                    let address = *addresses.borrow_and_update();
                    phone.origin = format!("http://{address}");
                    let request = phone.sync_request(&[element(&note)]);
                    let Some(response) = try_send(&request, address).await else {
                        addresses
                            .changed()
                            .await
                            .expect("the last server answers everybody");
                        continue;
                    };
                    assert_eq!(response.status, 200, "{}", response.text());
                    let answer: SyncAnswer = response.json();
                    assert!(matches!(answer.verdicts[0], Verdict::Filed { .. }));
                    done.insert(note.digest());
                    acknowledged.send_modify(|count| *count += 1);
                    break;
                }
            }
            done
        }));
    }
    let kills = kills();
    let mut seed = 1_u64;
    for _ in 0..kills {
        // Killed once this life of the server has answered some, at an odd moment in the others' writes.
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let wanted = *count.borrow_and_update() + 1 + (seed >> 33) % 25;
        count
            .wait_for(|count| *count >= wanted)
            .await
            .expect("phones write");
        server.kill();
        server = Process::start(&database, &[]);
        address.send_replace(server.address);
    }
    let wanted = *count.borrow() + 1;
    count
        .wait_for(|count| *count >= wanted)
        .await
        .expect("phones write");
    stop.send_replace(true);
    drop(address);
    let mut done = BTreeSet::new();
    for phone in writing {
        done.extend(phone.await.expect("written to the end"));
    }
    server.kill();

    log::verify(&database);
    assert_eq!(
        log::notes(&database).await,
        done,
        "every note once, and no other"
    );
    println!(
        "{kills} kills under {PHONES} phones, {} entries acknowledged, all there once, {:.1} s",
        done.len(),
        began.elapsed().as_secs_f64()
    );
}
