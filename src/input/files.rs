//! Files as one source: patterns, several files, standard input, compression, digests.

use super::registry::{Format, format_named, format_of, formats};
use super::vector::learn;
use super::{Batch, Digest, Field, FieldKind, ReadError, Source, WHOLE_BYTES};
use sha2::{Digest as _, Sha256};
use std::fs::File;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// The name that stands for standard input.
pub const STDIN: &str = "-";

/// Files to read one after the other, as if they were one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Files {
    paths: Vec<String>,
    format: Option<String>,
    /// Where standard input was put, so that it can be read again.
    rest: Option<PathBuf>,
}

impl Files {
    /// Files by path or pattern (`data/*.csv`); `-` is standard input.
    ///
    /// The files of a pattern are read in the order of their names.
    ///
    /// # Errors
    /// [`ReadError::NoFile`] for a pattern that matches nothing.
    pub fn new(patterns: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, ReadError> {
        let mut paths = Vec::new();
        for pattern in patterns {
            let pattern = pattern.as_ref();
            let literal = pattern == STDIN
                || !pattern.contains(['*', '?', '['])
                || std::path::Path::new(pattern).exists();
            if literal {
                paths.push(pattern.to_owned());
                continue;
            }
            let no_file =
                |detail: String| ReadError::NoFile { pattern: pattern.to_owned(), detail };
            let found = glob::glob(pattern).map_err(|error| no_file(error.to_string()))?;
            let before = paths.len();
            for path in found {
                let path = path.map_err(|error| no_file(error.to_string()))?;
                paths.push(path.to_string_lossy().into_owned());
            }
            if paths.len() == before {
                return Err(no_file(String::new()));
            }
        }
        if paths.is_empty() {
            return Err(ReadError::NoFile {
                pattern: String::new(),
                detail: "no input".to_owned(),
            });
        }
        Ok(Self { paths, format: None, rest: None })
    }

    /// The format of all files, whatever their names say.
    #[must_use]
    pub fn with_format(mut self, name: &str) -> Self {
        self.format = Some(name.to_owned());
        self
    }

    /// The format that was given for all files.
    #[must_use]
    pub fn format(&self) -> Option<&str> {
        self.format.as_deref()
    }

    /// Whether all of them are there a second time, unlike standard input and pipes.
    #[must_use]
    pub fn can_be_read_again(&self) -> bool {
        let at_rest = |path: &String| path == STDIN && self.rest.is_some();
        self.paths.iter().all(|path| at_rest(path) || Path::new(path).is_file())
    }

    /// Whether rows are at the end of these files only: standard input that begins like a Parquet file.
    #[must_use]
    pub fn needs_rest(&self) -> bool {
        let parquet =
            || std::io::stdin().lock().fill_buf().is_ok_and(|head| head.starts_with(b"PAR1"));
        self.rest.is_none() && self.paths.iter().any(|path| path == STDIN) && parquet()
    }

    /// The same files, with `copy`, which must be there as long as they are read, in the place of standard
    /// input.
    #[must_use]
    pub fn with_rest(mut self, copy: &Path) -> Self {
        self.rest = Some(copy.to_owned());
        self
    }

    /// One of these files alone.
    pub(crate) fn only(&self, path: &str) -> Self {
        Self { paths: vec![path.to_owned()], ..self.clone() }
    }

    /// Opens one of these files, to be decoded by whoever asks.
    #[cfg(feature = "parquet")]
    pub(super) fn open_raw(&self, path: &str) -> Result<Opened, ReadError> {
        open(path, self, None).map(|(opened, _, _)| opened)
    }

    /// Opens one of these files, without a look at its digest; and says whether it is read where it is,
    /// rather than from memory.
    pub(super) fn open_unhashed(
        &self,
        path: &str,
        fields: &[Field],
    ) -> Result<(Box<dyn Source>, bool), ReadError> {
        let (opened, format, _) = open(path, self, None)?;
        let in_place = matches!(opened.content, Content::File(_));
        Ok(((format.open)(opened, fields)?, in_place))
    }

    /// The files in reading order.
    #[must_use]
    pub fn paths(&self) -> &[String] {
        &self.paths
    }

    /// Opens the first file and checks that it has these columns.
    ///
    /// # Errors
    /// [`ReadError`] when it cannot be opened, is not what its name says or lacks a column.
    pub fn open(&self, fields: &[Field]) -> Result<Box<dyn Source>, ReadError> {
        let mut chain = Chain {
            files: self.clone(),
            fields: fields.to_vec(),
            next: 0,
            current: None,
            rows: 0,
            columns: Vec::new(),
            first: None,
            digests: Vec::new(),
            hashing: None,
        };
        chain.advance()?;
        chain.columns = chain.current.as_ref().map_or_else(Vec::new, |first| first.columns());
        Ok(Box::new(chain))
    }
}

/// Several files, one after the other.
struct Chain {
    files: Files,
    fields: Vec<Field>,
    next: usize,
    current: Option<Box<dyn Source>>,
    rows: u64,
    columns: Vec<String>,
    /// What the first file is called and which columns it has, where whole rows are wanted.
    first: Option<(&'static str, Vec<String>)>,
    digests: Vec<(String, Tally)>,
    /// Of the current file, if that is not done while reading.
    hashing: Option<Hashing>,
}

impl Chain {
    fn advance(&mut self) -> Result<(), ReadError> {
        self.current = None;
        if let Some(hashing) = self.hashing.take() {
            hashing.finish()?;
        }
        if let Some(path) = self.files.paths.get(self.next).cloned() {
            self.next += 1;
            let tally = Tally::default();
            self.digests.push((path.clone(), tally.clone()));
            let (opened, format, hashing) = open(&path, &self.files, Some(tally))?;
            self.hashing = hashing;
            let current = (format.open)(opened, &self.fields)?;
            if self.fields.iter().any(|field| field.kind == FieldKind::Row) {
                self.check_alike(&path, format, current.as_ref())?;
            }
            self.current = Some(current);
        }
        Ok(())
    }
}

impl Chain {
    /// Whole rows can only be written together if files have the same columns.
    fn check_alike(
        &mut self,
        path: &str,
        format: &'static Format,
        current: &dyn Source,
    ) -> Result<(), ReadError> {
        // Every object of JSON Lines has keys of its own.
        let columns = if format.name == "jsonl" { Vec::new() } else { current.columns() };
        match &self.first {
            None => self.first = Some((format.title, columns)),
            Some((title, first)) if *title == format.title && *first == columns => {}
            Some((_, first)) => {
                let (path, first) = (path.to_owned(), first.clone());
                return Err(ReadError::OtherColumns { path, columns, first });
            }
        }
        Ok(())
    }
}

impl Source for Chain {
    fn next_batch(&mut self) -> Result<Option<Batch>, ReadError> {
        while let Some(current) = &mut self.current {
            if let Some(batch) = current.next_batch()? {
                let start = self.rows;
                self.rows += batch.n_rows() as u64;
                learn(self.fields.iter_mut(), &batch);
                return Ok(Some(batch.at(start)));
            }
            self.advance()?;
        }
        Ok(None)
    }

