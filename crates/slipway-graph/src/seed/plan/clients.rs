//! Clients.

use slipway_model::{Client, ClientSecret, ConsentGrant};
use slipway_store::{ReadError, client};

use super::references::Names;
use super::{Planner, Row};
use crate::seed::check::Findings;
use crate::seed::format;
use crate::seed::values::{PermissionName, Text};

impl Planner<'_> {
    pub(super) async fn clients(
        &self,
        names: &Names<'_>,
        findings: &mut Findings<'_>,
    ) -> Result<Vec<Row<Client>>, ReadError> {
        let mut rows = Vec::new();
        for (n, said) in self.seed.said.clients.iter().enumerate() {
            let stored = self.view.get(&client::key(&self.partition, &said.id.0)).await?;
            let mut selected_apps = Vec::new();
            for (app, text) in said.selected_apps.iter().enumerate() {
                let key = format!("clients[{n}].selectedApps[{app}]");
                selected_apps
                    .extend(self.app_at(names, &key, text, findings).await?.map(|found| found.app.id));
            }
            let kept = stored.as_ref().map(|stored| stored.record.clone());
            let record = Client {
                display_name: said.display_name.clone(),
                secrets: said
                    .secrets
                    .iter()
                    .map(|secret| ClientSecret::of_hash(secret.0.sha256_hex()))
                    .collect(),
                application_permissions: permissions(&said.application_permissions),
                delegated_permissions: self.grants(said, n, names, findings).await?,
                selected_apps,
                ..kept.unwrap_or_else(|| Client::new(said.id.0.clone(), ""))
            };
            rows.extend(Row::unless_stored(record, stored));
        }
        Ok(rows)
    }

    async fn grants(
        &self,
        said: &format::Client,
        n: usize,
        names: &Names<'_>,
        findings: &mut Findings<'_>,
    ) -> Result<Vec<ConsentGrant>, ReadError> {
        let mut grants = Vec::new();
        if !said.delegated_permissions.is_empty() {
            grants.push(ConsentGrant { user: None, scopes: permissions(&said.delegated_permissions) });
        }
        for (grant, consent) in said.consents.iter().enumerate() {
            let key = format!("clients[{n}].consents[{grant}].user");
            let user = self.user_at(&names.users, &key, &consent.user, findings).await?;
            let scopes = || permissions(&consent.scopes);
            grants.extend(user.map(|user| ConsentGrant { user: Some(user), scopes: scopes() }));
        }
        Ok(grants)
    }
}

fn permissions(names: &[Text<PermissionName>]) -> Vec<String> {
    names.iter().map(|name| name.0.0.clone()).collect()
}
