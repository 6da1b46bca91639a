//! Documents that tell clients where things are: OpenID configuration, keys, instance and user realm.

use http::StatusCode;
use http::uri::Uri;
use serde::Serialize;
use slipway_identity::{SignInFault, issuer};
use slipway_model::TenantId;

use super::authorize::Endpoint;
use super::form::Form;
use super::refusal::Refusal;
use super::sign_in::{self, SignIn};
use super::tenant::TenantSegment;
use crate::reply::Reply;

/// Which document.
pub(super) enum Discovery {
    /// `/{tenant}/v2.0/.well-known/openid-configuration`, or without the version
    OpenId(String, Endpoint),
    /// `/{tenant}/discovery/v2.0/keys`
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

/// What of Entra's document is true here.
#[derive(Serialize)]
struct OpenIdConfiguration {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    device_authorization_endpoint: String,
    end_session_endpoint: String,
    userinfo_endpoint: String,
    jwks_uri: String,
    token_endpoint_auth_methods_supported: [&'static str; 3],
    grant_types_supported: [&'static str; 6],
    response_types_supported: [&'static str; 3],
    response_modes_supported: [&'static str; 3],
    code_challenge_methods_supported: [&'static str; 2],
    http_logout_supported: bool,
    frontchannel_logout_supported: bool,
    request_uri_parameter_supported: bool,
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
    scopes_supported: [&'static str; 4],
    claims_supported: [&'static str; 16],
}

async fn open_id(sign_in: &SignIn, segment: &str, endpoint: Endpoint) -> Result<Reply, Refusal> {
    let base = sign_in.base();
    // Tokens of version 1 are Entra's to the letter, whatever this server is called.
    let (version, of) = match endpoint {
        Endpoint::V1 => ("", first_issuer as fn(&str, &TenantId) -> String),
        Endpoint::V2 => ("v2.0/", issuer as fn(&str, &TenantId) -> String),
    };
    let (issuer, tenant) = match TenantSegment::of(segment) {
        TenantSegment::Named(name) => {
            let tenant = sign_in.named_tenant(name).await?;
            (of(base, &tenant.id), tenant.id.as_str().to_owned())
        }
        // Entra's own placeholder: the issuer of a token is that of its tenant.
        TenantSegment::Any => {
            let issuer = match endpoint {
                Endpoint::V1 => "https://sts.windows.net/{tenantid}/".to_owned(),
                Endpoint::V2 => format!("{base}/{{tenantid}}/v2.0"),
            };
            (issuer, segment.to_ascii_lowercase())
        }
        TenantSegment::Consumers => return Err(SignInFault::UnknownTenant(segment.to_owned()).into()),
    };
    Ok(sign_in::reply(
        StatusCode::OK,
        &OpenIdConfiguration {
            issuer,
            authorization_endpoint: format!("{base}/{tenant}/oauth2/{version}authorize"),
            token_endpoint: format!("{base}/{tenant}/oauth2/{version}token"),
            device_authorization_endpoint: format!("{base}/{tenant}/oauth2/v2.0/devicecode"),
            end_session_endpoint: format!("{base}/{tenant}/oauth2/{version}logout"),
            userinfo_endpoint: format!("{base}/oidc/userinfo"),
            jwks_uri: format!("{base}/{tenant}/discovery/{version}keys"),
            token_endpoint_auth_methods_supported: [
                "client_secret_post",
                "private_key_jwt",
                "client_secret_basic",
            ],
            grant_types_supported: [
                "authorization_code",
                "refresh_token",
                "client_credentials",
                "password",
                "urn:ietf:params:oauth:grant-type:device_code",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ],
            response_types_supported: ["code", "id_token", "code id_token"],
            response_modes_supported: ["query", "fragment", "form_post"],
            code_challenge_methods_supported: ["plain", "S256"],
            http_logout_supported: true,
            frontchannel_logout_supported: false,
            request_uri_parameter_supported: false,
            subject_types_supported: ["pairwise"],
            id_token_signing_alg_values_supported: ["RS256"],
            scopes_supported: ["openid", "profile", "email", "offline_access"],
            claims_supported: [
                "aud",
                "auth_time",
                "c_hash",
                "exp",
                "iat",
                "iss",
                "name",
                "nbf",
                "nonce",
                "oid",
                "preferred_username",
                "sid",
                "sub",
                "tid",
                "uti",
                "ver",
            ],
        },
    ))
}

fn first_issuer(_: &str, tenant: &TenantId) -> String {
    format!("https://sts.windows.net/{tenant}/")
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
