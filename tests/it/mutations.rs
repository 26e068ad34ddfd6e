//! Shipped specs with mistakes in them, and specs of unusual size.

use super::models::Random;
use jurat::job::Job;
use jurat::lf::{SpecText, Unwatched};
use jurat::{LfSet, Spec};
use std::path::Path;

/// One mistake as people and programs make them.
fn mistake(text: &str, random: &mut Random) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let mut lines: Vec<String> = text.split_inclusive('\n').map(str::to_owned).collect();
    let at = random.below(letters.len());
    const SIGNS: [char; 20] = [
        ':', '-', '[', ']', '{', '}', '\'', '"', '#', '&', '*', '|', '>', '\t', '\n', ' ', '$',
        '0', 'é', '\u{202e}',
    ];
    match random.below(8) {
        0 => _ = letters.remove(at),
        1 => letters.insert(at, SIGNS[random.below(SIGNS.len())]),
        2 => letters[at] = SIGNS[random.below(SIGNS.len())],
        3 => letters.swap(at, (at + 1).min(text.chars().count() - 1)),
        4 => letters.truncate(at),
        choice => {
            let (line, other) = (random.below(lines.len()), random.below(lines.len()));
            match choice {
                5 => _ = lines.remove(line),
                6 => lines.insert(line, lines[other].clone()),
                _ => lines.swap(line, other),
            }
            return lines.concat();
        }
    }
    letters.into_iter().collect()
}

#[test]
fn mistakes_are_errors_with_a_place_or_other_specs() {
    let (mut wrong, mut right) = (0, 0);
    let folder = Path::new("lf_specs");
    let specs = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let mut specs: Vec<_> =
        specs.filter(|path| path.extension().is_some_and(|ending| ending == "yaml")).collect();
    specs.sort();
    assert!(specs.len() >= 4);
    for path in specs {
        let text = std::fs::read_to_string(&path).expect("a spec");
        let name = path.to_string_lossy();
        let mut random = Random(7);
        for number in 0..100 {
            let mut broken = text.clone();
            for _ in 0..=number % 3 {
                broken = mistake(&broken, &mut random);
            }
            let outcome = Spec::from_yaml(&broken, &name).and_then(|spec| {
                let job = Job::new(&spec)?;
                job.lfs.run_examples(&spec).map(|_| spec)
            });
            match outcome {
                Ok(spec) => {
                    right += 1;
                    // Lints of odd specs have places too.
                    for lint in spec.lints() {
                        assert!(lint.problem.place.end <= broken.len(), "{name}, {number}");
                    }
                }
                Err(errors) => {
                    wrong += 1;
                    assert!(!errors.problems().is_empty());
                    for problem in errors.problems() {
                        let place = problem.place;
                        assert!(
                            place.start <= place.end && place.end <= broken.len(),
                            "{problem:?}"
                        );
                        let (line, column) = errors.line_and_column(problem);
                        assert!(
                            line >= 1 && line <= broken.matches('\n').count() + 1 && column >= 1
                        );
                    }
                    let shown = errors.to_string();
                    assert!(shown.contains(&format!("--> {name}")), "{shown}");
                }
            }
        }
    }
    assert!(wrong > 100 && right > 50, "{wrong} wrong, {right} right");
}

#[test]
fn ten_thousand_labeling_functions_are_checked_and_run() {
    let lfs: String = (0..10_000)
        .map(|i| {
            let (label, condition) = match i % 10 {
                0 => ("a", format!("{{regex: '\\bword{i}\\s+\\w+ing\\b'}}")),
                1 => {
                    ("b", format!("{{all: [{{keyword: [word{i}]}}, {{not: {{matches: calm}}}}]}}"))
                }
                n => (["a", "b", "c"][n % 3], format!("{{keyword: [word{i}, phrase of {i}]}}")),
            };
            format!("  - {{name: lf-{i}, label: {label}, when: {condition}}}\n")
        })
        .collect();
    let text = format!(
        "spec: 1\nlabels: [a, b, c]\nutils: {{calm: {{keyword: [please]}}}}\nmodel: {{use: majority}}\nlfs:\n{lfs}"
    );
    let main = SpecText { path: "many.yaml".to_owned(), text };
    let spec = Spec::from_texts(&[main], &Default::default()).expect("a spec");
    assert_eq!(spec.lints(), []);
    let job = Job::new(&spec).expect("it compiles");
    let words = |i: usize| format!("word{} and phrase of {} word{} sing", i, i + 2, i * 10);
    let table = jurat::input::Table::new().text("text", (0..1_000).map(|i| Some(words(i))));
    let mut source = table.open(&job.lfs.fields()).expect("the column is there");
    let outcome = job.run(source.as_mut(), &Unwatched).expect("it runs");
    assert_eq!(outcome.votes.n_rows(), 1_000);
    assert_eq!(outcome.votes.n_covered(), 1_000);
    assert!(LfSet::compile(&spec).expect("once more").names().lfs.len() == 10_000);
}
