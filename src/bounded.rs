//! Files that are read whole, such as specs, models and reports: never more of them than has its place in
//! memory.

use std::fs::{File, Metadata};
use std::io::{Error, ErrorKind, Read, Result};
use std::path::Path;

/// Bytes in what messages call a megabyte.
pub(crate) const MEGABYTE: usize = 1 << 20;

/// The longest file of answers, or of a run directory, that is read whole, in bytes: the report of a thousand
/// labeling functions takes a tenth of it.
pub(crate) const WHOLE_FILE: usize = 256 * MEGABYTE;

/// Reads a file of at most `most` bytes.
///
/// # Errors
/// What the system says, [`ErrorKind::FileTooLarge`], or that it is a folder or a pipe that may never
/// end.
pub(crate) fn read(path: &Path, most: usize) -> Result<Vec<u8>> {
    let about = path.metadata()?;
    if about.is_dir() {
        return Err(Error::new(ErrorKind::IsADirectory, "this is a folder; name a file in it"));
    }
    // Nobody may ever write to a named pipe. What a shell hands over (`<(…)`) is there already.
    if waits(&about) && !path.starts_with("/dev") && !path.starts_with("/proc") {
        let message = "this is a pipe or a socket; write what it gives to a file, and name that";
        return Err(Error::new(ErrorKind::InvalidInput, message));
    }
    let too_large = || {
        let message = format!("the file is larger than {} megabytes", most / MEGABYTE);
        Error::new(ErrorKind::FileTooLarge, message)
    };
    let most = most as u64;
    if about.len() > most {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // Devices have no length, and files may grow.
    File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(too_large()) } else { Ok(bytes) }
}

/// Reads a file of text.
///
/// # Errors
/// As [`read`], and when it is not UTF-8.
pub(crate) fn read_text(path: &Path, most: usize) -> Result<String> {
    let text = String::from_utf8(read(path, most)?);
    text.map_err(|_| Error::new(ErrorKind::InvalidData, "the file is not valid UTF-8"))
}

#[cfg(unix)]
fn waits(about: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    about.file_type().is_fifo() || about.file_type().is_socket()
}

#[cfg(not(unix))]
fn waits(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_may_be_as_long_as_the_limit_and_no_longer() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("file");
        for (length, fits) in [(0, true), (9, true), (10, true), (11, false)] {
            std::fs::write(&path, vec![b'x'; length]).expect("written");
            let outcome = read(&path, 10).map(|bytes| bytes.len());
            assert_eq!(outcome.is_ok(), fits, "{length}: {outcome:?}");
        }
        assert!(read(folder.path(), 10).is_err());
        std::fs::write(&path, b"\xff").expect("written");
        assert_eq!(read_text(&path, 10).expect_err("no text").kind(), ErrorKind::InvalidData);
    }
}
