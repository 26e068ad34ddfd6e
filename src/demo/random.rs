//! The choices that the generator of the example makes.

pub(super) use crate::random::Random;

impl Random {
    /// A number from 0 to `bound` - 1, or 0 if `bound` is 0.
    pub(super) fn below(&mut self, bound: u32) -> u32 {
        let high = self.bits() >> 32;
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
