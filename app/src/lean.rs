//! The few generic doors of the view library, each opened once a type instead of once a closure: every closure
//! behind them is kept behind a pointer. Without them each use brings its own copy of the reactive machinery,
//! 1 to 4 kB of the app, where all of Holdfast has to start on a slow phone.

use std::ops::Deref;

use leptos::prelude::*;

/// A memo: what `of` gives, followed by those who read it only when it changes.
pub fn memo<T: PartialEq + Send + Sync + 'static>(
    of: impl Fn() -> T + Send + Sync + 'static,
) -> Memo<T> {
    type Of<T> = Box<dyn Fn() -> T + Send + Sync>;
    fn kept<T: PartialEq + Send + Sync + 'static>(of: Of<T>) -> Memo<T> {
        Memo::new(move |_| of())
    }
    kept(Box::new(of))
}

/// A part of a view that is drawn again when what it read changes.
pub fn live<V: IntoView + 'static>(draw: impl Fn() -> V + Send + 'static) -> AnyView {
    let draw: Box<dyn Fn() -> AnyView + Send> = Box::new(move || draw().into_any());
    draw.into_any()
}

/// The value of an attribute that follows what it read.
pub fn attr<T: 'static>(of: impl Fn() -> T + Send + 'static) -> Box<dyn FnMut() -> T + Send> {
    Box::new(of)
}

/// Reading a signal's value where it lies, as `with` does.
pub trait Look: Read {
    /// What `of` makes of the value; whoever runs this follows the signal.
    fn look<R>(&self, of: impl FnOnce(&<Self::Value as Deref>::Target) -> R) -> R
    where
        Self::Value: Deref,
    {
        of(&self.read())
    }
}

impl<S: Read> Look for S {}

/// Shows its children while `when` holds.
#[component]
pub fn Show(#[prop(into)] when: When, children: ChildrenFn) -> impl IntoView {
    let when = memo(when.0);
    live(move || when.get().then(|| children()))
}

/// A condition that is followed.
pub struct When(Box<dyn Fn() -> bool + Send + Sync>);

impl<F: Fn() -> bool + Send + Sync + 'static> From<F> for When {
    fn from(holds: F) -> Self {
        Self(Box::new(holds))
    }
}
