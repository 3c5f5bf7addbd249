//! One page of a sync: what the user may see of one service, in its order, after the cursor; read in one
//! snapshot with the roles as they are now.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use holdfast_domain::{
    body::Kind,
    chain,
    cursor::{Cursor, MAX_CURSOR, Position, scope_digest},
    encoding::{Bytes, Digest, LinkTag, Millis, Salt},
    entry::{EntryJson, Head, SignedEntry},
    ids::{ProviderId, ServiceId, UserId},
    permission::{Own, Role, TABLE_VERSION, visible},
    wire::{Element, MAX_ENTRIES, Rewound},
};
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection, sqlite::SqliteRow};

use super::rows;
use crate::store::{Page, PageRequest, Provider, StoreError};

/// A page is full once its bodies reach so many bytes.
const PAGE_BYTES: usize = 900 * 1024;
/// Signatures and salts are sent for so long, so that a phone can offer entries to a restored server.
const SIGNED_FOR: Millis = 30 * 24 * 60 * 60 * 1000;
/// Checkpoints reach back 2^0 to 2^15 entries.
const CHECKPOINTS: usize = 16;
/// A position and a checkpoint take at most so many bytes of a cursor's text.
const POSITION_TEXT: usize = 160;
const CHECKPOINT_TEXT: usize = 60;

type Result<T> = std::result::Result<T, StoreError>;

