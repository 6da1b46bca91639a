//! Random filters that are right for a type, with literals that some row has, or nearly.

use serde_json::Value as Json;
use slipway_odata::{Kind, Property, StructuredType};

use crate::dice::Dice;

const COMPARISONS: [&str; 6] = ["eq", "ne", "gt", "ge", "lt", "le"];

/// Where a condition's paths begin, and rows to take literals from.
#[derive(Clone)]
struct Ground<'a> {
    /// Nothing, or the variable of a lambda and a slash.
    prefix: String,
    kind: &'static StructuredType,
    samples: Vec<&'a Json>,
    /// How many lambdas stand around it.
    lambdas: usize,
}

/// A filter on rows of the type.
pub fn filter(dice: &mut Dice, kind: &'static StructuredType, rows: &[&Json]) -> String {
    let ground = Ground { prefix: String::new(), kind, samples: rows.to_vec(), lambdas: 0 };
    tree(dice, &ground, 2)
}

/// A condition that an index of users answers, at the beginning of a filter maybe.
pub fn indexed(dice: &mut Dice, users: &[&Json]) -> String {
    let property = dice.pick(&["id", "userPrincipalName", "mail", "displayName"]);
    let mut texts = || literal(dice, users, property);
    let texts = [texts(), texts(), texts()];
    let indexed = match dice.below(4) {
        0 => format!("{property} eq {}", texts[0]),
        1 => format!("{property} in ({})", texts.join(",")),
        2 if property != "id" => format!("startswith({property},{})", beginning(dice, users, property)),
        _ => format!("({property} eq {} or {property} eq {})", texts[0], texts[1]),
    };
    match dice.below(3) {
        0 => indexed,
        1 => format!("{indexed} and {}", filter(dice, &crate::schema::USER, users)),
        _ => format!("({}) and {indexed}", filter(dice, &crate::schema::USER, users)),
    }
}

fn tree(dice: &mut Dice, ground: &Ground<'_>, depth: usize) -> String {
    match dice.below(if depth == 0 { 4 } else { 8 }) {
        4 => format!("not ({})", tree(dice, ground, depth - 1)),
        5 | 6 => format!("({} and {})", tree(dice, ground, depth - 1), tree(dice, ground, depth - 1)),
        7 => format!("({} or {})", tree(dice, ground, depth - 1), tree(dice, ground, depth - 1)),
        _ => leaf(dice, ground),
    }
}

fn leaf(dice: &mut Dice, ground: &Ground<'_>) -> String {
    let properties = ground.kind.properties;
    let property = &properties[dice.below(properties.len())];
    let path = format!("{}{}", ground.prefix, property.name);
    if property.many {
        return of_many(dice, ground, property, &path);
    }
    match property.kind {
        Kind::String(_) => of_text(dice, ground, property, &path),
        Kind::Boolean => match dice.below(3) {
            0 => path,
            1 => format!("{path} {} true", dice.pick(&["eq", "ne"])),
            _ => format!("false eq {path}"),
        },
        Kind::DateTimeOffset => format!("{path} {} 2026-01-01T00:00:00Z", dice.pick(&COMPARISONS)),
        Kind::Int32 => format!("{path} gt 1"),
        // No literal is of this kind; only null can be compared with it.
        Kind::Binary => format!("{path} {} null", dice.pick(&["eq", "ne"])),
        Kind::Enum(members) => match dice.below(3) {
            0 => format!("{path} eq '{}'", dice.pick(&names(members.members))),
            1 => format!("{path} ne {}'{}'", members.name, dice.pick(&names(members.members))),
            _ => format!("{path} in ('{}',null)", dice.pick(&names(members.members))),
        },
        Kind::Flags(members) => {
            let names = names(members.members);
            let bits = [dice.pick(&names), dice.pick(&names)].join(",");
            format!("{path} {} '{bits}'", dice.pick(&["has", "eq", "ne"]))
        }
        Kind::Complex(kind) | Kind::Navigation(kind) => {
            let samples = inside(&ground.samples, property);
            if dice.one_in(4) || kind.properties.is_empty() {
                return format!("{path} {} null", dice.pick(&["eq", "ne"]));
            }
            leaf(dice, &Ground { prefix: format!("{path}/"), kind, samples, ..ground.clone() })
        }
    }
}

