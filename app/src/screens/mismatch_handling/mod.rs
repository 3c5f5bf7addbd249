//! What follows a mismatch: guidance to follow meanwhile, the steps to its close, their forms, and the lists for those
//! who lead. What is asked of whom, and when, is decided in `domain`.

mod form;
mod guidance;
mod lists;
mod steps;

pub use form::StepPage;
pub use guidance::{Follow, GuidanceFor, GuidancePage, ReadGuidance};
pub use lists::{ListPage, Oversee};
pub use steps::HandlingPart;
