//! `/{tenant}/oauth2/v2.0/authorize` and its pages: who signs in, what they consent to, and back to the client.
//!
//! Each page's form goes to a path of its own and brings the whole request back, sealed; nothing of an unfinished
//! sign-in is kept.

mod admin_consent;
pub(super) mod consent;
mod login;
pub(super) mod request;
pub(super) mod response;
pub(super) mod ticket;

use http::Method;
use slipway_identity::SignInFault;
use slipway_model::{Tenant, TenantId, User};
use slipway_store::{Stored, tenant};

pub(super) use self::admin_consent::answer as admin_consent;
pub(super) use self::login::{Means, answer as login};
pub(super) use self::request::Endpoint;
use self::request::{Asked, Authorization, Prompt};
use self::ticket::{Aim, Ticket};
use super::browser::Proof;
use super::form::Form;
use super::refusal::Refusal;
use super::sign_in::SignIn;
use super::tenant::TenantSegment;
use crate::reply::Reply;

/// Most tenants among which a client is looked for when nothing says which tenant it is.
const TENANTS: usize = 100;

/// A user who proved themselves, and the proof.
pub(super) struct Person {
    pub(super) user: Stored<User>,
    pub(super) proof: Proof,
}

/// The request's own parameters: in the query, or in the body of a POST.
fn parameters(sign_in: &SignIn) -> Form {
    match sign_in.arrival.parts.method {
        Method::POST => Form::parse(sign_in.form.encode().as_bytes()),
        _ => Form::parse(sign_in.arrival.parts.uri.query().unwrap_or_default().as_bytes()),
    }
}

/// An authorization request.
///
/// # Errors
/// A refusal that must not leave this server, since client or redirect URI are not proven.
pub(super) async fn answer(sign_in: &SignIn, segment: &str, endpoint: Endpoint) -> Result<Reply, Refusal> {
    let form = parameters(sign_in);
    let proof = sign_in.signed_in().await?;
    let tenant = tenant(sign_in, segment, &form, proof.as_ref()).await?;
    let authorization = Authorization::of(sign_in, tenant, endpoint, form).await?;
    let begun = begin(sign_in, segment, &authorization, proof).await;
    Ok(begun.unwrap_or_else(|refusal| response::refuse(sign_in, &authorization, refusal)))
}

async fn begin(
    sign_in: &SignIn,
    segment: &str,
    authorization: &Authorization,
    proof: Option<Proof>,
) -> Result<Reply, Refusal> {
    let asked = authorization.asked(sign_in).await?;
    let known = match proof {
        Some(proof) => person(sign_in, authorization, proof).await?,
        None => None,
    };
    match (asked.prompt, known) {
        (Prompt::None, None) => Err(SignInFault::NotSignedIn.into()),
        (Prompt::None | Prompt::Needed | Prompt::Consent, Some(person)) => {
            proceed(sign_in, segment, authorization, &asked, &person).await
        }
        (Prompt::Login | Prompt::SelectAccount, _) | (Prompt::Needed | Prompt::Consent, None) => {
            let aim = Aim::Authorize(authorization.endpoint(), authorization.form.encode());
            let by = (&authorization.tenant, &authorization.client);
            let ticket = Ticket::new(sign_in, segment, aim, by)?;
            let hint = authorization.form.get("login_hint").unwrap_or_default();
            login::page(sign_in, &ticket, hint, None).await
        }
    }
}

/// Who is signed in to the browser already, if that is whom the client means.
async fn person(
    sign_in: &SignIn,
    authorization: &Authorization,
    proof: Proof,
) -> Result<Option<Person>, Refusal> {
    let found = sign_in.still_signed_in(&authorization.tenant, &proof).await?;
    let hint = authorization.form.get("login_hint");
    let is_meant = |user: &Stored<User>| {
        hint.is_none_or(|hint| user.record.user_principal_name.as_str().eq_ignore_ascii_case(hint))
    };
    Ok(found.filter(is_meant).map(|user| Person { user, proof }))
}

/// The user is known: asks for the consent that is missing, else goes back to the client.
async fn proceed(
    sign_in: &SignIn,
    segment: &str,
    authorization: &Authorization,
    asked: &Asked,
    person: &Person,
) -> Result<Reply, Refusal> {
    let by = (&authorization.tenant, &authorization.client);
    let mut wanted = consent::missing(sign_in, by, &person.user.record, &asked.scopes).await?;
    if asked.prompt == Prompt::Consent {
        wanted = asked.scopes.permissions(&authorization.client);
    } else if wanted.is_empty() {
        return response::grant(sign_in, authorization, asked, (&person.user.record, &person.proof)).await;
    } else if asked.prompt == Prompt::None {
        let (client, name) = (authorization.client.id.clone(), authorization.client.display_name.clone());
        return Err(SignInFault::ConsentMissing { client, name }.into());
    }
    let aim = Aim::Authorize(authorization.endpoint(), authorization.form.encode());
    let ticket = Ticket::new(sign_in, segment, aim, by)?.proven(person.proof.clone());
    consent::page(sign_in, ticket, &person.user.record, &consent::Wish::of(&asked.scopes, wanted))
}

