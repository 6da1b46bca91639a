//! Every recorded error that a state causes, as it stands on the wire: status, code and message. The rows are in
//! `errors.toml`.

use std::collections::BTreeSet;

use http::Method;
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::json;
use slipway_graph::{LegacyPermissions, LegacyRefusal};
use slipway_testkit::{Answer, DEMO_SELF, Package, TestApp};

use crate::{ADMIN, AUTOMATION, POLLS, PUBLIC, USER02, USER03, admin, bind, installation_id, installed};

const NOBODY: &str = "51190000-0000-4000-8000-00000000dead";

#[derive(Deserialize)]
struct Table {
    row: Vec<Row>,
    elsewhere: Vec<Elsewhere>,
    not: Vec<Not>,
}

#[derive(Deserialize)]
struct Row {
    ids: Vec<String>,
    r#as: String,
    /// On a server that refuses permissions of the first documentation with `UnknownError`.
    #[serde(default)]
    legacy: bool,
    request: String,
    #[serde(default = "json_type")]
    r#type: String,
    #[serde(default)]
    body: String,
    status: u16,
    code: String,
    message: String,
    inner: Option<String>,
}

#[derive(Deserialize)]
struct Elsewhere {
    ids: Vec<String>,
    r#where: String,
}

#[derive(Deserialize)]
struct Not {
    ids: Vec<String>,
    why: String,
}

fn json_type() -> String {
    "application/json".to_owned()
}

fn table() -> Table {
    toml::from_str(include_str!("errors.toml")).unwrap()
}

