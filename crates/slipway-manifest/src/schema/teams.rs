//! The schema of a Teams app's manifest. Properties whose codes are the service's own are only named here.

use super::office::EXTENSIONS;
use super::{
    ANY, Also, BOOL, Shape, TEXT, form, form_of, list, list_of, may, must, object, one_of, open, pattern,
    text, text_of, unique,
};
use crate::rules;

const BOT_SCOPES: Shape = list(4, &one_of(&["team", "personal", "groupChat", "copilot"]));
const CAPABILITY: Shape = one_of(&["tab", "bot", "connector"]);
const URL: Shape = form_of(&pattern::URL, 0, pattern::MAX_REFERENCE);
const SECURE_URL: Shape = form_of(&pattern::SECURE_URL, 0, pattern::MAX_REFERENCE);
const GUID: Shape = form(&pattern::GUID);
const LANGUAGE: Shape = form(&pattern::LANGUAGE);
const DIMENSION: Shape = form_of(&pattern::DIMENSION, 0, 16);
/// Of message extensions, which name scopes in the oldest schemas only.
const SCOPE: Shape = one_of(&["team", "personal", "groupChat"]);
const TAB_CONTEXT: Shape = one_of(&[
    "personalTab",
    "channelTab",
    "privateChatTab",
    "meetingChatTab",
    "meetingDetailsTab",
    "meetingSidePanel",
    "meetingStage",
    "teamLevelApp",
    "callingSidePanel",
]);

const HOST_FUNCTIONALITY: Shape = object(&[must(
    "name",
    one_of(&["dialogUrl", "dialogUrlBot", "dialogAdaptiveCard", "dialogAdaptiveCardBot"]),
)]);

const REQUIREMENT_SET: Shape =
    object(&[must("hostMustSupportFunctionalities", list_of(1, usize::MAX, &HOST_FUNCTIONALITY))]);

const TASK_INFO: Shape =
    object(&[may("title", text(64)), may("width", DIMENSION), may("height", DIMENSION), may("url", URL)]);

const BOT_CONFIGURATION: Shape = object(&[may("fetchTask", BOOL), may("taskInfo", TASK_INFO)]);

const DASHBOARD_CARD_ICON: Shape =
    object(&[may("iconUrl", text(2048)), may("officeUIFabricIconName", text(255))]);

const DASHBOARD_CARD_CONTENT_SOURCE: Shape =
    object(&[may("sourceType", one_of(&["bot"])), may("botConfiguration", object(&[may("botId", GUID)]))]);

const DASHBOARD_CARD: Shape = object(&[
    must("id", GUID),
    must("displayName", text(255)),
    must("description", text(255)),
    must("pickerGroupId", GUID),
    may("icon", DASHBOARD_CARD_ICON),
    must("contentSource", DASHBOARD_CARD_CONTENT_SOURCE),
    must("defaultSize", one_of(&["medium", "large"])),
]);

const DECLARATIVE_AGENT_REF: Shape = object(&[must("id", TEXT), must("file", Shape::File)]);

const AGENTIC_USER_TEMPLATE_REF: Shape =
    object(&[must("id", form_of(&pattern::TEMPLATE_ID, 1, 64)), must("file", Shape::File)]);

const ELEMENT_REFERENCE: Shape = object(&[
    must("name", one_of(&["bots", "staticTabs", "composeExtensions", "configurableTabs"])),
    must("id", TEXT),
    may("commandIds", list_of(1, usize::MAX, &TEXT)),
]);

const ONE_WAY_DEPENDENCY: Shape = object(&[
    must("element", ELEMENT_REFERENCE),
    must("dependsOn", list_of(1, usize::MAX, &ELEMENT_REFERENCE)),
]);

const MUTUAL_DEPENDENCY: Shape = list_of(2, usize::MAX, &ELEMENT_REFERENCE);

const LOCALIZATION_INFO: Shape = object(&[
    must("defaultLanguageTag", LANGUAGE),
    may("defaultLanguageFile", Shape::File),
    may(
        "additionalLanguages",
        unique(usize::MAX, &object(&[must("languageTag", LANGUAGE), must("file", Shape::File)])),
    ),
]);

const DEVELOPER: Shape = object(&[
    may("name", TEXT),
    may("mpnId", text(10)),
    may("websiteUrl", text(2048)),
    may("privacyUrl", text(2048)),
    may("termsOfUseUrl", text(2048)),
]);

