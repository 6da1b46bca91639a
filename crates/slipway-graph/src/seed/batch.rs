//! The commits of a seed: rows go together until a commit is full.

use std::mem;

use slipway_model::{Chat, Client, Group, Owner, Tenant};
use slipway_store::{
    Changeset, Counter, Key, MAX_ROWS, Partition, Record, Revision, Store, app, chat, group, tenant, user,
    user_term,
};

use super::error::SeedError;
use super::plan::{
    AppPlan, InstallationChange, InstallationPlan, MembershipChange, Row, TenantPlan, UserPlan,
};
use super::report::{Change, Report, Tally};
use crate::graph::users::search_tokens;

/// Name of the commits in logs and metrics.
const COMMIT: &str = "seed";

/// Rows of one tenant on their way into the store. Each commit expects the tenant to be as it was read, so that
/// nothing is written into a generation that a reset has left.
pub struct Batch<'a> {
    store: &'a Store,
    partition: Partition,
    tenant: Key<Tenant>,
    /// Revision of the tenant's row; none = the open changeset makes it.
    seen: Option<Revision>,
    open: Changeset,
    counts: Vec<(Of, Change)>,
    report: &'a mut Report,
}

type Of = fn(&mut Report) -> &mut Tally;

impl<'a> Batch<'a> {
    /// Begins with the tenant's own row.
    pub fn new(store: &'a Store, plan: &mut TenantPlan, report: &'a mut Report) -> Self {
        let mut batch = Self {
            store,
            partition: Partition::of(&plan.tenant),
            tenant: tenant::key(&plan.tenant.id),
            seen: plan.seen,
            open: Changeset::new(COMMIT),
            counts: Vec::new(),
            report,
        };
        if let Some(row) = plan.row.take() {
            batch.seen = None;
            let change = batch.put(&row);
            batch.counts.push((|report| &mut report.tenants, change));
        }
        batch
    }

    /// Writes the user with the terms by which it is found, in place of those by which it was.
    pub async fn user(&mut self, plan: UserPlan) -> Result<(), SeedError> {
        let terms = user_term::of(&plan.row.record, search_tokens);
        let mut gone = plan.before.map(|before| user_term::of(&before, search_tokens)).unwrap_or_default();
        gone.retain(|term| !terms.contains(term));
        self.make_room(1 + terms.len() + gone.len()).await?;
        let change = self.put(&plan.row);
        self.count_up(Counter::Users, change);
        self.counts.push((|report| &mut report.users, change));
        let partition = self.partition.clone();
        self.edit(|open| {
            let open = terms.iter().fold(open, |open, term| open.put(&partition, term));
            gone.iter().fold(open, |open, term| open.delete(&user_term::key(&partition, term)))
        });
        Ok(())
    }

    pub async fn group(&mut self, row: Row<Group>) -> Result<(), SeedError> {
        self.make_room(1).await?;
        let change = self.put(&row);
        let of: Of =
            if row.record.is_team { |report| &mut report.teams } else { |report| &mut report.groups };
        self.counts.push((of, change));
        Ok(())
    }

    pub async fn chat(&mut self, row: Row<Chat>) -> Result<(), SeedError> {
        self.make_room(1).await?;
        let change = self.put(&row);
        self.counts.push((|report| &mut report.chats, change));
        Ok(())
    }

    /// Nothing says that the member and the container are there: only with the tenant's generation do they go.
    pub async fn membership(&mut self, change: MembershipChange) -> Result<(), SeedError> {
        self.make_room(1).await?;
        let change = match change {
            MembershipChange::Put(row) => self.put(&row),
            MembershipChange::Remove(stored) => {
                let key = stored.record.key(&self.partition);
                self.edit(|open| open.expect_revision(&key, stored.revision).delete(&key));
                Change::Removed
            }
        };
        self.counts.push((|report| &mut report.memberships, change));
        Ok(())
    }

