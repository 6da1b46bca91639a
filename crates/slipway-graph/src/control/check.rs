//! `POST /_slipway/check`: looks through the whole storage while the server goes on, and answers with what it found.

use http::StatusCode;

use crate::fault::{Fault, FaultKind};
use crate::reply::{Content, Reply};
use crate::server::Server;

pub(super) async fn check(server: &Server) -> Result<Reply, Fault> {
    let store = server.store().clone();
    let report = server.upkeep().run(async move { store.check().await }).await??;
    if report.findings() > 0 {
        tracing::error!(findings = report.findings(), "a check of the storage found damage");
    }
    let body = serde_json::to_vec(&report).map_err(|error| FaultKind::Internal.because(error.to_string()))?;
    Ok(Reply::new(StatusCode::OK, Content::Json(body)))
}
