//! Registered applications.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_model::{Client, ClientId, ConsentGrant, TeamsAppId, UserId};

use crate::key::{Key, KeyWriter, Partition, Range};
use crate::kind::Kind;
use crate::record::{Record, Undecodable, Version};

/// Where the client stands.
#[must_use]
pub fn key(partition: &Partition, id: &ClientId) -> Key<Client> {
    KeyWriter::row(Kind::Client, partition).text(&id.folded()).into()
}

/// Every client, by id.
#[must_use]
pub fn all(partition: &Partition) -> Range<Client> {
    KeyWriter::row(Kind::Client, partition).into()
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<2>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    display_name: Cow<'a, str>,
    secret_hashes: Cow<'a, [String]>,
    application_permissions: Cow<'a, [String]>,
    #[serde(borrow)]
    delegated_permissions: Vec<GrantDocument<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Vec::is_empty")]
    selected_apps: Vec<Cow<'a, str>>,
}

#[derive(Deserialize, Serialize)]
struct GrantDocument<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Cow<'a, str>>,
    scopes: Cow<'a, [String]>,
}

impl<'a> GrantDocument<'a> {
    fn new(grant: &'a ConsentGrant) -> Self {
        Self {
            user: grant.user.as_ref().map(|user| user.as_str().into()),
            scopes: grant.scopes.as_slice().into(),
        }
    }

    fn grant(self) -> Result<ConsentGrant, Undecodable> {
        let user = self.user.map(|user| UserId::parse(&user)).transpose()?;
        Ok(ConsentGrant { user, scopes: self.scopes.into_owned() })
    }
}

impl Record for Client {
    const KIND: Kind = Kind::Client;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.id)
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            id: self.id.as_str().into(),
            display_name: self.display_name.as_str().into(),
            secret_hashes: self.secret_hashes.as_slice().into(),
            application_permissions: self.application_permissions.as_slice().into(),
            delegated_permissions: self.delegated_permissions.iter().map(GrantDocument::new).collect(),
            selected_apps: self.selected_apps.iter().map(|app| app.as_str().into()).collect(),
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        let selected = document.selected_apps.iter().map(|app| TeamsAppId::parse(app));
        let selected_apps = selected.collect::<Result<_, _>>()?;
        let grants = document.delegated_permissions.into_iter().map(GrantDocument::grant);
        Ok(Self {
            id: ClientId::parse(&document.id)?,
            display_name: document.display_name.into_owned(),
            secret_hashes: document.secret_hashes.into_owned(),
            application_permissions: document.application_permissions.into_owned(),
            delegated_permissions: grants.collect::<Result<_, Undecodable>>()?,
            selected_apps,
        })
    }
}
