//! What is written inside the one writing transaction: entries judged and appended to their chains, what
//! is derived from them, quarantine, sessions and keys.

use std::sync::Arc;

use holdfast_domain::{
    body::{Body, Data, Enrolment, Held, Kind},
    chain::{self, Flags, Header},
    encoding::{Bytes, Digest, Millis, PublicKey, Salt},
    entry::{Beacon, Head, SignedEntry, sign},
    ids::{DeviceId, EntryId, ServiceId, SubjectId, UserId},
    keys::{AuthorKey, Certificate, RootSecret, key_id},
    permission::{Role, addressee, may_be_released},
    wire::WaitingReport,
};
use serde_json::value::RawValue;
use sqlx::{QueryBuilder, Row, Sqlite, SqliteConnection};
use uuid::Uuid;

use super::rows;
use crate::{
    accept::{Append, Arrival, Hold, Reading},
    clock,
    store::{Batch, Enrolled, NewServerEntry, NewSession, Provider, StoreError},
};

/// What does not change while the server runs.
pub struct Context {
    pub provider: Provider,
    pub root: RootSecret,
    pub author: AuthorKey,
}

/// The writing connection, inside BEGIN IMMEDIATE.
pub struct Transaction {
    connection: SqliteConnection,
    context: Arc<Context>,
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// Where a service's chain ends.
#[derive(Clone, Copy)]
pub struct ChainHead {
    seq: u64,
    link: Digest,
    received: Millis,
}

/// An entry as it goes into the log, in its place of the chain.
pub struct Line<'a> {
    entry: &'a SignedEntry,
    pub header: Header,
    link: Digest,
    digest: Digest,
    /// False where the body was erased before.
    with_body: bool,
    kind: &'static str,
    about: Option<Uuid>,
    addressed: Option<UserId>,
}

impl<'a> Line<'a> {
    /// The line after a chain's head, which moves on to it.
    pub fn next(
        chain: &mut ChainHead,
        entry: &'a SignedEntry,
        append: &Append,
        now: Millis,
    ) -> Self {
        let header = Header {
            seq: chain.seq + 1,
            // Never less than the one before, whatever the server's clock did.
            received: now.max(chain.received),
            first_received: append.first_received,
            carrier: append.carrier,
            flags: append.flags,
        };
        let digest = entry.digest();
        let link = chain::link(&chain.link, &header, &digest);
        *chain = ChainHead {
            seq: header.seq,
            link,
            received: header.received,
        };
        let body = append.body.as_ref();
        Self {
            entry,
            header,
            link,
            digest,
            with_body: body.is_some(),
            kind: body.map_or("", |body| body.data.kind().as_str()),
            about: body.and_then(|body| body.about),
            addressed: body.and_then(addressee),
        }
    }
}

pub fn raw(id: Uuid) -> Vec<u8> {
    id.as_bytes().to_vec()
}

impl Transaction {
    pub fn new(connection: SqliteConnection, context: Arc<Context>) -> Self {
        Self {
            connection,
            context,
        }
    }

    pub fn context(&self) -> &Context {
        &self.context
    }

    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// Goes on over another connection.
    pub fn replace(&mut self, connection: SqliteConnection) {
        self.connection = connection;
    }

    pub fn into_connection(self) -> SqliteConnection {
        self.connection
    }

    // Entries ---------------------------------------------------------------------------------------

    /// Appends to the chain of the entry's service and brings what is derived up to date.
    pub async fn append(
        &mut self,
        entry: &SignedEntry,
        append: &Append,
        now: Millis,
    ) -> Result<Header> {
        let service = entry.head.service;
        let mut chain = self.chain_head(service).await?;
        let line = Line::next(&mut chain, entry, append, now);
        let header = line.header;
        let place = self.insert(&[line]).await?;
        self.keep_chain_head(service, &chain).await?;
        if let Some(user) = stands_for(&entry.head, append) {
            self.keep_stand(user, service).await?;
        }
        if let Some(body) = &append.body {
            self.derive(&entry.head, body, place, header.received)
                .await?;
        }
        Ok(header)
    }

