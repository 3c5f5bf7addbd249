//! Every choice of a run, from its seed.

use holdfast_domain::encoding::Millis;
pub use holdfast_server::clock::simulated::Random;

/// Choices among things.
pub trait Choose {
    /// A number below `end`, which is above 0.
    fn below(&mut self, end: usize) -> usize;
    /// True this often in a hundred.
    fn percent(&mut self, often: u64) -> bool;
    /// A time in `[least, most]`.
    fn between(&mut self, least: Millis, most: Millis) -> Millis;
    fn bytes<const N: usize>(&mut self) -> [u8; N];
}

impl Choose for Random {
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.draw() % end as u64).expect("below a usize")
    }

    fn percent(&mut self, often: u64) -> bool {
        self.draw() % 100 < often
    }

    fn between(&mut self, least: Millis, most: Millis) -> Millis {
        holdfast_domain::syncer::backoff::between(least, most, self.draw())
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }
}
