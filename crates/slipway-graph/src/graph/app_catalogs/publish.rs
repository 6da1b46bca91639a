//! `POST /appCatalogs/teamsApps`: publishes a new app from its package, without review.

use slipway_model::{CatalogEntry, Refusal, TeamsAppId};
use slipway_store::{Changeset, Counter, app, definition as definitions, package as packages};

use super::PATH;
use super::package::{definition, read, record};
use super::row::AppRow;
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn publish(mut call: Call) -> Result<Reply, Fault> {
    call.query(schema::teams_app(call.version()))?;
    let package = read(&mut call).await?;
    let id = TeamsAppId::parse(&call.server().ids().guid())
        .map_err(|error| FaultKind::Internal.because(error.to_string()))?;
    let incarnation = call.server().ids().incarnation();
    let (call, package, id) = (&call, &package, &id);
    let (partition, facts) = (call.partition(), &package.facts);
    let app = call
        .keep(move |Basis { view, .. }| async move {
            if let Some(app) = view.find(&app::by_external_id(partition, &facts.external_id)).await? {
                let (app, by) = (Box::new(app.record), call.caller().user.clone());
                return Err(FaultKind::Refused(Refusal::AlreadyPublished { app, by }).into());
            }
            let definition = definition(call, facts, id);
            let entry = CatalogEntry::publish(definition.clone(), incarnation);
            let changes = Changeset::new("teamsApps.publish")
                .expect_absent(&app::key(partition, id))
                .expect_absent(&definitions::key(partition, id, &definition.version))
                .expect_absent(&packages::key(partition, id, &definition.version))
                .put(partition, &entry.app)
                .put(partition, &definition)
                .put(partition, &record(package, id))
                .add(partition, Counter::Apps, 1);
            Ok((Keep::Commit(changes), entry.app))
        })
        .await?;
    let root = call.service_root();
    let location = format!("{root}/{PATH}/{}", app.id);
    let shape = slipway_odata::Shape::default();
    let writer = Writer::new(call, PATH, schema::teams_app(call.version()), &shape);
    let body = writer.entity(&AppRow { app, definitions: Vec::new() });
    Ok(Reply::created(&location, body))
}
