//! Errors as Graph says them: one type, one mapping to status, code, message and inner error.
//!
//! The wording is that of bodies seen on the wire where one is recorded; the rest is listed in
//! docs/fidelity.md. A fault has a public message and may have an internal cause, which is logged once, at
//! the door, and never sent.

#![deny(clippy::wildcard_enum_match_arm)]

mod catalog;
mod directory;
mod place;
mod refused;
mod texts;

use std::borrow::Cow;

use http::{Method, StatusCode};
use slipway_identity::TokenFault;
use slipway_manifest::PackageError;
use slipway_model::{Permission, Refusal, TokenKind};
use slipway_odata::QueryError;
use slipway_odata::batch::BatchFault;
use slipway_store::{CommitError, ReadError};

pub use self::directory::DirectoryFault;
pub use self::place::PlaceFault;
use crate::operation::Throttle;
pub(crate) use texts::echo;
use texts::{
    HEAD_TOO_LONG, LONGEST_MESSAGE, batch_code, batch_text, cut, host_refused, no_directory_object, no_user,
    token,
};

/// An error answer.
#[derive(Debug)]
pub struct Fault {
    kind: FaultKind,
    cause: Option<String>,
}

/// What went wrong.
#[derive(Debug)]
pub enum FaultKind {
    /// The bearer token is missing or does not hold.
    Token(TokenFault),
    /// The token lacks every permission that the operation takes.
    MissingPermission {
        /// Which list of the token counts.
        kind: TokenKind,
        /// What the operation takes.
        accepted: &'static [Permission],
        /// What the token has, as it stands there.
        held: Vec<String>,
        /// What installations grant the client on the resource in the path.
        granted: Vec<String>,
    },
    /// The same, as the service said it to callers with permissions of the first documentation in August 2020.
    UnknownError,
    /// A delegated caller asked for another user's installations.
    CallerNotAuthorized,
    /// A delegated caller asked for another user's directory entry.
    InsufficientPrivileges,
    /// The Teams workload does not know the user.
    UserNotFound(String),
    /// The team or chat is not there, or the caller is not in it.
    Place(PlaceFault),
    /// A request about the directory of clients that it does not grant.
    Directory(DirectoryFault),
    /// The directory does not know the object.
    DirectoryObjectNotFound(String),
    /// The catalog does not know the app.
    AppNotFound,
    /// The app has no such definition, or it is in another state than its id says; or the definition has no such
    /// part.
    AppPartNotFound(&'static str),
    /// The text is no installation id.
    InvalidInstallationId(String),
    /// The text is no definition id.
    InvalidDefinitionId(String),
    /// `If-Match` names another state of the resource than it has.
    EtagMismatch,
    /// The rules say no.
    Refused(Refusal),
    /// `teamsApp@odata.bind` is missing, misspelt, or binds no app.
    BindMissing,
    /// The request is not of the form that the operation takes; the text names the offender.
    BadRequest(String),
    /// The query text does not parse or does not fit the schema.
    Query(QueryError),
    /// The batch is refused as a whole.
    Batch(BatchFault),
    /// `$search` without the header that it needs.
    SearchNotConsistent,
    /// The package cannot be read.
    Package(PackageError),
    /// The body has another media type than the operation takes.
    MediaType {
        /// What was sent.
        sent: String,
        /// What is taken.
        wanted: &'static str,
    },
    /// The body is compressed; its encoding.
    ContentEncoding(String),
    /// The body is longer than the operation takes, in bytes.
    TooLarge(usize),
    /// The address or the headers are longer than is looked at; 414 or 431.
    HeadTooLong(StatusCode),
    /// The body did not arrive in time.
    BodyTimeout,
    /// There is no such path.
    PathUnknown,
    /// `/me` in the call of a client that acts for itself.
    MeWithoutUser,
    /// `/tenants/{id}` names another tenant than the token.
    OtherTenant,
    /// A request of a batch needs another one, which failed; its id.
    FailedDependency(String),
    /// The path does not take the method.
    MethodNotAllowed {
        /// `MethodNotAllowed`, or `Request_BadRequest` for the identity workload.
        code: &'static str,
        /// The methods that the path takes, for the `Allow` header.
        allow: String,
    },
    /// The `Host` header names nobody whom the server answers for.
    HostRefused(String),
    /// Other writers kept winning; nothing has changed.
    Busy,
    /// A check or a backup is being made, and there is one at a time.
    UpkeepRunning,
    /// The storage cannot be read or takes no writes now; nothing has changed.
    StorageUnavailable,
    /// Something broke; a write may have happened, whole, or not at all.
    Internal,
}

/// The parts of an error body that depend on the fault.
#[derive(Debug)]
pub(crate) struct Wording<'a> {
    pub(crate) status: StatusCode,
    pub(crate) code: &'a str,
    pub(crate) message: Cow<'a, str>,
    pub(crate) inner: Inner<'a>,
}

