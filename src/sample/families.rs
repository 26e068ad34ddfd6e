//! Groups that are joined by rows they share: who has the same group or the same text is of one family.
//!
//! Union by size with path halving (R. E. Tarjan and J. van Leeuwen, "Worst-case analysis of set union algorithms",
//! Journal of the ACM 31(2), 1984, doi:10.1145/62.2160). Memory is for groups: some 50 bytes each.

use std::collections::HashMap;

/// What is known of a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Family {
    /// The smallest hash of its members: its own, whatever the order of the rows.
    pub(super) hash: u64,
    pub(super) rows: u64,
    /// The time of its latest row.
    pub(super) latest: i64,
}

/// Families of hashes.
#[derive(Debug, Default)]
pub(super) struct Families {
    places: HashMap<u64, u32>,
    parents: Vec<u32>,
    families: Vec<Family>,
}

impl Families {
    /// Adds a row of these groups, which are joined.
    pub(super) fn add(&mut self, groups: [Option<u64>; 2], time: i64) {
        let [first, second] = groups.map(|group| group.map(|hash| self.place(hash)));
        let root = match (first, second) {
            (Some(one), Some(other)) => self.join(one, other),
            (Some(one), None) | (None, Some(one)) => self.root(one),
            (None, None) => return,
        };
        let family = &mut self.families[root as usize];
        family.rows += 1;
        family.latest = family.latest.max(time);
    }

    /// The family of a hash.
    pub(super) fn of(&self, hash: u64) -> Option<Family> {
        let mut place = *self.places.get(&hash)?;
        while self.parents[place as usize] != place {
            place = self.parents[place as usize];
        }
        Some(self.families[place as usize])
    }

    /// All families.
    pub(super) fn iter(&self) -> impl Iterator<Item = Family> {
        let roots = (0..).zip(&self.parents).zip(&self.families);
        roots.filter(|((place, parent), _)| place == *parent).map(|(_, family)| *family)
    }

    fn place(&mut self, hash: u64) -> u32 {
        *self.places.entry(hash).or_insert_with(|| {
            let place = self.parents.len() as u32;
            self.parents.push(place);
            self.families.push(Family { hash, rows: 0, latest: i64::MIN });
            place
        })
    }

    fn root(&mut self, mut place: u32) -> u32 {
        while self.parents[place as usize] != place {
            let above = self.parents[place as usize];
            self.parents[place as usize] = self.parents[above as usize];
            place = self.parents[place as usize];
        }
        place
    }

    fn join(&mut self, one: u32, other: u32) -> u32 {
        let (one, other) = (self.root(one), self.root(other));
        if one == other {
            return one;
        }
        let rows = |place: u32| self.families[place as usize].rows;
        let (root, child) = if rows(one) >= rows(other) { (one, other) } else { (other, one) };
        self.parents[child as usize] = root;
        let child = self.families[child as usize];
        let family = &mut self.families[root as usize];
        family.hash = family.hash.min(child.hash);
        family.rows += child.rows;
        family.latest = family.latest.max(child.latest);
        root
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_shares_a_row_is_one_family_in_any_order() {
        let rows = [
            ([Some(5), Some(10)], 3),
            ([Some(6), Some(11)], 9),
            ([Some(7), None], 4),
            ([Some(6), Some(10)], 1),
            ([None, Some(12)], 2),
            ([None, None], 8),
        ];
        let joined = Family { hash: 5, rows: 3, latest: 9 };
        for order in [[0, 1, 2, 3, 4, 5], [3, 1, 0, 5, 4, 2], [5, 4, 3, 2, 1, 0]] {
            let mut families = Families::default();
            order.iter().for_each(|&row: &usize| families.add(rows[row].0, rows[row].1));
            for hash in [5, 6, 10, 11] {
                assert_eq!(families.of(hash), Some(joined));
            }
            assert_eq!(families.of(7), Some(Family { hash: 7, rows: 1, latest: 4 }));
            assert_eq!(families.of(12), Some(Family { hash: 12, rows: 1, latest: 2 }));
            assert_eq!(families.of(1), None);
            assert_eq!(families.iter().count(), 3);
        }
    }
}
