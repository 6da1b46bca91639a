//! What administrators decided: settings, policies, special users, selected, permanent and blocked apps.

use slipway_model::{
    AppPermissionPolicy, Client, ClientId, TeamsApp, TeamsAppSettings, Tenant, User, UserType,
};
use slipway_store::{app, client, definition, tenant as tenants, user};

use super::*;

fn apps() -> String {
    let other = "51190000-0000-4000-8000-0000000000e2";
    format!(
        "    apps:\n      - {{id: a1, definitions: [{{manifest: {}}}]}}\n      - {{id: a2, permanent: true, blocked: true, \
         definitions: [{{manifest: {}}}]}}\n",
        manifest(POLLS, "1.0.0"),
        manifest(other, "1.0.0")
    )
}

async fn stored_tenant(store: &Store) -> Tenant {
    store.view().get(&tenants::key(&TenantId::parse("t").unwrap())).await.unwrap().unwrap().record
}

async fn stored_user(store: &Store, id: &str) -> User {
    store.view().get(&user::key(&partition("t"), &user_id(id))).await.unwrap().unwrap().record
}

async fn stored_app(store: &Store, id: &str) -> TeamsApp {
    store.view().get(&app::key(&partition("t"), &app_id(id))).await.unwrap().unwrap().record
}

#[tokio::test]
async fn settings_that_are_left_out_stay() {
    let store = empty_store().await;
    let text = |settings: &str| tenant(&format!("    settings: {{{settings}}}\n"));
    apply(&store, &tenant("")).await;
    assert_eq!(stored_tenant(&store).await.settings, TeamsAppSettings::default());
    let off = "isChatResourceSpecificConsentEnabled: false";
    assert_eq!(apply(&store, &text(off)).await.tenants, changed(1));
    let expected =
        TeamsAppSettings { is_chat_resource_specific_consent_enabled: false, ..TeamsAppSettings::default() };
    assert_eq!(stored_tenant(&store).await.settings, expected);
    assert!(apply(&store, &tenant("")).await.is_unchanged());
    let more =
        "allowUserRequestsForAppAccess: false, isUserPersonalScopeResourceSpecificConsentEnabled: false";
    apply(&store, &text(more)).await;
    let expected = TeamsAppSettings {
        allow_user_requests_for_app_access: false,
        is_user_personal_scope_resource_specific_consent_enabled: false,
        is_chat_resource_specific_consent_enabled: false,
    };
    assert_eq!(stored_tenant(&store).await.settings, expected);
}

#[tokio::test]
async fn a_tenants_policy_stays_until_a_seed_says_another() {
    let store = empty_store().await;
    let text = |blocked: &str| tenant(&format!("{}    policy: {{blocked: [{blocked}]}}\n", apps()));
    apply(&store, &text(&format!("store, A2, {POLLS}"))).await;
    let expected = AppPermissionPolicy {
        blocks_store: true,
        blocks_organization: false,
        blocked: vec![app_id("a2"), app_id("a1")],
    };
    assert_eq!(stored_tenant(&store).await.policy, expected);
    assert!(apply(&store, &tenant("")).await.is_unchanged());
    assert_eq!(
        apply(&store, &tenant("    policy: {blocked: [organization, a1]}\n")).await.tenants,
        changed(1)
    );
    let expected =
        AppPermissionPolicy { blocks_store: false, blocks_organization: true, blocked: vec![app_id("a1")] };
    assert_eq!(stored_tenant(&store).await.policy, expected);
    apply(&store, &text("")).await;
    assert_eq!(stored_tenant(&store).await.policy, AppPermissionPolicy::default());
}

#[tokio::test]
async fn a_special_user_is_known_of_from_the_tenant() {
    for special in ["userType: Guest", "teamsLicence: false", "policy: {blocked: [store]}"] {
        let store = empty_store().await;
        let text = |rest: &str| {
            tenant(&format!(
                "    users: [{{id: u1, userPrincipalName: a@t.example, displayName: A{rest}}}]\n"
            ))
        };
        apply(&store, &text(", userType: Member, teamsLicence: true, policy: {blocked: []}")).await;
        assert!(
            !stored_tenant(&store).await.has_special_users && !stored_user(&store, "u1").await.is_special()
        );
        let report = apply(&store, &text(&format!(", {special}"))).await;
        assert_eq!((report.tenants, report.users), (changed(1), changed(1)), "{special}");
        assert!(
            stored_tenant(&store).await.has_special_users && stored_user(&store, "u1").await.is_special()
        );
        let report = apply(&store, &text("")).await;
        assert_eq!((report.tenants, report.users), (unchanged(1), changed(1)), "others may be special");
        let plain = stored_user(&store, "u1").await;
        assert_eq!((plain.user_type, plain.has_teams_licence), (UserType::Member, true));
        assert_eq!(plain.policy, AppPermissionPolicy::default());
    }
}

