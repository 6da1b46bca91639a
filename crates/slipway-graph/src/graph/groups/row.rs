//! A member of a group as answers see it: a user or another group.

use slipway_model::{Group, Member};
use slipway_odata::{Property, Row, StructuredType, Value};
use slipway_store::{group, user};

use crate::call::Call;
use crate::collection::Placed;
use crate::fault::Fault;
use crate::graph::schema;
use crate::graph::users::UserRow;
use crate::wire::entity::Typed;

/// Which members an address asks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// All.
    Everyone,
    /// Users, by `/microsoft.graph.user` behind the collection.
    Users,
}

impl Wanted {
    pub(super) fn of(call: &Call) -> Self {
        if call.operation().path.contains("/microsoft.graph.user") { Self::Users } else { Self::Everyone }
    }

    pub(super) fn takes(self, member: &Member) -> bool {
        match (self, member) {
            (Self::Everyone, _) | (Self::Users, Member::User(_)) => true,
            (Self::Users, Member::Group(_)) => false,
        }
    }

    /// Name of the collection in `@odata.context`.
    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Everyone => "directoryObjects",
            Self::Users => "users",
        }
    }
}

/// A member, loaded.
pub(super) enum MemberRow {
    User(Box<UserRow>),
    Group(Group),
}

impl MemberRow {
    /// Loads the members, each to its place; none for those that are not wanted, or gone.
    pub(super) async fn load(
        call: &Call,
        members: Vec<Member>,
        wanted: Wanted,
    ) -> Result<Vec<Option<Self>>, Fault> {
        let (view, partition) = (call.view(), call.partition());
        let wanted: Vec<_> =
            members.into_iter().map(|member| wanted.takes(&member).then_some(member)).collect();
        let (mut users, mut groups) = (Vec::new(), Vec::new());
        for member in wanted.iter().flatten() {
            match member {
                Member::User(id) => users.push(user::key(partition, id)),
                Member::Group(id) => groups.push(group::key(partition, id)),
            }
        }
        let mut users = view.get_many(&users).await?.into_iter();
        let mut groups = view.get_many(&groups).await?.into_iter();
        let loaded = wanted.iter().map(|member| match member {
            Some(Member::User(_)) => {
                users.next().flatten().map(|user| Self::User(Box::new(UserRow(user.record))))
            }
            Some(Member::Group(_)) => groups.next().flatten().map(|group| Self::Group(group.record)),
            None => None,
        });
        Ok(loaded.collect())
    }
}

impl Row for MemberRow {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let group = match self {
            Self::User(user) => return user.value(property),
            Self::Group(group) => group,
        };
        match property.name {
            "id" => group.id.as_str().into(),
            "displayName" => group.display_name.as_str().into(),
            "description" => group.description.as_deref().into(),
            "mail" => group.mail.as_deref().into(),
            "createdDateTime" => Value::Time(group.created_at),
            _ => Value::Null,
        }
    }
}

impl Typed for MemberRow {
    fn kind(&self) -> &'static StructuredType {
        match self {
            Self::User(_) => &schema::USER,
            Self::Group(_) => &schema::GROUP,
        }
    }
}

/// A member of whom only the id is known.
pub(super) struct MemberId(pub(super) Member);

impl Row for MemberId {
    fn value(&self, _: &'static Property) -> Value<'_> {
        Value::Null
    }
}

impl Placed for MemberId {
    /// Groups first, as in the lists of direct members.
    fn place(&self) -> String {
        match &self.0 {
            Member::Group(id) => format!("group {}", id.folded()),
            Member::User(id) => format!("user {}", id.folded()),
        }
    }
}
