//! The products of a dense layer, their building blocks, and how the processor treats subnormal numbers. The only
//! module where `unsafe` is allowed.

mod finite;
mod gemm;
mod instructions;
mod lanes;
mod register;
mod subnormals;
mod survey;
#[cfg(all(target_arch = "x86_64", not(feature = "f64")))]
mod x86;
mod zeros;

use crate::{Real, memory};
use finite::AllFinite;
use gemm::{Factor, Product, WIDEST};
pub(crate) use instructions::Kernel;
pub use instructions::{InstructionSet, InstructionSetError};
pub(crate) use lanes::{LANES, Line};
pub(crate) use register::{Register, load, transpose};
pub use subnormals::Subnormals;
pub use survey::Survey;
pub(crate) use survey::{BLOCK, EVEN, Moves, ODD, Surveyor};
use zeros::Find;
pub(crate) use zeros::Zeros;

/// Memory of the products, sized once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Scratch {
    panel: Vec<Line>,
    /// Where the network's input is 0.
    zeros: Zeros,
}

impl Scratch {
    /// For products that sum up to `deepest` terms, and an input of `batch` by `inputs`; none if there is not the memory.
    pub(crate) fn new(deepest: usize, batch: usize, inputs: usize) -> Option<Self> {
        let panel = filled(deepest.max(batch).checked_mul(WIDEST)?, Line::ZERO)?;
        Some(Self { panel, zeros: Zeros::new(inputs, batch)? })
    }

    /// Whether it has the room that one of these sizes needs, if it was made for batches of this size.
    pub(crate) fn is_for(&self, deepest: usize, batch: usize, inputs: usize) -> bool {
        self.panel.len() >= deepest.max(batch).saturating_mul(WIDEST) && self.zeros.inputs() == inputs
    }
}

impl Scratch {
    /// Where the network's input is 0.
    pub(crate) fn zeros(&self) -> &Zeros {
        &self.zeros
    }
}

/// So many values in new memory; none if there is not so much.
fn filled<T: Clone>(length: usize, value: T) -> Option<Vec<T>> {
    let mut values = memory::reserve(length)?;
    values.resize(length, value);
    Some(values)
}

/// Which input a product has: the network's own is looked through for zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Input {
    /// That of the network, which may be mostly 0.
    Network,
    /// What the layer below computed.
    Layer,
}

/// Finds where the input of the network, `[batch, inputs]`, is 0. Before the products that have [`Input::Network`].
pub(crate) fn find_zeros(set: InstructionSet, x: &[Real], scratch: &mut Scratch) {
    set.run(Find { zeros: &mut scratch.zeros, x });
}

/// z = x W + b. Sets `z`, `[batch, outputs]`, from `x`, `[batch, inputs]`, and `weights`, `[inputs, outputs]`.
pub(crate) fn affine(
    set: InstructionSet,
    (input, x): (Input, &[Real]),
    weights: &[Real],
    bias: &[Real],
    scratch: &mut Scratch,
    z: &mut [Real],
) {
    let outputs = bias.len();
    let inputs = weights.len() / outputs;
    let Scratch { panel, zeros } = scratch;
    let nonzero = if input == Input::Network { zeros.by_sample() } else { None };
    set.run(Product {
        sizes: [z.len() / outputs, inputs, outputs],
        a: Factor::stored(x, inputs),
        b: Factor::stored(weights, outputs),
        nonzero: nonzero.filter(|_| set.run(AllFinite(weights))),
        bias,
        column_sums: &mut [],
        c: z,
        scratch: panel,
    });
}

/// dW = x^T delta and db = the sum of delta over the batch. Sets `dw`, `[inputs, outputs]`, and `db`, `[outputs]`, from `x`,
/// `[batch, inputs]`, and `delta`, `[batch, outputs]`.
pub(crate) fn weight_gradient(
    set: InstructionSet,
    (input, x): (Input, &[Real]),
    delta: &[Real],
    scratch: &mut Scratch,
    dw: &mut [Real],
    db: &mut [Real],
) {
    let outputs = db.len();
    let inputs = dw.len() / outputs;
    let Scratch { panel, zeros } = scratch;
    let nonzero = if input == Input::Network { zeros.by_column() } else { None };
    set.run(Product {
        sizes: [inputs, delta.len() / outputs, outputs],
        a: Factor::transposed(x, inputs),
        b: Factor::stored(delta, outputs),
        nonzero: nonzero.filter(|_| set.run(AllFinite(delta))),
        bias: &[],
        column_sums: db,
        c: dw,
        scratch: panel,
    });
}

