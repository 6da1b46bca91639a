//! `POST /appCatalogs/teamsApps`: brings a new app into the catalog, published or, with `requiresReview=true`,
//! submitted for review.

use slipway_model::{CatalogEntry, Refusal, TeamsApp, TeamsAppDefinition, TeamsAppId};
use slipway_odata::Shape;
use slipway_store::{
    Changeset, Counter, Partition, app as apps, definition as definitions, package as packages,
};

use super::PATH;
use super::package::{Sent, definition, read, record};
use super::row::AppRow;
use crate::call::{Basis, Call, Keep};
use crate::fault::{Fault, FaultKind};
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn publish(mut call: Call) -> Result<Reply, Fault> {
    let sent = read(&mut call).await?;
    call.query(schema::teams_app(call.version()))?;
    let id = TeamsAppId::parse(&call.server().ids().guid())
        .map_err(|error| FaultKind::Internal.because(error.to_string()))?;
    let incarnation = call.server().ids().incarnation();
    let (call, sent, id) = (&call, &sent, &id);
    let app = call
        .keep(move |Basis { view, .. }| async move {
            let named = apps::by_external_id(call.partition(), &sent.package.facts.external_id);
            if let Some(app) = view.find(&named).await? {
                let (app, by) = (Box::new(app.record), call.caller().user.clone());
                return Err(FaultKind::Refused(Refusal::AlreadyPublished { app, by }).into());
            }
            let definition = definition(call, sent, id);
            let app = CatalogEntry::publish(definition.clone(), incarnation).app;
            let changes = changes(call.partition(), sent, &app, &definition);
            Ok((Keep::Commit(changes), app))
        })
        .await?;
    let root = call.service_root();
    let location = format!("{root}/{PATH}/{}", app.id);
    let shape = Shape::default();
    let writer = Writer::new(call, PATH, schema::teams_app(call.version()), &shape);
    let body = writer.entity(&AppRow { app, definitions: Vec::new(), root });
    Ok(Reply::created(&location, body))
}

fn changes(partition: &Partition, sent: &Sent, app: &TeamsApp, definition: &TeamsAppDefinition) -> Changeset {
    let id = &app.id;
    Changeset::new("teamsApps.publish")
        .expect_absent(&apps::key(partition, id))
        .expect_absent(&definitions::key(partition, id, &definition.version))
        .expect_absent(&packages::key(partition, id, &definition.version))
        .put(partition, app)
        .put(partition, definition)
        .put(partition, &record(&sent.package, id))
        .add(partition, Counter::Apps, 1)
}
