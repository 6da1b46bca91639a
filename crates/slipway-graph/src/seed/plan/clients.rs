//! Clients.

use slipway_identity::Secret;
use slipway_model::{
    AccessTokenVersion, Client, ClientSecret, ConsentGrant, ExposedScope, FederatedCredential, Platform,
    RedirectUri,
};
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
            let kept = kept.unwrap_or_else(|| Client::new(said.id.0.clone(), ""));
            let version = said.api.as_ref().and_then(|api| api.access_token_version);
            if version.is_some_and(|version| !(1..=2).contains(&version)) {
                findings.add(format!("clients[{n}].api.accessTokenVersion"), "is neither 1 nor 2");
            }
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
                redirect_uris: redirects(&said.redirect_uris),
                is_fallback_public_client: said.is_fallback_public_client,
                ..with_credentials(said, kept)
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

/// The client with what the seed says of certificates, other issuers and its API; the rest as it is.
fn with_credentials(said: &format::Client, kept: Client) -> Client {
    let mut client = kept;
    if let Some(certificates) = &said.certificates {
        client.certificates = certificates.iter().map(|said| said.0.clone()).collect();
    }
    if let Some(credentials) = &said.federated_credentials {
        let made = credentials.iter().map(|said| FederatedCredential {
            id: id_of(&said.name),
            name: said.name.clone(),
            issuer: said.issuer.clone(),
            subject: said.subject.clone(),
            audiences: said.audiences.clone(),
            description: None,
        });
        client.federated_credentials = made.collect();
    }
    if let Some(uris) = &said.identifier_uris {
        client.identifier_uris = uris.iter().map(|uri| uri.0.0.clone()).collect();
    }
    if let Some(api) = &said.api {
        client.access_token_version = match api.access_token_version {
            Some(2) => AccessTokenVersion::V2,
            _ => AccessTokenVersion::V1,
        };
        let scopes = api.scopes.iter().map(|said| ExposedScope {
            id: id_of(&format!("{}/{}", client.id, said.value.0.0)),
            value: said.value.0.0.clone(),
            display_name: said.display_name.clone(),
            users_may_consent: said.users_may_consent,
        });
        client.exposed_scopes = scopes.collect();
    }
    client
}

/// An id that follows from the name, so that the seed changes nothing when it is applied again.
fn id_of(name: &str) -> String {
    ClientSecret::of_hash(Secret::from(name).sha256_hex()).key_id
}

fn permissions(names: &[Text<PermissionName>]) -> Vec<String> {
    names.iter().map(|name| name.0.0.clone()).collect()
}

fn redirects(said: &format::RedirectUris) -> Vec<RedirectUri> {
    let of = |platform, uri: &str| RedirectUri { platform, uri: uri.to_owned() };
    let web = said.web.iter().map(|uri| of(Platform::Web, &uri.0.0));
    let spa = said.spa.iter().map(|uri| of(Platform::Spa, &uri.0.0));
    let programs = said.public_client.iter().map(|uri| of(Platform::PublicClient, &uri.0.0));
    web.chain(spa).chain(programs).collect()
}
