//! What the installations of an owner allow apps there.

use slipway_model::{MAX_INSTALLATIONS_PER_OWNER, Owner, TeamsApp, TeamsAppInstallation};
use slipway_store::{Partition, Stored, View, app, definition, installation};

use crate::fault::Fault;

/// An installation that grants its app something.
pub(crate) struct Consent {
    pub(crate) installation: Stored<TeamsAppInstallation>,
    pub(crate) app: Stored<TeamsApp>,
    /// To whom: `webApplicationInfo.id` of the installed definition.
    pub(crate) client: Option<String>,
}

/// The owner's installations that grant their apps something, in the order of their making.
pub(crate) async fn consented(
    view: &View,
    partition: &Partition,
    owner: &Owner,
) -> Result<Vec<Consent>, Fault> {
    let all = installation::of_owner(partition, owner);
    let mut found = view.scan(&all, MAX_INSTALLATIONS_PER_OWNER * 2).await?.rows;
    found.retain(|row| row.record.granted().next().is_some());
    found.sort_by_key(|row| (row.record.installed_at, row.record.app.folded()));
    let apps: Vec<_> = found.iter().map(|row| app::key(partition, &row.record.app)).collect();
    let versions = found.iter().map(|row| &row.record);
    let versions: Vec<_> = versions.map(|i| definition::key(partition, &i.app, &i.version)).collect();
    let (apps, versions) = (view.get_many(&apps).await?, view.get_many(&versions).await?);
    let mut consents = Vec::with_capacity(found.len());
    for ((installation, app), version) in found.into_iter().zip(apps).zip(versions) {
        let Some(app) = app.filter(|app| installation.record.belongs_to(&app.record)) else { continue };
        let client = version.and_then(|version| version.record.azure_ad_app_id);
        consents.push(Consent { installation, app, client });
    }
    Ok(consents)
}
