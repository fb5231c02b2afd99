//! The same quantity under several tags.

use crate::Series;

/// Series of one quantity, by the tag that each was recorded under: `train_loss_step` and `train_loss_epoch` are both the
/// loss. They are not mixed; one is looked at.
#[derive(Debug, Clone, Default)]
pub(super) struct Candidates {
    /// In the order of the tags. Nearly always there is one: a tree would hold room for eleven, of every quantity of every
    /// layer.
    by_tag: Vec<(String, Series)>,
}

impl Candidates {
    pub(super) fn extend(&mut self, tag: &str, points: impl IntoIterator<Item = (i64, f64)>) {
        let place = self.by_tag.binary_search_by(|(known, _)| known.as_str().cmp(tag)).unwrap_or_else(|place| {
            self.by_tag.reserve_exact(1);
            self.by_tag.insert(place, (tag.to_owned(), Series::default()));
            place
        });
        self.by_tag[place].1.extend(points);
    }

    /// The one with most numbers; of several the one with the shortest tag. It does not matter in which order they came.
    pub(super) fn best(&self) -> Option<&Series> {
        let mut best: Option<(&String, &Series)> = None;
        for (tag, series) in &self.by_tag {
            let better = best.is_none_or(|(of, known)| {
                series.len() > known.len() || series.len() == known.len() && tag.len() < of.len()
            });
            if better {
                best = Some((tag, series));
            }
        }
        best.map(|(_, series)| series).filter(|series| !series.is_empty())
    }

    /// How many tags there are.
    pub(super) fn count(&self) -> usize {
        self.by_tag.len()
    }

    /// What was known at a step.
    pub(super) fn until(&self, step: i64) -> Self {
        let cut = |series: &Series| series.iter().take_while(|(at, _)| *at <= step).collect();
        Self { by_tag: self.by_tag.iter().map(|(tag, series)| (tag.clone(), cut(series))).collect() }
    }
}
