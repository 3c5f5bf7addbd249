//! `holdfast verify`: computes every chain again from what is stored, and names the first entry of each
//! that is not as it was signed and chained.
//!
//! Links carry no secret, so whoever may write the file may compute a whole chain again: then only a head that
//! was kept elsewhere, or a phone's cursor, tells. [`BLIND_SPOTS`] says so to whoever runs it.

use std::collections::{BTreeMap, BTreeSet};

use holdfast_domain::{
    body::{Body, Data},
    chain::{self, Header},
    encoding::{Digest, PublicKey, Salt},
    entry::{Head, commit},
    ids::{DeviceId, EntryId, LogId, ServiceId},
    keys::{Certificate, RootSecret, key_id, verify_strict},
    permission::addressee,
};
use sqlx::{Row, SqlitePool, sqlite::SqliteRow};

use crate::{
    sqlite::rows,
    store::{Provider, StoreError},
};

/// What is not found without a kept head.
pub const BLIND_SPOTS: &str = "Not compared with a kept head: the last entries of a chain removed together with its head, or a whole \
     chain computed again in another order, look like this too. Keep the heads away from this machine \
     (--write-head FILE) and give them next time (--head FILE).";

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
    /// The service's name, where the database has one.
    pub name: Option<String>,
    pub seq: u64,
    pub what: &'static str,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (service, seq, what) = (self.service, self.seq, self.what);
        match &self.name {
            Some(name) => write!(f, "service {name} ({service}) entry {seq}: {what}"),
            None => write!(f, "service {service} entry {seq}: {what}"),
        }
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
    let keys = Keys::read(&mut snapshot, provider, root).await?;
    let names = names(&mut snapshot, provider).await?;
    let fault = |service, (seq, what): Place| Fault {
        service,
        name: names.get(&service).cloned(),
        seq,
        what,
    };
    let mut report = Report::default();
    let mut walked = Vec::new();
    let mut erased = BTreeSet::new();
    let chains = sqlx::query("SELECT service, log, seq, link FROM chains ORDER BY service")
        .fetch_all(&mut *snapshot)
        .await?;
    let mut seen = BTreeSet::new();
    for row in &chains {
        let service: ServiceId = rows::id(row, "service")?;
        seen.insert(service);
        let mut walk = Walk {
            provider,
            service,
            keys: &keys,
            kept: kept.iter().filter(|head| head.service == service).collect(),
            entries: 0,
            bodiless: Vec::new(),
            erased: &mut erased,
        };
        let log: LogId = rows::id(row, "log")?;
        let head = ChainHead {
            service,
            seq: rows::count(row, "seq")?,
            link: rows::bytes(row, "link")?,
        };
        let wrong = walk.run(&mut snapshot, log, &head).await?;
        report.entries += walk.entries;
        walked.push((head, walk.bodiless, wrong));
    }
    for (head, bodiless, wrong) in walked {
        // An erasure says which bodies went; it stands after them, so all chains are read first.
        let unsaid = bodiless
            .iter()
            .find(|(_, id)| !erased.contains(id))
            .map(|(seq, _)| (*seq, "its body is gone, and no erasure says so"));
        let first = [wrong, unsaid].into_iter().flatten().min();
        match first {
            Some(place) => report.faults.push(fault(head.service, place)),
            None => report.heads.push(head),
        }
    }
    let orphans = sqlx::query(
        "SELECT DISTINCT service FROM entries WHERE service NOT IN (SELECT service FROM chains)",
    )
    .fetch_all(&mut *snapshot)
    .await?;
    for row in &orphans {
        report.faults.push(fault(
            rows::id(row, "service")?,
            (1, "entries without a chain"),
        ));
    }
    for head in kept.iter().filter(|head| !seen.contains(&head.service)) {
        report.faults.push(fault(
            head.service,
            (head.seq, "the chain of a kept head is gone"),
        ));
    }
    Ok(report)
}

