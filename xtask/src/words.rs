//! Every text that a person reads, in one catalogue: taken from the code, where it stands beside what it belongs to, and
//! checked as a whole for plain English.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::workspace::Workspace;

/// Where texts for people stand.
const PLACES: [&str; 2] = ["app/src", "domain/src"];
/// The catalogue, from the workspace's root.
const CATALOGUE: &str = "docs/words.txt";

/// What nobody on a night shift should have to read. Whole words, in any form of letters.
#[cfg(test)]
const BANNED: [&str; 21] = [
    "invalid",
    "submit",
    "submitted",
    "submission",
    "error",
    "errors",
    "error occurred",
    "failed",
    "failure",
    "unable",
    "sync",
    "syncing",
    "synchronise",
    "please",
    "utilise",
    "commence",
    "terminate",
    "abort",
    "null",
    "e.g.",
    "i.e.",
];
/// The field's own terms and the law's, which have no plainer word: they count as words of two syllables.
const TERMS: [&str; 40] = [
    "administrator",
    "medication",
    "medicine",
    "medicines",
    "registered",
    "manager",
    "manager's",
    "provider",
    "provider's",
    "paragraph",
    "regulation",
    "regulations",
    "contingency",
    "candour",
    "notification",
    "notifications",
    "notify",
    "safeguarding",
    "governance",
    "instruction",
    "instructions",
    "allergies",
    "allergy",
    "authority",
    "commission",
    "holdfast",
    "residential",
    "domiciliary",
    "incident",
    "injury",
    "psychological",
    "visibility",
    "deprivation",
    "liberty",
    "individual",
    "nominated",
    "inspector",
    "corrective",
    "temporary",
    "decision",
];

/// What has fewer words is a label, not a sentence.
const RUNNING: usize = 5;
/// No sentence of eight words or more may ask for a greater reading age.
#[cfg(test)]
const HARDEST: f64 = 15.0;

/// A text and the file it stands in.
type Text = (String, String);

/// Writes the catalogue anew and prints how it reads.
pub fn run(workspace: &Workspace) -> Result<()> {
    let texts = collect(workspace.root())?;
    fs::write(workspace.root().join(CATALOGUE), catalogue(&texts))?;
    let all: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
    let reads = Reads::of(&all);
    println!(
        "{} texts. Their {} sentences of {RUNNING} words or more: reading age {:.1}, {:.1} words each.",
        all.len(),
        reads.sentences,
        reads.age(),
        reads.words as f64 / reads.sentences as f64
    );
    let mut hardest: Vec<(f64, &str)> = all
        .iter()
        .filter_map(|text| Some((hardest_sentence(text)?, *text)))
        .collect();
    hardest.sort_by(|a, b| b.0.total_cmp(&a.0));
    println!("The hardest:");
    for (age, text) in hardest.iter().take(12) {
        println!("{age:5.1}  {text}");
    }
    Ok(())
}

/// Every text of the catalogue, one a line.
pub fn together(workspace: &Workspace) -> Result<String> {
    let texts = collect(workspace.root())?;
    let texts: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
    Ok(texts.join("\n"))
}

/// Every text, by file and in its order there, each once a file.
fn collect(root: &Path) -> Result<Vec<Text>> {
    let mut files = Vec::new();
    for place in PLACES {
        sources(&root.join(place), &mut files)?;
    }
    files.sort();
    let mut texts = Vec::new();
    for file in files {
        let source = fs::read_to_string(&file)?;
        let tokens: TokenStream = source
            .parse()
            .map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
        let name = file.strip_prefix(root)?.to_string_lossy().into_owned();
        let mut found = Vec::new();
        literals(tokens, &mut found);
        let mut seen = BTreeSet::new();
        texts.extend(
            found
                .into_iter()
                .filter(|text| is_for_people(text) && seen.insert(text.clone()))
                .map(|text| (name.clone(), text)),
        );
    }
    ensure!(!texts.is_empty(), "no text was found");
    Ok(texts)
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && name != "tests" {
            sources(&path, into)?;
        } else if name.ends_with(".rs") && name != "tests.rs" {
            into.push(path);
        }
    }
    Ok(())
}

/// What is said to developers alone.
const FOR_DEVELOPERS: [&str; 14] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "panic",
    "unreachable",
    "expect",
    "warn",
    "error",
    "log",
    "mutated",
    "env",
    "expect_used",
    "ends_with",
];

