//! What an authorization request asks for. First who asks and where the browser goes back to: until both are proven
//! faults stay on a page, since anybody can make a link with any address in it. Then the rest, whose faults the client
//! hears.
//!
//! Source: RFC 6749, 4.1.1, OpenID Connect Core 1.0, 3.1.2.1, and "Microsoft identity platform and OAuth 2.0
//! authorization code flow".

use slipway_identity::{ScopeRequest, SignInFault, is_proof_key, registered};
use slipway_model::{Client, Platform, Tenant};
use slipway_store::CodeChallenge;

use crate::oauth::form::Form;
use crate::oauth::refusal::Refusal;
use crate::oauth::sign_in::SignIn;

/// Longest `nonce`, in bytes: it is kept beside the code, and stands in the id token.
const LONGEST_NONCE: usize = 1024;

/// Which of Entra's endpoints.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
pub(in crate::oauth) enum Endpoint {
    /// `/oauth2/authorize`, which takes a resource.
    V1,
    /// `/oauth2/v2.0/authorize`, which takes scopes.
    V2,
}

/// How the answer travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::oauth) enum ResponseMode {
    Query,
    Fragment,
    FormPost,
}

/// An authorization request of a known client that leads back to one of its addresses.
pub(in crate::oauth) struct Authorization {
    pub(in crate::oauth) tenant: Tenant,
    pub(in crate::oauth) client: Client,
    pub(in crate::oauth) platform: Platform,
    /// The redirect URI as it was sent.
    pub(in crate::oauth) uri: String,
    pub(in crate::oauth) mode: ResponseMode,
    pub(in crate::oauth) form: Form,
    endpoint: Endpoint,
}

/// The rest of the request.
pub(in crate::oauth) struct Asked {
    pub(in crate::oauth) response: Response,
    pub(in crate::oauth) scopes: ScopeRequest,
    pub(in crate::oauth) nonce: Option<String>,
    pub(in crate::oauth) challenge: Option<CodeChallenge>,
    pub(in crate::oauth) prompt: Prompt,
}

/// `response_type`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::oauth) enum Response {
    Code,
    IdToken,
    CodeAndIdToken,
}

impl Response {
    pub(in crate::oauth) fn has_code(self) -> bool {
        self != Self::IdToken
    }

    pub(in crate::oauth) fn has_id_token(self) -> bool {
        self != Self::Code
    }

    fn parse(text: &str) -> Result<Self, SignInFault> {
        let mut words: Vec<_> = text.split_ascii_whitespace().collect();
        words.sort_unstable();
        match words.as_slice() {
            ["code"] => Ok(Self::Code),
            ["id_token"] => Ok(Self::IdToken),
            ["code", "id_token"] => Ok(Self::CodeAndIdToken),
            _ => Err(SignInFault::UnsupportedResponse(text.to_owned())),
        }
    }
}

/// `prompt`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::oauth) enum Prompt {
    /// Whatever is needed.
    Needed,
    /// Nothing may be asked.
    None,
    /// The user proves themselves anew.
    Login,
    /// The user says who signs in.
    SelectAccount,
    /// The user is asked for consent, given or not.
    Consent,
}

impl Prompt {
    fn parse(text: Option<&str>) -> Result<Self, SignInFault> {
        match text.unwrap_or_default() {
            "" => Ok(Self::Needed),
            "none" => Ok(Self::None),
            "login" | "refresh_session" => Ok(Self::Login),
            "select_account" => Ok(Self::SelectAccount),
            "consent" | "admin_consent" => Ok(Self::Consent),
            _ => Err(SignInFault::UnsupportedValue("prompt")),
        }
    }
}

impl Authorization {
    /// The request, if its client is the tenant's and the redirect URI the client's.
    pub(super) async fn of(
        sign_in: &SignIn,
        tenant: Tenant,
        endpoint: Endpoint,
        form: Form,
    ) -> Result<Self, Refusal> {
        let client = sign_in.served_client(&tenant, form.require("client_id")?).await?;
        let (platform, uri) = redirect(&client, &form)?;
        let mode = mode(&form).unwrap_or_else(|_| default_mode(&form));
        Ok(Self { tenant, client, platform, uri, mode, form, endpoint })
    }

