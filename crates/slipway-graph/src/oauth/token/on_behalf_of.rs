//! `urn:ietf:params:oauth:grant-type:jwt-bearer`: an API that got a user's token acts for that user.
//!
//! Source: "Microsoft identity platform and OAuth2.0 On-Behalf-Of flow".

use slipway_identity::{CredentialFault, SignInFault, TokenFault, UserAssertion, is_graph_audience};
use slipway_model::{Client, Tenant, User};
use slipway_store::{Partition, Session, SessionState, client, session, user};

use super::{Delegation, GrantType, Tokens};
use crate::Mode;
use crate::oauth::refusal::Refusal;
use crate::oauth::session::when;
use crate::oauth::sign_in::SignIn;

/// What `requested_token_use` must be.
const ON_BEHALF_OF: &str = "on_behalf_of";

pub(super) async fn tokens(sign_in: &SignIn, segment: &str) -> Result<Tokens, Refusal> {
    let form = &sign_in.form;
    if form.require("requested_token_use")? != ON_BEHALF_OF {
        let why = "'requested_token_use' is 'on_behalf_of'.";
        return Err(SignInFault::MalformedRequest(why.to_owned()).into());
    }
    let text = form.require("assertion")?;
    let tenant = sign_in.tenant(segment).await?;
    let client = sign_in.proven_client(&tenant, GrantType::OnBehalfOf).await?;
    let assertion = verified(sign_in, text).await?;
    check_audience(&assertion, &client)?;
    let (user, session) = user_of(sign_in, &assertion, &tenant, &client).await?;
    let scopes = sign_in.scopes(&tenant, &client).await?;
    let delegation = Delegation {
        tenant: &tenant,
        client: &client,
        user: &user,
        scopes: &scopes,
        session: session.as_ref(),
        nonce: None,
    };
    let tokens = delegation.tokens(sign_in).await?;
    if let Some(session) = &session {
        sign_in.lengthen(&Partition::of(&tenant), &session.id).await?;
    }
    Ok(tokens)
}

/// The assertion, if one of this server's keys signed it and its time has not come to an end.
async fn verified(sign_in: &SignIn, text: &str) -> Result<UserAssertion, Refusal> {
    let (keys, now) = (sign_in.server().keys(), sign_in.now());
    let outcome = match keys.ring().verify_assertion(text, now) {
        Err(TokenFault::UnknownKey) => {
            keys.refresh().await?;
            keys.ring().verify_assertion(text, now)
        }
        outcome => outcome,
    };
    let is_forged = outcome.as_ref().is_ok_and(|assertion| assertion.caller.is_forged);
    if is_forged && sign_in.server().settings().mode == Mode::Service {
        return Err(SignInFault::from(CredentialFault::UserAssertionSignature).into());
    }
    outcome.map_err(|fault| {
        let fault = match fault {
            TokenFault::Expired | TokenFault::NotYetValid => {
                CredentialFault::UserAssertionOutOfTime { now: now.to_string() }
            }
            _ => CredentialFault::UserAssertionSignature,
        };
        SignInFault::from(fault).into()
    })
}

/// The token must have been for the very client that presents it: by id, or by one of its identifier URIs.
fn check_audience(assertion: &UserAssertion, client: &Client) -> Result<(), SignInFault> {
    let audience = assertion.audience.trim_end_matches('/');
    let own = std::iter::once(client.id.as_str()).chain(client.identifier_uris.iter().map(String::as_str));
    // Whatever a client came to be called: a token for Graph is none that it got from its own callers.
    if !is_graph_audience(audience)
        && own.into_iter().any(|own| own.trim_end_matches('/').eq_ignore_ascii_case(audience))
    {
        return Ok(());
    }
    let (audience, name) = (assertion.audience.clone(), client.display_name.clone());
    Err(CredentialFault::UserAssertionAudience { audience, client: client.id.clone(), name }.into())
}

/// The user whom the token is of, if tenant, client, user and sign-in still are what they were.
async fn user_of(
    sign_in: &SignIn,
    assertion: &UserAssertion,
    tenant: &Tenant,
    presenting: &Client,
) -> Result<(User, Option<Session>), Refusal> {
    let (view, partition, caller) = (sign_in.view(), Partition::of(tenant), &assertion.caller);
    let unsigned = || SignInFault::from(CredentialFault::UserAssertionSignature);
    if caller.tenant != tenant.id || !view.exists(&client::key(&partition, &caller.client)).await? {
        return Err(unsigned().into());
    }
    let Some(id) = &caller.user else {
        return Err(
            SignInFault::from(CredentialFault::UserAssertionOfApplication(presenting.id.clone())).into()
        );
    };
    let mut session = None;
    if let Some(id) = &caller.session {
        let found = view.get(&session::key(&partition, id)).await?.map(|found| found.record);
        session = found.filter(|found| found.state != SessionState::Revoked);
        if session.is_none() {
            return Err(SignInFault::GrantRevoked(when(caller.expires.as_second())).into());
        }
    }
    let found = view.get(&user::key(&partition, id)).await?;
    let user = found.ok_or_else(|| SignInFault::UnknownUser(tenant.id.clone()))?.record;
    // Without a scope a token lets nobody do anything, and so it is nothing to go on from.
    if caller.names.is_empty() {
        return Err(unsigned().into());
    }
    if user.account_enabled { Ok((user, session)) } else { Err(SignInFault::UserDisabled.into()) }
}
