//! Sealing: private keys in a shared database are encrypted with a key that lies outside of it, so that who reads
//! the database or its backups cannot sign tokens; and what clients carry from page to page is encrypted with a key
//! that follows from the signing key.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::{Ids, KeyFault, Secret};

/// First byte of what is sealed: which algorithm, and what follows.
const AES_256_GCM_NONCE_FIRST: u8 = 1;

/// What seals and opens: 256 random bits for AES-256-GCM. It has no `Debug`.
pub struct SealingKey(LessSafeKey);

/// A text that is no sealing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoSealingKey;

impl fmt::Display for NoSealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not the base64 of 32 random bytes")
    }
}

impl std::error::Error for NoSealingKey {}

impl SealingKey {
    /// Takes the base64 of 32 bytes, as `openssl rand -base64 32` prints it; blanks around it do not matter.
    ///
    /// # Errors
    /// [`NoSealingKey`].
    pub fn parse(text: &Secret) -> Result<Self, NoSealingKey> {
        let bytes = STANDARD.decode(text.expose().trim()).map_err(|_| NoSealingKey)?;
        UnboundKey::new(&AES_256_GCM, &bytes).map(LessSafeKey::new).map(Self).map_err(|_| NoSealingKey)
    }

    /// A key that follows from a secret, one for each purpose, so that whoever has the secret has the key.
    ///
    /// # Errors
    /// [`KeyFault::Refused`] when the library fails.
    pub(crate) fn derived(secret: &[u8], purpose: &[u8]) -> Result<Self, KeyFault> {
        let mut bytes = [0; 32];
        Salt::new(HKDF_SHA256, &[])
            .extract(secret)
            .expand(&[purpose], HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut bytes))
            .map_err(|_| KeyFault::Refused)?;
        UnboundKey::new(&AES_256_GCM, &bytes).map(LessSafeKey::new).map(Self).map_err(|_| KeyFault::Refused)
    }

    /// Encrypts what is kept under the name; only with the same name it can be opened again, so that two sealed
    /// rows cannot be exchanged. Gives a byte that tells the form, the nonce, and the ciphertext with its tag.
    ///
    /// # Errors
    /// [`KeyFault::Refused`] when the library fails.
    pub fn seal(&self, name: &str, mut secret: Vec<u8>, ids: &Ids) -> Result<Vec<u8>, KeyFault> {
        let nonce = ids.nonce();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), bound_to(name), &mut secret)
            .map_err(|_| KeyFault::Refused)?;
        Ok([&[AES_256_GCM_NONCE_FIRST], nonce.as_slice(), &secret].concat())
    }

    /// Decrypts what [`SealingKey::seal`] gave for the name.
    ///
    /// # Errors
    /// [`KeyFault::NotOpened`] if it was sealed with another key, for another name, in a form of a later Slipway, or
    /// has changed since.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Result<Vec<u8>, KeyFault> {
        let Some((&AES_256_GCM_NONCE_FIRST, rest)) = sealed.split_first() else {
            return Err(KeyFault::NotOpened);
        };
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_LEN>().ok_or(KeyFault::NotOpened)?;
        let mut secret = ciphertext.to_vec();
        let opened = self.0.open_in_place(Nonce::from(nonce), bound_to(name), &mut secret);
        let length = opened.map_err(|_| KeyFault::NotOpened)?.len();
        secret.truncate(length);
        Ok(secret)
    }
}

fn bound_to(name: &str) -> Aad<String> {
    Aad::from(format!("slipway signing key {name}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> SealingKey {
        SealingKey::parse(&STANDARD.encode([byte; 32]).into()).unwrap()
    }

    #[test]
    fn a_sealing_key_is_32_bytes_in_base64() {
        let text = STANDARD.encode([7; 32]);
        assert!(SealingKey::parse(&format!(" {text}\n").into()).is_ok());
        let short = STANDARD.encode([7; 31]);
        let long = STANDARD.encode([7; 33]);
        for text in ["", "key", &text[1..], &short, &long, &"7".repeat(32)] {
            assert!(SealingKey::parse(&text.into()).is_err(), "{text}");
        }
    }

    #[test]
    fn sealing_twice_does_not_give_the_same() {
        let ids = Ids::seeded(1);
        let sealed = [(); 2].map(|()| key(1).seal("k", b"secret".to_vec(), &ids).unwrap());
        assert_ne!(sealed[0], sealed[1]);
        assert_eq!(sealed[0].len(), 1 + NONCE_LEN + b"secret".len() + AES_256_GCM.tag_len());
    }

    proptest! {
        #[test]
        fn only_the_same_key_and_name_open_it(secret: Vec<u8>, name in "[a-z]{1,8}", seed: u64) {
            let sealed = key(1).seal(&name, secret.clone(), &Ids::seeded(seed)).unwrap();
            prop_assert_eq!(key(1).open(&name, &sealed), Ok(secret));
            prop_assert_eq!(key(2).open(&name, &sealed), Err(KeyFault::NotOpened));
            prop_assert_eq!(key(1).open(&format!("{name}x"), &sealed), Err(KeyFault::NotOpened));
        }

        #[test]
        fn what_was_changed_or_cut_does_not_open(at: prop::sample::Index, bit in 0..8, seed: u64) {
            let sealed = key(1).seal("k", b"secret".to_vec(), &Ids::seeded(seed)).unwrap();
            let at = at.index(sealed.len());
            let mut changed = sealed.clone();
            changed[at] ^= 1_u8 << bit;
            prop_assert_eq!(key(1).open("k", &changed), Err(KeyFault::NotOpened));
            prop_assert_eq!(key(1).open("k", &sealed[..at]), Err(KeyFault::NotOpened));
        }
    }
}
