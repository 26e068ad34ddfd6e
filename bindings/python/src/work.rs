//! Work that takes time: on a pool of threads, without the GIL, and with an ear for Ctrl-C.

use crate::errors::JuratError;
use jurat::lf::Watch;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// How often signals are looked for, and how long work that was told to stop is waited for.
const BEAT: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_millis(250);

/// One call from Python: whether it should stop, and what a Python function raised to stop it.
#[derive(Default)]
pub(crate) struct Call {
    stopped: AtomicBool,
    raised: Mutex<Option<PyErr>>,
}

impl Call {
    /// Ends the call with an exception of a Python function.
    pub(crate) fn stop(&self, error: PyErr) {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.stopped.store(true, Ordering::Relaxed);
    }
}

impl Watch for Call {
    fn stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }
}

/// Does something in the pool while other Python threads run.
///
/// Ctrl-C stops it at the next batch. What cannot be stopped, such as the fit of a label model, goes on in the
/// background to its end, and its result is dropped.
///
/// # Errors
/// What a signal handler or a Python function raised, and what the work says is wrong.
pub(crate) fn work<T, E>(
    py: Python<'_>,
    call: &Arc<Call>,
    work: impl FnOnce(&Call) -> Result<T, E> + Send + 'static,
) -> PyResult<T>
where
    T: Send + 'static,
    E: Into<PyErr> + Send + 'static,
{
    let done = if rayon::current_thread_index().is_some() {
        // Asked from a Python labeling function: the pool may be full of those who wait.
        py.detach(|| Ok(work(call)))
    } else {
        in_pool(py, call, work)
    }?;
    if let Some(error) = call.raised.lock().unwrap_or_else(PoisonError::into_inner).take() {
        return Err(error);
    }
    done.map_err(Into::into)
}

fn in_pool<T: Send + 'static>(
    py: Python<'_>,
    call: &Arc<Call>,
    work: impl FnOnce(&Call) -> T + Send + 'static,
) -> PyResult<T> {
    let (send, mut receive) = channel();
    let watch = call.clone();
    pool()?.spawn(move || {
        let done = catch_unwind(AssertUnwindSafe(|| work(&watch)));
        // Nobody waits any more after Ctrl-C.
        let _ = send.send(done);
    });
    loop {
        let (got, back) = py.detach(move || (receive.recv_timeout(BEAT), receive));
        receive = back;
        match got {
            Ok(Ok(done)) => return Ok(done),
            Err(RecvTimeoutError::Timeout) => {
                if let Err(signal) = py.check_signals() {
                    call.stopped.store(true, Ordering::Relaxed);
                    py.detach(move || drop(receive.recv_timeout(PATIENCE)));
                    return Err(signal);
                }
            }
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => {
                return Err(JuratError::new_err("jurat failed; please report this as a bug"));
            }
        }
    }
}

/// The threads of this process: a fork has none of those of its parent.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

fn pool() -> PyResult<Arc<ThreadPool>> {
    // Held for moments, with the GIL, so that no fork finds it locked.
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    if let Some((owner, pool)) = &*pool
        && *owner == process
    {
        return Ok(pool.clone());
    }
    let build = ThreadPoolBuilder::new().thread_name(|thread| format!("jurat-{thread}")).build();
    let new = build.map_err(|error| JuratError::new_err(error.to_string()))?;
    let new = Arc::new(new);
    // Threads that are not there cannot be waited for.
    std::mem::forget(pool.replace((process, new.clone())));
    Ok(new)
}
