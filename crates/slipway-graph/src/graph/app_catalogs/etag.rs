//! Etags of definitions: base64 of a quoted base64 hash of 16 bytes, as in Microsoft's samples.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use slipway_model::TeamsAppDefinition;
use slipway_store::Record;

use crate::fault::{Fault, FaultKind};

/// The definition's etag. It is of everything that is kept of it, and so another one after every change.
pub(super) fn of(definition: &TeamsAppDefinition) -> Result<String, Fault> {
    let document = definition.encode().map_err(|error| FaultKind::Internal.because(error.to_string()))?;
    let hash = digest(&SHA256, &document);
    let short = hash.as_ref().get(..16).unwrap_or_default();
    Ok(STANDARD.encode(format!("\"{}\"", STANDARD.encode(short))))
}

/// That the `If-Match` header says the definition's etag, raw as samples send it or in quotes. Without a header, which
/// is an empty text, nothing is checked.
pub(super) fn check(if_match: &str, definition: &TeamsAppDefinition) -> Result<(), Fault> {
    if if_match.is_empty() {
        return Ok(());
    }
    let etag = of(definition)?;
    let says = |part: &str| {
        let part = part.trim();
        let part = part.strip_prefix("W/").unwrap_or(part);
        part == "*" || part.trim_matches('"') == etag
    };
    if if_match.split(',').any(says) { Ok(()) } else { Err(FaultKind::EtagMismatch.into()) }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use slipway_model::{AppVersion, InstallationScopes, PublishingState, TeamsAppId};

    use super::*;

    fn definition() -> TeamsAppDefinition {
        TeamsAppDefinition {
            app: TeamsAppId::parse("a1").unwrap(),
            external_id: "e1".into(),
            version: AppVersion::new("1.0.0"),
            display_name: "Polls".into(),
            short_description: "short".into(),
            description: "full".into(),
            azure_ad_app_id: None,
            bot_id: None,
            scopes: InstallationScopes::PERSONAL,
            required_permissions: vec![],
            dashboard_cards: vec![],
            state: PublishingState::Submitted,
            created_by: None,
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn it_has_the_form_of_the_samples() {
        let plain = STANDARD.decode(of(&definition()).unwrap()).unwrap();
        let quoted = String::from_utf8(plain).unwrap();
        let hash = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap();
        assert_eq!(STANDARD.decode(hash).unwrap().len(), 16);
    }

    #[test]
    fn it_changes_with_the_definition() {
        let first = of(&definition()).unwrap();
        assert_eq!(of(&definition()).unwrap(), first);
        let rejected = TeamsAppDefinition { state: PublishingState::Rejected, ..definition() };
        assert_ne!(of(&rejected).unwrap(), first);
        let renamed = TeamsAppDefinition { description: "fuller".into(), ..definition() };
        assert_ne!(of(&renamed).unwrap(), first);
    }

    #[test]
    fn if_match_is_read_leniently() {
        let etag = of(&definition()).unwrap();
        for header in
            [&etag, &format!("\"{etag}\""), &format!("W/\"{etag}\""), "*", &format!("\"x\", \"{etag}\"")]
        {
            assert!(check(header, &definition()).is_ok(), "{header}");
        }
        assert!(check("", &definition()).is_ok());
        for header in ["InFtSStsNVJHVWdzWUJRU2ZVWGp4RWc9PSI=", "\"\"", "x"] {
            assert_eq!(check(header, &definition()).unwrap_err().status(), 412, "{header}");
        }
    }
}
