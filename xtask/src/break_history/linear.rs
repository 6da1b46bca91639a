//! The checker: whether there is an order of operations, each at a moment between its request and its answer, in which
//! every answer fits.
//!
//! A search after Wing & Gong ("Testing and Verifying Concurrent Objects", 1993) with the memory that Lowe added
//! ("Testing for linearizability", 2017), just in time: the history is walked once, and at every answer the search
//! keeps each pair of a state and a set of open operations that already took effect. Nothing older is remembered, so a
//! moment without open operations leaves a set of states only, and a history may be as long as it likes.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use super::history::{Operation, State};

/// There is an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Linearizable {
    /// Most operations between two moments at which none was open.
    pub longest_overlap: usize,
}

/// There is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Index of the operation at whose answer the last possibility was gone.
    pub operation: usize,
}

/// Looks for an order that begins in one of the states. Operations without a known answer may take effect at any
/// time after their request, or never.
///
/// # Errors
/// [`Violation`].
pub fn check(starts: &[State], history: &[Operation]) -> Result<Linearizable, Violation> {
    let mut search = Search { history, open: Vec::new(), worlds: Worlds::default() };
    for &state in starts {
        search.worlds.insert(World { place: Place { state, ahead: Vec::new() }, spent: Vec::new() });
    }
    let (mut overlap, mut longest_overlap) = (0, 0);
    for (_, moment, index) in moments(history) {
        match moment {
            Moment::Invoked => {
                overlap = if search.is_quiet() { 1 } else { overlap + 1 };
                longest_overlap = longest_overlap.max(overlap);
                search.invoke(index);
            }
            Moment::Answered => search.answer(index)?,
        }
    }
    Ok(Linearizable { longest_overlap })
}

/// At the same instant requests come first: then the two may have overlapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Moment {
    Invoked,
    Answered,
}

fn moments(history: &[Operation]) -> Vec<(Duration, Moment, usize)> {
    let mut moments = Vec::with_capacity(2 * history.len());
    for (index, operation) in history.iter().enumerate() {
        moments.push((operation.invoked, Moment::Invoked, index));
        if !operation.is_unknown() {
            moments.push((operation.answered, Moment::Answered, index));
        }
    }
    moments.sort_unstable();
    moments
}

/// What may be the case at one moment. Lists hold indices of open operations, in ascending order.
#[derive(Clone, Debug)]
struct World {
    place: Place,
    /// The unknown operations that took effect.
    spent: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    state: State,
    /// The operations that took effect and are still to be answered.
    ahead: Vec<usize>,
}

impl World {
    fn includes(&self, index: usize) -> bool {
        self.place.ahead.binary_search(&index).is_ok() || self.spent.binary_search(&index).is_ok()
    }
}

/// Worlds that say something new. Of two at the same place, the one that spent less can do all that the other can: only
/// it is kept, or a burst of unknown operations would make worlds without end.
#[derive(Debug, Default)]
struct Worlds(HashMap<Place, Vec<Vec<usize>>>);

impl Worlds {
    /// Whether the world is new.
    fn insert(&mut self, World { place, spent }: World) -> bool {
        let known = self.0.entry(place).or_default();
        if known.iter().any(|less| is_subset(less, &spent)) {
            return false;
        }
        known.retain(|more| !is_subset(&spent, more));
        known.push(spent);
        true
    }

    fn iter(&self) -> impl Iterator<Item = World> {
        let worlds = |(place, known): (&Place, &Vec<Vec<usize>>)| -> Vec<World> {
            known.iter().map(|spent| World { place: place.clone(), spent: spent.clone() }).collect()
        };
        self.0.iter().flat_map(worlds)
    }
}

fn is_subset(few: &[usize], many: &[usize]) -> bool {
    few.iter().all(|index| many.binary_search(index).is_ok())
}

fn insert_sorted(list: &mut Vec<usize>, index: usize) {
    if let Err(place) = list.binary_search(&index) {
        list.insert(place, index);
    }
}

struct Search<'a> {
    history: &'a [Operation],
    open: Vec<usize>,
    worlds: Worlds,
}

