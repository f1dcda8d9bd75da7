//! Log lines on their way to standard error: a system call for each would cost as much as all that
//! is in it. Those that tell of trouble go at once, with what waits before them; others within
//! [`WAIT`], and at the latest when the process [ends](Lines::finish) in good order.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tracing::{Level, Metadata};
use tracing_subscriber::fmt::MakeWriter;

/// How long a line may wait for others.
const WAIT: Duration = Duration::from_millis(20);
/// More is not kept waiting.
const MOST: usize = 64 * 1024;

/// Where lines wait; clones are the same place.
#[derive(Clone)]
pub(super) struct Lines(Arc<Place>);

struct Place {
    waiting: Mutex<Waiting>,
    came: Condvar,
}

struct Waiting {
    text: Vec<u8>,
    out: Box<dyn Write + Send>,
}

impl Waiting {
    fn write(&mut self) -> io::Result<()> {
        let written = self.out.write_all(&self.text).and_then(|()| self.out.flush());
        self.text.clear();
        written
    }
}

impl Lines {
    /// # Errors
    /// If the thread that writes cannot be started.
    pub(super) fn start(out: impl Write + Send + 'static) -> io::Result<Self> {
        let waiting = Waiting { text: Vec::new(), out: Box::new(out) };
        let lines = Self(Arc::new(Place { waiting: Mutex::new(waiting), came: Condvar::new() }));
        let written = lines.clone();
        thread::Builder::new().name("log".to_owned()).spawn(move || written.keep_writing())?;
        Ok(lines)
    }

    /// Writes what waits.
    pub(super) fn finish(&self) {
        // There is nobody left to tell.
        let _ = self.waiting().write();
    }

    fn keep_writing(&self) {
        let mut waiting = self.waiting();
        loop {
            let came = self.0.came.wait_while(waiting, |waiting| waiting.text.is_empty());
            drop(came.unwrap_or_else(PoisonError::into_inner));
            thread::sleep(WAIT);
            waiting = self.waiting();
            let _ = waiting.write();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { lines: self, at_once: true }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> Line<'a> {
        Line { lines: self, at_once: *metadata.level() <= Level::WARN }
    }
}

/// One line, which comes whole.
pub(super) struct Line<'a> {
    lines: &'a Lines,
    at_once: bool,
}

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut waiting = self.lines.waiting();
        let first = waiting.text.is_empty();
        waiting.text.extend_from_slice(line);
        if self.at_once || waiting.text.len() >= MOST {
            waiting.write()?;
        } else if first {
            drop(waiting);
            self.lines.0.came.notify_one();
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.lines.waiting().write()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use tracing::subscriber::with_default;
    use tracing_subscriber::layer::SubscriberExt;
    use tracing_subscriber::{fmt, registry};

    use super::*;

    /// Tells of every time that something is written.
    struct Told(mpsc::Sender<String>);

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(String::from_utf8(bytes.to_vec()).unwrap()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_come_together_and_trouble_comes_at_once_behind_them() {
        let (told, written) = mpsc::channel();
        let lines = Lines::start(Told(told)).unwrap();
        let layer = fmt::layer().without_time().with_writer(lines.clone());
        with_default(registry().with(layer), || {
            // Kept from the thread until the third is there.
            let held = lines.waiting();
            drop(held);
            tracing::info!("one");
            tracing::info!("two");
            tracing::warn!("three");
            tracing::info!("four");
        });
        let mut all = String::new();
        // "four" by the thread, within its time.
        while !all.contains("four") {
            all.push_str(&written.recv().unwrap());
        }
        let place = |word| all.find(word).unwrap();
        assert!(place("one") < place("two") && place("two") < place("three"));
        assert_eq!(all.lines().count(), 4);
    }

    #[test]
    fn nothing_waits_any_more_when_the_process_ends() {
        let (told, written) = mpsc::channel();
        let lines = Lines::start(Told(told)).unwrap();
        let mut line = Line { lines: &lines, at_once: false };
        line.write_all(b"last words\n").unwrap();
        lines.finish();
        assert_eq!(written.recv().unwrap(), "last words\n");
        // And nothing is written twice.
        lines.finish();
        assert_eq!(written.try_recv().unwrap_or_default(), "");
    }
}
