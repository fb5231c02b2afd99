//! A picture of a scalar series: what a curve looks like when a pixel holds many points.
//!
//! A line through the first, smallest, largest and last value of every column of pixels covers the same pixels as one
//! through all points (Jugel and others, "M4: a visualization-oriented time series data aggregation", VLDB 2014). So one
//! spike in a million points is always seen.

use std::ops::RangeInclusive;

use super::{
    numbers::{NumberBlock, Numbers, Point},
    packed::BLOCK,
};

/// The points of one segment of a series that fall into one column of pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pixel {
    /// Which column, from 0.
    pub column: u32,
    /// Which segment, from 0: a new one begins wherever a step is smaller than the one before.
    pub segment: u32,
    /// How many points.
    pub count: u64,
    /// How many of them are NaN.
    pub nans: u64,
    /// The first.
    pub first: Point,
    /// The last.
    pub last: Point,
    /// Smallest value but NaN, infinities included; plus infinity if all are NaN.
    pub min: f64,
    /// Largest value but NaN, infinities included; minus infinity if all are NaN.
    pub max: f64,
}

impl Pixel {
    fn new(column: u32, segment: u32, point: Point) -> Self {
        let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut pixel = Pixel { column, segment, count: 0, nans: 0, first: point, last: point, min, max };
        pixel.add(point);
        pixel
    }

    fn add(&mut self, point: Point) {
        self.count += 1;
        self.nans += u64::from(point.value.is_nan());
        self.last = point;
        if point.value < self.min {
            self.min = point.value;
        }
        if point.value > self.max {
            self.max = point.value;
        }
    }
}

/// Where the columns of pixels begin and end.
struct Grid {
    low: i64,
    high: i64,
    columns: u32,
}

impl Grid {
    fn contains(&self, step: i64) -> bool {
        (self.low..=self.high).contains(&step)
    }

    /// The column of a step inside.
    fn column(&self, step: i64) -> u32 {
        let steps = (i128::from(self.high) - i128::from(self.low) + 1).cast_unsigned();
        let steps_before = (i128::from(step) - i128::from(self.low)).cast_unsigned();
        // Both factors are at most 2^64 and 2^32; the quotient is less than `columns`.
        (steps_before * u128::from(self.columns) / steps) as u32
    }

    /// The last step of a column.
    fn last_step(&self, column: u32) -> i64 {
        let steps = (i128::from(self.high) - i128::from(self.low) + 1).cast_unsigned();
        let before = (u128::from(column + 1) * steps).div_ceil(u128::from(self.columns));
        // At least `low` and at most `high`: a column that no step falls into is never asked for.
        (i128::from(self.low) + before.cast_signed() - 1) as i64
    }
}

/// Draws from left to right.
struct Brush<'a> {
    grid: Grid,
    pixels: Vec<Pixel>,
    segment: u32,
    last_step: i64,
    /// The last step that belongs to the last pixel. None: the next point begins a new one.
    until: Option<i64>,
    /// The block that ends the last pixel, if it was not looked into.
    absorbed: Option<&'a NumberBlock>,
}

impl<'a> Brush<'a> {
    /// Goes on to a step, and to the next segment if it is smaller than the last.
    fn move_to(&mut self, step: i64) {
        if step < self.last_step {
            self.segment += 1;
            self.until = None;
        }
        self.last_step = step;
    }

    fn add(&mut self, point: Point) {
        self.move_to(point.step);
        if !self.grid.contains(point.step) {
            return;
        }
        if let (Some(pixel), Some(until)) = (self.pixels.last_mut(), self.until)
            && point.step <= until
        {
            pixel.add(point);
            self.absorbed = None;
        } else {
            self.finish();
            let column = self.grid.column(point.step);
            self.pixels.push(Pixel::new(column, self.segment, point));
            self.until = Some(self.grid.last_step(column));
        }
    }

