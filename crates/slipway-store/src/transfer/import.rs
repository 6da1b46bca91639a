//! Reading tenants from lines into partitions that nobody sees, which one last commit makes the living ones.

use std::io::BufRead;

use slipway_model::{Tenant, TenantId, User};

use super::error::ImportError;
use super::file::Counts;
use super::load::{Load, Loaded};
use super::reader::{Line, Reader};
use crate::changeset::Changeset;
use crate::declared::Declared;
use crate::error::{CommitError, Violation};
use crate::key::Partition;
use crate::kind::Kind;
use crate::orders::Orders;
use crate::record::{Record as _, Undecodable};
use crate::records::import::{self, Import};
use crate::records::signing_key::{self, SigningKey};
use crate::records::tenant;
use crate::records::user_term::{self, Tokens};
use crate::store::{Store, Stored, View};

/// Most tenants of one file, and most signing keys, so that the last commit has room for them.
const MAX_TENANTS: usize = 100;

/// What becomes of a tenant that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and the file is refused.
    Kept,
    /// It becomes the file's, in one commit.
    Replaced,
}

impl Store {
    /// Reads what [`Store::export`] wrote. All of it becomes visible in one last commit, or nothing. Holds a few
    /// thousand small rows or a few packages in memory. Blocks its thread while it reads, so it is for `block_on`
    /// and not for a task among others.
    ///
    /// There is one import at a time: a new one ends those that were not finished, the one of a process that was
    /// killed as the one that still runs, and deletes what they left. What replaced tenants had is deleted before it
    /// returns. The terms of users are not in the file; they are made with the tokens that are given.
    ///
    /// # Errors
    /// [`ImportError`]; nothing of the file is visible then, except perhaps after [`CommitError::Unknown`].
    pub async fn import(
        &self,
        file: impl BufRead,
        existing: Existing,
        tokens: Tokens,
    ) -> Result<Counts, ImportError> {
        self.end_unfinished_imports().await?;
        let mut run = Run { store: self, existing, tokens, incoming: Vec::new(), keys: Vec::new() };
        let outcome = match run.read(file).await {
            Ok(counts) => run.publish().await.map(|()| counts),
            Err(error) => Err(error),
        };
        if outcome.is_err() {
            for incoming in &run.incoming {
                if let Err(error) = self.end_import(&incoming.import).await {
                    tracing::warn!(%error, "the next import deletes what this one left");
                }
            }
        }
        if let Err(error) = self.finish_sweeps().await {
            tracing::warn!(%error, "rows of former tenants are left; the next start goes on deleting them");
        }
        outcome
    }

    /// Ends the imports that did not get to their last commit.
    pub(crate) async fn end_unfinished_imports(&self) -> Result<(), CommitError> {
        let view = self.view();
        let mut rest = Some(import::all());
        while let Some(range) = rest.take() {
            let page = view.scan(&range, Kind::Import.page()).await?;
            for row in &page.rows {
                self.end_import(&row.record).await?;
            }
            rest = page.next.map(|cursor| import::all().after(cursor));
        }
        Ok(())
    }

