//! What must hold after every run (PROTOCOL 8): nothing lost or doubled, chains whole, counts without gap, and every
//! ledger the same function of the same log.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Result;
use holdfast_domain::body::Body;
use holdfast_domain::chain::{Flags, Header};
use holdfast_domain::encoding::{Digest, Millis};
use holdfast_domain::entry::{EntryJson, Head};
use holdfast_domain::ids::{DeviceId, ServiceId};
use holdfast_domain::ledger::{Acknowledged, Ledger, Pending};
use holdfast_domain::permission::{Own, Role, may_write, owner_of, visible};
use holdfast_domain::receipt::Code;
use holdfast_server::store::Store;
use sqlx::Row as _;

use crate::phone::Phone;
use crate::servers::{Servers, bytes};
use crate::world::{World, may_go};

/// Why quarantine may hold what these phones write.
const HELD_FOR: [&str; 2] = ["not-permitted", "revoked"];

/// Everything that does not hold, in words.
pub async fn check(world: &World, at_rest: bool) -> Result<Vec<String>> {
    let mut faults = world.faults.clone();
    if !at_rest {
        faults.push("it does not come to rest: something still waits or changes".to_owned());
    }
    let report = world.servers.verify().await?;
    faults.extend(report.faults.iter().map(|fault| format!("chain: {fault}")));
    let log = read_log(&world.servers).await?;
    faults.extend(each_once(world, &log).await?);
    faults.extend(held_rightly(&world.servers).await?);
    faults.extend(counts(world));
    faults.extend(first_receipts(world, &log));
    if at_rest {
        faults.extend(ledgers(world, &log).await?);
    }
    Ok(faults)
}

/// The whole log, in no particular order.
async fn read_log(servers: &Servers) -> Result<Vec<Acknowledged>> {
    let rows = sqlx::query(
        "SELECT seq, received, first_received, carrier, flags, digest, head, body FROM entries ORDER BY place",
    )
    .fetch_all(servers.readers())
    .await?;
    rows.iter()
        .map(|row| {
            let head = Head::parse(row.try_get("head")?)?;
            let carrier: Option<&[u8]> = row.try_get("carrier")?;
            let carrier = carrier.map(uuid::Uuid::from_slice).transpose()?;
            Ok(Acknowledged {
                service: head.service,
                id: head.id,
                author: head.author,
                device: head.device,
                n: head.n,
                made: head.made,
                skew: head.skew,
                header: Header {
                    seq: u64::try_from(row.try_get::<i64, _>("seq")?)?,
                    received: row.try_get("received")?,
                    first_received: row.try_get("first_received")?,
                    carrier: carrier.map(Into::into),
                    flags: Flags(u16::try_from(row.try_get::<i64, _>("flags")?)?),
                },
                body: row.try_get("body")?,
                digest: bytes(row.try_get("digest")?)?,
            })
        })
        .collect()
}

/// Each entry made is in the log, in quarantine, or waiting: once.
async fn each_once(world: &World, log: &[Acknowledged]) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let logged: BTreeSet<Digest> = log.iter().map(|entry| entry.digest).collect();
    if logged.len() < log.len() {
        faults.push("the log has an entry twice".to_owned());
    }
    let held: HashMap<Digest, String> = world.servers.quarantine().await?.into_iter().collect();
    let own = world.own();
    for made in &world.made {
        let name = format!("entry n {} of phone {}", made.n, made.phone);
        let Some((_, row)) = own.get(&made.digest) else {
            faults.push(format!("{name} is gone from its phone"));
            continue;
        };
        let places = (
            logged.contains(&made.digest),
            held.get(&made.digest),
            row.standing.waits(),
        );
        let settled = !may_go(row);
        match places {
            (false, None, false) => faults.push(format!("{name} is lost")),
            (true, Some(_), _) => faults.push(format!("{name} is in the log and in quarantine")),
            (true, None, true) | (false, Some(_), true) if !settled => {
                faults.push(format!("{name} waits though the server has it"));
            }
            (false, None, true) if !settled => faults.push(format!("{name} never went")),
            _ => {}
        }
    }
    for code in held.values() {
        if !HELD_FOR.contains(&code.as_str()) {
            faults.push(format!("quarantine holds something as {code}"));
        }
    }
    Ok(faults)
}

/// What is held for want of a right was written by somebody who had none from its beacon until it was held: neither
/// who sent it counts, nor the phone's clock.
async fn held_rightly(servers: &Servers) -> Result<Vec<String>> {
    let rows = sqlx::query(
        "SELECT quarantine.bytes AS bytes, roles.role AS role, roles.ended_at AS ended_at
         FROM quarantine JOIN roles ON roles.user = quarantine.author AND roles.service = quarantine.service
         WHERE quarantine.code = 'not-permitted' AND roles.granted_at < quarantine.received",
    )
    .fetch_all(servers.readers())
    .await?;
    let mut faults = Vec::new();
    for row in &rows {
        let entry: EntryJson = serde_json::from_slice(row.try_get("bytes")?)?;
        let Some(Ok(body)) = entry.body.as_deref().map(Body::parse) else {
            continue;
        };
        let role: Role = row.try_get::<&str, _>("role")?.parse()?;
        let ended: Option<Millis> = row.try_get("ended_at")?;
        if may_write(&[role], body.kind()) && ended.is_none_or(|ended| ended >= entry.beacon.time) {
            faults.push(format!(
                "entry {} of n {} is held though its author was {role:?} there",
                entry.id, entry.n
            ));
        }
    }
    Ok(faults)
}