    fn columns(&self) -> Vec<String> {
        self.columns.clone()
    }

    fn digests(&self) -> Vec<Digest> {
        self.digests.iter().map(|(path, tally)| tally.digest(path)).collect()
    }
}

/// A file that has been looked at and can be read.
pub(super) struct Opened {
    /// What to call it in messages.
    pub(super) path: String,
    pub(super) content: Content,
}

/// The bytes of a file, decompressed.
pub(super) enum Content {
    Stream(Box<dyn BufRead + Send>),
    File(File),
    Bytes(Vec<u8>),
}

fn open(
    path: &str,
    files: &Files,
    tally: Option<Tally>,
) -> Result<(Opened, &'static Format, Option<Hashing>), ReadError> {
    let format = files.format.as_deref();
    let name = if path == STDIN { "standard input" } else { path };
    let io = |source| ReadError::Io { path: name.to_owned(), source };
    let endings = || formats().iter().flat_map(|format| format.endings).copied().collect();
    let rest = files.rest.as_deref().filter(|_| path == STDIN);
    let raw: Box<dyn Read + Send> = if let Some(rest) = rest {
        Box::new(File::open(rest).map_err(io)?)
    } else if path == STDIN {
        Box::new(std::io::stdin())
    } else {
        let file = open_file(path)?;
        Box::new(file)
    };
    let mut raw = BufReader::with_capacity(1 << 18, Tee { inner: raw, tally: tally.clone() });
    let head = raw.fill_buf().map_err(io)?;
    if head.is_empty() {
        return Err(ReadError::Empty { path: name.to_owned() });
    }
    let lower = path.to_lowercase();
    let wrong = |expected| ReadError::WrongFormat {
        path: name.to_owned(),
        expected,
        found: "the first bytes are others; was it renamed?",
    };
    let mut plain = false;
    let mut stream: Box<dyn BufRead + Send> = if head.starts_with(&[0x1f, 0x8b]) {
        decompressed(flate2::bufread::MultiGzDecoder::new(raw))
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        decompressed(zstd::Decoder::with_buffer(raw).map_err(io)?)
    } else if lower.ends_with(".gz") {
        return Err(wrong("gzip data"));
    } else if lower.ends_with(".zst") {
        return Err(wrong("Zstandard data"));
    } else {
        plain = path != STDIN || rest.is_some();
        Box::new(raw)
    };
    let head = stream.fill_buf().map_err(io)?;
    if head.is_empty() {
        return Err(ReadError::Empty { path: name.to_owned() });
    }
    let format = match format {
        Some(format) => format_named(format),
        None if path == STDIN => Some(sniff(head)),
        None => format_of(path),
    };
    let Some(format) = format else {
        return Err(ReadError::UnknownFormat { path: name.to_owned(), endings: endings() });
    };
    if let Some(found) = (format.contradicts)(head) {
        return Err(ReadError::WrongFormat {
            path: name.to_owned(),
            expected: format.title,
            found,
        });
    }
    let mut hashing = None;
    let content = if !format.random_access {
        Content::Stream(stream)
    } else if let Some(place) = Some(rest.unwrap_or(Path::new(path))).filter(|_| plain)
        && place.is_file()
    {
        drop(stream);
        hashing = tally.map(|tally| Hashing::start(place, tally));
        Content::File(File::open(place).map_err(io)?)
    } else {
        let mut bytes = Vec::new();
        match stream.take(WHOLE_BYTES as u64).read_to_end(&mut bytes) {
            Ok(_) if bytes.len() < WHOLE_BYTES => Content::Bytes(bytes),
            Err(error) if error.kind() != ErrorKind::OutOfMemory => return Err(io(error)),
            _ => return Err(ReadError::TooLarge { path: name.to_owned() }),
        }
    };
    Ok((Opened { path: name.to_owned(), content }, format, hashing))
}

fn open_file(path: &str) -> Result<File, ReadError> {
    let io = |source| ReadError::Io { path: path.to_owned(), source };
    let file = File::open(path).map_err(io)?;
    if file.metadata().map_err(io)?.is_dir() {
        let message = format!("this is a directory; name files, for example with `{path}/*.csv`");
        return Err(io(std::io::Error::new(ErrorKind::IsADirectory, message)));
    }
    Ok(file)
}

/// A file that is read byte by byte as it is, and hashed.
pub(crate) struct Raw {
    path: String,
    tally: Tally,
    reader: BufReader<Tee<File>>,
}

impl Raw {
    /// Opens a file.
    ///
    /// # Errors
    /// [`ReadError::Io`].
    pub(crate) fn open(path: &str) -> Result<Self, ReadError> {
        let tally = Tally::default();
        let tee = Tee { inner: open_file(path)?, tally: Some(tally.clone()) };
        let reader = BufReader::with_capacity(1 << 18, tee);
        Ok(Self { path: path.to_owned(), tally, reader })
    }

