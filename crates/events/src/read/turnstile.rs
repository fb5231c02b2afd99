//! Something that threads take up one after the other, in a given order.

use std::{
    ops::{Deref, DerefMut},
    sync::{Condvar, Mutex, MutexGuard},
};

use headwater_threads::Unpoisoned as _;

/// Hands a value from turn to turn.
#[derive(Debug)]
pub(crate) struct Turnstile<T> {
    /// Whose turn it is.
    state: Mutex<(usize, T)>,
    passed: Condvar,
}

/// A turn. It ends when this is dropped, even by a panic, so that nobody waits for ever.
pub(crate) struct Turn<'a, T> {
    guard: MutexGuard<'a, (usize, T)>,
    passed: &'a Condvar,
}

impl<T> Turnstile<T> {
    pub(crate) fn new(value: T) -> Self {
        Turnstile { state: Mutex::new((0, value)), passed: Condvar::new() }
    }

    /// Waits for turn `n`, counted from 0. Every turn must be taken, and once.
    pub(crate) fn enter(&self, n: usize) -> Turn<'_, T> {
        let mut guard = self.state.lock().unpoisoned();
        // Not `wait_while`, which returns when a thread has panicked, whoever's turn it is.
        while guard.0 != n {
            guard = self.passed.wait(guard).unpoisoned();
        }
        Turn { guard, passed: &self.passed }
    }

    /// What the last turn left.
    pub(crate) fn into_inner(self) -> T {
        self.state.into_inner().unpoisoned().1
    }
}

impl<T> Deref for Turn<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.guard.1
    }
}

impl<T> DerefMut for Turn<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.guard.1
    }
}

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        self.guard.0 += 1;
        self.passed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_taken_in_order_even_if_one_panics() {
        let turnstile = Turnstile::new(Vec::new());
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..20)
                .rev()
                .map(|n| {
                    let turnstile = &turnstile;
                    scope.spawn(move || {
                        let mut turn = turnstile.enter(n);
                        turn.push(n);
                        // Not `panic!`, which would print.
                        if n == 7 {
                            std::panic::resume_unwind(Box::new(()));
                        }
                    })
                })
                .collect();
            let panics = threads.into_iter().filter_map(|thread| thread.join().err()).count();
            assert_eq!(panics, 1);
        });
        assert_eq!(turnstile.into_inner(), (0..20).collect::<Vec<_>>());
    }
}
