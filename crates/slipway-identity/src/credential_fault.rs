//! What is wrong with a credential or an assertion, in Entra's words.
//!
//! Numbers and texts are those of "Microsoft Entra authentication and authorization error codes", and of answers
//! that Entra was seen to give where the page has none in full.

use slipway_model::{ClientId, TenantId};

use crate::fault::{Row, row};

/// A credential or assertion that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CredentialFault {
    /// The text is no signed token; holds a sentence that says why.
    Malformed(&'static str),
    /// The certificate that the assertion names is not the client's.
    UnknownCertificate {
        /// As the assertion names it.
        thumbprint: String,
        /// Whose it was said to be.
        client: ClientId,
    },
    /// The certificate that the assertion names did not sign it.
    BadSignature {
        /// The certificate.
        thumbprint: String,
        /// Whose it is.
        client: ClientId,
    },
    /// The certificate is not good yet, or no more.
    CertificateOutOfTime {
        /// The certificate.
        thumbprint: String,
        /// From when to when it is good.
        validity: String,
        /// Whose it is.
        client: ClientId,
    },
    /// The assertion is of another client than the request.
    WrongIssuer,
    /// The assertion is for another endpoint.
    WrongAudience,
    /// The assertion is not good yet, or no more.
    OutOfTime {
        /// The time of the request.
        now: String,
        /// From when on it is good.
        from: String,
        /// Until when.
        until: String,
    },
    /// All secrets with this value are over.
    SecretExpired(ClientId),
    /// The client has no service principal in the tenant.
    NoServicePrincipal {
        /// The client.
        client: ClientId,
        /// The tenant.
        tenant: TenantId,
    },
    /// The client trusts no such issuer.
    UnknownFederatedIssuer(String),
    /// The client trusts the issuer, but not for this audience.
    UnknownFederatedAudience(String),
    /// The client trusts the issuer, but not for this subject.
    UnknownFederatedSubject(String),
    /// The issuer's keys cannot be had.
    FederatedKeysUnavailable,
    /// None of the issuer's keys signed the assertion.
    FederatedSignature,
    /// The user's token, which should be exchanged, is not signed by a key of this server.
    UserAssertionSignature,
    /// The user's token is for another than the client that presents it.
    UserAssertionAudience {
        /// `aud` of the token.
        audience: String,
        /// The client that presents it.
        client: ClientId,
        /// Its name.
        name: String,
    },
    /// The user's token is not good yet, or no more, or its session is over.
    UserAssertionOutOfTime {
        /// The time of the request.
        now: String,
    },
    /// The user's token is of no user.
    UserAssertionOfApplication(ClientId),
    /// The scope names more than one API.
    SeveralResources(String),
}

/// Where Microsoft explains the form of assertions.
const CERTIFICATES: &str = "https://learn.microsoft.com/entra/identity-platform/certificate-credentials";

const MALFORMED: Row = row(50027, "invalid_request", 400, "JWT token is invalid or malformed. %");
const CERTIFICATE: Row = row(
    700_027,
    "invalid_client",
    401,
    "The certificate with identifier used to sign the client assertion is not registered on application. \
     [Reason - %, Thumbprint of key used by client: '%'%, Please visit the Azure Portal, Graph Explorer or \
     directly use MS Graph to see configured keys for app Id '%'.]",
);
const WRONG_ISSUER: Row = row(
    700_021,
    "invalid_client",
    401,
    "Client assertion application identifier doesn't match 'client_id' parameter. Review the documentation at \
     % .",
);
const WRONG_AUDIENCE: Row = row(
    700_023,
    "invalid_client",
    401,
    "Client assertion audience claim does not match Realm issuer. Review the documentation at % .",
);
const OUT_OF_TIME: Row = row(
    700_024,
    "invalid_client",
    401,
    "Client assertion is not within its valid time range. Current time: %, assertion valid from %, expiry time \
     of assertion %. Review the documentation at % .",
);
const SECRET_EXPIRED: Row = row(
    7_000_222,
    "invalid_client",
    401,
    "The provided client secret keys for app '%' are expired. Visit the Azure portal to create new keys for \
     your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: \
     https://aka.ms/certCreds.",
);
const NO_SERVICE_PRINCIPAL: Row = row(
    7_000_229,
    "invalid_client",
    401,
    "The client application % is missing service principal in the tenant %. See instructions here: \
     https://go.microsoft.com/fwlink/?linkid=2225119",
);
const FEDERATED_ISSUER: Row = row(
    700_211,
    "invalid_client",
    401,
    "No matching federated identity record found for presented assertion issuer '%'. Check your federated \
     identity credential Subject, Audience and Issuer against the presented assertion. \
     https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
);
const FEDERATED_AUDIENCE: Row = row(
    700_212,
    "invalid_client",
    401,
    "No matching federated identity record found for presented assertion audience '%'. Check your federated \
     identity credential Subject, Audience and Issuer against the presented assertion. \
     https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
);
const FEDERATED_SUBJECT: Row = row(
    700_213,
    "invalid_client",
    401,
    "No matching federated identity record found for presented assertion subject '%'. Check your federated \
     identity credential Subject, Audience and Issuer against the presented assertion. \
     https://learn.microsoft.com/entra/workload-id/workload-identity-federation",
);
const FEDERATED_KEYS: Row =
    row(50166, "invalid_request", 400, "Request to External OIDC endpoint failed. The log says why.");
