//! What the storage holds before the first request: the demo tenant, the seed.

use jiff::Timestamp;
use slipway_graph::seed::{Credential, DEMO_TENANT, Seed, SeedError};
use slipway_identity::Ids;
use slipway_model::TenantId;
use slipway_store::{ReadError, Store, tenant};

use crate::config::{Mode, Settings};
use crate::failure::Failure;

/// Puts the demo tenant into empty storage, in mode lab and unless it is unwanted; then applies the seed. Gives a
/// client that can sign in: the seed's first one with a secret, else the demo tenant's.
///
/// # Errors
/// [`Failure::Usage`] if the seed is wrong, [`Failure::Runtime`] if the storage fails or has the demo tenant in mode
/// service.
pub async fn fill(
    settings: &Settings,
    store: &Store,
    ids: &Ids,
    now: Timestamp,
) -> Result<Option<Credential>, Failure> {
    let mut client = None;
    if settings.mode() == Mode::Lab && !settings.no_demo && is_empty(store).await? {
        let report = Seed::demo().map_err(told)?.apply(store, ids, now).await.map_err(told)?;
        tracing::info!("demo tenant: {report}");
    }
    if let Some(file) = &settings.seed {
        let seed = Seed::load(file).map_err(told)?;
        client = seed.credential();
        let report = seed.apply(store, ids, now).await.map_err(told)?;
        tracing::info!("{}: {report}", file.display());
        refuse_demo_in_service(settings, store).await?;
    }
    if client.is_none() && has_demo(store).await? {
        client = Some(Credential::demo());
    }
    Ok(client)
}

/// Keeps mode service from serving the demo tenant, which an earlier start in mode lab may have left in the storage,
/// or a seed put there.
///
/// # Errors
/// [`Failure::Runtime`] if it is there, or the storage cannot be read.
pub async fn refuse_demo_in_service(settings: &Settings, store: &Store) -> Result<(), Failure> {
    if settings.mode() == Mode::Service && has_demo(store).await? {
        let other = if settings.database.is_some() { "database" } else { "--data folder" };
        return Err(Failure::Runtime(format!(
            "{} holds the demo tenant, whose password and secrets everybody knows: mode service does not serve it\n\
             hint: use another {other}, or --mode lab",
            store.name()
        )));
    }
    Ok(())
}

/// Whether the demo tenant is in the storage, from this start or an earlier one.
///
/// # Errors
/// [`Failure::Runtime`] if the storage cannot be read.
async fn has_demo(store: &Store) -> Result<bool, Failure> {
    let id = TenantId::parse(DEMO_TENANT).map_err(|error| Failure::at("demo tenant", error))?;
    let row = store.view().get(&tenant::key(&id)).await.map_err(unreadable)?;
    Ok(row.is_some())
}

async fn is_empty(store: &Store) -> Result<bool, Failure> {
    let tenants = store.view().count(&tenant::all(), 1).await.map_err(unreadable)?;
    Ok(tenants == 0)
}

fn unreadable(error: ReadError) -> Failure {
    Failure::at("storage", error)
}

#[expect(clippy::needless_pass_by_value, reason = "map_err gives it away")]
fn told(error: SeedError) -> Failure {
    match error {
        SeedError::File { .. } | SeedError::Invalid(_) => Failure::Usage(error.to_string()),
        SeedError::Read(_) | SeedError::Commit(_) => Failure::Runtime(error.to_string()),
    }
}
