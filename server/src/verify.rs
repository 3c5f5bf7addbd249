//! `holdfast verify`: computes every chain again from what is stored, and names the first entry of each
//! that is not as it was signed and chained.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::{
    chain,
    encoding::{Digest, PublicKey, Salt},
    entry::{Head, commit},
    ids::{LogId, ServiceId},
    keys::{Certificate, RootSecret, key_id, verify_strict},
};
use sqlx::{Row, SqlitePool, sqlite::SqliteRow};

use crate::{
    sqlite::rows,
    store::{Provider, StoreError},
};

/// The head of one chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainHead {
    pub service: ServiceId,
    pub seq: u64,
    pub link: Digest,
}

impl std::fmt::Display for ChainHead {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.service, self.seq, self.link)
    }
}

impl std::str::FromStr for ChainHead {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let mut parts = line.split_whitespace();
        let mut next = || {
            parts
                .next()
                .ok_or_else(|| format!("`{line}` is not `service seq link`"))
        };
        let service = next()?
            .parse()
            .map_err(|_| format!("`{line}` does not begin with a service's id"))?;
        let seq = next()?
            .parse()
            .map_err(|_| format!("`{line}` has no sequence number"))?;
        let link = serde_json::from_value(serde_json::Value::String(next()?.to_owned()))
            .map_err(|_| format!("`{line}` does not end with a link"))?;
        Ok(Self { service, seq, link })
    }
}

/// Where a chain is not whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub service: ServiceId,
    pub seq: u64,
    pub what: &'static str,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "service {} entry {}: {}",
            self.service, self.seq, self.what
        )
    }
}

/// What was found.
#[derive(Debug, Default)]
pub struct Report {
    pub heads: Vec<ChainHead>,
    pub entries: u64,
    pub faults: Vec<Fault>,
}

/// Verifies every chain, and that each kept head still stands in its chain.
pub async fn verify(
    readers: &SqlitePool,
    provider: Provider,
    root: &RootSecret,
    kept: &[ChainHead],
) -> Result<Report, StoreError> {
    let mut snapshot = readers.begin().await?;
    let mut report = Report::default();
    let keys = Keys::read(&mut snapshot, provider, root).await?;
    let chains = sqlx::query("SELECT service, log, seq, link FROM chains ORDER BY service")
        .fetch_all(&mut *snapshot)
        .await?;
    let mut seen = BTreeSet::new();
    for row in &chains {
        let service: ServiceId = rows::id(row, "service")?;
        seen.insert(service);
        let kept: Vec<&ChainHead> = kept.iter().filter(|head| head.service == service).collect();
        let walk = Walk {
            provider,
            service,
            keys: &keys,
            kept,
        };
        let log: LogId = rows::id(row, "log")?;
        let head = ChainHead {
            service,
            seq: rows::count(row, "seq")?,
            link: rows::bytes(row, "link")?,
        };
        match walk
            .run(&mut snapshot, log, &head, &mut report.entries)
            .await?
        {
            Some((seq, what)) => report.faults.push(Fault { service, seq, what }),
            None => report.heads.push(head),
        }
    }
    let orphans = sqlx::query(
        "SELECT DISTINCT service FROM entries WHERE service NOT IN (SELECT service FROM chains)",
    )
    .fetch_all(&mut *snapshot)
    .await?;
    for row in &orphans {
        report.faults.push(Fault {
            service: rows::id(row, "service")?,
            seq: 1,
            what: "entries without a chain",
        });
    }
    for head in kept.iter().filter(|head| !seen.contains(&head.service)) {
        report.faults.push(Fault {
            service: head.service,
            seq: head.seq,
            what: "the chain of a kept head is gone",
        });
    }
    Ok(report)
}

/// Author keys that the root vouches for.
struct Keys(BTreeMap<Vec<u8>, PublicKey>);

impl Keys {
    async fn read(
        connection: &mut sqlx::SqliteConnection,
        provider: Provider,
        root: &RootSecret,
    ) -> Result<Self, StoreError> {
        let root_public = root.root_sign().public();
        let mut keys = BTreeMap::from([(root.author().id().0.to_vec(), root.author().public())]);
        for row in &sqlx::query("SELECT certificate FROM keys")
            .fetch_all(connection)
            .await?
        {
            if let Ok(certificate) = Certificate::parse(row.try_get("certificate")?)
                && certificate.provider == provider.id
                && certificate.holds(&root_public)
            {
                keys.insert(key_id(&certificate.public).0.to_vec(), certificate.public);
            }
        }
        Ok(Self(keys))
    }
}

