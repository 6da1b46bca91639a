//! Microsoft Graph's permissions, as far as operations here accept them.

use crate::scope::{Apps, Grant, Owners};
use crate::{ClientId, UserId};

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
    ManageSelectedForUser "TeamsAppInstallation.ManageSelectedForUser" AnyWithConsent,
    ManageSelectedForUserAll "TeamsAppInstallation.ManageSelectedForUser.All" AnyWithConsent,
    InstallationReadAll "TeamsAppInstallation.Read.All" Any,
    InstallationReadUser "TeamsAppInstallation.Read.User" ResourceSpecific,
    ReadForUser "TeamsAppInstallation.ReadForUser" Any,
    ReadForUserAll "TeamsAppInstallation.ReadForUser.All" Any,
    ReadWriteAndConsentForUser "TeamsAppInstallation.ReadWriteAndConsentForUser" AnyWithConsent,
    ReadWriteAndConsentForUserAll "TeamsAppInstallation.ReadWriteAndConsentForUser.All" AnyWithConsent,
    ReadWriteAndConsentSelfForUser "TeamsAppInstallation.ReadWriteAndConsentSelfForUser" OwnWithConsent,
    ReadWriteAndConsentSelfForUserAll "TeamsAppInstallation.ReadWriteAndConsentSelfForUser.All" OwnWithConsent,
    ReadWriteForUser "TeamsAppInstallation.ReadWriteForUser" Any,
    ReadWriteForUserAll "TeamsAppInstallation.ReadWriteForUser.All" Any,
    ReadWriteSelectedForUser "TeamsAppInstallation.ReadWriteSelectedForUser" Any,
    ReadWriteSelectedForUserAll "TeamsAppInstallation.ReadWriteSelectedForUser.All" Any,
    ReadWriteSelfForUser "TeamsAppInstallation.ReadWriteSelfForUser" Own,
    ReadWriteSelfForUserAll "TeamsAppInstallation.ReadWriteSelfForUser.All" Own,
    UserRead "User.Read" Any,
    UserReadAll "User.Read.All" Any,
    UserReadBasicAll "User.ReadBasic.All" Any,
    UserReadWrite "User.ReadWrite" Any,
    UserReadWriteAll "User.ReadWrite.All" Any,
    UserReadWriteCrossCloud "User.ReadWrite.CrossCloud" Any,
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

    /// Whether it only ever covers the signed-in user: the delegated `…ForUser` permissions, `User.Read` and
    /// `User.ReadWrite`.
    #[must_use]
    pub fn is_for_signed_in_user(self) -> bool {
        self.name().ends_with("ForUser") || matches!(self, Self::UserRead | Self::UserReadWrite)
    }

    /// What it allows a client that acts for `user` (delegated) or for itself (application).
    #[must_use]
    pub fn grant(self, client: &ClientId, user: Option<&UserId>) -> Grant {
        let owners = match user {
            Some(me) if self.is_for_signed_in_user() => Owners::Only(me.clone()),
            _ => Owners::Any,
        };
        let own = || Apps::OwnedBy(client.clone());
        let (apps, consent) = match self.reach() {
            AppReach::Any | AppReach::ResourceSpecific => (Apps::Any, false),
            AppReach::AnyWithConsent => (Apps::Any, true),
            AppReach::Own => (own(), false),
            AppReach::OwnWithConsent => (own(), true),
        };
        Grant { owners, apps, consent }
    }
}

/// A set of permissions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Permissions(u64);

impl Permissions {
    /// The set of the list.
    #[must_use]
    pub const fn of(list: &[Permission]) -> Self {
        let (mut rest, mut bits) = (list, 0);
        while let [first, tail @ ..] = rest {
            bits |= 1 << *first as u64;
            rest = tail;
        }
        Self(bits)
    }

    /// The known permissions among the names of a token; unknown names and `RSC` ones, which no token carries,
    /// are passed over.
    #[must_use]
    pub fn named<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let carried = |p: &Permission| !p.is_resource_specific();
        Self(names.filter_map(Permission::parse).filter(carried).fold(0, |bits, p| bits | 1 << p as u64))
    }

    /// Whether it is in the set.
    #[must_use]
    pub const fn contains(self, permission: Permission) -> bool {
        self.0 & (1 << permission as u64) != 0
    }
}

const _: () = assert!(Permission::ALL.len() <= 64, "the set is 64 bits wide");

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
            let expected = if name == "TeamsAppInstallation.Read.User" {
                AppReach::ResourceSpecific
            } else if name.contains("ConsentSelf") {
                AppReach::OwnWithConsent
            } else if name.contains("Self") {
                AppReach::Own
            } else if name.contains("AndConsent") || name.contains("ManageSelected") {
                AppReach::AnyWithConsent
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
        let (client, me) = (ClientId::parse("c").unwrap(), UserId::parse("me").unwrap());
        let delegated = |p: Permission| p.grant(&client, Some(&me)).owners;
        assert_eq!(delegated(Permission::ReadWriteForUser), Owners::Only(me.clone()));
        assert_eq!(delegated(Permission::UserReadWriteAll), Owners::Any);
        assert_eq!(Permission::ReadWriteForUserAll.grant(&client, None).owners, Owners::Any);
    }
}
