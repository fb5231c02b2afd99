//! What the processor can do, found out once.

use std::fmt;

/// The widest instruction set that the kernels are compiled for and this processor has. Results are the same to the
/// last bit on one set; between sets they differ by rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstructionSet {
    /// What every processor of the target has: SSE2 on x86-64, NEON on AArch64.
    Baseline,
    /// AVX2 with fused multiply-add.
    Avx2,
    /// AVX-512 F with fused multiply-add.
    Avx512,
}

impl InstructionSet {
    /// Every set that this processor has.
    #[cfg(test)]
    pub(crate) fn available() -> impl Iterator<Item = Self> {
        [Self::Baseline, Self::Avx2, Self::Avx512].into_iter().filter(|set| set.is_available())
    }

    /// Whether this processor has it.
    pub(crate) fn is_available(self) -> bool {
        match self {
            Self::Baseline => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("fma"),
            #[cfg(not(target_arch = "x86_64"))]
            _ => false,
        }
    }

    /// The set that the kernels use here.
    pub fn detected() -> Self {
        // The standard library keeps its answers: asking costs a load.
        [Self::Avx512, Self::Avx2].into_iter().find(|set| set.is_available()).unwrap_or(Self::Baseline)
    }
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Baseline if cfg!(target_arch = "aarch64") => "neon+fma",
            Self::Baseline => "baseline",
            Self::Avx2 => "avx2+fma",
            Self::Avx512 => "avx512f+fma",
        })
    }
}