    /// Where a service's chain ends, or where it begins.
    pub async fn chain_head(&mut self, service: ServiceId) -> Result<ChainHead> {
        let found = sqlx::query("SELECT seq, link, received FROM chains WHERE service = ?")
            .bind(raw(service.uuid()))
            .fetch_optional(&mut self.connection)
            .await?;
        let Provider { id, log } = self.context.provider;
        Ok(match &found {
            Some(row) => ChainHead {
                seq: rows::count(row, "seq")?,
                link: rows::bytes(row, "link")?,
                received: row.try_get("received")?,
            },
            None => ChainHead {
                seq: 0,
                link: chain::start(id, service, log),
                received: 0,
            },
        })
    }

    /// Writes lines in their order; gives the place of the last.
    pub async fn insert(&mut self, lines: &[Line<'_>]) -> Result<i64> {
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO entries (service, seq, received, first_received, carrier, flags, link, digest, id, head, sig, salt, body,
                                  kind, about, author, addressed, key, n) ",
        );
        query.push_values(lines, |mut row, line| {
            let head = &line.entry.head;
            row.push_bind(raw(head.service.uuid()))
                .push_bind(rows::number(line.header.seq))
                .push_bind(line.header.received)
                .push_bind(line.header.first_received)
                .push_bind(line.header.carrier.map(|device| raw(device.uuid())))
                .push_bind(i64::from(line.header.flags.0))
                .push_bind(line.link.0.to_vec())
                .push_bind(line.digest.0.to_vec())
                .push_bind(raw(head.id.uuid()))
                .push_bind(head.to_bytes().to_vec())
                .push_bind(line.entry.sig.0.to_vec())
                .push_bind(line.with_body.then(|| line.entry.salt.0.to_vec()))
                .push_bind(line.with_body.then(|| line.entry.body.clone()))
                .push_bind(line.kind)
                .push_bind(line.about.map(raw))
                .push_bind(raw(head.author.uuid()))
                .push_bind(line.addressed.map(|user| raw(user.uuid())))
                .push_bind(head.key.0.to_vec())
                .push_bind(rows::number(head.n));
        });
        let written = query.build().execute(&mut self.connection).await?;
        Ok(written.last_insert_rowid())
    }