/// The values of `{…}`.
struct Values(Vec<(&'static str, String)>);

impl Values {
    async fn of(app: &TestApp) -> Self {
        let foreign = Package::new("51190000-0000-4000-8000-00000000f00c", "1.0.0");
        let mut team = Package::new("51190000-0000-4000-8000-00000000f00d", "1.0.0");
        team.manifest["staticTabs"] = json!([]);
        team.manifest["configurableTabs"] =
            json!([{"configurationUrl": "https://contoso.example/configure", "scopes": ["team"]}]);
        let mut consenting = Package::new("51190000-0000-4000-8000-00000000f00e", "1.0.0");
        consenting.manifest["webApplicationInfo"] =
            json!({"id": "51190000-0000-4000-8000-00000000aaaa", "resource": "https://contoso.example"});
        consenting.manifest["authorization"] = json!({"permissions": {"resourceSpecific": [
            {"name": "TeamsActivity.Send.User", "type": "Application"}
        ]}});
        let admin = admin(app).await;
        let publish = async |package: &Package| {
            let answer = app.post_zip(&admin, "/v1.0/appCatalogs/teamsApps", &package.zip()).await;
            answer.json()["id"].as_str().expect("the app is published").to_owned()
        };
        let long = |length| "x".repeat(length);
        Self(vec![
            ("{user02}", USER02.to_owned()),
            ("{user03}", USER03.to_owned()),
            ("{list02}", installed(USER02)),
            ("{list03}", installed(USER03)),
            ("{id02}", installation_id(USER02, POLLS)),
            ("{id03}", installation_id(USER03, POLLS)),
            ("{polls}", POLLS.to_owned()),
            ("{nobody}", NOBODY.to_owned()),
            ("{foreign}", publish(&foreign).await),
            ("{team}", publish(&team).await),
            ("{consenting}", publish(&consenting).await),
            ("{long}", long(300)),
            ("{cut}", format!("{}…", long(128))),
            ("{cut1024}", format!("{}…", long(1_024 - "The property '".len()))),
            ("{cut5}", format!("{}…", long(128 - "text/".len()))),
        ])
    }

    fn fill(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    }

    fn body(&self, row: &Row) -> Vec<u8> {
        let body = self.fill(&row.body);
        match body.split(' ').collect::<Vec<_>>().as_slice() {
            ["bind", app] => bind(app).into_bytes(),
            ["zip", id, version] => Package::new(id, version).zip(),
            ["blank", length] => vec![b' '; length.parse().unwrap()],
            _ => body.into_bytes(),
        }
    }
}

/// Tokens of other times.
struct Tokens {
    expired: String,
    of_later: String,
}

impl Tokens {
    /// Moves the clock on, so that a token of now has expired.
    async fn of(app: &TestApp) -> Self {
        app.clock.advance(SignedDuration::from_hours(6));
        let of_later = app.user_token(PUBLIC, ADMIN).await;
        app.clock.advance(SignedDuration::from_hours(-6));
        let expired = app.user_token(PUBLIC, ADMIN).await;
        app.clock.advance(SignedDuration::from_hours(2));
        Self { expired, of_later }
    }

    /// The value of `Authorization`; empty for none.
    async fn authorization(&self, app: &TestApp, who: &str) -> String {
        let with = |who: &str| -> Option<Vec<String>> {
            let names = who.split_once(" with ")?.1.split(", ").filter(|name| !name.is_empty());
            Some(names.map(str::to_owned).collect())
        };
        let token = match who {
            "nobody" => return String::new(),
            "a token without Bearer" => return app.application_token(AUTOMATION).await,
            "a malformed token" => "abc".to_owned(),
            "an expired token" => self.expired.clone(),
            "a token of later" => self.of_later.clone(),
            "a token for others" => app.demo().await.id_token(DEMO_SELF, USER02).await,
            "a token of no tenant" => app.token_of_unknown_tenant().await,
            "Automation" => app.application_token(AUTOMATION).await,
            "Self" => app.application_token(DEMO_SELF).await,
            "admin" => admin(app).await,
            other => {
                let names = with(other).expect("a caller of errors.toml");
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                let user = other.starts_with("user02 ").then_some(USER02);
                app.token_with(&names, user).await
            }
        };
        format!("Bearer {token}")
    }
}

#[tokio::test]
async fn every_row_is_answered_as_recorded() {
    let app = TestApp::start().await;
    let legacy = app.with_legacy(LegacyPermissions::Beta, LegacyRefusal::UnknownError).await;
    let tokens = Tokens::of(&app).await;
    let values = Values::of(&app).await;
    for row in table().row {
        let request = values.fill(&row.request);
        let (method, path) = request.split_once(' ').unwrap();
        let case = format!("{:?} {method} {:.120}", row.ids, path);
        let (authorization, media_type) =
            (tokens.authorization(&app, &row.r#as).await, values.fill(&row.r#type));
        let body = values.body(&row);
        let mut headers = vec![("Authorization", authorization.as_str()), ("Content-Type", &media_type)];
        headers.retain(|(name, value)| !value.is_empty() && (*name == "Authorization" || !body.is_empty()));
        let before = app.fingerprint().await;
        let server = if row.legacy { &legacy } else { &app };
        let answer = server.send(method.parse::<Method>().unwrap(), path, &headers, &body).await;
        assert_eq!(app.fingerprint().await, before, "{case}: the store has changed");
        let (code, message) = answer.error();
        let said = (row.status, row.code, values.fill(&row.message));
        assert_eq!((answer.status, code, message), said, "{case}");
        check_envelope(server, &answer, row.inner.as_deref(), &case);
    }
}

fn check_envelope(app: &TestApp, answer: &Answer, inner_code: Option<&str>, case: &str) {
    assert_eq!(answer.header("content-type"), "application/json", "{case}");
    let json = answer.json();
    let inner = &json["error"]["innerError"];
    assert_eq!(inner["code"].as_str(), inner_code, "{case}");
    assert_eq!(inner["date"], app.clock.now().strftime("%Y-%m-%dT%H:%M:%S").to_string(), "{case}");
    assert_eq!(inner["request-id"], answer.header("request-id"), "{case}");
    assert_eq!(inner["client-request-id"], answer.header("client-request-id"), "{case}");
    let challenge = if answer.status == 401 {
        "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
         client_id=\"00000003-0000-0000-c000-000000000000\""
    } else {
        ""
    };
    assert_eq!(answer.header("www-authenticate"), challenge, "{case}");
}

/// Every number of the list stands in one of the three groups, and none stands in two.
#[test]
fn no_recorded_error_is_forgotten() {
    let range = |letter: char, last: usize| (1..=last).map(move |n| format!("{letter}{n}"));
    let mut listed: BTreeSet<String> = range('E', 36).collect();
    listed.extend(["E0", "E0b", "E0c", "E0d", "E0e", "E6b", "E6c", "E7b", "E8b", "E11b"].map(str::to_owned));
    for (letter, last) in [('I', 25), ('L', 9), ('U', 12), ('C', 17), ('T', 10), ('N', 5)] {
        listed.extend(range(letter, last));
    }
    let table = table();
    let provoked: BTreeSet<_> = table.row.iter().flat_map(|row| row.ids.iter().cloned()).collect();
    let mut named: Vec<_> = provoked.into_iter().collect();
    named.extend(table.elsewhere.iter().flat_map(|group| group.ids.iter().cloned()));
    named.extend(table.not.iter().flat_map(|group| group.ids.iter().cloned()));
    assert!(table.elsewhere.iter().all(|group| !group.r#where.is_empty()));
    assert!(table.not.iter().all(|group| !group.why.is_empty()));
    let distinct: BTreeSet<_> = named.iter().cloned().collect();
    assert_eq!(named.len(), distinct.len(), "a number stands in two groups");
    assert_eq!(distinct, listed);
}
