//! `POST /_slipway/tokens`: any token that a test wants, in mode `lab` only. What it says need not be true, but client
//! and user must exist, for nobody else's token is taken anyway.

use http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use slipway_identity::{AccessToken, Account, GRAPH, Mint, Subject, issuer};
use slipway_model::{AccessTokenVersion, Client, ClientId, Consent, Tenant, User, UserId, UserPrincipalName};
use slipway_store::{Partition, View, client, consent, tenant, user};

use crate::fault::{Fault, FaultKind};
use crate::payload::Payload;
use crate::reply::{Content, Reply};
use crate::server::Server;

/// Longest body.
const LIMIT: usize = 64 * 1024;

/// From `notBefore` to the end, unless the order says otherwise: as other tokens.
const LIFETIME: i64 = 3600;

/// How long a token may last.
const LONGEST: i64 = 90 * 86400;

/// How long it may be over.
const LONGEST_OVER: i64 = 10 * 365 * 86400;

/// What is wanted. Everything but the client has a default.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Order {
    tenant_id: Option<String>,
    client_id: String,
    user_id: Option<String>,
    user_principal_name: Option<String>,
    roles: Option<Vec<String>>,
    scopes: Option<Vec<String>>,
    audience: Option<String>,
    /// Seconds from now, negative for a token that is over.
    expires_in: Option<i64>,
    not_before: Option<Timestamp>,
    version: Option<u8>,
    #[serde(default)]
    personal: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Forged {
    access_token: String,
}

pub(super) async fn forge(server: &Server, base: &str, mut body: Payload) -> Result<Reply, Fault> {
    let body = body.read(LIMIT).await?;
    let order: Order =
        serde_json::from_slice(&body).map_err(|error| Fault::bad_request(error.to_string()))?;
    let view = server.store().view();
    let tenant = order.tenant(&view).await?;
    let partition = Partition::of(&tenant);
    let client = order.client(&view, &partition).await?;
    let user = order.user(&view, &partition).await?;
    let own = match &user {
        Some(user) => view.get(&consent::key(&partition, &client.id, &user.id)).await?,
        None => None,
    };
    let scopes = order.scopes(&client, user.as_ref(), own.as_ref().map(|own| &own.record))?;
    let roles = order.roles.as_ref().unwrap_or(&client.application_permissions);
    let subject = user.as_ref().map_or(Subject::Application(roles), |user| Subject::User(user, &scopes));
    let (now, uti) = (server.clock().now(), server.ids().uti());
    let mint = Mint { tenant: &tenant.id, client: &client, now, uti: &uti, session: None };
    let access = AccessToken {
        audience: order.audience.as_deref().unwrap_or(GRAPH),
        version: order.version()?,
        issuer: &issuer(base, &tenant.id),
        subject,
        times: Some(order.times(now)?),
        account: if order.personal { Account::Personal } else { Account::Organization },
    };
    let made = server.keys().ring().access_token(&mint, &access);
    let broken = |error: &dyn std::fmt::Display| FaultKind::Internal.because(error.to_string());
    let access_token = made.map_err(|error| broken(&error))?;
    tracing::info!(client = client.id.as_str(), user = user.is_some(), "forged a token");
    let body = serde_json::to_vec(&Forged { access_token }).map_err(|error| broken(&error))?;
    Ok(Reply::new(StatusCode::OK, Content::Json(body)))
}

impl Order {
    /// The one named, by id or domain, else the only one that there is.
    async fn tenant(&self, view: &View) -> Result<Tenant, Fault> {
        let Some(name) = &self.tenant_id else {
            let several = || Fault::bad_request("There is not one tenant only: 'tenantId' says which.");
            return tenant::only(view).await?.ok_or_else(several);
        };
        let unknown = || Fault::bad_request(format!("There is no tenant '{name}'."));
        tenant::named(view, name).await?.ok_or_else(unknown)
    }

    async fn client(&self, view: &View, partition: &Partition) -> Result<Client, Fault> {
        let unknown = || Fault::bad_request(format!("The tenant has no client '{}'.", self.client_id));
        let id = ClientId::parse(&self.client_id).map_err(|_| unknown())?;
        Ok(view.get(&client::key(partition, &id)).await?.ok_or_else(unknown)?.record)
    }

    async fn user(&self, view: &View, partition: &Partition) -> Result<Option<User>, Fault> {
        let found = match (&self.user_id, &self.user_principal_name) {
            (None, None) => return Ok(None),
            (Some(_), Some(_)) => {
                return Err(Fault::bad_request("'userId' and 'userPrincipalName' are two ways to say who."));
            }
            (Some(id), None) => match UserId::parse(id) {
                Ok(id) => view.get(&user::key(partition, &id)).await?,
                Err(_) => None,
            },
            (None, Some(name)) => match UserPrincipalName::parse(name) {
                Ok(name) => view.find(&user::by_principal_name(partition, &name)).await?,
                Err(_) => None,
            },
        };
        Ok(Some(found.ok_or_else(|| Fault::bad_request("The tenant has no such user."))?.record))
    }

    fn scopes(
        &self,
        client: &Client,
        user: Option<&User>,
        own: Option<&Consent>,
    ) -> Result<Vec<String>, Fault> {
        match (user, &self.roles, &self.scopes) {
            (None, _, Some(_)) => Err(Fault::bad_request("'scopes' are of a user's token: name a user.")),
            (Some(_), Some(_), _) => {
                Err(Fault::bad_request("'roles' are of a token without a user; a user's has 'scopes'."))
            }
            (None, _, None) => Ok(Vec::new()),
            (Some(_), None, Some(scopes)) => Ok(scopes.clone()),
            (Some(user), None, None) => {
                Ok(client.scopes_for(&user.id, own).into_iter().map(str::to_owned).collect())
            }
        }
    }

    fn version(&self) -> Result<AccessTokenVersion, Fault> {
        match self.version {
            None | Some(1) => Ok(AccessTokenVersion::V1),
            Some(2) => Ok(AccessTokenVersion::V2),
            Some(_) => Err(Fault::bad_request("'version' is 1 or 2.")),
        }
    }

    fn times(&self, now: Timestamp) -> Result<(Timestamp, Timestamp), Fault> {
        let lifetime = self.expires_in.unwrap_or(LIFETIME);
        if !(-LONGEST_OVER..=LONGEST).contains(&lifetime) {
            return Err(Fault::bad_request("'expiresIn' is more than 90 days, or more than ten years ago."));
        }
        let impossible = |_| Fault::bad_request("'expiresIn' gives a time that cannot be.");
        let until = now.checked_add(SignedDuration::from_secs(lifetime)).map_err(impossible)?;
        let usual = if until > now { now } else { until };
        let from = usual.checked_sub(SignedDuration::from_mins(5)).map_err(impossible)?;
        Ok((self.not_before.unwrap_or(from), until))
    }
}
