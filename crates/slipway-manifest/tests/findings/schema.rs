//! What the manifest schemas ask for, one keyword after the other, and all of the newest schema.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};
use slipway_manifest::{Detail, PackageError, read_manifest};

use crate::{assert_accepts, assert_finds, build, changed};

#[test]
fn objects_have_no_other_properties() {
    let code = "SchemaError_AdditionalProperties";
    for (pointer, target) in [
        ("/colour", "colour"),
        ("/developer/email", "developer.email"),
        ("/bots/0/isNotificationOnli", "bots[0].isNotificationOnli"),
    ] {
        assert_finds(pointer, json!(true), code, target);
    }
    assert_accepts("/packageName", json!("com.contoso.polls"));
    assert_accepts("/webApplicationInfo/applicationPermissions", json!(["TeamSettings.Read.Group"]));
    for version in ["devPreview", "0.4"] {
        let mut manifest = changed("/colour", Some(json!("red")));
        manifest["manifestVersion"] = json!(version);
        manifest["bots"][0]["scopes"] = json!(["personal"]);
        assert_eq!(found(&manifest), [], "{version} is not known that well");
    }
}

#[test]
fn numbers_and_lengths_have_bounds() {
    let scene = |audience: Value| {
        json!({ "scenes": [{
            "id": "51190000-0000-4000-8000-0000000000e1",
            "name": "Hall",
            "file": "color.png",
            "preview": "color.png",
            "maxAudience": audience,
            "seatsReservedForOrganizersOrPresenters": -1
        }] })
    };
    let (pointer, target) =
        ("/meetingExtensionDefinition", "meetingExtensionDefinition.scenes[0].maxAudience");
    assert_accepts(pointer, scene(json!(50)));
    assert_finds(pointer, scene(json!(51)), "SchemaError_Maximum", target);
    assert_finds(pointer, scene(json!(1.5)), "SchemaError_Type", target);
    let runtime = |height: f64, id: &str| {
        let page = json!({ "page": "https://contoso.example" });
        json!([{ "contentRuntimes": [{ "id": id, "code": page, "requestedHeight": height }] }])
    };
    let target = "extensions[0].contentRuntimes[0].requestedHeight";
    assert_accepts("/extensions", runtime(32.5, "r"));
    assert_finds("/extensions", runtime(31.5, "r"), "SchemaError_Minimum", target);
    assert_finds("/extensions", runtime(1000.5, "r"), "SchemaError_Maximum", target);
    let claims = |claims: &str| json!([{ "redirectUri": "https://a", "scopes": [], "claims": claims }]);
    let (pointer, target) =
        ("/webApplicationInfo/nestedAppAuthInfo", "webApplicationInfo.nestedAppAuthInfo[0].claims");
    assert_accepts(pointer, claims("x"));
    assert_finds(pointer, claims(""), "SchemaError_MinimumLength", target);
}

