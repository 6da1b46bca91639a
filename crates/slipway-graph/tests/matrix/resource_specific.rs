//! Permissions that an installation grants on one user, team or chat: they let the app's client in there and nowhere
//! else, in place of a permission in its token.

use std::collections::BTreeSet;

use slipway_model::TokenKind;

use crate::call;
use crate::effects::{Effect, OTHER};
use crate::expected::{self, RESOURCE_SPECIFIC};
use crate::ground::{self, Place, USER, permission};

/// Where a permission is granted, by its name.
fn place_of(name: &str) -> Place {
    match name.rsplit('.').next().unwrap() {
        "User" => Place::User,
        "Group" => Place::Team,
        "Chat" => Place::Chat,
        other => panic!("no place for {other}"),
    }
}

/// Every grant on every operation at its place, and all that are granted at other places, with a token that holds
/// nothing.
#[tokio::test]
async fn each_grant_on_each_operation() {
    let app = ground::start().await;
    let none = format!("Bearer {}", app.token_with(&[], None).await);
    let (mut accepted, mut refused) = (BTreeSet::new(), 0);
    for row in expected::table() {
        let (here, elsewhere): (Vec<_>, Vec<_>) =
            RESOURCE_SPECIFIC.into_iter().partition(|name| row.is_on(place_of(name)));
        let grants = here.iter().map(|name| vec![*name]).chain([elsewhere]);
        for (version, names) in
            grants.flat_map(|names| row.versions().map(move |version| (version, names.clone())))
        {
            for place in Place::ALL {
                place.clear(&app).await;
            }
            let effect = Effect::of(&app, &row.name).await;
            for place in Place::ALL {
                let names = names.iter().filter(|name| place_of(name) == place);
                let permissions: Vec<_> = names.map(|name| permission(name, true)).collect();
                if !permissions.is_empty() {
                    place.grant(&app, permissions).await;
                }
            }
            let case = format!("{} {version} with {names:?} granted", row.name);
            let answer = call(&app, &effect, version, &none).await;
            let granted = names.iter().copied().find(|name| here.contains(name));
            if granted.is_some_and(|name| row.resource_specific().contains(&name)) {
                assert_eq!(answer.status, effect.status, "{case}: {:?}", answer.error());
                accepted.insert((row.name.clone(), names));
            } else {
                let refusal = row.refusal("", granted.unwrap_or_default(), TokenKind::Application);
                assert_eq!((answer.status, answer.error()), refusal, "{case}");
                refused += 1;
            }
        }
    }
    // Users: list, get, chat. Teams: get (2), list, get, grants (2). Chats: get (3), list (2), get (2), grants (2),
    // add, upgrade, delete.
    assert_eq!(accepted.len(), 3 + 6 + 12);
    // On two versions: nine operations on users with one permission and what is granted elsewhere, seven on teams and
    // seven on chats with four; 57 without a place; and six of those on beta only.
    assert_eq!(refused, (9 * 2 + 7 * 5 + 7 * 5 - accepted.len()) * 2 + 57 * 2 + 6);
}

#[tokio::test]
async fn a_grant_is_good_for_its_owner_its_client_and_its_time() {
    let app = ground::start().await;
    let list = format!("/v1.0{}", Place::User.installed_apps());
    let none = app.token_with(&[], None).await;
    Place::User.clear(&app).await;
    Place::User.grant(&app, vec![permission("teamsappinstallation.read.user", true)]).await;
    assert_eq!(app.get(&none, &list).await.status, 200, "names compare without case");

    let others = list.replace(USER, OTHER);
    assert_eq!(app.get(&none, &others).await.status, 403, "another user");
    let automation = "51190000-0000-4000-8000-00000000a001";
    let foreign = app.demo().await.token_with(automation, &[], None).await;
    assert_eq!(app.get(&foreign, &list).await.status, 403, "another client");
    let delegated = app.token_with(&[], Some(USER)).await;
    assert_eq!(app.get(&delegated, &list).await.status, 403, "a signed-in user");

    Place::User.clear(&app).await;
    assert_eq!(app.get(&none, &list).await.status, 403, "the installation is gone");
    Place::User.grant(&app, vec![permission("TeamsAppInstallation.Read.User", false)]).await;
    assert_eq!(app.get(&none, &list).await.status, 403, "consent for what the app does for users");
}

/// What is granted adds to what the token holds: `Self` alone sees less.
#[tokio::test]
async fn a_grant_widens_the_tokens_permissions() {
    let app = ground::start().await;
    let own = app.token_with(&["TeamsAppInstallation.ReadWriteSelfForChat.All"], None).await;
    let list = format!("/v1.0{}", Place::Chat.installed_apps());
    Place::Chat.clear(&app).await;
    let tasks = "51190000-0000-4000-8000-00000000c0de";
    app.seed(&ground::foreign_app(tasks)).await;
    Place::Chat.give(&app, tasks, None).await;
    assert_eq!(app.get(&own, &list).await.json()["@odata.count"], 0);
    Place::Chat.grant(&app, vec![permission("Chat.Manage.Chat", true)]).await;
    assert_eq!(app.get(&own, &list).await.json()["@odata.count"], 2);
    let one = format!("{list}/{}", ground::installation_id(Place::Chat.id(), tasks));
    assert_eq!(app.delete(&own, &one).await.status, 204);
}
