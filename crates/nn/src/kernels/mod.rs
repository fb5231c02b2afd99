//! The four products of a dense layer, chosen by shape and by what the processor can do. The only module where
//! `unsafe` is allowed.
//!
//! Narrow layers (at most [`NARROW`] outputs) are summed row by row, see `rows`; wider ones go to the blocked GEMM. The
//! code is plain loops over fixed-size arrays, compiled once for each instruction set and chosen at run time, so that a
//! binary built anywhere uses the widest registers it finds.

mod gemm;
mod instructions;
mod rows;

use crate::Real;
use gemm::{Factor, gemm};
pub use instructions::InstructionSet;

/// Most outputs that the row-by-row products take; above it the GEMM is faster.
const NARROW: usize = 32;

/// z = x W + b. Sets `z`, `[batch, outputs]`, from `x`, `[batch, inputs]`, and `weights`, `[inputs, outputs]`.
pub(crate) fn affine(set: InstructionSet, x: &[Real], weights: &[Real], bias: &[Real], z: &mut [Real]) {
    let outputs = bias.len();
    let inputs = weights.len() / outputs;
    for z in z.chunks_exact_mut(outputs) {
        z.copy_from_slice(bias);
    }
    if outputs <= NARROW {
        rows::add_product(set, x, weights, outputs, z);
    } else {
        let sizes = [z.len() / outputs, inputs, outputs];
        gemm(set, sizes, Factor::stored(x, inputs), Factor::stored(weights, outputs), z);
    }
}

/// dW = x^T delta. Sets `dw`, `[inputs, outputs]`, from `x`, `[batch, inputs]`, and `delta`, `[batch, outputs]`.
pub(crate) fn weight_gradient(set: InstructionSet, x: &[Real], delta: &[Real], outputs: usize, dw: &mut [Real]) {
    let inputs = dw.len() / outputs;
    dw.fill(0.0);
    if outputs <= NARROW {
        rows::add_outer_products(set, x, delta, outputs, dw);
    } else {
        let sizes = [inputs, delta.len() / outputs, outputs];
        gemm(set, sizes, Factor::transposed(x, inputs), Factor::stored(delta, outputs), dw);
    }
}

/// db = the sum of `delta`, `[batch, outputs]`, over the batch. Sets `db`.
pub(crate) fn bias_gradient(delta: &[Real], db: &mut [Real]) {
    db.fill(0.0);
    for delta in delta.chunks_exact(db.len()) {
        for (db, delta) in db.iter_mut().zip(delta) {
            *db += delta;
        }
    }
}

/// dx = delta W^T. Sets `dx`, `[batch, inputs]`, from `delta`, `[batch, outputs]`, and `weights`, `[inputs, outputs]`.
pub(crate) fn input_gradient(set: InstructionSet, delta: &[Real], weights: &[Real], outputs: usize, dx: &mut [Real]) {
    let inputs = weights.len() / outputs;
    if outputs <= NARROW {
        rows::product_with_transpose(set, delta, weights, outputs, dx);
    } else {
        dx.fill(0.0);
        let sizes = [delta.len() / outputs, outputs, inputs];
        gemm(set, sizes, Factor::stored(delta, outputs), Factor::transposed(weights, outputs), dx);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(count: usize, seed: usize) -> Vec<Real> {
        // Small integers with zeros among them: all products and sums are exact.
        (0..count).map(|i| ((i * 7 + seed * 13) % 11) as Real - 5.0).collect()
    }

    proptest! {
        #[test]
        fn products_equal_the_sums_that_define_them_on_every_instruction_set(
            batch in 1_usize..20, inputs in prop_oneof![1_usize..40, 250_usize..270], outputs in 1_usize..70,
            seed in 0_usize..100,
        ) {
            let (x, w) = (values(batch * inputs, seed), values(inputs * outputs, seed + 1));
            let (delta, bias) = (values(batch * outputs, seed + 2), values(outputs, seed + 3));
            let (mut z, mut dw) = (vec![9.0; batch * outputs], vec![9.0; inputs * outputs]);
            let (mut dx, mut db) = (vec![9.0; batch * inputs], vec![9.0; outputs]);
            bias_gradient(&delta, &mut db);
            for set in InstructionSet::available() {
            affine(set, &x, &w, &bias, &mut z);
            weight_gradient(set, &x, &delta, outputs, &mut dw);
            input_gradient(set, &delta, &w, outputs, &mut dx);
            for b in 0..batch {
                for o in 0..outputs {
                    let sum: Real = (0..inputs).map(|i| x[b * inputs + i] * w[i * outputs + o]).sum();
                    prop_assert_eq!(z[b * outputs + o], bias[o] + sum);
                }
                for i in 0..inputs {
                    let sum: Real = (0..outputs).map(|o| delta[b * outputs + o] * w[i * outputs + o]).sum();
                    prop_assert_eq!(dx[b * inputs + i], sum);
                }
            }
            for o in 0..outputs {
                for i in 0..inputs {
                    let sum: Real = (0..batch).map(|b| x[b * inputs + i] * delta[b * outputs + o]).sum();
                    prop_assert_eq!(dw[i * outputs + o], sum);
                }
                prop_assert_eq!(db[o], (0..batch).map(|b| delta[b * outputs + o]).sum::<Real>());
            }
            }
        }
    }
}
