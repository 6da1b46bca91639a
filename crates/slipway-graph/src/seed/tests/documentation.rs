//! The example of the documentation is a seed that works.

use slipway_model::{AppVersion, ChatId, GroupId};
use slipway_store::{installation, package};

use super::*;

const PAGE: &str = include_str!("../../../../../docs/seed.md");

#[tokio::test]
async fn the_example_is_applied() {
    let (_, rest) = PAGE.split_once("```yaml\n").unwrap();
    let (example, _) = rest.split_once("```\n").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let polls = Package::new("9c1b4f0e-6c38-4a57-8a4e-0d8c3f6fb0e1", "1.0.0");
    std::fs::write(folder.path().join("polls-1.0.0.zip"), polls.zip()).unwrap();
    let file = folder.path().join("seed.yaml");
    std::fs::write(&file, example).unwrap();
    let seed = Seed::load(&file).unwrap_or_else(|error| panic!("{error}"));
    let store = empty_store().await;
    let report = seed.apply(&store, &Ids::seeded(1), now()).await.unwrap_or_else(|error| panic!("{error}"));
    let expected = Report {
        tenants: created(1),
        users: created(1002),
        teams: created(1),
        groups: created(1),
        chats: created(1),
        memberships: created(2 + 2 + 3),
        clients: created(1),
        apps: created(1),
        definitions: created(2),
        installations: created(4),
    };
    assert_eq!(report, expected);
    let (view, partition) = (store.view(), partition("9c1b4f0e-6c38-4a57-8a4e-0d8c3f6f2b11"));
    let app = app_id("9c1b4f0e-6c38-4a57-8a4e-0d8c3f6fb001");
    let sent = package::key(&partition, &app, &AppVersion::new("1.0.0"));
    let kept = view.get(&sent).await.unwrap().unwrap().record.manifest;
    assert_eq!(kept, polls.manifest.to_string().into_bytes());
    let installed = async |owner: Owner| {
        let installed = view.get(&installation::key(&partition, &owner, &app)).await.unwrap().unwrap().record;
        (
            installed.version.as_str().to_owned(),
            installed.preinstalled,
            installed.consented.map(|all| all.len()),
        )
    };
    let adele = owner("9c1b4f0e-6c38-4a57-8a4e-0d8c3f6f0001");
    assert_eq!(installed(adele).await, ("1.0.0".to_owned(), false, None));
    let seventh = owner("51190000-0000-4000-8001-000000000007");
    assert_eq!(installed(seventh).await, ("1.1.0".to_owned(), true, Some(2)));
    let team = Owner::Team(GroupId::parse("9c1b4f0e-6c38-4a57-8a4e-0d8c3f6fc001").unwrap());
    assert_eq!(installed(team).await, ("1.1.0".to_owned(), false, Some(2)));
    let chat = Owner::Chat(ChatId::parse("19:9c1b4f0e6c384a578a4e0d8c3f6fe001@thread.v2").unwrap());
    assert_eq!(installed(chat).await, ("1.1.0".to_owned(), false, Some(1)));
    assert!(seed.apply(&store, &Ids::seeded(2), now()).await.unwrap().is_unchanged());
}
