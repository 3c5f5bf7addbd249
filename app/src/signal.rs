//! Signals as the view library has them, over one reactive machinery: the values lie behind pointers that know
//! their type. The library makes a copy of its machinery for each type a signal or memo holds, 3 to 6 kB of the
//! app apiece, where all of Holdfast has to start on a slow phone.

use std::any;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::marker::PhantomData;
use std::sync::Arc;

use leptos::prelude::{self as library, Get, GetUntracked, GetValue, Set, untrack};

type Kept = Arc<dyn any::Any + Send + Sync>;
type Derive = Arc<dyn Fn() -> Kept + Send + Sync>;

/// What a signal may hold.
pub trait Value: Clone + Send + Sync + 'static {}

impl<T: Clone + Send + Sync + 'static> Value for T {}

/// A signal that is written and read.
pub struct RwSignal<T> {
    kept: library::RwSignal<Kept>,
    of: PhantomData<fn() -> T>,
}

/// A signal that is read: written elsewhere, a memo, derived, or one value for ever.
pub struct Signal<T> {
    source: Source,
    of: PhantomData<fn() -> T>,
}

#[derive(Clone, Copy)]
enum Source {
    Written(library::RwSignal<Kept>),
    Memo(library::Memo<Any>),
    Derived(library::StoredValue<Derive>),
    Fixed(library::StoredValue<Kept>),
}

impl Source {
    fn get(self) -> Kept {
        match self {
            Source::Written(kept) => kept.get(),
            Source::Memo(memo) => memo.get().kept,
            Source::Derived(derive) => (derive.get_value())(),
            Source::Fixed(kept) => kept.get_value(),
        }
    }

    fn get_untracked(self) -> Kept {
        match self {
            Source::Written(kept) => kept.get_untracked(),
            Source::Memo(memo) => memo.get_untracked().kept,
            Source::Derived(derive) => untrack(|| (derive.get_value())()),
            Source::Fixed(kept) => kept.get_value(),
        }
    }
}

/// A value of any type that can be told from another.
#[derive(Clone)]
pub struct Any {
    kept: Kept,
    same: fn(&Kept, &Kept) -> bool,
}

impl Any {
    pub fn new<T: Value + PartialEq>(value: T) -> Any {
        fn same<T: PartialEq + 'static>(one: &Kept, other: &Kept) -> bool {
            one.downcast_ref::<T>() == other.downcast_ref::<T>()
        }
        Any {
            kept: Arc::new(value),
            same: same::<T>,
        }
    }

    /// The value, which was made as a `T`.
    pub fn get<T: Value>(&self) -> T {
        it::<T>(&self.kept).clone()
    }
}

impl PartialEq for Any {
    fn eq(&self, other: &Any) -> bool {
        (self.same)(&self.kept, &other.kept)
    }
}

/// The value as what it was made of; the types of this module's public parts keep the two the same.
fn it<T: 'static>(kept: &Kept) -> &T {
    #[cold]
    fn other() -> ! {
        unreachable!("a signal holds what its type says")
    }
    kept.downcast_ref().unwrap_or_else(|| other())
}

impl<T: Value> RwSignal<T> {
    pub fn new(value: T) -> Self {
        Self {
            kept: library::RwSignal::new(Arc::new(value)),
            of: PhantomData,
        }
    }

    /// Writes the value; whoever read it runs again.
    pub fn set(&self, value: T) {
        self.kept.set(Arc::new(value));
    }

    /// Writes the value, unless the screen it belonged to is gone.
    pub fn try_set(&self, value: T) {
        self.kept.try_set(Arc::new(value));
    }

    /// Whether the screen it belonged to is gone.
    pub fn is_gone(&self) -> bool {
        self.kept.try_get_untracked().is_none()
    }

    /// Changes the value, and gives what `change` gives.
    pub fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let mut value = self.get_untracked();
        let answer = change(&mut value);
        self.set(value);
        answer
    }
}

impl<T: Value> Signal<T> {
    /// What `of` gives, worked out anew for each reader.
    pub fn derive(of: impl Fn() -> T + Send + Sync + 'static) -> Self {
        fn derived(of: Derive) -> Source {
            Source::Derived(library::StoredValue::new(of))
        }
        Self::of(derived(Arc::new(move || Arc::new(of()))))
    }

    fn of(source: Source) -> Self {
        Self {
            source,
            of: PhantomData,
        }
    }
}

