//! Where things lie: the workspace's folders and what the build leaves in `target`.

use std::path::{Path, PathBuf};

/// The folders of this checkout.
pub struct Workspace {
    root: PathBuf,
    target: PathBuf,
}

impl Workspace {
    /// The checkout this program was built from; `CARGO_TARGET_DIR` is honoured for what cargo builds.
    pub fn here() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("xtask lies in the workspace")
            .to_owned();
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |given| root.join(given));
        Self { root, target }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where cargo puts what it builds.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// The finished site, which the server embeds from this very place.
    pub fn site(&self) -> PathBuf {
        self.root.join("target/site")
    }

    /// What the build remembers between two runs.
    pub fn memory(&self) -> PathBuf {
        self.root.join("target/xtask")
    }

    pub fn public(&self) -> PathBuf {
        self.root.join("public")
    }

    pub fn style(&self) -> PathBuf {
        self.root.join("style")
    }

    /// The folder with `package.json`: the browser tests, and wasm-opt.
    pub fn end2end(&self) -> PathBuf {
        self.root.join("end2end")
    }

    /// The server as `profile` builds it.
    pub fn server(&self, profile: &str) -> PathBuf {
        self.target
            .join(profile)
            .join(format!("holdfast{}", std::env::consts::EXE_SUFFIX))
    }
}
