//! The command line. Exit 0: done; 1: not done, and standard error says why; 2: wrong usage.

use std::{
    collections::BTreeMap,
    fmt::Display,
    io::{self, BufRead, IsTerminal, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand, builder::BoolishValueParser};
use holdfast_domain::{body::Kind, keys::RootSecret};
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use crate::{
    clock, demo, import, passwords, roots,
    serve::{self, default_origins},
    session::Origins,
    sqlite::{Sqlite, path_of},
    store::Store,
    verify::{self, ChainHead},
};

/// Records while the care record is away: the server and its tools.
#[derive(Parser)]
#[command(name = "holdfast", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the app and its interface until told to stop.
    Serve(Serve),
    /// Read the CSV files of a folder, all or nothing.
    Import(Import),
    /// Set passwords, list who may sign in.
    User(User),
    /// Compute every chain again; name the first entry that is not as it was signed.
    ///
    /// Finds entries that were changed, removed, put in or moved. The last entries of a chain removed together with its
    /// head, and a chain computed again as a whole, are found by a kept head alone (--head). Not looked at: what stands
    /// beside the log (roles, passwords, sessions, devices, quarantine, and keys that no entry is signed with). Whoever holds the root secret can sign as the server.
    Verify(Verify),
}

#[derive(Args)]
struct Database {
    /// The database: sqlite://PATH. `serve` and `import` make it where it is not.
    #[arg(
        long,
        value_name = "URL",
        env = "HOLDFAST_DATABASE",
        default_value = "sqlite://holdfast.db",
        value_parser = path_of
    )]
    database: PathBuf,
    /// The file of the root secret; by default beside the database, with `.root` at its end. No backup should hold it.
    #[arg(long, value_name = "FILE", env = "HOLDFAST_KEYS")]
    keys: Option<PathBuf>,
}

#[derive(Args)]
struct Serve {
    #[command(flatten)]
    database: Database,
    /// Where to listen.
    #[arg(
        long,
        value_name = "ADDR",
        env = "HOLDFAST_LISTEN",
        default_value = "127.0.0.1:8080"
    )]
    listen: SocketAddr,
    /// An address that browsers reach this server by, such as https://holdfast.example.org; may be given more than once.
    #[arg(
        long,
        value_name = "URL",
        env = "HOLDFAST_ORIGIN",
        value_delimiter = ',',
        value_parser = origin
    )]
    origin: Vec<String>,
    /// Import the demo provider and let its accounts sign in with the password holdfast-demo. Refused where the database
    /// holds a provider's own records.
    #[arg(long, env = "HOLDFAST_DEMO", value_parser = BoolishValueParser::new())]
    demo: bool,
}

/// An origin as browsers write it: `https://` or `http://`, a host in small letters, a port unless it is the usual one,
/// and nothing after it.
fn origin(given: &str) -> Result<String, String> {
    let given = given.to_ascii_lowercase();
    let (scheme, usual, host) = [("https://", ":443"), ("http://", ":80")]
        .into_iter()
        .find_map(|(scheme, port)| Some((scheme, port, given.strip_prefix(scheme)?)))
        .ok_or("it begins with https:// (or http://)")?;
    let host = host.strip_suffix('/').unwrap_or(host);
    let host = host.strip_suffix(usual).unwrap_or(host);
    if !host.is_ascii() {
        return Err(
            "a name with other letters is written as browsers do, such as xn--bcher-kva.example"
                .to_owned(),
        );
    }
    if host.is_empty() || host.contains(['/', '?', '#', '@', ' ']) {
        return Err("it is a host, perhaps with a port, and nothing after it".to_owned());
    }
    Ok(format!("{scheme}{host}"))
}

#[derive(Args)]
struct Import {
    /// The folder with services.csv, staff.csv, people.csv and the others.
    dir: PathBuf,
    #[command(flatten)]
    database: Database,
}

#[derive(Args)]
struct User {
    #[command(subcommand)]
    command: UserCommand,
}

#[derive(Subcommand)]
enum UserCommand {
    /// Set a user's password, read from standard input or asked for.
    SetPassword {
        username: String,
        #[command(flatten)]
        database: Database,
    },
    /// List usernames, names, and whether a password is set.
    List {
        #[command(flatten)]
        database: Database,
    },
}

#[derive(Args)]
struct Verify {
    #[command(flatten)]
    database: Database,
    /// Heads that an earlier `verify` wrote (service, sequence, link on each line): they must still stand. May be given more than once.
    #[arg(long, value_name = "FILE")]
    head: Vec<PathBuf>,
    /// Write the heads to this file if all is whole. Keep it away from this machine. A file that is there already is
    /// replaced only if it is named by --head as well, and so was compared.
    #[arg(long, value_name = "FILE")]
    write_head: Option<PathBuf>,
}

