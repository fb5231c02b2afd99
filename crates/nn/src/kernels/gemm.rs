//! The product of two matrices.
//!
//! A panel of B, all its rows of a few columns, is packed into lines of the cache; then tiles of C, as many numbers as the
//! registers hold, take in the panel row by row. Nothing is allocated. Each number of C is summed from the first k to the
//! last, whatever the tile, so the shape of the tile does not change its bits.

use super::Kernel;
use super::lanes::{LANES, Line};
use super::register::{Register, load, transpose};
use super::zeros::Rows;
use crate::Real;

/// Most lines in a row of a panel, whatever the registers.
pub(super) const WIDEST: usize = 3;

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

/// C = A B, for A of m by k, B of k by n and C of m by n, row-major.
pub(super) struct Product<'a> {
    /// m, k and n.
    pub(super) sizes: [usize; 3],
    pub(super) a: Factor<'a>,
    pub(super) b: Factor<'a>,
    /// For each few rows of A, the columns where they are not all 0; none if all columns count.
    pub(super) nonzero: Option<Rows<'a>>,
    /// Added to each row of C, `[n]`; empty for nothing.
    pub(super) bias: &'a [Real],
    /// Set to the sums of the columns of B, `[n]`; empty if nobody wants them.
    pub(super) column_sums: &'a mut [Real],
    pub(super) c: &'a mut [Real],
    /// At least k times [`WIDEST`] lines.
    pub(super) scratch: &'a mut [Line],
}

impl Kernel for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn run<R: Register>(mut self) {
        let [m, k, n] = self.sizes;
        if self.b.column_stride == 1 && n <= LANES && m < k {
            // Rows of one line stand close together as they are, and few tiles would use what was packed.
            return self.columns::<R, _, 1>(0, InPlace { b: self.b.values, stride: self.b.row_stride, rows: k });
        }
        // From right to left, because a row's last line may spill over into the beginning of the next row.
        let width = R::LINES * LANES;
        let mut panels = n.div_ceil(width);
        while panels > 0 {
            panels -= 1;
            let j0 = panels * width;
            match (n - j0).div_ceil(LANES).min(R::LINES) {
                1 => self.panel::<R, 1>(j0),
                2 => self.panel::<R, 2>(j0),
                _ => self.panel::<R, 3>(j0),
            }
        }
    }
}

impl Product<'_> {
    /// The columns of C from `j0` on, `LINES` lines of them or what there is.
    #[inline(always)]
    fn panel<R: Register, const LINES: usize>(&mut self, j0: usize) {
        let [_, k, n] = self.sizes;
        let scratch = std::mem::take(&mut self.scratch);
        let (panel, _) = scratch[..k * LINES].as_chunks_mut::<LINES>();
        pack::<R, LINES>(self.b, j0, (n - j0).min(LINES * LANES), panel);
        self.columns::<R, _, LINES>(j0, &*panel);
        self.scratch = scratch;
    }

    /// The columns of C from `j0` on, with their part of B.
    #[inline(always)]
    fn columns<R: Register, B: Panel<R, LINES>, const LINES: usize>(&mut self, j0: usize, b: B) {
        let [m, k, n] = self.sizes;
        if !self.column_sums.is_empty() {
            let mut sums = [R::splat(0.0); LINES];
            for row in 0..k {
                for (sum, values) in sums.iter_mut().zip(b.row(row)) {
                    *sum = sum.add_product(values, R::splat(1.0));
                }
            }
            for (sums, few) in sums.iter().zip(self.column_sums[j0..].chunks_mut(LANES)) {
                few.copy_from_slice(&sums.line().0[..few.len()]);
            }
        }
        let mut start = [R::splat(0.0); LINES];
        if !self.bias.is_empty() {
            for (line, start) in start.iter_mut().enumerate() {
                *start = load(&self.bias[j0 + line * LANES..]);
            }
        }
        let mut tiles = Tiles { m, n, a: self.a, nonzero: self.nonzero, b, start, i0: 0, j0, c: self.c };
        // Rows that share a list of columns must not be parted.
        let fits = |rows| self.nonzero.is_none_or(|nonzero| nonzero.group().is_multiple_of(rows));
        if R::ROWS == 8 && fits(8) {
            tiles.down::<8>();
        }
        if R::ROWS == 6 && fits(6) {
            tiles.down::<6>();
        }
        tiles.down::<4>();
        tiles.down::<2>();
        tiles.down::<1>();
    }
}

/// All rows of a few columns of B.
trait Panel<R, const LINES: usize> {
    /// How many rows.
    fn rows(&self) -> usize;

    /// The columns of one row.
    fn row(&self, k: usize) -> [R; LINES];
}

