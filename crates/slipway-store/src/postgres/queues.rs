//! Queues before the rows that every batch holds and few write: those of tenants, clients and apps.
//!
//! Row locks are not fair: a `FOR SHARE` overtakes the `FOR UPDATE` that waits for the same row, so a change of a row
//! that busy servers hold in turns would have to wait until all of them happen to be idle. Advisory locks are given in
//! the order in which they were asked for. They only keep the order; what is right is up to the row locks.

use std::collections::{BTreeMap, BTreeSet};

use xxhash_rust::xxh3::xxh3_64;

use super::pipeline::Step;
use super::sql;
use super::transaction::{Request, expected_absent};
use crate::kind::Kind;

/// How many there are, so that a batch of many rows takes no more of the database's table of locks. Rows that share one
/// wait for each other's changes, at most for a batch. Servers of one database must agree on it.
const QUEUES: u64 = 64;

/// What lets the batch wait for its turn; none = it needs none.
pub(super) fn wait(requests: &[Request]) -> Option<Step<'static>> {
    let (queues, alone): (Vec<i32>, Vec<bool>) = of_batch(requests).into_iter().unzip();
    (!queues.is_empty()).then(|| Step::new(sql::WAIT, vec![Box::new(queues), Box::new(alone)]))
}

/// The queues of the batch, and whether it has to go through alone, in the order in which all servers enter them:
/// nobody then waits in a circle.
fn of_batch(requests: &[Request]) -> BTreeMap<i32, bool> {
    // A row that is not there yet is in nobody's way.
    let absent: BTreeSet<&[u8]> = requests.iter().flat_map(expected_absent).map(AsRef::as_ref).collect();
    let mut queues = BTreeMap::new();
    let mut enter = |key: &[u8], alone: bool| {
        if let Some(queue) = of_row(key).filter(|_| !absent.contains(key)) {
            *queues.entry(queue).or_default() |= alone;
        }
    };
    for request in requests {
        request.expected().for_each(|(key, _)| enter(key, false));
        request.written().for_each(|key| enter(key, true));
    }
    queues
}

/// The queue before a row; none = it needs none.
fn of_row(key: &[u8]) -> Option<i32> {
    match Kind::of_key(key)? {
        Kind::Tenant | Kind::Client | Kind::App => i32::try_from(xxh3_64(key) % QUEUES).ok(),
        Kind::User
        | Kind::Definition
        | Kind::Package
        | Kind::Installation
        | Kind::SigningKey
        | Kind::DeviceGrant
        | Kind::Sweep
        | Kind::Import
        | Kind::Group
        | Kind::Chat
        | Kind::Membership
        | Kind::UserTerm
        | Kind::Consent
        | Kind::Session => None,
    }
}

#[cfg(test)]
mod tests {
    use slipway_model::{AppPermissionPolicy, ClientId, TeamsAppSettings, Tenant, TenantId, UserId};

    use super::*;
    use crate::changeset::Changeset;
    use crate::key::Partition;
    use crate::records::{client, tenant, user};

    fn queues(changesets: impl IntoIterator<Item = Changeset>) -> BTreeMap<i32, bool> {
        of_batch(&changesets.into_iter().map(Request::new).collect::<Vec<_>>())
    }

    fn id() -> TenantId {
        TenantId::parse("contoso").unwrap()
    }

    #[test]
    fn a_row_that_is_written_is_waited_for_alone_even_if_others_of_the_batch_only_expect_it() {
        let expect = || Changeset::new("expect").expect_present(&tenant::key(&id()));
        let record = Tenant {
            id: id(),
            display_name: String::new(),
            domain: "contoso.example".into(),
            generation: 1,
            settings: TeamsAppSettings::default(),
            policy: AppPermissionPolicy::default(),
            has_special_users: false,
        };
        let put = || Changeset::new("put").put(&Partition::global(), &record);
        let queue = of_row(&tenant::key(&id()).0).unwrap();
        assert_eq!(queues([expect(), expect()]), BTreeMap::from([(queue, false)]));
        assert_eq!(queues([expect(), put(), expect()]), BTreeMap::from([(queue, true)]));
    }

    #[test]
    fn rows_that_few_hold_or_that_are_not_there_need_no_queue() {
        let partition = Partition::new(&id(), 1);
        let user = user::key(&partition, &UserId::parse("u").unwrap());
        let new = client::key(&partition, &ClientId::parse("c").unwrap());
        let changes = || Changeset::new("changes").delete(&user).expect_absent(&new);
        assert_eq!(queues([changes()]), BTreeMap::new());
        assert!(wait(&[Request::new(changes())]).is_none());
    }

    #[test]
    fn many_rows_have_no_more_queues_than_there_are() {
        let partition = Partition::new(&id(), 1);
        let expect = |n: u32| {
            let client = ClientId::parse(&format!("client-{n}")).unwrap();
            Changeset::new("expect").expect_present(&client::key(&partition, &client))
        };
        let queues = queues((0..2_000).map(expect));
        assert_eq!((queues.len(), queues.keys().max()), (64, Some(&63)));
    }
}
