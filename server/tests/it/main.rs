//! The server by its behaviour, through HTTP against a real database.

mod assets;
mod batches;
mod http;
mod phone;
mod processes;
mod quarantine;
mod scope;
mod session;
mod support;
mod sync;
mod verify;
mod writer;
