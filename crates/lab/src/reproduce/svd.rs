//! Singular values of small matrices: one-sided Jacobi (Hestenes, 1958).

/// A square matrix, as its columns.
pub(super) type Columns = Vec<Vec<f64>>;

/// Cosines of two columns below this count as a right angle.
const RIGHT_ANGLE: f64 = 1e-13;
const SWEEPS: usize = 60;

/// The singular values, largest first. Rotates pairs of columns until all stand at right angles to each other; their
/// lengths are then the singular values, the small ones as precise as the large ones.
pub(super) fn singular_values(mut columns: Columns) -> Vec<f64> {
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    for _ in 0..SWEEPS {
        let mut turned = false;
        for j in 1..columns.len() {
            let (left, right) = columns.split_at_mut(j);
            let b = &mut right[0];
            for a in left {
                let (aa, bb, ab) = (dot(a, a), dot(b, b), dot(a, b));
                if ab == 0.0 || ab.abs() <= RIGHT_ANGLE * (aa * bb).sqrt() {
                    continue;
                }
                turned = true;
                // The smaller of the two angles that make the new a.b = 0.
                let cot_2 = (bb - aa) / (2.0 * ab);
                let tan = cot_2.signum() / (cot_2.abs() + cot_2.hypot(1.0));
                let cos = 1.0 / tan.hypot(1.0);
                let sin = cos * tan;
                for (a, b) in a.iter_mut().zip(b.iter_mut()) {
                    (*a, *b) = (cos * *a - sin * *b, sin * *a + cos * *b);
                }
            }
        }
        if !turned {
            break;
        }
    }
    let mut values: Vec<f64> = columns.iter().map(|column| dot(column, column).sqrt()).collect();
    values.sort_by(|a, b| b.total_cmp(a));
    values
}

/// `x W` of every column x, for W `[size, size]`, row-major.
pub(super) fn times(columns: &Columns, weights: &[f32]) -> Columns {
    let product = |x: &Vec<f64>| {
        let mut y = vec![0.0; x.len()];
        for (x, row) in x.iter().zip(weights.chunks_exact(y.len())) {
            y.iter_mut().zip(row).for_each(|(y, w)| *y += x * f64::from(*w));
        }
        y
    };
    columns.iter().map(product).collect()
}

/// The unit matrix.
pub(super) fn unit(size: usize) -> Columns {
    (0..size).map(|i| (0..size).map(|j| f64::from(u8::from(i == j))).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singular_values_of_known_matrices() {
        let close = |found: Vec<f64>, expected: &[f64]| {
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() <= 1e-12 * expected.max(1.0), "{found} is not {expected}");
            }
        };
        close(singular_values(vec![vec![0.0, 2.0], vec![3.0, 0.0]]), &[3.0, 2.0]);
        // [[1, 1], [0, 1]]: the golden ratio and its inverse.
        let golden = f64::midpoint(1.0, 5.0_f64.sqrt());
        close(singular_values(vec![vec![1.0, 0.0], vec![1.0, 1.0]]), &[golden, 1.0 / golden]);
        close(singular_values(vec![vec![1.0, 2.0], vec![2.0, 4.0]]), &[5.0, 0.0]);
    }

    #[test]
    fn their_squares_add_up_to_those_of_the_entries_and_their_product_is_the_determinant() {
        let matrix = vec![vec![2.0, -1.0, 0.5], vec![0.3, 1.7, -2.2], vec![1.1, 0.4, 0.9]];
        let squares: f64 = matrix.iter().flatten().map(|m| m * m).sum();
        let [a, b, c] = [&matrix[0], &matrix[1], &matrix[2]];
        let determinant = a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0])
            + a[2] * (b[0] * c[1] - b[1] * c[0]);
        let values = singular_values(matrix);
        assert!((values.iter().map(|s| s * s).sum::<f64>() - squares).abs() < 1e-12);
        assert!((values.iter().product::<f64>() - determinant.abs()).abs() < 1e-12);
    }
}
