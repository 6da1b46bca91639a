//! `GET /teams/{id}`: one team. Teams administrators read teams that they are no members of too ("Get team").

use slipway_model::GroupId;
use slipway_store::group;

use super::row::TeamRow;
use crate::call::Call;
use crate::fault::{Fault, PlaceFault};
use crate::graph::{owner, schema};
use crate::reply::Reply;
use crate::wire::entity::Writer;

pub(crate) async fn get(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::TEAM)?;
    if !call.caller().is_teams_administrator() {
        owner::access(&call, call.view()).await?;
    }
    let key = call.key(0);
    let unknown = || Fault::from(PlaceFault::UnknownTeam(key.to_owned()));
    let id = GroupId::parse(key).map_err(|_| unknown())?;
    let found = call.view().get(&group::key(call.partition(), &id)).await?;
    let group = found.map(|found| found.record).filter(|group| group.is_team).ok_or_else(unknown)?;
    let row = TeamRow { group, tenant: &call.tenant().id };
    Ok(Reply::odata(Writer::new(&call, "teams", &schema::TEAM, &query.shape).entity(&row)))
}
