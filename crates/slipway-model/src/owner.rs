//! Who has installations: a user, a team or a chat. The rules are the same for all three.

use std::fmt;

use crate::{ChatId, GroupId, InstallationScopes, UserId};

/// Whose installations.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Owner {
    /// A user: the personal scope.
    User(UserId),
    /// A team, which has the id of its group.
    Team(GroupId),
    /// A group, meeting or one-to-one chat.
    Chat(ChatId),
}

/// What an owner is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OwnerKind {
    /// A user.
    User,
    /// A team.
    Team,
    /// A chat.
    Chat,
}

impl OwnerKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::User, Self::Team, Self::Chat];

    /// The word for it in keys, documents and messages.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Team => "team",
            Self::Chat => "chat",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The name that manifests have for the scope.
    #[must_use]
    pub const fn scope_name(self) -> &'static str {
        match self {
            Self::User => "personal",
            Self::Team => "team",
            Self::Chat => "groupChat",
        }
    }

    /// The scope that an app's manifest must name to be installed there.
    #[must_use]
    pub const fn scope(self) -> InstallationScopes {
        match self {
            Self::User => InstallationScopes::PERSONAL,
            Self::Team => InstallationScopes::TEAM,
            Self::Chat => InstallationScopes::GROUP_CHAT,
        }
    }
}

impl Owner {
    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> OwnerKind {
        match self {
            Self::User(_) => OwnerKind::User,
            Self::Team(_) => OwnerKind::Team,
            Self::Chat(_) => OwnerKind::Chat,
        }
    }

    /// Its id as Graph shows it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::User(id) => id.as_str(),
            Self::Team(id) => id.as_str(),
            Self::Chat(id) => id.as_str(),
        }
    }

    /// Its id in the form that stands in keys and indexes: lower case.
    #[must_use]
    pub fn folded(&self) -> String {
        self.as_str().to_ascii_lowercase()
    }

    /// The user, if it is one.
    #[must_use]
    pub const fn user(&self) -> Option<&UserId> {
        match self {
            Self::User(id) => Some(id),
            Self::Team(_) | Self::Chat(_) => None,
        }
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a caller is to an owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// A client on its own behalf: nobody's member, and held by no membership.
    Application,
    /// The signed-in user is the user, or a member of the team or chat.
    Member,
    /// The signed-in user has nothing to do with it.
    Stranger,
}

/// An owner as a caller meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// Whose installations are asked for.
    pub owner: Owner,
    /// What the caller is to it.
    pub standing: Standing,
}
