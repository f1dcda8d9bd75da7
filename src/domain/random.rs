//! Randomness as an argument. The system's generator is named in this file only.

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

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        getrandom::fill(bytes).map_err(|_| NoEntropy)
    }
}
