//! App packages that are right, for tests that publish.

use std::io::Write;
use std::sync::LazyLock;

use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::app::DEMO_SELF;

static COLOR: LazyLock<Vec<u8>> = LazyLock::new(|| png(192));
static OUTLINE: LazyLock<Vec<u8>> = LazyLock::new(|| png(32));

/// A package in the making.
#[derive(Clone, Debug)]
pub struct Package {
    /// The manifest; change what a test is about.
    pub manifest: Value,
}

impl Package {
    /// A package with a personal tab.
    #[must_use]
    pub fn new(external_id: &str, version: &str) -> Self {
        let manifest = json!({
            "$schema": "https://developer.microsoft.com/json-schemas/teams/v1.16/MicrosoftTeams.schema.json",
            "manifestVersion": "1.16",
            "version": version,
            "id": external_id,
            "developer": {
                "name": "Contoso",
                "websiteUrl": "https://contoso.example",
                "privacyUrl": "https://contoso.example/privacy",
                "termsOfUseUrl": "https://contoso.example/terms"
            },
            "icons": {"color": "color.png", "outline": "outline.png"},
            "name": {"short": format!("Test App {version}"), "full": "Test App for tests"},
            "description": {"short": "An app for tests", "full": "An app that tests publish and install."},
            "accentColor": "#4F6BED",
            "staticTabs": [{
                "entityId": "home", "name": "Home", "contentUrl": "https://contoso.example/tab", "scopes": ["personal"]
            }],
            "validDomains": ["contoso.example"]
        });
        Self { manifest }
    }

    /// The package with a bot in these scopes in place of the tab: `personal`, `team`, `groupChat`.
    #[must_use]
    pub fn in_scopes(mut self, scopes: &[&str]) -> Self {
        if let Some(manifest) = self.manifest.as_object_mut() {
            manifest.remove("staticTabs");
        }
        self.with("bots", json!([{"botId": "51190000-0000-4000-8000-0000000000b0", "scopes": scopes}]))
    }

    /// The package of an app of the demo client "Self" that asks for these resource-specific permissions, each with
    /// its type: `Application` or `Delegated`.
    #[must_use]
    pub fn asking_for(self, permissions: &[(&str, &str)]) -> Self {
        let asked: Vec<_> =
            permissions.iter().map(|(name, kind)| json!({"name": name, "type": kind})).collect();
        self.with("webApplicationInfo", json!({"id": DEMO_SELF, "resource": "https://contoso.example"}))
            .with("authorization", json!({"permissions": {"resourceSpecific": asked}}))
    }

    fn with(mut self, key: &str, value: Value) -> Self {
        if let Some(manifest) = self.manifest.as_object_mut() {
            manifest.insert(key.to_owned(), value);
        }
        self
    }

    /// The zip archive.
    ///
    /// # Panics
    /// Never: memory takes every write.
    #[must_use]
    pub fn zip(&self) -> Vec<u8> {
        let manifest = self.manifest.to_string();
        let files: [(&str, &[u8]); 3] =
            [("manifest.json", manifest.as_bytes()), ("color.png", &COLOR), ("outline.png", &OUTLINE)];
        let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            zip.start_file(name, SimpleFileOptions::default()).expect("an entry");
            zip.write_all(bytes).expect("memory");
        }
        zip.finish().expect("memory").into_inner()
    }
}

/// A white square.
fn png(side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().expect("memory");
    writer.write_image_data(&vec![0xFF; (side * side * 4) as usize]).expect("memory");
    writer.finish().expect("memory");
    bytes
}
