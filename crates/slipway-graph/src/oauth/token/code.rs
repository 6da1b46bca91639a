//! `authorization_code`: the client for a user who signed in on a page.
//!
//! Source: RFC 6749, 4.1.3, RFC 7636, 4.6, and "Microsoft identity platform and OAuth 2.0 authorization code flow".

use slipway_identity::{Purpose, ScopeRequest, SignInFault, matches_plain, matches_s256};
use slipway_model::{Client, Tenant};
use slipway_store::{
    Changeset, CodeChallenge, CommitError, Partition, PendingCode, Session, SessionState, Stored, session,
};

use super::{Delegation, GrantType, Tokens};
use crate::oauth::refusal::Refusal;
use crate::oauth::session::{CODE_LASTS, CodeText, Holder, Lasting, expiry};
use crate::oauth::sign_in::SignIn;

pub(super) async fn tokens(sign_in: &SignIn, segment: &str) -> Result<Tokens, Refusal> {
    let code = sign_in.form.require("code")?;
    let opened: Option<CodeText> = sign_in.open(Purpose::Code, "", code).await?;
    let text = opened.ok_or(SignInFault::InvalidGrant("It is no authorization code of this server."))?;
    let named = (text.tenant.as_str(), text.session.as_str());
    let grant = GrantType::AuthorizationCode;
    let (tenant, client, found) = redeemed(sign_in, segment, grant, named, text.holder).await?;
    let found = found.ok_or(SignInFault::CodeExpired)?;
    let partition = Partition::of(&tenant);
    let pending = match &found.record.state {
        SessionState::Code(pending) => pending.clone(),
        SessionState::Live { .. } | SessionState::Revoked => {
            return Err(reused(sign_in, &partition, &found.record.id).await);
        }
    };
    let age = sign_in.now().as_second().saturating_sub(text.at);
    if age >= CODE_LASTS.as_secs() {
        return Err(SignInFault::CodeExpired.into());
    }
    compare(sign_in, &pending, text.holder)?;
    let user = sign_in.user_of_session(&tenant, &found.record, &text.password, text.at).await?;
    let scopes = sign_in.scopes_of_session(&tenant, &found.record, &client).await?;
    let is_offline = found.record.scopes.iter().any(|scope| scope == ScopeRequest::OFFLINE);
    let lasting = if is_offline { Lasting::Refresh } else { Lasting::Access };
    let live = Session {
        state: SessionState::Live { generation: 0 },
        expires_at: expiry(&lasting, sign_in.now()),
        ..found.record.clone()
    };
    let delegation = Delegation {
        tenant: &tenant,
        client: &client,
        user: &user,
        scopes: &scopes,
        session: Some(&live),
        nonce: pending.nonce.as_deref(),
    };
    let mut tokens = delegation.tokens(sign_in).await?;
    if is_offline {
        tokens.refresh_token = Some(sign_in.refresh_token(&tenant, &text.password, &live, text.holder)?);
    }
    keep(sign_in, &partition, &found, &live).await?;
    Ok(tokens)
}

/// Keeps that the code was redeemed, before the tokens go out.
async fn keep(
    sign_in: &SignIn,
    partition: &Partition,
    found: &Stored<Session>,
    live: &Session,
) -> Result<(), Refusal> {
    let key = session::key(partition, &live.id);
    let changes = Changeset::new("redeem a code").expect_revision(&key, found.revision).put(partition, live);
    match sign_in.server().store().commit(changes).await {
        Ok(_) => Ok(()),
        // Another request with the same code was faster.
        Err(CommitError::Conflict(_)) => Err(reused(sign_in, partition, &live.id).await),
        Err(error) => Err(error.into()),
    }
}

/// The code was redeemed before, perhaps by somebody who stole it: what came of it ends.
async fn reused(sign_in: &SignIn, partition: &Partition, id: &str) -> Refusal {
    match sign_in.revoke(partition, id).await {
        Ok(()) => SignInFault::CodeRedeemed.into(),
        Err(refusal) => refusal,
    }
}

/// What a code or a refresh token names: its tenant, the client, to which it was given and which redeems it, and the
/// sign-in, if it is still kept.
pub(super) async fn redeemed(
    sign_in: &SignIn,
    segment: &str,
    grant: GrantType,
    (tenant, session): (&str, &str),
    given_to: Holder,
) -> Result<(Tenant, Client, Option<Stored<Session>>), Refusal> {
    let (tenant, found) = sign_in.session(segment, tenant, session).await?;
    let client = holder(sign_in, &tenant, grant, given_to).await?;
    if found.as_ref().is_some_and(|found| found.record.client != client.id) {
        return Err(SignInFault::InvalidGrant("It was given to another client.").into());
    }
    Ok((tenant, client, found))
}

/// The client that redeems, proven as far as what it redeems asks for it.
async fn holder(
    sign_in: &SignIn,
    tenant: &Tenant,
    grant: GrantType,
    holder: Holder,
) -> Result<Client, Refusal> {
    let is_cross_origin = sign_in.is_cross_origin();
    match holder {
        Holder::Spa if !is_cross_origin => return Err(SignInFault::NotCrossOrigin.into()),
        Holder::Confidential | Holder::Public if is_cross_origin => {
            return Err(SignInFault::CrossOrigin.into());
        }
        _ => {}
    }
    if holder == Holder::Confidential {
        let client = sign_in.proven_client(tenant, grant).await?;
        let proved = sign_in.presents_credential()?;
        return if proved { Ok(client) } else { Err(SignInFault::MissingSecret.into()) };
    }
    if sign_in.presents_credential()? {
        return Err(SignInFault::PublicClient.into());
    }
    sign_in.served_client(tenant, sign_in.form.require("client_id")?).await
}

/// What was said when the code was asked for is said again.
fn compare(sign_in: &SignIn, pending: &PendingCode, holder: Holder) -> Result<(), SignInFault> {
    let sent = sign_in.form.require("redirect_uri")?;
    if sent != pending.redirect_uri {
        let (sent, expected) = (sent.to_owned(), pending.redirect_uri.clone());
        return Err(SignInFault::OtherRedirect { sent, expected });
    }
    let verifier = sign_in.form.get("code_verifier");
    match (&pending.challenge, verifier) {
        (None, _) if holder == Holder::Spa => Err(SignInFault::ProofKeyMissing),
        (None, None) => Ok(()),
        (Some(_), None) => Err(SignInFault::VerifierMissing),
        (Some(CodeChallenge::Plain(challenge)), Some(verifier)) if matches_plain(challenge, verifier) => {
            Ok(())
        }
        (Some(CodeChallenge::S256(challenge)), Some(verifier)) if matches_s256(challenge, verifier) => Ok(()),
        // Who sends a verifier without a challenge believes that there was one: somebody took it out (RFC 9700, 4.8.2).
        (_, Some(_)) => Err(SignInFault::VerifierMismatch),
    }
}
