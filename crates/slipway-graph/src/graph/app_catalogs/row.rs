//! Apps and their definitions as queries and answers see them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use slipway_model::{
    DashboardCard, Owner, PublishingState, ResourceSpecificPermission, ResourceSpecificPermissionType,
    TeamsApp, TeamsAppDefinition, UserId,
};
use slipway_odata::{Property, Row, Value};

use super::{PATH, etag};
use crate::collection::Placed;

/// An app, with its definitions where the query needs them.
pub(crate) struct AppRow {
    pub(crate) app: TeamsApp,
    pub(crate) definitions: Vec<TeamsAppDefinition>,
    /// Address of the service, such as `https://localhost:8365/v1.0`.
    pub(crate) root: String,
}

impl Row for AppRow {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let app = &self.app;
        let definition = |definition| boxed(DefinitionRow { definition, root: &self.root });
        match property.name {
            "id" => app.id.as_str().into(),
            "externalId" => app.external_id.as_deref().into(),
            "displayName" => app.display_name.as_str().into(),
            "distributionMethod" => app.distribution_method.as_str().into(),
            "appDefinitions" => Value::Many(self.definitions.iter().map(definition).collect()),
            _ => Value::Null,
        }
    }
}

impl Placed for AppRow {
    fn place(&self) -> String {
        self.app.id.folded()
    }
}

/// A definition.
pub(crate) struct DefinitionRow<'a> {
    pub(crate) definition: &'a TeamsAppDefinition,
    /// Address of the service, for its icons.
    pub(crate) root: &'a str,
}

impl Row for DefinitionRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let Self { definition, root } = *self;
        let icon = |kind| boxed(IconRow { definition, root, kind });
        match property.name {
            "id" => definition.id().into(),
            "teamsAppId" => definition.app.as_str().into(),
            "azureADAppId" => definition.azure_ad_app_id.as_deref().into(),
            "displayName" => definition.display_name.as_str().into(),
            "version" => definition.version.as_str().into(),
            "requiredResourceSpecificApplicationPermissions" => by_app(definition),
            "publishingState" => definition.state.as_str().into(),
            "shortDescription" | "shortdescription" => definition.short_description.as_str().into(),
            "description" => definition.description.as_str().into(),
            // In Microsoft's samples only definitions that are not published have these.
            "@odata.etag" | "lastModifiedDateTime" | "createdBy"
                if definition.state == PublishingState::Published =>
            {
                Value::Null
            }
            "@odata.etag" => etag::of(definition).ok().into(),
            "lastModifiedDateTime" => Value::Time(definition.created_at),
            "createdBy" => definition.created_by.as_ref().map(CreatedByRow).map(boxed).into(),
            "allowedInstallationScopes" => Value::Flags(definition.scopes.into()),
            "authorization" => boxed(AuthorizationRow(definition)),
            "bot" => definition.bot_id.as_deref().map(IdRow).map(boxed).into(),
            "colorIcon" => icon(IconKind::Color),
            "outlineIcon" => icon(IconKind::Outline),
            "dashboardCards" => {
                Value::Many(definition.dashboard_cards.iter().map(|card| boxed(CardRow(card))).collect())
            }
            _ => Value::Null,
        }
    }
}

fn boxed<'a>(row: impl Row + 'a) -> Value<'a> {
    Value::Row(Box::new(row))
}

/// Names of the permissions that the app asks for on its own behalf.
fn by_app(definition: &TeamsAppDefinition) -> Value<'_> {
    let by_app = |permission: &&ResourceSpecificPermission| {
        permission.kind == ResourceSpecificPermissionType::Application
    };
    let required = definition.required_permissions.iter().filter(by_app);
    Value::Many(required.map(|permission| permission.value.as_str().into()).collect())
}

/// Something of which only the id is known.
struct IdRow<'a>(&'a str);

impl Row for IdRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        if property.name == "id" { self.0.into() } else { Value::Null }
    }
}

/// A bot that is not part of another answer; only then do Microsoft's samples name its type.
pub(super) struct BotRow<'a>(pub(super) &'a str);

impl Row for BotRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "@odata.type" => "#microsoft.graph.teamworkBot".into(),
            "id" => self.0.into(),
            _ => Value::Null,
        }
    }
}

struct CreatedByRow<'a>(&'a UserId);

impl Row for CreatedByRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        if property.name == "user" { boxed(UserIdentityRow(self.0)) } else { Value::Null }
    }
}

struct UserIdentityRow<'a>(&'a UserId);

impl Row for UserIdentityRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "id" => self.0.as_str().into(),
            "userIdentityType" => "aadUser".into(),
            _ => Value::Null,
        }
    }
}

/// Which picture of an app.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IconKind {
    Color,
    Outline,
}

impl IconKind {
    /// Name of the property.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Color => "colorIcon",
            Self::Outline => "outlineIcon",
        }
    }
}

/// A `teamsAppIcon`. Its id is base64 of its address.
#[derive(Clone, Copy)]
pub(super) struct IconRow<'a> {
    pub(super) definition: &'a TeamsAppDefinition,
    pub(super) root: &'a str,
    pub(super) kind: IconKind,
}

impl IconRow<'_> {
    /// Icons of store apps lie in Microsoft's content network.
    fn address(&self) -> String {
        let Self { definition, root, kind } = self;
        let (app, version) = (&definition.app, &definition.version);
        if definition.is_of_store() {
            let size = match kind {
                IconKind::Color => "large",
                IconKind::Outline => "small",
            };
            format!(
                "https://statics.teams.cdn.office.net/evergreen-assets/apps/{app}_{size}Image.png?v={version}"
            )
        } else {
            let (id, name) = (definition.id(), kind.name());
            format!("{root}/{PATH}/{app}/appDefinitions/{id}/{name}/hostedContent/$value")
        }
    }
}

impl Row for IconRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "id" => STANDARD.encode(self.address()).into(),
            "webUrl" => self.address().into(),
            "hostedContent" => boxed(HostedContentRow(*self)),
            _ => Value::Null,
        }
    }
}

/// The `teamworkHostedContent` of an icon. Its content properties are always null, as Microsoft's page says; the
/// bytes are at `$value`.
pub(super) struct HostedContentRow<'a>(pub(super) IconRow<'a>);

impl Row for HostedContentRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "id" => STANDARD.encode(format!("id=,type=1,url={}", self.0.address())).into(),
            _ => Value::Null,
        }
    }
}

/// A `teamsAppDashboardCardDefinition`, and the complex values in it: no two of their properties have the same name.
struct CardRow<'a>(&'a DashboardCard);

impl Row for CardRow<'_> {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let card = self.0;
        match property.name {
            "id" => card.id.as_str().into(),
            "displayName" => card.display_name.as_str().into(),
            "description" => card.description.as_str().into(),
            "pickerGroupId" => card.picker_group_id.as_str().into(),
            "defaultSize" => card.default_size.as_str().into(),
            "icon" | "contentSource" => boxed(CardRow(card)),
            "iconUrl" => card.icon_url.as_deref().into(),
            "officeUIFabricIconName" => card.office_ui_fabric_icon_name.as_deref().into(),
            "sourceType" => "bot".into(),
            "botConfiguration" => card.bot_id.as_deref().map(|_| boxed(CardRow(card))).into(),
            "botId" => card.bot_id.as_deref().into(),
            _ => Value::Null,
        }
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
