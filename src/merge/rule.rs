//! Which of several labels of a row is kept.

use std::cmp::Ordering;

/// Which of several labels of a row is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rule {
    /// Those of people go before those of runs, then later ones before earlier ones, then those with a higher
    /// confidence.
    #[default]
    HandFirst,
    /// Later ones go before earlier ones, whoever made them; those of an unknown time come last.
    Latest,
    /// Those with a higher confidence go first; people are certain.
    Confident,
    /// None is kept: the probabilities are averaged, and the label is the most probable class.
    Average,
    /// Those that were named first go first.
    Order,
}

/// What one source says about a row, as far as rules look at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Claim {
    /// The number of the source, in the order in which they were named.
    pub(super) source: usize,
    /// The row of that source.
    pub(super) place: usize,
    pub(super) label: Option<u32>,
    pub(super) by_hand: bool,
    /// Microseconds; none where the time is not known.
    pub(super) time: Option<i64>,
    pub(super) confidence: f64,
}

impl Rule {
    /// Of two claims, the one that goes before the other is less. What else is equal goes by the order in
    /// which sources were named.
    pub(super) fn order(self, one: &Claim, other: &Claim) -> Ordering {
        let hand = other.by_hand.cmp(&one.by_hand);
        let time = other.time.cmp(&one.time);
        let confidence = other.confidence.total_cmp(&one.confidence);
        let named = one.source.cmp(&other.source);
        match self {
            Self::HandFirst => hand.then(time).then(confidence),
            Self::Latest => time.then(confidence).then(hand),
            Self::Confident => confidence.then(hand).then(time),
            Self::Average | Self::Order => Ordering::Equal,
        }
        .then(named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_has_its_order() {
        let claim = |source, by_hand, time, confidence| Claim {
            source,
            place: 0,
            label: Some(0),
            by_hand,
            time,
            confidence,
        };
        let claims = [
            claim(0, false, Some(5), 0.6),
            claim(1, false, Some(5), 0.9),
            claim(2, true, None, 1.0),
            claim(3, true, Some(1), 1.0),
            claim(4, false, None, 0.99),
        ];
        for (rule, wanted) in [
            (Rule::HandFirst, [3, 2, 1, 0, 4]),
            (Rule::Latest, [1, 0, 3, 2, 4]),
            (Rule::Confident, [3, 2, 4, 1, 0]),
            (Rule::Order, [0, 1, 2, 3, 4]),
        ] {
            for turn in 0..claims.len() {
                let mut sorted = claims;
                sorted.rotate_left(turn);
                sorted.sort_by(|one, other| rule.order(one, other));
                assert_eq!(sorted.map(|claim| claim.source), wanted, "{rule:?}");
            }
        }
    }
}
