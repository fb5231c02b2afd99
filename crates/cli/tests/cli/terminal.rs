//! A terminal: a pseudo-terminal that the program runs on, and an emulator that shows what a user would see.

use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::process::{Child, Command};

use pty_process::blocking::{Pty, open};

/// Lines of scrollback: more than any test prints.
const SCROLLBACK: usize = 10_000;
const ROWS: u16 = 24;

/// A program on a terminal.
pub(crate) struct Terminal {
    /// `None` once it is closed.
    pty: Option<Pty>,
    child: Child,
    parser: vt100::Parser,
    /// Everything that the program wrote, unchanged.
    pub(crate) bytes: Vec<u8>,
}

impl Terminal {
    /// Starts the program on a terminal with `columns` columns, as its standard input, output and error.
    pub(crate) fn start(command: Command, columns: u16) -> Self {
        let (pty, pts) = open().unwrap();
        pty.resize(pty_process::Size::new(ROWS, columns)).unwrap();
        let child = pty_process::blocking::Command::from(command).spawn(pts).unwrap();
        let size = |cells| NonZeroU16::new(cells).unwrap();
        Self {
            pty: Some(pty),
            child,
            parser: vt100::Parser::new(size(ROWS), size(columns), SCROLLBACK),
            bytes: Vec::new(),
        }
    }

    /// Reads once. Returns false if the program has ended.
    fn read(&mut self) -> bool {
        let mut buffer = [0; 4096];
        // After the last program on a terminal has ended, reading gives an input/output error.
        let count = self.pty.as_mut().map_or(Ok(0), |pty| pty.read(&mut buffer)).unwrap_or(0);
        self.bytes.extend(&buffer[..count]);
        self.parser.process(&buffer[..count]);
        count > 0
    }

    /// Waits until a matching line is on the screen or has scrolled off it.
    pub(crate) fn wait_for(&mut self, is_wanted: impl Fn(&str) -> bool) {
        while !self.lines().iter().any(|line| is_wanted(line)) {
            assert!(self.read(), "it ended before it was seen:\n{}", self.lines().join("\n"));
        }
    }

    /// Types text, such as `"\x03"` for Ctrl-C.
    pub(crate) fn type_in(&mut self, text: &str) {
        self.pty.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// Waits for the end. Returns the exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        while self.read() {}
        self.child.wait().unwrap().code()
    }

    /// Closes the terminal, as closing its window does, and waits for the end. Returns the exit code.
    pub(crate) fn hang_up(mut self) -> Option<i32> {
        self.pty = None;
        self.child.wait().unwrap().code()
    }

    /// Everything that can be seen: the screen and the scrollback, without trailing empty lines.
    pub(crate) fn lines(&mut self) -> Vec<String> {
        let (_, columns) = self.parser.screen().size();
        let screen = self.parser.screen_mut();
        screen.set_scrollback(usize::MAX);
        let above = screen.scrollback();
        let mut lines = Vec::new();
        for offset in (1..=above).rev() {
            screen.set_scrollback(offset);
            lines.extend(screen.rows(0, columns.get()).next());
        }
        screen.set_scrollback(0);
        lines.extend(screen.rows(0, columns.get()));
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        lines.iter().map(|line| line.trim_end().to_owned()).collect()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
