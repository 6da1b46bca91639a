//! What an index can know of a filter: that it is known, and that no matching row is missed.

use proptest::prelude::*;

use super::properties::{ITEM, at, binary, condition, node, raw};
use super::*;
use crate::{Expr, Filter, Lambda, Literal, Operator, Path, Quantifier};

fn filter(text: &str) -> Filter {
    bind(&format!("$filter={text}"), &INSTALLATION).unwrap().filter.unwrap()
}

#[test]
fn what_must_be_equal() {
    for (text, path) in [
        ("teamsApp/EXTERNALID eq 'A'", "teamsApp/externalId"),
        ("'A' eq teamsApp/externalId", "teamsApp/externalId"),
        ("teamsApp/externalId in ('A')", "teamsApp/externalId"),
        ("id ne 'B' and (id ne 'C' and teamsApp/id eq 'A')", "teamsApp/id"),
        ("teamsApp/distributionMethod eq 'ORGANIZATION'", "teamsApp/distributionMethod"),
    ] {
        let expected = if path.ends_with("Method") { "organization" } else { "A" };
        assert_eq!(filter(text).equals(path), Some(expected), "{text}");
    }
    for other in [
        "teamsApp/externalId eq 'A'",
        "teamsApp/id ne 'A'",
        "teamsApp/id eq null",
        "teamsApp/id eq 'A' or id eq 'B'",
        "teamsApp/id in ('A','B')",
        "not (teamsApp/id eq 'A')",
        "teamsApp/appDefinitions/any(teamsApp:teamsApp/id eq 'A')",
    ] {
        assert_eq!(filter(other).equals("teamsApp/id"), None, "{other}");
    }
}

#[test]
fn what_must_be_one_of_several() {
    for (text, expected) in [
        ("id in ('a','b')", Some(&["a", "b"][..])),
        ("id eq 'a' or 'b' eq id or id in ('c','d')", Some(&["a", "b", "c", "d"])),
        ("(id eq 'a' and teamsApp/id eq 'x') or (id eq 'b')", Some(&["a", "b"])),
        ("id in ('a','b') and id eq 'b'", Some(&["b"])),
        ("id eq 51190000-0000-4000-8000-000000000001", Some(&["51190000-0000-4000-8000-000000000001"])),
        ("id in ('a',null)", None),
        ("id eq 'a' or teamsApp/id eq 'b'", None),
        ("id eq teamsApp/id", None),
        ("not (id in ('a','b'))", None),
    ] {
        assert_eq!(filter(text).any_of("id").as_deref(), expected, "{text}");
    }
}

#[test]
fn how_a_text_must_begin() {
    let path = "teamsApp/displayName";
    for (text, expected) in [
        ("startswith(teamsApp/displayName,'A')", Some("A")),
        ("startswith(teamsApp/displayName,'A') and startsWith(teamsApp/displayName,'Ab')", Some("Ab")),
        ("startswith('A',teamsApp/displayName)", None),
        ("startswith(teamsApp/displayName,id)", None),
        ("startswith(teamsApp/displayName,null)", None),
        ("contains(teamsApp/displayName,'A')", None),
        ("startswith(teamsApp/displayName,'A') or id eq 'a'", None),
        ("startswith(teamsApp/displayName,'A') eq true", None),
        ("not startswith(teamsApp/displayName,'A')", None),
    ] {
        assert_eq!(filter(text).starts_with(path), expected, "{text}");
    }
}

#[test]
fn what_some_element_must_have() {
    let (collection, path) = ("teamsApp/appDefinitions", "authorization/clientAppId");
    let known = "teamsApp/appDefinitions/any(a:a/authorization/clientAppId eq 'A')";
    for (text, expected) in [
        (known, Some("A")),
        (&format!("id ne 'x' and {known}"), Some("A")),
        ("teamsApp/appDefinitions/any(a:a/id eq 'x' and 'A' eq a/authorization/clientAppId)", Some("A")),
        ("teamsApp/appDefinitions/all(a:a/authorization/clientAppId eq 'A')", None),
        ("teamsApp/appDefinitions/any(a:a/authorization/clientAppId ne 'A')", None),
        ("teamsApp/appDefinitions/any(a:consentedPermissionSet/clientAppId eq 'A')", None),
        ("teamsApp/appDefinitions/any()", None),
        (&format!("not {known}"), None),
        (&format!("{known} or id eq 'x'"), None),
    ] {
        assert_eq!(filter(text).any_equals(collection, path), expected, "{text}");
    }
    let of_the_row = filter("teamsApp/appDefinitions/any(a:id eq 'A')");
    assert_eq!(of_the_row.any_equals(collection, "id"), None);
}

