//! Files and folders that appear only when they are complete.

use super::OutputError;
use crate::bounded::{self, WHOLE_FILE};
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempDir};
use twox_hash::XxHash3_64;

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

/// Puts other content in the place of a file that is there, at once and with its permissions. A link stays, and
/// what it leads to is replaced.
///
/// # Errors
/// [`OutputError`]; the file is untouched then.
pub fn replace_file(path: &Path, content: &[u8]) -> Result<(), OutputError> {
    let io = OutputError::io(path);
    let real = fs::canonicalize(path).map_err(&io)?;
    let permissions = fs::metadata(&real).map_err(&io)?.permissions();
    let mut file = staged_file(&real)?;
    file.write_all(content).map_err(&io)?;
    file.as_file().set_permissions(permissions).map_err(&io)?;
    file.as_file().sync_all().map_err(&io)?;
    file.persist(&real).map_err(|error| io(error.error))?;
    Ok(())
}

/// A file under a temporary name beside its final one. Dropped, it disappears.
pub(crate) struct StagedFile {
    path: PathBuf,
    writer: BufWriter<NamedTempFile>,
}

impl StagedFile {
    pub(crate) fn new(path: &Path) -> Result<Self, OutputError> {
        let writer = BufWriter::with_capacity(1 << 18, staged_file(path)?);
        Ok(Self { path: path.to_owned(), writer })
    }

    /// The temporary name.
    #[cfg(feature = "cli")]
    pub(crate) fn temporary(&self) -> &Path {
        self.writer.get_ref().path()
    }

    pub(crate) fn writer(&mut self) -> &mut (dyn Write + Send) {
        &mut self.writer
    }

    /// Another way to write to it; not both are used.
    pub(super) fn handle(&self) -> Result<File, OutputError> {
        self.writer.get_ref().as_file().try_clone().map_err(OutputError::io(&self.path))
    }

    /// An error of writing to it, with its name.
    pub(super) fn failed(&self) -> impl Fn(io::Error) -> OutputError + use<> {
        let path = self.path.clone();
        move |source| OutputError::Io { path: path.display().to_string(), source }
    }

    /// Gives the file its final name.
    pub(crate) fn publish(self) -> Result<(), OutputError> {
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
    record: Record,
    /// Held as long as the program lives: a folder that nobody holds was left behind.
    _lock: Option<File>,
}

impl Staged {
    /// Starts a folder that will be `target`.
    ///
    /// # Errors
    /// [`OutputError::Exists`] when `target` exists and may not be overwritten,
    /// [`OutputError::NotReplaceable`] when it is something else than a run directory or an empty
    /// folder, and when the folder above cannot be written to.
    pub fn new(target: &Path, overwrite: bool) -> Result<Self, OutputError> {
        Self::with_record(target, overwrite, Record { file: MANIFEST, format: MANIFEST_FORMAT })
    }

    /// Starts a folder that is no run, and is known by another file.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn with_record(
        target: &Path,
        overwrite: bool,
        record: Record,
    ) -> Result<Self, OutputError> {
        let path = || target.display().to_string();
        if target.file_name().is_none() {
            return Err(OutputError::NotReplaceable { path: path() });
        }
        sweep(target);
        // A link that leads nowhere is there as well.
        if target.symlink_metadata().is_ok() {
            if !overwrite {
                return Err(OutputError::Exists { path: path() });
            }
            if !replaceable(target, record) {
                return Err(OutputError::NotReplaceable { path: path() });
            }
        }
        let (folder, lock) = held(0o777, "run", target).map_err(OutputError::io(target))?;
        Ok(Self { folder, target: target.to_owned(), overwrite, record, _lock: lock })
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
            if !self.overwrite || !replaceable(&self.target, self.record) {
                return Err(OutputError::Exists { path: self.target.display().to_string() });
            }
            let (aside, lock) = held(0o700, "old", &self.target).map_err(&io)?;
            match fs::rename(&self.target, aside.path().join("run")) {
                Ok(()) => Some((aside, lock)),
                // Another run has moved it out of its own way.
                Err(error) if error.kind() == io::ErrorKind::NotFound => None,
                Err(error) => return Err(io(error)),
            }
        } else {
            None
        };
        let staged = self.folder.keep();
        if let Err(error) = fs::rename(&staged, &self.target) {
            if let Some((aside, _)) = &earlier {
                // It cannot come back where another run has just put its own.
                drop(fs::rename(aside.path().join("run"), &self.target));
            }
            let quicker = [io::ErrorKind::DirectoryNotEmpty, io::ErrorKind::AlreadyExists]
                .contains(&error.kind());
            fs::remove_dir_all(&staged).map_err(&io)?;
            let path = || self.target.display().to_string();
            return Err(if quicker { OutputError::Exists { path: path() } } else { io(error) });
        }
        #[cfg(unix)]
        File::open(folder(&self.target)).and_then(|folder| folder.sync_all()).map_err(&io)?;
        Ok(())
    }
}

/// How the temporary names for a run directory begin: of a new one, or of an earlier one that makes
/// way.
fn prefix(what: &str, target: &Path) -> String {
    let name = target.file_name().unwrap_or_default();
    match name.to_str().filter(|name| name.len() <= LONGEST_NAME) {
        Some(name) => format!(".jurat-{what}-{name}-"),
        None => {
            let hash = XxHash3_64::oneshot(name.as_encoded_bytes());
            format!(".jurat-{what}-{hash:016x}-")
        }
    }
}

/// Longer names, in bytes, have no room for what is added to them; their hash stands for them.
const LONGEST_NAME: usize = 200;

