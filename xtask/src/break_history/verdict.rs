//! From recordings to a verdict: the history of each (user, app), checked, and once more with a false answer in it.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::Context as _;

use super::clients::{Key, Recording};
use super::evidence::{Evidence, shortest};
use super::history::{Operation, State};
use super::linear::check;
use super::plant::stale_reads;
use super::publisher::Fate;

/// What is told of one (user, app).
pub struct History {
    start: State,
    /// In the order of requests.
    operations: Vec<Operation>,
}

/// What the checker says.
pub enum Verdict {
    Linearizable,
    /// In so many histories; the evidence is from one of them.
    Violated(usize, Found),
    /// The planted answer was noticed.
    PlantedFound(Found),
    /// The planted answer was taken for an honest one.
    PlantedMissed(Key),
}

/// A violation and where it was found.
pub struct Found {
    key: Key,
    evidence: Evidence,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Linearizable => f.write_str("verdict: every history is linearizable"),
            Self::Violated(count, found) => {
                write!(f, "verdict: {count} histories are NOT linearizable\n{found}")
            }
            Self::PlantedFound(found) => write!(f, "verdict: the planted stale read was found\n{found}"),
            Self::PlantedMissed(key) => write!(f, "verdict: the planted stale read was MISSED in {key}"),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.key, self.evidence)
    }
}

/// Sorts what clients and publishers saw by key.
///
/// # Errors
/// When an app has no fate.
pub fn gather(recordings: Vec<Recording>, fates: &[Fate]) -> anyhow::Result<BTreeMap<Key, History>> {
    let fates: BTreeMap<usize, &Fate> = fates.iter().map(|fate| (fate.life.number, fate)).collect();
    let mut histories: BTreeMap<Key, Vec<Operation>> = BTreeMap::new();
    for (key, operation) in recordings.into_iter().flat_map(|recording| recording.operations) {
        histories.entry(key).or_default().push(operation);
    }
    let with_fate = |(key, mut operations): (Key, Vec<Operation>)| {
        let fate = fates.get(&key.life).context("an app that was not published")?;
        operations.extend(&fate.operations);
        operations.sort_by_key(|operation| operation.invoked);
        Ok((key, History { start: fate.start, operations }))
    };
    histories.into_iter().map(with_fate).collect()
}

/// Checks every history, and gives the longest overlap in those that are linearizable.
pub fn judge(histories: &BTreeMap<Key, History>) -> (usize, Verdict) {
    let (mut longest_overlap, mut violated, mut found) = (0, 0, None);
    for (&key, History { start, operations }) in histories {
        match check(&[*start], operations) {
            Ok(linearizable) => longest_overlap = longest_overlap.max(linearizable.longest_overlap),
            Err(violation) => {
                violated += 1;
                found.get_or_insert_with(|| {
                    let evidence = shortest(*start, operations, violation);
                    Found { key, evidence }
                });
            }
        }
    }
    let verdict = found.map_or(Verdict::Linearizable, |found| Verdict::Violated(violated, found));
    (longest_overlap, verdict)
}

/// Changes one answer somewhere and checks that history again.
///
/// # Errors
/// When there is no read that could be made stale.
pub fn plant(histories: &mut BTreeMap<Key, History>, chance: &mut fastrand::Rng) -> anyhow::Result<Verdict> {
    let places: Vec<_> = histories
        .iter()
        .flat_map(|(&key, history)| stale_reads(&history.operations).into_iter().map(move |read| (key, read)))
        .collect();
    let nowhere = "no read to falsify: ask for more --operations or fewer --clients";
    let (key, read) = chance.choice(places).context(nowhere)?;
    let history = histories.get_mut(&key).context(nowhere)?;
    let planted = history.operations.get_mut(read.operation).context(nowhere)?;
    let honest = std::mem::replace(&mut planted.answer, read.seen);
    println!("planted in {key}, instead of \"{honest}\":\n  {planted}");
    Ok(match check(&[history.start], &history.operations) {
        Ok(_) => Verdict::PlantedMissed(key),
        Err(violation) => {
            let evidence = shortest(history.start, &history.operations, violation);
            Verdict::PlantedFound(Found { key, evidence })
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::catalog::Life;
    use super::super::history::tests::operation;
    use super::super::history::{Answer, Request};
    use super::*;

    const KEY: Key = Key { life: 7, user: 2 };

    /// Two clients' recordings of one key, and a publication between them.
    fn histories() -> BTreeMap<Key, History> {
        let recording = |operations: &[Operation]| Recording {
            operations: operations.iter().map(|&operation| (KEY, operation)).collect(),
            ..Recording::default()
        };
        let recordings = vec![
            recording(&[
                operation(1, 2, Request::Install, Answer::Done),
                operation(7, 8, Request::Upgrade, Answer::Done),
            ]),
            recording(&[
                operation(3, 4, Request::List, Answer::Saw(Some(1))),
                operation(9, 10, Request::Get, Answer::Saw(Some(5))),
            ]),
        ];
        let start = State { published: Some(1), installed: None };
        let operations = vec![operation(5, 6, Request::Publish(5), Answer::Done)];
        let life = Life { number: KEY.life, app: "a".into() };
        gather(recordings, &[Fate { life, start, operations }]).unwrap()
    }

    #[test]
    fn histories_are_gathered_in_order_and_judged() {
        let mut histories = histories();
        assert!(histories[&KEY].operations.is_sorted_by_key(|operation| operation.invoked));
        assert!(matches!(judge(&histories), (1, Verdict::Linearizable)));
        histories.get_mut(&KEY).unwrap().operations[3].answer = Answer::NotFound;
        let (_, verdict) = judge(&histories);
        let Verdict::Violated(1, Found { key: KEY, evidence }) = verdict else { panic!("{verdict}") };
        // Seen, a version published, not there any more.
        assert_eq!(evidence.operations, histories[&KEY].operations[1..4]);
    }

    #[test]
    fn a_plant_is_found() {
        let mut histories = histories();
        let verdict = plant(&mut histories, &mut fastrand::Rng::with_seed(1)).unwrap();
        assert!(matches!(verdict, Verdict::PlantedFound(Found { key: KEY, .. })), "{verdict}");
        histories.get_mut(&KEY).unwrap().operations.truncate(2);
        assert!(plant(&mut histories, &mut fastrand::Rng::with_seed(1)).is_err());
    }
}
