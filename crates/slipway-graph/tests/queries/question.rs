//! Random requests for collections.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;
use slipway_odata::{Kind, Property, StructuredType};

use crate::conditions;
use crate::dice::Dice;
use crate::schema::{self, VERSIONS, Version};
use crate::world::{Entity, Rest, World, id_of};

/// What is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Collection {
    Users,
    Apps,
    Installations,
    /// Of the app at this place.
    Definitions(usize),
    Members(Members),
}

/// Whose members, and which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    pub group: String,
    pub transitive: bool,
    pub users_only: bool,
}

/// A request.
pub struct Question {
    pub collection: Collection,
    pub version: &'static Version,
    /// Whether only the number is asked for, with `/$count`.
    pub number_only: bool,
    path: String,
    options: Vec<(&'static str, String)>,
}

impl Question {
    /// A request that the server answers with this patience.
    pub fn random(dice: &mut Dice, world: &World, patience: Patience) -> Self {
        let version = &VERSIONS[dice.below(VERSIONS.len())];
        let staying: Vec<_> = (0..world.apps.len()).filter(|at| !world.apps[*at].passing).collect();
        let collection = match dice.below(10) {
            0..=4 => Collection::Users,
            5 => Collection::Apps,
            6 | 7 => Collection::Installations,
            8 if !staying.is_empty() => Collection::Definitions(staying[dice.below(staying.len())]),
            _ => Collection::Members(Members {
                group: id_of(&world.groups[dice.below(world.groups.len())]),
                transitive: dice.one_in(2),
                users_only: dice.one_in(2),
            }),
        };
        let number_only = dice.one_in(6)
            && match &collection {
                Collection::Users | Collection::Apps => true,
                Collection::Members(members) => !members.users_only,
                Collection::Installations | Collection::Definitions(_) => false,
            };
        let mut path = path(&collection, world, version);
        if number_only {
            path.push_str("/$count");
        }
        let mut question = Self { collection, version, number_only, path, options: Vec::new() };
        question.choose(dice, world, patience);
        if !number_only {
            question.arrange(dice, world.rest);
        }
        question
    }

    /// Which rows, in which order.
    fn choose(&mut self, dice: &mut Dice, world: &World, patience: Patience) {
        let jsons = |entities: &'_ [Entity]| entities.iter().map(|entity| entity.json.clone()).collect();
        let rows: Vec<Json> = match &self.collection {
            Collection::Users => jsons(&world.users),
            Collection::Apps => jsons(&world.apps),
            Collection::Installations => jsons(&world.installations),
            Collection::Definitions(at) => world.apps[*at].json["appDefinitions"].as_array().unwrap().clone(),
            Collection::Members(_) => return,
        };
        let rows: Vec<_> = rows.iter().collect();
        if self.collection != Collection::Users {
            if !dice.one_in(4) {
                let filter = conditions::filter(dice, self.kind(), &rows);
                self.options.push(("$filter", filter));
            }
            let ordered = self.collection == Collection::Apps && patience == Patience::Usual;
            if ordered && !self.number_only && dice.one_in(2) {
                self.options.push(("$orderby", order(dice, &APP_ORDERS)));
            }
            return;
        }
        let indexed = dice.one_in(2);
        if indexed {
            self.options.push(("$filter", conditions::indexed(dice, &rows)));
        } else if !dice.one_in(3) {
            self.options.push(("$filter", conditions::filter(dice, &schema::USER, &rows)));
        }
        if dice.one_in(3) {
            self.options.push(("$search", conditions::search(dice, &rows)));
        }
        if !self.number_only && dice.one_in(2) {
            let any_key = indexed && patience == Patience::Usual;
            let order = if any_key { order(dice, &USER_ORDERS) } else { order_of_many(dice) };
            self.options.push(("$orderby", order));
        }
    }

    /// How much of which rows.
    fn arrange(&mut self, dice: &mut Dice, rest: Rest) {
        if dice.one_in(2) {
            self.options.push(("$select", selection(dice, self.kind())));
        }
        let expanded: Vec<_> = self.kind().properties.iter().filter(|p| p.is_navigation()).collect();
        if !expanded.is_empty() && dice.one_in(2) {
            let items: Vec<_> = expanded
                .into_iter()
                .filter_map(|property| dice.maybe(|dice| expand(dice, property)))
                .collect();
            if !items.is_empty() {
                self.options.push(("$expand", items.join(",")));
            }
        }
        let is_one_page = matches!(self.collection, Collection::Definitions(_));
        if !is_one_page && !dice.one_in(4) {
            self.options.push(("$top", (1 + dice.below(7)).to_string()));
        }
        let skips = matches!(self.collection, Collection::Apps | Collection::Installations);
        if skips && rest == Rest::Still && dice.one_in(3) {
            self.options.push(("$skip", dice.below(4).to_string()));
        }
        if dice.one_in(2) {
            self.options.push(("$count", "true".to_owned()));
        }
    }

