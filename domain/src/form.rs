/// Most characters in one field that a person writes.
pub const TEXT: usize = 2_000;
/// Most characters in a rationale.
pub const LONG_TEXT: usize = 4_000;
