//! `application/x-www-form-urlencoded` bodies. No `Debug`: they hold passwords.

use slipway_identity::SignInFault;

use crate::payload::Payload;

/// Longest form, in bytes; a client assertion has a few thousand.
const LIMIT: usize = 64 * 1024;

/// The fields of a form, in their order.
#[derive(Default)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body as a form, whatever its media type says: Entra answers a body of another kind by naming
    /// the first parameter that it misses, and so does this.
    pub(super) async fn read(body: &mut Payload) -> Result<Self, SignInFault> {
        let unreadable = |_| SignInFault::MalformedRequest(format!("A form has at most {LIMIT} bytes."));
        let bytes = body.read(LIMIT).await.map_err(unreadable)?;
        Ok(Self::parse(&bytes))
    }

    /// Takes the text of a form or of a query.
    pub(super) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The field, if it is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let field = self.0.iter().find(|(field, value)| field == name && !value.is_empty());
        field.map(|(_, value)| value.as_str())
    }

    /// The field.
    ///
    /// # Errors
    /// [`SignInFault::MissingParameter`] when it is absent or empty.
    pub(super) fn require(&self, name: &'static str) -> Result<&str, SignInFault> {
        self.get(name).ok_or(SignInFault::MissingParameter(name))
    }
}
