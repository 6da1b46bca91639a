//! The rules of the manifest, one by one.

use serde_json::{Value, json};
use slipway_manifest::{PackageError, read_manifest, read_package};
use slipway_model::{AppVersion, InstallationScopes, ResourceSpecificPermissionType};

use crate::{assert_accepts, assert_finds, build, changed, findings, found};

#[test]
fn a_valid_package_is_read() {
    let files = build::files(&build::manifest());
    let package = read_package(&build::zip(&files)).unwrap();
    let facts = &package.facts;
    assert_eq!(facts.external_id, "51190000-0000-4000-8000-00000000b0e1");
    assert_eq!(facts.version, AppVersion::new("1.0.0"));
    assert_eq!(facts.display_name, "Polls");
    assert_eq!(facts.short_description, "Ask your team.");
    assert_eq!(facts.description, "Ask your team and count the answers.");
    assert_eq!(facts.azure_ad_app_id.as_deref(), Some("51190000-0000-4000-8000-00000000a002"));
    assert_eq!(
        facts.parts.bot.as_ref().map(|bot| bot.id.as_str()),
        Some("51190000-0000-4000-8000-00000000b07a")
    );
    assert_eq!(facts.scopes.names().collect::<Vec<_>>(), ["team", "groupChat", "personal"]);
    let [permission] = facts.required_permissions.as_slice() else { panic!("{facts:?}") };
    assert_eq!(permission.value, "TeamsActivity.Send.User");
    assert_eq!(permission.kind, ResourceSpecificPermissionType::Application);
    assert_eq!(package.manifest, files[0].1);
    assert_eq!((package.color_icon.media_type, &package.color_icon.bytes), ("image/png", &files[1].1));
    assert_eq!((package.outline_icon.media_type, &package.outline_icon.bytes), ("image/png", &files[2].1));
    assert_eq!(read_manifest(&files[0].1), Ok(package.facts));
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let mut files = build::files(&build::manifest());
    let plain = files[0].1.clone();
    files[0].1 = [b"\xEF\xBB\xBF".as_slice(), &plain].concat();
    assert_eq!(read_manifest(&files[0].1), read_manifest(&plain));
    assert_eq!(read_package(&build::zip(&files)).unwrap().manifest, plain);
}

#[test]
fn required_properties() {
    for (pointer, code) in [
        ("/$schema", "CommonSchemaUrlIsRequiredField"),
        ("/id", "CommonAppIdIsRequiredField"),
        ("/version", "VersionCannotBeEmpty"),
        ("/developer", "SchemaError_Required"),
        ("/developer/name", "DeveloperNameIsRequiredField"),
        ("/developer/websiteUrl", "DeveloperWebsiteUrlIsRequiredField"),
        ("/developer/privacyUrl", "DeveloperPrivacyUrlIsRequiredField"),
        ("/developer/termsOfUseUrl", "DeveloperTermsOfUseUrlIsRequiredField"),
        ("/name", "SchemaError_Required"),
        ("/name/short", "ShortNameIsRequiredField"),
        ("/description", "SchemaError_Required"),
        ("/description/short", "ShortDescriptionCannotBeEmpty"),
        ("/description/full", "FullDescriptionCannotBeEmpty"),
        ("/icons", "SchemaError_Required"),
        ("/icons/color", "SchemaError_Required"),
        ("/icons/outline", "SchemaError_Required"),
        ("/accentColor", "SchemaError_Required"),
        ("/webApplicationInfo/id", "SchemaError_Required"),
    ] {
        let target = pointer[1..].replace('/', ".");
        assert_finds(pointer, None, code, &target);
        assert_finds(pointer, Value::Null, code, &target);
        if !code.starts_with("SchemaError") {
            assert_finds(pointer, json!(""), code, &target);
        }
    }
    assert_finds("/bots/0/botId", None, "SchemaError_Required", "bots[0].botId");
    assert_finds("/bots/0/scopes", None, "SchemaError_Required", "bots[0].scopes");
    assert_finds("/staticTabs/0/entityId", None, "SchemaError_Required", "staticTabs[0].entityId");
    assert_finds("/staticTabs/0/scopes", None, "SchemaError_Required", "staticTabs[0].scopes");
    let permission = "authorization.permissions.resourceSpecific[0]";
    for name in ["name", "type"] {
        let pointer = format!("/authorization/permissions/resourceSpecific/0/{name}");
        assert_finds(&pointer, None, "SchemaError_Required", &format!("{permission}.{name}"));
    }
    assert_finds("/manifestVersion", None, "Serialization_ManifestVersionPropertyMissing", "manifest.json");
    assert_finds("/manifestVersion", json!(""), "CommonManifestVersionIsRequiredField", "manifestVersion");
}

