//! `cargo xtask bench`: what the build costs and weighs, then the measurements in a browser where there are any.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, ensure};

use crate::bundle::Finish;
use crate::checks::scripts;
use crate::site::StyleGuide;
use crate::stage::Stages;
use crate::workspace::Workspace;
use crate::{serve, site, sizes, tools};

/// All of it, or only `end2end/bench/<only>.mjs`.
pub fn run(workspace: &Workspace, stages: &Stages, only: Option<&str>) -> Result<ExitCode> {
    let mut benches = scripts(&workspace.end2end().join("bench"), ".mjs");
    if let Some(only) = only {
        benches.retain(|bench| bench.file_stem().is_some_and(|name| name == only));
        ensure!(!benches.is_empty(), "end2end/bench has no {only}.mjs");
    }
    let files = site::build(workspace, stages, Finish::Whole, StyleGuide::Without)?;
    serve::quick(workspace, stages)?;
    stages.total();
    println!(
        "(the times of this run on this machine; a stage with nothing to do shows only the time to find that out)"
    );
    sizes::print(workspace, &files)?;
    let server = fs::metadata(workspace.server("quick")).context("the server cannot be found")?;
    println!(
        "{:<28}{:>9.1} MB (quick profile, with the site inside)",
        "server",
        server.len() as f64 / 1e6
    );

    if only.is_none() {
        println!("\n== the server");
        let mut server = cargo_quick(workspace, "bench", "holdfast-server");
        tools::run(server.args(["--bench", "append"]), "the server's benchmark")?;
    }

    if benches.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let chromium = tools::chromium()?;
    let mut rows = cargo_quick(workspace, "build", "holdfast-domain");
    tools::run(
        rows.args(["--example", "outbox_rows"]),
        "Compiling what fills an outbox",
    )?;
    tools::npm_packages_of(&workspace.end2end().join("bench"))?.wait()?;
    for bench in benches {
        println!(
            "\n== {}",
            bench.file_name().unwrap_or_default().to_string_lossy()
        );
        let mut node = Command::new("node");
        node.current_dir(workspace.end2end()).arg(&bench);
        node.env("HOLDFAST_BIN", workspace.server("quick"))
            .env(
                "HOLDFAST_OUTBOX_ROWS",
                workspace.target().join("quick/examples/outbox_rows"),
            )
            .env("CHROMIUM", &chromium);
        tools::run(&mut node, &format!("{}", bench.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Cargo on one package, in the profile of the server that is measured.
fn cargo_quick(workspace: &Workspace, command: &str, package: &str) -> Command {
    let mut cargo = tools::cargo(workspace);
    cargo.args([
        command,
        "--quiet",
        "--locked",
        "--profile",
        "quick",
        "--package",
        package,
    ]);
    cargo
}
