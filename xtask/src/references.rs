//! What the documentation names is there: files, and the tests that it names in them.

use std::fs;
use std::path::Path;

/// Where it says of each promise and lesson how it is tested.
const DOCUMENTS: [&str; 5] = [
    "README.md",
    "ARCHITECTURE.md",
    "docs/performance.md",
    "docs/practices.md",
    "docs/reliability.md",
];

/// What a document names and is not there, as `document: name`.
fn missing(root: &Path, document: &str, text: &str) -> Vec<String> {
    let mut missing = Vec::new();
    for line in text.lines() {
        let mut source = None;
        // Every second piece stands between back quotes.
        for (at, piece) in line.split('`').enumerate() {
            if at % 2 == 0 {
                if piece.contains('|') {
                    source = None;
                }
                continue;
            }
            let is_path = piece.contains('/') && piece.ends_with(".rs");
            if is_path && !piece.contains(['*', '{', ' ']) {
                source = fs::read_to_string(root.join(piece)).ok();
                if source.is_none() {
                    missing.push(format!("{document}: {piece}"));
                }
            } else if let Some(source) = source.as_ref().filter(|_| is_test_name(piece))
                && !source.contains(&format!("fn {piece}("))
            {
                missing.push(format!("{document}: {piece}"));
            }
        }
    }
    missing
}

/// A sentence as a name: four words or more.
fn is_test_name(text: &str) -> bool {
    let word = |word: &str| {
        word.chars()
            .all(|it| it.is_ascii_lowercase() || it.is_ascii_digit())
    };
    text.split('_').count() >= 4 && text.split('_').all(word)
}

#[test]
fn what_the_documentation_names_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace");
    let missing: Vec<String> = DOCUMENTS
        .iter()
        .flat_map(|document| {
            let text = fs::read_to_string(root.join(document)).expect("it is there");
            missing(root, document, &text)
        })
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn a_name_that_is_not_there_is_told() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = "`src/references.rs` `a_name_that_is_not_there_is_told`, `a_name_that_nobody_wrote` | `a_b_c_d`\n\
        `src/nowhere.rs`";
    assert_eq!(
        missing(root, "README.md", text),
        [
            "README.md: a_name_that_nobody_wrote",
            "README.md: src/nowhere.rs"
        ]
    );
}
