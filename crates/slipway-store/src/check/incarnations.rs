//! Installations against the apps that are there: one of an app that was deleted waits for its sweep, also when an app
//! with the same id was published since.

use std::collections::BTreeMap;

use slipway_model::{TeamsApp, TeamsAppInstallation};

use super::Check;
use super::name::Name;
use super::report::Damage;
use super::rows::Living;
use crate::error::ReadError;
use crate::key::Partition;
use crate::kind::Kind;
use crate::record::Record as _;
use crate::records::app;

impl Check {
    /// Sees whether installations that will stay are of the app that is there.
    pub(super) async fn incarnations(&mut self, rows: &[Living<'_>]) -> Result<(), ReadError> {
        let mut installed: BTreeMap<Vec<u8>, Vec<(&[u8], u64)>> = BTreeMap::new();
        for (row, _) in rows {
            let partition = Partition::of_key(&row.key);
            if let (Some(partition), Ok(record)) = (partition, TeamsAppInstallation::decode(row.document())) {
                let app = app::key(&partition, &record.app).0;
                installed.entry(app).or_default().push((&row.key, record.incarnation));
            }
        }
        let apps: Vec<_> = installed.keys().map(Vec::as_slice).collect();
        let apps = self.view.snapshot().get_many(Kind::App, &apps).await?;
        for (installations, app) in installed.values().zip(apps) {
            // One that is not there or cannot be read is told with its definition or by itself.
            let Some(Ok(app)) = app.map(|app| TeamsApp::decode(app.document())) else { continue };
            for (row, _) in installations.iter().filter(|(_, incarnation)| *incarnation != app.incarnation) {
                let problem = "its app was deleted, and nothing will delete the row";
                self.report.found(Damage::BrokenReference, Name::of(row), problem);
            }
        }
        Ok(())
    }
}
