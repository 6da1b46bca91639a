//! Properties of the whole: texts of any kind, printed trees, limits, and the evaluator next to a naive one that
//! walks the syntax tree.

use std::cmp::Ordering;

use proptest::prelude::*;

use super::*;
use crate::{Expr, Lambda, Literal, MAX_FILTER_DEPTH, MAX_FILTER_OPERANDS, Operator, Path, Quantifier};

pub(super) static ITEM: StructuredType = StructuredType {
    name: "test.item",
    properties: &[
        Property::one("name", TEXT),
        Property::one("id", ID),
        Property::one("on", Kind::Boolean),
        Property::one("size", Kind::Int32),
        Property::one("parent", Kind::Navigation(&ITEM)),
        Property::many("children", Kind::Navigation(&ITEM)),
    ],
};

fn name() -> impl Strategy<Value = String> {
    "p[a-z0-9_]{0,4}"
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        any::<i64>().prop_map(Literal::Integer),
        ".{0,6}".prop_map(Literal::Text),
        "[0-9a-fA-F]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}".prop_map(Literal::Guid),
        ("p[a-z.]{0,3}[.]q", ".{0,6}").prop_map(|(name, members)| Literal::Enum { name, members }),
        (-60_000_000_000_i64..250_000_000_000)
            .prop_map(|second| Literal::Time(Timestamp::from_second(second).unwrap())),
    ]
}

fn path() -> impl Strategy<Value = Path> {
    (prop::collection::vec(name(), 1..4), any::<bool>())
        .prop_map(|(segments, count)| Path { segments, count })
}

pub(super) fn binary(operator: Operator, left: Expr, right: Expr) -> Expr {
    Expr::Binary { operator, left: Box::new(left), right: Box::new(right) }
}

fn operator() -> impl Strategy<Value = Operator> {
    prop::sample::select(Operator::COMPARISONS.to_vec())
}

/// Any tree that the grammar can give, whether it makes sense or not.
fn tree() -> impl Strategy<Value = Expr> {
    let leaf = prop_oneof![path().prop_map(Expr::Path), literal().prop_map(Expr::Literal)];
    leaf.prop_recursive(4, 40, 4, |inner| {
        let several = || prop::collection::vec(inner.clone(), 2..4);
        let collection =
            || prop::collection::vec(name(), 1..3).prop_map(|segments| Path { segments, count: false });
        let lambda =
            (name(), inner.clone()).prop_map(|(variable, body)| Lambda { variable, body: Box::new(body) });
        prop_oneof![
            several().prop_map(Expr::Or),
            several().prop_map(Expr::And),
            inner.clone().prop_map(|inner| Expr::Not(Box::new(inner))),
            (prop_oneof![4 => operator(), 1 => Just(Operator::Has)], inner.clone(), inner.clone())
                .prop_map(|(operator, left, right)| binary(operator, left, right)),
            (inner.clone(), prop::collection::vec(literal(), 1..4))
                .prop_map(|(item, list)| Expr::In { item: Box::new(item), list }),
            (name(), prop::collection::vec(inner.clone(), 0..3))
                .prop_map(|(function, arguments)| Expr::Call { function, arguments }),
            (prop::sample::select(vec![Quantifier::Any, Quantifier::All]), collection(), lambda).prop_map(
                |(quantifier, collection, lambda)| Expr::Quantified {
                    quantifier,
                    collection,
                    lambda: Some(lambda)
                }
            ),
            collection().prop_map(|collection| Expr::Quantified {
                quantifier: Quantifier::Any,
                collection,
                lambda: None
            }),
        ]
    })
}

pub(super) fn at(prefix: &[&str], names: &[&str]) -> Expr {
    let segments = prefix.iter().chain(names).map(|&name| name.to_owned()).collect();
    Expr::Path(Path { segments, count: false })
}

