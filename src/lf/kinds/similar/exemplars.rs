//! Exemplars, how similar vectors are to them, and what the nearest ones say.
//!
//! Sums have 64 bits and a fixed order, so that similarities are the same on every machine; a vector is
//! similar to itself by exactly 1.

use crate::lf::answers::Answer;

/// Named vectors of one dimension, with what to answer where they are near.
pub(super) struct Exemplars {
    names: Vec<String>,
    /// n × dimension.
    numbers: Vec<f32>,
    /// Their lengths, squared.
    squares: Vec<f64>,
    dimension: usize,
    /// For each a position in `answers`.
    says: Vec<usize>,
    /// Different answers.
    answers: Vec<Answer>,
}

impl Exemplars {
    /// No exemplars yet, of this dimension, which is not 0.
    pub(super) fn new(dimension: usize) -> Self {
        let (names, numbers, squares) = (Vec::new(), Vec::new(), Vec::new());
        Self { names, numbers, squares, dimension, says: Vec::new(), answers: Vec::new() }
    }

    /// Adds an exemplar that is not zero, of this dimension.
    pub(super) fn add(&mut self, name: &str, vector: &[f32], answer: Answer) {
        let known = self.answers.iter().position(|known| *known == answer);
        let says = known.unwrap_or_else(|| {
            self.answers.push(answer);
            self.answers.len() - 1
        });
        self.says.push(says);
        self.names.push(name.to_owned());
        self.squares.push(product(vector, vector));
        self.numbers.extend_from_slice(vector);
    }

    pub(super) fn dimension(&self) -> usize {
        self.dimension
    }

    /// Whether they have labels.
    pub(super) fn labeled(&self) -> bool {
        !self.answers.contains(&Answer::YES)
    }

    /// The cosine similarity of a vector to each of them; `false` for one that has no direction.
    pub(super) fn compare(&self, vector: &[f32], similarities: &mut Vec<f64>) -> bool {
        similarities.clear();
        let square = product(vector, vector);
        if square == 0.0 || vector.len() != self.dimension {
            return false;
        }
        let exemplars = self.numbers.chunks_exact(self.dimension).zip(&self.squares);
        similarities.extend(exemplars.map(|(exemplar, other)| {
            // One root of both, which is exact where they are equal.
            (product(vector, exemplar) / (square * other).sqrt()).clamp(-1.0, 1.0)
        }));
        true
    }

    /// The nearest of those that give an answer.
    pub(super) fn nearest(&self, answer: Answer, similarities: &[f64]) -> Option<(&str, f64)> {
        let all = self.names.iter().zip(&self.says).zip(similarities);
        let own = all.filter(|((_, says), _)| self.answers[**says] == answer);
        // Of equally near ones the first.
        let best = own.reduce(|best, next| if next.1 > best.1 { next } else { best });
        best.map(|((name, _), similarity)| (name.as_str(), *similarity))
    }
}

/// Which exemplars count, and how many of them.
pub(super) struct Nearest {
    pub(super) at_least: f64,
    pub(super) k: usize,
    pub(super) margin: Option<f64>,
}

impl Nearest {
    /// What the nearest exemplars say most often: nothing where two labels are equally common, or another
    /// label is nearly as near.
    ///
    /// Exemplars that are as near as the k-th one count too, so that their order does not matter.
    pub(super) fn answer(&self, exemplars: &Exemplars, similarities: &[f64]) -> Answer {
        let near = |similarity: &f64| *similarity >= self.at_least;
        match exemplars.answers.as_slice() {
            [] => return Answer::NO,
            [only] => return if similarities.iter().any(near) { *only } else { Answer::NO },
            _ => {}
        }
        let mut bound = self.at_least;
        if self.k < similarities.len() {
            let mut ranked = similarities.to_vec();
            let (_, kth, _) = ranked.select_nth_unstable_by(self.k - 1, |a, b| b.total_cmp(a));
            bound = bound.max(*kth);
        }
        let mut counts = vec![0_usize; exemplars.answers.len()];
        let mut best = vec![f64::NEG_INFINITY; exemplars.answers.len()];
        for (&says, &similarity) in exemplars.says.iter().zip(similarities) {
            counts[says] += usize::from(similarity >= bound);
            best[says] = best[says].max(similarity);
        }
        let most = counts.iter().copied().max().unwrap_or(0);
        let mut winners = (0..counts.len()).filter(|says| counts[*says] == most);
        let (Some(winner), None) = (winners.next().filter(|_| most > 0), winners.next()) else {
            return Answer::NO;
        };
        let others = best.iter().enumerate().filter(|(says, _)| *says != winner);
        let next = others.map(|(_, best)| *best).fold(f64::NEG_INFINITY, f64::max);
        let clear = self.margin.is_none_or(|margin| best[winner] - next >= margin);
        if clear { exemplars.answers[winner] } else { Answer::NO }
    }
}

/// Sums that grow side by side.
const LANES: usize = 8;

