//! Ctrl-C: stop at the next batch, leave nothing half-written, exit with 130.

use crate::input::ReadError;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

static REQUESTED: AtomicBool = AtomicBool::new(false);
static FINISHING: AtomicBool = AtomicBool::new(false);
static STAGED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// How long the program may take to stop by itself: it may be waiting for input.
const PATIENCE: Duration = Duration::from_secs(2);

/// Listens for the signals that end programs.
pub(super) fn install() {
    // Without a handler the signal ends the program at once, which is fine as well.
    let _ = ctrlc::set_handler(|| {
        if !REQUESTED.swap(true, Ordering::SeqCst) {
            std::thread::sleep(PATIENCE);
            if FINISHING.load(Ordering::SeqCst) {
                // The output is being written: it ends by itself, and a second signal ends it at once.
                return;
            }
        }
        for path in STAGED.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = std::fs::remove_dir_all(&path);
            let _ = std::fs::remove_file(&path);
        }
        std::process::exit(i32::from(super::INTERRUPTED));
    });
}

/// Whether somebody asked to stop.
pub(super) fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// Stops here if somebody asked to; from now on the program finishes what it writes.
pub(super) fn last_chance() -> Result<(), ReadError> {
    FINISHING.store(true, Ordering::SeqCst);
    if requested() { Err(ReadError::Interrupted) } else { Ok(()) }
}

/// A file or folder to remove if the program has to end without returning.
pub(super) fn staged(path: &Path) {
    STAGED.lock().unwrap_or_else(PoisonError::into_inner).push(path.to_owned());
}