fn names(members: &[(&'static str, u32)]) -> Vec<&'static str> {
    members.iter().map(|(name, _)| *name).collect()
}

fn of_text(dice: &mut Dice, ground: &Ground<'_>, property: &Property, path: &str) -> String {
    let name = property.name;
    match dice.below(6) {
        0 | 1 => {
            format!("{path} {} {}", dice.pick(&COMPARISONS), literal(dice, &ground.samples, name))
        }
        2 => {
            let (one, other) = (literal(dice, &ground.samples, name), literal(dice, &ground.samples, name));
            format!("{path} in ({one},{other},null)")
        }
        3 => format!("{path} {} null", dice.pick(&["eq", "ne"])),
        _ => {
            let function = dice.pick(&["startswith", "endswith", "contains"]);
            format!("{function}({path},{})", beginning(dice, &ground.samples, name))
        }
    }
}

fn of_many(dice: &mut Dice, ground: &Ground<'_>, property: &Property, path: &str) -> String {
    let quantifier = dice.pick(&["any", "all"]);
    match dice.below(3) {
        0 => return format!("{path}/$count {} {}", dice.pick(&COMPARISONS), dice.below(3)),
        1 => return format!("{path}/any()"),
        _ => {}
    }
    let variable = ["x", "y", "z"][ground.lambdas];
    match property.kind {
        Kind::Complex(kind) | Kind::Navigation(kind) if ground.lambdas < 2 => {
            let samples = inside(&ground.samples, property);
            let samples = samples.iter().filter_map(|many| many.as_array()).flatten().collect();
            let (prefix, lambdas) = (format!("{variable}/"), ground.lambdas + 1);
            let inner = tree(dice, &Ground { prefix, kind, samples, lambdas }, 1);
            format!("{path}/{quantifier}({variable}:{inner})")
        }
        Kind::String(_) => format!("{path}/{quantifier}({variable}:{variable} ne '1')"),
        _ => format!("{path}/any()"),
    }
}

fn inside<'a>(samples: &[&'a Json], property: &Property) -> Vec<&'a Json> {
    samples.iter().map(|sample| &sample[property.name]).collect()
}

/// A text that some row has there, in whatever case; or none that a row has.
fn literal(dice: &mut Dice, rows: &[&Json], property: &str) -> String {
    let text = sample(dice, rows, property);
    quoted(dice, &text)
}

/// How such a text begins.
fn beginning(dice: &mut Dice, rows: &[&Json], property: &str) -> String {
    let text = sample(dice, rows, property);
    let most = dice.below(4);
    let text: String = text.chars().take(most).collect();
    quoted(dice, &text)
}

fn sample(dice: &mut Dice, rows: &[&Json], property: &str) -> String {
    let found = (!rows.is_empty()).then(|| rows[dice.below(rows.len())][property].as_str()).flatten();
    found.unwrap_or(dice.pick(&["", "a", "O'B", "%"])).to_owned()
}

fn quoted(dice: &mut Dice, text: &str) -> String {
    let text = match dice.below(4) {
        0 => text.to_lowercase(),
        1 => text.to_uppercase(),
        _ => text.to_owned(),
    };
    format!("'{}'", text.replace('\'', "''"))
}

/// A search for what users have, or nearly.
pub fn search(dice: &mut Dice, users: &[&Json]) -> String {
    let clause = |dice: &mut Dice| {
        let property = dice.pick(&["displayName", "displayName", "mail", "jobTitle"]);
        let mut text = sample(dice, users, property);
        text = text.chars().take(1 + dice.below(4)).collect();
        if text.trim().is_empty() {
            "a".clone_into(&mut text);
        }
        format!("\"{property}:{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    };
    let (one, two, three) = (clause(dice), clause(dice), clause(dice));
    match dice.below(4) {
        0 | 1 => one,
        2 => format!("{one} {} {two}", dice.pick(&["AND", "OR"])),
        _ => format!("({one} OR {two}) AND {three}"),
    }
}