    pub async fn client(&mut self, row: Row<Client>) -> Result<(), SeedError> {
        self.make_room(1).await?;
        let change = self.put(&row);
        self.counts.push((|report| &mut report.clients, change));
        Ok(())
    }

    pub async fn app(&mut self, plan: AppPlan) -> Result<(), SeedError> {
        let rows = usize::from(plan.row.is_some()) + plan.definitions.len() + plan.packages.len();
        if rows == 0 {
            return Ok(());
        }
        self.make_room(rows).await?;
        match (plan.row, plan.seen) {
            (Some(row), _) => {
                let change = self.put(&row);
                self.count_up(Counter::Apps, change);
                self.counts.push((|report| &mut report.apps, change));
            }
            (None, Some(seen)) => {
                let key = app::key(&self.partition, &plan.app.id);
                self.edit(|open| open.expect_revision(&key, seen));
            }
            (None, None) => {}
        }
        for row in plan.definitions {
            let change = self.put(&row);
            self.counts.push((|report| &mut report.definitions, change));
        }
        for row in plan.packages {
            self.put(&row);
        }
        Ok(())
    }

    pub async fn installation(&mut self, plan: InstallationPlan) -> Result<(), SeedError> {
        self.make_room(1).await?;
        let app = app::key(&self.partition, &plan.row.record.app);
        if plan.owner_stored {
            let (owner, partition) = (&plan.row.record.owner, self.partition.clone());
            self.edit(|open| match owner {
                Owner::User(id) => open.expect_present(&user::key(&partition, id)),
                Owner::Team(id) => open.expect_present(&group::key(&partition, id)),
                Owner::Chat(id) => open.expect_present(&chat::key(&partition, id)),
            });
        }
        if let Some(kept) = plan.app_kept {
            self.edit(|open| open.expect_revision(&app, kept));
        }
        let written = self.put(&plan.row);
        self.count_up(Counter::Installations, written);
        let change = match plan.change {
            InstallationChange::Created | InstallationChange::Revived => Change::Created,
            InstallationChange::Changed => Change::Changed,
        };
        self.counts.push((|report| &mut report.installations, change));
        Ok(())
    }

    /// Commits what is left.
    pub async fn commit(mut self) -> Result<(), SeedError> {
        self.flush().await
    }

    async fn make_room(&mut self, rows: usize) -> Result<(), SeedError> {
        if self.open.rows() + rows > MAX_ROWS { self.flush().await } else { Ok(()) }
    }

    async fn flush(&mut self) -> Result<(), SeedError> {
        if self.open.rows() == 0 {
            return Ok(());
        }
        let mut changes = mem::replace(&mut self.open, Changeset::new(COMMIT));
        if let Some(seen) = self.seen {
            changes = changes.expect_revision(&self.tenant, seen);
        }
        let revision = self.store.commit(changes).await.map_err(SeedError::Commit)?;
        self.seen.get_or_insert(revision);
        for (of, change) in self.counts.drain(..) {
            of(self.report).count(change);
        }
        Ok(())
    }

    /// Writes the row if it still is as it was read.
    fn put<R: Record>(&mut self, row: &Row<R>) -> Change {
        let (key, partition) = (row.record.key(&self.partition), self.partition.clone());
        self.edit(|open| match row.seen {
            Some(seen) => open.expect_revision(&key, seen).put(&partition, &row.record),
            None => open.expect_absent(&key).put(&partition, &row.record),
        });
        if row.seen.is_none() { Change::Created } else { Change::Changed }
    }

    fn count_up(&mut self, counter: Counter, change: Change) {
        if matches!(change, Change::Created) {
            let partition = self.partition.clone();
            self.edit(|open| open.add(&partition, counter, 1));
        }
    }

    fn edit(&mut self, edit: impl FnOnce(Changeset) -> Changeset) {
        self.open = edit(mem::replace(&mut self.open, Changeset::new(COMMIT)));
    }
}
