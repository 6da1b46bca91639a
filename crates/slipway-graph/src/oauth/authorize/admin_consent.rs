//! `/{tenant}/adminconsent` and `/{tenant}/v2.0/adminconsent`: an administrator grants what a client needs to everyone.
//!
//! Source: "Admin consent on the Microsoft identity platform".

use slipway_identity::{SignInFault, required_roles, required_scopes};
use slipway_model::{Client, Tenant};

use super::consent::{self, Wish};
use super::request::{ResponseMode, redirect};
use super::response;
use super::ticket::{Aim, Ticket};
use super::{Person, login, parameters, tenant};
use crate::oauth::form::Form;
use crate::oauth::refusal::Refusal;
use crate::oauth::sign_in::SignIn;
use crate::reply::Reply;

/// A request whose client and redirect URI are proven.
struct Request {
    client: Client,
    uri: String,
    state: Option<String>,
    /// As it was sent.
    scope: Option<String>,
    wish: Wish,
}

impl Request {
    async fn of(sign_in: &SignIn, tenant: &Tenant, text: &str) -> Result<Self, Refusal> {
        let form = Form::parse(text.as_bytes());
        let client = sign_in.known_client(tenant, form.require("client_id")?).await?;
        let (_, uri) = redirect(&client, &form)?;
        let scope = form.get("scope").map(str::to_owned);
        let needed = || required_scopes(&client).map(str::to_owned).collect();
        let permissions = match &scope {
            Some(scope) => sign_in.scopes_of(scope, tenant, &client).await?.permissions(&client),
            None => needed(),
        };
        let roles = required_roles(&client).map(str::to_owned).collect();
        let wish = Wish::for_everyone(permissions, roles);
        Ok(Self { uri, state: form.get("state").map(str::to_owned), scope, wish, client })
    }

    /// Sends the browser back with the outcome.
    fn back(&self, mut fields: Vec<(&'static str, String)>) -> Reply {
        fields.push(("admin_consent", "True".to_owned()));
        fields.extend(self.state.iter().map(|state| ("state", state.clone())));
        response::back(&self.uri, ResponseMode::Query, &fields)
    }
}

/// The request.
pub(in crate::oauth) async fn answer(sign_in: &SignIn, segment: &str) -> Result<Reply, Refusal> {
    let form = parameters(sign_in);
    let proof = sign_in.signed_in().await?;
    let tenant = tenant(sign_in, segment, &form, proof.as_ref()).await?;
    let text = form.encode();
    let request = Request::of(sign_in, &tenant, &text).await?;
    let known = match proof {
        Some(proof) => {
            let user = sign_in.still_signed_in(&tenant, &proof).await?;
            user.map(|user| Person { user, proof })
        }
        None => None,
    };
    if let Some(person) = known {
        return proceed(sign_in, segment, tenant, &text, &person).await;
    }
    let aim = Aim::AdminConsent(text);
    let ticket = Ticket::new(sign_in, segment, aim, (&tenant, &request.client))?;
    login::page(sign_in, &ticket, "", None).await
}

/// The user is known: shows what is asked for.
pub(super) async fn proceed(
    sign_in: &SignIn,
    segment: &str,
    tenant: Tenant,
    text: &str,
    person: &Person,
) -> Result<Reply, Refusal> {
    let request = Request::of(sign_in, &tenant, text).await?;
    let aim = Aim::AdminConsent(text.to_owned());
    let ticket = Ticket::new(sign_in, segment, aim, (&tenant, &request.client))?;
    let ticket = ticket.proven(person.proof.clone());
    consent::page(sign_in, ticket, &person.user.record, &request.wish)
}

/// The page was answered.
pub(super) async fn decide(
    sign_in: &SignIn,
    ticket: &Ticket,
    tenant: Tenant,
    text: &str,
    person: &Person,
) -> Result<Reply, Refusal> {
    let request = Request::of(sign_in, &tenant, text).await?;
    if consent::is_accepted(sign_in) && request.wish.exceeds(&ticket.shown) {
        return proceed(sign_in, &ticket.segment, tenant, text, person).await;
    }
    match consent::decide(sign_in, (&tenant, &request.client), &person.user.record, &request.wish).await {
        Ok(()) => {
            let mut fields = vec![("tenant", tenant.id.as_str().to_owned())];
            fields.extend(request.scope.iter().map(|scope| ("scope", scope.clone())));
            Ok(request.back(fields))
        }
        Err(refusal) => {
            let fault = sign_in.logged(refusal);
            // The page about this endpoint has this error for an administrator who declines.
            let error = match fault {
                SignInFault::AuthorizationDeclined => "consent_required",
                _ => fault.redirected_error(),
            };
            let description = fault.description(&sign_in.trace());
            Ok(request.back(vec![("error", error.to_owned()), ("error_description", description)]))
        }
    }
}
