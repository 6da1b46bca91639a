//! Secrets and certificates in request bodies.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use slipway_identity::{Certificate, Ids, Secret};
use slipway_model::{Client, ClientCertificate, ClientSecret, MAX_CREDENTIALS, is_guid};

use crate::fault::{Fault, echo};
use crate::object::{Object, invalid_value};

const TIME: &str = "a time such as 2026-12-31T00:00:00Z";

/// Longest name.
const LONGEST_NAME: usize = 120;

/// A `passwordCredential` as it is sent.
#[derive(Debug, Default)]
pub(super) struct PasswordWish {
    pub(super) key_id: Option<String>,
    display_name: Option<String>,
    starts_at: Option<Timestamp>,
    ends_at: Option<Timestamp>,
}

impl PasswordWish {
    pub(super) fn read(object: &Object<'_>) -> Result<Self, Fault> {
        object.check(&[
            "customKeyIdentifier",
            "displayName",
            "endDateTime",
            "hint",
            "keyId",
            "secretText",
            "startDateTime",
        ])?;
        if object.get("secretText").is_some_and(|text| text.get() != "null") {
            return Err(invalid_value("secretText", "nothing, for secrets are made here"));
        }
        Ok(Self {
            key_id: object.read("keyId", "a GUID")?,
            display_name: display_name(object)?,
            starts_at: object.read("startDateTime", TIME)?,
            ends_at: object.read("endDateTime", TIME)?,
        })
    }

    /// A new secret as it is wished: good for two years unless another time is named ("application: addPassword").
    pub(super) fn make(&self, ids: &Ids, now: Timestamp) -> Result<(ClientSecret, Secret), Fault> {
        let secret = ids.secret();
        let starts_at = self.starts_at.unwrap_or(now);
        let ends_at = match self.ends_at {
            Some(end) => end,
            None => two_years_after(starts_at).ok_or_else(|| invalid_value("startDateTime", TIME))?,
        };
        if ends_at <= starts_at {
            return Err(invalid_value("endDateTime", "a time after startDateTime"));
        }
        let credential = ClientSecret {
            key_id: ids.guid(),
            display_name: self.display_name.clone(),
            hint: Some(secret.expose().chars().take(3).collect()),
            hash: secret.sha256_hex(),
            starts_at: Some(starts_at),
            ends_at: Some(ends_at),
        };
        Ok((credential, secret))
    }
}

fn two_years_after(start: Timestamp) -> Option<Timestamp> {
    Some(start.to_zoned(TimeZone::UTC).checked_add(2.years()).ok()?.timestamp())
}

fn display_name(object: &Object<'_>) -> Result<Option<String>, Fault> {
    let name: Option<String> = object.read("displayName", "a text")?;
    match &name {
        Some(text) if text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control) => {
            Err(invalid_value("displayName", "at most 120 characters, none of them a control character"))
        }
        _ => Ok(name),
    }
}

/// A `keyCredential` as it is sent: a certificate, or the id of one that stays.
#[derive(Debug)]
pub(super) enum KeyWish {
    New(Box<ClientCertificate>),
    Kept(String),
}

impl KeyWish {
    /// Reads those of a body.
    pub(super) fn read_all(object: &Object<'_>) -> Result<Option<Vec<Self>>, Fault> {
        if object.get("keyCredentials").is_none() {
            return Ok(None);
        }
        let wishes = object.objects("keyCredentials")?;
        if wishes.len() > MAX_CREDENTIALS {
            return Err(invalid_value("keyCredentials", "at most 100 certificates"));
        }
        wishes.iter().map(Self::read).collect::<Result<_, _>>().map(Some)
    }

    fn read(object: &Object<'_>) -> Result<Self, Fault> {
        object.check(&[
            "customKeyIdentifier",
            "displayName",
            "endDateTime",
            "key",
            "keyId",
            "startDateTime",
            "type",
            "usage",
        ])?;
        let word = |name, wanted: &str| match object.read::<String>(name, wanted)? {
            Some(word) if !word.eq_ignore_ascii_case(wanted) => Err(invalid_value(name, wanted)),
            _ => Ok(()),
        };
        word("type", "AsymmetricX509Cert")?;
        word("usage", "Verify")?;
        let key_id: Option<String> = object.read("keyId", "a GUID")?;
        let Some(key) = object.read::<String>("key", "the base64 text of a certificate")? else {
            let key_id = key_id.ok_or_else(|| invalid_value("key", "the base64 text of a certificate"))?;
            return Ok(Self::Kept(key_id));
        };
        let certificate = Certificate::parse(&key)
            .map_err(|fault| Fault::bad_request(format!("The key of a keyCredential {fault}.")))?;
        let mut certificate = ClientCertificate::from(certificate);
        if let Some(key_id) = key_id {
            check_guid(&key_id)?;
            certificate.key_id = key_id.to_ascii_lowercase();
        }
        certificate.display_name = display_name(object)?.or(certificate.display_name);
        within(object, &mut certificate)?;
        Ok(Self::New(Box::new(certificate)))
    }
}

fn check_guid(text: &str) -> Result<(), Fault> {
    if is_guid(text) { Ok(()) } else { Err(invalid_value("keyId", "a GUID")) }
}

/// Times that are sent must lie within those of the certificate.
fn within(object: &Object<'_>, certificate: &mut ClientCertificate) -> Result<(), Fault> {
    let starts_at = object.read("startDateTime", TIME)?.unwrap_or(certificate.starts_at);
    let ends_at = object.read("endDateTime", TIME)?.unwrap_or(certificate.ends_at);
    if starts_at < certificate.starts_at || ends_at > certificate.ends_at || ends_at <= starts_at {
        return Err(Fault::bad_request(
            "Key credential dates are invalid: startDateTime and endDateTime must lie within those of the certificate.",
        ));
    }
    (certificate.starts_at, certificate.ends_at) = (starts_at, ends_at);
    Ok(())
}

/// The certificates as the wishes say, in their order.
pub(super) fn certificates(client: &Client, wishes: &[KeyWish]) -> Result<Vec<ClientCertificate>, Fault> {
    let mut certificates: Vec<ClientCertificate> = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let certificate = match wish {
            KeyWish::New(certificate) => ClientCertificate::clone(certificate),
            KeyWish::Kept(id) => client.certificate(id).cloned().ok_or_else(|| {
                Fault::bad_request(format!("No credential was found with the keyId '{}'.", echo(id)))
            })?,
        };
        if certificates.iter().any(|known| known.key_id == certificate.key_id) {
            return Err(Fault::bad_request(format!(
                "The keyId '{}' is in keyCredentials twice.",
                certificate.key_id
            )));
        }
        certificates.push(certificate);
    }
    Ok(certificates)
}