#[tokio::test]
async fn a_users_policy_names_apps() {
    let store = empty_store().await;
    let text = tenant(&format!(
        "    users: [{{id: u1, userPrincipalName: a@t.example, displayName: A, policy: {{blocked: [{POLLS}, organization]}}}}]\n{}",
        apps()
    ));
    apply(&store, &text).await;
    let expected =
        AppPermissionPolicy { blocks_store: false, blocks_organization: true, blocked: vec![app_id("a1")] };
    assert_eq!(stored_user(&store, "u1").await.policy, expected);
    assert!(apply(&store, &text).await.is_unchanged());
}

#[tokio::test]
async fn apps_are_selected_for_a_client() {
    let store = empty_store().await;
    let text = |apps: &str, selected: &str| {
        tenant(&format!("{apps}    clients: [{{id: c, displayName: C, selectedApps: [{selected}]}}]\n"))
    };
    let load = async || -> Client {
        let key = client::key(&partition("t"), &ClientId::parse("c").unwrap());
        store.view().get(&key).await.unwrap().unwrap().record
    };
    apply(&store, &text(&apps(), &format!("{POLLS}, a2"))).await;
    assert_eq!(load().await.selected_apps, [app_id("a1"), app_id("a2")]);
    assert_eq!(apply(&store, &text("", "A1")).await.clients, changed(1));
    assert_eq!(load().await.selected_apps, [app_id("a1")]);
}

#[tokio::test]
async fn permanent_and_blocked_stay_until_a_seed_says_otherwise() {
    let store = empty_store().await;
    apply(&store, &tenant(&apps())).await;
    let marks = async |id: &str| {
        let app = stored_app(&store, id).await;
        (app.permanent, app.blocked)
    };
    assert_eq!((marks("a1").await, marks("a2").await), ((false, false), (true, true)));
    let other = |rest: &str| tenant(&apps().replace("permanent: true, blocked: true, ", rest));
    assert!(apply(&store, &other("")).await.is_unchanged());
    assert_eq!(apply(&store, &other("blocked: false, ")).await.apps, Tally { unchanged: 1, ..changed(1) });
    assert_eq!(marks("a2").await, (true, false));
}

#[tokio::test]
async fn a_version_is_sent_in_by_a_user() {
    let store = empty_store().await;
    let text = |author: &str| {
        tenant(&format!(
            "    generate: {{users: 2}}\n    apps: [{{id: a1, definitions: [{{publishingState: submitted, {author}manifest: \
             {}}}]}}]\n",
            manifest(POLLS, "1.0.0")
        ))
    };
    let author = async || {
        let versions = definition::of_app(&partition("t"), &app_id("a1"));
        store.view().scan(&versions, 2).await.unwrap().rows.remove(0).record.created_by
    };
    apply(&store, &text("createdBy: user2@t.example, ")).await;
    let second = user_id("51190000-0000-4000-8001-000000000002");
    assert_eq!(author().await, Some(second.clone()));
    assert!(apply(&store, &text("")).await.is_unchanged());
    assert_eq!(author().await, Some(second));
    assert_eq!(apply(&store, &text("createdBy: user1@t.example, ")).await.definitions, changed(1));
    assert_eq!(author().await, Some(user_id("51190000-0000-4000-8001-000000000001")));
}

#[tokio::test]
async fn policies_and_selections_must_name_something() {
    let store = empty_store().await;
    let text = tenant(&format!(
        "    users:\n      - userPrincipalName: a@t.example\n        displayName: A\n        policy: {{blocked: [sideloaded]}}\n    \
         policy:\n      blocked:\n        - store\n        - a1\n    clients:\n      - id: c\n        displayName: C\n        \
         selectedApps: [a1]\n    apps:\n      - definitions:\n          - createdBy: b@t.example\n            manifest: {}\n",
        manifest(POLLS, "1.0.0")
    ));
    let no_app = |text: &str| format!("no app has the id or the manifest's id '{text}'");
    let expected = [
        "seed.yaml:19: tenants[0].apps[0].definitions[0].createdBy: no user has the id or user principal name \
         'b@t.example'"
            .to_owned(),
        format!("seed.yaml:8: tenants[0].users[0].policy.blocked[0]: {}", no_app("sideloaded")),
        format!("seed.yaml:16: tenants[0].clients[0].selectedApps[0]: {}", no_app("a1")),
        format!("seed.yaml:12: tenants[0].policy.blocked[1]: {}", no_app("a1")),
    ];
    assert_eq!(misfits(&store, &text).await, expected);
}
