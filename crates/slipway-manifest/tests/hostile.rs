//! Archives built to harm their reader: each is refused with a text that says why, quickly and in little memory.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod build;

use std::io::{Cursor, Write as _};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use peak_alloc::PeakAlloc;
use slipway_manifest::{PackageError, read_package};
use zip::ZipWriter;
use zip::write::{FileOptions, SimpleFileOptions};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Memory is counted for the whole process, so one test reads at a time.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// As much as the largest archive itself.
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The slowest took less than a second, not optimised.
const DEADLINE: Duration = Duration::from_secs(5);

/// How reading the archive fails, after checking what it cost.
fn refusal(archive: impl FnOnce() -> Vec<u8>) -> PackageError {
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let zip = archive();
    MEMORY.reset_peak_usage();
    let (before, start) = (MEMORY.current_usage(), Instant::now());
    let result = read_package(&zip);
    let (peak, took) = (MEMORY.peak_usage().saturating_sub(before), start.elapsed());
    let error = result.expect_err("it is hostile");
    assert!(peak < MAX_BYTES, "{error}: {peak} bytes");
    assert!(took < DEADLINE, "{error}: {took:?}");
    error
}

fn refused_text(archive: impl FnOnce() -> Vec<u8>) -> String {
    match refusal(archive) {
        PackageError::Refused(text) => text,
        other => panic!("not refused: {other:?}"),
    }
}

/// A valid package with one more file.
fn package_and(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    let mut files = build::files(&build::manifest());
    files.push((name.to_owned(), bytes));
    build::zip(&files)
}

/// Puts `new` in the place of each `old`, of the same length.
fn replace_all(bytes: &mut [u8], old: &[u8], new: &[u8]) -> usize {
    assert_eq!(old.len(), new.len());
    let found: Vec<usize> =
        bytes.windows(old.len()).enumerate().filter(|(_, window)| *window == old).map(|(at, _)| at).collect();
    for at in &found {
        bytes[*at..at + new.len()].copy_from_slice(new);
    }
    found.len()
}

/// Bytes that can hardly be packed.
fn noise(length: u32) -> Vec<u8> {
    (0..length).map(|at| at.wrapping_mul(0x9E37_79B9).rotate_left(at % 32).to_le_bytes()[3]).collect()
}

fn find(bytes: &[u8], sought: &[u8]) -> usize {
    bytes.windows(sought.len()).position(|window| window == sought).unwrap()
}

#[test]
fn the_package_they_are_made_of_is_valid() {
    assert!(read_package(&package_and("en.json", b"{}".to_vec())).is_ok());
}

#[test]
fn bomb() {
    let text = refused_text(|| package_and("bomb.bin", vec![0; 7 * 1024 * 1024]));
    assert_eq!(text, "The entry 'bomb.bin' unpacks to more than 100 times its size.");
    let text = refused_text(|| package_and("bomb.bin", vec![0; 9 * 1024 * 1024]));
    assert_eq!(text, "The entry 'bomb.bin' unpacks to more than 8388608 bytes.");
}

#[test]
fn bomb_of_many_files() {
    let archive = |copy: fn(&mut ZipWriter<Cursor<Vec<u8>>>, &str)| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("0", SimpleFileOptions::default()).unwrap();
        let mut content = noise(128 * 1024);
        content.resize(5 * 1024 * 1024, 0);
        zip.write_all(&content).unwrap();
        for at in 1..8 {
            copy(&mut zip, &at.to_string());
        }
        zip.finish().unwrap().into_inner()
    };
    let honest = refused_text(|| archive(|zip, name| zip.deep_copy_file("0", name).unwrap()));
    assert_eq!(honest, "The archive unpacks to more than 33554432 bytes.");
    let shared = refused_text(|| archive(|zip, name| zip.shallow_copy_file("0", name).unwrap()));
    assert_eq!(shared, "The entries are together larger than the archive.");
}

