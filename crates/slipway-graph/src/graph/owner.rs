//! The owner of installations that a path names, and what the caller is to them.

use slipway_model::{Access, Owner, OwnerKind, Standing, Tenant, User};
use slipway_store::{Changeset, Partition, View, user};

use crate::call::Call;
use crate::fault::{Fault, FaultKind};
use crate::graph::users;

/// The owner in the path, if the caller may act for them at all.
pub(crate) async fn access(call: &Call, view: &View) -> Result<Access, Fault> {
    let (key, partition) = (call.key(0), call.partition());
    let owner = match call.operation().owner {
        Some(OwnerKind::User) | None => {
            let user = users::resolve(view, partition, key).await?;
            Owner::User(user.ok_or_else(|| FaultKind::UserNotFound(key.to_owned()))?)
        }
        Some(OwnerKind::Team | OwnerKind::Chat) => return Err(Fault::path_unknown(key)),
    };
    let access = access_to(call, owner);
    if call.scope().covers_owner(&access) {
        Ok(access)
    } else {
        Err(FaultKind::CallerNotAuthorized.because("a delegated token acts for its own user only"))
    }
}

/// What the caller is to the owner.
pub(crate) fn access_to(call: &Call, owner: Owner) -> Access {
    let standing = match (&call.caller().user, &owner) {
        (None, _) => Standing::Application,
        (Some(me), Owner::User(user)) if me == user => Standing::Member,
        (Some(_), _) => Standing::Stranger,
    };
    Access { owner, standing }
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
        Owner::Team(_) | Owner::Chat(_) => changes,
    }
}
