//! The manifest: from JSON to the facts of the app and the names of its icons.

use std::mem;

use serde_json::Value;
use slipway_model::AppVersion;

use crate::error::PackageError;
use crate::findings::{Findings, Rule, rules};
use crate::node::{Node, is_guid, is_longer};
use crate::parts::{self, Parts};
use crate::{MANIFEST_FILE, PackageFacts};

/// Longest URL, resource and icon name of the schemas, in characters.
const MAX_REFERENCE: usize = 2048;
/// Most domains of the newest schemas; up to 1.16 it was 16.
const MAX_VALID_DOMAINS: usize = 100;
const MAX_VERSION: usize = 256;
const MAX_FULL_NAME: usize = 100;
const MAX_PARTNER_ID: usize = 10;

/// A text that has to be there and has a longest length in characters.
struct Limited {
    present: Rule,
    most: usize,
    longer: Rule,
}

impl Limited {
    const fn new(present: Rule, most: usize, longer: Rule) -> Self {
        Self { present, most, longer }
    }
}

const DEVELOPER_NAME: Limited = Limited::new(rules::HAS_DEVELOPER_NAME, 32, rules::DEVELOPER_NAME_LENGTH);
const SHORT_NAME: Limited = Limited::new(rules::HAS_SHORT_NAME, 30, rules::SHORT_NAME_LENGTH);
const SHORT_DESCRIPTION: Limited =
    Limited::new(rules::HAS_SHORT_DESCRIPTION, 80, rules::SHORT_DESCRIPTION_LENGTH);
const FULL_DESCRIPTION: Limited =
    Limited::new(rules::HAS_FULL_DESCRIPTION, 4000, rules::FULL_DESCRIPTION_LENGTH);

const URL_PATTERN: &str = "^[Hh][Tt][Tt][Pp][Ss]?://";
const COLOR_PATTERN: &str = "^#[0-9a-fA-F]{6}$";

/// A manifest as far as it is read. Where there are findings the values they are about are empty.
pub struct Manifest {
    pub facts: PackageFacts,
    pub icons: IconNames,
}

/// Files that the manifest names under `icons`.
#[derive(Default)]
pub struct IconNames {
    pub color: Option<String>,
    pub outline: Option<String>,
    pub color_32: Option<String>,
}

impl Manifest {
    /// Reads the manifest and adds what is wrong with it.
    ///
    /// # Errors
    /// All findings, if the text is no JSON object, so that there is nothing to go on with.
    pub fn read(json: &[u8], findings: &mut Findings) -> Result<Self, PackageError> {
        let broken = match serde_json::from_slice::<Value>(json) {
            Ok(value) if value.is_object() => return Ok(Self::judge(&Node::root(&value), findings)),
            // The library tells its syntax errors apart by their texts only.
            Err(error) if error.to_string().starts_with("trailing comma") => rules::NO_TRAILING_COMMA,
            Ok(_) | Err(_) => rules::IS_JSON,
        };
        findings.broken(broken, MANIFEST_FILE);
        Err(mem::take(findings).into_error())
    }

    fn judge(root: &Node<'_>, findings: &mut Findings) -> Self {
        let schema_version = schema_version(&root.field("manifestVersion"), findings);
        text_with(&root.field("$schema"), rules::HAS_SCHEMA_URL, findings);
        let external_id = id(&root.field("id"), findings);
        let version = app_version(&root.field("version"), findings);
        let display_name = name(root.field("name"), findings);
        developer(root.field("developer"), findings);
        let (short_description, description) = descriptions(root.field("description"), findings);
        let icons = icons(root.field("icons"), findings);
        accent_color(root.field("accentColor"), findings);
        let Parts { bot_id, scopes } = parts::read(root, schema_version, findings);
        let azure_ad_app_id = application(root.field("webApplicationInfo"), findings);
        let required_permissions = parts::permissions(root, findings);
        root.field("validDomains").items(MAX_VALID_DOMAINS, findings);
        let facts = PackageFacts {
            external_id,
            version: AppVersion::new(&version),
            display_name,
            short_description,
            description,
            azure_ad_app_id,
            bot_id,
            scopes,
            required_permissions,
        };
        Self { facts, icons }
    }
}

/// Which of Microsoft's manifest schemas a manifest follows; previews are newer than all numbers.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SchemaVersion {
    /// 0.4, 1.0 and so on.
    Numbered(u8, u8),
    /// `devPreview` and `m365DevPreview`.
    Preview,
}

impl SchemaVersion {
    /// The newest minor version of 1; there is no 1.18.
    const NEWEST: u8 = 30;

    fn parse(text: &str) -> Option<Self> {
        let is = |known: &str| known.eq_ignore_ascii_case(text);
        if is("devPreview") || is("m365DevPreview") {
            return Some(Self::Preview);
        }
        if is("0.4") {
            return Some(Self::Numbered(0, 4));
        }
        let minor = text.strip_prefix("1.")?;
        let known = (0..=Self::NEWEST).find(|known| *known != 18 && known.to_string() == minor)?;
        Some(Self::Numbered(1, known))
    }
}

