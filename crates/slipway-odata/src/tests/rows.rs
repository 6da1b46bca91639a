//! The order of rows, searches, and what an expansion shows.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::properties::{ITEM, node};
use super::*;
use crate::{Direction, MAX_SEARCH_ALTERNATIVES, OrderKey, Search, SearchExpr, compare};

static USER: StructuredType = StructuredType {
    name: "test.user",
    properties: &[
        Property::one("displayName", TEXT).in_words(),
        Property::one("mail", ID),
        Property::one("accountEnabled", Kind::Boolean),
        Property::many("businessPhones", TEXT),
    ],
};

fn keys(orderby: &str, on: &'static StructuredType) -> Vec<OrderKey> {
    bind(&format!("$orderby={orderby}"), on).unwrap_or_else(|error| panic!("{orderby}: {error}")).orderby
}

fn sorted(orderby: &str, on: &'static StructuredType, mut rows: Vec<Node>, show: &str) -> Vec<String> {
    let keys = keys(orderby, on);
    rows.sort_by(|left, right| compare(&keys, left, right));
    rows.iter()
        .map(|row| match row.field(show) {
            Field::Text(text) => text,
            Field::Null => "null".to_owned(),
            other => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn rows_have_an_order() {
    let row = |name: Field, method: &str, size: i64| {
        Node(vec![
            ("displayName", name),
            ("distributionMethod", text(method)),
            ("size", Field::Integer(size)),
        ])
    };
    let rows = vec![
        row(text("b"), "store", 2),
        row(text("A"), "sideloaded", 2),
        row(Field::Null, "organization", 1),
        row(text("C"), "store", 3),
    ];
    for (orderby, expected) in [
        ("displayName", ["null", "A", "b", "C"]),
        ("DisplayName DESC", ["C", "b", "A", "null"]),
        ("size desc, displayName asc", ["C", "A", "b", "null"]),
        ("distributionMethod,size desc", ["C", "b", "null", "A"]),
        ("appDefinitions/$count,size", ["null", "b", "A", "C"]),
    ] {
        assert_eq!(sorted(orderby, &APP, rows.clone(), "displayName"), expected, "{orderby}");
    }
}

#[test]
fn paths_have_an_order() {
    let row = |id: &str, app: Field| Node(vec![("id", text(id)), ("teamsApp", app)]);
    let app = |name: &str| Field::Row(Node(vec![("displayName", text(name))]));
    let rows = vec![row("1", app("z")), row("2", Field::Null), row("3", app("y"))];
    assert_eq!(sorted("teamsApp/displayName", &INSTALLATION, rows, "id"), ["2", "3", "1"]);
    let [key] = &keys("teamsApp/DISPLAYNAME desc", &INSTALLATION)[..] else { panic!("one key") };
    assert!(key.is("teamsApp/displayName") && !key.is("displayName"));
    assert_eq!(key.direction, Direction::Descending);
    assert!(!keys("appDefinitions/$count", &APP)[0].is("appDefinitions"));
}

#[test]
fn a_query_says_what_it_reads() {
    for (raw, on, name, expected) in [
        ("$filter=appDefinitions/any(a:a/tags/any())", &APP, "tags", true),
        ("$orderby=size,appDefinitions/$count", &APP, "appDefinitions", true),
        ("$search=%22displayName:a%22 OR %22mail:b%22", &USER, "mail", true),
        ("$select=size&$filter=id eq 'a'&$orderby=displayName", &APP, "size", false),
        ("", &APP, "id", false),
    ] {
        assert_eq!(bind(raw, on).unwrap().reads(name), expected, "{raw}");
    }
}

#[test]
fn keys_are_checked() {
    let single = |path: &str| {
        format!("The $orderby expression '{path}' must evaluate to a single value of primitive type.")
    };
    for (orderby, expected) in [
        ("appDefinitions", single("appDefinitions")),
        ("teamsApp", "Could not find a property named 'teamsApp' on type 'test.app'.".into()),
        ("displayName up", "Syntax error at position 14 in 'displayName up'.".into()),
        ("", "Identifier expected at position 0 in ''.".into()),
        ("displayName,", "Identifier expected at position 12 in 'displayName,'.".into()),
        ("tolower(displayName)", "Syntax error at position 8 in 'tolower(displayName)'.".into()),
    ] {
        assert_eq!(bind(&format!("$orderby={orderby}"), &APP).unwrap_err().to_string(), expected);
    }
    let complex = bind("$orderby=teamsApp", &INSTALLATION).unwrap_err().to_string();
    assert_eq!(complex, single("teamsApp"));
}

fn search(text: &str) -> Search {
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let query = bind(&format!("$search={encoded}"), &USER);
    query.unwrap_or_else(|error| panic!("{text}: {error}")).search.unwrap()
}

#[test]
fn searches_find_users() {
    let user =
        Node(vec![("displayName", text("李四(David McLi) 42")), ("mail", text("Ann.Li@contoso.example"))]);
    for (text, expected) in [
        (r#""displayName:david""#, true),
        (r#""displayname: Dav""#, true),
        (r#""displayName:avid""#, false),
        (r#""displayName:Mc Li 李""#, true),
        (r#""displayName:David)""#, true),
        (r#""displayName:(李四""#, true),
        (r#""displayName:David+""#, false),
        (r#""displayName:42 david""#, true),
        (r#""displayName:李四David""#, true),
        (r#""mail:ann.li@""#, true),
        (r#""mail:li@contoso""#, false),
        (r#""mail:ann" AND "displayName:x""#, false),
        (r#""mail:ann" OR "displayName:x""#, true),
        (r#""displayName:x" AND "mail:x" OR "mail:ann""#, true),
        (r#""displayName:x" AND ("mail:x" OR "mail:ann")"#, false),
        (r#"("displayName:x" OR "mail:ann") AND "displayName:4""#, true),
        (r#""displayName:\"""#, false),
    ] {
        assert_eq!(search(text).matches(&user), expected, "{text}");
    }
    assert!(!search(r#""mail:a""#).matches(&Node(vec![])));
}

#[test]
fn searches_are_checked() {
    for (text, expected) in [
        ("displayName:ann", "Syntax error: character ':' is not valid at position 11 in 'displayName:ann'."),
        (r#""ann""#, "The $search clause 'ann' does not name a property. Write it as \"property:text\"."),
        ("ann", "The $search clause 'ann' does not name a property. Write it as \"property:text\"."),
        (r#""name:a""#, "Could not find a property named 'name' on type 'test.user'."),
        (
            r#""accountEnabled:true""#,
            "The property 'accountEnabled' cannot be searched: it is not a single text.",
        ),
        (
            r#""businessPhones:1""#,
            "The property 'businessPhones' cannot be searched: it is not a single text.",
        ),
        (r#""displayName: ""#, "The $search clause 'displayName: ' has no text to search for."),
        (r#""mail:""#, "The $search clause 'mail:' has no text to search for."),
        (r#""mail:a"#, r#"There is an unterminated string literal at position 7 in '"mail:a'."#),
        (r#""mail:a" and "mail:b""#, r#"Syntax error at position 12 in '"mail:a" and "mail:b"'."#),
        (r#""mail:a" AND"#, r#"Expression expected at position 12 in '"mail:a" AND'."#),
        (r#"("mail:a""#, r#"')', AND or OR expected at position 9 in '("mail:a"'."#),
        ("", "Expression expected at position 0 in ''."),
    ] {
        assert_eq!(bind(&format!("$search={text}"), &USER).unwrap_err().to_string(), expected, "{text}");
    }
    let both = |count: usize| vec![r#"("mail:a" OR "mail:b")"#; count].join(" AND ");
    assert_eq!(search(&both(6)).alternatives().len(), MAX_SEARCH_ALTERNATIVES);
    let message = bind(&format!("$search={}", both(7)), &USER).unwrap_err().to_string();
    assert_eq!(message, "The $search expression has more than 64 alternatives.");
    let deep = format!("$search={}", "(".repeat(5_000));
    let message = bind(&deep, &USER).unwrap_err().to_string();
    assert!(message.starts_with("Recursion depth exceeded allowed limit of 32 at position 32"), "{message}");
}

#[test]
fn an_index_learns_what_to_look_up() {
    let found = search(r#""displayName:OneVideo" AND ("mail:A" OR "displayName:x")"#);
    let named: Vec<Vec<_>> = found
        .alternatives()
        .iter()
        .map(|all| all.iter().map(|one| (one.property.name, one.prefix)).collect())
        .collect();
    let both = [("displayName", "one"), ("displayName", "video")];
    assert_eq!(
        named,
        [[&both[..], &[("mail", "a")]].concat(), [&both[..], &[("displayName", "x")]].concat()]
    );
}

fn search_tree() -> impl Strategy<Value = SearchExpr> {
    let leaf =
        ("displayName|mail", "[aB1. \"\\\\]{1,3}|.{1,4}").prop_map(|(name, text)| format!("{name}:{text}"));
    leaf.prop_map(SearchExpr::Clause).prop_recursive(3, 8, 3, |inner| {
        let several = || prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![several().prop_map(SearchExpr::Or), several().prop_map(SearchExpr::And)]
    })
}

fn user() -> impl Strategy<Value = Node> {
    let text = || prop_oneof![5 => "[aB1. ]{0,5}".prop_map(Field::Text), 1 => Just(Field::Null)];
    (text(), text()).prop_map(|(name, mail)| Node(vec![("displayName", name), ("mail", mail)]))
}

/// The rows that an index of tokens would find.
fn looked_up(search: &Search, user: &Node) -> bool {
    search.alternatives().iter().any(|all| {
        all.iter().all(|one| match user.field(one.property.name) {
            Field::Text(text) => {
                one.property.search_tokens(&text).iter().any(|token| token.starts_with(one.prefix))
            }
            _ => false,
        })
    })
}

/// Every `None` first, then by the value: what [`compare`] must do with one ascending key.
fn ranked(row: &Node, key: &str) -> (Option<i64>, Option<String>) {
    match row.field(key) {
        Field::Integer(number) => (Some(number), None),
        Field::Text(text) => (None, Some(text.to_lowercase())),
        _ => (None, None),
    }
}

proptest! {
    #[test]
    fn any_search_is_read_without_panic(text in ".{0,40}|[\"\\\\():aANDOR ]{0,40}") {
        if let Ok(tree) = SearchExpr::parse(&text) {
            prop_assert_eq!(SearchExpr::parse(&tree.to_string()), Ok(tree));
        }
    }

    #[test]
    fn a_printed_search_reads_back_as_itself(tree in search_tree()) {
        prop_assert_eq!(SearchExpr::parse(&tree.to_string()), Ok(tree));
    }

    #[test]
    fn an_index_of_tokens_finds_what_a_search_finds(tree in search_tree(), user in user()) {
        let bound = Search::bind(tree, &USER);
        prop_assume!(bound.is_ok());
        let bound = bound.unwrap();
        prop_assert_eq!(bound.matches(&user), looked_up(&bound, &user));
    }

    #[test]
    fn the_first_unequal_key_decides(rows in prop::collection::vec(node(), 2..6), down in any::<bool>()) {
        let keys = keys(if down { "size desc,name" } else { "size,name" }, &ITEM);
        let expected = |left: &Node, right: &Node| {
            let size = ranked(left, "size").cmp(&ranked(right, "size"));
            let size = if down { size.reverse() } else { size };
            size.then_with(|| ranked(left, "name").cmp(&ranked(right, "name")))
        };
        for (left, right) in rows.iter().zip(&rows[1..]) {
            prop_assert_eq!(compare(&keys, left, right), expected(left, right));
            prop_assert_eq!(compare(&keys, right, left), expected(left, right).reverse());
            prop_assert_eq!(compare(&keys, left, left), Ordering::Equal);
        }
    }

    #[test]
    fn an_expansion_is_filtered_then_ordered_then_cut(
        row in node(),
        least in 0_i64..3,
        skip in 0_usize..3,
        top in 0_usize..3,
    ) {
        let raw = format!("$expand=children($filter=size ge {least};$orderby=name desc;$skip={skip};$top={top};$count=true)");
        let query = bind(&raw, &ITEM).unwrap();
        let expansion = &query.shape.expand[0];
        let Field::Many(all) = row.field("children") else { panic!("children are many") };
        let mut children = all.clone();
        let (shown, count) = expansion.apply(all.iter().map(Field::value).collect());
        let node = |field: &Field| match field {
            Field::Row(node) => node.clone(),
            other => panic!("{other:?} is no child"),
        };
        children.retain(|child| matches!(node(child).field("size"), Field::Integer(size) if size >= least));
        prop_assert_eq!(count, Some(children.len() as u64));
        children.sort_by_key(|child| std::cmp::Reverse(ranked(&node(child), "name")));
        let named = |name: Value<'_>| match name {
            Value::Text(text) => Some(text.into_owned()),
            _ => None,
        };
        let name = ITEM.property("name").unwrap();
        let expected: Vec<_> =
            children.iter().skip(skip).take(top).map(|child| named(node(child).value(name))).collect();
        let shown: Vec<_> = shown
            .into_iter()
            .map(|value| match value {
                Value::Row(row) => named(row.value(name)),
                _ => panic!("an entity is a row"),
            })
            .collect();
        prop_assert_eq!(shown, expected);
    }
}