/// The string literals of code that runs, in their order: without attributes, tests and what developers read.
fn literals(tokens: TokenStream, into: &mut Vec<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Punct(it) if it.as_char() == '#' => {
                let inner =
                    matches!(tokens.get(at + 1), Some(TokenTree::Punct(it)) if it.as_char() == '!');
                let group = at + 1 + usize::from(inner);
                if let Some(TokenTree::Group(it)) = tokens.get(group)
                    && it.delimiter() == Delimiter::Bracket
                {
                    at = group + 1;
                    if it.stream().to_string() == "cfg (test)" {
                        at = after_item(&tokens, at);
                    }
                    continue;
                }
            }
            TokenTree::Ident(name) if FOR_DEVELOPERS.contains(&name.to_string().as_str()) => {
                let bang =
                    matches!(tokens.get(at + 1), Some(TokenTree::Punct(it)) if it.as_char() == '!');
                let group = at + 1 + usize::from(bang);
                if let Some(TokenTree::Group(_)) = tokens.get(group) {
                    at = group + 1;
                    continue;
                }
            }
            TokenTree::Group(group) => literals(group.stream(), into),
            TokenTree::Literal(literal) => {
                if let Some(text) = text(&literal.to_string()) {
                    into.push(text);
                }
            }
            TokenTree::Ident(_) | TokenTree::Punct(_) => {}
        }
        at += 1;
    }
}

/// The place after the item that begins at `at`: its block or its semicolon.
fn after_item(tokens: &[TokenTree], mut at: usize) -> usize {
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token {
            TokenTree::Group(it) if it.delimiter() == Delimiter::Brace => break,
            TokenTree::Punct(it) if it.as_char() == ';' => break,
            _ => {}
        }
    }
    at
}

