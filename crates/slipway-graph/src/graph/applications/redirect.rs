//! Redirect URIs and identifiers of registrations, judged as they are registered ("Redirect URI (reply URL)
//! restrictions and limitations").

use slipway_identity::{absolute_uri, judge_redirect, names_client_api};
use slipway_model::{MAX_REDIRECT_URIS, Platform, RedirectUri};

use crate::fault::{Fault, echo};

/// Graph's names of the platforms, each with `redirectUris` in it.
pub(super) const PLATFORMS: [(&str, Platform); 3] =
    [("publicClient", Platform::PublicClient), ("spa", Platform::Spa), ("web", Platform::Web)];

/// The URIs as a client has them.
pub(super) fn redirect_uris(platform: Platform, uris: Vec<String>) -> Result<Vec<RedirectUri>, Fault> {
    for uri in &uris {
        if let Err(why) = judge_redirect(platform, uri) {
            return Err(Fault::bad_request(format!("The redirect URI '{}' {why}.", echo(uri))));
        }
    }
    let mut registered: Vec<RedirectUri> = Vec::with_capacity(uris.len());
    for uri in uris {
        if !registered.iter().any(|known| known.uri == uri) {
            registered.push(RedirectUri { platform, uri });
        }
    }
    Ok(registered)
}

/// Puts those of one platform in the place of those that were there.
pub(super) fn replace(known: &mut Vec<RedirectUri>, (platform, new): (Platform, &[RedirectUri])) {
    known.retain(|uri| uri.platform != platform);
    known.extend(new.iter().cloned());
}

/// How many there may be on all platforms together.
pub(super) fn check_number(known: &[RedirectUri]) -> Result<(), Fault> {
    if known.len() > MAX_REDIRECT_URIS {
        return Err(Fault::bad_request(format!(
            "There are {} redirect URIs; at most {MAX_REDIRECT_URIS} are taken.",
            known.len()
        )));
    }
    Ok(())
}

/// Whether a text can be an identifier URI.
pub(super) fn check_identifier(uri: &str) -> Result<(), Fault> {
    let why = match absolute_uri(uri) {
        Ok(_) if uri.ends_with('/') => "ends in a slash".to_owned(),
        Ok(_) if !names_client_api(uri) => "is one of Microsoft Graph's, as hosts alone are".to_owned(),
        Ok(_) => return Ok(()),
        Err(why) => why.to_string(),
    };
    Err(Fault::bad_request(format!("The identifier URI '{}' {why}.", echo(uri))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_uri_that_is_refused_is_named_with_the_reason() {
        let uris =
            |uri: &str| redirect_uris(Platform::Web, vec!["https://app.example".to_owned(), uri.to_owned()]);
        assert_eq!(uris("http://localhost:8080").unwrap().len(), 2);
        let fault = uris("http://evil.example").unwrap_err();
        assert_eq!(fault.status(), 400);
        let message = fault.wording().message.into_owned();
        assert!(message.contains("'http://evil.example'") && message.contains("localhost only"), "{message}");
    }

    #[test]
    fn identifiers_are_absolute_uris_without_a_slash_at_the_end() {
        assert!(check_identifier("api://51190000-0000-4000-8000-00000000a001").is_ok());
        for uri in ["api://x/", "x", "https://a b", "https://graph.microsoft.com", "http://localhost:8365"] {
            assert_eq!(check_identifier(uri).unwrap_err().status(), 400, "{uri}");
        }
    }
}
