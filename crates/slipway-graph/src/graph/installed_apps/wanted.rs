//! The app that a filter on installations is about, where it names one.

use slipway_model::TeamsAppId;
use slipway_store::app;

use crate::call::Call;
use crate::fault::Fault;

/// Which installations can match a filter.
pub(crate) enum Wanted {
    /// Any.
    Any,
    /// Those of this app.
    Of(TeamsAppId),
    /// None: the filter names an app that is not there.
    None,
}

impl Wanted {
    /// Asks the filter which text the property at a path of every matching installation equals.
    pub(crate) async fn by<'f>(call: &Call, equals: impl Fn(&str) -> Option<&'f str>) -> Result<Self, Fault> {
        if let Some(id) = equals("teamsApp/id").or_else(|| equals("teamsAppDefinition/teamsAppId")) {
            return Ok(TeamsAppId::parse(id).map_or(Self::None, Self::Of));
        }
        let Some(external_id) = equals("teamsApp/externalId") else { return Ok(Self::Any) };
        let found = call.view().find(&app::by_external_id(call.partition(), external_id)).await?;
        Ok(found.map_or(Self::None, |found| Self::Of(found.record.id)))
    }
}
