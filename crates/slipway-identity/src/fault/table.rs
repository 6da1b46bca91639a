//! The table: number, OAuth error, status and text of every refusal.

use super::SignInFault;

/// How an error looks on the wire.
pub(crate) struct Row {
    pub(crate) number: u32,
    pub(crate) error: &'static str,
    pub(crate) status: u16,
    /// The text; each `%` stands for the next argument.
    pub(crate) template: &'static str,
}

pub(crate) const fn row(number: u32, error: &'static str, status: u16, template: &'static str) -> Row {
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
const REDIRECT_MISMATCH: Row = row(
    50011,
    "invalid_request",
    400,
    "The redirect URI '%' specified in the request does not match the redirect URIs configured for the \
     application '%'. Make sure the redirect URI sent in the request matches one added to your application.",
);
const NO_REDIRECT: Row =
    row(500_113, "invalid_request", 400, "No reply address is registered for the application.");
const UNSUPPORTED_RESPONSE: Row = row(
    70005,
    "unsupported_response_type",
    400,
    "The app returned an unsupported response type: response_type '%' is not enabled for the application.",
);
const UNSUPPORTED_VALUE: Row = row(90023, "invalid_request", 400, "Unsupported '%' value.");
const CHALLENGE_METHOD: Row = row(50149, "invalid_request", 400, "Invalid Code_Challenge_method parameter.");
const CHALLENGE_SIZE: Row = row(501_491, "invalid_request", 400, "Invalid size of Code_Challenge parameter.");
const NOT_SIGNED_IN: Row =
    row(50058, "login_required", 400, "A silent sign-in request was sent but no user is signed in.");
const ADMIN_CONSENT_MISSING: Row = row(
    90094,
    "access_denied",
    400,
    "Administrator consent is required for the permissions that the application asks for.",
);
const FORGED_FORM: Row = row(
    165_000,
    "invalid_request",
    400,
    "Invalid Request: The request tokens do not match the user context. Do not copy the user context values \
     (cookies; form fields; headers) between different requests or user sessions. Failure Reasons:[%]",
);
const INVALID_GRANT: Row = row(70000, "invalid_grant", 400, "Provided grant is invalid or malformed. %");
const CODE_REDEEMED: Row = row(
    54005,
    "invalid_grant",
    400,
    "OAuth2 Authorization code was already redeemed, please retry with a new valid code or use an existing \
     refresh token.",
);
const CODE_EXPIRED: Row = row(
    70008,
    "invalid_grant",
    400,
    "The provided authorization code or refresh token has expired due to inactivity. Send a new interactive \
     authorization request for this user and resource.",
);
const OTHER_TENANT: Row = row(
    700_005,
    "invalid_grant",
    400,
    "Provided Authorization Code is intended to use against other tenant, thus rejected.",
);
const OTHER_REDIRECT: Row = row(
    500_112,
    "invalid_grant",
    400,
    "The reply address '%' does not match the reply address '%' provided when requesting Authorization code.",
);
const VERIFIER_MISSING: Row = row(
    50148,
    "invalid_grant",
    400,
    "The code_verifier does not match the code_challenge supplied in the authorization request for PKCE.",
);
const VERIFIER_MISMATCH: Row = row(
    501_481,
    "invalid_grant",
    400,
    "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
);
const PROOF_KEY_MISSING: Row = row(
    9_002_325,
    "invalid_request",
    400,
    "Proof Key for Code Exchange is required for cross-origin authorization code redemption.",
);
const CROSS_ORIGIN: Row = row(
    9_002_326,
    "invalid_request",
    400,
    "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
);
const NOT_CROSS_ORIGIN: Row = row(
    9_002_327,
    "invalid_request",
    400,
    "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin \
     requests.",
);
const REFRESH_EXPIRED: Row = row(
    700_082,
    "invalid_grant",
    400,
    "The refresh token has expired due to inactivity. The token was issued on % and was inactive for \
     90.00:00:00.",
);
const SPA_REFRESH_EXPIRED: Row = row(
    700_084,
    "invalid_grant",
    400,
    "The refresh token was issued to a single page app (SPA), and therefore has a fixed, limited lifetime of \
     1.00:00:00, which can't be extended. It is now expired and a new sign in request must be sent by the SPA \
     to the sign in page. The token was issued on %.",
);
const GRANT_REVOKED: Row = row(
    50173,
    "invalid_grant",
    400,
    "The provided grant has expired due to it being revoked, a fresh auth token is needed. The user might have \
     changed or reset their password. The grant was issued on '%'.",
);
// The device code page does not have it; the error is RFC 8628's, the number that of a client that asks in a loop.
const SLOW_DOWN: Row = row(
    50196,
    "slow_down",
    400,
    "The server terminated an operation because it encountered a client request loop. Wait for the interval \
     between two requests.",
);
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
            Self::RedirectMismatch { .. } => &REDIRECT_MISMATCH,
            Self::NoRedirect => &NO_REDIRECT,
            Self::UnsupportedResponse(_) => &UNSUPPORTED_RESPONSE,
            Self::UnsupportedValue(_) => &UNSUPPORTED_VALUE,
            Self::ChallengeMethod => &CHALLENGE_METHOD,
            Self::ChallengeSize => &CHALLENGE_SIZE,
            Self::NotSignedIn => &NOT_SIGNED_IN,
            Self::AdminConsentMissing => &ADMIN_CONSENT_MISSING,
            Self::ForgedForm(_) => &FORGED_FORM,
            Self::InvalidGrant(_) => &INVALID_GRANT,
            Self::CodeRedeemed => &CODE_REDEEMED,
            Self::CodeExpired => &CODE_EXPIRED,
            Self::OtherTenant => &OTHER_TENANT,
            Self::OtherRedirect { .. } => &OTHER_REDIRECT,
            Self::VerifierMissing => &VERIFIER_MISSING,
            Self::VerifierMismatch => &VERIFIER_MISMATCH,
            Self::ProofKeyMissing => &PROOF_KEY_MISSING,
            Self::CrossOrigin => &CROSS_ORIGIN,
            Self::NotCrossOrigin => &NOT_CROSS_ORIGIN,
            Self::RefreshExpired(_) => &REFRESH_EXPIRED,
            Self::SpaRefreshExpired(_) => &SPA_REFRESH_EXPIRED,
            Self::GrantRevoked(_) => &GRANT_REVOKED,
            Self::SlowDown => &SLOW_DOWN,
            Self::Credential(fault) => fault.row(),
            Self::Unavailable => &UNAVAILABLE,
        }
    }
}
