//! Random changesets against a map.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use slipway_model::{TenantId, User};
use slipway_store::{
    Changeset, CommitError, Counter, Index, Kind, Partition, Revision, Store, Violation, user,
};
use tokio::runtime::Handle;

use crate::place::{Place, user_id, user_named};

/// So few that they meet often.
const USERS: usize = 5;
const NAMES: usize = 4;

#[derive(Clone, Debug)]
enum Step {
    ExpectAbsent(usize),
    ExpectPresent(usize),
    /// The current revision, or the one before it.
    ExpectRevision(usize, bool),
    Put(usize, usize),
    Delete(usize),
    Add(i64),
}

fn step() -> impl Strategy<Value = Step> {
    let user = 0..USERS;
    prop_oneof![
        1 => user.clone().prop_map(Step::ExpectAbsent),
        1 => user.clone().prop_map(Step::ExpectPresent),
        1 => (user.clone(), any::<bool>()).prop_map(|(n, stale)| Step::ExpectRevision(n, stale)),
        5 => (user.clone(), 0..NAMES).prop_map(|(n, name)| Step::Put(n, name)),
        2 => user.prop_map(Step::Delete),
        1 => (-3_i64..9).prop_map(Step::Add),
    ]
}

/// What a store should hold.
#[derive(Clone, Default)]
struct Model {
    users: BTreeMap<usize, (usize, Revision)>,
    counter: i64,
}

impl Model {
    /// The changeset of the steps, and what should come of it: the violations of which one is reported, and the
    /// state if there is none.
    fn plan(
        &self,
        steps: &[Step],
        partition: &Partition,
        some: Revision,
    ) -> (Changeset, Vec<Violation>, Self) {
        let mut changeset = Changeset::new("random");
        let (mut violations, mut next) = (Vec::new(), self.clone());
        for step in steps {
            let key = |n: usize| user::key(partition, &user_id(n));
            let mut expect = |holds: bool, violation| {
                if !holds {
                    violations.push(violation);
                }
            };
            changeset = match *step {
                Step::ExpectAbsent(n) => {
                    expect(!self.users.contains_key(&n), Violation::Absent(Kind::User));
                    changeset.expect_absent(&key(n))
                }
                Step::ExpectPresent(n) => {
                    expect(self.users.contains_key(&n), Violation::Present(Kind::User));
                    changeset.expect_present(&key(n))
                }
                Step::ExpectRevision(n, stale) => {
                    let current = self.users.get(&n).map(|(_, revision)| *revision);
                    let revision = current.filter(|_| !stale).unwrap_or(some);
                    expect(current == Some(revision), Violation::Revision(Kind::User));
                    changeset.expect_revision(&key(n), revision)
                }
                Step::Put(n, name) => {
                    next.users.insert(n, (name, some));
                    changeset.put(partition, &named(n, name))
                }
                Step::Delete(n) => {
                    next.users.remove(&n);
                    changeset.delete(&key(n))
                }
                Step::Add(delta) => {
                    next.counter += delta;
                    changeset.add(partition, Counter::Users, delta)
                }
            };
        }
        violations.truncate(1);
        let mut names: Vec<_> = next.users.values().map(|(name, _)| name).collect();
        names.sort();
        if violations.is_empty() && names.windows(2).any(|pair| pair[0] == pair[1]) {
            violations.push(Violation::Unique(Index::UserPrincipalName));
        }
        (changeset, violations, next)
    }

    async fn check(&self, store: &Store, partition: &Partition) {
        let view = store.view();
        let page = view.scan(&user::all(partition), 100).await.unwrap();
        let found: Vec<_> = page.rows.into_iter().map(|row| (row.record, row.revision)).collect();
        let expected: Vec<_> =
            self.users.iter().map(|(n, (name, revision))| (named(*n, *name), *revision)).collect();
        assert_eq!(found, expected);
        for name in 0..NAMES {
            let holder = self.users.iter().find(|(_, (held, _))| *held == name).map(|(n, _)| named(*n, name));
            let principal_name = named(0, name).user_principal_name;
            let found = view.find(&user::by_principal_name(partition, &principal_name)).await.unwrap();
            assert_eq!(found.map(|found| found.record), holder);
        }
        assert_eq!(view.counter(partition, Counter::Users).await.unwrap(), self.counter);
    }
}

fn named(n: usize, name: usize) -> User {
    user_named(n, &format!("name{name}"))
}

/// Rows that the changeset writes get the commit's revision.
fn touched(steps: &[Step]) -> impl Iterator<Item = usize> + '_ {
    steps.iter().filter_map(|step| if let Step::Put(n, _) = step { Some(*n) } else { None })
}

async fn run(store: &Store, partition: &Partition, changesets: &[Vec<Step>]) -> Result<Model, TestCaseError> {
    let mut model = Model::default();
    let mut last = store.commit(Changeset::new("first").add(partition, Counter::Apps, 1)).await.unwrap();
    for steps in changesets {
        let (changeset, violations, mut next) = model.plan(steps, partition, last);
        match store.commit(changeset).await {
            Ok(revision) => {
                prop_assert_eq!(violations, vec![]);
                for n in touched(steps) {
                    next.users.entry(n).and_modify(|user| user.1 = revision);
                }
                (model, last) = (next, revision);
            }
            Err(CommitError::Conflict(violation)) => prop_assert_eq!(violations, vec![violation]),
            Err(error) => return Err(TestCaseError::fail(error.to_string())),
        }
    }
    model.check(store, partition).await;
    Ok(model)
}

/// One store for all cases, each in a generation of its own; in the end all are looked at again after reopening.
pub async fn random_changesets_behave_as_a_map(place: Place) {
    let store = place.open().await;
    let tenant = TenantId::parse("random").unwrap();
    let runtime = Handle::current();
    let cases = tokio::task::block_in_place(|| {
        let mut runner =
            TestRunner::new(Config { cases: 128, failure_persistence: None, ..Config::default() });
        let cases = std::cell::RefCell::new(Vec::new());
        let changesets = prop::collection::vec(prop::collection::vec(step(), 1..6), 1..12);
        let result = runner.run(&changesets, |changesets| {
            let generation = u32::try_from(cases.borrow().len()).unwrap();
            let partition = Partition::new(&tenant, generation);
            cases.borrow_mut().push((partition.clone(), None));
            let model = runtime.block_on(run(&store, &partition, &changesets))?;
            if let Some(case) = cases.borrow_mut().last_mut() {
                case.1 = Some(model);
            }
            Ok(())
        });
        result.unwrap();
        cases.into_inner()
    });
    assert_eq!(cases.len(), 128);
    drop(store);
    let store = place.open().await;
    for (partition, model) in cases {
        model.unwrap().check(&store, &partition).await;
    }
}
