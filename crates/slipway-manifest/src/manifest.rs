//! The manifest: from JSON to the facts of the app and the names of its icons.

use std::mem;

use serde_json::Value;
use slipway_model::AppVersion;

use crate::error::PackageError;
use crate::extension::{self, Api};
use crate::findings::{Findings, Rule};
use crate::node::{Node, is_longer};
use crate::schema::{self, NamedFile, Walk};
use crate::{MANIFEST_FILE, PackageFacts, activities, cards, parts, rules};

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

/// A manifest as far as it is read. Where there are findings the values they are about are empty.
pub struct Manifest {
    pub facts: PackageFacts,
    pub icons: IconNames,
    /// The files that it names, the icons aside.
    pub files: Vec<NamedFile>,
    /// The API of a message extension without a bot.
    pub api: Option<Api>,
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
        let files = Walk::new(schema_version, findings).files_of(&schema::MANIFEST, root);
        text_with(&root.field("$schema"), rules::HAS_SCHEMA_URL, findings);
        let external_id = id(&root.field("id"), findings);
        let version = app_version(&root.field("version"), findings);
        let name = root.field("name");
        let display_name = limited(&name, "short", &SHORT_NAME, findings);
        developer(&root.field("developer"), findings);
        let description = root.field("description");
        let short_description = limited(&description, "short", &SHORT_DESCRIPTION, findings);
        let description = limited(&description, "full", &FULL_DESCRIPTION, findings);
        let (parts, scopes) = parts::read(root, schema_version, findings);
        activities::judge(&root.field("activities"), findings);
        let application = root.field("webApplicationInfo");
        let owned = |node: Node<'_>| node.text().map(str::to_owned);
        let facts = PackageFacts {
            external_id,
            version: AppVersion::new(&version),
            display_name,
            short_description,
            description,
            azure_ad_app_id: owned(application.field("id")),
            application_resource: owned(application.field("resource")),
            parts,
            scopes,
            required_permissions: parts::permissions(root),
            dashboard_cards: cards::read(&root.field("dashboardCards"), findings),
        };
        let icons = root.field("icons");
        let icons = IconNames {
            color: owned(icons.field("color")),
            outline: owned(icons.field("outline")),
            color_32: owned(icons.field("color32x32")),
        };
        Self { facts, icons, files, api: extension::judge(root, findings) }
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
    } else if let Some(version) = node.text().and_then(SchemaVersion::parse) {
        return version;
    } else if node.text() == Some("") {
        findings.broken(rules::MANIFEST_VERSION_IS_NOT_EMPTY, &node.path);
    } else if let Some(value) = node.value() {
        findings.not_in_enum(value, &node.path);
    }
    SchemaVersion::Preview
}

fn id(node: &Node<'_>, findings: &mut Findings) -> String {
    let id = text_with(node, rules::HAS_ID, findings);
    if id.is_some_and(|id| !(schema::GUID.fits)(id)) {
        findings.broken(rules::ID_IS_GUID, &node.path);
    }
    id.unwrap_or_default().to_owned()
}

/// Two or three numbers, as the text of `VersionHasMajorLessThan1` counts `1.0` among the valid ones.
fn app_version(node: &Node<'_>, findings: &mut Findings) -> String {
    let Some(version) = text_with(node, rules::HAS_VERSION, findings) else {
        return String::new();
    };
    let numbers: Vec<&str> = version.split('.').take(4).collect();
    let is_number = |part: &&str| part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u32>().is_ok();
    if !matches!(numbers.len(), 2 | 3) || !numbers.iter().all(is_number) {
        findings.broken(rules::VERSION_IS_NUMBERS, &node.path);
    } else if version.starts_with('0') {
        findings.broken(rules::VERSION_STARTS_ABOVE_0, &node.path);
    }
    version.to_owned()
}

fn developer(developer: &Node<'_>, findings: &mut Findings) {
    limited(developer, "name", &DEVELOPER_NAME, findings);
    for (name, present, https) in [
        ("websiteUrl", rules::HAS_WEBSITE, rules::WEBSITE_IS_HTTPS),
        ("privacyUrl", rules::HAS_PRIVACY, rules::PRIVACY_IS_HTTPS),
        ("termsOfUseUrl", rules::HAS_TERMS, rules::TERMS_ARE_HTTPS),
    ] {
        if developer.value().is_none_or(|value| !value.is_object()) {
            return;
        }
        let node = developer.field(name);
        let Some(url) = text_with(&node, present, findings) else {
            continue;
        };
        match url.split_once("://") {
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => {}
            Some((scheme, _)) if scheme.eq_ignore_ascii_case("http") => findings.broken(https, &node.path),
            _ => findings.pattern(url, schema::URL.text, &node.path),
        }
    }
}

/// The text, if there is more than blanks; else `present` is broken, but for a value of another type, which
/// the schema has told of.
fn text_with<'a>(node: &Node<'a>, present: Rule, findings: &mut Findings) -> Option<&'a str> {
    let text = node.filled_text();
    if text.is_none() && (node.is_absent() || node.text().is_some()) {
        findings.broken(present, &node.path);
    }
    text
}

/// The text of that name in an object; where there is no object, its absence has been told.
fn limited(object: &Node<'_>, name: &str, limited: &Limited, findings: &mut Findings) -> String {
    if object.value().is_none_or(|value| !value.is_object()) {
        return String::new();
    }
    let node = object.field(name);
    let text = text_with(&node, limited.present, findings).unwrap_or_default();
    if is_longer(text, limited.most) {
        findings.broken(limited.longer, &node.path);
    }
    text.to_owned()
}
