//! `cargo xtask test`: every test there is, part by part. One part that does not pass does not keep the next from
//! running; the last lines say which did not.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::ValueEnum;

use crate::bundle::Finish;
use crate::site::StyleGuide;
use crate::stage::Stages;
use crate::workspace::Workspace;
use crate::{serve, site, sizes, tools};

/// What can be tested by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Entries, the ledger, permissions, the syncer's decisions
    Domain,
    /// The server, over HTTP against a real database
    Server,
    /// Mutated input to every decoder of what comes from outside
    Fuzz,
    /// Many phones under all faults at once, from seeds
    Simulator,
    /// What of the app can be tested without a browser
    App,
    /// The build itself
    Xtask,
    /// The formats' second implementation, and the types of the hand-written JavaScript
    Node,
    /// The main tasks in a real browser
    E2e,
}

impl Part {
    const ALL: [Self; 8] = [
        Self::Domain,
        Self::Server,
        Self::Fuzz,
        Self::Simulator,
        Self::App,
        Self::Xtask,
        Self::Node,
        Self::E2e,
    ];

    /// The package whose Rust tests it is.
    fn package(self) -> Option<&'static str> {
        match self {
            Self::Domain => Some("holdfast-domain"),
            Self::Server => Some("holdfast-server"),
            Self::Fuzz => Some("holdfast-fuzz"),
            Self::Simulator => Some("holdfast-simulator"),
            Self::App => Some("holdfast-app"),
            Self::Xtask => Some("xtask"),
            Self::Node | Self::E2e => None,
        }
    }
}

/// How much of what can go on for ever is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    Bounded,
    Whole,
}

/// Runs of the simulator in the whole.
const RUNS: &str = "10000";

/// Runs the parts named in `only`, or all of them. `runner` is passed on to the test runners.
pub fn run(
    workspace: &Workspace,
    stages: &Stages,
    only: &[Part],
    share: Share,
    runner: &[String],
) -> Result<ExitCode> {
    let parts: Vec<Part> = Part::ALL
        .into_iter()
        .filter(|part| only.is_empty() || only.contains(part))
        .collect();
    let browser = parts.contains(&Part::E2e);
    let chromium = if browser {
        Some(stages.run("Chromium", tools::chromium)?)
    } else {
        None
    };
    if browser || parts.contains(&Part::Server) {
        let files = site::build(workspace, stages, Finish::Whole, StyleGuide::With)?;
        sizes::print(workspace, &files)?;
        sizes::within_limit(&files)?;
    }

    let mut outcomes = Outcomes::default();
    let packages: Vec<&str> = parts.iter().filter_map(|part| part.package()).collect();
    if !packages.is_empty() {
        outcomes.note(stages, "Rust tests", || rust(workspace, &packages, runner))?;
    }
    if share == Share::Whole && parts.contains(&Part::Simulator) {
        outcomes.note(stages, "the simulator, whole", || {
            let mut cargo = tools::cargo(workspace);
            cargo.args(["run", "--quiet", "--locked", "--profile", "quick"]);
            passes(cargo.args([
                "--package",
                "holdfast-simulator",
                "--",
                "--all",
                "--runs",
                RUNS,
            ]))
        })?;
    }
    if parts.contains(&Part::Node) {
        tools::npm_packages(workspace)?.wait()?;
        outcomes.note(stages, "types of boot.js and sw.js", || types(workspace))?;
        let vectors = scripts(&workspace.end2end().join("vectors"), ".test.mjs");
        if !vectors.is_empty() {
            outcomes.note(stages, "the formats' second implementation", || {
                passes(&mut node_tests(workspace, &vectors))
            })?;
        }
    }
    if let Some(chromium) = chromium {
        serve::quick(workspace, stages)?;
        let shell = scripts(&workspace.end2end().join("shell"), ".test.mjs");
        outcomes.note(
            stages,
            "the shell and its service worker in a browser",
            || passes(node_tests(workspace, &shell).env("CHROMIUM", &chromium)),
        )?;
        outcomes.note(stages, "browser tests", || {
            in_browser(workspace, &chromium, runner)
        })?;
    }
    stages.total();
    Ok(outcomes.close())
}

