//! A member of a group as answers see it: a user or another group.

use slipway_model::{Group, Member};
use slipway_odata::{Property, Row, StructuredType, Value};
use slipway_store::{View, group, user};

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
    User(UserRow),
    Group(Group),
}

impl MemberRow {
    /// Loads the member; none if it is gone.
    pub(super) async fn load(call: &Call, view: &View, member: &Member) -> Result<Option<Self>, Fault> {
        let partition = call.partition();
        Ok(match member {
            Member::User(id) => {
                let found = view.get(&user::key(partition, id)).await?;
                found.map(|found| Self::User(UserRow(found.record)))
            }
            Member::Group(id) => {
                let found = view.get(&group::key(partition, id)).await?;
                found.map(|found| Self::Group(found.record))
            }
        })
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
