//! The versions of a seed's apps: packages and manifests, read and checked.

use std::path::Path;

use slipway_manifest::{PackageError, PackageFacts};
use slipway_model::{DistributionMethod, MAX_VERSIONS_PER_APP, PublishingState, TeamsAppId};
use slipway_store::Icon;

use super::check::Findings;
use super::format;

/// An app of a seed whose versions have been read.
pub struct AppSeed {
    /// Its id, if the seed says it; the manifest's id for a store app.
    pub id: Option<TeamsAppId>,
    /// How it came here.
    pub method: DistributionMethod,
    /// The manifest's id.
    pub external_id: String,
    /// Whether it is permanent, if the seed says it.
    pub permanent: Option<bool>,
    /// Whether it is blocked, if the seed says it.
    pub blocked: Option<bool>,
    /// From the lowest version to the highest; at least one.
    pub definitions: Vec<DefinitionSeed>,
}

/// A version of an app.
pub struct DefinitionSeed {
    /// What its manifest says.
    pub facts: PackageFacts,
    /// The manifest as JSON.
    pub manifest: Vec<u8>,
    /// Colour and outline icon; none if only the manifest was given.
    pub icons: Option<(Icon, Icon)>,
    /// Where it stands.
    pub state: PublishingState,
    /// The user who sent it in, as the seed names them.
    pub created_by: Option<String>,
}

/// Icons of an app whose seed has only a manifest.
pub fn plain_icons() -> (Icon, Icon) {
    let png = |bytes: &[u8]| Icon { media_type: "image/png".to_owned(), bytes: bytes.to_vec() };
    (png(include_bytes!("color.png")), png(include_bytes!("outline.png")))
}

/// Reads the versions of the app at the key `at`; none if something is wrong.
pub fn read_app(app: &format::App, folder: &Path, at: &str, findings: &mut Findings<'_>) -> Option<AppSeed> {
    let count = app.definitions.len();
    if count == 0 || count > MAX_VERSIONS_PER_APP {
        findings.add(format!("{at}.definitions"), format!("an app has 1 to {MAX_VERSIONS_PER_APP} versions"));
        return None;
    }
    let keyed = |n: usize| format!("{at}.definitions[{n}]");
    let read = app.definitions.iter().enumerate();
    let read: Vec<_> = read.map(|(n, said)| read_definition(said, folder, &keyed(n), findings)).collect();
    let definitions = read.into_iter().collect::<Option<Vec<_>>>()?;
    for (n, pair) in definitions.windows(2).enumerate() {
        let [lower, higher] = pair else { continue };
        let (first, next) = (&lower.facts, &higher.facts);
        if !first.external_id.eq_ignore_ascii_case(&next.external_id) {
            let text = format!("the manifest's id is '{}' and not '{}'", next.external_id, first.external_id);
            findings.add(keyed(n + 1), text);
        }
        if next.version <= first.version {
            let text = format!("version {} does not come after {}", next.version, first.version);
            findings.add(keyed(n + 1), text);
        }
    }
    let external_id = definitions.first()?.facts.external_id.clone();
    let method = app.distribution_method.as_ref().map_or(DistributionMethod::Organization, |method| method.0);
    let mut id = app.id.as_ref().map(|id| id.0.clone());
    let has_manifest_id = id.as_ref().map(|id| id.as_str().eq_ignore_ascii_case(&external_id));
    match (method, has_manifest_id) {
        (DistributionMethod::Store, Some(false)) => {
            findings.add(format!("{at}.id"), format!("a store app has its manifest's id, '{external_id}'"));
        }
        (DistributionMethod::Store, Some(true) | None) => id = TeamsAppId::parse(&external_id).ok(),
        (DistributionMethod::Organization | DistributionMethod::Sideloaded, Some(true)) => {
            findings.add(format!("{at}.id"), "only a store app has its manifest's id");
        }
        (DistributionMethod::Organization | DistributionMethod::Sideloaded, Some(false) | None) => {}
    }
    let (permanent, blocked) = (app.permanent, app.blocked);
    Some(AppSeed { id, method, external_id, permanent, blocked, definitions })
}

fn read_definition(
    said: &format::Definition,
    folder: &Path,
    at: &str,
    findings: &mut Findings<'_>,
) -> Option<DefinitionSeed> {
    let (facts, manifest, icons) = match (&said.package, &said.manifest) {
        (Some(package), None) => {
            let package = read_package(&folder.join(package), &format!("{at}.package"), findings)?;
            let icons = (icon(package.color_icon), icon(package.outline_icon));
            (package.facts, package.manifest, Some(icons))
        }
        (None, Some(manifest)) => {
            let manifest = serde_json::Value::from(manifest.clone()).to_string().into_bytes();
            match slipway_manifest::read_manifest(&manifest) {
                Ok(facts) => (facts, manifest, None),
                Err(error) => {
                    refused(error, &format!("{at}.manifest"), findings);
                    return None;
                }
            }
        }
        _ => {
            findings.add(at, "a version has either a package or a manifest");
            return None;
        }
    };
    let state = said.publishing_state.as_ref().map_or(PublishingState::Published, |state| state.0);
    Some(DefinitionSeed { facts, manifest, icons, state, created_by: said.created_by.clone() })
}

fn icon(icon: slipway_manifest::Icon) -> Icon {
    Icon { media_type: icon.media_type.to_owned(), bytes: icon.bytes }
}

fn read_package(file: &Path, at: &str, findings: &mut Findings<'_>) -> Option<slipway_manifest::AppPackage> {
    let zip = match std::fs::read(file) {
        Ok(zip) => zip,
        Err(error) => {
            findings.add(at, format!("'{}': {error}", file.display()));
            return None;
        }
    };
    match slipway_manifest::read_package(&zip) {
        Ok(package) => Some(package),
        Err(PackageError::Invalid(details)) => {
            for detail in details {
                findings.add(at, format!("{}: {}", detail.target, detail.message));
            }
            None
        }
        Err(error @ (PackageError::NotAZip { .. } | PackageError::Refused(_))) => {
            findings.add(at, error.to_string());
            None
        }
    }
}

/// A manifest stands in the seed itself, so each finding has a key of its own.
fn refused(error: PackageError, at: &str, findings: &mut Findings<'_>) {
    match error {
        PackageError::Invalid(details) => {
            for detail in details {
                let whole = detail.target == "manifest.json";
                let key = if whole { at.to_owned() } else { format!("{at}.{}", detail.target) };
                findings.add(key, detail.message);
            }
        }
        PackageError::NotAZip { .. } | PackageError::Refused(_) => findings.add(at, error.to_string()),
    }
}
