//! Bearer tokens that attackers would send, and the 401 that each of them gets.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};
use slipway_identity::SigningKey;
use slipway_store::{PrivateKey, signing_key};
use slipway_testkit::TestApp;

use crate::{USER02, automation, installed};

struct Parts {
    header: Value,
    claims: Value,
    signature: String,
}

impl Parts {
    fn of(token: &str) -> Self {
        let parts: Vec<_> = token.split('.').collect();
        let decode = |part: &str| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap();
        Self { header: decode(parts[0]), claims: decode(parts[1]), signature: parts[2].to_owned() }
    }

    fn message(&self) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}", part(&self.header), part(&self.claims))
    }

    fn with_header(mut self, name: &str, value: Value) -> Self {
        self.header[name] = value;
        self
    }

    /// Signed with the key.
    fn signed(self, key: &EncodingKey, algorithm: Algorithm) -> String {
        let message = self.message();
        format!("{message}.{}", jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap())
    }
}

#[tokio::test]
async fn no_token_of_an_attacker_is_taken() {
    let app = TestApp::start().await;
    let good = automation(&app).await;
    let attacker = SigningKey::generate().unwrap();
    let key = encoding_key(&attacker.to_pkcs8().unwrap());
    let public = app.get("", "/common/discovery/v2.0/keys").await.json()["keys"][0].clone();
    let theirs =
        serde_json::to_value(&slipway_identity::KeyRing::new(attacker, Vec::new()).jwks().keys[0]).unwrap();
    let rs256 = |parts: Parts| parts.signed(&key, Algorithm::RS256);
    let parts = || Parts::of(&good);
    let modulus = public["n"].as_str().unwrap();
    let by_mac = |secret: &[u8]| {
        parts().with_header("alg", json!("HS256")).signed(&EncodingKey::from_secret(secret), Algorithm::HS256)
    };
    let mut richer = parts();
    richer.claims["roles"] = json!(["Directory.ReadWrite.All", "AppCatalog.ReadWrite.All"]);
    let tokens = [
        ("alg none", format!("{}.", parts().with_header("alg", json!("none")).message())),
        (
            "alg None",
            format!("{}.{}", parts().with_header("alg", json!("None")).message(), parts().signature),
        ),
        ("a MAC with the public key", by_mac(&URL_SAFE_NO_PAD.decode(modulus).unwrap())),
        ("a MAC with its text", by_mac(modulus.as_bytes())),
        ("a MAC with the whole key", by_mac(public.to_string().as_bytes())),
        ("another key under our name", rs256(parts())),
        ("another key under its own name", rs256(parts().with_header("kid", theirs["kid"].clone()))),
        ("no name", rs256(parts().with_header("kid", Value::Null))),
        ("a name that is a path", rs256(parts().with_header("kid", json!("../../dev/null")))),
        ("the key itself", rs256(parts().with_header("jwk", theirs.clone()))),
        ("where the key is", rs256(parts().with_header("jku", json!("http://127.0.0.1:9/keys")))),
        ("where the certificate is", rs256(parts().with_header("x5u", json!("http://127.0.0.1:9/cert")))),
        ("the certificate itself", rs256(parts().with_header("x5c", json!(["AAAA"])))),
        ("PS256", parts().with_header("alg", json!("PS256")).signed(&key, Algorithm::PS256)),
        ("changed claims", format!("{}.{}", richer.message(), richer.signature)),
        ("four parts", format!("{good}.x")),
    ];
    for (attack, token) in tokens {
        let answer = app.get(&token, &installed(USER02)).await;
        assert_eq!(answer.status, 401, "{attack}");
        assert_eq!(answer.error().0, "InvalidAuthenticationToken", "{attack}");
    }
}

#[tokio::test]
async fn our_own_key_signs_nothing_that_is_not_understood() {
    let app = TestApp::start().await;
    let good = automation(&app).await;
    let ours = our_key(&app).await;
    let parts = || Parts::of(&good);
    let critical = parts().with_header("crit", json!(["exp"])).with_header("exp", json!(4_000_000_000_u64));
    let tokens = [
        ("a critical header", critical.signed(&ours, Algorithm::RS256)),
        ("PS256", parts().with_header("alg", json!("PS256")).signed(&ours, Algorithm::PS256)),
        ("PS256 under the name of RS256", parts().signed(&ours, Algorithm::PS256)),
    ];
    for (attack, token) in tokens {
        let answer = app.get(&token, &installed(USER02)).await;
        assert_eq!(answer.status, 401, "{attack}");
        assert_eq!(answer.error().0, "InvalidAuthenticationToken", "{attack}");
    }
    // The control: the key is the right one.
    let same = parts().signed(&ours, Algorithm::RS256);
    assert_eq!(app.get(&same, &installed(USER02)).await.status, 200);
}

/// The key that the server signs with.
async fn our_key(app: &TestApp) -> EncodingKey {
    let kept = app.server.store().view().scan(&signing_key::all(), 1).await.unwrap().rows.remove(0);
    let PrivateKey::Pkcs8(der) = kept.record.private else { panic!("a sealed key") };
    encoding_key(&der)
}

/// The private key without its container, whose header has 26 bytes for RSA (RFC 5208).
fn encoding_key(pkcs8: &[u8]) -> EncodingKey {
    EncodingKey::from_rsa_der(&pkcs8[26..])
}

#[tokio::test]
async fn tokens_for_others_of_others_and_of_other_kinds_are_refused() {
    let app = TestApp::start().await;
    let tenant = app.demo().await;
    let public = "51190000-0000-4000-8000-00000000a003";
    assert_eq!(app.get(&tenant.id_token(public, USER02).await, &installed(USER02)).await.status, 401);
    assert_eq!(app.get(&app.token_of_unknown_tenant().await, &installed(USER02)).await.status, 401);
}