#[test]
fn bomb_that_lies_about_its_size() {
    let error = refusal(|| {
        let size = 3_000_000_u32;
        let mut zip = package_and("bomb.bin", vec![7; size as usize]);
        assert_eq!(replace_all(&mut zip, &size.to_le_bytes(), &16_u32.to_le_bytes()), 2);
        zip
    });
    assert_eq!(
        error.to_string(),
        "Invalid zip archive provided, ex: entry 'bomb.bin': File is larger than its declared uncompressed size."
    );
}

#[test]
fn traversal() {
    for (path, why) in [
        ("../../etc/passwd", "is absolute or leaves its folder"),
        ("a/../../b", "is absolute or leaves its folder"),
        ("/etc/passwd", "is absolute or leaves its folder"),
        ("a//b", "is absolute or leaves its folder"),
        ("a\\..\\..\\b", "has a backslash, colon or control character"),
        ("C:/Windows/x", "has a backslash, colon or control character"),
        ("color.png\0.exe", "has a backslash, colon or control character"),
    ] {
        let text = refused_text(|| {
            // The writer tidies paths up, so they are put in afterwards.
            let stand_in = "x".repeat(path.len());
            let mut zip = package_and(&stand_in, vec![1]);
            assert_eq!(replace_all(&mut zip, stand_in.as_bytes(), path.as_bytes()), 2);
            zip
        });
        assert_eq!(text, format!("The path '{}' {why}.", path.escape_debug()));
    }
}

#[test]
fn a_path_too_long() {
    let text = refused_text(|| package_and(&"n".repeat(20_000), vec![]));
    assert_eq!(text, format!("The path '{}' is longer than 255 bytes.", "n".repeat(255)));
}

#[test]
fn duplicate_entries() {
    let same = refused_text(|| {
        let mut zip = package_and("manifest.jsoX", b"{}".to_vec());
        assert_eq!(replace_all(&mut zip, b"manifest.jsoX", b"manifest.json"), 2);
        zip
    });
    assert_eq!(same, "The archive has two entries of the same name.");
    let by_case = refused_text(|| package_and("Manifest.JSON", b"{}".to_vec()));
    assert_eq!(by_case, "The entries 'manifest.json' and 'Manifest.JSON' have the same name.");
}

#[test]
fn no_manifest() {
    let error = refusal(|| {
        let mut files = build::files(&build::manifest());
        "package/manifest.json".clone_into(&mut files[0].0);
        build::zip(&files)
    });
    let PackageError::Invalid(details) = &error else { panic!("{error}") };
    assert_eq!(details[0].code, "Serialization_FileMissing");
    assert_eq!(
        error.to_string(),
        "manifest.json | The file manifest.json couldn't be found in the app package."
    );
}

/// An archive with this many entries of different names, and `announced` of them in its end record.
fn crowd(entries: u32, announced: u16) -> Vec<u8> {
    let one = build::zip(&[("12345".to_owned(), vec![])]);
    let (directory, end) = (find(&one, b"PK\x01\x02"), find(&one, b"PK\x05\x06"));
    let mut crowd = one[..directory].to_vec();
    for at in 0..entries {
        let mut header = one[directory..end].to_vec();
        replace_all(&mut header, b"12345", format!("{at:05}").as_bytes());
        crowd.append(&mut header);
    }
    let mut end = one[end..].to_vec();
    end[8..10].copy_from_slice(&announced.to_le_bytes());
    end[10..12].copy_from_slice(&announced.to_le_bytes());
    crowd.append(&mut end);
    crowd
}

#[test]
fn a_hundred_thousand_entries() {
    let honest = refused_text(|| crowd(100_000, u16::MAX));
    assert_eq!(honest, "The archive has more than 1000 entries.");
    let lying = refused_text(|| crowd(100_000, 5));
    assert_eq!(lying, "The archive's directory is larger than 524288 bytes.");
    let few = refused_text(|| crowd(1_001, 1_001));
    assert_eq!(few, "The archive has more than 1000 entries.");
}

