//! Seeds that do not fit what is stored: nothing is written.

use slipway_model::{AppVersion, TeamsAppInstallation};
use slipway_store::Changeset;

use super::*;

fn app(rest: &str, version: &str) -> String {
    let manifest = manifest(POLLS, version);
    format!("    apps: [{{{rest}definitions: [{{manifest: {manifest}}}]}}]\n")
}

#[tokio::test]
async fn references_must_name_something() {
    let store = empty_store().await;
    let text = tenant(&format!(
        "    generate: {{users: 2}}\n{}    clients:\n      - id: c\n        displayName: C\n        consents:\n          - \
         user: user3@t.example\n            scopes: []\n    installations:\n      - user: nobody\n        app: polls\n      \
         - user: user1@t.example\n        app: {POLLS}\n        version: 3.0.0\n      - user: user2@t.example\n        \
         app: {POLLS}\n      - user: 51190000-0000-4000-8001-000000000002\n        app: a1\n",
        app("id: a1, ", "1.0.0")
    ));
    let expected = [
        "seed.yaml:11: tenants[0].clients[0].consents[0].user: no user has the id or user principal name \
         'user3@t.example'",
        "seed.yaml:14: tenants[0].installations[0].user: no user has the id or user principal name 'nobody'",
        "seed.yaml:15: tenants[0].installations[0].app: no app has the id or the manifest's id 'polls'",
        "seed.yaml:18: tenants[0].installations[1].version: app 'a1' has no version 3.0.0",
        "seed.yaml:21: tenants[0].installations[3]: tenants[0].installations[2] is the same one",
    ];
    assert_eq!(misfits(&store, &text).await, expected);
    let nothing =
        store.view().get(&slipway_store::tenant::key(&TenantId::parse("t").unwrap())).await.unwrap();
    assert!(nothing.is_none());
}

#[tokio::test]
async fn names_that_others_have_are_refused() {
    let store = empty_store().await;
    let stored = format!(
        "    generate: {{users: 2}}\n    users:\n      - {{id: u1, userPrincipalName: a@t.example, displayName: A}}\n      \
         - {{id: u2, userPrincipalName: user5@t.example, displayName: B}}\n{}",
        app("id: a1, ", "1.0.0")
    );
    apply(&store, &tenant(&stored)).await;
    let text = format!(
        "tenants:\n  - id: other\n    displayName: O\n    domain: t.example\n  - id: t\n    displayName: T\n    domain: \
         t.example\n    generate:\n      users: 5\n    users:\n      - id: u3\n        userPrincipalName: \
         A@t.example\n        displayName: A\n{}",
        app("id: a2, ", "1.0.0")
    );
    // The two tenants would clash by themselves, so they come one after the other.
    let (first, second) = text.split_once("  - id: t\n").unwrap();
    assert_eq!(misfits(&store, first).await, ["seed.yaml:4: tenants[0].domain: tenant 't' has this domain"]);
    let expected = [
        "seed.yaml:9: tenants[0].users[0].userPrincipalName: user 'u1' has the name 'A@t.example'",
        "seed.yaml:6: tenants[0].generate.users: user 'u2' has the name 'user5@t.example'",
        "seed.yaml:11: tenants[0].apps[0].id: app 'a1' has the manifest's id \
         '51190000-0000-4000-8000-0000000000e1'",
    ];
    assert_eq!(misfits(&store, &format!("tenants:\n  - id: t\n{second}")).await, expected);
}

#[tokio::test]
async fn two_entries_cannot_be_one_user() {
    let store = empty_store().await;
    apply(&store, &tenant("    users: [{id: u1, userPrincipalName: a@t.example, displayName: A}]\n")).await;
    let text = tenant(
        "    users:\n      - {id: u1, userPrincipalName: b@t.example, displayName: A}\n      - {userPrincipalName: \
         a@t.example, displayName: A}\n",
    );
    let expected = ["seed.yaml:7: tenants[0].users[1]: 'u1' is the user of tenants[0].users[0] too"];
    assert_eq!(misfits(&store, &text).await, expected);
}