/// Where an entry's own phone had the server's word from before a restore as it sent the entry again, the log has the
/// time of that word. A request of before, which comes a second time after the restore, carries no such word.
fn first_receipts(world: &World, log: &[Acknowledged]) -> Vec<String> {
    let mut first: HashMap<(DeviceId, Digest), Millis> = HashMap::new();
    for phone in &world.phones {
        for receipt in phone.receipts() {
            let filed = receipt
                .items
                .iter()
                .filter(|it| matches!(it.code, Code::Accepted | Code::Again));
            for item in filed {
                first
                    .entry((phone.device, item.digest))
                    .and_modify(|time| *time = receipt.time.min(*time))
                    .or_insert(receipt.time);
            }
        }
    }
    log.iter()
        .filter(|entry| entry.header.carrier.is_none() && !entry.header.flags.has(Flags::RELEASED))
        .filter_map(|entry| {
            let word = *first.get(&(entry.device, entry.digest))?;
            let Header {
                received,
                first_received,
                ..
            } = entry.header;
            let sent = *world.filed.get(&(entry.id, received))?;
            (word < sent && word < received && first_received != word).then(|| {
                format!(
                    "entry n {} of {} was first received at {word} by the server's own receipt, the log says {first_received}",
                    entry.n, entry.device
                )
            })
        })
        .collect()
}

/// Each phone's entries are counted 1, 2, 3 and on.
fn counts(world: &World) -> Vec<String> {
    let mut by_phone: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
    for made in &world.made {
        by_phone.entry(made.phone).or_default().push(made.n);
    }
    by_phone
        .into_iter()
        .filter_map(|(phone, mut counts)| {
            counts.sort_unstable();
            let whole = (1..).zip(&counts).all(|(n, counted)| n == *counted);
            (!whole).then(|| format!("phone {phone} counted {counts:?}"))
        })
        .collect()
}

/// Each phone shows what anybody with its scope and own entries would see of this log.
///
/// What a restored server has lost and then held, others go on showing as being sent again, if they had it: it may
/// be released.
async fn ledgers(world: &World, log: &[Acknowledged]) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    let quarantine = world.servers.quarantine().await?;
    let held: BTreeSet<Digest> = quarantine.into_iter().map(|(digest, _)| digest).collect();
    let store = world.servers.a_store();
    let log: Vec<(&Acknowledged, Option<Body>)> = log
        .iter()
        .map(|entry| {
            let body = entry.body.as_deref().map(Body::parse);
            (entry, body.and_then(Result::ok))
        })
        .collect();
    for (at, phone) in world.phones.iter().enumerate() {
        let scope = store.visible_roles(phone.user).await?;
        let sees = |(entry, body): &&(&Acknowledged, Option<Body>)| {
            let roles = scope
                .iter()
                .find(|(service, _)| *service == entry.service)
                .map_or(&[][..], |(_, roles)| roles);
            let Some(body) = body else {
                return false;
            };
            let own: Own = owner_of(entry.author, body, phone.user);
            visible(roles, body.kind(), own)
        };
        let mut expected = Ledger::new(phone.user);
        for entry in phone.pulled() {
            if held.contains(&entry.digest) {
                expected.acknowledge(entry);
            }
        }
        expected.rewound(|_| Some(0));
        for (entry, _) in log.iter().filter(sees) {
            expected.acknowledge((*entry).clone());
        }
        for (own, entry) in phone.own_rows() {
            expected.pending(Pending {
                entry,
                saved: own.saved,
                state: own.standing.pending_state(),
            });
        }
        let services: Vec<ServiceId> = scope.iter().map(|(service, _)| *service).collect();
        let expected = views(&expected, &services, phone, world.now);
        let anew = phone.open_tab(0);
        let open = phone.tabs.iter().map(|tab| (tab, "as it is open"));
        for (tab, how) in open.chain([(&anew, "opened anew")]) {
            faults.extend(
                tab.ledger
                    .breaks()
                    .map(|broken| format!("phone {at} {how} finds no whole chain at {broken:?}")),
            );
            let seen = views(&tab.ledger, &services, phone, world.now);
            if seen != expected {
                faults.push(format!(
                    "phone {at} ({}) {how} shows{}\ninstead of{}",
                    phone.username,
                    lacks(&seen, &expected),
                    lacks(&expected, &seen),
                ));
            }
        }
    }
    Ok(faults)
}

/// The lines of one that the other lacks.
fn lacks(of: &[String], those: &[String]) -> String {
    let only = of.iter().filter(|line| !those.contains(line));
    only.map(|line| format!("\n  {line}")).collect()
}

/// What screens read from a ledger, line by line.
fn views(ledger: &Ledger, services: &[ServiceId], phone: &Phone, now: Millis) -> Vec<String> {
    let mut lines = Vec::new();
    for record in ledger.records() {
        let amendments: Vec<String> = record
            .amendments
            .iter()
            .map(|it| format!("{} {:?} {:?} {}", it.id, it.data, it.delivery, it.again))
            .collect();
        lines.push(format!(
            "{} by {} {:?} {:?} again {} seen {:?} amended {amendments:?}",
            record.id,
            record.author,
            record.current(),
            record.delivery,
            record.again,
            record.seen,
        ));
    }
    lines.push(format!("inbox {:?}", ledger.inbox(now)));
    lines.push(format!("held {:?}", ledger.held()));
    lines.push(format!("newer {:?}", ledger.newer_than_this_version()));
    lines.push(format!(
        "amends what is not here {:?}",
        ledger.amendments_without_record()
    ));
    lines.push(format!("people {:?}", ledger.people()));
    lines.push(format!("services {:?}", ledger.services()));
    for service in services {
        lines.push(format!("staff {:?}", ledger.staff(*service)));
    }
    lines.push(format!("device {:?}", ledger.device_use(phone.device)));
    lines
}
