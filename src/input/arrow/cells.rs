//! Arrow arrays as columns: what is text, what is a number, and what is neither.

use super::super::{Column, Field, FieldKind, ReadError};
use super::{times, vectors};
use arrow_array::builder::StringBuilder;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type,
    Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, Float64Array, Int64Array, StringArray, StringArrayType,
};
use arrow_schema::DataType;

/// A column, or the row in which a vector does not fit; `None` where the type does not.
pub(super) fn column(
    array: &ArrayRef,
    kind: FieldKind,
) -> Option<Result<Column, (usize, super::VectorFault)>> {
    Some(Ok(match kind {
        FieldKind::Number => Column::Number(numbers(array)?),
        FieldKind::Text => Column::Text(texts(array)?),
        FieldKind::Id => match integers(array) {
            Some(integers) => Column::Integer(integers),
            None => Column::Text(texts(array)?),
        },
        FieldKind::Row => Column::Text(StringArray::new_null(array.len())),
        FieldKind::Vector { dimension } => {
            return Some(vectors::read(array, dimension).map(Column::Vector));
        }
    }))
}

pub(super) fn wrong(path: &str, field: &Field, found: &DataType) -> ReadError {
    ReadError::WrongType {
        path: path.to_owned(),
        line: None,
        column: field.name.clone(),
        found: format!("values of the type {found}"),
        expected: field.kind.wanted(),
    }
}

/// Refuses a column before anything is read, by its type.
pub(super) fn check(path: &str, field: &Field, data_type: &DataType) -> Result<(), ReadError> {
    let value = match data_type {
        DataType::Dictionary(_, value) => value.as_ref(),
        other => other,
    };
    let text = matches!(value, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
    let time = matches!(value, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..));
    let exact = value.is_integer() || *value == DataType::Boolean || *value == DataType::Null;
    let real = matches!(value, DataType::Float16 | DataType::Float32 | DataType::Float64);
    let dictionary = value != data_type;
    let fits = match field.kind {
        FieldKind::Number => {
            !dictionary && (value.is_integer() || real || *value == DataType::Null)
        }
        FieldKind::Text | FieldKind::Id => text || ((exact || time) && !dictionary),
        FieldKind::Row => true,
        FieldKind::Vector { .. } => vectors::fits(data_type),
    };
    if fits { Ok(()) } else { Err(wrong(path, field, data_type)) }
}

/// Bytes of text or vectors in a column; where they stand in one piece, without a look at the rows.
pub(super) fn n_bytes(array: &ArrayRef) -> usize {
    match array.data_type() {
        DataType::Utf8 => {
            let offsets = array.as_string::<i32>().value_offsets();
            (offsets[array.len()] - offsets[0]) as usize
        }
        DataType::LargeUtf8 => {
            let offsets = array.as_string::<i64>().value_offsets();
            (offsets[array.len()] - offsets[0]) as usize
        }
        DataType::Utf8View => array.as_string_view().iter().flatten().map(str::len).sum(),
        DataType::Dictionary(..) => {
            let mut bytes = 0;
            each_entry(array, |text| bytes += text.map_or(0, str::len));
            bytes
        }
        _ => vectors::n_bytes(array),
    }
}

/// A column as text: whole numbers, truth values and times as they are written. `None` for other types.
pub(in crate::input) fn texts(array: &ArrayRef) -> Option<StringArray> {
    match array.data_type() {
        DataType::Utf8 => Some(array.as_string::<i32>().clone()),
        DataType::LargeUtf8 => Some(array.as_string::<i64>().iter().collect()),
        DataType::Utf8View => Some(array.as_string_view().iter().collect()),
        DataType::Boolean => {
            Some(array.as_boolean().iter().map(|v| v.map(|v| v.to_string())).collect())
        }
        DataType::Null => Some(StringArray::new_null(array.len())),
        DataType::UInt64 => {
            let values = array.as_primitive::<UInt64Type>();
            Some(values.iter().map(|v| v.map(|v| v.to_string())).collect())
        }
        DataType::Dictionary(..) => {
            let mut texts = StringBuilder::with_capacity(array.len(), n_bytes(array));
            each_entry(array, |text| texts.append_option(text)).then(|| texts.finish())
        }
        _ => times::texts(array).or_else(|| {
            integers(array).map(|v| v.iter().map(|v| v.map(|v| v.to_string())).collect())
        }),
    }
}

