//! Segments of Graph addresses.

use percent_encoding::percent_decode_str;

/// The first segment of a path, and what follows it with its slash. Slashes before the segment are passed over.
pub(crate) fn split_first(path: &str) -> (&str, &str) {
    let path = path.trim_start_matches('/');
    path.find('/').map_or((path, ""), |at| path.split_at(at))
}

/// Whether the path has that segment and no other; without case, percent-encoded or not.
pub(crate) fn is_alone(path: &str, name: &str) -> bool {
    percent_decode_str(path.trim_matches('/'))
        .decode_utf8()
        .is_ok_and(|segment| segment.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_segments() {
        assert_eq!(split_first("/v1.0/users/a"), ("v1.0", "/users/a"));
        assert_eq!(split_first("//v1.0//users"), ("v1.0", "//users"));
        assert_eq!(split_first("/v1.0"), ("v1.0", ""));
        assert_eq!(split_first("/"), ("", ""));
    }

    #[test]
    fn a_segment_alone() {
        for path in ["/$batch", "$batch/", "/%24Batch", "//$BATCH//"] {
            assert!(is_alone(path, "$batch"), "{path}");
        }
        for path in ["", "/", "/batch", "/$batch/1", "/users/$batch", "/%FF"] {
            assert!(!is_alone(path, "$batch"), "{path}");
        }
    }
}
