//! The owner of installations that a path names, and what the caller is to them.

use slipway_model::{
    Access, ChatId, Container, GroupId, Member, Owner, OwnerKind, Standing, Tenant, User, UserId,
};
use slipway_store::{Changeset, Key, Partition, View, chat, group, membership, user};

use crate::call::Call;
use crate::fault::{Fault, FaultKind, PlaceFault};
use crate::graph::{chats, users};

/// The owner in the path, if the caller may act for them at all.
pub(crate) async fn access(call: &Call, view: &View) -> Result<Access, Fault> {
    let (key, partition) = (call.key(0), call.partition());
    let kind = call.operation().owner.unwrap_or(OwnerKind::User);
    let owner = resolve(view, partition, kind, key).await?.ok_or_else(|| unknown(kind, key))?;
    let mut access = access_to(call, owner);
    if access.standing == Standing::Stranger && is_member(call, view, &access.owner).await? {
        access.standing = Standing::Member;
    }
    if call.scope().covers_owner(&access) { Ok(access) } else { Err(forbidden(kind)) }
}

/// The same for a change of the owner's apps. Those of a chat with a bot are its user's, and are changed there.
pub(crate) async fn access_to_change(call: &Call, view: &View) -> Result<Access, Fault> {
    let access = access(call, view).await?;
    match &access.owner {
        Owner::Chat(id) if !view.exists(&chat::key(call.partition(), id)).await? => {
            Err(PlaceFault::AppsOfBotChat.into())
        }
        Owner::User(_) | Owner::Team(_) | Owner::Chat(_) => Ok(access),
    }
}

/// The owner of this kind whom a key of a path names.
pub(crate) async fn resolve(
    view: &View,
    partition: &Partition,
    kind: OwnerKind,
    key: &str,
) -> Result<Option<Owner>, Fault> {
    match kind {
        OwnerKind::User => Ok(users::resolve(view, partition, key).await?.map(Owner::User)),
        OwnerKind::Team => {
            let Ok(id) = GroupId::parse(key) else { return Ok(None) };
            let group = view.get(&group::key(partition, &id)).await?.map(|found| found.record);
            Ok(group.filter(|group| group.is_team).map(|team| Owner::Team(team.id)))
        }
        OwnerKind::Chat => {
            let Ok(id) = ChatId::parse(key) else { return Ok(None) };
            Ok(chats::find(view, partition, &id).await?.map(|chat| Owner::Chat(chat.id)))
        }
    }
}

fn unknown(kind: OwnerKind, key: &str) -> Fault {
    let key = key.to_owned();
    match kind {
        OwnerKind::User => FaultKind::UserNotFound(key).into(),
        OwnerKind::Team => PlaceFault::UnknownTeam(key).into(),
        OwnerKind::Chat => PlaceFault::UnknownChat(key).into(),
    }
}

fn forbidden(kind: OwnerKind) -> Fault {
    match kind {
        OwnerKind::User => {
            FaultKind::CallerNotAuthorized.because("a delegated token acts for its own user only")
        }
        OwnerKind::Team => PlaceFault::NotInTeam.into(),
        OwnerKind::Chat => PlaceFault::NotInChat.into(),
    }
}

/// What the caller is to the owner, without a look at memberships.
pub(crate) fn access_to(call: &Call, owner: Owner) -> Access {
    let standing = match (&call.caller().user, &owner) {
        (None, _) => Standing::Application,
        (Some(me), Owner::User(user)) if me == user => Standing::Member,
        (Some(_), _) => Standing::Stranger,
    };
    Access { owner, standing }
}

/// Whether the signed-in user is a member of the team or chat. A chat with a bot is its user's, without a membership.
async fn is_member(call: &Call, view: &View, owner: &Owner) -> Result<bool, Fault> {
    let Some(me) = &call.caller().user else { return Ok(false) };
    let Some(membership) = membership_of(call.partition(), owner, me) else { return Ok(false) };
    if view.exists(&membership).await? {
        return Ok(true);
    }
    match owner {
        Owner::Chat(id) => chats::is_with_bot_of(view, call.partition(), (id, me)).await,
        Owner::User(_) | Owner::Team(_) => Ok(false),
    }
}

fn membership_of(
    partition: &Partition,
    owner: &Owner,
    user: &UserId,
) -> Option<Key<slipway_model::Membership>> {
    let container = match owner {
        Owner::User(_) => return None,
        Owner::Team(id) => Container::Group(id.clone()),
        Owner::Chat(id) => Container::Chat(id.clone()),
    };
    Some(membership::key(partition, &container, &Member::User(user.clone())))
}

/// The user who is the owner, read only where some user of the tenant is special.
pub(crate) async fn special_user(
    call: &Call,
    view: &View,
    tenant: &Tenant,
    owner: &Owner,
) -> Result<Option<User>, Fault> {
    match owner.user().filter(|_| tenant.has_special_users) {
        Some(id) => Ok(view.get(&user::key(call.partition(), id)).await?.map(|found| found.record)),
        None => Ok(None),
    }
}

/// The changes, good only while the owner is there.
pub(crate) fn expect_present(changes: Changeset, partition: &Partition, owner: &Owner) -> Changeset {
    match owner {
        Owner::User(id) => changes.expect_present(&user::key(partition, id)),
        Owner::Team(id) => changes.expect_present(&group::key(partition, id)),
        Owner::Chat(id) => changes.expect_present(&chat::key(partition, id)),
    }
}

/// The changes, good only while the signed-in user is the member that they were found to be.
pub(crate) fn expect_membership(changes: Changeset, call: &Call, owner: &Owner) -> Changeset {
    let me = call.caller().user.as_ref();
    match me.and_then(|me| membership_of(call.partition(), owner, me)) {
        Some(membership) => changes.expect_present(&membership),
        None => changes,
    }
}