/// A condition on [`ITEM`] without lambdas, its paths behind `prefix`.
fn simple(prefix: &'static [&'static str]) -> impl Strategy<Value = Expr> {
    let texts = prop::sample::select(vec![
        at(prefix, &["name"]),
        at(prefix, &["id"]),
        at(prefix, &["parent", "name"]),
        at(prefix, &["parent", "id"]),
    ]);
    let switches = prop::sample::select(vec![at(prefix, &["on"]), at(prefix, &["parent", "on"])]);
    let number_of = |names: &[&str]| match at(prefix, names) {
        Expr::Path(path) => Expr::Path(Path { count: true, ..path }),
        other => other,
    };
    let numbers = prop::sample::select(vec![
        at(prefix, &["size"]),
        at(prefix, &["parent", "size"]),
        number_of(&["children"]),
        number_of(&["parent", "children"]),
    ]);
    let some_text = || prop_oneof![4 => "[aAb]{0,2}".prop_map(Literal::Text), 1 => Just(Literal::Null)];
    let some_number = prop_oneof![4 => (0_i64..3).prop_map(Literal::Integer), 1 => Just(Literal::Null)];
    let functions = prop::sample::select(vec!["startswith", "endswith", "contains"]);
    prop_oneof![
        (operator(), texts.clone(), some_text()).prop_map(|(o, l, r)| binary(o, l, Expr::Literal(r))),
        (operator(), texts.clone(), texts.clone()).prop_map(|(o, l, r)| binary(o, l, r)),
        (operator(), numbers, some_number).prop_map(|(o, l, r)| binary(o, l, Expr::Literal(r))),
        switches,
        (texts.clone(), prop::collection::vec(some_text(), 1..3))
            .prop_map(|(item, list)| Expr::In { item: Box::new(item), list }),
        (functions, texts, some_text()).prop_map(|(function, text, part)| Expr::Call {
            function: function.to_owned(),
            arguments: vec![text, Expr::Literal(part)],
        }),
        Just(binary(Operator::Equal, at(prefix, &["parent"]), Expr::Literal(Literal::Null))),
    ]
}

fn joined(leaf: impl Strategy<Value = Expr> + 'static) -> impl Strategy<Value = Expr> + Clone {
    leaf.prop_recursive(3, 16, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::Or),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expr::And),
            inner.prop_map(|inner| Expr::Not(Box::new(inner))),
        ]
    })
}

/// A lambda over the children of what `prefix` leads to.
fn quantified(
    prefix: &'static [&'static str],
    variable: &'static str,
    body: impl Strategy<Value = Expr>,
) -> impl Strategy<Value = Expr> {
    (prop::sample::select(vec![Quantifier::Any, Quantifier::All]), body).prop_map(
        move |(quantifier, body)| {
            let segments = prefix.iter().chain(&["children"]).map(|&name| name.to_owned()).collect();
            Expr::Quantified {
                quantifier,
                collection: Path { segments, count: false },
                lambda: Some(Lambda { variable: variable.into(), body: Box::new(body) }),
            }
        },
    )
}

pub(super) fn condition() -> impl Strategy<Value = Expr> {
    let innermost = joined(prop_oneof![simple(&["d"]), simple(&["c"]), simple(&[])]);
    let inner = prop_oneof![quantified(&["c"], "d", innermost.clone()), quantified(&[], "d", innermost)];
    let body = joined(prop_oneof![3 => simple(&["c"]), 3 => simple(&[]), 1 => inner]);
    joined(prop_oneof![3 => simple(&[]), 1 => quantified(&[], "c", body)])
}

pub(super) fn node() -> impl Strategy<Value = Node> {
    let text = || prop_oneof![4 => "[aAb]{0,2}".prop_map(Field::Text), 1 => Just(Field::Null)];
    let leaf = (
        text(),
        text(),
        prop_oneof![any::<bool>().prop_map(Field::Boolean), Just(Field::Null)],
        prop_oneof![4 => (0_i64..3).prop_map(Field::Integer), 1 => Just(Field::Null)],
    )
        .prop_map(|(name, id, on, size)| {
            let none = Field::Many(vec![]);
            Node(vec![("name", name), ("id", id), ("on", on), ("size", size), ("children", none)])
        });
    leaf.prop_recursive(2, 8, 3, |inner| {
        let parent = prop_oneof![inner.clone().prop_map(Field::Row), Just(Field::Null)];
        let children = prop::collection::vec(inner.clone().prop_map(Field::Row), 0..3);
        (inner, parent, children).prop_map(|(Node(mut fields), parent, children)| {
            fields.retain(|(name, _)| *name != "children" && *name != "parent");
            fields.extend([("parent", parent), ("children", Field::Many(children))]);
            Node(fields)
        })
    })
}