/// Makes a temporary folder and holds it, where the file system can.
fn held(mode: u32, what: &str, target: &Path) -> io::Result<(TempDir, Option<File>)> {
    loop {
        let made = staging(mode, &prefix(what, target)).tempdir_in(folder(target))?;
        let lock = match File::open(made.path()) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(_) => return Ok((made, None)),
        };
        match lock.try_lock() {
            // Another run may have swept it away before it was held, or be about to.
            Ok(()) if !made.path().exists() => {}
            Err(TryLockError::WouldBlock) => {}
            Ok(()) => return Ok((made, Some(lock))),
            Err(TryLockError::Error(_)) => return Ok((made, None)),
        }
    }
}

/// Removes what runs into the same directory left behind when they were killed; an earlier run that had
/// made way, without another in its place, comes back. Best effort: what cannot be removed, or
/// is held by a run that lives, stays.
fn sweep(target: &Path) {
    let Ok(entries) = fs::read_dir(folder(target)) else { return };
    for entry in entries.flatten() {
        let (name, path) = (entry.file_name(), entry.path());
        // Nothing but the random part may follow: `run` is not the beginning of `run-2`.
        let is = |what: &str| {
            let rest = name.to_str().and_then(|name| name.strip_prefix(&prefix(what, target)));
            rest.is_some_and(|rest| rest.len() == 6 && !rest.contains('-'))
        };
        let real = entry.file_type().is_ok_and(|kind| kind.is_dir());
        let abandoned = || File::open(&path).ok().filter(|folder| folder.try_lock().is_ok());
        // Held while it is removed, so that a run that has just made it makes another one.
        if real
            && is("old")
            && let Some(_lock) = abandoned()
        {
            if !target.exists() {
                drop(fs::rename(path.join("run"), target));
            }
            if target.exists() {
                drop(fs::remove_dir_all(&path));
            }
        } else if real
            && is("run")
            && let Some(_lock) = abandoned()
        {
            drop(fs::remove_dir_all(&path));
        }
    }
}

/// The file by which a run directory is known.
pub const MANIFEST: &str = "manifest.json";

/// The form of manifest that this version writes.
pub const MANIFEST_FORMAT: &str = "jurat-manifest-1";

/// A file by which a kind of folder is known, and what stands in it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record {
    pub(crate) file: &'static str,
    pub(crate) format: &'static str,
}

/// Only what jurat made, or an empty folder, may be replaced: never a folder with other things.
fn replaceable(target: &Path, record: Record) -> bool {
    let real = target.symlink_metadata().is_ok_and(|data| data.is_dir());
    let empty = || fs::read_dir(target).is_ok_and(|mut entries| entries.next().is_none());
    let ours = || {
        bounded::read_text(&target.join(record.file), WHOLE_FILE)
            .is_ok_and(|text| text.contains(record.format))
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
    staging(0o666, ".jurat-").tempfile_in(folder(path)).map_err(OutputError::io(path))
}

/// Temporary names, with the mode of any new file or folder: the user's umask takes from it.
fn staging(mode: u32, prefix: &str) -> tempfile::Builder<'_, 'static> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
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

    #[test]
    fn any_name_of_a_folder_will_do() {
        let above = tempfile::tempdir().expect("a folder");
        for target in ["n".repeat(250), "☃ *".repeat(50)] {
            let target = above.path().join(target);
            let staged = Staged::new(&target, false).expect("staged");
            fs::write(staged.path(MANIFEST), MANIFEST_FORMAT).expect("written");
            staged.publish().expect("published");
            Staged::new(&target, true).and_then(Staged::publish).expect("replaced");
        }
        assert_eq!(listing(above.path()).len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_nowhere_is_refused_before_the_work() {
        let above = tempfile::tempdir().expect("a folder");
        let target = above.path().join("run");
        std::os::unix::fs::symlink("nowhere", &target).expect("a link");
        assert!(matches!(Staged::new(&target, false), Err(OutputError::Exists { .. })));
        assert!(matches!(Staged::new(&target, true), Err(OutputError::NotReplaceable { .. })));
    }

    #[test]
    fn folders_of_runs_that_begin_at_once_stay() {
        let above = tempfile::tempdir().expect("a folder");
        let target = above.path().join("run");
        let begin = || {
            for _ in 0..200 {
                let staged = Staged::new(&target, false).expect("staged");
                assert!(staged.folder().exists());
            }
        };
        std::thread::scope(|scope| (0..4).for_each(|_| _ = scope.spawn(begin)));
        assert!(listing(above.path()).is_empty());
    }

    #[test]
    fn what_a_killed_run_left_behind_goes_and_what_had_made_way_comes_back() {
        let above = tempfile::tempdir().expect("a folder");
        let target = above.path().join("run");
        for name in
            [".jurat-run-run-abc123", ".jurat-old-run-abc123/run", ".jurat-run-run-2-abc123"]
        {
            fs::create_dir_all(above.path().join(name)).expect("made");
        }
        fs::write(above.path().join(".jurat-old-run-abc123/run").join(MANIFEST), MANIFEST_FORMAT)
            .expect("written");
        let living = Staged::new(&above.path().join("other"), false).expect("staged");
        // The earlier run is there again, so that it is not replaced unasked.
        assert!(matches!(Staged::new(&target, false), Err(OutputError::Exists { .. })));
        drop(Staged::new(&above.path().join("other"), false).expect("staged"));
        assert!(living.folder().exists());
        drop(living);
        assert_eq!(listing(above.path()), [".jurat-run-run-2-abc123", "run"]);
    }
}
