//! The order of the values of a series, and which of them count.
//!
//! The order depends on what the files hold, and not on when it was read:
//!
//! 1. A session start (`SessionLog.START`) with a step voids the values of that step and above that stand before it: in
//!    its own file, or in files whose names sort before that file's. Void values are kept apart, in no segment.
//! 2. The other values of a file are cut into strands: a strand ends where the step falls.
//! 3. Strands of different files that overlap in wall time were written at the same time, by workers that share a
//!    folder. They are one segment.
//! 4. A strand that begins after the others ended, at a step that is not below theirs, continues their segment. If it
//!    begins at a lower step, training went back: a new segment begins.
//! 5. Within a segment, values stand by step; at the same step by wall time; within a file as they stand in it. The last
//!    value of a series is therefore the last one of its last segment.

use std::{collections::BTreeMap, ops::Range};

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) struct Origin {
    /// Which of the run's files.
    pub(crate) file: u32,
    /// How many sessions that file had begun before the value.
    pub(crate) session: u32,
}

/// The origins of the values of a series, in stretches. Nearly all series have one.
#[derive(Debug, Default)]
pub(crate) struct Origins {
    first: Origin,
    /// Where another stretch begins.
    later: Vec<(usize, Origin)>,
}

impl Origins {
    /// Says that the values from index `at` on, which is the end so far, have this origin.
    pub(crate) fn begin(&mut self, at: usize, origin: Origin) {
        if at == 0 {
            self.first = origin;
            return;
        }
        // A stretch without values.
        if self.later.last().is_some_and(|(start, _)| *start == at) {
            self.later.pop();
        }
        if self.last() != origin {
            self.later.push((at, origin));
        }
    }

    /// The origin of the last value.
    pub(crate) fn last(&self) -> Origin {
        self.later.last().map_or(self.first, |(_, origin)| *origin)
    }

    /// Whether any value is of this file.
    pub(crate) fn include(&self, file: u32) -> bool {
        self.first.file == file || self.later.iter().any(|(_, origin)| origin.file == file)
    }

    /// The stretches of a series of `len` values.
    pub(crate) fn stretches(&self, len: usize) -> impl Iterator<Item = (Range<usize>, Origin)> + '_ {
        let starts = std::iter::once((0, self.first)).chain(self.later.iter().copied());
        let ends = self.later.iter().map(|(start, _)| *start).chain(std::iter::once(len));
        starts.zip(ends).map(|((start, origin), end)| (start..end, origin))
    }
}

/// The sessions that a file begins.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sessions {
    count: u32,
    /// The number and step of each start that no later one of the file makes redundant: steps ascend.
    starts: Vec<(u32, i64)>,
}

impl Sessions {
    /// How many there are.
    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// Adds one that begins at a step.
    pub(crate) fn begin(&mut self, step: i64) {
        self.count = self.count.saturating_add(1);
        while self.starts.last().is_some_and(|(_, before)| *before >= step) {
            self.starts.pop();
        }
        self.starts.push((self.count, step));
    }

    /// The lowest step at which one after the given number began.
    fn lowest_after(&self, session: u32) -> Option<i64> {
        self.starts.iter().find(|(number, _)| *number > session).map(|(_, step)| *step)
    }
}

/// What the sessions of a run void.
#[derive(Debug, Default)]
pub(crate) struct Purge {
    /// Of each file: its place in the order of names, its sessions, and the lowest start in the files behind it.
    files: Vec<(u32, Sessions, Option<i64>)>,
}

impl Purge {
    /// Of files with these ranks and sessions.
    pub(crate) fn new(files: Vec<(u32, Sessions)>) -> Self {
        let mut order: Vec<usize> = (0..files.len()).collect();
        order.sort_unstable_by_key(|&file| std::cmp::Reverse(files[file].0));
        let mut files: Vec<_> = files.into_iter().map(|(rank, sessions)| (rank, sessions, None)).collect();
        let mut lowest: Option<i64> = None;
        for file in order {
            files[file].2 = lowest;
            lowest = lowest.into_iter().chain(files[file].1.lowest_after(0)).min();
        }
        Purge { files }
    }

    /// The step from which on values of an origin are void.
    fn limit(&self, origin: Origin) -> Option<i64> {
        let (_, sessions, behind) = self.files.get(origin.file as usize)?;
        sessions.lowest_after(origin.session).into_iter().chain(*behind).min()
    }

    fn rank(&self, file: u32) -> u32 {
        self.files.get(file as usize).map_or(file, |(rank, ..)| *rank)
    }
}

/// A value's place in time. A wall time that is not a number counts as the end of time.
pub(crate) fn time(wall_time: f64) -> f64 {
    if wall_time.is_nan() { f64::INFINITY } else { wall_time }
}

/// The values of a series, as indices.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arrangement {
    /// Those that count, in order.
    pub(crate) current: Vec<usize>,
    /// Those that are void, in the order given.
    pub(crate) void: Vec<usize>,
}

