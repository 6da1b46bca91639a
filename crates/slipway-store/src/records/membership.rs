//! Memberships: found by group or chat and member, and listed by either.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_model::{ChatId, Container, GroupId, Member, MemberRole, Membership, UserId};

use super::{chat, group, user};
use crate::key::{IndexKey, Key, KeyWriter, Partition, Range};
use crate::kind::{Index, Kind};
use crate::record::{Record, Reference, Undecodable, Version};

/// The words for containers and members in keys and documents.
const USER: &str = "user";
const GROUP: &str = "group";
const CHAT: &str = "chat";

/// Where the membership stands.
#[must_use]
pub fn key(partition: &Partition, container: &Container, member: &Member) -> Key<Membership> {
    write(rows(partition, container), of_member(member)).into()
}

/// Every membership of the group or chat, by member: groups first, then users, each by id.
#[must_use]
pub fn of_container(partition: &Partition, container: &Container) -> Range<Membership> {
    rows(partition, container).into()
}

/// The groups that have the member itself among theirs, by group.
#[must_use]
pub fn groups_of(partition: &Partition, member: &Member) -> Range<Membership> {
    by_member(partition, member).text(GROUP).into()
}

/// The user's chats, by chat.
#[must_use]
pub fn chats_of(partition: &Partition, user: &UserId) -> Range<Membership> {
    by_member(partition, &Member::User(user.clone())).text(CHAT).into()
}

fn rows(partition: &Partition, container: &Container) -> KeyWriter {
    write(KeyWriter::row(Kind::Membership, partition), of_container_id(container))
}

fn by_member(partition: &Partition, member: &Member) -> KeyWriter {
    write(KeyWriter::index(Index::MembershipMember, partition), of_member(member))
}

fn write(key: KeyWriter, (word, id): (&str, &str)) -> KeyWriter {
    key.text(word).text(&id.to_ascii_lowercase())
}

fn of_container_id(container: &Container) -> (&'static str, &str) {
    match container {
        Container::Group(id) => (GROUP, id.as_str()),
        Container::Chat(id) => (CHAT, id.as_str()),
    }
}

fn of_member(member: &Member) -> (&'static str, &str) {
    match member {
        Member::User(id) => (USER, id.as_str()),
        Member::Group(id) => (GROUP, id.as_str()),
    }
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<1>,
    #[serde(borrow)]
    container_kind: Cow<'a, str>,
    #[serde(borrow)]
    container: Cow<'a, str>,
    #[serde(borrow)]
    member_kind: Cow<'a, str>,
    #[serde(borrow)]
    member: Cow<'a, str>,
    #[serde(borrow)]
    role: Cow<'a, str>,
}

impl Record for Membership {
    const KIND: Kind = Kind::Membership;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.container, &self.member)
    }

    fn index_keys(&self, partition: &Partition) -> Vec<IndexKey> {
        vec![write(by_member(partition, &self.member), of_container_id(&self.container)).into()]
    }

    fn references(&self, partition: &Partition) -> Vec<Reference> {
        let container = match &self.container {
            Container::Group(id) => group::key(partition, id).into(),
            Container::Chat(id) => chat::key(partition, id).into(),
        };
        let member = match &self.member {
            Member::User(id) => user::key(partition, id).into(),
            Member::Group(id) => group::key(partition, id).into(),
        };
        vec![container, member]
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        let (container_kind, container) = of_container_id(&self.container);
        let (member_kind, member) = of_member(&self.member);
        serde_json::to_vec(&Document {
            v: Version,
            container_kind: container_kind.into(),
            container: container.into(),
            member_kind: member_kind.into(),
            member: member.into(),
            role: self.role.as_str().into(),
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        let container = match &*document.container_kind {
            GROUP => Container::Group(GroupId::parse(&document.container)?),
            CHAT => Container::Chat(ChatId::parse(&document.container)?),
            word => return Err(Undecodable(format!("'{word}' has no members"))),
        };
        let member = match &*document.member_kind {
            USER => Member::User(UserId::parse(&document.member)?),
            GROUP => Member::Group(GroupId::parse(&document.member)?),
            word => return Err(Undecodable(format!("'{word}' is no kind of member"))),
        };
        let role = MemberRole::parse(&document.role)
            .ok_or_else(|| Undecodable(format!("'{}' is no role", document.role)))?;
        Ok(Self { container, member, role })
    }
}
