//! The product of two matrices.
//!
//! A panel of B, all its rows of a few columns, is packed into lines of the cache; then tiles of C, as many numbers as the
//! registers hold, take in the panel row by row. Nothing is allocated. Each number of C is summed from the first k to the
//! last, whatever the tile, so the shape of the tile does not change its bits.
//!
//! The matrices of a deep network do not all fit into the second cache, and their rows are too far apart for the processor to
//! guess which line is next. So a tile asks, while it multiplies, for what comes after it: its own lines of C, the next rows of
//! A, and the columns of B that the next panel will be packed from.

use super::Kernel;
use super::lanes::{LANES, Line};
use super::register::{Accumulator, NARROW, Register, load, transpose};
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

/// The columns of B that the next panel will be packed from. Each tile of this panel asks for a part: in a matrix as it is stored
/// for one line of each row, in a transpose, whose columns stand one after the other, for so many lines in sequence.
#[derive(Debug, Clone, Copy)]
struct NextPanel<'a> {
    values: &'a [Real],
    /// Numbers between the line that a tile asks for at one k and that at the next.
    step: usize,
    /// Numbers between the first lines of two tiles.
    part: usize,
    parts: usize,
}

impl Factor<'_> {
    /// Columns `begin` to `end` of this factor, which has `depth` rows.
    #[inline(always)]
    fn next_panel(&self, begin: usize, end: usize, depth: usize) -> NextPanel<'_> {
        if self.column_stride == 1 {
            // One more than it has lines: it may begin in the midst of one.
            let parts = if begin < end { (end - begin) / LANES + 1 } else { 0 };
            NextPanel { values: &self.values[begin..], step: self.row_stride, part: LANES, parts }
        } else {
            let values = &self.values[begin * self.column_stride..end * self.column_stride];
            let part = depth * LANES;
            NextPanel { values, step: LANES, part, parts: values.len().div_ceil(part) }
        }
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
            return self.columns::<R, R, _, 1>(0, InPlace { b: self.b.values, stride: self.b.row_stride, rows: k });
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
        if LINES == 1 && n - j0 <= NARROW {
            self.columns::<R, R::Narrow, _, LINES>(j0, &*panel);
        } else {
            self.columns::<R, R, _, LINES>(j0, &*panel);
        }
        self.scratch = scratch;
    }

    /// The columns of C from `j0` on, with their part of B.
    #[inline(always)]
    fn columns<R: Register, S: Accumulator, B: Panel<S, LINES>, const LINES: usize>(&mut self, j0: usize, b: B) {
        let [m, k, n] = self.sizes;
        if !self.column_sums.is_empty() {
            let mut sums = [S::splat(0.0); LINES];
            for row in 0..k {
                for (sum, values) in sums.iter_mut().zip(b.row(row)) {
                    *sum = sum.add_product(values, S::splat(1.0));
                }
            }
            for (sums, tail) in sums.iter().zip(self.column_sums[j0..].chunks_mut(LANES)) {
                tail.copy_from_slice(&sums.line().0[..tail.len()]);
            }
        }
        let mut start = [S::splat(0.0); LINES];
        if !self.bias.is_empty() {
            for (line, start) in start.iter_mut().enumerate() {
                *start = load(&self.bias[j0 + line * LANES..]);
            }
        }
        let next = self.b.next_panel(j0.saturating_sub(R::LINES * LANES), j0, k);
        let mut tiles = Tiles { m, n, a: self.a, nonzero: self.nonzero, b, next, start, i0: 0, j0, c: self.c };
        // Rows that share a list of columns must not be parted.
        let fits = |rows| self.nonzero.is_none_or(|nonzero| nonzero.group().is_multiple_of(rows));
        if R::ROWS == 8 && fits(8) {
            tiles.down::<R, 8>();
        }
        if R::ROWS == 6 && fits(6) {
            tiles.down::<R, 6>();
        }
        tiles.down::<R, 4>();
        tiles.down::<R, 2>();
        tiles.down::<R, 1>();
    }
}

/// All rows of a few columns of B.
trait Panel<S, const LINES: usize> {
    /// How many rows.
    fn rows(&self) -> usize;

    /// The columns of one row.
    fn row(&self, k: usize) -> [S; LINES];
}

/// A panel that was packed.
impl<S: Accumulator, const LINES: usize> Panel<S, LINES> for &[[Line; LINES]] {
    #[inline(always)]
    fn rows(&self) -> usize {
        self.len()
    }

