//! The parts of an app that can be met somewhere, and the permissions it asks for there.

use slipway_model::{InstallationScopes, ResourceSpecificPermission, ResourceSpecificPermissionType};

use crate::findings::{Findings, Rule};
use crate::manifest::SchemaVersion;
use crate::node::Node;
use crate::{rules, schema};

/// Most permissions that are read of a manifest; one with more has findings.
const MAX_PERMISSIONS: usize = 128;

/// First schema with group chats as a scope.
const GROUP_CHATS: SchemaVersion = SchemaVersion::Numbered(1, 3);

/// Tabs that Teams makes itself; an app names them to say where they stand among its own.
const RESERVED_TABS: [&str; 2] = ["conversations", "about"];

/// The parts of an app.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// `bots[0]`.
    pub bot: Option<Bot>,
    /// `staticTabs[].entityId`, in the manifest's order.
    pub static_tabs: Vec<String>,
    /// Whether there is something in `configurableTabs`.
    pub configurable_tab: bool,
    /// `connectors[].connectorId`.
    pub connectors: Vec<String>,
    /// Whether there is something in `composeExtensions`.
    pub message_extension: bool,
}

/// A bot, with what it can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "the manifest has them")]
pub struct Bot {
    /// `botId`, a GUID as written there.
    pub id: String,
    /// `isNotificationOnly`: it speaks and does not listen.
    pub is_notification_only: bool,
    /// `supportsFiles`.
    pub supports_files: bool,
    /// `supportsCalling`.
    pub supports_calling: bool,
    /// `supportsVideo`.
    pub supports_video: bool,
}

/// Reads bots, tabs, connectors and message extensions, and the scopes that they name together.
pub fn read(root: &Node<'_>, version: SchemaVersion, findings: &mut Findings) -> (Parts, InstallationScopes) {
    let (mut parts, mut scopes) = (Parts::default(), InstallationScopes::NONE);
    for bot in root.field("bots").items() {
        parts.bot = parts.bot.or_else(|| own_bot(&bot));
        let id = bot.field("botId");
        if id.text().is_some_and(|id| !(schema::GUID.fits)(id)) {
            findings.broken(rules::BOT_ID_IS_GUID, &id.path);
        }
        let named = named_scopes(&bot);
        check_group_chat(&bot, named, version, rules::BOT_GROUP_CHAT_VERSION, findings);
        scopes = scopes.with(named);
    }
    for tab in root.field("staticTabs").items() {
        check_name(&tab, findings);
        parts.static_tabs.extend(tab.field("entityId").text().map(str::to_owned));
        scopes = scopes.with(named_scopes(&tab));
    }
    for tab in root.field("configurableTabs").items() {
        let named = named_scopes(&tab);
        check_group_chat(&tab, named, version, rules::TAB_GROUP_CHAT_VERSION, findings);
        parts.configurable_tab = true;
        scopes = scopes.with(named);
    }
    for connector in root.field("connectors").items() {
        parts.connectors.extend(connector.field("connectorId").text().map(str::to_owned));
        scopes = scopes.with(named_scopes(&connector));
    }
    for extension in root.field("composeExtensions").items() {
        parts.message_extension = true;
        scopes = scopes.with(named_scopes(&extension));
    }
    if scopes == InstallationScopes::NONE {
        scopes = unnamed_scopes(&parts);
    }
    (parts, scopes)
}

fn own_bot(bot: &Node<'_>) -> Option<Bot> {
    Some(Bot {
        id: bot.field("botId").text()?.to_owned(),
        is_notification_only: bot.field("isNotificationOnly").is_true(),
        supports_files: bot.field("supportsFiles").is_true(),
        supports_calling: bot.field("supportsCalling").is_true(),
        supports_video: bot.field("supportsVideo").is_true(),
    })
}

/// The scopes that the part names. `copilot` is where a bot can be met, not where an app is installed.
fn named_scopes(part: &Node<'_>) -> InstallationScopes {
    let names = part.field("scopes").items();
    let scopes = names.iter().filter_map(|name| InstallationScopes::parse_one(name.text()?));
    scopes.fold(InstallationScopes::NONE, InstallationScopes::with)
}

/// See [`crate::PackageFacts::scopes`].
fn unnamed_scopes(parts: &Parts) -> InstallationScopes {
    if parts.message_extension {
        InstallationScopes::TEAM.with(InstallationScopes::GROUP_CHAT).with(InstallationScopes::PERSONAL)
    } else {
        InstallationScopes::PERSONAL
    }
}

fn check_group_chat(
    part: &Node<'_>,
    named: InstallationScopes,
    version: SchemaVersion,
    rule: Rule,
    findings: &mut Findings,
) {
    if named.contains(InstallationScopes::GROUP_CHAT) && version < GROUP_CHATS {
        findings.broken(rule, &part.field("scopes").path);
    }
}

/// Teams names its own tabs; an app names the others.
fn check_name(tab: &Node<'_>, findings: &mut Findings) {
    let Some(id) = tab.field("entityId").text() else { return };
    let name = tab.field("name");
    let reserved = RESERVED_TABS.iter().any(|reserved| reserved.eq_ignore_ascii_case(id));
    match (reserved, name.filled_text()) {
        (true, Some(_)) => findings.broken(rules::RESERVED_TAB_HAS_NO_NAME, &name.path),
        (false, None) if name.is_absent() || name.text().is_some() => {
            findings.broken(rules::TAB_HAS_NAME, &name.path);
        }
        _ => {}
    }
}

/// The resource-specific permissions of both forms, in the manifest's order, each once.
pub fn permissions(root: &Node<'_>) -> Vec<ResourceSpecificPermission> {
    let listed = root.field("authorization").field("permissions").field("resourceSpecific").items();
    let listed = listed.iter().filter_map(|item| {
        let kind = ResourceSpecificPermissionType::parse(item.field("type").text()?)?;
        Some((item.field("name").text()?, kind))
    });
    let older = root.field("webApplicationInfo").field("applicationPermissions").items();
    let older =
        older.iter().filter_map(|item| Some((item.text()?, ResourceSpecificPermissionType::Application)));
    let mut permissions: Vec<ResourceSpecificPermission> = Vec::new();
    for (value, kind) in listed.chain(older).take(MAX_PERMISSIONS) {
        let permission = ResourceSpecificPermission { value: value.to_owned(), kind };
        if !permissions.iter().any(|asked| asked.is(&permission)) {
            permissions.push(permission);
        }
    }
    permissions
}
