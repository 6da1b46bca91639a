//! `application/x-www-form-urlencoded` bodies. No `Debug`: they hold passwords.

use slipway_identity::SignInFault;

use crate::fault::Fault;
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
        let bytes = body.read(LIMIT).await.map_err(|fault| unreadable(&fault))?;
        Ok(Self::parse(&bytes))
    }

    /// Takes the text of a form or of a query.
    pub(super) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The form as text.
    pub(super) fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
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

/// The body's fault, in its own words.
fn unreadable(fault: &Fault) -> SignInFault {
    SignInFault::MalformedRequest(fault.wording().message.into_owned())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;
    use crate::fault::FaultKind;

    #[tokio::test]
    async fn a_form_has_an_end() {
        let body = |bytes: usize| Payload::Memory(Bytes::from(vec![b'a'; bytes]));
        assert!(Form::read(&mut body(LIMIT)).await.is_ok());
        let refused = Form::read(&mut body(LIMIT + 1)).await.err().unwrap();
        assert!(refused.to_string().ends_with("The request body is longer than 65536 bytes."), "{refused}");
    }

    #[test]
    fn a_body_that_did_not_arrive_is_not_called_too_long() {
        let late = unreadable(&FaultKind::BodyTimeout.into());
        assert_eq!(late, SignInFault::MalformedRequest("The request body did not arrive in time.".into()));
    }
}
