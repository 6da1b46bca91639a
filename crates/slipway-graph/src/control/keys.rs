//! `POST /_slipway/keys/rotate`: makes a key that signs from now on; tokens of the earlier ones go on.

use http::StatusCode;
use serde::Serialize;

use crate::fault::{Fault, FaultKind};
use crate::keys::KeysError;
use crate::reply::{Content, Reply};
use crate::server::Server;

/// What became of it.
#[derive(Serialize)]
struct Rotated {
    /// The key that signs.
    kid: String,
    /// How many keys verify.
    keys: usize,
}

pub(super) async fn rotate(server: &Server) -> Result<Reply, Fault> {
    let (ids, now) = (server.ids(), server.clock().now());
    let (kid, keys) = match server.keys().rotate(ids, now).await {
        Err(error @ KeysError::TooMany) => return Err(Fault::bad_request(error.to_string())),
        outcome => outcome?,
    };
    tracing::info!(kid, keys, "made a key that signs from now on");
    let body = serde_json::to_vec(&Rotated { kid, keys });
    let body = body.map_err(|error| FaultKind::Internal.because(error.to_string()))?;
    Ok(Reply::new(StatusCode::OK, Content::Json(body)))
}