const DESCRIPTION: Shape = object(&[
    may("short", TEXT),
    may("full", TEXT),
    may("features", list_of(1, 3, &object(&[must("title", text(45)), must("description", text(120))]))),
]);

const ICONS: Shape =
    object(&[must("outline", text(2048)), must("color", text(2048)), may("color32x32", text(2048))]);

const CONFIGURABLE_TABS: Shape = list(
    1,
    &object(&[
        may("id", text(64)),
        must("configurationUrl", URL),
        may("canUpdateConfiguration", BOOL),
        must("scopes", list(2, &one_of(&["team", "groupChat"]))),
        may("meetingSurfaces", list(2, &one_of(&["sidePanel", "stage"]))),
        may("context", list(8, &TAB_CONTEXT)),
        may("sharePointPreviewImage", Shape::File),
        may("supportedSharePointHosts", unique(2, &one_of(&["sharePointFullPage", "sharePointWebPart"]))),
    ]),
);

const STATIC_TABS: Shape = unique(
    16,
    &object(&[
        must("entityId", text(64)),
        may("name", text(128)),
        may("contentUrl", URL),
        may("contentBotId", GUID),
        may("websiteUrl", URL),
        may("searchUrl", URL),
        must("scopes", list(3, &one_of(&["team", "personal", "groupChat"]))),
        may("context", list(8, &TAB_CONTEXT)),
        may("requirementSet", REQUIREMENT_SET),
    ]),
);

const BOT_COMMAND: Shape = object(&[
    must("title", text(128)),
    may("description", text(4000)),
    may("type", one_of(&["basic", "prompt"])),
    may("prompt", text(4000)),
]);

const BOT_COMMANDS: Shape = object(&[
    may("triggers", list(2, &one_of(&["mention", "slash"]))),
    must("scopes", BOT_SCOPES),
    must("commands", list(12, &BOT_COMMAND)),
]);

const REGISTRATION_INFO: Shape = object(&[
    must("source", one_of(&["standard", "microsoftCopilotStudio", "onedriveSharepoint"])),
    may("environment", text(128)),
    may("schemaName", text(128)),
    may("clusterCategory", text(128)),
]);

const BOT: Shape = object(&[
    must("botId", TEXT),
    may("configuration", object(&[may("team", BOT_CONFIGURATION), may("groupChat", BOT_CONFIGURATION)])),
    may("needsChannelSelector", BOOL),
    may("isNotificationOnly", BOOL),
    may("supportsFiles", BOOL),
    may("supportsCalling", BOOL),
    may("supportsVideo", BOOL),
    must("scopes", BOT_SCOPES),
    may("supportsTargetedMessages", BOOL),
    may("commandLists", list(3, &BOT_COMMANDS)),
    may("requirementSet", REQUIREMENT_SET),
    may("registrationInfo", REGISTRATION_INFO),
]);

const CONNECTORS: Shape = list(
    1,
    &object(&[
        must("connectorId", text(64)),
        may("configurationUrl", URL),
        must("scopes", list(1, &one_of(&["team"]))),
    ]),
);

const API_AUTHORIZATION: Shape = object(&[
    may("authType", one_of(&["none", "apiSecretServiceAuth", "microsoftEntra", "oAuth2.0"])),
    may("microsoftEntraConfiguration", object(&[may("supportsSingleSignOn", BOOL)])),
    may("apiSecretServiceAuthConfiguration", object(&[may("apiSecretRegistrationId", text(128))])),
    may("oAuthConfiguration", object(&[may("oAuthConfigurationId", text(128))])),
]);

const PARAMETER: Shape = object(&[
    must("name", text(64)),
    may("inputType", one_of(&["text", "textarea", "number", "date", "time", "toggle", "choiceset"])),
    must("title", text(32)),
    may("description", text(128)),
    may("isRequired", BOOL),
    may("value", text(512)),
    may("choices", list(10, &object(&[must("title", text(128)), must("value", text(512))]))),
    may("semanticDescription", text(2000)),
]);

const COMMAND: Shape = object(&[
    must("id", text(64)),
    may("type", one_of(&["query", "action"])),
    may("triggers", list(1, &one_of(&["slash"]))),
    may("samplePrompts", list_of(1, 5, &object(&[must("text", text(128))]))),
    may("apiResponseRenderingTemplateFile", Shape::File),
    may("context", list(3, &one_of(&["compose", "commandBox", "message"]))),
    must("title", text(32)),
    may("description", text(128)),
    may("initialRun", BOOL),
    may("fetchTask", BOOL),
    may("parameters", list_of(1, 5, &PARAMETER)),
    may("taskInfo", TASK_INFO),
    may("semanticDescription", text(5000)),
]);