fn raw(id: uuid::Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

/// The user's roles now, by service.
pub async fn current_roles(
    connection: &mut SqliteConnection,
    user: UserId,
) -> Result<Vec<(ServiceId, Vec<Role>)>> {
    let found = sqlx::query("SELECT service, role FROM roles WHERE user = ? AND ended_at IS NULL ORDER BY service, role")
        .bind(raw(user.uuid()))
        .fetch_all(connection)
        .await?;
    let mut services: BTreeMap<ServiceId, Vec<Role>> = BTreeMap::new();
    for row in &found {
        services
            .entry(rows::id(row, "service")?)
            .or_default()
            .push(rows::role(row.try_get("role")?)?);
    }
    Ok(services.into_iter().collect())
}

/// As `current_roles`, and the provider's own chain, in which the roles of all services count.
pub async fn visible_roles(
    connection: &mut SqliteConnection,
    provider: ProviderId,
    user: UserId,
) -> Result<Vec<(ServiceId, Vec<Role>)>> {
    let mut services = current_roles(connection, user).await?;
    let mut everywhere: Vec<Role> = services
        .iter()
        .flat_map(|(_, roles)| roles.iter().copied())
        .collect();
    everywhere.sort();
    everywhere.dedup();
    services.push((ServiceId::from(provider.uuid()), everywhere));
    Ok(services)
}

/// Reads the next page inside the caller's snapshot.
pub async fn read(
    connection: &mut SqliteConnection,
    provider: Provider,
    request: &PageRequest,
) -> Result<Page> {
    let scope = visible_roles(connection, provider.id, request.user).await?;
    let cursor = request
        .cursor
        .as_ref()
        .filter(|cursor| cursor.user == request.user);
    let log_differs = cursor.is_some_and(|cursor| cursor.log != provider.log);

    let mut page = Page {
        entries: Vec::new(),
        cursor: Cursor {
            log: provider.log,
            user: request.user,
            scope: scope_digest(&scope, TABLE_VERSION),
            services: Vec::new(),
        },
        more: false,
        rescope: cursor
            .map(|cursor| changed_services(cursor, &scope))
            .unwrap_or_default(),
        rewound: Vec::new(),
    };
    // Every chain that the phone stood in, seen today or not: a restore may have taken a change of roles back as well.
    let stood = cursor.map_or(&[][..], |cursor| &cursor.services);
    let mut from = BTreeMap::new();
    for (position, cut) in stood.iter().zip(cuts(connection, stood).await?) {
        let same_log = !log_differs || position.seq == 0;
        if let Some(to) = cut.or((!same_log).then_some(position.seq)) {
            let service = position.service;
            page.rewound.push(Rewound { service, to });
        }
        from.insert(position.service, cut.unwrap_or(u64::MAX).min(position.seq));
    }
    for Rewound { service, to } in &request.from {
        from.entry(*service)
            .and_modify(|seq| *seq = (*seq).min(*to));
    }
    let elsewhere = elsewhere(connection, request.user, &scope).await?;
    let distances = distances(scope.len() + elsewhere.len());
    let services: Vec<ServiceId> = scope.iter().map(|(service, _)| *service).collect();
    let (ends, ends_elsewhere) = (
        chain_lengths(connection, &services).await?,
        chain_lengths(connection, &elsewhere).await?,
    );
    // Service, where the phone then stands, and where the chain ends.
    let mut stands = Vec::with_capacity(services.len() + elsewhere.len());
    for ((service, roles), end) in scope.iter().zip(ends) {
        let dropped = page.rescope.contains(service);
        let brought = request.leave_out.iter();
        let brought = brought.filter(|(at, _)| at == service && !dropped);
        let mut seq = match from.get(service) {
            Some(seq) if !dropped => *seq,
            _ => 0,
        };
        let view = View {
            provider: provider.id,
            service: *service,
            user: request.user,
            roles,
            // A phone that drops a service needs all of it again, also what it has just offered.
            leave_out: brought.map(|(_, seq)| *seq).collect(),
        };
        if seq < end && page.more {
            // A page is of one service: this one's turn comes with the next request.
        } else if seq < end && page.entries.is_empty() {
            seq = fill(connection, &view, seq, end, request, &mut page).await?;
        } else if seq < end {
            match first_visible(connection, &view, seq).await? {
                true => page.more = true,
                false => seq = end,
            }
        }
        stands.push((*service, seq, end));
    }
    // Nothing is read there, yet a restore that took what stood there must be noticed.
    for (service, end) in elsewhere.into_iter().zip(ends_elsewhere) {
        stands.push((service, end, end));
    }
    page.cursor.services = checkpoints(connection, &stands, &distances).await?;
    Ok(page)
}

/// Services in whose chains something of the user's stands, and which the user may not see.
async fn elsewhere(
    connection: &mut SqliteConnection,
    user: UserId,
    scope: &[(ServiceId, Vec<Role>)],
) -> Result<Vec<ServiceId>> {
    let found = sqlx::query("SELECT service FROM stands WHERE user = ? ORDER BY service")
        .bind(raw(user.uuid()))
        .fetch_all(connection)
        .await?;
    let mut services = Vec::new();
    for row in &found {
        let service = rows::id(row, "service")?;
        if scope.iter().all(|(seen, _)| *seen != service)
            && !holdfast_domain::mutated!("stands_unseen")
        {
            services.push(service);
        }
    }
    Ok(services)
}

/// Every service of the cursor where any role, service or the table itself changed since: the phone drops their pages. The
/// cursor keeps one digest for all, so which part changed is not known.
fn changed_services(cursor: &Cursor, scope: &[(ServiceId, Vec<Role>)]) -> Vec<ServiceId> {
    if cursor.scope == scope_digest(scope, TABLE_VERSION) {
        return Vec::new();
    }
    cursor
        .services
        .iter()
        .map(|position| position.service)
        .collect()
}

/// Where each chain was cut below what the cursor knows of it; `None` where it is whole.
async fn cuts(connection: &mut SqliteConnection, stood: &[Position]) -> Result<Vec<Option<u64>>> {
    if holdfast_domain::mutated!("restore_without_links") {
        return Ok(vec![None; stood.len()]);
    }
    let known: Vec<Vec<(u64, LinkTag)>> = stood
        .iter()
        .map(|position| {
            let mut known = vec![(position.seq, position.link)];
            known.extend(position.back.iter().copied());
            known.sort_by_key(|(seq, _)| std::cmp::Reverse(*seq));
            known
        })
        .collect();
    // The newest link alone tells that a chain is whole, and nearly all are.
    let newest: Vec<(ServiceId, u64)> = stood
        .iter()
        .zip(&known)
        .map(|(position, known)| (position.service, known[0].0))
        .collect();
    let found = links(connection, &newest).await?;
    let mut cuts = Vec::with_capacity(stood.len());
    for ((position, known), newest) in stood.iter().zip(known).zip(found) {
        let (seq, link) = known[0];
        if seq == 0 || newest == Some(link) {
            cuts.push(None);
            continue;
        }
        let wanted: Vec<(ServiceId, u64)> = known
            .iter()
            .map(|(seq, _)| (position.service, *seq))
            .collect();
        let found = links(connection, &wanted).await?;
        let stands = known
            .iter()
            .zip(found)
            .find(|((seq, link), found)| *seq == 0 || *found == Some(*link));
        cuts.push(Some(stands.map_or(0, |((seq, _), _)| *seq)));
    }
    Ok(cuts)
}

/// How many entries each of these chains has, by place. One query and one row, as every request asks.
async fn chain_lengths(
    connection: &mut SqliteConnection,
    services: &[ServiceId],
) -> Result<Vec<u64>> {
    if services.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: Vec<String> = services.iter().map(|service| hex(*service)).collect();
    let found: String = sqlx::query_scalar(
        "SELECT json_group_array(coalesce(chains.seq, 0) ORDER BY wanted.key)
         FROM json_each(?) AS wanted LEFT JOIN chains ON chains.service = unhex(wanted.value)",
    )
    .bind(json(&wanted))
    .fetch_one(connection)
    .await?;
    serde_json::from_str(&found).map_err(|_| StoreError::Corrupt("a negative count"))
}

/// The links at these places, by place; `None` where no entry stands. One query and one row, as every request asks.
async fn links(
    connection: &mut SqliteConnection,
    wanted: &[(ServiceId, u64)],
) -> Result<Vec<Option<LinkTag>>> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let wanted: Vec<(String, i64)> = wanted
        .iter()
        .map(|(service, seq)| (hex(*service), rows::number(*seq)))
        .collect();
    let found: String = sqlx::query_scalar(
        "SELECT json_group_array(hex(substr(entries.link, 1, 16)) ORDER BY wanted.key)
         FROM json_each(?) AS wanted LEFT JOIN entries
         ON entries.service = unhex(wanted.value ->> 0) AND entries.seq = wanted.value ->> 1",
    )
    .bind(json(&wanted))
    .fetch_one(connection)
    .await?;
    let corrupt = || StoreError::Corrupt("a link of another length");
    let found: Vec<&str> = serde_json::from_str(&found).map_err(|_| corrupt())?;
    found
        .into_iter()
        .map(|link| match link {
            "" => Ok(None),
            // 32 digits, which is how a UUID may be written.
            digits => uuid::Uuid::try_parse(digits)
                .map(|bytes| Some(Bytes(bytes.into_bytes())))
                .map_err(|_| corrupt()),
        })
        .collect()
}

