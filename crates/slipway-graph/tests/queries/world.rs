//! A tenant with a few random users, apps, installations and groups: as records, and as the rows that answers show.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};
use slipway_model::{
    AppPermissionPolicy, AppVersion, Container, DistributionMethod, Group, GroupId, InstallationScopes,
    Member, MemberRole, Membership, Owner, PublishingState, ResourceSpecificPermission,
    ResourceSpecificPermissionType, TeamsApp, TeamsAppDefinition, TeamsAppId, TeamsAppInstallation, User,
    UserId, UserPrincipalName, UserType,
};

use crate::dice::Dice;
use crate::record::Record;

/// Few letters, so that texts meet: with and without case, longer in lower case, ended by symbols, apart by blanks.
const LETTERS: [&str; 12] = ["a", "A", "b", "B", "é", "É", "İ", "Σ", "1", " ", "-", "'"];
const ADDRESS: [&str; 6] = ["a", "A", "b", "é", "1", "."];

/// A row of the world.
pub struct Entity {
    pub record: Record,
    /// With every property that some type of some version has.
    pub json: Json,
    /// Whether it comes and goes while answers are read.
    pub passing: bool,
}

/// Everything that one tenant has. Each list is in the order of its collection.
pub struct World {
    pub users: Vec<Entity>,
    pub apps: Vec<Entity>,
    /// Those of the first user.
    pub installations: Vec<Entity>,
    pub groups: Vec<Entity>,
    pub memberships: Vec<Entity>,
    /// Who has the installations.
    pub owner: String,
    pub rest: Rest,
}

/// Whether some rows of a world come and go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    Still,
    Moving,
}

impl World {
    pub fn random(dice: &mut Dice, rest: Rest) -> Self {
        let users = (0..=dice.below(24)).map(|n| user(dice, n));
        let mut users = of_many(users.collect());
        let apps = (0..dice.below(7)).map(|n| app(dice, n));
        let mut apps = of_many(apps.collect());
        let groups: Vec<_> = (0..3).map(group).collect();
        let passes = |dice: &mut Dice| rest == Rest::Moving && dice.one_in(3);
        for entity in users.iter_mut().skip(1).chain(&mut apps) {
            entity.passing = passes(dice);
        }
        let owner = id_of(&users[0]);
        let mut installations = Vec::new();
        for app in &apps {
            if dice.one_in(4) {
                continue;
            }
            let mut installed = installation(dice, &owner, app);
            installed.passing = app.passing || passes(dice);
            installations.push(installed);
        }
        installations.sort_by_key(|entity| match &entity.record {
            Record::Installation(installed) => (installed.installed_at, installed.app.folded()),
            _ => unreachable!("an installation"),
        });
        let mut memberships = Vec::new();
        for group in &groups {
            for member in groups.iter().chain(&users) {
                if !dice.one_in(3) {
                    continue;
                }
                let mut joined = membership(group, member);
                joined.passing = member.passing || passes(dice);
                memberships.push(joined);
            }
        }
        Self { users, apps, installations, groups, memberships, owner, rest }
    }

    pub fn entities(&self) -> impl Iterator<Item = &Entity> {
        let Self { users, apps, installations, groups, memberships, .. } = self;
        [users, groups, apps, installations, memberships].into_iter().flatten()
    }
}

/// By id, as collections of most kinds are.
fn of_many(mut entities: Vec<Entity>) -> Vec<Entity> {
    entities.sort_by_key(|entity| id_of(entity).to_lowercase());
    entities
}

pub fn id_of(entity: &Entity) -> String {
    entity.json["id"].as_str().unwrap().to_owned()
}

fn resting(record: Record, json: Json) -> Entity {
    Entity { record, json, passing: false }
}

fn id(dice: &mut Dice, kind: &str, n: usize) -> String {
    match dice.below(3) {
        0 => format!("51190000-0000-4000-8000-{n:012x}"),
        1 => format!("{}.{n}", kind.to_uppercase()),
        _ => format!("{kind}-{n}"),
    }
}