#[test]
fn two_end_records() {
    let text = refused_text(|| {
        let mut zip = package_and("en.json", vec![]);
        let end = zip.split_off(find(&zip, b"PK\x05\x06"));
        [zip, end.clone(), end].concat()
    });
    assert_eq!(text, "The archive has two end records, so its content is ambiguous.");
}

#[test]
fn symlink() {
    let text = refused_text(|| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.add_symlink("color.png", "/etc/passwd", SimpleFileOptions::default()).unwrap();
        zip.finish().unwrap().into_inner()
    });
    assert_eq!(text, "The entry 'color.png' is a symbolic link.");
}

#[test]
fn encrypted() {
    let text = refused_text(|| {
        use zip::unstable::write::FileOptionsExt as _;
        let options: FileOptions<'_, '_, ()> = FileOptions::default();
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("manifest.json", options.with_deprecated_encryption(b"secret").unwrap()).unwrap();
        zip.write_all(b"{}").unwrap();
        zip.finish().unwrap().into_inner()
    });
    assert_eq!(text, "The entry 'manifest.json' is encrypted.");
}

#[test]
fn truncated() {
    let whole = build::zip(&build::files(&build::manifest()));
    for length in (0..whole.len()).step_by(7) {
        let error = refusal(|| whole[..length].to_vec());
        assert_eq!(
            error.to_string(),
            "Invalid zip archive provided, ex: End of Central Directory record could not be found."
        );
    }
    // Cut at the front, the directory is not where it says.
    let error = refusal(|| whole[100..].to_vec());
    assert!(matches!(error, PackageError::NotAZip { .. }), "{error}");
}

#[test]
fn wrong_crc() {
    let error = refusal(|| {
        let mut zip = package_and("noise.bin", noise(255));
        let at = find(&zip, &noise(255)[..16]);
        zip[at] ^= 1;
        zip
    });
    assert_eq!(error.to_string(), "Invalid zip archive provided, ex: entry 'noise.bin': Invalid checksum.");
}

#[test]
fn deep_nesting() {
    let paths = refused_text(|| package_and(&format!("{}x", "d/".repeat(16)), vec![]));
    assert_eq!(paths, format!("The path '{}x' has more than 16 parts.", "d/".repeat(16)));
    let json = refusal(|| {
        let mut files = build::files(&build::manifest());
        files[0].1 = b"[".repeat(50_000);
        build::zip(&files)
    });
    let PackageError::Invalid(details) = json else { panic!("{json}") };
    assert_eq!(details[0].code, "Serialization_FileNotValidJson");
}

#[test]
fn too_large_a_manifest_icon_or_archive() {
    let longer = |name: &str, by: u32| {
        let mut files = build::files(&build::manifest());
        files.iter_mut().find(|file| file.0 == name).unwrap().1.extend(noise(by));
        build::zip(&files)
    };
    assert_eq!(
        refused_text(|| longer("manifest.json", 256 * 1024)),
        "The file 'manifest.json' is larger than 262144 bytes."
    );
    assert_eq!(
        refused_text(|| longer("color.png", 1024 * 1024)),
        "The file 'color.png' is larger than 1048576 bytes."
    );
    assert_eq!(
        refused_text(|| vec![b'P'; 16 * 1024 * 1024 + 1]),
        "The archive is larger than 16777216 bytes."
    );
}

#[test]
fn a_manifest_that_unfolds_in_memory() {
    let error = refusal(|| {
        let mut files = build::files(&build::manifest());
        let pairs: Vec<String> = (0..14_000_u32).map(|at| format!("{{\"{at:x}\":{at}}}")).collect();
        files[0].1 = format!("[{}]", pairs.join(",")).into_bytes();
        assert!(files[0].1.len() <= 256 * 1024);
        build::zip(&files)
    });
    let PackageError::Invalid(details) = error else { panic!("{error}") };
    assert_eq!(details[0].code, "Serialization_FileNotValidJson");
}