/// The variables of lambdas and their elements.
type Elements<'a> = Vec<(&'a str, &'a Node)>;

/// What an operand is, found by walking from the row or from an element.
fn look(expr: &Expr, row: &Node, elements: &Elements<'_>) -> Field {
    match expr {
        Expr::Literal(Literal::Text(text)) => Field::Text(text.clone()),
        Expr::Literal(Literal::Integer(number)) => Field::Integer(*number),
        Expr::Path(path @ Path { count, .. }) => match walk(path, row, elements) {
            Field::Many(fields) if *count => Field::Integer(i64::try_from(fields.len()).unwrap()),
            other => other,
        },
        _ => Field::Null,
    }
}

fn walk(path: &Path, row: &Node, elements: &Elements<'_>) -> Field {
    let (first, rest) = path.segments.split_first().unwrap();
    let (start, names) = match elements.iter().find(|(variable, _)| variable == first) {
        Some((_, element)) => (*element, rest),
        None => (row, &path.segments[..]),
    };
    names.iter().fold(Field::Row(start.clone()), |field, name| match field {
        Field::Row(node) => node.field(name),
        _ => Field::Null,
    })
}

fn ignores_case(expr: &Expr) -> bool {
    matches!(expr, Expr::Path(path) if path.segments.last().is_some_and(|name| name == "id"))
}

/// The text that a comparison sees, when these are its sides.
fn seen(text: &str, sides: &[&Expr]) -> String {
    if sides.iter().any(|side| ignores_case(side)) { text.to_lowercase() } else { text.to_owned() }
}

fn negation(expr: &Expr) -> Expr {
    Expr::Not(Box::new(expr.clone()))
}

fn naive(expr: &Expr, row: &Node, elements: &Elements<'_>) -> Option<bool> {
    match expr {
        Expr::Or(parts) => naive_or(parts.iter().map(|part| naive(part, row, elements))),
        Expr::And(parts) => {
            let neither = Expr::Or(parts.iter().map(negation).collect());
            naive(&negation(&neither), row, elements)
        }
        Expr::Not(inner) => naive(inner, row, elements).map(|truth| !truth),
        Expr::Binary { operator, left, right } => {
            let sides = [&**left, &**right];
            let ordering = match (look(left, row, elements), look(right, row, elements)) {
                (Field::Null, Field::Null) => Some(Ordering::Equal),
                (Field::Text(l), Field::Text(r)) => Some(seen(&l, &sides).cmp(&seen(&r, &sides))),
                (Field::Integer(l), Field::Integer(r)) => Some(l.cmp(&r)),
                _ => None,
            };
            let fitting: &[_] = match operator {
                Operator::Equal => &[Some(Ordering::Equal)],
                Operator::NotEqual => &[Some(Ordering::Less), Some(Ordering::Greater), None],
                Operator::GreaterThan => &[Some(Ordering::Greater)],
                Operator::GreaterThanOrEqual => &[Some(Ordering::Greater), Some(Ordering::Equal)],
                Operator::LessThan => &[Some(Ordering::Less)],
                _ => &[Some(Ordering::Less), Some(Ordering::Equal)],
            };
            Some(fitting.contains(&ordering))
        }
        Expr::In { item, list } => naive_or(
            list.iter()
                .map(|one| binary(Operator::Equal, (**item).clone(), Expr::Literal(one.clone())))
                .map(|equal| naive(&equal, row, elements)),
        ),
        Expr::Call { function, arguments } => {
            let [text, part] = arguments.as_slice() else { panic!("two arguments") };
            let (Field::Text(l), Field::Text(r)) = (look(text, row, elements), look(part, row, elements))
            else {
                return None;
            };
            let (l, r) = (seen(&l, &[text, part]), seen(&r, &[text, part]));
            Some(match function.as_str() {
                "startswith" => l.find(&r) == Some(0),
                "endswith" => l.len() >= r.len() && l[l.len() - r.len()..] == r,
                _ => l.contains(&r),
            })
        }
        Expr::Quantified { quantifier, collection, lambda } => {
            let children = match walk(collection, row, elements) {
                Field::Many(children) => children,
                _ => vec![],
            };
            let Lambda { variable, body } = lambda.as_ref().unwrap();
            let truths = |body: &Expr| {
                let child = |field: &Field| match field {
                    Field::Row(child) => {
                        let mut inside = elements.clone();
                        inside.push((variable, child));
                        naive(body, row, &inside)
                    }
                    other => panic!("{other:?} is no child"),
                };
                children.iter().map(child).collect::<Vec<_>>()
            };
            match quantifier {
                Quantifier::Any => naive_or(truths(body).into_iter()),
                Quantifier::All => naive_or(truths(&negation(body)).into_iter()).map(|truth| !truth),
            }
        }
        Expr::Path(_) | Expr::Literal(_) => match look(expr, row, elements) {
            Field::Boolean(truth) => Some(truth),
            _ => None,
        },
    }
}