struct Walk<'a> {
    provider: Provider,
    service: ServiceId,
    keys: &'a Keys,
    kept: Vec<&'a ChainHead>,
}

impl Walk<'_> {
    /// Walks the chain from its start. Gives the first wrong place, or none.
    async fn run(
        &self,
        connection: &mut sqlx::SqliteConnection,
        log: LogId,
        head: &ChainHead,
        entries: &mut u64,
    ) -> Result<Option<(u64, &'static str)>, StoreError> {
        let mut link = chain::start(self.provider.id, self.service, log);
        let mut seq = 0;
        let mut received = 0;
        loop {
            let found = sqlx::query(
                "SELECT seq, received, first_received, carrier, flags, link, digest, id, author, key, n, head, sig, salt, body
                 FROM entries WHERE service = ? AND seq > ? ORDER BY seq LIMIT 1000",
            )
            .bind(self.service.uuid().as_bytes().to_vec())
            .bind(rows::number(seq))
            .fetch_all(&mut *connection)
            .await?;
            if found.is_empty() {
                break;
            }
            for row in &found {
                seq += 1;
                *entries += 1;
                let header = rows::header(row)?;
                if header.seq != seq {
                    return Ok(Some((seq, "missing")));
                }
                if header.received < received {
                    return Ok(Some((seq, "received before the entry ahead of it")));
                }
                received = header.received;
                let digest = match self.entry(row)? {
                    Ok(digest) => digest,
                    Err(what) => return Ok(Some((seq, what))),
                };
                link = chain::link(&link, &header, &digest);
                if rows::bytes::<32>(row, "link")? != link {
                    return Ok(Some((seq, "its link is not that of header and digest")));
                }
                if self
                    .kept
                    .iter()
                    .any(|kept| kept.seq == seq && kept.link != link)
                {
                    return Ok(Some((
                        seq,
                        "its link is not the kept one: the chain was rewritten",
                    )));
                }
            }
        }
        if head.seq > seq {
            return Ok(Some((seq + 1, "missing, and all after it")));
        }
        if head.seq < seq || head.link != link {
            return Ok(Some((
                head.seq.max(1),
                "the chain does not end where its head says",
            )));
        }
        if let Some(kept) = self.kept.iter().find(|kept| kept.seq > seq) {
            return Ok(Some((
                kept.seq,
                "missing: a kept head is beyond the chain's end",
            )));
        }
        Ok(None)
    }

    /// The digest of one stored entry, if it is what its author signed.
    fn entry(&self, row: &SqliteRow) -> Result<Result<Digest, &'static str>, StoreError> {
        let Ok(head) = Head::parse(row.try_get("head")?) else {
            return Ok(Err("its head is out of shape"));
        };
        let sig = rows::bytes(row, "sig")?;
        let digest = head.digest(&sig);
        if rows::bytes::<32>(row, "digest")? != digest {
            return Ok(Err("its digest is not that of head and signature"));
        }
        let columns_agree = head.provider == self.provider.id
            && head.service == self.service
            && row.try_get::<&[u8], _>("id")? == head.id.uuid().as_bytes()
            && row.try_get::<&[u8], _>("author")? == head.author.uuid().as_bytes()
            && row.try_get::<&[u8], _>("key")? == head.key.0
            && rows::count(row, "n")? == head.n;
        if !columns_agree {
            return Ok(Err("its columns are not those of its head"));
        }
        let Some(public) = self.keys.0.get(&head.key.0[..]) else {
            return Ok(Err("its key has no certificate by the root"));
        };
        let message = [b"holdfast/entry/1".as_slice(), &head.to_bytes()].concat();
        if !verify_strict(public, &message, &sig) {
            return Ok(Err("its signature does not hold"));
        }
        let salt: Option<Salt> = rows::bytes_or_none(row, "salt")?;
        match (salt, row.try_get::<Option<&str>, _>("body")?) {
            (Some(salt), Some(body)) => {
                if usize::try_from(head.length).is_ok_and(|length| length != body.len())
                    || commit(&salt, body) != head.commit
                {
                    return Ok(Err("its body is not the one that was signed"));
                }
            }
            (None, None) => {}
            _ => return Ok(Err("its body or its salt is gone without the other")),
        }
        Ok(Ok(digest))
    }
}
