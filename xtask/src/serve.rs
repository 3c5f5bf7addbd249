//! The server: built quick for daily use or small and fast for shipping, and started on the demo provider.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result};

use crate::bundle::Finish;
use crate::site::StyleGuide;
use crate::stage::Stages;
use crate::workspace::Workspace;
use crate::{site, tools};

const LISTEN: &str = "127.0.0.1:8080";

/// Builds the server without slow link-time optimisation.
pub fn quick(workspace: &Workspace, stages: &Stages) -> Result<()> {
    build(workspace, stages, "quick")
}

/// Builds the server that ships.
pub fn release(workspace: &Workspace, stages: &Stages) -> Result<()> {
    build(workspace, stages, "release")
}

fn build(workspace: &Workspace, stages: &Stages, profile: &str) -> Result<()> {
    stages.run(&format!("server compiled ({profile})"), || {
        let mut cargo = tools::cargo(workspace);
        cargo.args([
            "build",
            "--locked",
            "--package",
            "holdfast-server",
            "--bin",
            "holdfast",
        ]);
        cargo.args(["--profile", profile]);
        tools::run(&mut cargo, "Compiling the server")
    })
}

/// Builds all and becomes the server: from there on signals and the exit code are its own.
pub fn run(workspace: &Workspace, stages: &Stages, given: &[String]) -> Result<ExitCode> {
    site::build(workspace, stages, Finish::Whole, StyleGuide::With)?;
    quick(workspace, stages)?;
    stages.total();
    let database = workspace.root().join("target/demo/holdfast.db");
    if let Some(folder) = database.parent() {
        fs::create_dir_all(folder)?;
    }
    let arguments = arguments(given, &format!("sqlite://{}", database.display()));
    println!("\nStarting: holdfast {}\n", arguments.join(" "));
    let mut server = Command::new(workspace.server("quick"));
    server.current_dir(workspace.root()).args(arguments);
    if std::env::var_os("HOLDFAST_LOG").is_none() {
        // Who looks at the demo reads the address above, not a line for each request.
        server.env("HOLDFAST_LOG", "warn");
    }
    become_it(server)
}

#[cfg(unix)]
fn become_it(mut server: Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt as _;
    Err(server.exec()).context("The server did not start")
}

#[cfg(not(unix))]
fn become_it(mut server: Command) -> Result<ExitCode> {
    let status = server.status().context("The server did not start")?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The demo's arguments; one that was given stands in place of ours.
fn arguments(given: &[String], database: &str) -> Vec<String> {
    let mut all = vec!["serve".to_owned()];
    for (flag, value) in [
        ("--listen", Some(LISTEN)),
        ("--demo", None),
        ("--database", Some(database)),
    ] {
        let is_given = given
            .iter()
            .any(|one| one == flag || one.starts_with(&format!("{flag}=")));
        if !is_given {
            all.push(flag.to_owned());
            all.extend(value.map(str::to_owned));
        }
    }
    all.extend(given.iter().cloned());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(given: &[&str]) -> String {
        let given: Vec<String> = given.iter().map(ToString::to_string).collect();
        arguments(&given, "sqlite://here").join(" ")
    }

    #[test]
    fn the_demo_is_served_unless_told_otherwise() {
        assert_eq!(
            with(&[]),
            "serve --listen 127.0.0.1:8080 --demo --database sqlite://here"
        );
        assert_eq!(
            with(&["--listen", "0.0.0.0:80"]),
            "serve --demo --database sqlite://here --listen 0.0.0.0:80"
        );
        assert_eq!(
            with(&["--database=sqlite://x", "--demo"]),
            "serve --listen 127.0.0.1:8080 --database=sqlite://x --demo"
        );
    }
}
