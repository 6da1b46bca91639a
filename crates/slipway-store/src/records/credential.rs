//! With what clients prove themselves, as parts of their documents.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use slipway_model::{ClientCertificate, ClientSecret, FederatedCredential};

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct SecretDocument<'a> {
    #[serde(borrow)]
    key_id: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    display_name: Option<Cow<'a, str>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    hint: Option<Cow<'a, str>>,
    #[serde(borrow)]
    hash: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ends_at: Option<Timestamp>,
}

impl<'a> SecretDocument<'a> {
    pub(super) fn new(secret: &'a ClientSecret) -> Self {
        Self {
            key_id: secret.key_id.as_str().into(),
            display_name: secret.display_name.as_deref().map(Cow::from),
            hint: secret.hint.as_deref().map(Cow::from),
            hash: secret.hash.as_str().into(),
            starts_at: secret.starts_at,
            ends_at: secret.ends_at,
        }
    }

    pub(super) fn secret(self) -> ClientSecret {
        ClientSecret {
            key_id: self.key_id.into_owned(),
            display_name: self.display_name.map(Cow::into_owned),
            hint: self.hint.map(Cow::into_owned),
            hash: self.hash.into_owned(),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
        }
    }
}

#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CertificateDocument<'a> {
    #[serde(borrow)]
    key_id: Cow<'a, str>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    display_name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    der: Cow<'a, str>,
    #[serde(borrow)]
    thumbprint: Cow<'a, str>,
    #[serde(borrow)]
    thumbprint_256: Cow<'a, str>,
    starts_at: Timestamp,
    ends_at: Timestamp,
}

impl<'a> CertificateDocument<'a> {
    pub(super) fn new(certificate: &'a ClientCertificate) -> Self {
        Self {
            key_id: certificate.key_id.as_str().into(),
            display_name: certificate.display_name.as_deref().map(Cow::from),
            der: certificate.der.as_str().into(),
            thumbprint: certificate.thumbprint.as_str().into(),
            thumbprint_256: certificate.thumbprint_256.as_str().into(),
            starts_at: certificate.starts_at,
            ends_at: certificate.ends_at,
        }
    }

    pub(super) fn certificate(self) -> ClientCertificate {
        ClientCertificate {
            key_id: self.key_id.into_owned(),
            display_name: self.display_name.map(Cow::into_owned),
            der: self.der.into_owned(),
            thumbprint: self.thumbprint.into_owned(),
            thumbprint_256: self.thumbprint_256.into_owned(),
            starts_at: self.starts_at,
            ends_at: self.ends_at,
        }
    }
}

#[derive(Deserialize, Serialize)]
pub(super) struct FederatedDocument<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    issuer: Cow<'a, str>,
    #[serde(borrow)]
    subject: Cow<'a, str>,
    audiences: Cow<'a, [String]>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    description: Option<Cow<'a, str>>,
}

impl<'a> FederatedDocument<'a> {
    pub(super) fn new(credential: &'a FederatedCredential) -> Self {
        Self {
            id: credential.id.as_str().into(),
            name: credential.name.as_str().into(),
            issuer: credential.issuer.as_str().into(),
            subject: credential.subject.as_str().into(),
            audiences: credential.audiences.as_slice().into(),
            description: credential.description.as_deref().map(Cow::from),
        }
    }

    pub(super) fn credential(self) -> FederatedCredential {
        FederatedCredential {
            id: self.id.into_owned(),
            name: self.name.into_owned(),
            issuer: self.issuer.into_owned(),
            subject: self.subject.into_owned(),
            audiences: self.audiences.into_owned(),
            description: self.description.map(Cow::into_owned),
        }
    }
}