    /// The type of the rows; of members, that of users.
    pub fn kind(&self) -> &'static StructuredType {
        match self.collection {
            Collection::Users | Collection::Members(_) => &schema::USER,
            Collection::Apps => self.version.app,
            Collection::Installations => self.version.installation,
            Collection::Definitions(_) => self.version.definition,
        }
    }

    pub fn option(&self, name: &str) -> Option<&str> {
        self.options.iter().find(|(option, _)| *option == name).map(|(_, value)| value.as_str())
    }

    /// The query as it is sent.
    pub fn query(&self) -> String {
        let encoded = |value: &str| utf8_percent_encode(value, NON_ALPHANUMERIC).to_string();
        let options = self.options.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
        options.collect::<Vec<_>>().join("&")
    }

    pub fn address(&self) -> String {
        format!("{}?{}", self.path, self.query())
    }

    /// For people.
    pub fn text(&self) -> String {
        let options: Vec<_> = self.options.iter().map(|(name, value)| format!("{name}={value}")).collect();
        format!("{}?{}", self.path, options.join("&"))
    }
}

/// How many rows the server may look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// More than there are.
    Usual,
    /// A few.
    Short,
}

fn path(collection: &Collection, world: &World, version: &Version) -> String {
    let root = format!("/{}", version.name);
    match collection {
        Collection::Users => format!("{root}/users"),
        Collection::Apps => format!("{root}/appCatalogs/teamsApps"),
        Collection::Installations => format!("{root}/users/{}/teamwork/installedApps", world.owner),
        Collection::Definitions(at) => {
            format!("{root}/appCatalogs/teamsApps/{}/appDefinitions", id_of(&world.apps[*at]))
        }
        Collection::Members(Members { group, transitive, users_only }) => {
            let members = if *transitive { "transitiveMembers" } else { "members" };
            let cast = if *users_only { "/microsoft.graph.user" } else { "" };
            format!("{root}/groups/{group}/{members}{cast}")
        }
    }
}

/// What few users and apps can be put in order by.
const USER_ORDERS: [&str; 6] = ["displayName", "mail", "userType", "accountEnabled", "jobTitle", "id"];
const APP_ORDERS: [&str; 4] = ["displayName", "externalId", "distributionMethod", "id"];

/// By one key, or two.
fn order(dice: &mut Dice, names: &[&str]) -> String {
    let keys = [dice.pick(names), dice.pick(names)].map(|name| format!("{name}{}", direction(dice)));
    keys[dice.below(2)..].join(",")
}

/// By what an index of all users has.
fn order_of_many(dice: &mut Dice) -> String {
    format!("{}{}", dice.pick(&["displayName", "userPrincipalName"]), direction(dice))
}

fn direction(dice: &mut Dice) -> &'static str {
    dice.pick(&["", " asc", " desc"])
}

fn selection(dice: &mut Dice, kind: &StructuredType) -> String {
    if dice.one_in(8) {
        return "*".to_owned();
    }
    let names: Vec<_> = kind.properties.iter().map(|property| property.name).collect();
    let chosen: Vec<_> = (0..=dice.below(4)).map(|_| dice.pick(&names)).collect();
    chosen.join(",")
}

/// An item of `$expand`, with options.
fn expand(dice: &mut Dice, property: &Property) -> String {
    let Kind::Navigation(kind) = property.kind else { unreachable!("a navigation property") };
    let mut options = Vec::new();
    if dice.one_in(3) {
        options.push(format!("$select={}", selection(dice, kind)));
    }
    let inner: Vec<_> = kind.properties.iter().filter(|p| p.is_navigation()).collect();
    if !inner.is_empty() && dice.one_in(2) {
        let item = inner[dice.below(inner.len())];
        options.push(format!("$expand={}", expand(dice, item)));
    }
    if property.many {
        if dice.one_in(3) {
            options.push(format!("$filter={}", conditions::filter(dice, kind, &[])));
        }
        if dice.one_in(3) {
            options.push(format!("$orderby={}", dice.pick(&["version desc", "displayName,version", "id"])));
        }
        if dice.one_in(3) {
            options.push(format!("$top={};$skip={}", 1 + dice.below(2), dice.below(2)));
        }
        if dice.one_in(3) {
            options.push("$count=true".to_owned());
        }
    }
    if options.is_empty() {
        property.name.to_owned()
    } else {
        format!("{}({})", property.name, options.join(";"))
    }
}