const LINKS: Shape =
    object(&[may("domains", list(usize::MAX, &text(2048))), may("supportsAnonymizedPayloads", BOOL)]);

const COMPOSE_EXTENSION: Shape = object(&[
    may("id", text(64)),
    may("botId", TEXT),
    may("composeExtensionType", one_of(&["botBased", "apiBased"])),
    may("authorization", API_AUTHORIZATION),
    may("apiSpecificationFile", Shape::File),
    may("canUpdateConfiguration", BOOL),
    may("commands", list(10, &COMMAND)),
    may("messageHandlers", list(5, &object(&[must("type", one_of(&["link"])), must("value", LINKS)]))),
    may("requirementSet", REQUIREMENT_SET),
    may("scopes", list(4, &SCOPE)),
]);

const DEVICE_PERMISSIONS: Shape =
    list(5, &one_of(&["geolocation", "media", "notifications", "midi", "openExternal"]));

const WEB_APPLICATION_INFO: Shape = object(&[
    must("id", GUID),
    may("resource", text(2048)),
    may(
        "nestedAppAuthInfo",
        list(
            5,
            &object(&[
                must("redirectUri", TEXT),
                must("scopes", list(20, &TEXT)),
                may("claims", text_of(1, usize::MAX)),
            ]),
        ),
    ),
    may("applicationPermissions", list(100, &text(128))),
]);

const ACTIVITIES: Shape = object(&[
    may(
        "activityTypes",
        list(
            128,
            &object(&[
                must("type", text(64)),
                must("description", text(128)),
                must("templateText", text(128)),
                may("allowedIconIds", list(50, &TEXT)),
                may("activityGroupId", TEXT),
            ]),
        ),
    ),
    may("activityIcons", list(50, &object(&[must("id", text(64)), must("iconFile", text(128))]))),
    may("activityGroups", list(usize::MAX, &open(&[may("id", TEXT)]))),
]);

const CONFIGURABLE_PROPERTIES: Shape = list(
    9,
    &one_of(&[
        "name",
        "shortDescription",
        "longDescription",
        "smallImageUrl",
        "largeImageUrl",
        "accentColor",
        "developerUrl",
        "privacyUrl",
        "termsOfUseUrl",
    ]),
);

const DEFAULT_INSTALL_SCOPE: Shape = one_of(&["personal", "team", "groupChat", "meetings", "copilot"]);

const DEFAULT_GROUP_CAPABILITY: Shape =
    object(&[may("team", CAPABILITY), may("groupchat", CAPABILITY), may("meetings", CAPABILITY)]);

const MEETING_EXTENSION_DEFINITION: Shape = object(&[
    may(
        "scenes",
        unique(
            5,
            &object(&[
                must("id", GUID),
                must("name", text(128)),
                must("file", Shape::File),
                must("preview", Shape::File),
                must("maxAudience", Shape::Integer { most: 50.0 }),
                must("seatsReservedForOrganizersOrPresenters", Shape::Integer { most: 50.0 }),
            ]),
        ),
    ),
    may("supportsStreaming", BOOL),
    may("supportsCustomShareToStage", BOOL),
    may("supportsAnonymousGuestUsers", BOOL),
]);

const AUTHORIZATION: Shape = object(&[may(
    "permissions",
    object(&[may(
        "resourceSpecific",
        unique(16, &object(&[must("name", text(128)), must("type", one_of(&["Application", "Delegated"]))])),
    )]),
)]);

const INTUNE_INFO: Shape = object(&[may("supportedMobileAppManagementVersion", text(64))]);

const COPILOT_AGENTS: Shape = object(&[
    may("declarativeAgents", list_of(1, 1, &DECLARATIVE_AGENT_REF)),
    may(
        "customEngineAgents",
        list_of(
            1,
            1,
            &object(&[
                must("id", GUID),
                must("type", one_of(&["bot"])),
                may("disclaimer", open(&[must("text", text(500))])),
            ]),
        ),
    ),
])
.also(&[
    Also {
        rule: rules::ONE_OF,
        holds: |agents| !(agents.has("declarativeAgents") && agents.has("customEngineAgents")),
    },
    Also {
        rule: rules::ONE_OF_NONE,
        holds: |agents| agents.has("declarativeAgents") || agents.has("customEngineAgents"),
    },
]);

