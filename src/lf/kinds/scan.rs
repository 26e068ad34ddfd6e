//! A scan of texts in reduced form for many strings at once.
//!
//! The automaton of Aho and Corasick, spelled out as a table that is read once for each byte. A row of
//! the table is a state. It has a cell for each byte that occurs in some string and one for
//! all others, which takes a text to its reduced form on the way: letters of either case share a
//! cell, and a gap after a gap leads nowhere. With very many strings the table would be large; then the
//! crate `aho-corasick` reads the text, slower and in less memory.

use super::required::{GAP, reduced};
use aho_corasick::Anchored;
use aho_corasick::automaton::{Automaton, StateID};
use aho_corasick::nfa::contiguous::NFA;
use std::collections::BTreeMap;

/// A table has no more cells than this.
const MOST_CELLS: usize = 1 << 22;

/// A scan for strings, each of which stands for some numbers.
pub(super) struct Scan {
    automaton: NFA,
    /// For each string, what it stands for.
    numbers: Vec<Vec<usize>>,
    table: Option<Table>,
}

impl Scan {
    /// A scan for strings in reduced form; `None` when there are too many.
    pub(super) fn new(strings: BTreeMap<Vec<u8>, Vec<usize>>) -> Option<Self> {
        let automaton = NFA::builder().prefilter(false).build(strings.keys()).ok()?;
        let table = Table::new(&automaton, &strings);
        Some(Self { automaton, numbers: strings.into_values().collect(), table })
    }

    /// Calls `note` with the numbers of all strings in a text, which is `ascii` or not.
    pub(super) fn run(&self, text: &str, ascii: bool, mut note: impl FnMut(&[usize])) {
        match (&self.table, ascii) {
            (Some(table), true) => table.run(text.bytes(), note),
            (Some(table), false) => table.run(bytes(text), note),
            (None, _) => self.run_slowly(text, |string| note(&self.numbers[string])),
        }
    }

    fn run_slowly(&self, text: &str, mut note: impl FnMut(usize)) {
        let Ok(mut state) = self.automaton.start_state(Anchored::No) else { return };
        let mut previous = 0;
        for byte in [GAP].into_iter().chain(bytes(text)).chain([GAP]) {
            if byte == GAP && previous == GAP {
                continue;
            }
            previous = byte;
            state = self.automaton.next_state(Anchored::No, state, byte);
            let n_strings =
                if self.automaton.is_match(state) { self.automaton.match_len(state) } else { 0 };
            for index in 0..n_strings {
                note(self.automaton.match_pattern(state, index).as_usize());
            }
        }
    }
}

/// The bytes of a text whose characters are brought into reduced form.
fn bytes(text: &str) -> impl Iterator<Item = u8> {
    text.chars().flat_map(|letter| {
        let mut bytes = [0; 4];
        let length = reduced(letter).encode_utf8(&mut bytes).len();
        bytes.into_iter().take(length)
    })
}

/// The automaton as a table.
struct Table {
    /// For each byte, its cell within a row.
    cells: [u8; 256],
    /// Where the next row begins, row by row. The last cell of a row is a place in `found`.
    next: Vec<u32>,
    width: usize,
    start: u32,
    /// Rows from here on are those in which strings end.
    ends: u32,
    /// What the strings that end in a row stand for.
    found: Vec<Vec<usize>>,
}

