//! `GET /users/{id}` and `/users/{id}/id`: one user by object id or user principal name.

use slipway_model::{Owner, User, UserId, UserPrincipalName};
use slipway_store::{Partition, View, user};

use super::row::UserRow;
use crate::call::Call;
use crate::fault::{Fault, FaultKind};
use crate::graph::{owner, schema};
use crate::reply::Reply;
use crate::wire::entity::Writer;

/// The user whom a key of a path names: an object id or a user principal name, without case.
pub(crate) async fn find(view: &View, partition: &Partition, key: &str) -> Result<Option<User>, Fault> {
    if let Ok(id) = UserId::parse(key)
        && let Some(found) = view.get(&user::key(partition, &id)).await?
    {
        return Ok(Some(found.record));
    }
    let Ok(name) = UserPrincipalName::parse(key) else { return Ok(None) };
    Ok(view.find(&user::by_principal_name(partition, &name)).await?.map(|found| found.record))
}

/// The id of the user whom a key of a path names. A GUID that is an object id is its own answer, so that writes
/// need not read the user.
pub(crate) async fn resolve(view: &View, partition: &Partition, key: &str) -> Result<Option<UserId>, Fault> {
    if let Ok(id) = UserId::parse(key)
        && id.is_guid()
        && view.exists(&user::key(partition, &id)).await?
    {
        return Ok(Some(id));
    }
    Ok(find(view, partition, key).await?.map(|user| user.id))
}

pub(crate) async fn get(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::USER)?;
    let user = readable(&call).await?;
    let writer = Writer::new(&call, "users", &schema::USER, &query.shape);
    Ok(Reply::odata(writer.entity(&UserRow(user))))
}

/// `GET /users/{id}/id`, by which the CLI for Microsoft 365 turns a name into an id. As for any property that is asked
/// for alone, the answer is `value` (OData 4.01, Protocol, 11.2.5).
pub(crate) async fn get_id(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::USER)?;
    let user = readable(&call).await?;
    let writer = Writer::new(&call, "users", &schema::USER, &query.shape);
    Ok(Reply::odata(writer.property(&UserRow(user), &schema::KEY)))
}

/// The user whom the path names, whom the caller may read.
async fn readable(call: &Call) -> Result<User, Fault> {
    let key = call.key(0);
    let user = find(call.view(), call.partition(), key)
        .await?
        .ok_or_else(|| FaultKind::DirectoryObjectNotFound(key.to_owned()))?;
    if !call.scope().covers_owner(&owner::access_to(call, Owner::User(user.id.clone()))) {
        return Err(FaultKind::InsufficientPrivileges.into());
    }
    Ok(user)
}
