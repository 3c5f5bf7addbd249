//! One CSV file as a table: sizes and encoding checked first, then the header, then the rows.
//! Every field knows the line and column where it begins, also behind quotation marks and line breaks.

use std::collections::BTreeMap;

use csv::StringRecord;

use super::fault::{Faults, shown};

/// The longest line that is read, in bytes.
pub const LONGEST_LINE: usize = 1024 * 1024;
/// The longest field, in bytes.
pub const LONGEST_FIELD: usize = 64 * 1024;
/// The largest file, in bytes.
pub const LARGEST_FILE: usize = 256 * 1024 * 1024;

/// One file and the columns it must have.
pub(super) struct Form {
    pub file: &'static str,
    pub columns: &'static [&'static str],
    /// Columns that it may have besides.
    pub may_lack: &'static [&'static str],
}

/// A file whose header is as its form asks.
pub(super) struct Table<'a> {
    pub file: &'static str,
    text: &'a str,
    lines: Vec<usize>,
    places: BTreeMap<&'static str, usize>,
    rows: Vec<(usize, StringRecord)>,
}

/// One row of a table.
#[derive(Clone, Copy)]
pub(super) struct Row<'t> {
    pub table: &'t Table<'t>,
    start: usize,
    record: &'t StringRecord,
}

impl<'a> Table<'a> {
    /// Reads a file. `None` where nothing in it can be relied on; the faults say why.
    pub fn read(form: &Form, bytes: &'a [u8], faults: &mut Faults) -> Option<Self> {
        let file = form.file;
        if bytes.len() > LARGEST_FILE {
            let most = LARGEST_FILE / 1024 / 1024;
            faults.add(
                file,
                (1, 1),
                format!("This file is larger than {most} MiB."),
            );
            return None;
        }
        if let Some(line) = overlong_line(bytes) {
            let most = LONGEST_LINE / 1024;
            faults.add(
                file,
                (line, 1),
                format!("This line is longer than {most} KiB. Line breaks may be missing."),
            );
            return None;
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => {
                let good = std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default();
                let byte = bytes.get(error.valid_up_to()).copied().unwrap_or_default();
                faults.add(
                    file,
                    position(good, &line_starts(good), good.len()),
                    format!(
                        "This is not UTF-8 (byte 0x{byte:02X}). Save the file as CSV in UTF-8 and import it again."
                    ),
                );
                return None;
            }
        };
        let mut table = Self {
            file,
            text,
            lines: line_starts(text),
            places: BTreeMap::new(),
            rows: Vec::new(),
        };
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut record = StringRecord::new();
        let mut header = None;
        while reader.read_record(&mut record).unwrap_or(false) {
            let at = record.position().map_or(0, |p| p.byte() as usize);
            let start = at + text[at..].len() - text[at..].trim_start_matches(['\r', '\n']).len();
            if let Some(long) = record.iter().position(|field| field.len() > LONGEST_FIELD) {
                let most = LONGEST_FIELD / 1024;
                faults.add(
                    file,
                    table.locate(start, long),
                    format!(
                        "This field is longer than {most} KiB. A closing quotation mark may be missing."
                    ),
                );
                return None;
            }
            match header {
                None => header = Some(table.heading(form, start, &record, faults)?),
                Some(width) => table.row(width, start, &record, faults),
            }
        }
        if header.is_none() {
            let columns = form.columns.join(",");
            faults.add(
                file,
                (1, 1),
                format!("This file is empty. Its first line must be: {columns}"),
            );
            return None;
        }
        Some(table)
    }

    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|(start, record)| Row {
            table: self,
            start: *start,
            record,
        })
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The column that stands first in every row.
    pub fn first_column(&self) -> &'static str {
        let first = self.places.iter().min_by_key(|(_, at)| **at);
        first.map_or("", |(name, _)| name)
    }

    /// Takes the header row; gives its width, or `None` where a column is missing, unknown or there twice.
    fn heading(
        &mut self,
        form: &Form,
        start: usize,
        record: &StringRecord,
        faults: &mut Faults,
    ) -> Option<usize> {
        let mut good = true;
        for (at, name) in record.iter().enumerate() {
            let place = self.locate(start, at);
            let mut columns = form.columns.iter().chain(form.may_lack);
            match columns.find(|known| **known == name.trim()) {
                None => {
                    let known = [form.columns, form.may_lack].concat().join(", ");
                    faults.add(
                        self.file,
                        place,
                        format!(
                            "The column {} is not known here. The columns are: {known}.",
                            shown(name)
                        ),
                    );
                    good = false;
                }
                Some(known) => {
                    if self.places.insert(known, at).is_some() {
                        faults.add(
                            self.file,
                            place,
                            format!("The column '{known}' is there twice."),
                        );
                        good = false;
                    }
                }
            }
        }
        for name in form.columns {
            if !self.places.contains_key(name) {
                faults.add(
                    self.file,
                    self.locate(start, 0),
                    format!("The column '{name}' is missing."),
                );
                good = false;
            }
        }
        good.then_some(record.len())
    }

    /// Takes a row of the header's width; a row of nothing but commas is an empty line.
    fn row(&mut self, width: usize, start: usize, record: &StringRecord, faults: &mut Faults) {
        if record.iter().all(str::is_empty) {
            return;
        }
        if record.len() == width {
            self.rows.push((start, record.clone()));
            return;
        }
        let there = record.len();
        let place = self.locate(start, width.min(there.saturating_sub(1)));
        faults.add(
            self.file,
            place,
            format!(
                "This row has {there} fields and the header has {width}. A field that holds a comma must stand in quotation marks."
            ),
        );
    }

    /// Line and column, from 1, of a row's field. Goes through the text as the CSV reader does.
    fn locate(&self, start: usize, field: usize) -> (usize, usize) {
        let bytes = self.text.as_bytes();
        let (mut at, mut seen) = (start, 0);
        while seen < field && at < bytes.len() {
            if bytes[at] == b'"' {
                at += 1;
                while at < bytes.len() {
                    if bytes[at] == b'"' {
                        at += 1;
                        if bytes.get(at) != Some(&b'"') {
                            break;
                        }
                    }
                    at += 1;
                }
            }
            while at < bytes.len() && !matches!(bytes[at], b',' | b'\r' | b'\n') {
                at += 1;
            }
            if bytes.get(at) != Some(&b',') {
                break;
            }
            at += 1;
            seen += 1;
        }
        position(self.text, &self.lines, at.min(self.text.len()))
    }
}