const FEDERATED_SIGNATURE: Row = row(
    7_000_272,
    "invalid_client",
    401,
    "Signature validation of the presented assertion failed: no key of its issuer signed it.",
);
const USER_SIGNATURE: Row = row(
    50013,
    "invalid_grant",
    400,
    "Assertion failed signature validation. [Reason - The key was not found.]",
);
const USER_AUDIENCE: Row = row(
    500_131,
    "invalid_grant",
    400,
    "Assertion audience does not match the Client app presenting the assertion. The audience in the assertion \
     was '%' and the expected audience is '%' or one of the Application Uris of this application with App ID \
     '%'(%). The downstream client must request a token for the expected audience (the application that made \
     the OBO request) and this application should use that token as the assertion.",
);
const USER_TIME: Row = row(
    500_133,
    "invalid_grant",
    400,
    "Assertion is not within its valid time range. Ensure that the access token is not expired before using it \
     for user assertion, or request a new token. Current time: %.",
);
const USER_OF_APPLICATION: Row = row(
    7_000_114,
    "invalid_request",
    400,
    "Application '%' is not allowed to make application on-behalf-of calls.",
);
const SEVERAL_RESOURCES: Row = row(
    28000,
    "invalid_request",
    400,
    "Provided value for the input parameter scope is not valid because it contains more than one resource. \
     Scope % is not valid.",
);

impl CredentialFault {
    pub(crate) fn row(&self) -> &'static Row {
        match self {
            Self::Malformed(_) => &MALFORMED,
            Self::UnknownCertificate { .. }
            | Self::BadSignature { .. }
            | Self::CertificateOutOfTime { .. } => &CERTIFICATE,
            Self::WrongIssuer => &WRONG_ISSUER,
            Self::WrongAudience => &WRONG_AUDIENCE,
            Self::OutOfTime { .. } => &OUT_OF_TIME,
            Self::SecretExpired(_) => &SECRET_EXPIRED,
            Self::NoServicePrincipal { .. } => &NO_SERVICE_PRINCIPAL,
            Self::UnknownFederatedIssuer(_) => &FEDERATED_ISSUER,
            Self::UnknownFederatedAudience(_) => &FEDERATED_AUDIENCE,
            Self::UnknownFederatedSubject(_) => &FEDERATED_SUBJECT,
            Self::FederatedKeysUnavailable => &FEDERATED_KEYS,
            Self::FederatedSignature => &FEDERATED_SIGNATURE,
            Self::UserAssertionSignature => &USER_SIGNATURE,
            Self::UserAssertionAudience { .. } => &USER_AUDIENCE,
            Self::UserAssertionOutOfTime { .. } => &USER_TIME,
            Self::UserAssertionOfApplication(_) => &USER_OF_APPLICATION,
            Self::SeveralResources(_) => &SEVERAL_RESOURCES,
        }
    }

    pub(crate) fn arguments(&self) -> Vec<&str> {
        match self {
            Self::Malformed(text) => vec![text],
            Self::UnknownCertificate { thumbprint, client } => {
                vec!["The key was not found.", thumbprint, "", client.as_str()]
            }
            Self::BadSignature { thumbprint, client } => {
                let reason = "The provided signature value did not match the expected signature value.";
                vec![reason, thumbprint, "", client.as_str()]
            }
            Self::CertificateOutOfTime { thumbprint, validity, client } => {
                vec!["The key used is expired.", thumbprint, validity, client.as_str()]
            }
            Self::WrongIssuer | Self::WrongAudience => vec![CERTIFICATES],
            Self::OutOfTime { now, from, until } => vec![now, from, until, CERTIFICATES],
            Self::SecretExpired(client) | Self::UserAssertionOfApplication(client) => vec![client.as_str()],
            Self::NoServicePrincipal { client, tenant } => vec![client.as_str(), tenant.as_str()],
            Self::UnknownFederatedIssuer(text)
            | Self::UnknownFederatedAudience(text)
            | Self::UnknownFederatedSubject(text)
            | Self::SeveralResources(text) => vec![text],
            Self::FederatedKeysUnavailable | Self::FederatedSignature | Self::UserAssertionSignature => {
                vec![]
            }
            Self::UserAssertionAudience { audience, client, name } => {
                vec![audience, client.as_str(), client.as_str(), name]
            }
            Self::UserAssertionOutOfTime { now } => vec![now],
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::SignInFault;

    /// One of each number.
    pub(crate) fn every_fault() -> Vec<SignInFault> {
        let (text, client) = (|| "text".to_owned(), || ClientId::parse("c1").unwrap());
        let faults = vec![
            CredentialFault::Malformed("Why."),
            CredentialFault::UnknownCertificate { thumbprint: text(), client: client() },
            CredentialFault::WrongIssuer,
            CredentialFault::WrongAudience,
            CredentialFault::OutOfTime { now: text(), from: text(), until: text() },
            CredentialFault::SecretExpired(client()),
            CredentialFault::NoServicePrincipal { client: client(), tenant: TenantId::parse("t1").unwrap() },
            CredentialFault::UnknownFederatedIssuer(text()),
            CredentialFault::UnknownFederatedAudience(text()),
            CredentialFault::UnknownFederatedSubject(text()),
            CredentialFault::FederatedKeysUnavailable,
            CredentialFault::FederatedSignature,
            CredentialFault::UserAssertionSignature,
            CredentialFault::UserAssertionAudience { audience: text(), client: client(), name: text() },
            CredentialFault::UserAssertionOutOfTime { now: text() },
            CredentialFault::UserAssertionOfApplication(client()),
            CredentialFault::SeveralResources(text()),
        ];
        faults.into_iter().map(SignInFault::Credential).collect()
    }
}
