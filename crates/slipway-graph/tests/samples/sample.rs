//! Samples as the reference data has them, and what is listed about them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// A request and its answer.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Sample {
    /// `version/name`.
    #[serde(skip)]
    pub name: String,
    pub method: String,
    /// Path and query behind the host, with the version.
    pub url: String,
    pub headers: BTreeMap<String, String>,
    pub body: Value,
    pub status: u16,
    pub response_headers: BTreeMap<String, String>,
    pub response_body: Value,
}

impl Sample {
    /// All of a version, with what is mapped in them.
    pub fn read_all(folder: &Path, version: &str, listed: &Listed) -> Vec<Self> {
        let text = std::fs::read_to_string(folder.join(format!("{version}.json"))).unwrap();
        let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
        rows.iter().map(|row| Self::read(row, version, listed)).collect()
    }

    fn read(row: &Value, version: &str, listed: &Listed) -> Self {
        let name = format!("{version}/{}", row["name"].as_str().unwrap());
        let mut row = row.clone();
        // They describe the sample and are no part of it.
        row.as_object_mut().unwrap().retain(|key, _| !matches!(key.as_str(), "doc" | "note"));
        let mut sample: Self = serde_json::from_str(&listed.map(&name, &row.to_string())).unwrap();
        sample.name = name;
        let url = sample.url.strip_prefix("https://graph.microsoft.com").unwrap_or(&sample.url);
        sample.url = match url.split('/').nth(1) {
            Some("v1.0" | "beta") => url.to_owned(),
            _ => format!("/{version}{url}"),
        };
        sample
    }

    /// Whether its body is an app package, or a text that stands for one.
    pub fn sends_package(&self) -> bool {
        self.headers.values().any(|value| value == "application/zip")
    }

    /// The segments of the path behind the version, decoded.
    pub fn segments(&self) -> Vec<String> {
        let path = self.url.split('?').next().unwrap();
        let segments = path.split('/').filter(|segment| !segment.is_empty()).skip(1);
        segments
            .map(|segment| percent_encoding::percent_decode_str(segment).decode_utf8().unwrap().into_owned())
            .collect()
    }
}

/// What is listed in `differences.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    mapped: Vec<Mapped>,
    drawn: Vec<Drawn>,
    difference: Vec<Difference>,
}

/// A text of a sample that a server does not take, or a seed cannot give, and the one in its place.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mapped {
    #[expect(dead_code, reason = "for readers")]
    reason: String,
    samples: Vec<String>,
    from: String,
    to: String,
}

/// An id that the server draws.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Drawn {
    #[expect(dead_code, reason = "for readers")]
    reason: String,
    samples: Vec<String>,
    from: String,
    /// Where the answer has it, as a JSON pointer.
    at: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    #[expect(dead_code, reason = "for readers")]
    reason: String,
    samples: Vec<String>,
    differs: Vec<String>,
}

impl Listed {
    pub fn read() -> Self {
        toml::from_str(include_str!("differences.toml")).unwrap_or_else(|error| panic!("{error}"))
    }

    /// That everything is listed about samples that there are.
    pub fn check_names(&self, samples: &[Sample]) {
        let mapped = self.mapped.iter().flat_map(|one| &one.samples);
        let drawn = self.drawn.iter().flat_map(|one| &one.samples);
        let different = self.difference.iter().flat_map(|one| &one.samples);
        for name in mapped.chain(drawn).chain(different) {
            assert!(samples.iter().any(|sample| sample.name == *name), "there is no sample {name}");
        }
    }

    fn map(&self, name: &str, row: &str) -> String {
        let mine = self.mapped.iter().filter(|mapped| mapped.samples.iter().any(|sample| sample == name));
        mine.fold(row.to_owned(), |row, Mapped { from, to, .. }| {
            assert!(row.contains(from), "{name} does not have '{from}'");
            row.replace(from, to)
        })
    }

    /// Where the answer has an id that the sample has too, and was drawn.
    pub fn drawn(&self, name: &str) -> Option<(&str, &str)> {
        let drawn = self.drawn.iter().find(|drawn| drawn.samples.iter().any(|sample| sample == name))?;
        Some((&drawn.from, &drawn.at))
    }

    pub fn differences_of(&self, name: &str) -> BTreeSet<String> {
        let mine = self.difference.iter().filter(|one| one.samples.iter().any(|sample| sample == name));
        mine.flat_map(|one| one.differs.iter().cloned()).collect()
    }
}
