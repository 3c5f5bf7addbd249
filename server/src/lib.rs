//! The Holdfast server: it authenticates, authorises, appends and serves. What an entry means is
//! decided in `holdfast_domain`; here are the store, the one way in (`accept`), sessions and HTTP.

pub mod accept;
pub mod app;
pub mod cli;
pub mod clock;
pub mod demo;
pub mod import;
pub mod live;
pub mod openapi;
pub mod passwords;
pub mod problem;
pub mod roots;
pub mod routes;
pub mod serve;
pub mod session;
pub mod sqlite;
pub mod store;
pub mod tries;
pub mod verify;
