//! The table of sizes, and the limit for what a device has to fetch before its first start.

use std::fs;

use anyhow::{Result, ensure};

use crate::site::{self, File, Need, Sort};
use crate::words;
use crate::workspace::Workspace;

/// The shell together, in bytes of brotli: where it shall come to.
const AIM: usize = 290_000;

/// What it may not pass on the way there: what was measured last, and a little room, since the paths of the machine
/// that builds it stand in it.
const LIMIT: usize = 775_000;

const ROWS: [(&str, Sort); 8] = [
    ("wasm", Sort::Wasm),
    ("js", Sort::Js),
    ("css", Sort::Css),
    ("html, with the icon sprite", Sort::Html),
    ("font", Sort::Font),
    ("app icons", Sort::Icon),
    ("manifest, licences", Sort::Other),
    ("style guide, demo only", Sort::StyleGuide),
];

/// Prints each sort of file, raw and as it travels, the shell together, and two parts of it apart.
pub fn print(workspace: &Workspace, files: &[File]) -> Result<()> {
    println!("\n{:<28}{:>10}{:>10}{:>10}", "kB", "raw", "brotli", "gzip");
    for (name, sort) in ROWS {
        let of_it = || files.iter().filter(|file| file.sort == sort);
        if of_it().next().is_some() {
            row(name, of_it());
        }
    }
    row(
        "shell together",
        files.iter().filter(|file| file.need == Need::Shell),
    );
    println!(
        "  (what the first start needs: all but PNG icons, the extended Latin font and licences; limit {} kB of brotli, aim {} kB)",
        LIMIT / 1000,
        AIM / 1000
    );
    let over = shell(files).saturating_sub(AIM);
    if over > 0 {
        println!(
            "  THE AIM IS NOT MET: the shell is {} kB over it.",
            kilobytes(over)
        );
    }
    println!("Of it, as they travel by themselves:");
    let sprite = fs::read(workspace.public().join("icons.svg"))?;
    let texts = words::together(workspace)?;
    for (name, part) in [
        ("icon sprite", sprite),
        ("text catalogue", texts.into_bytes()),
    ] {
        println!(
            "{name:<28}{:>10}{:>10}",
            kilobytes(part.len()),
            kilobytes(site::brotli(&part)?.len())
        );
    }
    Ok(())
}

fn row<'a>(name: &str, files: impl Iterator<Item = &'a File>) {
    let (mut raw, mut brotli, mut gzip) = (0, 0, 0);
    for file in files {
        raw += file.asset.bytes.len();
        brotli += file.brotli;
        gzip += file.gzip;
    }
    println!(
        "{name:<28}{:>10}{:>10}{:>10}",
        kilobytes(raw),
        kilobytes(brotli),
        kilobytes(gzip)
    );
}

/// Thousands of bytes, to one decimal place.
pub fn kilobytes(bytes: usize) -> String {
    let tenths = (bytes + 50) / 100;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// The brotli size of what the first start needs, in bytes.
pub fn shell(files: &[File]) -> usize {
    files
        .iter()
        .filter(|file| file.need == Need::Shell)
        .map(|file| file.brotli)
        .sum()
}

/// # Errors
/// The shell is over its limit.
pub fn within_limit(files: &[File]) -> Result<()> {
    let shell = shell(files);
    ensure!(
        shell <= LIMIT,
        "The shell is {} kB of brotli and the limit is {} kB. Make the app smaller, or change LIMIT in xtask/src/sizes.rs and say why.",
        kilobytes(shell),
        kilobytes(LIMIT)
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asset::Asset;

    fn file(need: Need, brotli: usize) -> File {
        File {
            asset: Asset::plain("a", Vec::new()),
            sort: Sort::Wasm,
            need,
            brotli,
            gzip: 0,
        }
    }

    #[test]
    fn the_limit_counts_what_the_first_start_needs() {
        assert!(
            within_limit(&[
                file(Need::Shell, LIMIT),
                file(Need::Kept, LIMIT),
                file(Need::Asked, LIMIT)
            ])
            .is_ok()
        );
        assert!(within_limit(&[file(Need::Shell, LIMIT), file(Need::Shell, 1)]).is_err());
    }

    #[test]
    fn kilobytes_are_thousands() {
        assert_eq!(kilobytes(290_000), "290.0");
        assert_eq!(kilobytes(1_949), "1.9");
        assert_eq!(kilobytes(1_950), "2.0");
    }
}
