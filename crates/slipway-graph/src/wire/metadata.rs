//! How much control information an answer carries: what `Accept: application/json;odata.metadata=…` asks for.

use http::HeaderMap;
use http::header::ACCEPT;

/// The levels of OData 4.01, JSON format, section 3.1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Metadata {
    /// Nothing but counts and links to next pages.
    None,
    /// What cannot be told from the metadata document.
    #[default]
    Minimal,
    /// Types and addresses too.
    Full,
}

impl Metadata {
    /// What the headers ask for; `odata=nometadata` and its siblings are the words of OData 3, which clients still
    /// send.
    pub(crate) fn wanted(headers: &HeaderMap) -> Self {
        let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
        let mut parameters = accept.split([';', ',']).filter_map(|parameter| parameter.split_once('='));
        let level = parameters.find_map(|(name, value)| match name.trim().to_ascii_lowercase().as_str() {
            "odata.metadata" | "odata" => Self::parse(value.trim().trim_matches('"')),
            _ => None,
        });
        level.unwrap_or_default()
    }

    fn parse(word: &str) -> Option<Self> {
        let known = [
            (["none", "nometadata"], Self::None),
            (["minimal", "minimalmetadata"], Self::Minimal),
            (["full", "fullmetadata"], Self::Full),
        ];
        let is = |words: &[&str; 2]| words.iter().any(|known| known.eq_ignore_ascii_case(word));
        known.into_iter().find(|(words, _)| is(words)).map(|(_, level)| level)
    }

    /// The `Content-Type` of an answer at this level.
    pub(crate) const fn content_type(self) -> &'static str {
        match self {
            Self::None => {
                "application/json;odata.metadata=none;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
            }
            Self::Minimal => {
                "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
            }
            Self::Full => {
                "application/json;odata.metadata=full;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_header_names_the_level() {
        for (accept, level) in [
            ("application/json", Metadata::Minimal),
            ("application/json;odata.metadata=none", Metadata::None),
            ("application/json; odata.metadata=FULL; charset=utf-8", Metadata::Full),
            ("application/json;odata=nometadata", Metadata::None),
            ("text/html, application/json;odata.metadata=\"none\";q=0.9, */*", Metadata::None),
            ("application/json;odata.metadata=verbose", Metadata::Minimal),
            ("*/*", Metadata::Minimal),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]);
            assert_eq!(Metadata::wanted(&headers), level, "{accept}");
        }
        assert_eq!(Metadata::wanted(&HeaderMap::new()), Metadata::Minimal);
    }
}
