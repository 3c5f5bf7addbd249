//! Runs the simulator over many seeds, or over one to look into it.

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::Parser;
use holdfast_server::passwords::Passwords;
use holdfast_simulator::many::{Until, many};
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
    /// Goes on after a run in which something does not hold
    #[arg(long)]
    all: bool,
}

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let size = Size {
        phones: arguments.phones,
        steps: arguments.steps,
    };
    if let Some(seed) = arguments.seed {
        let passwords = Passwords::new()
            .map_err(|error| anyhow::anyhow!("passwords cannot be hashed: {error}"))?;
        let outcome = run(seed, size, &passwords, true)?;
        for line in &outcome.trace {
            println!("{line}");
        }
        report(seed, &outcome.faults);
        println!("seed {seed}: {} entries", outcome.entries);
        return Ok(code(outcome.faults.is_empty()));
    }

    let started = Instant::now();
    let until = if arguments.all {
        Until::End
    } else {
        Until::Fault
    };
    let seeds = arguments.from..arguments.from + arguments.runs;
    let outcomes = many(seeds, size, until, |seed, faults| {
        report(seed, faults);
        println!("again by: {}", size.command(seed));
    })?;
    println!(
        "{} runs of {} phones x {} steps, {} entries, {} failed, {:.1} s",
        outcomes.runs,
        size.phones,
        size.steps,
        outcomes.entries,
        outcomes.failed.len(),
        started.elapsed().as_secs_f64()
    );
    Ok(code(outcomes.failed.is_empty()))
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
