//! `cargo xtask run | test | mutations | weigh | words | bench | build`: everything the project does with itself, in one command each.

mod asset;
mod bench;
mod bundle;
mod checks;
mod css;
mod mutations;
#[cfg(test)]
mod references;
mod serve;
mod site;
mod sizes;
mod stage;
mod tools;
mod weigh;
mod words;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::bundle::Finish;
use crate::checks::{Part, Share};
use crate::site::StyleGuide;
use crate::stage::Stages;
use crate::workspace::Workspace;

/// Builds, runs, tests and measures Holdfast.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Builds all and serves the demo provider at http://127.0.0.1:8080
    Run {
        /// Passed on to `holdfast serve`, after `--`
        #[arg(last = true)]
        server: Vec<String>,
    },
    /// Runs every test there is, those in a real browser included
    Test {
        /// Only these parts (may be given more than once)
        #[arg(long, value_enum)]
        only: Vec<Part>,
        /// All of what is bounded otherwise: hours
        #[arg(long)]
        long: bool,
        /// Passed on to the runner of a single part, after `--`
        #[arg(last = true)]
        runner: Vec<String>,
    },
    /// Breaks the real code on purpose, and says at which seed the simulator notices
    Mutations {
        /// Only these (may be given more than once)
        #[arg(long)]
        only: Vec<String>,
    },
    /// Prints what in the app weighs how much
    Weigh,
    /// Writes docs/words.txt, every text that a person reads, and says how they read
    Words,
    /// Prints sizes, build times and what the benchmarks measure
    Bench {
        /// One of those in end2end/bench alone, such as `board` or `face`
        #[arg(long)]
        only: Option<String>,
    },
    /// Leaves the site in target/site and the server in target/release/holdfast
    Build {
        /// The site alone, without the server
        #[arg(long)]
        site: bool,
        /// The site alone, quickly and three times as large: a debug server then serves it as it lies there
        #[arg(long)]
        rough: bool,
        /// With `/styleguide`, which only the demo and the tests have
        #[arg(long)]
        styleguide: bool,
    },
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\n{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<ExitCode> {
    let workspace = Workspace::here();
    let stages = Stages::new();
    match task {
        Task::Run { server } => serve::run(&workspace, &stages, &server),
        Task::Test { only, long, runner } => {
            let share = if long { Share::Whole } else { Share::Bounded };
            checks::run(&workspace, &stages, &only, share, &runner)
        }
        Task::Mutations { only } => mutations::run(&workspace, &stages, &only),
        Task::Weigh => {
            weigh::run(&workspace, &stages)?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Words => {
            words::run(&workspace)?;
            Ok(ExitCode::SUCCESS)
        }
        Task::Bench { only } => bench::run(&workspace, &stages, only.as_deref()),
        Task::Build {
            rough: true,
            styleguide,
            ..
        } => {
            site::build(&workspace, &stages, Finish::Rough, guide(styleguide))?;
            stages.total();
            Ok(ExitCode::SUCCESS)
        }
        Task::Build {
            site, styleguide, ..
        } => {
            let built = site::build(&workspace, &stages, Finish::Whole, guide(styleguide))?;
            if !site {
                serve::release(&workspace, &stages)?;
            }
            stages.total();
            sizes::print(&workspace, &built)?;
            sizes::within_limit(&built)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn guide(asked: bool) -> StyleGuide {
    if asked {
        StyleGuide::With
    } else {
        StyleGuide::Without
    }
}
