//! Tokens with which a client acts for a user, whatever the grant was.

use slipway_identity::{Access, Account, IdToken, Mint, ScopeRequest, Subject, client_info, issuer};
use slipway_model::{Client, Tenant, User};
use slipway_store::{Partition, consent};

use super::Tokens;
use crate::oauth::refusal::Refusal;
use crate::oauth::sign_in::SignIn;

/// Who acts for whom, and what was asked for.
pub(in crate::oauth) struct Delegation<'a> {
    pub(in crate::oauth) tenant: &'a Tenant,
    pub(in crate::oauth) client: &'a Client,
    pub(in crate::oauth) user: &'a User,
    pub(in crate::oauth) scopes: &'a ScopeRequest,
}

impl Delegation<'_> {
    /// Tokens for what was consented to.
    ///
    /// `id_token` and `client_info` are always there, asked for or not: they do no harm, and whoever tries this by
    /// hand sees what a library gets.
    pub(super) async fn tokens(&self, sign_in: &SignIn) -> Result<Tokens, Refusal> {
        self.tokens_of(None, sign_in).await
    }

    /// The same, as part of a sign-in, with which they end.
    pub(super) async fn tokens_of(&self, session: Option<&str>, sign_in: &SignIn) -> Result<Tokens, Refusal> {
        let (tenant, client, user) = (self.tenant, self.client, self.user);
        let key = consent::key(&Partition::of(tenant), &client.id, &user.id);
        let own = sign_in.view().get(&key).await?.map(|consent| consent.record);
        let granted = self.scopes.for_user(client, user, own.as_ref())?;
        let (keys, uti) = (sign_in.server().keys().ring(), sign_in.server().ids().uti());
        let mint = Mint { tenant: &tenant.id, client, now: sign_in.now(), uti: &uti, session };
        let issuer = issuer(sign_in.base(), &tenant.id);
        let identity = IdToken { nonce: sign_in.form.get("nonce"), ..IdToken::of(&issuer) };
        Ok(Tokens {
            scope: Some(granted.answer),
            id_token: Some(keys.id_token(&mint, user, &identity)?),
            client_info: Some(client_info(&tenant.id, user)),
            ..Tokens::of(match self.scopes.api() {
                None => keys.user_token(&mint, user, &granted.scopes)?,
                Some(api) => {
                    let access = Access {
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
}
