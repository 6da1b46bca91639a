//! An installation as queries and answers see it.

use jiff::Timestamp;
use slipway_model::{TeamsApp, TeamsAppDefinition, TeamsAppInstallation};
use slipway_odata::{Property, Query, Row, Value};
use slipway_store::{View, definition};

use crate::call::Call;
use crate::collection::Placed;
use crate::fault::Fault;
use crate::graph::app_catalogs;
use crate::graph::app_catalogs::row::{AppRow, DefinitionRow, PermissionSetRow, ScopeInfoRow};

/// The navigation property that leads to the installed version.
const DEFINITION: &str = "teamsAppDefinition";

/// An installation with what it leads to.
pub(crate) struct InstallationRow {
    pub(super) installation: TeamsAppInstallation,
    pub(super) app: AppRow,
    /// The installed version; loaded where the query needs it.
    pub(super) definition: Option<TeamsAppDefinition>,
}

impl InstallationRow {
    /// The row with what the query needs of it: the installed definition where it is filtered by or shown, the app's
    /// other definitions only where a filter or a nested expansion may lead to them.
    pub(super) async fn load(
        call: &Call,
        view: &View,
        query: &Query,
        (installation, app): (TeamsAppInstallation, TeamsApp),
    ) -> Result<Self, Fault> {
        let filter = query.filter.as_ref();
        let filtered = filter.is_some();
        let leads_on = filtered || !query.shape.expand.is_empty();
        let root = if leads_on { call.service_root() } else { String::new() };
        let shown = query.shape.expand.iter().any(|expansion| expansion.property.name == DEFINITION);
        let definition = if shown || query.reads(DEFINITION) {
            let key = definition::key(call.partition(), &installation.app, &installation.version);
            view.get(&key).await?.map(|found| found.record)
        } else {
            None
        };
        let nested = query.shape.expand.iter().any(|expansion| !expansion.shape.expand.is_empty());
        let definitions = if nested || filter.is_some_and(|filter| filter.reads("appDefinitions")) {
            app_catalogs::visible_definitions(call, view, &app).await?
        } else {
            Vec::new()
        };
        Ok(Self { installation, app: AppRow { app, definitions, root }, definition })
    }
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
