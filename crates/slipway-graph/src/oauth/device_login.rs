//! `/devicelogin`: the page on which a user types the code that a device shows, signs in, and consents.

use std::fmt::Write;

use http::{Method, StatusCode};
use slipway_identity::{ScopeRequest, SignInFault};
use slipway_model::{Client, Tenant, User};
use slipway_store::{
    Changeset, CommitError, DeviceGrant, GrantState, Partition, Stored, View, client, device_grant, user,
};

use super::authorize::Person;
use super::authorize::consent::{self, Wish};
use super::authorize::ticket::{Aim, Ticket};
use super::browser::Proof;
use super::pages::{self, Focus, Forms, escape};
use super::refusal::Refusal;
use super::sign_in::SignIn;
use crate::reply::Reply;

/// How often an answer is decided anew when one of its rows has changed meanwhile.
const ATTEMPTS: usize = 4;

/// What the user did with the sign-in.
pub(super) struct Answered {
    client: String,
    state: GrantState,
}

pub(super) async fn answer(sign_in: &SignIn) -> Reply {
    if sign_in.arrival.parts.method == Method::GET {
        return pages::page(StatusCode::OK, "Sign in", &form(sign_in, None), Forms::Own);
    }
    match answered(sign_in).await {
        Ok(reply) => reply,
        Err(refusal) => {
            let fault = sign_in.logged(refusal);
            let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::BAD_REQUEST);
            pages::page(status, "Sign in", &form(sign_in, Some(&fault)), Forms::Own)
        }
    }
}

/// What the page says at the end.
fn done(answered: &Answered) -> Reply {
    let client = escape(&answered.client);
    if answered.state == GrantState::Declined {
        let text = format!("<p>{client} was not given access. You can close this page.</p>");
        return pages::page(StatusCode::OK, "Sign-in declined", &text, Forms::Own);
    }
    let text = format!("<p>You have signed in to {client}. You can close this page.</p>");
    pages::page(StatusCode::OK, "Signed in", &text, Forms::Own)
}

/// Checks the user, then the code, so that only users learn which codes are about and each guess at one costs a
/// password check; then asks for the consent that is missing, or keeps the answer.
async fn answered(sign_in: &SignIn) -> Result<Reply, Refusal> {
    sign_in.refuse_cross_site()?;
    let typed = sign_in.form.require("user_code")?;
    let (name, password) = (sign_in.form.require("username")?, sign_in.form.require("password")?);
    let tenant = sign_in.tenant_of_user(Some(name.trim())).await?;
    let user = sign_in.proven_user(&tenant, name, password).await?;
    if !is_declined(sign_in) {
        let (client, scopes) = asked(sign_in, &tenant, typed).await?;
        let wanted = consent::missing(sign_in, (&tenant, &client), &user.record, &scopes).await?;
        if !wanted.is_empty() {
            let proof = Proof::of(&tenant, &user.record, sign_in.now());
            let wish = Wish::of(&scopes, wanted);
            return ask(sign_in, typed, (&tenant, &client), &Person { user, proof }, &wish);
        }
    }
    keep(sign_in, &Partition::of(&tenant), typed, user).await
}

/// Asks the proven user for consent.
fn ask(
    sign_in: &SignIn,
    typed: &str,
    (tenant, client): (&Tenant, &Client),
    person: &Person,
    wish: &Wish,
) -> Result<Reply, Refusal> {
    let aim = Aim::Device(typed.to_owned());
    let ticket = Ticket::new(sign_in, tenant.id.as_str(), aim, (tenant, client))?;
    consent::page(sign_in, ticket.proven(person.proof.clone()), &person.user.record, wish)
}

/// The consent page was answered.
pub(super) async fn consented(
    sign_in: &SignIn,
    ticket: &Ticket,
    tenant: &Tenant,
    typed: &str,
    person: &Person,
) -> Result<Reply, Refusal> {
    let user = &person.user;
    if !is_declined(sign_in) {
        let (client, scopes) = asked(sign_in, tenant, typed).await?;
        let wanted = consent::missing(sign_in, (tenant, &client), &user.record, &scopes).await?;
        let wish = Wish::of(&scopes, wanted);
        if wish.exceeds(&ticket.shown) {
            return ask(sign_in, typed, (tenant, &client), person, &wish);
        }
        consent::decide(sign_in, (tenant, &client), &user.record, &wish).await?;
    }
    keep(sign_in, &Partition::of(tenant), typed, user.clone()).await
}

