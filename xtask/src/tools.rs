//! The programs that the build and the tests lean on: found where they are, fetched where that is possible, and
//! otherwise asked for in one plain sentence.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result, bail, ensure};

use crate::stage::{is_fresh, key, stamp};
use crate::workspace::Workspace;

const WASM: &str = "wasm32-unknown-unknown";

/// Runs `command` to its end.
///
/// # Errors
/// It did not start, or ended with another code than 0; `what` names it in the sentence.
pub fn run(command: &mut Command, what: &str) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("{what} did not start"))?;
    ensure!(
        status.success(),
        "{what} stopped with {status}; the reason stands above"
    );
    Ok(())
}

/// Cargo, in the workspace's root.
pub fn cargo(workspace: &Workspace) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(workspace.root());
    command
}

/// Adds the WebAssembly target to the toolchain where it is missing.
pub fn wasm_target(workspace: &Workspace) -> Result<()> {
    let asked = Command::new("rustc")
        .current_dir(workspace.root())
        .args(["--print", "target-libdir", "--target", WASM])
        .stderr(Stdio::inherit())
        .output()
        .context("rustc did not start; install Rust from rustup.rs")?;
    if Path::new(String::from_utf8_lossy(&asked.stdout).trim()).is_dir() {
        return Ok(());
    }
    run(
        Command::new("rustup")
            .current_dir(workspace.root())
            .args(["target", "add", WASM]),
        &format!("adding the WebAssembly target (rustup target add {WASM})"),
    )
}

/// The npm packages of a folder, on their way in.
pub enum Packages {
    /// They are there, as the lock file says.
    There,
    /// `npm ci` runs beside the build; the stamp to leave and its key.
    Coming {
        npm: Child,
        stamp: PathBuf,
        key: String,
    },
}

/// Starts `npm ci` where the lock file of `end2end` is not the one that was installed.
pub fn npm_packages(workspace: &Workspace) -> Result<Packages> {
    npm_packages_of(&workspace.end2end())
}

/// The same for the packages of any folder with a lock file.
pub fn npm_packages_of(folder: &Path) -> Result<Packages> {
    let lock = std::fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{}/package-lock.json cannot be read", folder.display()))?;
    let key = key([lock.as_slice()]);
    let stamp = folder.join("node_modules/.installed-for");
    if is_fresh(&stamp, &key) {
        return Ok(Packages::There);
    }
    let version = Command::new("node").arg("--version").output();
    let version = version.context("Node.js is not on PATH. The build needs Node 20 or newer for wasm-opt: install `nodejs` and `npm`, then run this again")?;
    let version = String::from_utf8_lossy(&version.stdout).trim().to_owned();
    ensure!(
        major(&version).is_some_and(|major| major >= 20),
        "Node 20 or newer is needed, and `node --version` says '{version}'"
    );
    let npm = Command::new("npm")
        .current_dir(folder)
        .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn()
        .context("npm is not on PATH. It comes with Node.js; on Debian it is the package `npm`")?;
    Ok(Packages::Coming { npm, stamp, key })
}

impl Packages {
    /// Waits until the packages are there.
    pub fn wait(&mut self) -> Result<()> {
        let Self::Coming {
            npm,
            stamp: path,
            key,
        } = self
        else {
            return Ok(());
        };
        let status = npm.wait().context("npm ci was lost")?;
        ensure!(
            status.success(),
            "npm ci stopped with {status}; is the npm registry reachable?"
        );
        stamp(path, key)?;
        *self = Self::There;
        Ok(())
    }
}

fn major(version: &str) -> Option<u32> {
    version
        .trim_start_matches('v')
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// The Chromium for the browser tests: from `CHROMIUM`, from PATH, or from Debian where that is permitted.
pub fn chromium() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        let path = PathBuf::from(named);
        ensure!(
            path.is_file(),
            "CHROMIUM names {}, and there is no such file",
            path.display()
        );
        return Ok(path);
    }
    if let Some(found) = installed_chromium() {
        return Ok(found);
    }
    println!("           no Chromium on this machine; installing Debian's");
    install_chromium()?;
    installed_chromium().context(
        "Chromium was installed and yet is not on PATH; name it in CHROMIUM=/path/to/chromium",
    )
}

fn installed_chromium() -> Option<PathBuf> {
    [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ]
    .into_iter()
    .find_map(on_path)
}

fn install_chromium() -> Result<()> {
    const INSTALL: &str = "apt-get update && apt-get install -y --no-install-recommends chromium";
    let by_hand =
        format!("install it with: sudo sh -c '{INSTALL}' (or name a Chromium in CHROMIUM=/path)");
    if on_path("apt-get").is_none() {
        bail!(
            "The browser tests need Chromium, and this machine has no apt-get to install it with. Install it, or name one in CHROMIUM=/path"
        );
    }
    let mut command = if is_root() {
        Command::new("sh")
    } else if on_path("sudo").is_some() {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "sh"]);
        sudo
    } else {
        bail!("The browser tests need Chromium; {by_hand}");
    };
    let quietly = command
        .args(["-c", INSTALL])
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    run(quietly, "Installing Chromium")
        .with_context(|| format!("The browser tests need Chromium; {by_hand}"))
}

fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|id| id.stdout.trim_ascii() == b"0")
}

/// The program of this name on PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    let paths: OsString = std::env::var_os("PATH")?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&paths)
        .map(|folder| folder.join(&file))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_version_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("24.1.0"), Some(24));
        assert_eq!(major(""), None);
    }
}
