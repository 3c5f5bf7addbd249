//! What is wrong with the files: each fault at its file, line and column, in words that say what to put right.

use std::fmt;

/// How many faults one import names; a file with more is wrong in the same way throughout.
pub const MOST_FAULTS: usize = 200;

/// One thing that must be put right before anything is imported.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file's name in the folder, such as `people.csv`.
    pub file: String,
    /// The line, from 1, as an editor counts it.
    pub line: usize,
    /// The character in that line, from 1, where the field begins.
    pub column: usize,
    /// What is wrong, naming the column, and what would be right.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}:{}:{}: {}",
            self.file, self.line, self.column, self.message
        )
    }
}

/// The faults found so far.
#[derive(Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    pub fn add(&mut self, file: &str, (line, column): (usize, usize), message: String) {
        if self.0.len() < MOST_FAULTS {
            self.0.push(Fault {
                file: file.to_owned(),
                line,
                column,
                message,
            });
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order in which somebody would go through the files.
    pub fn sorted(mut self) -> Vec<Fault> {
        self.0.sort();
        self.0.dedup();
        self.0
    }
}

/// A field's content as it is shown in a message: short, on one line.
pub(super) fn shown(text: &str) -> String {
    let mut short: String = text.chars().take(40).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    format!("'{}'", short.escape_debug().to_string().replace("\\'", "'"))
}
