//! Stories: what clients do and see, as whole answers. Clock and ids are fixed, so nothing is blanked.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod applications;
mod attacks;
mod batch;
mod catalog;
mod chats;
mod definitions;
mod errors;
mod foreign;
mod forged;
mod groups;
mod headers;
mod installed_apps;
mod keys;
mod metadata;
mod paths;
mod permissions;
mod queries;
mod races;
mod refusals;
mod review;
mod settings;
mod teams;
mod transport;
mod users;

use serde_json::{Value, json};
use slipway_testkit::{Answer, TestApp};

/// The demo tenant's users, clients and app.
const USER02: &str = "51190000-0000-4000-8000-0000000e0002";
const USER03: &str = "51190000-0000-4000-8000-0000000e0003";
const ADMIN: &str = "51190000-0000-4000-8000-0000000e0001";
const AUTOMATION: &str = "51190000-0000-4000-8000-00000000a001";
const PUBLIC: &str = "51190000-0000-4000-8000-00000000a003";
const POLLS: &str = "51190000-0000-4000-8000-00000000b001";

/// Status, headers and body as text.
fn render(answer: &Answer) -> String {
    let mut headers: Vec<_> =
        answer.headers.iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
    headers.sort();
    let body = match serde_json::from_slice::<serde_json::Value>(&answer.body) {
        Ok(_) => pretty(&answer.body),
        Err(_) => String::from_utf8_lossy(&answer.body).into_owned(),
    };
    format!("{}\n{}\n\n{body}", answer.status, headers.join("\n"))
}

/// JSON with line breaks, the order of its properties kept.
fn pretty(json: &[u8]) -> String {
    let raw: Box<serde_json::value::RawValue> = serde_json::from_slice(json).unwrap();
    let (mut text, mut depth, mut quoted, mut escaped) = (String::new(), 0, false, false);
    for c in raw.get().replace("[]", "\u{1}").chars() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            text.push(c);
            continue;
        }
        let line = |depth: usize| format!("\n{}", "  ".repeat(depth));
        match c {
            '"' => {
                quoted = true;
                text.push(c);
            }
            '{' | '[' => {
                depth += 1;
                text.push(c);
                text.push_str(&line(depth));
            }
            '}' | ']' => {
                depth -= 1;
                text.push_str(&line(depth));
                text.push(c);
            }
            ',' => {
                text.push(c);
                text.push_str(&line(depth));
            }
            ':' => text.push_str(": "),
            '\u{1}' => text.push_str("[]"),
            _ => text.push(c),
        }
    }
    text
}

fn bind(app: &str) -> String {
    format!(r#"{{"teamsApp@odata.bind":"https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/{app}"}}"#)
}

fn installed(user: &str) -> String {
    format!("/v1.0/users/{user}/teamwork/installedApps")
}

fn installation_id(user: &str, app: &str) -> String {
    use slipway_model::{Id, InstallationId, TeamsAppId};
    InstallationId { owner: Id::parse(user).unwrap(), app: TeamsAppId::parse(app).unwrap() }.to_string()
}

/// A token of client "Automation", which may do all that is served app-only.
async fn automation(app: &TestApp) -> String {
    app.application_token(AUTOMATION).await
}

/// Another tenant with what is given, and a token that may do everything there.
async fn everything(app: &TestApp, id: &str, domain: &str, more: &Value) -> String {
    const CLIENT: &str = "51190000-0000-4000-8000-00000000d001";
    let clients = json!([{"id": CLIENT, "displayName": "Everything"}]);
    let mut tenant = json!({"id": id, "displayName": domain, "domain": domain, "clients": clients});
    for (name, value) in more.as_object().unwrap() {
        tenant[name] = value.clone();
    }
    app.seed(&json!({ "tenants": [tenant] }).to_string()).await;
    let names: Vec<_> = slipway_model::Permission::ALL.iter().map(|permission| permission.name()).collect();
    app.tenant(id).await.token_with(CLIENT, &names, None).await
}

/// A token of client "Public" for the administrator.
async fn admin(app: &TestApp) -> String {
    app.user_token(PUBLIC, ADMIN).await
}
