//! The pages that people see at sign-in: one frame for all of them. They need no script, and nothing that was sent is in
//! them but as text.

pub(super) mod words;

use std::fmt::Write;
use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use slipway_identity::SignInFault;

use super::sign_in::SignIn;
use crate::reply::{Content, Reply};

const STYLE: &str = ":root{color-scheme:light dark}\
body{font:1.05rem/1.5 system-ui,sans-serif;margin:0;background:Canvas;color:CanvasText}\
main{max-width:26rem;margin:8vh auto;padding:1.5rem 2rem;border:1px solid #8886;border-radius:.5rem}\
h1{font-size:1.5rem;margin:0 0 1rem}h2{font-size:1.05rem;margin:1.5rem 0 .5rem}\
label{display:block;margin-top:1rem}label.choice{display:flex;gap:.5rem;align-items:baseline}\
input:not([type=checkbox]){font:inherit;width:100%;box-sizing:border-box;padding:.4rem}\
button{font:inherit;margin:1.5rem .5rem 0 0;padding:.4rem 1.2rem;cursor:pointer}\
button.main{background:#0b5cad;color:#fff;border:1px solid #0b5cad;border-radius:.2rem}\
.people button{display:block;width:100%;margin:.3rem 0;text-align:left}\
.error{border-left:.3rem solid #c0392b;padding:.3rem .8rem}\
.quiet{opacity:.75;font-size:.9rem;overflow-wrap:anywhere}";

/// Sends the form of the page on at once; without scripts its button does.
const SEND: &str = "document.forms[0].submit()";

/// What a page's forms may do.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Forms {
    /// Go to this server.
    Own,
    /// Go to this server, whose answer sends the browser on to the client. Browsers hold such answers, and where the
    /// client sends them in turn, against `form-action`; so there is none.
    LeadOn,
    /// Go to the client, by script.
    Post,
}

/// No image, no frame, no script but ours, and no style but the one above.
fn policy(forms: Forms) -> HeaderValue {
    static POLICIES: LazyLock<[HeaderValue; 3]> = LazyLock::new(|| {
        let hash = |text: &str| STANDARD.encode(digest(&SHA256, text.as_bytes()));
        let common = format!(
            "default-src 'none'; style-src 'sha256-{}'; frame-ancestors 'none'; base-uri 'none'",
            hash(STYLE)
        );
        let own = format!("{common}; form-action 'self'");
        let post = format!("{common}; script-src 'sha256-{}'", hash(SEND));
        let none = HeaderValue::from_static("default-src 'none'");
        [own, common, post].map(|text| HeaderValue::from_str(&text).unwrap_or(none.clone()))
    });
    let [own, lead_on, post] = &*POLICIES;
    match forms {
        Forms::Own => own.clone(),
        Forms::LeadOn => lead_on.clone(),
        Forms::Post => post.clone(),
    }
}

/// A page with this title and content, which is HTML.
pub(super) fn page(status: StatusCode, title: &str, main: &str, forms: Forms) -> Reply {
    let script = if forms == Forms::Post { format!("<script>{SEND}</script>") } else { String::new() };
    let title = escape(title);
    let html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title} - Slipway</title>\
         <style>{STYLE}</style></head><body><main><h1>{title}</h1>{main}</main>{script}</body></html>\n"
    );
    Reply::new(status, Content::Html(html))
        .with_header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
        .with_header(CONTENT_SECURITY_POLICY, policy(forms))
        .with_header(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"))
        .with_header(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"))
        // Not `no-referrer`: browsers would leave the origin out of what the form sends.
        .with_header(REFERRER_POLICY, HeaderValue::from_static("same-origin"))
}

/// A page that says why a request is refused, for the developer in front of it.
pub(super) fn fault_page(sign_in: &SignIn, fault: &SignInFault) -> Reply {
    let status = StatusCode::from_u16(fault.status()).unwrap_or(StatusCode::BAD_REQUEST);
    let status = if status == StatusCode::UNAUTHORIZED { StatusCode::BAD_REQUEST } else { status };
    let description = escape(&fault.description(&sign_in.trace()));
    let main = format!(
        "<p role=\"alert\" class=\"error\">Sorry, but we're having trouble signing you in.</p>\
         <p class=\"quiet\">{description}</p>"
    );
    page(status, "Sign in", &main, Forms::Own)
}

/// A fault above a form, in words for the user.
pub(super) fn alert(html: &mut String, text: &str, fault: &SignInFault) {
    let text = escape(text);
    // Writing to a String cannot fail.
    let _ = write!(html, "<p class=\"error\" role=\"alert\">{text} (AADSTS{})</p>", fault.number());
}

/// What a form puts the cursor into.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Focus {
    /// The user name.
    UserName,
    /// A field above it.
    Above,
}

/// The fields of a user name, with what was typed, and of its password.
pub(super) fn credentials(typed: &str, focus: Focus) -> String {
    let autofocus = if focus == Focus::UserName { " autofocus" } else { "" };
    format!(
        "<label for=\"username\">User name</label>\
         <input id=\"username\" name=\"username\" value=\"{}\" type=\"email\" required{autofocus} \
         autocomplete=\"username\" placeholder=\"name@contoso.example\">\
         <label for=\"password\">Password</label>\
         <input id=\"password\" name=\"password\" type=\"password\" required \
         autocomplete=\"current-password\">",
        escape(typed)
    )
}

/// A field that people do not see.
pub(super) fn hidden(name: &str, value: &str) -> String {
    format!("<input type=\"hidden\" name=\"{}\" value=\"{}\">", escape(name), escape(value))
}

/// Text for an element or a quoted attribute.
pub(super) fn escape(text: &str) -> String {
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

/// The fault in words for the user in front of the page, where Entra's are for developers.
pub(super) fn explain(fault: &SignInFault) -> String {
    match fault {
        SignInFault::MissingParameter(_) => "Please fill in every field.".to_owned(),
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
