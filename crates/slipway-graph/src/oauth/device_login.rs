//! `/devicelogin`: the page on which a user types the code that a device shows, and signs in.

use std::fmt::Write;
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use http::{Method, StatusCode};
use slipway_identity::SignInFault;
use slipway_model::User;
use slipway_store::{
    Changeset, CommitError, DeviceGrant, GrantState, Partition, Stored, View, client, device_grant, user,
};

use super::refusal::Refusal;
use super::sign_in::SignIn;
use crate::reply::{Content, Reply};

const STYLE: &str = "body{font:1.1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem}\
label{display:block;margin-top:1rem}\
input{font:inherit;width:100%;box-sizing:border-box;padding:.4rem}\
button{font:inherit;margin:1.5rem .5rem 0 0;padding:.4rem 1rem}\
.error{border-left:.3rem solid #b00020;padding:.3rem .8rem}";

/// No script, no image, no frame, and no style but the one above.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'"
    );
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// How often an answer is decided anew when one of its rows has changed meanwhile.
const ATTEMPTS: usize = 4;

/// What the user did with the sign-in.
pub(super) struct Answered {
    client: String,
    state: GrantState,
}

pub(super) async fn answer(sign_in: &SignIn) -> Reply {
    if sign_in.arrival.parts.method == Method::GET {
        return page(StatusCode::OK, "Sign in", &form(sign_in, None));
    }
    match answered(sign_in).await {
        Ok(Answered { client, state: GrantState::Declined }) => {
            let text = format!("<p>{} was not given access. You can close this page.</p>", escape(&client));
            page(StatusCode::OK, "Sign-in declined", &text)
        }
        Ok(Answered { client, .. }) => {
            let text = format!("<p>You have signed in to {}. You can close this page.</p>", escape(&client));
            page(StatusCode::OK, "Signed in", &text)
        }
        Err(refusal) => {
            let fault = sign_in.logged(refusal);
            let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::BAD_REQUEST);
            page(status, "Sign in", &form(sign_in, Some(&fault)))
        }
    }
}

/// Checks the user, then the code, so that only users learn which codes are about and each guess at one costs a
/// password check; then keeps the answer.
async fn answered(sign_in: &SignIn) -> Result<Answered, Refusal> {
    let typed = sign_in.form.require("user_code")?;
    let (name, password) = (sign_in.form.require("username")?, sign_in.form.require("password")?);
    let tenant = sign_in.tenant_of_user(Some(name.trim())).await?;
    let partition = Partition::of(&tenant);
    let mut user = sign_in.proven_user(&tenant, name, password).await?;
    for _ in 0..ATTEMPTS {
        let (answered, changeset) = decided(sign_in, &partition, typed, &user).await?;
        match sign_in.server().store().commit(changeset).await {
            Ok(_) => return Ok(answered),
            Err(CommitError::Conflict(_)) => {
                user = sign_in.still_proven(&partition, &user.record).await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Refusal::Busy("the user, the client or the device code kept changing"))
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
    let state = match sign_in.form.get("answer") {
        Some("decline") => GrantState::Declined,
        _ => GrantState::Approved(user.record.id.clone()),
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
    let typed = |name| escape(sign_in.form.get(name).unwrap_or_default());
    let mut html = String::new();
    if let Some(fault) = fault {
        let text = escape(&explain(fault));
        // Writing to a String cannot fail.
        let _ = write!(html, "<p class=\"error\" role=\"alert\">{text} (AADSTS{})</p>", fault.number());
    }
    let _ = write!(
        html,
        "<p>Enter the code that your app or device shows, only if you started the sign-in yourself.</p>\
         <form method=\"post\" action=\"/devicelogin\">\
         <label for=\"user_code\">Code</label>\
         <input id=\"user_code\" name=\"user_code\" value=\"{}\" required autofocus autocomplete=\"off\" \
         autocapitalize=\"characters\" spellcheck=\"false\">\
         <label for=\"username\">User name</label>\
         <input id=\"username\" name=\"username\" value=\"{}\" type=\"email\" required \
         autocomplete=\"username\" placeholder=\"name@contoso.example\">\
         <label for=\"password\">Password</label>\
         <input id=\"password\" name=\"password\" type=\"password\" required \
         autocomplete=\"current-password\">\
         <button name=\"answer\" value=\"approve\">Sign in</button>\
         <button name=\"answer\" value=\"decline\">Decline</button>\
         </form>",
        typed("user_code"),
        typed("username")
    );
    html
}

/// The fault in words for the user in front of the page, where Entra's are for developers.
fn explain(fault: &SignInFault) -> String {
    match fault {
        SignInFault::MissingParameter(_) => "Please fill in all three fields.".to_owned(),
        SignInFault::UnknownUserCode => {
            "That code is not waiting for anybody. Check it, or start again on the device.".to_owned()
        }
        SignInFault::UserCodeExpired => "That code has expired. Start again on the device.".to_owned(),
        SignInFault::UnknownUser(_) | SignInFault::NoTenant => {
            "There is no account with this user name.".to_owned()
        }
        SignInFault::WrongPassword => "The password is not right.".to_owned(),
        SignInFault::AccountLocked => "Too many wrong passwords. Wait a minute, then try again.".to_owned(),
        fault => fault.to_string(),
    }
}

fn page(status: StatusCode, title: &str, main: &str) -> Reply {
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title} - Slipway</title>\
         <style>{STYLE}</style></head><body><main><h1>{title}</h1>{main}</main></body></html>\n"
    );
    Reply::new(status, Content::Html(html))
        .with_header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
        .with_header(CONTENT_SECURITY_POLICY, POLICY.clone())
        .with_header(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"))
        .with_header(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
        .with_header(REFERRER_POLICY, HeaderValue::from_static("no-referrer"))
}

/// Text for an element or a quoted attribute.
fn escape(text: &str) -> String {
    let mut html = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            _ => html.push(c),
        }
    }
    html
}
