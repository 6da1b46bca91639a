//! `POST /_slipway/backup`: copies the data folder to another one on the server's machine, while the server goes on.

use std::path::PathBuf;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use slipway_store::BackupError;

use crate::fault::{Fault, FaultKind};
use crate::payload::Payload;
use crate::reply::{Content, Reply};
use crate::server::Server;

/// Longest body: a path, as JSON.
const LIMIT: usize = 64 * 1024;

/// Where the copy goes.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Order {
    target: PathBuf,
}

/// Up to where it goes.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Done {
    last_commit: u64,
}

pub(super) async fn backup(server: &Server, mut body: Payload) -> Result<Reply, Fault> {
    let body = body.read(LIMIT).await?;
    let Order { target } =
        serde_json::from_slice(&body).map_err(|error| Fault::bad_request(error.to_string()))?;
    if !target.is_absolute() {
        return Err(Fault::bad_request(format!("'{}' is no absolute path.", target.display())));
    }
    let (store, along) = (server.store().clone(), server.settings().own_files.clone());
    let shown = target.display().to_string();
    let made = server.upkeep().run(async move { store.backup(&target, &along).await }).await?;
    let last_commit = made.map_err(refused)?.ok_or_else(|| {
        Fault::bad_request("The records are in a database, which has tools of its own, such as pg_dump.")
    })?;
    tracing::info!(target = shown, last_commit, "made a backup");
    let body = serde_json::to_vec(&Done { last_commit })
        .map_err(|error| FaultKind::Internal.because(error.to_string()))?;
    Ok(Reply::new(StatusCode::OK, Content::Json(body)))
}

/// Who holds the control secret may know why the disk does not take the copy.
fn refused(error: BackupError) -> Fault {
    match error {
        BackupError::Read(error) => error.into(),
        error @ (BackupError::Occupied(_) | BackupError::Write(_)) => Fault::bad_request(error.to_string()),
    }
}
