//! Where whole rows go: one file, a file a part, or standard output.

use super::console::Console;
use super::interrupt;
use super::run::keep_inputs;
use super::sample::Arguments;
use crate::input::Files;
use crate::output::{
    Added, AddedKind, OutputError, RowColumns, RowFile, RowWriter, format_named, format_of, probe,
    row_writer,
};
use anyhow::{Context, bail};
use std::io::{self, BufWriter, Write, stdin, stdout};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tempfile::NamedTempFile;

/// What in the name of a file stands for the part of a split.
pub(super) const PLACE: &str = "{split}";

/// Where rows are to go.
pub(super) struct Target {
    path: Option<PathBuf>,
    /// Whether somebody looks at standard output.
    seen: bool,
}

impl Target {
    pub(super) fn new(path: Option<&Path>, seen: bool) -> Self {
        Self { path: path.map(Path::to_owned), seen }
    }

    /// Whether each part of a split has a file of its own.
    pub(super) fn is_many(&self) -> bool {
        self.path.as_ref().is_some_and(|path| path.to_string_lossy().contains(PLACE))
    }

    /// The file of a part.
    pub(super) fn of(&self, part: &str) -> Self {
        let path = self.path.as_ref();
        let path = path.map(|path| PathBuf::from(path.to_string_lossy().replace(PLACE, part)));
        Self { path, seen: self.seen }
    }

    /// The files that are written, for these parts.
    pub(super) fn files(&self, parts: &[&str]) -> Vec<PathBuf> {
        if self.is_many() {
            parts.iter().filter_map(|part| self.of(part).path).collect()
        } else {
            self.path.iter().cloned().collect()
        }
    }

    /// The file in words, after what was written.
    pub(super) fn named(&self) -> String {
        self.path.as_ref().map_or_else(String::new, |path| format!("; wrote {}", path.display()))
    }

    /// Whether columns can be added.
    pub(super) fn check(
        &self,
        columns: &[String],
        added: &[(String, AddedKind)],
    ) -> Result<(), OutputError> {
        RowColumns::new(columns.to_vec(), added.to_vec()).map(drop)
    }

    /// Starts to write rows of these columns. Objects may have other keys: those of the first rows that are
    /// written join the columns.
    pub(super) fn open<'a>(
        &self,
        columns: Vec<String>,
        added: &[(String, AddedKind)],
        rows: impl IntoIterator<Item = &'a str>,
    ) -> Result<Sink, OutputError> {
        let mut rows = rows.into_iter().peekable();
        let objects = rows.peek().is_some_and(|row| row.starts_with('{'));
        let json = match &self.path {
            Some(path) => format_of(path)?.name == "jsonl",
            None => objects,
        };
        let mut columns = RowColumns::new(columns, added.to_vec())?;
        if !json && objects {
            columns.join_keys(rows)?;
        }
        if let Some(path) = &self.path {
            return Ok(Sink::File(Box::new(RowFile::new(path, columns)?)));
        }
        let name = if json { "jsonl" } else { "csv" };
        let format = format_named(name).ok_or_else(|| OutputError::Format {
            path: "standard output".to_owned(),
            message: format!("there is no format `{name}`"),
        })?;
        let held = self.seen.then(Held::default);
        let out: Box<dyn Write + Send> = match &held {
            Some(held) => Box::new(held.clone()),
            None => Box::new(BufWriter::new(stdout())),
        };
        Ok(Sink::Standard(row_writer(format, columns, out), held))
    }
}

/// Where rows go.
pub(super) enum Sink {
    File(Box<RowFile>),
    /// Standard output; what somebody looks at is held until it can be made visible.
    Standard(Box<dyn RowWriter>, Option<Held>),
}