fn is_declined(sign_in: &SignIn) -> bool {
    matches!(sign_in.form.get("answer"), Some("decline" | "cancel"))
}

/// Keeps the answer of the proven user.
async fn keep(
    sign_in: &SignIn,
    partition: &Partition,
    typed: &str,
    mut user: Stored<User>,
) -> Result<Reply, Refusal> {
    for _ in 0..ATTEMPTS {
        let (answered, changeset) = decided(sign_in, partition, typed, &user).await?;
        match sign_in.server().store().commit(changeset).await {
            Ok(_) => return Ok(done(&answered)),
            Err(CommitError::Conflict(_)) => {
                user = sign_in.still_proven(partition, &user.record).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refusal::Busy("the user, the client or the device code kept changing"))
}

/// The client that shows the code, and what it asked for.
async fn asked(sign_in: &SignIn, tenant: &Tenant, typed: &str) -> Result<(Client, ScopeRequest), Refusal> {
    let (view, partition) = (sign_in.view(), Partition::of(tenant));
    let grant = pending(sign_in, &view, &partition, typed).await?.record;
    let client = sign_in.served_client(tenant, grant.client.as_str()).await?;
    let scopes = sign_in.scopes_of(&grant.scopes.join(" "), tenant, &client).await?;
    Ok((client, scopes))
}

/// What the proven user does with the sign-in, and how to keep it if user, client and sign-in stay as they are.
pub(super) async fn decided(
    sign_in: &SignIn,
    partition: &Partition,
    typed: &str,
    user: &Stored<User>,
) -> Result<(Answered, Changeset), Refusal> {
    let view = sign_in.view();
    let grant = pending(sign_in, &view, partition, typed).await?;
    let client_key = client::key(partition, &grant.record.client);
    let client = view.get(&client_key).await?.ok_or(SignInFault::UnknownUserCode)?;
    let state = if is_declined(sign_in) {
        GrantState::Declined
    } else {
        GrantState::Approved(user.record.id.clone())
    };
    let changeset = Changeset::new("answer a device code")
        .expect_revision(&user::key(partition, &user.record.id), user.revision)
        .expect_revision(&client_key, client.revision)
        .expect_revision(&device_grant::key(partition, &grant.record.device_code_hash), grant.revision)
        .put(partition, &DeviceGrant { state: state.clone(), ..grant.record });
    Ok((Answered { client: client.record.display_name, state }, changeset))
}

/// The sign-in that waits under the code; blanks, hyphens and case do not matter.
async fn pending(
    sign_in: &SignIn,
    view: &View,
    partition: &Partition,
    typed: &str,
) -> Result<Stored<DeviceGrant>, Refusal> {
    let code: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    let key = device_grant::by_user_code(partition, &code.to_ascii_uppercase());
    let found = view.find(&key).await?;
    let grant = found.filter(|grant| grant.record.state == GrantState::Pending);
    let grant = grant.ok_or(SignInFault::UnknownUserCode)?;
    if grant.record.expires_at <= sign_in.now() {
        return Err(SignInFault::UserCodeExpired.into());
    }
    Ok(grant)
}

/// The form, with what was typed but the password, and with the fault of the last attempt.
fn form(sign_in: &SignIn, fault: Option<&SignInFault>) -> String {
    let typed = |name| sign_in.form.get(name).unwrap_or_default();
    let mut html = String::new();
    if let Some(fault) = fault {
        pages::alert(&mut html, &pages::explain(fault), fault);
    }
    // Writing to a String cannot fail.
    let _ = write!(
        html,
        "<p>Enter the code that your app or device shows, only if you started the sign-in yourself.</p>\
         <form method=\"post\" action=\"/devicelogin\">\
         <label for=\"user_code\">Code</label>\
         <input id=\"user_code\" name=\"user_code\" value=\"{}\" required autofocus autocomplete=\"off\" \
         autocapitalize=\"characters\" spellcheck=\"false\">{}\
         <button class=\"main\" name=\"answer\" value=\"approve\">Sign in</button>\
         <button name=\"answer\" value=\"decline\">Decline</button>\
         </form>",
        escape(typed("user_code")),
        pages::credentials(typed("username"), Focus::Above)
    );
    html
}
