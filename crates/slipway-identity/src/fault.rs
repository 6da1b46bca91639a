//! What the sign-in endpoints refuse, in Entra's words.
//!
//! Numbers, texts and OAuth errors are those of "Microsoft Entra authentication and authorization error codes"
//! where that page has them in full, else those of answers that Entra was seen to give.

use std::fmt;

use slipway_model::{ClientId, TenantId};

/// A refused sign-in request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignInFault {
    /// The path names a tenant that does not exist.
    UnknownTenant(String),
    /// The path's tenant is neither a GUID nor a domain.
    InvalidTenant(String),
    /// A client's own token was asked for without naming a tenant (`common`, `organizations`).
    NoTenant,
    /// `consumers`: there are no personal accounts here. Holds the client as it was sent.
    NoConsumers(String),
    /// The request cannot be read, or asks for what is not served; holds a sentence that names it.
    MalformedRequest(String),
    /// A required parameter is absent or empty.
    MissingParameter(&'static str),
    /// A grant type that is not served.
    UnsupportedGrant(String),
    /// The tenant has no such client.
    UnknownClient {
        /// As it was sent.
        client: String,
        /// Where it was looked for.
        tenant: TenantId,
    },
    /// The secret is not one of the client's.
    WrongSecret(ClientId),
    /// A client that has a secret did not send it.
    MissingSecret,
    /// A client asked for a token of its own without a secret.
    MissingCredential,
    /// A client without a secret sent one.
    PublicClient,
    /// The scope has no name that can be read, `.default` stands with others, or there is too much of it. Holds
    /// it as it was sent, or what is wrong.
    InvalidScope(String),
    /// A client asked for single permissions of its own.
    NotDefaultScope(String),
    /// The scope is of another resource than Graph.
    UnknownResource {
        /// As it was sent.
        resource: String,
        /// Where it was looked for.
        tenant: TenantId,
    },
    /// None of the permissions asked for was consented to.
    ConsentMissing {
        /// The client.
        client: ClientId,
        /// Its name.
        name: String,
    },
    /// The tenant has no such user.
    UnknownUser(TenantId),
    /// The user may not sign in.
    UserDisabled,
    /// The user has no password.
    NoPassword,
    /// The password is not the user's.
    WrongPassword,
    /// Too many wrong passwords; for a while not even the right one is taken.
    AccountLocked,
    /// The user has not answered yet.
    AuthorizationPending,
    /// The user refused.
    AuthorizationDeclined,
    /// The device code was never given out, was used, or is another client's.
    UnknownDeviceCode,
    /// The device code was not used in time.
    DeviceCodeExpired,
    /// The user typed a code that no device shows.
    UnknownUserCode,
    /// The user typed a code whose time is over.
    UserCodeExpired,
    /// The server cannot answer now, or has too much to do; the cause is in its log.
    Unavailable,
}

/// How an error looks on the wire.
pub(crate) struct Row {
    pub(crate) number: u32,
    pub(crate) error: &'static str,
    status: u16,
    /// The text; each `%` stands for the next argument.
    template: &'static str,
}

const fn row(number: u32, error: &'static str, status: u16, template: &'static str) -> Row {
    Row { number, error, status, template }
}

const UNKNOWN_TENANT: Row = row(
    90002,
    "invalid_request",
    400,
    "Tenant '%' not found. Check to make sure you have the correct tenant ID and are signing into the \
     correct cloud. Check with your subscription administrator, this may happen if there are no active \
     subscriptions for the tenant.",
);
const INVALID_TENANT: Row = row(
    900_023,
    "invalid_request",
    400,
    "Specified tenant identifier '%' is neither a valid DNS name, nor a valid external domain.",
);
const NO_TENANT: Row = row(
    50059,
    "invalid_request",
    400,
    "No tenant-identifying information found in either the request or implied by any provided \
     credentials.",
);
const NO_CONSUMERS: Row = row(
    9_002_332,
    "invalid_request",
    400,
    "Application '%' is configured for use by Microsoft Entra users only. Please do not use the \
     /consumers endpoint to serve this request.",
);
const MALFORMED_REQUEST: Row =
    row(9_002_313, "invalid_request", 400, "Invalid request. Request is malformed or invalid. %");
const MISSING_PARAMETER: Row =
    row(900_144, "invalid_request", 400, "The request body must contain the following parameter: '%'.");
const UNSUPPORTED_GRANT: Row =
    row(70003, "unsupported_grant_type", 400, "The app requested an unsupported grant type '%'.");