/// Hands out the texts of a dictionary, one a row; false where it holds no text.
///
/// The values are not converted: they may be many more than the rows of a slice.
fn each_entry(array: &ArrayRef, mut take: impl FnMut(Option<&str>)) -> bool {
    let DataType::Dictionary(key, value) = array.data_type() else { return false };
    let values = array.as_any_dictionary().values();
    let take = &mut take;
    match value.as_ref() {
        DataType::Utf8 => each_key(array, key, values.as_string::<i32>(), take),
        DataType::LargeUtf8 => each_key(array, key, values.as_string::<i64>(), take),
        DataType::Utf8View => each_key(array, key, values.as_string_view(), take),
        _ => false,
    }
}

fn each_key<'a>(
    array: &ArrayRef,
    key: &DataType,
    values: impl StringArrayType<'a>,
    take: &mut dyn FnMut(Option<&str>),
) -> bool {
    fn each<'a, K: ArrowDictionaryKeyType>(
        array: &ArrayRef,
        values: impl StringArrayType<'a>,
        take: &mut dyn FnMut(Option<&str>),
    ) -> bool {
        for key in array.as_dictionary::<K>().keys_iter() {
            take(key.filter(|&key| values.is_valid(key)).map(|key| values.value(key)));
        }
        true
    }
    match key {
        DataType::Int8 => each::<Int8Type>(array, values, take),
        DataType::Int16 => each::<Int16Type>(array, values, take),
        DataType::Int32 => each::<Int32Type>(array, values, take),
        DataType::Int64 => each::<Int64Type>(array, values, take),
        DataType::UInt8 => each::<UInt8Type>(array, values, take),
        DataType::UInt16 => each::<UInt16Type>(array, values, take),
        DataType::UInt32 => each::<UInt32Type>(array, values, take),
        DataType::UInt64 => each::<UInt64Type>(array, values, take),
        _ => false,
    }
}

/// A column as numbers; `None` for other types.
pub(super) fn numbers(array: &ArrayRef) -> Option<Float64Array> {
    match array.data_type() {
        DataType::Float64 => Some(array.as_primitive::<Float64Type>().clone()),
        DataType::Float32 => Some(widen::<Float32Type>(array)),
        DataType::Float16 => Some(widen::<Float16Type>(array)),
        DataType::UInt64 => {
            let values = array.as_primitive::<UInt64Type>();
            Some(values.iter().map(|v| v.map(|v| v as f64)).collect())
        }
        DataType::Null => Some(Float64Array::new_null(array.len())),
        _ => integers(array).map(|v| v.iter().map(|v| v.map(|v| v as f64)).collect()),
    }
}

fn widen<T: ArrowPrimitiveType>(array: &ArrayRef) -> Float64Array
where
    T::Native: Into<f64>,
{
    array.as_primitive::<T>().iter().map(|v| v.map(Into::into)).collect()
}

/// A column as whole numbers; `None` for other types, and for those that do not fit.
pub(in crate::input) fn integers(array: &ArrayRef) -> Option<Int64Array> {
    fn long<T: ArrowPrimitiveType>(array: &ArrayRef) -> Int64Array
    where
        T::Native: Into<i64>,
    {
        array.as_primitive::<T>().iter().map(|v| v.map(Into::into)).collect()
    }
    match array.data_type() {
        DataType::Int64 => Some(array.as_primitive::<Int64Type>().clone()),
        DataType::Int32 => Some(long::<Int32Type>(array)),
        DataType::Int16 => Some(long::<Int16Type>(array)),
        DataType::Int8 => Some(long::<Int8Type>(array)),
        DataType::UInt32 => Some(long::<UInt32Type>(array)),
        DataType::UInt16 => Some(long::<UInt16Type>(array)),
        DataType::UInt8 => Some(long::<UInt8Type>(array)),
        _ => None,
    }
}
