//! Next to the operations: every path can be followed in the document, and the document has nothing more.

use std::collections::BTreeSet;

use roxmltree::{Document, Node};
use slipway_graph::{ApiVersion, Operation, operations};
use slipway_testkit::TestApp;

use crate::{elements, schema, text};

const AUTOMATION: &str = "51190000-0000-4000-8000-00000000a001";

/// Navigation on which no path goes on, and a request that expands it.
const EXPANDED: [(&str, &str, &str); 5] = [
    ("v1.0", "teamsAppInstallation.teamsApp", "/users/user02@contoso.example/teamwork/installedApps"),
    (
        "v1.0",
        "teamsAppInstallation.teamsAppDefinition",
        "/users/user02@contoso.example/teamwork/installedApps",
    ),
    ("beta", "teamsAppInstallation.teamsApp", "/users/user02@contoso.example/teamwork/installedApps"),
    (
        "beta",
        "teamsAppInstallation.teamsAppDefinition",
        "/users/user02@contoso.example/teamwork/installedApps",
    ),
    (
        "beta",
        "teamsAppDefinition.dashboardCards",
        "/appCatalogs/teamsApps/51190000-0000-4000-8000-00000000b001/appDefinitions",
    ),
];

/// Follows paths in a document.
struct Map<'d> {
    schema: Node<'d, 'd>,
    /// What a path has passed: `/set`, or `type.navigation`.
    passed: BTreeSet<String>,
}

impl<'d> Map<'d> {
    /// Where the path leads from nowhere; panics where the document does not lead on.
    fn follow(&mut self, path: &'static str) {
        let mut at = None;
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            at = Some(match at {
                None => self.begin(segment),
                Some(kind) if segment.starts_with('{') || segment == "$count" => kind,
                Some(kind) if segment.contains('.') => self.cast(kind, segment),
                Some(kind) => self.go_on(kind, segment).unwrap_or_else(|| panic!("{path}: {kind}.{segment}")),
            });
        }
    }

    fn begin(&mut self, name: &str) -> &'d str {
        let container = elements(self.schema, "EntityContainer").next().unwrap();
        let node = container.children().find(|child| child.attribute("Name") == Some(name)).unwrap();
        self.passed.insert(format!("/{name}"));
        node.attribute("EntityType").or(node.attribute("Type")).unwrap()
    }

    fn go_on(&mut self, kind: &'d str, segment: &str) -> Option<&'d str> {
        let mut kind = kind;
        loop {
            let node = self.kind(kind);
            let name = node.attribute("Name").unwrap();
            if segment == "$value" {
                return (node.attribute("HasStream") == Some("true")).then_some(kind);
            }
            let navigation = elements(node, "NavigationProperty");
            if let Some(found) = navigation.into_iter().find(|child| child.attribute("Name") == Some(segment))
            {
                self.passed.insert(format!("{name}.{segment}"));
                return Some(element_type(found));
            }
            // A property of the entity itself, which ends a path.
            if elements(node, "Property").any(|child| child.attribute("Name") == Some(segment)) {
                return Some(kind);
            }
            if self.has_action(segment, name) {
                self.passed.insert(segment.to_owned());
                return Some(kind);
            }
            kind = node.attribute("BaseType")?;
        }
    }

    /// A segment that names a type built on the one before.
    fn cast(&self, base: &str, kind: &'static str) -> &'d str {
        let node = self.kind(kind);
        assert_eq!(node.attribute("BaseType"), Some(base), "{kind}");
        kind
    }

    fn has_action(&self, action: &str, kind: &str) -> bool {
        elements(self.schema, "Action").filter(|node| node.attribute("Name") == Some(action)).any(|node| {
            let binding = elements(node, "Parameter").next().and_then(|first| first.attribute("Type"));
            binding == Some(&format!("graph.{kind}"))
        })
    }

    fn kind(&self, name: &str) -> Node<'d, 'd> {
        let short = name.rsplit('.').next();
        let mut kinds = elements(self.schema, "EntityType");
        kinds.find(|node| node.attribute("Name") == short).unwrap_or_else(|| panic!("no type {name}"))
    }

    /// Everything that a path can pass.
    fn everything(&self) -> BTreeSet<String> {
        let name = |node: Node<'d, 'd>| node.attribute("Name").unwrap();
        let container = elements(self.schema, "EntityContainer").next().unwrap();
        let roots = container.children().filter(Node::is_element).map(|node| format!("/{}", name(node)));
        let actions = elements(self.schema, "Action").map(|node| name(node).to_owned());
        let below = elements(self.schema, "EntityType").flat_map(|kind| {
            elements(kind, "NavigationProperty").map(move |node| format!("{}.{}", name(kind), name(node)))
        });
        roots.chain(actions).chain(below).collect()
    }
}

fn element_type<'d>(node: Node<'d, 'd>) -> &'d str {
    let kind = node.attribute("Type").unwrap();
    kind.strip_prefix("Collection(").and_then(|kind| kind.strip_suffix(')')).unwrap_or(kind)
}

#[tokio::test]
async fn paths_are_what_it_leads_to() {
    let app = TestApp::start().await;
    let token = app.application_token(AUTOMATION).await;
    for version in ApiVersion::ALL {
        let text = text(&app, version.as_str()).await;
        let document = Document::parse(&text).unwrap();
        let mut map = Map { schema: schema(&document), passed: BTreeSet::new() };
        for Operation { path, .. } in operations().filter(|row| row.versions.contains(&version)) {
            map.follow(path);
        }
        for (_, name, path) in EXPANDED.iter().filter(|(only, ..)| *only == version.as_str()) {
            let (_, navigation) = name.split_once('.').unwrap();
            let answer = app.get(&token, &format!("/{}{path}?$expand={navigation}", version.as_str())).await;
            assert_eq!(answer.status, 200, "{name}: {:?}", answer.error());
            assert!(map.passed.insert((*name).to_owned()), "{name} is on a path");
        }
        assert_eq!(map.passed, map.everything(), "{version:?}");
    }
}
