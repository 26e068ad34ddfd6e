//! Dates and times, as text.

use crate::time;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType,
};
use arrow_array::{ArrayRef, StringArray};
use arrow_schema::{DataType, TimeUnit};

/// Dates and times as text in ISO 8601, to the second; `None` for other columns.
pub(super) fn texts(array: &ArrayRef) -> Option<StringArray> {
    const DAY: i64 = 86_400;
    match array.data_type() {
        DataType::Date32 => {
            let days = array.as_primitive::<Date32Type>().iter();
            Some(days.map(|day| day.map(|day| time::iso_day(day.into()))).collect())
        }
        DataType::Date64 => {
            let times = array.as_primitive::<Date64Type>().iter();
            Some(times.map(|v| v.map(|v| time::iso_day(v.div_euclid(1000 * DAY)))).collect())
        }
        DataType::Timestamp(unit, zone) => {
            let utc = zone.is_some();
            let (values, parts): (Vec<Option<i64>>, i64) = match unit {
                TimeUnit::Second => {
                    (array.as_primitive::<TimestampSecondType>().iter().collect(), 1)
                }
                TimeUnit::Millisecond => {
                    (array.as_primitive::<TimestampMillisecondType>().iter().collect(), 1000)
                }
                TimeUnit::Microsecond => {
                    (array.as_primitive::<TimestampMicrosecondType>().iter().collect(), 1_000_000)
                }
                TimeUnit::Nanosecond => (
                    array.as_primitive::<TimestampNanosecondType>().iter().collect(),
                    1_000_000_000,
                ),
            };
            let seconds = values.iter().map(|v| v.map(|v| v.div_euclid(parts)));
            Some(seconds.map(|v| v.map(|v| time::iso(v, utc))).collect())
        }
        _ => None,
    }
}
