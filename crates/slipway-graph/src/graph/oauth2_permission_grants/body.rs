//! What a body says of a grant.

use slipway_model::{ClientId, UserId};

use crate::fault::{Fault, echo};
use crate::object::{Object, invalid_value};

/// Longest list of permissions, in bytes.
const LONGEST: usize = 8_000;

/// A grant as it is wished.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) client: ClientId,
    pub(super) resource: ClientId,
    pub(super) user: Option<UserId>,
    pub(super) scopes: Vec<String>,
}

impl Wish {
    pub(super) fn read(body: &[u8]) -> Result<Self, Fault> {
        let object = Object::parse(body)?;
        object.check(&[
            "clientId",
            "consentType",
            "expiryTime",
            "id",
            "principalId",
            "resourceId",
            "scope",
            "startTime",
        ])?;
        let principal = |name: &str| -> Result<ClientId, Fault> {
            let form = "the id of a service principal";
            let text: Option<String> = object.read(name, form)?;
            let id = text.and_then(|text| ClientId::parse(&text).ok());
            Ok(id.ok_or_else(|| invalid_value(name, form))?.of_service_principal())
        };
        Ok(Self {
            client: principal("clientId")?,
            resource: principal("resourceId")?,
            user: user(&object)?,
            scopes: scopes(&object)?,
        })
    }
}

/// For whom: nobody in particular, or the user that `principalId` names.
fn user(object: &Object<'_>) -> Result<Option<UserId>, Fault> {
    const KINDS: &str = "AllPrincipals or Principal";
    let kind: Option<String> = object.read("consentType", KINDS)?;
    let id: Option<String> = object.read("principalId", "the id of a user")?;
    match (kind.as_deref(), id) {
        (Some("AllPrincipals"), None) => Ok(None),
        (Some("AllPrincipals"), Some(_)) => Err(invalid_value("principalId", "null for AllPrincipals")),
        (Some("Principal"), Some(id)) => {
            UserId::parse(&id).map(Some).map_err(|_| invalid_value("principalId", "the id of a user"))
        }
        (Some("Principal"), None) => Err(invalid_value("principalId", "the id of a user")),
        _ => Err(invalid_value("consentType", KINDS)),
    }
}

/// `{"scope":"A B"}` of PATCH.
pub(super) fn read_scopes(body: &[u8]) -> Result<Vec<String>, Fault> {
    let object = Object::parse(body)?;
    object.check(&["scope"])?;
    scopes(&object)
}

fn scopes(object: &Object<'_>) -> Result<Vec<String>, Fault> {
    let text: Option<String> = object.read("scope", "names between blanks")?;
    let text = text.ok_or_else(|| Fault::bad_request("The property 'scope' is required."))?;
    if text.len() > LONGEST {
        return Err(invalid_value("scope", "at most 8,000 characters"));
    }
    let mut scopes: Vec<String> = Vec::new();
    for name in text.split(' ').filter(|name| !name.is_empty()) {
        if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-:".contains(&b)) {
            return Err(Fault::bad_request(format!(
                "'{}' in 'scope' is no name of a permission.",
                echo(name)
            )));
        }
        if !scopes.iter().any(|known| known.eq_ignore_ascii_case(name)) {
            scopes.push(name.to_owned());
        }
    }
    Ok(scopes)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn body() -> Value {
        json!({
            "clientId": "51190000-0000-4000-8000-51900000a001",
            "consentType": "AllPrincipals",
            "resourceId": "00000003-0000-0000-c000-519000000000",
            "scope": " User.Read  Chat.Read user.read"
        })
    }

    #[test]
    fn ids_are_those_of_service_principals() {
        let wish = Wish::read(body().to_string().as_bytes()).unwrap();
        assert_eq!(wish.client.as_str(), "51190000-0000-4000-8000-00000000a001");
        assert_eq!(wish.resource, ClientId::microsoft_graph());
        assert_eq!((wish.user, wish.scopes), (None, vec!["User.Read".into(), "Chat.Read".into()]));
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (name, value) in [
            ("clientId", json!(null)),
            ("resourceId", json!("a b")),
            ("consentType", json!("Everybody")),
            ("consentType", json!("Principal")),
            ("principalId", json!("u")),
            ("scope", json!(null)),
            ("scope", json!("a/b")),
            ("scope", json!("x".repeat(LONGEST + 1))),
            ("color", json!(1)),
        ] {
            let mut body = body();
            body[name] = value;
            let fault = Wish::read(body.to_string().as_bytes()).unwrap_err();
            let message = fault.wording().message.into_owned();
            let named = if message.contains("principalId") { "principalId" } else { name };
            assert!(fault.status() == 400 && message.contains(named), "{name}: {message}");
        }
    }
}
