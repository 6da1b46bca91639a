//! With what a client proves itself.

use jiff::Timestamp;

/// A secret: Graph's `passwordCredential`. The secret itself is kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientSecret {
    /// Its GUID, by which it is removed.
    pub key_id: String,
    /// What it is called.
    pub display_name: Option<String>,
    /// Its first three characters; none = it is not known.
    pub hint: Option<String>,
    /// SHA-256 in lower-case hexadecimal digits.
    pub hash: String,
    /// From when on it is taken; none = ever since.
    pub starts_at: Option<Timestamp>,
    /// Until when it is taken; none = for ever.
    pub ends_at: Option<Timestamp>,
}

impl ClientSecret {
    /// A secret with this hash that is good for ever, as seeds give them. Its id is the start of the hash, so that
    /// it stays the same.
    #[must_use]
    pub fn of_hash(hash: String) -> Self {
        let digit = |from, to| hash.get(from..to).unwrap_or_default();
        let key_id = [digit(0, 8), digit(8, 12), digit(12, 16), digit(16, 20), digit(20, 32)]
            .join("-")
            .to_ascii_lowercase();
        Self { key_id, display_name: None, hint: None, hash, starts_at: None, ends_at: None }
    }
}

/// A certificate: Graph's `keyCredential` of type `AsymmetricX509Cert`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    /// Its GUID, by which it is removed.
    pub key_id: String,
    /// What it is called.
    pub display_name: Option<String>,
    /// The certificate: DER in base64.
    pub der: String,
    /// SHA-1 of the DER in lower-case hexadecimal digits: `x5t` of an assertion names it, in base64.
    pub thumbprint: String,
    /// SHA-256 of the DER, the same way: `x5t#S256`.
    pub thumbprint_256: String,
    /// From when on it is taken.
    pub starts_at: Timestamp,
    /// Until when it is taken.
    pub ends_at: Timestamp,
}

/// Tokens of another issuer that stand for the client's own assertions: Graph's `federatedIdentityCredential`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FederatedCredential {
    /// Its GUID.
    pub id: String,
    /// Its name, which no other of the client has.
    pub name: String,
    /// `iss` of the tokens, letter for letter.
    pub issuer: String,
    /// `sub` of the tokens, letter for letter.
    pub subject: String,
    /// `aud` of the tokens: one of these.
    pub audiences: Vec<String>,
    /// What it is for.
    pub description: Option<String>,
}
