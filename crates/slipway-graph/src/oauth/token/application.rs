//! `client_credentials`: the client for itself.

use slipway_identity::{Mint, ScopeRequest};

use super::{GrantType, Tokens};
use crate::oauth::refusal::Refusal;
use crate::oauth::sign_in::SignIn;

pub(super) async fn tokens(sign_in: &SignIn, segment: &str) -> Result<Tokens, Refusal> {
    let tenant = sign_in.tenant(segment).await?;
    let client = sign_in.proven_client(&tenant, GrantType::ClientCredentials).await?;
    ScopeRequest::parse(sign_in.form.require("scope")?, &tenant.id)?.for_application()?;
    let uti = sign_in.server().ids().uti();
    let mint = Mint { tenant: &tenant.id, client: &client, now: sign_in.now(), uti: &uti, session: None };
    Ok(Tokens::of(sign_in.server().keys().ring().application_token(&mint)?))
}
