//! Dates, times and spans of time as people write them, and periods of times, counted in hours.
//!
//! The calendar is the Gregorian one, as in ISO 8601; days are counted with Howard Hinnant's
//! `days_from_civil` (<https://howardhinnant.github.io/date_algorithms.html>).

use serde::{Deserialize, Serialize};

/// How long the periods are that rows are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week, from Monday on.
    Week,
    /// A month.
    Month,
    /// A year.
    Year,
    /// Ten years.
    Decade,
}

impl Grain {
    /// All of them, from short to long.
    pub const ALL: [Self; 6] =
        [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year, Self::Decade];

    /// As people read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Year => "year",
            Self::Decade => "decade",
        }
    }

    /// The number of the period with this hour; numbers ascend with time.
    pub(crate) fn period(self, hour: i64) -> i64 {
        let day = hour.div_euclid(24);
        match self {
            Self::Hour => hour,
            Self::Day => day,
            // The first of January 1970 was a Thursday.
            Self::Week => (day + 3).div_euclid(7),
            Self::Month => {
                let (year, month, _) = date(day);
                year * 12 + month - 1
            }
            Self::Year => date(day).0,
            Self::Decade => date(day).0.div_euclid(10),
        }
    }

    /// The first hour of a period.
    pub(crate) fn start(self, period: i64) -> i64 {
        let first = match self {
            Self::Hour => return period,
            Self::Day => period,
            Self::Week => period * 7 - 3,
            Self::Month => days(period.div_euclid(12), period.rem_euclid(12) + 1, 1),
            Self::Year => days(period, 1, 1),
            Self::Decade => days(period * 10, 1, 1),
        };
        first * 24
    }

    /// A period as people read it, such as `2024-02`; weeks are those of ISO 8601, such as `2024-W09`.
    pub(crate) fn label(self, period: i64) -> String {
        let hour = self.start(period);
        let (year, month, day) = date(hour.div_euclid(24));
        match self {
            Self::Hour => format!("{year:04}-{month:02}-{day:02} {:02}:00", hour.rem_euclid(24)),
            Self::Day => format!("{year:04}-{month:02}-{day:02}"),
            Self::Week => {
                // A week belongs to the year of its Thursday.
                let thursday = hour.div_euclid(24) + 3;
                let year = date(thursday).0;
                format!("{year:04}-W{:02}", (thursday - days(year, 1, 1)) / 7 + 1)
            }
            Self::Month => format!("{year:04}-{month:02}"),
            Self::Year => format!("{year:04}"),
            Self::Decade => format!("{year:04}s"),
        }
    }
}

/// Days from 1970-01-01 to a date.
pub(crate) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Year, month and day so many days after 1970-01-01.
pub(crate) fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let years = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * years + years / 4 - years / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = (from_march + 2) % 12 + 1;
    (era * 400 + years + i64::from(month <= 2), month, day)
}

