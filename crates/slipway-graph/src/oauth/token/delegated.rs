//! Tokens with which a client acts for a user, whatever the grant was.

use slipway_identity::{
    AccessToken, Account, IdToken, Mint, ScopeRequest, SignInFault, Subject, client_info, issuer,
};
use slipway_model::{Client, Tenant, User};
use slipway_store::{Changeset, Partition, Session, SessionState, consent, user};

use super::Tokens;
use crate::oauth::authorize::Endpoint;
use crate::oauth::browser::password_mark;
use crate::oauth::refusal::Refusal;
use crate::oauth::session::{Holder, Lasting, expiry, when};
use crate::oauth::sign_in::SignIn;

/// Who acts for whom, and what was asked for.
pub(in crate::oauth) struct Delegation<'a> {
    pub(in crate::oauth) tenant: &'a Tenant,
    pub(in crate::oauth) client: &'a Client,
    pub(in crate::oauth) user: &'a User,
    pub(in crate::oauth) scopes: &'a ScopeRequest,
    /// The sign-in that the tokens end with, if it goes on.
    pub(in crate::oauth) session: Option<&'a Session>,
    /// For the id token.
    pub(in crate::oauth) nonce: Option<&'a str>,
}

impl Delegation<'_> {
    /// Tokens for what was consented to.
    ///
    /// `id_token` and `client_info` are always there, asked for or not: they do no harm, and whoever tries this by
    /// hand sees what a library gets.
    pub(super) async fn tokens(&self, sign_in: &SignIn) -> Result<Tokens, Refusal> {
        let (tenant, client, user) = (self.tenant, self.client, self.user);
        let key = consent::key(&Partition::of(tenant), &client.id, &user.id);
        let own = sign_in.view().get(&key).await?.map(|consent| consent.record);
        let granted = self.scopes.for_user(client, user, own.as_ref())?;
        let (keys, uti) = (sign_in.server().keys().ring(), sign_in.server().ids().uti());
        let session = self.session.map(|session| session.id.as_str());
        let mint = Mint { tenant: &tenant.id, client, now: sign_in.now(), uti: &uti, session };
        let issuer = issuer(sign_in.base(), &tenant.id);
        let signed_in_at = self.session.map(|session| session.signed_in_at);
        let identity = IdToken { nonce: self.nonce, signed_in_at, ..IdToken::of(&issuer) };
        Ok(Tokens {
            scope: Some(granted.answer),
            id_token: Some(keys.id_token(&mint, user, &identity)?),
            client_info: Some(client_info(&tenant.id, user)),
            ..Tokens::of(match self.scopes.api() {
                None => keys.user_token(&mint, user, &granted.scopes)?,
                Some(api) => {
                    let access = AccessToken {
                        audience: &api.audience,
                        version: api.version,
                        issuer: &issuer,
                        subject: Subject::User(user, &granted.scopes),
                        times: None,
                        account: Account::Organization,
                    };
                    keys.access_token(&mint, &access)?
                }
            })
        })
    }

    /// The same with a refresh token, if one was asked for; then the changes put the session that it belongs to.
    pub(super) async fn tokens_that_last(
        &self,
        sign_in: &SignIn,
        changes: Changeset,
    ) -> Result<(Tokens, Changeset), Refusal> {
        if !self.scopes.is_offline() {
            return Ok((self.tokens(sign_in).await?, changes));
        }
        let session = Session {
            id: sign_in.server().ids().guid(),
            client: self.client.id.clone(),
            user: self.user.id.clone(),
            scopes: self.scopes.texts(),
            state: SessionState::Live { generation: 0 },
            signed_in_at: sign_in.now(),
            expires_at: expiry(&Lasting::Refresh, sign_in.now()),
        };
        let lasting = Delegation { session: Some(&session), ..*self };
        let mut tokens = lasting.tokens(sign_in).await?;
        let holder = if sign_in.presents_credential()? { Holder::Confidential } else { Holder::Public };
        tokens.refresh_token =
            Some(sign_in.refresh_token(self.tenant, &password_mark(self.user), &session, holder)?);
        let changes = sign_in.begin(changes, &Partition::of(self.tenant), &session).await?;
        Ok((tokens, changes))
    }
}

impl SignIn {
    /// The user of a sign-in that goes on, if nothing has ended it: neither an administrator nor a new password.
    pub(super) async fn user_of_session(
        &self,
        tenant: &Tenant,
        session: &Session,
        password: &str,
        at: i64,
    ) -> Result<User, Refusal> {
        let found = self.view().get(&user::key(&Partition::of(tenant), &session.user)).await?;
        let user = found.ok_or_else(|| SignInFault::UnknownUser(tenant.id.clone()))?.record;
        if !user.account_enabled {
            return Err(SignInFault::UserDisabled.into());
        }
        if !self.is_mark_of(password, &user) {
            return Err(SignInFault::GrantRevoked(when(at)).into());
        }
        Ok(user)
    }

    /// The scopes that the request names, else those of the sign-in.
    pub(super) async fn scopes_of_session(
        &self,
        tenant: &Tenant,
        session: &Session,
        client: &Client,
    ) -> Result<ScopeRequest, Refusal> {
        let kept = session.scopes.join(" ");
        let named = match self.endpoint() {
            Endpoint::V1 if self.form.get("resource").is_some() => return self.scopes(tenant, client).await,
            Endpoint::V1 => None,
            Endpoint::V2 => self.form.get("scope"),
        };
        self.scopes_of(named.unwrap_or(&kept), tenant, client).await
    }
}