/// Goes on with what the ticket is for, now that the user is known.
async fn go_on(sign_in: &SignIn, ticket: &Ticket, tenant: Tenant, person: &Person) -> Result<Reply, Refusal> {
    match &ticket.aim {
        Aim::Authorize(endpoint, text) => {
            let form = Form::parse(text.as_bytes());
            let authorization = Authorization::of(sign_in, tenant, *endpoint, form).await?;
            let outcome = async {
                let asked = authorization.asked(sign_in).await?;
                proceed(sign_in, &ticket.segment, &authorization, &asked, person).await
            };
            Ok(outcome.await.unwrap_or_else(|refusal| response::refuse(sign_in, &authorization, refusal)))
        }
        Aim::AdminConsent(text) => {
            admin_consent::proceed(sign_in, &ticket.segment, tenant, text, person).await
        }
        // The device page asks for the password itself.
        Aim::Device(_) => Err(SignInFault::ForgedForm("ctx").into()),
    }
}

/// The consent page was answered.
pub(super) async fn consented(sign_in: &SignIn) -> Result<Reply, Refusal> {
    let ticket = Ticket::of(sign_in).await?;
    let proof = ticket.proof.clone().ok_or(SignInFault::ForgedForm("ctx"))?;
    let tenant = tenant_of_proof(sign_in, &proof).await?.ok_or(SignInFault::NotSignedIn)?;
    let user = sign_in.still_signed_in(&tenant, &proof).await?.ok_or(SignInFault::NotSignedIn)?;
    let person = Person { user, proof };
    match &ticket.aim {
        Aim::Authorize(endpoint, text) => {
            let form = Form::parse(text.as_bytes());
            let authorization = Authorization::of(sign_in, tenant, *endpoint, form).await?;
            let outcome = decide(sign_in, &ticket, &authorization, &person).await;
            Ok(outcome.unwrap_or_else(|refusal| response::refuse(sign_in, &authorization, refusal)))
        }
        Aim::AdminConsent(text) => admin_consent::decide(sign_in, &ticket, tenant, text, &person).await,
        Aim::Device(code) => super::device_login::consented(sign_in, &ticket, &tenant, code, &person).await,
    }
}

async fn decide(
    sign_in: &SignIn,
    ticket: &Ticket,
    authorization: &Authorization,
    person: &Person,
) -> Result<Reply, Refusal> {
    let asked = authorization.asked(sign_in).await?;
    let by = (&authorization.tenant, &authorization.client);
    let wanted = if asked.prompt == Prompt::Consent {
        asked.scopes.permissions(&authorization.client)
    } else {
        consent::missing(sign_in, by, &person.user.record, &asked.scopes).await?
    };
    let wish = consent::Wish::of(&asked.scopes, wanted);
    if consent::is_accepted(sign_in) && wish.exceeds(&ticket.shown) {
        return proceed(sign_in, &ticket.segment, authorization, &asked, person).await;
    }
    consent::decide(sign_in, by, &person.user.record, &wish).await?;
    response::grant(sign_in, authorization, &asked, (&person.user.record, &person.proof)).await
}

/// The tenant of an authorization request. Any tenant means, in this order, that of whoever is signed in, that of the
/// hints, the only one, or the first one that has the client.
async fn tenant(
    sign_in: &SignIn,
    segment: &str,
    form: &Form,
    proof: Option<&Proof>,
) -> Result<Tenant, Refusal> {
    let client = form.get("client_id").unwrap_or_default();
    match TenantSegment::of(segment) {
        TenantSegment::Named(name) => return sign_in.named_tenant(name).await,
        TenantSegment::Consumers => return Err(SignInFault::NoConsumers(client.to_owned()).into()),
        TenantSegment::Any => {}
    }
    let hinted = form.get("login_hint").map(str::to_owned);
    let hinted = hinted.or_else(|| form.get("domain_hint").map(|domain| format!("@{domain}")));
    if let (None, Some(proof)) = (&hinted, proof)
        && let Some(tenant) = tenant_of_proof(sign_in, proof).await?
        && sign_in.known_client(&tenant, client).await.is_ok()
    {
        return Ok(tenant);
    }
    match sign_in.tenant_of_user(hinted.as_deref()).await {
        Err(Refusal::Refused(SignInFault::NoTenant)) => {}
        outcome => return outcome,
    }
    for row in sign_in.view().scan(&tenant::all(), TENANTS).await?.rows {
        if sign_in.known_client(&row.record, client).await.is_ok() {
            return Ok(row.record);
        }
    }
    Err(SignInFault::NoTenant.into())
}

async fn tenant_of_proof(sign_in: &SignIn, proof: &Proof) -> Result<Option<Tenant>, Refusal> {
    let Some(id) = proof.tenant() else { return Ok(None) };
    tenant_of(sign_in, &id).await
}

async fn tenant_of(sign_in: &SignIn, id: &TenantId) -> Result<Option<Tenant>, Refusal> {
    Ok(sign_in.view().get(&tenant::key(id)).await?.map(|found| found.record))
}
