//! App packages made on the spot: a manifest and both icons in a zip.

use std::io::{Cursor, Write as _};

use anyhow::Context as _;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

/// A package of the personal scope without resource-specific permissions, so that nobody has to consent.
///
/// `number` gives the manifest's id, `version` is three numbers with dots.
///
/// # Errors
/// When an icon or the archive cannot be encoded.
pub fn app_package(number: usize, version: &str) -> anyhow::Result<Vec<u8>> {
    heavy_package(number, version, &[])
}

/// The same with a file that only adds to its size.
///
/// # Errors
/// When an icon or the archive cannot be encoded.
pub fn heavy_package(number: usize, version: &str, ballast: &[u8]) -> anyhow::Result<Vec<u8>> {
    let manifest = json!({
        "$schema": "https://developer.microsoft.com/json-schemas/teams/v1.16/MicrosoftTeams.schema.json",
        "manifestVersion": "1.16",
        "version": version,
        "id": format!("51190000-0000-4000-8000-0000b7ea{number:04x}"),
        "developer": {
            "name": "Contoso",
            "websiteUrl": "https://contoso.example",
            "privacyUrl": "https://contoso.example/privacy",
            "termsOfUseUrl": "https://contoso.example/terms",
        },
        "name": { "short": format!("Breakable {number}"), "full": format!("Breakable app {number}") },
        "description": { "short": "An app to install", "full": "An app to install, upgrade and uninstall." },
        "icons": { "color": "color.png", "outline": "outline.png" },
        "accentColor": "#4464ee",
        "staticTabs": [{
            "entityId": "home",
            "name": "Home",
            "contentUrl": "https://contoso.example/home",
            "scopes": ["personal"],
        }],
        "validDomains": ["contoso.example"],
    });
    archive(&manifest, ballast)
}

/// A package with this manifest and plain icons.
///
/// # Errors
/// When an icon or the archive cannot be encoded.
pub fn of_manifest(manifest: &Value) -> anyhow::Result<Vec<u8>> {
    archive(manifest, &[])
}

fn archive(manifest: &Value, ballast: &[u8]) -> anyhow::Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let files = [
        ("manifest.json", serde_json::to_vec(manifest)?),
        ("color.png", icon(192, [0x44, 0x64, 0xee, 0xff])?),
        ("outline.png", icon(32, [0xff, 0xff, 0xff, 0x00])?),
    ];
    let ballast = (!ballast.is_empty()).then(|| ("ballast.bin", ballast.to_vec()));
    for (name, bytes) in files.into_iter().chain(ballast) {
        let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        archive.start_file(name, stored).with_context(|| format!("cannot add {name}"))?;
        archive.write_all(&bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// A square of one colour (red, green, blue, alpha).
fn icon(side: u32, colour: [u8; 4]) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    let pixels = usize::try_from(side * side)?;
    encoder.write_header()?.write_image_data(&colour.repeat(pixels))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn a_package_holds_the_manifest_and_its_icons() {
        let bytes = app_package(7, "1.2.0").unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut manifest = String::new();
        archive.by_name("manifest.json").unwrap().read_to_string(&mut manifest).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
        assert_eq!(manifest["version"], "1.2.0");
        assert_eq!(manifest["id"], "51190000-0000-4000-8000-0000b7ea0007");
        for (name, side) in [("color.png", 192), ("outline.png", 32)] {
            let mut image = Vec::new();
            archive.by_name(name).unwrap().read_to_end(&mut image).unwrap();
            let reader = png::Decoder::new(Cursor::new(image)).read_info().unwrap();
            assert_eq!((reader.info().width, reader.info().height), (side, side));
        }
    }
}
