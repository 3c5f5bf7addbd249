//! Each decoder under 20,000 inputs (an import, which reads three files an input, under 2,000), the same at every run. The long run is `cargo run --profile quick -p holdfast-fuzz`.

use holdfast_fuzz::{TARGETS, Target, load, run, seeds};

const INPUTS: u64 = 20_000;

fn target(name: &str) -> &'static Target {
    TARGETS
        .iter()
        .find(|target| target.name == name)
        .expect("a target")
}

/// No input makes it panic, and both ways through it are taken.
fn holds(name: &str) {
    let inputs = if name == "import" {
        INPUTS / 10
    } else {
        INPUTS
    };
    let run = run(target(name), inputs, 1).expect("no input breaks it");
    assert!(run.read > 0, "nothing was ever read: the seeds are stale");
    assert!(run.read < inputs, "nothing was ever refused");
}

macro_rules! bounded {
    ($($test:ident $name:literal)*) => { $(#[test] fn $test() { holds($name); })* };
}

bounded! {
    sync_requests_are_read_or_refused "sync-request"
    sync_answers_are_believed_or_not "sync-answer"
    cursors_are_read_or_start_anew "cursor"
    receipts_have_one_encoding "receipt"
    certificates_have_one_encoding "certificate"
    heads_have_one_encoding "head"
    bodies_say_the_same_when_read_again "body"
    import_files_are_taken_or_their_faults_named "import"
}

#[test]
fn the_corpus_is_what_the_formats_write_today() {
    for target in &TARGETS {
        assert!(
            load(target).expect("seeds") == seeds(target.name),
            "{}: write it anew with `cargo run -p holdfast-fuzz -- --write-corpus`",
            target.name
        );
    }
}

#[test]
fn a_decoder_that_panics_is_found_and_its_input_given() {
    let breaks = Target {
        name: "head",
        decode: |bytes| {
            assert!(bytes.len() != 100);
            true
        },
    };
    let error = run(&breaks, INPUTS, 1).expect_err("found").to_string();
    assert!(error.starts_with("head fails at input "), "{error}");
}
