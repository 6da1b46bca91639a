//! Query text of any kind: nothing panics, printed trees read back as themselves, and whatever binds can be tried
//! on a row.

#![no_main]

use libfuzzer_sys::fuzz_target;
use slipway_odata::{
    Case, EnumType, Expr, Filter, Kind, Property, Query, QueryOptions, Row, SearchExpr, Shape,
    StructuredType, SystemOption, Value, compare,
};

static COLOURS: EnumType = EnumType { name: "fuzz.colours", members: &[("red", 1), ("green", 2)] };

/// Every kind of property, under names that a fuzzer finds soon.
static ITEM: StructuredType = StructuredType {
    name: "fuzz.item",
    properties: &[
        Property::one("t", Kind::String(Case::Matters)).in_words(),
        Property::one("i", Kind::String(Case::Ignored)),
        Property::one("b", Kind::Boolean),
        Property::one("n", Kind::Int32),
        Property::one("d", Kind::DateTimeOffset),
        Property::one("e", Kind::Enum(&COLOURS)),
        Property::one("f", Kind::Flags(&COLOURS)),
        Property::one("c", Kind::Complex(&ITEM)),
        Property::one("v", Kind::Navigation(&ITEM)),
        Property::many("m", Kind::Navigation(&ITEM)),
        Property::many("s", Kind::String(Case::Matters)),
    ],
};

/// A row that leads to itself, without children from the second level on.
struct Item {
    level: u8,
}

impl Row for Item {
    fn value(&self, property: &'static Property) -> Value<'_> {
        let next = || Box::new(Item { level: self.level + 1 });
        match property.name {
            "t" | "i" => "Text".into(),
            "b" => Value::Boolean(true),
            "n" => Value::Integer(1),
            "e" => "red".into(),
            "f" => Value::Flags(3),
            "c" | "v" if self.level == 0 => Value::Row(next()),
            "m" if self.level == 0 => Value::Many(vec![Value::Row(next()), Value::Row(next())]),
            "s" => Value::Many(vec!["a".into(), Value::Null]),
            "m" => Value::Many(vec![]),
            _ => Value::Null,
        }
    }
}

const SERVED: &[SystemOption] = &[
    SystemOption::Filter,
    SystemOption::Select,
    SystemOption::Expand,
    SystemOption::OrderBy,
    SystemOption::Search,
    SystemOption::Top,
    SystemOption::Skip,
    SystemOption::Count,
];

/// A row that matches has what an index is told that all matching rows have: all texts of [`Item`] are `Text`.
fn an_index_is_told_the_truth(filter: &Filter, row: &Item) {
    let matches = filter.matches(row);
    let told =
        |text: &str, case: fn(&str) -> String| assert!(!matches || case("Text").starts_with(&case(text)));
    for (path, case) in
        [("t", str::to_owned as fn(&str) -> String), ("c/t", str::to_owned), ("i", str::to_lowercase)]
    {
        if let Some(texts) = filter.any_of(path) {
            assert!(!matches || texts.iter().any(|text| case(text) == case("Text")));
        }
        filter.starts_with(path).into_iter().for_each(|text| told(text, case));
        filter.any_equals("m", path).into_iter().for_each(|text| told(text, case));
    }
}

fn expand(shape: &Shape, row: &Item) {
    for expansion in &shape.expand {
        if let Value::Many(entities) = row.value(expansion.property) {
            let all = entities.len();
            let (shown, count) = expansion.apply(entities);
            assert!(shown.len() <= all && count.is_none_or(|count| count <= all as u64));
        }
        expand(&expansion.shape, row);
    }
}

fuzz_target!(|text: &str| {
    if let Ok(tree) = Expr::parse(text) {
        assert_eq!(Expr::parse(&tree.to_string()), Ok(tree));
    }
    if let Ok(tree) = SearchExpr::parse(text) {
        assert_eq!(SearchExpr::parse(&tree.to_string()), Ok(tree));
    }
    for option in ["", "$filter=", "$expand=", "$expand=m(", "$select=", "$orderby=", "$search="] {
        let bound = QueryOptions::parse(&format!("{option}{text}"))
            .and_then(|options| Query::bind(options, &ITEM, SERVED));
        match bound {
            Ok(query) => {
                let (row, below) = (Item { level: 0 }, Item { level: 1 });
                let _ = query.shape.context_suffix();
                expand(&query.shape, &row);
                query.filter.iter().for_each(|filter| an_index_is_told_the_truth(filter, &row));
                query
                    .search
                    .iter()
                    .for_each(|search| assert_eq!(search.matches(&row), search.matches(&below)));
                let one_way = compare(&query.orderby, &row, &below);
                assert_eq!(one_way.reverse(), compare(&query.orderby, &below, &row));
            }
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
});
