//! What an upgrade waits for: changes of a valid manifest one by one, and real pairs.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use slipway_manifest::{Change, Consent, PackageFacts, Step, diff, read_manifest, read_package};
use slipway_model::{ResourceSpecificPermission, ResourceSpecificPermissionType};

use crate::build;

fn facts(manifest: &Value) -> PackageFacts {
    read_manifest(manifest.to_string().as_bytes()).unwrap()
}

/// The facts after the change.
fn changed(change: impl FnOnce(&mut Value)) -> PackageFacts {
    let mut manifest = build::manifest();
    change(&mut manifest);
    facts(&manifest)
}

/// What comes of the change made, and of the change taken back.
fn both_ways(change: impl FnOnce(&mut Value)) -> (Vec<Change>, Vec<Change>) {
    let (old, new) = (facts(&build::manifest()), changed(change));
    (diff(&old, &new).changes, diff(&new, &old).changes)
}

fn remove(part: &'static str) -> impl FnOnce(&mut Value) {
    move |manifest| drop(manifest.as_object_mut().unwrap().remove(part).unwrap())
}

const BOT: &str = "51190000-0000-4000-8000-00000000b07a";

#[test]
fn bots() {
    let added = Change::BotAdded { id: BOT.to_owned() };
    assert_eq!(both_ways(remove("bots")), (vec![Change::BotRemoved { id: BOT.to_owned() }], vec![added]));
    let other = "51190000-0000-4000-8000-00000000b07b";
    let changed =
        |old: &str, new: &str| vec![Change::BotIdChanged { old: old.to_owned(), new: new.to_owned() }];
    let found = both_ways(|manifest| manifest["bots"][0]["botId"] = json!(other));
    assert_eq!(found, (changed(BOT, other), changed(other, BOT)));
    let found = both_ways(|manifest| manifest["bots"][0]["botId"] = json!(BOT.to_uppercase()));
    assert_eq!(found, (vec![], vec![]), "ids compare without case");
    for ability in ["isNotificationOnly", "supportsFiles", "supportsCalling", "supportsVideo"] {
        let changed = |now| vec![Change::BotAbilityChanged { ability, now }];
        let found = both_ways(|manifest| manifest["bots"][0][ability] = json!(true));
        assert_eq!(found, (changed(true), changed(false)));
        let found = both_ways(|manifest| manifest["bots"][0][ability] = json!(false));
        assert_eq!(found, (vec![], vec![]), "absent is false");
    }
}

#[test]
fn tabs_connectors_and_extensions() {
    let (removed, added) = both_ways(remove("composeExtensions"));
    assert_eq!(
        (removed, added),
        (vec![Change::MessageExtensionRemoved], vec![Change::MessageExtensionAdded])
    );
    let (removed, added) = both_ways(remove("configurableTabs"));
    assert_eq!((removed, added), (vec![], vec![Change::ConfigurableTabAdded]));
    let (removed, added) = both_ways(remove("staticTabs"));
    assert_eq!((removed, added), (vec![], vec![Change::StaticTabAdded { id: "polls".to_owned() }]));
    let (added, removed) =
        both_ways(|manifest| manifest["connectors"] = json!([{ "connectorId": "c", "scopes": ["team"] }]));
    assert_eq!((removed, added), (vec![], vec![Change::ConnectorAdded { id: "c".to_owned() }]));
    let found = both_ways(|manifest| {
        manifest["staticTabs"][0]["name"] = json!("All polls");
        manifest["staticTabs"][0]["contentUrl"] = json!("https://contoso.example/all");
        manifest["description"]["full"] = json!("Better than before.");
        manifest["validDomains"] = json!([]);
    });
    assert_eq!(found, (vec![], vec![]), "texts and addresses come by themselves");
}