fn any_child(body: Expr) -> Expr {
    Expr::Quantified {
        quantifier: Quantifier::Any,
        collection: Path { segments: vec!["children".into()], count: false },
        lambda: Some(Lambda { variable: "c".into(), body: Box::new(body) }),
    }
}

/// Conditions of which an index may know something, and near misses.
fn indexable(prefix: &'static [&'static str]) -> impl Strategy<Value = Expr> {
    let path = prop::sample::select(vec![at(prefix, &["name"]), at(prefix, &["id"])]);
    let text = || prop_oneof![6 => "[aAb]{0,2}".prop_map(Literal::Text), 1 => Just(Literal::Null)];
    let operator = prop_oneof![5 => Just(Operator::Equal), 1 => Just(Operator::NotEqual)];
    let starts = (path.clone(), text()).prop_map(|(path, text)| Expr::Call {
        function: "startswith".into(),
        arguments: vec![path, Expr::Literal(text)],
    });
    let leaf = prop_oneof![
        (operator, path.clone(), text()).prop_map(|(o, path, text)| binary(o, path, Expr::Literal(text))),
        (path, prop::collection::vec(text(), 1..3))
            .prop_map(|(path, list)| Expr::In { item: Box::new(path), list }),
        starts,
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    })
}

fn text_at(node: &Node, path: &str) -> Option<String> {
    let found = path.split('/').fold(Field::Row(node.clone()), |field, name| match field {
        Field::Row(node) => node.field(name),
        _ => Field::Null,
    });
    match found {
        Field::Text(text) if path.ends_with("id") => Some(text.to_lowercase()),
        Field::Text(text) => Some(text),
        _ => None,
    }
}

/// The text as an index on that path compares it.
fn seen(text: &str, path: &str) -> String {
    if path.ends_with("id") { text.to_lowercase() } else { text.to_owned() }
}

proptest! {
    #[test]
    fn an_index_misses_no_row(
        known in prop_oneof![
            indexable(&[]),
            indexable(&["parent"]),
            indexable(&["c"]).prop_map(any_child),
            indexable(&[]).prop_map(any_child),
        ],
        other in condition(),
        with_other in any::<bool>(),
        row in node(),
    ) {
        let whole = if with_other { Expr::And(vec![other, known]) } else { known };
        let filter = bind(&raw(&whole), &ITEM).unwrap().filter.unwrap();
        prop_assume!(filter.matches(&row));
        for path in ["name", "id", "parent/name", "parent/id"] {
            let text = text_at(&row, path);
            if let Some(texts) = filter.any_of(path) {
                let found = text.as_ref().is_some_and(|text| texts.iter().any(|one| seen(one, path) == *text));
                prop_assert!(found, "{} is {:?} in a row of {}", path, text, whole);
            }
            if let Some(prefix) = filter.starts_with(path) {
                let found = text.as_ref().is_some_and(|text| text.starts_with(&seen(prefix, path)));
                prop_assert!(found, "{} is {:?} in a row of {}", path, text, whole);
            }
        }
        for path in ["name", "id"] {
            if let Some(wanted) = filter.any_equals("children", path) {
                let Field::Many(children) = row.field("children") else { panic!("children are many") };
                let found = children.iter().any(|child| match child {
                    Field::Row(child) => text_at(child, path) == Some(seen(wanted, path)),
                    _ => false,
                });
                prop_assert!(found, "no child has {} {} in a row of {}", path, wanted, whole);
            }
        }
    }
}