const UNKNOWN_CLIENT: Row = row(
    700_016,
    "unauthorized_client",
    400,
    "Application with identifier '%' was not found in the directory '%'. This can happen if the \
     application has not been installed by the administrator of the tenant or consented to by any user \
     in the tenant. You may have sent your authentication request to the wrong tenant.",
);
const WRONG_SECRET: Row = row(
    7_000_215,
    "invalid_client",
    401,
    "Invalid client secret provided. Ensure the secret being sent in the request is the client secret \
     value, not the client secret ID, for a secret added to app '%'.",
);
const MISSING_SECRET: Row = row(
    7_000_218,
    "invalid_client",
    401,
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
);
const MISSING_CREDENTIAL: Row = row(
    7_000_216,
    "invalid_client",
    401,
    "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant \
     type.",
);
const PUBLIC_CLIENT: Row = row(
    700_025,
    "invalid_client",
    401,
    "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
);
const INVALID_SCOPE: Row = row(
    70011,
    "invalid_scope",
    400,
    "The provided value for the input parameter 'scope' is not valid. The scope % is not valid.",
);
const NOT_DEFAULT_SCOPE: Row = row(
    1_002_012,
    "invalid_scope",
    400,
    "The provided value for scope % is not valid. Client credential flows must have a scope value with \
     /.default suffixed to the resource identifier (application ID URI).",
);
const UNKNOWN_RESOURCE: Row = row(
    500_011,
    "invalid_resource",
    400,
    "The resource principal named % was not found in the tenant named %. This can happen if the \
     application has not been installed by the administrator of the tenant or consented to by any user \
     in the tenant. You might have sent your authentication request to the wrong tenant.",
);
const CONSENT_MISSING: Row = row(
    65001,
    "invalid_grant",
    400,
    "The user or administrator has not consented to use the application with ID '%' named '%'. Send an \
     interactive authorization request for this user and resource.",
);
const UNKNOWN_USER: Row = row(
    50034,
    "invalid_grant",
    400,
    "The user account {EUII Hidden} does not exist in the % directory. To sign into this application, \
     the account must be added to the directory.",
);
const USER_DISABLED: Row = row(50057, "invalid_grant", 400, "The user account is disabled.");
const NO_PASSWORD: Row = row(
    50056,
    "invalid_grant",
    400,
    "Invalid or null password: password does not exist in the directory for this user.",
);
const WRONG_PASSWORD: Row =
    row(50126, "invalid_grant", 400, "Error validating credentials due to invalid username or password.");
const ACCOUNT_LOCKED: Row = row(
    50053,
    "invalid_grant",
    400,
    "The account is locked, you've tried to sign in too many times with an incorrect user ID or password.",
);
const AUTHORIZATION_PENDING: Row = row(
    70016,
    "authorization_pending",
    400,
    "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
);
// The device code page has no number for it; 65004 is the number of a user who declines.
const AUTHORIZATION_DECLINED: Row =
    row(65004, "authorization_declined", 400, "User declined to consent to access the app.");
// The device code page names `bad_verification_code`; Entra was seen to answer `invalid_grant`.
const UNKNOWN_DEVICE_CODE: Row = row(
    7_000_014,
    "invalid_grant",
    400,
    "The provided value for the input parameter 'device_code' is not valid.",
);
const DEVICE_CODE_EXPIRED: Row = row(
    70020,
    "expired_token",
    400,
    "The provided value for the input parameter 'device_code' is not valid. This device code has \
     expired.",
);
const UNKNOWN_USER_CODE: Row = row(
    70018,
    "bad_verification_code",
    400,
    "Invalid verification code due to User typing in wrong user code for device code flow. \
     Authorization is not approved.",
);
const USER_CODE_EXPIRED: Row =
    row(70019, "expired_token", 400, "Verification code expired. Have the user retry the sign-in.");
const UNAVAILABLE: Row =
    row(90033, "temporarily_unavailable", 503, "A transient error has occurred. Please try again.");

