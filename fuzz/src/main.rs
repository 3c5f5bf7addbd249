//! The long run: `cargo run --profile quick -p holdfast-fuzz -- --inputs 2000000`.

use clap::Parser;
use holdfast_fuzz::{TARGETS, corpus, run, seeds};

/// Gives every decoder mutated input, and says how long it took.
#[derive(Parser)]
struct Arguments {
    /// So many inputs for each target.
    #[arg(long, default_value_t = 2_000_000)]
    inputs: u64,
    /// Another number gives other inputs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// This target alone.
    #[arg(long)]
    only: Option<String>,
    /// Write the corpus anew instead.
    #[arg(long)]
    write_corpus: bool,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    for target in TARGETS.iter().filter(|target| {
        arguments
            .only
            .as_ref()
            .is_none_or(|only| only == target.name)
    }) {
        if arguments.write_corpus {
            let folder = corpus(target);
            std::fs::create_dir_all(&folder)?;
            for (number, seed) in seeds(target.name).iter().enumerate() {
                std::fs::write(folder.join(format!("{number:02}")), seed)?;
            }
            continue;
        }
        let done = run(target, arguments.inputs, arguments.seed)?;
        println!(
            "{:<13} {} inputs, {} of them read, {:.1} s",
            target.name,
            arguments.inputs,
            done.read,
            done.took.as_secs_f64()
        );
    }
    Ok(())
}