    /// Takes a block in whole, if that can be done without looking into it.
    fn absorb(&mut self, block: &'a NumberBlock) -> bool {
        let summary = block.summary;
        if !summary.ascending {
            return false;
        }
        if summary.last_step < self.grid.low || summary.first_step > self.grid.high {
            self.move_to(summary.first_step);
            self.move_to(summary.last_step);
            return true;
        }
        let (Some(pixel), Some(until)) = (self.pixels.last_mut(), self.until) else { return false };
        if summary.first_step < self.last_step || summary.last_step > until {
            return false;
        }
        pixel.count += BLOCK as u64;
        pixel.nans += u64::from(summary.nans);
        pixel.min = pixel.min.min(summary.min);
        pixel.max = pixel.max.max(summary.max);
        self.absorbed = Some(block);
        self.last_step = summary.last_step;
        true
    }

    /// Nothing is added to the last pixel any more.
    fn finish(&mut self) {
        if let (Some(block), Some(pixel)) = (self.absorbed.take(), self.pixels.last_mut()) {
            pixel.last = block.points()[BLOCK - 1];
        }
    }
}

/// At most one pixel for each of `columns` columns and each segment, in the order of the points. Columns without a point
/// have none. The columns divide `steps` evenly.
pub(crate) fn draw(numbers: &Numbers, steps: RangeInclusive<i64>, columns: u32) -> Vec<Pixel> {
    let (low, high) = steps.into_inner();
    if low > high || columns == 0 {
        return Vec::new();
    }
    let grid = Grid { low, high, columns };
    let mut brush = Brush { grid, pixels: Vec::new(), segment: 0, last_step: i64::MIN, until: None, absorbed: None };
    for block in numbers.blocks() {
        if !brush.absorb(block) {
            block.points().into_iter().for_each(|point| brush.add(point));
        }
    }
    numbers.open().iter().for_each(|&point| brush.add(point));
    brush.finish();
    brush.pixels
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::read::numbers::tests::points;

    /// The same, point by point.
    fn slowly(points: &[Point], low: i64, high: i64, columns: u32) -> Vec<Pixel> {
        let mut pixels: Vec<Pixel> = Vec::new();
        let mut segment = 0;
        for (i, point) in points.iter().enumerate() {
            if i > 0 && point.step < points[i - 1].step {
                segment += 1;
            }
            if point.step < low || point.step > high {
                continue;
            }
            let column = ((point.step - low) as u64 * u64::from(columns) / (high - low + 1) as u64) as u32;
            match pixels.last_mut() {
                Some(pixel) if (pixel.column, pixel.segment) == (column, segment) => pixel.add(*point),
                _ => pixels.push(Pixel::new(column, segment, *point)),
            }
        }
        pixels
    }

    proptest! {
        #[test]
        fn pixels_are_those_of_all_points(all in points(1500), low in -200i64..500, steps in 1i64..3000, columns in 1u32..40) {
            let mut numbers = Numbers::default();
            numbers.extend(&all, &[]);
            let found = draw(&numbers, low..=low + steps - 1, columns);
            let expected = slowly(&all, low, low + steps - 1, columns);
            // NaN is not equal to itself, and may be a value.
            prop_assert_eq!(format!("{found:?}"), format!("{expected:?}"));
        }
    }

    #[test]
    fn one_spike_in_a_million_points_is_seen() {
        let spike = 777_777;
        let value = |step| if step == spike { 1e6 } else { 0.0 };
        let all: Vec<Point> = (0..1_000_000).map(|step| Point { step, wall_time: 0.0, value: value(step) }).collect();
        let mut numbers = Numbers::default();
        numbers.extend(&all, &[]);
        let pixels = draw(&numbers, 0..=999_999, 1000);
        assert_eq!(pixels.len(), 1000);
        let seen: Vec<u32> = pixels.iter().filter(|pixel| pixel.max == 1e6).map(|pixel| pixel.column).collect();
        assert_eq!(seen, [777]);
        assert_eq!(pixels.iter().map(|pixel| pixel.count).sum::<u64>(), 1_000_000);
    }

    #[test]
    fn the_whole_range_of_steps_can_be_drawn() {
        let point = |step| Point { step, wall_time: 0.0, value: 1.0 };
        let mut numbers = Numbers::default();
        numbers.extend(&[point(i64::MIN), point(0), point(i64::MAX)], &[]);
        let columns: Vec<u32> = draw(&numbers, i64::MIN..=i64::MAX, 100).iter().map(|pixel| pixel.column).collect();
        assert_eq!(columns, [0, 50, 99]);
    }
}
