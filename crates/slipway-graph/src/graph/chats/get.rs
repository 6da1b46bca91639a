//! `GET /chats/{id}`: one chat.

use slipway_model::{Chat, Owner};
use slipway_odata::Query;

use super::{ChatRow, PATH, find};
use crate::call::Call;
use crate::fault::{Fault, PlaceFault};
use crate::graph::{owner, schema};
use crate::reply::{Content, Reply};
use crate::wire::entity::Writer;

pub(crate) async fn get(call: Call) -> Result<Reply, Fault> {
    let query = call.query(schema::chat(call.version()))?;
    let view = call.view();
    let unknown = || Fault::from(PlaceFault::UnknownChat(call.key(0).to_owned()));
    let Owner::Chat(id) = owner::access(&call, view).await?.owner else { return Err(unknown()) };
    let chat = find(view, call.partition(), &id).await?.ok_or_else(unknown)?;
    Ok(Reply::odata(entity(&call, &query, chat)))
}

/// The chat as an answer of its own.
pub(crate) fn entity(call: &Call, query: &Query, chat: Chat) -> Content {
    let row = ChatRow { chat, tenant: &call.tenant().id, apps: Vec::new() };
    Writer::new(call, PATH, schema::chat(call.version()), &query.shape).entity(&row)
}
