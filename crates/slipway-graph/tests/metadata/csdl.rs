//! Next to the parts of Microsoft's metadata in the reference data, where these are at hand: names, types,
//! nullability, members, bases and actions. What differs is listed, and everything that is listed differs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use roxmltree::{Document, Node};
use serde::Deserialize;
use slipway_testkit::TestApp;

use crate::{VERSIONS, elements, schema, text};

const LISTED: &str = include_str!("differences.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    difference: Vec<Difference>,
}

/// A kind of difference, and whatever differs so.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Difference {
    what: What,
    #[expect(dead_code, reason = "for readers")]
    reason: String,
    /// `type`, with all that it has, or `type.property`.
    names: Vec<String>,
    /// The version in which it differs; both if left out.
    version: Option<String>,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
enum What {
    /// Microsoft's only.
    NotServed,
    /// Slipway's only.
    Added,
    /// Microsoft's type is open and Slipway's is not.
    NotOpen,
}

/// What a document says, by name.
type Facts = BTreeMap<String, String>;

/// The folder of the reference data; where it is not, says so.
#[expect(clippy::print_stderr, reason = "the reader of a test's output has to know")]
fn reference() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("no reference data at {}: nothing was compared", folder.display());
    None
}

#[tokio::test]
async fn it_says_what_microsofts_says() {
    let Some(reference) = reference() else { return };
    let listed: Listed = toml::from_str(LISTED).unwrap();
    let app = TestApp::start().await;
    for version in VERSIONS {
        let theirs = std::fs::read_to_string(reference.join(format!("csdl-{version}.xml"))).unwrap();
        let (ours, theirs) = (facts(&text(&app, version).await), facts(&theirs));
        let mut found = differences(&ours, &theirs);
        for difference in &listed.difference {
            if difference.version.as_deref().is_some_and(|only| only != version) {
                continue;
            }
            for name in &difference.names {
                assert!(strike(&mut found, difference.what, name), "{version}: {name} does not differ so");
            }
        }
        assert!(found.is_empty(), "{version}: {found:#?}");
    }
}

/// Takes what is listed out of what was found; false if it was not there.
fn strike(found: &mut Vec<(What, String, String)>, what: What, name: &str) -> bool {
    let below = format!("{name}.");
    let before = found.len();
    let has_type = found.iter().any(|(kind, other, _)| (*kind, other.as_str()) == (what, name));
    found.retain(|(kind, other, _)| {
        let is_it = other == name || has_type && other.starts_with(&below) && what != What::NotOpen;
        *kind != what || !is_it
    });
    found.len() < before
}

fn differences(ours: &Facts, theirs: &Facts) -> Vec<(What, String, String)> {
    let mut found = Vec::new();
    for (name, said) in theirs {
        match ours.get(name) {
            None => found.push((What::NotServed, name.clone(), said.clone())),
            Some(other) if other == said => {}
            Some(other) if said.strip_suffix(" open") == Some(other) => {
                found.push((What::NotOpen, name.clone(), said.clone()));
            }
            Some(other) => panic!("{name}: {other}, and not {said}"),
        }
    }
    let added = ours.iter().filter(|(name, _)| !theirs.contains_key(*name));
    found.extend(added.map(|(name, said)| (What::Added, name.clone(), said.clone())));
    found
}

fn facts(text: &str) -> Facts {
    let document = Document::parse(text).unwrap();
    let schema = schema(&document);
    let mut facts = Facts::new();
    for kind in ["EnumType", "ComplexType", "EntityType", "Action"] {
        for node in elements(schema, kind) {
            describe(&mut facts, node);
        }
    }
    for container in elements(schema, "EntityContainer") {
        for node in container.children().filter(Node::is_element) {
            let kind = node.attribute("EntityType").or(node.attribute("Type")).unwrap();
            facts.insert(format!("/{}", name(node)), format!("{} {kind}", node.tag_name().name()));
        }
    }
    facts
}

/// A type or an action, and what it has.
fn describe(facts: &mut Facts, node: Node<'_, '_>) {
    let type_name = name(node);
    let mut said = vec![node.tag_name().name()];
    said.extend(node.attribute("BaseType"));
    for (flag, word) in [
        ("Abstract", "abstract"),
        ("IsFlags", "flags"),
        ("IsBound", "bound"),
        ("HasStream", "stream"),
        ("OpenType", "open"),
    ] {
        said.extend((node.attribute(flag) == Some("true")).then_some(word));
    }
    facts.insert(type_name.to_owned(), said.join(" "));
    for key in elements(node, "Key").flat_map(|key| elements(key, "PropertyRef")) {
        facts.insert(format!("{type_name} key"), name(key).to_owned());
    }
    for part in node.children().filter(|child| child.attribute("Name").is_some()) {
        let attributes = ["Type", "Value", "Nullable", "ContainsTarget"];
        let said = attributes.map(|attribute| part.attribute(attribute).unwrap_or("-")).join(" ");
        let said = format!("{} {said}", part.tag_name().name());
        facts.insert(format!("{type_name}.{}", name(part)), said);
    }
}

fn name<'n>(node: Node<'n, '_>) -> &'n str {
    node.attribute("Name").unwrap()
}