/// Seconds since 1970 as a time in ISO 8601, for columns that hold times as numbers.
pub(crate) fn iso(seconds: i64, utc: bool) -> String {
    let (day, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let end = if utc { "Z" } else { "" };
    format!("{}T{hour:02}:{minute:02}:{second:02}{end}", Grain::Day.label(day))
}

/// Days since 1970 as a date in ISO 8601.
pub(crate) fn iso_day(day: i64) -> String {
    Grain::Day.label(day)
}

/// Microseconds in an hour.
pub(crate) const HOUR: i64 = 3_600_000_000;

/// Microseconds in a day.
pub(crate) const DAY: i64 = 24 * HOUR;

/// The hour, counted from the beginning of 1970, of a date or a time as [`instant`] reads it.
pub(crate) fn hour(text: &str) -> Option<i64> {
    instant(text).map(|instant| instant.div_euclid(HOUR))
}

/// The microsecond, counted from the beginning of 1970, of a date or a time in ISO 8601: `2024`, `2024-02`,
/// `2024-02-29`, `2024-02-29T23`, `2024-02-29 23:59:59.5+01:00`. With an offset it is taken to UTC,
/// without one as it is; a date is its beginning. `None` for anything else, such as days that do not exist.
pub(crate) fn instant(text: &str) -> Option<i64> {
    let mut rest = Rest(text.trim().as_bytes());
    let year = rest.number(4)?;
    let month =
        if rest.skip(b"-") { rest.number(2)? } else { return rest.ends(days(year, 1, 1) * DAY) };
    let day = if rest.skip(b"-") { rest.number(2)? } else { 1 };
    let next = if month == 12 { days(year + 1, 1, 1) } else { days(year, month + 1, 1) };
    if !(1..=12).contains(&month) || day < 1 || day > next - days(year, month, 1) {
        return None;
    }
    let midnight = days(year, month, day) * DAY;
    if !rest.skip(b"Tt ") {
        return rest.ends(midnight);
    }
    let hours = rest.number(2)?;
    let (mut minutes, mut micros) = (0, 0);
    if rest.skip(b":") {
        minutes = rest.number(2)?;
        if rest.skip(b":") {
            // A leap second is second 60, and belongs to its minute.
            let seconds = rest.number(2).filter(|second| *second <= 60)?;
            micros = seconds.min(59) * 1_000_000;
            if rest.skip(b".,") {
                micros += rest.fraction()?;
            }
        }
    }
    if hours > 23 || minutes > 59 {
        return None;
    }
    let local = midnight + hours * HOUR + minutes * MINUTE + micros;
    rest.skip(b" ");
    let sign = match rest.0.first() {
        Some(b'Z' | b'z') if rest.0.len() == 1 => return Some(local),
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return rest.ends(local),
    };
    rest.skip(b"+-");
    let offset_hours = rest.number(2)?;
    rest.skip(b":");
    let offset_minutes = if rest.0.is_empty() { 0 } else { rest.number(2)? };
    if offset_hours > 18 || offset_minutes > 59 {
        return None;
    }
    rest.ends(local - sign * (offset_hours * HOUR + offset_minutes * MINUTE))
}

const MINUTE: i64 = HOUR / 60;

/// The units of [`span`], from long to short, with their microseconds.
const UNITS: [(&str, i64); 7] = [
    ("w", 7 * DAY),
    ("d", DAY),
    ("h", HOUR),
    ("ms", 1_000),
    ("m", MINUTE),
    ("s", 1_000_000),
    ("us", 1),
];

/// The microseconds in a span of time such as `30d`, `36h`, `1h30m`, `1.5d` or `-2w`; `None` for anything else.
pub(crate) fn span(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, mut rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let mut total = 0_i64;
    loop {
        let is_digit = |c: char| c.is_ascii_digit() || c == '.';
        let digits = rest.find(|c| !is_digit(c)).filter(|end| *end > 0)?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, micros) = UNITS.iter().find(|(unit, _)| rest.starts_with(unit))?;
        let part = number * *micros as f64;
        // Beyond this numbers have no microseconds; it is 285 years.
        if part > (1_i64 << f64::MANTISSA_DIGITS) as f64 {
            return None;
        }
        total = total.checked_add(part.round() as i64)?;
        rest = &rest[unit.len()..];
        if rest.is_empty() {
            return Some(sign * total);
        }
    }
}

/// A span of time in words, in the longest unit of which it is two or more, or exactly one: `12 days`,
/// `36 hours`, `1 day`.
pub(crate) fn in_words(micros: i64) -> String {
    let named = [("day", DAY), ("hour", HOUR), ("minute", MINUTE), ("second", 1_000_000)];
    let micros = micros.saturating_abs();
    let fits = |(_, unit): &&(&str, i64)| micros >= 2 * unit || micros == *unit;
    let (name, unit) = named.iter().find(fits).unwrap_or(&named[3]);
    let count = (micros as f64 / *unit as f64 * 10.0).floor() / 10.0;
    format!("{count} {name}{}", if count == 1.0 { "" } else { "s" })
}

