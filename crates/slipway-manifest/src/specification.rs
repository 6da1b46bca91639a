//! The description of a message extension's API: a file of the package in `OpenAPI` 3, as YAML or JSON.
//!
//! Judged are the operations that commands name, and the servers. `OpenAPI` 2, which the service takes too,
//! says the same in other words and is not judged.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::archive::Archive;
use crate::error::PackageError;
use crate::extension::{Api, Command};
use crate::findings::{Findings, Rule};
use crate::rules;

/// Largest description, in bytes. A limit of this server.
const MAX_SPECIFICATION_BYTES: u64 = 256 * 1024;
/// Most values and keys of a description in YAML.
const MAX_SPECIFICATION_NODES: usize = 64 * 1024;
/// Most references that are followed from one place to the value it stands for.
const MAX_REFERENCES: usize = 8;

/// The methods that an `OpenAPI` path can have.
const METHODS: [&str; 8] = ["get", "post", "put", "patch", "delete", "head", "options", "trace"];
/// What "Build API-based message extension" says cannot stand in the schema of a body.
const KEYWORDS: [&str; 4] = ["oneOf", "anyOf", "allOf", "not"];

/// Adds what is wrong with the API that the package describes; a file that is missing has been told.
///
/// # Errors
/// [`PackageError::Refused`] if the file is too large.
pub fn judge(archive: &mut Archive<'_>, api: &Api, findings: &mut Findings) -> Result<(), PackageError> {
    let Some(bytes) = archive.read(&api.specification, MAX_SPECIFICATION_BYTES)? else {
        return Ok(());
    };
    let Some(document) = parse(&bytes) else {
        findings.broken(rules::IS_JSON, &api.target);
        return Ok(());
    };
    if document.get("swagger").is_none() {
        Judge { document: &document, target: &api.target, findings }.judge(api);
    }
    Ok(())
}

fn parse(bytes: &[u8]) -> Option<Value> {
    let text = std::str::from_utf8(bytes).ok()?;
    // JSON is YAML too, but its own reader is faster.
    let value: Value = serde_json::from_str(text).or_else(|_| from_yaml(text)).ok()?;
    Some(value).filter(Value::is_object)
}

/// Descriptions repeat themselves by `$ref`; aliases of YAML, which unfold in memory, are refused.
fn from_yaml(text: &str) -> Result<Value, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_aliases: 0, max_nodes: MAX_SPECIFICATION_NODES },
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options)
}

/// An operation with what its path says for all of them.
struct Operation<'a> {
    method: &'static str,
    path: &'a Value,
    own: &'a Value,
}

fn operations(document: &Value) -> Vec<Operation<'_>> {
    let paths = document.get("paths").and_then(Value::as_object).into_iter().flat_map(Map::values);
    let of_path = |path| METHODS.iter().filter_map(move |method| operation(path, method));
    paths.flat_map(of_path).collect()
}

fn operation<'a>(path: &'a Value, method: &'static str) -> Option<Operation<'a>> {
    Some(Operation { method, path, own: path.get(method)? })
}

struct Judge<'a> {
    document: &'a Value,
    target: &'a str,
    findings: &'a mut Findings,
}

