//! What is wrong with a seed by itself, with line and key.

use super::*;

#[test]
fn a_text_without_the_form_of_a_seed_names_line_and_key() {
    let cases = [
        ("tenants: [", "seed.yaml:1: unclosed bracket '['"),
        (
            "tenants: []\n---\ntenants: []\n",
            "seed.yaml:3: only single YAML document expected but multiple found",
        ),
        ("", "seed.yaml:1: unexpected end of file"),
        ("{}", "seed.yaml:1: missing field `tenants`"),
        (
            "tenants:\n  - id: t\n    domain: t.example\n",
            "seed.yaml:2: tenants[0]: missing field `displayName`",
        ),
        (
            "tenants:\n  - id: t\n    name: T\n",
            "seed.yaml:3: tenants[0].name: unknown field `name`, expected one of id, displayName, domain, \
             users, generate, teams, groups, chats, clients, apps, installations, settings, policy",
        ),
        ("tenants:\n  - id: t\n    id: u\n", "seed.yaml:3: duplicate mapping key `id` is not allowed here"),
        (
            "tenants:\n  - id: a b\n",
            "seed.yaml:2: tenants[0].id: 'a b' is not an id: 1 to 128 of A-Z a-z 0-9 . _ : @ -",
        ),
        (
            "tenants:\n  - id: t\n    displayName: T\n    domain: common\n",
            "seed.yaml:4: tenants[0].domain: 'common' is no domain such as contoso.example",
        ),
        (
            "{\n\t\"tenants\": [\n\t\t{\"id\": []}\n\t]\n}",
            "seed.yaml:3: tenants[0].id: expected string scalar",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(findings(text), [expected], "{text}");
    }
}

#[test]
fn values_without_their_form_name_line_and_key() {
    let cases = [
        (
            "    users:\n      - userPrincipalName: nobody\n        displayName: N\n",
            "seed.yaml:6: tenants[0].users[0].userPrincipalName: 'nobody' is no user principal name: it has the \
             form name@domain",
        ),
        (
            "    users:\n      - userPrincipalName: a@t.example\n        displayName: A\n        accountEnabled: yes\n",
            "seed.yaml:8: tenants[0].users[0].accountEnabled: invalid boolean (true or false expected)",
        ),
        (
            "    users:\n      - userPrincipalName: a@t.example\n        displayName: A\n        directoryRoles:\n\
             \x20         - TeamsAdministrator\n          - Boss\n",
            "seed.yaml:10: tenants[0].users[0].directoryRoles[1]: 'Boss' is none of TeamsAdministrator, \
             GlobalAdministrator, ApplicationAdministrator, CloudApplicationAdministrator, \
             PrivilegedRoleAdministrator and no role template id",
        ),
        (
            "    users:\n      - userPrincipalName: a@t.example\n        displayName: A\n        password: ''\n",
            "seed.yaml:8: tenants[0].users[0].password: an empty text is no secret",
        ),
        (
            "    clients:\n      - id: c\n        displayName: C\n        applicationPermissions:\n          - User Read\n",
            "seed.yaml:9: tenants[0].clients[0].applicationPermissions[0]: 'User Read' does not have the form of a \
             permission such as User.Read.All",
        ),
        (
            "    apps:\n      - distributionMethod: shop\n        definitions: []\n",
            "seed.yaml:6: tenants[0].apps[0].distributionMethod: 'shop' is none of organization, store, sideloaded",
        ),
        (
            "    apps:\n      - definitions:\n          - package: a.zip\n            publishingState: draft\n",
            "seed.yaml:8: tenants[0].apps[0].definitions[0].publishingState: 'draft' is none of published, \
             submitted, rejected",
        ),
        ("    generate:\n      users: -1\n", "seed.yaml:6: tenants[0].generate.users: invalid u32"),
    ];
    for (rest, expected) in cases {
        assert_eq!(findings(&tenant(rest)), [expected], "{rest}");
    }
}

#[test]
fn nothing_stands_twice() {
    let text = tenant(
        "    generate: {users: 3}\n    users:\n      - {id: U, userPrincipalName: A@t.example, displayName: A}\n      \
         - {id: u, userPrincipalName: a@T.example, displayName: A}\n      - {id: \
         51190000-0000-4000-8001-000000000003, userPrincipalName: user1@t.example, displayName: A}\n      - {id: \
         51190000-0000-4000-8001-000000000004, userPrincipalName: user01@t.example, displayName: A}\n    clients:\n      \
         - {id: c, displayName: C}\n      - {id: C, displayName: C}\n  - id: T\n    displayName: T\n    domain: T.example\n",
    );
    let expected = [
        "seed.yaml:8: tenants[0].users[1].userPrincipalName: 'a@t.example' stands at \
         tenants[0].users[0].userPrincipalName already",
        "seed.yaml:8: tenants[0].users[1].id: 'u' stands at tenants[0].users[0].id already",
        "seed.yaml:9: tenants[0].users[2].userPrincipalName: 'user1@t.example' is generated too",
        "seed.yaml:9: tenants[0].users[2].id: '51190000-0000-4000-8001-000000000003' is generated too",
        "seed.yaml:13: tenants[0].clients[1].id: 'c' stands at tenants[0].clients[0].id already",
        "seed.yaml:14: tenants[1].id: 't' stands at tenants[0].id already",
        "seed.yaml:16: tenants[1].domain: 't.example' stands at tenants[0].domain already",
    ];
    assert_eq!(findings(&text), expected);
}

#[test]
fn apps_have_versions_that_rise_and_one_manifest_id() {
    let other = "51190000-0000-4000-8000-0000000000e2";
    let (one, two, lower) = (manifest(POLLS, "1.0.0"), manifest(POLLS, "1.1.0"), manifest(other, "1.0.9"));
    let text = tenant(&format!(
        "    apps:\n      - definitions: []\n      - definitions:\n          - manifest: {one}\n          - manifest: \
         {two}\n          - manifest: {lower}\n      - id: a\n        distributionMethod: store\n        definitions:\n  \
         \x20       - manifest: {one}\n          - publishingState: published\n      - distributionMethod: store\n        \
         id: b\n        definitions:\n          - manifest: {one}\n"
    ));
    let expected = [
        "seed.yaml:6: tenants[0].apps[0].definitions: an app has 1 to 400 versions",
        "seed.yaml:10: tenants[0].apps[1].definitions[2]: the manifest's id is \
         '51190000-0000-4000-8000-0000000000e2' and not '51190000-0000-4000-8000-0000000000e1'",
        "seed.yaml:10: tenants[0].apps[1].definitions[2]: version 1.0.9 does not come after 1.1.0",
        "seed.yaml:15: tenants[0].apps[2].definitions[1]: a version has either a package or a manifest",
        "seed.yaml:17: tenants[0].apps[3].id: a store app has its manifest's id, \
         '51190000-0000-4000-8000-0000000000e1'",
        "seed.yaml:19: tenants[0].apps[3].definitions[0]: '51190000-0000-4000-8000-0000000000e1' stands at \
         tenants[0].apps[1].definitions[0] already",
    ];
    assert_eq!(findings(&text), expected);
}

#[test]
fn only_a_store_app_has_its_manifests_id() {
    let app = |method: &str| {
        let manifest = manifest(POLLS, "1.0.0");
        let app =
            format!("{{id: {POLLS}, distributionMethod: {method}, definitions: [{{manifest: {manifest}}}]}}");
        findings(&tenant(&format!("    apps: [{app}]\n")))
    };
    let expected = ["seed.yaml:5: tenants[0].apps[0].id: only a store app has its manifest's id"];
    assert_eq!(app("organization"), expected);
    assert_eq!(app("sideloaded"), expected);
    assert!(app("store").is_empty());
}

#[test]
fn findings_in_a_manifest_have_lines_of_their_own() {
    let text = tenant(
        "    apps:\n      - definitions:\n          - manifest:\n              $schema: https://a.example/s\n              \
         manifestVersion: 1.17\n      - definitions:\n          - manifest: {}\n",
    );
    let found = findings(&text);
    let version = "seed.yaml:9: tenants[0].apps[0].definitions[0].manifest.manifestVersion: ";
    let whole = "seed.yaml:11: tenants[0].apps[1].definitions[0].manifest: ";
    assert!(found.iter().any(|finding| finding.starts_with(version)), "{found:#?}");
    assert!(found.iter().any(|finding| finding.starts_with(whole)), "{found:#?}");
}

#[test]
fn packages_are_read_from_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("good.zip"), Package::new(POLLS, "1.0.0").zip()).unwrap();
    std::fs::write(folder.path().join("text.zip"), "text").unwrap();
    let mut nameless = Package::new(POLLS, "1.1.0");
    nameless.manifest["name"]["short"] = "".into();
    std::fs::write(folder.path().join("nameless.zip"), nameless.zip()).unwrap();
    let app = |file: &str| tenant(&format!("    apps:\n      - definitions:\n          - package: {file}\n"));
    let file = folder.path().join("seed.yaml");
    let load = |package: &str| {
        std::fs::write(&file, app(package)).unwrap();
        Seed::load(&file).map(|_| ()).map_err(|error| error.to_string())
    };
    let at = format!("{}:7: tenants[0].apps[0].definitions[0].package: ", file.display());
    assert_eq!(load("good.zip"), Ok(()));
    let absent = load("absent.zip").unwrap_err();
    assert!(
        absent.starts_with(&format!("{at}'{}': ", folder.path().join("absent.zip").display())),
        "{absent}"
    );
    assert!(load("text.zip").unwrap_err().starts_with(&format!("{at}Invalid zip archive provided")));
    let nameless = load("nameless.zip").unwrap_err();
    assert_eq!(nameless, format!("{at}name.short: Short name of the app can't be empty."));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Seed::load(Path::new("/nowhere/seed.yaml")).err().unwrap();
    assert!(matches!(error, SeedError::File { .. }));
    assert!(error.to_string().starts_with("/nowhere/seed.yaml: "));
}

