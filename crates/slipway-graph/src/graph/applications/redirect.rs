//! Redirect URIs and identifiers of registrations, judged as they are registered ("Redirect URI (reply URL)
//! restrictions and limitations").

use slipway_identity::{is_redirect_uri, names_client_api};
use slipway_model::{MAX_REDIRECT_URIS, Platform, RedirectUri};

use crate::fault::{Fault, echo};

/// Longest URI.
const LONGEST: usize = 256;

/// Graph's names of the platforms, each with `redirectUris` in it.
pub(super) const PLATFORMS: [(&str, Platform); 3] =
    [("publicClient", Platform::PublicClient), ("spa", Platform::Spa), ("web", Platform::Web)];

/// The URIs as a client has them.
pub(super) fn redirect_uris(platform: Platform, uris: Vec<String>) -> Result<Vec<RedirectUri>, Fault> {
    for uri in &uris {
        if let Err(why) = check(platform, uri) {
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

fn check(platform: Platform, uri: &str) -> Result<(), &'static str> {
    let (scheme, rest) = scheme(uri)?;
    if rest.contains('*') {
        return Err("has a wildcard");
    }
    if !is_redirect_uri(uri) {
        return Err("leads nowhere");
    }
    match platform {
        Platform::PublicClient => Ok(()),
        Platform::Web | Platform::Spa => match scheme.to_ascii_lowercase().as_str() {
            "https" => Ok(()),
            "http" if is_loopback(rest) => Ok(()),
            "http" => Err("begins with http, which is for localhost only: use https"),
            _ => Err("does not begin with https"),
        },
    }
}

/// The scheme, and what stands behind the colon.
fn scheme(uri: &str) -> Result<(&str, &str), &'static str> {
    if uri.len() > LONGEST {
        return Err("is too long");
    }
    if uri.contains('#') || uri.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Err("has a fragment, a blank or a control character");
    }
    let (scheme, rest) = uri.split_once(':').ok_or("has no scheme")?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if is_scheme && !rest.is_empty() { Ok((scheme, rest)) } else { Err("is no absolute URI") }
}

/// Whether what follows the scheme leads to this machine.
fn is_loopback(rest: &str) -> bool {
    let authority = rest.strip_prefix("//").and_then(|rest| rest.split(['/', '?']).next());
    let authority = authority.unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    ["localhost", "127.0.0.1", "::1"].iter().any(|known| known.eq_ignore_ascii_case(host))
}

/// Whether a text can be an identifier URI.
pub(super) fn check_identifier(uri: &str) -> Result<(), Fault> {
    let why = match scheme(uri) {
        Ok(_) if uri.ends_with('/') => "ends in a slash",
        Ok(_) if !names_client_api(uri) => "is one of Microsoft Graph's, as hosts alone are",
        Ok(_) => return Ok(()),
        Err(why) => why,
    };
    Err(Fault::bad_request(format!("The identifier URI '{}' {why}.", echo(uri))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_platform_takes() {
        for (platform, uri) in [
            (Platform::Web, "https://app.example/callback?x=1"),
            (Platform::Web, "http://localhost:8080/callback"),
            (Platform::Spa, "http://127.0.0.1"),
            (Platform::Spa, "http://[::1]:3000/"),
            (Platform::PublicClient, "http://localhost"),
            (Platform::PublicClient, "myapp://auth"),
            (Platform::PublicClient, "urn:ietf:wg:oauth:2.0:oob"),
            (Platform::PublicClient, "https://login.microsoftonline.com/common/oauth2/nativeclient"),
        ] {
            assert_eq!(check(platform, uri), Ok(()), "{uri}");
        }
    }

    #[test]
    fn what_no_redirect_uri_is() {
        let long = format!("https://app.example/{}", "x".repeat(LONGEST));
        for (uri, named) in [
            ("http://app.example", "localhost only"),
            ("http://localhost.example", "localhost only"),
            ("https://*.app.example", "wildcard"),
            ("https://app.example/#x", "fragment"),
            ("https:// app.example", "blank"),
            ("https://", "nowhere"),
            ("app.example", "scheme"),
            ("1a:x", "absolute"),
            ("javascript:alert(1)", "nowhere"),
            ("mailto:a@b", "https"),
            ("", "scheme"),
            (&long, "too long"),
        ] {
            let why = check(Platform::Web, uri).unwrap_err();
            assert!(why.contains(named), "{uri}: {why}");
        }
    }

    #[test]
    fn identifiers_are_absolute_uris_without_a_slash_at_the_end() {
        assert!(check_identifier("api://51190000-0000-4000-8000-00000000a001").is_ok());
        for uri in ["api://x/", "x", "https://a b", "https://graph.microsoft.com", "http://localhost:8365"] {
            assert_eq!(check_identifier(uri).unwrap_err().status(), 400, "{uri}");
        }
    }
}
