//! The best one-to-one assignment.
//!
//! The Hungarian method (Kuhn 1955, doi:10.1002/nav.3800020109) in its form with potentials and
//! shortest augmenting paths, which takes O(n³).

/// For each row of a square table of gains the column that it gets, such that the sum of the gains is
/// the largest there is and no column is given twice.
///
/// `gains` is n × n, row-major, and finite.
pub(super) fn best_assignment(gains: &[f64], n: usize) -> Vec<usize> {
    // Rows and columns are counted from 1; 0 is the place where a path starts.
    let cost = |row: usize, column: usize| -gains[(row - 1) * n + column - 1];
    let (mut of_row, mut of_column) = (vec![0.0; n + 1], vec![0.0; n + 1]);
    let mut taken_by = vec![0_usize; n + 1];
    for row in 1..=n {
        taken_by[0] = row;
        let mut column = 0;
        let mut nearest = vec![f64::INFINITY; n + 1];
        let mut before = vec![0_usize; n + 1];
        let mut seen = vec![false; n + 1];
        while taken_by[column] != 0 {
            seen[column] = true;
            let here = taken_by[column];
            let (mut step, mut next) = (f64::INFINITY, 0);
            for other in (1..=n).filter(|&other| !seen[other]) {
                let reduced = cost(here, other) - of_row[here] - of_column[other];
                if reduced < nearest[other] {
                    nearest[other] = reduced;
                    before[other] = column;
                }
                if nearest[other] < step {
                    step = nearest[other];
                    next = other;
                }
            }
            for other in 0..=n {
                if seen[other] {
                    of_row[taken_by[other]] += step;
                    of_column[other] -= step;
                } else {
                    nearest[other] -= step;
                }
            }
            column = next;
        }
        while column != 0 {
            taken_by[column] = taken_by[before[column]];
            column = before[column];
        }
    }
    let mut column_of = vec![0; n];
    for column in 1..=n {
        column_of[taken_by[column] - 1] = column - 1;
    }
    column_of
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_order(n: usize) -> Vec<Vec<usize>> {
        let Some(last) = n.checked_sub(1) else { return vec![Vec::new()] };
        let shorter = every_order(last);
        let insert = |at: usize| {
            shorter.iter().map(move |order| {
                let mut order = order.clone();
                order.insert(at, last);
                order
            })
        };
        (0..n).flat_map(insert).collect()
    }

    #[test]
    fn no_other_order_gains_more() {
        for n in 1..=5_usize {
            for seed in 0..40_usize {
                let gains: Vec<f64> =
                    (0..n * n).map(|i| ((i * 7919 + seed * 104_729) % 97) as f64 - 30.0).collect();
                let gain = |order: &[usize]| -> f64 {
                    order.iter().enumerate().map(|(row, column)| gains[row * n + column]).sum()
                };
                let found = gain(&best_assignment(&gains, n));
                let best = every_order(n).iter().map(|order| gain(order)).fold(-1e9, f64::max);
                assert_eq!(found, best, "{n} {seed}");
            }
        }
    }
}