    /// Writes down where a service's chain ends.
    pub async fn keep_chain_head(&mut self, service: ServiceId, chain: &ChainHead) -> Result<()> {
        sqlx::query(
            "INSERT INTO chains (service, log, seq, link, received) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (service) DO UPDATE SET seq = ?3, link = ?4, received = ?5",
        )
        .bind(raw(service.uuid()))
        .bind(raw(self.context.provider.log.uuid()))
        .bind(rows::number(chain.seq))
        .bind(chain.link.0.to_vec())
        .bind(chain.received)
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    /// Writes down that something of the user's stands in a chain.
    pub async fn keep_stand(&mut self, user: UserId, service: ServiceId) -> Result<()> {
        sqlx::query("INSERT OR IGNORE INTO stands (user, service) VALUES (?, ?)")
            .bind(raw(user.uuid()))
            .bind(raw(service.uuid()))
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    // What is derived from an entry as it is appended ------------------------------------------------

    async fn derive(&mut self, head: &Head, body: &Body, place: i64, at: Millis) -> Result<()> {
        let service = head.service;
        match &body.data {
            Data::Service(data) => {
                sqlx::query(
                    "INSERT INTO services (service, code, name) VALUES (?1, ?2, ?3)
                     ON CONFLICT (service) DO UPDATE SET code = ?2, name = ?3",
                )
                .bind(raw(service.uuid()))
                .bind(&data.code)
                .bind(&data.name)
                .execute(&mut self.connection)
                .await?;
                self.list(Kind::Service, service.uuid(), service, place)
                    .await
            }
            Data::Staff(staff) => {
                sqlx::query(
                    "INSERT INTO users (user, username, display_name) VALUES (?1, ?2, ?3)
                     ON CONFLICT (user) DO UPDATE SET username = ?2, display_name = ?3",
                )
                .bind(raw(staff.user.uuid()))
                .bind(&staff.username)
                .bind(&staff.display_name)
                .execute(&mut self.connection)
                .await?;
                self.set_roles(service, staff.user, &staff.roles, at)
                    .await?;
                let subject = match body.about {
                    Some(about) => about,
                    None => self.staff_subject(service, &staff.username).await?,
                };
                self.list(Kind::Staff, subject, service, place).await
            }
            Data::Person(data) => {
                self.list(Kind::Person, data.person.uuid(), service, place)
                    .await
            }
            Data::Medicine(data) => {
                self.list(Kind::Medicine, data.medicine.uuid(), service, place)
                    .await
            }
            Data::Administrations(data) => {
                self.list(Kind::Administrations, data.person.uuid(), service, place)
                    .await
            }
            Data::Visits(data) => {
                self.list(Kind::Visits, data.person.uuid(), service, place)
                    .await
            }
            Data::Device(data) => {
                self.list(Kind::Device, data.device.uuid(), service, place)
                    .await
            }
            Data::Plan(data) => {
                self.list(Kind::Plan, data.plan.uuid(), service, place)
                    .await
            }
            Data::Unlisted(data) => self.unlist(data.kind, data.of, at).await,
            Data::Enrolment(data) => {
                let (root, provider) = (&self.context.root, self.context.provider.id);
                // Its time is when it was written, also where a phone gives it back to a restored server: the same
                // key gets its first certificate again.
                let certificate = Certificate::issue(
                    root,
                    provider,
                    data.user,
                    data.device,
                    data.public,
                    head.made,
                );
                self.know_key(&certificate, &data.device_name)
                    .await
                    .map(|_| ())
            }
            Data::Release(data) => self.release(service, &data.digest, at).await,
            Data::Erasure(data) => self.erase(&data.ids).await,
            Data::Mismatch(_)
            | Data::Guidance(_)
            | Data::GuidanceRead(_)
            | Data::GuidanceWithdrawal(_)
            | Data::MismatchReview(_)
            | Data::MismatchCause(_)
            | Data::DeviceCheck(_)
            | Data::ActionDone(_)
            | Data::MismatchClose(_)
            | Data::Note(_)
            | Data::Amendment(_)
            | Data::Acknowledgement(_)
            | Data::DeviceUse(_)
            | Data::PlanUpdate(_)
            | Data::Withdrawal(_)
            | Data::Confirmation(_)
            | Data::Reminder(_)
            | Data::HandOver(_)
            | Data::PlanQuestion(_)
            | Data::QuestionReply(_)
            | Data::WarningAnswer(_)
            | Data::Held(_) => Ok(()),
        }
    }

    async fn staff_subject(&mut self, service: ServiceId, username: &str) -> Result<Uuid> {
        let code: Option<String> =
            sqlx::query_scalar("SELECT code FROM services WHERE service = ?")
                .bind(raw(service.uuid()))
                .fetch_optional(&mut self.connection)
                .await?;
        let key = format!("{username}\0{}", code.unwrap_or_default());
        Ok(SubjectId::of(self.context.provider.id, "staff", &key).uuid())
    }

    async fn list(
        &mut self,
        kind: Kind,
        subject: Uuid,
        service: ServiceId,
        place: i64,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO subjects (kind, subject, service, place, listed) VALUES (?1, ?2, ?3, ?4, 1)
             ON CONFLICT (kind, subject) DO UPDATE SET service = ?3, place = ?4, listed = 1",
        )
        .bind(kind.as_str())
        .bind(raw(subject))
        .bind(raw(service.uuid()))
        .bind(place)
        .execute(&mut self.connection)
        .await?;
        Ok(())
    }

    async fn unlist(&mut self, kind: Kind, of: Uuid, at: Millis) -> Result<()> {
        sqlx::query("UPDATE subjects SET listed = 0 WHERE kind = ? AND subject = ?")
            .bind(kind.as_str())
            .bind(raw(of))
            .execute(&mut self.connection)
            .await?;
        if kind != Kind::Staff {
            return Ok(());
        }
        let last = sqlx::query(
            "SELECT entries.service AS service, entries.body AS body FROM subjects JOIN entries USING (place)
             WHERE subjects.kind = ? AND subjects.subject = ?",
        )
        .bind(kind.as_str())
        .bind(raw(of))
        .fetch_optional(&mut self.connection)
        .await?;
        let Some(row) = last else { return Ok(()) };
        let service: ServiceId = rows::id(&row, "service")?;
        if let Some(Ok(Body {
            data: Data::Staff(staff),
            ..
        })) = row.try_get::<Option<&str>, _>("body")?.map(Body::parse)
        {
            self.set_roles(service, staff.user, &[], at).await?;
        }
        Ok(())
    }

    /// Ends what is no longer held and begins what is new; what stays keeps its beginning.
    async fn set_roles(
        &mut self,
        service: ServiceId,
        user: UserId,
        roles: &[Role],
        at: Millis,
    ) -> Result<()> {
        let current: Vec<String> = sqlx::query_scalar(
            "SELECT role FROM roles WHERE service = ? AND user = ? AND ended_at IS NULL",
        )
        .bind(raw(service.uuid()))
        .bind(raw(user.uuid()))
        .fetch_all(&mut self.connection)
        .await?;
        let wanted: Vec<&str> = roles.iter().map(|role| role.as_str()).collect();
        for role in current
            .iter()
            .filter(|role| !wanted.contains(&role.as_str()))
        {
            sqlx::query("UPDATE roles SET ended_at = ? WHERE service = ? AND user = ? AND role = ? AND ended_at IS NULL")
                .bind(at)
                .bind(raw(service.uuid()))
                .bind(raw(user.uuid()))
                .bind(role)
                .execute(&mut self.connection)
                .await?;
        }
        for role in wanted
            .into_iter()
            .filter(|role| !current.iter().any(|held| held == role))
        {
            // Twice in one millisecond is one tenure that goes on.
            sqlx::query(
                "INSERT INTO roles (service, user, role, granted_at, ended_at) VALUES (?, ?, ?, ?, NULL)
                 ON CONFLICT DO UPDATE SET ended_at = NULL",
            )
            .bind(raw(service.uuid()))
            .bind(raw(user.uuid()))
            .bind(role)
            .bind(at)
            .execute(&mut self.connection)
            .await?;
        }
        Ok(())
    }

    /// Drops the bodies of erased entries; head, signature, header and link stay.
    async fn erase(&mut self, ids: &[EntryId]) -> Result<()> {
        for id in ids {
            sqlx::query("INSERT OR IGNORE INTO erased (id, digest) SELECT id, digest FROM entries WHERE id = ?")
                .bind(raw(id.uuid()))
                .execute(&mut self.connection)
                .await?;
            sqlx::query("UPDATE entries SET salt = NULL, body = NULL WHERE id = ?")
                .bind(raw(id.uuid()))
                .execute(&mut self.connection)
                .await?;
            sqlx::query("UPDATE quarantine SET bytes = x'' WHERE id = ?")
                .bind(raw(id.uuid()))
                .execute(&mut self.connection)
                .await?;
        }
        Ok(())
    }

    // Quarantine ------------------------------------------------------------------------------------

    /// Keeps an arrival aside, and says so in the service's chain.
    pub async fn hold(
        &mut self,
        batch: &Batch,
        arrival: &Arrival,
        hold: &Hold,
        service_known: bool,
        now: Millis,
    ) -> Result<Digest> {
        let digest = match arrival.digest() {
            Some(digest) if !hold.under_bytes => digest,
            _ => arrival.raw_digest(),
        };
        let head = arrival.head();
        let first_received = batch.acknowledged.get(&digest).copied().unwrap_or(0);
        sqlx::query(
            "INSERT INTO quarantine (digest, bytes, id, author, service, device, code, reason, first_received, received)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(digest.0.to_vec())
        .bind(&arrival.bytes)
        .bind(head.map(|head| raw(head.id.uuid())))
        .bind(head.map(|head| raw(head.author.uuid())))
        .bind(head.map(|head| raw(head.service.uuid())))
        .bind(raw(batch.sender.unwrap_or(DeviceId::nil()).uuid()))
        .bind(hold.code)
        .bind(&hold.reason)
        .bind(first_received)
        .bind(now)
        .execute(&mut self.connection)
        .await?;
        let provider_chain = ServiceId::from(self.context.provider.id.uuid());
        let service = head
            .map(|head| head.service)
            .filter(|_| service_known)
            .unwrap_or(provider_chain);
        let held = Held {
            id: head.map(|head| head.id),
            author: head.map(|head| head.author),
            digest,
            code: hold.code.to_owned(),
        };
        let body = Body {
            about: None,
            files: Vec::new(),
            data: Data::Held(held),
        };
        self.write_own(service, fresh_id(now), body, now).await?;
        Ok(digest)
    }

    /// Appends what is held under the digest, with flag 4. What came damaged, names another provider or takes
    /// another entry's id stays where it is: it can never stand in a chain. So does what the server alone writes.
    async fn release(&mut self, service: ServiceId, digest: &Digest, now: Millis) -> Result<()> {
        let row = sqlx::query(
            "SELECT bytes, device, code, first_received FROM quarantine WHERE digest = ?",
        )
        .bind(digest.0.to_vec())
        .fetch_optional(&mut self.connection)
        .await?;
        let Some(row) = row else { return Ok(()) };
        if !matches!(row.try_get::<&str, _>("code")?, "not-permitted" | "revoked") {
            return Ok(());
        }
        let (sender, first_received): (DeviceId, Millis) =
            (rows::id(&row, "device")?, row.try_get("first_received")?);
        let Ok(element) = serde_json::from_slice::<Box<RawValue>>(row.try_get("bytes")?) else {
            // Erased meanwhile.
            return Ok(());
        };
        let arrival = Arrival::from_json(&element, self.context.provider.id);
        let Reading::Entry(entry) = &arrival.reading else {
            return Ok(());
        };
        // Its id may have been given away while it was held.
        let id_taken: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM entries WHERE id = ?)")
                .bind(raw(entry.head.id.uuid()))
                .fetch_one(&mut self.connection)
                .await?;
        if id_taken {
            return Ok(());
        }
        // An administrator of one service releases nothing into another.
        if entry.head.service != service {
            return Ok(());
        }
        let Ok(body) = Body::parse(&entry.body) else {
            return Ok(());
        };
        if !may_be_released(body.kind()) {
            return Ok(());
        }
        let mut flags = Flags::default().with(Flags::RELEASED);
        if entry.head.skew.is_none() {
            flags = flags.with(Flags::UNCERTAIN);
        }
        if first_received != 0 {
            flags = flags.with(Flags::AGAIN);
        }
        let append = Append {
            flags,
            carrier: Some(sender).filter(|sender| *sender != entry.head.device),
            first_received,
            body: Some(body),
        };
        // Boxed: an entry appended from within an append.
        Box::pin(self.append(entry, &append, now)).await?;
        sqlx::query("DELETE FROM quarantine WHERE digest = ?")
            .bind(digest.0.to_vec())
            .execute(&mut self.connection)
            .await?;
        Ok(())
    }

    // The server's own entries ------------------------------------------------------------------------

    /// Appends entries by the server's author.
    pub async fn append_server(&mut self, entries: Vec<NewServerEntry>) -> Result<()> {
        let now = clock::now();
        for NewServerEntry { service, id, body } in entries {
            self.write_own(service, id, body, now).await?;
        }
        Ok(())
    }

    async fn write_own(
        &mut self,
        service: ServiceId,
        id: EntryId,
        body: Body,
        now: Millis,
    ) -> Result<()> {
        let n: i64 = sqlx::query_scalar("UPDATE provider SET n = n + 1 RETURNING n")
            .fetch_one(&mut self.connection)
            .await?;
        let provider = self.context.provider.id;
        let head = Head {
            provider,
            service,
            id,
            author: UserId::from(provider.uuid()),
            device: DeviceId::nil(),
            key: self.context.author.id(),
            n: u64::try_from(n).map_err(|_| StoreError::Corrupt("a negative count"))?,
            made: now,
            skew: Some(0),
            beacon: Beacon {
                time: 0,
                mac: Bytes([0; 16]),
            },
            length: 0,
            commit: Bytes([0; 32]),
        };
        let salt: Salt = Bytes(clock::random());
        let entry = sign(head, body.to_text(), salt, &self.context.author);
        let append = Append {
            flags: Flags::default(),
            carrier: None,
            first_received: 0,
            body: Some(body),
        };
        // Boxed: held and enrolment entries are written while another is judged.
        Box::pin(self.append(&entry, &append, now)).await?;
        Ok(())
    }

    // Devices, keys, sessions ---------------------------------------------------------------------------

    /// A key that a certificate of this provider's root introduces is enrolled before its entry is filed.
    pub async fn introduce(
        &mut self,
        certificate: Option<&Certificate>,
        now: Millis,
    ) -> Result<()> {
        let Some(certificate) = certificate else {
            return Ok(());
        };
        if self.know_key(certificate, "").await? {
            self.write_enrolment(certificate, "", now).await?;
        }
        Ok(())
    }

    /// Remembers a key with its first certificate. False if it is known already.
    async fn know_key(&mut self, certificate: &Certificate, device_name: &str) -> Result<bool> {
        sqlx::query(
            "INSERT INTO devices (device, name, kind, state, registered, contact, waiting, waiting_oldest)
             VALUES (?, ?, '', 'in_use', ?, ?, 0, NULL) ON CONFLICT DO NOTHING",
        )
        .bind(raw(certificate.device.uuid()))
        .bind(device_name)
        .bind(certificate.time)
        .bind(certificate.time)
        .execute(&mut self.connection)
        .await?;
        let written = sqlx::query(
            "INSERT INTO keys (key, public, user, device, enrolled, certificate, highest) VALUES (?, ?, ?, ?, ?, ?, 0)
             ON CONFLICT DO NOTHING",
        )
        .bind(key_id(&certificate.public).0.to_vec())
        .bind(certificate.public.0.to_vec())
        .bind(raw(certificate.user.uuid()))
        .bind(raw(certificate.device.uuid()))
        .bind(certificate.time)
        .bind(certificate.to_bytes().to_vec())
        .execute(&mut self.connection)
        .await?;
        Ok(written.rows_affected() == 1)
    }

    async fn write_enrolment(
        &mut self,
        certificate: &Certificate,
        device_name: &str,
        now: Millis,
    ) -> Result<()> {
        let body = Body {
            about: None,
            files: Vec::new(),
            data: Data::Enrolment(Enrolment {
                user: certificate.user,
                device: certificate.device,
                device_name: device_name.to_owned(),
                key: key_id(&certificate.public),
                public: certificate.public,
            }),
        };
        let service = ServiceId::from(self.context.provider.id.uuid());
        self.write_own(service, fresh_id(now), body, now).await
    }

    /// Enrols a key whose proof holds. The same user, device and key get their first certificate again.
    pub async fn enrol(
        &mut self,
        user: UserId,
        device: DeviceId,
        public: PublicKey,
    ) -> Result<Enrolled> {
        let now = clock::now();
        let row = sqlx::query("SELECT user, device, certificate FROM keys WHERE key = ?")
            .bind(key_id(&public).0.to_vec())
            .fetch_optional(&mut self.connection)
            .await?;
        if let Some(row) = row {
            if rows::id::<UserId>(&row, "user")? != user
                || rows::id::<DeviceId>(&row, "device")? != device
            {
                return Ok(Enrolled::KeyTaken);
            }
            let certificate = Certificate::parse(row.try_get("certificate")?)
                .map_err(|_| StoreError::Corrupt("a certificate out of shape"))?;
            return Ok(Enrolled::Done(Some(certificate)));
        }
        let certificate = Certificate::issue(
            &self.context.root,
            self.context.provider.id,
            user,
            device,
            public,
            now,
        );
        let name: Option<String> = sqlx::query_scalar("SELECT name FROM devices WHERE device = ?")
            .bind(raw(device.uuid()))
            .fetch_optional(&mut self.connection)
            .await?;
        let name = name.unwrap_or_default();
        self.know_key(&certificate, &name).await?;
        self.write_enrolment(&certificate, &name, now).await?;
        Ok(Enrolled::Done(Some(certificate)))
    }

    /// Starts a session, registers its device and enrols its key. Nothing is written unless all of it stands.
    pub async fn start_session(&mut self, session: NewSession) -> Result<Enrolled> {
        let now = clock::now();
        let device = raw(session.device.id.uuid());
        let known: bool =
            sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM devices WHERE device = ?)")
                .bind(&device)
                .fetch_one(&mut self.connection)
                .await?;
        if known && !session.device.known_by_token {
            return Ok(Enrolled::DeviceTaken);
        }
        if let Some(public) = &session.author_key {
            let owner = sqlx::query("SELECT user, device FROM keys WHERE key = ?")
                .bind(key_id(public).0.to_vec())
                .fetch_optional(&mut self.connection)
                .await?;
            if let Some(row) = owner
                && (rows::id::<UserId>(&row, "user")? != session.user
                    || rows::id::<DeviceId>(&row, "device")? != session.device.id)
            {
                return Ok(Enrolled::KeyTaken);
            }
        }
        sqlx::query(
            "INSERT INTO devices (device, name, kind, state, registered, contact, waiting, waiting_oldest)
             VALUES (?1, ?2, ?3, 'in_use', ?4, ?4, 0, NULL)
             ON CONFLICT (device) DO UPDATE SET name = ?2, kind = ?3, contact = ?4",
        )
        .bind(&device)
        .bind(&session.device.name)
        .bind(&session.device.kind)
        .bind(now)
        .execute(&mut self.connection)
        .await?;
        sqlx::query(
            "INSERT INTO sessions (token, user, device, started, seen) VALUES (?1, ?2, ?3, ?4, ?4)",
        )
        .bind(session.token.0.to_vec())
        .bind(raw(session.user.uuid()))
        .bind(&device)
        .bind(now)
        .execute(&mut self.connection)
        .await?;
        match session.author_key {
            Some(public) => self.enrol(session.user, session.device.id, public).await,
            None => Ok(Enrolled::Done(None)),
        }
    }

    pub async fn note_waiting(
        &mut self,
        device: DeviceId,
        waiting: &WaitingReport,
        now: Millis,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE devices SET contact = ?, waiting = ?, waiting_oldest = ? WHERE device = ?",
        )
        .bind(now)
        .bind(rows::number(waiting.count))
        .bind(waiting.oldest)
        .bind(raw(device.uuid()))
        .execute(&mut self.connection)
        .await?;
        for (key, highest) in &waiting.n {
            sqlx::query("UPDATE keys SET highest = max(highest, ?) WHERE key = ? AND device = ?")
                .bind(rows::number(*highest))
                .bind(key.0.to_vec())
                .bind(raw(device.uuid()))
                .execute(&mut self.connection)
                .await?;
        }
        Ok(())
    }
}

/// Whose phone was told that this stands here: the author's; of what is held, its author's.
pub fn stands_for(head: &Head, append: &Append) -> Option<UserId> {
    match &append.body {
        _ if head.device != DeviceId::nil() => Some(head.author),
        Some(Body {
            data: Data::Held(held),
            ..
        }) => held.author,
        _ => None,
    }
}

fn fresh_id(now: Millis) -> EntryId {
    EntryId::new(now, clock::random())
}