/// What `innerError` holds beside `date`, `request-id` and `client-request-id`.
#[derive(Debug)]
pub(crate) enum Inner<'a> {
    /// Nothing.
    Plain,
    /// A code of its own, and the message again.
    Coded(&'a str),
    /// The findings of the package check.
    Details(&'a str, &'a [slipway_manifest::Detail]),
}

const METHOD_NOT_ALLOWED: &str = "Specified HTTP method is not allowed for the request target.";
const OTHER_TENANT: &str = "TenantId in the optional tenants/{tenantId} segment should match the tenantId(tid) in the token used to call Graph.";

impl Fault {
    pub(crate) fn path_unknown(segment: &str) -> Self {
        FaultKind::PathUnknown.because(format!("no operation has the segment '{segment}' here"))
    }

    /// The path takes other methods than the one sent.
    pub(crate) fn method(workload: Throttle, allowed: &[Method]) -> Self {
        let code = match workload {
            Throttle::Identity => "Request_BadRequest",
            Throttle::TeamsRead | Throttle::TeamsWrite | Throttle::TeamsDelete => "MethodNotAllowed",
        };
        FaultKind::MethodNotAllowed { code, allow: allow(allowed) }.into()
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        FaultKind::BadRequest(message.into()).into()
    }

    /// HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.wording().status.as_u16()
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> &FaultKind {
        &self.kind
    }

    /// For the log only.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    pub(crate) fn wording(&self) -> Wording<'_> {
        self.kind.wording()
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        let kind = match error {
            ReadError::Unavailable(_) => FaultKind::StorageUnavailable,
            ReadError::Document { .. } | ReadError::Engine(_) => FaultKind::Internal,
        };
        kind.because(error.to_string())
    }
}

impl From<CommitError> for Fault {
    fn from(error: CommitError) -> Self {
        let kind = match error {
            CommitError::Conflict(_) => FaultKind::Busy,
            CommitError::Unavailable(_) => FaultKind::StorageUnavailable,
            CommitError::Invalid(_) | CommitError::Unknown(_) => FaultKind::Internal,
        };
        kind.because(error.to_string())
    }
}

impl From<PlaceFault> for FaultKind {
    fn from(fault: PlaceFault) -> Self {
        Self::Place(fault)
    }
}

impl From<PlaceFault> for Fault {
    fn from(fault: PlaceFault) -> Self {
        FaultKind::from(fault).into()
    }
}

impl From<FaultKind> for Fault {
    fn from(kind: FaultKind) -> Self {
        Self { kind, cause: None }
    }
}

impl FaultKind {
    /// With a cause for the log.
    pub(crate) fn because(self, cause: impl Into<String>) -> Fault {
        Fault { kind: self, cause: Some(cause.into()) }
    }

    fn wording(&self) -> Wording<'_> {
        match self {
            Self::Token(fault) => {
                plain(StatusCode::UNAUTHORIZED, "InvalidAuthenticationToken", token(*fault))
            }
            Self::MissingPermission { kind, accepted, held, granted } => {
                forbidden(missing_permission(*kind, accepted, held, granted))
            }
            Self::UnknownError => plain(StatusCode::FORBIDDEN, "UnknownError", ""),
            Self::CallerNotAuthorized => forbidden("Caller is not authorized."),
            Self::InsufficientPrivileges => plain(
                StatusCode::FORBIDDEN,
                "Authorization_RequestDenied",
                "Insufficient privileges to complete the operation.",
            ),
            Self::UserNotFound(id) => not_found(no_user(id)),
            Self::DirectoryObjectNotFound(id) => {
                plain(StatusCode::NOT_FOUND, "Request_ResourceNotFound", no_directory_object(id))
            }
            Self::Place(fault) => fault.wording(),
            Self::Directory(fault) => fault.wording(),
            Self::AppNotFound => not_found("app is not found"),
            Self::AppPartNotFound(part) => not_found(format!("{part} is not found")),
            Self::InvalidInstallationId(id) | Self::InvalidDefinitionId(id) => invalid_id(id),
            Self::EtagMismatch => precondition_failed(catalog::ETAG_MISMATCH),
            Self::Refused(refusal) => refused::wording(refusal),
            Self::BindMissing => bad_request("The navigation bind for the teamsApp was missing in request."),
            Self::BadRequest(message) => bad_request(cut(message, LONGEST_MESSAGE)),
            Self::Query(error) => bad_request(cut(&error.to_string(), LONGEST_MESSAGE).into_owned()),
            Self::Batch(fault) => plain(StatusCode::BAD_REQUEST, batch_code(fault), batch_text(fault)),
            Self::SearchNotConsistent => plain(
                StatusCode::BAD_REQUEST,
                "Request_UnsupportedQuery",
                "Request with $search query parameter only works through MSGraph with a special request header: 'ConsistencyLevel: eventual'",
            ),
            Self::Package(error) => package(error),
            Self::MediaType { sent, wanted } => {
                unsupported(format!("Content-Type '{}' is not supported here. Send '{wanted}'.", echo(sent)))
            }
            Self::ContentEncoding(encoding) => unsupported(format!(
                "Content-Encoding '{}' is not supported. Send the body as it is.",
                echo(encoding)
            )),
            Self::TooLarge(limit) => plain(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                format!("The request body is longer than {limit} bytes."),
            ),
            Self::HeadTooLong(status) => plain(*status, "BadRequest", HEAD_TOO_LONG),
            Self::BodyTimeout => plain(
                StatusCode::REQUEST_TIMEOUT,
                "RequestTimeout",
                "The request body did not arrive in time.",
            ),
            Self::PathUnknown => not_found("Requested API is not supported. Please check the path."),
            Self::MeWithoutUser => {
                bad_request("/me request is only valid with delegated authentication flow.")
            }
            Self::OtherTenant => bad_request(OTHER_TENANT),
            Self::FailedDependency(id) => plain(
                StatusCode::FAILED_DEPENDENCY,
                "FailedDependency",
                format!("Request '{}', on which this one depends, has failed.", echo(id)),
            ),
            Self::MethodNotAllowed { code, .. } => {
                plain(StatusCode::METHOD_NOT_ALLOWED, code, METHOD_NOT_ALLOWED)
            }
            Self::HostRefused(host) => bad_request(host_refused(host)),
            Self::Busy => unavailable("The service is busy. Please retry again later."),
            Self::UpkeepRunning => plain(
                StatusCode::CONFLICT,
                "Conflict",
                "A check or a backup is being made. Please retry when it is done.",
            ),
            Self::StorageUnavailable => {
                unavailable("The storage is not available now. Please retry again later.")
            }
            Self::Internal => {
                plain(StatusCode::INTERNAL_SERVER_ERROR, "InternalServerError", "Failed to execute request.")
            }
        }
    }
}