/// A memo: what `of` gives, followed by those who read it only when it changes.
pub fn memo<T: Value + PartialEq>(of: impl Fn() -> T + Send + Sync + 'static) -> Signal<T> {
    fn kept(of: Box<dyn Fn() -> Any + Send + Sync>) -> Source {
        Source::Memo(library::Memo::new(move |_| of()))
    }
    Signal::of(kept(Box::new(move || Any::new(of()))))
}

macro_rules! read {
    ($signal:ident, $source:expr) => {
        impl<T: Value> $signal<T> {
            /// The value; whoever runs this follows the signal.
            pub fn get(&self) -> T {
                self.look(T::clone)
            }

            /// What `of` makes of the value; whoever runs this follows the signal.
            pub fn look<R>(&self, of: impl FnOnce(&T) -> R) -> R {
                of(it(&$source(self).get()))
            }

            /// The value as it is now.
            pub fn get_untracked(&self) -> T {
                self.with_untracked(T::clone)
            }

            /// What `of` makes of the value as it is now.
            pub fn with_untracked<R>(&self, of: impl FnOnce(&T) -> R) -> R {
                of(it(&$source(self).get_untracked()))
            }
        }

        impl<T> Clone for $signal<T> {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl<T> Copy for $signal<T> {}
    };
}

read!(RwSignal, |signal: &RwSignal<T>| Source::Written(
    signal.kept
));
read!(Signal, |signal: &Signal<T>| signal.source);

impl<T: Value> From<RwSignal<T>> for Signal<T> {
    fn from(signal: RwSignal<T>) -> Self {
        Self::of(Source::Written(signal.kept))
    }
}

impl<T: Value> From<T> for Signal<T> {
    fn from(value: T) -> Self {
        Self::of(Source::Fixed(library::StoredValue::new(Arc::new(value))))
    }
}

impl From<&str> for Signal<String> {
    fn from(value: &str) -> Self {
        Self::from(value.to_owned())
    }
}

impl<T: Value + Default> Default for Signal<T> {
    fn default() -> Self {
        Self::from(T::default())
    }
}

/// A row of a list that is drawn again only when it changes: two rows are one where they are equal.
#[derive(Clone)]
pub(crate) struct Row {
    hash: u64,
    pub it: Any,
}

impl Row {
    pub fn new<T: Value + Hash + Eq>(row: T) -> Row {
        let mut hasher = DefaultHasher::new();
        row.hash(&mut hasher);
        Row {
            hash: hasher.finish(),
            it: Any::new(row),
        }
    }
}

impl PartialEq for Row {
    fn eq(&self, other: &Row) -> bool {
        self.hash == other.hash && self.it == other.it
    }
}

impl Eq for Row {}

impl Hash for Row {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leptos::prelude::Owner;
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    #[test]
    fn a_memo_runs_again_only_when_what_it_read_was_written() {
        let owner = Owner::new();
        owner.with(|| {
            let runs = Arc::new(AtomicUsize::new(0));
            let (count, counted) = (RwSignal::new(1), Arc::clone(&runs));
            let double = memo(move || {
                counted.fetch_add(1, Relaxed);
                count.get() * 2
            });
            assert_eq!((double.get(), double.get()), (2, 2));
            assert_eq!(runs.load(Relaxed), 1);
            assert_eq!(count.update(|count| std::mem::replace(count, 4)), 1);
            assert_eq!(double.get_untracked(), 8);
            assert_eq!(runs.load(Relaxed), 2);
        });
    }

    #[test]
    fn a_signal_reads_alike_whatever_it_comes_from() {
        let owner = Owner::new();
        owner.with(|| {
            let name = RwSignal::new("Ada".to_owned());
            let written: Signal<String> = name.into();
            let derived = Signal::derive(move || name.look(|name| name.to_uppercase()));
            let fixed: Signal<String> = "Eve".to_owned().into();
            name.set("Bo".into());
            assert_eq!(
                [written.get(), derived.get(), fixed.get()],
                ["Bo", "BO", "Eve"]
            );
            assert_eq!(Signal::<Option<u8>>::default().get(), None);
        });
    }

    #[test]
    fn equal_rows_are_one_and_rows_of_two_types_never_are() {
        assert!(Row::new((1, "a")) == Row::new((1, "a")));
        assert!(Row::new(1_u8) != Row::new(2_u8));
        assert!(Any::new(1_u8) != Any::new(1_u16));
    }
}
