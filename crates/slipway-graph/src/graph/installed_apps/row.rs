//! An installation as queries and answers see it.

use jiff::Timestamp;
use slipway_model::{TeamsApp, TeamsAppDefinition, TeamsAppInstallation};
use slipway_odata::{Expansion, Property, Query, Row, Value};
use slipway_store::definition;

use crate::call::Call;
use crate::collection::Placed;
use crate::fault::Fault;
use crate::graph::app_catalogs;
use crate::graph::app_catalogs::row::{AppRow, DefinitionRow, PermissionSetRow, ScopeInfoRow};

/// The navigation property that leads to the installed version.
const DEFINITION: &str = "teamsAppDefinition";

/// An installation and its app.
pub(super) type Found = (TeamsAppInstallation, TeamsApp);

/// An installation with what it leads to.
pub(crate) struct InstallationRow {
    pub(super) installation: TeamsAppInstallation,
    pub(super) app: AppRow,
    /// The installed version; loaded where the query needs it.
    pub(super) definition: Option<TeamsAppDefinition>,
}

impl InstallationRow {
    /// The row with what the query needs of it; the app's other definitions only where a filter or a nested expansion
    /// may lead to them.
    pub(super) async fn load(
        call: &Call,
        query: &Query,
        (installation, app): Found,
        definition: Option<TeamsAppDefinition>,
    ) -> Result<Self, Fault> {
        let expand = &query.shape.expand;
        let root =
            if expand.is_empty() && query.filter.is_none() { String::new() } else { call.service_root() };
        let leads_on = |expansion: &Expansion| {
            expansion.property.name == "teamsApp" && !expansion.shape.expand.is_empty()
        };
        let nested = expand.iter().any(leads_on);
        let definitions = if nested || query.reads("appDefinitions") {
            app_catalogs::visible_definitions(call, call.view(), &app).await?
        } else {
            Vec::new()
        };
        Ok(Self { installation, app: AppRow { app, definitions, root }, definition })
    }
}

/// The installed versions, all read at once; none for each where the query does not ask for them.
pub(super) async fn versions(
    call: &Call,
    query: &Query,
    found: &[Found],
) -> Result<Vec<Option<TeamsAppDefinition>>, Fault> {
    let shown = query.shape.expand.iter().any(|expansion| expansion.property.name == DEFINITION);
    if !shown && !query.reads(DEFINITION) {
        return Ok(vec![None; found.len()]);
    }
    let keys = found.iter().map(|(i, _)| definition::key(call.partition(), &i.app, &i.version));
    let read = call.view().get_many(&keys.collect::<Vec<_>>()).await?;
    Ok(read.into_iter().map(|version| version.map(|found| found.record)).collect())
}

impl Row for InstallationRow {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "id" => self.installation.id().into(),
            "consentedPermissionSet" => match &self.installation.consented {
                Some(consented) => Value::Row(Box::new(PermissionSetRow(consented))),
                None => Value::Null,
            },
            "scopeInfo" => Value::Row(Box::new(ScopeInfoRow(&self.installation.owner))),
            "teamsApp" => Value::Row(Box::new(&self.app)),
            "teamsAppDefinition" => match &self.definition {
                Some(definition) => Value::Row(Box::new(DefinitionRow { definition, root: &self.app.root })),
                None => Value::Null,
            },
            _ => Value::Null,
        }
    }
}

impl Placed for InstallationRow {
    /// The time of the install in microseconds, of a fixed width, then the app.
    fn place(&self) -> String {
        let since = self.installation.installed_at.duration_since(Timestamp::MIN);
        format!("{:020} {}", since.as_micros(), self.installation.app.folded())
    }
}
