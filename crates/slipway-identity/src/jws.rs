//! Signed texts: three parts of base64 between dots (RFC 7515, compact). Which key and algorithm are right is never
//! up to the text: headers that bring or name a key of their own (`jwk`, `jku`, `x5u`, `x5c`) are not looked at, and
//! one that asks for what is not understood (`crit`) is refused.

use std::fmt::Write;

use base64::Engine;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};

/// Longest text that is looked at, in bytes: assertions may carry a chain of certificates.
const MAX_LENGTH: usize = 48 * 1024;

/// Padding or not, as thumbprints come.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Deserialize)]
pub(crate) struct Header {
    pub(crate) alg: String,
    pub(crate) kid: Option<String>,
    /// SHA-1 of a certificate.
    pub(crate) x5t: Option<String>,
    /// SHA-256 of a certificate.
    #[serde(rename = "x5t#S256", alias = "x5t#s256")]
    pub(crate) x5t_256: Option<String>,
    crit: Option<IgnoredAny>,
}

/// A text of that form, whose signature nobody has looked at yet.
pub(crate) struct Jws<'a> {
    pub(crate) header: Header,
    message: &'a str,
    signature: &'a str,
    payload: Vec<u8>,
}

impl<'a> Jws<'a> {
    /// Takes the text apart. None if it has another form, or a critical header.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        if text.len() > MAX_LENGTH {
            return None;
        }
        let (message, signature) = text.rsplit_once('.')?;
        let (header, payload) = message.split_once('.')?;
        if payload.contains('.') {
            return None;
        }
        let header: Header = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
        if header.crit.is_some() {
            return None;
        }
        Some(Self { header, message, signature, payload: URL_SAFE_NO_PAD.decode(payload).ok()? })
    }

    /// Whether the key signed it, with one of the algorithms that are right for the key.
    pub(crate) fn is_signed_by(&self, key: &DecodingKey, algorithms: &[Algorithm]) -> bool {
        let named = |algorithm: &&Algorithm| name_of(**algorithm) == self.header.alg;
        algorithms.iter().find(named).is_some_and(|algorithm| {
            let verified =
                jsonwebtoken::crypto::verify(self.signature, self.message.as_bytes(), key, *algorithm);
            verified.unwrap_or(false)
        })
    }

    /// What it says, signed or not.
    pub(crate) fn claims<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.payload).ok()
    }
}

/// `alg` of those that are known here.
pub(crate) fn name_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::RS256 => "RS256",
        Algorithm::PS256 => "PS256",
        Algorithm::ES256 => "ES256",
        // No key here is good for others.
        _ => "",
    }
}

/// The lower-case hexadecimal digits of a thumbprint in base64url.
pub(crate) fn thumbprint(text: &str) -> Option<String> {
    let bytes = LENIENT.decode(text.replace('+', "-").replace('/', "_")).ok()?;
    Some(hexadecimal(&bytes))
}

/// Lower-case hexadecimal digits.
pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Seconds since 1970, which clients write with a fraction too.
pub(crate) fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    let seconds: Option<f64> = Option::deserialize(deserializer)?;
    #[expect(clippy::cast_possible_truncation, reason = "the conversion stops at the ends of the range")]
    Ok(seconds.map(|seconds| seconds.floor() as i64))
}

/// `aud`: a text, or a list of them.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Audience {
    One(String),
    Some(Vec<String>),
}

impl Audience {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let (one, some): (_, &[String]) = match self {
            Self::One(one) => (Some(one), &[]),
            Self::Some(some) => (None, some),
        };
        one.into_iter().chain(some).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;

    fn text(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.AA", part(header), part(claims))
    }

    #[test]
    fn what_is_critical_is_refused() {
        let header =
            json!({"alg": "RS256", "kid": "k", "jku": "https://evil.example", "jwk": {"kty": "oct"}});
        assert!(Jws::read(&text(&header, &json!({}))).is_some());
        for crit in [json!(["exp"]), json!([]), json!(false)] {
            let mut header = header.clone();
            header["crit"] = crit;
            assert!(Jws::read(&text(&header, &json!({}))).is_none(), "{header}");
        }
    }

    #[test]
    fn a_header_that_says_a_thing_twice_is_none() {
        let twice = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","alg":"none"}"#);
        assert!(Jws::read(&format!("{twice}.e30.")).is_none());
    }

    #[test]
    fn thumbprints_are_read_with_and_without_padding() {
        // The pair on Microsoft's page about certificate credentials.
        let expected = Some("84e05c1d98bce3a5421d225b140b36e86a3d5534".to_owned());
        assert_eq!(thumbprint("hOBcHZi846VCHSJbFAs26Go9VTQ"), expected);
        assert_eq!(thumbprint("hOBcHZi846VCHSJbFAs26Go9VTQ="), expected);
        assert_eq!(thumbprint("?"), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in any::<String>(), parts in "[A-Za-z0-9_=-]{0,40}(\\.[A-Za-z0-9_=-]{0,40}){0,4}") {
            for text in [&text, &parts] {
                if let Some(jws) = Jws::read(text) {
                    let _ = jws.claims::<Value>();
                }
            }
        }
    }
}
