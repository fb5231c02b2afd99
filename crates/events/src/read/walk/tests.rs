use proptest::prelude::*;

use super::*;
use crate::record;

/// What a walk finds: payloads with a good checksum, flaws as (offset, skipped), and the cursor.
#[derive(Debug, Default)]
struct Found {
    payloads: Vec<Vec<u8>>,
    flaws: Vec<(u64, u64)>,
    cursor: Cursor,
}

impl Found {
    /// Walks on to the end of `bytes`, in parts of `part` bytes.
    fn walk(&mut self, bytes: &[u8], part: u64, stalled: bool) {
        let limit = bytes.len() as u64;
        let mut end = self.cursor.at;
        while end < limit {
            end = (end + part).min(limit);
            let bounds = Bounds { end, limit, stalled };
            let (mut window, mut frames, mut flaws) = (Window::default(), Vec::new(), Vec::new());
            // As the threads do: the part is read before it is known where its first record begins.
            window.fill(bytes, end.saturating_sub(part), end).unwrap();
            walk(bytes, bounds, &mut self.cursor, &mut window, &mut frames, &mut flaws).unwrap();
            for frame in frames {
                match record::first(window.from(frame.offset)) {
                    record::Frame::Whole(payload) => self.payloads.push(payload.to_vec()),
                    record::Frame::BadPayload { size } => self.add(frame.offset, size as u64),
                    other => panic!("{other:?} at {}", frame.offset),
                }
            }
            for flaw in flaws {
                self.add(flaw.offset, flaw.skipped);
            }
            self.flaws.sort_unstable();
        }
    }

    /// As [`super::super::problem::Flaws`] does.
    fn add(&mut self, offset: u64, skipped: u64) {
        self.flaws.retain(|flaw| flaw.0 != offset);
        self.flaws.push((offset, skipped));
    }

    fn of(bytes: &[u8]) -> Self {
        let mut found = Found::default();
        found.walk(bytes, 1 << 20, true);
        found
    }
}

/// A file with these payloads, and where its records begin.
fn file(payloads: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
    let (mut bytes, mut starts) = (Vec::new(), Vec::new());
    for payload in payloads {
        starts.push(bytes.len());
        record::append(&mut bytes, |buffer| buffer.extend_from_slice(payload));
    }
    starts.push(bytes.len());
    (bytes, starts)
}

fn some_payloads() -> Vec<Vec<u8>> {
    [0, 1, 13, 40, 300, 7].iter().map(|&length| (0..length).map(|i: i32| (i * 7 + length) as u8).collect()).collect()
}

#[test]
fn a_file_cut_anywhere_gives_every_record_before_the_cut() {
    let payloads = some_payloads();
    let (bytes, starts) = file(&payloads);
    for cut in 0..=bytes.len() {
        let whole = starts.iter().filter(|&&start| start <= cut).count() - 1;
        let found = Found::of(&bytes[..cut]);
        assert_eq!(found.payloads, payloads[..whole], "cut at {cut}");
        assert_eq!(found.flaws, [], "cut at {cut}");
        assert_eq!(found.cursor.at, starts[whole] as u64, "cut at {cut}");
        assert_eq!(matches!(found.cursor.tail, Tail::Clean), starts[whole] == cut, "cut at {cut}");
    }
}

#[test]
fn a_file_that_grows_byte_by_byte_is_read_as_if_it_had_been_there() {
    let payloads = some_payloads();
    let (bytes, _) = file(&payloads);
    for stalled in [false, true] {
        let mut found = Found::default();
        for end in 0..=bytes.len() {
            found.walk(&bytes[..end], 1 << 20, stalled);
        }
        assert_eq!(found.payloads, payloads);
        assert_eq!(found.flaws, []);
    }
}

#[test]
fn a_flipped_byte_loses_its_record_and_no_other() {
    let payloads = some_payloads();
    let (bytes, starts) = file(&payloads);
    for flip in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[flip] ^= 0x40;
        let lost = starts.iter().filter(|&&start| start <= flip).count() - 1;
        let expected: Vec<_> =
            payloads.iter().enumerate().filter(|&(i, _)| i != lost).map(|(_, p)| p.clone()).collect();
        for part in [1 << 20, 64, 20] {
            let mut found = Found::default();
            found.walk(&bytes, part, true);
            assert_eq!(found.payloads, expected, "byte {flip} flipped, parts of {part}");
            let region = (starts[lost] as u64, (starts[lost + 1] - starts[lost]) as u64);
            if lost + 1 < payloads.len() || flip >= starts[lost] + HEADER {
                assert_eq!(found.flaws, [region], "byte {flip} flipped, parts of {part}");
            } else {
                // What the last record was, nobody can say: more may come that tells.
                assert!(matches!(found.cursor.tail, Tail::Lost { .. }), "byte {flip} flipped");
                assert_eq!(found.cursor.at, region.0);
            }
        }
    }
}

