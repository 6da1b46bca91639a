//! Terms for users whom a Slipway without terms wrote.
//!
//! Whether a tenant's users have terms is told by the version of its document, which such a Slipway could not read.

use slipway_model::Tenant;

use crate::changeset::{Changeset, MAX_ROWS};
use crate::error::{CommitError, ReadError};
use crate::key::Partition;
use crate::kind::Kind;
use crate::record::{self, Record as _};
use crate::records::user_term::{self, Tokens};
use crate::records::{tenant, user};
use crate::store::{Store, Stored, View};

/// The first version of a tenant's document with which its users have terms.
const SINCE: u32 = 2;

/// How often it is tried when others change the same rows.
const ATTEMPTS: usize = 8;

impl Store {
    /// Gives terms to the users of every tenant that a Slipway without terms wrote. To be called after opening, before
    /// a tenant is written, since one that is written counts as having them from then on. With nothing to do it
    /// costs a look at each tenant. What was interrupted is done again by the next call, and servers that share
    /// the storage may do it at the same time.
    ///
    /// # Errors
    /// [`CommitError`]; a conflict means that others kept changing the tenant or its users.
    pub async fn add_missing_terms(&self, tokens: Tokens) -> Result<(), CommitError> {
        for _ in 1..ATTEMPTS {
            match self.try_to_add_terms(tokens).await {
                Err(CommitError::Conflict(_)) => {}
                outcome => return outcome,
            }
        }
        self.try_to_add_terms(tokens).await
    }

    async fn try_to_add_terms(&self, tokens: Tokens) -> Result<(), CommitError> {
        let view = self.view();
        for tenant in tenants_without(&view).await? {
            let users = self.add_terms(&view, &tenant, tokens).await?;
            tracing::info!(tenant = %tenant.record.id, users, "users are found by their names from now on");
        }
        Ok(())
    }

    /// The tenant's new row comes last; how many users it has.
    async fn add_terms(
        &self,
        view: &View,
        tenant: &Stored<Tenant>,
        tokens: Tokens,
    ) -> Result<usize, CommitError> {
        let (partition, key) = (Partition::of(&tenant.record), tenant::key(&tenant.record.id));
        let begin = || Changeset::new("terms of users").expect_revision(&key, tenant.revision);
        let mut changes = begin();
        let mut users = 0;
        let mut rest = Some(user::all(&partition));
        while let Some(range) = rest.take() {
            let page = view.scan(&range, Kind::User.page()).await?;
            for Stored { record, revision } in &page.rows {
                let terms = user_term::of(record, tokens);
                // One place is the tenant's.
                if changes.rows() + terms.len() >= MAX_ROWS {
                    self.commit(changes).await?;
                    changes = begin();
                }
                changes = changes.expect_revision(&user::key(&partition, &record.id), *revision);
                changes = terms.iter().fold(changes, |changes, term| changes.put(&partition, term));
            }
            users += page.rows.len();
            rest = page.next.map(|cursor| user::all(&partition).after(cursor));
        }
        self.commit(changes.put(&Partition::global(), &tenant.record)).await?;
        Ok(users)
    }
}

/// The tenants whose users have no terms yet. One that cannot be read is not among them.
pub(crate) async fn tenants_without(view: &View) -> Result<Vec<Stored<Tenant>>, ReadError> {
    let mut span = tenant::all().span;
    let mut tenants = Vec::new();
    loop {
        let (rows, next) = view.rows(&span, Kind::Tenant.page()).await?;
        for row in rows {
            if record::version(row.document()).is_ok_and(|version| version < SINCE)
                && let Ok(record) = Tenant::decode(row.document())
            {
                tenants.push(Stored { record, revision: row.revision });
            }
        }
        let Some(cursor) = next else { return Ok(tenants) };
        span.after = Some(cursor);
    }
}
