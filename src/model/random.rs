//! Random numbers for resampling: SplitMix64 and the Poisson distribution.
//!
//! The generator is that of Steele, Lea and Flood, "Fast splittable pseudorandom number generators"
//! (OOPSLA 2014, doi:10.1145/2660193.2660195): a counter with a mixing function. Each stream has a
//! number of its own, so that work can be shared among threads in any way.

/// The step of the counter: 2⁶⁴ divided by the golden ratio, made odd.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A stream of random numbers.
pub(super) struct Random {
    state: u64,
}

/// From this mean on, a Poisson number is a rounded normal one.
const LARGE: f64 = 30.0;

impl Random {
    /// Stream `number` of a seed.
    pub(super) fn stream(seed: u64, number: u64) -> Self {
        Self { state: mix(mix(seed.wrapping_add(STEP)) ^ number) }
    }

    /// A number in (0, 1).
    fn uniform(&mut self) -> f64 {
        self.state = self.state.wrapping_add(STEP);
        ((mix(self.state) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// A Poisson number of this mean: by inversion, and where that takes long, from the normal
    /// distribution with the same mean and variance.
    pub(super) fn poisson(&mut self, mean: f64) -> u64 {
        if mean >= LARGE {
            let radius = (-2.0 * self.uniform().ln()).sqrt();
            let normal = radius * (std::f64::consts::TAU * self.uniform()).cos();
            return (mean + mean.sqrt() * normal).round().max(0.0) as u64;
        }
        let mut left = self.uniform();
        let mut probability = (-mean).exp();
        let mut number = 0;
        // The bound stops what rounding leaves of the tail.
        while left > probability && number < 1000 {
            left -= probability;
            number += 1;
            probability *= mean / number as f64;
        }
        number
    }
}

/// The mixing function of SplitMix64.
fn mix(state: u64) -> u64 {
    let mut bits = state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poisson_numbers_have_their_mean_and_variance() {
        for mean in [1.0, 7.0, 29.0, 31.0, 4000.0] {
            let mut random = Random::stream(1, 2);
            let drawn: Vec<f64> = (0..20_000).map(|_| random.poisson(mean) as f64).collect();
            let average = drawn.iter().sum::<f64>() / 20_000.0;
            let variance = drawn.iter().map(|x| (x - average).powi(2)).sum::<f64>() / 20_000.0;
            assert!((average - mean).abs() < 4.0 * (mean / 20_000.0).sqrt(), "{mean}: {average}");
            assert!((variance / mean - 1.0).abs() < 0.06, "{mean}: {variance}");
        }
    }
}
