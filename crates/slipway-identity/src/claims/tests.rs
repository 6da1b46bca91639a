//! What tokens say, claim by claim; and whom other tests speak of.

use serde_json::{Value, json};
use slipway_model::{ClientId, ClientSecret, UserId, UserPrincipalName};

use super::*;
use crate::key::tests::key;

pub(crate) const TENANT: &str = "51190000-0000-4000-8000-000000000001";
pub(crate) const NOW: i64 = 1_795_341_600;

pub(crate) fn tenant() -> TenantId {
    TenantId::parse(TENANT).unwrap()
}

pub(crate) fn client() -> Client {
    Client {
        secrets: vec![ClientSecret::of_hash("00".into())],
        application_permissions: vec![
            "User.Read.All".into(),
            "AppCatalog.ReadWrite.All".into(),
            "Mail.Read".into(),
        ],
        ..Client::new(ClientId::parse("51190000-0000-4000-8000-00000000a001").unwrap(), "Automation")
    }
}

pub(crate) fn user() -> User {
    User {
        id: UserId::parse("51190000-0000-4000-8000-0000000e0001").unwrap(),
        user_principal_name: UserPrincipalName::parse("admin@contoso.example").unwrap(),
        display_name: "Ada Admin".into(),
        given_name: None,
        surname: None,
        mail: None,
        job_title: None,
        mobile_phone: None,
        office_location: None,
        preferred_language: None,
        business_phones: vec![],
        account_enabled: true,
        directory_roles: vec![User::TEAMS_ADMINISTRATOR.into()],
        password_hash: None,
        user_type: slipway_model::UserType::Member,
        has_teams_licence: true,
        policy: slipway_model::AppPermissionPolicy::default(),
    }
}

pub(crate) fn mint<'a>(tenant: &'a TenantId, client: &'a Client) -> Mint<'a> {
    Mint {
        tenant,
        client,
        now: Timestamp::from_second(NOW).unwrap(),
        uti: "CNpO92tHWES5Zey5OtanAA",
        session: None,
    }
}