impl<'a> Judge<'a> {
    fn judge(&mut self, api: &Api) {
        let operations = operations(self.document);
        self.servers(&operations, api);
        for command in &api.commands {
            let is_named = |operation: &&Operation<'_>| {
                operation.own.get("operationId").and_then(Value::as_str) == Some(&command.id)
            };
            if let Some(operation) = operations.iter().find(is_named) {
                self.operation(operation, command);
            } else {
                self.findings.broken(rules::COMMANDS_ARE_OPERATIONS, &format!("{}.id", command.target));
            }
        }
    }

    fn broken(&mut self, rule: Rule) {
        self.findings.broken(rule, self.target);
    }

    /// Servers of the whole, of a path and of an operation are all servers.
    fn servers(&mut self, operations: &[Operation<'a>], api: &Api) {
        let mut places = vec![self.document];
        places.extend(operations.iter().flat_map(|operation| [operation.path, operation.own]));
        let urls: BTreeSet<&str> = places
            .iter()
            .filter_map(|place| place.get("servers")?.as_array())
            .flatten()
            .filter_map(|server| server.get("url")?.as_str())
            .collect();
        if urls.is_empty() {
            self.broken(rules::HAS_SERVERS);
            return;
        }
        let mut hosts = BTreeSet::new();
        for url in urls {
            match (host(url, "https://"), host(url, "http://")) {
                (Some(host), _) => drop(hosts.insert(host)),
                (None, Some(_)) => self.broken(rules::SERVERS_ARE_HTTPS),
                (None, None) => self.broken(rules::SERVERS_ARE_URLS),
            }
        }
        // The documented form is api://HOST/CLIENT.
        let resource = api.entra_resource.as_ref();
        let resource =
            resource.map(|resource| host(resource, "api://").or_else(|| host(resource, "https://")));
        if resource.is_some_and(|host| host.is_none_or(|host| !hosts.contains(&host))) {
            self.broken(rules::ENTRA_RESOURCE_IS_SERVER);
        }
    }

    fn operation(&mut self, operation: &Operation<'a>, command: &Command) {
        if !matches!(operation.method, "get" | "post") {
            self.broken(rules::METHOD_IS_GET_OR_POST);
        }
        let mut asked = Asked::default();
        for place in [operation.own, operation.path] {
            for parameter in place.get("parameters").and_then(Value::as_array).into_iter().flatten() {
                self.parameter(self.resolved(parameter), &mut asked);
            }
        }
        if let Some(body) = operation.own.get("requestBody") {
            self.body(self.resolved(body), &mut asked);
        }
        let responses = operation.own.get("responses").and_then(Value::as_object);
        for (_, response) in responses.into_iter().flatten().filter(|(status, _)| status.starts_with('2')) {
            if self.resolved(response).get("content").is_some_and(is_other_than_json) {
                self.broken(rules::RESPONSE_IS_JSON);
            }
        }
        let given: BTreeSet<&str> = command.parameters.iter().map(String::as_str).collect();
        let missing: Vec<&str> = asked.required.difference(&given).copied().collect();
        if !missing.is_empty() {
            let missing = missing.join(", ");
            self.findings.broken_by(rules::REQUIRED_IS_IN_MANIFEST, &missing, &command.target);
        }
        let unknown: Vec<&str> = given.difference(&asked.known).copied().collect();
        if !unknown.is_empty() && !asked.more {
            let unknown = unknown.join(", ");
            self.findings.broken_by(rules::PARAMETERS_ARE_IN_SPECIFICATION, &unknown, &command.target);
        }
    }

    fn parameter(&mut self, parameter: &'a Value, asked: &mut Asked<'a>) {
        let text = |name| parameter.get(name).and_then(Value::as_str);
        let (Some(name), Some(place)) = (text("name"), text("in")) else { return };
        let schema = parameter.get("schema").map(|schema| self.resolved(schema));
        let required = parameter.get("required").and_then(Value::as_bool).unwrap_or_default()
            && schema.is_none_or(|schema| schema.get("default").is_none());
        if !matches!(place, "path" | "query") {
            if required {
                self.findings.broken_by(rules::PARAMETER_IN_PATH_OR_QUERY, name, self.target);
            }
            return;
        }
        if schema.is_some_and(is_list) {
            self.broken(rules::PARAMETER_IS_NO_LIST);
        }
        asked.known.insert(name);
        if required {
            asked.required.insert(name);
        }
    }

    fn body(&mut self, body: &'a Value, asked: &mut Asked<'a>) {
        let Some(content) = body.get("content") else { return };
        if is_other_than_json(content) {
            self.broken(rules::BODY_IS_JSON);
        }
        let mut kinds = content.as_object().into_iter().flatten();
        let json = kinds.find_map(|(kind, content)| is_json(kind).then_some(content.get("schema")?));
        let Some(schema) = json.map(|schema| self.resolved(schema)) else { return };
        if is_list(schema) {
            self.broken(rules::BODY_IS_NO_LIST);
        }
        if KEYWORDS.iter().any(|keyword| schema.get(keyword).is_some()) {
            self.broken(rules::BODY_HAS_NO_KEYWORDS);
            asked.more = true;
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        asked.known.extend(properties.into_iter().flat_map(Map::keys).map(String::as_str));
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten();
        asked.required.extend(required.filter_map(Value::as_str).filter(|name| {
            let property = properties.and_then(|properties| properties.get(*name));
            property.is_none_or(|property| self.resolved(property).get("default").is_none())
        }));
    }

    /// What a reference within the document stands for; another reference stands for itself.
    fn resolved(&self, value: &'a Value) -> &'a Value {
        let mut value = value;
        for _ in 0..MAX_REFERENCES {
            let reference = value.get("$ref").and_then(Value::as_str);
            let Some(pointer) = reference.and_then(|reference| reference.strip_prefix('#')) else { break };
            let Some(next) = self.document.pointer(pointer) else { break };
            value = next;
        }
        value
    }
}

/// What an operation wants to be given.
#[derive(Default)]
struct Asked<'a> {
    known: BTreeSet<&'a str>,
    /// Those that have no default.
    required: BTreeSet<&'a str>,
    /// Whether there may be more than those known.
    more: bool,
}

/// Host of a URL that begins so, in small letters; none if it has none.
fn host(url: &str, start: &str) -> Option<String> {
    let (scheme, rest) = url.split_at_checked(start.len())?;
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
    let whole = !host.is_empty() && !url.contains(|c: char| c.is_whitespace() || c.is_control());
    (whole && scheme.eq_ignore_ascii_case(start)).then(|| host.to_ascii_lowercase())
}

fn is_list(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("array")
}

/// Whether there are media types, and none of them is JSON.
fn is_other_than_json(content: &Value) -> bool {
    content.as_object().is_some_and(|kinds| !kinds.is_empty() && !kinds.keys().any(|kind| is_json(kind)))
}

fn is_json(kind: &str) -> bool {
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
