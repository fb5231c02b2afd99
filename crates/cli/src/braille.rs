//! A curve in braille characters, each of which holds two by four dots.

/// Dots across and down.
const WIDTH: usize = 76;
const HEIGHT: usize = 44;

/// The curve of `function` over `x`, in a window of `y`, with the axes where they fall inside.
pub(crate) fn curve(function: impl Fn(f32) -> f32, x: (f32, f32), y: (f32, f32)) -> Vec<String> {
    let column = |value: f32| (WIDTH - 1) as f32 * (value - x.0) / (x.1 - x.0);
    let row = |value: f32| (HEIGHT - 1) as f32 * (y.1 - value) / (y.1 - y.0);
    let mut canvas = Canvas::default();
    // Axes in every third dot, so that they stay behind the curve.
    for dot in (0..WIDTH).step_by(3) {
        canvas.set(dot as f32, row(0.0));
    }
    for dot in (0..HEIGHT).step_by(3) {
        canvas.set(column(0.0), dot as f32);
    }
    // Many samples to a column leave no gap where the curve is steep; a jump is a gap in truth.
    let samples = 16 * WIDTH;
    for sample in 0..=samples {
        let at = x.0 + (x.1 - x.0) * sample as f32 / samples as f32;
        canvas.set(column(at), row(function(at)));
    }
    canvas.lines()
}

struct Canvas([[u8; WIDTH.div_ceil(2)]; HEIGHT.div_ceil(4)]);

impl Default for Canvas {
    fn default() -> Self {
        Self([[0; WIDTH.div_ceil(2)]; HEIGHT.div_ceil(4)])
    }
}

impl Canvas {
    /// The bits of the dots of a character, by row and column: Unicode numbers the lowest row last.
    const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

    /// Sets the dot nearest to a place; what lies outside, or is NaN, is not drawn.
    fn set(&mut self, column: f32, row: f32) {
        let (column, row) = (column.round(), row.round());
        if (0.0..WIDTH as f32).contains(&column) && (0.0..HEIGHT as f32).contains(&row) {
            let (column, row) = (column as usize, row as usize);
            self.0[row / 4][column / 2] |= Self::BITS[row % 4][column % 2];
        }
    }

    fn lines(&self) -> Vec<String> {
        let character = |bits: &u8| char::from_u32(0x2800 + u32::from(*bits)).unwrap_or(' ');
        self.0.iter().map(|row| row.iter().map(character).collect()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rising_line_runs_from_the_lower_left_to_the_upper_right() {
        let lines = curve(|x| x, (1.0, 2.0), (1.0, 2.0));
        assert_eq!(lines.len(), 11);
        assert!(lines.iter().all(|line| line.chars().count() == 38));
        let blank = |row: usize, column: usize| lines[row].chars().nth(column) == Some('⠀');
        assert!(blank(0, 0) && blank(10, 37));
        assert!(!blank(0, 37) && !blank(10, 0) && !blank(5, 19));
    }

    #[test]
    fn what_is_not_a_number_or_outside_is_not_drawn() {
        let empty = |line: &String| line.chars().all(|character| character == '⠀');
        assert!(curve(|_| f32::NAN, (1.0, 2.0), (1.0, 2.0)).iter().all(empty));
        assert!(curve(|_| 9.0, (1.0, 2.0), (1.0, 2.0)).iter().all(empty));
    }
}
