//! Columns of lists of numbers, as vectors.

use super::super::vector::{MOST_NUMBERS, VectorBuilder, VectorFault, Vectors};
use super::cells::numbers;
use arrow_array::cast::AsArray;
use arrow_array::types::Float32Type;
use arrow_array::{Array, ArrayRef, Float32Array};
use arrow_schema::DataType;

/// Whether a column of this type can be read as vectors.
pub(super) fn fits(data_type: &DataType) -> bool {
    match data_type {
        DataType::Null => true,
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            let item = item.data_type();
            let real = matches!(
                item,
                DataType::Float16 | DataType::Float32 | DataType::Float64 | DataType::Null
            );
            real || item.is_integer()
        }
        _ => false,
    }
}

/// Adds the vectors of a column; says in which row something is wrong.
pub(super) fn read(
    array: &ArrayRef,
    dimension: Option<u32>,
) -> Result<Vectors, (usize, VectorFault)> {
    let mut builder = VectorBuilder::new(dimension);
    let (first, last) = (range(array, 0).0, range(array, array.len().saturating_sub(1)).1);
    let values = values(array).map(|values| values.slice(first, last - first));
    let values = values.as_ref().and_then(floats).unwrap_or_else(|| Float32Array::new_null(0));
    for row in 0..array.len() {
        if array.is_null(row) || array.data_type() == &DataType::Null {
            builder.push_missing();
            continue;
        }
        let (start, end) = range(array, row);
        let (start, end) = (start - first, end - first);
        let nulls = values.null_count() > 0 && end - start <= MOST_NUMBERS;
        let missing = if nulls { (start..end).find(|at| values.is_null(*at)) } else { None };
        let pushed = match missing {
            Some(at) => Err(VectorFault::Missing { at: at - start }),
            None => builder.push(&values.values()[start..end]),
        };
        pushed.map_err(|fault| (row, fault))?;
    }
    Ok(builder.finish())
}

/// Where the list of a row begins and ends among the values.
fn range(array: &ArrayRef, row: usize) -> (usize, usize) {
    if array.is_empty() {
        return (0, 0);
    }
    match array.data_type() {
        DataType::List(_) => {
            let ends = array.as_list::<i32>().value_offsets();
            (ends[row] as usize, ends[row + 1] as usize)
        }
        DataType::LargeList(_) => {
            let ends = array.as_list::<i64>().value_offsets();
            (ends[row] as usize, ends[row + 1] as usize)
        }
        DataType::FixedSizeList(_, length) => {
            let length = *length as usize;
            (row * length, (row + 1) * length)
        }
        _ => (0, 0),
    }
}

/// The values of all lists.
fn values(array: &ArrayRef) -> Option<&ArrayRef> {
    Some(match array.data_type() {
        DataType::List(_) => array.as_list::<i32>().values(),
        DataType::LargeList(_) => array.as_list::<i64>().values(),
        DataType::FixedSizeList(..) => array.as_fixed_size_list().values(),
        _ => return None,
    })
}

fn floats(values: &ArrayRef) -> Option<Float32Array> {
    match values.data_type() {
        DataType::Float32 => Some(values.as_primitive::<Float32Type>().clone()),
        _ => numbers(values).map(|v| v.iter().map(|v| v.map(|v| v as f32)).collect()),
    }
}

/// Bytes of the numbers of a column.
pub(super) fn n_bytes(array: &ArrayRef) -> usize {
    let numbers = range(array, array.len().saturating_sub(1)).1 - range(array, 0).0;
    size_of::<f32>() * numbers
}
