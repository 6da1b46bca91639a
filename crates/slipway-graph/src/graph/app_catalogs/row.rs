//! Apps and their definitions as queries and answers see them.

use slipway_model::{
    Owner, PublishingState, ResourceSpecificPermission, TeamsApp, TeamsAppDefinition, UserId,
};
use slipway_odata::{Property, Row, Value};

/// An app, with its definitions where the query needs them.
pub(crate) struct AppRow {
    pub(crate) app: TeamsApp,
    pub(crate) definitions: Vec<TeamsAppDefinition>,
}

impl Row for AppRow {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let app = &self.app;
        match property.name {
            "id" => app.id.as_str().into(),
            "externalId" => app.external_id.as_deref().into(),
            "displayName" => app.display_name.as_str().into(),
            "distributionMethod" => app.distribution_method.as_str().into(),
            "appDefinitions" => {
                Value::Many(self.definitions.iter().map(|d| Value::Row(Box::new(DefinitionRow(d)))).collect())
            }
            _ => Value::Null,
        }
    }
}

/// A definition.
pub(crate) struct DefinitionRow<'a>(pub(crate) &'a TeamsAppDefinition);

impl Row for DefinitionRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let definition = self.0;
        match property.name {
            "id" => definition.id().0.into(),
            "teamsAppId" => definition.app.as_str().into(),
            "azureADAppId" => definition.azure_ad_app_id.as_deref().into(),
            "displayName" => definition.display_name.as_str().into(),
            "version" => definition.version.as_str().into(),
            "publishingState" => definition.state.as_str().into(),
            "shortDescription" | "shortdescription" => definition.short_description.as_str().into(),
            "description" => definition.description.as_str().into(),
            // Microsoft's samples have null in both for published definitions, and values for the others.
            "lastModifiedDateTime" | "createdBy" if definition.state == PublishingState::Published => {
                Value::Null
            }
            "lastModifiedDateTime" => Value::Time(definition.created_at),
            "createdBy" => definition.created_by.as_ref().map(CreatedByRow).map(boxed).into(),
            "allowedInstallationScopes" => Value::Flags(definition.scopes.into()),
            "authorization" => boxed(AuthorizationRow(definition)),
            "bot" => definition.bot_id.as_deref().map(IdRow).map(boxed).into(),
            _ => Value::Null,
        }
    }
}

fn boxed<'a>(row: impl Row + 'a) -> Value<'a> {
    Value::Row(Box::new(row))
}

/// Something of which only the id is known: a bot, a user who published.
struct IdRow<'a>(&'a str);

impl Row for IdRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        if property.name == "id" { self.0.into() } else { Value::Null }
    }
}

struct CreatedByRow<'a>(&'a UserId);

impl Row for CreatedByRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        if property.name == "user" { boxed(IdRow(self.0.as_str())) } else { Value::Null }
    }
}

struct AuthorizationRow<'a>(&'a TeamsAppDefinition);

impl Row for AuthorizationRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "clientAppId" => self.0.azure_ad_app_id.as_deref().into(),
            "requiredPermissionSet" => boxed(PermissionSetRow(&self.0.required_permissions)),
            _ => Value::Null,
        }
    }
}

/// A `teamsAppPermissionSet`.
pub(crate) struct PermissionSetRow<'a>(pub(crate) &'a [ResourceSpecificPermission]);

impl Row for PermissionSetRow<'_> {
    fn value(&self, _: &'static Property) -> Value<'_> {
        Value::Many(self.0.iter().map(|permission| boxed(PermissionRow(permission))).collect())
    }
}

struct PermissionRow<'a>(&'a ResourceSpecificPermission);

impl Row for PermissionRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "permissionValue" => self.0.value.as_str().into(),
            "permissionType" => self.0.kind.as_str().into(),
            _ => Value::Null,
        }
    }
}

/// Where an installation is: `personalTeamsAppInstallationScopeInfo` and its siblings.
pub(crate) struct ScopeInfoRow<'a>(pub(crate) &'a Owner);

impl Row for ScopeInfoRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match (property.name, self.0) {
            ("@odata.type", Owner::User(_)) => {
                "#microsoft.graph.personalTeamsAppInstallationScopeInfo".into()
            }
            ("@odata.type", Owner::Team(_)) => "#microsoft.graph.teamTeamsAppInstallationScopeInfo".into(),
            ("@odata.type", Owner::Chat(_)) => {
                "#microsoft.graph.groupChatTeamsAppInstallationScopeInfo".into()
            }
            ("scope", owner) => Value::Flags(owner.kind().scope().into()),
            ("userId", Owner::User(id)) => id.as_str().into(),
            ("teamId", Owner::Team(id)) => id.as_str().into(),
            ("chatId", Owner::Chat(id)) => id.as_str().into(),
            _ => Value::Null,
        }
    }
}