impl Sink {
    pub(super) fn write(&mut self, row: &str, added: &[Added<'_>]) -> anyhow::Result<()> {
        let written = self.writer().write(row, added);
        written.map_err(|error| self.failed(error))
    }

    fn writer(&mut self) -> &mut dyn RowWriter {
        match self {
            Self::File(file) => file.writer(),
            Self::Standard(writer, _) => writer.as_mut(),
        }
    }

    fn failed(&self, error: io::Error) -> anyhow::Error {
        match self {
            Self::File(file) => file.failed(error).into(),
            Self::Standard(..) => closed(error),
        }
    }

    /// Writes the rows with these numbers, which ascend; `added` gives the columns for the next so many of them.
    #[cfg(feature = "parquet")]
    pub(super) fn look_up<'a>(
        &mut self,
        files: &Files,
        rows: impl Iterator<Item = u64>,
        added: &mut dyn FnMut(usize) -> Vec<Vec<Added<'a>>>,
    ) -> anyhow::Result<()> {
        use crate::input::{ReadError, whole};
        if !files.can_be_read_again() {
            bail!(
                "rows of Parquet are looked up once they are chosen, which pipes and compressed standard input do not allow; save the data to a file"
            );
        }
        whole::rows(files, rows, &mut |batch| {
            if interrupt::requested() {
                return Err(ReadError::Interrupted.into());
            }
            let cells = added(batch.num_rows());
            let typed = self.writer().write_batch(batch, &cells);
            if typed.map_err(|error| self.failed(error))? {
                return Ok(());
            }
            for (at, row) in whole::lists(batch)?.iter().enumerate() {
                let of_row: Vec<Added<'_>> =
                    cells.iter().filter_map(|column| column.get(at).cloned()).collect();
                self.write(row, &of_row)?;
            }
            Ok(())
        })
    }

    #[cfg(not(feature = "parquet"))]
    pub(super) fn look_up<'a>(
        &mut self,
        _: &Files,
        _: impl Iterator<Item = u64>,
        _: &mut dyn FnMut(usize) -> Vec<Vec<Added<'a>>>,
    ) -> anyhow::Result<()> {
        bail!("these rows cannot be read again")
    }

    /// Writes what is left; a file gets its name.
    pub(super) fn finish(self, console: &Console) -> anyhow::Result<()> {
        Self::finish_all([self], console)
    }

    /// The same for several: all are complete before the first one gets its name.
    pub(super) fn finish_all(
        sinks: impl IntoIterator<Item = Self>,
        console: &Console,
    ) -> anyhow::Result<()> {
        let mut files = Vec::new();
        for sink in sinks {
            match sink {
                Self::File(file) => files.push(file.finish()?),
                Self::Standard(writer, held) => {
                    writer.finish().map_err(closed)?;
                    if let Some(Held(bytes)) = held {
                        let bytes = bytes.lock().unwrap_or_else(PoisonError::into_inner);
                        console.file(&String::from_utf8_lossy(&bytes))?;
                    }
                }
            }
        }
        interrupt::last_chance()?;
        files.into_iter().try_for_each(|file| file.publish())?;
        Ok(())
    }
}

/// Standard output may be closed by whoever reads it, which is no error.
fn closed(error: io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::BrokenPipe => super::console::Closed.into(),
        _ => OutputError::Io { path: "standard output".to_owned(), source: error }.into(),
    }
}

/// Bytes that wait.
#[derive(Clone, Default)]
pub(super) struct Held(Arc<Mutex<Vec<u8>>>);

impl Write for Held {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The data, which are none of the outputs. Where they are read twice, or are rows of Parquet, standard input waits
/// in a file beside the output, which goes when it is dropped.
pub(super) fn data(
    arguments: &Arguments,
    outputs: &[PathBuf],
    twice: bool,
) -> anyhow::Result<(Files, Option<NamedTempFile>)> {
    let mut files = Files::new(&arguments.data)?;
    if let Some(format) = &arguments.input_format {
        files = files.with_format(format);
    }
    let paths: Vec<&Path> = outputs.iter().map(PathBuf::as_path).collect();
    keep_inputs(&files, &[], &paths)?;
    for path in paths {
        format_of(path)?;
        probe(path)?;
    }
    let standard = files.paths().iter().any(|path| path == crate::input::STDIN);
    let mut rest = None;
    if standard && (twice || files.needs_rest()) {
        let folder = outputs.first().and_then(|path| path.parent());
        let folder = folder.filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.map_or_else(std::env::temp_dir, Path::to_owned);
        let mut copy = tempfile::Builder::new().prefix(".jurat-").tempfile_in(&folder)?;
        interrupt::staged(copy.path());
        io::copy(&mut stdin().lock(), copy.as_file_mut())
            .with_context(|| format!("cannot keep standard input in {}", folder.display()))?;
        files = files.with_rest(copy.path());
        rest = Some(copy);
    }
    let missing = |path: &String| path != crate::input::STDIN && !Path::new(path).exists();
    if twice && !files.can_be_read_again() && !files.paths().iter().any(missing) {
        bail!(
            "this split reads data twice, so that pipes cannot be read; save them to a file, or pass them as `-`"
        );
    }
    Ok((files, rest))
}
