//! `POST /$batch`: up to twenty requests in one body, each of which goes the way of every other request.
//!
//! They run at the same time, so that their writes share a commit; one that names others in `dependsOn` waits for them.
//! What a request does not say itself it has from the batch: version, token, and the client's id of the request.

mod answers;
mod errand;

use http::{Method, StatusCode};
use slipway_odata::batch::{self, MAX_BATCH_LENGTH};
use tokio::sync::watch;
use tokio::task::JoinSet;

use self::errand::{Errand, Needed};
use crate::door::Arrival;
use crate::fault::{Fault, FaultKind};
use crate::operation::{ApiVersion, Throttle};
use crate::payload::Payload;
use crate::reply::{Content, Reply};
use crate::segment::is_alone;
use crate::visit::Visit;
use crate::who;

/// Whether this is the path, below the version segment, to which batches are sent.
pub(crate) fn is_at(path: &str) -> bool {
    is_alone(path, "$batch")
}

/// Answers 200 whatever becomes of the requests. Microsoft's page on JSON batching; that a batch needs a token of its
/// own is inferred.
pub(crate) async fn answer(
    arrival: Arrival,
    version: ApiVersion,
    mut body: Payload,
    visit: &Visit,
) -> Result<Reply, Fault> {
    if let Err(fault) = admit(&arrival).await {
        body.drain().await;
        return Err(fault);
    }
    let json = arrival.json(&mut body, MAX_BATCH_LENGTH).await?;
    let parts = batch::parse(&json).map_err(FaultKind::Batch)?;
    let mut running = JoinSet::new();
    let mut outcomes: Vec<Needed> = Vec::with_capacity(parts.len());
    for (place, part) in parts.into_iter().enumerate() {
        let (tell, outcome) = watch::channel(None);
        let needs = part.depends_on.iter().filter_map(|needed| outcomes.get(*needed).cloned()).collect();
        outcomes.push(Needed { id: part.id.clone(), outcome });
        let errand = Errand::new(&arrival, version, part, visit);
        running.spawn(async move {
            let (id, reply) = errand.run(needs).await;
            // Nobody may be waiting for this one.
            tell.send_replace(Some(reply.status.as_u16() < 400));
            (place, id, reply)
        });
    }
    // A panic goes on here, as that of a single request does on its connection.
    let mut done = running.join_all().await;
    done.sort_unstable_by_key(|(place, ..)| *place);
    let body = answers::write(done.into_iter().map(|(_, id, reply)| (id, reply)))?;
    Ok(Reply::new(StatusCode::OK, Content::Json(body)))
}

async fn admit(arrival: &Arrival) -> Result<(), Fault> {
    let view = arrival.server.store().view();
    who::authenticate(&arrival.server, &arrival.parts.headers, &view).await?;
    match arrival.parts.method {
        Method::POST => Ok(()),
        _ => Err(Fault::method(Throttle::TeamsWrite, &[Method::POST])),
    }
}
