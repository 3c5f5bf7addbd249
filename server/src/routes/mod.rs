//! One file a group of addresses.

pub mod api;
pub mod assets;
pub mod health;
pub mod live;
pub mod session;
pub mod sync;
