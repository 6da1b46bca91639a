//! `device_code`: the client for a user who signed in on another device.

use slipway_identity::SignInFault;
use slipway_store::CommitError;

use super::{Delegation, GrantType, Tokens};
use crate::oauth::device_code;
use crate::oauth::refusal::Refusal;
use crate::oauth::sign_in::SignIn;

pub(super) async fn tokens(sign_in: &SignIn, segment: &str) -> Result<Tokens, Refusal> {
    let tenant = sign_in.tenant(segment).await?;
    let client = sign_in.proven_client(&tenant, GrantType::DeviceCode).await?;
    let approved = device_code::approved(sign_in, &tenant, &client).await?;
    let delegation = Delegation {
        tenant: &tenant,
        client: &client,
        user: &approved.user,
        scopes: &approved.scopes,
        session: None,
        nonce: sign_in.form.get("nonce"),
    };
    let (tokens, changes) = delegation.tokens_that_last(sign_in, approved.spend).await?;
    match sign_in.server().store().commit(changes).await {
        Ok(_) => Ok(tokens),
        // Another request with the same code was faster.
        Err(CommitError::Conflict(_)) => Err(SignInFault::UnknownDeviceCode.into()),
        Err(error) => Err(error.into()),
    }
}
