//! The seed for a sample, made from what the sample says: whose apps it is about, which apps, in which versions and
//! states, and what was consented to.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use serde_json::{Value, json};

use crate::manifest::manifest;
use crate::sample::Sample;

/// A Teams administrator of every sample's tenant.
pub const ADMIN: &str = "51190000-0000-4000-8000-5a0000000001";

/// A registered application of every sample's tenant.
pub const CLIENT: &str = "51190000-0000-4000-8000-5a000000000a";

/// Another member of chats.
const PEER: &str = "51190000-0000-4000-8000-5a0000000002";

/// What versions are that a sample does not name: one, and the next.
const VERSION: &str = "1.0.0";
const NEXT_VERSION: &str = "1.1.0";

/// What a tenant must hold for a sample.
pub struct Wanted {
    pub tenant: String,
    number: usize,
    users: BTreeSet<String>,
    teams: BTreeSet<String>,
    chats: BTreeSet<String>,
    /// `user`, `team` or `chat`, and whose apps the sample is about.
    owner: Option<(&'static str, String)>,
    apps: BTreeMap<String, App>,
    /// App, version, and what was consented to.
    installed: Vec<(String, String, Value)>,
}

#[derive(Default)]
struct App {
    external_id: Option<String>,
    method: Option<String>,
    /// What samples say of the versions.
    definitions: BTreeMap<String, Value>,
}

impl Wanted {
    pub fn of(sample: &Sample, number: usize) -> Self {
        let mut wanted = Self {
            tenant: format!("51190000-0000-4000-8000-5a1000000{number:03}"),
            number,
            users: [ADMIN, PEER].map(str::to_owned).into(),
            teams: BTreeSet::new(),
            chats: BTreeSet::new(),
            owner: None,
            apps: BTreeMap::new(),
            installed: Vec::new(),
        };
        wanted.read_path(sample);
        wanted.read_request(&sample.body);
        let body = &sample.response_body;
        if sample.sends_package() {
            // What a package brings is not there before.
            return wanted;
        }
        match body.get("value") {
            Some(Value::Array(entities)) => entities.iter().for_each(|entity| wanted.read_entity(entity)),
            Some(settings) => wanted.read_entity(settings),
            None => wanted.read_entity(body),
        }
        wanted
    }

    /// Owner, installation, app and definition that the path names.
    fn read_path(&mut self, sample: &Sample) {
        let segments = sample.segments();
        let key = |name: &str| {
            let at = segments.iter().position(|segment| segment == name)?;
            segments.get(at + 1).cloned()
        };
        let owner = [("chat", "chats"), ("team", "teams"), ("user", "users")];
        self.owner = owner.into_iter().find_map(|(kind, name)| Some((kind, key(name)?)));
        self.users.extend(key("users"));
        self.teams.extend(key("teams"));
        self.chats.extend(key("chats"));
        if let Some(app) = key("teamsApps") {
            self.app(&app).method = Some("organization".into());
            self.definition(&app, VERSION);
        }
        if let Some(id) = key("appDefinitions") {
            let [app, version, state] = <[String; 3]>::try_from(parts(&id)).unwrap();
            let app = self.app(&app);
            app.definitions.clear();
            app.definitions.insert(version, json!({"publishingState": state.to_ascii_lowercase()}));
        }
        if let Some(id) = key("installedApps") {
            let app = parts(&id).pop().unwrap();
            self.definition(&app, VERSION);
            self.installed.push((app.clone(), VERSION.into(), Value::Null));
            if segments.last().unwrap() == "upgrade" {
                let asked = sample.body["consentedPermissionSet"].clone();
                self.definition(&app, NEXT_VERSION)["authorization"] =
                    json!({"requiredPermissionSet": asked});
            }
        }
    }

    /// The app that is to be installed, which asks for what is consented to.
    fn read_request(&mut self, body: &Value) {
        let Some(address) = body["teamsApp@odata.bind"].as_str() else { return };
        let app = address.rsplit('/').next().unwrap();
        let asked = body["consentedPermissionSet"].clone();
        self.definition(app, VERSION)["authorization"] = json!({"requiredPermissionSet": asked});
    }

