//! Documents that tell clients where things are: OpenID configuration, keys, instance and user realm.

use http::StatusCode;
use http::uri::Uri;
use serde::Serialize;
use slipway_identity::SignInFault;

use super::authorize::Endpoint;
use super::form::Form;
use super::refusal::Refusal;
use super::sign_in::{self, SignIn};
use super::tenant::TenantSegment;
use crate::reply::Reply;

/// Which document.
pub(super) enum Discovery {
    /// `/{tenant}/v2.0/.well-known/openid-configuration`, and without `v2.0` that of the older endpoints.
    OpenId(String, Endpoint),
    /// `/{tenant}/discovery/v2.0/keys`, and `/{tenant}/discovery/keys`: the same keys.
    Keys,
    /// `/common/discovery/instance`
    Instance,
    /// `/common/userrealm/{user}`
    UserRealm(String),
}

pub(super) async fn answer(sign_in: &SignIn, document: &Discovery) -> Result<Reply, Refusal> {
    match document {
        Discovery::OpenId(segment, endpoint) => open_id(sign_in, segment, *endpoint).await,
        Discovery::Keys => {
            let keys = sign_in.server().keys();
            keys.refresh().await?;
            Ok(sign_in::reply(StatusCode::OK, &keys.ring().jwks()))
        }
        Discovery::Instance => Ok(instance(sign_in)),
        Discovery::UserRealm(user) => Ok(user_realm(user)),
    }
}

/// What of Entra's document is true here, in its order. Endpoint that are not served are left out: those of user info,
/// session frames, Kerberos and Azure's roles (the comparison in tests/shapes has the list).
#[derive(Serialize)]
struct OpenIdConfiguration {
    token_endpoint: String,
    token_endpoint_auth_methods_supported: [&'static str; 3],
    jwks_uri: String,
    response_modes_supported: [&'static str; 3],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
    response_types_supported: &'static [&'static str],
    scopes_supported: &'static [&'static str],
    issuer: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    microsoft_multi_refresh_token: Option<bool>,
    request_uri_parameter_supported: bool,
    /// The older endpoints' is not served.
    #[serde(skip_serializing_if = "Option::is_none")]
    userinfo_endpoint: Option<String>,
    authorization_endpoint: String,
    /// The older endpoints have none here.
    #[serde(skip_serializing_if = "Option::is_none")]
    device_authorization_endpoint: Option<String>,
    http_logout_supported: bool,
    frontchannel_logout_supported: bool,
    end_session_endpoint: String,
    claims_supported: &'static [&'static str],
    /// Where in the world the tenant is; null where the document is for any.
    tenant_region_scope: Option<&'static str>,
    cloud_instance_name: &'static str,
    cloud_graph_host_name: &'static str,
    msgraph_host: String,
}

/// Claims of id tokens, as far as Entra's lists for the older and the newer endpoints name them.
const OLDER_CLAIMS: &[&str] = &["sub", "iss", "aud", "exp", "iat", "auth_time", "nonce"];
const CLAIMS: &[&str] = &[
    "sub",
    "iss",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "nonce",
    "preferred_username",
    "name",
    "tid",
    "ver",
    "c_hash",
];

