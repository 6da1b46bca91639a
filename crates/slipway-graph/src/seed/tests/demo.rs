//! The demo tenant, checked against values that were typed in by hand.

use std::collections::BTreeSet;

use slipway_identity::{Secret, registered, verify_password};
use slipway_model::{
    ChatId, ChatType, ClientId, Container, GroupId, InstallationScopes, Member, Platform, UserPrincipalName,
};
use slipway_store::{app, chat, client, definition, group, installation, membership, package, tenant, user};

use super::*;

const TENANT: &str = "51190000-0000-4000-8000-000000000001";
const POLLS_ID: &str = "51190000-0000-4000-8000-00000000b001";

async fn demo() -> (Store, Report) {
    let store = empty_store().await;
    let report = Seed::demo().unwrap().apply(&store, &Ids::seeded(1), now()).await.unwrap();
    (store, report)
}

fn is_of(secret: &Secret, client: &slipway_model::Client) -> bool {
    secret.is_of(client.secrets.iter().map(|known| known.hash.as_str()))
}

#[tokio::test]
async fn the_demo_tenant_is_written_in_one_commit() {
    let (store, report) = demo().await;
    let expected = Report {
        tenants: created(1),
        users: created(20),
        teams: created(1),
        groups: created(1),
        chats: created(2),
        memberships: created(3 + 20 + 3 + 3),
        clients: created(5),
        apps: created(2),
        definitions: created(4),
        installations: created(1),
    };
    assert_eq!(report, expected);
    let (view, partition) = (store.view(), partition(TENANT));
    let first = view.get(&tenant::key(&TenantId::parse(TENANT).unwrap())).await.unwrap().unwrap();
    assert_eq!((first.record.domain.as_str(), first.record.generation), ("contoso.example", 0));
    let last = view.scan(&installation::all(&partition), 2).await.unwrap();
    assert_eq!(last.rows.len(), 1);
    assert_eq!(last.rows[0].revision, first.revision);
    for (counter, expected) in [(Counter::Users, 20), (Counter::Apps, 2), (Counter::Installations, 1)] {
        assert_eq!(view.counter(&partition, counter).await.unwrap(), expected);
    }
}

#[tokio::test]
async fn the_demo_users_have_their_ids_and_one_password() {
    let (store, _) = demo().await;
    let (view, partition) = (store.view(), partition(TENANT));
    let expected = [
        ("admin@contoso.example", "51190000-0000-4000-8000-0000000e0001"),
        ("user02@contoso.example", "51190000-0000-4000-8000-0000000e0002"),
        ("user09@contoso.example", "51190000-0000-4000-8000-0000000e0009"),
        ("user10@contoso.example", "51190000-0000-4000-8000-0000000e000a"),
        ("user16@contoso.example", "51190000-0000-4000-8000-0000000e0010"),
        ("user20@contoso.example", "51190000-0000-4000-8000-0000000e0014"),
    ];
    for (name, id) in expected {
        let key = user::by_principal_name(&partition, &UserPrincipalName::parse(name).unwrap());
        assert_eq!(view.find(&key).await.unwrap().unwrap().record.id.as_str(), id);
    }
    let users = view.scan(&user::all(&partition), 100).await.unwrap().rows;
    for (k, stored) in (1..).zip(&users) {
        assert_eq!(stored.record.id.as_str(), format!("51190000-0000-4000-8000-0000000e{k:04x}"));
        assert!(stored.record.account_enabled);
        assert_eq!(stored.record.password_hash, users[0].record.password_hash);
        let administrator = ["62e90394-69f5-4237-9190-012177145e10", "69091246-20e8-4a56-aa4d-066075b2a7a8"];
        let roles: &[&str] = if k == 1 { &administrator } else { &[] };
        assert_eq!(stored.record.directory_roles, roles);
    }
    assert_eq!(users.len(), 20);
    let hash = users[0].record.password_hash.as_deref().unwrap();
    assert!(verify_password(&Secret::from("slipway-demo"), hash));
}

