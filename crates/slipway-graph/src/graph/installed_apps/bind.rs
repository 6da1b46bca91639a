//! `teamsApp@odata.bind` as clients write it.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use slipway_model::TeamsAppId;

use crate::segment::split_key_form;

/// What a bind value names.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Bind {
    /// An app of the catalog.
    App(TeamsAppId),
    /// It ends like the address of an app, but no app can have such an id.
    NoSuchApp,
    /// It is not the address of an app.
    Other,
}

/// Reads the address of an app: any host, any version, `/teamsApps/{id}` or `/teamsApps('{id}')`. Graph's own
/// samples bind v1.0 addresses on graph.microsoft.com from beta calls, so only the ending counts.
pub(super) fn read(value: &str) -> Bind {
    let address = value.split(['?', '#']).next().unwrap_or_default();
    let mut segments = address.rsplit('/').filter(|segment| !segment.is_empty());
    let decoded = |segment: Option<&'_ str>| {
        percent_decode_str(segment.unwrap_or_default()).decode_utf8().map(Cow::into_owned)
    };
    let (Ok(last), Ok(parent)) = (decoded(segments.next()), decoded(segments.next())) else {
        return if address.contains("teamsApps") { Bind::NoSuchApp } else { Bind::Other };
    };
    let key = if is_collection(&parent) {
        Some(Cow::Borrowed(last.as_str()))
    } else {
        let (name, key) = split_key_form(&last);
        key.filter(|_| is_collection(name))
    };
    match key {
        None => Bind::Other,
        Some(key) => TeamsAppId::parse(&key).map_or(Bind::NoSuchApp, Bind::App),
    }
}

fn is_collection(segment: &str) -> bool {
    segment.eq_ignore_ascii_case("teamsApps")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_the_ending_counts() {
        let app = Bind::App(TeamsAppId::parse("12345678-9abc-def0-123456789a").unwrap());
        for value in [
            "https://graph.microsoft.com/v1.0/appCatalogs/teamsApps/12345678-9abc-def0-123456789a",
            "https://graph.microsoft.com/beta/appCatalogs/teamsApps('12345678-9abc-def0-123456789a')",
            "http://localhost:8365/v1.0/appcatalogs/TEAMSAPPS/12345678-9ABC-def0-123456789a/",
            "appCatalogs/teamsApps/12345678%2D9abc-def0-123456789a",
            "/teamsApps/12345678-9abc-def0-123456789a",
            "teamsApps('12345678-9abc-def0-123456789a')",
            "https://g/v1.0/appCatalogs/teamsApps(%2712345678-9abc-def0-123456789a%27)",
            "https://g/v1.0//appCatalogs//teamsApps//12345678-9abc-def0-123456789a",
        ] {
            assert_eq!(read(value), app, "{value}");
        }
    }

    #[test]
    fn an_ending_without_a_possible_id_names_no_app() {
        for value in [
            "https://g/v1.0/appCatalogs/teamsApps/a b",
            "x/teamsApps('a#b')",
            "x/teamsApps('')",
            "x/teamsApps/%FF",
        ] {
            assert!(matches!(read(value), Bind::NoSuchApp | Bind::Other), "{value}");
        }
        assert_eq!(read("https://g/v1.0/appCatalogs/teamsApps/a!b"), Bind::NoSuchApp);
    }

    #[test]
    fn what_is_no_address_of_an_app() {
        for value in [
            "",
            "51190000-0000-4000-8000-00000000b001",
            "https://g/v1.0/users/u",
            "https://g/teamsApps",
            "x/apps('a')",
        ] {
            assert_eq!(read(value), Bind::Other, "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in ".*") {
            let _ = read(&text);
        }
    }
}