impl<'t> Row<'t> {
    /// The field as it was written.
    pub fn raw(&self, column: &str) -> &'t str {
        self.table
            .places
            .get(column)
            .and_then(|at| self.record.get(*at))
            .unwrap_or_default()
    }

    /// Where the field begins.
    pub fn place(&self, column: &str) -> (usize, usize) {
        let at = self.table.places.get(column).copied().unwrap_or_default();
        self.table.locate(self.start, at)
    }
}

/// The first line (from 1) that is too long to be read.
fn overlong_line(bytes: &[u8]) -> Option<usize> {
    bytes
        .split(|byte| *byte == b'\n')
        .position(|line| line.len() > LONGEST_LINE)
        .map(|at| at + 1)
}

/// Byte offsets at which the lines begin; a line ends with LF, CR LF or CR.
fn line_starts(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut starts = vec![0];
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == b'\n' || (*byte == b'\r' && bytes.get(at + 1) != Some(&b'\n')) {
            starts.push(at + 1);
        }
    }
    starts
}

/// Line and column of a byte offset, both from 1, the column in characters.
fn position(text: &str, lines: &[usize], at: usize) -> (usize, usize) {
    let line = lines.partition_point(|start| *start <= at);
    let start = lines[line - 1];
    (line, text[start..at].chars().count() + 1)
}