impl Arrangement {
    /// Whether it leaves everything as it was.
    pub(crate) fn is_identity(&self) -> bool {
        self.void.is_empty() && self.current.iter().enumerate().all(|(place, &index)| place == index)
    }
}

/// Values of one file whose steps do not fall.
#[derive(Debug)]
struct Strand {
    file: u32,
    rank: u32,
    /// When it began and ended.
    wall: (f64, f64),
    /// When it began; not before the strand before it in its file did.
    begins: f64,
    values: Vec<usize>,
}

impl Strand {
    fn overlaps(&self, other: &Strand) -> bool {
        self.file != other.file && self.wall.0 < other.wall.1 && other.wall.0 < self.wall.1
    }
}

/// Strands of one segment.
#[derive(Debug, Default)]
struct Group {
    strands: Vec<Strand>,
    /// The highest step.
    last_step: i64,
}

/// Arranges values, of which step, wall time and origin are given; those of a file in its order. `voids`: session starts
/// void them.
pub(crate) fn arrange(values: &[(i64, f64, Origin)], purge: &Purge, voids: bool) -> Arrangement {
    let mut arrangement = Arrangement::default();
    let mut files: BTreeMap<(u32, u32), Vec<usize>> = BTreeMap::new();
    let (mut known, mut limit) = (None, None);
    for (index, &(step, _, origin)) in values.iter().enumerate() {
        if known != Some(origin) {
            known = Some(origin);
            limit = purge.limit(origin).filter(|_| voids);
        }
        if limit.is_some_and(|limit| step >= limit) {
            arrangement.void.push(index);
        } else {
            files.entry((purge.rank(origin.file), origin.file)).or_default().push(index);
        }
    }
    let mut strands: Vec<Strand> =
        files.into_iter().flat_map(|(key, indices)| strands(key, &indices, values)).collect();
    // Stable: at the same time by file, and within a file as they stand in it.
    strands.sort_by(|a, b| a.begins.total_cmp(&b.begins));
    for group in groups(strands, values) {
        merge(group, values, &mut arrangement.current);
    }
    arrangement
}

/// Cuts the values of a file where the step falls.
fn strands((rank, file): (u32, u32), indices: &[usize], values: &[(i64, f64, Origin)]) -> Vec<Strand> {
    let (mut strands, mut begins) = (Vec::new(), f64::NEG_INFINITY);
    for strand in indices.chunk_by(|&a, &b| values[a].0 <= values[b].0) {
        let times = strand.iter().map(|&index| time(values[index].1));
        let wall = times.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)));
        begins = wall.0.max(begins);
        strands.push(Strand { file, rank, wall, begins, values: strand.to_vec() });
    }
    strands
}

/// Puts strands, in order of time, into segments.
fn groups(strands: Vec<Strand>, values: &[(i64, f64, Origin)]) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for strand in strands {
        let step = |index: Option<&usize>| index.map_or(i64::MIN, |&index| values[index].0);
        let (first, last) = (step(strand.values.first()), step(strand.values.last()));
        let joins = groups.last().is_some_and(|group| {
            let is_beside = group.strands.iter().any(|other| other.overlaps(&strand))
                && group.strands.iter().all(|other| other.file != strand.file);
            is_beside || first >= group.last_step
        });
        if !joins {
            groups.push(Group { strands: Vec::new(), last_step: last });
        }
        if let Some(group) = groups.last_mut() {
            group.last_step = group.last_step.max(last);
            group.strands.push(strand);
        }
    }
    groups
}

