//! The rules of the icons.

use serde_json::json;
use slipway_manifest::{Detail, read_package};

use crate::{build, details, found};

/// Findings of the valid package with one file replaced, or removed if it has no bytes.
fn with_file(name: &str, bytes: Vec<u8>) -> Vec<Detail> {
    let mut files = build::files(&build::manifest());
    files.retain(|file| file.0 != name);
    if !bytes.is_empty() {
        files.push((name.to_owned(), bytes));
    }
    details(read_package(&build::zip(&files)))
}

#[track_caller]
fn assert_icon(name: &str, bytes: Vec<u8>, code: &str) {
    let found = with_file(name, bytes);
    assert_eq!(found.len(), 1, "{found:?}");
    let target = format!("icons.{}", name.strip_suffix(".png").unwrap());
    assert_eq!((found[0].code, &found[0].target), (code, &target));
}

const WHITE: [u8; 4] = [255; 4];

/// The start of a GIF of this size; nothing more of it is read.
fn gif(size: u8) -> Vec<u8> {
    [b"GIF89a".as_slice(), &[size, 0, size, 0, 0, 0, 0]].concat()
}

/// The start of a JPEG of this size, as far as its frame header.
fn jpeg(size: u8) -> Vec<u8> {
    [b"\xFF\xD8\xFF\xE0\x00\x04ab\xFF\xC0\x00\x11\x08".as_slice(), &[0, size, 0, size, 3, 0, 0]].concat()
}

#[test]
fn icons_are_there_and_have_their_sizes() {
    for name in ["color.png", "outline.png"] {
        assert_icon(name, vec![], "Serialization_FileMissing");
    }
    for bytes in [build::png(96, WHITE), build::png(193, WHITE), gif(96), b"<svg/>".to_vec(), b"BM1".to_vec()]
    {
        assert_icon("color.png", bytes, "InvalidColorIconHeightAndWidth");
    }
    for bytes in [gif(192), jpeg(192), build::png(192, [0, 0, 0, 255])] {
        assert_eq!(with_file("color.png", bytes), []);
    }
    for bytes in [build::png(20, WHITE), build::png(720, WHITE), gif(32), jpeg(32)] {
        assert_icon("outline.png", bytes, "InvalidOutlineIconHeightAndWidth");
    }
    let damaged = build::png(32, WHITE)[..50].to_vec();
    assert_icon("outline.png", damaged, "InvalidOutlineIconHeightAndWidth");
    let mut manifest = build::manifest();
    manifest["icons"]["color32x32"] = json!("color.png");
    assert_eq!(found(&manifest), [("InvalidColor32x32IconHeightAndWidth", "icons.color32x32".to_owned())]);
}

#[test]
fn media_types_are_those_of_the_bytes() {
    for (bytes, expected) in [(gif(192), "image/gif"), (jpeg(192), "image/jpeg")] {
        let mut files = build::files(&build::manifest());
        files[1].1 = bytes;
        assert_eq!(read_package(&build::zip(&files)).unwrap().color_icon.media_type, expected);
    }
}

#[test]
fn outline_icons_are_white_and_transparent() {
    for pixel in [WHITE, [255, 255, 255, 1], [10, 20, 30, 0]] {
        assert_eq!(with_file("outline.png", build::png(32, pixel)), []);
    }
    assert_icon("outline.png", build::png(32, [10, 20, 30, 40]), "InvalidOutlineIconTransparency");
    assert_eq!(
        with_file("outline.png", build::png(32, [10, 20, 30, 40]))[0].message,
        "Outline icon isn't transparent. It's Alpha, R, G, B value of 40, 10, 20, 30."
    );
}
