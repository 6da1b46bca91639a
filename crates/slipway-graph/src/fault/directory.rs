//! Errors about applications, service principals and grants, which the directory words in a way of its own.

use http::StatusCode;
use slipway_model::{ClientId, RegistrationRefusal};

use super::{Fault, FaultKind, LONGEST_MESSAGE, Wording, cut, echo, plain};

/// What the directory of clients does not grant.
#[derive(Debug)]
pub enum DirectoryFault {
    /// The request is not of the form that the operation takes; the text names the offender.
    BadRequest(String),
    /// The rules say no to what is asked of this client.
    Refused(ClientId, RegistrationRefusal),
}

const CONFLICT: &str = "Request_MultipleObjectsWithSameKeyValue";

impl DirectoryFault {
    pub(super) fn wording(&self) -> Wording<'_> {
        match self {
            Self::BadRequest(message) => bad_request(message),
            Self::Refused(client, refusal) => refused(client, refusal),
        }
    }
}

fn bad_request<'a>(message: &str) -> Wording<'a> {
    let message = cut(message, LONGEST_MESSAGE).into_owned();
    plain(StatusCode::BAD_REQUEST, "Request_BadRequest", message)
}

fn refused<'a>(client: &ClientId, refusal: &RegistrationRefusal) -> Wording<'a> {
    match refusal {
        RegistrationRefusal::ServicePrincipalThere => plain(
            StatusCode::CONFLICT,
            CONFLICT,
            format!(
                "The service principal cannot be created, updated, or restored because the service principal name {client} is already in use."
            ),
        ),
        RegistrationRefusal::RoleAssigned => {
            bad_request("Permission being assigned already exists on the object")
        }
        RegistrationRefusal::GrantThere => {
            plain(StatusCode::CONFLICT, CONFLICT, "Permission entry already exists.")
        }
        RegistrationRefusal::NoSuchKey(id) => {
            bad_request(&format!("No credential was found with the keyId '{}'.", echo(id)))
        }
        RegistrationRefusal::FederatedNameTaken(name) => plain(
            StatusCode::CONFLICT,
            CONFLICT,
            format!("FederatedIdentityCredential with name {} already exists.", echo(name)),
        ),
        RegistrationRefusal::FederatedSubjectTaken => plain(
            StatusCode::CONFLICT,
            CONFLICT,
            "A FederatedIdentityCredential with this issuer and subject already exists.",
        ),
        RegistrationRefusal::TooMany { property, most } => bad_request(&format!(
            "The property '{property}' has more than {most} values, the most it may have."
        )),
    }
}

impl Fault {
    /// The same fault in the directory's words, where it is about the form of a request.
    pub(crate) fn of_directory(self) -> Self {
        let FaultKind::BadRequest(message) = self.kind else { return self };
        Self { kind: FaultKind::Directory(DirectoryFault::BadRequest(message)), cause: self.cause }
    }

    pub(crate) fn directory(message: impl Into<String>) -> Self {
        FaultKind::Directory(DirectoryFault::BadRequest(message.into())).into()
    }

    /// What the rules say to the change of a client.
    pub(crate) fn registration(client: &ClientId) -> impl FnOnce(RegistrationRefusal) -> Self + use<> {
        let client = client.clone();
        |refusal| FaultKind::Directory(DirectoryFault::Refused(client, refusal)).into()
    }
}
