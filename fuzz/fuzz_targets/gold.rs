//! Answers of people, from a gold file, a sheet or Label Studio: an error that can be shown, or answers
//! that are written and read to the same, merged a second time without effect, and decided.
#![no_main]

use jurat::answers::{Answer, Answers, Defaults, read_sheet};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut read = Vec::new();
    match Answers::parse(bytes, "gold.csv") {
        Ok(answers) => read.push(answers.all),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    let defaults = Defaults::new(Some("ann".to_owned()), None, "sheet").expect("no time");
    let ending = if matches!(bytes.first(), Some(b'[' | b'{')) { "json" } else { "csv" };
    match read_sheet(&jurat_fuzz::written(bytes, ending), &defaults) {
        Ok(sheet) => read.push(sheet.answers),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    for new in read {
        let mut answers = Answers::default();
        answers.merge(new.clone());
        let written = answers.to_csv().expect("written to memory");
        let again = Answers::parse(written.as_bytes(), "gold.csv").expect("what was written");
        assert_eq!(plain(&again), plain(&answers), "{written}");
        let once = answers.clone();
        let merged = answers.merge(new);
        assert_eq!((merged.new, &answers), (0, &once));
        let decided = once.decide();
        assert!(decided.n_tied() <= decided.disagreements.len());
        assert!(decided.labels.len() + decided.n_tied() == once.current().len());
        let _ = once.check(&["a".to_owned(), "b".to_owned()], "gold.csv");
        let _ = once.all.iter().filter(|answer| answer.is_of_hard_row()).count();
    }
});

/// Without lines, which differ.
fn plain(answers: &Answers) -> Vec<Answer> {
    answers.all.iter().map(|answer| Answer { line: 0, ..answer.clone() }).collect()
}