    pub(super) fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    pub(in crate::oauth) fn state(&self) -> Option<&str> {
        self.form.get("state")
    }

    /// What else is asked for.
    pub(super) async fn asked(&self, sign_in: &SignIn) -> Result<Asked, Refusal> {
        let form = &self.form;
        let response = Response::parse(form.require("response_type")?)?;
        let mode = mode(form)?;
        if response.has_id_token() && mode == ResponseMode::Query {
            return Err(SignInFault::UnsupportedValue("response_mode").into());
        }
        let scopes = match self.endpoint {
            Endpoint::V2 => form.require("scope")?.to_owned(),
            Endpoint::V1 => first_scopes(form),
        };
        let scopes = sign_in.scopes_of(&scopes, &self.tenant, &self.client).await?;
        let nonce = form.get("nonce").map(str::to_owned);
        if nonce
            .as_deref()
            .is_some_and(|nonce| nonce.len() > LONGEST_NONCE || nonce.contains(char::is_control))
        {
            let hint = format!("'nonce' has at most {LONGEST_NONCE} bytes and no control characters.");
            return Err(SignInFault::MalformedRequest(hint).into());
        }
        if response.has_id_token() && nonce.is_none() {
            return Err(SignInFault::MissingParameter("nonce").into());
        }
        let prompt = Prompt::parse(form.get("prompt"))?;
        Ok(Asked { response, scopes, nonce, challenge: challenge(form)?, prompt })
    }
}

/// What the first version's `resource` means: everything of it, and, as that version does unasked, a refresh token.
fn first_scopes(form: &Form) -> String {
    let resource = form.get("resource").unwrap_or("https://graph.microsoft.com");
    format!("{}/.default openid profile offline_access", resource.trim_end_matches('/'))
}

/// The address of the client's that the request names; the only one that there is if it names none.
pub(super) fn redirect(client: &Client, form: &Form) -> Result<(Platform, String), SignInFault> {
    match (form.get("redirect_uri"), client.redirect_uris.as_slice()) {
        (_, []) => Err(SignInFault::NoRedirect),
        (None, [only]) => Ok((only.platform, only.uri.clone())),
        (None, _) => Err(SignInFault::MissingParameter("redirect_uri")),
        (Some(uri), _) => match registered(client, uri) {
            Some(known) => Ok((known.platform, uri.to_owned())),
            None => Err(SignInFault::RedirectMismatch { uri: uri.to_owned(), client: client.id.clone() }),
        },
    }
}

fn mode(form: &Form) -> Result<ResponseMode, SignInFault> {
    match form.get("response_mode") {
        None => Ok(default_mode(form)),
        Some("query") => Ok(ResponseMode::Query),
        Some("fragment") => Ok(ResponseMode::Fragment),
        Some("form_post") => Ok(ResponseMode::FormPost),
        Some(_) => Err(SignInFault::UnsupportedValue("response_mode")),
    }
}

fn default_mode(form: &Form) -> ResponseMode {
    match form.get("response_type") {
        Some(response) if response.contains("token") => ResponseMode::Fragment,
        _ => ResponseMode::Query,
    }
}

/// The proof key; a challenge that names no method is `plain` (RFC 7636, 4.3).
fn challenge(form: &Form) -> Result<Option<CodeChallenge>, SignInFault> {
    let method = form.get("code_challenge_method");
    let Some(challenge) = form.get("code_challenge") else {
        return if method.is_some() {
            Err(SignInFault::MissingParameter("code_challenge"))
        } else {
            Ok(None)
        };
    };
    if !is_proof_key(challenge) {
        return Err(SignInFault::ChallengeSize);
    }
    match method {
        None | Some("plain") => Ok(Some(CodeChallenge::Plain(challenge.to_owned()))),
        Some("S256") => Ok(Some(CodeChallenge::S256(challenge.to_owned()))),
        Some(_) => Err(SignInFault::ChallengeMethod),
    }
}
