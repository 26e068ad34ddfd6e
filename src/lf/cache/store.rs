//! Files of cached votes.
//!
//! A folder holds files that are only ever appended to, one for each run that added something. A file
//! begins with a line that names its format; then come records, each with its length and a checksum.
//! What a killed run leaves at the end of its file is not a whole record, and is not read.

use crate::lf::identity::Key;
use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use twox_hash::XxHash3_64;

const MAGIC: &[u8] = b"jurat-votes-1\n";
const ENDING: &str = "votes";

/// Bytes that a cache may have when it is opened; beyond that the oldest files go.
const MOST_BYTES: u64 = 4 << 30;

/// Bytes before the content of a record: its length, a checksum of the rest, its key.
const HEAD: usize = 4 + 8 + 16;

/// Records by their key.
#[derive(Debug)]
pub(super) struct Store {
    folder: PathBuf,
    /// Opened for each record that is read: there may be more of them than a program may hold open.
    files: Vec<PathBuf>,
    places: HashMap<Key, Vec<Place>>,
    own: Mutex<Own>,
}

/// Where a record stands.
#[derive(Debug, Clone, Copy)]
struct Place {
    file: usize,
    start: u64,
    length: usize,
}

/// The file of this run.
#[derive(Debug)]
enum Own {
    None,
    Open(File),
    /// Writing failed: the run goes on without it.
    Broken,
}

impl Store {
    /// Opens a folder, which need not exist, and finds the records in it.
    ///
    /// # Errors
    /// What the system says when it cannot be read.
    pub(super) fn open(folder: &Path) -> io::Result<Self> {
        let mut store = Self {
            folder: folder.to_owned(),
            files: Vec::new(),
            places: HashMap::new(),
            own: Mutex::new(Own::None),
        };
        remove_oldest(folder, MOST_BYTES)?;
        for path in paths(folder)? {
            // Another run may have cleaned up in the meantime.
            if let Ok(file) = File::open(&path) {
                store.find_records(path, file)?;
            }
        }
        Ok(store)
    }

    fn find_records(&mut self, path: PathBuf, file: File) -> io::Result<()> {
        let size = file.metadata()?.len();
        let mut reader = BufReader::new(file);
        let mut magic = [0; MAGIC.len()];
        if size < magic.len() as u64 {
            return Ok(());
        }
        reader.read_exact(&mut magic)?;
        let mut at = magic.len() as u64;
        while magic == MAGIC && at + HEAD as u64 <= size {
            let mut head = [0; HEAD];
            reader.read_exact(&mut head)?;
            let (length, _, key) = parts(&head);
            let end = at + (HEAD + length) as u64;
            if end > size {
                break;
            }
            let place = Place { file: self.files.len(), start: at, length: HEAD + length };
            self.places.entry(key).or_default().push(place);
            reader.seek_relative(length as i64)?;
            at = end;
        }
        self.files.push(path);
        Ok(())
    }

    /// The contents of all whole records with this key, the oldest file's first.
    pub(super) fn get(&self, key: Key) -> Vec<Vec<u8>> {
        let places = self.places.get(&key).map_or(&[][..], Vec::as_slice);
        places.iter().filter_map(|place| self.read(key, *place)).collect()
    }

    /// The content of a record, if it still stands there: another run may have removed its file, and
    /// another file may have its name.
    fn read(&self, wanted: Key, place: Place) -> Option<Vec<u8>> {
        let mut file = File::open(&self.files[place.file]).ok()?;
        let mut bytes = vec![0; place.length];
        file.seek(SeekFrom::Start(place.start)).ok()?;
        file.read_exact(&mut bytes).ok()?;
        let (length, checksum, key) = parts(bytes[..HEAD].try_into().ok()?);
        let whole = key == wanted
            && HEAD + length == place.length
            && XxHash3_64::oneshot(&bytes[12..]) == checksum;
        whole.then(|| bytes.split_off(HEAD))
    }