#[tokio::test]
async fn the_demo_clients_hold_their_permissions() {
    let (store, _) = demo().await;
    let (view, partition) = (store.view(), partition(TENANT));
    let load = async |digit: u8| {
        let id = format!("51190000-0000-4000-8000-00000000a00{digit}");
        view.get(&client::key(&partition, &ClientId::parse(&id).unwrap())).await.unwrap().unwrap().record
    };
    let someone = user_id("51190000-0000-4000-8000-0000000e0002");
    let secret = Secret::from("slipway-demo-secret");

    let automation = load(1).await;
    assert_eq!(automation.display_name, "Automation");
    assert!(is_of(&secret, &automation));
    assert!(automation.delegated_permissions.is_empty());

    let own = load(2).await;
    assert_eq!(own.display_name, "Self");
    assert!(is_of(&secret, &own));
    let own_permissions = [
        "TeamsAppInstallation.ReadWriteAndConsentSelfForChat",
        "TeamsAppInstallation.ReadWriteAndConsentSelfForTeam",
        "TeamsAppInstallation.ReadWriteAndConsentSelfForUser",
        "TeamsAppInstallation.ReadWriteSelfForChat",
        "TeamsAppInstallation.ReadWriteSelfForTeam",
        "TeamsAppInstallation.ReadWriteSelfForUser",
    ];
    assert_eq!(own.application_permissions, own_permissions.map(|name| format!("{name}.All")));
    assert_eq!(own.scopes_for(&someone, None), own_permissions);

    let public = load(3).await;
    assert_eq!(public.display_name, "Public");
    assert!(!public.is_confidential() && public.application_permissions.is_empty());
    for (uri, platform) in [
        ("http://localhost:3000", Platform::Spa),
        ("http://localhost:49152", Platform::PublicClient),
        ("https://login.microsoftonline.com/common/oauth2/nativeclient", Platform::PublicClient),
        ("msal51190000-0000-4000-8000-00000000a003://auth", Platform::PublicClient),
    ] {
        assert_eq!(registered(&public, uri).unwrap().platform, platform, "{uri}");
    }
    assert_eq!(
        registered(&load(1).await, "http://localhost:5000/getAToken").unwrap().platform,
        Platform::Web
    );
    assert_eq!(
        public.scopes_for(&someone, None),
        [
            "AppCatalog.ReadWrite.All",
            "TeamsAppInstallation.ReadWriteAndConsentForUser",
            "TeamworkAppSettings.ReadWrite.All",
            "User.Read.All",
        ]
    );

    let legacy = load(4).await;
    assert_eq!(legacy.display_name, "Legacy");
    assert!(is_of(&secret, &legacy));
    assert_eq!(legacy.application_permissions, ["Directory.ReadWrite.All", "User.ReadWrite.All"]);
    assert_eq!(legacy.scopes_for(&someone, None), legacy.application_permissions);

    let selected = load(5).await;
    assert_eq!(selected.display_name, "Selected");
    assert!(is_of(&secret, &selected));
    let selected_permissions = [
        "TeamsAppInstallation.ManageSelectedForChat",
        "TeamsAppInstallation.ManageSelectedForTeam",
        "TeamsAppInstallation.ManageSelectedForUser",
        "TeamsAppInstallation.ReadWriteSelectedForUser",
    ];
    assert_eq!(selected.application_permissions, selected_permissions.map(|name| format!("{name}.All")));
    assert_eq!(selected.scopes_for(&someone, None), selected_permissions);
    assert_eq!(selected.selected_apps, [app_id(POLLS_ID)]);
    for other in [automation, own, public, legacy] {
        assert!(other.selected_apps.is_empty());
    }
}

/// What operations take of clients and "Automation" does not have: it looks after no devices and agents, reads what it
/// does not own, and changes no directory, which is for "Legacy".
const NOT_FOR_AUTOMATION: [&str; 18] = [
    "AgentIdUser.ReadWrite.All",
    "AgentIdUser.ReadWrite.IdentityParentedBy",
    "Application.ReadWrite.OwnedBy",
    "DeviceManagementApps.Read.All",
    "DeviceManagementApps.ReadWrite.All",
    "DeviceManagementConfiguration.Read.All",
    "DeviceManagementConfiguration.ReadWrite.All",
    "DeviceManagementManagedDevices.Read.All",
    "DeviceManagementManagedDevices.ReadWrite.All",
    "DeviceManagementServiceConfig.Read.All",
    "DeviceManagementServiceConfig.ReadWrite.All",
    "Directory.ReadWrite.All",
    "Group.ReadWrite.All",
    "GroupMember.ReadWrite.All",
    "Organization.ReadWrite.All",
    "TeamsAppInstallation.ReadWriteSelfForTeam",
    "User.ReadWrite.All",
    "User.ReadWrite.CrossCloud",
];

