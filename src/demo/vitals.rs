//! Vital signs: how bad they are depends on the class, how they are written on the nurse.

use super::class::Class;
use super::random::Random;

/// How far the vital signs are from normal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Nothing remarkable.
    Normal,
    /// Fast heart, fever, high or slightly low pressure.
    Abnormal,
    /// Shock, hypoxia or a very slow heart.
    Critical,
}

impl Level {
    /// Draws a level; the classes overlap, because sick patients can compensate for a while.
    pub(super) fn draw(class: Class, random: &mut Random) -> Self {
        let weights = class.of([[16, 32, 52], [46, 50, 4], [90, 9, 1]]);
        match random.weighted(weights.into_iter()) {
            0 => Self::Normal,
            1 => Self::Abnormal,
            _ => Self::Critical,
        }
    }
}

/// Measured values; the temperature is in tenths of a degree Celsius.
struct Vitals {
    heart_rate: u32,
    systolic: u32,
    diastolic: u32,
    saturation: u32,
    breaths: u32,
    temperature: u32,
}

impl Vitals {
    /// Values of a healthy adult.
    fn normal(random: &mut Random) -> Self {
        let systolic = random.between(106, 144);
        Self {
            heart_rate: random.between(62, 96),
            systolic,
            diastolic: systolic * random.between(58, 66) / 100,
            saturation: random.between(96, 100),
            breaths: random.between(14, 18),
            temperature: random.between(364, 374),
        }
    }

    /// Values of this level: normal ones with one or two of them changed.
    fn draw(level: Level, random: &mut Random) -> Self {
        let mut vitals = Self::normal(random);
        match level {
            Level::Normal => {}
            Level::Abnormal => vitals.disturb(random),
            Level::Critical => vitals.derail(random),
        }
        vitals
    }

    /// Makes the values abnormal.
    fn disturb(&mut self, random: &mut Random) {
        self.heart_rate = random.between(92, 126);
        match random.below(4) {
            0 => self.temperature = random.between(381, 399),
            1 => self.set_pressure(random.between(158, 206)),
            2 => self.set_pressure(random.between(92, 104)),
            _ => {
                self.saturation = random.between(91, 95);
                self.breaths = random.between(20, 26);
            }
        }
    }

    /// Makes the values critical.
    fn derail(&mut self, random: &mut Random) {
        self.breaths = random.between(24, 38);
        match random.below(5) {
            0 | 1 => {
                self.heart_rate = random.between(118, 158);
                self.set_pressure(random.between(62, 89));
            }
            2 | 3 => {
                self.heart_rate = random.between(104, 140);
                self.saturation = random.between(74, 89);
            }
            _ => {
                self.heart_rate = random.between(28, 44);
                self.set_pressure(random.between(70, 96));
            }
        }
    }

    /// Sets the blood pressure from its upper value.
    fn set_pressure(&mut self, systolic: u32) {
        self.systolic = systolic;
        self.diastolic = systolic * 6 / 10;
    }
}

/// The vital signs as a nurse writes them.
pub(super) fn describe(level: Level, random: &mut Random) -> String {
    if level == Level::Normal && random.chance(30) {
        return random.pick(&["VSS", "vitals WNL", "vital signs stable", "VS normal"]).to_owned();
    }
    let Vitals { heart_rate, systolic, diastolic, saturation, breaths, temperature } =
        Vitals::draw(level, random);
    let (degrees, tenths) = (temperature / 10, temperature % 10);
    match random.below(5) {
        0 | 1 => format!("HR {heart_rate} BP {systolic}/{diastolic} SpO2 {saturation}%"),
        2 => format!(
            "VS: BP {systolic}/{diastolic}, HR {heart_rate}, RR {breaths}, SpO2 {saturation}% RA, \
             T {degrees}.{tenths}"
        ),
        3 => format!("BP {systolic}/{diastolic} P {heart_rate} sat {saturation}%"),
        _ => format!("HR {heart_rate}, BP {systolic}/{diastolic}, T {degrees}.{tenths}°C"),
    }
}
