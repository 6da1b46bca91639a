//! `GET …/permissionGrants`: what apps may do there, in the order in which they were installed.

use super::row::GrantRow;
use crate::call::Call;
use crate::fault::Fault;
use crate::graph::{installed_apps, owner, schema};
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn list(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::PERMISSION_GRANT)?;
    let access = owner::access(&call, call.view()).await?;
    let consented = installed_apps::consented(call.view(), call.partition(), &access.owner).await?;
    let mut grants = Vec::new();
    for consent in consented.iter().filter(|consent| call.scope().covers(&access, &consent.app.record)) {
        grants.extend(consent.installation.record.granted().map(|permission| GrantRow {
            permission,
            app: &consent.app.record.id,
            client: consent.client.as_deref(),
        }));
    }
    let writer = Writer::new(&call, "permissionGrants", &schema::PERMISSION_GRANT, &query.shape);
    Ok(Reply::odata(writer.collection(grants.iter())))
}
