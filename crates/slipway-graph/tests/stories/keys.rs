//! Signing keys: what another server does to them is seen here, and sealed ones open with their key file only.

use std::sync::LazyLock;

use jiff::SignedDuration;
use slipway_graph::{Keys, KeysError, LegacyPermissions, LegacyRefusal};
use slipway_identity::{Ids, KeyFault, SealingKey, SigningKey};
use slipway_store::{Changeset, Partition, PrivateKey, Store, signing_key};
use slipway_testkit::{CONTROL_SECRET, TestApp};

use crate::{USER02, automation, installed};

const JWKS: &str = "/common/discovery/v2.0/keys";
/// 32 bytes of zero.
const KEY_FILE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const OTHER_KEY_FILE: &str = "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/// Making a key is slow in debug builds.
static LATER: LazyLock<Vec<u8>> = LazyLock::new(|| SigningKey::generate().unwrap().to_pkcs8().unwrap());

fn sealing(text: &str) -> SealingKey {
    SealingKey::parse(&text.into()).unwrap()
}

/// Another server on the same storage, which has made a key since this one started.
async fn other_with_a_later_key(app: &TestApp) -> (TestApp, String) {
    app.clock.advance(SignedDuration::from_secs(1));
    let kid = SigningKey::from_pkcs8(&LATER).unwrap().kid().to_owned();
    let record = slipway_store::SigningKey {
        kid: kid.clone(),
        created_at: app.clock.now(),
        private: PrivateKey::Pkcs8(LATER.clone()),
    };
    let made = Changeset::new("test.laterKey").put(&Partition::global(), &record);
    app.server.store().commit(made).await.unwrap();
    let other = app.with_legacy(LegacyPermissions::Beta, LegacyRefusal::Forbidden).await;
    assert_eq!(other.server.keys().ring().kids().next(), Some(kid.as_str()), "the newest signs");
    (other, kid)
}

