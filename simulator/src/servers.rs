//! The real server, twice over one database file: routers, stores, kills, restores and imports.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::{Router, body::Body, body::to_bytes, http::Request, http::header};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use holdfast_domain::encoding::{Digest, Millis, PublicKey, sha256};
use holdfast_domain::ids::{DeviceId, UserId};
use holdfast_domain::keys::RootSecret;
use holdfast_domain::wire::{MAX_REQUEST, SessionAnswer};
use holdfast_server::app::{App, Parts};
use holdfast_server::clock::{self, simulated};
use holdfast_server::live::Live;
use holdfast_server::passwords::Passwords;
use holdfast_server::session::Origins;
use holdfast_server::sqlite::Sqlite;
use holdfast_server::store::{Enrolled, NewDevice, NewSession, Provider, Store};
use holdfast_server::verify::{Report, verify};
use holdfast_server::{import, tries::Tries};
use tokio::sync::watch;
use tower::ServiceExt as _;

const ORIGIN: &str = "http://simulated";

/// What a request came back with.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub content_type: Option<String>,
    pub retry_after: Option<u64>,
    pub body: String,
}

struct Process {
    store: Arc<Sqlite>,
    router: Router,
}

/// The bytes of a database's files at one moment, as a bare copy has them.
#[derive(Clone)]
pub struct Copy {
    database: Vec<u8>,
    log: Option<Vec<u8>>,
}

/// All processes of one provider's server.
pub struct Servers {
    folder: tempfile::TempDir,
    /// Counts the places the file has been at: each kill and restore moves it.
    place: u32,
    root: RootSecret,
    passwords: Passwords,
    processes: Vec<Process>,
}

/// A session as the phone keeps it.
pub struct SignedIn {
    pub cookie: String,
    pub answer: SessionAnswer,
}

fn folder() -> std::io::Result<tempfile::TempDir> {
    // Nothing of a simulated run must outlive a power cut.
    match Path::new("/dev/shm") {
        memory if memory.is_dir() => tempfile::tempdir_in(memory),
        _ => tempfile::tempdir(),
    }
}

impl Servers {
    /// Starts over an empty database.
    pub async fn start(root: RootSecret, passwords: Passwords) -> Result<Self> {
        let mut servers = Self {
            folder: folder()?,
            place: 0,
            root,
            passwords,
            processes: Vec::new(),
        };
        servers.open().await?;
        Ok(servers)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join(format!("{}.db", self.place))
    }

    async fn open(&mut self) -> Result<()> {
        for _ in 0..2 {
            let store = Arc::new(Sqlite::open(&self.path(), self.root.clone()).await?);
            // Nobody listens to the live signal here, so it stops at once.
            let (_, stopping) = watch::channel(true);
            let shared: Arc<dyn Store> = store.clone();
            let app = App::new(Parts {
                store: Arc::clone(&shared),
                root: self.root.clone(),
                origins: Origins::new([ORIGIN.to_owned()]),
                passwords: self.passwords.clone(),
                tries: Tries::default(),
                live: Live::start(shared, stopping),
            });
            self.processes.push(Process {
                store,
                router: app.router(),
            });
        }
        Ok(())
    }

    /// Closes all processes. What they had not answered they never will.
    async fn close(&mut self) {
        for process in self.processes.drain(..) {
            process.store.readers().close().await;
        }
    }

    /// The database by one of the processes.
    pub fn a_store(&self) -> &Arc<Sqlite> {
        &self.processes[0].store
    }

    pub fn provider(&self) -> Provider {
        self.a_store().provider()
    }

    pub fn root(&self) -> &RootSecret {
        &self.root
    }

    pub fn readers(&self) -> &sqlx::SqlitePool {
        self.a_store().readers()
    }

    /// The files as they lie on the disk now.
    pub fn copy(&self) -> Result<Copy> {
        let path = self.path();
        Ok(Copy {
            database: std::fs::read(&path)?,
            log: std::fs::read(with_suffix(&path, "-wal")).ok(),
        })
    }

    /// Kills the processes and starts them over the files as they lie there, or over an earlier copy of them.
    pub async fn restart(&mut self, over: Copy) -> Result<()> {
        self.place += 1;
        let path = self.path();
        std::fs::write(&path, &over.database)?;
        if let Some(log) = &over.log {
            std::fs::write(with_suffix(&path, "-wal"), log)?;
        }
        self.close().await;
        self.open().await
    }