    fn read_entity(&mut self, entity: &Value) {
        let id = entity["id"].as_str().unwrap_or_default();
        if entity["@odata.type"] == "#microsoft.graph.teamsAppSettings" {
            id.clone_into(&mut self.tenant);
        } else if entity["@odata.type"] == "#microsoft.graph.teamworkBot" || entity.get("webUrl").is_some() {
            self.read_part(entity);
        } else if let Some(app) = entity["teamsAppId"].as_str() {
            self.read_definition(app, entity);
        } else if entity.get("externalId").is_some() {
            self.read_app(entity);
        } else if id.ends_with("@unq.gbl.spaces") || id.ends_with("@thread.v2") {
            self.read_chat(id);
        } else if let [owner, app] = parts(id).as_slice()
            && self.owner.as_ref().is_some_and(|(_, of)| of == owner)
        {
            self.read_installation(app, entity);
        }
    }

    /// A bot or an icon of the one definition that the path names.
    fn read_part(&mut self, part: &Value) {
        let app = self.apps.values_mut().next().unwrap();
        let definition = app.definitions.values_mut().next().unwrap();
        match part["webUrl"].as_str() {
            Some(url) if url.starts_with("https://statics.") => app.method = Some("store".into()),
            Some(_) => {}
            None => definition["bot"] = part.clone(),
        }
    }

    /// A chat with a bot names the bot and the user; the bot is that of the app that the path names.
    fn read_chat(&mut self, id: &str) {
        let Some((bot, user)) = id.strip_prefix("19:").and_then(|rest| rest.split_once('_')) else { return };
        let user = user.split('@').next().unwrap();
        match self.apps.values_mut().next() {
            Some(app) => {
                for definition in app.definitions.values_mut() {
                    definition["bot"] = json!({"id": bot});
                }
            }
            None => self.users.extend([bot.to_owned(), user.to_owned()]),
        }
    }

    fn read_installation(&mut self, app: &str, entity: &Value) {
        if entity["teamsApp"].is_object() {
            self.read_app(&entity["teamsApp"]);
        }
        let definition = &entity["teamsAppDefinition"];
        let version =
            if definition.is_object() { self.read_definition(app, definition) } else { VERSION.to_owned() };
        let consented = &entity["consentedPermissionSet"];
        let definition = self.definition(app, &version);
        if consented.is_object() {
            definition["authorization"] = json!({"requiredPermissionSet": consented});
        }
        self.installed.retain(|(other, ..)| other != app);
        self.installed.push((app.to_owned(), version, consented["resourceSpecificPermissions"].clone()));
    }

    fn read_app(&mut self, entity: &Value) {
        let id = entity["id"].as_str().unwrap();
        let text = |name: &str| entity[name].as_str().map(str::to_owned);
        let app = self.app(id);
        app.external_id = text("externalId");
        app.method = text("distributionMethod").map(|method| method.to_ascii_lowercase());
        for definition in entity["appDefinitions"].as_array().into_iter().flatten() {
            self.read_definition(id, definition);
        }
        let name = &entity["displayName"];
        if self.app(id).definitions.is_empty() {
            self.definition(id, VERSION)["displayName"] = name.clone();
        }
        self.app(id).definitions.values_mut().for_each(|definition| definition["displayName"] = name.clone());
    }

    /// Gives the version.
    fn read_definition(&mut self, app: &str, entity: &Value) -> String {
        let of_id = entity["id"].as_str().map(parts).and_then(|parts| parts.get(1).cloned());
        let version = entity["version"].as_str().map(str::to_owned).or(of_id).unwrap();
        self.users.extend(entity.pointer("/createdBy/user/id").and_then(Value::as_str).map(str::to_owned));
        let state = self.definition(app, &version)["publishingState"].clone();
        let mut entity = entity.clone();
        if state.is_string() {
            // The state before the request, which the path names.
            entity["publishingState"] = state;
        }
        self.app(app).definitions.insert(version.clone(), entity);
        version
    }

    fn app(&mut self, id: &str) -> &mut App {
        self.apps.entry(id.to_owned()).or_default()
    }