fn hex(service: ServiceId) -> String {
    service.uuid().simple().to_string()
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("lists of text and numbers")
}

/// Whose eyes a service is read with.
struct View<'a> {
    provider: ProviderId,
    service: ServiceId,
    user: UserId,
    roles: &'a [Role],
    /// Where what the request brought stands: its sender has it, and it is not sent back.
    leave_out: Vec<u64>,
}

impl View<'_> {
    fn kinds(&self, own: Own) -> Vec<Kind> {
        Kind::ALL
            .iter()
            .copied()
            .filter(|kind| visible(self.roles, *kind, own))
            .collect()
    }

    /// `columns` of the entries after `seq` that this user may see, in order.
    fn query(&self, columns: &'static str, seq: u64, limit: usize) -> QueryBuilder<Sqlite> {
        let mut query = QueryBuilder::new("SELECT ");
        query
            .push(columns)
            .push(" FROM entries WHERE service = ")
            .push_bind(raw(self.service.uuid()));
        query.push(" AND seq > ").push_bind(rows::number(seq));
        if !self.leave_out.is_empty() {
            query.push(" AND seq NOT IN (");
            let mut list = query.separated(", ");
            for seq in &self.leave_out {
                list.push_bind(rows::number(*seq));
            }
            query.push(")");
        }
        query.push(" AND (kind IN (");
        push_kinds(&mut query, &self.kinds(Own::Others));
        query.push(") OR (kind IN (");
        push_kinds(&mut query, &self.kinds(Own::Mine));
        query
            .push(") AND (author = ")
            .push_bind(raw(self.user.uuid()));
        query
            .push(" OR addressed = ")
            .push_bind(raw(self.user.uuid()));
        query
            .push("))) ORDER BY seq LIMIT ")
            .push_bind(i64::try_from(limit).unwrap_or(i64::MAX));
        query
    }
}

