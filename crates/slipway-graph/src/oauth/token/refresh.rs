//! `refresh_token`: new tokens of a sign-in. Each refresh token is good once; one that comes back was stolen, from the
//! client or by it, and ends the whole sign-in (RFC 9700, 4.14.2).

use slipway_identity::{Purpose, SignInFault};
use slipway_store::{Changeset, CommitError, Partition, Session, SessionState, session};

use super::code::redeemed;
use super::{Delegation, GrantType, Tokens};
use crate::oauth::refusal::Refusal;
use crate::oauth::session::{Lasting, RefreshText, expiry};
use crate::oauth::sign_in::SignIn;

const USED: SignInFault = SignInFault::InvalidGrant(
    "The refresh token was used before; its sign-in is ended, and none of its tokens is good any more.",
);

pub(super) async fn tokens(sign_in: &SignIn, segment: &str) -> Result<Tokens, Refusal> {
    let token = sign_in.form.require("refresh_token")?;
    let opened: Option<RefreshText> = sign_in.open(Purpose::RefreshToken, "", token).await?;
    let text = opened.ok_or(SignInFault::InvalidGrant("It is no refresh token of this server."))?;
    let named = (text.tenant.as_str(), text.session.as_str());
    let (tenant, client, found) =
        redeemed(sign_in, segment, GrantType::RefreshToken, named, text.holder).await?;
    let found = match found {
        Some(found) => found,
        None if text.is_old(sign_in.now()) => {
            return Err(SignInFault::RefreshExpired(text.issued()).into());
        }
        None => return Err(SignInFault::GrantRevoked(text.issued()).into()),
    };
    let partition = Partition::of(&tenant);
    let generation = match found.record.state {
        SessionState::Live { generation } if generation == text.generation => generation,
        SessionState::Live { .. } => return Err(used(sign_in, &partition, &found.record.id).await),
        SessionState::Code(_) | SessionState::Revoked => {
            return Err(SignInFault::GrantRevoked(text.issued()).into());
        }
    };
    text.refuse_expired(&found.record, sign_in.now())?;
    let user = sign_in.user_of_session(&tenant, &found.record, &text.password, text.at).await?;
    let scopes = sign_in.scopes_of_session(&tenant, &found.record, &client).await?;
    let next = Session {
        state: SessionState::Live { generation: generation.saturating_add(1) },
        expires_at: expiry(&Lasting::Refresh, sign_in.now()),
        ..found.record.clone()
    };
    let delegation = Delegation {
        tenant: &tenant,
        client: &client,
        user: &user,
        scopes: &scopes,
        session: Some(&next),
        nonce: None,
    };
    let mut tokens = delegation.tokens(sign_in).await?;
    tokens.refresh_token = Some(sign_in.refresh_token(&tenant, &text.password, &next, text.holder)?);
    let key = session::key(&partition, &next.id);
    let changes =
        Changeset::new("refresh tokens").expect_revision(&key, found.revision).put(&partition, &next);
    match sign_in.server().store().commit(changes).await {
        Ok(_) => Ok(tokens),
        Err(CommitError::Conflict(_)) => Err(used(sign_in, &partition, &next.id).await),
        Err(error) => Err(error.into()),
    }
}

async fn used(sign_in: &SignIn, partition: &Partition, id: &str) -> Refusal {
    match sign_in.revoke(partition, id).await {
        Ok(()) => USED.into(),
        Err(refusal) => refusal,
    }
}
