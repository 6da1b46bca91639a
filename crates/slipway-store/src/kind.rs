//! The catalogue of what is stored: record kinds, their indexes, and counters.
//!
//! Each has a number that is the first byte of its keys. Numbers are stored, so they are never changed and never
//! used again. 0 belongs to the engine.

/// A kind of record: one table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A directory. Global.
    Tenant = 1,
    /// A user of a tenant.
    User = 2,
    /// A registered application.
    Client = 3,
    /// A catalog entry.
    App = 4,
    /// A version of an app.
    Definition = 5,
    /// The files of a version.
    Package = 6,
    /// An app installed for an owner.
    Installation = 7,
    /// A key that signs tokens. Global.
    SigningKey = 8,
    /// A sign-in by device code that waits for its user.
    DeviceGrant = 9,
    /// A range that is being deleted in the background. Global.
    Sweep = 10,
    /// A tenant that is being imported. Global.
    Import = 11,
    /// A group of the directory, and the team with it.
    Group = 12,
    /// A chat.
    Chat = 13,
    /// Somebody's membership of a group or a chat.
    Membership = 14,
    /// A text by which a user is found.
    UserTerm = 15,
    /// What a user granted to a client.
    Consent = 16,
    /// A sign-in that goes on.
    Session = 17,
}

impl Kind {
    /// Every kind. What a record refers to is of an earlier kind, or of its own.
    pub(crate) const ALL: [Self; 17] = [
        Self::Tenant,
        Self::User,
        Self::UserTerm,
        Self::Group,
        Self::Chat,
        Self::Membership,
        Self::Client,
        Self::Consent,
        Self::App,
        Self::Definition,
        Self::Package,
        Self::Installation,
        Self::SigningKey,
        Self::DeviceGrant,
        Self::Session,
        Self::Sweep,
        Self::Import,
    ];

    /// Name for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::User => "user",
            Self::Client => "client",
            Self::App => "app",
            Self::Definition => "definition",
            Self::Package => "package",
            Self::Installation => "installation",
            Self::SigningKey => "signing key",
            Self::DeviceGrant => "device grant",
            Self::Sweep => "sweep",
            Self::Import => "import",
            Self::Group => "group",
            Self::Chat => "chat",
            Self::Membership => "membership",
            Self::UserTerm => "user term",
            Self::Consent => "consent",
            Self::Session => "session",
        }
    }

    /// The counter that goes down when a sweep deletes a row of this kind.
    pub(crate) const fn counter(self) -> Option<Counter> {
        match self {
            Self::User => Some(Counter::Users),
            Self::App => Some(Counter::Apps),
            Self::Installation => Some(Counter::Installations),
            Self::Tenant
            | Self::Client
            | Self::Definition
            | Self::Package
            | Self::SigningKey
            | Self::DeviceGrant
            | Self::Sweep
            | Self::Import
            | Self::Group
            | Self::Chat
            | Self::Membership
            | Self::UserTerm
            | Self::Consent
            | Self::Session => None,
        }
    }

    /// Whether its rows belong to no tenant.
    pub(crate) const fn is_global(self) -> bool {
        match self {
            Self::Tenant | Self::SigningKey | Self::Sweep | Self::Import => true,
            Self::User
            | Self::Client
            | Self::App
            | Self::Definition
            | Self::Package
            | Self::Installation
            | Self::DeviceGrant
            | Self::Group
            | Self::Chat
            | Self::Membership
            | Self::UserTerm
            | Self::Consent
            | Self::Session => false,
        }
    }

    /// How many of its rows are read at once where all are read, so that they fit into memory: a package may have
    /// as many bytes as a changeset.
    pub(crate) const fn page(self) -> usize {
        match self {
            Self::Package => 1,
            Self::Tenant
            | Self::User
            | Self::Client
            | Self::App
            | Self::Definition
            | Self::Installation
            | Self::SigningKey
            | Self::DeviceGrant
            | Self::Sweep
            | Self::Import
            | Self::Group
            | Self::Chat
            | Self::Membership
            | Self::UserTerm
            | Self::Consent
            | Self::Session => 1_000,
        }
    }

    /// Whose key this is.
    pub(crate) fn of_key(key: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| key.first() == Some(&(*kind as u8)))
    }
}