    fn definition(&mut self, app: &str, version: &str) -> &mut Value {
        self.app(app).definitions.entry(version.to_owned()).or_insert_with(|| json!({}))
    }

    /// The seed.
    pub fn document(&self) -> Value {
        let upn = |n: usize| format!("user{n}@samples{}.example", self.number);
        let users = self.users.iter().enumerate().map(|(n, id)| {
            let roles: &[&str] = if id == ADMIN { &["TeamsAdministrator"] } else { &[] };
            json!({"id": id, "userPrincipalName": upn(n), "displayName": format!("User {n}"), "directoryRoles": roles})
        });
        let teams = self.teams.iter().map(|id| {
            json!({"id": id, "displayName": "A team", "members": [{"user": ADMIN, "owner": true}, PEER]})
        });
        let apps = self.apps.iter().enumerate().map(|(n, (id, app))| {
            let external_id = app.external_id(id, n);
            let method =
                app.method.as_deref().unwrap_or(if external_id == *id { "store" } else { "organization" });
            let definitions = app.definitions.iter().map(|(version, said)| {
                json!({
                    "manifest": manifest(&external_id, version, said),
                    "publishingState": said["publishingState"].as_str().unwrap_or("published"),
                    "createdBy": said.pointer("/createdBy/user/id"),
                })
            });
            let definitions: Vec<_> = definitions.collect();
            json!({"id": id, "distributionMethod": method, "definitions": definitions})
        });
        let installations = self.installed.iter().map(|(app, version, consented)| {
            let (kind, owner) = self.owner.as_ref().unwrap();
            json!({*kind: owner, "app": app, "version": version, "consented": consented})
        });
        json!({"tenants": [{
            "id": self.tenant,
            "displayName": "Samples",
            "domain": format!("samples{}.example", self.number),
            "users": users.collect::<Vec<_>>(),
            "teams": teams.collect::<Vec<_>>(),
            "chats": self.chats.iter().map(|id| self.chat(id)).collect::<Vec<_>>(),
            "clients": [{"id": CLIENT, "displayName": "Samples"}],
            "apps": apps.collect::<Vec<_>>(),
            "installations": installations.collect::<Vec<_>>(),
        }]})
    }

    fn chat(&self, id: &str) -> Value {
        let others: Vec<_> = self.users.iter().filter(|user| id.contains(user.as_str())).collect();
        match others.len() {
            2 => json!({"id": id, "chatType": "oneOnOne", "members": others}),
            _ => json!({"id": id, "chatType": "group", "topic": "test group 1", "members": [ADMIN, PEER]}),
        }
    }

    /// The manifest of the package that the request sends: the app of the answer, or the next version of the one in
    /// the path; broken as the answer says.
    pub fn sent_manifest(&self, answer: &Value) -> Value {
        if answer.get("error").is_some() {
            let mut manifest = manifest("51190000-0000-4000-8000-5a00000000e0", VERSION, &json!({}));
            manifest.as_object_mut().unwrap().remove("name");
            manifest["developer"]["websiteUrl"] = json!("hs://www.yo.com");
            return manifest;
        }
        match (answer["externalId"].as_str(), self.apps.iter().next()) {
            (None, Some((id, app))) => {
                let version = answer["version"].as_str().unwrap_or(NEXT_VERSION);
                manifest(&app.external_id(id, 0), version, answer)
            }
            (external_id, _) => {
                manifest(external_id.unwrap(), VERSION, &json!({"displayName": answer["displayName"]}))
            }
        }
    }
}

impl App {
    /// The manifest's id: that of a store app is the app's own.
    fn external_id(&self, id: &str, n: usize) -> String {
        let of_store = self.method.as_deref() == Some("store") || self.method.is_none() && id.len() == 36;
        match &self.external_id {
            Some(external_id) => external_id.clone(),
            None if of_store => id.to_owned(),
            None => format!("51190000-0000-4000-8000-5a0000000e{n:02}"),
        }
    }
}

/// The parts of an installation's or a definition's id; none of any other text.
fn parts(id: &str) -> Vec<String> {
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(id.trim_end_matches('='));
    let plain = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    plain.split("##").map(str::to_owned).collect()
}
