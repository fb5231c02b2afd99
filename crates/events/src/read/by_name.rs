//! Files by name. Most folders hold one event file, for which a tree would take kilobytes.

use std::ffi::{OsStr, OsString};

use crate::file_name::by_age;

/// Values by name, in the order in which the files were created as far as their names tell.
#[derive(Debug)]
pub(crate) struct ByName<T>(Vec<(OsString, T)>);

impl<T> Default for ByName<T> {
    fn default() -> Self {
        ByName(Vec::new())
    }
}

impl<T> ByName<T> {
    /// Adds a value, in place of the one of its name.
    pub(crate) fn insert(&mut self, name: OsString, value: T) {
        match self.place(&name) {
            Ok(place) => self.0[place].1 = value,
            Err(place) => {
                if self.0.capacity() == 0 {
                    self.0.reserve_exact(1);
                }
                self.0.insert(place, (name, value));
            }
        }
    }

    pub(crate) fn get(&self, name: &OsStr) -> Option<&T> {
        self.place(name).ok().map(|place| &self.0[place].1)
    }

    pub(crate) fn get_mut(&mut self, name: &OsStr) -> Option<&mut T> {
        self.place(name).ok().map(|place| &mut self.0[place].1)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&OsString, &T)> {
        self.0.iter().map(|(name, value)| (name, value))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn place(&self, name: &OsStr) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| by_age(Some(known), Some(name)))
    }
}
