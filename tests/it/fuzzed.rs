//! What fuzzing found, made small: each input with what it must come to.

use jurat::answers::{Answers, Defaults, read_sheet};

/// Gold files have no blanks around names, times and labels: what Label Studio had with them was somebody
/// else's when it was taken once more, and a label of blanks was gone.
#[test]
fn blanks_around_what_label_studio_says_are_left_out() {
    let folder = crate::input::Folder::new().with(
        "tasks.json",
        r#"[{"meta": {"row": 3}, "annotations": [
            {"completed_by": " ann", "updated_at": " 2026-03-01\t", "result":
                [{"type": "choices", "value": {"choices": ["spam "]}}]},
            {"completed_by": {"email": " ", "username": "bob\n"}, "result":
                [{"type": "choices", "value": {"choices": [" "]}}]},
            {"completed_by": {"email": " ", "username": "bob\n"}, "result":
                [{"type": "choices", "value": {"choices": [" ", "ham"]}}]}
        ]}]"#,
    );
    let defaults = Defaults::new(None, None, "tasks.json").expect("defaults");
    let sheet = read_sheet(&folder.path("tasks.json"), &defaults).expect("answers");
    let mut answers = Answers::default();
    assert_eq!(answers.merge(sheet.answers.clone()).new, 2);
    let written = answers.to_csv().expect("CSV");
    let wanted = "row,id,gold,who,when,source,note
3,,ham,bob,,tasks.json,
3,,spam,label-studio:ann,2026-03-01,tasks.json,
";
    assert_eq!(written, wanted);
    let mut again = Answers::parse(written.as_bytes(), "gold.csv").expect("a gold file");
    let merged = again.merge(sheet.answers);
    assert_eq!((merged.new, merged.changed, merged.repeated), (0, 0, 2));
}

/// Answers were put in the order of row numbers and of times as texts, which made an earlier one the last, so
/// that it counted again.
#[test]
fn the_last_of_several_answers_at_one_time_stays_the_last() {
    for file in [
        "row,id,gold,who,when\n4,c,ham,ann,2026-03-01\n3,c,spam,ann,2026-03-01\n",
        "row,id,gold,who,when\n3,,ham,ann,2026-03-01\n3,,spam,ann,2026-03\n",
    ] {
        let new = Answers::parse(file.as_bytes(), "gold.csv").expect("a gold file").all;
        let mut answers = Answers::default();
        answers.merge(new.clone());
        assert!(answers.decide().labels.values().eq(["spam"].iter()), "{file}");
        let once = answers.clone();
        assert_eq!(answers.merge(new).repeated, 2);
        assert_eq!(answers, once);
    }
}

/// A person who said the same twice with another answer in between had the second one left out, when the answers
/// did not stand in the order of their times.
#[test]
fn an_answer_that_confirms_an_earlier_one_counts_after_another_in_between() {
    for [between, confirmed] in
        [["2026-03-02", "2026-03-03"], ["2026-03-01T10:05", "2026-03-01T10:30"]]
    {
        let first = &"2026-03-01T10:01"[..between.len()];
        let file = format!(
            "row,id,gold,who,when\n3,c,spam,ann,{first}\n3,c,spam,ann,{confirmed}\n3,c,ham,ann,{between}\n"
        );
        let new = Answers::parse(file.as_bytes(), "gold.csv").expect("a gold file").all;
        let mut answers = Answers::default();
        assert_eq!(answers.merge(new.clone()).changed, 2);
        assert!(answers.decide().labels.values().eq(["spam"].iter()), "{file}");
        let once = answers.clone();
        assert_eq!(answers.merge(new).repeated, 3);
        assert_eq!(answers, once);
    }
}

/// One that confirmed what was said before was left out, and came in when the same answers were taken once more,
/// since by then the person had said something else later.
#[test]
fn an_answer_is_compared_with_what_was_said_by_then() {
    for times in [["2025", "2026", "2027"], ["2026", "2025", "2027"]] {
        let [first, second, third] = times.map(|year| format!("{year}-03-01"));
        let file = format!(
            "row,id,gold,who,when\n3,c,spam,ann,{first}\n3,c,spam,ann,{second}\n3,c,ham,ann,{third}\n"
        );
        let new = Answers::parse(file.as_bytes(), "gold.csv").expect("a gold file").all;
        let mut answers = Answers::default();
        answers.merge(new.clone());
        assert_eq!(answers.all.len(), 2, "{file}");
        assert!(answers.decide().labels.values().eq(["ham"].iter()), "{file}");
        let once = answers.clone();
        assert_eq!(answers.merge(new).repeated, 3, "{file}");
        assert_eq!(answers, once);
    }
    // Of answers at one time the last one counts, so that the one before is no repetition.
    let file = "row,id,gold,who,when\n3,c,spam,ann,2026-01-01\n3,c,spam,ann,2026-03-01\n\
                3,c,ham,ann,2026-03-01\n";
    let new = Answers::parse(file.as_bytes(), "gold.csv").expect("a gold file").all;
    let mut answers = Answers::default();
    answers.merge(new.clone());
    assert!(answers.decide().labels.values().eq(["ham"].iter()));
    let once = answers.clone();
    assert_eq!(answers.merge(new).repeated, 3);
    assert_eq!(answers, once);
    // An earlier answer that says what the first known one says changes nothing, whatever came later.
    let of = |text: &str| Answers::parse(text.as_bytes(), "gold.csv").expect("a gold file");
    let mut answers = of("row,id,gold,who,when\n3,c,spam,ann,2026-03-01\n3,c,ham,ann,2027-03-01\n");
    let earlier = of("row,id,gold,who,when\n3,c,spam,ann,2025-03-01\n").all;
    assert_eq!(answers.merge(earlier).repeated, 1);
    assert_eq!(answers.all.len(), 2);
}

