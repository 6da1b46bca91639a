//! Consent: what a client may do, in words, and what becomes of the answer. Users grant for themselves what Microsoft
//! lets users grant; administrators may grant everything, for themselves or for the whole organization.
//!
//! Source: "Introduction to permissions and consent" and "User and admin consent" of the Microsoft identity platform.

use std::fmt::Write;

use http::StatusCode;
use serde::{Deserialize, Serialize};
use slipway_identity::{ScopeRequest, SignInFault};
use slipway_model::{Client, Consent, ConsentGrant, Tenant, User};
use slipway_store::{Changeset, CommitError, Partition, Stored, View, client, consent, user};

use super::ticket::Ticket;
use crate::oauth::pages::{self, Forms, escape, words};
use crate::oauth::refusal::Refusal;
use crate::oauth::sign_in::SignIn;
use crate::reply::Reply;

/// How often a grant is decided anew when one of its rows has changed meanwhile.
const ATTEMPTS: usize = 4;

/// What a client wants to be granted.
#[derive(Clone)]
pub(in crate::oauth) struct Wish {
    /// Scopes about the user, which are only named.
    openid: Vec<String>,
    /// Delegated permissions.
    permissions: Vec<String>,
    /// Whether the permissions are for administrators to grant.
    restricted: bool,
    /// Application permissions, which only whole organizations grant.
    roles: Vec<String>,
    reach: Reach,
}

/// What a page showed of a wish: what its answer is about, whatever the client has come to want since.
#[derive(Default, Deserialize, Serialize)]
pub(in crate::oauth) struct Shown {
    permissions: Vec<String>,
    roles: Vec<String>,
}

/// For whom is granted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The user alone, or everyone if an administrator says so.
    Asked,
    /// Everyone.
    Everyone,
}

impl Wish {
    /// These permissions, with what else of the request is worth naming.
    pub(in crate::oauth) fn of(scopes: &ScopeRequest, permissions: Vec<String>) -> Self {
        let openid = scopes.openid().map(str::to_owned).collect();
        let restricted = scopes.needs_administrator(&permissions);
        Self { openid, permissions, restricted, roles: Vec::new(), reach: Reach::Asked }
    }

    /// These permissions for everyone.
    pub(super) fn for_everyone(permissions: Vec<String>, roles: Vec<String>) -> Self {
        Self { openid: Vec::new(), permissions, restricted: true, roles, reach: Reach::Everyone }
    }

    /// What a page shows of it.
    pub(super) fn shown(&self) -> Shown {
        Shown { permissions: self.permissions.clone(), roles: self.roles.clone() }
    }

    /// Whether there is more in it than the page showed.
    pub(in crate::oauth) fn exceeds(&self, shown: &Shown) -> bool {
        self.permissions.iter().any(|name| !shown.permissions.contains(name))
            || self.roles.iter().any(|name| !shown.roles.contains(name))
    }

    /// Whether the user may grant it, to begin with for themselves.
    fn is_grantable_by(&self, user: &User) -> bool {
        let needs = self.reach == Reach::Everyone || self.restricted;
        (!needs || may_grant(user)) && (self.roles.is_empty() || may_grant_roles(user))
    }
}

/// Permissions of the request that are not consented to yet.
pub(in crate::oauth) async fn missing(
    sign_in: &SignIn,
    (tenant, client): (&Tenant, &Client),
    user: &User,
    scopes: &ScopeRequest,
) -> Result<Vec<String>, Refusal> {
    let key = consent::key(&Partition::of(tenant), &client.id, &user.id);
    let own = sign_in.view().get(&key).await?.map(|found| found.record);
    Ok(scopes.unconsented(client, user, own.as_ref()))
}

/// The consent page, or the one that sends the user to an administrator.
pub(in crate::oauth) fn page(
    sign_in: &SignIn,
    ticket: Ticket,
    user: &User,
    wish: &Wish,
) -> Result<Reply, Refusal> {
    let (browser, ticket) = (sign_in.browser(), ticket.showing(wish));
    let field = ticket.field(sign_in, &browser)?;
    let (to, upn) = (escape(&ticket.to), escape(user.user_principal_name.as_str()));
    let mut html = format!("<p class=\"quiet\">{upn}</p>");
    let action = escape(&ticket.path("consent"));
    if !wish.is_grantable_by(user) {
        let fault = SignInFault::AdminConsentMissing;
        // Writing to a String cannot fail.
        let _ = write!(
            html,
            "<p role=\"alert\"><strong>{to}</strong> needs permissions that only an administrator can grant. Ask one \
             to grant them to this app.</p>{}<p class=\"quiet\">AADSTS{}</p>\
             <form method=\"post\" action=\"{action}\">{field}\
             <button name=\"answer\" value=\"cancel\">Return without granting</button></form>",
            list(wish),
            fault.number()
        );
        let page = pages::page(StatusCode::OK, "Need admin approval", &html, Forms::LeadOn);
        return Ok(browser.remember(page));
    }
    let _ = write!(html, "<p><strong>{to}</strong> wants to:</p>{}", list(wish));
    let _ = write!(html, "<form method=\"post\" action=\"{action}\">{field}");
    match wish.reach {
        Reach::Everyone => html.push_str("<p>You grant this for everyone in your organization.</p>"),
        Reach::Asked if may_grant(user) => html.push_str(
            "<label class=\"choice\"><input type=\"checkbox\" name=\"everyone\" value=\"true\"> \
             <span>Consent on behalf of your organization</span></label>",
        ),
        Reach::Asked => {}
    }
    html.push_str(
        "<button class=\"main\" name=\"answer\" value=\"accept\">Accept</button>\
         <button name=\"answer\" value=\"cancel\">Cancel</button></form>",
    );
    Ok(browser.remember(pages::page(StatusCode::OK, "Permissions requested", &html, Forms::LeadOn)))
}