#[test]
fn ids_and_colours_have_their_shapes() {
    for id in [json!("Polls"), json!(" 51190000-0000-4000-8000-00000000b0e1"), json!("{{TEAMS_APP_ID}}")] {
        assert_finds("/id", id.clone(), "CommonAppIdIsNotGuid", "id");
        assert_finds("/bots/0/botId", id.clone(), "BotIdIsNotGuid", "bots[0].botId");
        let extension = "BotBasedComposeExtensionBotIdNotGuid";
        assert_finds("/composeExtensions/0/botId", id.clone(), extension, "composeExtensions[0].botId");
        assert_finds("/webApplicationInfo/id", id, "SchemaError_Pattern", "webApplicationInfo.id");
    }
    assert_accepts("/id", json!("ABCDEF01-2345-6789-abcd-ef0123456789"));
    for color in ["2D7D9A", "#2D7D9", "#2D7D9AA", "#2D7D9G", "red"] {
        assert_finds("/accentColor", json!(color), "SchemaError_Pattern", "accentColor");
    }
}

#[test]
fn texts_have_no_nul() {
    for (pointer, target) in [("/name/short", "name.short"), ("/description/full", "description.full")] {
        assert_finds(pointer, json!("a\0b"), "SchemaError_Pattern", target);
    }
}

#[test]
fn texts_have_their_lengths() {
    for (pointer, most, code) in [
        ("/developer/name", 32, "DeveloperNameLengthCheck"),
        ("/developer/mpnId", 10, "SchemaError_MaximumLength"),
        ("/name/short", 30, "ShortNameLengthCheck"),
        ("/name/full", 100, "SchemaError_MaximumLength"),
        ("/description/short", 80, "ShortDescriptionLengthCheck"),
        ("/description/full", 4000, "FullDescriptionLengthCheck"),
        ("/webApplicationInfo/resource", 2048, "SchemaError_MaximumLength"),
    ] {
        assert_accepts(pointer, json!("ä".repeat(most)));
        assert_finds(pointer, json!("ä".repeat(most + 1)), code, &pointer[1..].replace('/', "."));
    }
    let long = "e".repeat(65);
    assert_finds(
        "/staticTabs/0/entityId",
        json!(long),
        "SchemaError_MaximumLength",
        "staticTabs[0].entityId",
    );
}

#[test]
fn developer_addresses_are_https() {
    for (name, https) in [
        ("websiteUrl", "DeveloperWebsiteUrlMustBeHttps"),
        ("privacyUrl", "DeveloperPrivacyUrlMustBeHttps"),
        ("termsOfUseUrl", "DeveloperTermsOfUseUrlMustBeHttps"),
    ] {
        let (pointer, target) = (format!("/developer/{name}"), format!("developer.{name}"));
        assert_accepts(&pointer, json!("HTTPS://contoso.example"));
        assert_finds(&pointer, json!("http://contoso.example"), https, &target);
        assert_finds(&pointer, json!("contoso.example"), "SchemaError_Pattern", &target);
        let long = format!("https://{}", "a".repeat(2041));
        assert_finds(&pointer, json!(long), "SchemaError_MaximumLength", &target);
    }
}