async fn kids_shown(app: &TestApp) -> Vec<String> {
    let shown = app.get("", JWKS).await.json();
    let keys = shown["keys"].as_array().unwrap();
    keys.iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_token_of_a_key_that_another_server_made_later_is_accepted() {
    let app = TestApp::start().await;
    let (other, later) = other_with_a_later_key(&app).await;
    let (of_this, of_other) = (automation(&app).await, automation(&other).await);
    assert_ne!(of_this.split('.').next(), of_other.split('.').next());
    // Twice, for an app may be two servers that take turns.
    for server in [&app, &app, &other, &other] {
        assert_eq!(server.get(&of_other, &installed(USER02)).await.status, 200);
    }
    for server in [&app, &other] {
        assert_eq!(server.get(&of_this, &installed(USER02)).await.status, 200);
    }
    assert_eq!(app.server.keys().ring().kids().next(), Some(later.as_str()), "from now on it signs here too");
}

#[tokio::test]
async fn many_tokens_of_an_unknown_key_at_once_are_all_judged_by_what_is_stored() {
    let app = TestApp::start().await;
    let (other, _) = other_with_a_later_key(&app).await;
    let (known, path) = (automation(&other).await, installed(USER02));
    // A key that nobody has: the same token under another name.
    let (_, rest) = known.split_once('.').unwrap();
    let unknown = format!("eyJhbGciOiJSUzI1NiIsImtpZCI6Im5vYm9keSJ9.{rest}");
    let ask = async |token: &str| app.get(token, &path).await.status;
    let asked = tokio::join!(ask(&unknown), ask(&known), ask(&unknown), ask(&known), ask(&known));
    assert_eq!(asked, (401, 200, 401, 200, 200));
}

#[tokio::test]
async fn the_public_keys_are_those_of_the_storage() {
    let app = TestApp::start().await;
    let first = kids_shown(&app).await;
    let (_, later) = other_with_a_later_key(&app).await;
    assert_eq!(kids_shown(&app).await, [later, first[0].clone()]);
}

#[tokio::test]
async fn a_key_that_is_gone_takes_the_tokens_that_it_verified_with_it() {
    let app = TestApp::start().await;
    let first = automation(&app).await;
    for _ in 0..2 {
        assert_eq!(app.get(&first, &installed(USER02)).await.status, 200);
    }
    let kid = kids_shown(&app).await.remove(0);
    let (other, later) = other_with_a_later_key(&app).await;
    let gone = Changeset::new("test.gone").delete(&signing_key::key(&kid));
    app.server.store().commit(gone).await.unwrap();
    for _ in 0..2 {
        assert_eq!(kids_shown(&app).await, [later.as_str()]);
    }
    for _ in 0..2 {
        assert_eq!(app.get(&first, &installed(USER02)).await.status, 401, "also when it was remembered");
    }
    assert_eq!(app.get(&automation(&other).await, &installed(USER02)).await.status, 200);
}

#[tokio::test]
async fn a_storage_that_lost_its_keys_is_a_fault_of_the_server() {
    let app = TestApp::start().await;
    let kid = kids_shown(&app).await.remove(0);
    let gone = Changeset::new("test.gone").delete(&signing_key::key(&kid));
    app.server.store().commit(gone).await.unwrap();
    let answer = app.get("", JWKS).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
    assert_eq!(answer.json()["error"], "temporarily_unavailable");
}

async fn stored(store: &Store) -> Vec<slipway_store::SigningKey> {
    let rows = store.view().scan(&signing_key::all(), 9).await.unwrap().rows;
    rows.into_iter().map(|row| row.record).collect()
}

#[tokio::test]
async fn a_key_is_sealed_when_it_is_made_and_opens_with_its_key_file_only() {
    let (store, ids) = (Store::open_temporary().await.unwrap(), Ids::seeded(1));
    let open =
        async |sealing| Keys::open(&store, sealing, &ids, "2026-11-22T10:00:00Z".parse().unwrap()).await;
    let kid = open(Some(sealing(KEY_FILE))).await.unwrap().ring().kids().next().unwrap().to_owned();
    assert!(matches!(&stored(&store).await[..], [key] if matches!(key.private, PrivateKey::Sealed(_))));

    assert!(matches!(open(None).await.err(), Some(KeysError::Sealed(found)) if found == kid));
    let wrong = open(Some(sealing(OTHER_KEY_FILE))).await.err().unwrap();
    assert!(matches!(&wrong, KeysError::Stored(found, KeyFault::NotOpened) if *found == kid));
    assert!(wrong.to_string().contains(&kid) && wrong.to_string().contains("another key"), "{wrong}");
    assert!(open(Some(sealing(KEY_FILE))).await.unwrap().ring().kids().eq([kid.as_str()]));
}

#[tokio::test]
async fn keys_that_lie_open_are_sealed_unless_a_sealed_one_does_not_open() {
    let app = TestApp::start().await;
    let (store, ids, now) = (app.server.store(), app.server.ids(), app.clock.now());
    let token = automation(&app).await;
    Keys::open(store, Some(sealing(KEY_FILE)), ids, now).await.unwrap();
    let [first] = &stored(store).await[..] else { panic!("one key") };
    assert!(matches!(first.private, PrivateKey::Sealed(_)));
    assert_eq!(app.get(&token, &installed(USER02)).await.status, 200, "a running server goes on");
    assert_eq!(kids_shown(&app).await, [first.kid.as_str()], "and shows its keys, which are the same");

    let later = SigningKey::from_pkcs8(&LATER).unwrap();
    let record = slipway_store::SigningKey {
        kid: later.kid().to_owned(),
        created_at: now,
        private: PrivateKey::Pkcs8(LATER.clone()),
    };
    store.commit(Changeset::new("test.later").put(&Partition::global(), &record)).await.unwrap();
    assert!(Keys::open(store, Some(sealing(OTHER_KEY_FILE)), ids, now).await.is_err());
    let row = store.view().get(&signing_key::key(later.kid())).await.unwrap().unwrap();
    assert!(row.record == record, "not sealed with a key that does not fit the others");
    assert_eq!(Keys::open(store, Some(sealing(KEY_FILE)), ids, now).await.unwrap().ring().kids().count(), 2);
}

async fn rotate(app: &TestApp) -> serde_json::Value {
    app.post(CONTROL_SECRET, "/_slipway/keys/rotate", "").await.json()
}

#[tokio::test]
async fn a_rotated_key_signs_at_once_and_tokens_of_the_old_one_go_on_on_every_server() {
    let app = TestApp::start().await;
    let other = app.with_legacy(LegacyPermissions::Beta, LegacyRefusal::Forbidden).await;
    let old = automation(&app).await;
    let page = app.get(&old, "/v1.0/users?$top=2").await.json();
    let next = page["@odata.nextLink"].as_str().unwrap().replace("https://localhost:8365", "");
    app.clock.advance(SignedDuration::from_secs(1));
    let rotated = rotate(&app).await;
    assert_eq!(rotated["keys"], 2);
    // An app may be two servers that take turns. One was asked to; the other learns of the key as it shows its keys,
    // or by a token.
    assert_eq!(kids_shown(&app).await[0], rotated["kid"].as_str().unwrap());
    let new = automation(&app).await;
    assert_ne!(old.split('.').next(), new.split('.').next());
    for server in [&other, &other, &app, &app] {
        for token in [&new, &old] {
            assert_eq!(server.get(token, &installed(USER02)).await.status, 200);
        }
    }
    assert_eq!(app.get(&new, &next).await.status, 200, "what the old key sealed opens");
    assert_eq!(app.post("guess", "/_slipway/keys/rotate", "").await.status, 401);
    assert_eq!(app.get(CONTROL_SECRET, "/_slipway/keys/rotate").await.status, 405);
}

#[tokio::test]
async fn a_key_is_forgotten_a_hundred_days_after_the_next_one_was_made() {
    let app = TestApp::start().await;
    let first = kids_shown(&app).await.remove(0);
    app.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(rotate(&app).await["keys"], 2);
    app.clock.advance(SignedDuration::from_hours(24 * 100));
    assert_eq!(rotate(&app).await["keys"], 3);
    app.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(rotate(&app).await["keys"], 3, "the first one is gone");
    assert!(!kids_shown(&app).await.contains(&first));
}
