//! The service's rules for tabs, activities, cards and message extensions of a bot.

use serde_json::{Value, json};
use slipway_manifest::{DashboardCard, DashboardCardIcon, read_manifest};

use crate::{assert_accepts, assert_finds, build, changed, found};

#[test]
fn teams_names_its_own_tabs() {
    for id in ["conversations", "about"] {
        assert_accepts("/staticTabs", json!([{ "entityId": id, "scopes": ["personal"] }]));
        assert_accepts("/staticTabs", json!([{ "entityId": id, "name": "", "scopes": ["personal"] }]));
        let named = json!([{ "entityId": id, "name": "Chat", "scopes": ["personal"] }]);
        assert_finds("/staticTabs", named, "ReservedStaticTabNameShouldBeNull", "staticTabs[0].name");
    }
    for name in [None, Some(json!("")), Some(json!("  ")), Some(Value::Null)] {
        assert_finds("/staticTabs/0/name", name, "StaticTabNameCouldNotBeEmpty", "staticTabs[0].name");
    }
}

/// An activity of that type, in that group if one is named.
fn activity(kind: &str, group: Option<&str>) -> Value {
    let mut activity =
        json!({ "type": kind, "description": "A task.", "templateText": "{actor} made a task" });
    if let Some(group) = group {
        activity["activityGroupId"] = json!(group);
    }
    activity
}

#[test]
fn activities_are_unique_and_their_groups_known() {
    let group = |id: &str| json!({ "id": id, "name": "Tasks" });
    let whole = json!({
        "activityTypes": [activity("made", Some("tasks")), activity("done", None)],
        "activityGroups": [group("tasks"), group("others")]
    });
    assert_accepts("/activities", whole);
    let types = |types: &[Value]| json!({ "activityTypes": types });
    let two = types(&[activity("made", None), activity("Made", None)]);
    let code = "UniqueActivityTypeInActivitiesValidation";
    assert_finds("/activities", two, code, "activities.activityTypes[1].type");
    let reserved = types(&[activity("systemDefault", None)]);
    assert_finds("/activities", reserved, "ReservedActivitiesValidation", "activities.activityTypes[0].type");
    let unknown = types(&[activity("made", Some("tasks"))]);
    let code = "ActivityGroupIdFromActivitiesTypeValidation";
    assert_finds("/activities", unknown, code, "activities.activityTypes[0].activityGroupId");
    let alone = json!({ "activityGroups": [group("tasks")] });
    let code = "ActivityTypesMustExistWithActivitiesGroupValidation";
    assert_finds("/activities", alone, code, "activities.activityGroups");
    let twice = json!({
        "activityTypes": [activity("made", None)],
        "activityGroups": [group("tasks"), group("tasks")]
    });
    let code = "UniqueIdInActivitiesGroupValidation";
    assert_finds("/activities", twice, code, "activities.activityGroups[1].id");
}

fn card(id: u8, icon: &Value) -> Value {
    json!({
        "id": format!("51190000-0000-4000-8000-0000000000c{id}"),
        "displayName": "Open polls",
        "description": "Polls that wait for you.",
        "pickerGroupId": "51190000-0000-4000-8000-0000000000d0",
        "icon": icon,
        "contentSource": {
            "sourceType": "Bot",
            "botConfiguration": { "botId": "51190000-0000-4000-8000-00000000b07a" }
        },
        "defaultSize": "Medium"
    })
}

#[test]
fn cards_are_read() {
    let cards = json!([card(1, &json!({ "officeUIFabricIconName": "Poll" })), card(2, &Value::Null)]);
    let manifest = changed("/dashboardCards", Some(cards));
    let facts = read_manifest(manifest.to_string().as_bytes()).unwrap();
    let first = DashboardCard {
        id: "51190000-0000-4000-8000-0000000000c1".to_owned(),
        display_name: "Open polls".to_owned(),
        description: "Polls that wait for you.".to_owned(),
        picker_group_id: "51190000-0000-4000-8000-0000000000d0".to_owned(),
        icon: Some(DashboardCardIcon { url: None, name: Some("Poll".to_owned()) }),
        source_type: Some("bot".to_owned()),
        bot_id: Some("51190000-0000-4000-8000-00000000b07a".to_owned()),
        default_size: "medium".to_owned(),
    };
    let second =
        DashboardCard { id: "51190000-0000-4000-8000-0000000000c2".to_owned(), icon: None, ..first.clone() };
    assert_eq!(facts.dashboard_cards, [first, second]);
}

#[test]
fn cards_are_unique_and_have_one_icon() {
    let icon = json!({ "iconUrl": "https://contoso.example/card.png" });
    let twice = json!([card(1, &icon), card(1, &icon)]);
    assert_finds("/dashboardCards", twice, "DashboardCardEntityIdsAreNotUnique", "dashboardCards[1].id");
    let both = json!({ "iconUrl": "https://contoso.example/card.png", "officeUIFabricIconName": "Poll" });
    let code = "DashboardCardBothIconNameAndUrlPresent";
    assert_finds("/dashboardCards", json!([card(1, &both)]), code, "dashboardCards[0].icon");
}

#[test]
fn an_extension_of_a_bot_has_no_api() {
    let code = "BotBasedComposeExtensionBotIdNotGuid";
    assert_finds("/composeExtensions/0/botId", None, code, "composeExtensions[0].botId");
    let mut manifest = build::manifest();
    manifest["composeExtensions"][0]["apiSpecificationFile"] = json!("color.png");
    manifest["composeExtensions"][0]["commands"] =
        json!([{ "id": "find", "title": "Find", "apiResponseRenderingTemplateFile": "color.png" }]);
    let expected = [
        ("BotBasedComposeExtensionApiSpecificationFileExists", "composeExtensions[0].apiSpecificationFile"),
        (
            "BotBasedComposeExtensionApiResponseRenderingTemplateFileExists",
            "composeExtensions[0].commands[0].apiResponseRenderingTemplateFile",
        ),
    ];
    assert_eq!(found(&manifest), expected.map(|(code, target)| (code, target.to_owned())));
}

#[test]
fn files_that_are_named_are_there() {
    let info = json!({
        "defaultLanguageTag": "en-us",
        "additionalLanguages": [{ "languageTag": "de", "file": "de.json" }, { "languageTag": "fr", "file": "color.png" }]
    });
    let target = "localizationInfo.additionalLanguages[0].file";
    assert_finds("/localizationInfo", info, "Serialization_FileMissing", target);
}
