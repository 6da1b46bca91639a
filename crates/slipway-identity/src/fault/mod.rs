//! What the sign-in endpoints refuse, in Entra's words.
//!
//! Numbers, texts and OAuth errors are those of "Microsoft Entra authentication and authorization error codes"
//! where that page has them in full, else those of answers that Entra was seen to give.

mod table;

use std::fmt;

use slipway_model::{ClientId, TenantId};

use crate::CredentialFault;
pub(crate) use table::{Row, row};

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
    /// The redirect URI is none of the client's.
    RedirectMismatch {
        /// As it was sent.
        uri: String,
        /// The client.
        client: ClientId,
    },
    /// The client has no redirect URI at all.
    NoRedirect,
    /// `response_type` is not one that is served.
    UnsupportedResponse(String),
    /// A parameter has a value that is not served; holds its name.
    UnsupportedValue(&'static str),
    /// `code_challenge_method` is neither `plain` nor `S256`.
    ChallengeMethod,
    /// `code_challenge` is too short, too long, or has other characters than RFC 7636 allows.
    ChallengeSize,
    /// Nobody is signed in, and nothing may be asked (`prompt=none`).
    NotSignedIn,
    /// The permissions need the consent of an administrator, and the user is none.
    AdminConsentMissing,
    /// A page's form came without what ties it to the browser that the page was shown in.
    ForgedForm(&'static str),
    /// A code or refresh token that cannot be read, or is another client's; holds a sentence that says more.
    InvalidGrant(&'static str),
    /// The code was redeemed before.
    CodeRedeemed,
    /// The code was redeemed too late.
    CodeExpired,
    /// The code is of another tenant.
    OtherTenant,
    /// The redirect URI is not the one that the code went to.
    OtherRedirect {
        /// As it was sent.
        sent: String,
        /// Where the code went.
        expected: String,
    },
    /// The authorization request had a challenge, and there is no verifier.
    VerifierMissing,
    /// The verifier is not that of the challenge.
    VerifierMismatch,
    /// A page asks for the tokens of a code without proof key.
    ProofKeyMissing,
    /// A page asks for tokens that were not meant for a page.
    CrossOrigin,
    /// Tokens that were meant for a page are asked for by something else.
    NotCrossOrigin,
    /// The refresh token has not been used for too long; holds when it was given out.
    RefreshExpired(String),
    /// The same of a page's refresh token, which lasts a day.
    SpaRefreshExpired(String),
    /// The sign-in was ended, or the user's password has changed; holds when the grant was given out.
    GrantRevoked(String),
    /// A device asks too often.
    SlowDown,
    /// A credential or an assertion does not hold.
    Credential(CredentialFault),
    /// The server cannot answer now, or has too much to do; the cause is in its log.
    Unavailable,
}

impl SignInFault {
    fn arguments(&self) -> Vec<&str> {
        match self {
            Self::UnknownTenant(text)
            | Self::InvalidTenant(text)
            | Self::NoConsumers(text)
            | Self::MalformedRequest(text)
            | Self::UnsupportedGrant(text)
            | Self::InvalidScope(text)
            | Self::NotDefaultScope(text)
            | Self::UnsupportedResponse(text)
            | Self::RefreshExpired(text)
            | Self::SpaRefreshExpired(text)
            | Self::GrantRevoked(text) => vec![text],
            Self::MissingParameter(text)
            | Self::UnsupportedValue(text)
            | Self::ForgedForm(text)
            | Self::InvalidGrant(text) => vec![text],
            Self::Credential(fault) => fault.arguments(),
            Self::RedirectMismatch { uri, client } => vec![uri, client.as_str()],
            Self::OtherRedirect { sent, expected } => vec![sent, expected],
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
            | Self::NoRedirect
            | Self::ChallengeMethod
            | Self::ChallengeSize
            | Self::NotSignedIn
            | Self::AdminConsentMissing
            | Self::CodeRedeemed
            | Self::CodeExpired
            | Self::OtherTenant
            | Self::VerifierMissing
            | Self::VerifierMismatch
            | Self::ProofKeyMissing
            | Self::CrossOrigin
            | Self::NotCrossOrigin
            | Self::SlowDown
            | Self::Unavailable => vec![],
        }
    }

    /// The number behind `AADSTS`.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.row().number
    }

    /// The OAuth error.
    #[must_use]
    pub fn error(&self) -> &'static str {
        self.row().error
    }

    /// The OAuth error when the browser takes it back to the client: some have another name there, for at the token
    /// endpoint they are faults of a grant. Source: OpenID Connect Core 1.0, 3.1.2.6.
    #[must_use]
    pub fn redirected_error(&self) -> &'static str {
        match self {
            Self::ConsentMissing { .. } => "consent_required",
            Self::AuthorizationDeclined => "access_denied",
            Self::UserDisabled | Self::UnknownUser(_) => "login_required",
            fault => fault.error(),
        }
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

impl From<CredentialFault> for SignInFault {
    fn from(fault: CredentialFault) -> Self {
        Self::Credential(fault)
    }
}

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
            SignInFault::RedirectMismatch { uri: text(), client: client() },
            SignInFault::NoRedirect,
            SignInFault::UnsupportedResponse(text()),
            SignInFault::UnsupportedValue("prompt"),
            SignInFault::ChallengeMethod,
            SignInFault::ChallengeSize,
            SignInFault::NotSignedIn,
            SignInFault::AdminConsentMissing,
            SignInFault::ForgedForm("cookie"),
            SignInFault::InvalidGrant("It is no code."),
            SignInFault::CodeRedeemed,
            SignInFault::CodeExpired,
            SignInFault::OtherTenant,
            SignInFault::OtherRedirect { sent: text(), expected: text() },
            SignInFault::VerifierMissing,
            SignInFault::VerifierMismatch,
            SignInFault::ProofKeyMissing,
            SignInFault::CrossOrigin,
            SignInFault::NotCrossOrigin,
            SignInFault::RefreshExpired(text()),
            SignInFault::SpaRefreshExpired(text()),
            SignInFault::GrantRevoked(text()),
            SignInFault::SlowDown,
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
        let mut faults = every_fault();
        faults.extend(crate::credential_fault::tests::every_fault());
        for fault in &faults {
            let row = fault.row();
            assert_eq!(row.template.matches('%').count(), fault.arguments().len(), "{fault:?}");
            assert_eq!(row.status == 401, row.error == "invalid_client", "{fault:?}");
        }
        let numbers: HashSet<_> = faults.iter().map(SignInFault::number).collect();
        assert_eq!(numbers.len(), faults.len());
    }
}
