//! `GET /users/{id}/teamwork`: a user's settings of Teams.

use slipway_model::Refusal;
use slipway_odata::{Property, Row, Value};
use slipway_store::user;

use crate::call::Call;
use crate::fault::{Fault, FaultKind};
use crate::graph::{owner, schema};
use crate::reply::Reply;
use crate::wire::entity::Writer;

/// What Microsoft's sample shows; neither is kept.
const REGION: &str = "Americas";
const LOCALE: &str = "en-us";

pub(crate) async fn get_teamwork(call: Call) -> Result<Reply, Fault> {
    let query = call.query(&schema::USER_TEAMWORK)?;
    let view = call.view();
    let access = owner::access(&call, view).await?;
    let unknown = || Fault::from(FaultKind::UserNotFound(call.key(0).to_owned()));
    let id = access.owner.user().ok_or_else(unknown)?;
    let user = view.get(&user::key(call.partition(), id)).await?.ok_or_else(unknown)?.record;
    if !user.has_teams_licence {
        return Err(FaultKind::Refused(Refusal::NoTeamsLicence).into());
    }
    let path = format!("users('{id}')/teamwork");
    let locale = user.preferred_language.map_or_else(|| LOCALE.to_owned(), |tag| tag.to_lowercase());
    let writer = Writer::new(&call, path, &schema::USER_TEAMWORK, &query.shape).without_key();
    Ok(Reply::odata(writer.entity(&TeamworkRow { locale })))
}

struct TeamworkRow {
    locale: String,
}

impl Row for TeamworkRow {
    fn value(&self, property: &'static Property) -> Value<'_> {
        match property.name {
            "id" => "userTeamwork".into(),
            "locale" => self.locale.as_str().into(),
            "region" => REGION.into(),
            _ => Value::Null,
        }
    }
}
