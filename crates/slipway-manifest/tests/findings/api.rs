//! Message extensions of an API: the manifest's side and the description's.

use serde_json::{Value, json};
use slipway_manifest::{Detail, read_package};

use crate::{build, details, found};

const EXTENSION: &str = "composeExtensions[0]";

/// A description that fits the manifest below.
const SPECIFICATION: &str = "
openapi: 3.0.3
info: { title: Parts, version: '1' }
servers:
  - url: https://api.contoso.example/v1
paths:
  /parts/{kind}:
    parameters:
      - $ref: '#/components/parameters/Kind'
    get:
      operationId: findParts
      parameters:
        - { name: text, in: query, required: true, schema: { type: string } }
        - { name: page, in: query, required: true, schema: { type: integer, default: 1 } }
        - { name: trace, in: header, schema: { type: string } }
      responses:
        200:
          description: Parts
          content: { application/json; charset=utf-8: { schema: { type: array } } }
        404: { description: None }
  /orders:
    post:
      operationId: order
      requestBody:
        content:
          application/json:
            schema: { $ref: '#/components/schemas/Order' }
      responses:
        '201': { description: Ordered }
    delete:
      operationId: forget
      responses: {}
components:
  parameters:
    Kind: { name: kind, in: path, required: true, schema: { type: string } }
  schemas:
    Order:
      type: object
      required: [part, count]
      properties:
        part: { type: string }
        count: { type: integer, default: 1 }
        note: { type: string }
";

fn manifest() -> Value {
    let mut manifest = build::manifest();
    let command = |id: &str, parameters: &[&str]| {
        let parameters: Vec<_> =
            parameters.iter().map(|name| json!({ "name": name, "title": name })).collect();
        json!({
            "id": id,
            "title": "Find",
            "parameters": parameters,
            "apiResponseRenderingTemplateFile": "template.json"
        })
    };
    manifest["composeExtensions"][0] = json!({
        "composeExtensionType": "apiBased",
        "apiSpecificationFile": "api.yaml",
        "authorization": { "authType": "none" },
        "commands": [command("findParts", &["kind", "text"]), command("order", &["part", "note"])]
    });
    manifest
}

fn with(manifest: &Value, specification: &str) -> Vec<Detail> {
    let mut files = build::files(manifest);
    files.push(("api.yaml".to_owned(), specification.as_bytes().to_vec()));
    files.push(("template.json".to_owned(), b"{}".to_vec()));
    details(read_package(&build::zip(&files)))
}

/// Expects the one finding after the change of the manifest.
#[track_caller]
fn assert_says(change: impl FnOnce(&mut Value), code: &str, target: &str) {
    let mut manifest = manifest();
    change(&mut manifest);
    let found = with(&manifest, SPECIFICATION);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].code, found[0].target.as_str()), (code, target));
}

fn extension(manifest: &mut Value) -> &mut Value {
    &mut manifest["composeExtensions"][0]
}

#[test]
fn an_api_with_its_description_is_accepted() {
    assert_eq!(with(&manifest(), SPECIFICATION), []);
    let json: Value = json!({
        "openapi": "3.0.0",
        "servers": [{ "url": "HTTPS://contoso.example" }],
        "paths": { "/a": { "get": { "operationId": "findParts", "parameters": [
            { "name": "kind", "in": "query" }, { "name": "text", "in": "query" }
        ] } } }
    });
    let mut manifest = manifest();
    extension(&mut manifest)["commands"].as_array_mut().unwrap().pop();
    assert_eq!(with(&manifest, &json.to_string()), []);
    assert_eq!(with(&manifest, "swagger: '2.0'\nhost: contoso.example"), [], "version 2 is not judged");
}

