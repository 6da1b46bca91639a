//! Microsoft Graph's permissions, as far as operations here accept them.

mod published;

use std::sync::Arc;

pub use published::{AppRole, PermissionScope};

use crate::scope::{Apps, Grant, Owners};
use crate::{ClientId, TeamsAppId};

/// Which apps a permission reaches, by its family name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppReach {
    /// Every app, without the right to consent for it.
    Any,
    /// Every app, with the right to consent.
    AnyWithConsent,
    /// Apps whose manifest names the caller in `webApplicationInfo.id`.
    Own,
    /// The same, with the right to consent.
    OwnWithConsent,
    /// Apps that an administrator selected for the caller.
    Selected,
    /// The same, with the right to consent.
    SelectedWithConsent,
    /// Granted on one resource by an installation (`RSC`); it never stands in a token.
    ResourceSpecific,
}

macro_rules! permissions {
    ($($variant:ident $name:literal $reach:ident,)*) => {
        /// A permission by its Graph name; one name serves as delegated scope, application role, or both.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "each is documented by its name in Microsoft Graph")]
        pub enum Permission {
            $($variant,)*
        }

        impl Permission {
            /// Every permission that some operation accepts.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// Graph's name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }

            /// Which apps it reaches.
            #[must_use]
            pub const fn reach(self) -> AppReach {
                match self {
                    $(Self::$variant => AppReach::$reach,)*
                }
            }
        }
    };
}