impl Table {
    fn new(automaton: &NFA, strings: &BTreeMap<Vec<u8>, Vec<usize>>) -> Option<Self> {
        let mut symbols: Vec<u8> = strings.keys().flatten().copied().collect();
        // What occurs in no string of UTF-8 stands for all that occurs in none of these.
        symbols.extend([GAP, u8::MAX]);
        symbols.sort_unstable();
        symbols.dedup();
        let mut cells = [u8::try_from(symbols.len()).ok()? - 1; 256];
        for byte in 0..=u8::MAX {
            let letter = if byte.is_ascii() { reduced(byte.into()) as u8 } else { byte };
            if let Ok(symbol) = symbols.binary_search(&letter) {
                cells[usize::from(byte)] = symbol as u8;
            }
        }
        let states = States::explore(automaton, &symbols)?;
        let width = symbols.len() + 1;
        let (mut order, ending): (Vec<usize>, Vec<usize>) =
            (0..states.ids.len()).partition(|&state| !automaton.is_match(states.ids[state]));
        let ends = order.len() * width;
        order.extend(ending);
        let mut row = vec![0; order.len()];
        for (position, &state) in order.iter().enumerate() {
            row[state] = u32::try_from(position * width).ok()?;
        }
        let numbers: Vec<&Vec<usize>> = strings.values().collect();
        let mut next = Vec::with_capacity(order.len() * width);
        let mut found = Vec::new();
        for &state in &order {
            next.extend(states.next[state].iter().map(|&state| row[state]));
            next.push(u32::try_from(found.len()).ok()?);
            let id = states.ids[state];
            if automaton.is_match(id) {
                let strings =
                    (0..automaton.match_len(id)).map(|at| automaton.match_pattern(id, at));
                let mut all: Vec<usize> =
                    strings.flat_map(|string| numbers[string.as_usize()].iter().copied()).collect();
                all.sort_unstable();
                all.dedup();
                found.push(all);
            }
        }
        Some(Self { cells, next, width, start: row[0], ends: u32::try_from(ends).ok()?, found })
    }

    fn run(&self, text: impl Iterator<Item = u8>, mut note: impl FnMut(&[usize])) {
        let mut row = self.start;
        let mut step = |byte: u8| {
            row = self.next[row as usize + usize::from(self.cells[usize::from(byte)])];
            if row >= self.ends {
                note(&self.found[self.next[row as usize + self.width - 1] as usize]);
            }
        };
        step(GAP);
        text.for_each(&mut step);
        step(GAP);
    }
}

/// The states of an automaton, the first one first, and where each symbol leads.
struct States {
    ids: Vec<StateID>,
    next: Vec<Vec<usize>>,
}

impl States {
    /// Finds all states, unless a table of them would be large.
    fn explore(automaton: &NFA, symbols: &[u8]) -> Option<Self> {
        let start = automaton.start_state(Anchored::No).ok()?;
        let mut states = Self { ids: vec![start], next: Vec::new() };
        let mut known = BTreeMap::from([(start, 0)]);
        // States that a gap leads to, after which further gaps change nothing.
        let mut after_gap = vec![false];
        let mut state = 0;
        while state < states.ids.len() {
            if state * symbols.len() > MOST_CELLS {
                return None;
            }
            let next = symbols.iter().map(|&symbol| {
                if symbol == GAP && after_gap[state] {
                    return state;
                }
                let id = automaton.next_state(Anchored::No, states.ids[state], symbol);
                *known.entry(id).or_insert_with(|| {
                    states.ids.push(id);
                    after_gap.push(symbol == GAP);
                    states.ids.len() - 1
                })
            });
            let next = next.collect();
            states.next.push(next);
            state += 1;
        }
        Some(states)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STRINGS: [&str; 9] = [" a ", "a", "ab", " ab", "b a", "é", " é ", "aba", "ab a b "];

    proptest! {
        #[test]
        fn the_table_says_what_the_automaton_says(text in "[aAbBcéÉ“ .\n]{0,12}") {
            let strings = STRINGS.iter().enumerate();
            let strings = strings.map(|(number, string)| (string.as_bytes().to_vec(), vec![number]));
            let mut scan = Scan::new(strings.collect()).expect("a few strings");
            let spelled: String = format!(" {text} ").chars().map(reduced).collect();
            let spelled = spelled.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>();
            let spelled = format!(" {} ", spelled.join(" "));
            let right: Vec<bool> = STRINGS.iter().map(|string| spelled.contains(string)).collect();
            for _ in 0..2 {
                let mut found = [false; STRINGS.len()];
                scan.run(&text, text.is_ascii(), |numbers| {
                    numbers.iter().for_each(|&number| found[number] = true);
                });
                prop_assert_eq!(&found[..], &right[..], "{:?}", text);
                scan.table = None;
            }
        }
    }
}