/// A panel that was packed.
impl<R: Register, const LINES: usize> Panel<R, LINES> for &[[Line; LINES]] {
    #[inline(always)]
    fn rows(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn row(&self, k: usize) -> [R; LINES] {
        self[k].each_ref().map(|line| R::load(&line.0))
    }
}

/// A panel that is read where it stands.
struct InPlace<'a> {
    b: &'a [Real],
    stride: usize,
    rows: usize,
}

impl<R: Register> Panel<R, 1> for InPlace<'_> {
    #[inline(always)]
    fn rows(&self) -> usize {
        self.rows
    }

    #[inline(always)]
    fn row(&self, k: usize) -> [R; 1] {
        [load(&self.b[k * self.stride..])]
    }
}

/// The way down a panel.
struct Tiles<'a, R, B, const LINES: usize> {
    m: usize,
    n: usize,
    a: Factor<'a>,
    nonzero: Option<Rows<'a>>,
    b: B,
    start: [R; LINES],
    /// The next row of C.
    i0: usize,
    j0: usize,
    c: &'a mut [Real],
}

impl<R: Register, B: Panel<R, LINES>, const LINES: usize> Tiles<'_, R, B, LINES> {
    /// As many tiles of `ROWS` rows as there is room for.
    #[inline(always)]
    fn down<const ROWS: usize>(&mut self) {
        while self.i0 + ROWS <= self.m {
            let tile = match self.nonzero {
                None => self.multiply::<ROWS>(0..self.b.rows()),
                Some(rows) => self.multiply::<ROWS>(rows.of(self.i0).iter().map(|&column| column as usize)),
            };
            // Whole lines are written where they fit into C: what is beyond the end of a row is written again, with the
            // next row or with a panel further left.
            for (row, lines) in tile.iter().enumerate() {
                for (line, register) in lines.iter().enumerate() {
                    let at = (self.i0 + row) * self.n + self.j0 + line * LANES;
                    register.line().store_spilling(self.c, at);
                }
            }
            self.i0 += ROWS;
        }
    }

    /// The rows of A from `i0`, in these columns, times the panel.
    #[inline(always)]
    fn multiply<const ROWS: usize>(&self, columns: impl Iterator<Item = usize>) -> [[R; LINES]; ROWS] {
        let Factor { values, row_stride, column_stride } = self.a;
        let depth = self.b.rows();
        let mut sums = [self.start; ROWS];
        if column_stride == 1 {
            let mut rows = [values; ROWS];
            for (row, values) in rows.iter_mut().enumerate() {
                *values = &values[(self.i0 + row) * row_stride..][..depth];
            }
            for k in columns {
                add_row(&mut sums, self.b.row(k), |row| rows[row][k]);
            }
        } else {
            for k in columns {
                let a = &values[k * column_stride + self.i0..][..ROWS];
                add_row(&mut sums, self.b.row(k), |row| a[row]);
            }
        }
        sums
    }
}

/// sums += a b^T, of a column of A and a row of B.
#[inline(always)]
fn add_row<R: Register, const LINES: usize, const ROWS: usize>(
    sums: &mut [[R; LINES]; ROWS],
    b: [R; LINES],
    a: impl Fn(usize) -> Real,
) {
    for (row, sums) in sums.iter_mut().enumerate() {
        let a = R::splat(a(row));
        for (sum, b) in sums.iter_mut().zip(b) {
            *sum = sum.add_product(a, b);
        }
    }
}

/// Copies `columns` columns of B from `j0` on into `panel`. What stands behind the last column is of no consequence.
#[inline(always)]
fn pack<R: Register, const LINES: usize>(b: Factor<'_>, j0: usize, columns: usize, panel: &mut [[Line; LINES]]) {
    if b.column_stride == 1 {
        for (k, row) in panel.iter_mut().enumerate() {
            for (line, lanes) in row.iter_mut().enumerate() {
                *lanes = load::<R>(&b.values[k * b.row_stride + j0 + line * LANES..]).line();
            }
        }
        return;
    }
    for line in 0..LINES {
        let lanes = columns.saturating_sub(line * LANES).min(LANES);
        let at = |lane: usize, k: usize| (j0 + line * LANES + lane) * b.column_stride + k;
        for (block, rows) in panel.chunks_mut(LANES).enumerate() {
            let k0 = block * LANES;
            if lanes == LANES && rows.len() == LANES {
                let mut square = [R::splat(0.0); LANES];
                for (lane, line) in square.iter_mut().enumerate() {
                    *line = load(&b.values[at(lane, k0)..]);
                }
                transpose(&mut square);
                for (row, lanes) in rows.iter_mut().zip(&square) {
                    row[line] = lanes.line();
                }
            } else {
                for lane in 0..lanes {
                    for (row, value) in rows.iter_mut().zip(&b.values[at(lane, k0)..]) {
                        row[line].0[lane] = *value;
                    }
                }
            }
        }
    }
}
