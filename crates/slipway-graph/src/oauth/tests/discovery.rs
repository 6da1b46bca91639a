//! Documents, paths and methods.

use super::*;

#[tokio::test]
async fn discovery_points_to_the_host_that_was_asked() {
    let bench = Bench::start().await;
    let document = bench.get("/contoso.example/v2.0/.well-known/openid-configuration").await.json();
    let at = |rest: &str| format!("https://localhost:8365/{TENANT}/{rest}");
    assert_eq!(document["issuer"], at("v2.0"));
    assert_eq!(document["token_endpoint"], at("oauth2/v2.0/token"));
    assert_eq!(document["authorization_endpoint"], at("oauth2/v2.0/authorize"));
    assert_eq!(document["device_authorization_endpoint"], at("oauth2/v2.0/devicecode"));
    assert_eq!(document["jwks_uri"], at("discovery/v2.0/keys"));
    let any = bench.get("/organizations/v2.0/.well-known/openid-configuration").await.json();
    assert_eq!(any["issuer"], "https://localhost:8365/{tenantid}/v2.0");
    assert_eq!(any["token_endpoint"], "https://localhost:8365/organizations/oauth2/v2.0/token");
    let unknown = bench.get("/fabrikam.example/v2.0/.well-known/openid-configuration").await;
    assert_eq!(unknown.fault(), (400, "invalid_request".into(), 90002));

    for path in ["discovery/v2.0/keys", "discovery/keys"] {
        let keys = bench.get(&format!("/{TENANT}/{path}")).await.json();
        assert_eq!(keys, serde_json::to_value(bench.server.keys().ring().jwks()).unwrap());
    }

    let asked =
        "authorization_endpoint=https%3A%2F%2Flocalhost%3A8365%2Forganizations%2Foauth2%2Fv2.0%2Fauthorize";
    let instance = bench.get(&format!("/common/discovery/instance?api-version=1.1&{asked}")).await.json();
    let endpoint = "https://localhost:8365/organizations/v2.0/.well-known/openid-configuration";
    assert_eq!(instance["tenant_discovery_endpoint"], endpoint);
    assert_eq!(instance["metadata"][0]["aliases"], json!(["localhost:8365"]));

    let realm = bench.get("/common/UserRealm/user02%40contoso.example?api-version=1.0").await.json();
    assert_eq!(
        (&realm["account_type"], &realm["domain_name"]),
        (&json!("Managed"), &json!("contoso.example"))
    );
}

#[tokio::test]
async fn the_older_endpoints_have_a_document_of_their_own() {
    let bench = Bench::start().await;
    let document = bench.get("/contoso.example/.well-known/openid-configuration").await.json();
    let at = |rest: &str| format!("https://localhost:8365/{TENANT}/{rest}");
    assert_eq!(document["issuer"], format!("https://sts.windows.net/{TENANT}/"));
    for endpoint in ["token", "authorize", "logout"] {
        let name = match endpoint {
            "authorize" => "authorization_endpoint",
            "logout" => "end_session_endpoint",
            _ => "token_endpoint",
        };
        assert_eq!(document[name], at(&format!("oauth2/{endpoint}")));
    }
    assert_eq!(document["jwks_uri"], at("discovery/keys"));
    assert_eq!(
        (&document["tenant_region_scope"], &document["msgraph_host"]),
        (&json!("WW"), &json!("localhost:8365"))
    );
    let any = bench.get("/common/.well-known/openid-configuration").await.json();
    assert_eq!(
        (&any["issuer"], &any["tenant_region_scope"]),
        (&json!("https://sts.windows.net/{tenantid}/"), &json!(null))
    );
    let refused = bench.get("/consumers/.well-known/openid-configuration").await;
    assert_eq!(refused.fault(), (400, "invalid_request".into(), 90002));
}

#[tokio::test]
async fn other_paths_and_methods_are_refused() {
    let bench = Bench::start().await;
    for path in ["/", "/nothing", "/a/b/c/d/e"] {
        let answer = bench.get(path).await;
        assert!(answer.status == 404 && answer.text.contains("/v1.0"), "{path}");
    }
    let answer = bench.get(&format!("/{TENANT}/oauth2/v2.0/token")).await;
    assert_eq!((answer.status, &answer.headers["allow"]), (405, &"POST".parse().unwrap()));
    let long = "x".repeat(65 * 1024);
    let answer = bench.token(&[("grant_type", &long)]).await;
    assert_eq!(answer.fault(), (400, "invalid_request".into(), 9_002_313));
}
