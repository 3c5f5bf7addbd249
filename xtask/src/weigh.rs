//! `cargo xtask weigh`: what in the app weighs how much, by families of functions.
//!
//! A family's weight is what the binary as it travels would lose without it: the family's functions are cut out and
//! the rest is compressed anew. Families share what repeats between them, so their weights add up to less than the
//! whole; the rest is printed as what it is.

use std::collections::HashMap;
use std::fs;
use std::ops::Range;

use anyhow::{Context as _, Result, ensure};
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::bundle;
use crate::site::brotli;
use crate::sizes::kilobytes;
use crate::stage::Stages;
use crate::workspace::Workspace;

/// Families by what a function's name has in it; the first that fits counts.
const FAMILIES: [(&str, &[&str]); 16] = [
    (
        "reading and writing JSON",
        &["serde", "holdfast_domain::json"],
    ),
    (
        "maps and sets (BTreeMap, HashMap)",
        &["btree", "hashbrown", "hash::map", "hash::set"],
    ),
    (
        "cryptography",
        &[
            "curve25519",
            "ed25519",
            "sha2::",
            "aes",
            "ghash",
            "polyval",
            "hmac",
            "hkdf",
            "ctr::",
            "cipher",
            "digest::",
            "universal_hash",
        ],
    ),
    ("dates (chrono)", &["chrono"]),
    ("views (tachys)", &["tachys"]),
    (
        "signals (reactive_graph, any_spawner)",
        &[
            "reactive_graph",
            "any_spawner",
            "or_poisoned",
            "reactive_stores",
        ],
    ),
    ("router", &["leptos_router"]),
    (
        "leptos itself",
        &["leptos", "hydration_context", "throw_error", "oco_ref"],
    ),
    (
        "the browser's interfaces (wasm-bindgen, web-sys)",
        &[
            "wasm_bindgen",
            "web_sys",
            "js_sys",
            "gloo",
            "__wbg",
            "__wbindgen",
        ],
    ),
    ("our domain", &["holdfast_domain"]),
    ("our app: screens", &["holdfast_app::screens"]),
    (
        "our app: components",
        &[
            "holdfast_app::components",
            "holdfast_app::lean",
            "holdfast_app::signal",
        ],
    ),
    ("our app: client and the rest", &["holdfast_app"]),
    (
        "vectors, strings, iterators",
        &[
            "alloc::",
            "core::iter",
            "core::slice",
            "core::str",
            "dlmalloc",
        ],
    ),
    ("formatting and the rest of core", &["core::"]),
    ("std, futures, uuid and others", &[""]),
];

pub fn run(workspace: &Workspace, stages: &Stages) -> Result<()> {
    let path = bundle::with_names(workspace, stages)?;
    let binary = fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let module = Module::read(&binary)?;
    let whole = weight(&module.without(&[]))?;
    println!("\n{:<52}{:>8}{:>10}{:>10}", "kB", "count", "raw", "brotli");
    for (index, (name, _)) in FAMILIES.iter().enumerate() {
        let bodies: Vec<Range<usize>> = module
            .functions
            .iter()
            .filter(|function| function.family == index)
            .map(|function| function.body.clone())
            .collect();
        let raw = bodies.iter().map(ExactSizeIterator::len).sum();
        let without = weight(&module.without(&bodies))?;
        row(
            name,
            &bodies.len().to_string(),
            raw,
            whole.saturating_sub(without),
        );
    }
    let data = std::slice::from_ref(&module.data);
    row(
        "data: texts, tables",
        "",
        module.data.len(),
        whole - weight(&module.without(data))?,
    );
    let functions = module.functions.len().to_string();
    row("all", &functions, module.without(&[]).len(), whole);
    Ok(())
}

fn row(name: &str, count: &str, raw: usize, brotli: usize) {
    println!(
        "{name:<52}{count:>8}{:>10}{:>10}",
        kilobytes(raw),
        kilobytes(brotli)
    );
}

fn weight(bytes: &[u8]) -> Result<usize> {
    Ok(brotli(bytes)?.len())
}

/// A function of the binary: where its body lies, and the index of its family.
struct Function {
    body: Range<usize>,
    family: usize,
}

/// A WebAssembly binary, as ranges of its bytes.
struct Module<'a> {
    binary: &'a [u8],
    functions: Vec<Function>,
    data: Range<usize>,
    /// Sections that do not travel: names and the like.
    custom: Vec<Range<usize>>,
}

impl<'a> Module<'a> {
    fn read(binary: &'a [u8]) -> Result<Self> {
        let (mut imported, mut bodies, mut custom) = (0, Vec::new(), Vec::new());
        let (mut data, mut names) = (0..0, HashMap::new());
        for payload in Parser::new(0).parse_all(binary) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => bodies.push(body.range()),
                Payload::DataSection(section) => data = section.range(),
                Payload::CustomSection(section) => {
                    custom.push(section.range());
                    if let KnownCustom::Name(section) = section.as_known() {
                        for part in section {
                            if let Name::Function(map) = part? {
                                for naming in map {
                                    let naming = naming?;
                                    names.insert(naming.index, naming.name);
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        ensure!(
            !names.is_empty(),
            "The binary has lost the names of its functions."
        );
        let functions = bodies
            .into_iter()
            .zip(imported..)
            .map(|(body, index)| Function {
                body,
                family: family(names.get(&index).copied().unwrap_or_default()),
            })
            .collect();
        Ok(Self {
            binary,
            functions,
            data,
            custom,
        })
    }

    /// The bytes that travel but for those in `cut`, which are ranges in order.
    fn without(&self, cut: &[Range<usize>]) -> Vec<u8> {
        let mut cut: Vec<&Range<usize>> = cut.iter().chain(&self.custom).collect();
        cut.sort_by_key(|range| range.start);
        let mut kept = Vec::with_capacity(self.binary.len());
        let mut at = 0;
        for range in cut {
            kept.extend_from_slice(&self.binary[at..range.start]);
            at = range.end;
        }
        kept.extend_from_slice(&self.binary[at..]);
        kept
    }
}

/// The index in `FAMILIES` of the first that has a part of the function's name.
fn family(mangled: &str) -> usize {
    let name = rustc_demangle::demangle(mangled).to_string();
    FAMILIES
        .iter()
        .position(|(_, parts)| parts.iter().any(|part| name.contains(part)))
        .expect("the last family takes all")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_belongs_to_the_first_family_its_name_fits() {
        let named = |name| FAMILIES[family(name)].0;
        assert_eq!(
            named("_ZN15holdfast_domain4json4Node3get17h0123456789abcdefE"),
            "reading and writing JSON"
        );
        assert_eq!(
            named("_ZN15holdfast_domain6ledger4fold17h0123456789abcdefE"),
            "our domain"
        );
        assert_eq!(named("malloc"), "std, futures, uuid and others");
    }

    #[test]
    fn what_is_cut_out_and_what_does_not_travel_is_not_weighed() {
        let module = Module {
            binary: b"0123456789",
            functions: Vec::new(),
            data: 0..0,
            custom: vec![8..9, 9..10],
        };
        assert_eq!(module.without(&[1..2, 2..3]), b"034567");
    }
}