#[test]
fn versions_are_two_or_three_numbers() {
    for version in ["1.0", "1.5.1", "10.0.0", "2.5.0"] {
        assert_accepts("/version", json!(version));
    }
    for version in ["0.0.1", "0.1", "01.0"] {
        assert_finds("/version", json!(version), "VersionHasMajorLessThan1", "version");
    }
    for version in ["1", "1.0.0.0", "1..0", "1.0-beta", "v1.0", "{{VERSION}}", "1.+1", "1.99999999999"] {
        assert_finds("/version", json!(version), "VersionContainsOnlyNumbersDotSeparated", "version");
    }
}

#[test]
fn manifest_versions() {
    let known = (0..=30).filter(|minor| *minor != 18).map(|minor| format!("1.{minor}"));
    for version in known.chain(["0.4", "devPreview", "m365DevPreview"].map(str::to_owned)) {
        let mut manifest = changed("/manifestVersion", Some(json!(version)));
        manifest["bots"][0]["scopes"] = json!(["personal"]);
        assert_eq!(found(&manifest), [], "{version}");
    }
    for version in ["1.18", "1.31", "1.05", "1.16.0", "2.0", "preview"] {
        assert_finds("/manifestVersion", json!(version), "SchemaError_Enum", "manifestVersion");
    }
    for (version, findings) in [("1.2", 2), ("1.3", 0), ("1.10", 0)] {
        let mut manifest = changed("/manifestVersion", Some(json!(version)));
        manifest["configurableTabs"][0]["scopes"] = json!(["team", "groupchat"]);
        let group_chats = [
            ("GroupChatForBotsLessThanV13", "bots"),
            ("GroupChatForConfigurableTabsLessThanV13", "configurableTabs"),
        ];
        let expected = group_chats.map(|(code, part)| (code, format!("{part}[0].scopes")));
        assert_eq!(found(&manifest), expected[..findings], "{version}");
    }
}

#[test]
fn scopes() {
    let scopes = |manifest: &Value| {
        let facts = read_manifest(manifest.to_string().as_bytes()).unwrap();
        facts.scopes.names().collect::<Vec<_>>().join(" ")
    };
    let mut manifest = build::manifest();
    manifest["bots"][0]["scopes"] = json!(["TEAM", "groupchat", "copilot"]);
    assert_eq!(scopes(&manifest), "team groupChat personal");
    for part in ["staticTabs", "configurableTabs"] {
        manifest.as_object_mut().unwrap().remove(part);
    }
    assert_eq!(scopes(&manifest), "team groupChat", "the message extension adds nothing to named scopes");
    manifest.as_object_mut().unwrap().remove("bots");
    assert_eq!(scopes(&manifest), "team groupChat personal", "only a message extension");
    manifest["composeExtensions"][0]["scopes"] = json!(["team"]);
    assert_eq!(scopes(&manifest), "team");
    manifest.as_object_mut().unwrap().remove("composeExtensions");
    assert_eq!(scopes(&manifest), "personal", "nothing with a scope");
    manifest["connectors"] = json!([{ "connectorId": "c", "scopes": ["team"] }]);
    assert_eq!(scopes(&manifest), "team");

    assert_finds("/bots/0/scopes", json!(["personal", "chat"]), "SchemaError_Enum", "bots[0].scopes[1]");
    assert_finds("/defaultInstallScope", json!("everywhere"), "SchemaError_Enum", "defaultInstallScope");
    assert_accepts("/defaultInstallScope", json!("meetings"));
    assert!(InstallationScopes::parse_one("meetings").is_none());
}

#[test]
fn resource_specific_permissions_of_both_forms() {
    let mut manifest = build::manifest();
    manifest["authorization"]["permissions"]["resourceSpecific"] = json!([
        { "name": "MeetingStage.Write.Chat", "type": "delegated" },
        { "name": "TeamSettings.Read.Group", "type": "Application" }
    ]);
    manifest["webApplicationInfo"]["applicationPermissions"] =
        json!(["teamsettings.read.group", "Channel.Create.Group"]);
    let facts = read_manifest(manifest.to_string().as_bytes()).unwrap();
    let asked: Vec<_> =
        facts.required_permissions.iter().map(|p| (p.value.as_str(), p.kind.as_str())).collect();
    assert_eq!(
        asked,
        [
            ("MeetingStage.Write.Chat", "delegated"),
            ("TeamSettings.Read.Group", "application"),
            ("Channel.Create.Group", "application")
        ]
    );
    let first = "/authorization/permissions/resourceSpecific/0";
    let target = "authorization.permissions.resourceSpecific[0]";
    assert_finds(&format!("{first}/type"), json!("Orgwide"), "SchemaError_Enum", &format!("{target}.type"));
    let long = json!("p".repeat(129));
    assert_finds(&format!("{first}/name"), long, "SchemaError_MaximumLength", &format!("{target}.name"));
}