permissions! {
    AgentIdUserReadWriteAll "AgentIdUser.ReadWrite.All" Any,
    AgentIdUserReadWriteIdentityParentedBy "AgentIdUser.ReadWrite.IdentityParentedBy" Any,
    AppCatalogReadAll "AppCatalog.Read.All" Any,
    AppCatalogReadWriteAll "AppCatalog.ReadWrite.All" Any,
    AppCatalogSubmit "AppCatalog.Submit" Any,
    AppRoleAssignmentReadWriteAll "AppRoleAssignment.ReadWrite.All" Any,
    ApplicationReadAll "Application.Read.All" Any,
    ApplicationReadWriteAll "Application.ReadWrite.All" Any,
    ApplicationReadWriteOwnedBy "Application.ReadWrite.OwnedBy" Any,
    ChatCreate "Chat.Create" Any,
    ChatManageChat "Chat.Manage.Chat" ResourceSpecific,
    ChatRead "Chat.Read" Any,
    ChatReadAll "Chat.Read.All" Any,
    ChatReadBasic "Chat.ReadBasic" Any,
    ChatReadBasicAll "Chat.ReadBasic.All" Any,
    ChatReadWrite "Chat.ReadWrite" Any,
    ChatReadWriteAll "Chat.ReadWrite.All" Any,
    ChatSettingsReadChat "ChatSettings.Read.Chat" ResourceSpecific,
    ChatSettingsReadWriteChat "ChatSettings.ReadWrite.Chat" ResourceSpecific,
    DelegatedPermissionGrantReadAll "DelegatedPermissionGrant.Read.All" Any,
    DelegatedPermissionGrantReadWriteAll "DelegatedPermissionGrant.ReadWrite.All" Any,
    DeviceManagementAppsReadAll "DeviceManagementApps.Read.All" Any,
    DeviceManagementAppsReadWriteAll "DeviceManagementApps.ReadWrite.All" Any,
    DeviceManagementConfigurationReadAll "DeviceManagementConfiguration.Read.All" Any,
    DeviceManagementConfigurationReadWriteAll "DeviceManagementConfiguration.ReadWrite.All" Any,
    DeviceManagementManagedDevicesReadAll "DeviceManagementManagedDevices.Read.All" Any,
    DeviceManagementManagedDevicesReadWriteAll "DeviceManagementManagedDevices.ReadWrite.All" Any,
    DeviceManagementServiceConfigReadAll "DeviceManagementServiceConfig.Read.All" Any,
    DeviceManagementServiceConfigReadWriteAll "DeviceManagementServiceConfig.ReadWrite.All" Any,
    DirectoryReadAll "Directory.Read.All" Any,
    DirectoryReadWriteAll "Directory.ReadWrite.All" Any,
    GroupReadAll "Group.Read.All" Any,
    GroupReadWriteAll "Group.ReadWrite.All" Any,
    GroupMemberReadAll "GroupMember.Read.All" Any,
    GroupMemberReadWriteAll "GroupMember.ReadWrite.All" Any,
    OrganizationReadAll "Organization.Read.All" Any,
    OrganizationReadWriteAll "Organization.ReadWrite.All" Any,
    GrantReadForChat "ResourceSpecificPermissionGrant.ReadForChat" Any,
    GrantReadForChatAll "ResourceSpecificPermissionGrant.ReadForChat.All" Any,
    GrantReadForTeam "ResourceSpecificPermissionGrant.ReadForTeam" Any,
    GrantReadForTeamAll "ResourceSpecificPermissionGrant.ReadForTeam.All" Any,
    GrantReadForUser "ResourceSpecificPermissionGrant.ReadForUser" Any,
    GrantReadForUserAll "ResourceSpecificPermissionGrant.ReadForUser.All" Any,
    TeamReadBasicAll "Team.ReadBasic.All" Any,
    TeamSettingsReadAll "TeamSettings.Read.All" Any,
    TeamSettingsReadGroup "TeamSettings.Read.Group" ResourceSpecific,
    TeamSettingsReadWriteAll "TeamSettings.ReadWrite.All" Any,
    TeamSettingsReadWriteGroup "TeamSettings.ReadWrite.Group" ResourceSpecific,
    TeamsAppReadGroup "TeamsApp.Read.Group" ResourceSpecific,
    ManageSelectedForChat "TeamsAppInstallation.ManageSelectedForChat" SelectedWithConsent,
    ManageSelectedForChatAll "TeamsAppInstallation.ManageSelectedForChat.All" SelectedWithConsent,
    ManageSelectedForTeam "TeamsAppInstallation.ManageSelectedForTeam" SelectedWithConsent,
    ManageSelectedForTeamAll "TeamsAppInstallation.ManageSelectedForTeam.All" SelectedWithConsent,
    ManageSelectedForUser "TeamsAppInstallation.ManageSelectedForUser" SelectedWithConsent,
    ManageSelectedForUserAll "TeamsAppInstallation.ManageSelectedForUser.All" SelectedWithConsent,
    InstallationReadAll "TeamsAppInstallation.Read.All" Any,
    InstallationReadChat "TeamsAppInstallation.Read.Chat" ResourceSpecific,
    InstallationReadGroup "TeamsAppInstallation.Read.Group" ResourceSpecific,
    InstallationReadUser "TeamsAppInstallation.Read.User" ResourceSpecific,
    ReadForChat "TeamsAppInstallation.ReadForChat" Any,
    ReadForChatAll "TeamsAppInstallation.ReadForChat.All" Any,
    ReadForTeam "TeamsAppInstallation.ReadForTeam" Any,
    ReadForTeamAll "TeamsAppInstallation.ReadForTeam.All" Any,
    ReadForUser "TeamsAppInstallation.ReadForUser" Any,
    ReadForUserAll "TeamsAppInstallation.ReadForUser.All" Any,
    ReadWriteAndConsentForChat "TeamsAppInstallation.ReadWriteAndConsentForChat" AnyWithConsent,
    ReadWriteAndConsentForChatAll "TeamsAppInstallation.ReadWriteAndConsentForChat.All" AnyWithConsent,
    ReadWriteAndConsentForTeam "TeamsAppInstallation.ReadWriteAndConsentForTeam" AnyWithConsent,
    ReadWriteAndConsentForTeamAll "TeamsAppInstallation.ReadWriteAndConsentForTeam.All" AnyWithConsent,
    ReadWriteAndConsentForUser "TeamsAppInstallation.ReadWriteAndConsentForUser" AnyWithConsent,
    ReadWriteAndConsentForUserAll "TeamsAppInstallation.ReadWriteAndConsentForUser.All" AnyWithConsent,
    ReadWriteAndConsentSelfForChat "TeamsAppInstallation.ReadWriteAndConsentSelfForChat" OwnWithConsent,
    ReadWriteAndConsentSelfForChatAll "TeamsAppInstallation.ReadWriteAndConsentSelfForChat.All" OwnWithConsent,
    ReadWriteAndConsentSelfForTeam "TeamsAppInstallation.ReadWriteAndConsentSelfForTeam" OwnWithConsent,
    ReadWriteAndConsentSelfForTeamAll "TeamsAppInstallation.ReadWriteAndConsentSelfForTeam.All" OwnWithConsent,
    ReadWriteAndConsentSelfForUser "TeamsAppInstallation.ReadWriteAndConsentSelfForUser" OwnWithConsent,
    ReadWriteAndConsentSelfForUserAll "TeamsAppInstallation.ReadWriteAndConsentSelfForUser.All" OwnWithConsent,
    ReadWriteForChat "TeamsAppInstallation.ReadWriteForChat" Any,
    ReadWriteForChatAll "TeamsAppInstallation.ReadWriteForChat.All" Any,
    ReadWriteForTeam "TeamsAppInstallation.ReadWriteForTeam" Any,
    ReadWriteForTeamAll "TeamsAppInstallation.ReadWriteForTeam.All" Any,
    ReadWriteForUser "TeamsAppInstallation.ReadWriteForUser" Any,
    ReadWriteForUserAll "TeamsAppInstallation.ReadWriteForUser.All" Any,
    ReadWriteSelectedForUser "TeamsAppInstallation.ReadWriteSelectedForUser" Selected,
    ReadWriteSelectedForUserAll "TeamsAppInstallation.ReadWriteSelectedForUser.All" Selected,
    ReadWriteSelfForChat "TeamsAppInstallation.ReadWriteSelfForChat" Own,
    ReadWriteSelfForChatAll "TeamsAppInstallation.ReadWriteSelfForChat.All" Own,
    ReadWriteSelfForTeam "TeamsAppInstallation.ReadWriteSelfForTeam" Own,
    ReadWriteSelfForTeamAll "TeamsAppInstallation.ReadWriteSelfForTeam.All" Own,
    ReadWriteSelfForUser "TeamsAppInstallation.ReadWriteSelfForUser" Own,
    ReadWriteSelfForUserAll "TeamsAppInstallation.ReadWriteSelfForUser.All" Own,
    TeamworkAppSettingsReadAll "TeamworkAppSettings.Read.All" Any,
    TeamworkAppSettingsReadWriteAll "TeamworkAppSettings.ReadWrite.All" Any,
    UserRead "User.Read" Any,
    UserReadAll "User.Read.All" Any,
    UserReadBasicAll "User.ReadBasic.All" Any,
    UserReadWrite "User.ReadWrite" Any,
    UserReadWriteAll "User.ReadWrite.All" Any,
    UserReadWriteCrossCloud "User.ReadWrite.CrossCloud" Any,
    UserTeamworkRead "UserTeamwork.Read" Any,
    UserTeamworkReadAll "UserTeamwork.Read.All" Any,
}

