//! An import performed: the folder read within bounds, the store asked what it lists, and what it
//! lacks appended in one transaction.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

use holdfast_domain::{encoding::Millis, ids::EntryId};

use super::{
    Changes, Current, Fault,
    entries::{KINDS, entries},
    parse,
    table::{LARGEST_FILE, LONGEST_LINE},
};
use crate::{
    clock,
    store::{Store, StoreError},
};

/// Why an import wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("the folder cannot be read: {0}")]
    Folder(#[from] io::Error),
    /// One line each, `file:line:column: message`.
    #[error("{}", lines(.0))]
    Faults(Vec<Fault>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn lines(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(Fault::to_string).collect();
    lines.join("\n")
}

/// Imports a folder, all or nothing.
///
/// # Errors
/// [`Failure`]; nothing was written.
pub async fn run(store: &dyn Store, folder: &Path, now: Millis) -> Result<Changes, Failure> {
    take(store, &read_folder(folder)?, now).await
}

/// Imports files that are already in memory, all or nothing.
///
/// # Errors
/// [`Failure`]; nothing was written.
pub async fn take(
    store: &dyn Store,
    files: &BTreeMap<String, Vec<u8>>,
    now: Millis,
) -> Result<Changes, Failure> {
    let import = parse(files, store.provider().id).map_err(Failure::Faults)?;
    let mut current = Current::new();
    for kind in KINDS {
        for (subject, said) in store.current_subjects(kind).await? {
            current.insert((kind, subject), said);
        }
    }
    let changes = entries(&import, &current, || EntryId::new(now, clock::random()));
    if !changes.entries.is_empty() {
        store.append_server(changes.entries.clone()).await?;
    }
    Ok(changes)
}

/// The folder's CSV files by name. A file is read no further than its first line that is too long,
/// or the most a file may have; `parse` then names that fault.
///
/// # Errors
/// Where the folder or a file in it cannot be read.
pub fn read_folder(folder: &Path) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        if let Some(name) = name
            && name.to_ascii_lowercase().ends_with(".csv")
            && path.is_file()
        {
            files.insert(name, read_within_bounds(&path)?);
        }
    }
    Ok(files)
}

fn read_within_bounds(path: &Path) -> io::Result<Vec<u8>> {
    let mut reader = BufReader::new(File::open(path)?);
    let (mut bytes, mut line) = (Vec::new(), 0);
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            return Ok(bytes);
        }
        for part in chunk.split_inclusive(|byte| *byte == b'\n') {
            line += part.len();
            bytes.extend_from_slice(part);
            if line > LONGEST_LINE + 1 || bytes.len() > LARGEST_FILE {
                return Ok(bytes);
            }
            if part.ends_with(b"\n") {
                line = 0;
            }
        }
        let read = chunk.len();
        reader.consume(read);
    }
}