fn list(wish: &Wish) -> String {
    let mut html = "<ul>".to_owned();
    let mut item = |name: &str, note: &str| {
        let words = escape(&words::of(name));
        let _ = write!(html, "<li>{words}{note}<br><span class=\"quiet\">{}</span></li>", escape(name));
    };
    for name in &wish.roles {
        item(name, ", without a signed-in user");
    }
    for name in wish.permissions.iter().chain(&wish.openid) {
        item(name, "");
    }
    html.push_str("</ul>");
    html
}

/// Does what the page was answered.
///
/// # Errors
/// [`SignInFault::AuthorizationDeclined`] when the user cancelled; [`SignInFault::AdminConsentMissing`] when it is not
/// the user's to grant.
pub(in crate::oauth) async fn decide(
    sign_in: &SignIn,
    (tenant, client): (&Tenant, &Client),
    proven: &User,
    wish: &Wish,
) -> Result<(), Refusal> {
    let reach = match sign_in.form.get("everyone") {
        Some("true") => Reach::Everyone,
        _ => wish.reach,
    };
    let wish = Wish { reach, ..wish.clone() };
    let partition = Partition::of(tenant);
    for _ in 0..ATTEMPTS {
        let user = sign_in.still_proven(&partition, proven).await?;
        if !wish.is_grantable_by(&user.record) {
            return Err(SignInFault::AdminConsentMissing.into());
        }
        if !is_accepted(sign_in) {
            return Err(SignInFault::AuthorizationDeclined.into());
        }
        let view = sign_in.view();
        let found = view.get(&client::key(&partition, &client.id)).await?;
        let unknown =
            || SignInFault::UnknownClient { client: client.id.to_string(), tenant: tenant.id.clone() };
        let changes = granted(&view, &partition, &found.ok_or_else(unknown)?, &user, &wish).await?;
        match sign_in.server().store().commit(changes).await {
            Ok(_) => return Ok(()),
            Err(CommitError::Conflict(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refusal::Busy("the user, the client or the consent kept changing"))
}

/// Whether the page's answer is yes.
pub(in crate::oauth) fn is_accepted(sign_in: &SignIn) -> bool {
    sign_in.form.get("answer") == Some("accept")
}

/// The wish granted, if user, client and consent stay as they are.
async fn granted(
    view: &View,
    partition: &Partition,
    client: &Stored<Client>,
    user: &Stored<User>,
    wish: &Wish,
) -> Result<Changeset, Refusal> {
    let (client_key, user_key) =
        (client::key(partition, &client.record.id), user::key(partition, &user.record.id));
    let changes = Changeset::new("grant consent")
        .expect_revision(&client_key, client.revision)
        .expect_revision(&user_key, user.revision);
    if wish.reach == Reach::Everyone {
        let mut record = client.record.clone();
        add(&mut record.application_permissions, &wish.roles);
        // As in Entra: what is granted in a tenant needs something there to be granted to.
        record.has_service_principal = true;
        match record.delegated_permissions.iter_mut().find(|grant| grant.user.is_none()) {
            Some(grant) => add(&mut grant.scopes, &wish.permissions),
            None if wish.permissions.is_empty() => {}
            None => record
                .delegated_permissions
                .push(ConsentGrant { user: None, scopes: wish.permissions.clone() }),
        }
        return Ok(changes.put(partition, &record));
    }
    let key = consent::key(partition, &client.record.id, &user.record.id);
    let (mut record, changes) = if let Some(found) = view.get(&key).await? {
        (found.record, changes.expect_revision(&key, found.revision))
    } else {
        let (client, user) = (client.record.id.clone(), user.record.id.clone());
        (Consent { client, user, scopes: Vec::new() }, changes.expect_absent(&key))
    };
    add(&mut record.scopes, &wish.permissions);
    Ok(changes.put(partition, &record))
}

fn add(known: &mut Vec<String>, names: &[String]) {
    for name in names {
        if !known.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            known.push(name.clone());
        }
    }
}

/// Whether the user administers applications, and so may grant delegated permissions to any of them, for everyone.
fn may_grant(user: &User) -> bool {
    has_role(user, &[User::APPLICATION_ADMINISTRATOR, User::CLOUD_APPLICATION_ADMINISTRATOR])
        || may_grant_roles(user)
}

/// Whether the user may grant application permissions of Graph.
fn may_grant_roles(user: &User) -> bool {
    has_role(user, &[User::GLOBAL_ADMINISTRATOR, User::PRIVILEGED_ROLE_ADMINISTRATOR])
}

fn has_role(user: &User, roles: &[&str]) -> bool {
    user.directory_roles.iter().any(|held| roles.iter().any(|role| role.eq_ignore_ascii_case(held)))
}
