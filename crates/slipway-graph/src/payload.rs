//! Request bodies, read with a limit on size and time.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::time::timeout;

use crate::fault::{Fault, FaultKind};

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Most bytes that are read and dropped of a refused request, so that its client gets to read the answer.
const DRAINED: usize = 64 * 1024 * 1024;

/// A request's body: from the wire, or already in memory.
#[derive(Debug)]
pub enum Payload {
    /// Still on the wire.
    Wire(Incoming),
    /// In memory.
    Memory(Bytes),
}

impl From<Incoming> for Payload {
    fn from(body: Incoming) -> Self {
        Self::Wire(body)
    }
}

impl From<Bytes> for Payload {
    fn from(body: Bytes) -> Self {
        Self::Memory(body)
    }
}

impl Payload {
    /// Takes the whole body, of at most `limit` bytes; a second call gets nothing. What is too long is read to
    /// its end all the same, within reason: most clients do not look at the answer before they have sent all.
    pub(crate) async fn read(&mut self, limit: usize) -> Result<Bytes, Fault> {
        let body = match self {
            Self::Memory(body) if body.len() > limit => return Err(FaultKind::TooLarge(limit).into()),
            Self::Memory(body) => return Ok(std::mem::take(body)),
            Self::Wire(body) => body,
        };
        if body.is_end_stream() {
            return Ok(Bytes::new());
        }
        let outcome = if body.size_hint().lower() > limit as u64 {
            Err(FaultKind::TooLarge(limit).into())
        } else {
            timeout(PATIENCE, collect(body, limit))
                .await
                .unwrap_or_else(|_| Err(FaultKind::BodyTimeout.into()))
        };
        if let Err(fault) = &outcome
            && matches!(fault.kind(), FaultKind::TooLarge(_))
        {
            self.drain().await;
        }
        outcome
    }

    /// Reads what is left of a refused request and drops it. Without this a client that is still sending its
    /// package sees a reset connection in place of the answer.
    pub(crate) async fn drain(&mut self) {
        let Self::Wire(body) = self else { return };
        let mut drained = 0;
        let rest = async {
            while drained < DRAINED
                && let Some(Ok(frame)) = body.frame().await
            {
                drained += frame.data_ref().map_or(0, Bytes::len);
            }
        };
        // A client too slow or too long to be drained gets its reset; nothing depends on the outcome.
        let _ = timeout(PATIENCE, rest).await;
    }
}

async fn collect(body: &mut Incoming, limit: usize) -> Result<Bytes, Fault> {
    let mut whole = Bytes::new();
    let mut parts = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| {
            FaultKind::BadRequest("The request body broke off.".into()).because(error.to_string())
        })?;
        let Ok(data) = frame.into_data() else { continue };
        if whole.len() + parts.len() + data.len() > limit {
            return Err(FaultKind::TooLarge(limit).into());
        }
        // Most bodies come in one piece, which need not be copied.
        if whole.is_empty() && parts.is_empty() {
            whole = data;
        } else {
            parts.extend_from_slice(&std::mem::take(&mut whole));
            parts.extend_from_slice(&data);
        }
    }
    Ok(if parts.is_empty() { whole } else { parts.freeze() })
}
