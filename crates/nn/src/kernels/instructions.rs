//! What the processor can do, found out once, and how code gets to be compiled for it.
//!
//! A [`Kernel`] is plain code that is compiled once for each instruction set and chosen at run time, so that a binary
//! built anywhere uses the widest registers it finds. `unsafe` is here, where the
//! copy for the processor is called, and in `x86`.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicU8, Ordering};

use thiserror::Error;

#[cfg(target_arch = "x86_64")]
use super::register::{Avx2, Avx512};
use super::register::{Portable, Register};

/// The widest instruction set that the kernels are compiled for and this processor has. Results are the same to the
/// last bit on one set; between the baseline of x86-64, which multiplies and adds in two roundings, and the others,
/// products and updates differ by rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstructionSet {
    /// What every processor of the target has: SSE2 on x86-64, NEON on AArch64.
    Baseline,
    /// AVX2 with fused multiply-add and bit manipulation (x86-64-v3).
    Avx2,
    /// AVX-512 F, BW, CD, DQ and VL (x86-64-v4).
    Avx512,
}

/// Why an instruction set cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InstructionSetError {
    /// None has this name.
    #[error("there is no instruction set {name:?}; expected {}", names(InstructionSet::ALL.into_iter()))]
    Unknown {
        /// The name that was given.
        name: String,
    },
    /// This processor does not have it.
    #[error("this processor does not have {}; it has {}", set.name(), names(InstructionSet::available()))]
    Missing {
        /// The set.
        set: InstructionSet,
    },
}

fn names(sets: impl Iterator<Item = InstructionSet>) -> String {
    sets.map(InstructionSet::name).collect::<Vec<_>>().join(", ")
}

/// The set that was chosen, as one more than its place in [`InstructionSet::ALL`]; 0 if none was.
static CHOSEN: AtomicU8 = AtomicU8::new(0);

/// Work that is compiled for every instruction set: [`InstructionSet::run`] chooses.
pub(crate) trait Kernel {
    /// What the work gives.
    type Output;

    /// Does the work. Implementations and all that they call in a loop must be `#[inline(always)]`, or they are compiled
    /// for the baseline after all. `R`: the registers there are.
    fn run<R: Register>(self) -> Self::Output;
}

impl InstructionSet {
    /// All of them, the narrowest first.
    pub const ALL: [Self; 3] = [Self::Baseline, Self::Avx2, Self::Avx512];

    /// Every set that this processor has, the narrowest first.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|set| set.is_available())
    }

    /// The name by which it is chosen: `baseline`, `avx2` or `avx512`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Avx2 => "avx2",
            Self::Avx512 => "avx512",
        }
    }

    /// Makes all kernels of this process use this set from now on, in place of the widest that the processor has: to compare
    /// the results of two sets. Call it before the first network is trained.
    ///
    /// # Errors
    /// [`InstructionSetError::Missing`] if the processor does not have it.
    pub fn choose(self) -> Result<(), InstructionSetError> {
        if !self.is_available() {
            return Err(InstructionSetError::Missing { set: self });
        }
        CHOSEN.store(self as u8 + 1, Ordering::Relaxed);
        Ok(())
    }

    /// Whether this processor has it.
    fn is_available(self) -> bool {
        match self {
            Self::Baseline => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => {
                is_x86_feature_detected!("avx2")
                    && is_x86_feature_detected!("fma")
                    && is_x86_feature_detected!("bmi1")
                    && is_x86_feature_detected!("bmi2")
                    && is_x86_feature_detected!("popcnt")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512cd")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512vl")
                    && Self::Avx2.is_available()
            }
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The set that the kernels use here: the widest that the processor has, or the one that was [chosen](Self::choose).
    #[inline]
    pub fn detected() -> Self {
        match CHOSEN.load(Ordering::Relaxed) {
            0 => {}
            chosen => return Self::ALL[usize::from(chosen) - 1],
        }
        // The standard library keeps its answers: asking costs a load.
        [Self::Avx512, Self::Avx2].into_iter().find(|set| set.is_available()).unwrap_or(Self::Baseline)
    }

    /// Runs the copy of `kernel` that was compiled for this set.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "calls code that is compiled for more than the baseline")
    )]
    #[inline]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        debug_assert!(self.is_available());
        match self {
            // SAFETY: a set comes from `detected`, `choose` or `available`, so this processor has the instructions.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => unsafe { avx512(kernel) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { avx2(kernel) },
            _ => kernel.run::<Portable>(),
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,bmi1,bmi2,popcnt")]
fn avx512<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx512>()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma,bmi1,bmi2,popcnt")]
fn avx2<K: Kernel>(kernel: K) -> K::Output {
    kernel.run::<Avx2>()
}

impl FromStr for InstructionSet {
    type Err = InstructionSetError;

    /// Reads a [name](Self::name).
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|set| set.name() == text);
        found.ok_or_else(|| InstructionSetError::Unknown { name: text.to_owned() })
    }
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Baseline if cfg!(target_arch = "aarch64") => "neon+fma",
            Self::Baseline => "baseline",
            Self::Avx2 => "avx2+fma",
            Self::Avx512 => "avx512+fma",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_known_by_its_name_and_refused_where_the_processor_lacks_it() {
        for set in InstructionSet::ALL {
            assert_eq!(set.name().parse(), Ok(set));
            let is_there = InstructionSet::available().any(|available| available == set);
            if !is_there {
                let error = set.choose().unwrap_err().to_string();
                assert!(error.contains(&format!("does not have {}; it has baseline", set.name())), "{error}");
            }
        }
        let error = "sse9".parse::<InstructionSet>().unwrap_err().to_string();
        assert_eq!(error, "there is no instruction set \"sse9\"; expected baseline, avx2, avx512");
    }
}
