//! Every decoder that takes bytes from outside, under mutated input. A target is a plain function, so that a bounded test, the
//! long run and any fuzzer can call the same one. It panics where the decoder does, or where what was read does not hold.

mod mutation;
mod seeds;
mod targets;

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

pub use mutation::Mutator;
pub use seeds::seeds;
pub use targets::TARGETS;

/// One decoder under test.
#[derive(Clone, Copy)]
pub struct Target {
    /// Its name, which is also its folder's in the corpus.
    pub name: &'static str,
    /// True if the bytes were read as what they should be, false if they were refused.
    pub decode: fn(&[u8]) -> bool,
}

/// Gives one input to the target of this name, for whoever else makes inputs.
///
/// # Panics
/// Where the decoder does, where what was read does not hold, or where there is no such target.
pub fn decode(name: &str, bytes: &[u8]) -> bool {
    let named = TARGETS.iter().find(|target| target.name == name);
    (named.expect("a target's name").decode)(bytes)
}

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    /// How many inputs were read rather than refused.
    pub read: u64,
    pub took: Duration,
}

/// Where the seeds of a target lie.
pub fn corpus(target: &Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target.name)
}

/// The seeds of a target, in the order of their names.
///
/// # Errors
/// The folder cannot be read, or is empty.
pub fn load(target: &Target) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(corpus(target))?
        .map(|file| Ok(file?.path()))
        .collect::<std::io::Result<_>>()?;
    files.sort();
    anyhow::ensure!(!files.is_empty(), "{} has no seed", target.name);
    files.iter().map(|file| Ok(std::fs::read(file)?)).collect()
}

/// Gives a target its seeds as they are, then mutants of them, `inputs` in all. The same numbers give the same inputs.
///
/// # Errors
/// An input made the target panic; it is given in the message, so that it can become a seed.
pub fn run(target: &Target, inputs: u64, seed: u64) -> anyhow::Result<Run> {
    let seeds = load(target)?;
    let mut mutator = Mutator::new(seed);
    let began = Instant::now();
    let mut read = 0;
    for number in 0..inputs {
        let input = match usize::try_from(number)
            .ok()
            .and_then(|number| seeds.get(number))
        {
            Some(seed) => seed.clone(),
            None => mutator.mutant(&seeds),
        };
        let decoded = catch_unwind(AssertUnwindSafe(|| (target.decode)(&input))).map_err(|_| {
            anyhow::anyhow!(
                "{} fails at input {number} of seed {seed}: {}",
                target.name,
                input.escape_ascii()
            )
        })?;
        read += u64::from(decoded);
    }
    Ok(Run {
        read,
        took: began.elapsed(),
    })
}
