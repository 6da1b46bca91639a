//! What an operation is: one row per endpoint. The router, the permission check and the test matrix all read it.

use std::future::Future;
use std::pin::Pin;

use http::Method;
use slipway_model::{OwnerKind, Permission, Permissions, TokenKind};
use slipway_odata::SystemOption;

use crate::call::Call;
use crate::fault::Fault;
use crate::reply::Reply;

/// The version segment of a Graph URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiVersion {
    /// `/v1.0`
    V1,
    /// `/beta`
    Beta,
}

impl ApiVersion {
    /// Both, the older one first.
    pub const ALL: [Self; 2] = [Self::V1, Self::Beta];

    /// The segment.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V1 => "v1.0",
            Self::Beta => "beta",
        }
    }

    pub(crate) fn parse(segment: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|version| version.as_str().eq_ignore_ascii_case(segment))
    }
}

/// The row of Microsoft's throttling table that an operation counts against; it also tells which workload
/// answers, and so which error codes apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Throttle {
    /// Users: resource units of the identity service.
    Identity,
    /// GET on installed apps and the catalog.
    TeamsRead,
    /// POST on the same.
    TeamsWrite,
    /// DELETE on the same.
    TeamsDelete,
}

/// How an operation is carried out.
pub(crate) type Handler = fn(Call) -> Pin<Box<dyn Future<Output = Result<Reply, Fault>> + Send>>;

/// One endpoint.
#[derive(Debug)]
pub struct Operation {
    /// Name in logs and documents, `resource.verb`.
    pub name: &'static str,
    /// HTTP method.
    pub method: Method,
    /// Path below the version segment; `{…}` stands for a key.
    pub path: &'static str,
    /// Versions that have it; in others its path is unknown.
    pub versions: &'static [ApiVersion],
    /// Whose installations it is about, if anybody's; the first key of the path names the owner.
    pub owner: Option<OwnerKind>,
    /// Delegated permissions that are accepted, in the order that refusals print.
    pub delegated: &'static [Permission],
    /// Application permissions that are accepted, in the same order.
    pub application: &'static [Permission],
    /// Permissions of the first documentation (2019), accepted as the setting `legacy-permissions` says.
    pub legacy: &'static [Permission],
    /// Throttling class.
    pub throttle: Throttle,
    /// System query options that are served; others are refused by name.
    pub options: &'static [SystemOption],
    pub(crate) handler: Handler,
}

impl Operation {
    /// Today's permissions for the kind of token.
    #[must_use]
    pub fn accepted(&self, kind: TokenKind) -> &'static [Permission] {
        match kind {
            TokenKind::Delegated => self.delegated,
            TokenKind::Application => self.application,
        }
    }

    /// Whether the set holds a permission of the first documentation that the operation once took.
    #[must_use]
    pub fn holds_legacy(&self, held: Permissions) -> bool {
        self.legacy.iter().any(|permission| held.contains(*permission))
    }
}
