//! The way back to the client: with a code, an id token or an error, in the query, the fragment, or a form.

use http::StatusCode;
use http::header::{CACHE_CONTROL, HeaderValue, LOCATION, REFERRER_POLICY};
use slipway_identity::{IdToken, Mint, Purpose, client_info, issuer};
use slipway_model::User;
use slipway_store::{Changeset, Partition, PendingCode, Session, SessionState};

use super::request::{Asked, Authorization, ResponseMode};
use crate::oauth::browser::Proof;
use crate::oauth::pages::{self, Forms};
use crate::oauth::refusal::Refusal;
use crate::oauth::session::{CodeText, Holder, Lasting, expiry};
use crate::oauth::sign_in::SignIn;
use crate::reply::{Content, Reply};

/// Sends the browser back with what was asked for. The session is kept before the code goes out.
pub(super) async fn grant(
    sign_in: &SignIn,
    authorization: &Authorization,
    asked: &Asked,
    (user, proof): (&User, &Proof),
) -> Result<Reply, Refusal> {
    let Authorization { tenant, client, .. } = authorization;
    let session = Session {
        id: sign_in.server().ids().guid(),
        client: client.id.clone(),
        user: user.id.clone(),
        scopes: asked.scopes.texts(),
        state: SessionState::Code(PendingCode {
            redirect_uri: authorization.uri.clone(),
            challenge: asked.challenge.clone(),
            nonce: asked.nonce.clone(),
        }),
        signed_in_at: proof.at(),
        expires_at: expiry(&Lasting::Code, sign_in.now()),
    };
    let mut fields = Vec::new();
    let code = if asked.response.has_code() {
        let code = sign_in.seal(
            Purpose::Code,
            "",
            &CodeText {
                tenant: tenant.id.as_str().to_owned(),
                session: session.id.clone(),
                at: sign_in.now().as_second(),
                password: proof.mark().to_owned(),
                holder: Holder::from(authorization.platform),
            },
        )?;
        let changes = Changeset::new("give out a code");
        let changes = sign_in.begin(changes, &Partition::of(tenant), &session).await?;
        sign_in.server().store().commit(changes).await?;
        fields.push(("code", code.clone()));
        Some(code)
    } else {
        None
    };
    if asked.response.has_id_token() {
        let (keys, uti) = (sign_in.server().keys().ring(), sign_in.server().ids().uti());
        let mint =
            Mint { tenant: &tenant.id, client, now: sign_in.now(), uti: &uti, session: Some(&session.id) };
        let issuer = issuer(sign_in.base(), &tenant.id);
        let said = IdToken {
            issuer: &issuer,
            nonce: asked.nonce.as_deref(),
            signed_in_at: Some(proof.at()),
            code: code.as_deref(),
        };
        fields.push(("id_token", keys.id_token(&mint, user, &said)?));
    }
    if authorization.form.get("client_info") == Some("1") {
        fields.push(("client_info", client_info(&tenant.id, user)));
    }
    fields.extend(authorization.state().map(|state| ("state", state.to_owned())));
    fields.push(("session_state", session.id));
    Ok(back(&authorization.uri, authorization.mode, &fields))
}

/// Sends the browser back with the refusal.
pub(super) fn refuse(sign_in: &SignIn, authorization: &Authorization, refusal: Refusal) -> Reply {
    let fault = sign_in.logged(refusal);
    let mut fields = vec![
        ("error", fault.redirected_error().to_owned()),
        ("error_description", fault.description(&sign_in.trace())),
        ("error_uri", format!("https://login.microsoftonline.com/error?code={}", fault.number())),
    ];
    fields.extend(authorization.state().map(|state| ("state", state.to_owned())));
    back(&authorization.uri, authorization.mode, &fields)
}

/// Sends the browser to a registered address with these fields.
pub(in crate::oauth) fn back(uri: &str, mode: ResponseMode, fields: &[(&str, String)]) -> Reply {
    if mode == ResponseMode::FormPost {
        return posted(uri, fields);
    }
    let fields = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let separator = match mode {
        ResponseMode::Fragment => "#",
        _ if uri.contains('?') => "&",
        _ => "?",
    };
    redirect(&format!("{uri}{separator}{fields}"))
}

/// Sends the browser to a registered address.
pub(in crate::oauth) fn redirect(uri: &str) -> Reply {
    let Ok(location) = HeaderValue::from_str(uri) else {
        let main = "<p role=\"alert\">The address of the app cannot be opened.</p>";
        return pages::page(StatusCode::BAD_REQUEST, "Sign in", main, Forms::Own);
    };
    Reply::new(StatusCode::FOUND, Content::Empty)
        .with_header(LOCATION, location)
        .with_header(CACHE_CONTROL, HeaderValue::from_static("no-store"))
        .with_header(REFERRER_POLICY, HeaderValue::from_static("no-referrer"))
}

/// A page whose form goes to the client. Source: "OAuth 2.0 Form Post Response Mode".
fn posted(uri: &str, fields: &[(&str, String)]) -> Reply {
    let fields: String = fields.iter().map(|(name, value)| pages::hidden(name, value)).collect();
    let main = format!(
        "<form method=\"post\" action=\"{}\">{fields}<p>You are signed in.</p>\
         <button class=\"main\">Continue</button></form>",
        pages::escape(uri)
    );
    pages::page(StatusCode::OK, "Signing in", &main, Forms::Post)
}
