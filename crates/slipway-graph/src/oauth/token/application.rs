//! `client_credentials`: the client for itself.

use slipway_identity::{AccessToken, Account, Mint, Subject, issuer};

use super::{GrantType, Tokens};
use crate::oauth::refusal::Refusal;
use crate::oauth::sign_in::SignIn;

pub(super) async fn tokens(sign_in: &SignIn, segment: &str) -> Result<Tokens, Refusal> {
    let tenant = sign_in.tenant(segment).await?;
    let client = sign_in.proven_client(&tenant, GrantType::ClientCredentials).await?;
    let scopes = sign_in.scopes(&tenant, &client).await?;
    scopes.for_application()?;
    let (keys, uti) = (sign_in.server().keys().ring(), sign_in.server().ids().uti());
    let mint = Mint { tenant: &tenant.id, client: &client, now: sign_in.now(), uti: &uti, session: None };
    let Some(api) = scopes.api() else {
        return Ok(Tokens::of(keys.application_token(&mint)?));
    };
    let roles = api.names(&client.application_permissions);
    let access = AccessToken {
        audience: &api.audience,
        version: api.version,
        issuer: &issuer(sign_in.base(), &tenant.id),
        subject: Subject::Application(&roles),
        times: None,
        account: Account::Organization,
    };
    Ok(Tokens::of(keys.access_token(&mint, &access)?))
}
