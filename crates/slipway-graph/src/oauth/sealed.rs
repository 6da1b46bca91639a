//! Texts that clients and browsers carry for the server: JSON, sealed, in base64url.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;
use slipway_identity::Purpose;

use super::refusal::Refusal;
use super::sign_in::SignIn;

impl SignIn {
    /// Seals the value for the purpose and the name.
    pub(super) fn seal<T: Serialize>(
        &self,
        purpose: Purpose,
        name: &str,
        value: &T,
    ) -> Result<String, Refusal> {
        let json = serde_json::to_vec(value).map_err(|error| Refusal::Broken(error.to_string()))?;
        let sealed = self.server().keys().ring().seal(purpose, name, json, self.server().ids())?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens what [`SignIn::seal`] sealed; none for anything else. Another server may have sealed it with a key that
    /// is new here.
    pub(super) async fn open<T: DeserializeOwned>(
        &self,
        purpose: Purpose,
        name: &str,
        text: &str,
    ) -> Result<Option<T>, Refusal> {
        let Ok(sealed) = URL_SAFE_NO_PAD.decode(text) else { return Ok(None) };
        let keys = self.server().keys();
        let mut opened = keys.ring().open(purpose, name, &sealed);
        if opened.is_err() {
            keys.refresh().await?;
            opened = keys.ring().open(purpose, name, &sealed);
        }
        Ok(opened.ok().and_then(|json| serde_json::from_slice(&json).ok()))
    }
}
