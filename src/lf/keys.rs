//! Millions of keys in little memory: one text for all of them, and four bytes a key beside it.

use hashbrown::{DefaultHashBuilder, HashTable};
use std::hash::BuildHasher;

/// Different keys, numbered in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Keys {
    hasher: DefaultHashBuilder,
    index: HashTable<u32>,
    text: String,
    ends: Vec<usize>,
}

impl Keys {
    /// The number of a key, and whether it is a new one.
    pub(crate) fn insert(&mut self, key: &str) -> (usize, bool) {
        let Self { hasher, index, text, ends } = self;
        let next = ends.len() as u32;
        let found = index.entry(
            hasher.hash_one(key),
            |&number| at(text, ends, number as usize) == key,
            |&number| hasher.hash_one(at(text, ends, number as usize)),
        );
        let number = *found.or_insert(next).get();
        if number == next {
            text.push_str(key);
            ends.push(text.len());
        }
        (number as usize, number == next)
    }

    /// The number of a key that is there.
    pub(crate) fn get(&self, key: &str) -> Option<usize> {
        let same = |&number: &u32| self.key(number as usize) == key;
        self.index.find(self.hasher.hash_one(key), same).map(|&number| number as usize)
    }

    /// The key of a number.
    pub(crate) fn key(&self, number: usize) -> &str {
        at(&self.text, &self.ends, number)
    }

    /// The keys, in the order of their numbers.
    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.ends.len()).map(|number| self.key(number))
    }

    /// The memory that they take, in bytes.
    pub(crate) fn n_bytes(&self) -> usize {
        self.text.len() + self.ends.len() * (size_of::<usize>() + 2 * size_of::<u32>())
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

fn at<'a>(text: &'a str, ends: &[usize], number: usize) -> &'a str {
    let start = if number == 0 { 0 } else { ends[number - 1] };
    &text[start..ends[number]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_by_what_they_are() {
        let mut keys = Keys::default();
        let words: Vec<String> = (0..3000).map(|i| format!("{}{}", i % 7, i / 3)).collect();
        let mut known: Vec<&str> = Vec::new();
        for word in &words {
            let expected = known.iter().position(|known| known == word);
            assert_eq!(keys.insert(word), (expected.unwrap_or(known.len()), expected.is_none()));
            if expected.is_none() {
                known.push(word);
            }
        }
        assert!(keys.iter().eq(known.iter().copied()));
        assert_eq!(keys.get("no such key"), None);
        assert_eq!(keys.get(known[100]), Some(100));
        assert_eq!(keys.insert("").0, known.len());
        assert_eq!(keys.key(known.len()), "");
    }
}