/// An unknown version is judged by the newest rules, so that the other findings can be told too.
fn schema_version(node: &Node<'_>, findings: &mut Findings) -> SchemaVersion {
    if node.is_absent() {
        findings.broken(rules::HAS_MANIFEST_VERSION, MANIFEST_FILE);
    } else if let Some(text) = node.text(findings) {
        if let Some(version) = SchemaVersion::parse(text) {
            return version;
        }
        if text.is_empty() {
            findings.broken(rules::MANIFEST_VERSION_IS_NOT_EMPTY, &node.path);
        } else {
            findings.not_in_enum(text, &node.path);
        }
    }
    SchemaVersion::Preview
}

fn id(node: &Node<'_>, findings: &mut Findings) -> String {
    let id = text_with(node, rules::HAS_ID, findings);
    if id.is_some_and(|id| !is_guid(id)) {
        findings.broken(rules::ID_IS_GUID, &node.path);
    }
    id.unwrap_or_default().to_owned()
}

/// Two or three numbers, as the text of `VersionHasMajorLessThan1` counts `1.0` among the valid ones.
fn app_version(node: &Node<'_>, findings: &mut Findings) -> String {
    let Some(version) = text_with(node, rules::HAS_VERSION, findings) else {
        return String::new();
    };
    if is_longer(version, MAX_VERSION) {
        findings.too_long(version, MAX_VERSION, &node.path);
    }
    let numbers: Vec<&str> = version.split('.').take(4).collect();
    let is_number = |part: &&str| part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u32>().is_ok();
    if !matches!(numbers.len(), 2 | 3) || !numbers.iter().all(is_number) {
        findings.broken(rules::VERSION_IS_NUMBERS, &node.path);
    } else if version.starts_with('0') {
        findings.broken(rules::VERSION_STARTS_ABOVE_0, &node.path);
    }
    version.to_owned()
}

fn developer(node: Node<'_>, findings: &mut Findings) {
    let Some(developer) = node.required(findings).object(findings) else {
        return;
    };
    limited(&developer.field("name"), &DEVELOPER_NAME, findings);
    for (name, present, https) in [
        ("websiteUrl", rules::HAS_WEBSITE, rules::WEBSITE_IS_HTTPS),
        ("privacyUrl", rules::HAS_PRIVACY, rules::PRIVACY_IS_HTTPS),
        ("termsOfUseUrl", rules::HAS_TERMS, rules::TERMS_ARE_HTTPS),
    ] {
        let node = developer.field(name);
        let Some(url) = text_with(&node, present, findings) else {
            continue;
        };
        if is_longer(url, MAX_REFERENCE) {
            findings.too_long(url, MAX_REFERENCE, &node.path);
        }
        match url.split_once("://") {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => {}
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("http") => findings.broken(https, &node.path),
            _ => findings.pattern(url, URL_PATTERN, &node.path),
        }
    }
    developer.field("mpnId").text_up_to(MAX_PARTNER_ID, findings);
}

fn name(node: Node<'_>, findings: &mut Findings) -> String {
    let Some(name) = node.required(findings).object(findings) else {
        return String::new();
    };
    name.field("full").text_up_to(MAX_FULL_NAME, findings);
    limited(&name.field("short"), &SHORT_NAME, findings)
}

fn descriptions(node: Node<'_>, findings: &mut Findings) -> (String, String) {
    let Some(description) = node.required(findings).object(findings) else {
        return Default::default();
    };
    let short = limited(&description.field("short"), &SHORT_DESCRIPTION, findings);
    let full = limited(&description.field("full"), &FULL_DESCRIPTION, findings);
    (short, full)
}

fn icons(node: Node<'_>, findings: &mut Findings) -> IconNames {
    let Some(icons) = node.required(findings).object(findings) else {
        return IconNames::default();
    };
    for required in ["color", "outline"] {
        icons.field(required).required(findings);
    }
    let mut name = |node: Node<'_>| node.text_up_to(MAX_REFERENCE, findings).map(str::to_owned);
    IconNames {
        color: name(icons.field("color")),
        outline: name(icons.field("outline")),
        color_32: name(icons.field("color32x32")),
    }
}

fn accent_color(node: Node<'_>, findings: &mut Findings) {
    let node = node.required(findings);
    let Some(color) = node.text(findings) else {
        return;
    };
    let digits = color.strip_prefix('#').unwrap_or_default();
    if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        findings.pattern(color, COLOR_PATTERN, &node.path);
    }
}

fn application(node: Node<'_>, findings: &mut Findings) -> Option<String> {
    let application = node.object(findings)?;
    application.field("resource").text_up_to(MAX_REFERENCE, findings);
    application.field("id").required(findings).guid(findings).map(str::to_owned)
}

/// The text, if there is more than blanks; else `present` is broken.
fn text_with<'a>(node: &Node<'a>, present: Rule, findings: &mut Findings) -> Option<&'a str> {
    if node.is_absent() {
        findings.broken(present, &node.path);
        return None;
    }
    let text = node.text(findings)?;
    if text.trim().is_empty() {
        findings.broken(present, &node.path);
        return None;
    }
    Some(text)
}

fn limited(node: &Node<'_>, limited: &Limited, findings: &mut Findings) -> String {
    let text = text_with(node, limited.present, findings).unwrap_or_default();
    if is_longer(text, limited.most) {
        findings.broken(limited.longer, &node.path);
    }
    text.to_owned()
}