#[test]
fn objects_have_conditions_of_their_own() {
    assert_finds("/extensions", json!([{}]), "SchemaError_MinimumProperties", "extensions[0]");
    let agent = json!([{ "id": "a", "file": "color.png" }]);
    let engine = json!([{ "id": "51190000-0000-4000-8000-00000000b07a", "type": "bot" }]);
    assert_accepts("/copilotAgents", json!({ "declarativeAgents": agent }));
    let both = json!({ "declarativeAgents": agent, "customEngineAgents": engine });
    assert_finds("/copilotAgents", both, "SchemaError_OneOf", "copilotAgents");
    assert_finds("/copilotAgents", json!({}), "SchemaError_OneOf", "copilotAgents");
    assert_finds("/elementRelationshipSet", json!({}), "SchemaError_AnyOf", "elementRelationshipSet");
    let ribbon = |tab: Value| json!([{ "ribbons": [{ "tabs": [tab] }] }]);
    assert_accepts("/extensions", ribbon(json!({ "builtInTabId": "TabDefault" })));
    let target = "extensions[0].ribbons[0].tabs[0]";
    assert_finds("/extensions", ribbon(json!({ "id": "t", "label": "T" })), "SchemaError_AnyOf", target);
    let options = |options: Value| json!([{ "autoRunEvents": [{ "events": [{ "type": "t", "actionId": "a", "options": options }] }] }]);
    assert_accepts("/extensions", options(json!({ "sendMode": "block" })));
    let target = "extensions[0].autoRunEvents[0].events[0].options";
    let both = json!({ "sendMode": "block", "headerName": "X" });
    assert_finds("/extensions", options(both), "SchemaError_AnyOf", target);
    let hidden = |hidden: Value| json!([{ "alternates": [{ "hide": { "windowsExtensions": hidden } }] }]);
    let target = "extensions[0].alternates[0].hide.windowsExtensions";
    let effect = json!({ "effect": "userOptionToDisable" });
    assert_finds("/extensions", hidden(effect), "SchemaError_AnyOf", target);
    let connector = |authorization: Value| {
        let server = json!({ "mcpServerUrl": "https://contoso.example", "authorization": authorization });
        json!([{ "id": "c", "displayName": "C", "toolSource": { "remoteMcpServer": server } }])
    };
    assert_accepts("/agentConnectors", connector(json!({ "type": "None" })));
    assert_accepts("/agentConnectors", connector(json!({ "type": "AzureKeyVault", "referenceId": "r" })));
    let target = "agentConnectors[0].toolSource.remoteMcpServer.authorization";
    let nowhere = json!({ "type": "AzureKeyVault" });
    assert_finds("/agentConnectors", connector(nowhere), "SchemaError_Then", target);
}

#[test]
fn texts_have_their_forms() {
    assert_finds("/$schema", json!("MicrosoftTeams schema"), "SchemaError_Format", "$schema");
    assert_finds("/isFullScreen", json!("true"), "SchemaError_Type", "isFullScreen");
    let target = "configurableTabs[0].configurationUrl";
    assert_finds("/configurableTabs/0/configurationUrl", json!("/tab"), "SchemaError_Pattern", target);
    assert_finds("/devicePermissions", json!(["radar"]), "SchemaError_Enum", "devicePermissions[0]");
    assert_accepts("/devicePermissions", json!(["openExternal"]));
}

/// Properties whose rules are the service's own, or another rule than the newest schema's.
const OWN_RULES: [&str; 14] = [
    "accentColor",
    "bots[0].botId",
    "composeExtensions[0].botId",
    "description.full",
    "description.short",
    "developer.name",
    "developer.privacyUrl",
    "developer.termsOfUseUrl",
    "developer.websiteUrl",
    "id",
    "manifestVersion",
    "name.short",
    "version",
    "configurableTabs[0].context",
];

/// Code and target of each finding.
fn found(manifest: &Value) -> Vec<(&'static str, String)> {
    match read_manifest(manifest.to_string().as_bytes()) {
        Ok(_) => vec![],
        Err(PackageError::Invalid(details)) => {
            details.into_iter().map(|Detail { code, target, .. }| (code, target)).collect()
        }
        Err(other) => panic!("{other}"),
    }
}

/// A place of the schema, with what leads there.
struct Place<'a> {
    schema: &'a Map<String, Value>,
    /// Names and indexes from the root.
    steps: Vec<String>,
}

