//! Random numbers for resampling: the Poisson distribution.

pub(super) use crate::random::Random;

/// From this mean on, a Poisson number is a rounded normal one.
const LARGE: f64 = 30.0;

impl Random {
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