#[test]
fn json_is_read_too() {
    let user = serde_json::json!({"userPrincipalName": "a@t.example", "displayName": "A"});
    let tenant = serde_json::json!({"id": "t", "displayName": "T", "domain": "t.example", "users": [user]});
    let text = serde_json::to_string_pretty(&serde_json::json!({"tenants": [tenant]})).unwrap();
    assert!(findings(&text).is_empty());
    assert!(findings(&text.replace("  ", "\t")).is_empty());
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in "([ \\[\\]{}:,&*!|>'\"%@`#a\n-]|tenants:|id: ){0,40}") {
        let _ = Seed::parse("seed.yaml", &text, Path::new(""));
    }
}

#[test]
fn the_schema_describes_the_keys() {
    let schema: serde_json::Value = serde_json::from_str(&super::super::schema()).unwrap();
    assert_eq!(schema["title"], "Slipway seed");
    assert_eq!(schema["required"], serde_json::json!(["tenants"]));
    let types = &schema["$defs"];
    let kinds = types.as_object().unwrap().keys().filter(|kind| *kind != "TeamMember");
    assert_eq!(kinds.clone().count(), 19);
    for kind in kinds {
        assert_eq!(types[kind]["additionalProperties"], false, "{kind}");
        let properties = types[kind]["properties"].as_object().unwrap();
        assert!(properties.values().all(|property| property["description"].is_string()), "{kind}");
    }
    let roles = &types["User"]["properties"]["directoryRoles"]["items"]["anyOf"][0]["enum"];
    assert_eq!(roles[0], "TeamsAdministrator");
    assert_eq!(types["App"]["properties"]["definitions"]["maxItems"], 400);
    let said: Vec<_> = types["TeamMember"]["anyOf"].as_array().unwrap().iter().collect();
    assert_eq!((&said[0]["type"], &said[1]["$ref"]), (&"string".into(), &"#/$defs/TeamRole".into()));
    let chat_types = &types["Chat"]["properties"]["chatType"]["enum"];
    assert_eq!(*chat_types, serde_json::json!(["oneOnOne", "group", "meeting"]));
}