impl Permission {
    /// A permission by its name, without case; none when no operation here accepts it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.name().eq_ignore_ascii_case(name))
    }

    /// Whether an installation grants it on one resource, so that no token carries it.
    #[must_use]
    pub fn is_resource_specific(self) -> bool {
        self.reach() == AppReach::ResourceSpecific
    }

    /// Whether a delegated token with it stays with what the signed-in user is or takes part in: `…ForUser`,
    /// `…ForTeam`, `…ForChat`, `Chat.…`, `User.Read` and their like.
    #[must_use]
    pub fn is_for_signed_in_user(self) -> bool {
        let name = self.name();
        let own = ["ForUser", "ForTeam", "ForChat"].into_iter().any(|end| name.ends_with(end));
        let more = [
            Self::UserRead,
            Self::UserReadWrite,
            Self::UserTeamworkRead,
            Self::ChatCreate,
            Self::ChatRead,
            Self::ChatReadBasic,
            Self::ChatReadWrite,
        ];
        own || more.contains(&self)
    }

    /// What it allows whoever holds it.
    #[must_use]
    pub fn grant(self, to: &Grantee<'_>) -> Grant {
        let owners = match to.kind {
            TokenKind::Delegated if self.is_for_signed_in_user() => Owners::Joined,
            TokenKind::Delegated | TokenKind::Application => Owners::Any,
        };
        let own = || Apps::OwnedBy(to.client.clone());
        let selected = || Apps::Selected(Arc::clone(to.selected));
        let (apps, consent) = match self.reach() {
            AppReach::Any | AppReach::ResourceSpecific => (Apps::Any, false),
            AppReach::AnyWithConsent => (Apps::Any, true),
            AppReach::Own => (own(), false),
            AppReach::OwnWithConsent => (own(), true),
            AppReach::Selected => (selected(), false),
            AppReach::SelectedWithConsent => (selected(), true),
        };
        Grant { owners, apps, consent }
    }
}

