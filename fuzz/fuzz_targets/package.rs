//! App packages: any bytes as the archive, as the manifest in a sound archive, and as icons and description of an
//! API beside a sound manifest. Nothing may panic, and a package that is turned away comes with at least one reason.

#![no_main]

use std::io::{Cursor, Write as _};

use libfuzzer_sys::fuzz_target;
use slipway_manifest::{PackageError, read_manifest, read_package};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

fuzz_target!(|bytes: &[u8]| {
    check(read_package(bytes));
    check(read_manifest(bytes));
    check(read_package(&archive(bytes, bytes)));
    check(read_package(&archive(MANIFEST, bytes)));
});

const MANIFEST: &[u8] = br##"{"$schema": "s:", "manifestVersion": "1.30", "version": "1.0.0",
    "id": "51190000-0000-4000-8000-00000000b0e1", "accentColor": "#000000",
    "developer": {"name": "n", "websiteUrl": "https://a", "privacyUrl": "https://a", "termsOfUseUrl": "https://a"},
    "name": {"short": "s"}, "description": {"short": "s", "full": "f"},
    "icons": {"color": "color.png", "outline": "color.png", "color32x32": "color.png"},
    "composeExtensions": [{"composeExtensionType": "apiBased", "apiSpecificationFile": "color.png", "commands": [
        {"id": "a", "title": "a", "apiResponseRenderingTemplateFile": "color.png",
         "parameters": [{"name": "b", "title": "b"}]}]}]}"##;

fn archive(manifest: &[u8], icon: &[u8]) -> Vec<u8> {
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [("manifest.json", manifest), ("color.png", icon)] {
        zip.start_file(name, stored).expect("a plain name");
        zip.write_all(bytes).expect("memory");
    }
    zip.finish().expect("memory").into_inner()
}

fn check<T>(result: Result<T, PackageError>) {
    if let Err(error) = result {
        assert!(!error.to_string().is_empty());
        if let PackageError::Invalid(details) = error {
            assert!(!details.is_empty());
        }
    }
}