/// What passed and what did not.
#[derive(Default)]
struct Outcomes(Vec<(&'static str, bool)>);

impl Outcomes {
    fn note(
        &mut self,
        stages: &Stages,
        name: &'static str,
        work: impl FnOnce() -> Result<bool>,
    ) -> Result<()> {
        println!("\n== {name}");
        let passed = stages.run(name, work)?;
        self.0.push((name, passed));
        Ok(())
    }

    fn close(&self) -> ExitCode {
        println!();
        for (name, passed) in &self.0 {
            println!("{}  {name}", if *passed { "passed " } else { "FAILED " });
        }
        if self.0.iter().all(|(_, passed)| *passed) {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Whether the command ended well. What it printed stands above.
fn passes(command: &mut Command) -> Result<bool> {
    Ok(command.status()?.success())
}

/// The Rust tests, by nextest where it is installed. It runs no documentation tests; cargo does.
fn rust(workspace: &Workspace, packages: &[&str], runner: &[String]) -> Result<bool> {
    let cargo = |arguments: &[&str]| {
        let mut cargo = tools::cargo(workspace);
        cargo.args(arguments).arg("--locked");
        for package in packages {
            cargo.args(["--package", package]);
        }
        cargo
    };
    if tools::on_path("cargo-nextest").is_none() {
        return passes(
            cargo(&["test", "--quiet", "--no-fail-fast"])
                .arg("--")
                .args(runner),
        );
    }
    let tested = passes(
        cargo(&[
            "nextest",
            "run",
            "--no-fail-fast",
            "--no-tests=pass",
            "--status-level=fail",
        ])
        .args(runner),
    )?;
    // The build has no library, so no documentation to test.
    if packages == ["xtask"] {
        return Ok(tested);
    }
    Ok(passes(&mut cargo(&["test", "--quiet", "--doc"]))? && tested)
}

/// TypeScript reads the JSDoc types of the two hand-written files, where each knows another world, and the
/// types of the browser tests.
fn types(workspace: &Workspace) -> Result<bool> {
    let check = |file: &str, world: &str| {
        let mut node = Command::new("node");
        node.current_dir(workspace.root())
            .arg("end2end/node_modules/typescript/bin/tsc");
        node.args([
            "--noEmit",
            "--allowJs",
            "--checkJs",
            "--strict",
            "--target",
            "es2022",
            "--module",
            "es2022",
            "--moduleDetection",
            "force",
        ]);
        node.arg("--lib")
            .arg(format!("es2022,{world}"))
            .arg(format!("public/{file}"));
        passes(&mut node)
    };
    let mut tests = Command::new("node");
    tests.current_dir(workspace.end2end()).args([
        "node_modules/typescript/bin/tsc",
        "--project",
        ".",
    ]);
    Ok(
        check("boot.js", "dom,dom.iterable")?
            && check("sw.js", "webworker")?
            && passes(&mut tests)?,
    )
}

/// Node's own test runner on some files.
fn node_tests(workspace: &Workspace, files: &[PathBuf]) -> Command {
    let mut node = Command::new("node");
    node.current_dir(workspace.end2end())
        .args(["--test", "--test-reporter=spec"])
        .args(files);
    node
}

fn in_browser(workspace: &Workspace, chromium: &Path, runner: &[String]) -> Result<bool> {
    let mut node = Command::new("node");
    node.current_dir(workspace.end2end())
        .args(["node_modules/@playwright/test/cli.js", "test"])
        .args(runner);
    passes(
        node.env("HOLDFAST_BIN", workspace.server("quick"))
            .env("CHROMIUM", chromium),
    )
}

/// The files of a folder whose names end so, in order. None where there is no such folder.
pub fn scripts(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.to_string_lossy().ends_with(ending))
        .collect();
    found.sort();
    found
}
