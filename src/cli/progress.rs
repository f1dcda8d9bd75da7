//! How far a long copy is, on standard error: one line that changes if it is a terminal, a line
//! every few seconds if it is a log.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::store::bulk::{Counts, Observer};

/// Shows a copy's progress.
#[derive(Debug)]
pub struct Progress {
    terminal: bool,
    phase: &'static str,
    table: &'static str,
    total: u64,
    done: u64,
    begun: Instant,
    shown: Option<Instant>,
}

const WIDTH: u64 = 24;

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress {
    #[must_use]
    pub fn new() -> Self {
        Self {
            terminal: io::stderr().is_terminal(),
            phase: "copied",
            table: "",
            total: 0,
            done: 0,
            begun: Instant::now(),
            shown: None,
        }
    }

    /// Ends the line that changes.
    pub fn end(&mut self) {
        if self.shown.is_some() {
            self.show();
            if self.terminal {
                say(format_args!("\n"));
            }
        }
        self.shown = None;
    }

    fn begin(&mut self, phase: &'static str) {
        self.end();
        (self.phase, self.done, self.begun) = (phase, 0, Instant::now());
    }

    fn step(&mut self, table: &'static str, rows: usize) {
        self.table = table;
        self.done += rows as u64;
        let pause = Duration::from_millis(if self.terminal { 200 } else { 5000 });
        let since = self.shown.unwrap_or(self.begun);
        if since.elapsed() >= pause {
            self.show();
        }
    }

    fn show(&mut self) {
        self.shown = Some(Instant::now());
        let line = line(self.phase, self.table, self.done, self.total, self.begun.elapsed());
        if self.terminal {
            let filled = (self.done * WIDTH).checked_div(self.total).unwrap_or(0).min(WIDTH);
            let bar: String =
                (0..WIDTH).map(|place| if place < filled { '#' } else { '.' }).collect();
            say(format_args!("\r\x1b[K[{bar}] {line}"));
        } else {
            say(format_args!("{line}\n"));
        }
    }
}

/// "copied 1234 of 5000 rows (24%), 1000 rows/s, 4 s left, now links".
fn line(phase: &str, table: &str, done: u64, total: u64, took: Duration) -> String {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    let rate = done.saturating_mul(1000) / millis;
    let percent = (done * 100).checked_div(total).unwrap_or(100).min(100);
    let left = total.saturating_sub(done).checked_div(rate).unwrap_or(0);
    format!(
        "{phase} {done} of {total} rows ({percent}%), {rate} rows/s, {left} s left, now {table}"
    )
}

/// Progress is no reason to fail.
fn say(text: std::fmt::Arguments<'_>) {
    let mut out = io::stderr().lock();
    let _ = out.write_fmt(text).and_then(|()| out.flush());
}

impl Observer for Progress {
    fn planned(&mut self, counts: &Counts) {
        self.total = counts.values().sum();
        self.begin("copied");
    }

    fn copied(&mut self, table: &'static str, rows: usize) {
        self.step(table, rows);
    }

    fn sealing(&mut self) {
        self.end();
        say(format_args!("making indexes and checking references ...\n"));
    }

    fn compared(&mut self, table: &'static str, rows: usize) {
        if self.phase != "compared" {
            self.begin("compared");
        }
        self.step(table, rows);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_how_fast_and_how_long() {
        assert_eq!(
            line("copied", "links", 1500, 6000, Duration::from_secs(3)),
            "copied 1500 of 6000 rows (25%), 500 rows/s, 9 s left, now links"
        );
        assert_eq!(
            line("copied", "", 0, 0, Duration::ZERO),
            "copied 0 of 0 rows (100%), 0 rows/s, 0 s left, now "
        );
    }
}