#[test]
fn an_icon_that_claims_to_be_huge() {
    let error = refusal(|| {
        let mut files = build::files(&build::manifest());
        files[2].1[16..24].copy_from_slice(&[0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF]);
        build::zip(&files)
    });
    let PackageError::Invalid(details) = error else { panic!("{error}") };
    assert_eq!(details[0].code, "InvalidOutlineIconHeightAndWidth");
}

/// The package of an API with this description.
fn described(description: String) -> Vec<u8> {
    let mut manifest = build::manifest();
    let parameters = serde_json::json!([{ "name": "text", "title": "Text" }]);
    manifest["composeExtensions"][0] = serde_json::json!({
        "composeExtensionType": "apiBased",
        "apiSpecificationFile": "api.yaml",
        "commands": [{
            "id": "find",
            "title": "Find",
            "apiResponseRenderingTemplateFile": "color.png",
            "parameters": parameters
        }]
    });
    let mut files = build::files(&manifest);
    files.push(("api.yaml".to_owned(), description.into_bytes()));
    build::zip(&files)
}

#[test]
fn descriptions_that_unfold_in_memory() {
    const MOST: usize = 240 * 1024;
    // Else the archive is refused for being packed too well.
    let letters: String = noise(8 * 1024).iter().map(|byte| char::from(b'a' + byte % 26)).collect();
    let laughs = (1..30).fold("a0: &a0 [ha, ha, ha]\n".to_owned(), |text, at| {
        let before = at - 1;
        format!("{text}a{at}: &a{at} [*a{before}, *a{before}, *a{before}, *a{before}]\n")
    });
    let pairs: Vec<String> = (0..14_000_u32).map(|at| format!("{{\"{at:x}\":{at}}}")).collect();
    for description in [
        laughs,
        "[".repeat(MOST),
        "- ".repeat(MOST / 2),
        "{a: ".repeat(MOST / 4),
        format!("[{}]", pairs.join(",")),
        "[0,".repeat(MOST / 3),
        format!("x: [{}", "0,".repeat(MOST / 2 - 4)),
    ] {
        assert!(description.len() <= MOST);
        let error = refusal(|| described(format!("# {letters}\n{description}")));
        let PackageError::Invalid(details) = error else { panic!("{error}") };
        assert_eq!(details[0].code, "Serialization_FileNotValidJson");
    }
    let error = refusal(|| described(letters.repeat(33)));
    assert_eq!(error.to_string(), "The file 'api.yaml' is larger than 262144 bytes.");
}

#[test]
fn descriptions_that_lead_nowhere() {
    let circle = "paths: { /a: { get: { operationId: find, requestBody: { $ref: '#/b' }, parameters: [{ $ref: '#/b' }] } } }";
    let error = refusal(|| described(format!("{circle}\nb: {{ $ref: '#/b' }}")));
    let PackageError::Invalid(details) = error else { panic!("{error}") };
    let codes: Vec<_> = details.iter().map(|detail| detail.code).collect();
    assert_eq!(
        codes,
        ["ServerUrlsMissingOnApiSpecificationFile", "ParameterOnManifestNotDefinedOnApiSpecFile"]
    );
}

#[test]
fn a_manifest_with_more_to_say_than_is_told() {
    let error = refusal(|| {
        let mut manifest = build::manifest();
        let names = (0..20_000).map(|at| (format!("p{at}"), serde_json::json!([])));
        manifest.as_object_mut().unwrap().extend(names);
        build::zip(&build::files(&manifest))
    });
    let PackageError::Invalid(details) = error else { panic!("{error}") };
    assert_eq!(details.len(), 100);
    let error = refusal(|| {
        let mut manifest = build::manifest();
        manifest["authorization"]["permissions"]["resourceSpecific"] = (0..40_000).collect();
        build::zip(&build::files(&manifest))
    });
    let PackageError::Invalid(details) = error else { panic!("{error}") };
    assert_eq!(details[0].code, "SchemaError_MaximumItems");
}
