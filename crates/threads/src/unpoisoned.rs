//! Locks whose holder has panicked.

use std::sync::{LockResult, PoisonError};

/// Takes a lock although a thread panicked while it held it.
///
/// Use it where what the lock guards is whole after every statement, so that a panic elsewhere need not spread.
///
/// ```
/// use headwater_threads::Unpoisoned as _;
///
/// let count = std::sync::Mutex::new(1);
/// *count.lock().unpoisoned() += 1;
/// assert_eq!(count.into_inner().unpoisoned(), 2);
/// ```
pub trait Unpoisoned {
    /// What the lock guards, or a guard of it.
    type Guarded;

    /// The guard, whether or not the lock is poisoned.
    fn unpoisoned(self) -> Self::Guarded;
}

impl<T> Unpoisoned for LockResult<T> {
    type Guarded = T;

    fn unpoisoned(self) -> T {
        self.unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_lock_is_taken_after_its_holder_has_panicked() {
        let value = Mutex::new(3);
        let holder = std::thread::scope(|scope| {
            let panics = || {
                let _guard = value.lock().unwrap();
                panic!("on purpose");
            };
            scope.spawn(panics).join()
        });
        assert!(holder.is_err() && value.is_poisoned());
        assert_eq!(*value.lock().unpoisoned(), 3);
    }
}
