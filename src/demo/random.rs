//! A tiny random number generator, so that the example needs no other crate.
//!
//! The algorithm is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
//! generators", OOPSLA 2014): a counter that grows by a fixed odd number, and a mixing function
//! that turns each value of the counter into 64 well-scrambled bits. Only integers are involved,
//! so the same seed gives the same numbers on every platform.

/// The step of the counter: 2^64 divided by the golden ratio, made odd.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A stream of random numbers.
pub(super) struct Random {
    state: u64,
}

impl Random {
    /// The stream for one row: rows do not share a stream, so a longer data set begins with the
    /// rows of a shorter one.
    pub(super) fn for_row(seed: u64, row: u64) -> Self {
        Self { state: mix(mix(seed.wrapping_add(STEP)) ^ row) }
    }

    /// The next 64 random bits.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(STEP);
        mix(self.state)
    }

    /// A number from 0 to `bound` - 1, or 0 if `bound` is 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let high = self.next() >> 32;
        ((high * u64::from(bound)) >> 32) as u32
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below(high.saturating_sub(low) + 1)
    }

    /// True in `percent` of 100 cases.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.below(100) < percent
    }

    /// One of the texts, each as likely as the others; the empty text if there are none.
    pub(super) fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let index = self.below(u32::try_from(texts.len()).unwrap_or(u32::MAX));
        texts.get(index as usize).copied().unwrap_or("")
    }

    /// The index of one of the weights, each as likely as its weight says; 0 if all are 0.
    pub(super) fn weighted(&mut self, weights: impl Iterator<Item = u32> + Clone) -> usize {
        let mut rest = self.below(weights.clone().sum());
        for (index, weight) in weights.enumerate() {
            if rest < weight {
                return index;
            }
            rest -= weight;
        }
        0
    }
}

/// The mixing function of SplitMix64.
fn mix(state: u64) -> u64 {
    let mut bits = state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}