#[test]
fn an_api_has_description_parameters_and_template_and_no_bot() {
    let command = "composeExtensions[0].commands[0]";
    assert_says(
        |manifest| drop(extension(manifest).as_object_mut().unwrap().remove("apiSpecificationFile")),
        "ApiBasedComposeExtensionApiSpecificationFileNullOrEmpty",
        "composeExtensions[0].apiSpecificationFile",
    );
    assert_says(
        |manifest| extension(manifest)["botId"] = json!("51190000-0000-4000-8000-00000000b07a"),
        "ApiBasedComposeExtensionWithBotId",
        "composeExtensions[0].botId",
    );
    assert_says(
        |manifest| extension(manifest)["canUpdateConfiguration"] = json!(false),
        "ApiBasedComposeExtensionWithCanUpdateConfiguration",
        "composeExtensions[0].canUpdateConfiguration",
    );
    assert_says(
        |manifest| drop(extension(manifest).as_object_mut().unwrap().remove("commands")),
        "ApiBasedComposeExtensionWithNoParameter",
        "composeExtensions[0].commands",
    );
    assert_says(
        |manifest| extension(manifest)["commands"][0]["apiResponseRenderingTemplateFile"] = Value::Null,
        "ApiBasedComposeExtensionApiResponseRenderingTemplateFileNullOrEmpty",
        &format!("{command}.apiResponseRenderingTemplateFile"),
    );
    let mut manifest = manifest();
    extension(&mut manifest)["commands"][1].as_object_mut().unwrap().remove("parameters");
    let found: Vec<_> = with(&manifest, SPECIFICATION).into_iter().map(|found| found.code).collect();
    let expected = [
        "ApiBasedComposeExtensionWithNoParameter",
        "ApiSpecificationFileRequiredParameterOrPropertyNotDefinedOnManifest",
    ];
    assert_eq!(found, expected);
}

#[test]
fn ways_to_sign_in_have_their_own_configurations() {
    let set = |authorization: Value| {
        move |manifest: &mut Value| extension(manifest)["authorization"] = authorization
    };
    let (secret, entra) =
        (json!({ "apiSecretRegistrationId": "x" }), json!({ "supportsSingleSignOn": true }));
    let place = |name: &str| format!("{EXTENSION}.authorization.{name}");
    for authorization in [
        json!({ "authType": "none", "microsoftEntraConfiguration": entra }),
        json!({ "apiSecretServiceAuthConfiguration": secret }),
        json!({ "authType": "none", "oAuthConfiguration": {} }),
    ] {
        let target = "composeExtensions[0].authorization";
        assert_says(set(authorization), "NoAuthTypeComposeExtensionContainsAuthConfiguration", target);
    }
    let with_secret = |secret: Value| json!({ "authType": "apiSecretServiceAuth", "apiSecretServiceAuthConfiguration": secret });
    let mut both = with_secret(secret.clone());
    both["microsoftEntraConfiguration"] = entra;
    assert_says(
        set(both),
        "ApiSecretServiceAuthTypeComposeExtensionContainsMsftEntraConfiguration",
        &place("microsoftEntraConfiguration"),
    );
    assert_says(
        set(with_secret(Value::Null)),
        "ApiSecretServiceAuthTypeComposeExtensionContainsNoApiSecretServiceAuthConfiguration",
        &place("apiSecretServiceAuthConfiguration"),
    );
    assert_says(
        set(with_secret(json!({}))),
        "ApiSecretServiceAuthTypeComposeExtensionContainsNoApiSecretRegistrationId",
        &place("apiSecretServiceAuthConfiguration.apiSecretRegistrationId"),
    );
    let mut manifest = manifest();
    extension(&mut manifest)["authorization"] = with_secret(secret);
    assert_eq!(with(&manifest, SPECIFICATION), []);
}

/// Signs people in with Entra for the resource.
fn entra(manifest: &mut Value, resource: &str) {
    manifest["webApplicationInfo"]["resource"] = json!(resource);
    extension(manifest)["authorization"] = json!({ "authType": "microsoftEntra", "microsoftEntraConfiguration": { "supportsSingleSignOn": true } });
}

