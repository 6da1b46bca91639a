//! What an upgrade from one version of an app to another asks of the people who have it.

use slipway_model::{ResourceSpecificPermission, ResourceSpecificPermissionType};

use crate::PackageFacts;
use crate::parts::Bot;

/// Two versions of an app, compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// Whether the new one is an upgrade of the old one at all.
    pub step: Step,
    /// Why the upgrade waits for somebody's consent; empty if it comes by itself.
    pub changes: Vec<Change>,
    /// What the upgrade call has to send.
    pub consent: Consent,
}

/// How the new version stands to the old one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The same app, and a higher version.
    Upgrade,
    /// Another app: the manifests' ids differ.
    OtherApp,
    /// The same version.
    SameVersion,
    /// A lower version.
    LowerVersion,
}

/// A change that an upgrade waits for: of the documentation's list in "Update your app on Teams Store", and
/// `supportsCalling`, `supportsVideo` and permissions, which Microsoft's staff named in answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// There was no bot.
    BotAdded {
        /// Its `botId`.
        id: String,
    },
    /// There is no bot any more.
    BotRemoved {
        /// Its `botId`.
        id: String,
    },
    /// Another bot in place of the old one.
    BotIdChanged {
        /// The `botId` before.
        old: String,
        /// The `botId` now.
        new: String,
    },
    /// The bot can do something that it could not, or the other way round.
    BotAbilityChanged {
        /// Property of the manifest, such as `supportsFiles`.
        ability: &'static str,
        /// Its value now.
        now: bool,
    },
    /// There was no message extension.
    MessageExtensionAdded,
    /// There is no message extension any more.
    MessageExtensionRemoved,
    /// A connector that was not there.
    ConnectorAdded {
        /// Its `connectorId`.
        id: String,
    },
    /// A static tab, as the personal ones are, that was not there.
    StaticTabAdded {
        /// Its `entityId`.
        id: String,
    },
    /// There was no configurable tab, as channels and groups have them.
    ConfigurableTabAdded,
    /// `id` or `resource` of `webApplicationInfo`.
    WebApplicationInfoChanged,
    /// A resource-specific permission that was not asked for.
    PermissionAdded(ResourceSpecificPermission),
    /// A resource-specific permission that is not asked for any more.
    PermissionRemoved(ResourceSpecificPermission),
}

/// What the call that upgrades has to send as `consentedPermissionSet` ("teamsAppInstallation: upgrade").
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consent {
    /// Nothing: the new version asks for no resource-specific permissions.
    Nothing,
    /// These permissions, or nothing, since all of them are delegated.
    MayBeSent(Vec<ResourceSpecificPermission>),
    /// Exactly these permissions, since some are of the application type.
    MustBeSent(Vec<ResourceSpecificPermission>),
}

/// Compares two versions of an app.
///
/// Ids compare without case, as GUIDs do. A static tab is the same one as long as its `entityId` is.
#[must_use]
pub fn diff(old: &PackageFacts, new: &PackageFacts) -> Diff {
    Diff { step: step(old, new), changes: changes(old, new), consent: consent(new) }
}

fn step(old: &PackageFacts, new: &PackageFacts) -> Step {
    if !old.external_id.eq_ignore_ascii_case(&new.external_id) {
        Step::OtherApp
    } else if new.version.is_higher_than(&old.version) {
        Step::Upgrade
    } else if old.version.is_higher_than(&new.version) {
        Step::LowerVersion
    } else {
        Step::SameVersion
    }
}

fn changes(old: &PackageFacts, new: &PackageFacts) -> Vec<Change> {
    let mut changes = bot_changes(old.parts.bot.as_ref(), new.parts.bot.as_ref());
    match (old.parts.message_extension, new.parts.message_extension) {
        (false, true) => changes.push(Change::MessageExtensionAdded),
        (true, false) => changes.push(Change::MessageExtensionRemoved),
        _ => {}
    }
    let added = |old: &[String], new: &[String]| {
        let known = |id: &String| old.iter().any(|other| other.eq_ignore_ascii_case(id));
        new.iter().filter(|id| !known(id)).cloned().collect::<Vec<_>>()
    };
    let connectors = added(&old.parts.connectors, &new.parts.connectors).into_iter();
    changes.extend(connectors.map(|id| Change::ConnectorAdded { id }));
    let tabs = added(&old.parts.static_tabs, &new.parts.static_tabs).into_iter();
    changes.extend(tabs.map(|id| Change::StaticTabAdded { id }));
    if new.parts.configurable_tab && !old.parts.configurable_tab {
        changes.push(Change::ConfigurableTabAdded);
    }
    let same = |old: Option<&str>, new: Option<&str>| match (old, new) {
        (Some(old), Some(new)) => old.eq_ignore_ascii_case(new),
        (old, new) => old == new,
    };
    if !same(old.azure_ad_app_id.as_deref(), new.azure_ad_app_id.as_deref())
        || old.application_resource != new.application_resource
    {
        changes.push(Change::WebApplicationInfoChanged);
    }
    let (before, now) = (&old.required_permissions, &new.required_permissions);
    changes.extend(missing_in(before, now).map(Change::PermissionAdded));
    changes.extend(missing_in(now, before).map(Change::PermissionRemoved));
    changes
}

fn bot_changes(old: Option<&Bot>, new: Option<&Bot>) -> Vec<Change> {
    let (old, new) = match (old, new) {
        (None, None) => return Vec::new(),
        (None, Some(new)) => return vec![Change::BotAdded { id: new.id.clone() }],
        (Some(old), None) => return vec![Change::BotRemoved { id: old.id.clone() }],
        (Some(old), Some(new)) => (old, new),
    };
    let mut changes = Vec::new();
    if !old.id.eq_ignore_ascii_case(&new.id) {
        changes.push(Change::BotIdChanged { old: old.id.clone(), new: new.id.clone() });
    }
    for (ability, before, now) in [
        ("isNotificationOnly", old.is_notification_only, new.is_notification_only),
        ("supportsFiles", old.supports_files, new.supports_files),
        ("supportsCalling", old.supports_calling, new.supports_calling),
        ("supportsVideo", old.supports_video, new.supports_video),
    ] {
        if before != now {
            changes.push(Change::BotAbilityChanged { ability, now });
        }
    }
    changes
}

fn missing_in<'a>(
    these: &'a [ResourceSpecificPermission],
    others: &'a [ResourceSpecificPermission],
) -> impl Iterator<Item = ResourceSpecificPermission> + 'a {
    let known = |permission: &ResourceSpecificPermission| these.iter().any(|one| one.is(permission));
    others.iter().filter(move |permission| !known(permission)).cloned()
}

fn consent(new: &PackageFacts) -> Consent {
    let asked = new.required_permissions.clone();
    if asked.is_empty() {
        Consent::Nothing
    } else if asked.iter().any(|asked| asked.kind == ResourceSpecificPermissionType::Application) {
        Consent::MustBeSent(asked)
    } else {
        Consent::MayBeSent(asked)
    }
}