fn push_kinds(query: &mut QueryBuilder<Sqlite>, kinds: &[Kind]) {
    let mut list = query.separated(", ");
    for kind in kinds {
        list.push_bind(kind.as_str());
    }
}

/// Fills the page from one service; gives the place that the phone then stands at.
async fn fill(
    connection: &mut SqliteConnection,
    view: &View<'_>,
    after: u64,
    end: u64,
    request: &PageRequest,
    page: &mut Page,
) -> Result<u64> {
    const COLUMNS: &str =
        "seq, received, first_received, carrier, flags, link, digest, head, sig, salt, body";
    let mut query = view.query(COLUMNS, after, MAX_ENTRIES + 1);
    // Row by row: all that might fit by number may be a hundred times what fits by size.
    let mut found = query.build().fetch(&mut *connection);
    let (mut bytes, mut stands, mut last) = (0, end, None);
    let mut runs = Vec::new();
    while let Some(row) = found.try_next().await? {
        let seq = rows::count(&row, "seq")?;
        if page.entries.len() == MAX_ENTRIES || bytes > PAGE_BYTES {
            page.more = true;
            stands = seq - 1;
            break;
        }
        if last != Some(seq - 1) {
            runs.push((page.entries.len(), seq - 1));
        }
        last = Some(seq);
        bytes += row.try_get::<Option<&str>, _>("body")?.map_or(0, str::len);
        page.entries.push(element(&row, request.now)?);
    }
    drop(found);
    let before: Vec<u64> = runs.iter().map(|(_, seq)| *seq).collect();
    let links = whole_links(connection, view, &before).await?;
    for ((at, _), link) in runs.into_iter().zip(links) {
        if let Element::Whole { before, .. } = &mut page.entries[at] {
            *before = link;
        }
    }
    Ok(stands)
}

/// The whole links of a service's chain at these places, by place, its beginning among them; `None` where none stands.
async fn whole_links(
    connection: &mut SqliteConnection,
    view: &View<'_>,
    wanted: &[u64],
) -> Result<Vec<Option<Digest>>> {
    let found = sqlx::query(
        "SELECT wanted.value AS seq, coalesce(entries.link, chains.log) AS link
         FROM json_each(?1) AS wanted JOIN chains ON chains.service = ?2
         LEFT JOIN entries ON entries.service = ?2 AND entries.seq = wanted.value
         WHERE wanted.value = 0 OR entries.link IS NOT NULL",
    )
    .bind(json(&wanted))
    .bind(raw(view.service.uuid()))
    .fetch_all(connection)
    .await?;
    let mut links = BTreeMap::new();
    for row in &found {
        let seq = rows::count(row, "seq")?;
        links.insert(
            seq,
            match seq {
                0 => chain::start(view.provider, view.service, rows::id(row, "link")?),
                _ => rows::bytes(row, "link")?,
            },
        );
    }
    Ok(wanted.iter().map(|seq| links.get(seq).copied()).collect())
}

async fn first_visible(
    connection: &mut SqliteConnection,
    view: &View<'_>,
    after: u64,
) -> Result<bool> {
    let found = view
        .query("seq", after, 1)
        .build()
        .fetch_optional(connection)
        .await?;
    Ok(found.is_some())
}

