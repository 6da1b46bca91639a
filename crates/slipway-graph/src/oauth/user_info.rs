//! `/oidc/userinfo`: who the user of a token for Graph is.
//!
//! Source: "Microsoft identity platform user info endpoint".

use http::header::{ALLOW, HeaderValue};
use http::{Method, StatusCode};
use serde::Serialize;
use slipway_identity::Mint;
use slipway_store::{Partition, client, user};

use crate::door::Arrival;
use crate::fault::{Fault, FaultKind};
use crate::payload::Payload;
use crate::reply::{Content, Reply};
use crate::who;

const PATH: &str = "/oidc/userinfo";

const METHODS: [Method; 2] = [Method::GET, Method::POST];

#[derive(Serialize)]
struct UserInfo<'a> {
    sub: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    family_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    given_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    picture: String,
}

/// Whether the path is this one's.
pub(crate) fn is_at(path: &str) -> bool {
    path.trim_end_matches('/').eq_ignore_ascii_case(PATH)
}

pub(crate) async fn answer(arrival: Arrival, mut body: Payload) -> Result<Reply, Fault> {
    body.drain().await;
    let Arrival { server, parts, base, now } = &arrival;
    if !METHODS.contains(&parts.method) {
        let reply = Reply::new(StatusCode::METHOD_NOT_ALLOWED, Content::Empty);
        return Ok(reply.with_header(ALLOW, HeaderValue::from_static("GET, POST")));
    }
    let view = server.store().view();
    let (caller, tenant) = who::authenticate(server, &parts.headers, &view).await?;
    let partition = Partition::of(&tenant.record);
    let user = match caller.user.as_ref().filter(|_| caller.names.iter().any(|name| name == "openid")) {
        Some(id) => view.get(&user::key(&partition, id)).await?,
        None => None,
    };
    let client = view.get(&client::key(&partition, &caller.client)).await?;
    let (Some(user), Some(client)) = (user, client) else {
        let refused = br#"{"error":"insufficient_scope","error_description":"The token has no user, or no scope openid."}"#;
        return Ok(Reply::new(StatusCode::FORBIDDEN, Content::Json(refused.to_vec())));
    };
    let mint = Mint { tenant: &caller.tenant, client: &client.record, now: *now, uti: "", session: None };
    let user = &user.record;
    let info = UserInfo {
        sub: &mint.pairwise(user),
        name: &user.display_name,
        family_name: user.surname.as_deref(),
        given_name: user.given_name.as_deref(),
        email: user.mail.as_deref(),
        picture: format!("{base}/v1.0/me/photo/$value"),
    };
    let json = serde_json::to_vec(&info).map_err(|error| FaultKind::Internal.because(error.to_string()))?;
    Ok(Reply::new(StatusCode::OK, Content::Json(json)))
}
