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
    /// The set that the kernels use here.
    pub fn detected() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            // The macro keeps its answers: this costs one load.
            if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("fma") {
                return Self::Avx512;
            }
            if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
                return Self::Avx2;
            }
        }
        Self::Baseline
    }
}

impl fmt::Display for InstructionSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Baseline => "baseline",
            Self::Avx2 => "avx2+fma",
            Self::Avx512 => "avx512f+fma",
        })
    }
}
