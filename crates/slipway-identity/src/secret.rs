//! Secrets: client secrets, passwords, the bearer secret of the control API.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest;

use crate::jws::hexadecimal;

/// Text that must not reach a log, a trace or a panic: it has neither `Debug` nor `Display`, nor `==`.
#[derive(Clone)]
pub struct Secret(Box<str>);

impl Secret {
    /// The secret itself, to be hashed, checked or handed to its owner.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// SHA-256 of the secret in lower-case hexadecimal digits: how client secrets are kept. Client secrets are
    /// random, so that a fast hash without salt is enough; passwords go through [`crate::hash_password`].
    #[must_use]
    pub fn sha256_hex(&self) -> String {
        hexadecimal(self.digest().as_ref())
    }

    /// Whether it is the secret of one of the hashes, as [`Secret::sha256_hex`] gives them. Takes the same time
    /// whichever it is and however much of a hash agrees.
    #[must_use]
    pub fn is_of<'a>(&self, hashes: impl IntoIterator<Item = &'a str>) -> bool {
        let own = self.sha256_hex();
        hashes.into_iter().fold(false, |found, hash| {
            found | verify_slices_are_equal(own.as_bytes(), hash.to_ascii_lowercase().as_bytes()).is_ok()
        })
    }

    /// Whether the other one is the same, in a time that tells neither where they differ nor how long they are.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        verify_slices_are_equal(self.digest().as_ref(), other.digest().as_ref()).is_ok()
    }

    fn digest(&self) -> digest::Digest {
        digest::digest(&digest::SHA256, self.0.as_bytes())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // FIPS 180-2, appendix B.1.
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn hashes_are_sha_256_in_hexadecimal_digits() {
        assert_eq!(Secret::from("abc").sha256_hex(), ABC);
    }

    #[test]
    fn a_secret_is_found_among_hashes_in_either_case() {
        let hashes = ["00".repeat(32), ABC.to_uppercase()];
        assert!(Secret::from("abc").is_of(hashes.iter().map(String::as_str)));
        assert!(!Secret::from("abd").is_of(hashes.iter().map(String::as_str)));
        assert!(!Secret::from("abc").is_of([]));
        assert!(!Secret::from(ABC).is_of(hashes.iter().map(String::as_str)), "the hash is not the secret");
    }

    #[test]
    fn secrets_match_as_a_whole() {
        let secret = Secret::from("slipway");
        assert!(secret.matches(&"slipway".into()));
        assert!(!secret.matches(&"slip".into()) && !secret.matches(&"".into()));
    }
}
