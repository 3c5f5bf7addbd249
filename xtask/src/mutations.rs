//! `cargo xtask mutations`: that the simulator can fail. Each mutation is a `mutated!("...")` in the real code
//! that breaks one promise; the simulator must notice it within some seeds.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context as _, Result, bail};

use crate::stage::Stages;
use crate::tools;
use crate::workspace::Workspace;

/// Phones, steps and runs. A mutation that is not noticed in so many is a fault of the simulator.
const SIZES: [(&str, &str, &str); 2] = [("5", "60", "200"), ("20", "200", "800")];

/// Runs those named in `only`, or all there are in the code.
pub fn run(workspace: &Workspace, stages: &Stages, only: &[String]) -> Result<ExitCode> {
    let folder = workspace.root().join("target/mutations");
    fs::create_dir_all(&folder)?;
    let mut found = Vec::new();
    for room in ["domain/src", "server/src"] {
        mutations_in(&workspace.root().join(room), &mut found)?;
    }
    found.sort();
    found.dedup();
    found.retain(|name| only.is_empty() || only.contains(name));
    let program = stages.run("mutations", || build(workspace, &folder))?;
    let mut lines = Vec::new();
    let mut all = true;
    for name in &found {
        let caught = stages.run("mutation", || caught(&program, name))?;
        all &= caught.is_some();
        let line = match caught {
            Some(how) => format!("| `{name}` | {how} |"),
            None => format!("| `{name}` | NOT NOTICED in 1,000 runs |"),
        };
        println!("{line}");
        lines.push(line);
    }
    println!(
        "\n| mutation | noticed |\n| --- | --- |\n{}",
        lines.join("\n")
    );
    Ok(if all && !found.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The names in `mutated!("...")` of every file under a folder.
fn mutations_in(folder: &Path, found: &mut Vec<String>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            mutations_in(&path, found)?;
        } else if path.extension().is_some_and(|it| it == "rs") {
            let text = fs::read_to_string(&path)?;
            let names = text.split("mutated!(\"").skip(1);
            found.extend(names.filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())));
        }
    }
    Ok(())
}

/// Builds the simulator with every mutation in our own crates, to be asked for by name.
fn build(workspace: &Workspace, folder: &Path) -> Result<PathBuf> {
    // Cargo builds the workspace's crates anew for each path of a wrapper, and others' crates once.
    let wrapper = folder.join("rustc.sh");
    fs::write(
        &wrapper,
        "#!/bin/sh\nexec \"$@\" --cap-lints allow --cfg mutation\n",
    )?;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
    let mut cargo = tools::cargo(workspace);
    cargo
        .args(["build", "--quiet", "--locked", "--profile", "quick"])
        .args(["--package", "holdfast-simulator"])
        .env("RUSTC_WORKSPACE_WRAPPER", &wrapper);
    if !cargo.status()?.success() {
        bail!("the mutations do not build");
    }
    // Out of the way of `cargo simulate`.
    let program = folder.join("holdfast-simulator");
    fs::rename(
        workspace.root().join("target/quick/holdfast-simulator"),
        &program,
    )?;
    Ok(program)
}

/// Runs the mutation until something does not hold.
fn caught(program: &Path, name: &str) -> Result<Option<String>> {
    for (phones, steps, runs) in SIZES {
        let run = Command::new(program)
            .env("HOLDFAST_MUTATION", name)
            .args(["--runs", runs, "--phones", phones, "--steps", steps])
            .output()
            .with_context(|| program.display().to_string())?;
        if run.status.success() {
            continue;
        }
        let text = String::from_utf8_lossy(&run.stdout);
        let seed = text.lines().find_map(|line| line.strip_prefix("seed "));
        let said = match seed.and_then(|line| line.split_once(": ")) {
            Some((seed, fault)) => format!(
                "seed {seed} of {phones} phones x {steps} steps: {}",
                short(fault)
            ),
            None => bail!("the simulator does not run with the mutation {name}"),
        };
        return Ok(Some(said));
    }
    Ok(None)
}

fn short(fault: &str) -> String {
    let line: String = fault.chars().take(90).collect();
    line.trim_end().replace('|', "/")
}
