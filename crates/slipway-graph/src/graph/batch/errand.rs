//! One request of a batch, from its text to its answer.

use std::time::Instant;

use bytes::Bytes;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Request};
use slipway_odata::batch::Part;
use tokio::sync::watch;

use super::is_at;
use crate::door::Arrival;
use crate::fault::{Fault, FaultKind, echo};
use crate::operation::ApiVersion;
use crate::payload::Payload;
use crate::reply::Reply;
use crate::visit::Visit;

/// A request that another one needs.
#[derive(Clone)]
pub(super) struct Needed {
    pub(super) id: String,
    /// Whether it succeeded, once that is known.
    pub(super) outcome: watch::Receiver<Option<bool>>,
}

/// A request of a batch that has not run yet.
pub(super) struct Errand {
    id: String,
    /// Method and address, for the log.
    line: String,
    version: ApiVersion,
    visit: Visit,
    request: Result<(Arrival, Payload), Fault>,
}

impl Errand {
    /// The request as it would have arrived on its own, on the batch's way and with its token.
    pub(super) fn new(batch: &Arrival, version: ApiVersion, part: Part, visit: &Visit) -> Self {
        // The id is the client's text; in quotes, with control characters escaped.
        let line = format!("{} {} in a batch as {:?}", part.method.as_str(), echo(&part.url), echo(&part.id));
        let parts = parts(&part, version, &batch.parts.headers);
        let visit = parts.as_ref().map_or_else(|_| visit.clone(), |parts| visit.of_part(&parts.headers));
        let request = parts.map(|parts| {
            let Arrival { server, base, now, .. } = batch;
            let arrival = Arrival { server: server.clone(), parts, base: base.clone(), now: *now };
            (arrival, Payload::Memory(part.body.map(Bytes::from).unwrap_or_default()))
        });
        Self { id: part.id, line, version, visit, request }
    }

    /// Waits for what it needs, then goes through the rooms; its id and its answer.
    pub(super) async fn run(self, needs: Vec<Needed>) -> (String, Reply) {
        let started = Instant::now();
        let Self { id, line, version, visit, request } = self;
        let outcome = match succeeded(needs).await {
            Ok(()) => go(request, version).await,
            Err(fault) => Err(fault),
        };
        visit.log(&format_args!("{line}"), &outcome, started);
        (id, outcome.unwrap_or_else(|fault| visit.refuse(&fault)))
    }
}

async fn go(request: Result<(Arrival, Payload), Fault>, version: ApiVersion) -> Result<Reply, Fault> {
    let (arrival, body) = request?;
    arrival.call(version, body).await
}

async fn succeeded(needs: Vec<Needed>) -> Result<(), Fault> {
    for Needed { id, mut outcome } in needs {
        // No outcome at all is that of a request that broke.
        if !outcome.wait_for(Option::is_some).await.is_ok_and(|success| *success == Some(true)) {
            return Err(FaultKind::FailedDependency(id).into());
        }
    }
    Ok(())
}

fn parts(part: &Part, version: ApiVersion, of_batch: &HeaderMap) -> Result<Parts, Fault> {
    let path = part.url.split('?').next().unwrap_or_default();
    if is_at(path) {
        return Err(Fault::bad_request(format!(
            "Request '{}' is a batch, and a batch cannot hold another one.",
            echo(&part.id)
        )));
    }
    let mut request =
        Request::builder().method(part.method.as_str()).uri(format!("/{}{}", version.as_str(), part.url));
    for (name, value) in &part.headers {
        request = request.header(name.as_str(), value.as_bytes());
    }
    let (mut parts, ()) = request
        .body(())
        .map_err(|error| {
            let (id, url) = (echo(&part.id), echo(&part.url));
            Fault::bad_request(format!("The url '{url}' of request '{id}' is not valid: {error}."))
        })?
        .into_parts();
    if let Some(token) = of_batch.get(AUTHORIZATION)
        && !parts.headers.contains_key(AUTHORIZATION)
    {
        parts.headers.insert(AUTHORIZATION, token.clone());
    }
    Ok(parts)
}
