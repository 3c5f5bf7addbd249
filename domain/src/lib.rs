//! What Holdfast keeps and decides: entries and their formats, the ledger that folds them,
//! permissions, and the syncer's decisions. Pure: no I/O, no clock, no browser, no HTTP, no SQL;
//! time and ids come in as arguments, so phone, server and simulator run the same code.

pub mod body;
pub mod care;
pub mod chain;
pub mod cursor;
pub mod difference;
pub mod encoding;
pub mod entry;
pub mod form;
pub mod ids;
pub mod json;
pub mod keys;
pub mod ledger;
pub mod mutation;
pub mod outbox;
pub mod permission;
pub mod receipt;
pub mod recipients;
pub mod record_search;
pub mod rules;
pub mod sealing;
pub mod sort;
pub mod spelling;
pub mod syncer;
pub mod wire;
pub mod words;