/// dx = delta W^T. Sets `dx`, `[batch, inputs]`, from `delta`, `[batch, outputs]`, and `weights`, `[inputs, outputs]`.
pub(crate) fn input_gradient(
    set: InstructionSet,
    delta: &[Real],
    weights: &[Real],
    outputs: usize,
    scratch: &mut Scratch,
    dx: &mut [Real],
) {
    set.run(Product {
        sizes: [delta.len() / outputs, outputs, weights.len() / outputs],
        a: Factor::stored(delta, outputs),
        b: Factor::transposed(weights, outputs),
        nonzero: None,
        bias: &[],
        column_sums: &mut [],
        c: dx,
        scratch: &mut scratch.panel,
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(count: usize, seed: usize) -> Vec<Real> {
        // Small integers with zeros among them: all products and sums are exact.
        (0..count).map(|i| ((i * 7 + seed * 13) % 11) as Real - 5.0).collect()
    }

    /// The same with nine zeros in ten.
    fn sparse(count: usize, seed: usize) -> Vec<Real> {
        let mut values = values(count, seed);
        values
            .iter_mut()
            .enumerate()
            .filter(|(i, _)| !(i / 7 + seed).is_multiple_of(10))
            .for_each(|(_, value)| *value = 0.0);
        values
    }

    proptest! {
        #[test]
        fn products_equal_the_sums_that_define_them_on_every_instruction_set(
            batch in 1_usize..20, inputs in prop_oneof![1_usize..40, 250_usize..270], outputs in 1_usize..70,
            seed in 0_usize..100, input in prop_oneof![Just(Input::Network), Just(Input::Layer)], zeros: bool,
        ) {
            let x = if zeros { sparse(batch * inputs, seed) } else { values(batch * inputs, seed) };
            let w = values(inputs * outputs, seed + 1);
            let (delta, bias) = (values(batch * outputs, seed + 2), values(outputs, seed + 3));
            let (mut z, mut dw) = (vec![9.0; batch * outputs], vec![9.0; inputs * outputs]);
            let (mut dx, mut db) = (vec![9.0; batch * inputs], vec![9.0; outputs]);
            let mut scratch = Scratch::new(inputs.max(outputs), batch + 3, inputs).unwrap();
            for set in InstructionSet::available() {
                find_zeros(set, &x, &mut scratch);
                affine(set, (input, &x), &w, &bias, &mut scratch, &mut z);
                weight_gradient(set, (input, &x), &delta, &mut scratch, &mut dw, &mut db);
                input_gradient(set, &delta, &w, outputs, &mut scratch, &mut dx);
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

    #[test]
    fn leaving_out_zeros_hides_no_number_that_is_not_finite() {
        let (x, delta) = ([0.0; 32], [Real::INFINITY, 1.0]);
        let mut w = [1.0; 16];
        w[3] = Real::NAN;
        for set in InstructionSet::available() {
            let mut scratch = Scratch::new(16, 2, 16).unwrap();
            find_zeros(set, &x, &mut scratch);
            assert!(scratch.zeros.by_sample().is_some());
            let (mut z, mut dw, mut db) = ([0.0; 2], [0.0; 16], [0.0]);
            affine(set, (Input::Network, &x), &w, &[0.0], &mut scratch, &mut z);
            weight_gradient(set, (Input::Network, &x), &delta, &mut scratch, &mut dw, &mut db);
            assert!(z.iter().chain(&dw).all(|value| value.is_nan()), "{set}");
        }
    }

    #[test]
    fn all_sets_that_multiply_and_add_in_one_rounding_give_the_same_bits() {
        let noise = |count: usize| (0..count).map(|i| ((i * 7919) % 10_007) as Real / 5e3 - 1.0).collect::<Vec<_>>();
        let (batch, inputs, outputs) = (23, 77, 101);
        let (x, w, bias) = (noise(batch * inputs), noise(inputs * outputs), noise(outputs));
        let products = |set| {
            let mut scratch = Scratch::new(outputs, batch, inputs).unwrap();
            let (mut z, mut dw) = (vec![0.0; batch * outputs], vec![0.0; inputs * outputs]);
            let (mut db, mut dx) = (vec![0.0; outputs], vec![0.0; batch * inputs]);
            affine(set, (Input::Layer, &x), &w, &bias, &mut scratch, &mut z);
            weight_gradient(set, (Input::Layer, &x), &z, &mut scratch, &mut dw, &mut db);
            input_gradient(set, &z, &w, outputs, &mut scratch, &mut dx);
            [z, dw, db, dx].concat().into_iter().map(Real::to_bits).collect::<Vec<_>>()
        };
        let fused = |set: &InstructionSet| *set != InstructionSet::Baseline || cfg!(target_arch = "aarch64");
        let all: Vec<_> = InstructionSet::available().filter(fused).map(products).collect();
        assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
    }

    #[test]
    fn leaving_out_zeros_changes_no_bit() {
        let noise = |count: usize| (0..count).map(|i| ((i * 7919) % 10_007) as Real / 5e3 - 1.0).collect::<Vec<_>>();
        let (batch, inputs, outputs) = (13, 203, 10);
        let mut x = noise(batch * inputs);
        x.iter_mut().enumerate().filter(|(i, _)| i % 29 < 22).for_each(|(_, x)| *x = 0.0);
        let (w, bias, delta) = (noise(inputs * outputs), noise(outputs), noise(batch * outputs));
        for set in InstructionSet::available() {
            let mut scratch = Scratch::new(inputs, batch, inputs).unwrap();
            find_zeros(set, &x, &mut scratch);
            assert!(scratch.zeros.by_sample().is_some());
            let mut both = [Input::Network, Input::Layer].map(|input| {
                let (mut z, mut dw, mut db) = (vec![0.0; batch * outputs], vec![0.0; inputs * outputs], vec![0.0; 10]);
                affine(set, (input, &x), &w, &bias, &mut scratch, &mut z);
                weight_gradient(set, (input, &x), &delta, &mut scratch, &mut dw, &mut db);
                [z, dw, db].concat().into_iter().map(Real::to_bits).collect::<Vec<_>>()
            });
            let [left_out, whole] = &mut both;
            assert!(left_out == whole, "{set}");
        }
    }
}