fn user(dice: &mut Dice, n: usize) -> Entity {
    let id = id(dice, "user", n);
    let name = format!("{}-{n}@{}.example", dice.text(&ADDRESS, 1, 2), dice.pick(&["a", "A"]));
    let display_name = dice.text(&LETTERS, 1, 6);
    let mail = dice.maybe(|dice| format!("{}@B.example", dice.text(&ADDRESS, 1, 2)));
    let job_title = dice.maybe(|dice| dice.text(&LETTERS, 0, 2));
    let phones: Vec<_> = (0..dice.below(3)).map(|_| dice.text(&["1", "2"], 1, 2)).collect();
    let enabled = dice.one_in(2);
    let user_type = if dice.one_in(3) { UserType::Guest } else { UserType::Member };
    let json = json!({
        "id": id, "userPrincipalName": name, "displayName": display_name, "mail": mail, "jobTitle": job_title,
        "businessPhones": phones, "accountEnabled": enabled, "userType": format!("{user_type:?}"),
    });
    let record = User {
        id: UserId::parse(&id).unwrap(),
        user_principal_name: UserPrincipalName::parse(&name).unwrap(),
        display_name,
        given_name: None,
        surname: None,
        mail,
        job_title,
        mobile_phone: None,
        office_location: None,
        preferred_language: None,
        business_phones: phones,
        account_enabled: enabled,
        directory_roles: Vec::new(),
        password_hash: None,
        user_type,
        has_teams_licence: true,
        policy: AppPermissionPolicy::default(),
    };
    resting(Record::User(record), json)
}

fn app(dice: &mut Dice, n: usize) -> Entity {
    let id = id(dice, "app", n);
    let versions = 1 + dice.below(3);
    let mut definitions: Vec<_> = (0..versions).map(|n| definition(dice, &id, &format!("1.{n}.0"))).collect();
    // The published one first, then the newest.
    let published = definitions.remove(dice.below(versions));
    definitions.reverse();
    definitions.insert(0, published);
    let (records, jsons): (Vec<_>, Vec<_>) = definitions.into_iter().unzip();
    let stored = dice.one_in(3);
    let external_id = (!stored).then(|| records[0].external_id.clone());
    let method = if stored { DistributionMethod::Store } else { DistributionMethod::Organization };
    let json = json!({
        "id": id, "externalId": external_id, "displayName": records[0].display_name,
        "distributionMethod": format!("{method:?}").to_lowercase(), "appDefinitions": jsons,
    });
    let record = TeamsApp {
        id: TeamsAppId::parse(&id).unwrap(),
        external_id,
        display_name: records[0].display_name.clone(),
        distribution_method: method,
        azure_ad_app_id: records[0].azure_ad_app_id.clone(),
        published: Some(records[0].version.clone()),
        permanent: false,
        blocked: false,
        incarnation: 1,
        created_at: Timestamp::UNIX_EPOCH,
    };
    resting(Record::App(record, records), json)
}