/// The sum of products, in 64 bits and always in the same order: numbers in steps of eight, then the rest.
fn product(one: &[f32], other: &[f32]) -> f64 {
    let (ones, last) = one.as_chunks::<LANES>();
    let (others, other_last) = other.as_chunks::<LANES>();
    let mut sums = [0.0_f64; LANES];
    for (one, other) in ones.iter().zip(others) {
        for at in 0..LANES {
            sums[at] += f64::from(one[at]) * f64::from(other[at]);
        }
    }
    let last = last.iter().zip(other_last).map(|(a, b)| f64::from(*a) * f64::from(*b));
    sums.into_iter().chain(last).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ClassId;
    use proptest::prelude::*;

    const CLASSES: usize = 3;

    fn label(class: usize) -> Answer {
        Answer::label(ClassId::new(class).expect("small"))
    }

    /// By the definition, for labels as numbers; `None` where it is too close to call.
    fn naive(
        exemplars: &[(Vec<f32>, usize)],
        vector: &[f32],
        nearest: &Nearest,
    ) -> Option<Option<usize>> {
        let dot = |a: &[f32], b: &[f32]| -> f64 {
            a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
        };
        let length = |a: &[f32]| dot(a, a).sqrt();
        let mut ranked: Vec<(f64, usize)> = exemplars
            .iter()
            .map(|(exemplar, class)| {
                (dot(exemplar, vector) / length(exemplar) / length(vector), *class)
            })
            .collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
        let close = |a: f64, b: f64| (a - b).abs() < 1e-9;
        let near = ranked.iter().take(nearest.k).filter(|(s, _)| *s >= nearest.at_least);
        let mut counts = [0; CLASSES];
        near.for_each(|(_, class)| counts[*class] += 1);
        let unsure = ranked.iter().any(|(s, _)| close(*s, nearest.at_least))
            || ranked.windows(2).any(|pair| close(pair[0].0, pair[1].0));
        let most = *counts.iter().max().expect("classes");
        let winners: Vec<usize> = (0..CLASSES).filter(|class| counts[*class] == most).collect();
        let [winner] = winners[..] else { return (!unsure).then_some(None) };
        let best = |own: bool| {
            let own = ranked.iter().filter(|(_, class)| (*class == winner) == own);
            own.map(|(similarity, _)| *similarity).fold(f64::NEG_INFINITY, f64::max)
        };
        let gap = best(true) - best(false);
        let margin = nearest.margin.unwrap_or(f64::NEG_INFINITY);
        let unsure = unsure || close(gap, margin);
        (!unsure).then_some((gap >= margin).then_some(winner))
    }

    fn vector() -> impl Strategy<Value = Vec<f32>> {
        prop::collection::vec((-8_i8..=8).prop_map(|n| f32::from(n) / 4.0), 11)
            .prop_filter("a direction", |vector| vector.iter().any(|number| *number != 0.0))
    }

    proptest! {
        #[test]
        fn the_nearest_vote_as_they_are_defined_to(
            exemplars in prop::collection::vec((vector(), 0..CLASSES), 1..9),
            vector in vector(),
            at_least in -1.0..1.0_f64,
            k in 1_usize..5,
            margin in prop::option::of(0.0..0.5_f64),
        ) {
            let mut all = Exemplars::new(11);
            exemplars.iter().for_each(|(vector, class)| all.add("x", vector, label(*class)));
            let mut similarities = Vec::new();
            prop_assert!(all.compare(&vector, &mut similarities));
            let nearest = Nearest { at_least, k, margin };
            let got = nearest.answer(&all, &similarities);
            if let Some(wanted) = naive(&exemplars, &vector, &nearest) {
                prop_assert!(got == wanted.map_or(Answer::NO, label));
            }
            // Their order does not matter.
            let mut turned = Exemplars::new(11);
            let back = exemplars.iter().rev();
            back.for_each(|(vector, class)| turned.add("x", vector, label(*class)));
            let mut others = Vec::new();
            prop_assert!(turned.compare(&vector, &mut others));
            prop_assert!(nearest.answer(&turned, &others) == got);
            others.reverse();
            prop_assert_eq!(similarities, others);
        }

        /// By exactly 1, whatever its length.
        #[test]
        fn a_vector_is_similar_to_itself(vector in prop::collection::vec(-1e30_f32..1e30, 1..40)) {
            prop_assume!(vector.iter().any(|number| *number != 0.0));
            let mut all = Exemplars::new(vector.len());
            let opposite: Vec<f32> = vector.iter().map(|number| -number).collect();
            all.add("itself", &vector, Answer::YES);
            all.add("opposite", &opposite, Answer::YES);
            let mut similarities = Vec::new();
            prop_assert!(all.compare(&vector, &mut similarities));
            prop_assert_eq!(similarities, [1.0, -1.0]);
        }
    }

    /// Checked by hand: to (1, 0) and (0, 1), (3, 4) is similar by 0.6 and 0.8.
    #[test]
    fn cosines_by_hand() {
        let mut all = Exemplars::new(2);
        all.add("east", &[1.0, 0.0], label(0));
        all.add("north", &[0.0, 2.0], label(1));
        let mut similarities = Vec::new();
        assert!(all.compare(&[3.0, 4.0], &mut similarities));
        assert_eq!(similarities, [0.6, 0.8]);
        assert_eq!(all.nearest(label(0), &similarities), Some(("east", 0.6)));
        let answer = |at_least, k, margin| {
            Nearest { at_least, k, margin }.answer(&all, &similarities).choice()
        };
        assert_eq!(answer(0.8, 1, None), label(1).choice());
        assert_eq!(answer(0.81, 1, None), None);
        assert_eq!(answer(0.6, 2, None), None, "one of each");
        assert_eq!(answer(0.7, 2, None), label(1).choice());
        assert_eq!(answer(0.7, 1, Some(0.3)), None);
        assert_eq!(answer(0.7, 1, Some(0.1)), label(1).choice());
        assert!(!all.compare(&[0.0, 0.0], &mut similarities), "it has no direction");
    }
}