const ELEMENT_RELATIONSHIP_SET: Shape = object(&[
    may("oneWayDependencies", list_of(1, usize::MAX, &ONE_WAY_DEPENDENCY)),
    may("mutualDependencies", list_of(1, usize::MAX, &MUTUAL_DEPENDENCY)),
])
.also(&[Also {
    rule: rules::ANY_OF,
    holds: |set| set.has("oneWayDependencies") || set.has("mutualDependencies"),
}]);

const BACKGROUND_LOAD_CONFIGURATION: Shape =
    object(&[may("tabConfiguration", object(&[must("contentUrl", URL)]))]);

/// Ways of authorization that need a reference to what was registered.
const REGISTERED: [&str; 4] =
    ["OAuthPluginVault", "ApiKeyPluginVault", "DynamicClientRegistration", "AzureKeyVault"];

const MCP_AUTHORIZATION: Shape = object(&[
    must("type", one_of(&["None", REGISTERED[0], REGISTERED[1], REGISTERED[2], REGISTERED[3]])),
    may("referenceId", text(128)),
])
.also(&[Also {
    rule: rules::THEN,
    holds: |authorization| {
        let kind = authorization.field("type").text().unwrap_or_default();
        authorization.has("referenceId") || !REGISTERED.iter().any(|known| known.eq_ignore_ascii_case(kind))
    },
}]);

const MCP_SERVER: Shape = object(&[
    must("mcpServerUrl", SECURE_URL),
    may("mcpToolDescription", object(&[must("file", Shape::File)])),
    may("authorization", MCP_AUTHORIZATION),
]);

const AGENT_CONNECTOR: Shape = object(&[
    must("id", text(64)),
    must("displayName", text(128)),
    may("description", text(4000)),
    may("toolSource", object(&[may("remoteMcpServer", MCP_SERVER)])),
]);

/// The whole of it.
pub const MANIFEST: Shape = object(&[
    may("$schema", Shape::Uri),
    may("manifestVersion", ANY),
    may("version", text(256)),
    may("id", TEXT),
    may("localizationInfo", LOCALIZATION_INFO),
    must("developer", DEVELOPER),
    must("name", object(&[may("short", TEXT), may("full", text(100))])),
    must("description", DESCRIPTION),
    must("icons", ICONS),
    must("accentColor", form(&pattern::COLOR)),
    may("configurableTabs", CONFIGURABLE_TABS),
    may("staticTabs", STATIC_TABS),
    may("bots", list(1, &BOT)),
    may("connectors", CONNECTORS),
    may("subscriptionOffer", object(&[must("offerId", text(2048))])),
    may("composeExtensions", list(1, &COMPOSE_EXTENSION)),
    may("permissions", list(2, &one_of(&["identity", "messageTeamMembers"]))),
    may("devicePermissions", DEVICE_PERMISSIONS),
    may("validDomains", list(100, &text(2048))),
    may("webApplicationInfo", WEB_APPLICATION_INFO),
    may("graphConnector", object(&[must("notificationUrl", URL)])),
    may("showLoadingIndicator", BOOL),
    may("isFullScreen", BOOL),
    may("activities", ACTIVITIES),
    may("supportsChannelFeatures", one_of(&["tier1"])),
    may("supportedChannelTypes", list(2, &one_of(&["sharedChannels", "privateChannels"]))),
    may("configurableProperties", CONFIGURABLE_PROPERTIES),
    may("defaultBlockUntilAdminAction", BOOL),
    may("publisherDocsUrl", URL),
    may("defaultInstallScope", DEFAULT_INSTALL_SCOPE),
    may("defaultGroupCapability", DEFAULT_GROUP_CAPABILITY),
    may("meetingExtensionDefinition", MEETING_EXTENSION_DEFINITION),
    may("authorization", AUTHORIZATION),
    may("extensions", Shape::Released(&EXTENSIONS)),
    may("dashboardCards", list(usize::MAX, &DASHBOARD_CARD)),
    may("intuneInfo", INTUNE_INFO),
    may("copilotAgents", COPILOT_AGENTS),
    may("agenticUserTemplates", list(1, &AGENTIC_USER_TEMPLATE_REF)),
    may("elementRelationshipSet", ELEMENT_RELATIONSHIP_SET),
    may("backgroundLoadConfiguration", BACKGROUND_LOAD_CONFIGURATION),
    may("agentConnectors", list(10, &AGENT_CONNECTOR)),
    may("agentSkills", list(20, &object(&[must("folder", text(256))]))),
    may("packageName", text(64)),
]);
