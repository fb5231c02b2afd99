//! Giving up long work early.

use std::sync::atomic::{AtomicBool, Ordering};

use thiserror::Error;

/// A flag that nobody raises.
pub(crate) static NEVER: AtomicBool = AtomicBool::new(false);

/// Work was given up because the flag that it looks at now and then had been raised. What it has computed is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("interrupted")]
pub struct Interrupted;

/// To be asked at least several times a second.
#[inline]
pub(crate) fn check(interrupt: &AtomicBool) -> Result<(), Interrupted> {
    if interrupt.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
}