fn definition(dice: &mut Dice, app: &str, version: &str) -> (TeamsAppDefinition, Json) {
    let name = dice.text(&["a", "A", "b"], 1, 2);
    let short = dice.text(&["x", "y"], 0, 2);
    let azure = dice.maybe(|dice| dice.text(&["c", "C"], 1, 2));
    let bot = dice.maybe(|dice| dice.text(&["d", "D"], 1, 2));
    let bits = dice.below(8);
    let flag = |bit: usize, scope| if bits & bit == 0 { InstallationScopes::NONE } else { scope };
    let scopes = flag(1, InstallationScopes::TEAM)
        .with(flag(2, InstallationScopes::GROUP_CHAT))
        .with(flag(4, InstallationScopes::PERSONAL));
    let asked: Vec<_> = (0..dice.below(3)).map(|_| dice.pick(&["A.Read", "B.Send"]).to_owned()).collect();
    let json = json!({
        "id": STANDARD.encode(format!("{app}##{version}##Published")), "teamsAppId": app, "azureADAppId": azure,
        "displayName": name, "version": version, "publishingState": "published", "shortDescription": short,
        "shortdescription": short, "description": "full", "allowedInstallationScopes": bits,
        "authorization": {"clientAppId": azure, "requiredPermissionSet": permission_set(&asked)},
        "requiredResourceSpecificApplicationPermissions": asked,
        "bot": bot.as_ref().map(|bot| json!({"id": bot})),
    });
    let record = TeamsAppDefinition {
        app: TeamsAppId::parse(app).unwrap(),
        external_id: format!("{app}-e"),
        version: AppVersion::new(version),
        display_name: name,
        short_description: short,
        description: "full".into(),
        azure_ad_app_id: azure,
        bot_id: bot,
        scopes,
        required_permissions: permissions(&asked),
        dashboard_cards: Vec::new(),
        state: PublishingState::Published,
        created_by: None,
        created_at: Timestamp::UNIX_EPOCH,
    };
    (record, json)
}

fn permissions(names: &[String]) -> Vec<ResourceSpecificPermission> {
    let kind = ResourceSpecificPermissionType::Application;
    names.iter().map(|name| ResourceSpecificPermission { value: name.clone(), kind }).collect()
}

fn permission_set(names: &[String]) -> Json {
    let said = names.iter().map(|name| json!({"permissionValue": name, "permissionType": "application"}));
    json!({"resourceSpecificPermissions": said.collect::<Vec<_>>()})
}

fn installation(dice: &mut Dice, owner: &str, app: &Entity) -> Entity {
    let Record::App(entry, definitions) = &app.record else { unreachable!("an app") };
    let at = dice.below(definitions.len());
    let consented = dice.maybe(|_| vec!["A.Read".to_owned()]);
    let json = json!({
        "id": STANDARD.encode(format!("{owner}##{}", entry.id)),
        "consentedPermissionSet": consented.as_deref().map(permission_set),
        "scopeInfo": {"scope": 4, "userId": owner},
        "teamsApp": app.json,
        "teamsAppDefinition": app.json["appDefinitions"][at],
    });
    let record = TeamsAppInstallation {
        owner: Owner::User(UserId::parse(owner).unwrap()),
        app: entry.id.clone(),
        incarnation: entry.incarnation,
        version: definitions[at].version.clone(),
        consented: consented.as_deref().map(permissions),
        preinstalled: false,
        installed_at: Timestamp::UNIX_EPOCH + SignedDuration::from_secs(i64::from(dice.one_in(2))),
    };
    resting(Record::Installation(record), json)
}

fn group(n: usize) -> Entity {
    let id = format!("Group-{n}");
    let json = json!({
        "id": id, "displayName": format!("Group {n}"), "description": "all",
        "createdDateTime": "1970-01-01T00:00:00Z",
    });
    let record = Group {
        id: GroupId::parse(&id).unwrap(),
        display_name: format!("Group {n}"),
        description: Some("all".into()),
        mail: None,
        is_team: false,
        created_at: Timestamp::UNIX_EPOCH,
    };
    resting(Record::Group(record), json)
}

fn membership(group: &Entity, member: &Entity) -> Entity {
    let json = json!({"group": group.json["id"], "member": member.json["id"]});
    let Record::Group(group) = &group.record else { unreachable!("a group") };
    let member = match &member.record {
        Record::User(user) => Member::User(user.id.clone()),
        Record::Group(inside) => Member::Group(inside.id.clone()),
        _ => unreachable!("no member"),
    };
    let container = Container::Group(group.id.clone());
    resting(Record::Membership(Membership { container, member, role: MemberRole::Member }), json)
}
