//! Turns an untrusted zip archive into a Teams app package, or says everything that is wrong with it.
//!
//! The only archive reader of the product. Pure: bytes in, values out; memory and time are bounded whatever
//! the bytes are. The content of localisation files, agents and response templates is not judged.

mod activities;
mod archive;
mod cards;
mod diff;
mod error;
mod extension;
mod findings;
mod icon;
mod manifest;
mod node;
mod parts;
mod rules;
mod schema;
mod specification;

use slipway_model::{AppVersion, InstallationScopes, ResourceSpecificPermission};

use crate::archive::Archive;
use crate::findings::Findings;
use crate::manifest::Manifest;
use crate::schema::NamedFile;

pub use archive::MAX_PACKAGE_BYTES;
pub use cards::{DashboardCard, DashboardCardIcon};
pub use diff::{Change, Consent, Diff, Step, diff};
pub use error::{Detail, PackageError};
pub use icon::Icon;
pub use parts::{Bot, Parts};

/// Name of the manifest in a package, and target of findings about the file as a whole.
pub(crate) const MANIFEST_FILE: &str = "manifest.json";

/// Longest manifest, in bytes. A limit of this server: the largest public ones have some 20,000, and a parsed
/// manifest takes up to a hundred times its length in memory.
const MAX_MANIFEST_BYTES: u64 = 256 * 1024;

/// A package that may be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppPackage {
    /// What the catalog needs to know of the manifest.
    pub facts: PackageFacts,
    /// `manifest.json` as sent, without a byte order mark.
    pub manifest: Vec<u8>,
    /// The file that `icons.color` names.
    pub color_icon: Icon,
    /// The file that `icons.outline` names.
    pub outline_icon: Icon,
}

/// What a manifest says about the app, in the terms of Graph's `teamsAppDefinition`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageFacts {
    /// `id`, a GUID as written there.
    pub external_id: String,
    /// `version`: two or three numbers, the first of them not 0.
    pub version: AppVersion,
    /// `name.short`, at most 30 characters.
    pub display_name: String,
    /// `description.short`, at most 80 characters.
    pub short_description: String,
    /// `description.full`, at most 4,000 characters.
    pub description: String,
    /// `webApplicationInfo.id`, a GUID.
    pub azure_ad_app_id: Option<String>,
    /// `webApplicationInfo.resource`.
    pub application_resource: Option<String>,
    /// Bot, tabs, connectors and message extension.
    pub parts: Parts,
    /// Union of the scopes that bots, tabs, connectors and message extensions name.
    ///
    /// Where none is named: all three for an app with a message extension, which works wherever messages are
    /// written and needs to name none; else personal (declarative agents, Office add-ins).
    pub scopes: InstallationScopes,
    /// `authorization.permissions.resourceSpecific` (schema 1.12 and later) and
    /// `webApplicationInfo.applicationPermissions` (up to 1.11), each permission once.
    pub required_permissions: Vec<ResourceSpecificPermission>,
    /// `dashboardCards`, in the manifest's order.
    pub dashboard_cards: Vec<DashboardCard>,
}

/// Reads an app package: a zip with `manifest.json` at its root and the two icons that it names.
///
/// The manifest is judged as [`read_manifest`] does. The colour icon is 192 by 192 pixels, a PNG, GIF or JPEG
/// (Microsoft's own app templates carry a GIF named `color.png`), of which only the header is read; the
/// outline icon is a PNG of 32 by 32 pixels, each white or transparent. Every other file that the manifest
/// names has to be there; the description of a message extension's API (`OpenAPI` 3) is read and judged.
///
/// # Errors
/// [`PackageError::NotAZip`] and [`PackageError::Refused`] for an archive that cannot or must not be read;
/// [`PackageError::Invalid`] with all findings in manifest and icons.
pub fn read_package(zip: &[u8]) -> Result<AppPackage, PackageError> {
    let mut archive = Archive::open(zip)?;
    let mut findings = Findings::default();
    let Some(sent) = archive.read(MANIFEST_FILE, MAX_MANIFEST_BYTES)? else {
        findings.broken_by(rules::FILE_IS_THERE, MANIFEST_FILE, MANIFEST_FILE);
        return Err(findings.into_error());
    };
    let json = without_byte_order_mark(&sent);
    let manifest = Manifest::read(json, &mut findings)?;
    let color_icon = icon::color(&mut archive, manifest.icons.color, &mut findings)?;
    let outline_icon = icon::outline(&mut archive, manifest.icons.outline, &mut findings)?;
    icon::color_32(&mut archive, manifest.icons.color_32, &mut findings)?;
    for NamedFile { name, target } in manifest.files.iter().filter(|file| !archive.has(&file.name)) {
        findings.broken_by(rules::FILE_IS_THERE, name, target);
    }
    if let Some(api) = &manifest.api {
        specification::judge(&mut archive, api, &mut findings)?;
    }
    match (color_icon, outline_icon) {
        (Some(color_icon), Some(outline_icon)) if findings.is_empty() => {
            Ok(AppPackage { facts: manifest.facts, manifest: json.to_vec(), color_icon, outline_icon })
        }
        _ => Err(findings.into_error()),
    }
}

/// Reads a manifest that comes without a package, as seed files may have it; icons are not looked for.
///
/// Takes manifest versions 0.4, 1.0 to 1.30 (there is no 1.18), `devPreview` and `m365DevPreview`, told by
/// `manifestVersion`; `$schema` must be some URI and tells nothing. The rules are those of Microsoft's manifest
/// schemas, taken together, and the service's own ones behind the validation codes of "Publish teamsApp" and
/// "Update teamsApp"; where both have a rule for the same thing the service's code is given.
///
/// # Errors
/// [`PackageError::Invalid`] with all findings; [`PackageError::Refused`] if it is longer than a package's
/// manifest may be.
pub fn read_manifest(json: &[u8]) -> Result<PackageFacts, PackageError> {
    if json.len() as u64 > MAX_MANIFEST_BYTES {
        return Err(PackageError::Refused(format!(
            "The manifest is longer than {MAX_MANIFEST_BYTES} bytes."
        )));
    }
    let mut findings = Findings::default();
    let manifest = Manifest::read(without_byte_order_mark(json), &mut findings)?;
    if findings.is_empty() { Ok(manifest.facts) } else { Err(findings.into_error()) }
}

fn without_byte_order_mark(json: &[u8]) -> &[u8] {
    json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json)
}
