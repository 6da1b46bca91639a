//! Sign-ins of users that go on: from the code to the last refresh token. Found by id, listed by expiry.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_model::{ClientId, UserId};

use crate::key::{IndexKey, Key, KeyWriter, Partition, Range};
use crate::kind::{Index, Kind};
use crate::record::{Record, Undecodable, Version};

/// A user's sign-in to a client. Its code and its refresh tokens are sealed texts that name it, so that they need not
/// be kept; its access tokens name it as `sid`, so that they end with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// A GUID.
    pub id: String,
    /// The client that the user signed in to.
    pub client: ClientId,
    /// The user.
    pub user: UserId,
    /// The scopes as the client asked for them.
    pub scopes: Vec<String>,
    /// How far it has come.
    pub state: SessionState,
    /// When the user proved themselves: `auth_time`.
    pub signed_in_at: Timestamp,
    /// From when on it is worth nothing; later than every token that names it.
    pub expires_at: Timestamp,
}

/// How far a sign-in has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// The client has a code that it has not redeemed yet.
    Code(PendingCode),
    /// Tokens are out. The number is the one of the refresh token that is good; those with lower numbers were used.
    Live {
        /// Which refresh token.
        generation: u64,
    },
    /// A code or refresh token was used twice, or somebody ended the sign-in: nothing of it is good any more.
    Revoked,
}

/// What is to be compared when a code is redeemed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingCode {
    /// `redirect_uri` of the authorization request.
    pub redirect_uri: String,
    /// The proof key, RFC 7636.
    pub challenge: Option<CodeChallenge>,
    /// For the id token.
    pub nonce: Option<String>,
}

/// `code_challenge`, RFC 7636.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CodeChallenge {
    /// The verifier itself.
    Plain(String),
    /// SHA-256 of the verifier, in base64url.
    S256(String),
}

/// Where the session stands.
#[must_use]
pub fn key(partition: &Partition, id: &str) -> Key<Session> {
    KeyWriter::row(Kind::Session, partition).text(&id.to_ascii_lowercase()).into()
}

/// Every session, the one that expires first at the front.
#[must_use]
pub fn by_expiry(partition: &Partition) -> Range<Session> {
    KeyWriter::index(Index::SessionExpiry, partition).into()
}

/// Every session, by id.
#[must_use]
pub fn all(partition: &Partition) -> Range<Session> {
    KeyWriter::row(Kind::Session, partition).into()
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    v: Version<1>,
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    client: Cow<'a, str>,
    #[serde(borrow)]
    user: Cow<'a, str>,
    scopes: Cow<'a, [String]>,
    #[serde(borrow)]
    state: StateDocument<'a>,
    signed_in_at: Timestamp,
    expires_at: Timestamp,
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum StateDocument<'a> {
    Code {
        #[serde(borrow)]
        redirect_uri: Cow<'a, str>,
        #[serde(borrow, skip_serializing_if = "Option::is_none")]
        challenge: Option<ChallengeDocument<'a>>,
        #[serde(borrow, skip_serializing_if = "Option::is_none")]
        nonce: Option<Cow<'a, str>>,
    },
    Live {
        generation: u64,
    },
    Revoked,
}

#[derive(Deserialize, Serialize)]
enum ChallengeDocument<'a> {
    #[serde(rename = "plain", borrow)]
    Plain(Cow<'a, str>),
    #[serde(borrow)]
    S256(Cow<'a, str>),
}

impl<'a> StateDocument<'a> {
    fn new(state: &'a SessionState) -> Self {
        match state {
            SessionState::Code(code) => Self::Code {
                redirect_uri: code.redirect_uri.as_str().into(),
                challenge: code.challenge.as_ref().map(|challenge| match challenge {
                    CodeChallenge::Plain(text) => ChallengeDocument::Plain(text.as_str().into()),
                    CodeChallenge::S256(text) => ChallengeDocument::S256(text.as_str().into()),
                }),
                nonce: code.nonce.as_deref().map(Cow::from),
            },
            SessionState::Live { generation } => Self::Live { generation: *generation },
            SessionState::Revoked => Self::Revoked,
        }
    }

    fn state(self) -> SessionState {
        match self {
            Self::Code { redirect_uri, challenge, nonce } => SessionState::Code(PendingCode {
                redirect_uri: redirect_uri.into_owned(),
                challenge: challenge.map(|challenge| match challenge {
                    ChallengeDocument::Plain(text) => CodeChallenge::Plain(text.into_owned()),
                    ChallengeDocument::S256(text) => CodeChallenge::S256(text.into_owned()),
                }),
                nonce: nonce.map(Cow::into_owned),
            }),
            Self::Live { generation } => SessionState::Live { generation },
            Self::Revoked => SessionState::Revoked,
        }
    }
}

impl Record for Session {
    const KIND: Kind = Kind::Session;

    fn key(&self, partition: &Partition) -> Key<Self> {
        key(partition, &self.id)
    }

    fn index_keys(&self, partition: &Partition) -> Vec<IndexKey> {
        let expiry = KeyWriter::index(Index::SessionExpiry, partition).time(self.expires_at);
        vec![expiry.text(&self.id.to_ascii_lowercase()).into()]
    }

    fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&Document {
            v: Version,
            id: self.id.as_str().into(),
            client: self.client.as_str().into(),
            user: self.user.as_str().into(),
            scopes: self.scopes.as_slice().into(),
            state: StateDocument::new(&self.state),
            signed_in_at: self.signed_in_at,
            expires_at: self.expires_at,
        })
    }

    fn decode(document: &[u8]) -> Result<Self, Undecodable> {
        let document: Document<'_> = serde_json::from_slice(document)?;
        Ok(Self {
            id: document.id.into_owned(),
            client: ClientId::parse(&document.client)?,
            user: UserId::parse(&document.user)?,
            scopes: document.scopes.into_owned(),
            state: document.state.state(),
            signed_in_at: document.signed_in_at,
            expires_at: document.expires_at,
        })
    }
}