impl Place<'_> {
    fn target(&self) -> String {
        self.steps.concat().trim_start_matches('.').to_owned()
    }

    /// A manifest with the value in this place and nothing beside what leads there.
    fn holding(&self, value: Value) -> Value {
        let wrapped = self.steps.iter().rev().fold(value, |value, step| match step.strip_prefix('.') {
            Some(name) => json!({ name: value }),
            None => json!([value]),
        });
        let (mut manifest, Value::Object(wrapped)) = (build::manifest(), wrapped) else {
            panic!("{:?}", self.steps)
        };
        manifest.as_object_mut().unwrap().extend(wrapped);
        manifest
    }

    /// A value of this place that breaks the keyword's rule, and the code that says so.
    fn breaking(&self, keyword: &str, rule: &Value) -> Option<(Value, &'static str)> {
        // The schema has bounds of lists on a text and a bound of numbers on a list, which mean nothing.
        let of_type = |kind: &str| self.schema.get("type").is_some_and(|named| named == kind);
        let count = || usize::try_from(rule.as_u64().unwrap()).unwrap();
        let (value, code) = match keyword {
            "type" if of_type("array") || of_type("object") => (json!(1), "SchemaError_Type"),
            "type" if !self.schema.contains_key("enum") => (json!([]), "SchemaError_Type"),
            "enum" => (json!("no such word"), "SchemaError_Enum"),
            "pattern" => (json!("\u{1} "), "SchemaError_Pattern"),
            "maxLength" => (json!("x".repeat(count() + 1)), "SchemaError_MaximumLength"),
            "minLength" => (json!("x".repeat(count() - 1)), "SchemaError_MinimumLength"),
            "maxItems" if of_type("array") => (json!(vec![1; count() + 1]), "SchemaError_MaximumItems"),
            "minItems" if of_type("array") && count() > 0 => (json!([]), "SchemaError_MinimumItems"),
            "uniqueItems" => (json!([1, 1]), "SchemaError_UniqueItems"),
            "maximum" => (json!(1001), "SchemaError_Maximum"),
            "minimum" if of_type("number") => (json!(0), "SchemaError_Minimum"),
            "minProperties" => (json!({}), "SchemaError_MinimumProperties"),
            _ => return None,
        };
        Some((value, code))
    }

    /// An empty object lacks what is required, and one with a strange property has one too many.
    fn assert_required(&self) {
        let required = self.schema.get("required").and_then(Value::as_array).into_iter().flatten();
        for name in required.map(|name| name.as_str().unwrap()) {
            let target = format!("{}.{name}", self.target());
            let found = found(&self.holding(json!({})));
            let own = OWN_RULES.contains(&target.as_str()) && name != "botId";
            assert_eq!(
                found.contains(&("SchemaError_Required", target.clone())),
                !own,
                "{target}: {found:?}"
            );
        }
        let closed = self.schema.get("additionalProperties") == Some(&json!(false));
        if closed && self.schema.contains_key("properties") {
            let target = format!("{}.other", self.target());
            let found = found(&self.holding(json!({ "other": 1 })));
            assert!(found.contains(&("SchemaError_AdditionalProperties", target)), "{found:?}");
        }
    }
}

/// Every place of the schema below this one, in depth.
fn places<'a>(root: &'a Value, schema: &'a Value, steps: &[String], found: &mut Vec<Place<'a>>) {
    let mut schema = schema;
    while let Some(reference) = schema["$ref"].as_str() {
        schema = root.pointer(&reference[1..]).unwrap();
    }
    let Some(fields) = schema.as_object() else { return };
    found.push(Place { schema: fields, steps: steps.to_vec() });
    for (name, schema) in fields.get("properties").and_then(Value::as_object).into_iter().flatten() {
        places(root, schema, &[steps, &[format!(".{name}")]].concat(), found);
    }
    if let Some(items) = fields.get("items") {
        places(root, items, &[steps, &["[0]".to_owned()]].concat(), found);
    }
}

#[test]
fn every_rule_of_the_newest_schema_is_known() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/reference/schema/manifest-1.30.schema.json");
    let Ok(text) = fs::read(file) else { return };
    let schema: Value = serde_json::from_slice(&text).unwrap();
    let mut all = Vec::new();
    places(&schema, &schema, &[], &mut all);
    let mut rules = BTreeMap::new();
    for place in all.iter().filter(|place| !place.steps.is_empty()) {
        if OWN_RULES.contains(&place.target().as_str()) {
            continue;
        }
        for (keyword, rule) in place.schema {
            *rules.entry(keyword.as_str()).or_insert(0) += 1;
            if let Some((value, code)) = place.breaking(keyword, rule) {
                let (target, found) = (place.target(), found(&place.holding(value)));
                assert!(found.contains(&(code, target.clone())), "{target}: {found:?}");
            }
        }
        place.assert_required();
    }
    assert!(rules["type"] > 500 && rules["maxLength"] > 150, "{rules:?}");
}
