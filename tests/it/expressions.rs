//! Expressions against the same written in Rust, and what becomes of texts that are none.

use jurat::input::Table;
use jurat::{LfId, LfSet, Spec};
use proptest::prelude::*;
use proptest::sample::select;

fn compile(expression: &str) -> Result<LfSet, jurat::lf::SpecErrors> {
    let expression = serde_json::to_string(expression).expect("a text");
    let text = format!(
        "spec: 1\nlabels: [a, b]\nlfs: [{{name: x, label: a, when: {{expr: {expression}}}}}]\n"
    );
    Spec::from_yaml(&text, "expr.yaml").and_then(|spec| LfSet::compile(&spec))
}

/// Whether the expression holds on each row, and on how many it is unknown.
fn votes(lfs: &LfSet, table: &Table) -> (Vec<bool>, u64) {
    let mut source = table.open(&lfs.fields()).expect("the columns are there");
    let applied = lfs.apply(source.as_mut()).expect("votes");
    let lf = LfId::new(0).expect("the first");
    let vote = |row| applied.matrix.vote(row, lf).is_some();
    ((0..applied.matrix.n_rows()).map(vote).collect(), applied.notes[0].missing)
}

type Cell = Option<f64>;

fn cells() -> impl Strategy<Value = Vec<(Cell, Cell)>> {
    let cell = || {
        let numbers = vec![-2.0, -0.5, 0.0, 1.0, 2.0, 1e300, f64::INFINITY];
        prop_oneof![1 => Just(None), 5 => select(numbers).prop_map(Some)]
    };
    prop::collection::vec((cell(), cell()), 1..20)
}

/// An expression of numbers with the same in Rust.
#[derive(Debug, Clone)]
enum Sum {
    A,
    B,
    Number(f64),
    Of(char, Box<(Sum, Sum)>),
}

impl Sum {
    fn text(&self) -> String {
        match self {
            Self::A => "a".to_owned(),
            Self::B => "b".to_owned(),
            Self::Number(number) => format!("({number:?})"),
            Self::Of(sign, two) => format!("({} {sign} {})", two.0.text(), two.1.text()),
        }
    }

    fn value(&self, a: Cell, b: Cell) -> Cell {
        match self {
            Self::A => a,
            Self::B => b,
            Self::Number(number) => Some(*number),
            Self::Of(sign, two) => {
                let (a, b) = (two.0.value(a, b)?, two.1.value(a, b)?);
                let value = match sign {
                    '+' => a + b,
                    '-' => a - b,
                    '*' => a * b,
                    '/' => a / b,
                    _ => a % b,
                };
                value.is_finite().then_some(value)
            }
        }
    }
}

fn sums() -> impl Strategy<Value = Sum> {
    let leaf = prop_oneof![
        Just(Sum::A),
        Just(Sum::B),
        select(vec![0.0, 1.0, -1.5, 1e300]).prop_map(Sum::Number)
    ];
    leaf.prop_recursive(3, 8, 2, |inner| {
        (select(vec!['+', '-', '*', '/', '%']), inner.clone(), inner)
            .prop_map(|(sign, a, b)| Sum::Of(sign, Box::new((a, b))))
    })
}

proptest! {
    #[test]
    fn comparisons_are_those_of_rust(
        rows in cells(),
        sum in sums(),
        order in select(vec!["<", "<=", "==", "!=", ">=", ">"]),
        negate in any::<bool>(),
    ) {
        let comparison = format!("({} {order} double(b)) && double(a) == a", sum.text());
        let expression = if negate { format!("!({comparison})") } else { comparison };
        let lfs = compile(&expression).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let (a, b): (Vec<Cell>, Vec<Cell>) = rows.iter().copied().unzip();
        let table = Table::new().number("a", a).number("b", b);
        let (held, unknown) = votes(&lfs, &table);
        let known = rows.iter().map(|&(a, b)| {
            let first = sum.value(a, b).zip(b).map(|(x, y)| match order {
                "<" => x < y,
                "<=" => x <= y,
                "==" => x == y,
                "!=" => x != y,
                ">=" => x >= y,
                _ => x > y,
            });
            // Kleene: what is false is false whatever the rest.
            let both = match (first, a) {
                (Some(false), _) => Some(false),
                (first, Some(_)) => first,
                (_, None) => None,
            };
            both.map(|both| both != negate)
        });
        let known: Vec<Option<bool>> = known.collect();
        let wanted: Vec<bool> = known.iter().map(|known| *known == Some(true)).collect();
        prop_assert_eq!(held, wanted, "{}", expression);
        prop_assert_eq!(unknown, known.iter().filter(|known| known.is_none()).count() as u64);
    }

    /// Whatever is written is an expression or an error with a place that can be drawn.
    #[test]
    fn no_text_is_too_odd(pieces in prop::collection::vec(select(vec![
        "a", "b", "é", "ß日", "(", ")", "[", "]", "{", "}", "==", "=", "!=", "<", "&&", "||", "!", "-", "+", "/", "%", "?",
        ":", ",", ".", "in", "null", "true", "1", "2.5", "1e9", "0x", "9u", "'x'", "\"", "'", "r'\\d'", "\\", "b'a'", "//",
        "\n", " ", " ", "timestamp('2026')", "duration('1d')", "length", "matches", "column", "has", "all", "for", "`", "@",
    ]), 0..14)) {
        if let Err(errors) = compile(&pieces.concat()) {
            prop_assert!(!errors.problems().is_empty());
            prop_assert!(errors.to_string().contains("problem"));
        }
    }
}
