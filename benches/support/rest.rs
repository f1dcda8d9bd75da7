//! Waiting until the machine has finished what an earlier measurement left it to do.

use std::fs;
use std::time::{Duration, Instant};

/// Long enough for a hundred ticks of the kernel's accounts on a few processors.
const LOOK: Duration = Duration::from_millis(250);
const PATIENCE: Duration = Duration::from_secs(20);

/// Returns once the processors were idle for a moment, not even waiting for a disk: logs are folded,
/// files are written back. Says so if that does not come, and does nothing where there is no `/proc`.
pub(crate) async fn until_idle() {
    let begun = Instant::now();
    let Some(mut before) = Ticks::now() else { return };
    while begun.elapsed() < PATIENCE {
        tokio::time::sleep(LOOK).await;
        let Some(now) = Ticks::now() else { return };
        let (idle, all) = (now.idle - before.idle, now.all - before.all);
        if idle * 20 >= all * 19 {
            return;
        }
        before = now;
    }
    eprintln!("the machine is busy with something else");
}

/// Since it was started, over all processors.
struct Ticks {
    idle: u64,
    all: u64,
}

impl Ticks {
    fn now() -> Option<Self> {
        let text = fs::read_to_string("/proc/stat").ok()?;
        let ticks: Vec<u64> =
            text.lines().next()?.split_whitespace().skip(1).flat_map(str::parse).collect();
        // user, nice, system, idle
        Some(Self { idle: *ticks.get(3)?, all: ticks.iter().take(8).sum() })
    }
}