fn element(row: &SqliteRow, now: Millis) -> Result<Element> {
    let header = rows::header(row)?;
    let digest: Digest = rows::bytes(row, "digest")?;
    let head = Head::parse(row.try_get("head")?)
        .map_err(|_| StoreError::Corrupt("a head out of shape"))?;
    let salt: Option<Salt> = rows::bytes_or_none(row, "salt")?;
    let body: Option<String> = row.try_get("body")?;
    let erased = body.is_none();
    let signed = SignedEntry {
        head,
        sig: rows::bytes(row, "sig")?,
        salt: salt.unwrap_or_default(),
        body: body.unwrap_or_default(),
    };
    let mut entry = EntryJson::from(&signed);
    let old = now - header.received > SIGNED_FOR;
    if old {
        entry.sig = None;
    }
    if old || erased {
        entry.salt = None;
    }
    if erased {
        entry.body = None;
    }
    Ok(Element::Whole {
        seq: header.seq,
        received: header.received,
        first_received: header.first_received,
        carrier: header.carrier,
        flags: header.flags,
        link: chain::tag(&rows::bytes(row, "link")?),
        before: None,
        digest: old.then_some(digest),
        entry,
    })
}

/// How far back the checkpoints of each of so many services lie: fewer of them where a cursor would grow too long.
fn distances(services: usize) -> Vec<u64> {
    let room = (MAX_CURSOR / services.max(1)).saturating_sub(POSITION_TEXT) / CHECKPOINT_TEXT;
    if room == 0 {
        return Vec::new();
    }
    // Where there is room for several, one is for the chain's end.
    let room = (room - 1).max(1);
    let stride = CHECKPOINTS.div_ceil(room.min(CHECKPOINTS));
    (0..CHECKPOINTS)
        .step_by(stride)
        .map(|power| 1 << power)
        .collect()
}

/// Where the phone stands in each service, with links further and further back to find a fork by. The link at the
/// chain's end is there as well where the phone has not come so far: what it has sent lies above where it stands.
async fn checkpoints(
    connection: &mut SqliteConnection,
    stands: &[(ServiceId, u64, u64)],
    distances: &[u64],
) -> Result<Vec<Position>> {
    let mut wanted = Vec::with_capacity(stands.len() * (2 + distances.len()));
    for (service, seq, end) in stands {
        wanted.push((*service, *seq));
        if distances.len() > 1 && end > seq {
            wanted.push((*service, *end));
        }
        let back = distances
            .iter()
            .filter_map(|distance| seq.checked_sub(*distance));
        wanted.extend(back.map(|seq| (*service, seq)));
    }
    let mut found = wanted
        .iter()
        .zip(links(connection, &wanted).await?)
        .peekable();
    let mut positions = Vec::with_capacity(stands.len());
    for (service, seq, _) in stands {
        let link = found.next().and_then(|(_, link)| link).unwrap_or_default();
        let mut back = Vec::new();
        // Newest first, as they were asked for.
        while let Some(((_, at), link)) = found.next_if(|((of, _), _)| of == service) {
            back.extend(link.map(|link| (*at, link)));
        }
        positions.push(Position {
            service: *service,
            seq: *seq,
            link,
            back,
        });
    }
    Ok(positions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_over_many_services_stays_within_its_length() {
        let far = Position {
            service: uuid::Uuid::from_u128(u128::MAX).into(),
            seq: 9_999_999_999,
            link: LinkTag::default(),
            back: Vec::new(),
        };
        for services in [1, 40, 80, 150, 250] {
            let distances = distances(services);
            assert!(!distances.is_empty());
            let end = (distances.len() > 1).then_some(0);
            let back: Vec<_> = distances
                .into_iter()
                .chain(end)
                .map(|distance| (far.seq - distance, LinkTag::default()))
                .collect();
            let position = Position {
                back,
                ..far.clone()
            };
            let cursor = Cursor {
                log: uuid::Uuid::nil().into(),
                user: uuid::Uuid::nil().into(),
                scope: Digest::default(),
                services: vec![position; services],
            };
            assert!(Cursor::decode(&cursor.encode()).is_some(), "{services}");
        }
        assert_eq!(distances(12).len(), CHECKPOINTS);
    }
}
