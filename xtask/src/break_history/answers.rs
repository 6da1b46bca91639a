//! What an answer of the server says, in the words of a history.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail, ensure};
use hyper::StatusCode;

use super::history::{Answer, Request};
use crate::graph::{self, Listed, NoAnswer};

/// The text of a version.
pub fn version(number: u32) -> String {
    format!("{number}.0.0")
}

/// What the answer to anything but a list says.
///
/// # Errors
/// When it fits no state.
pub fn read(
    request: Request,
    (user, app): (&str, &str),
    response: Result<graph::Answer, NoAnswer>,
) -> anyhow::Result<Answer> {
    let Some(response) = known(response) else { return Ok(Answer::Unknown) };
    Ok(match (request, response.status) {
        (Request::Install, StatusCode::CREATED)
        | (
            Request::Upgrade | Request::Uninstall | Request::Publish(_) | Request::Delete,
            StatusCode::NO_CONTENT,
        ) => Answer::Done,
        (Request::Install, StatusCode::CONFLICT) => Answer::Conflict,
        (Request::Get, StatusCode::NOT_FOUND) => Answer::Saw(None),
        (Request::Get, StatusCode::OK) => {
            let shown = Listed::read(user, &response.body)?;
            ensure!(shown.app == app, "asked for app {app} of {user} and was shown {}", shown.app);
            Answer::Saw(Some(number(&shown.version)?))
        }
        (_, StatusCode::NOT_FOUND) => Answer::NotFound,
        (_, status) => bail!("{request} of app {app} by {user}: {status}, which fits no state"),
    })
}

/// The versions by app that a list shows; none = nothing is known.
///
/// # Errors
/// When the list cannot be read or shows an app twice.
pub fn read_list(
    user: &str,
    response: Result<graph::Answer, NoAnswer>,
) -> anyhow::Result<Option<BTreeMap<String, u32>>> {
    let Some(response) = known(response) else { return Ok(None) };
    ensure!(response.status == StatusCode::OK, "list of {user}: {}", response.status);
    let (page, next) = Listed::read_page(user, &response.body)?;
    // A list over several pages is no snapshot.
    ensure!(next.is_none(), "{user} has more apps than were published");
    let mut versions = BTreeMap::new();
    for Listed { app, version } in page {
        let number = number(&version)?;
        ensure!(versions.insert(app, number).is_none(), "a list of {user} shows an app twice");
    }
    Ok(Some(versions))
}

fn known(response: Result<graph::Answer, NoAnswer>) -> Option<graph::Answer> {
    response.ok().filter(|response| !response.status.is_server_error())
}

fn number(version: &str) -> anyhow::Result<u32> {
    let number = version.strip_suffix(".0.0").and_then(|number| number.parse().ok());
    number.with_context(|| format!("version {version} was never published"))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::*;
    use crate::graph::installation_id;

    const PAIR: (&str, &str) = ("u1", "a1");

    fn response(status: u16, body: &serde_json::Value) -> graph::Answer {
        let status = StatusCode::from_u16(status).unwrap();
        graph::Answer { status, headers: hyper::HeaderMap::new(), body: Bytes::from(body.to_string()) }
    }

    fn installation(app: &str, version: &str) -> serde_json::Value {
        let definition = json!({"teamsAppId": app, "version": version});
        json!({"id": installation_id("u1", app), "teamsAppDefinition": definition})
    }

    #[test]
    fn statuses_are_read_by_request() {
        let said = |request, status| read(request, PAIR, Ok(response(status, &json!(null)))).ok();
        assert_eq!(said(Request::Install, 201), Some(Answer::Done));
        assert_eq!(said(Request::Install, 409), Some(Answer::Conflict));
        assert_eq!(said(Request::Install, 404), Some(Answer::NotFound));
        assert_eq!(said(Request::Install, 204), None);
        assert_eq!(said(Request::Upgrade, 204), Some(Answer::Done));
        assert_eq!(said(Request::Upgrade, 409), None);
        assert_eq!(said(Request::Get, 404), Some(Answer::Saw(None)));
        assert_eq!(said(Request::Delete, 403), None);
        assert_eq!(said(Request::Uninstall, 503), Some(Answer::Unknown));
        assert_eq!(read(Request::Get, PAIR, Err(NoAnswer::Lost)).unwrap(), Answer::Unknown);
    }

    #[test]
    fn reads_show_the_version_of_their_own_app() {
        let get = |shown| read(Request::Get, PAIR, Ok(response(200, &shown))).ok();
        assert_eq!(get(installation("a1", &version(12))), Some(Answer::Saw(Some(12))));
        assert_eq!(get(installation("a2", "12.0.0")), None);
        assert_eq!(get(installation("a1", "12.1.0")), None);
        assert_eq!(get(json!({})), None);
    }

    #[test]
    fn a_list_shows_each_app_once_and_is_whole() {
        let list = |page| read_list("u1", Ok(response(200, &page)));
        let [first, second] = [installation("a1", "3.0.0"), installation("a2", "4.0.0")];
        let versions = BTreeMap::from([("a1".to_owned(), 3), ("a2".to_owned(), 4)]);
        assert_eq!(list(json!({"value": [first, second]})).unwrap(), Some(versions));
        assert!(list(json!({"value": [first, first]})).is_err());
        assert!(list(json!({"value": [first], "@odata.nextLink": "http://localhost/"})).is_err());
        assert_eq!(read_list("u1", Ok(response(500, &json!(null)))).unwrap(), None);
        assert!(read_list("u1", Ok(response(404, &json!(null)))).is_err());
    }
}
