//! One column of a row group, encoded page by page.

use super::super::table::Values;
use super::NONE;
use super::hybrid::{Present, write_codes};
use parquet::basic::{Compression, Encoding, PageType, ZstdLevel};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::statistics::Statistics;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, PoisonError};
use zstd::bulk::Compressor;

/// The level of compression: codes of values are small already.
pub(super) const LEVEL: i32 = 1;

/// Numbers that a dictionary has room for; a column with more has its values in its pages.
const MOST_VALUES: usize = 1 << 16;

/// One compressor a thread: making one takes longer than most pages do.
pub(super) struct Compressors(Vec<Mutex<Compressor<'static>>>);

impl Compressors {
    /// For the threads of the current pool.
    pub(super) fn new() -> io::Result<Self> {
        let one = |_| Compressor::new(LEVEL).map(Mutex::new);
        (0..rayon::current_num_threads()).map(one).collect::<Result<_, _>>().map(Self)
    }

    fn compress(&self, page: &[u8]) -> io::Result<Vec<u8>> {
        let at = rayon::current_thread_index().unwrap_or(0) % self.0.len();
        self.0[at].lock().unwrap_or_else(PoisonError::into_inner).compress(page)
    }
}

pub(super) struct Chunk<'a> {
    values: Kind<'a>,
    /// Pages with their headers.
    pages: Vec<u8>,
    uncompressed: usize,
    n_rows: usize,
    n_values: usize,
    /// Whether some page has codes, and whether some has values.
    coded: bool,
    plain: bool,
}

enum Kind<'a> {
    Texts {
        of: &'a [String],
        pattern: &'a [Option<u32>],
        codes: Codes,
    },
    Votes {
        cells: &'a [Cow<'a, str>],
        codes: Codes,
    },
    /// Numbers of either kind, as their bits.
    Numbers {
        of: &'a Values<'a>,
        codes: HashMap<u64, u32>,
        of_local: Vec<u32>,
        values: Vec<u64>,
    },
}

/// Codes of texts, in the order in which they come up.
#[derive(Default)]
struct Codes {
    /// For each text its code.
    of: Vec<u32>,
    texts: Vec<usize>,
}

impl Codes {
    fn code(&mut self, text: usize) -> u32 {
        if self.of.len() <= text {
            self.of.resize(text + 1, NONE);
        }
        let code = &mut self.of[text];
        if *code == NONE {
            *code = self.texts.len() as u32;
            self.texts.push(text);
        }
        *code
    }
}

impl<'a> Chunk<'a> {
    pub(super) fn dense(values: &'a Values<'a>) -> Self {
        let values = match values {
            Values::Texts { of, pattern } => Kind::Texts { of, pattern, codes: Codes::default() },
            Values::Numbers(_) | Values::Wholes(_) | Values::Column(..) => Kind::Numbers {
                of: values,
                codes: HashMap::new(),
                of_local: Vec::new(),
                values: Vec::new(),
            },
        };
        Self::new(values)
    }

