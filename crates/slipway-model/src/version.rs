//! Versions of app packages.

use std::cmp::Ordering;
use std::fmt;

/// A manifest's `version`: kept as written, compared number by number.
///
/// The publish rules ask for `#.#.#`; Microsoft's own apps carry texts such as `1.7`, so a version is text that
/// compares by its dotted numbers (missing ones count as 0), and by text where the numbers are the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppVersion(Box<str>);

impl AppVersion {
    /// Takes any text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The version as written in the manifest.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether its numbers are higher; `1.10.00` is not higher than `1.10.0`, though it is another text.
    #[must_use]
    pub fn is_higher_than(&self, other: &Self) -> bool {
        self.compare_numbers(other) == Ordering::Greater
    }

    fn compare_numbers(&self, other: &Self) -> Ordering {
        let (mut mine, mut theirs) = (self.numbers(), other.numbers());
        loop {
            match (mine.next(), theirs.next()) {
                (None, None) => return Ordering::Equal,
                (a, b) => match a.unwrap_or(0).cmp(&b.unwrap_or(0)) {
                    Ordering::Equal => {}
                    unequal => return unequal,
                },
            }
        }
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.0.split('.').map(|part| part.parse().unwrap_or(0))
    }
}

impl Ord for AppVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare_numbers(other).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for AppVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for AppVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_decide_and_not_letters() {
        let v = AppVersion::new;
        assert!(v("1.10.0") > v("1.9.0"));
        assert!(v("2.0.0") > v("1.99.99"));
        assert!(v("1.7") < v("1.7.1"));
        assert_eq!(v("1.0.0").cmp(&v("1.0.0")), Ordering::Equal);
        assert_ne!(v("1.0").cmp(&v("1.0.0")), Ordering::Equal);
        assert!(v("1.10.1").is_higher_than(&v("1.10.0")));
        assert!(!v("1.10.00").is_higher_than(&v("1.10.0")) && !v("1.10").is_higher_than(&v("1.10.0")));
    }
}