    /// Adds a record for later runs; a cache that cannot be written is no reason to stop.
    pub(super) fn add(&self, key: Key, content: &[u8]) {
        let Ok(length) = u32::try_from(content.len()) else { return };
        let mut record = Vec::with_capacity(HEAD + content.len());
        record.extend_from_slice(&length.to_le_bytes());
        record.extend_from_slice(&[0; 8]);
        record.extend_from_slice(&key.to_le_bytes());
        record.extend_from_slice(content);
        let checksum = XxHash3_64::oneshot(&record[12..]);
        record[4..12].copy_from_slice(&checksum.to_le_bytes());
        let mut own = self.own.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*own, Own::None) {
            *own = self.create().map_or(Own::Broken, Own::Open);
        }
        // One call a record: what is there after a kill is whole but for the last.
        if let Own::Open(file) = &mut *own
            && file.write_all(&record).is_err()
        {
            *own = Own::Broken;
        }
    }

    fn create(&self) -> io::Result<File> {
        fs::create_dir_all(&self.folder)?;
        let mut numbers = 0..;
        loop {
            let number: u32 = numbers.next().unwrap_or_default();
            let path = self.folder.join(format!("{number:06}.{ENDING}"));
            match OpenOptions::new().write(true).create_new(true).open(path) {
                Ok(mut file) => {
                    file.write_all(MAGIC)?;
                    return Ok(file);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// The files of a cache, in order; none when the folder does not exist.
pub(super) fn paths(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_str().is_some_and(is_ours) {
            paths.push(entry.path());
        }
    }
    paths.sort_unstable();
    Ok(paths)
}

/// Whether a file has a name as [`Store::create`] gives it; others are somebody else's, and may be
/// dear to them.
fn is_ours(name: &str) -> bool {
    let number = name.strip_suffix(ENDING).and_then(|name| name.strip_suffix('.'));
    number.is_some_and(|number| number.len() >= 6 && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Removes the oldest files until the others have no more than so many bytes. One that cannot be removed
/// stays: it is no reason to stop.
fn remove_oldest(folder: &Path, most: u64) -> io::Result<()> {
    let data = paths(folder)?.into_iter().filter_map(|path| Some((path.metadata().ok()?, path)));
    let mut files: Vec<_> = data
        .map(|(data, path)| (data.modified().unwrap_or(std::time::UNIX_EPOCH), data.len(), path))
        .collect();
    files.sort_unstable();
    let mut bytes: u64 = files.iter().map(|(_, length, _)| length).sum();
    for (_, length, path) in files {
        if bytes <= most {
            break;
        }
        if fs::remove_file(path).is_ok() {
            bytes -= length;
        }
    }
    Ok(())
}

/// Length, checksum and key of a record.
fn parts(head: &[u8; HEAD]) -> (usize, u64, Key) {
    let mut length = [0; 4];
    let mut checksum = [0; 8];
    let mut key = [0; 16];
    length.copy_from_slice(&head[..4]);
    checksum.copy_from_slice(&head[4..12]);
    key.copy_from_slice(&head[12..]);
    (u32::from_le_bytes(length) as usize, u64::from_le_bytes(checksum), Key::from_le_bytes(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_others_are_left_alone() {
        let folder = tempfile::tempdir().expect("writable");
        Store::open(folder.path()).expect("readable").add(1, b"content");
        fs::write(folder.path().join("election.votes"), "all of them").expect("written");
        fs::create_dir(folder.path().join("more.votes")).expect("made");
        let ours = folder.path().join("000000.votes");
        assert_eq!(paths(folder.path()).expect("readable"), [ours]);
        remove_oldest(folder.path(), 0).expect("readable");
        assert!(folder.path().join("election.votes").exists());
        assert_eq!(paths(folder.path()).expect("readable"), [] as [PathBuf; 0]);
    }

    #[test]
    fn the_oldest_files_go_first() {
        let folder = tempfile::tempdir().expect("writable");
        let folder = folder.path();
        for key in 0..4 {
            // Each store writes a file of its own.
            Store::open(folder).expect("readable").add(key, &[0; 1000]);
            let file = File::options().write(true).open(folder.join(format!("{key:06}.votes")));
            let age = std::time::Duration::from_secs(100 - key as u64);
            let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000) - age;
            file.expect("there").set_modified(time).expect("set");
        }
        remove_oldest(folder, 2500).expect("readable");
        let store = Store::open(folder).expect("readable");
        let kept: Vec<usize> = (0..4).map(|key| store.get(key).len()).collect();
        assert_eq!(kept, [0, 0, 1, 1]);
    }

    #[test]
    fn a_file_that_was_replaced_is_not_taken_for_the_one_before() {
        let folder = tempfile::tempdir().expect("writable");
        let add = |key| Store::open(folder.path()).expect("readable").add(key, b"content");
        add(1);
        let store = Store::open(folder.path()).expect("readable");
        fs::remove_file(folder.path().join("000000.votes")).expect("removed");
        assert_eq!(store.get(1), Vec::<Vec<u8>>::new());
        add(2);
        assert_eq!(store.get(1), Vec::<Vec<u8>>::new());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn files_do_not_stay_open() {
        let folder = tempfile::tempdir().expect("writable");
        for key in 0..5 {
            Store::open(folder.path()).expect("readable").add(key, b"content");
        }
        let store = Store::open(folder.path()).expect("readable");
        assert_eq!(store.get(4), [b"content".to_vec()]);
        let open = fs::read_dir("/proc/self/fd").expect("readable").flatten();
        let open = open.filter_map(|file| fs::read_link(file.path()).ok());
        assert_eq!(open.filter(|path| path.starts_with(folder.path())).count(), 0);
    }

    #[test]
    fn records_come_back_and_torn_ones_do_not() {
        let folder = tempfile::tempdir().expect("writable");
        let folder = folder.path().join("below");
        let store = Store::open(&folder).expect("need not exist");
        store.add(1, b"one");
        store.add(2, b"two");
        store.add(1, b"more");
        drop(store);
        let store = Store::open(&folder).expect("readable");
        assert_eq!(store.get(1), [b"one".to_vec(), b"more".to_vec()]);
        assert_eq!(store.get(3), Vec::<Vec<u8>>::new());
        // A second run writes a file of its own.
        store.add(3, b"three");
        assert_eq!(paths(&folder).expect("readable").len(), 2);
        let path = folder.join("000000.votes");
        let whole = fs::read(&path).expect("readable");
        for length in 0..whole.len() {
            fs::write(&path, &whole[..length]).expect("writable");
            let store = Store::open(&folder).expect("readable");
            let wanted = |key, content: &[u8]| store.get(key).iter().all(|got| got == content);
            assert!(
                wanted(2, b"two") && store.get(1).len() <= 2 && wanted(3, b"three"),
                "{length}"
            );
        }
        for at in MAGIC.len()..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 0x40;
            fs::write(&path, damaged).expect("writable");
            let store = Store::open(&folder).expect("readable");
            for key in [1, 2] {
                let known: [&[u8]; 3] = [b"one", b"two", b"more"];
                assert!(store.get(key).iter().all(|got| known.contains(&got.as_slice())), "{at}");
            }
        }
    }
}
