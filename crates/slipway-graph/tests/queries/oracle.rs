//! What the answer to a question is: `slipway_odata` on the test's own rows, with the test's own types.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use slipway_odata::{Direction, Query, QueryOptions, SystemOption, compare};

use crate::question::{Collection, Members, Question};
use crate::rows::{JsonRow, shown};
use crate::schema;
use crate::world::{Entity, World, id_of};

const ALL_OPTIONS: [SystemOption; 9] = [
    SystemOption::Filter,
    SystemOption::Select,
    SystemOption::Expand,
    SystemOption::OrderBy,
    SystemOption::Top,
    SystemOption::Skip,
    SystemOption::SkipToken,
    SystemOption::Count,
    SystemOption::Search,
];

/// Which rows of a world there are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Those {
    /// That stay.
    Staying,
    /// That stay, come or go.
    Ever,
}

impl Those {
    fn are(self, entity: &Entity) -> bool {
        self == Self::Ever || !entity.passing
    }
}

/// Every row of the answer in its order, as it is shown.
pub fn answer(world: &World, question: &Question, those: Those) -> Vec<Json> {
    let options = QueryOptions::parse(&question.query()).unwrap_or_else(|error| panic!("{error}"));
    let query = Query::bind(options, question.kind(), &ALL_OPTIONS).unwrap_or_else(|error| panic!("{error}"));
    if let Collection::Members(members) = &question.collection {
        return self::members(world, members, those).into_iter().map(|row| of_member(row, &query)).collect();
    }
    let mut rows: Vec<&Json> = match &question.collection {
        Collection::Users => there(&world.users, those),
        Collection::Apps => there(&world.apps, those),
        Collection::Installations => there(&world.installations, those),
        Collection::Definitions(at) => {
            world.apps[*at].json["appDefinitions"].as_array().unwrap().iter().collect()
        }
        Collection::Members(_) => Vec::new(),
    };
    rows.retain(|row| {
        let row = JsonRow(row);
        query.filter.as_ref().is_none_or(|filter| filter.matches(&row))
            && query.search.as_ref().is_none_or(|search| search.matches(&row))
    });
    // What the keys take for equal stays in the order of ids, backwards where the last key goes backwards.
    if query.orderby.last().is_some_and(|key| key.direction == Direction::Descending) {
        rows.reverse();
    }
    rows.sort_by(|a, b| compare(&query.orderby, &JsonRow(a), &JsonRow(b)));
    rows.into_iter().map(|row| shown(question.kind(), &query.shape, &JsonRow(row))).collect()
}

fn there(entities: &[Entity], those: Those) -> Vec<&Json> {
    entities.iter().filter(|entity| those.are(entity)).map(|entity| &entity.json).collect()
}

/// Groups first, each by id.
fn members<'w>(world: &'w World, asked: &Members, those: Those) -> Vec<&'w Json> {
    let mut found = BTreeSet::new();
    let mut groups = vec![asked.group.clone()];
    while let Some(group) = groups.pop() {
        for joined in world.memberships.iter().filter(|joined| those.are(joined)) {
            let member = joined.json["member"].as_str().unwrap();
            if joined.json["group"] == group.as_str() && found.insert(member) && asked.transitive {
                groups.extend(world.groups.iter().map(id_of).filter(|id| id == member));
            }
        }
    }
    let groups = world.groups.iter().filter(|_| !asked.users_only);
    let rows = groups.chain(&world.users).filter(|entity| those.are(entity)).map(|entity| &entity.json);
    rows.filter(|row| found.contains(row["id"].as_str().unwrap())).collect()
}

/// A group shows what groups have.
fn of_member(row: &Json, query: &Query) -> Json {
    if row.get("userPrincipalName").is_some() {
        return shown(&schema::USER, &query.shape, &JsonRow(row));
    }
    let mut shown = shown(&schema::GROUP, &query.shape, &JsonRow(row));
    shown.as_object_mut().unwrap().retain(|name, _| schema::GROUP.property(name).is_some());
    shown
}