/// The methods as the `Allow` header lists them; who takes GET takes HEAD.
pub(crate) fn allow(methods: &[Method]) -> String {
    let names = methods.iter().flat_map(|method| match *method {
        Method::GET => vec!["GET", "HEAD"],
        _ => vec![method.as_str()],
    });
    names.collect::<Vec<_>>().join(", ")
}

fn plain<'a>(status: StatusCode, code: &'a str, message: impl Into<Cow<'a, str>>) -> Wording<'a> {
    Wording { status, code, message: message.into(), inner: Inner::Plain }
}

fn bad_request<'a>(message: impl Into<Cow<'a, str>>) -> Wording<'a> {
    plain(StatusCode::BAD_REQUEST, "BadRequest", message)
}

fn forbidden<'a>(message: impl Into<Cow<'a, str>>) -> Wording<'a> {
    plain(StatusCode::FORBIDDEN, "Forbidden", message)
}

fn coded<'a>(code: &'a str, wording: Wording<'a>) -> Wording<'a> {
    Wording { inner: Inner::Coded(code), ..wording }
}

fn unsupported<'a>(message: String) -> Wording<'a> {
    plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message)
}

fn invalid_id(id: &str) -> Wording<'static> {
    bad_request(format!("Invalid id '{}' provided.", echo(id)))
}

fn precondition_failed<'a>(message: impl Into<Cow<'a, str>>) -> Wording<'a> {
    plain(StatusCode::PRECONDITION_FAILED, "PreconditionFailed", message)
}

fn unavailable(message: &str) -> Wording<'_> {
    plain(StatusCode::SERVICE_UNAVAILABLE, "ServiceUnavailable", message)
}

fn not_found<'a>(message: impl Into<Cow<'a, str>>) -> Wording<'a> {
    plain(StatusCode::NOT_FOUND, "NotFound", message)
}

fn package(error: &PackageError) -> Wording<'_> {
    let inner = match error {
        PackageError::NotAZip { .. } | PackageError::Refused(_) => Inner::Coded("InvalidRequest"),
        PackageError::Invalid(details) => Inner::Details("UnableToParseTeamsAppManifest", details),
    };
    Wording { inner, ..plain(StatusCode::BAD_REQUEST, "BadRequest", error.to_string()) }
}

/// The text that clients parse; the names stand in the order of the operation's row.
fn missing_permission(
    kind: TokenKind,
    accepted: &[Permission],
    held: &[String],
    granted: &[String],
) -> String {
    let names: Vec<_> = accepted.iter().map(|permission| permission.name()).collect();
    let (names, held, granted) = (names.join(", "), held.join(", "), granted.join(", "));
    match kind {
        TokenKind::Delegated => format!(
            "Missing scope permissions on the request. API requires one of '{names}'. Scopes on the request '{held}'"
        ),
        TokenKind::Application => {
            let grants = if accepted.iter().any(|permission| permission.is_resource_specific()) {
                format!(" Resource specific consent grants on the request '{granted}'.")
            } else {
                String::new()
            };
            format!(
                "Missing role permissions on the request. API requires one of '{names}'. Roles on the request '{held}'.{grants}"
            )
        }
    }
}