#[test]
fn lists_have_their_lengths() {
    let bot = build::manifest()["bots"][0].clone();
    let extension = build::manifest()["composeExtensions"][0].clone();
    let tab = |n: usize| json!({ "entityId": n.to_string(), "name": "Tab", "scopes": ["personal"] });
    let permission = |n: usize| json!({ "name": n.to_string(), "type": "Application" });
    let resource_specific = "/authorization/permissions/resourceSpecific";
    let items: [(_, usize, &dyn Fn(usize) -> Value); 5] = [
        ("/bots", 1, &|_| bot.clone()),
        ("/staticTabs", 16, &tab),
        ("/composeExtensions", 1, &|_| extension.clone()),
        ("/validDomains", 100, &|_| json!("contoso.example")),
        (resource_specific, 16, &permission),
    ];
    for (pointer, most, item) in items {
        assert_accepts(pointer, (0..most).map(item).collect());
        let target = pointer[1..].replace('/', ".");
        assert_finds(pointer, (0..=most).map(item).collect::<Value>(), "SchemaError_MaximumItems", &target);
    }
    for (pointer, item) in [("/staticTabs", tab(0)), (resource_specific, permission(0))] {
        let target = pointer[1..].replace('/', ".");
        assert_finds(pointer, json!([item, item]), "SchemaError_UniqueItems", &target);
    }
    let extension = "/composeExtensions/0/commands";
    let command = json!([{ "id": "find", "title": "Find", "parameters": [] }]);
    let target = "composeExtensions[0].commands[0].parameters";
    assert_finds(extension, command, "SchemaError_MinimumItems", target);
}

#[test]
fn every_finding_is_told_at_once_in_graphs_words() {
    let mut manifest = changed("/name", None);
    manifest["developer"]["websiteUrl"] = json!("hs://www.yo.com");
    let error = read_package(&build::zip(&build::files(&manifest))).unwrap_err();
    // The documented response, to the letter.
    assert_eq!(
        error.to_string(),
        "name | Required properties are missing from object: [].; developer.websiteUrl | String \
         \"hs://www.yo.com\" does not match regex pattern \"^[Hh][Tt][Tt][Pp][Ss]?://\"."
    );

    let everything = findings(&json!({}));
    assert_eq!(everything.len(), 9);
    let mut manifest = build::manifest();
    manifest["bots"][0]["scopes"] = json!(vec!["x".repeat(5000); 8]);
    for detail in findings(&manifest) {
        assert!(detail.message.chars().count() < 400, "long values are cut");
    }
}

#[test]
fn what_is_not_json() {
    for (text, code) in [
        ("", "Serialization_FileNotValidJson"),
        ("[]", "Serialization_FileNotValidJson"),
        ("{\"id\": }", "Serialization_FileNotValidJson"),
        ("{\"id\": \"x\"} {}", "Serialization_FileNotValidJson"),
        ("{\"id\": \"x\",}", "Serialization_TrailingCommaInManifestJsonFile"),
        ("{\"bots\": [1,]}", "Serialization_TrailingCommaInManifestJsonFile"),
    ] {
        let Err(PackageError::Invalid(details)) = read_manifest(text.as_bytes()) else { panic!("{text}") };
        assert_eq!((details.len(), details[0].code), (1, code), "{text}");
    }
    assert!(matches!(read_manifest(b"{\"a\": \"\xFF\"}"), Err(PackageError::Invalid(_))));
    assert!(matches!(read_manifest(&vec![b' '; 256 * 1024 + 1]), Err(PackageError::Refused(_))));
}
