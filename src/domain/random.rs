//! Randomness as an argument. The system's generator is named in this file only.

use std::cell::RefCell;

/// Gives unpredictable bytes.
pub trait Random: Send + Sync {
    /// # Errors
    /// [`NoEntropy`] if the source cannot answer; nothing that needs it may go on.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy>;
}

/// The source of randomness did not answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system's random generator does not answer")]
pub struct NoEntropy;

/// `N` random bytes from `source`.
///
/// # Errors
/// As [`Random::fill`].
pub fn bytes<const N: usize>(source: &dyn Random) -> Result<[u8; N], NoEntropy> {
    let mut bytes = [0; N];
    source.fill(&mut bytes)?;
    Ok(bytes)
}

/// The operating system's generator. Each thread asks it for a little more than it needs, because
/// a system call for every id costs more than the id; what is handed out is wiped here.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

/// Enough for a few dozen ids.
const POOL: usize = 512;

thread_local! {
    static DRAWN: RefCell<Drawn> = const { RefCell::new(Drawn { bytes: [0; POOL], used: POOL }) };
}

/// Bytes that nobody has seen yet, from `used` on.
struct Drawn {
    bytes: [u8; POOL],
    used: usize,
}

impl Drawn {
    fn take(&mut self, wanted: &mut [u8]) -> Result<(), NoEntropy> {
        if wanted.len() > POOL - self.used {
            getrandom::fill(&mut self.bytes).map_err(|_| NoEntropy)?;
            self.used = 0;
        }
        let Some(fresh) = self.bytes.get_mut(self.used..self.used + wanted.len()) else {
            // More than the pool holds.
            return getrandom::fill(wanted).map_err(|_| NoEntropy);
        };
        wanted.copy_from_slice(fresh);
        fresh.fill(0);
        self.used += wanted.len();
        Ok(())
    }
}

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        DRAWN.with_borrow_mut(|drawn| drawn.take(bytes))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_bytes_are_handed_out_twice() {
        let mut seen = HashSet::new();
        // Across many fillings of the pool, whose size is no multiple of this.
        for _ in 0..1000 {
            assert!(seen.insert(bytes::<15>(&SystemRandom).unwrap()));
        }
        assert!(seen.insert(std::thread::spawn(|| bytes(&SystemRandom).unwrap()).join().unwrap()));
    }

    #[test]
    fn more_than_the_pool_holds_is_filled_to_the_end() {
        for size in [POOL - 1, POOL, POOL + 1, 5 * POOL] {
            let mut bytes = vec![0; size];
            SystemRandom.fill(&mut bytes).unwrap();
            // Each part of 32 zero bytes would be a wonder.
            assert!(bytes.chunks_exact(32).all(|part| part != [0; 32]), "{size}");
        }
    }

    #[test]
    fn what_was_handed_out_is_wiped() {
        let mut drawn = Drawn { bytes: [7; POOL], used: 0 };
        let mut bytes = [0; 20];
        drawn.take(&mut bytes).unwrap();
        assert_eq!((bytes, drawn.used), ([7; 20], 20));
        assert_eq!(drawn.bytes.iter().position(|byte| *byte == 7), Some(20));
    }
}
