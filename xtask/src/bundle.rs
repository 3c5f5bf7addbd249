//! The app as WebAssembly: cargo, then wasm-bindgen through its library (so that its version is always the lock
//! file's), then wasm-opt from npm's `binaryen`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::stage::{Stages, is_fresh, key, stamp};
use crate::tools::{self, Packages};
use crate::workspace::Workspace;

const APP: &str = "app";
const STYLE_GUIDE: &str = "styleguide";

/// The app's two files, ready to be served.
pub struct Bundle {
    /// The module that starts the binary; its default export takes `{ module_or_path }`.
    pub js: Vec<u8>,
    pub wasm: Vec<u8>,
}

/// How much work goes into the app.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// As it is served: as small as it goes.
    Whole,
    /// Quickly built, three times as large: for looking at and for tests while something is being changed.
    Rough,
}

impl Finish {
    fn profile(self) -> &'static str {
        match self {
            Self::Whole => "wasm-release",
            Self::Rough => "wasm-rough",
        }
    }
}

/// Builds the app. `packages` is waited for only when wasm-opt has to run.
pub fn build(
    workspace: &Workspace,
    stages: &Stages,
    packages: &mut Packages,
    finish: Finish,
) -> Result<Bundle> {
    stages.run("app compiled", || compile(workspace, finish, &["--lib"]))?;
    let raw = compiled(workspace, finish);
    let module = fs::read(&raw).with_context(|| format!("{} cannot be read", raw.display()))?;

    let names = Names::asked();
    let memory = workspace.memory();
    let folder = memory.join("bundle");
    if finish == Finish::Rough {
        let folder = memory.join("rough");
        stages.run("wasm-bindgen", || bind(&raw, &folder, APP, Names::Kept))?;
        return Bundle::read(&folder, "app.js", "app_bg.wasm");
    }
    let lock = fs::read(workspace.end2end().join("package-lock.json"))?;
    let key = key([
        module.as_slice(),
        lock.as_slice(),
        include_bytes!("bundle.rs"),
        &[u8::from(names == Names::Kept)],
    ]);
    let stamped = memory.join("bundle.stamp");
    if is_fresh(&stamped, &key) {
        stages.run("app bound and shrunk: as before", || Ok(()))?;
    } else {
        stages.run("wasm-bindgen", || bind(&raw, &folder, APP, names))?;
        stages.run("npm packages", || packages.wait())?;
        stages.run("wasm-opt", || shrink(workspace, &folder, names))?;
        stamp(&stamped, &key)?;
    }
    Bundle::read(&folder, "app.js", "app.wasm")
}

impl Bundle {
    fn read(folder: &Path, js: &str, wasm: &str) -> Result<Self> {
        let read = |path: PathBuf| {
            fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))
        };
        Ok(Self {
            js: read(folder.join(js))?,
            wasm: read(folder.join(wasm))?,
        })
    }
}

/// Builds the style guide: a program of its own over the app's components, of no weight to the app. In the app's own
/// profile, whose dependencies are there already, and without wasm-opt: nobody waits for it on a slow line.
pub fn style_guide(workspace: &Workspace, stages: &Stages, finish: Finish) -> Result<Bundle> {
    stages.run("style guide compiled", || {
        compile(workspace, finish, &["--example", STYLE_GUIDE])
    })?;
    let raw = built(workspace, finish)
        .join("examples")
        .join(format!("{STYLE_GUIDE}.wasm"));
    let folder = workspace.memory().join(STYLE_GUIDE);
    stages.run("wasm-bindgen", || {
        bind(&raw, &folder, STYLE_GUIDE, Names::Removed)
    })?;
    Bundle::read(&folder, "styleguide.js", "styleguide_bg.wasm")
}

/// What cargo made of the app.
fn compiled(workspace: &Workspace, finish: Finish) -> PathBuf {
    built(workspace, finish).join("holdfast_app.wasm")
}

fn built(workspace: &Workspace, finish: Finish) -> PathBuf {
    let folder = workspace.target().join("wasm32-unknown-unknown");
    folder.join(finish.profile())
}

fn compile(workspace: &Workspace, finish: Finish, what: &[&str]) -> Result<()> {
    tools::wasm_target(workspace)?;
    let mut cargo = tools::cargo(workspace);
    cargo.args(["build", "--locked", "--package", "holdfast-app"]);
    cargo.args(what);
    cargo.args([
        "--target",
        "wasm32-unknown-unknown",
        "--profile",
        finish.profile(),
    ]);
    tools::run(&mut cargo, "Compiling the app")
}

/// Builds the app with its functions' names left in, to be weighed and not to be served. Returns where it lies.
pub fn with_names(workspace: &Workspace, stages: &Stages) -> Result<PathBuf> {
    stages.run("app compiled", || {
        compile(workspace, Finish::Whole, &["--lib"])
    })?;
    let folder = workspace.memory().join("weighed");
    stages.run("npm packages", || tools::npm_packages(workspace)?.wait())?;
    stages.run("wasm-bindgen", || {
        bind(
            &compiled(workspace, Finish::Whole),
            &folder,
            APP,
            Names::Kept,
        )
    })?;
    stages.run("wasm-opt", || shrink(workspace, &folder, Names::Kept))?;
    Ok(folder.join("app.wasm"))
}

/// Whether the functions keep their names, which are not needed to run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Kept,
    Removed,
}

impl Names {
    /// `HOLDFAST_NAMES` keeps them for a profile: `node end2end/bench/support/profile.mjs`.
    fn asked() -> Self {
        match std::env::var_os("HOLDFAST_NAMES") {
            Some(_) => Self::Kept,
            None => Self::Removed,
        }
    }
}

/// Writes `<name>.js` and `<name>_bg.wasm` into `folder`.
fn bind(raw: &Path, folder: &Path, name: &str, names: Names) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(raw).out_name(name).web(true)?;
    bindgen
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(names == Names::Removed)
        .remove_producers_section(true);
    let mut output = bindgen
        .generate_output()
        .context("wasm-bindgen could not read the compiled app")?;
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "a crate of the app brings JavaScript files of its own; the service worker's list does not know them"
    );
    output.emit(folder).context("wasm-bindgen could not write")
}

/// Passes that make the app larger as it travels. Measured on a binary of 3.4 MB (554 kB of brotli): plain `-Os` gave
/// 612 kB, without these passes 539 kB. Code that repeats itself compresses better than code that was inlined, and
/// the zeros that memory packing cuts out cost nothing.
const NOT_WORTH_IT: [&str; 3] = [
    "--skip-pass=inlining-optimizing",
    "--skip-pass=inlining",
    "--skip-pass=memory-packing",
];

/// Writes `app.wasm` from `app_bg.wasm`. No feature flags: wasm-opt reads them from the module itself.
fn shrink(workspace: &Workspace, folder: &Path, names: Names) -> Result<()> {
    let mut node = Command::new("node");
    node.arg(
        workspace
            .end2end()
            .join("node_modules/binaryen/bin/wasm-opt"),
    );
    node.arg("-Os")
        .args(NOT_WORTH_IT)
        .arg(folder.join("app_bg.wasm"))
        .arg("-o")
        .arg(folder.join("app.wasm"));
    if names == Names::Kept {
        node.arg("--debuginfo");
    }
    tools::run(&mut node, "wasm-opt")
}
