//! How often devices ask whether their user has signed in.

use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use quick_cache::unsync::Cache;

/// The least time between two questions. A second less than devices are told to wait, since answers take their time.
const LEAST: SignedDuration = SignedDuration::from_secs(4);

/// Device codes whose last question is remembered, some 100 bytes each.
const REMEMBERED: usize = 10_000;

/// When each device asked last, by the hash of its code.
pub(crate) struct Polls(Mutex<Cache<String, Timestamp>>);

impl Polls {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Cache::new(REMEMBERED)))
    }

    /// Notes that the device asks now. Whether it asked too early; questions that came too early count too.
    pub(super) fn is_early(&self, device_code_hash: &str, now: Timestamp) -> bool {
        let mut polls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = polls.get(device_code_hash).copied();
        polls.insert(device_code_hash.to_owned(), now);
        // A clock that was set back is no reason to refuse.
        last.is_some_and(|last| (SignedDuration::ZERO..LEAST).contains(&now.duration_since(last)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_early_within_four_seconds_of_the_last_one() {
        let (polls, second) = (Polls::new(), |n| Timestamp::from_second(n).unwrap());
        assert!(!polls.is_early("a", second(0)));
        assert!(!polls.is_early("b", second(1)));
        assert!(polls.is_early("a", second(3)));
        assert!(polls.is_early("a", second(6)), "the early one counts");
        assert!(!polls.is_early("a", second(10)));
        assert!(!polls.is_early("a", second(5)), "the clock was set back");
        for n in 0..3 * REMEMBERED {
            polls.is_early(&n.to_string(), second(0));
        }
        assert!(polls.0.lock().unwrap().len() <= REMEMBERED);
    }
}
