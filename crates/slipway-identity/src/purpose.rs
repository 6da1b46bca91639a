//! What sealed texts are for, and the keys that seal them: what was sealed for one purpose opens for no other.

use crate::{KeyFault, SealingKey};

/// What a sealed text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Where a page of a list ended.
    Place,
    /// What a form of a sign-in page brings back.
    Form,
    /// Who is signed in to a browser.
    Browser,
    /// An authorization code.
    Code,
    /// A refresh token.
    RefreshToken,
}

/// A key for each purpose, which follow from one secret.
pub(crate) struct Seals {
    place: SealingKey,
    form: SealingKey,
    browser: SealingKey,
    code: SealingKey,
    refresh_token: SealingKey,
}

impl Seals {
    pub(crate) fn of(secret: &[u8]) -> Result<Self, KeyFault> {
        Ok(Self {
            place: SealingKey::derived(secret, b"slipway places of pages")?,
            form: SealingKey::derived(secret, b"slipway forms of sign-in pages")?,
            browser: SealingKey::derived(secret, b"slipway browsers that are signed in")?,
            code: SealingKey::derived(secret, b"slipway authorization codes")?,
            refresh_token: SealingKey::derived(secret, b"slipway refresh tokens")?,
        })
    }

    pub(crate) fn key(&self, purpose: Purpose) -> &SealingKey {
        match purpose {
            Purpose::Place => &self.place,
            Purpose::Form => &self.form,
            Purpose::Browser => &self.browser,
            Purpose::Code => &self.code,
            Purpose::RefreshToken => &self.refresh_token,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::tests::key;
    use crate::{Ids, KeyRing};

    #[test]
    fn a_text_opens_for_its_purpose_and_name_only_and_with_earlier_keys_too() {
        let all = [Purpose::Place, Purpose::Form, Purpose::Browser, Purpose::Code, Purpose::RefreshToken];
        let (earlier, ids) = (KeyRing::new(key(0), vec![]), Ids::seeded(1));
        let later = KeyRing::new(key(1), vec![key(0)]);
        for purpose in all {
            let sealed = earlier.seal(purpose, "n", b"text".to_vec(), &ids).unwrap();
            for other in all {
                let opened = later.open(other, "n", &sealed);
                assert_eq!(opened.is_ok(), other == purpose, "{purpose:?} {other:?}");
            }
            assert!(later.open(purpose, "m", &sealed).is_err());
            assert!(KeyRing::new(key(1), vec![]).open(purpose, "n", &sealed).is_err());
        }
    }
}
