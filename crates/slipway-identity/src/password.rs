//! Passwords, kept as Argon2id hashes in PHC form.

use std::fmt;

use argon2::{Argon2, CustomizedPasswordHasher, Params, PasswordHash, PasswordVerifier};

use crate::Secret;

/// 19 MiB of memory and 2 passes on one lane, OWASP's recommendation for Argon2id; a check takes about 20 ms on
/// a server core, so it belongs on a thread that may block.
const COST: Params = Params::DEFAULT;

/// Longest password that is looked at, in bytes: Argon2 itself would take 4 GiB.
const MAX_LENGTH: usize = 1024;

/// The password cannot be hashed: it is longer than 1024 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashFault;

impl fmt::Display for HashFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a password has at most {MAX_LENGTH} bytes")
    }
}

impl std::error::Error for HashFault {}

/// Hashes a password: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. Takes as long as a check.
///
/// # Errors
/// [`HashFault`] when the password is too long.
pub fn hash_password(password: &Secret, salt: [u8; 16]) -> Result<String, HashFault> {
    let password = within_limit(password).ok_or(HashFault)?;
    let hash: PasswordHash =
        Argon2::default().hash_password_with_params(password, &salt, COST).map_err(|_| HashFault)?;
    Ok(hash.to_string())
}

/// Whether the password is that of the hash; a text that is no Argon2 hash in PHC form has no password.
#[must_use]
pub fn verify_password(password: &Secret, hash: &str) -> bool {
    let Some(password) = within_limit(password) else {
        return false;
    };
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password, &hash).is_ok())
}

fn within_limit(password: &Secret) -> Option<&[u8]> {
    Some(password.expose().as_bytes()).filter(|bytes| bytes.len() <= MAX_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_fits_its_hash() {
        let hash = hash_password(&"slipway-demo".into(), *b"sixteen bytes 16").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify_password(&"slipway-demo".into(), &hash));
        assert!(!verify_password(&"slipway-Demo".into(), &hash));
    }

    #[test]
    fn what_is_no_hash_has_no_password() {
        for hash in ["", "slipway-demo", "$argon2id$v=19$m=19456,t=2,p=1$", "$md5$x$y"] {
            assert!(!verify_password(&"slipway-demo".into(), hash), "{hash}");
        }
    }

    #[test]
    fn a_long_password_costs_nothing() {
        let long = Secret::from("x".repeat(MAX_LENGTH + 1));
        assert_eq!(hash_password(&long, [0; 16]), Err(HashFault));
        assert!(!verify_password(&long, "$argon2id$v=19$m=19456,t=2,p=1$c2l4dGVlbiBieXRlcyAxNg$AAAA"));
    }
}
