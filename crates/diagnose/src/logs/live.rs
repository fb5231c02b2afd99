//! The live findings that a run recorded.

use headwater_events::{Datum, Run, SeriesKind};

use super::standing;
use crate::Evidence;
use crate::live::{LiveFinding, TAG};

/// Live findings that are looked at, of the last training in the folder.
const MOST: usize = 1000;

/// Adds the live findings of a run.
pub(super) fn add(run: &Run, evidence: &mut Evidence) {
    let Some(series) = run.get(TAG).filter(|series| series.kind() == SeriesKind::Json) else { return };
    for index in standing(&series, &mut None).into_iter().flatten().take(MOST) {
        let Some(sample) = series.read(index..index + 1).pop() else { continue };
        let text = match sample.datum {
            Ok(Datum::Text(text)) => text.texts.into_iter().next().unwrap_or_default(),
            Ok(_) => String::new(),
            Err(error) => {
                evidence.note(format!("a live finding cannot be read: {error}"));
                continue;
            }
        };
        match LiveFinding::from_json(&text) {
            Ok(found) => evidence.seen_live(found),
            Err(reason) => evidence.note(format!("the live finding at step {} cannot be read: {reason}", sample.step)),
        }
    }
}
