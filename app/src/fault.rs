//! When the app itself stops. The page's start code sees the trap that follows a panic and shows a
//! plain page in place of a screen that may no longer be true; drafts are written as the person
//! types, so nothing has to be rescued here.

use std::panic;

/// Names the place of a panic in the console: the place alone, since a message may quote what a
/// person wrote.
pub fn install() {
    panic::set_hook(Box::new(|info| {
        let place = info
            .location()
            .map(|place| format!("{}:{}", place.file(), place.line()));
        leptos::logging::error!(
            "Holdfast stopped at {}",
            place.as_deref().unwrap_or("an unknown place")
        );
    }));
}
