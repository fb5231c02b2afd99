//! Progress bars: lines at the bottom of the terminal that are redrawn to show how far the runs are.
//!
//! All bars of the program are in one group. Everything else is written while the bars are off the screen, so that
//! bars and text never erase each other.

use std::fmt::Debug;
use std::io::{self, Write as _};
use std::sync::{LazyLock, Mutex};
use std::time::Duration;

use headwater_threads::Unpoisoned as _;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::{Stream, size, style};

/// The most times per second that bars are drawn.
const RATE: u8 = 20;
/// Rows and columns to assume if a terminal does not report its size.
const USUAL: (usize, usize) = (24, 80);
/// Width of a bar, in characters.
const PARTS: u64 = 16;

static ALL: LazyLock<MultiProgress> = LazyLock::new(|| {
    let target = if style().bars {
        ProgressDrawTarget::term_like_with_hz(Box::new(Screen::default()), RATE)
    } else {
        ProgressDrawTarget::hidden()
    };
    MultiProgress::with_draw_target(target)
});

/// Adds a line to the bottom of the screen. The line shows as much of its message as fits, and disappears when
/// it is finished.
pub(crate) fn add_line() -> ProgressBar {
    let line = ProgressStyle::with_template("{wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar());
    let bar = ALL.add(ProgressBar::no_length().with_style(line));
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// Calls `write` while no bar is on the screen.
pub(super) fn aside<T>(write: impl FnOnce() -> T) -> T {
    if ALL.is_hidden() { write() } else { ALL.suspend(write) }
}

/// Takes all bars off the screen before the program exits at once.
pub(crate) fn clear() {
    let _ = ALL.clear();
}

/// A bar filled in proportion to `done / all`.
pub(crate) fn drawn(done: u64, all: u64) -> String {
    let parts = (u128::from(done.min(all)) * u128::from(PARTS)).checked_div(all.into()).unwrap_or(0) as u64;
    let (full, tip, rest) = if style().unicode { ("━", "╸", " ") } else { ("=", ">", " ") };
    let mut text = full.repeat(parts as usize);
    if parts < PARTS {
        text.push_str(tip);
    }
    text.push_str(&rest.repeat((PARTS - 1).saturating_sub(parts) as usize));
    text
}

/// Standard error as a terminal. Each drawing is written in one piece. A closed terminal is not an error: nobody is
/// left to see the bars, and the runs still finish their records.
#[derive(Debug, Default)]
struct Screen(Mutex<String>);

impl Screen {
    fn push(&self, text: &str) {
        self.0.lock().unpoisoned().push_str(text);
    }

    fn push_move(&self, cells: usize, direction: char) {
        if cells > 0 {
            self.push(&format!("\x1b[{cells}{direction}"));
        }
    }
}

impl TermLike for Screen {
    fn width(&self) -> u16 {
        size(Stream::Messages).map_or(USUAL.1, |(_, columns)| columns) as u16
    }

    fn height(&self) -> u16 {
        size(Stream::Messages).map_or(USUAL.0, |(rows, _)| rows) as u16
    }

    fn move_cursor_up(&self, n: usize) -> io::Result<()> {
        self.push_move(n, 'A');
        Ok(())
    }

    fn move_cursor_down(&self, n: usize) -> io::Result<()> {
        self.push_move(n, 'B');
        Ok(())
    }

    fn move_cursor_right(&self, n: usize) -> io::Result<()> {
        self.push_move(n, 'C');
        Ok(())
    }

    fn move_cursor_left(&self, n: usize) -> io::Result<()> {
        self.push_move(n, 'D');
        Ok(())
    }

    fn write_line(&self, s: &str) -> io::Result<()> {
        self.push(&format!("{s}\n"));
        Ok(())
    }

    fn write_str(&self, s: &str) -> io::Result<()> {
        self.push(s);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        self.push("\r\x1b[2K");
        Ok(())
    }

    /// Moves the cursor to the left end of the last line. If it stayed at the right end, the `^C` of an interruption
    /// would start a new line, and the bars would be looked for one line too low.
    fn flush(&self) -> io::Result<()> {
        let mut text = self.0.lock().unpoisoned();
        if text.is_empty() {
            return Ok(());
        }
        text.push('\r');
        let _ = io::stderr().lock().write_all(text.as_bytes());
        text.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_full_as_what_it_shows() {
        assert_eq!(drawn(0, 10), format!("╸{}", " ".repeat(15)));
        assert_eq!(drawn(5, 10), format!("{}╸{}", "━".repeat(8), " ".repeat(7)));
        assert_eq!(drawn(10, 10), "━".repeat(16));
        assert_eq!(drawn(0, 0), drawn(0, 1));
        assert_eq!(drawn(u64::MAX, u64::MAX), drawn(1, 1));
    }
}
