//! `password`: the client for a user whose password it has.

use slipway_store::Changeset;

use super::{Delegation, GrantType, Tokens};
use crate::oauth::refusal::Refusal;
use crate::oauth::sign_in::SignIn;

pub(super) async fn tokens(sign_in: &SignIn, segment: &str) -> Result<Tokens, Refusal> {
    let tenant = sign_in.tenant(segment).await?;
    let client = sign_in.proven_client(&tenant, GrantType::Password).await?;
    let scopes = sign_in.scopes(&tenant, &client).await?;
    let (name, password) = (sign_in.form.require("username")?, sign_in.form.require("password")?);
    let user = sign_in.proven_user(&tenant, name, password).await?.record;
    // The check took its time, in which consent may have been taken back.
    let client = sign_in.served_client(&tenant, client.id.as_str()).await?;
    let delegation = Delegation {
        tenant: &tenant,
        client: &client,
        user: &user,
        scopes: &scopes,
        session: None,
        nonce: sign_in.form.get("nonce"),
    };
    let (tokens, changes) =
        delegation.tokens_that_last(sign_in, Changeset::new("sign in by password")).await?;
    if changes.rows() > 0 {
        sign_in.server().store().commit(changes).await?;
    }
    Ok(tokens)
}
