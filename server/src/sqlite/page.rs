//! One page of a sync: what the user may see of one service, in its order, after the cursor; read in one
//! snapshot with the roles as they are now.

use std::collections::BTreeMap;

use futures_util::TryStreamExt as _;
use holdfast_domain::{
    body::Kind,
    cursor::{Cursor, MAX_CURSOR, Position, scope_digest},
    encoding::{Digest, LinkTag, Millis, Salt},
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
    let mut from = BTreeMap::new();
    for position in cursor.into_iter().flat_map(|cursor| &cursor.services) {
        let cut = cut(connection, position).await?;
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
    for (service, roles) in &scope {
        let dropped = page.rescope.contains(service);
        let mut seq = match from.get(service) {
            Some(seq) if !dropped => *seq,
            _ => 0,
        };
        let end = chain_length(connection, *service).await?;
        let view = View {
            service: *service,
            user: request.user,
            roles,
            // A phone that drops a service needs all of it again, also what it has just offered.
            leave_out: if dropped { &[] } else { &request.leave_out },
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
        page.cursor
            .services
            .push(checkpoint(connection, *service, seq, end, &distances).await?);
    }
    // Nothing is read there, yet a restore that took what stood there must be noticed.
    for service in elsewhere {
        let end = chain_length(connection, service).await?;
        let position = checkpoint(connection, service, end, end, &distances).await?;
        page.cursor.services.push(position);
    }
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
        if scope.iter().all(|(seen, _)| *seen != service) && !cfg!(mutation = "stands_unseen") {
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

/// Where a chain was cut below what the cursor knows of it; `None` where it is whole.
async fn cut(connection: &mut SqliteConnection, position: &Position) -> Result<Option<u64>> {
    if cfg!(mutation = "restore_without_links") {
        return Ok(None);
    }
    let mut checkpoints = vec![(position.seq, position.link)];
    checkpoints.extend(position.back.iter().copied());
    checkpoints.sort_by_key(|(seq, _)| std::cmp::Reverse(*seq));
    for (at, (seq, link)) in checkpoints.into_iter().enumerate() {
        let found: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT link FROM entries WHERE service = ? AND seq = ?")
                .bind(raw(position.service.uuid()))
                .bind(rows::number(seq))
                .fetch_optional(&mut *connection)
                .await?;
        if seq == 0 || found.is_some_and(|found| found.starts_with(&link.0)) {
            return Ok((at > 0).then_some(seq));
        }
    }
    Ok(Some(0))
}

async fn chain_length(connection: &mut SqliteConnection, service: ServiceId) -> Result<u64> {
    let row = sqlx::query("SELECT seq FROM chains WHERE service = ?")
        .bind(raw(service.uuid()))
        .fetch_optional(connection)
        .await?;
    row.map_or(Ok(0), |row| rows::count(&row, "seq"))
}

/// Whose eyes a service is read with.
struct View<'a> {
    service: ServiceId,
    user: UserId,
    roles: &'a [Role],
    /// What the request brought and its sender has: not sent back.
    leave_out: &'a [Digest],
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
        query
            .push(" AND seq > ")
            .push_bind(rows::number(seq))
            .push(" AND (kind IN (");
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
    let room = MAX_ENTRIES + view.leave_out.len() + 1;
    let mut query = view.query(COLUMNS, after, room);
    // Row by row: all that might fit by number may be a hundred times what fits by size.
    let mut found = query.build().fetch(connection);
    let mut read = 0;
    let mut bytes = 0;
    let mut last = after;
    while let Some(row) = found.try_next().await? {
        read += 1;
        let digest: Digest = rows::bytes(&row, "digest")?;
        let seq = rows::count(&row, "seq")?;
        if view.leave_out.contains(&digest) {
            last = seq;
            continue;
        }
        if page.entries.len() == MAX_ENTRIES || bytes > PAGE_BYTES {
            page.more = true;
            return Ok(last);
        }
        bytes += row.try_get::<Option<&str>, _>("body")?.map_or(0, str::len);
        page.entries.push(element(&row, digest, request.now)?);
        last = seq;
    }
    if read == room {
        page.more = true;
        return Ok(last);
    }
    Ok(end)
}

async fn first_visible(
    connection: &mut SqliteConnection,
    view: &View<'_>,
    after: u64,
) -> Result<bool> {
    let found = view
        .query("digest", after, view.leave_out.len() + 1)
        .build()
        .fetch_all(connection)
        .await?;
    for row in &found {
        if !view.leave_out.contains(&rows::bytes(row, "digest")?) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn element(row: &SqliteRow, digest: Digest, now: Millis) -> Result<Element> {
    let header = rows::header(row)?;
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
        link: link_tag(row)?,
        digest: old.then_some(digest),
        entry,
    })
}

fn link_tag(row: &SqliteRow) -> Result<LinkTag> {
    let link: Digest = rows::bytes(row, "link")?;
    LinkTag::from_slice(&link.0[..16]).ok_or(StoreError::Corrupt("a link of another length"))
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

/// Where the phone stands in a service, with links further and further back to find a fork by. The link at the
/// chain's end is there as well where the phone has not come so far: what it has sent lies above where it stands.
async fn checkpoint(
    connection: &mut SqliteConnection,
    service: ServiceId,
    seq: u64,
    end: u64,
    distances: &[u64],
) -> Result<Position> {
    let mut wanted = vec![seq];
    if distances.len() > 1 {
        wanted.push(end);
    }
    wanted.extend(
        distances
            .iter()
            .filter_map(|distance| seq.checked_sub(*distance)),
    );
    let mut query = QueryBuilder::<Sqlite>::new("SELECT seq, link FROM entries WHERE service = ");
    query.push_bind(raw(service.uuid())).push(" AND seq IN (");
    let mut list = query.separated(", ");
    for seq in &wanted {
        list.push_bind(rows::number(*seq));
    }
    query.push(") ORDER BY seq DESC");
    let found = query.build().fetch_all(connection).await?;
    let (mut link, mut back) = (LinkTag::default(), Vec::with_capacity(found.len()));
    for row in &found {
        match rows::count(row, "seq")? {
            at if at == seq => link = link_tag(row)?,
            at => back.push((at, link_tag(row)?)),
        }
    }
    Ok(Position {
        service,
        seq,
        link,
        back,
    })
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