#[test]
fn automation_may_do_everything_that_a_client_may_do() {
    let seed = Seed::demo().unwrap();
    let names = seed.tenants[0].said.clients[0].application_permissions.iter().map(|name| name.0.0.as_str());
    let held = slipway_model::Permissions::named(names);
    let granted = |permission: &slipway_model::Permission| {
        held.contains(*permission)
            || permission.is_resource_specific()
            || NOT_FOR_AUTOMATION.contains(&permission.name())
    };
    let served: Vec<_> = crate::operations().collect();
    let taken = served.iter().flat_map(|operation| operation.application);
    let missing: BTreeSet<_> =
        taken.filter(|permission| !granted(permission)).map(|permission| permission.name()).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for operation in served.iter().filter(|operation| !operation.application.is_empty()) {
        let some = operation.application.iter().any(|permission| held.contains(*permission));
        assert!(some, "{}", operation.name);
    }
}

#[tokio::test]
async fn the_demo_team_group_and_chats_have_their_members() {
    let (store, _) = demo().await;
    let (view, partition) = (store.view(), partition(TENANT));
    let group_id = |id: &str| GroupId::parse(id).unwrap();
    let chat_id = |id: &str| ChatId::parse(id).unwrap();
    let members = async |container: Container| -> Vec<(String, &'static str)> {
        let rows = view.scan(&membership::of_container(&partition, &container), 100).await.unwrap().rows;
        let rows = rows.into_iter().map(|row| row.record);
        rows.map(|row| match &row.member {
            Member::User(id) => {
                (id.as_str().replace("51190000-0000-4000-8000-0000000e00", ""), row.role.as_str())
            }
            Member::Group(id) => panic!("group {id}"),
        })
        .collect()
    };
    let expected =
        |numbers: &[&str]| -> Vec<_> { numbers.iter().map(|n| ((*n).to_owned(), "member")).collect() };

    let launch = group_id("51190000-0000-4000-8000-00000000c001");
    let team = view.get(&group::key(&partition, &launch)).await.unwrap().unwrap().record;
    assert_eq!((team.display_name.as_str(), team.is_team), ("Contoso Launch", true));
    let mut in_team = expected(&["01", "02", "03"]);
    in_team[0].1 = "owner";
    assert_eq!(members(Container::Group(launch)).await, in_team);

    let everyone = group_id("51190000-0000-4000-8000-00000000f001");
    let group = view.get(&group::key(&partition, &everyone)).await.unwrap().unwrap().record;
    assert_eq!((group.display_name.as_str(), group.is_team), ("Everyone", false));
    let all: Vec<_> = (1..=20).map(|n| format!("{n:02x}")).collect();
    let all: Vec<_> = all.iter().map(String::as_str).collect();
    assert_eq!(members(Container::Group(everyone)).await, expected(&all));

    for (id, chat_type) in [
        ("19:51190000040008000000000000000d001@thread.v2", ChatType::Group),
        ("19:51190000040008000000000000000d002@thread.v2", ChatType::Meeting),
    ] {
        let chat = view.get(&chat::key(&partition, &chat_id(id))).await.unwrap().unwrap().record;
        assert_eq!((chat.chat_type, chat.topic.as_deref()), (chat_type, Some("Launch")));
        assert_eq!(members(Container::Chat(chat_id(id))).await, expected(&["02", "03", "04"]));
    }
}

