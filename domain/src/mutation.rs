//! Mutations: the real code broken in one place at a time, to show that the simulator can fail. `cargo xtask mutations`
//! builds them in by `--cfg mutation` and asks for one by its name in `HOLDFAST_MUTATION`. In every other build none is
//! there: each is `false` before the code is compiled.

/// Whether the mutation of this name is asked for.
#[macro_export]
macro_rules! mutated {
    ($name:literal) => {
        cfg!(mutation) && $crate::mutation::asked_for($name)
    };
}

#[cfg(not(mutation))]
#[doc(hidden)]
pub const fn asked_for(_name: &str) -> bool {
    false
}

#[cfg(mutation)]
#[doc(hidden)]
pub fn asked_for(name: &str) -> bool {
    static NAME: std::sync::OnceLock<Option<String>> = std::sync::OnceLock::new();
    NAME.get_or_init(|| std::env::var("HOLDFAST_MUTATION").ok())
        .as_deref()
        == Some(name)
}