    pub(super) fn votes(cells: &'a [Cow<'a, str>]) -> Self {
        Self::new(Kind::Votes { cells, codes: Codes::default() })
    }

    fn new(values: Kind<'a>) -> Self {
        let (pages, coded, plain) = (Vec::new(), false, false);
        Self { values, pages, uncompressed: 0, n_rows: 0, n_values: 0, coded, plain }
    }

    /// Adds a page with the votes of a labeling function, as row and choice.
    pub(super) fn add_votes(
        &mut self,
        n_rows: usize,
        votes: &[(u32, u32)],
        zstd: &Compressors,
    ) -> Result<(), ParquetError> {
        let Kind::Votes { codes, .. } = &mut self.values else { return Ok(()) };
        let mut present = Present::none(n_rows);
        let code = |&(row, choice): &(u32, u32)| {
            present.set(row as usize);
            codes.code(choice as usize)
        };
        let numbers: Vec<u32> = votes.iter().map(code).collect();
        let n = codes.texts.len();
        self.add_codes(n_rows, &present, &numbers, n, zstd)
    }

    /// Adds a page for rows with patterns that stand in `used`.
    pub(super) fn add_dense(
        &mut self,
        rows: &[u32],
        used: &[u32],
        zstd: &Compressors,
    ) -> Result<(), ParquetError> {
        let n_rows = rows.len();
        match &mut self.values {
            Kind::Votes { .. } => Ok(()),
            Kind::Texts { pattern, codes, .. } => {
                let mut present = Present::none(n_rows);
                let mut numbers = Vec::with_capacity(n_rows);
                for (row, &local) in rows.iter().enumerate() {
                    if let Some(text) = pattern[used[local as usize] as usize] {
                        present.set(row);
                        numbers.push(codes.code(text as usize));
                    }
                }
                let n = codes.texts.len();
                self.add_codes(n_rows, &present, &numbers, n, zstd)
            }
            Kind::Numbers { of, codes, of_local, values } => {
                let value = |pattern: u32| match of {
                    Values::Numbers(values) => values[pattern as usize].to_bits(),
                    Values::Wholes(values) => values[pattern as usize].cast_unsigned(),
                    Values::Column(values, at) => values[[pattern as usize, *at]].to_bits(),
                    Values::Texts { .. } => 0,
                };
                let present = Present::all(n_rows);
                if !self.plain {
                    for &pattern in &used[of_local.len()..] {
                        let number = value(pattern);
                        let code = *codes.entry(number).or_insert(values.len() as u32);
                        if code as usize == values.len() {
                            values.push(number);
                        }
                        of_local.push(code);
                    }
                    if values.len() <= MOST_VALUES {
                        let numbers: Vec<u32> =
                            rows.iter().map(|&local| of_local[local as usize]).collect();
                        let n = values.len();
                        return self.add_codes(n_rows, &present, &numbers, n, zstd);
                    }
                    values.truncate(MOST_VALUES);
                    (*codes, *of_local) = (HashMap::new(), Vec::new());
                }
                let mut page = levels(&present);
                for &local in rows {
                    page.extend(value(used[local as usize]).to_le_bytes());
                }
                self.add(n_rows, n_rows, &page, Encoding::PLAIN, zstd)
            }
        }
    }

    fn add_codes(
        &mut self,
        n_rows: usize,
        present: &Present,
        codes: &[u32],
        n_codes: usize,
        zstd: &Compressors,
    ) -> Result<(), ParquetError> {
        let mut page = levels(present);
        if codes.is_empty() {
            // There may be no dictionary at all.
            return self.add(n_rows, 0, &page, Encoding::PLAIN, zstd);
        }
        write_codes(codes.iter().copied(), n_codes, &mut page);
        self.add(n_rows, codes.len(), &page, Encoding::RLE_DICTIONARY, zstd)
    }

    fn add(
        &mut self,
        n_rows: usize,
        n_values: usize,
        page: &[u8],
        encoding: Encoding,
        zstd: &Compressors,
    ) -> Result<(), ParquetError> {
        self.n_rows += n_rows;
        self.n_values += n_values;
        self.coded |= encoding == Encoding::RLE_DICTIONARY;
        // A column whose values do not fit into a dictionary goes on without.
        self.plain |= encoding == Encoding::PLAIN && n_values > 0;
        self.uncompressed += write_page(&mut self.pages, page, zstd, |buf| Page::DataPage {
            buf,
            num_values: n_rows as u32,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        })?;
        Ok(())
    }

    /// The bytes of the column, and what a reader must know of them.
    pub(super) fn close(
        self,
        of: ColumnDescPtr,
        zstd: &Compressors,
    ) -> Result<(Vec<u8>, ColumnCloseResult), ParquetError> {
        let n_nulls = Some((self.n_rows - self.n_values) as u64);
        let (dictionary, n_texts, statistics) = match &self.values {
            Kind::Texts { of, codes, .. } => {
                let texts = codes.texts.iter().map(|&text| of[text].as_str());
                let statistics = Statistics::new::<ByteArray>(None, None, None, n_nulls, false);
                (plain_texts(texts), codes.texts.len(), statistics)
            }
            Kind::Votes { cells, codes } => {
                let texts = codes.texts.iter().map(|&text| cells[text].as_ref());
                let statistics = Statistics::new::<ByteArray>(None, None, None, n_nulls, false);
                (plain_texts(texts), codes.texts.len(), statistics)
            }
            Kind::Numbers { of, values, .. } => {
                let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
                let statistics = match of {
                    Values::Wholes(_) => Statistics::new::<i64>(None, None, None, n_nulls, false),
                    _ => Statistics::new::<f64>(None, None, None, n_nulls, false),
                };
                (bytes, values.len(), statistics)
            }
        };
        let (mut bytes, mut uncompressed) = (Vec::new(), self.uncompressed);
        if self.coded {
            uncompressed +=
                write_page(&mut bytes, &dictionary, zstd, |buf| Page::DictionaryPage {
                    buf,
                    num_values: n_texts as u32,
                    encoding: Encoding::PLAIN,
                    is_sorted: false,
                })?;
        }
        let first = bytes.len();
        bytes.extend(self.pages);
        let mut encodings = vec![Encoding::PLAIN, Encoding::RLE];
        encodings.extend(self.coded.then_some(Encoding::RLE_DICTIONARY));
        let metadata = ColumnChunkMetaData::builder(of)
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(LEVEL)?))
            .set_encodings(encodings)
            .set_total_compressed_size(bytes.len() as i64)
            .set_total_uncompressed_size(uncompressed as i64)
            .set_num_values(self.n_rows as i64)
            .set_data_page_offset(first as i64)
            .set_dictionary_page_offset(self.coded.then_some(0))
            .set_statistics(statistics)
            .build()?;
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: self.n_rows as u64,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok((bytes, close))
    }
}

/// A page that begins with these levels.
fn levels(present: &Present) -> Vec<u8> {
    let mut page = vec![0; 4];
    present.write(&mut page);
    let length = page.len() as u32 - 4;
    page[..4].copy_from_slice(&length.to_le_bytes());
    page
}

fn plain_texts<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for text in texts {
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}

/// Appends a page with its header; returns its size before compression.
fn write_page(
    out: &mut Vec<u8>,
    page: &[u8],
    zstd: &Compressors,
    wrap: impl FnOnce(bytes::Bytes) -> Page,
) -> Result<usize, ParquetError> {
    let compressed = zstd.compress(page)?;
    let mut sink = TrackedWrite::new(std::mem::take(out));
    let page = CompressedPage::new(wrap(compressed.into()), page.len());
    let spec = SerializedPageWriter::new(&mut sink).write_page(page)?;
    debug_assert!(matches!(spec.page_type, PageType::DATA_PAGE | PageType::DICTIONARY_PAGE));
    *out = sink.into_inner()?;
    Ok(spec.uncompressed_size)
}
