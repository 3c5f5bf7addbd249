//! Real faults under the built binary: killed processes, full and failing disks, a torn log. What was acknowledged
//! is there afterwards, once, and a worker is told in plain words.

#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "../it/http.rs"]
mod http;
#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "../it/phone.rs"]
mod phone;
#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "../it/process.rs"]
mod process;
#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "../it/support.rs"]
mod support;

mod disk;
mod fsync;
mod full;
mod kills;
mod log;
mod torn;
