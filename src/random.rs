//! Random bits that are the same everywhere.
//!
//! The algorithm is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
//! generators", OOPSLA 2014, doi:10.1145/2660193.2660195): a counter that grows by a fixed odd number,
//! and a mixing function that turns each value of the counter into 64 well-scrambled bits. Only
//! integers are involved, so the same seed gives the same bits on every platform; streams have numbers of
//! their own, so that work can be shared among threads in any way.

/// The step of the counter: 2⁶⁴ divided by the golden ratio, made odd.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A stream of random bits.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// Stream `number` of a seed.
    pub(crate) fn stream(seed: u64, number: u64) -> Self {
        Self { state: mix(mix(seed.wrapping_add(STEP)) ^ number) }
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// A number in (0, 1).
    pub(crate) fn uniform(&mut self) -> f64 {
        unit(self.bits())
    }

    /// A number from 0 to `n` - 1, or 0 if `n` is 0.
    pub(crate) fn index(&mut self, n: usize) -> usize {
        ((u128::from(self.bits()) * n as u128) >> 64) as usize
    }
}

/// The number in (0, 1) that 64 random bits stand for; larger bits are no smaller numbers.
pub(crate) fn unit(bits: u64) -> f64 {
    ((bits >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

/// The mixing function of SplitMix64: numbers in any order come out in random order.
#[inline]
pub(crate) fn mix(state: u64) -> u64 {
    let mut bits = state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