/// Reads the arguments, runs the command and says how it ended.
pub fn main() -> ExitCode {
    // clap itself ends with 2 where the usage is wrong.
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .json()
        .with_span_list(false)
        .with_env_filter(
            EnvFilter::try_from_env("HOLDFAST_LOG")
                .unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn")),
        )
        .with_writer(io::stderr)
        .init();
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return not_done(error),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(command) => serve(command).await,
            Command::Import(command) => return import(command).await,
            Command::User(command) => user(command.command).await,
            Command::Verify(command) => return verify(command).await,
        }
        .map(|()| ExitCode::SUCCESS)
    });
    done.unwrap_or_else(|error| not_done(causes(&error)))
}

/// An error with its causes, each said once: some carry their cause's words already.
fn causes(error: &anyhow::Error) -> String {
    let mut said = String::new();
    for cause in error.chain().map(ToString::to_string) {
        if said.is_empty() {
            said = cause;
        } else if !said.ends_with(&cause) {
            said = format!("{said}: {cause}");
        }
    }
    said
}

/// Writes a line to standard output. Nobody reading it any more, as in `holdfast user list | head`, is no fault.
fn say(line: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{line}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

fn not_done(why: impl Display) -> ExitCode {
    eprintln!("holdfast: {why}");
    ExitCode::FAILURE
}

impl Database {
    async fn open(&self) -> anyhow::Result<(Sqlite, RootSecret)> {
        self.open_path(&self.database).await
    }

    /// Opens what must be there already.
    async fn open_existing(&self) -> anyhow::Result<(Sqlite, RootSecret)> {
        let path = &self.database;
        if !path.is_file() {
            bail!("there is no database at {}", path.display());
        }
        self.open_path(path).await
    }

    async fn open_path(&self, path: &Path) -> anyhow::Result<(Sqlite, RootSecret)> {
        let file = self
            .keys
            .clone()
            .unwrap_or_else(|| roots::default_file(path));
        let opened = roots::open(&file, path.is_file())?;
        if let Some(kit) = &opened.recovery_kit {
            eprint!("{kit}");
        }
        let store = Sqlite::open(path, opened.root.clone()).await?;
        Ok((store, opened.root))
    }
}

async fn serve(command: Serve) -> anyhow::Result<()> {
    let listener = TcpListener::bind(command.listen)
        .await
        .with_context(|| format!("cannot listen on {}", command.listen))?;
    let (store, root) = command.database.open().await?;
    let store: Arc<dyn Store> = Arc::new(store);
    if command.demo {
        load_demo(&*store).await?;
    }
    let stop = serve::stop_at_signals()?;
    let address = listener.local_addr()?;
    let origins = if command.origin.is_empty() {
        default_origins(address)
    } else {
        Origins::new(command.origin)
    };
    tracing::info!(%address, "listening");
    say(format_args!(
        "Holdfast is at {}",
        origins
            .all()
            .first()
            .map_or_else(|| format!("http://{address}"), Clone::clone)
    ))?;
    serve::serve(listener, store, root, origins, stop).await?;
    tracing::info!("stopped");
    Ok(())
}

async fn load_demo(store: &dyn Store) -> anyhow::Result<()> {
    let now = clock::now();
    let files = demo::files(now);
    if holds_others(store, &files).await? {
        bail!(
            "this database holds a provider's own records; --demo would take all of them off every phone. \
             Serve it without --demo, or give the demo a database of its own"
        );
    }
    import::take(store, &files, now)
        .await
        .context("the demo provider's files")?;
    // One hash for all: the demo's password is public.
    let hash = passwords::hash(demo::PASSWORD)
        .map_err(|error| anyhow::anyhow!("the demo password cannot be hashed: {error}"))?;
    for user in store
        .users()
        .await?
        .into_iter()
        .filter(|user| user.password.is_none())
    {
        store.set_password(&user.username, &hash).await?;
    }
    Ok(())
}

/// Whether a service is listed that the demo does not have: an import says of what its files lack that it is gone.
async fn holds_others(store: &dyn Store, demo: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<bool> {
    let demo = import::parse(demo, store.provider().id).map_err(import::Failure::Faults)?;
    let listed = store.current_subjects(Kind::Service).await?;
    Ok(listed.keys().any(|service| {
        demo.listed
            .iter()
            .all(|item| item.body.kind() != Kind::Service || item.subject != *service)
    }))
}

async fn import(command: Import) -> anyhow::Result<ExitCode> {
    if !command.dir.is_dir() {
        bail!("there is no folder {}", command.dir.display());
    }
    let (store, _) = command.database.open().await?;
    match import::run(&store, &command.dir, clock::now()).await {
        Ok(changes) => say(format_args!("{changes}"))?,
        // Each line as it is, `file:line:column: message`, so that an editor finds the place.
        Err(import::Failure::Faults(faults)) => {
            for fault in &faults {
                eprintln!("{fault}");
            }
            return Ok(ExitCode::FAILURE);
        }
        Err(failure) => return Err(failure.into()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn user(command: UserCommand) -> anyhow::Result<()> {
    match command {
        UserCommand::SetPassword { username, database } => {
            let (store, _) = database.open_existing().await?;
            let password = read_password(&username)?;
            if password.chars().count() < 8 {
                bail!("a password has at least 8 characters");
            }
            let hash = passwords::hash(&password)
                .map_err(|error| anyhow::anyhow!("the password cannot be hashed: {error}"))?;
            if !store.set_password(&username, &hash).await? {
                bail!("there is no user {username}; import the staff file first");
            }
            say(format_args!(
                "The password of {username} is set. Phones that were signed in sign in again with it."
            ))?;
        }
        UserCommand::List { database } => {
            let (store, _) = database.open_existing().await?;
            for user in store.users().await? {
                let password = if user.password.is_some() {
                    "password set"
                } else {
                    "no password"
                };
                say(format_args!(
                    "{}\t{}\t{password}",
                    user.username, user.display_name
                ))?;
            }
        }
    }
    Ok(())
}

fn read_password(username: &str) -> anyhow::Result<String> {
    if io::stdin().is_terminal() {
        eprint!("New password for {username} (shown as you type): ");
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

async fn verify(command: Verify) -> anyhow::Result<ExitCode> {
    if let Some(file) = &command.write_head
        && file.exists()
        && !command.head.contains(file)
    {
        bail!(
            "{} is there already; name it by --head as well, so that it is compared before it is replaced",
            file.display()
        );
    }
    let (store, root) = command.database.open_existing().await?;
    let mut kept = Vec::new();
    for file in &command.head {
        kept.extend(kept_heads(file)?);
    }
    let report = verify::verify(store.readers(), store.provider(), &root, &kept).await?;
    for head in &report.heads {
        say(format_args!("{head}"))?;
    }
    for fault in &report.faults {
        eprintln!("holdfast: {fault}");
    }
    let (chains, entries) = (report.heads.len(), report.entries);
    if !report.faults.is_empty() {
        return Ok(ExitCode::FAILURE);
    }
    eprintln!("{entries} entries in {chains} chains are as they were signed.");
    if command.head.is_empty() {
        eprintln!("{}", verify::BLIND_SPOTS);
    } else {
        eprintln!("The {} kept heads stand in them.", kept.len());
    }
    if let Some(file) = &command.write_head {
        write_heads(file, &report.heads)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn kept_heads(file: &Path) -> anyhow::Result<Vec<ChainHead>> {
    let heads: Vec<ChainHead> = std::fs::read_to_string(file)
        .with_context(|| format!("cannot read {}", file.display()))?
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(str::parse)
        .collect::<Result<_, String>>()
        .map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    if heads.is_empty() {
        bail!("{} holds no head", file.display());
    }
    Ok(heads)
}

/// Writes beside the file first, so that a full disk costs no head that was kept.
fn write_heads(file: &Path, heads: &[ChainHead]) -> anyhow::Result<()> {
    let mut text = "# Heads of Holdfast's chains: service, sequence, link. Check with: holdfast verify --head FILE\n".to_owned();
    for head in heads {
        text.push_str(&format!("{head}\n"));
    }
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let written = std::fs::File::create(&beside)
        .and_then(|mut open| {
            open.write_all(text.as_bytes())
                .and_then(|()| open.sync_all())
        })
        .and_then(|()| std::fs::rename(&beside, file));
    written.with_context(|| format!("cannot write {}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_taken_as_browsers_write_it() {
        let taken = |given: &str| origin(given).ok();
        for (given, as_browsers_do) in [
            ("https://Care.Example/", "https://care.example"),
            ("https://care.example:443", "https://care.example"),
            ("http://care.example:80/", "http://care.example"),
            ("https://care.example:80", "https://care.example:80"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(taken(given).as_deref(), Some(as_browsers_do));
        }
        for not_one in [
            "care.example",
            "https://",
            "https://a/b",
            "https://bücher.example",
        ] {
            assert_eq!(taken(not_one), None, "{not_one}");
        }
    }
}
