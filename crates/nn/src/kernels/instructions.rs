//! What the processor can do, found out once, and how code gets to be compiled for it.
//!
//! A [`Kernel`] is plain code that is compiled once for each instruction set and chosen at run time, so that a binary
//! built anywhere uses the widest registers it finds. `unsafe` is here, where the
//! copy for the processor is called, and in `x86`.

use std::fmt;

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

/// Work that is compiled for every instruction set: [`InstructionSet::run`] chooses.
pub(crate) trait Kernel {
    /// What the work gives.
    type Output;

    /// Does the work. Implementations and all that they call in a loop must be `#[inline(always)]`, or they are compiled
    /// for the baseline after all. `R`: the registers there are.
    fn run<R: Register>(self) -> Self::Output;
}

impl InstructionSet {
    /// Every set that this processor has.
    #[cfg(test)]
    pub(crate) fn available() -> impl Iterator<Item = Self> {
        [Self::Baseline, Self::Avx2, Self::Avx512].into_iter().filter(|set| set.is_available())
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

    /// The set that the kernels use here.
    #[inline]
    pub fn detected() -> Self {
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
            // SAFETY: a set comes from `detected` or `available`, so this processor has the instructions.
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
