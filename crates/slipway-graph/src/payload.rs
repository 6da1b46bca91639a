//! Request bodies, read with a limit on size and time.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Body, Incoming};

use crate::fault::{Fault, FaultKind};

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);

/// Most bytes that are read and dropped of a refused request, so that its client gets to read the answer.
const DRAINED: usize = 32 * 1024 * 1024;

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
    /// Takes the whole body, of at most `limit` bytes; a second call gets nothing.
    pub(crate) async fn read(&mut self, limit: usize) -> Result<Bytes, Fault> {
        match std::mem::replace(self, Self::Memory(Bytes::new())) {
            Self::Memory(body) if body.len() > limit => Err(FaultKind::TooLarge(limit).into()),
            Self::Memory(body) => Ok(body),
            Self::Wire(body) if body.size_hint().lower() > limit as u64 => {
                Err(FaultKind::TooLarge(limit).into())
            }
            Self::Wire(body) if body.is_end_stream() => Ok(Bytes::new()),
            Self::Wire(body) => {
                match tokio::time::timeout(PATIENCE, Limited::new(body, limit).collect()).await {
                    Err(_) => Err(FaultKind::BodyTimeout.into()),
                    Ok(Err(error)) if error.is::<LengthLimitError>() => {
                        Err(FaultKind::TooLarge(limit).into())
                    }
                    Ok(Err(error)) => Err(FaultKind::BadRequest("The request body broke off.".into())
                        .because(error.to_string())),
                    Ok(Ok(body)) => Ok(body.to_bytes()),
                }
            }
        }
    }

    /// Reads what is left of a refused request and drops it. Without this a client that is still sending its
    /// package sees a reset connection in place of the answer.
    pub(crate) async fn drain(&mut self) {
        let Self::Wire(body) = self else { return };
        if body.is_end_stream() || body.size_hint().lower() > DRAINED as u64 {
            return;
        }
        let mut drained = 0;
        let rest = async {
            while let Some(Ok(frame)) = body.frame().await {
                drained += frame.data_ref().map_or(0, Bytes::len);
                if drained > DRAINED {
                    break;
                }
            }
        };
        // A client too slow to be drained gets its reset; nothing depends on the outcome.
        let _ = tokio::time::timeout(PATIENCE, rest).await;
    }
}