fn payload(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

#[test]
fn an_application_token_says_what_entra_says() {
    let (ring, tenant, client) = (KeyRing::new(key(0), vec![]), tenant(), client());
    let token = ring.application_token(&mint(&tenant, &client)).unwrap();
    let expected = json!({
        "aud": "https://graph.microsoft.com",
        "iss": "https://sts.windows.net/51190000-0000-4000-8000-000000000001/",
        "iat": NOW - 300,
        "nbf": NOW - 300,
        "exp": NOW + 3600,
        "app_displayname": "Automation",
        "appid": "51190000-0000-4000-8000-00000000a001",
        "appidacr": "1",
        "idp": "https://sts.windows.net/51190000-0000-4000-8000-000000000001/",
        "idtyp": "app",
        "oid": "51190000-0000-4000-8000-51900000a001",
        "roles": ["User.Read.All", "AppCatalog.ReadWrite.All", "Mail.Read"],
        "sub": "51190000-0000-4000-8000-51900000a001",
        "tid": TENANT,
        "uti": "CNpO92tHWES5Zey5OtanAA",
        "ver": "1.0",
    });
    assert_eq!(payload(&token), expected);
}

#[test]
fn a_user_token_says_who_the_user_is() {
    let (ring, tenant) = (KeyRing::new(key(0), vec![]), tenant());
    let public = Client { secrets: vec![], ..client() };
    let scopes = ["User.Read".to_owned(), "openid".to_owned()];
    let claims = payload(&ring.user_token(&mint(&tenant, &public), &user(), &scopes).unwrap());
    let expected = json!({
        "appidacr": "0",
        "idtyp": "user",
        "name": "Ada Admin",
        "oid": "51190000-0000-4000-8000-0000000e0001",
        "scp": "User.Read openid",
        "unique_name": "admin@contoso.example",
        "upn": "admin@contoso.example",
        "wids": ["69091246-20e8-4a56-aa4d-066075b2a7a8"],
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&claims[name], value, "{name}");
    }
    assert_eq!(claims.get("roles"), None);
    assert_eq!(claims["sub"].as_str().unwrap().len(), 43);
}

#[test]
fn an_api_gets_the_version_that_it_says() {
    let (ring, tenant, client) = (KeyRing::new(key(0), vec![]), tenant(), client());
    let (issuer, scopes) = (issuer("https://localhost", &tenant), ["access_as_user".to_owned()]);
    let mint = Mint { session: Some("s1"), ..mint(&tenant, &client) };
    let user = user();
    let access = |version, account| AccessToken {
        audience: "api://tasks",
        version,
        issuer: &issuer,
        subject: Subject::User(&user, &scopes),
        times: None,
        account,
    };
    let made = |version, account| payload(&ring.access_token(&mint, &access(version, account)).unwrap());
    let first = made(AccessTokenVersion::V1, Account::Organization);
    assert_eq!((&first["ver"], &first["appid"]), (&json!("1.0"), &json!(client.id.as_str())));
    assert_eq!(
        (&first["aud"], &first["scp"], &first["sid"]),
        (&json!("api://tasks"), &json!("access_as_user"), &json!("s1"))
    );
    let second = made(AccessTokenVersion::V2, Account::Organization);
    let expected = json!({
        "aud": "api://tasks",
        "iss": format!("https://localhost/{TENANT}/v2.0"),
        "iat": NOW - 300,
        "nbf": NOW - 300,
        "exp": NOW + 3600,
        "azp": client.id.as_str(),
        "azpacr": "1",
        "idtyp": "user",
        "name": "Ada Admin",
        "oid": user.id.as_str(),
        "preferred_username": "admin@contoso.example",
        "scp": "access_as_user",
        "sid": "s1",
        "sub": first["sub"],
        "tid": TENANT,
        "uti": "CNpO92tHWES5Zey5OtanAA",
        "ver": "2.0",
        "wids": ["69091246-20e8-4a56-aa4d-066075b2a7a8"],
    });
    assert_eq!(second, expected);
    let personal = made(AccessTokenVersion::V1, Account::Personal);
    assert_eq!((&personal["tid"], &personal["idp"]), (&json!(PERSONAL_TENANT), &json!("live.com")));
}

#[test]
fn an_id_token_is_for_the_client_and_carries_its_nonce() {
    let (ring, tenant, client) = (KeyRing::new(key(0), vec![]), tenant(), client());
    let mint = mint(&tenant, &client);
    let from = issuer("http://localhost:8365", &tenant);
    let said = IdToken {
        nonce: Some("n1"),
        code: Some("Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk"),
        ..IdToken::of(&from)
    };
    let claims = payload(&ring.id_token(&mint, &user(), &said).unwrap());
    // The example of OpenID Connect Core 1.0, A.4.
    assert_eq!(claims["c_hash"], "LDktKdoQak3Pk0cnXxCltA");
    assert_eq!(claims["aud"], client.id.as_str());
    assert_eq!(claims["iss"], format!("http://localhost:8365/{TENANT}/v2.0"));
    assert_eq!((&claims["nonce"], &claims["ver"]), (&json!("n1"), &json!("2.0")));
    assert_eq!(claims["preferred_username"], "admin@contoso.example");
    let without = payload(&ring.id_token(&mint, &user(), &IdToken::of(&from)).unwrap());
    assert_eq!(without.get("nonce"), None);
}

#[test]
fn the_subject_is_the_same_for_one_client_and_another_for_another() {
    let (tenant, one) = (tenant(), client());
    let other = Client { id: ClientId::parse("other").unwrap(), ..client() };
    assert_eq!(mint(&tenant, &one).pairwise(&user()), mint(&tenant, &one).pairwise(&user()));
    assert_ne!(mint(&tenant, &one).pairwise(&user()), mint(&tenant, &other).pairwise(&user()));
}

#[test]
fn client_info_names_user_and_tenant() {
    let info = URL_SAFE_NO_PAD.decode(client_info(&tenant(), &user())).unwrap();
    let expected = json!({"uid": user().id.as_str(), "utid": TENANT});
    assert_eq!(serde_json::from_slice::<Value>(&info).unwrap(), expected);
}
