//! A large tenant as `slipway import` reads it. The same counts make the same file.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};

use anyhow::ensure;
use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const TENANT: &str = "51190000-0000-4000-8000-0000000000da";
const VERSION: &str = "1.0.0";
const INCARNATION: u64 = 1 << 60;
const MADE: &str = "2026-01-01T00:00:00Z";

/// Size of a colour icon, as of a real one, in bytes.
const ICON_BYTES: usize = 20_000;

/// A tenant's size.
pub struct Tenant {
    users: u32,
    apps: u32,
}

impl Tenant {
    /// With this many users and, within one for each user, installations.
    ///
    /// # Errors
    /// When the installations cannot be dealt out evenly.
    pub fn new(users: u32, installations: u32) -> anyhow::Result<Self> {
        ensure!(
            users > 0 && installations.is_multiple_of(users),
            "--installations must be a multiple of --users, so that all users have as many"
        );
        Ok(Self { users, apps: installations / users })
    }

    /// Writes the file; gives the number of its records.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn write(&self, file: File) -> anyhow::Result<u64> {
        let mut lines = Lines { file: BufWriter::new(file), sum: Context::new(&SHA256) };
        lines.write(&json!({ "format": 1, "product": "cargo xtask move" }))?;
        let (id, domain) = (TENANT, "move.example");
        lines.record(
            "tenant",
            &json!({ "v": 1, "id": id, "displayName": "Move", "domain": domain, "generation": 0 }),
        )?;
        for user in 0..self.users {
            lines.record("user", &self::user(user))?;
        }
        for app in 0..self.apps {
            lines.record("app", &self::app(app))?;
        }
        for app in 0..self.apps {
            lines.record("definition", &definition(app))?;
        }
        for app in 0..self.apps {
            lines.record("package", &package(app))?;
        }
        for user in 0..self.users {
            for app in 0..self.apps {
                lines.record("installation", &installation(user, app))?;
            }
        }
        let installations = u64::from(self.users) * u64::from(self.apps);
        let counts = json!({
            "tenant": 1, "user": self.users, "app": self.apps, "definition": self.apps, "package": self.apps,
            "installation": installations,
        });
        let sum = lines.sum.clone().finish();
        let sha256 = sum
            .as_ref()
            .iter()
            .try_fold(String::new(), |mut text, byte| write!(text, "{byte:02x}").map(|()| text))?;
        lines.write(&json!({ "counts": counts, "sha256": sha256 }))?;
        lines.file.flush()?;
        Ok(1 + u64::from(self.users) + 3 * u64::from(self.apps) + installations)
    }
}

struct Lines {
    file: BufWriter<File>,
    sum: Context,
}

impl Lines {
    fn record(&mut self, kind: &str, document: &Value) -> anyhow::Result<()> {
        self.write(&json!({ "kind": kind, "tenant": TENANT, "document": document }))
    }

    fn write(&mut self, line: &Value) -> anyhow::Result<()> {
        let mut line = serde_json::to_vec(line)?;
        line.push(b'\n');
        self.sum.update(&line);
        self.file.write_all(&line)?;
        Ok(())
    }
}

fn user_id(user: u32) -> String {
    format!("51190000-0000-4000-8001-{user:012x}")
}

fn app_id(app: u32) -> String {
    format!("51190000-0000-4000-8000-0000b000{app:04x}")
}

fn external_id(app: u32) -> String {
    format!("51190000-0000-4000-8000-0000e000{app:04x}")
}

fn user(user: u32) -> Value {
    json!({
        "v": 1, "id": user_id(user), "userPrincipalName": format!("user{user}@move.example"),
        "displayName": format!("User {user}"), "givenName": "User", "surname": user.to_string(),
        "mail": format!("user{user}@move.example"), "businessPhones": ["+1 425 555 0100"],
        "accountEnabled": true, "directoryRoles": [],
    })
}

fn app(app: u32) -> Value {
    json!({
        "v": 1, "id": app_id(app), "externalId": external_id(app), "displayName": format!("App {app}"),
        "distributionMethod": "organization", "published": VERSION, "incarnation": INCARNATION, "createdAt": MADE,
    })
}

fn definition(app: u32) -> Value {
    json!({
        "v": 1, "app": app_id(app), "externalId": external_id(app), "version": VERSION,
        "displayName": format!("App {app}"), "shortDescription": "Moves.", "description": "Moves about.",
        "scopes": ["personal"], "requiredPermissions": [], "state": "published", "createdAt": MADE,
    })
}

fn package(app: u32) -> Value {
    let mut random = fastrand::Rng::with_seed(app.into());
    let mut icon = |bytes: usize| {
        let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(bytes).collect();
        json!({ "mediaType": "image/png", "bytes": STANDARD.encode(bytes) })
    };
    json!({
        "v": 1, "app": app_id(app), "version": VERSION, "manifest": STANDARD.encode(r#"{"manifestVersion":"1.17"}"#),
        "colorIcon": icon(ICON_BYTES), "outlineIcon": icon(ICON_BYTES / 10),
    })
}

fn installation(user: u32, app: u32) -> Value {
    json!({
        "v": 1, "owner": user_id(user), "app": app_id(app), "incarnation": INCARNATION, "version": VERSION,
        "installedAt": MADE,
    })
}
