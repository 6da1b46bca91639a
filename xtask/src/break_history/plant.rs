//! A stale read, planted where no order of operations can explain it, so that a checker which misses it is wrong.

use std::time::Duration;

use super::history::{Answer, Operation, Request};

/// An answer to change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaleRead {
    /// Index of the read.
    pub operation: usize,
    /// What it is to have seen: what an earlier read saw before a write that was done before this one.
    pub seen: Answer,
}

/// The stale reads that can be planted into a history which is in the order of requests and has an order that fits.
///
/// The write between the two reads ran alone, and only reads followed it. So there is one state that the later read
/// can see, and the earlier saw another.
pub fn stale_reads(history: &[Operation]) -> Vec<StaleRead> {
    let writes: Vec<_> =
        history.iter().enumerate().filter(|(_, operation)| !operation.request.is_read()).collect();
    let mut free_from = Duration::ZERO;
    let mut alone = Vec::with_capacity(writes.len());
    for (_, write) in &writes {
        alone.push(write.invoked > free_from && write.answer == Answer::Done);
        free_from = if write.is_unknown() { Duration::MAX } else { free_from.max(write.answered) };
    }
    let stale = |(index, read): (usize, &Operation)| {
        let started = writes.partition_point(|(_, write)| write.invoked <= read.answered);
        let last = started.checked_sub(1)?;
        let (place, write) = *writes.get(last)?;
        // Publishing alone changes nothing that a read shows.
        let settles = *alone.get(last)? && !matches!(write.request, Request::Publish(_));
        let mut before = history.iter().take(place).rev();
        let earlier = before.find(|o| o.request.is_read() && o.answered < write.invoked)?;
        let fresh = settles && write.answered < read.invoked && earlier.answer != read.answer;
        fresh.then_some(StaleRead { operation: index, seen: earlier.answer })
    };
    history
        .iter()
        .enumerate()
        .filter(|(_, operation)| operation.request.is_read())
        .filter_map(stale)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::history::State;
    use super::super::history::tests::operation;
    use super::super::linear::check;
    use super::*;

    #[test]
    fn every_planted_read_is_one_that_the_checker_refuses() {
        let start = State { published: Some(1), installed: None };
        let history = [
            operation(1, 2, Request::Get, Answer::Saw(None)),
            operation(3, 4, Request::Install, Answer::Done),
            operation(5, 6, Request::Get, Answer::Saw(Some(1))),
            operation(7, 8, Request::List, Answer::Saw(Some(1))),
            operation(9, 12, Request::Uninstall, Answer::Done),
            // Overlaps the write.
            operation(11, 14, Request::Get, Answer::Saw(None)),
            operation(15, 16, Request::Get, Answer::Saw(None)),
            // After writes that overlap.
            operation(17, 20, Request::Install, Answer::Done),
            operation(18, 19, Request::Upgrade, Answer::NotFound),
            operation(21, 22, Request::Get, Answer::Saw(Some(1))),
            // After a publication, which changes no installation.
            operation(23, 24, Request::Publish(2), Answer::Done),
            operation(25, 26, Request::Get, Answer::Saw(Some(1))),
            operation(27, 28, Request::Upgrade, Answer::Done),
            operation(29, 30, Request::Get, Answer::Saw(Some(2))),
            // Nothing is certain after this.
            operation(31, 32, Request::Uninstall, Answer::Unknown),
            operation(33, 34, Request::Install, Answer::Conflict),
            operation(35, 36, Request::Get, Answer::Saw(Some(2))),
        ];
        assert!(check(&[start], &history).is_ok());
        let stale = |operation, version| StaleRead { operation, seen: Answer::Saw(version) };
        let expected = [stale(2, None), stale(3, None), stale(6, Some(1)), stale(13, Some(1))];
        assert_eq!(stale_reads(&history), expected);
        for StaleRead { operation, seen } in expected {
            let mut planted = history;
            planted[operation].answer = seen;
            assert!(check(&[start], &planted).is_err());
        }
    }
}
