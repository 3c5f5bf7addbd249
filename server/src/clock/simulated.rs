//! A clock that is set and randomness from a seed, for one thread: what the simulator puts in the place of the
//! operating system's, so that a run depends on its seed alone. In no server that is built to serve.

use std::cell::{Cell, RefCell};

use holdfast_domain::encoding::Millis;

thread_local! {
    static NOW: Cell<Option<Millis>> = const { Cell::new(None) };
    static RANDOM: RefCell<Option<Random>> = const { RefCell::new(None) };
}

/// SplitMix64: the same numbers from the same seed, on every machine. Good for simulating, never for secrets.
/// Constants from Steele, Lea and Flood, 'Fast splittable pseudorandom number generators' (2014).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// The next bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.draw().to_le_bytes()[..chunk.len()]);
        }
    }
}

/// From now on this thread's randomness comes from `seed`.
pub fn seed(seed: u64) {
    RANDOM.set(Some(Random::new(seed)));
}

/// Sets this thread's clock.
pub fn set(now: Millis) {
    NOW.set(Some(now));
}

pub(super) fn now() -> Option<Millis> {
    NOW.get()
}

/// False where this thread is not simulated.
pub(super) fn fill(bytes: &mut [u8]) -> bool {
    RANDOM.with_borrow_mut(|random| match random {
        Some(random) => {
            random.fill(bytes);
            true
        }
        None => false,
    })
}
