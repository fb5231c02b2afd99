//! Chance level: the loss of a guess that knows the class frequencies and does not look at the input.

use headwater_nn::Loss;

/// The lowest loss, over these labels of `classes` classes, of any answer that is the same for all inputs.
///
/// With class frequencies p and C classes: for cross-entropy, the entropy -sum p ln p, in nats; for the squared error
/// of one-hot targets, sum p (1 - p) / C.
pub(crate) fn chance_loss(labels: &[u32], classes: usize, loss: Loss) -> f64 {
    let mut counts = vec![0_u64; classes];
    for label in labels {
        counts[*label as usize] += 1;
    }
    let frequencies = counts.iter().filter(|count| **count > 0).map(|count| *count as f64 / labels.len() as f64);
    match loss {
        Loss::SoftmaxCrossEntropy => frequencies.map(|p| -p * p.ln()).sum::<f64>().max(0.0),
        Loss::MeanSquaredError => frequencies.map(|p| p * (1.0 - p)).sum::<f64>() / classes as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_is_the_cost_of_the_best_answer_that_is_always_the_same() {
        for (labels, entropy, squared) in [
            ([0, 1, 2, 3], 4.0_f64.ln(), 0.1875),
            // The answer (3/4, 1/4, 0, 0) has the squared error (3/16 + 3/16) / 4.
            ([0, 0, 0, 1], 0.75 * (4.0_f64 / 3.0).ln() + 0.25 * 4.0_f64.ln(), 0.09375),
            ([2, 2, 2, 2], 0.0, 0.0),
        ] {
            assert!((chance_loss(&labels, 4, Loss::SoftmaxCrossEntropy) - entropy).abs() < 1e-12, "{labels:?}");
            assert!((chance_loss(&labels, 4, Loss::MeanSquaredError) - squared).abs() < 1e-12, "{labels:?}");
        }
    }
}