    #[inline(always)]
    fn row(&self, k: usize) -> [S; LINES] {
        self[k].each_ref().map(|line| S::load(&line.0))
    }
}

/// A panel that is read where it stands.
struct InPlace<'a> {
    b: &'a [Real],
    stride: usize,
    rows: usize,
}

impl<S: Accumulator> Panel<S, 1> for InPlace<'_> {
    #[inline(always)]
    fn rows(&self) -> usize {
        self.rows
    }

    #[inline(always)]
    fn row(&self, k: usize) -> [S; 1] {
        [load(&self.b[k * self.stride..])]
    }
}

/// The way down a panel.
struct Tiles<'a, S, B, const LINES: usize> {
    m: usize,
    n: usize,
    a: Factor<'a>,
    nonzero: Option<Rows<'a>>,
    b: B,
    next: NextPanel<'a>,
    start: [S; LINES],
    /// The next row of C.
    i0: usize,
    j0: usize,
    c: &'a mut [Real],
}

impl<S: Accumulator, B: Panel<S, LINES>, const LINES: usize> Tiles<'_, S, B, LINES> {
    /// As many tiles of `ROWS` rows as there is room for.
    #[expect(clippy::needless_range_loop, reason = "a tile that is iterated over is put into memory first")]
    #[inline(always)]
    fn down<R: Register, const ROWS: usize>(&mut self) {
        while self.i0 + ROWS <= self.m {
            if LINES > 1 {
                for row in 0..ROWS {
                    let at = (self.i0 + row) * self.n + self.j0;
                    if let Some(row) = self.c.get(at..at + LINES * LANES) {
                        row.chunks(LANES).for_each(R::prefetch);
                    }
                }
            }
            let tile = match self.nonzero {
                None => self.multiply::<R, ROWS>((0..self.b.rows()).inspect(self.ask_for_next_panel::<R, ROWS>())),
                Some(rows) => self.multiply::<R, ROWS>(rows.of(self.i0).iter().map(|&column| column as usize)),
            };
            // Whole lines are written where they fit into C: what is beyond the end of a row is written again, with the
            // next row or with a panel further left.
            let mut rest = &mut self.c[self.i0 * self.n + self.j0..];
            for row in 0..ROWS {
                match rest.get_mut(..LINES * LANES) {
                    Some(whole) => {
                        let (lines, _) = whole.as_chunks_mut();
                        for line in 0..LINES {
                            tile[row][line].store(&mut lines[line]);
                        }
                    }
                    None => store_last(tile[row], rest),
                }
                rest = rest.get_mut(self.n..).unwrap_or_default();
            }
            self.i0 += ROWS;
        }
    }

    /// Asks for a line of this tile's part of the next panel at each k.
    #[inline(always)]
    fn ask_for_next_panel<R: Register, const ROWS: usize>(&self) -> impl Fn(&usize) {
        let NextPanel { values, step, part, parts } = self.next;
        let tile = self.i0 / ROWS;
        let values = if tile < parts { &values[(tile * part).min(values.len())..] } else { &[] };
        move |k| {
            if let Some(coming) = values.get(k * step..) {
                R::prefetch(coming);
            }
        }
    }

    /// The rows of A from `i0`, in these columns, times the panel.
    #[inline(always)]
    fn multiply<R: Register, const ROWS: usize>(&self, columns: impl Iterator<Item = usize>) -> [[S; LINES]; ROWS] {
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
            // In a narrow product the tiles are over before what was asked for has come.
            let ahead = if self.n > LANES { self.i0 + LANES } else { values.len() };
            for k in columns {
                let a = &values[k * column_stride + self.i0..][..ROWS];
                if let Some(coming) = values.get(k * column_stride + ahead..) {
                    R::prefetch(coming);
                }
                add_row(&mut sums, self.b.row(k), |row| a[row]);
            }
        }
        sums
    }
}

/// Writes a row of a tile near the end of C.
#[cold]
fn store_last<S: Accumulator, const LINES: usize>(sums: [S; LINES], rest: &mut [Real]) {
    for (sums, tail) in sums.into_iter().zip(rest.chunks_mut(LANES)) {
        tail.copy_from_slice(&sums.line().0[..tail.len()]);
    }
}

/// sums += a b^T, of a column of A and a row of B.
#[inline(always)]
fn add_row<S: Accumulator, const LINES: usize, const ROWS: usize>(
    sums: &mut [[S; LINES]; ROWS],
    b: [S; LINES],
    a: impl Fn(usize) -> Real,
) {
    for (row, sums) in sums.iter_mut().enumerate() {
        let a = S::splat(a(row));
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
