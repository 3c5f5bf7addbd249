//! Mutants of seeds: bits, bytes, ranges, splices, and tokens that decoders stumble over.

/// Makes mutants, the same ones for the same seed.
pub struct Mutator(u64);

/// Edges of numbers, and pieces of JSON and CSV.
const TOKENS: [&[u8]; 24] = [
    b"null",
    b"true",
    b"{",
    b"}",
    b"[",
    b"]",
    b"\"",
    b",",
    b":",
    b"\\u0000",
    b"\\ud800",
    b"0",
    b"-1",
    b"9007199254740992",
    b"-9223372036854775808",
    b"18446744073709551615",
    b"1e999",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\r\n",
    b";",
    b"\"\"",
    b"\0",
    b"31/02/2026",
];

impl Mutator {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, 0 for an `end` of 0.
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap_or(u64::MAX).max(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// One of the seeds after one to four changes.
    pub fn mutant(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(4) {
            self.change(&mut bytes, seeds);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let at = self.below(bytes.len());
        let length = self.below(bytes.len() - at).min(1 + self.below(64));
        match self.below(7) {
            0 if !bytes.is_empty() => bytes[at] ^= 1 << self.below(8),
            1 if !bytes.is_empty() => bytes[at] = u8::try_from(self.below(256)).unwrap_or(0),
            2 => drop(bytes.drain(at..at + length)),
            3 => {
                let copy = bytes[at..at + length].to_vec();
                let to = self.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            4 => {
                let token = TOKENS[self.below(TOKENS.len())];
                bytes.splice(at..at + length.min(self.below(8)), token.iter().copied());
            }
            5 => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            _ => bytes.truncate(at),
        }
    }
}