/// What of a text has not been read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// A number of so many digits.
    fn number(&mut self, digits: usize) -> Option<i64> {
        let (number, rest) = self.0.split_at_checked(digits)?;
        let value = number.iter().try_fold(0, |value, digit| {
            digit.is_ascii_digit().then(|| value * 10 + i64::from(digit - b'0'))
        });
        value.inspect(|_| self.0 = rest)
    }

    /// The microseconds of the digits after a point, of which there must be one.
    fn fraction(&mut self) -> Option<i64> {
        let (mut micros, mut unit) = (self.number(1)? * 100_000, 10_000);
        while let Some(digit) = self.number(1) {
            micros += digit * unit;
            unit /= 10;
        }
        Some(micros)
    }

    /// Whether one of these comes next, which is read then.
    fn skip(&mut self, any: &[u8]) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if any.contains(first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    /// `value` if nothing is left.
    fn ends(&self, value: i64) -> Option<i64> {
        self.0.is_empty().then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        let day = |year, month, day| Some(days(year, month, day) * 24);
        let plus = |hour: Option<i64>, more: i64| hour.map(|hour| hour + more);
        for (text, wanted) in [
            ("1970-01-01", Some(0)),
            ("1970-01-02T03:04:05Z", Some(27)),
            ("1969-12-31 23:30", Some(-1)),
            (" 2024-02-29 ", day(2024, 2, 29)),
            ("2023-02-29", None),
            ("1900-02-29", None),
            ("2000-02-29", day(2000, 2, 29)),
            ("2024-02-30", None),
            ("2024-13-01", None),
            ("2024-00-01", None),
            ("2024-01-00", None),
            ("2024", day(2024, 1, 1)),
            ("2024-02", day(2024, 2, 1)),
            ("2024-12", day(2024, 12, 1)),
            ("2024-02-", None),
            ("24-02-01", None),
            ("2024-2-1", None),
            ("2024-02-29T23", plus(day(2024, 2, 29), 23)),
            ("2024-02-29T24:00", None),
            ("2024-02-29T23:60", None),
            ("2024-02-29T23:59:60", plus(day(2024, 2, 29), 23)),
            ("2024-02-29T23:59:61", None),
            ("2024-02-29T23:59:59.123456789Z", plus(day(2024, 2, 29), 23)),
            ("2024-02-29T23:59:59.", None),
            ("2024-02-29 23:30:00 +01:00", plus(day(2024, 2, 29), 22)),
            ("2024-02-29T23:30-0100", day(2024, 3, 1)),
            ("2024-02-29T23:30+05:45", plus(day(2024, 2, 29), 17)),
            ("2024-02-29T23:30+99", None),
            ("2024-02-29x", None),
            ("29.02.2024", None),
            ("yesterday", None),
            ("", None),
            ("２０２４-01-01", None),
        ] {
            assert_eq!(hour(text), wanted, "{text}");
        }
    }

    #[test]
    fn times_are_exact_to_the_microsecond() {
        let base = days(2024, 2, 29) * DAY;
        for (text, wanted) in [
            ("2024-02-29", 0),
            ("2024-02-29T01:02:03Z", HOUR + 2 * MINUTE + 3_000_000),
            ("2024-02-29T00:00:00.25", 250_000),
            ("2024-02-29T00:00:00.123456789Z", 123_456),
            ("2024-02-29 00:00:00,5 +00:30", 500_000 - 30 * MINUTE),
            ("2024-02-29T00:00:60", 59_000_000),
        ] {
            assert_eq!(instant(text), Some(base + wanted), "{text}");
        }
        assert_eq!(instant("9999-12-31T23:59:59.999999-18:59").map(|at| at > 0), Some(true));
        assert_eq!(instant("0000-01-01T00:00:00+18:59").map(|at| at < 0), Some(true));
    }

    #[test]
    fn spans_are_read_and_written() {
        for (text, wanted) in [
            ("30d", Some(30 * DAY)),
            ("1h30m", Some(90 * MINUTE)),
            ("1.5d", Some(36 * HOUR)),
            (" -2w ", Some(-14 * DAY)),
            ("250ms", Some(250_000)),
            ("0s", Some(0)),
            ("7us", Some(7)),
            ("30", None),
            ("d", None),
            ("", None),
            ("-", None),
            ("30 d", None),
            ("30d ", Some(30 * DAY)),
            ("1.2.3d", None),
            ("30days", None),
            ("99999999w", None),
            ("1e9d", None),
            ("３d", None),
        ] {
            assert_eq!(span(text), wanted, "{text}");
        }
        for (text, words) in [
            ("12d", "12 days"),
            ("24h", "1 day"),
            ("36h", "36 hours"),
            ("60h", "2.5 days"),
            ("90s", "90 seconds"),
            ("1s", "1 second"),
            ("0s", "0 seconds"),
            ("-3d", "3 days"),
        ] {
            assert_eq!(in_words(span(text).expect("a span")), words, "{text}");
        }
    }

    #[test]
    fn dates_are_found_again() {
        for day in (-800_000..3_000_000).step_by(97) {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), day);
        }
    }

    #[test]
    fn periods_have_names() {
        let at = hour("2024-12-30T05:10").expect("a time");
        let names: Vec<String> =
            Grain::ALL.iter().map(|grain| grain.label(grain.period(at))).collect();
        // The week with the 30th of December 2024 is the first one of 2025.
        let wanted = ["2024-12-30 05:00", "2024-12-30", "2025-W01", "2024-12", "2024", "2020s"];
        assert_eq!(names, wanted);
        for grain in Grain::ALL {
            for hour in (-9_000_000..9_000_000).step_by(7_919) {
                let period = grain.period(hour);
                let (start, next) = (grain.start(period), grain.start(period + 1));
                assert!(start <= hour && hour < next, "{grain:?} {hour}");
            }
        }
    }
}