#[test]
fn bytes_that_go_missing_lose_their_record_and_no_other() {
    let payloads = some_payloads();
    let (bytes, starts) = file(&payloads);
    // Three bytes of the record of 40, then of the header of the record of 300.
    for gone in [starts[3] + HEADER + 5, starts[4] + 2] {
        let lost = starts.iter().filter(|&&start| start <= gone).count() - 1;
        let mut bytes = bytes.clone();
        bytes.drain(gone..gone + 3);
        let found = Found::of(&bytes);
        let expected: Vec<_> =
            payloads.iter().enumerate().filter(|&(i, _)| i != lost).map(|(_, p)| p.clone()).collect();
        assert_eq!(found.payloads, expected);
        assert_eq!(found.flaws, [(starts[lost] as u64, (starts[lost + 1] - starts[lost] - 3) as u64)]);
    }
}

#[test]
fn a_record_that_was_broken_off_does_not_hide_those_that_follow() {
    let payloads = some_payloads();
    let (rest, _) = file(&payloads);
    let (long, _) = file(&[vec![9; 5000]]);
    let (first, _) = file(&[vec![1]]);
    // As far as what follows, and beyond it.
    for broken in [20, 3000] {
        let bytes = [&first, &long[..broken], &rest[..]].concat();
        let mut expected = vec![vec![1]];
        expected.extend(payloads.clone());
        let found = Found::of(&bytes);
        assert_eq!(found.payloads, expected);
        assert_eq!(found.flaws, [(first.len() as u64, broken as u64)]);

        // While the file still grows, it might be a long record that is being written.
        let mut found = Found::default();
        found.walk(&bytes, 1 << 20, false);
        assert_eq!(found.payloads, [vec![1]]);
        assert!(matches!(found.cursor.tail, Tail::Unfinished { .. }));
        found.walk(&bytes, 1 << 20, true);
        assert_eq!(found.payloads, expected);

        // When it is longer than the broken record claims, there is no doubt.
        let more = [&bytes, &rest[..], &[0; 9000]].concat();
        expected.extend(payloads.clone());
        let mut found = Found::default();
        found.walk(&more, 1 << 20, false);
        assert_eq!(found.payloads, expected);
        assert_eq!(found.flaws, [(first.len() as u64, broken as u64)]);
    }
}

#[test]
fn a_record_that_comes_slowly_is_not_given_up() {
    let (bytes, _) = file(&[vec![3; 1000], vec![4]]);
    let mut found = Found::default();
    for end in [100, 100, 600, 600, bytes.len()] {
        found.walk(&bytes[..end], 1 << 20, true);
    }
    assert_eq!(found.payloads, [vec![3; 1000], vec![4]]);
    assert_eq!(found.flaws, []);
}

#[test]
fn a_header_that_claims_the_earth_is_skipped() {
    let length = (1u64 << 62).to_le_bytes();
    let mut bytes = length.to_vec();
    bytes.extend(crc::masked(&length).to_le_bytes());
    bytes.extend([7; 30]);
    let claim = bytes.len() as u64;
    bytes.extend(file(&[vec![5]]).0);
    let found = Found::of(&bytes);
    assert_eq!(found.payloads, [vec![5]]);
    assert_eq!(found.flaws, [(0, claim)]);
}

#[test]
fn zeros_are_no_records_but_may_become_some() {
    let payloads = some_payloads();
    let (bytes, starts) = file(&payloads);
    // A page that has not arrived yet, in the middle and at the end.
    let mut holed = bytes.clone();
    holed[starts[3]..].fill(0);
    let mut found = Found::of(&holed);
    assert_eq!(found.payloads, payloads[..3]);
    assert!(matches!(found.cursor.tail, Tail::Lost { .. }));
    found.walk(&bytes, 1 << 20, true);
    assert_eq!(found.payloads, payloads);
    assert_eq!(found.flaws, []);
}

#[test]
fn a_search_goes_on_where_it_ended() {
    let (record, _) = file(&[vec![8; 20]]);
    let mut bytes = vec![0xaa; 3 * STRIDE as usize];
    let mut found = Found::of(&bytes);
    assert!(matches!(found.cursor.tail, Tail::Lost { searched, .. } if searched > 3 * STRIDE - 20));
    // Cut within the record, so that the search meets its beginning and not its end.
    for end in 0..=record.len() {
        let grown = [&bytes, &record[..end]].concat();
        found.walk(&grown, 1 << 20, true);
    }
    assert_eq!(found.payloads, [vec![8; 20]]);
    assert_eq!(found.flaws, [(0, bytes.len() as u64)]);
    bytes.extend(record);
    assert_eq!(found.cursor.at, bytes.len() as u64);
}

