//! Labeling functions in Rust: what they can read and vote, and what is recorded where they go wrong.

use jurat::input::{Field, Table};
use jurat::lf::Notes;
use jurat::{ClassId, LfId, LfSet};

/// What the first labeling function votes on three rows, by name, and what was noted.
fn votes(lfs: LfSet) -> ([Option<String>; 3], Notes) {
    let table = Table::new()
        .text("note", [Some("win a prize"), None, Some("hello")])
        .number("score", [Some(0.9), Some(0.2), None]);
    let mut source = table.open(&lfs.fields()).expect("the columns are there");
    let applied = lfs.apply(source.as_mut()).expect("votes");
    let lf = LfId::new(0).expect("the first");
    let vote = |row| {
        let choice = applied.matrix.vote(row, lf)?;
        Some(applied.matrix.names().choice_name(choice).into_owned())
    };
    ([vote(0), vote(1), vote(2)], applied.notes[0].clone())
}

fn classes() -> LfSet {
    LfSet::new(["spam", "ham"]).expect("classes")
}

fn wanted(votes: [&str; 3]) -> [Option<String>; 3] {
    votes.map(|vote| (!vote.is_empty()).then(|| vote.to_owned()))
}

#[test]
fn texts_numbers_and_places_are_read() {
    let fields = [Field::text("note"), Field::number("score")];
    let text = classes().with("text", &fields, |row| row.text("note").map(|_| "spam"));
    let number = classes().with("number", &fields, |row| {
        // A name may be made while it runs.
        row.number("score").map(|score| if score > 0.5 { "spam".to_owned() } else { "ham".into() })
    });
    let place = classes().with("place", &fields, |row| ClassId::new(row.index() as usize % 2));
    for (lfs, votes_wanted) in [
        (text, wanted(["spam", "", "spam"])),
        (number, wanted(["spam", "ham", ""])),
        (place, wanted(["spam", "ham", "spam"])),
    ] {
        let (votes, notes) = votes(lfs.expect("a name of its own"));
        assert_eq!((votes, notes), (votes_wanted, Notes::default()));
    }
}

#[test]
fn what_goes_wrong_is_an_abstention_with_its_row() {
    let fields = [Field::text("note")];
    let undeclared = classes().with("undeclared", &fields, |row| {
        if row.index() == 1 { row.number("score").map(|_| "ham") } else { Some("spam") }
    });
    let unknown = classes()
        .with("unknown", &fields, |row| Some(if row.index() == 1 { "spma" } else { "spam" }));
    let far =
        classes().with("far", &fields, |row| ClassId::new(if row.index() == 1 { 7 } else { 0 }));
    for (lfs, message) in [
        (undeclared, "reads the column `score`, which it did not declare"),
        (unknown, "spma"),
        (far, "there are 2"),
    ] {
        let (votes, notes) = votes(lfs.expect("a name of its own"));
        assert_eq!(votes, wanted(["spam", "", "spam"]));
        let [(1, found)] = notes.first_failures.as_slice() else { panic!("{notes:?}") };
        assert!(found.contains(message) && notes.failures == 1, "{found}");
    }
}