    /// Sends one sync request to one of the processes.
    pub async fn sync(
        &self,
        process: usize,
        cookie: &str,
        body: String,
        now: Millis,
    ) -> Result<Reply> {
        simulated::set(now);
        let request = Request::post("/api/v1/sync")
            .header(header::ORIGIN, ORIGIN)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::COOKIE, format!("holdfast={cookie}"))
            .body(Body::from(body))?;
        self.send(process, request).await
    }

    async fn send(&self, process: usize, request: Request<Body>) -> Result<Reply> {
        let process = &self.processes[process % self.processes.len()];
        let response = process.router.clone().oneshot(request).await?;
        let header = |name| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        let content_type = header(header::CONTENT_TYPE);
        let retry_after = header(header::RETRY_AFTER).and_then(|text| text.parse().ok());
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), 16 * MAX_REQUEST).await?;
        Ok(Reply {
            status,
            content_type,
            retry_after,
            body: String::from_utf8(body.to_vec())?,
        })
    }

    /// Signs somebody in whose password is right. None where the server refuses: no role in any service.
    pub async fn sign_in(
        &self,
        user: UserId,
        device: DeviceId,
        key: PublicKey,
        now: Millis,
    ) -> Result<Option<SignedIn>> {
        simulated::set(now);
        if self.a_store().scope(user).await?.is_empty() {
            return Ok(None);
        }
        let token = clock::random::<32>();
        let session = NewSession {
            token: sha256(&[&token]),
            user,
            device: NewDevice {
                id: device,
                name: "Phone".to_owned(),
                kind: "phone".to_owned(),
                known_by_token: true,
            },
            author_key: Some(key),
        };
        let Enrolled::Done(certificate) = self.a_store().start_session(session).await? else {
            anyhow::bail!("device and key are this phone's own");
        };
        let cookie = URL_SAFE_NO_PAD.encode(token);
        let request = Request::get("/api/v1/session")
            .header(header::COOKIE, format!("holdfast={cookie}"))
            .body(Body::empty())?;
        let reply = self.send(0, request).await?;
        let mut answer: SessionAnswer =
            serde_json::from_str(&reply.body).with_context(|| reply.body.clone())?;
        answer.certificate = certificate;
        Ok(Some(SignedIn { cookie, answer }))
    }

    /// Imports files by a process of its own.
    pub async fn import(&self, files: &BTreeMap<String, Vec<u8>>, now: Millis) -> Result<()> {
        simulated::set(now);
        let beside = Sqlite::open(&self.path(), self.root.clone()).await?;
        import::take(&beside, files, now).await?;
        beside.readers().close().await;
        Ok(())
    }

    /// A device is taken out of use: `retired`, or `lost`.
    pub async fn end_device(&self, device: DeviceId, state: &str) -> Result<()> {
        let mut connection = sqlx::SqliteConnection::connect_file(&self.path()).await?;
        sqlx::query("UPDATE devices SET state = ? WHERE device = ?")
            .bind(state)
            .bind(device.uuid().as_bytes().to_vec())
            .execute(&mut connection)
            .await?;
        sqlx::Connection::close(connection).await?;
        Ok(())
    }

    /// What `holdfast verify` finds.
    pub async fn verify(&self) -> Result<Report> {
        Ok(verify(self.readers(), self.provider(), &self.root, &[]).await?)
    }

    /// The digests in quarantine.
    pub async fn quarantine(&self) -> Result<Vec<(Digest, String)>> {
        let rows: Vec<(Vec<u8>, String)> = sqlx::query_as("SELECT digest, code FROM quarantine")
            .fetch_all(self.readers())
            .await?;
        rows.into_iter()
            .map(|(digest, code)| Ok((bytes(&digest)?, code)))
            .collect()
    }
}

/// A fixed number of bytes of a column.
pub fn bytes<const N: usize>(column: &[u8]) -> Result<holdfast_domain::encoding::Bytes<N>> {
    holdfast_domain::encoding::Bytes::from_slice(column).context("a column of another length")
}

trait ConnectFile: Sized {
    async fn connect_file(path: &Path) -> sqlx::Result<Self>;
}

impl ConnectFile for sqlx::SqliteConnection {
    async fn connect_file(path: &Path) -> sqlx::Result<Self> {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        sqlx::ConnectOptions::connect(&options).await
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