#[test]
fn a_file_made_to_be_hard_to_read_takes_no_more_than_a_few_times_longer() {
    // Every header claims that its record reaches to the middle of the next ones, and none is good.
    let mut bytes = Vec::new();
    for _ in 0..20_000 {
        let length = 50_001u64.to_le_bytes();
        bytes.extend(length);
        bytes.extend(crc::masked(&length).to_le_bytes());
    }
    let found = Found::of(&bytes);
    assert!(found.cursor.reread <= 4 * bytes.len() as u64 + STRIDE + 60_000, "{} bytes", found.cursor.reread);
}

/// Counts the bytes that are read.
struct Counting<'b>(&'b [u8], std::sync::atomic::AtomicU64);

impl Source for Counting<'_> {
    fn read_some(&self, buffer: &mut [u8], offset: u64) -> std::io::Result<usize> {
        self.1.fetch_add(buffer.len() as u64, std::sync::atomic::Ordering::Relaxed);
        self.0.read_some(buffer, offset)
    }
}

#[test]
fn a_long_stretch_of_nothing_is_read_once_and_searched_in_bounded_pieces() {
    let part = 1 << 16;
    let mut bytes = file(&some_payloads()).0;
    bytes.resize(bytes.len() + 3 * SEARCHED_AT_A_LOOK as usize, 0);
    let limit = bytes.len() as u64;
    let (mut cursor, mut window) = (Cursor::default(), Window::default());
    let (mut looks, mut read) = (0, 0);
    loop {
        let source = Counting(&bytes, 0.into());
        cursor.renew();
        let mut end = cursor.at;
        while end < limit {
            end = (end + part).min(limit);
            let bounds = Bounds { end, limit, stalled: true };
            walk(&source, bounds, &mut cursor, &mut window, &mut Vec::new(), &mut Vec::new()).unwrap();
        }
        let bytes = source.1.into_inner();
        assert!(bytes < SEARCHED_AT_A_LOOK + limit / part * HEADER as u64 + 4 * STRIDE, "{bytes} bytes in one look");
        (looks, read) = (looks + 1, read + bytes);
        if !cursor.is_searching() {
            break;
        }
    }
    assert_eq!(looks, 4);
    assert!(read < limit + limit / 8, "{read} bytes for {limit}");
    // A record that is appended later is found.
    bytes.extend(file(&[vec![6; 9]]).0);
    let mut found = Found { cursor, ..Found::default() };
    found.cursor.renew();
    found.walk(&bytes, 1 << 20, true);
    assert_eq!(found.payloads, [vec![6; 9]]);
}

/// A file with damage: flips, insertions and deletions at random places.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let payloads = prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 1..20);
    let damage =
        prop::collection::vec((any::<prop::sample::Index>(), 0..4, prop::collection::vec(any::<u8>(), 0..40)), 0..4);
    (payloads, damage).prop_map(|(payloads, damage)| {
        let (mut bytes, _) = file(&payloads);
        for (at, how, junk) in damage {
            let at = at.index(bytes.len() + 1);
            match how {
                0 if at < bytes.len() => bytes[at] ^= 0x10,
                1 => drop(bytes.splice(at..at, junk)),
                2 => drop(bytes.drain(at..(at + junk.len()).min(bytes.len()))),
                _ => drop(bytes.splice(at..at, file(&[junk]).0[..10].to_vec())),
            }
        }
        bytes
    })
}

proptest! {
    #[test]
    fn parts_of_any_size_give_the_same(bytes in damaged(), part in 1u64..200) {
        let whole = Found::of(&bytes);
        let mut parts = Found::default();
        parts.walk(&bytes, part, true);
        prop_assert_eq!(parts.payloads, whole.payloads);
        prop_assert_eq!(parts.flaws, whole.flaws);
        let mut cursors = [parts.cursor, whole.cursor];
        cursors.iter_mut().for_each(Cursor::renew);
        let [parts, whole] = cursors.map(|cursor| format!("{cursor:?}"));
        prop_assert_eq!(parts, whole);
    }

    #[test]
    fn random_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..3000), part in 1u64..200) {
        let mut found = Found::default();
        found.walk(&bytes, part, true);
        prop_assert!(found.payloads.is_empty());
    }
}