/// A sequence number and what is wrong there.
type Place = (u64, &'static str);

/// What people call each service; the provider's own chain has no row of its own.
async fn names(
    connection: &mut sqlx::SqliteConnection,
    provider: Provider,
) -> Result<BTreeMap<ServiceId, String>, StoreError> {
    let own = ServiceId::from(provider.id.uuid());
    let mut names = BTreeMap::from([(own, "the provider's own chain".to_owned())]);
    for row in &sqlx::query("SELECT service, name FROM services")
        .fetch_all(connection)
        .await?
    {
        names.insert(rows::id(row, "service")?, row.try_get("name")?);
    }
    Ok(names)
}

/// Author keys that the root vouches for.
struct Keys(BTreeMap<Vec<u8>, PublicKey>);

impl Keys {
    async fn read(
        connection: &mut sqlx::SqliteConnection,
        provider: Provider,
        root: &RootSecret,
    ) -> Result<Self, StoreError> {
        let root_public = root.root_public();
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
    /// How many entries were read.
    entries: u64,
    /// Entries without a body, which an erasure must account for.
    bodiless: Vec<(u64, EntryId)>,
    /// What erasures by the server name, in every chain.
    erased: &'a mut BTreeSet<EntryId>,
}

impl Walk<'_> {
    /// Walks the chain from its start. Gives the first wrong place, or none.
    async fn run(
        &mut self,
        connection: &mut sqlx::SqliteConnection,
        log: LogId,
        head: &ChainHead,
    ) -> Result<Option<Place>, StoreError> {
        let mut link = chain::start(self.provider.id, self.service, log);
        let mut seq = 0;
        let mut received = 0;
        loop {
            let found = sqlx::query(
                "SELECT seq, received, first_received, carrier, flags, link, digest, id, author, key, n, head, sig, salt, body, kind, about, addressed
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
                self.entries += 1;
                // Columns that cannot be read are somebody's doing as well: the place is named.
                let (header, digest, stored) = match self.read(row, seq) {
                    Ok(Ok(read)) => read,
                    Ok(Err(what)) => return Ok(Some((seq, what))),
                    Err(_) => return Ok(Some((seq, "its columns cannot be read"))),
                };
                if header.received < received {
                    return Ok(Some((seq, "received before the entry ahead of it")));
                }
                received = header.received;
                link = chain::link(&link, &header, &digest);
                if stored != link {
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

    /// Header, digest and stored link of one row, if the entry is what its author signed.
    fn read(
        &mut self,
        row: &SqliteRow,
        seq: u64,
    ) -> Result<Result<(Header, Digest, Digest), &'static str>, StoreError> {
        let header = rows::header(row)?;
        if header.seq != seq {
            return Ok(Err("missing"));
        }
        // In the link the two are one.
        if header.carrier == Some(DeviceId::nil()) {
            return Ok(Err("its carrier is zero in place of none"));
        }
        Ok(match self.entry(row, seq)? {
            Ok(digest) => Ok((header, digest, rows::bytes(row, "link")?)),
            Err(what) => Err(what),
        })
    }

    /// The digest of one stored entry, if it is what its author signed.
    fn entry(
        &mut self,
        row: &SqliteRow,
        seq: u64,
    ) -> Result<Result<Digest, &'static str>, StoreError> {
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
                if !self.derived(row, &head, body)? {
                    return Ok(Err("its kind or subject is not that of its body"));
                }
            }
            (None, None) => self.bodiless.push((seq, head.id)),
            _ => return Ok(Err("its body or its salt is gone without the other")),
        }
        Ok(Ok(digest))
    }

    /// Whether what the filter goes by is what the body says: a kind set wrong would hide an entry from phones.
    fn derived(&mut self, row: &SqliteRow, head: &Head, body: &str) -> Result<bool, StoreError> {
        let Ok(body) = Body::parse(body) else {
            return Ok(false);
        };
        if let Data::Erasure(erasure) = &body.data
            && head.author.uuid() == self.provider.id.uuid()
        {
            self.erased.extend(&erasure.ids);
        }
        Ok(row.try_get::<&str, _>("kind")? == body.data.kind().as_str()
            && rows::id_or_none::<uuid::Uuid>(row, "about")? == body.about
            && rows::id_or_none(row, "addressed")? == addressee(&body))
    }
}
