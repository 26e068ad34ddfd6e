//! What fuzzing found, made small: each input with what it must come to.

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

    /// Columns had the rows of their pages, and the file without columns those of its footer.
    #[test]
    fn a_footer_that_says_more_or_fewer_rows_is_an_error() {
        for n_rows in [0, 2, 3, 4, 1_000] {
            let folder = Folder::new().with("rows.parquet", with_footer_of(n_rows));
            for column in ["id", "lf:a"] {
                match folder.read(&["rows.parquet"], &[Field::text(column)]) {
                    Ok(rows) => assert_eq!(rows.len() as i64, n_rows, "{column}"),
                    Err(error) => {
                        let wanted = format!("its pages have 3 rows, and its footer says {n_rows}");
                        assert!(error.ends_with(&wanted), "{error}");
                    }
                }
            }
        }
    }
}