    /// What was read.
    pub(crate) fn digest(&self) -> Digest {
        self.tally.digest(&self.path)
    }
}

impl Read for Raw {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.reader.read(buffer)
    }
}

fn decompressed(decoder: impl Read + Send + 'static) -> Box<dyn BufRead + Send> {
    Box::new(BufReader::with_capacity(1 << 18, Decompressed(decoder)))
}

/// Says in one way what decoders say in many.
struct Decompressed<R>(R);

impl<R: Read> Read for Decompressed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.raw_os_error() {
            Some(_) => error,
            None if error.kind() == ErrorKind::Interrupted => error,
            None => {
                let message = "the compressed data are damaged or cut off";
                std::io::Error::new(ErrorKind::InvalidData, message)
            }
        })
    }
}

/// The format that the first bytes of data without a name suggest.
#[must_use]
pub fn sniff(head: &[u8]) -> &'static Format {
    let first = head.iter().find(|byte| !byte.is_ascii_whitespace());
    let name = match first {
        _ if head.starts_with(b"PAR1") => "parquet",
        Some(b'{') => "jsonl",
        _ => "csv",
    };
    format_named(name).unwrap_or(&super::csv::CSV)
}

/// Counts and hashes the bytes that are read.
#[derive(Clone, Default)]
struct Tally(Arc<Mutex<(u64, Sha256)>>);

impl Tally {
    fn add(&self, bytes: &[u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        state.0 += bytes.len() as u64;
        state.1.update(bytes);
    }

    /// Starts over with the whole file: a format that seeks does not read it in order.
    fn read_whole(&self, path: &Path, stop: &AtomicBool) -> std::io::Result<()> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Default::default();
        let mut tee = Tee { inner: File::open(path)?, tally: Some(self.clone()) };
        let mut buffer = vec![0; 1 << 18];
        while !stop.load(Ordering::Relaxed) && tee.read(&mut buffer)? > 0 {}
        Ok(())
    }

    fn digest(&self, path: &str) -> Digest {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let sha256 = state.1.clone().finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Digest { path: path.to_owned(), bytes: state.0, sha256 }
    }
}

/// Hashes a file on a thread of its own, while it is read by others.
struct Hashing {
    path: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

impl Hashing {
    fn start(path: &Path, tally: Tally) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (of, stopped) = (path.to_owned(), stop.clone());
        let thread = std::thread::spawn(move || tally.read_whole(&of, &stopped));
        Self { path: path.to_owned(), stop, thread: Some(thread) }
    }

    /// Waits for the end.
    fn finish(mut self) -> Result<(), ReadError> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        let done = thread.join().unwrap_or_else(|_| Err(std::io::Error::other("a thread ended")));
        done.map_err(|source| ReadError::Io { path: self.path.display().to_string(), source })
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

struct Tee<R> {
    inner: R,
    tally: Option<Tally>,
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(buffer)?;
        if let Some(tally) = &self.tally {
            tally.add(&buffer[..n]);
        }
        Ok(n)
    }
}
