//! Runs the simulator over many seeds, or over one to look into it.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::Result;
use clap::Parser;
use holdfast_server::passwords::Passwords;
use holdfast_simulator::{Size, run};

/// Drives many phones against the real server, from a seed.
#[derive(Parser)]
struct Arguments {
    /// This seed alone, with what happened
    #[arg(long)]
    seed: Option<u64>,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// So many seeds
    #[arg(long, default_value_t = 200)]
    runs: u64,
    #[arg(long, default_value_t = Size::default().phones)]
    phones: usize,
    #[arg(long, default_value_t = Size::default().steps)]
    steps: usize,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let size = Size {
        phones: arguments.phones,
        steps: arguments.steps,
    };
    let passwords =
        Passwords::new().map_err(|error| anyhow::anyhow!("passwords cannot be hashed: {error}"))?;
    if let Some(seed) = arguments.seed {
        let outcome = run(seed, size, &passwords, true)?;
        for line in &outcome.trace {
            println!("{line}");
        }
        report(seed, &outcome.faults);
        println!("seed {seed}: {} entries", outcome.entries);
        return Ok(code(outcome.faults.is_empty()));
    }

    let started = Instant::now();
    let (next, entries, done) = (
        AtomicU64::new(arguments.from),
        AtomicUsize::new(0),
        AtomicU64::new(0),
    );
    let failed = AtomicBool::new(false);
    let end = arguments.from + arguments.runs;
    let work = || -> Result<()> {
        while !failed.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                break;
            }
            let outcome = run(seed, size, &passwords, false)?;
            entries.fetch_add(outcome.entries, Ordering::Relaxed);
            done.fetch_add(1, Ordering::Relaxed);
            if !outcome.faults.is_empty() && !failed.swap(true, Ordering::Relaxed) {
                report(seed, &outcome.faults);
                println!(
                    "again by: cargo simulate --seed {seed} --phones {} --steps {}",
                    size.phones, size.steps
                );
            }
        }
        Ok(())
    };
    let threads = std::thread::available_parallelism()?.get();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().expect("a run does not panic"))
    })?;
    let (runs, failed) = (done.into_inner(), failed.into_inner());
    println!(
        "{runs} runs of {} phones x {} steps, {} entries, {:.1} s",
        size.phones,
        size.steps,
        entries.into_inner(),
        started.elapsed().as_secs_f64()
    );
    Ok(code(!failed))
}

fn report(seed: u64, faults: &[String]) {
    for fault in faults {
        println!("seed {seed}: {fault}");
    }
}

fn code(well: bool) -> ExitCode {
    if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
