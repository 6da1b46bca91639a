//! `GET /users/{id}/teamwork/installedApps/{id}/chat`: the user's chat with the app's bot, there as soon as the app is.

use slipway_model::ChatId;
use slipway_store::definition;

use super::find;
use crate::call::Call;
use crate::fault::{Fault, PlaceFault};
use crate::graph::chats::{self, BotChat};
use crate::graph::schema;
use crate::reply::Reply;

pub(crate) async fn chat(call: Call) -> Result<Reply, Fault> {
    let query = call.query(schema::chat(call.version()))?;
    let (view, partition) = (call.view(), call.partition());
    let installed = find::readable(&call, view).await?.installation;
    let version = view.get(&definition::key(partition, &installed.app, &installed.version)).await?;
    let bot = version.and_then(|version| version.record.bot_id);
    let id = bot.zip(installed.owner.user()).and_then(|(bot, user)| ChatId::of_bot(&bot, user));
    let found = match id {
        Some(id) => BotChat::find(view, partition, &id).await?,
        None => None,
    };
    let chat = found.ok_or(PlaceFault::NoBot(installed.app))?.chat;
    Ok(Reply::odata(chats::entity(&call, &query, chat)))
}
