//! Sends a sample to a tenant that is seeded for it.

use http::Method;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;
use slipway_testkit::{Answer, Package, TestApp};

use crate::compare::{self, Differences};
use crate::sample::{Listed, Sample};
use crate::seed::{ADMIN, CLIENT, Wanted};

/// What the base of addresses in samples is.
const GRAPH: &str = "https://graph.microsoft.com/";
const LOCAL: &str = "https://localhost:8365/";

/// What samples print as it is and an address must not have.
const PRINTED: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>');

/// All that is needed app-only.
const ROLES: [&str; 7] = [
    "Chat.Read.All",
    "TeamsAppInstallation.ReadWriteAndConsentForChat.All",
    "TeamsAppInstallation.ReadWriteAndConsentForTeam.All",
    "TeamsAppInstallation.ReadWriteAndConsentForUser.All",
    "TeamsAppInstallation.ReadWriteForChat.All",
    "TeamsAppInstallation.ReadWriteForTeam.All",
    "TeamsAppInstallation.ReadWriteForUser.All",
];

/// What an administrator delegates, for the catalog.
const SCOPES: [&str; 2] = ["AppCatalog.ReadWrite.All", "TeamworkAppSettings.ReadWrite.All"];

/// Seeds, sends, and compares.
pub async fn replay(app: &TestApp, sample: &Sample, number: usize, listed: &Listed) -> Differences {
    let wanted = Wanted::of(sample, number);
    app.seed(&wanted.document().to_string()).await;
    let tenant = app.tenant(&wanted.tenant).await;
    let in_catalog = matches!(sample.segments()[0].as_str(), "appCatalogs" | "teamwork");
    let token = if in_catalog {
        tenant.token_with(CLIENT, &SCOPES, Some(ADMIN)).await
    } else {
        tenant.token_with(CLIENT, &ROLES, None).await
    };
    let path = utf8_percent_encode(&sample.url, PRINTED).to_string();
    let mut headers = vec![("Authorization".to_owned(), format!("Bearer {token}"))];
    for (name, value) in &sample.headers {
        headers.push(match name.to_ascii_lowercase().as_str() {
            "authorization" | "content-length" => continue,
            // The etag is the server's own.
            "if-match" => (name.clone(), etag(app, &token, &path).await),
            _ => (name.clone(), value.clone()),
        });
    }
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let method: Method = sample.method.parse().unwrap();
    let answer = app.send(method, &path, &headers, &body(sample, &wanted)).await;
    differences(sample, &answer, listed)
}

async fn etag(app: &TestApp, token: &str, path: &str) -> String {
    app.get(token, path).await.json()["@odata.etag"].as_str().unwrap().to_owned()
}

/// The body as printed; where that only stands for a package, the package.
fn body(sample: &Sample, wanted: &Wanted) -> Vec<u8> {
    if sample.sends_package() {
        let package = Package { manifest: wanted.sent_manifest(&sample.response_body) };
        return package.zip();
    }
    match &sample.body {
        Value::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    }
}

fn differences(sample: &Sample, answer: &Answer, listed: &Listed) -> Differences {
    let mut found = Differences::new();
    if answer.status != sample.status {
        found.insert(format!("status {} {}", answer.status, answer.error().0));
    }
    let ours = answer.json();
    let local = |text: &str| {
        let text = text.replace(GRAPH, LOCAL);
        match listed.drawn(&sample.name) {
            Some((from, at)) => text.replace(from, ours.pointer(at).and_then(Value::as_str).unwrap_or("")),
            None => text,
        }
    };
    for (name, value) in &sample.response_headers {
        let sent = answer.header(name);
        // Samples leave out the parameters of the media type.
        let is_type = name.eq_ignore_ascii_case("content-type");
        let sent = if is_type { sent.split(';').next().unwrap() } else { sent };
        if sent != local(value) {
            found.insert(format!("{name}: {sent}"));
        }
    }
    match &sample.response_body {
        Value::Null if answer.body.is_empty() => {}
        Value::Null => {
            found.insert("a body".to_owned());
        }
        theirs => {
            let theirs: Value = serde_json::from_str(&local(&theirs.to_string())).unwrap();
            compare::bodies(&theirs, &ours, &mut found);
        }
    }
    found
}
