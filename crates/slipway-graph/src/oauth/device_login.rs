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
use slipway_store::{
    Changeset, CommitError, DeviceGrant, GrantState, Partition, Stored, client, device_grant,
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

/// What the user did with the sign-in.
struct Answered {
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

/// Checks the user, then the code, so that only users learn which codes are about; then keeps the answer.
async fn answered(sign_in: &SignIn) -> Result<Answered, Refusal> {
    let typed = sign_in.form.require("code")?;
    let (name, password) = (sign_in.form.require("username")?, sign_in.form.require("password")?);
    let tenant = sign_in.tenant_of_user(Some(name.trim())).await?;
    let user = sign_in.proven_user(&tenant, name, password).await?;
    let partition = Partition::of(&tenant);
    let Stored { record, revision } = pending(sign_in, &partition, typed).await?;
    let client = sign_in.view.get(&client::key(&partition, &record.client)).await?;
    let client = client.ok_or(SignInFault::UnknownUserCode)?.record;
    let state = match sign_in.form.get("answer") {
        Some("decline") => GrantState::Declined,
        _ => GrantState::Approved(user.id),
    };
    let key = device_grant::key(&partition, &record.device_code_hash);
    let changeset = Changeset::new("answer a device code")
        .expect_revision(&key, revision)
        .put(&partition, &DeviceGrant { state: state.clone(), ..record });
    match sign_in.server().store().commit(changeset).await {
        Ok(_) => Ok(Answered { client: client.display_name, state }),
        // Somebody else answered it in the meantime.
        Err(CommitError::Conflict(_)) => Err(SignInFault::UnknownUserCode.into()),
        Err(error) => Err(error.into()),
    }
}

/// The sign-in that waits under the code; blanks, hyphens and case do not matter.
async fn pending(
    sign_in: &SignIn,
    partition: &Partition,
    typed: &str,
) -> Result<Stored<DeviceGrant>, Refusal> {
    let code: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    let key = device_grant::by_user_code(partition, &code.to_ascii_uppercase());
    let found = sign_in.view.find(&key).await?;
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
         <label for=\"code\">Code</label>\
         <input id=\"code\" name=\"code\" value=\"{}\" required autofocus autocomplete=\"off\" \
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
        typed("code"),
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
