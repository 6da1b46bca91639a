//! How documents write a resource-specific permission.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use slipway_model::{ResourceSpecificPermission, ResourceSpecificPermissionType};

use crate::record::Undecodable;

#[derive(Deserialize, Serialize)]
pub(super) struct PermissionDocument<'a> {
    #[serde(borrow)]
    value: Cow<'a, str>,
    #[serde(borrow)]
    r#type: Cow<'a, str>,
}

pub(super) fn encode(permissions: &[ResourceSpecificPermission]) -> Vec<PermissionDocument<'_>> {
    permissions
        .iter()
        .map(|one| PermissionDocument { value: one.value.as_str().into(), r#type: one.kind.as_str().into() })
        .collect()
}

pub(super) fn decode(
    documents: Vec<PermissionDocument<'_>>,
) -> Result<Vec<ResourceSpecificPermission>, Undecodable> {
    let one = |document: PermissionDocument<'_>| {
        let kind = ResourceSpecificPermissionType::parse(&document.r#type)
            .ok_or_else(|| Undecodable(format!("'{}' is no permission type", document.r#type)))?;
        Ok(ResourceSpecificPermission { value: document.value.into_owned(), kind })
    };
    documents.into_iter().map(one).collect()
}