impl SignInFault {
    pub(crate) fn row(&self) -> &'static Row {
        match self {
            Self::UnknownTenant(_) => &UNKNOWN_TENANT,
            Self::InvalidTenant(_) => &INVALID_TENANT,
            Self::NoTenant => &NO_TENANT,
            Self::NoConsumers(_) => &NO_CONSUMERS,
            Self::MalformedRequest(_) => &MALFORMED_REQUEST,
            Self::MissingParameter(_) => &MISSING_PARAMETER,
            Self::UnsupportedGrant(_) => &UNSUPPORTED_GRANT,
            Self::UnknownClient { .. } => &UNKNOWN_CLIENT,
            Self::WrongSecret(_) => &WRONG_SECRET,
            Self::MissingSecret => &MISSING_SECRET,
            Self::MissingCredential => &MISSING_CREDENTIAL,
            Self::PublicClient => &PUBLIC_CLIENT,
            Self::InvalidScope(_) => &INVALID_SCOPE,
            Self::NotDefaultScope(_) => &NOT_DEFAULT_SCOPE,
            Self::UnknownResource { .. } => &UNKNOWN_RESOURCE,
            Self::ConsentMissing { .. } => &CONSENT_MISSING,
            Self::UnknownUser(_) => &UNKNOWN_USER,
            Self::UserDisabled => &USER_DISABLED,
            Self::NoPassword => &NO_PASSWORD,
            Self::WrongPassword => &WRONG_PASSWORD,
            Self::AccountLocked => &ACCOUNT_LOCKED,
            Self::AuthorizationPending => &AUTHORIZATION_PENDING,
            Self::AuthorizationDeclined => &AUTHORIZATION_DECLINED,
            Self::UnknownDeviceCode => &UNKNOWN_DEVICE_CODE,
            Self::DeviceCodeExpired => &DEVICE_CODE_EXPIRED,
            Self::UnknownUserCode => &UNKNOWN_USER_CODE,
            Self::UserCodeExpired => &USER_CODE_EXPIRED,
            Self::Unavailable => &UNAVAILABLE,
        }
    }

    fn arguments(&self) -> Vec<&str> {
        match self {
            Self::UnknownTenant(text)
            | Self::InvalidTenant(text)
            | Self::NoConsumers(text)
            | Self::MalformedRequest(text)
            | Self::UnsupportedGrant(text)
            | Self::InvalidScope(text)
            | Self::NotDefaultScope(text) => vec![text],
            Self::MissingParameter(name) => vec![name],
            Self::WrongSecret(client) => vec![client.as_str()],
            Self::UnknownUser(tenant) => vec![tenant.as_str()],
            Self::UnknownClient { client: text, tenant }
            | Self::UnknownResource { resource: text, tenant } => {
                vec![text, tenant.as_str()]
            }
            Self::ConsentMissing { client, name } => vec![client.as_str(), name],
            Self::NoTenant
            | Self::MissingSecret
            | Self::MissingCredential
            | Self::PublicClient
            | Self::UserDisabled
            | Self::NoPassword
            | Self::WrongPassword
            | Self::AccountLocked
            | Self::AuthorizationPending
            | Self::AuthorizationDeclined
            | Self::UnknownDeviceCode
            | Self::DeviceCodeExpired
            | Self::UnknownUserCode
            | Self::UserCodeExpired
            | Self::Unavailable => vec![],
        }
    }

    /// The number behind `AADSTS`.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.row().number
    }

    /// HTTP status: 401 when the client failed to prove itself, 503 when the server cannot answer, else 400.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.row().status
    }
}

/// The text of the error, without number and trace.
impl fmt::Display for SignInFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut arguments = self.arguments().into_iter();
        for (at, piece) in self.row().template.split('%').enumerate() {
            if at > 0 {
                f.write_str(arguments.next().unwrap_or_default())?;
            }
            f.write_str(piece)?;
        }
        Ok(())
    }
}

impl std::error::Error for SignInFault {}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn every_fault() -> Vec<SignInFault> {
        let (text, client) = (|| "text".to_owned(), || ClientId::parse("c1").unwrap());
        let tenant = || TenantId::parse("t1").unwrap();
        vec![
            SignInFault::UnknownTenant(text()),
            SignInFault::InvalidTenant(text()),
            SignInFault::NoTenant,
            SignInFault::NoConsumers(text()),
            SignInFault::MalformedRequest(text()),
            SignInFault::MissingParameter("scope"),
            SignInFault::UnsupportedGrant(text()),
            SignInFault::UnknownClient { client: text(), tenant: tenant() },
            SignInFault::WrongSecret(client()),
            SignInFault::MissingSecret,
            SignInFault::MissingCredential,
            SignInFault::PublicClient,
            SignInFault::InvalidScope(text()),
            SignInFault::NotDefaultScope(text()),
            SignInFault::UnknownResource { resource: text(), tenant: tenant() },
            SignInFault::ConsentMissing { client: client(), name: text() },
            SignInFault::UnknownUser(tenant()),
            SignInFault::UserDisabled,
            SignInFault::NoPassword,
            SignInFault::WrongPassword,
            SignInFault::AccountLocked,
            SignInFault::AuthorizationPending,
            SignInFault::AuthorizationDeclined,
            SignInFault::UnknownDeviceCode,
            SignInFault::DeviceCodeExpired,
            SignInFault::UnknownUserCode,
            SignInFault::UserCodeExpired,
            SignInFault::Unavailable,
        ]
    }

    #[test]
    fn arguments_stand_in_their_places() {
        let (client, tenant) = ("a%b".to_owned(), TenantId::parse("t1").unwrap());
        let text = SignInFault::UnknownClient { client, tenant }.to_string();
        assert!(text.starts_with("Application with identifier 'a%b' was not found in the directory 't1'. "));
    }

    #[test]
    fn every_fault_has_its_own_number_and_as_many_arguments_as_its_text_takes() {
        let faults = every_fault();
        for fault in &faults {
            let row = fault.row();
            assert_eq!(row.template.matches('%').count(), fault.arguments().len(), "{fault:?}");
            assert_eq!(row.status == 401, row.error == "invalid_client", "{fault:?}");
        }
        let numbers: HashSet<_> = faults.iter().map(SignInFault::number).collect();
        assert_eq!(numbers.len(), faults.len());
    }
}