#[tokio::test]
async fn stored_apps_and_versions_keep_what_they_are() {
    let store = empty_store().await;
    apply(&store, &tenant(&app("id: a1, ", "1.0.0"))).await;
    let other = manifest(POLLS, "1.0.0").replace("An app for tests", "Another app");
    let cases = [
        (
            format!("    apps:\n      - definitions:\n          - manifest: {other}\n"),
            "seed.yaml:7: tenants[0].apps[0].definitions[0]: version 1.0.0 of app 'a1' is stored with another content",
        ),
        (
            app("distributionMethod: sideloaded, ", "1.0.0"),
            "seed.yaml:5: tenants[0].apps[0].distributionMethod: app 'a1' is stored as organization",
        ),
        (
            app("id: a1, ", "1.0.0").replace(POLLS, "51190000-0000-4000-8000-0000000000e2"),
            "seed.yaml:5: tenants[0].apps[0].definitions[0]: app 'a1' is stored with the manifest's id \
             '51190000-0000-4000-8000-0000000000e1'",
        ),
    ];
    for (rest, expected) in cases {
        assert_eq!(misfits(&store, &tenant(&rest)).await[0], expected);
    }
}

#[tokio::test]
async fn apps_that_no_user_can_have_are_not_installed() {
    let store = empty_store().await;
    let unpublished = format!("{{publishingState: submitted, manifest: {}}}", manifest(POLLS, "1.0.0"));
    let other = "51190000-0000-4000-8000-0000000000e2";
    let team = manifest(other, "1.0.0").replace("personal", "team");
    let text = tenant(&format!(
        "    generate: {{users: 1}}\n    apps:\n      - {{id: a1, definitions: [{unpublished}]}}\n      - {{id: a2, \
         definitions: [{{manifest: {team}}}]}}\n    installations:\n      - {{user: user1@t.example, app: a1}}\n      - \
         {{user: user1@t.example, app: a2}}\n"
    ));
    let expected = [
        "seed.yaml:10: tenants[0].installations[0].app: app 'a1' has no published version",
        "seed.yaml:11: tenants[0].installations[1].app: app 'a2' has no personal scope",
    ];
    assert_eq!(misfits(&store, &text).await, expected);
}

#[tokio::test]
async fn an_owner_has_two_thousand_installations_at_most() {
    let store = empty_store().await;
    let users = "    generate: {users: 1}\n";
    let apps = format!(
        "    apps:\n      - {{id: a1, definitions: [{{manifest: {}}}]}}\n      - {{id: a2, definitions: [{{manifest: {}}}]}}\n",
        manifest(POLLS, "1.0.0"),
        manifest("51190000-0000-4000-8000-0000000000e2", "1.0.0")
    );
    apply(&store, &tenant(&format!("{users}{apps}"))).await;
    let installed = |n: usize| TeamsAppInstallation {
        owner: owner("51190000-0000-4000-8001-000000000001"),
        app: app_id(&format!("other-{n}")),
        incarnation: 1,
        version: AppVersion::new("1.0.0"),
        consented: None,
        preinstalled: false,
        installed_at: now(),
    };
    let numbers: Vec<_> = (0..1999).collect();
    for some in numbers.chunks(1000) {
        let put = |changes: Changeset, n: &usize| changes.put(&partition("t"), &installed(*n));
        store.commit(some.iter().fold(Changeset::new("test"), put)).await.unwrap();
    }
    let text = |apps: &[&str]| {
        let one = |app: &&str| format!("      - {{user: user1@t.example, app: {app}}}\n");
        tenant(&format!("{users}    installations:\n{}", apps.iter().map(one).collect::<String>()))
    };
    let expected =
        ["seed.yaml:8: tenants[0].installations[1]: the owner holds the most apps that one owner may hold"];
    assert_eq!(misfits(&store, &text(&["a1", "a2"])).await, expected);
    assert_eq!(apply(&store, &text(&["a1"])).await.installations, created(1));
}

#[tokio::test]
async fn a_domain_may_be_too_long_for_generated_names() {
    let store = empty_store().await;
    let domain = format!("{0}.{0}.{0}.{1}", "d".repeat(63), "d".repeat(58));
    let text = tenant("    generate: {users: 10}\n").replace("t.example", &domain);
    let found = misfits(&store, &text).await;
    assert_eq!(found.len(), 1);
    let expected =
        format!("seed.yaml:5: tenants[0].generate.users: 'user10@{domain}' is no user principal name");
    assert!(found[0].starts_with(&expected), "{found:?}");
}

#[tokio::test]
async fn a_password_may_be_too_long() {
    let store = empty_store().await;
    let long = "x".repeat(1025);
    let text = tenant(&format!(
        "    users:\n      - {{userPrincipalName: a@t.example, displayName: A,\n         password: {long}}}\n    generate:\n      \
         users: 1\n      password: {long}\n"
    ));
    let expected = [
        "seed.yaml:7: tenants[0].users[0].password: a password has at most 1024 bytes",
        "seed.yaml:10: tenants[0].generate.password: a password has at most 1024 bytes",
    ];
    assert_eq!(misfits(&store, &text).await, expected);
}
