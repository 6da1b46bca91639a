//! The shortest piece of a history that shows a violation.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::history::{Answer, Operation, Request, State};
use super::linear::{Violation, check};

/// Operations whose answers fit no order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The state before them; none = whatever the state was.
    pub start: Option<State>,
    /// In the order of their requests; the last answer is the one that fits nowhere.
    pub operations: Vec<Operation>,
}

/// Cuts a refused history down. What is left is evidence of its own: it begins where no change was open, and what was
/// left out of it are observations, which only ever rule states out.
pub fn shortest(start: State, history: &[Operation], violation: Violation) -> Evidence {
    let until = history.get(violation.operation).map_or(Duration::MAX, |refused| refused.answered);
    let seen: Vec<_> = history.iter().filter(|operation| operation.invoked <= until).copied().collect();
    let every = every_state(start, &seen);
    let cuts = quiet_cuts(&seen);
    // From an earlier cut on there is more to contradict, so the cuts that still show it come first.
    let showing = cuts.partition_point(|&cut| is_refused(&every, &from(&seen, cut), until));
    let shortened = showing.checked_sub(1).and_then(|last| cuts.get(last));
    let (start, starts, operations) = match shortened {
        Some(&cut) => (None, every, from(&seen, cut)),
        None => (Some(start), vec![start], seen),
    };
    Evidence { start, operations: without_idle_observations(&starts, operations, until) }
}

/// Whether no order fits up to a moment. Later answers prove nothing where later requests are left out.
fn is_refused(starts: &[State], operations: &[Operation], until: Duration) -> bool {
    let refused = check(starts, operations).err().and_then(|violation| operations.get(violation.operation));
    refused.is_some_and(|operation| operation.answered <= until)
}

/// Indices of operations at whose request no change was open.
fn quiet_cuts(history: &[Operation]) -> Vec<usize> {
    let mut cuts = Vec::new();
    let mut open_until = Duration::ZERO;
    for (index, operation) in history.iter().enumerate() {
        if operation.invoked > open_until {
            cuts.push(index);
        }
        if operation.answer == Answer::Done {
            open_until = open_until.max(operation.answered);
        }
    }
    cuts
}

/// The history from a cut on, with the unknown operations before it, which may still happen.
fn from(history: &[Operation], cut: usize) -> Vec<Operation> {
    let kept = |(index, operation): &(usize, &Operation)| *index >= cut || operation.is_unknown();
    history.iter().enumerate().filter(kept).map(|(_, operation)| *operation).collect()
}

/// Every state that the versions of a history allow.
fn every_state(start: State, history: &[Operation]) -> Vec<State> {
    let named = history.iter().filter_map(|operation| match (operation.request, operation.answer) {
        (Request::Publish(version), _) | (_, Answer::Saw(Some(version))) => Some(version),
        _ => None,
    });
    let versions: BTreeSet<u32> = named.chain(start.published).chain(start.installed).collect();
    let mut states = vec![State { published: None, installed: None }];
    for &published in &versions {
        let published = Some(published);
        states.push(State { published, installed: None });
        let installed = versions.iter().map(|&version| Some(version)).filter(|version| *version <= published);
        states.extend(installed.map(|installed| State { published, installed }));
    }
    states
}

/// Leaves observations out, many at once and then fewer, as long as what is left is refused.
fn without_idle_observations(
    starts: &[State],
    mut operations: Vec<Operation>,
    until: Duration,
) -> Vec<Operation> {
    let mut step = operations.len();
    while step > 0 {
        let mut end = operations.len();
        while end > 0 {
            let begin = end.saturating_sub(step);
            let idle =
                |index: usize, operation: &Operation| (begin..end).contains(&index) && operation.observes();
            let kept = operations.iter().enumerate().filter(|&(index, operation)| !idle(index, operation));
            let fewer: Vec<_> = kept.map(|(_, operation)| *operation).collect();
            if fewer.len() < operations.len() && is_refused(starts, &fewer, until) {
                operations = fewer;
            }
            end = begin;
        }
        step /= 2;
    }
    operations
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.start {
            Some(state) => write!(f, "no order of these fits, from {state}:")?,
            None => f.write_str("no order of these fits, whatever was before:")?,
        }
        self.operations.iter().try_for_each(|operation| write!(f, "\n  {operation}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::history::tests::operation;
    use super::*;

    const START: State = State { published: Some(1), installed: None };

    fn evidence(history: &[Operation]) -> Evidence {
        shortest(START, history, check(&[START], history).unwrap_err())
    }

    #[test]
    fn a_stale_read_is_shown_with_the_write_before_it() {
        let mut history = Vec::new();
        for round in 0..50 {
            let at = 100 * round;
            history.push(operation(at, at + 9, Request::Install, Answer::Done));
            history.push(operation(at + 10, at + 11, Request::List, Answer::Saw(Some(1))));
            history.push(operation(at + 11, at + 108, Request::Get, Answer::Saw(None)));
            history.push(operation(at + 12, at + 13, Request::Uninstall, Answer::Done));
            history.push(operation(at + 14, at + 15, Request::List, Answer::Saw(None)));
        }
        assert!(check(&[START], &history).is_ok());
        history[201].answer = Answer::Saw(None);
        let expected = Evidence { start: None, operations: vec![history[200], history[201]] };
        assert_eq!(evidence(&history), expected);
    }

    #[test]
    fn what_only_the_beginning_contradicts_is_shown_from_there() {
        let history = [
            operation(1, 2, Request::List, Answer::Saw(None)),
            operation(3, 4, Request::Get, Answer::Saw(None)),
            operation(5, 6, Request::Upgrade, Answer::NotFound),
        ];
        let phantom = operation(7, 8, Request::Get, Answer::Saw(Some(1)));
        let found = evidence(&[history.as_slice(), &[phantom]].concat());
        assert_eq!(found, Evidence { start: None, operations: vec![history[2], phantom] });
        let found = evidence(&[phantom]);
        assert_eq!(found, Evidence { start: Some(START), operations: vec![phantom] });
    }

    #[test]
    fn unknown_operations_stay_as_they_may_still_happen() {
        let history = [
            operation(1, 2, Request::Install, Answer::Unknown),
            operation(3, 4, Request::Uninstall, Answer::Done),
            operation(5, 6, Request::Get, Answer::Saw(Some(1))),
            operation(5, 60, Request::Install, Answer::Done),
        ];
        assert!(check(&[START], &history).is_ok());
        let never = &history[..3];
        assert_eq!(evidence(never).operations, never);
        let text = evidence(never).to_string();
        let [first, _, third, _] = text.lines().collect::<Vec<_>>()[..] else { panic!("{text}") };
        assert_eq!(first, "no order of these fits, from published 1.0.0, not installed:");
        assert_eq!(third, "      0.000003 to     0.000004 s  client  0, server 0  uninstall -> done");
    }
}
