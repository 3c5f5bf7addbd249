//! Many runs, on every core at once.

use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use anyhow::Result;
use holdfast_server::passwords::Passwords;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::{Size, run};

/// When to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// At the first run in which something does not hold; runs under way are finished.
    Fault,
    /// When every seed is run.
    End,
}

/// What many runs came to.
#[derive(Debug, Default)]
pub struct Outcomes {
    pub runs: u64,
    /// Entries that phones made.
    pub entries: usize,
    /// Seeds of runs in which something does not hold, in their order, and what does not.
    pub failed: Vec<(u64, Vec<String>)>,
}

/// Runs every seed, one a thread and a thread a core. Says each failed one to `told` when it is done.
///
/// A run that cannot go on counts as failed.
///
/// # Errors
/// Where passwords cannot be hashed.
pub fn many(
    seeds: Range<u64>,
    size: Size,
    until: Until,
    told: impl Fn(u64, &[String]) + Sync,
) -> Result<Outcomes> {
    // Hashing takes its time by design, so it is done once.
    let passwords =
        Passwords::new().map_err(|error| anyhow::anyhow!("passwords cannot be hashed: {error}"))?;
    let (next, stop) = (AtomicU64::new(seeds.start), AtomicBool::new(false));
    let outcomes = Mutex::new(Outcomes::default());
    let work = |core: Option<usize>| {
        if let Some(core) = core {
            stay_on(core);
        }
        while !stop.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            let ran = catch_unwind(AssertUnwindSafe(|| run(seed, size, &passwords, false)));
            let (entries, faults) = match ran {
                Ok(Ok(outcome)) => (outcome.entries, outcome.faults),
                Ok(Err(error)) => (0, vec![format!("it stops: {error:#}")]),
                Err(_) => (0, vec!["it panics; what was said stands above".to_owned()]),
            };
            let mut all = outcomes.lock().expect("no run panics with it");
            all.runs += 1;
            all.entries += entries;
            if !faults.is_empty() {
                stop.fetch_or(until == Until::Fault, Ordering::Relaxed);
                told(seed, &faults);
                all.failed.push((seed, faults));
            }
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = cores()
            .into_iter()
            .map(|core| scope.spawn(move || work(core)))
            .collect();
        for thread in threads {
            thread.join().expect("a run's panic is caught");
        }
    });
    let mut outcomes = outcomes.into_inner().expect("no run panics with it");
    outcomes.failed.sort();
    Ok(outcomes)
}

/// The cores there are to run on; one of no name where the system does not say.
fn cores() -> Vec<Option<usize>> {
    let Ok(set) = sched_getaffinity(None) else {
        return vec![None];
    };
    (0..CpuSet::MAX_CPU)
        .filter(|core| set.is_set(*core))
        .map(Some)
        .collect()
}

/// Keeps this thread, and those it starts for its databases, on one core: they only ever wait for one another, and
/// to be woken across cores costs a third of a run.
fn stay_on(core: usize) {
    let mut set = CpuSet::new();
    set.set(core);
    // It only saves time.
    let _ = sched_setaffinity(None, &set);
}
