//! Clients.

use slipway_model::{Client, ConsentGrant};
use slipway_store::{ReadError, client};

use super::{Planner, Row, UserNames};
use crate::seed::check::Findings;
use crate::seed::format;
use crate::seed::values::{PermissionName, Text};

impl Planner<'_> {
    pub(super) async fn clients(
        &self,
        names: &UserNames,
        findings: &mut Findings<'_>,
    ) -> Result<Vec<Row<Client>>, ReadError> {
        let mut rows = Vec::new();
        for (n, said) in self.seed.said.clients.iter().enumerate() {
            let stored = self.view.get(&client::key(&self.partition, &said.id.0)).await?;
            let record = Client {
                id: stored.as_ref().map_or_else(|| said.id.0.clone(), |stored| stored.record.id.clone()),
                display_name: said.display_name.clone(),
                secret_hashes: said.secrets.iter().map(|secret| secret.0.sha256_hex()).collect(),
                application_permissions: permissions(&said.application_permissions),
                delegated_permissions: self.grants(said, n, names, findings).await?,
                selected_apps: vec![],
            };
            rows.extend(Row::unless_stored(record, stored));
        }
        Ok(rows)
    }

    async fn grants(
        &self,
        said: &format::Client,
        n: usize,
        names: &UserNames,
        findings: &mut Findings<'_>,
    ) -> Result<Vec<ConsentGrant>, ReadError> {
        let mut grants = Vec::new();
        if !said.delegated_permissions.is_empty() {
            grants.push(ConsentGrant { user: None, scopes: permissions(&said.delegated_permissions) });
        }
        for (grant, consent) in said.consents.iter().enumerate() {
            match self.find_user(names, &consent.user).await? {
                Some(user) => {
                    grants.push(ConsentGrant { user: Some(user), scopes: permissions(&consent.scopes) });
                }
                None => self.unknown_user(
                    &format!("clients[{n}].consents[{grant}].user"),
                    &consent.user,
                    findings,
                ),
            }
        }
        Ok(grants)
    }

    /// Reports a reference to a user, at a key of the tenant.
    pub(super) fn unknown_user(&self, key: &str, text: &str, findings: &mut Findings<'_>) {
        let at = format!("{}.{key}", self.at);
        findings.add(at, format!("no user has the id or user principal name '{text}'"));
    }
}

fn permissions(names: &[Text<PermissionName>]) -> Vec<String> {
    names.iter().map(|name| name.0.0.clone()).collect()
}