/// What follows on something that never matches has nothing to look for, which counted as no work, so that
/// each further star doubled the time.
#[test]
fn many_stars_after_what_never_matches_take_no_time() {
    let spec = format!(
        "spec: 1\nlabels: [a, b]\ninput: {{text: t}}\nlfs:\n  \
         - {{name: x, label: a, when: {{regex: '(?:x|[a&&b]d{})'}}}}\n",
        "*".repeat(76)
    );
    let spec = jurat::lf::Spec::from_yaml(&spec, "spec.yaml").expect("a spec");
    let lfs = jurat::LfSet::compile(&spec).expect("a set");
    let rows = jurat::input::Table::new().text("t", [Some("x"), Some("dd")]);
    let votes = lfs.apply(rows.open(&lfs.fields()).expect("rows").as_mut()).expect("votes");
    assert_eq!(votes.matrix.n_votes(), 1);
}

#[cfg(feature = "parquet")]
mod parquet {
    use crate::input::Folder;
    use jurat::input::{Column, Field};
    use jurat::output::{Rows, format_named, write_votes};
    use jurat::{LabelMatrix, Names};
    use parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter};

    /// Three rows, and a footer that says so many.
    fn with_footer_of(n_rows: i64) -> Vec<u8> {
        let names = Names::new(["a"], ["spam", "ham"]).expect("names");
        let votes = LabelMatrix::from_dense(names, &vec![vec![Some(0)]; 3]).expect("votes");
        let ids = Column::Integer([Some(1), Some(2), Some(3)].into_iter().collect());
        let folder = Folder::new();
        let (path, format) = (folder.path("votes.parquet"), format_named("parquet"));
        let rows = Rows { name: "id", ids: &[ids] };
        write_votes(&path, format.expect("the format"), rows, &votes).expect("a file");
        let mut bytes = std::fs::read(path).expect("the file");
        let whole = bytes::Bytes::from(bytes.clone());
        let metadata = ParquetMetaDataReader::new().parse_and_finish(&whole).expect("a footer");
        let groups = metadata.row_groups().iter().map(|group| {
            group.clone().into_builder().set_num_rows(n_rows).build().expect("a row group")
        });
        let groups = groups.collect();
        let metadata = metadata.clone().into_builder().set_row_groups(groups).build();
        ParquetMetaDataWriter::new(&mut bytes, &metadata).finish().expect("a footer");
        bytes
    }

    /// Columns had the rows of their pages, and the file without columns those of its footer, which do not
    /// end where it says that there are quintillions.
    #[test]
    fn a_footer_that_says_more_or_fewer_rows_is_an_error() {
        for n_rows in [0, 2, 3, 4, 1_000, i64::MAX] {
            let folder = Folder::new().with("rows.parquet", with_footer_of(n_rows));
            for fields in [&[Field::text("id")][..], &[Field::text("lf:a")], &[]] {
                match folder.read(&["rows.parquet"], fields) {
                    Ok(rows) => assert_eq!(rows.len() as i64, n_rows, "{fields:?}"),
                    Err(error) => {
                        let wanted = format!("its pages have 3 rows, and its footer says {n_rows}");
                        assert!(error.ends_with(&wanted), "{error}");
                    }
                }
            }
        }
    }

    /// The header of a page lists more numbers than the file has bytes. They were left out one by one, beyond
    /// the end of the file, for minutes.
    #[test]
    fn a_page_header_that_goes_on_beyond_the_end_is_an_error() {
        let bytes = include_bytes!("../data/fuzzed/endless-header.parquet");
        let folder = Folder::new().with("rows.parquet", bytes);
        let error = folder.read(&["rows.parquet"], &[Field::number("fingerprint")]);
        let error = error.expect_err("a damaged file");
        assert!(error.contains("rows.parquet"), "{error}");
    }
}
