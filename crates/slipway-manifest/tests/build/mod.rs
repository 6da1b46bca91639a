//! A valid app package and its parts, to be made invalid by the tests.

use std::io::{Cursor, Write as _};
use std::sync::LazyLock;

use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A manifest with every part that is judged.
pub fn manifest() -> Value {
    json!({
        "$schema": "https://developer.microsoft.com/json-schemas/teams/v1.16/MicrosoftTeams.schema.json",
        "manifestVersion": "1.16",
        "id": "51190000-0000-4000-8000-00000000b0e1",
        "version": "1.0.0",
        "developer": {
            "name": "Contoso",
            "websiteUrl": "https://contoso.example",
            "privacyUrl": "https://contoso.example/privacy",
            "termsOfUseUrl": "https://contoso.example/terms",
            "mpnId": "1234567890"
        },
        "name": { "short": "Polls", "full": "Contoso Polls" },
        "description": { "short": "Ask your team.", "full": "Ask your team and count the answers." },
        "icons": { "color": "color.png", "outline": "outline.png" },
        "accentColor": "#2D7D9A",
        "bots": [{
            "botId": "51190000-0000-4000-8000-00000000b07a",
            "scopes": ["personal", "groupChat"]
        }],
        "staticTabs": [{ "entityId": "polls", "name": "Polls", "scopes": ["personal"] }],
        "configurableTabs": [{ "configurationUrl": "https://contoso.example/tab", "scopes": ["team"] }],
        "composeExtensions": [{ "botId": "51190000-0000-4000-8000-00000000b07a", "commands": [] }],
        "validDomains": ["contoso.example"],
        "webApplicationInfo": {
            "id": "51190000-0000-4000-8000-00000000a002",
            "resource": "api://contoso.example"
        },
        "authorization": { "permissions": { "resourceSpecific": [
            { "name": "TeamsActivity.Send.User", "type": "Application" }
        ] } }
    })
}

/// Drawing the icon anew for each package takes most of a test's time.
static COLOR_ICON: LazyLock<Vec<u8>> = LazyLock::new(|| png(192, [45, 125, 154, 255]));

/// The files of a valid package with this manifest: the manifest and two icons.
pub fn files(manifest: &Value) -> Vec<(String, Vec<u8>)> {
    vec![
        ("manifest.json".into(), manifest.to_string().into_bytes()),
        ("color.png".into(), COLOR_ICON.clone()),
        ("outline.png".into(), png(32, [255, 255, 255, 128])),
    ]
}

/// A square PNG of one colour: red, green, blue and alpha.
pub fn png(size: u32, pixel: [u8; 4]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, size, size);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixel.repeat((size * size) as usize)).unwrap();
    writer.finish().unwrap();
    bytes
}

/// An archive of these files, packed.
pub fn zip(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
