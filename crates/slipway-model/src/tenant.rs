//! A tenant: the directory that every other record belongs to.

use crate::TenantId;

/// A directory with its verified domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// `tid` of the tokens that this tenant's clients get.
    pub id: TenantId,
    /// Name for people.
    pub display_name: String,
    /// Domain of the user principal names, in lower case; also names the tenant in sign-in paths.
    pub domain: String,
    /// Which set of rows is the living one. A reset or a restore raises it in one commit.
    pub generation: u32,
}
