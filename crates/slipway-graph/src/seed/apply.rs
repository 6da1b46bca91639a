//! Writes what differs between a seed and the store.

use jiff::Timestamp;
use slipway_identity::Ids;
use slipway_store::{CommitError, Partition, Store, View};

use super::Seed;
use super::batch::Batch;
use super::check::{Findings, TenantSeed};
use super::error::SeedError;
use super::passwords::Passwords;
use super::plan::{Planner, TenantPlan, plan_tenant};
use super::report::{Report, Tally};

/// How often a seed is compared anew when others changed the same rows.
const ATTEMPTS: usize = 8;

impl Seed {
    /// Writes what the store lacks or holds otherwise, tenant by tenant, in commits of at most 1,000 rows; a
    /// tenant of fewer rows is written in one. What the seed does not name stays as it is.
    ///
    /// Users, groups, chats, their members, clients and the names of the tenant become what the seed says; a member
    /// whom the list leaves out is no longer one. A version of an app keeps what it
    /// holds, and a published one stays published; the highest published version is current. An installation that
    /// is there stays at its version unless the seed names one. New objects are of the time `now`.
    ///
    /// Each distinct password costs about 20 ms on the calling thread.
    ///
    /// # Errors
    /// [`SeedError::Invalid`] if the seed does not fit what is stored: nothing was written, unless others changed
    /// the store meanwhile. [`SeedError::Read`] and [`SeedError::Commit`].
    pub async fn apply(&self, store: &Store, ids: &Ids, now: Timestamp) -> Result<Report, SeedError> {
        let passwords = Passwords::new(ids);
        let source = Source { seed: self, ids, now };
        let mut run = Run { store, source, passwords, report: self.all_unchanged() };
        for _ in 1..ATTEMPTS {
            match run.once().await {
                Err(SeedError::Commit(CommitError::Conflict(_))) => {}
                Err(error) => return Err(error),
                Ok(()) => return Ok(run.report),
            }
        }
        run.once().await?;
        Ok(run.report)
    }

    /// What is reported if nothing is written.
    fn all_unchanged(&self) -> Report {
        let total = |count: fn(&TenantSeed) -> usize| Tally::unchanged(self.tenants.iter().map(count).sum());
        Report {
            tenants: total(|_| 1),
            users: total(|tenant| tenant.said.users.len() + tenant.said.generated() as usize),
            teams: total(|tenant| tenant.said.teams.len()),
            groups: total(|tenant| tenant.said.groups.len()),
            chats: total(|tenant| tenant.said.chats.len()),
            memberships: total(|tenant| tenant.said.members()),
            clients: total(|tenant| tenant.said.clients.len()),
            apps: total(|tenant| tenant.apps.len()),
            definitions: total(|tenant| tenant.apps.iter().map(|app| app.definitions.len()).sum()),
            installations: total(|tenant| tenant.said.installations.len()),
        }
    }
}

/// What is to be in the store.
#[derive(Clone, Copy)]
struct Source<'a> {
    seed: &'a Seed,
    ids: &'a Ids,
    now: Timestamp,
}

impl<'a> Source<'a> {
    /// The tenants with their keys in the document.
    fn tenants(self) -> impl Iterator<Item = (String, &'a TenantSeed)> {
        self.seed.tenants.iter().enumerate().map(|(n, seed)| (format!("tenants[{n}]"), seed))
    }

    fn planner<'v>(
        self,
        view: &'v View,
        partition: Partition,
        at: &'v str,
        seed: &'v TenantSeed,
    ) -> Planner<'v>
    where
        'a: 'v,
    {
        Planner { view, partition, seed, at, ids: self.ids, now: self.now }
    }
}

/// A seed on its way into a store.
struct Run<'a> {
    store: &'a Store,
    source: Source<'a>,
    passwords: Passwords<'a>,
    report: Report,
}

impl Run<'_> {
    /// Compares the whole seed, then writes.
    async fn once(&mut self) -> Result<(), SeedError> {
        let plans = self.plan().await?;
        for ((at, seed), plan) in self.source.tenants().zip(plans) {
            self.write(&at, seed, plan).await?;
        }
        Ok(())
    }

    async fn plan(&mut self) -> Result<Vec<TenantPlan>, SeedError> {
        let view = self.store.view();
        let mut findings = Findings::new(&self.source.seed.places);
        let mut plans = Vec::new();
        for (at, seed) in self.source.tenants() {
            let (tenant, stored) = plan_tenant(&view, seed, &at, &mut findings).await?;
            let planner = self.source.planner(&view, Partition::of(&tenant), &at, seed);
            plans.push(planner.plan((tenant, stored), &mut self.passwords, &mut findings).await?);
        }
        findings.none_or(plans).map_err(SeedError::Invalid)
    }

    async fn write(&mut self, at: &str, seed: &TenantSeed, mut plan: TenantPlan) -> Result<(), SeedError> {
        let partition = Partition::of(&plan.tenant);
        let mut batch = Batch::new(self.store, &mut plan, &mut self.report);
        for user in plan.users {
            batch.user(user).await?;
        }
        for chunk in seed.said.generated_chunks() {
            let view = self.store.view();
            let mut findings = Findings::new(&self.source.seed.places);
            let planner = self.source.planner(&view, partition.clone(), at, seed);
            let users = planner.generated(chunk, &mut self.passwords, &mut findings).await?;
            for user in findings.none_or(users).map_err(SeedError::Invalid)? {
                batch.user(user).await?;
            }
        }
        // A membership comes after both whom it joins, since a commit may end anywhere in between.
        for row in plan.groups {
            batch.group(row).await?;
        }
        for row in plan.chats {
            batch.chat(row).await?;
        }
        for change in plan.memberships {
            batch.membership(change).await?;
        }
        for row in plan.clients {
            batch.client(row).await?;
        }
        for app in plan.apps {
            batch.app(app).await?;
        }
        for installation in plan.installations {
            batch.installation(installation).await?;
        }
        batch.commit().await
    }
}