#[tokio::test]
async fn contoso_tasks_goes_everywhere_and_asks_for_permissions_later() {
    let (store, _) = demo().await;
    let (view, partition, id) =
        (store.view(), partition(TENANT), app_id("51190000-0000-4000-8000-00000000b002"));
    let tasks = view.get(&app::key(&partition, &id)).await.unwrap().unwrap().record;
    assert_eq!(tasks.display_name, "Contoso Tasks");
    assert_eq!(tasks.external_id.as_deref(), Some("51190000-0000-4000-8000-00000000b0e2"));
    assert_eq!(tasks.azure_ad_app_id.as_deref(), Some("51190000-0000-4000-8000-00000000a002"));
    let scopes =
        InstallationScopes::PERSONAL.with(InstallationScopes::TEAM).with(InstallationScopes::GROUP_CHAT);
    let versions = view.scan(&definition::of_app(&partition, &id), 10).await.unwrap().rows;
    let versions: Vec<_> = versions.into_iter().map(|row| row.record).collect();
    let asked: Vec<Vec<_>> = versions
        .iter()
        .map(|version| {
            assert_eq!((version.scopes, version.state.as_str()), (scopes, "published"));
            let asked = version.required_permissions.iter();
            asked.map(|permission| (permission.value.as_str(), permission.kind.as_str())).collect()
        })
        .collect();
    let later = ["ChannelMessage.Read.Group", "ChatSettings.Read.Chat", "TeamsActivity.Send.User"];
    assert_eq!(asked, [vec![], later.map(|name| (name, "application")).to_vec()]);
}

#[tokio::test]
async fn contoso_polls_has_two_versions_and_user02_the_old_one() {
    let (store, _) = demo().await;
    let (view, partition, id) = (store.view(), partition(TENANT), app_id(POLLS_ID));
    let polls = view.get(&app::key(&partition, &id)).await.unwrap().unwrap().record;
    assert_eq!(polls.display_name, "Contoso Polls");
    assert_eq!(polls.external_id.as_deref(), Some("51190000-0000-4000-8000-00000000b0e1"));
    assert_eq!(polls.distribution_method.as_str(), "organization");
    assert_eq!(polls.azure_ad_app_id.as_deref(), Some("51190000-0000-4000-8000-00000000a002"));
    assert_eq!(polls.published.as_ref().unwrap().as_str(), "1.1.0");

    let versions = view.scan(&definition::of_app(&partition, &id), 10).await.unwrap().rows;
    let numbers: Vec<_> = versions.iter().map(|row| row.record.version.as_str()).collect();
    assert_eq!(numbers, ["1.0.0", "1.1.0"]);
    for version in versions.iter().map(|row| &row.record) {
        assert_eq!(version.state.as_str(), "published");
        assert!(version.bot_id.is_some() && version.required_permissions.is_empty());
        assert_eq!(version.scopes, InstallationScopes::PERSONAL);
        let package =
            view.get(&package::key(&partition, &id, &version.version)).await.unwrap().unwrap().record;
        let manifest: serde_json::Value = serde_json::from_slice(&package.manifest).unwrap();
        assert_eq!(manifest["version"], version.version.as_str());
        assert_eq!(manifest["staticTabs"][0]["scopes"], serde_json::json!(["personal"]));
    }

    let owner = owner("51190000-0000-4000-8000-0000000e0002");
    let installed = view.get(&installation::key(&partition, &owner, &id)).await.unwrap().unwrap().record;
    assert_eq!(installed.version.as_str(), "1.0.0");
    assert!(installed.belongs_to(&polls));
    assert_eq!((installed.consented, installed.installed_at), (None, now()));
}

#[test]
fn the_constants_name_the_demo_tenant_and_its_first_client() {
    assert_eq!(super::super::DEMO_TENANT, TENANT);
    assert_eq!(super::super::DEMO_CLIENT, "51190000-0000-4000-8000-00000000a001");
    assert_eq!(super::super::DEMO_CLIENT_SECRET, "slipway-demo-secret");
}

/// The icons that an inline manifest gets pass for those of a package.
#[test]
fn the_plain_icons_are_right_for_a_package() {
    let (color, outline) = super::super::packages::plain_icons();
    let zip = zipped(&manifest(POLLS, "1.0.0"), &color.bytes, &outline.bytes);
    let package = slipway_manifest::read_package(&zip).unwrap();
    assert_eq!((package.color_icon.bytes, package.outline_icon.bytes), (color.bytes, outline.bytes));
}

fn zipped(manifest: &str, color: &[u8], outline: &[u8]) -> Vec<u8> {
    use std::io::Write as _;

    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in
        [("manifest.json", manifest.as_bytes()), ("color.png", color), ("outline.png", outline)]
    {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