/// Appends the values of a segment in order.
fn merge(group: Group, values: &[(i64, f64, Origin)], order: &mut Vec<usize>) {
    let start = order.len();
    let mut keyed: Vec<(i64, f64, u32, usize)> = Vec::new();
    for strand in group.strands {
        // Within a file, the order of the file is the order of time, whatever the clock says.
        let mut latest = f64::NEG_INFINITY;
        keyed.extend(strand.values.iter().map(|&index| {
            latest = latest.max(time(values[index].1));
            (values[index].0, latest, strand.rank, index)
        }));
    }
    keyed.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.cmp(&b.2)));
    order.extend(keyed.into_iter().map(|(.., index)| index));
    debug_assert!(order[start..].is_sorted_by_key(|&index| values[index].0));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(step: i64, wall_time: f64, file: u32) -> (i64, f64, Origin) {
        (step, wall_time, Origin { file, session: 0 })
    }

    /// Steps in order, and where they fall.
    fn steps(values: &[(i64, f64, Origin)]) -> Vec<i64> {
        arrange(values, &Purge::default(), true).current.iter().map(|&index| values[index].0).collect()
    }

    #[test]
    fn workers_that_take_turns_make_one_segment_in_order_of_steps() {
        let first = [1, 3, 5, 7, 9].map(|step| value(step, step as f64, 0));
        let second = [2, 4, 6, 8].map(|step| value(step, step as f64, 1));
        assert_eq!(steps(&[&first[..], &second].concat()), (1..=9).collect::<Vec<_>>());
        // Whichever was found first, and whatever the clocks of two machines say.
        assert_eq!(steps(&[&second[..], &first].concat()), (1..=9).collect::<Vec<_>>());
        let late = second.map(|(step, time, origin)| (step, time + 1.5, origin));
        assert_eq!(steps(&[&first[..], &late].concat()), (1..=9).collect::<Vec<_>>());
    }

    #[test]
    fn a_file_that_begins_later_at_a_lower_step_is_a_segment_of_its_own() {
        let before = [0, 1, 2, 3].map(|step| value(step, step as f64, 0));
        let after = [2, 3, 4].map(|step| value(step, 10.0 + step as f64, 1));
        assert_eq!(steps(&[&before[..], &after].concat()), [0, 1, 2, 3, 2, 3, 4]);
        // Also if it was found first.
        assert_eq!(steps(&[&after[..], &before].concat()), [0, 1, 2, 3, 2, 3, 4]);
    }

    #[test]
    fn workers_that_go_back_together_begin_one_segment() {
        let values = [
            [0, 2].map(|step| value(step, step as f64, 0)),
            [0, 2].map(|step| value(step, 10.0 + step as f64, 0)),
            [1, 3].map(|step| value(step, step as f64, 1)),
            [1, 3].map(|step| value(step, 10.0 + step as f64, 1)),
        ];
        assert_eq!(steps(&values.concat()), [0, 1, 2, 3, 0, 1, 2, 3]);
    }

    #[test]
    fn files_without_a_clock_follow_each_other_by_name() {
        let values = [value(0, 0.0, 0), value(5, 0.0, 0), value(3, 0.0, 1), value(6, 0.0, 1)];
        assert_eq!(steps(&values), [0, 5, 3, 6]);
        let values = values.map(|(step, _, origin)| (step, f64::NAN, origin));
        assert_eq!(steps(&values), [0, 5, 3, 6]);
    }

    #[test]
    fn values_at_one_step_stand_by_wall_time_and_within_a_file_as_they_are() {
        let values = [value(1, 5.0, 0), value(1, 4.0, 0), value(1, 9.0, 0), value(1, 7.0, 1), value(2, 8.0, 1)];
        let order = arrange(&values, &Purge::default(), true).current;
        assert_eq!(order, [0, 1, 3, 2, 4]);
    }

    #[test]
    fn a_session_voids_what_stands_before_it_and_no_more() {
        let mut sessions = Sessions::default();
        sessions.begin(3);
        let of = |step, file, session| (step, 0.0, Origin { file, session });
        // File 0 sorts behind file 1, which begins a session after its first two values.
        let purge = Purge::new(vec![(1, Sessions::default()), (0, sessions)]);
        let values = [of(2, 1, 0), of(3, 1, 0), of(3, 1, 1), of(4, 0, 0)];
        assert_eq!(arrange(&values, &purge, true), Arrangement { current: vec![0, 2, 3], void: vec![1] });
    }

    #[test]
    fn the_lowest_of_the_sessions_that_follow_counts() {
        let mut sessions = Sessions::default();
        for step in [9, 4, 6, 7, 5] {
            sessions.begin(step);
        }
        let lowest: Vec<_> = (0..=5).map(|session| sessions.lowest_after(session)).collect();
        assert_eq!(lowest, [Some(4), Some(4), Some(5), Some(5), Some(5), None]);
        assert_eq!(sessions.starts.len(), 2, "redundant starts are forgotten");
    }

    proptest! {
        #[test]
        fn the_order_does_not_depend_on_what_was_found_first(
            files in prop::collection::vec(prop::collection::vec((0i64..9, 0u32..30), 0..12), 0..4),
            picks in prop::collection::vec(0usize..4, 48),
        ) {
            let mut queues: Vec<Vec<_>> = (0u32..).zip(&files).map(|(file, values)| {
                values.iter().map(|&(step, wall)| value(step, f64::from(wall), file)).collect()
            }).collect();
            let anew: Vec<_> = queues.concat();
            let mut watched = Vec::new();
            for pick in picks.into_iter().chain((0..4).flat_map(|file| [file; 12])) {
                if let Some(queue) = queues.get_mut(pick) && !queue.is_empty() {
                    watched.push(queue.remove(0));
                }
            }
            let ordered = |values: &[(i64, f64, Origin)]| -> Vec<_> {
                arrange(values, &Purge::default(), true).current.into_iter().map(|index| values[index]).collect()
            };
            prop_assert_eq!(ordered(&anew), ordered(&watched));
            // What is in order stays as it is.
            let again = ordered(&ordered(&anew));
            prop_assert_eq!(again, ordered(&anew));
        }
    }
}
