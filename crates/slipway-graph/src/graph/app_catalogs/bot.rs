//! `GET …/appDefinitions/{id}/bot`: the bot of a definition.

use super::definitions_path;
use super::find::named;
use super::row::BotRow;
use crate::call::Call;
use crate::fault::{Fault, FaultKind};
use crate::graph::schema;
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn bot(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::BOT)?;
    let definition = named(&call, call.view()).await?.definition.record;
    let Some(bot) = &definition.bot_id else { return Err(FaultKind::AppPartNotFound("bot").into()) };
    let path = format!("{}('{}')/bot", definitions_path(&definition.app), definition.id());
    let writer = Writer::new(&call, path, &schema::BOT, &query.shape).without_key();
    Ok(Reply::odata(writer.entity(&BotRow(bot))))
}