impl Search<'_> {
    /// Whether no operation is open but those that nobody will answer.
    fn is_quiet(&self) -> bool {
        self.open().all(|(_, operation)| operation.is_unknown())
    }

    fn open(&self) -> impl Iterator<Item = (usize, &Operation)> {
        self.open.iter().filter_map(|&index| Some((index, self.history.get(index)?)))
    }

    fn invoke(&mut self, index: usize) {
        self.open.push(index);
        let mut worlds = Worlds::default();
        for world in self.worlds.iter() {
            worlds.insert(self.observed(world));
        }
        self.worlds = worlds;
    }

    /// Keeps the worlds in which the operation took effect, and those that one of them becomes when open operations
    /// take effect before it.
    fn answer(&mut self, index: usize) -> Result<(), Violation> {
        let mut to_see: VecDeque<World> = self.worlds.iter().collect();
        let (mut met, mut settled) = (std::mem::take(&mut self.worlds), Worlds::default());
        while let Some(mut world) = to_see.pop_front() {
            if let Ok(place) = world.place.ahead.binary_search(&index) {
                world.place.ahead.remove(place);
                settled.insert(world);
                continue;
            }
            for next in self.successors(&world) {
                if met.insert(next.clone()) {
                    to_see.push_back(next);
                }
            }
        }
        self.open.retain(|&open| open != index);
        self.worlds = settled;
        if self.worlds.0.is_empty() { Err(Violation { operation: index }) } else { Ok(()) }
    }

    /// The worlds after one more change took effect.
    fn successors(&self, world: &World) -> Vec<World> {
        let (mut successors, mut unspent) = (Vec::new(), Vec::new());
        for (index, operation) in self.open() {
            if operation.observes() || world.includes(index) {
                continue;
            }
            // Unknown requests for the same are as good as each other, so the oldest goes first.
            if operation.is_unknown() {
                if unspent.contains(&operation.request) {
                    continue;
                }
                unspent.push(operation.request);
            }
            let Some(state) = world.place.state.after(operation) else { continue };
            let mut next = world.clone();
            next.place.state = state;
            insert_sorted(
                if operation.is_unknown() { &mut next.spent } else { &mut next.place.ahead },
                index,
            );
            successors.push(self.observed(next));
        }
        successors
    }

    /// The world after every open observation that fits took effect. To do so at once loses nothing: it changes nothing,
    /// and an order in which it comes later holds with it here too.
    fn observed(&self, mut world: World) -> World {
        for (index, operation) in self.open() {
            if operation.observes() && world.place.state.after(operation).is_some() {
                insert_sorted(&mut world.place.ahead, index);
            }
        }
        world
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::history::tests::operation;
    use super::super::history::{Answer, Request};
    use super::*;

    const START: State = State { published: Some(1), installed: None };

    fn accepts(history: &[Operation]) -> bool {
        check(&[START], history).is_ok()
    }

    #[test]
    fn overlapping_operations_may_come_in_any_order() {
        let history = [
            operation(0, 9, Request::Install, Answer::Done),
            operation(1, 3, Request::Get, Answer::Saw(None)),
            operation(2, 4, Request::List, Answer::Saw(Some(1))),
            operation(5, 8, Request::Install, Answer::Conflict),
            operation(10, 30, Request::Publish(2), Answer::Done),
            operation(11, 13, Request::Upgrade, Answer::Done),
            operation(14, 15, Request::Get, Answer::Saw(Some(2))),
            operation(32, 50, Request::Delete, Answer::Done),
            operation(33, 35, Request::Uninstall, Answer::NotFound),
            operation(36, 38, Request::Install, Answer::NotFound),
        ];
        assert_eq!(check(&[START], &history), Ok(Linearizable { longest_overlap: 4 }));
    }

    #[test]
    fn a_double_install_is_refused() {
        let first = operation(0, 4, Request::Install, Answer::Done);
        let second = operation(1, 5, Request::Install, Answer::Done);
        assert_eq!(check(&[START], &[first, second]), Err(Violation { operation: 1 }));
        let between = operation(2, 3, Request::Uninstall, Answer::Done);
        assert!(accepts(&[first, second, between]));
    }

    #[test]
    fn a_stale_read_is_refused() {
        let installed = operation(0, 1, Request::Install, Answer::Done);
        let published = operation(2, 3, Request::Publish(2), Answer::Done);
        let upgraded = operation(4, 5, Request::Upgrade, Answer::Done);
        let stale = operation(6, 7, Request::Get, Answer::Saw(Some(1)));
        let history = [installed, published, upgraded, stale];
        assert_eq!(check(&[START], &history), Err(Violation { operation: 3 }));
        let while_upgrading = Operation { answered: stale.answered, ..upgraded };
        assert!(accepts(&[installed, published, while_upgrading, stale]));
        // Two readers may not see a write and then not see it.
        let seen = operation(6, 7, Request::Get, Answer::Saw(Some(2)));
        let unseen = operation(8, 9, Request::List, Answer::Saw(Some(1)));
        let upgrading = operation(4, 20, Request::Upgrade, Answer::Done);
        assert!(!accepts(&[installed, published, upgrading, seen, unseen]));
    }

    #[test]
    fn a_lost_update_is_refused() {
        let history = [
            operation(0, 1, Request::Install, Answer::Done),
            operation(2, 3, Request::Publish(2), Answer::Done),
            operation(4, 8, Request::Upgrade, Answer::Done),
            operation(5, 9, Request::Upgrade, Answer::Done),
            operation(10, 11, Request::Get, Answer::Saw(Some(1))),
        ];
        assert!(!accepts(&history));
    }

    #[test]
    fn an_uninstalled_app_is_not_seen() {
        let history = [
            operation(0, 1, Request::Install, Answer::Done),
            operation(2, 3, Request::Uninstall, Answer::Done),
            operation(4, 5, Request::List, Answer::Saw(Some(1))),
        ];
        assert_eq!(check(&[START], &history), Err(Violation { operation: 2 }));
    }

    #[test]
    fn a_version_must_have_been_published() {
        let installed = operation(0, 1, Request::Install, Answer::Done);
        let upgraded = operation(4, 5, Request::Upgrade, Answer::Done);
        let read = |version| operation(6, 7, Request::Get, Answer::Saw(Some(version)));
        let before = operation(2, 3, Request::Publish(2), Answer::Done);
        let during = operation(3, 5, Request::Publish(2), Answer::Done);
        let after = operation(6, 7, Request::Publish(2), Answer::Done);
        let versions = |publish| [1, 2, 3].map(|seen| accepts(&[installed, publish, upgraded, read(seen)]));
        assert_eq!(versions(before), [false, true, false]);
        assert_eq!(versions(during), [true, true, false]);
        assert_eq!(versions(after), [true, false, false]);
    }

    #[test]
    fn a_deleted_app_takes_its_installations_along() {
        let deleted = operation(2, 3, Request::Delete, Answer::Done);
        let read = |from, seen| operation(from, from + 1, Request::List, Answer::Saw(seen));
        let installed = operation(0, 1, Request::Install, Answer::Done);
        assert!(accepts(&[installed, deleted, read(4, None)]));
        assert!(!accepts(&[installed, deleted, read(4, Some(1))]));
        assert!(!accepts(&[installed, deleted, operation(4, 5, Request::Install, Answer::Done)]));
        assert!(!accepts(&[installed, operation(2, 3, Request::Install, Answer::NotFound)]));
    }

    #[test]
    fn an_unknown_write_happens_once_or_not_at_all_and_maybe_late() {
        let installed = operation(0, 1, Request::Install, Answer::Done);
        let unknown = operation(2, 3, Request::Uninstall, Answer::Unknown);
        let read = |from, seen| operation(from, from + 1, Request::Get, Answer::Saw(seen));
        assert!(accepts(&[installed, unknown, read(50, Some(1))]));
        assert!(accepts(&[installed, unknown, read(4, Some(1)), read(90, None)]));
        assert!(!accepts(&[installed, unknown, read(4, None), read(90, Some(1))]));
        let again = operation(50, 51, Request::Install, Answer::Done);
        assert!(!accepts(&[installed, unknown, read(4, None), again, read(90, None)]));
        let later = Operation { invoked: read(60, None).invoked, ..unknown };
        assert!(!accepts(&[installed, read(4, None), later]));
    }

    #[test]
    fn a_burst_of_unknown_writes_stays_cheap() {
        let requests = [Request::Install, Request::Uninstall, Request::Upgrade];
        let unknown = |n: u64, request| operation(n, n + 1, request, Answer::Unknown);
        let mut history: Vec<_> =
            (0..300).zip(requests.into_iter().cycle()).map(|(n, r)| unknown(n, r)).collect();
        for n in 0..303 {
            let seen = Answer::Saw((n % 3 == 0).then_some(1));
            history.push(operation(1_000 + 2 * n, 1_001 + 2 * n, Request::Get, seen));
        }
        assert!(accepts(&history[..600]));
        // The 101st time that it is installed.
        assert_eq!(check(&[START], &history), Err(Violation { operation: 600 }));
    }

    /// How a step of a simulated server goes: what is asked, how long before and after it takes effect, and whether it is
    /// answered (0 and 1: no, without and with effect).
    type Step = (u8, u64, u64, u8);

    fn steps(spread: u64) -> impl Strategy<Value = Vec<Step>> {
        prop::collection::vec((0u8..16, 0..=spread, 0..=spread, 0u8..12), 1..60)
    }

    /// What a server answers that does one thing after another.
    fn simulated(steps: &[Step]) -> Vec<Operation> {
        let (mut state, mut history) = (START, Vec::new());
        for (&(kind, before, after, fate), moment) in steps.iter().zip((1_000_u64..).step_by(10)) {
            let request = match kind {
                0..=3 => Request::Install,
                4..=6 => Request::Upgrade,
                7..=9 => Request::Uninstall,
                10..=12 => Request::Get,
                13 => Request::List,
                14 => Request::Publish(u32::try_from(moment).unwrap()),
                _ => Request::Delete,
            };
            let mut taken = operation(moment - before, moment + 1 + after, request, Answer::Unknown);
            let answers = [Answer::Done, Answer::Conflict, Answer::NotFound, Answer::Saw(state.installed)];
            let fits = |&answer: &Answer| state.after(&Operation { answer, ..taken }).is_some();
            let answer = answers.into_iter().find(fits).unwrap();
            if fate > 0 {
                state = state.after(&Operation { answer, ..taken }).unwrap();
            }
            if fate > 1 {
                taken.answer = answer;
            }
            history.push(taken);
        }
        history
    }

    /// All orders, tried one by one.
    fn some_order_fits(state: State, left: &[Operation]) -> bool {
        let Some(end) = left.iter().filter(|o| !o.is_unknown()).map(|o| o.answered).min() else {
            return true;
        };
        left.iter().enumerate().filter(|(_, next)| next.invoked <= end).any(|(index, next)| {
            let rest = [&left[..index], &left[index + 1..]].concat();
            state.after(next).is_some_and(|state| some_order_fits(state, &rest))
        })
    }

    fn any_operation() -> impl Strategy<Value = Operation> {
        let kinds = [
            (Request::Install, Answer::Done),
            (Request::Install, Answer::Conflict),
            (Request::Install, Answer::Unknown),
            (Request::Upgrade, Answer::Done),
            (Request::Upgrade, Answer::Unknown),
            (Request::Uninstall, Answer::Done),
            (Request::Uninstall, Answer::NotFound),
            (Request::Uninstall, Answer::Unknown),
            (Request::Get, Answer::Saw(None)),
            (Request::Get, Answer::Saw(Some(1))),
            (Request::List, Answer::Saw(Some(2))),
            (Request::Publish(2), Answer::Done),
            (Request::Delete, Answer::Unknown),
        ];
        let kind = prop::sample::select(kinds.to_vec());
        (0u64..12, 0u64..8, kind)
            .prop_map(|(from, length, (request, answer))| operation(from, from + length, request, answer))
    }

    proptest! {
        #[test]
        fn a_server_that_does_one_thing_after_another_is_never_accused(steps in steps(60)) {
            prop_assert!(accepts(&simulated(&steps)));
        }

        #[test]
        fn a_changed_read_is_found(steps in steps(60), chosen: prop::sample::Index, wrong in 0u32..3) {
            // Nobody ever published version 0; the others are wrong where nothing overlaps.
            let spread = if wrong == 0 { 60 } else { 4 };
            let certain = |&(kind, before, after, fate): &Step| {
                (kind, before.min(spread), after.min(spread), if wrong == 0 { fate } else { fate.max(2) })
            };
            let mut history = simulated(&steps.iter().map(certain).collect::<Vec<_>>());
            let reads: Vec<_> =
                history.iter_mut().filter(|o| o.request.is_read() && !o.is_unknown()).collect();
            prop_assume!(!reads.is_empty());
            let place = chosen.index(reads.len());
            let read = reads.into_iter().nth(place).unwrap();
            let other = if wrong == 2 { Answer::Saw(None) } else { Answer::Saw(Some(wrong)) };
            prop_assume!(read.answer != other);
            read.answer = other;
            prop_assert!(!accepts(&history));
        }

        #[test]
        fn the_search_finds_what_trying_all_orders_finds(
            history in prop::collection::vec(any_operation(), 0..7)
        ) {
            prop_assert_eq!(accepts(&history), some_order_fits(START, &history));
        }
    }
}
