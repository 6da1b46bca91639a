//! What requests to change the catalog say beside their packages.

use slipway_model::Permission::{AppCatalogReadWriteAll, DirectoryReadWriteAll};
use slipway_model::{Author, PublishingState, Verdict};

use crate::call::Call;
use crate::fault::Fault;
use crate::object::{Object, invalid_value};

const REVIEW: &str = "requiresReview";
const STATE: &str = "publishingState";

/// The caller, as the rules of the catalog see them.
pub(super) fn author(call: &Call) -> Author<'_> {
    let caller = call.caller();
    Author { user: caller.user.as_ref(), administers: caller.is_teams_administrator() }
}

/// The same for taking something out of the catalog. `AppCatalog.Submit` takes out what its user submitted only,
/// whoever that is ("Delete teamsApp").
pub(super) fn remover(call: &Call) -> Author<'_> {
    let manages = |permission| call.caller().permissions.contains(permission);
    let author = author(call);
    let administers =
        author.administers && (manages(AppCatalogReadWriteAll) || manages(DirectoryReadWriteAll));
    Author { administers, ..author }
}

/// In which state the package comes into the catalog: published, with `requiresReview=true` submitted.
pub(super) fn wished_state(query: &str) -> Result<PublishingState, Fault> {
    let mut said = form_urlencoded::parse(query.as_bytes());
    let Some((_, value)) = said.find(|(name, _)| name.eq_ignore_ascii_case(REVIEW)) else {
        return Ok(PublishingState::Published);
    };
    if said.any(|(name, _)| name.eq_ignore_ascii_case(REVIEW)) {
        Err(Fault::bad_request(format!("The query parameter '{REVIEW}' may be given once.")))
    } else if value.eq_ignore_ascii_case("true") {
        Ok(PublishingState::Submitted)
    } else if value.eq_ignore_ascii_case("false") {
        Ok(PublishingState::Published)
    } else {
        Err(Fault::bad_request(format!("The query parameter '{REVIEW}' is true or false.")))
    }
}

/// Reads `{"publishingState":"published"}` or `"rejected"`.
pub(super) fn read_verdict(body: &[u8]) -> Result<Verdict, Fault> {
    let object = Object::parse(body)?;
    object.check(&[STATE])?;
    let value = object.get(STATE).and_then(|value| serde_json::from_str::<String>(value.get()).ok());
    match value.as_deref().and_then(PublishingState::parse) {
        Some(PublishingState::Published) => Ok(Verdict::Approve),
        Some(PublishingState::Rejected) => Ok(Verdict::Reject),
        Some(PublishingState::Submitted) | None => {
            Err(invalid_value(STATE, "'published' to approve the app, 'rejected' to reject it"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn review_is_asked_for_by_a_boolean() {
        for (query, state) in [
            ("", PublishingState::Published),
            ("requiresReview=false", PublishingState::Published),
            ("requiresReview=true", PublishingState::Submitted),
            ("$select=id&RequiresReview=True", PublishingState::Submitted),
        ] {
            assert_eq!(wished_state(query).unwrap(), state, "{query}");
        }
        for query in ["requiresReview", "requiresReview=1", "requiresReview=true&requiresreview=false"] {
            let fault = wished_state(query).unwrap_err();
            assert!(fault.status() == 400 && fault.wording().message.contains("'requiresReview'"), "{query}");
        }
    }

    #[test]
    fn a_verdict_is_one_of_two_states() {
        assert_eq!(read_verdict(br#"{"publishingState":"published"}"#).unwrap(), Verdict::Approve);
        let typed =
            br##"{"@odata.type":"#microsoft.graph.teamsAppDefinition","publishingState":"rejected"}"##;
        assert_eq!(read_verdict(typed).unwrap(), Verdict::Reject);
        for (body, named) in [
            ("", "'publishingState'"),
            ("{}", "'publishingState'"),
            (r#"{"publishingState":"submitted"}"#, "'publishingState'"),
            (r#"{"publishingState":2}"#, "'publishingState'"),
            (r#"{"publishingState":"published","version":"2"}"#, "'version'"),
            ("[]", "not a JSON object"),
        ] {
            let fault = read_verdict(body.as_bytes()).unwrap_err();
            assert!(fault.status() == 400 && fault.wording().message.contains(named), "{body}");
        }
    }
}