#[test]
fn entra_signs_on_for_the_servers() {
    let good = "api://API.contoso.example/51190000-0000-4000-8000-00000000a002";
    let mut whole = manifest();
    entra(&mut whole, good);
    assert_eq!(with(&whole, SPECIFICATION), []);
    let place = |name: &str| format!("{EXTENSION}.authorization.{name}");
    let authorization = |manifest: &mut Value, name: &str, value: Value| {
        entra(manifest, good);
        extension(manifest)["authorization"][name] = value;
    };
    assert_says(
        |manifest| authorization(manifest, "apiSecretServiceAuthConfiguration", json!({})),
        "MsftEntraAuthTypeComposeExtensionContainsApiSecretServiceConfiguration",
        &place("apiSecretServiceAuthConfiguration"),
    );
    assert_says(
        |manifest| authorization(manifest, "microsoftEntraConfiguration", Value::Null),
        "MsftEntraAuthTypeComposeExtensionContainsNoMsftEntraConfiguration",
        &place("microsoftEntraConfiguration"),
    );
    for single in [json!({}), json!({ "supportsSingleSignOn": false })] {
        assert_says(
            |manifest| authorization(manifest, "microsoftEntraConfiguration", single),
            "MsftEntraAuthTypeComposeExtensionSupportsSingleSignOnFalse",
            &place("microsoftEntraConfiguration.supportsSingleSignOn"),
        );
    }
    assert_says(
        |manifest| {
            entra(manifest, good);
            manifest["webApplicationInfo"].as_object_mut().unwrap().remove("resource");
        },
        "MsftEntraAuthTypeComposeExtensionWebApplicationInfoOrResourceNotDefined",
        "webApplicationInfo",
    );
    for resource in ["api://contoso.example/x", "api://51190000-0000-4000-8000-00000000a002", "contoso"] {
        assert_says(
            |manifest| entra(manifest, resource),
            "MsftEntraAuthTypeComposeExtensionResourceURLNotMatchServerURLOnApiSpec",
            "composeExtensions[0].apiSpecificationFile",
        );
    }
}

/// Expects the one finding after the replacement in the description, and gives its text.
#[track_caller]
fn assert_describes(from: &str, to: &str, code: &str, target: &str) -> String {
    assert!(SPECIFICATION.contains(from), "{from}");
    let found = with(&manifest(), &SPECIFICATION.replace(from, to));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].code, found[0].target.as_str()), (code, target), "{to}");
    found[0].message.clone()
}

#[test]
fn servers_are_reached_over_https() {
    let file = "composeExtensions[0].apiSpecificationFile";
    let url = "https://api.contoso.example/v1";
    for http in ["http://api.contoso.example", "HTTP://localhost:8080"] {
        assert_describes(url, http, "ApiSpecificationFileServerUrlsContainHttp", file);
    }
    for wrong in ["/v1", "${{SERVER}}", "https://", "https://a b", "ftp://contoso.example"] {
        assert_describes(url, wrong, "ApiSpecificationFileServerUrlsContainInvalidUrl", file);
    }
    let servers = "servers:\n  - url: https://api.contoso.example/v1\n";
    assert_describes(servers, "", "ServerUrlsMissingOnApiSpecificationFile", file);
    let nested = SPECIFICATION.replace(servers, "").replace(
        "operationId: findParts",
        "operationId: findParts\n      servers: [{ url: https://contoso.example }]",
    );
    assert_eq!(with(&manifest(), &nested), []);
}

#[test]
fn commands_are_operations_that_teams_can_ask() {
    let file = "composeExtensions[0].apiSpecificationFile";
    assert_describes(
        "operationId: order",
        "operationId: orders",
        "ApiBasedComposeExtensionManifestCommandIdsNotIncludedInOperationIdsOnApiSpecficationFile",
        "composeExtensions[0].commands[1].id",
    );
    for method in ["put", "patch"] {
        let method = format!("{method}:\n      operationId: order");
        let from = "post:\n      operationId: order";
        assert_describes(from, &method, "ApiSpecificationFileContainUnsupportedHttpMethod", file);
    }
    let text = assert_describes(
        "{ name: trace, in: header,",
        "{ name: trace, in: header, required: true,",
        "ApiSpecificationFileRequiredParameterContainUnsupportedLocation",
        file,
    );
    assert!(text.contains(" for trace. "), "{text}");
    assert_describes(
        "{ name: text, in: query, required: true, schema: { type: string } }",
        "{ name: text, in: query, required: true, schema: { type: array } }",
        "ApiSpecificationFileParameterContainUnsupportedSchemaType",
        file,
    );
    let response = "application/json; charset=utf-8";
    assert_describes(response, "text/html", "ApiSpecificationFileResponseContainUnsupportedMediaType", file);
}

