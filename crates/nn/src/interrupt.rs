//! Interrupting long work.

use std::sync::atomic::{AtomicBool, Ordering};

use thiserror::Error;

/// A flag that nobody raises.
pub(crate) static NEVER: AtomicBool = AtomicBool::new(false);

/// The work stopped because its interrupt flag was raised. Discard what it has computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("interrupted")]
pub struct Interrupted;

/// Returns [`Interrupted`] if the flag is raised. Long work must call this at least several times a second.
#[inline]
pub(crate) fn check(interrupt: &AtomicBool) -> Result<(), Interrupted> {
    if interrupt.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
}