fn naive_or(truths: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let truths: Vec<_> = truths.collect();
    if truths.contains(&Some(true)) {
        Some(true)
    } else if truths.contains(&None) {
        None
    } else {
        Some(false)
    }
}

pub(super) fn raw(filter: &Expr) -> String {
    let encoded: String = form_urlencoded::byte_serialize(filter.to_string().as_bytes()).collect();
    format!("$filter={encoded}")
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(text in ".{0,60}") {
        let _ = Expr::parse(&text);
        let _ = bind(&text, &APP);
        for option in ["$filter", "$expand", "$select", "$orderby", "$search", "$top", "$count", "$format"] {
            let _ = bind(&format!("{option}={text}"), &APP);
        }
    }

    #[test]
    fn texts_that_look_like_filters_are_read_without_panic(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "id", "eq", "not", "in", "has", "(", ")", ",", "'a'", "appDefinitions", "/", "any", "a", ":",
                "$count", "null", "and", "or", "1", "contains", "size", "-", "'", "distributionMethod", "=", ";",
            ]),
            0..20,
        )
    ) {
        for separator in ["", " "] {
            let text = words.join(separator);
            let _ = bind(&format!("$filter={text}"), &APP);
            let _ = bind(&format!("$expand={text}"), &APP);
            let _ = bind(&format!("$expand=appDefinitions({text})"), &APP);
            let _ = bind(&format!("$orderby={text}"), &APP);
        }
    }

    #[test]
    fn a_printed_tree_reads_back_as_itself(tree in tree()) {
        prop_assert_eq!(Expr::parse(&tree.to_string()), Ok(tree.clone()));
        prop_assert_eq!(QueryOptions::parse(&raw(&tree)).unwrap().filter, Some(tree));
    }

    #[test]
    fn the_evaluator_agrees_with_a_naive_one(condition in condition(), row in node()) {
        let filter = bind(&raw(&condition), &ITEM).unwrap().filter.unwrap();
        prop_assert_eq!(filter.matches(&row), naive(&condition, &row, &vec![]) == Some(true), "{}", condition);
    }
}

#[test]
fn depth_is_limited() {
    let nested = |levels: usize| format!("{}true{}", "(".repeat(levels), ")".repeat(levels));
    assert!(Expr::parse(&nested(MAX_FILTER_DEPTH)).is_ok());
    let side_by_side = vec!["(a(b) or not c)"; MAX_FILTER_DEPTH + 1].join(" and ");
    assert!(Expr::parse(&side_by_side).is_ok());
    for text in [
        nested(MAX_FILTER_DEPTH + 1),
        format!("{}true", "not ".repeat(MAX_FILTER_DEPTH + 1)),
        format!("{}true", "a(".repeat(5_000)),
        format!("{}true", "a/any(b:".repeat(2_000)),
    ] {
        let message = Expr::parse(&text).unwrap_err().to_string();
        assert!(message.starts_with("Recursion depth exceeded allowed limit of 32 at position"), "{message}");
    }
}

#[test]
fn operands_are_limited() {
    let list = |length: usize| format!("id in ({})", vec!["1"; length].join(","));
    assert!(Expr::parse(&list(MAX_FILTER_OPERANDS - 1)).is_ok());
    let either = vec!["a"; MAX_FILTER_OPERANDS + 1].join(" or ");
    for text in [list(MAX_FILTER_OPERANDS), either] {
        let message = Expr::parse(&text).unwrap_err().to_string();
        assert!(
            message.starts_with("The node count limit of 256 has been exceeded at position"),
            "{message}"
        );
    }
}

#[test]
fn a_query_can_be_kept_across_threads() {
    fn check<T: Send + Sync>() {}
    check::<Query>();
}
