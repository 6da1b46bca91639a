//! `POST /{tenant}/oauth2/v2.0/devicecode`, and what becomes of a device code afterwards.
//!
//! Source: RFC 8628 and "OAuth 2.0 device authorization grant" of the Microsoft identity platform.

use http::StatusCode;
use jiff::SignedDuration;
use serde::Serialize;
use slipway_identity::{ScopeRequest, Secret, SignInFault};
use slipway_model::{Client, Tenant, User};
use slipway_store::{
    Changeset, CommitError, DeviceGrant, GrantState, Index, Partition, Violation, device_grant, user,
};

use super::refusal::Refusal;
use super::sign_in::{self, SignIn};
use crate::reply::Reply;

/// How long the user has, in seconds.
const EXPIRES_IN: u32 = 900;

/// How long a client should wait between two questions, in seconds.
const INTERVAL: u32 = 5;

/// How long an expired code is remembered, so that its client hears that it expired.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);

/// About the most codes that a tenant keeps. Anybody may ask for them, and nobody shall fill the disk so; whoever
/// asks without end does shut out others, for as long as a code lasts.
const KEPT: usize = 1_000;

/// Most worthless codes that one request clears away.
const CLEARED: usize = 100;

/// How often a user code is drawn anew when another sign-in has it.
const DRAWS: usize = 4;

#[derive(Serialize)]
struct Codes {
    user_code: String,
    device_code: String,
    verification_uri: String,
    expires_in: u32,
    interval: u32,
    message: String,
}

/// A sign-in that its user approved.
pub(super) struct Approved {
    pub(super) user: User,
    pub(super) scopes: ScopeRequest,
    /// Makes the code worthless; to be committed before the tokens go out.
    pub(super) spend: Changeset,
}

pub(super) async fn answer(sign_in: &SignIn, segment: &str) -> Result<Reply, Refusal> {
    sign_in.refuse_cross_origin()?;
    let tenant = sign_in.tenant(segment).await?;
    let client = sign_in.served_client(&tenant, sign_in.form.require("client_id")?).await?;
    let scope = sign_in.form.require("scope")?;
    sign_in.scopes_of(scope, &tenant, &client).await?;
    let scopes: Vec<_> = scope.split_ascii_whitespace().map(str::to_owned).collect();
    let ids = sign_in.server().ids();
    let device_code = ids.device_code();
    for _ in 0..DRAWS {
        let grant = DeviceGrant {
            device_code_hash: Secret::from(device_code.as_str()).sha256_hex(),
            user_code: ids.user_code(),
            client: client.id.clone(),
            scopes: scopes.clone(),
            state: GrantState::Pending,
            expires_at: sign_in.now() + SignedDuration::from_secs(EXPIRES_IN.into()),
        };
        match sign_in.server().store().commit(asked(sign_in, &tenant, &grant).await?).await {
            Ok(_) => {
                return Ok(sign_in::reply(StatusCode::OK, &codes(sign_in, device_code, grant.user_code)));
            }
            Err(CommitError::Conflict(Violation::Unique(Index::DeviceGrantUserCode))) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refusal::Broken(format!("{DRAWS} user codes in a row were taken")))
}

/// Keeps the grant and clears away some that are over: for long, or at all when there are too many.
async fn asked(sign_in: &SignIn, tenant: &Tenant, grant: &DeviceGrant) -> Result<Changeset, Refusal> {
    let partition = Partition::of(tenant);
    let key = device_grant::key(&partition, &grant.device_code_hash);
    let changeset = Changeset::new("ask for a device code").expect_absent(&key).put(&partition, grant);
    let (view, by_expiry) = (sign_in.view(), device_grant::by_expiry(&partition));
    let is_full = view.count(&by_expiry, KEPT).await? >= KEPT;
    let remembered = if is_full { SignedDuration::ZERO } else { REMEMBERED };
    let mut worthless = view.scan(&by_expiry, CLEARED).await?.rows;
    worthless.retain(|row| row.record.expires_at + remembered <= sign_in.now());
    if is_full && worthless.is_empty() {
        return Err(Refusal::Busy("too many device codes wait for their users"));
    }
    Ok(worthless.iter().fold(changeset, |changeset, row| {
        changeset.delete(&device_grant::key(&partition, &row.record.device_code_hash))
    }))
}

fn codes(sign_in: &SignIn, device_code: String, user_code: String) -> Codes {
    let verification_uri = format!("{}/devicelogin", sign_in.base());
    let message = format!(
        "To sign in, use a web browser to open the page {verification_uri} and enter the code {user_code} to \
         authenticate."
    );
    Codes { user_code, device_code, verification_uri, expires_in: EXPIRES_IN, interval: INTERVAL, message }
}

/// The user who approved the sign-in of the request's device code.
///
/// # Errors
/// [`SignInFault::AuthorizationPending`] until the user answered, or [`SignInFault::SlowDown`]; the code's other ends by their names.
pub(super) async fn approved(
    sign_in: &SignIn,
    tenant: &Tenant,
    client: &Client,
) -> Result<Approved, Refusal> {
    let partition = Partition::of(tenant);
    let hash = Secret::from(sign_in.form.require("device_code")?).sha256_hex();
    let key = device_grant::key(&partition, &hash);
    let view = sign_in.view();
    let found = view.get(&key).await?.filter(|grant| grant.record.client == client.id);
    let grant = found.ok_or(SignInFault::UnknownDeviceCode)?;
    if grant.record.expires_at <= sign_in.now() {
        return Err(SignInFault::DeviceCodeExpired.into());
    }
    let id = match &grant.record.state {
        GrantState::Pending if sign_in.server().polls().is_early(&hash, sign_in.now()) => {
            return Err(SignInFault::SlowDown.into());
        }
        GrantState::Pending => return Err(SignInFault::AuthorizationPending.into()),
        GrantState::Declined => return Err(SignInFault::AuthorizationDeclined.into()),
        GrantState::Approved(user) => user,
    };
    let gone = || SignInFault::UnknownUser(tenant.id.clone());
    let user = view.get(&user::key(&partition, id)).await?.ok_or_else(gone)?.record;
    if !user.account_enabled {
        return Err(SignInFault::UserDisabled.into());
    }
    let scopes = sign_in.scopes_of(&grant.record.scopes.join(" "), tenant, client).await?;
    let spend = Changeset::new("spend a device code").expect_revision(&key, grant.revision).delete(&key);
    Ok(Approved { user, scopes, spend })
}
