//! Groups, teams and chats with their members, as far as app installations need them.

use jiff::Timestamp;

use crate::{ChatId, GroupId, UserId};

/// A group of the directory; a team is a group with more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Object id; of the team too.
    pub id: GroupId,
    /// Name for people.
    pub display_name: String,
    /// What it is for.
    pub description: Option<String>,
    /// SMTP address.
    pub mail: Option<String>,
    /// Whether there is a team with it.
    pub is_team: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What a chat is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatType {
    /// Two people, or a person and a bot.
    OneOnOne,
    /// Several people.
    Group,
    /// The chat of an online meeting.
    Meeting,
}

impl ChatType {
    /// Graph's word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneOnOne => "oneOnOne",
            Self::Group => "group",
            Self::Meeting => "meeting",
        }
    }

    /// Reads Graph's word, without case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::OneOnOne, Self::Group, Self::Meeting]
            .into_iter()
            .find(|t| t.as_str().eq_ignore_ascii_case(text))
    }
}

/// A chat: Graph's `chat`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// Thread id, such as `19:…@thread.v2`.
    pub id: ChatId,
    /// What it is.
    pub chat_type: ChatType,
    /// Its subject; group chats only.
    pub topic: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
}

/// What has members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Container {
    /// A group, or the team with it.
    Group(GroupId),
    /// A chat.
    Chat(ChatId),
}

/// Who is a member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Member {
    /// A user.
    User(UserId),
    /// A group inside a group.
    Group(GroupId),
}

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberRole {
    /// Takes part.
    Member,
    /// Looks after it.
    Owner,
}

impl MemberRole {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Owner => "owner",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Member, Self::Owner].into_iter().find(|role| role.as_str() == text)
    }
}

/// That somebody belongs to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// To what.
    pub container: Container,
    /// Who.
    pub member: Member,
    /// As what.
    pub role: MemberRole,
}
