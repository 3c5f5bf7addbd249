//! Stages of a task: each is timed and printed, and skipped when its inputs are what they were.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::asset::hex;

/// Times the stages of one task.
pub struct Stages {
    started: Instant,
}

impl Stages {
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
        }
    }

    /// Runs one stage: says what it waits for, then prints its name and time.
    pub fn run<T>(&self, name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
        let started = Instant::now();
        println!("         …  {name}");
        let result = work()?;
        println!("{:>8.1} s  {name}", started.elapsed().as_secs_f64());
        Ok(result)
    }

    /// Prints the time since the task began.
    pub fn total(&self) {
        println!("{:>8.1} s  in all", self.started.elapsed().as_secs_f64());
    }
}

/// The digest over `parts`, each with its length, so that two lists never read the same.
pub fn key<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    hex(&digest.finalize())
}

/// Whether the stamp at `path` says that its stage last ran with this key.
pub fn is_fresh(path: &Path, key: &str) -> bool {
    std::fs::read_to_string(path).is_ok_and(|last| last == key)
}

/// Leaves the stamp that `is_fresh` reads.
pub fn stamp(path: &Path, key: &str) -> Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, key).with_context(|| format!("{} could not be written", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_where_one_part_ends() {
        assert_ne!(key([b"ab".as_slice(), b"c"]), key([b"a".as_slice(), b"bc"]));
        assert_eq!(key([b"ab".as_slice()]), key([b"ab".as_slice()]));
    }
}
