//! What the calls of the matrix stand on: an app for every scope, and owners of three kinds who have it or not.

use base64::Engine as _;
use serde_json::json;
use slipway_graph::seed::DEMO_TENANT;
use slipway_model::{
    AppVersion, ChatId, ClientId, GroupId, Owner, ResourceSpecificPermission, ResourceSpecificPermissionType,
    TeamsApp, TeamsAppId, TeamsAppInstallation, User, UserId,
};
use slipway_store::{Changeset, Counter, app, client, installation, user};
use slipway_testkit::{DEMO_CHAT, DEMO_SELF, DEMO_TEAM, Package, TestApp};

/// The demo user who has the demo app, and is a member of the demo team and chat.
pub const USER: &str = "51190000-0000-4000-8000-0000000e0002";
/// The demo app.
pub const APP: &str = "51190000-0000-4000-8000-00000000b001";
/// An app of client "Self" for users, teams and chats, at 1.0.0 and 1.1.0, which asks for no permission.
pub const BOARD: &str = "51190000-0000-4000-8000-00000000b00a";
/// Its bot.
pub const BOT: &str = "51190000-0000-4000-8000-0000000000b0";

/// A server with the demo tenant, the board, and both apps selected for client "Self". The user administers everything,
/// for what the catalog and the directory ask of users beside their permissions.
pub async fn start() -> TestApp {
    let app = TestApp::start().await;
    let version = |version| in_every_scope("51190000-0000-4000-8000-00000000b0ea", version).asking_for(&[]);
    app.seed(&seed(BOARD, &[version("1.0.0"), version("1.1.0")])).await;
    let partition = app.partition().await;
    let key = client::key(&partition, &ClientId::parse(DEMO_SELF).unwrap());
    let mut own = app.server.store().view().get(&key).await.unwrap().unwrap().record;
    own.selected_apps = vec![app_id(APP), app_id(BOARD)];
    let key = user::key(&partition, &UserId::parse(USER).unwrap());
    let mut user = app.server.store().view().get(&key).await.unwrap().unwrap().record;
    user.directory_roles = vec![User::GLOBAL_ADMINISTRATOR.to_owned()];
    let changes = Changeset::new("test.ground").put(&partition, &own).put(&partition, &user);
    app.server.store().commit(changes).await.unwrap();
    app
}

/// A seed of an app that is no client's.
pub fn foreign_app(id: &str) -> String {
    seed(id, &[in_every_scope("51190000-0000-4000-8000-00000000b0eb", "1.0.0")])
}

fn in_every_scope(external_id: &str, version: &str) -> Package {
    Package::new(external_id, version).in_scopes(&["personal", "team", "groupChat"])
}

fn seed(id: &str, versions: &[Package]) -> String {
    let definitions: Vec<_> = versions.iter().map(|package| json!({"manifest": package.manifest})).collect();
    json!({"tenants": [{
        "id": DEMO_TENANT,
        "displayName": "Contoso",
        "domain": "contoso.example",
        "apps": [{"id": id, "definitions": definitions}]
    }]})
    .to_string()
}

/// Whose apps an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    User,
    Team,
    Chat,
}

impl Place {
    pub const ALL: [Self; 3] = [Self::User, Self::Team, Self::Chat];

    /// The place and the verb of an operation on apps or grants; none for others.
    pub fn of(operation: &str) -> Option<(Self, &str)> {
        let (place, rest) = match operation.split_once('.') {
            Some(("teams", rest)) => (Self::Team, rest),
            Some(("chats", rest)) => (Self::Chat, rest),
            _ => (Self::User, operation),
        };
        match rest.split_once('.') {
            Some(("installedApps", verb)) => Some((place, verb)),
            Some(("permissionGrants", "list")) => Some((place, "grants")),
            _ => None,
        }
    }

