//! The products of narrow layers, row by row: a GEMM would spend more time packing than multiplying.
//!
//! An input of exactly 0 is skipped, which saves four fifths of the first layer's work on MNIST. It changes nothing as
//! long as the weights (forward) and deltas (backward) are finite: 0 times infinity would be NaN, and is 0 here.

use super::InstructionSet;
use crate::Real;

/// Compiles a row product for every instruction set and calls the one this processor has.
macro_rules! for_each_instruction_set {
    ($(#[$doc:meta])* $name:ident => $body:ident($($argument:ident: $type:ty),*)) => {
        $(#[$doc])*
        #[cfg_attr(
            target_arch = "x86_64",
            expect(unsafe_code, reason = "calls code that is compiled for more than the baseline")
        )]
        pub(super) fn $name(set: InstructionSet, $($argument: $type),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,fma")]
            fn avx512($($argument: $type),*) {
                $body::<true>($($argument),*);
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($argument: $type),*) {
                $body::<true>($($argument),*);
            }
            debug_assert!(set.is_available());
            match set {
                // SAFETY: a set comes from `detected` or `available`, so this processor has the instructions.
                #[cfg(target_arch = "x86_64")]
                InstructionSet::Avx512 => unsafe { avx512($($argument),*) },
                // SAFETY: as above.
                #[cfg(target_arch = "x86_64")]
                InstructionSet::Avx2 => unsafe { avx2($($argument),*) },
                _ => $body::<{ cfg!(target_arch = "aarch64") }>($($argument),*),
            }
        }
    };
}

for_each_instruction_set! {
    /// z += x W. Adds to `z`, `[batch, outputs]`; `x` is `[batch, inputs]`, `weights` `[inputs, outputs]`.
    add_product => add_product_body(x: &[Real], weights: &[Real], outputs: usize, z: &mut [Real])
}

for_each_instruction_set! {
    /// dW += x^T delta. Adds to `dw`, `[inputs, outputs]`; `x` is `[batch, inputs]`, `delta` `[batch, outputs]`.
    add_outer_products => add_outer_products_body(x: &[Real], delta: &[Real], outputs: usize, dw: &mut [Real])
}

for_each_instruction_set! {
    /// dx = delta W^T. Sets `dx`, `[batch, inputs]`; `delta` is `[batch, outputs]`, `weights` `[inputs, outputs]`.
    product_with_transpose => product_with_transpose_body(
        delta: &[Real], weights: &[Real], outputs: usize, dx: &mut [Real]
    )
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "must be compiled for its caller's instruction set")]
fn add_product_body<const FUSED: bool>(x: &[Real], weights: &[Real], outputs: usize, z: &mut [Real]) {
    let inputs = weights.len() / outputs;
    for (x, z) in x.chunks_exact(inputs).zip(z.chunks_exact_mut(outputs)) {
        for (&x, w) in x.iter().zip(weights.chunks_exact(outputs)) {
            if x != 0.0 {
                add_scaled::<FUSED>(z, x, w);
            }
        }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "must be compiled for its caller's instruction set")]
fn add_outer_products_body<const FUSED: bool>(x: &[Real], delta: &[Real], outputs: usize, dw: &mut [Real]) {
    let inputs = dw.len() / outputs;
    for (x, delta) in x.chunks_exact(inputs).zip(delta.chunks_exact(outputs)) {
        for (&x, dw) in x.iter().zip(dw.chunks_exact_mut(outputs)) {
            if x != 0.0 {
                add_scaled::<FUSED>(dw, x, delta);
            }
        }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "must be compiled for its caller's instruction set")]
fn product_with_transpose_body<const FUSED: bool>(delta: &[Real], weights: &[Real], outputs: usize, dx: &mut [Real]) {
    let inputs = weights.len() / outputs;
    for (delta, dx) in delta.chunks_exact(outputs).zip(dx.chunks_exact_mut(inputs)) {
        for (dx, w) in dx.iter_mut().zip(weights.chunks_exact(outputs)) {
            *dx = delta.iter().zip(w).fold(0.0, |sum, (d, w)| if FUSED { d.mul_add(*w, sum) } else { sum + d * w });
        }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "must be compiled for its caller's instruction set")]
fn add_scaled<const FUSED: bool>(sums: &mut [Real], scale: Real, values: &[Real]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum = if FUSED { scale.mul_add(*value, *sum) } else { *sum + scale * value };
    }
}
