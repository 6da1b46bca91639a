//! The files of an app version: its manifest and its icons.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use slipway_model::{AppVersion, TeamsAppId};

use super::definition;
use crate::key::{Key, KeyWriter, Partition, Range};
use crate::kind::Kind;
use crate::record::{Record, Reference, Undecodable, Version};

/// What the package of a version held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Package {
    /// The app that it belongs to.
    pub app: TeamsAppId,
    /// The version.
    pub version: AppVersion,
    /// `manifest.json`, byte for byte.
    pub manifest: Vec<u8>,
    /// The icon in colours.
    pub color_icon: Icon,
    /// The white and transparent icon.
    pub outline_icon: Icon,
}

/// A picture of an app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Icon {
    /// Media type, such as `image/png`.
    pub media_type: String,
    /// The file, byte for byte.
    pub bytes: Vec<u8>,
}

/// Where the package stands.
#[must_use]
pub fn key(partition: &Partition, app: &TeamsAppId, version: &AppVersion) -> Key<Package> {
    KeyWriter::row(Kind::Package, partition).text(&app.folded()).text(version.as_str()).into()
}

/// The package of every version of the app, in the order of the version's text.
#[must_use]
pub fn of_app(partition: &Partition, app: &TeamsAppId) -> Range<Package> {
    KeyWriter::row(Kind::Package, partition).text(&app.folded()).into()
}

/// Every package, by app.
#[must_use]
pub fn all(partition: &Partition) -> Range<Package> {
    KeyWriter::row(Kind::Package, partition).into()
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<1>,
    #[serde(borrow)]
    app: Cow<'a, str>,
    #[serde(borrow)]
    version: Cow<'a, str>,
    #[serde(borrow)]
    manifest: Cow<'a, str>,
    #[serde(borrow)]
    color_icon: IconDocument<'a>,
    #[serde(borrow)]
    outline_icon: IconDocument<'a>,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct IconDocument<'a> {
    #[serde(borrow)]
    media_type: Cow<'a, str>,
    #[serde(borrow)]
    bytes: Cow<'a, str>,
}

impl IconDocument<'_> {
    fn new(icon: &Icon) -> IconDocument<'_> {
        IconDocument {
            media_type: icon.media_type.as_str().into(),
            bytes: STANDARD.encode(&icon.bytes).into(),
        }
    }

    fn icon(self) -> Result<Icon, Undecodable> {
        Ok(Icon { bytes: bytes(&self.bytes)?, media_type: self.media_type.into_owned() })
    }
}

fn bytes(base64: &str) -> Result<Vec<u8>, Undecodable> {
    STANDARD.decode(base64).map_err(|error| Undecodable(error.to_string()))
}

impl Record for Package {
    const KIND: Kind = Kind::Package;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.app, &self.version)
    }

    fn references(&self, partition: &Partition) -> Vec<Reference> {
        vec![definition::key(partition, &self.app, &self.version).into()]
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            app: self.app.as_str().into(),
            version: self.version.as_str().into(),
            manifest: STANDARD.encode(&self.manifest).into(),
            color_icon: IconDocument::new(&self.color_icon),
            outline_icon: IconDocument::new(&self.outline_icon),
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        Ok(Self {
            app: TeamsAppId::parse(&document.app)?,
            version: AppVersion::new(&document.version),
            manifest: bytes(&document.manifest)?,
            color_icon: document.color_icon.icon()?,
            outline_icon: document.outline_icon.icon()?,
        })
    }
}
