//! Where sign-in may send browsers, and what a client offers as an API, as parts of its document.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_model::{ExposedScope, Platform, RedirectUri};

use crate::record::Undecodable;

/// The words for platforms in documents.
const PLATFORMS: [(Platform, &str); 3] =
    [(Platform::Web, "web"), (Platform::Spa, "spa"), (Platform::PublicClient, "publicClient")];

#[derive(Deserialize, Serialize)]
pub(super) struct RedirectDocument<'a> {
    #[serde(borrow)]
    platform: Cow<'a, str>,
    #[serde(borrow)]
    uri: Cow<'a, str>,
}

impl<'a> RedirectDocument<'a> {
    pub(super) fn new(redirect: &'a RedirectUri) -> Self {
        let word = PLATFORMS.iter().find(|(platform, _)| *platform == redirect.platform);
        Self { platform: word.map_or("", |(_, word)| *word).into(), uri: redirect.uri.as_str().into() }
    }

    pub(super) fn redirect(self) -> Result<RedirectUri, Undecodable> {
        let platform = PLATFORMS.iter().find(|(_, word)| *word == self.platform);
        let (platform, _) =
            platform.ok_or_else(|| Undecodable(format!("'{}' is no platform", self.platform)))?;
        Ok(RedirectUri { platform: *platform, uri: self.uri.into_owned() })
    }
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ExposedDocument<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
    #[serde(borrow)]
    display_name: Cow<'a, str>,
    users_may_consent: bool,
}

impl<'a> ExposedDocument<'a> {
    pub(super) fn new(scope: &'a ExposedScope) -> Self {
        Self {
            id: scope.id.as_str().into(),
            value: scope.value.as_str().into(),
            display_name: scope.display_name.as_str().into(),
            users_may_consent: scope.users_may_consent,
        }
    }

    pub(super) fn scope(self) -> ExposedScope {
        ExposedScope {
            id: self.id.into_owned(),
            value: self.value.into_owned(),
            display_name: self.display_name.into_owned(),
            users_may_consent: self.users_may_consent,
        }
    }
}
