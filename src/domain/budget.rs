//! A budget that fills up again with time: so many at once, so many a minute.

use super::clock::Timestamp;

/// Whole things to spend; counted in thousandths.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    a_minute: u32,
    left: u64,
    at: Option<Timestamp>,
}

const WHOLE: u64 = 1000;

impl Budget {
    /// Full: a minute's worth may be spent at once.
    #[must_use]
    pub const fn a_minute(number: u32) -> Self {
        Self { a_minute: number, left: number as u64 * WHOLE, at: None }
    }

    /// Spends one; `false`, and nothing is spent, if there is none left.
    #[must_use]
    pub fn take(&mut self, now: Timestamp) -> bool {
        let passed = self.at.map_or(0, |at| u64::try_from(now.since(at).as_millis()).unwrap_or(0));
        // A thousandth of one comes back every 60 ms / number.
        let back = passed.saturating_mul(u64::from(self.a_minute)) / 60;
        if back > 0 || self.at.is_none() {
            self.left = self.left.saturating_add(back).min(self.most());
            self.at = Some(now);
        }
        let taken = self.left >= WHOLE;
        if taken {
            self.left -= WHOLE;
        }
        taken
    }

    /// Gives back one that was spent for nothing.
    pub fn give_back(&mut self) {
        self.left = self.left.saturating_add(WHOLE).min(self.most());
    }

    fn most(&self) -> u64 {
        u64::from(self.a_minute) * WHOLE
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(1_000_000).plus(Duration::from_millis(millis))
    }

    fn taken(budget: &mut Budget, now: Timestamp) -> usize {
        (0..1000).filter(|_| budget.take(now)).count()
    }

    #[test]
    fn a_minutes_worth_is_there_at_once_and_comes_back_within_a_minute() {
        let mut budget = Budget::a_minute(60);
        assert_eq!(taken(&mut budget, at(0)), 60);
        assert_eq!(taken(&mut budget, at(999)), 0);
        assert_eq!(taken(&mut budget, at(1000)), 1);
        assert_eq!(taken(&mut budget, at(31_000)), 30);
        assert_eq!(taken(&mut budget, at(10_000_000)), 60);
    }

    #[test]
    fn asking_often_does_not_make_it_fill_more_slowly() {
        let mut budget = Budget::a_minute(60);
        assert_eq!(taken(&mut budget, at(0)), 60);
        let later = (0..60_000).filter(|millis| budget.take(at(*millis))).count();
        assert_eq!(later, 59);
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing() {
        let mut budget = Budget::a_minute(6);
        assert_eq!(taken(&mut budget, at(60_000)), 6);
        assert_eq!(taken(&mut budget, at(0)), 0);
        // The clock's new time counts from there on at the latest when it is past the old one.
        assert_eq!(taken(&mut budget, at(70_000)), 1);
    }

    #[test]
    fn what_is_given_back_can_be_spent_again_and_never_makes_more() {
        let mut budget = Budget::a_minute(2);
        budget.give_back();
        assert_eq!(taken(&mut budget, at(0)), 2);
        budget.give_back();
        assert_eq!(taken(&mut budget, at(0)), 1);
    }
}
