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

/// One that votes on many rows at a time says the same as one that votes row by row.
#[test]
fn rows_come_together_to_those_who_want_it() {
    use jurat::input::Column;
    use jurat::lf::{RowBatch, RowVotes};

    let fields = [Field::text("note"), Field::number("score")];
    let of_rows =
        |rows: &RowBatch<'_>, vote: fn(Option<&str>) -> Result<Option<&'static str>, String>| {
            assert_eq!((rows.start(), rows.columns().len()), (0, 2));
            let Some(("note", Some(Column::Text(notes)))) = rows.columns().next() else {
                panic!("the column that was declared");
            };
            notes.iter().map(vote).collect::<RowVotes<&'static str>>()
        };
    let votes_of = |vote| {
        let lfs = classes().with_batches("f", &fields, move |rows| of_rows(rows, vote));
        votes(lfs.expect("a name of its own"))
    };
    let failed = |failures: u64, first: &[(u64, &str)]| Notes {
        failures,
        first_failures: first.iter().map(|(row, text)| (*row, (*text).to_owned())).collect(),
        ..Notes::default()
    };
    let (got, notes) =
        votes_of(|note| Ok(note.map(|note| if note == "hello" { "ham" } else { "spam" })));
    assert_eq!((got, notes), (wanted(["spam", "", "ham"]), Notes::default()));
    let (got, notes) =
        votes_of(|note| note.map(|_| Some("spam")).ok_or_else(|| "no note".to_owned()));
    assert_eq!((got, notes), (wanted(["spam", "", "spam"]), failed(1, &[(1, "no note")])));
    let (got, notes) = votes_of(|note| Ok(note.map(|_| "spma")));
    let unknown = "voted `spma`, which is not one of the labels";
    assert_eq!((got, notes), (wanted(["", "", ""]), failed(2, &[(0, unknown), (2, unknown)])));
    let short = classes().with_batches("f", &fields, |_| vec![Ok(Some("spam"))]);
    let (got, notes) = votes(short.expect("a name of its own"));
    let told = "gave 1 votes for 3 rows";
    assert_eq!((got, notes), (wanted(["", "", ""]), failed(3, &[(0, told), (1, told), (2, told)])));
    let broken =
        classes().with_batches("f", &fields, |_| -> RowVotes<&'static str> { panic!("no") });
    let (got, notes) = votes(broken.expect("a name of its own"));
    assert_eq!((got, notes.failures), (wanted(["", "", ""]), 3));
    assert_eq!(notes.first_failures[2], (2, "panicked: no".to_owned()));
}

/// A clone goes its own way.
#[test]
fn sets_can_be_cloned() {
    let lfs = classes().with("one", &[], |_| Some("spam")).expect("a name of its own");
    let more = lfs.clone().with("two", &[], |_| Some("ham")).expect("a name of its own");
    assert_eq!((lfs.names().lfs.len(), more.names().lfs.len()), (1, 2));
    assert_eq!(votes(lfs).0, votes(more).0);
}