async fn open_id(sign_in: &SignIn, segment: &str, endpoint: Endpoint) -> Result<Reply, Refusal> {
    let base = sign_in.base();
    let (scheme, _) = base.split_once("://").unwrap_or(("https", base));
    // Entra's own placeholder: the issuer of a token is that of its tenant.
    let (issued_for, tenant, region) = match TenantSegment::of(segment) {
        TenantSegment::Named(name) => {
            let id = sign_in.named_tenant(name).await?.id.as_str().to_owned();
            (id.clone(), id, Some("WW"))
        }
        TenantSegment::Any => ("{tenantid}".to_owned(), segment.to_ascii_lowercase(), None),
        TenantSegment::Consumers => return Err(SignInFault::UnknownTenant(segment.to_owned()).into()),
    };
    let newer: &[&str] = &["openid", "profile", "email", "offline_access"];
    let (version, issuer, scopes, claims) = match endpoint {
        Endpoint::V1 => ("", format!("https://sts.windows.net/{issued_for}/"), &["openid"][..], OLDER_CLAIMS),
        Endpoint::V2 => ("v2.0/", format!("{base}/{issued_for}/v2.0"), newer, CLAIMS),
    };
    let at = |name: &str| format!("{base}/{tenant}/oauth2/{version}{name}");
    let document = OpenIdConfiguration {
        token_endpoint: at("token"),
        token_endpoint_auth_methods_supported: [
            "client_secret_post",
            "private_key_jwt",
            "client_secret_basic",
        ],
        jwks_uri: format!("{base}/{tenant}/discovery/{version}keys"),
        response_modes_supported: ["query", "fragment", "form_post"],
        subject_types_supported: ["pairwise"],
        id_token_signing_alg_values_supported: ["RS256"],
        response_types_supported: &["code", "id_token", "code id_token"],
        scopes_supported: scopes,
        issuer,
        // A refresh token is good for every resource that there is here.
        microsoft_multi_refresh_token: (endpoint == Endpoint::V1).then_some(true),
        request_uri_parameter_supported: false,
        userinfo_endpoint: (endpoint == Endpoint::V2)
            .then(|| format!("{scheme}://{}/oidc/userinfo", graph_host(base))),
        authorization_endpoint: at("authorize"),
        device_authorization_endpoint: (endpoint == Endpoint::V2).then(|| at("devicecode")),
        http_logout_supported: true,
        frontchannel_logout_supported: false,
        end_session_endpoint: at("logout"),
        claims_supported: claims,
        tenant_region_scope: region,
        cloud_instance_name: "microsoftonline.com",
        cloud_graph_host_name: "graph.windows.net",
        msgraph_host: graph_host(base).to_owned(),
    };
    Ok(sign_in::reply(StatusCode::OK, &document))
}

/// Where Graph is for who came under this base: at its own name beside a sign-in host of Microsoft's, else here.
fn graph_host(base: &str) -> &str {
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    let name = host.split_once(':').map_or(host, |(name, _)| name);
    let microsofts =
        ["login.microsoftonline.com", "login.microsoft.com", "login.windows.net", "sts.windows.net"];
    if microsofts.contains(&name) { "graph.microsoft.com" } else { host }
}

#[derive(Serialize)]
struct Instance<'a> {
    tenant_discovery_endpoint: String,
    #[serde(rename = "api-version")]
    api_version: &'static str,
    metadata: [Alias<'a>; 1],
}

#[derive(Serialize)]
struct Alias<'a> {
    preferred_network: &'a str,
    preferred_cache: &'a str,
    aliases: [&'a str; 1],
}

/// This server is the only instance of its cloud, and has no alias.
fn instance(sign_in: &SignIn) -> Reply {
    let query = Form::parse(sign_in.arrival.parts.uri.query().unwrap_or_default().as_bytes());
    let asked: Option<Uri> = query.get("authorization_endpoint").and_then(|url| url.parse().ok());
    let segment = asked.as_ref().and_then(|url| url.path().split('/').nth(1));
    let segment = segment.filter(|segment| !segment.is_empty()).unwrap_or("common");
    let base = sign_in.base();
    let host = base.split_once("://").map_or(base, |(_, host)| host);
    let document = Instance {
        tenant_discovery_endpoint: format!("{base}/{segment}/v2.0/.well-known/openid-configuration"),
        api_version: "1.1",
        metadata: [Alias { preferred_network: host, preferred_cache: host, aliases: [host] }],
    };
    sign_in::reply(StatusCode::OK, &document)
}

#[derive(Serialize)]
struct UserRealm<'a> {
    ver: &'static str,
    account_type: &'static str,
    domain_name: &'a str,
}

/// Every user's password is here, none is federated: `Managed`. Whether the user exists is not told.
fn user_realm(user: &str) -> Reply {
    let domain_name = user.split_once('@').map_or("", |(_, domain)| domain);
    sign_in::reply(StatusCode::OK, &UserRealm { ver: "1.0", account_type: "Managed", domain_name })
}
