//! One tenant of a server: its tokens, and what the store holds of it.

use slipway_identity::{IdToken, Mint};
use slipway_model::{Client, ClientId, ConsentGrant, Tenant, User, UserId};
use slipway_store::{Counter, Partition, client, user};

use crate::TestApp;

/// A tenant of a [`TestApp`].
pub struct TestTenant<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) tenant: Tenant,
}

impl<'a> TestTenant<'a> {
    pub(crate) fn new(app: &'a TestApp, tenant: Tenant) -> Self {
        Self { app, tenant }
    }

    /// Where it keeps its rows.
    #[must_use]
    pub fn partition(&self) -> Partition {
        Partition::of(&self.tenant)
    }

    /// How many installations it has.
    ///
    /// # Panics
    /// When the store cannot be read.
    pub async fn installations(&self) -> i64 {
        let view = self.app.server.store().view();
        view.counter(&self.partition(), Counter::Installations).await.expect("a read")
    }

    /// A token of the client for itself, with the roles that it has.
    ///
    /// # Panics
    /// When there is no such client.
    pub async fn application_token(&self, client_id: &str) -> String {
        self.mint(&self.client(client_id).await, None)
    }

    /// A token of the client for the user, with the scopes that it has for everyone.
    ///
    /// # Panics
    /// When there is no such client or user.
    pub async fn user_token(&self, client_id: &str, user_id: &str) -> String {
        let (client, user) = (self.client(client_id).await, self.user(user_id).await);
        self.mint(&client, Some(&user))
    }

    /// A token of the client with just these permissions, delegated by the user if one is given.
    ///
    /// # Panics
    /// When there is no such client or user.
    pub async fn token_with(&self, client_id: &str, permissions: &[&str], user_id: Option<&str>) -> String {
        let permissions: Vec<_> = permissions.iter().map(|name| (*name).to_owned()).collect();
        let client = Client {
            application_permissions: permissions.clone(),
            delegated_permissions: vec![ConsentGrant { user: None, scopes: permissions }],
            ..self.client(client_id).await
        };
        match user_id {
            Some(user_id) => self.mint(&client, Some(&self.user(user_id).await)),
            None => self.mint(&client, None),
        }
    }

    /// What the client gets to know who signed in; it is no access token.
    ///
    /// # Panics
    /// When there is no such client or user.
    pub async fn id_token(&self, client_id: &str, user_id: &str) -> String {
        let (client, user) = (self.client(client_id).await, self.user(user_id).await);
        let mint = self.mint_of(&client, "uti");
        let issuer = slipway_identity::issuer("https://localhost:8365", &self.tenant.id);
        self.app.server.keys().ring().id_token(&mint, &user, &IdToken::of(&issuer)).expect("a token")
    }

    pub(crate) async fn client(&self, id: &str) -> Client {
        let key = client::key(&self.partition(), &ClientId::parse(id).expect("an id"));
        self.app.server.store().view().get(&key).await.expect("a read").expect("the client").record
    }

    async fn user(&self, id: &str) -> User {
        let key = user::key(&self.partition(), &UserId::parse(id).expect("an id"));
        self.app.server.store().view().get(&key).await.expect("a read").expect("the user").record
    }

    fn mint(&self, client: &Client, user: Option<&User>) -> String {
        let uti = self.app.server.ids().uti();
        let (mint, keys) = (self.mint_of(client, &uti), self.app.server.keys().ring());
        let token = match user {
            None => keys.application_token(&mint),
            Some(user) => {
                let scopes: Vec<_> =
                    client.scopes_for(&user.id, None).into_iter().map(str::to_owned).collect();
                keys.user_token(&mint, user, &scopes)
            }
        };
        token.expect("a token")
    }

    fn mint_of<'m>(&'m self, client: &'m Client, uti: &'m str) -> Mint<'m> {
        Mint { tenant: &self.tenant.id, client, now: self.app.clock.now(), uti, session: None }
    }
}
