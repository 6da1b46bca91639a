//! The parts of an app that can be installed somewhere, and the permissions it asks for there.

use slipway_model::{InstallationScopes, ResourceSpecificPermission, ResourceSpecificPermissionType};

use crate::findings::{Findings, Rule, rules};
use crate::manifest::SchemaVersion;
use crate::node::{Node, is_guid};

const MAX_STATIC_TABS: usize = 16;
const MAX_ENTITY_ID: usize = 64;
/// Scopes of one part: the four there are, or one of them in two spellings.
const MAX_SCOPES: usize = 8;
const MAX_PERMISSIONS: usize = 16;
/// Of the form up to schema 1.11.
const MAX_APPLICATION_PERMISSIONS: usize = 100;
const MAX_PERMISSION_NAME: usize = 128;

/// First schema with group chats as a scope.
const GROUP_CHATS: SchemaVersion = SchemaVersion::Numbered(1, 3);

/// What the parts together say.
pub struct Parts {
    pub bot_id: Option<String>,
    pub scopes: InstallationScopes,
}

/// Reads bots, tabs, connectors and message extensions.
pub fn read(root: &Node<'_>, version: SchemaVersion, findings: &mut Findings) -> Parts {
    let mut scopes = InstallationScopes::NONE;
    let mut bot_id = None;
    for bot in objects(&root.field("bots"), 1, findings) {
        bot_id = own_bot(&bot, findings);
        bot.field("scopes").required(findings);
        let named = named_scopes(&bot, findings);
        check_group_chat(&bot, named, version, rules::BOT_GROUP_CHAT_VERSION, findings);
        scopes = scopes.with(named);
    }
    for tab in objects(&root.field("staticTabs"), MAX_STATIC_TABS, findings) {
        tab.field("entityId").required(findings).text_up_to(MAX_ENTITY_ID, findings);
        tab.field("scopes").required(findings);
        scopes = scopes.with(named_scopes(&tab, findings));
    }
    for tab in objects(&root.field("configurableTabs"), 1, findings) {
        let named = named_scopes(&tab, findings);
        check_group_chat(&tab, named, version, rules::TAB_GROUP_CHAT_VERSION, findings);
        scopes = scopes.with(named);
    }
    for connector in objects(&root.field("connectors"), 1, findings) {
        scopes = scopes.with(named_scopes(&connector, findings));
    }
    let extensions = objects(&root.field("composeExtensions"), 1, findings);
    for extension in &extensions {
        let id = extension.field("botId");
        if id.text(findings).is_some_and(|id| !is_guid(id)) {
            findings.broken(rules::EXTENSION_BOT_ID_IS_GUID, &id.path);
        }
        scopes = scopes.with(named_scopes(extension, findings));
    }
    default_scope(&root.field("defaultInstallScope"), findings);
    Parts { bot_id, scopes: if_none_named(scopes, &extensions) }
}

fn own_bot(bot: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let id = bot.field("botId").required(findings);
    let text = id.text(findings)?;
    if !is_guid(text) {
        findings.broken(rules::BOT_ID_IS_GUID, &id.path);
    }
    Some(text.to_owned())
}

/// The scopes that the part names. `copilot` is where a bot can be met, not where an app is installed.
fn named_scopes(part: &Node<'_>, findings: &mut Findings) -> InstallationScopes {
    let mut scopes = InstallationScopes::NONE;
    for node in part.field("scopes").items(MAX_SCOPES, findings) {
        let Some(name) = node.text(findings) else { continue };
        match InstallationScopes::parse_one(name) {
            Some(scope) => scopes = scopes.with(scope),
            None if name.eq_ignore_ascii_case("copilot") => {}
            None => findings.not_in_enum(name, &node.path),
        }
    }
    scopes
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

fn default_scope(node: &Node<'_>, findings: &mut Findings) {
    let Some(name) = node.text(findings) else { return };
    let known = ["copilot", "meetings"].iter().any(|known| known.eq_ignore_ascii_case(name));
    if !known && InstallationScopes::parse_one(name).is_none() {
        findings.not_in_enum(name, &node.path);
    }
}

/// See [`crate::PackageFacts::scopes`].
fn if_none_named(scopes: InstallationScopes, extensions: &[Node<'_>]) -> InstallationScopes {
    if scopes != InstallationScopes::NONE {
        scopes
    } else if extensions.is_empty() {
        InstallationScopes::PERSONAL
    } else {
        InstallationScopes::TEAM.with(InstallationScopes::GROUP_CHAT).with(InstallationScopes::PERSONAL)
    }
}

/// The resource-specific permissions of both forms, in the manifest's order.
pub fn permissions(root: &Node<'_>, findings: &mut Findings) -> Vec<ResourceSpecificPermission> {
    let mut permissions = Vec::new();
    let mut ask = |value: &str, kind| {
        let permission = ResourceSpecificPermission { value: value.to_owned(), kind };
        if !permissions.iter().any(|asked: &ResourceSpecificPermission| asked.is(&permission)) {
            permissions.push(permission);
        }
    };
    let listed = root.field("authorization").field("permissions").field("resourceSpecific");
    for item in objects(&listed, MAX_PERMISSIONS, findings) {
        let name = item.field("name").required(findings).text_up_to(MAX_PERMISSION_NAME, findings);
        let node = item.field("type").required(findings);
        let Some(word) = node.text(findings) else { continue };
        match (name, ResourceSpecificPermissionType::parse(word)) {
            (Some(name), Some(kind)) => ask(name, kind),
            (_, None) => findings.not_in_enum(word, &node.path),
            (None, Some(_)) => {}
        }
    }
    let listed = root.field("webApplicationInfo").field("applicationPermissions");
    for item in listed.items(MAX_APPLICATION_PERMISSIONS, findings) {
        if let Some(name) = item.text_up_to(MAX_PERMISSION_NAME, findings) {
            ask(name, ResourceSpecificPermissionType::Application);
        }
    }
    permissions
}

fn objects<'a>(list: &Node<'a>, most: usize, findings: &mut Findings) -> Vec<Node<'a>> {
    list.items(most, findings).into_iter().filter_map(|item| item.object(findings)).collect()
}
