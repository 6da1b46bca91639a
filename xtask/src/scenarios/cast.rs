//! Who can sign in, as the seed says: users with passwords and clients with secrets.

use std::path::Path;

use anyhow::{Context as _, ensure};
use serde::Deserialize;

use super::story::Actor;

/// Who can sign in.
#[derive(Debug, Deserialize)]
pub struct Cast {
    tenants: Vec<Tenant>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    id: String,
    #[serde(default)]
    users: Vec<User>,
    #[serde(default)]
    clients: Vec<Client>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct User {
    user_principal_name: String,
    password: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Client {
    id: String,
    display_name: String,
    #[serde(default)]
    secrets: Vec<String>,
}

/// A request for a token.
#[derive(Debug, PartialEq, Eq)]
pub struct SignIn {
    /// Path of the tenant's token endpoint.
    pub path: String,
    /// Fields of the form.
    pub form: Vec<(&'static str, String)>,
}

impl Cast {
    /// Reads a seed.
    ///
    /// # Errors
    /// When the file is not there or is no seed.
    pub fn read(seed: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(seed).with_context(|| format!("cannot read {}", seed.display()))?;
        serde_saphyr::from_str(&text).with_context(|| format!("{} is no seed", seed.display()))
    }

    /// How an actor gets a token; none for one who sends none.
    ///
    /// # Errors
    /// When the seed has no such user or client, or has two clients of the name.
    pub fn sign_in(&self, actor: &Actor) -> anyhow::Result<Option<SignIn>> {
        let (name, person) = match actor {
            Actor::Nobody | Actor::Token(_) => return Ok(None),
            Actor::Client(name) => (name, None),
            Actor::User { name, client, scopes } => (client, Some((name, scopes))),
        };
        let (tenant, client) = self.client(name)?;
        let mut form = vec![("client_id", client.id.clone())];
        form.extend(client.secrets.first().map(|secret| ("client_secret", secret.clone())));
        let mut scope = "https://graph.microsoft.com/.default".to_owned();
        let grant = match person {
            None => "client_credentials",
            Some((name, scopes)) => {
                let mut users = tenant.users.iter();
                let user = users.find(|user| user.user_principal_name == *name);
                let user = user.with_context(|| {
                    format!("the seed has no user '{name}' beside client '{}'", client.display_name)
                })?;
                let password = user.password.clone().with_context(|| format!("'{name}' has no password"))?;
                form.extend([("username", name.clone()), ("password", password)]);
                if !scopes.is_empty() {
                    scope = scopes.join(" ");
                }
                "password"
            }
        };
        form.extend([("grant_type", grant.to_owned()), ("scope", scope)]);
        Ok(Some(SignIn { path: format!("/{}/oauth2/v2.0/token", tenant.id), form }))
    }

    fn client(&self, name: &str) -> anyhow::Result<(&Tenant, &Client)> {
        let all =
            self.tenants.iter().flat_map(|tenant| tenant.clients.iter().map(move |client| (tenant, client)));
        let mut named = all.filter(|(_, client)| client.display_name == name);
        let found = named.next().with_context(|| format!("the seed has no client '{name}'"))?;
        ensure!(named.next().is_none(), "the seed has two clients '{name}'");
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEED: &str = "
tenants:
  - id: t
    displayName: T
    users: [{ userPrincipalName: a@t.example, password: p }, { userPrincipalName: b@t.example }]
    clients:
      - { id: c1, displayName: Roll-out, secrets: [s1, s2] }
      - { id: c2, displayName: Public }
      - { id: c3, displayName: Twin }
      - { id: c4, displayName: Twin }
";

    #[test]
    fn actors_sign_in_as_the_seed_says() {
        let cast: Cast = serde_saphyr::from_str(SEED).unwrap();
        let user = |name: &str, client: &str, scopes: &[&str]| Actor::User {
            name: name.into(),
            client: client.into(),
            scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
        };
        let form = |actor: &Actor| {
            let sign_in = cast.sign_in(actor).unwrap().unwrap();
            assert_eq!(sign_in.path, "/t/oauth2/v2.0/token");
            sign_in
                .form
                .into_iter()
                .map(|(name, text)| format!("{name}={text}"))
                .collect::<Vec<_>>()
                .join("&")
        };
        assert_eq!(
            form(&Actor::Client("Roll-out".into())),
            "client_id=c1&client_secret=s1&grant_type=client_credentials&scope=https://graph.microsoft.com/.default"
        );
        assert_eq!(
            form(&user("a@t.example", "Public", &["User.Read", "Chat.Read"])),
            "client_id=c2&username=a@t.example&password=p&grant_type=password&scope=User.Read Chat.Read"
        );
        assert_eq!(cast.sign_in(&Actor::Nobody).unwrap(), None);
        for wrong in [
            Actor::Client("Nobody's".into()),
            Actor::Client("Twin".into()),
            user("b@t.example", "Public", &[]),
            user("c@t.example", "Public", &[]),
        ] {
            assert!(cast.sign_in(&wrong).is_err(), "{wrong:?}");
        }
    }
}