#[test]
fn sign_in_and_permissions() {
    let changes = [
        |manifest: &mut Value| manifest["webApplicationInfo"]["id"] = json!(BOT),
        |manifest: &mut Value| manifest["webApplicationInfo"]["resource"] = json!("api://other.example"),
        |manifest: &mut Value| drop(manifest.as_object_mut().unwrap().remove("webApplicationInfo")),
    ];
    for change in changes {
        let expected = || vec![Change::WebApplicationInfoChanged];
        assert_eq!(both_ways(change), (expected(), expected()));
    }
    let permission = |value: &str, kind| ResourceSpecificPermission { value: value.to_owned(), kind };
    let (application, delegated) =
        (ResourceSpecificPermissionType::Application, ResourceSpecificPermissionType::Delegated);
    let send = permission("TeamsActivity.Send.User", application);
    let (removed, added) = both_ways(remove("authorization"));
    assert_eq!(removed, [Change::PermissionRemoved(send.clone())]);
    assert_eq!(added, [Change::PermissionAdded(send.clone())]);
    let listed = "/authorization/permissions/resourceSpecific/0/type";
    let (retyped, _) = both_ways(|manifest| *manifest.pointer_mut(listed).unwrap() = json!("Delegated"));
    let same_name = permission("TeamsActivity.Send.User", delegated);
    assert_eq!(retyped, [Change::PermissionAdded(same_name), Change::PermissionRemoved(send)]);
    let older = both_ways(|manifest| {
        manifest.as_object_mut().unwrap().remove("authorization");
        manifest["webApplicationInfo"]["applicationPermissions"] = json!(["teamsactivity.send.user"]);
    });
    assert_eq!(older, (vec![], vec![]), "the older form says the same");
}

#[test]
fn what_the_call_sends() {
    let consent = |listed: Value| {
        let new = changed(|manifest| manifest["authorization"]["permissions"]["resourceSpecific"] = listed);
        (diff(&new, &new).consent, new.required_permissions)
    };
    let delegated = json!({ "name": "MeetingStage.Write.Chat", "type": "Delegated" });
    let application = json!({ "name": "TeamSettings.Read.Group", "type": "Application" });
    assert_eq!(consent(json!([])), (Consent::Nothing, vec![]));
    let (found, asked) = consent(json!([delegated]));
    assert_eq!(found, Consent::MayBeSent(asked));
    let (found, asked) = consent(json!([delegated, application]));
    assert_eq!(asked.len(), 2);
    assert_eq!(found, Consent::MustBeSent(asked));
}

#[test]
fn only_a_higher_version_of_the_same_app_is_an_upgrade() {
    let old = facts(&build::manifest());
    for (version, expected) in [
        ("1.0.1", Step::Upgrade),
        ("1.10.0", Step::Upgrade),
        ("1.0.0", Step::SameVersion),
        ("1.0", Step::SameVersion),
    ] {
        let new = changed(|manifest| manifest["version"] = json!(version));
        assert_eq!(diff(&old, &new).step, expected, "{version}");
        assert!(diff(&old, &new).changes.is_empty());
    }
    let new = changed(|manifest| manifest["version"] = json!("2.0.0"));
    assert_eq!(diff(&new, &old).step, Step::LowerVersion);
    let other = changed(|manifest| {
        manifest["id"] = json!("51190000-0000-4000-8000-00000000b0e2");
        manifest["version"] = json!("2.0.0");
    });
    assert_eq!(diff(&old, &other).step, Step::OtherApp);
}

#[test]
fn the_examples_are_an_upgrade_without_consent() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let read = |name| read_package(&fs::read(examples.join(name)).unwrap()).unwrap().facts;
    let found = diff(&read("hello-1.0.0.zip"), &read("hello-1.1.0.zip"));
    assert_eq!(found.step, Step::Upgrade);
    assert_eq!(found.changes, []);
}

/// Two versions of Microsoft's Company Communicator, with GUIDs in place of its template's placeholders.
#[test]
fn a_real_upgrade() {
    let reference = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/packages");
    if !reference.is_dir() {
        return;
    }
    let read = |name: &str| {
        let text = fs::read_to_string(reference.join(name).join("manifest.json")).unwrap();
        let mut manifest: Value = serde_json::from_str(text.trim_start_matches('\u{FEFF}')).unwrap();
        manifest["bots"][0]["botId"] = json!(BOT);
        let developer = manifest["developer"].as_object_mut().unwrap();
        developer.values_mut().for_each(|value| {
            if value.as_str().unwrap().contains("<<") {
                *value = json!("https://contoso.example");
            }
        });
        match read_manifest(manifest.to_string().as_bytes()) {
            Ok(facts) => facts,
            Err(error) => panic!("{name}: {error}"),
        }
    };
    let (old, new) =
        (read("011-company-communicator-users-4.1.5"), read("012-company-communicator-users-5.5.2"));
    let found = diff(&old, &new);
    assert_eq!(found.step, Step::Upgrade);
    assert_eq!(found.changes, []);
}