/// A second way to find the rows of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Index {
    /// Tenants by domain; unique.
    TenantDomain = 65,
    /// Users by user principal name, without case; unique within the tenant.
    UserPrincipalName = 66,
    /// Organization and sideloaded apps by the manifest's id, without case; unique within the tenant.
    AppExternalId = 67,
    /// Installations by app and incarnation.
    InstallationApp = 68,
    /// Device grants by the code that the user types; unique within the tenant.
    DeviceGrantUserCode = 69,
    /// Device grants by the time when they expire.
    DeviceGrantExpiry = 70,
    /// Memberships by member.
    MembershipMember = 71,
    /// Sessions by the time when they expire.
    SessionExpiry = 72,
}

impl Index {
    pub(crate) const ALL: [Self; 8] = [
        Self::TenantDomain,
        Self::UserPrincipalName,
        Self::AppExternalId,
        Self::InstallationApp,
        Self::DeviceGrantUserCode,
        Self::DeviceGrantExpiry,
        Self::MembershipMember,
        Self::SessionExpiry,
    ];

    /// Name for logs and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::TenantDomain => "tenant.domain",
            Self::UserPrincipalName => "user.userPrincipalName",
            Self::AppExternalId => "app.externalId",
            Self::InstallationApp => "installation.app",
            Self::DeviceGrantUserCode => "deviceGrant.userCode",
            Self::DeviceGrantExpiry => "deviceGrant.expiry",
            Self::MembershipMember => "membership.member",
            Self::SessionExpiry => "session.expiry",
        }
    }

    /// Whether one index key belongs to one row at most.
    #[must_use]
    pub const fn is_unique(self) -> bool {
        match self {
            Self::TenantDomain
            | Self::UserPrincipalName
            | Self::AppExternalId
            | Self::DeviceGrantUserCode => true,
            Self::InstallationApp
            | Self::DeviceGrantExpiry
            | Self::MembershipMember
            | Self::SessionExpiry => false,
        }
    }

    /// Whose rows it finds.
    pub(crate) const fn kind(self) -> Kind {
        match self {
            Self::TenantDomain => Kind::Tenant,
            Self::UserPrincipalName => Kind::User,
            Self::AppExternalId => Kind::App,
            Self::InstallationApp => Kind::Installation,
            Self::DeviceGrantUserCode | Self::DeviceGrantExpiry => Kind::DeviceGrant,
            Self::MembershipMember => Kind::Membership,
            Self::SessionExpiry => Kind::Session,
        }
    }

    /// Whose key this is; none = a row's.
    pub(crate) fn of_key(key: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|index| key.first() == Some(&(*index as u8)))
    }
}

/// A number kept per partition, so that a total costs no scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Counter {
    /// How many users.
    Users = 129,
    /// How many catalog entries.
    Apps = 130,
    /// How many installations.
    Installations = 131,
}

impl Counter {
    pub(crate) const ALL: [Self; 3] = [Self::Users, Self::Apps, Self::Installations];

    /// Name for messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Apps => "apps",
            Self::Installations => "installations",
        }
    }

    /// Whose key this is.
    pub(crate) fn of_key(key: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|counter| key.first() == Some(&(*counter as u8)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_tells_its_table() {
        for kind in Kind::ALL {
            assert_eq!(Kind::of_key(&[kind as u8, 1]), Some(kind));
            assert_eq!(Index::of_key(&[kind as u8, 1]), None);
        }
        for index in Index::ALL {
            assert_eq!(Index::of_key(&[index as u8, 1]), Some(index));
            assert_eq!(Kind::of_key(&[index as u8, 1]), None);
        }
        assert_eq!((Kind::of_key(&[]), Index::of_key(&[])), (None, None));
    }
}
