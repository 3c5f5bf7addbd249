//! One builder: a server on a free port over a database of its own, with services and staff.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use holdfast_domain::{
    body::{AnswerTimes, Body, Data, Kind, Service, ServiceKind, Staff},
    ids::{EntryId, ProviderId, ServiceId, SubjectId, UserId},
    keys::RootSecret,
    permission::Role,
};
use holdfast_server::{
    clock, passwords,
    serve::{default_origins, serve},
    sqlite::Sqlite,
    store::{NewServerEntry, Store},
};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::http::{Request, Response};

pub const PASSWORD: &str = "a password for tests";

/// A running server with its database; both go when it is dropped.
pub struct TestApp {
    pub address: SocketAddr,
    pub store: Arc<Sqlite>,
    pub root: RootSecret,
    pub provider: ProviderId,
    pub stop: watch::Sender<bool>,
    pub running: Option<JoinHandle<()>>,
    pub folder: TempDir,
}

/// What a new entry of the server's own needs.
pub fn server_entry(service: ServiceId, body: Body) -> NewServerEntry {
    NewServerEntry {
        service,
        id: EntryId::new(clock::now(), clock::random()),
        body,
    }
}

impl TestApp {
    /// Starts with nobody and nothing.
    pub async fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self::over(folder, RootSecret::new(clock::random())).await
    }

    /// Starts over an existing folder, as after a restart.
    pub async fn over(folder: TempDir, root: RootSecret) -> Self {
        let store = Arc::new(
            Sqlite::open(&folder.path().join("holdfast.db"), root.clone())
                .await
                .expect("a database"),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (stop, stopping) = watch::channel(false);
        let shared: Arc<dyn Store> = store.clone();
        let served_root = root.clone();
        let running = tokio::spawn(async move {
            serve(
                listener,
                shared,
                served_root,
                default_origins(address),
                stopping,
            )
            .await
            .expect("served to the end");
        });
        let provider = store.provider().id;
        Self {
            address,
            store,
            root,
            provider,
            stop,
            running: Some(running),
            folder,
        }
    }

    /// Starts with services `NORTH` and `SOUTH`; the given people have the given roles in `NORTH`.
    pub async fn with(staff: &[(&str, &[Role])]) -> Self {
        let app = Self::empty().await;
        app.add_service("NORTH").await;
        app.add_service("SOUTH").await;
        for (username, roles) in staff {
            app.give("NORTH", username, roles).await;
        }
        app.set_passwords().await;
        app
    }

    pub fn service(&self, code: &str) -> ServiceId {
        ServiceId::of(self.provider, code)
    }

    pub fn user(&self, username: &str) -> UserId {
        UserId::of(self.provider, username)
    }

    pub fn database(&self) -> PathBuf {
        self.folder.path().join("holdfast.db")
    }

    pub async fn append(&self, entries: Vec<NewServerEntry>) {
        self.store.append_server(entries).await.expect("appended");
    }

    pub async fn add_service(&self, code: &str) {
        self.append(vec![server_entry(
            self.service(code),
            self.service_body(code),
        )])
        .await;
    }

    pub fn service_body(&self, code: &str) -> Body {
        let manager = self.user("registered-manager");
        Body::about(
            self.service(code).uuid(),
            Data::Service(Service {
                code: code.to_owned(),
                name: format!("{code} house"),
                kind: ServiceKind::Residential,
                cqc_location_id: "1-100000001".to_owned(),
                on_call_name: "On call".to_owned(),
                on_call_contact: "01632 960001".to_owned(),
                registered_manager: manager,
                second_decider: manager,
                safeguarding_contact: "01632 960002".to_owned(),
                commissioner_contact: "01632 960003".to_owned(),
                answer_times: AnswerTimes::default(),
            }),
        )
    }

    pub fn staff_body(&self, code: &str, username: &str, roles: &[Role]) -> Body {
        Body::about(
            SubjectId::of(self.provider, "staff", &format!("{username}\0{code}")).uuid(),
            Data::Staff(Staff {
                user: self.user(username),
                username: username.to_owned(),
                display_name: format!("{username} of {code}"),
                roles: roles.to_vec(),
            }),
        )
    }

    /// Gives a person exactly these roles in a service.
    pub async fn give(&self, code: &str, username: &str, roles: &[Role]) {
        self.append(vec![server_entry(
            self.service(code),
            self.staff_body(code, username, roles),
        )])
        .await;
    }

    /// Everybody has the same password; hashed once for the whole test run.
    pub async fn set_passwords(&self) {
        static HASH: std::sync::OnceLock<String> = std::sync::OnceLock::new();
        let hash = HASH.get_or_init(|| passwords::hash(PASSWORD).expect("a hash"));
        for user in self.store.users().await.expect("users") {
            assert!(
                self.store
                    .set_password(&user.username, hash)
                    .await
                    .expect("set")
            );
        }
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub async fn send(&self, request: Request) -> Response {
        request.send(self.address).await
    }

    pub async fn get(&self, path: &str) -> Response {
        self.send(Request::new("GET", path)).await
    }

    /// Stops the server and closes its database; gives the folder back for a restart.
    pub async fn shut_down(mut self) -> (TempDir, RootSecret) {
        self.stop.send_replace(true);
        if let Some(running) = self.running.take() {
            running.await.expect("stopped in good order");
        }
        (self.folder, self.root)
    }

    /// How many entries of a kind the log of a service has.
    pub async fn count(&self, kind: Kind) -> i64 {
        sqlx::query_scalar("SELECT count(*) FROM entries WHERE kind = ?")
            .bind(kind.as_str())
            .fetch_one(self.store.readers())
            .await
            .expect("a count")
    }
}