/// What a string literal says. `None` for other literals.
fn text(literal: &str) -> Option<String> {
    if let Some(raw) = literal.strip_prefix('r') {
        let raw = raw.trim_matches('#');
        return Some(raw.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    }
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    // A backslash at a line's end leaves out the break and what indents the next line.
    let mut joined = String::new();
    let mut rest = inner;
    while let Some((before, after)) = rest.split_once("\\\n") {
        joined.push_str(before);
        rest = after.trim_start();
    }
    joined.push_str(rest);
    Some(
        joined
            .replace("\\n", "\n")
            .replace("\\\"", "\"")
            .replace("\\\\", "\\"),
    )
}

/// Names of keys, formats and the like, which look like words and are none.
const NOT_WORDS: [&str; 24] = [
    "Enter",
    "Escape",
    "Home",
    "End",
    "Tab",
    "Backspace",
    "Delete",
    "ArrowUp",
    "ArrowDown",
    "ArrowLeft",
    "ArrowRight",
    "PageUp",
    "PageDown",
    "POST",
    "GET",
    "DELETE",
    "Europe",
    "London",
    "Request",
    "Response",
    "Android",
    "Mac",
    "Content-Type",
    "Retry-After",
];

/// Whether a text is one that a person reads: it has a word of letters, and either several of them or a capital.
fn is_for_people(text: &str) -> bool {
    let trimmed = text.trim();
    if trimmed.is_empty() || NOT_WORDS.contains(&trimmed) {
        return false;
    }
    let has_word = words(trimmed).any(|word| word.len() > 1);
    let first_is_capital = trimmed
        .chars()
        .next()
        .is_some_and(|first| first.is_uppercase());
    let code = trimmed.contains("::")
        || trimmed.contains("();")
        || trimmed.contains("='")
        || trimmed.starts_with(['%', '.', '(', '#'])
        || trimmed.starts_with("holdfast/")
        || trimmed.starts_with("input,")
        || trimmed.chars().filter(|it| it.is_uppercase()).count() > 1 && !trimmed.contains(' ');
    let sentence = trimmed.contains(' ') && trimmed.chars().any(|it| it.is_lowercase());
    has_word && !code && (sentence || first_is_capital)
}

fn catalogue(texts: &[Text]) -> String {
    let mut by_file: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (file, text) in texts {
        by_file.entry(file).or_default().push(text);
    }
    let mut out = String::from(
        "Every text that a person reads, by the file it stands in. `cargo xtask words` writes it; a test compares it.\n",
    );
    for (file, texts) in by_file {
        out.push_str(&format!("\n# {file}\n"));
        for text in texts {
            out.push_str(&text.trim().replace('\n', "\\n"));
            out.push('\n');
        }
    }
    out
}

/// The words of a text; what a format puts in counts as none.
fn words(text: &str) -> impl Iterator<Item = String> {
    let mut plain = String::new();
    let mut depth = 0;
    for it in text.chars() {
        match it {
            '{' => depth += 1,
            '}' => depth = (depth - 1).max(0),
            _ if depth > 0 => {}
            '’' => plain.push('\''),
            _ => plain.push(it),
        }
    }
    plain
        .split(|it: char| !(it.is_alphabetic() || it == '\''))
        .map(|word| word.trim_matches('\'').to_lowercase())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .into_iter()
}

fn sentences(text: &str) -> Vec<&str> {
    text.split_inclusive(['.', '?', '!', ':', ';', '\n'])
        .map(str::trim)
        .filter(|sentence| words(sentence).next().is_some())
        .collect()
}

/// Syllables by groups of vowels: a last 'e' that is not spoken is none.
fn syllables(word: &str) -> usize {
    if TERMS.contains(&word) {
        return 2;
    }
    let is_vowel = |it: char| matches!(it, 'a' | 'e' | 'i' | 'o' | 'u' | 'y');
    let (mut count, mut before) = (0_usize, false);
    for it in word.chars() {
        let vowel = is_vowel(it);
        count += usize::from(vowel && !before);
        before = vowel;
    }
    let silent = (word.ends_with('e') && !word.ends_with("le"))
        || (word.ends_with("ed") && !word.ends_with("ted") && !word.ends_with("ded"));
    if silent && count > 1 {
        count -= 1;
    }
    count.max(1)
}

/// How many words, sentences and syllables.
#[derive(Default)]
struct Reads {
    words: usize,
    sentences: usize,
    syllables: usize,
}

impl Reads {
    fn of(texts: &[&str]) -> Self {
        let mut reads = Self::default();
        for sentence in texts.iter().flat_map(|text| sentences(text)) {
            let words: Vec<String> = words(sentence).collect();
            // Of a label's few words the formula says nothing.
            if words.len() >= RUNNING {
                reads.sentences += 1;
                reads.words += words.len();
                reads.syllables += words.iter().map(|word| syllables(word)).sum::<usize>();
            }
        }
        reads
    }

    /// The age at which it is read with ease, in years: the grade of Flesch and Kincaid (1975), and five.
    fn age(&self) -> f64 {
        let (words, sentences) = (self.words as f64, self.sentences as f64);
        let syllables = self.syllables as f64;
        0.39 * words / sentences + 11.8 * syllables / words - 15.59 + 5.0
    }
}

/// The reading age of a text's hardest sentence. `None` where all are labels.
fn hardest_sentence(text: &str) -> Option<f64> {
    sentences(text)
        .into_iter()
        .map(|sentence| Reads::of(&[sentence]))
        .filter(|reads| reads.words >= 8)
        .map(|reads| reads.age())
        .max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Vec<Text> {
        collect(Workspace::here().root()).expect("sources parse")
    }

    #[test]
    fn the_catalogue_is_what_the_code_says() {
        let kept =
            fs::read_to_string(Workspace::here().root().join(CATALOGUE)).expect("a catalogue");
        assert!(
            kept == catalogue(&texts()),
            "the texts have changed: run `cargo xtask words`, and read what it prints"
        );
    }

    #[test]
    fn no_text_has_a_word_that_nobody_should_have_to_read() {
        let mut found = Vec::new();
        for (file, text) in texts() {
            let spaced = format!(" {} ", words(&text).collect::<Vec<_>>().join(" "));
            for banned in BANNED {
                if spaced.contains(&format!(" {banned} ")) {
                    found.push(format!("{file}: '{banned}' in: {text}"));
                }
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    #[test]
    fn the_whole_reads_at_nine_to_eleven_and_no_sentence_is_for_scholars() {
        let texts = texts();
        let all: Vec<&str> = texts.iter().map(|(_, text)| text.as_str()).collect();
        let age = Reads::of(&all).age();
        assert!(age <= 11.0, "a reading age of {age:.1}");
        let hard: Vec<String> = texts
            .iter()
            .filter_map(|(file, text)| Some((hardest_sentence(text)?, file, text)))
            .filter(|(age, ..)| *age > HARDEST)
            .map(|(age, file, text)| format!("{age:.1} {file}: {text}"))
            .collect();
        assert!(hard.is_empty(), "{}", hard.join("\n"));
    }

    #[test]
    fn syllables_are_counted_as_they_are_spoken() {
        for (word, count) in [
            ("note", 1),
            ("record", 2),
            ("table", 2),
            ("saved", 1),
            ("handed", 2),
            ("every", 3),
        ] {
            assert_eq!(syllables(word), count, "{word}");
        }
    }

    #[test]
    fn what_developers_read_and_tests_are_left_out() {
        let code = r#"
            #[doc = "A doc text"] fn f() { g("Told to people"); h().expect("never told"); panic!("not told") }
            #[cfg(test)] mod tests { fn t() { g("In a test"); } }
            fn last() { view! { <p title="A title">"Shown to all"</p> } }
        "#;
        let mut found = Vec::new();
        literals(code.parse().expect("tokens"), &mut found);
        assert_eq!(found, ["Told to people", "A title", "Shown to all"]);
    }
}
