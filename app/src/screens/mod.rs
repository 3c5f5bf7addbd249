//! The screens. Each reads views of the ledger and hands what was written to the client; none holds a rule.

pub mod all_records;
mod ask;
pub mod begun;
mod beside;
pub mod board;
pub mod broken;
pub mod changes;
pub mod forms;
pub mod home;
pub mod inbox;
pub mod mismatch_handling;
pub mod more;
pub mod my_records;
pub mod not_found;
pub mod offline;
pub mod opening;
mod passing_on;
pub mod people;
pub mod record;
mod say;
pub mod sign_in;
pub mod told;
mod warnings;
pub mod which_device;
