//! Random ids and codes, from the system's secure randomness or, in tests, from a seed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::{digest, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Secret;

/// Capital letters and digits without those that are taken for one another (`I` and `1`, `O` and `0`).
const CODE_ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Where ids come from. Clones of a seeded source draw from one sequence.
#[derive(Clone, Debug)]
pub enum Ids {
    /// Secure randomness of the system.
    System,
    /// A sequence that its seed determines; never for a server that others can reach.
    Seeded(Seeded),
}

/// The state of a seeded source.
#[derive(Clone, Debug)]
pub struct Seeded {
    seed: u64,
    drawn: Arc<AtomicU64>,
}

impl Ids {
    /// A source that gives the same ids in the same order for the same seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self::Seeded(Seeded { seed, drawn: Arc::new(AtomicU64::new(0)) })
    }

    /// A GUID of version 4 in lower case.
    #[must_use]
    pub fn guid(&self) -> String {
        const VERSION: u128 = 0xf << 76;
        const VARIANT: u128 = 0b11 << 62;
        let bits = u128::from_be_bytes(self.bytes());
        let bits = bits & !VERSION & !VARIANT | 0x4 << 76 | 0b10 << 62;
        let (low, word) = (bits & 0xffff_ffff_ffff, |shift: u32| bits >> shift & 0xffff);
        format!("{:08x}-{:04x}-{:04x}-{:04x}-{low:012x}", bits >> 96, word(80), word(64), word(48))
    }

    /// A number that tells a record from a later one of the same key.
    #[must_use]
    pub fn incarnation(&self) -> u64 {
        u64::from_be_bytes(self.bytes())
    }

    /// What a user types to link a device: 8 characters out of 32, which are hard to mistake.
    #[must_use]
    pub fn user_code(&self) -> String {
        let bytes: [u8; 8] = self.bytes();
        bytes.iter().filter_map(|b| CODE_ALPHABET.get(usize::from(b % 32))).map(|b| char::from(*b)).collect()
    }

    /// What a device shows to get its token: 43 characters, 256 random bits.
    #[must_use]
    pub fn device_code(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }

    /// A new secret: 43 characters, 256 random bits.
    #[must_use]
    pub fn secret(&self) -> Secret {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>()).into()
    }

    /// The `uti` of a token: 22 characters, as Entra's.
    #[must_use]
    pub fn uti(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<16>())
    }

    /// The salt of a password hash.
    #[must_use]
    pub fn salt(&self) -> [u8; 16] {
        self.bytes()
    }

    /// The nonce of something that is sealed.
    #[must_use]
    pub fn nonce(&self) -> [u8; 12] {
        self.bytes()
    }

    fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        match self {
            Self::System => fill_securely(&mut bytes),
            Self::Seeded(seeded) => seeded.fill(&mut bytes),
        }
        bytes
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place where ids and secrets get their randomness")]
fn fill_securely(bytes: &mut [u8]) {
    // Without randomness every id and secret could be guessed, so nothing may go on.
    assert!(rand::fill(bytes).is_ok(), "the system gives no randomness");
}

impl Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(digest::SHA256_OUTPUT_LEN) {
            let at = self.drawn.fetch_add(1, Ordering::Relaxed);
            let input = [self.seed.to_be_bytes(), at.to_be_bytes()].concat();
            for (byte, random) in chunk.iter_mut().zip(digest::digest(&digest::SHA256, &input).as_ref()) {
                *byte = *random;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_seed_determines_the_ids() {
        let draw = |ids: &Ids| (ids.guid(), ids.incarnation(), ids.user_code(), ids.device_code(), ids.uti());
        let (one, same, other) = (Ids::seeded(1), Ids::seeded(1), Ids::seeded(2));
        let first = draw(&one);
        assert_eq!(first, draw(&same));
        assert_ne!(first, draw(&other));
        assert_ne!(first, draw(&one), "the sequence goes on");
        assert_eq!(
            draw(&one.clone()),
            {
                draw(&same);
                draw(&same)
            },
            "clones share the sequence"
        );
    }

    #[test]
    fn guids_are_of_version_4_in_lower_case() {
        for ids in [Ids::System, Ids::seeded(7)] {
            for _ in 0..100 {
                let guid = ids.guid();
                let shape = |at: usize, c: char| match at {
                    8 | 13 | 18 | 23 => c == '-',
                    14 => c == '4',
                    19 => matches!(c, '8' | '9' | 'a' | 'b'),
                    _ => matches!(c, '0'..='9' | 'a'..='f'),
                };
                assert!(guid.len() == 36 && guid.chars().enumerate().all(|(at, c)| shape(at, c)), "{guid}");
            }
        }
    }

    #[test]
    fn codes_have_their_length_and_alphabet() {
        let ids = Ids::System;
        let code = ids.user_code();
        assert!(code.len() == 8 && code.bytes().all(|b| CODE_ALPHABET.contains(&b)), "{code}");
        assert!(!code.contains(['I', 'O', '0', '1']));
        assert_eq!(ids.device_code().len(), 43);
        assert_eq!(ids.uti().len(), 22);
    }

    #[test]
    fn the_system_does_not_repeat_itself() {
        let drawn: HashSet<_> = (0..1000).map(|_| Ids::System.guid()).collect();
        assert_eq!(drawn.len(), 1000);
        assert_ne!(Ids::System.salt(), Ids::System.salt());
    }
}