#[test]
fn bodies_are_plain_json() {
    let file = "composeExtensions[0].apiSpecificationFile";
    let order = "{ $ref: '#/components/schemas/Order' }";
    let asked = "{ name: part, in: query }, { name: note, in: query }";
    let with_query = |schema: &str| format!("{schema}\n      parameters: [{asked}]");
    let list = "{ type: array, items: { type: string } }";
    let from = format!("schema: {order}");
    let list = with_query(&format!("schema: {list}"));
    assert_describes(&from, &list, "ApiSpecificationFileRequestBodyContainUnsupportedSchemaType", file);
    for keyword in ["oneOf", "anyOf", "allOf"] {
        let to = format!("schema: {{ {keyword}: [{order}] }}");
        assert_describes(&from, &to, "ApiSpecificationFileRequestBodySchemaContainKeywords", file);
    }
    let form = with_query("application/x-www-form-urlencoded:\n            schema: { type: object }");
    let from = format!("application/json:\n            {from}");
    assert_describes(&from, &form, "ApiSpecificationFileRequestBodyContainUnsupportedMediaType", file);
}

#[test]
fn manifest_and_description_name_the_same_parameters() {
    let mut manifest = manifest();
    extension(&mut manifest)["commands"][0]["parameters"] =
        json!([{ "name": "text", "title": "Text" }, { "name": "size", "title": "Size" }]);
    extension(&mut manifest)["commands"][1]["parameters"][0]["name"] = json!("count");
    let found: Vec<_> = with(&manifest, SPECIFICATION)
        .into_iter()
        .map(|Detail { code, message, target }| (code, target, message))
        .collect();
    let missing = |name: &str| {
        format!(
            "API-based compose extension have required parameters or properties {name} not defined on manifest."
        )
    };
    let unknown =
        "API-based compose extension have parameters size on manifest not defined on API specification file.";
    let first = "composeExtensions[0].commands[0]".to_owned();
    let second = "composeExtensions[0].commands[1]".to_owned();
    let required = "ApiSpecificationFileRequiredParameterOrPropertyNotDefinedOnManifest";
    let expected = [
        (required, first.clone(), missing("kind")),
        ("ParameterOnManifestNotDefinedOnApiSpecFile", first, unknown.to_owned()),
        (required, second, missing("part")),
    ];
    assert_eq!(found, expected);
}

#[test]
fn files_are_there_and_can_be_read() {
    let expected = [
        ("Serialization_FileMissing", "composeExtensions[0].apiSpecificationFile".to_owned()),
        (
            "Serialization_FileMissing",
            "composeExtensions[0].commands[0].apiResponseRenderingTemplateFile".to_owned(),
        ),
        (
            "Serialization_FileMissing",
            "composeExtensions[0].commands[1].apiResponseRenderingTemplateFile".to_owned(),
        ),
    ];
    assert_eq!(found(&manifest()), expected);
    for text in ["", "- a", "a: [", "text", "a: &a [*a]"] {
        let found = with(&manifest(), text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(found[0].code, "Serialization_FileNotValidJson", "{text}");
        assert_eq!(found[0].target, "composeExtensions[0].apiSpecificationFile");
    }
    assert_eq!(
        with(&manifest(), &SPECIFICATION.replace("type: object", "$ref: '#/components/schemas/Order'")).len(),
        0
    );
}
