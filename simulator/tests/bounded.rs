//! The share of the simulator that runs with every test; `cargo xtask test --long` runs the whole.

use holdfast_simulator::Size;
use holdfast_simulator::many::{Until, many};

/// Every seed holds, or it is said how to run it again.
fn hold(seeds: std::ops::Range<u64>, size: Size) {
    let outcomes = many(seeds, size, Until::End, |_, _| {}).expect("memory and files");
    let failed: Vec<String> = outcomes
        .failed
        .iter()
        .map(|(seed, faults)| format!("{}\n{}", faults.join("\n"), size.command(*seed)))
        .collect();
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    assert!(outcomes.entries > 0, "phones made something");
}

#[test]
fn few_phones_with_every_fault_hold() {
    let size = Size {
        phones: 5,
        steps: 60,
    };
    hold(1..41, size);
}

#[test]
fn many_phones_with_every_fault_hold() {
    hold(1..9, Size::default());
}

#[test]
fn a_run_depends_on_its_seed_alone() {
    let size = Size {
        phones: 5,
        steps: 60,
    };
    let passwords = holdfast_server::passwords::Passwords::new().expect("hashes");
    let run = |seed| {
        let outcome = holdfast_simulator::run(seed, size, &passwords, true);
        outcome.expect("memory and files").trace
    };
    let (first, again, other) = (run(7), run(7), run(8));
    assert!(first.len() > 100);
    assert!(first == again, "the same happens");
    assert!(first != other, "something else happens");
}
