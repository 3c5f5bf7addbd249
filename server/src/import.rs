//! What comes in from the record system (DESIGN, section 5): a folder of CSV files, read whole or
//! not at all. `parse` is pure and names every fault; `entries` says which entries the log lacks.

mod entries;
mod fault;
mod field;
mod key_safe;
mod rows;
mod run;
mod table;

use std::collections::BTreeMap;

use holdfast_domain::{
    body::Body,
    ids::{ProviderId, ServiceId},
};
use uuid::Uuid;

pub use entries::{Changes, Current, entries};
pub use fault::{Fault, MOST_FAULTS};
pub use run::{Failure, read_folder, run, take};

/// What the files say, whole and without a fault.
#[derive(Debug, Default)]
pub struct Import {
    /// Every thing the files list, in the order they are appended.
    pub listed: Vec<Listed>,
    /// There was a file of administrations; without one nothing is said about them.
    pub with_administrations: bool,
    /// There was a file of visits.
    pub with_visits: bool,
}

/// One thing the files list, and the service in whose chain it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub service: ServiceId,
    /// The thing's id, made from its key in the files, so that it is the same at every import.
    /// Administrations and visits carry their person's.
    pub subject: Uuid,
    pub body: Body,
}

/// Reads the files of one provider, by file name.
///
/// # Errors
/// All faults found, up to [`MOST_FAULTS`], by file, line and column.
pub fn parse(
    files: &BTreeMap<String, Vec<u8>>,
    provider: ProviderId,
) -> Result<Import, Vec<Fault>> {
    let mut faults = fault::Faults::default();
    let import = rows::read(files, provider, &mut faults);
    if faults.is_empty() {
        Ok(import)
    } else {
        Err(faults.sorted())
    }
}