    pub fn id(self) -> &'static str {
        match self {
            Self::User => USER,
            Self::Team => DEMO_TEAM,
            Self::Chat => DEMO_CHAT,
        }
    }

    pub fn path(self) -> String {
        match self {
            Self::User => format!("/users/{USER}"),
            Self::Team => format!("/teams/{DEMO_TEAM}"),
            Self::Chat => format!("/chats/{DEMO_CHAT}"),
        }
    }

    pub fn installed_apps(self) -> String {
        match self {
            Self::User => format!("{}/teamwork/installedApps", self.path()),
            Self::Team | Self::Chat => format!("{}/installedApps", self.path()),
        }
    }

    pub fn installed_app(self) -> String {
        format!("{}/{}", self.installed_apps(), self.installation_id())
    }

    pub fn installation_id(self) -> String {
        installation_id(self.id(), BOARD)
    }

    /// What the pages say of installs.
    pub const fn install_status(self) -> u16 {
        match self {
            Self::Team => 200,
            Self::User | Self::Chat => 201,
        }
    }

    /// The permission that the board is granted there.
    pub const fn granted(self) -> &'static str {
        match self {
            Self::User => "InAppPurchase.Allow.User",
            Self::Team => "ChannelMeeting.ReadBasic.Group",
            Self::Chat => "OnlineMeeting.ReadBasic.Chat",
        }
    }

    fn owner(self) -> Owner {
        match self {
            Self::User => Owner::User(UserId::parse(USER).unwrap()),
            Self::Team => Owner::Team(GroupId::parse(DEMO_TEAM).unwrap()),
            Self::Chat => Owner::Chat(ChatId::parse(DEMO_CHAT).unwrap()),
        }
    }

    pub async fn installed_version(self, app: &TestApp) -> Option<String> {
        let key = installation::key(&app.partition().await, &self.owner(), &app_id(BOARD));
        let found = app.server.store().view().get(&key).await.unwrap();
        found.map(|found| found.record.version.to_string())
    }

    /// Gives the place what the operation needs: the board at 1.0.0 and nothing else, or nothing for an install.
    pub async fn prepare(self, app: &TestApp, verb: &str) {
        let consented = (verb == "grants").then(|| vec![permission(self.granted(), false)]);
        self.clear(app).await;
        if verb != "add" {
            self.give(app, BOARD, consented).await;
        }
    }

    /// Takes all apps away from there.
    pub async fn clear(self, app: &TestApp) {
        let (partition, owner) = (app.partition().await, self.owner());
        let range = installation::of_owner(&partition, &owner);
        let rows = app.server.store().view().scan(&range, 100).await.unwrap().rows;
        let count = i64::try_from(rows.len()).unwrap();
        let changes = rows.iter().fold(Changeset::new("test.clear"), |changes, row| {
            changes.delete(&installation::key(&partition, &owner, &row.record.app))
        });
        app.server.store().commit(changes.add(&partition, Counter::Installations, -count)).await.unwrap();
    }

    /// Has an installation of the demo app, which is client "Self"'s, grant the permissions there.
    pub async fn grant(self, app: &TestApp, permissions: Vec<ResourceSpecificPermission>) {
        self.give(app, APP, Some(permissions)).await;
    }

    /// Installs 1.0.0 of the app there, with this consent.
    pub async fn give(self, app: &TestApp, id: &str, consented: Option<Vec<ResourceSpecificPermission>>) {
        let partition = app.partition().await;
        let installed = TeamsAppInstallation {
            incarnation: stored_app(app, id).await.unwrap().incarnation,
            owner: self.owner(),
            app: app_id(id),
            version: AppVersion::new("1.0.0"),
            consented,
            preinstalled: false,
            installed_at: app.clock.now(),
        };
        let changes = Changeset::new("test.give").put(&partition, &installed);
        app.server.store().commit(changes.add(&partition, Counter::Installations, 1)).await.unwrap();
    }
}

/// A resource-specific permission, of the app itself or for its user.
pub fn permission(name: &str, by_app: bool) -> ResourceSpecificPermission {
    let kind = if by_app {
        ResourceSpecificPermissionType::Application
    } else {
        ResourceSpecificPermissionType::Delegated
    };
    ResourceSpecificPermission { value: name.to_owned(), kind }
}

pub fn installation_id(owner: &str, app: &str) -> String {
    slipway_model::InstallationId { owner: slipway_model::Id::parse(owner).unwrap(), app: app_id(app) }
        .to_string()
}

pub fn definition_id(app: &str, version: &str, state: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(format!("{app}##{version}##{state}"))
}

pub fn app_id(id: &str) -> TeamsAppId {
    TeamsAppId::parse(id).unwrap()
}

pub async fn stored_app(app: &TestApp, id: &str) -> Option<TeamsApp> {
    let key = app::key(&app.partition().await, &app_id(id));
    app.server.store().view().get(&key).await.unwrap().map(|found| found.record)
}
