//! The risk score of an imaginary earlier system, which knew ages and vital signs and little else.

use super::class::Class;
use super::random::Random;
use super::vitals::Level;

/// A score from 0 to 1 with two decimals, or nothing where the old system was down.
pub(super) fn draw(class: Class, age: u32, level: Level, random: &mut Random) -> Option<f64> {
    if random.chance(20) {
        return None;
    }
    let from_class: i32 = class.of([58, 51, 31]);
    let from_vitals = match level {
        Level::Normal => 0,
        Level::Abnormal => 9,
        Level::Critical => 20,
    };
    let from_age = i32::try_from(age / 8).unwrap_or(0);
    let noise: u32 = (0..3).map(|_| random.below(32)).sum();
    let hundredths = from_class + from_vitals + from_age + i32::try_from(noise).unwrap_or(0) - 46;
    // One division of two small integers is exact to the last bit on every platform.
    Some(f64::from(hundredths.clamp(1, 99)) / 100.0)
}