    /// Keeps the import from writing more, and has deleted what it wrote.
    async fn end_import(&self, import: &Import) -> Result<(), CommitError> {
        let key = import.key(&Partition::global());
        let end = Changeset::new("end an import").expect_present(&key).delete(&key);
        match self.commit(end.sweep_partition(&import.partition())).await {
            // It was ended already, or has just finished.
            Ok(_) | Err(CommitError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// A tenant of the file.
struct Incoming {
    tenant: Tenant,
    import: Import,
    /// The tenant that is there.
    former: Option<Stored<Tenant>>,
}

/// A file on its way into the storage.
struct Run<'a> {
    store: &'a Store,
    existing: Existing,
    tokens: Tokens,
    incoming: Vec<Incoming>,
    keys: Vec<SigningKey>,
}

impl Run<'_> {
    /// Stores all rows of tenants where nobody sees them.
    async fn read(&mut self, file: impl BufRead) -> Result<Counts, ImportError> {
        let mut reader = Reader::begin(file)?;
        let mut load: Option<Load> = None;
        while let Some(line) = reader.next()? {
            match line.kind {
                Kind::SigningKey => self.key(&line).await?,
                Kind::Tenant => {
                    if let Some(mut load) = load.take() {
                        load.settle().await?;
                    }
                    load = Some(self.tenant(&line).await?);
                }
                _ => {
                    let load = load.as_mut().filter(|_| self.is_current(&line));
                    let load = load.ok_or_else(|| line.refuse("it stands behind no line of its tenant"))?;
                    let row = loaded(&line, load.partition(), self.tokens);
                    load.add(row.map_err(|error| line.undecodable(&error))?).await?;
                }
            }
        }
        if let Some(mut load) = load {
            load.settle().await?;
        }
        Ok(reader.counts())
    }

    fn is_current(&self, line: &Line<'_>) -> bool {
        let current = self.incoming.last().map(|incoming| incoming.tenant.id.as_str());
        current.is_some() && current == line.tenant.as_deref()
    }

    /// A key is put with the last commit. One that is there already is left as it is.
    async fn key(&mut self, line: &Line<'_>) -> Result<(), ImportError> {
        let key = SigningKey::decode(line.document.as_bytes()).map_err(|error| line.undecodable(&error))?;
        if self.keys.iter().any(|other| other.kid == key.kid) {
            return Err(line.refuse("the file has this signing key twice"));
        }
        match self.store.view().get(&signing_key::key(&key.kid)).await? {
            None if self.keys.len() == MAX_TENANTS => {
                Err(line.refuse(format!("the file has more than {MAX_TENANTS} new signing keys")))
            }
            None => {
                self.keys.push(key);
                Ok(())
            }
            Some(stored) if stored.record == key => Ok(()),
            Some(_) => Err(line.refuse(format!("another signing key with the id '{}' is there", key.kid))),
        }
    }

    /// Says in the storage that the tenant is being imported, and where its rows go.
    async fn tenant(&mut self, line: &Line<'_>) -> Result<Load, ImportError> {
        let tenant = Tenant::decode(line.document.as_bytes()).map_err(|error| line.undecodable(&error))?;
        if line.tenant.as_deref() != Some(tenant.id.as_str()) {
            return Err(line.refuse("it is another tenant than its document says"));
        }
        let known = |other: &Incoming| other.tenant.id == tenant.id || other.tenant.domain == tenant.domain;
        if self.incoming.iter().any(known) {
            return Err(line.refuse(format!("the file has the tenant or its domain {} twice", tenant.domain)));
        }
        if self.incoming.len() == MAX_TENANTS {
            return Err(line.refuse(format!("the file has more than {MAX_TENANTS} tenants")));
        }
        let view = self.store.view();
        let former = view.get(&tenant::key(&tenant.id)).await?;
        if former.is_some() && self.existing == Existing::Kept {
            let (tenant, domain) = (tenant.id.to_string(), tenant.domain);
            return Err(ImportError::Exists { line: line.number, tenant, domain });
        }
        if let Some(owner) = view.find(&tenant::by_domain(&tenant.domain)).await?
            && owner.record.id != tenant.id
        {
            let (domain, owner) = (&tenant.domain, owner.record.id);
            return Err(line.refuse(format!("its domain {domain} is that of the tenant {owner}")));
        }
        let living = former.as_ref().map_or(0, |former| former.record.generation);
        let generation = fresh_generation(&view, &tenant.id, living).await?;
        let import = Import { tenant: tenant.id.clone(), generation };
        let begin = Changeset::new("begin an import").expect_absent(&import.key(&Partition::global()));
        self.store.commit(begin.put(&Partition::global(), &import)).await?;
        let load = Load::new(self.store, &import);
        let tenant = Tenant { generation, ..tenant };
        self.incoming.push(Incoming { tenant, import, former });
        Ok(load)
    }

    /// The last commit.
    async fn publish(&self) -> Result<(), ImportError> {
        let global = Partition::global();
        let mut changes = Changeset::new("finish an import");
        for Incoming { tenant, import, former } in &self.incoming {
            let (row, begun) = (tenant::key(&tenant.id), import.key(&global));
            changes = changes.expect_present(&begun).delete(&begun);
            changes = match former {
                None => changes.expect_absent(&row),
                Some(former) => changes
                    .expect_revision(&row, former.revision)
                    .sweep_partition(&Partition::of(&former.record)),
            };
            changes = changes.put(&global, tenant);
        }
        for key in &self.keys {
            changes = changes.expect_absent(&signing_key::key(&key.kid)).put(&global, key);
        }
        match self.store.commit(changes).await {
            Ok(_) => Ok(()),
            Err(CommitError::Conflict(Violation::Present(Kind::Import))) => Err(ImportError::Ended),
            Err(error) => Err(error.into()),
        }
    }
}

/// The row of the line, a user's with its terms.
fn loaded(line: &Line<'_>, partition: &Partition, tokens: Tokens) -> Result<Loaded, Undecodable> {
    let (kind, document) = (line.kind, line.document.as_bytes());
    let record = Declared::new(kind, partition, document)?;
    let terms = match kind {
        Kind::User => user_term::of(&User::decode(document)?, tokens),
        _ => Vec::new(),
    };
    let along = terms.iter().map(|term| Declared::of_record(partition, term)).collect::<Result<_, _>>()?;
    Ok(Loaded { line: line.number, kind, record, along })
}

/// A generation in which no row of the tenant stands or will be deleted. A tenant that is made in another way begins
/// with 0, so that it does not meet the rows of an import.
async fn fresh_generation(view: &View, tenant: &TenantId, living: u32) -> Result<u32, ImportError> {
    let orders = Orders::of(view).await?;
    let mut later = living.saturating_add(1)..=u32::MAX;
    let fresh = later.find(|generation| !orders.touch(&Partition::new(tenant, *generation)));
    fresh.ok_or_else(|| CommitError::Invalid("the tenant has no generation left".to_owned()).into())
}
