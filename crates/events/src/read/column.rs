//! The values of a series, one after the other: numbers, or the places of other values.

use std::{collections::HashMap, ops::Range};

use super::{
    numbers::{Numbers, Point},
    places::Places,
};

/// The values of a series.
#[derive(Debug)]
pub(crate) enum Column {
    Numbers(Numbers),
    Places(Places),
}

impl Column {
    pub(crate) fn len(&self) -> usize {
        match self {
            Column::Numbers(numbers) => numbers.len(),
            Column::Places(places) => places.len(),
        }
    }

    pub(crate) fn ends(&self) -> Option<(i64, i64)> {
        match self {
            Column::Numbers(numbers) => numbers.ends(),
            Column::Places(places) => places.ends(),
        }
    }

    /// Steps and wall times.
    pub(crate) fn steps(&self, range: Range<usize>) -> Vec<(i64, f64)> {
        match self {
            Column::Numbers(numbers) => {
                numbers.points(range).iter().map(|point| (point.step, point.wall_time)).collect()
            }
            Column::Places(places) => places.places(range).iter().map(|place| (place.step, place.wall_time)).collect(),
        }
    }

    pub(crate) fn like(&self) -> Column {
        match self {
            Column::Numbers(_) => Column::Numbers(Numbers::default()),
            Column::Places(_) => Column::Places(Places::default()),
        }
    }

    /// Adds the values of another column of the same sort that stand at these indices.
    pub(crate) fn take(&mut self, from: &Column, indices: &[usize]) {
        match (self, from) {
            (Column::Numbers(numbers), Column::Numbers(from)) => {
                let (all, integers) = (from.points(0..from.len()), from.integers(0..from.len()));
                let integers: HashMap<usize, i128> = integers.iter().copied().collect();
                let points: Vec<Point> = indices.iter().map(|&index| all[index]).collect();
                let places = indices.iter().enumerate().filter(|_| !integers.is_empty());
                let integers: Vec<(usize, i128)> =
                    places.filter_map(|(place, index)| Some((place, *integers.get(index)?))).collect();
                numbers.extend(&points, &integers);
            }
            (Column::Places(places), Column::Places(from)) => {
                let all = from.places(0..from.len());
                places.extend(indices.iter().map(|&index| all[index]));
            }
            _ => unreachable!("columns of one series are of one sort"),
        }
    }

    /// The index ranges within which steps do not fall.
    pub(crate) fn segments(&self) -> Vec<Range<usize>> {
        let (turns, len) = match self {
            Column::Numbers(numbers) => (numbers.turns(), numbers.len()),
            Column::Places(places) => (places.turns(), places.len()),
        };
        let starts = std::iter::once(0).chain(turns.iter().copied());
        let ends = turns.iter().copied().chain(std::iter::once(len));
        starts.zip(ends).map(|(start, end)| start..end).filter(|segment| !segment.is_empty()).collect()
    }
}

/// The values that were void before and those at these indices of a column, by step and wall time. None if there are
/// none.
pub(crate) fn voided(before: Option<&Column>, column: &Column, indices: &[usize]) -> Option<Column> {
    if before.is_none() && indices.is_empty() {
        return None;
    }
    let mut all = column.like();
    if let Some(before) = before {
        all.take(before, &(0..before.len()).collect::<Vec<_>>());
    }
    all.take(column, indices);
    let stamps = all.steps(0..all.len());
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|&a, &b| stamps[a].0.cmp(&stamps[b].0).then(stamps[a].1.total_cmp(&stamps[b].1)));
    let mut sorted = all.like();
    sorted.take(&all, &order);
    Some(sorted)
}
