//! Files of the site: their content-hashed names, integrity digests, and the references between them.

use std::collections::BTreeMap;

use anyhow::{Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// One file of the site, by the path it is served at (`/app.0123456789abcdef.js`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    pub path: String,
    pub bytes: Vec<u8>,
}

impl Asset {
    /// A file that keeps its name.
    pub fn plain(name: &str, bytes: Vec<u8>) -> Self {
        Self {
            path: format!("/{name}"),
            bytes,
        }
    }

    /// The digest a service worker or a page checks it by, as Subresource Integrity writes it.
    pub fn integrity(&self) -> String {
        format!("sha256-{}", STANDARD.encode(Sha256::digest(&self.bytes)))
    }
}

/// The assets named by their content so far, and under which plain name each is referred to in the sources.
#[derive(Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// Names a file by its content: `app.js` becomes `/app.<16 hex digits>.js`.
    pub fn hashed(&mut self, name: &str, bytes: Vec<u8>) -> Asset {
        let digest = hex(&Sha256::digest(&bytes)[..8]);
        let path = match name.rsplit_once('.') {
            Some((stem, extension)) => format!("/{stem}.{digest}.{extension}"),
            None => format!("/{name}.{digest}"),
        };
        self.0.insert(format!("/{name}"), path.clone());
        Asset { path, bytes }
    }

    /// Replaces every quoted reference (`"/app.js"`) by the name with the hash.
    ///
    /// # Errors
    /// One of `expected` is not referred to: the source and the build no longer speak of the same file.
    pub fn link(&self, source: &str, expected: &[&str]) -> Result<String> {
        let mut text = source.to_owned();
        for name in expected {
            ensure!(
                source.contains(&format!("\"/{name}\"")),
                "nothing refers to \"/{name}\" where it is expected"
            );
        }
        for (plain, hashed) in &self.0 {
            text = text.replace(&format!("\"{plain}\""), &format!("\"{hashed}\""));
        }
        Ok(text)
    }
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_carries_its_content_and_nothing_else() {
        let mut names = Names::default();
        let first = names.hashed("app_bg.wasm", b"abc".to_vec());
        assert_eq!(first.path, "/app_bg.ba7816bf8f01cfea.wasm");
        assert_eq!(first, names.hashed("app_bg.wasm", b"abc".to_vec()));
        assert_ne!(
            first.path,
            names.hashed("app_bg.wasm", b"abd".to_vec()).path
        );
    }

    #[test]
    fn references_follow_the_name() {
        let mut names = Names::default();
        let font = names.hashed("letters.woff2", b"font".to_vec());
        names.hashed("letters-ext.woff2", b"more".to_vec());
        let linked = names
            .link("src: url(\"/letters.woff2\")", &["letters.woff2"])
            .expect("it is referred to");
        assert_eq!(linked, format!("src: url(\"{}\")", font.path));
    }

    #[test]
    fn a_reference_that_is_gone_is_named() {
        let problem = Names::default()
            .link("nothing", &["app.js"])
            .expect_err("there is none");
        assert!(problem.to_string().contains("/app.js"), "{problem}");
    }

    #[test]
    fn integrity_is_the_digest_in_base64() {
        let asset = Asset::plain("a", b"abc".to_vec());
        assert_eq!(
            asset.integrity(),
            "sha256-ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0="
        );
    }
}
