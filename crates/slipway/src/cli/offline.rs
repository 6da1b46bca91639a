//! Commands that open the storage themselves, in place of a server.

use slipway_store::{OpenError, Store};
use tokio::runtime::Builder;

use crate::config::Settings;
use crate::failure::Failure;
use crate::{storage, telemetry};

/// Runs the work of a command, with a log.
///
/// # Errors
/// The work's, and [`Failure::Runtime`] if there can be no log or no runtime.
pub fn run<T>(settings: &Settings, work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    telemetry::start(settings.log_format, &settings.log_level)?;
    for warning in &settings.warnings {
        tracing::warn!("{warning}");
    }
    let runtime = Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Failure::at("runtime", error))?.block_on(work)
}

/// Opens the storage that the settings name, which must be there; none = a server has the folder open.
///
/// # Errors
/// [`Failure::Usage`] if they name none, [`Failure::Runtime`] if it cannot be opened.
pub async fn open(settings: &Settings) -> Result<Option<Store>, Failure> {
    kept(settings)?;
    if settings.database.is_some() {
        return storage::open(settings).await.map(Some);
    }
    // A folder that is misspelt would be made.
    if !settings.data.is_dir() {
        let data = settings.data.display();
        return Err(Failure::Usage(format!(
            "{data} is no folder\nhint: --data names the folder of a server"
        )));
    }
    match Store::open(&settings.data).await {
        Ok(store) => Ok(Some(store)),
        Err(OpenError::InUse(_)) => Ok(None),
        Err(error) => Err(Failure::at("storage", error)),
    }
}

/// Sees that the settings name storage that outlives the command.
///
/// # Errors
/// [`Failure::Usage`] if not.
pub fn kept(settings: &Settings) -> Result<(), Failure> {
    if settings.in_memory {
        return Err(Failure::Usage("in-memory: there is nothing that this command could work on".to_owned()));
    }
    Ok(())
}
