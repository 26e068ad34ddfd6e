//! Ctrl-C: stop at the next batch, leave nothing half-written, exit with 130.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

static REQUESTED: AtomicBool = AtomicBool::new(false);
static STAGED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// How long the program may take to stop by itself: it may be waiting for input.
const PATIENCE: Duration = Duration::from_secs(2);

/// Listens for the signals that end programs.
pub(super) fn install() {
    // Without a handler the signal ends the program at once, which is fine as well.
    let _ = ctrlc::set_handler(|| {
        if !REQUESTED.swap(true, Ordering::SeqCst) {
            std::thread::sleep(PATIENCE);
        }
        if let Some(folder) = STAGED.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = std::fs::remove_dir_all(folder);
        }
        std::process::exit(i32::from(super::INTERRUPTED));
    });
}

/// Whether somebody asked to stop.
pub(super) fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}

/// The folder to remove if the program has to end without returning.
pub(super) fn staged(folder: Option<&Path>) {
    *STAGED.lock().unwrap_or_else(PoisonError::into_inner) = folder.map(Path::to_owned);
}
