//! The sign-in page, and what comes of it: a user name with its password, or, in mode `lab`, a user who was picked.

use std::fmt::Write;

use http::StatusCode;
use slipway_identity::SignInFault;
use slipway_model::{Tenant, TenantId, User, UserId};
use slipway_store::{Partition, Stored, user};

use super::ticket::Ticket;
use super::{Person, go_on, tenant_of};
use crate::Mode;
use crate::oauth::browser::Proof;
use crate::oauth::pages::{self, Focus, Forms, escape};
use crate::oauth::refusal::Refusal;
use crate::oauth::sign_in::SignIn;
use crate::oauth::tenant::TenantSegment;
use crate::reply::Reply;

/// Most users of whom one is picked without searching.
const SHOWN: usize = 12;

/// How a user proves themselves.
#[derive(Clone, Copy)]
pub(in crate::oauth) enum Means {
    /// With a password.
    Password,
    /// Not at all: somebody who tests picks them.
    Pick,
}

/// The page, with what was typed as user name, and with the fault of the last attempt.
pub(super) async fn page(
    sign_in: &SignIn,
    ticket: &Ticket,
    typed: &str,
    fault: Option<&SignInFault>,
) -> Result<Reply, Refusal> {
    let browser = sign_in.browser();
    let field = ticket.field(sign_in, &browser)?;
    let mut html = format!("<p>to continue to <strong>{}</strong></p>", escape(&ticket.to));
    if let Some(fault) = fault {
        pages::alert(&mut html, &pages::explain(fault), fault);
    }
    // Writing to a String cannot fail.
    let _ = write!(
        html,
        "<form method=\"post\" action=\"{}\">{field}{}<button class=\"main\">Sign in</button></form>",
        escape(&ticket.path("login")),
        pages::credentials(typed, Focus::UserName)
    );
    if sign_in.server().settings().mode == Mode::Lab {
        html.push_str(&people(sign_in, ticket, &field).await?);
    }
    let status = if fault.is_some() { StatusCode::BAD_REQUEST } else { StatusCode::OK };
    Ok(browser.remember(pages::page(status, "Sign in", &html, Forms::LeadOn)))
}

/// Users to pick: those whose names begin with what was searched for.
async fn people(sign_in: &SignIn, ticket: &Ticket, field: &str) -> Result<String, Refusal> {
    let Ok(id) = TenantId::parse(&ticket.tenant) else { return Ok(String::new()) };
    let Some(tenant) = tenant_of(sign_in, &id).await? else { return Ok(String::new()) };
    let find = sign_in.form.get("find").unwrap_or_default().trim();
    let range = user::principal_names(&Partition::of(&tenant), find);
    let found = sign_in.view().scan(&range, SHOWN).await?;
    let mut html = format!(
        "<section class=\"people\"><h2>Or pick a user (lab)</h2>\
         <form method=\"post\" action=\"{}\">{field}\
         <label for=\"find\">User name begins with</label>\
         <input id=\"find\" name=\"find\" value=\"{}\" autocomplete=\"off\"><button>Search</button></form>\
         <form method=\"post\" action=\"{}\">{field}",
        escape(&ticket.path("pick")),
        escape(find),
        escape(&ticket.path("pick"))
    );
    for User { id, user_principal_name, display_name, .. } in found.rows.iter().map(|row| &row.record) {
        let _ = write!(
            html,
            "<button name=\"user\" value=\"{}\">{}<br><span class=\"quiet\">{}</span></button>",
            escape(id.as_str()),
            escape(display_name),
            escape(user_principal_name.as_str())
        );
    }
    if found.rows.is_empty() {
        html.push_str("<p>Nobody has such a user name.</p>");
    } else if found.next.is_some() {
        html.push_str("<p class=\"quiet\">There are more: search for them.</p>");
    }
    html.push_str("</form></section>");
    Ok(html)
}

/// The page's form came back.
pub(in crate::oauth) async fn answer(sign_in: &SignIn, means: Means) -> Result<Reply, Refusal> {
    let ticket = Ticket::of(sign_in).await?;
    if ticket.proof.is_some() {
        return Err(SignInFault::ForgedForm("ctx").into());
    }
    if matches!(means, Means::Pick) && sign_in.form.get("user").is_none() {
        return page(sign_in, &ticket, "", None).await;
    }
    let proven = match means {
        Means::Password => by_password(sign_in, &ticket).await,
        Means::Pick => picked(sign_in, &ticket).await,
    };
    match proven {
        Ok((tenant, user)) => {
            let proof = match means {
                Means::Password => Proof::of(&tenant, &user.record, sign_in.now()),
                Means::Pick => Proof::of_picked(&tenant, &user.record, sign_in.now()),
            };
            let person = Person { user, proof };
            let reply = go_on(sign_in, &ticket, tenant, &person).await?;
            sign_in.keep_signed_in(&person.proof, reply)
        }
        Err(refusal @ Refusal::Refused(_)) => {
            let fault = sign_in.logged(refusal);
            page(sign_in, &ticket, sign_in.form.get("username").unwrap_or_default(), Some(&fault)).await
        }
        Err(refusal) => Err(refusal),
    }
}

async fn by_password(sign_in: &SignIn, ticket: &Ticket) -> Result<(Tenant, Stored<User>), Refusal> {
    let (name, password) = (sign_in.form.require("username")?, sign_in.form.require("password")?);
    let tenant = match TenantSegment::of(&ticket.segment) {
        TenantSegment::Named(tenant) => sign_in.named_tenant(tenant).await?,
        _ => sign_in.tenant_of_user(Some(name.trim())).await?,
    };
    let user = sign_in.proven_user(&tenant, name, password).await?;
    Ok((tenant, user))
}

async fn picked(sign_in: &SignIn, ticket: &Ticket) -> Result<(Tenant, Stored<User>), Refusal> {
    let id = TenantId::parse(&ticket.tenant).map_err(|_| SignInFault::ForgedForm("ctx"))?;
    let tenant = tenant_of(sign_in, &id).await?.ok_or(SignInFault::ForgedForm("ctx"))?;
    let unknown = || SignInFault::UnknownUser(tenant.id.clone());
    let id = UserId::parse(sign_in.form.require("user")?).map_err(|_| unknown())?;
    let key = user::key(&Partition::of(&tenant), &id);
    let user = sign_in.view().get(&key).await?.ok_or_else(unknown)?;
    if !user.record.account_enabled {
        return Err(SignInFault::UserDisabled.into());
    }
    Ok((tenant, user))
}
