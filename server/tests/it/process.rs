//! The real binary as a process of its own, over a database that a test prepared.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

use holdfast_domain::{ids::ServiceId, keys::RootSecret, permission::Role};

use crate::support::TestApp;

/// The real binary, serving a database.
pub struct Process {
    child: Child,
    pub address: SocketAddr,
}

impl Process {
    pub fn start(database: &Path, environment: &[(&str, &Path)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        command.envs(environment.iter().copied());
        Self::start_by(command, database)
    }

    /// As `start`, by a command that ends in running the binary with the arguments it is given.
    pub fn start_by(mut command: Command, database: &Path) -> Self {
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--database"])
            .arg(format!("sqlite://{}", database.display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut line)
            .expect("it says where it is");
        let address = line
            .trim()
            .rsplit_once("http://")
            .expect("an address")
            .1
            .parse()
            .expect("an address");
        Self { child, address }
    }

    /// Ends it as a power cut would.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("gone");
    }

    /// Ends it as an operator would, and gives how it ended.
    pub fn terminate(mut self) -> Option<i32> {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .expect("kill")
                .success()
        );
        self.child.wait().expect("gone").code()
    }
}

/// Writes the root secret where the binary looks for it.
pub fn write_key_file(database: &Path, seed: [u8; 32]) {
    use std::os::unix::fs::PermissionsExt;
    let file = holdfast_server::roots::default_file(database);
    fs::write(&file, holdfast_domain::encoding::Bytes(seed).to_string()).expect("written");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).expect("set");
}

/// A database with a worker in it and no server over it; gives the service.
pub async fn prepared(seed: [u8; 32]) -> (tempfile::TempDir, ServiceId) {
    let app = TestApp::over(
        tempfile::tempdir().expect("a folder"),
        RootSecret::new(seed),
    )
    .await;
    app.add_service("NORTH").await;
    app.give("NORTH", "worker", &[Role::SupportWorker]).await;
    app.set_passwords().await;
    write_key_file(&app.database(), seed);
    let service = app.service("NORTH");
    (app.shut_down().await.0, service)
}
