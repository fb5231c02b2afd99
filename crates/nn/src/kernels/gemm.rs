//! The blocked product for wide layers.
//!
//! A panel of B, [`DEPTH`] rows of a few columns, is copied to the stack, where it stays in the first-level cache
//! while all rows of A pass it; a tile of C stays in registers meanwhile. Nothing is allocated.

use super::InstructionSet;
use crate::Real;

/// Rows of B that are worked on at a time.
const DEPTH: usize = 256;

/// A row-major matrix as a factor of a product, as it is stored or transposed. One stride is 1.
#[derive(Debug, Clone, Copy)]
pub(super) struct Factor<'a> {
    values: &'a [Real],
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Factor<'a> {
    /// The matrix as it is stored, in rows of `width`.
    pub(super) fn stored(values: &'a [Real], width: usize) -> Self {
        Self { values, row_stride: width, column_stride: 1 }
    }

    /// The transpose of the matrix that is stored in rows of `width`.
    pub(super) fn transposed(values: &'a [Real], width: usize) -> Self {
        Self { values, row_stride: 1, column_stride: width }
    }
}

/// c += a b, for a of m by k, b of k by n and c of m by n, row-major. Adds to `c`.
#[cfg_attr(
    target_arch = "x86_64",
    expect(unsafe_code, reason = "calls code that is compiled for more than the baseline")
)]
pub(super) fn gemm(set: InstructionSet, sizes: [usize; 3], a: Factor<'_>, b: Factor<'_>, c: &mut [Real]) {
    debug_assert!(set.is_available());
    match set {
        // SAFETY: a set comes from `detected` or `available`, so this processor has the instructions.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx512 => unsafe { avx512(sizes, a, b, c) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        InstructionSet::Avx2 => unsafe { avx2(sizes, a, b, c) },
        _ => blocked::<4, 8, { cfg!(target_arch = "aarch64") }>(sizes, a, b, c),
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,fma")]
fn avx512(sizes: [usize; 3], a: Factor<'_>, b: Factor<'_>, c: &mut [Real]) {
    blocked::<8, 32, true>(sizes, a, b, c);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,fma")]
fn avx2(sizes: [usize; 3], a: Factor<'_>, b: Factor<'_>, c: &mut [Real]) {
    blocked::<4, 16, true>(sizes, a, b, c);
}

/// The product in tiles of `ROWS` by `COLUMNS`. `FUSED` multiplies and adds in one instruction, where there is one.
#[inline(always)]
#[expect(clippy::inline_always, reason = "must be compiled for its caller's instruction set")]
fn blocked<const ROWS: usize, const COLUMNS: usize, const FUSED: bool>(
    [m, k, n]: [usize; 3],
    a: Factor<'_>,
    b: Factor<'_>,
    c: &mut [Real],
) {
    let mut panel = [[0.0; COLUMNS]; DEPTH];
    for k0 in (0..k).step_by(DEPTH) {
        let panel = &mut panel[..DEPTH.min(k - k0)];
        for j0 in (0..n).step_by(COLUMNS) {
            let columns = COLUMNS.min(n - j0);
            pack(b, k0, j0, columns, panel);
            for i0 in (0..m).step_by(ROWS) {
                let rows = ROWS.min(m - i0);
                let mut tile = [[0.0; COLUMNS]; ROWS];
                if rows == ROWS {
                    tile = multiply::<ROWS, COLUMNS, FUSED>(a, i0, k0, panel);
                } else {
                    for (row, sums) in tile[..rows].iter_mut().enumerate() {
                        [*sums] = multiply::<1, COLUMNS, FUSED>(a, i0 + row, k0, panel);
                    }
                }
                for (row, sums) in tile[..rows].iter().enumerate() {
                    let at = (i0 + row) * n + j0;
                    for (c, sum) in c[at..at + columns].iter_mut().zip(sums) {
                        *c += sum;
                    }
                }
            }
        }
    }
}

/// Copies the rows of B from `k0` and its `columns` columns from `j0` into `panel`, filled up with zeros.
#[inline(always)]
#[expect(clippy::inline_always, reason = "must be compiled for its caller's instruction set")]
fn pack<const COLUMNS: usize>(b: Factor<'_>, k0: usize, j0: usize, columns: usize, panel: &mut [[Real; COLUMNS]]) {
    if columns < COLUMNS {
        panel.fill([0.0; COLUMNS]);
    }
    if b.column_stride == 1 {
        for (depth, row) in panel.iter_mut().enumerate() {
            let at = (k0 + depth) * b.row_stride + j0;
            row[..columns].copy_from_slice(&b.values[at..at + columns]);
        }
    } else {
        for column in 0..columns {
            let at = (j0 + column) * b.column_stride + k0;
            for (row, value) in panel.iter_mut().zip(&b.values[at..]) {
                row[column] = *value;
            }
        }
    }
}

/// The rows of A from `i0`, and its columns from `k0`, times the panel.
#[inline(always)]
#[expect(clippy::inline_always, reason = "must be compiled for its caller's instruction set")]
fn multiply<const ROWS: usize, const COLUMNS: usize, const FUSED: bool>(
    a: Factor<'_>,
    i0: usize,
    k0: usize,
    panel: &[[Real; COLUMNS]],
) -> [[Real; COLUMNS]; ROWS] {
    let mut tile = [[0.0; COLUMNS]; ROWS];
    let mut add = |row: usize, a: Real, b: &[Real; COLUMNS]| {
        for (sum, b) in tile[row].iter_mut().zip(b) {
            *sum = if FUSED { a.mul_add(*b, *sum) } else { *sum + a * b };
        }
    };
    if a.column_stride == 1 {
        let rows: [&[Real]; ROWS] =
            std::array::from_fn(|row| &a.values[(i0 + row) * a.row_stride + k0..][..panel.len()]);
        for (depth, b) in panel.iter().enumerate() {
            for (row, a) in rows.iter().enumerate() {
                add(row, a[depth], b);
            }
        }
    } else {
        for (depth, b) in panel.iter().enumerate() {
            let column = &a.values[(k0 + depth) * a.column_stride + i0..][..ROWS];
            for (row, a) in column.iter().enumerate() {
                add(row, *a, b);
            }
        }
    }
    tile
}
