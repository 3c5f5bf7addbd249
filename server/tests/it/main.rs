//! The server by its behaviour, through HTTP against a real database.

mod assets;
mod batches;
mod description;
mod http;
mod phone;
mod process;
mod processes;
mod quarantine;
mod restored;
mod scope;
mod session;
mod support;
mod sync;
mod tampering;
mod verify;
mod writer;
