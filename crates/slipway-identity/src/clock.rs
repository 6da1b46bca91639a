//! The time, as an input: the system's, or one that tests and rehearsals set by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::{SignedDuration, Timestamp};

/// Where the time comes from. Clones tell the same time.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The clock of the machine.
    System,
    /// A clock that stands still until it is moved.
    Manual(ManualClock),
}

impl Clock {
    /// The time now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Manual(clock) => clock.now(),
        }
    }
}

/// A clock that stands still until it is moved; exact to the microsecond. Clones share one time.
#[derive(Clone, Debug)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that stands at the time given.
    #[must_use]
    pub fn at(time: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(time.as_microsecond())))
    }

    /// The time that it stands at.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_microsecond(self.0.load(Ordering::SeqCst)).unwrap_or(Timestamp::MAX)
    }

    /// Moves it to the time given, forwards or backwards.
    pub fn set(&self, time: Timestamp) {
        self.0.store(time.as_microsecond(), Ordering::SeqCst);
    }

    /// Moves it by the duration, which may be negative; it stops at the ends of [`Timestamp`]'s range.
    pub fn advance(&self, by: SignedDuration) {
        let (first, last) = (Timestamp::MIN.as_microsecond(), Timestamp::MAX.as_microsecond());
        let by = i64::try_from(by.as_micros()).unwrap_or(if by.is_negative() { i64::MIN } else { i64::MAX });
        let moved = |time: i64| Some(time.saturating_add(by).clamp(first, last));
        // It cannot fail: the closure always gives a time.
        let _ = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, moved);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_of_a_manual_clock_move_together() {
        let start: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let hand = ManualClock::at(start);
        let clock = Clock::Manual(hand.clone());
        assert_eq!(clock.now(), start);
        hand.advance(SignedDuration::from_secs(90));
        assert_eq!(clock.now().to_string(), "2026-11-22T10:01:30Z");
        hand.set(start);
        assert_eq!(clock.now(), start);
    }

    #[test]
    fn a_manual_clock_stays_within_the_range_of_times() {
        let hand = ManualClock::at(Timestamp::UNIX_EPOCH);
        hand.advance(SignedDuration::MAX);
        hand.advance(SignedDuration::MAX);
        assert_eq!(hand.now().as_microsecond(), Timestamp::MAX.as_microsecond());
        hand.advance(SignedDuration::MIN);
        assert!(hand.now() < Timestamp::UNIX_EPOCH);
    }

    #[test]
    fn the_system_clock_does_not_go_back() {
        let first = Clock::System.now();
        assert!(Clock::System.now() >= first);
    }
}
