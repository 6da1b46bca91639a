//! Where the keys of a seed stand in its text, so that every error can name a line.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use super::error::Finding;

/// The lines of a document by key, and the name of its file.
pub struct Places {
    file: String,
    root: Place,
}

impl Places {
    pub fn new(file: &str, root: Place) -> Self {
        Self { file: file.to_owned(), root }
    }

    /// What is wrong at a key such as `tenants[0].users[3].mail`. The line is that of the key's value; of a key
    /// that is not there it is the line of what it would stand in.
    pub fn finding(&self, key: &str, text: impl Into<String>) -> Finding {
        let mut place = &self.root;
        for step in key.split(['.', '[']) {
            match place.inside.get(step.trim_end_matches(']')) {
                Some(next) => place = next,
                None => break,
            }
        }
        Finding { file: self.file.clone(), line: place.line, key: key.to_owned(), text: text.into() }
    }
}

/// A node of the document.
pub struct Place {
    line: u64,
    inside: Inside,
}

enum Inside {
    Nothing,
    List(Vec<Place>),
    Map(Vec<(String, Place)>),
}

impl Inside {
    fn get(&self, step: &str) -> Option<&Place> {
        match self {
            Self::Nothing => None,
            Self::List(places) => places.get(step.parse::<usize>().ok()?),
            Self::Map(places) => places.iter().find(|(key, _)| key == step).map(|(_, place)| place),
        }
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Spanned::<Inside>::deserialize(deserializer)?;
        // An empty document has no place; it is wrong from its first line on.
        Ok(Self { line: node.referenced.line().max(1), inside: node.value })
    }
}

impl<'de> Deserialize<'de> for Inside {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyNode)
    }
}

struct AnyNode;

macro_rules! scalars {
    ($($visit:ident($($kind:ty)?),)*) => {
        $(fn $visit<E>(self, $(_: $kind)?) -> Result<Inside, E> {
            Ok(Inside::Nothing)
        })*
    };
}

impl<'de> Visitor<'de> for AnyNode {
    type Value = Inside;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any node")
    }

    scalars! {
        visit_unit(),
        visit_bool(bool),
        visit_i64(i64),
        visit_i128(i128),
        visit_u64(u64),
        visit_u128(u128),
        visit_f64(f64),
        visit_str(&str),
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Inside, A::Error> {
        let mut places = Vec::new();
        while let Some(place) = list.next_element()? {
            places.push(place);
        }
        Ok(Inside::List(places))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Inside, A::Error> {
        let mut places = Vec::new();
        while let Some(entry) = map.next_entry()? {
            places.push(entry);
        }
        Ok(Inside::Map(places))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str, key: &str) -> u64 {
        let places = Places::new("a.yaml", serde_saphyr::from_str(text).unwrap());
        places.finding(key, "").line
    }

    #[test]
    fn keys_have_the_lines_of_their_values() {
        let yaml = "a:\n  - b: 1\n    c: [x,\n      {d: null}]\n  - &e\n    f: 1.5\ng: *e\n";
        let lines = ["a", "a[0]", "a[0].b", "a[0].c", "a[0].c[0]", "a[0].c[1].d", "a[1].f", "g"]
            .map(|k| line(yaml, k));
        assert_eq!(lines, [2, 2, 2, 3, 3, 4, 6, 7]);
        assert_eq!(line("{\n\t\"a\": [\n\t\ttrue,\n\t\t\"b\"\n\t]\n}", "a[1]"), 4);
    }

    #[test]
    fn an_absent_key_has_the_line_of_its_parent() {
        assert_eq!(line("a:\n  b:\n    c: 1\n", "a.b.d.e"), 3);
        assert_eq!(line("a: [1]\n", "a[7]"), 1);
        assert_eq!(line("", "a"), 1);
    }
}
