//! App permission policies as documents hold them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_model::{AppPermissionPolicy, TeamsAppId};

use crate::record::Undecodable;

#[derive(Default, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PolicyDocument<'a> {
    blocks_store: bool,
    blocks_organization: bool,
    #[serde(borrow)]
    blocked: Vec<Cow<'a, str>>,
}

impl<'a> PolicyDocument<'a> {
    pub(crate) fn new(policy: &'a AppPermissionPolicy) -> Self {
        Self {
            blocks_store: policy.blocks_store,
            blocks_organization: policy.blocks_organization,
            blocked: policy.blocked.iter().map(|app| app.as_str().into()).collect(),
        }
    }

    /// Whether it blocks nothing, so that it need not be written.
    pub(crate) fn is_empty(&self) -> bool {
        !self.blocks_store && !self.blocks_organization && self.blocked.is_empty()
    }

    pub(crate) fn policy(&self) -> Result<AppPermissionPolicy, Undecodable> {
        let blocked = self.blocked.iter().map(|app| TeamsAppId::parse(app)).collect::<Result<_, _>>()?;
        Ok(AppPermissionPolicy {
            blocks_store: self.blocks_store,
            blocks_organization: self.blocks_organization,
            blocked,
        })
    }
}
