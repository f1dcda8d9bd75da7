//! Numbers that look random and are the same for the same seed.

use std::sync::atomic::{AtomicU64, Ordering};

use vouchlink::domain::random::{NoEntropy, Random};

/// `SplitMix64`, begun anew for everything that is drawn, so that nothing depends on the order.
#[derive(Debug)]
pub(crate) struct Dice(AtomicU64);

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

impl Dice {
    /// For the `number`th thing of a kind.
    pub(crate) fn of(seed: u64, kind: Draw, number: u32) -> Self {
        let start = mixed(seed ^ mixed((u64::from(number) << 8) | kind as u64));
        Self(AtomicU64::new(start))
    }

    pub(crate) fn draw(&self) -> u64 {
        mixed(self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP))
    }

    /// Below `end`, which is above zero.
    pub(crate) fn below(&self, end: u64) -> u64 {
        // The upper half of the product: as fair as 64 bits allow.
        let product = u128::from(self.draw()) * u128::from(end);
        u64::try_from(product >> 64).unwrap_or_default()
    }

    /// Below `end`, for numbers of that width.
    pub(crate) fn below_u32(&self, end: u32) -> u32 {
        u32::try_from(self.below(u64::from(end))).unwrap_or_default()
    }

    /// In `start..end`, seconds as milliseconds.
    pub(crate) fn seconds(&self, start: i64, end: i64) -> i64 {
        let span = u64::try_from((end - start) * 1000).unwrap_or(1);
        start * 1000 + i64::try_from(self.below(span)).unwrap_or_default()
    }

    pub(crate) fn percent(&self, share: u64) -> bool {
        self.below(100) < share
    }

    pub(crate) fn one_of<T: Copy>(&self, choices: &[T]) -> T {
        choices[usize::try_from(self.below(choices.len() as u64)).unwrap_or_default()]
    }

    pub(crate) fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.draw().to_le_bytes()[..chunk.len()]);
        }
        bytes
    }
}

/// What dice are thrown for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Draw {
    Plan,
    Link,
    Secret,
    FormerCode,
    Idempotency,
    Ceremony,
    Event,
    Bound,
    Delivery,
    Customer,
    Credential,
    Key,
}

impl Random for Dice {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.draw().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

const fn mixed(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
