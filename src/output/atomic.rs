//! Files and folders that appear only when they are complete.

use super::OutputError;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempDir};

/// Writes a file beside its final name, then renames it.
///
/// # Errors
/// [`OutputError`]; the final name is untouched then.
pub fn write_file(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), OutputError>,
) -> Result<(), OutputError> {
    let mut file = StagedFile::new(path)?;
    write(file.writer())?;
    file.publish()
}

/// A file under a temporary name beside its final one. Dropped, it disappears.
pub(super) struct StagedFile {
    path: PathBuf,
    writer: BufWriter<NamedTempFile>,
}

impl StagedFile {
    pub(super) fn new(path: &Path) -> Result<Self, OutputError> {
        let writer = BufWriter::with_capacity(1 << 18, staged_file(path)?);
        Ok(Self { path: path.to_owned(), writer })
    }

    pub(super) fn writer(&mut self) -> &mut (dyn Write + Send) {
        &mut self.writer
    }

    /// Gives the file its final name.
    pub(super) fn publish(self) -> Result<(), OutputError> {
        let io = OutputError::io(&self.path);
        let staged = self.writer.into_inner().map_err(|error| io(error.into_error()))?;
        staged.as_file().sync_all().map_err(&io)?;
        staged.persist(&self.path).map_err(|error| io(error.error))?;
        Ok(())
    }
}

/// A folder that is filled under a temporary name and appears with [`publish`](Staged::publish).
///
/// Dropped before that, it disappears.
#[derive(Debug)]
pub struct Staged {
    folder: TempDir,
    target: PathBuf,
    overwrite: bool,
}

impl Staged {
    /// Starts a folder that will be `target`.
    ///
    /// # Errors
    /// [`OutputError::Exists`] when `target` exists and may not be overwritten,
    /// [`OutputError::NotReplaceable`] when it is something else than a run directory or an empty
    /// folder, and when the folder above cannot be written to.
    pub fn new(target: &Path, overwrite: bool) -> Result<Self, OutputError> {
        let path = || target.display().to_string();
        if target.file_name().is_none() {
            return Err(OutputError::NotReplaceable { path: path() });
        }
        if target.exists() {
            if !overwrite {
                return Err(OutputError::Exists { path: path() });
            }
            if !replaceable(target) {
                return Err(OutputError::NotReplaceable { path: path() });
            }
        }
        let made = staging(0o777).tempdir_in(folder(target));
        let folder = made.map_err(OutputError::io(target))?;
        Ok(Self { folder, target: target.to_owned(), overwrite })
    }

    /// Where a file of the folder is written.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    /// The folder under its temporary name, to be removed when the program must stop at once.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The final name of the folder.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Gives the folder its final name.
    ///
    /// # Errors
    /// [`OutputError`]; an earlier folder of that name is still there then.
    pub fn publish(self) -> Result<(), OutputError> {
        let io = OutputError::io(&self.target);
        #[cfg(unix)]
        File::open(self.folder.path()).and_then(|folder| folder.sync_all()).map_err(&io)?;
        let earlier = if self.target.exists() {
            if !self.overwrite || !replaceable(&self.target) {
                return Err(OutputError::Exists { path: self.target.display().to_string() });
            }
            let aside = tempfile::Builder::new()
                .prefix(".jurat-old-")
                .tempdir_in(folder(&self.target))
                .map_err(&io)?;
            fs::rename(&self.target, aside.path().join("run")).map_err(&io)?;
            Some(aside)
        } else {
            None
        };
        let staged = self.folder.keep();
        if let Err(error) = fs::rename(&staged, &self.target) {
            if let Some(aside) = &earlier {
                fs::rename(aside.path().join("run"), &self.target).map_err(&io)?;
            }
            fs::remove_dir_all(&staged).map_err(&io)?;
            return Err(io(error));
        }
        #[cfg(unix)]
        File::open(folder(&self.target)).and_then(|folder| folder.sync_all()).map_err(&io)?;
        Ok(())
    }
}

/// The file by which a run directory is known.
pub const MANIFEST: &str = "manifest.json";

/// The form of manifest that this version writes.
pub const MANIFEST_FORMAT: &str = "jurat-manifest-1";

/// Only what jurat made, or an empty folder, may be replaced: never a folder with other things.
fn replaceable(target: &Path) -> bool {
    let real = target.symlink_metadata().is_ok_and(|data| data.is_dir());
    let empty = || fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    let ours = || {
        fs::read_to_string(target.join(MANIFEST)).is_ok_and(|text| text.contains(MANIFEST_FORMAT))
    };
    real && (empty() || ours())
}

/// Whether a file can be made beside `path`, before the work that leads to it.
///
/// # Errors
/// [`OutputError`] as [`write_file`] would give it.
pub fn probe(path: &Path) -> Result<(), OutputError> {
    staged_file(path).map(drop)
}

fn staged_file(path: &Path) -> Result<NamedTempFile, OutputError> {
    staging(0o666).tempfile_in(folder(path)).map_err(OutputError::io(path))
}

/// Temporary names, with the mode of any new file or folder: the user's umask takes from it.
fn staging(mode: u32) -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".jurat-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(mode));
    }
    #[cfg(not(unix))]
    let _ = mode;
    builder
}

/// The folder that a path is in.
fn folder(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).expect("readable").flatten();
        let mut names: Vec<_> =
            entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("labels.csv");
        write_file(&path, |out| out.write_all(b"old").map_err(OutputError::io(&path)))
            .expect("written");
        let failed = write_file(&path, |out| {
            out.write_all(b"half").map_err(OutputError::io(&path))?;
            Err(OutputError::Format { path: "labels.csv".into(), message: "broken".into() })
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).expect("still there"), b"old");
        assert_eq!(listing(folder.path()), ["labels.csv"]);
    }

    #[test]
    fn a_folder_appears_whole_or_not_at_all() {
        let above = tempfile::tempdir().expect("a folder");
        let target = above.path().join("run");
        let staged = Staged::new(&target, false).expect("staged");
        fs::write(staged.path("a"), "1").expect("written");
        drop(staged);
        assert!(listing(above.path()).is_empty());
        let staged = Staged::new(&target, false).expect("staged");
        fs::write(staged.path("a"), "1").expect("written");
        staged.publish().expect("published");
        assert!(matches!(Staged::new(&target, false), Err(OutputError::Exists { .. })));
        let refused = Staged::new(&target, true);
        assert!(matches!(refused, Err(OutputError::NotReplaceable { .. })), "not made by us");
        fs::write(target.join(MANIFEST), MANIFEST_FORMAT).expect("written");
        let staged = Staged::new(&target, true).expect("staged");
        fs::write(staged.path("b"), "2").expect("written");
        staged.publish().expect("published");
        assert_eq!(listing(&target), ["b"]);
        assert_eq!(listing(above.path()), ["run"]);
    }
}