/// Whether a token speaks for a user or for the client itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// For a signed-in user (`scp`).
    Delegated,
    /// For the client itself (`roles`).
    Application,
}

/// Who holds a permission.
#[derive(Clone, Copy, Debug)]
pub struct Grantee<'a> {
    /// The client that the token was made for.
    pub client: &'a ClientId,
    /// For whom the token speaks.
    pub kind: TokenKind,
    /// Apps that were selected for the client.
    pub selected: &'a Arc<[TeamsAppId]>,
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u128);

impl Permissions {
    /// The set of the list.
    #[must_use]
    pub const fn of(list: &[Permission]) -> Self {
        let (mut rest, mut bits) = (list, 0);
        while let [first, tail @ ..] = rest {
            bits |= 1 << *first as u128;
            rest = tail;
        }
        Self(bits)
    }

    /// The known permissions among the names of a token; unknown names and `RSC` ones, which no token carries,
    /// are passed over.
    #[must_use]
    pub fn named<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let carried = |p: &Permission| !p.is_resource_specific();
        Self(names.filter_map(Permission::parse).filter(carried).fold(0, |bits, p| bits | 1 << p as u128))
    }

    /// Whether it is in the set.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u128) != 0
    }
}

const _: () = assert!(Permission::ALL.len() <= 128, "the set is 128 bits wide");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_alphabetical_order_and_unique() {
        let names: Vec<_> = Permission::ALL.iter().map(|p| p.name()).collect();
        assert!(names.is_sorted() && names.windows(2).all(|w| w[0] != w[1]));
    }

    #[test]
    fn the_name_tells_the_family() {
        for permission in Permission::ALL {
            let (name, reach) = (permission.name(), permission.reach());
            let on_resource = [".User", ".Group", ".Chat"].into_iter().any(|end| name.ends_with(end));
            let expected = if on_resource {
                AppReach::ResourceSpecific
            } else if name.contains("ConsentSelf") {
                AppReach::OwnWithConsent
            } else if name.contains("Self") {
                AppReach::Own
            } else if name.contains("AndConsent") {
                AppReach::AnyWithConsent
            } else if name.contains("ManageSelected") {
                AppReach::SelectedWithConsent
            } else if name.contains("Selected") {
                AppReach::Selected
            } else {
                AppReach::Any
            };
            assert_eq!(reach, expected, "{name}");
        }
    }

    #[test]
    fn tokens_carry_no_resource_specific_permission() {
        let held = Permissions::named(
            ["teamsappinstallation.readforuser.all", "TeamsAppInstallation.Read.User", "Mail.Read"]
                .into_iter(),
        );
        assert!(held.contains(Permission::ReadForUserAll));
        assert!(!held.contains(Permission::InstallationReadUser));
        assert_eq!(held, Permissions::of(&[Permission::ReadForUserAll]));
    }

    #[test]
    fn delegated_permissions_stay_with_the_signed_in_user_and_legacy_ones_do_not() {
        let (client, selected) =
            (ClientId::parse("c").unwrap(), Arc::from([TeamsAppId::parse("a").unwrap()]));
        let grant = |kind, p: Permission| p.grant(&Grantee { client: &client, kind, selected: &selected });
        assert_eq!(grant(TokenKind::Delegated, Permission::ReadWriteForUser).owners, Owners::Joined);
        assert_eq!(grant(TokenKind::Delegated, Permission::UserReadWriteAll).owners, Owners::Any);
        assert_eq!(grant(TokenKind::Application, Permission::ReadWriteForUserAll).owners, Owners::Any);
        let selecting = grant(TokenKind::Application, Permission::ManageSelectedForTeamAll);
        assert_eq!((selecting.apps, selecting.consent), (Apps::Selected(selected.clone()), true));
        assert!(!grant(TokenKind::Application, Permission::ReadWriteSelectedForUserAll).consent);
    }
}
